//! What does the text of a CREATE statement tell that SQLite's pragmas do not?
//!
//! The library has accepted the text before, so it is cut at words, quotes and parentheses only; what is not
//! recognized is passed over.

use super::super::model::Postponement;
use std::collections::HashMap;

/// What a CREATE TABLE says.
#[derive(Debug, Default, PartialEq)]
pub(super) struct TableStatement {
    /// By their names in lower case.
    pub(super) columns: HashMap<String, StatedColumn>,
    /// Names, where they have one, and conditions.
    pub(super) checks: Vec<(Option<String>, String)>,
    /// In the order of the text.
    pub(super) foreign_keys: Vec<StatedForeignKey>,
    pub(super) primary_key_name: Option<String>,
}

/// What is said of a column.
#[derive(Debug, Default, PartialEq)]
pub(super) struct StatedColumn {
    pub(super) generated: Option<String>,
    pub(super) collation: Option<String>,
    pub(super) is_numbered: bool,
}

/// What is said of a foreign key.
#[derive(Debug, Default, PartialEq)]
pub(super) struct StatedForeignKey {
    pub(super) name: Option<String>,
    pub(super) deferrable: Postponement,
}

/// What a CREATE INDEX says.
#[derive(Debug, Default, PartialEq)]
pub(super) struct IndexStatement {
    /// What is indexed, item by item.
    pub(super) items: Vec<String>,
    pub(super) predicate: Option<String>,
}

/// A piece of the text.
#[derive(Clone, Copy)]
struct Token<'t> {
    text: &'t str,
    start: usize,
    /// How many parentheses are open around it.
    depth: usize,
}

impl Token<'_> {
    fn is(&self, word: &str) -> bool {
        self.text.eq_ignore_ascii_case(word)
    }

    fn end(&self) -> usize {
        self.start + self.text.len()
    }

    /// The name it is, without its quotes.
    fn name(&self) -> String {
        let inner = |quote: char, end: char| self.text.strip_prefix(quote)?.strip_suffix(end);
        for quote in ['"', '`', '\''] {
            if let Some(name) = inner(quote, quote) {
                return name.replace(&format!("{quote}{quote}"), &quote.to_string());
            }
        }
        inner('[', ']').unwrap_or(self.text).to_owned()
    }
}

impl TableStatement {
    pub(super) fn read(sql: &str) -> TableStatement {
        let mut statement = TableStatement::default();
        for item in items(sql, &tokens(sql)) {
            statement.read_item(sql, item);
        }
        statement
    }

