//! Which parts of a MySQL statement may be written otherwise without changing what it says?
//!
//! A small reader of the server's lexical rules of the suite's own, so that the suite does not lean
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
        let length = fixed_length(&sql[at..]);
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

/// The statements of `sql`, without the semicolons between them; what stands between BEGIN and END
/// is one when it is written `;;` there.
pub fn statements(sql: &str) -> Vec<String> {
    const INNER: &str = "\u{1}";
    let sql = sql.replace(";;", INNER);
    let mut statements = vec![String::new()];
    for piece in pieces(&sql) {
        let last = |statements: &mut Vec<String>, part: &str| {
            statements.last_mut().expect("there is one from the start").push_str(&part.replace(INNER, ";"));
        };
        match piece {
            Piece::Fixed(text) => last(&mut statements, text),
            Piece::Plain(text) => {
                for (count, part) in text.split(';').enumerate() {
                    if count > 0 {
                        statements.push(String::new());
                    }
                    last(&mut statements, part);
                }
            }
        }
    }
    statements.retain(|statement| !statement.trim().is_empty());
    statements
}

/// Writes `sql` again with its plain pieces changed by `change`.
fn rewritten(sql: &str, change: impl Fn(&str) -> String) -> String {
    let rewrite = |piece: Piece<'_>| match piece {
        Piece::Plain(text) => change(text),
        Piece::Fixed(text) => text.to_owned(),
    };
    pieces(sql).into_iter().map(rewrite).collect()
}

/// Every other letter of a keyword large: names of tables are those of files, so only words that are
/// written large are changed.
pub fn mixed_case(sql: &str) -> String {
    rewritten(sql, |text| {
        let is_part = |letter: char| letter.is_alphanumeric() || letter == '_';
        let mut out = String::new();
        for part in text.split_inclusive(|letter: char| !is_part(letter)) {
            let is_keyword = part.chars().filter(|letter| letter.is_alphabetic()).all(char::is_uppercase);
            let change = |(place, letter): (usize, char)| match place % 2 {
                1 if is_keyword => letter.to_ascii_lowercase(),
                _ => letter,
            };
            out.extend(part.chars().enumerate().map(change));
        }
        out
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

/// A string that says `text`, for a statement in a literal.
pub fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "''"))
}

/// How many bytes from the beginning are one string, quoted name or comment; 0 when none begins here.
fn fixed_length(rest: &str) -> usize {
    match rest.as_bytes() {
        [quote @ (b'\'' | b'"'), ..] => quoted_length(rest, char::from(*quote), true),
        [b'`', ..] => quoted_length(rest, '`', false),
        [b'-', b'-', after, ..] if after.is_ascii_whitespace() => line_length(rest),
        [b'#', ..] => line_length(rest),
        [b'/', b'*', ..] => rest.find("*/").map_or(rest.len(), |end| end + 2),
        _ => 0,
    }
}

fn line_length(rest: &str) -> usize {
    rest.find('\n').unwrap_or(rest.len())
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

#[test]
fn only_what_says_the_same_is_written_otherwise() {
    let sql = "SELECT 'a b', '\\' c', \"d  e\", `F g` /* h /* i */ FROM t # k\n, u -- l\n, v--1";
    let expected = "SELECT_'a b',_'\\' c',_\"d  e\",_`F g`_/* h /* i */_FROM_t_# k_,_u_-- l_,_v--1";
    assert_eq!(spaced(sql, "_"), expected);
    assert_eq!(mixed_case("SELECT 'A' FROM Canary, t1"), "SeLeCt 'A' FrOm Canary, t1");
    assert_eq!(
        statements("SELECT ';'; BEGIN a;; END; SELECT 2 # ;"),
        ["SELECT ';'", " BEGIN a; END", " SELECT 2 # ;"]
    );
    assert_eq!(literal("a'b\\"), "'a''b\\\\'");
}
