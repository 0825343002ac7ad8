//! Which parts of a statement may be written otherwise without changing what it says?
//!
//! A small reader of PostgreSQL's lexical rules of the suite's own, so that the suite does not lean
//! on the one it tries to deceive.

/// A part of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Words, numbers and signs.
    Plain(&'a str),
    /// Strings, quoted names and comments: every byte counts.
    Fixed(&'a str),
}

/// Cuts `sql` into its pieces.
pub fn pieces(sql: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let (mut plain, mut at) = (0, 0);
    while at < sql.len() {
        let length = fixed_length(sql, at);
        if length == 0 {
            at += sql[at..].chars().next().map_or(1, char::len_utf8);
            continue;
        }
        if plain < at {
            pieces.push(Piece::Plain(&sql[plain..at]));
        }
        pieces.push(Piece::Fixed(&sql[at..at + length]));
        at += length;
        plain = at;
    }
    if plain < sql.len() {
        pieces.push(Piece::Plain(&sql[plain..]));
    }
    pieces
}

/// The statements of `sql`, without the semicolons between them.
pub fn statements(sql: &str) -> Vec<String> {
    let mut statements = vec![String::new()];
    for piece in pieces(sql) {
        match piece {
            Piece::Fixed(text) => push(&mut statements, text),
            Piece::Plain(text) => {
                for (count, part) in text.split(';').enumerate() {
                    if count > 0 {
                        statements.push(String::new());
                    }
                    push(&mut statements, part);
                }
            }
        }
    }
    statements.retain(|statement| !statement.trim().is_empty());
    statements
}

fn push(statements: &mut [String], part: &str) {
    statements.last_mut().expect("there is one from the start").push_str(part);
}

/// Writes `sql` again with its plain pieces changed by `change`.
pub fn rewritten(sql: &str, change: impl Fn(&str) -> String) -> String {
    let rewrite = |piece: Piece<'_>| match piece {
        Piece::Plain(text) => change(text),
        Piece::Fixed(text) => text.to_owned(),
    };
    pieces(sql).into_iter().map(rewrite).collect()
}

/// Every other letter large: names and keywords are folded by the server.
pub fn mixed_case(sql: &str) -> String {
    rewritten(sql, |text| {
        let change = |(place, letter): (usize, char)| {
            if place % 2 == 0 { letter.to_ascii_uppercase() } else { letter.to_ascii_lowercase() }
        };
        text.chars().enumerate().map(change).collect()
    })
}

/// `space` in the place of each run of spaces.
pub fn spaced(sql: &str, space: &str) -> String {
    rewritten(sql, |text| {
        let mut out = String::new();
        let mut in_space = false;
        for letter in text.chars() {
            let is_space = letter.is_ascii_whitespace();
            if is_space && !in_space {
                out.push_str(space);
            } else if !is_space {
                out.push(letter);
            }
            in_space = is_space;
        }
        out
    })
}

/// How many bytes from `at` on are one string, quoted name or comment; 0 when none begins there.
fn fixed_length(sql: &str, at: usize) -> usize {
    let rest = &sql[at..];
    let before = sql[..at].chars().next_back();
    let in_name = before.is_some_and(|letter| letter.is_alphanumeric() || letter == '_' || letter == '$');
    match rest.as_bytes() {
        [b'\'', ..] => quoted_length(rest, '\'', matches!(before, Some('e' | 'E'))),
        [b'"', ..] => quoted_length(rest, '"', false),
        [b'-', b'-', ..] => rest.find(['\n', '\r']).unwrap_or(rest.len()),
        [b'/', b'*', ..] => comment_length(rest),
        [b'$', ..] if !in_name => dollar_length(rest),
        _ => 0,
    }
}

fn quoted_length(rest: &str, quote: char, escapes: bool) -> usize {
    let mut escaped = false;
    for (place, letter) in rest.char_indices().skip(1) {
        if escaped {
            escaped = false;
        } else if escapes && letter == '\\' {
            escaped = true;
        } else if letter == quote {
            // A doubled quote begins the next piece at once, which is just as fixed.
            return place + 1;
        }
    }
    rest.len()
}

fn comment_length(rest: &str) -> usize {
    let (mut depth, mut at) = (0_u32, 0);
    while at < rest.len() {
        match rest.as_bytes().get(at..at + 2) {
            Some(b"/*") => (depth, at) = (depth + 1, at + 2),
            Some(b"*/") => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            return at;
        }
    }
    rest.len()
}

fn dollar_length(rest: &str) -> usize {
    let Some(end) = rest[1..].find('$').map(|end| end + 2) else { return 0 };
    let tag = &rest[..end];
    let name = &tag[1..end - 1];
    let is_tag = !name.starts_with(|letter: char| letter.is_ascii_digit())
        && name.chars().all(|letter| letter.is_alphanumeric() || letter == '_');
    if !is_tag {
        return 0;
    }
    rest[end..].find(tag).map_or(rest.len(), |close| end + close + tag.len())
}

#[test]
fn only_what_says_the_same_is_written_otherwise() {
    let sql = "SELECT 'a b', E'\\' c', $t$ d  e $t$, \"F g\", a$b$ /* h /* i */ j */ -- k l\rFROM m";
    let expected = "SELECT_'a b',_E'\\' c',_$t$ d  e $t$,_\"F g\",_a$b$_/* h /* i */ j */_-- k l_FROM_m";
    assert_eq!(spaced(sql, "_"), expected);
    assert_eq!(mixed_case("select 'a' \"b\" c"), "SeLeCt 'a' \"b\" c");
    assert_eq!(
        statements("SELECT ';'; DO $$ ;; $$;; SELECT 2 -- ;"),
        ["SELECT ';'", " DO $$ ;; $$", " SELECT 2 -- ;"]
    );
}