    fn read_item(&mut self, sql: &str, item: &[Token<'_>]) {
        let Some(first) = item.first() else { return };
        let constraints = ["constraint", "primary", "unique", "check", "foreign"];
        let column = (!constraints.iter().any(|word| first.is(word))).then(|| first.name().to_lowercase());
        let mut stated = StatedColumn::default();
        let mut name: Option<String> = None;
        let mut rest = item.iter().enumerate().skip(usize::from(column.is_some()));
        while let Some((index, token)) = rest.next() {
            if token.depth > first.depth {
                continue;
            }
            let next = item.get(index + 1);
            if token.is("constraint") {
                name = next.map(Token::name);
                rest.next();
            } else if token.is("check") {
                self.checks.push((name.take(), inside(sql, &item[index + 1..])));
            } else if token.is("as") {
                stated.generated = Some(inside(sql, &item[index + 1..]));
            } else if token.is("collate") && column.is_some() {
                stated.collation = next.map(Token::name);
                rest.next();
            } else if token.is("autoincrement") {
                stated.is_numbered = true;
            } else if token.is("primary") {
                self.primary_key_name = name.take();
            } else if token.is("references") {
                self.foreign_keys.push(StatedForeignKey { name: name.take(), ..Default::default() });
            } else if token.is("deferrable") {
                let denied = index.checked_sub(1).and_then(|before| item.get(before));
                let deferred = item.get(index + 2).is_some_and(|token| token.is("deferred"));
                if let Some(key) = self.foreign_keys.last_mut() {
                    key.deferrable = match (denied.is_some_and(|token| token.is("not")), deferred) {
                        (true, _) => Postponement::Never,
                        (false, true) => Postponement::InitiallyDeferred,
                        (false, false) => Postponement::InitiallyImmediate,
                    };
                }
            }
        }
        if let Some(column) = column {
            self.columns.insert(column, stated);
        }
    }
}

impl IndexStatement {
    pub(super) fn read(sql: &str) -> IndexStatement {
        let tokens = tokens(sql);
        let items = items(sql, &tokens).iter().map(|item| text(sql, item)).collect();
        let closed = tokens.iter().position(|token| token.is(")") && token.depth == 0);
        let after = closed.and_then(|closed| tokens.get(closed + 1..)).unwrap_or_default();
        let predicate = match after.split_first() {
            Some((first, rest)) if first.is("where") => Some(text(sql, rest)),
            _ => None,
        };
        IndexStatement { items, predicate }
    }
}

/// When a trigger acts, and on what.
pub(super) fn trigger_time(sql: &str) -> (&'static str, &'static str) {
    let mut timing = "before";
    // CREATE [TEMP] TRIGGER [IF NOT EXISTS] [schema.]name [BEFORE | AFTER | INSTEAD OF] DELETE | INSERT | UPDATE
    let head = tokens(sql).into_iter().skip_while(|token| !token.is("trigger")).skip(2);
    for token in head {
        match token.text.to_ascii_lowercase().as_str() {
            "after" => timing = "after",
            "instead" => timing = "instead_of",
            "delete" => return (timing, "delete"),
            "insert" => return (timing, "insert"),
            "update" => return (timing, "update"),
            _ => {}
        }
    }
    (timing, "update")
}

/// What stands in the outermost parentheses, cut at its commas.
fn items<'a, 't>(sql: &'t str, tokens: &'a [Token<'t>]) -> Vec<&'a [Token<'t>]> {
    debug_assert!(tokens.last().is_none_or(|token| token.end() <= sql.len()));
    let Some(open) = tokens.iter().position(|token| token.is("(")) else { return Vec::new() };
    let body = tokens.get(open + 1..).unwrap_or_default();
    let length = body.iter().position(|token| token.depth == 0).unwrap_or(body.len());
    let body = body.get(..length).unwrap_or_default();
    body.split(|token| token.depth == 1 && token.is(",")).collect()
}

/// What stands in the parentheses `tokens` begins with.
fn inside(sql: &str, tokens: &[Token<'_>]) -> String {
    let Some((open, rest)) = tokens.split_first() else { return String::new() };
    let length = rest.iter().position(|token| token.depth == open.depth).unwrap_or(rest.len());
    text(sql, rest.get(..length).unwrap_or_default())
}

/// The text from the first token to the last.
fn text(sql: &str, tokens: &[Token<'_>]) -> String {
    match (tokens.first(), tokens.last()) {
        (Some(first), Some(last)) => sql.get(first.start..last.end()).unwrap_or_default().to_owned(),
        _ => String::new(),
    }
}

/// Words, quoted names, literals and single characters; neither spaces nor comments.
fn tokens(sql: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let (mut start, mut depth) = (0, 0_usize);
    while let Some(rest) = sql.get(start..).filter(|rest| !rest.is_empty()) {
        let length = length(rest);
        let text = rest.get(..length).unwrap_or(rest);
        if !(text.starts_with(char::is_whitespace) || text.starts_with("--") || text.starts_with("/*")) {
            if text == ")" {
                depth = depth.saturating_sub(1);
            }
            tokens.push(Token { text, start, depth });
            if text == "(" {
                depth += 1;
            }
        }
        start += text.len();
    }
    tokens
}

/// How long the piece `rest` begins with is.
fn length(rest: &str) -> usize {
    let Some(first) = rest.chars().next() else { return 0 };
    let until = |end: &str, begin: usize| {
        let found = rest.get(begin..).and_then(|tail| tail.find(end));
        found.map_or(rest.len(), |at| begin + at + end.len())
    };
    match first {
        '[' => until("]", 1),
        '"' | '`' | '\'' => quoted_length(rest, first),
        _ if rest.starts_with("--") => until("\n", 2),
        _ if rest.starts_with("/*") => until("*/", 2),
        _ if is_of_word(first) => rest.find(|other| !is_of_word(other)).unwrap_or(rest.len()),
        _ => first.len_utf8(),
    }
}

/// A doubled quote does not end it.
fn quoted_length(rest: &str, quote: char) -> usize {
    let mut inner = rest.char_indices().skip(1).peekable();
    while let Some((at, character)) = inner.next() {
        if character == quote && inner.next_if(|(_, next)| *next == quote).is_none() {
            return at + 1;
        }
    }
    rest.len()
}

fn is_of_word(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '_' | '$')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_tells_its_checks_collations_and_keys() {
        let statement = TableStatement::read(
            "CREATE TABLE \"a(b\" ( -- not a column, (\n id INTEGER CONSTRAINT pk PRIMARY KEY AUTOINCREMENT,\n \
             [na me] TEXT COLLATE NOCASE DEFAULT ('x, y') CONSTRAINT \"long, name\" CHECK (length([na me]) > 0),\n \
             twice AS (id * 2) STORED, other INT REFERENCES o(id) DEFERRABLE INITIALLY DEFERRED,\n \
             /* ) */ CHECK (id > 0), CONSTRAINT link FOREIGN KEY (id) REFERENCES p) STRICT",
        );
        assert_eq!(statement.primary_key_name.as_deref(), Some("pk"));
        assert!(statement.columns["id"].is_numbered);
        assert_eq!(statement.columns["na me"].collation.as_deref(), Some("NOCASE"));
        assert_eq!(statement.columns["twice"].generated.as_deref(), Some("id * 2"));
        let checks = vec![
            (Some("long, name".to_owned()), "length([na me]) > 0".to_owned()),
            (None, "id > 0".to_owned()),
        ];
        assert_eq!(statement.checks, checks);
        let keys = vec![
            StatedForeignKey { name: None, deferrable: Postponement::InitiallyDeferred },
            StatedForeignKey { name: Some("link".to_owned()), deferrable: Postponement::Never },
        ];
        assert_eq!(statement.foreign_keys, keys);
        assert_eq!(statement.columns.len(), 4);
    }

    #[test]
    fn an_index_tells_its_expressions_and_its_rows() {
        let statement =
            IndexStatement::read("CREATE UNIQUE INDEX i ON t (lower(a, 'x)'), b DESC) WHERE b > ')' AND c");
        assert_eq!(statement.items, ["lower(a, 'x)')", "b DESC"]);
        assert_eq!(statement.predicate.as_deref(), Some("b > ')' AND c"));
    }

    #[test]
    fn a_trigger_tells_its_time() {
        let cases = [
            ("CREATE TRIGGER after_all AFTER UPDATE OF a ON t BEGIN SELECT 1; END", ("after", "update")),
            ("CREATE TRIGGER x DELETE ON t BEGIN SELECT 1; END", ("before", "delete")),
            (
                "create temp trigger if not exists t.x instead of insert on v begin select 1; end",
                ("instead_of", "insert"),
            ),
        ];
        for (sql, expected) in cases {
            assert_eq!(trigger_time(sql), expected, "{sql}");
        }
    }

    #[test]
    fn nonsense_is_read_to_its_end() {
        for sql in
            ["", "(", "((", ")", "CREATE TABLE t (a CHECK", "CREATE TABLE t (\"", "é(ü,ß AS (", "t(a as"]
        {
            TableStatement::read(sql);
            IndexStatement::read(sql);
            trigger_time(sql);
        }
    }
}
