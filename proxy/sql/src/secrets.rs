//! May a statement hold a secret, such as a password?
//!
//! Asked before anything of a statement but its shape is kept. The answer is careful: a *no* is meant to be
//! right, a *yes* need not be. So words are looked for wherever they stand (in names, literals, comments and
//! in literals within literals), and what nobody can read for certain needs less of a reason.
//!
//! What it cannot know is a value that nothing beside it gives away, such as the argument of somebody's own
//! function `f('…')`.

mod words;

use crate::token::{Ending, Kind, Lexer, Token};
use crate::{Analysis, Lexing, literals};
use exchange::{Basis, Marks, Statement};
pub(crate) use words::is_secret_setting;
pub use words::tells;
use words::{Name, is_any};

/// Longer texts are not looked through: a few milliseconds of whoever asks.
pub const TEXT_BYTES_MAX: usize = 256 * 1024;

/// Literals within literals that are looked into; deeper ones are taken to hold a secret.
const DEPTH_MAX: usize = 4;

/// Functions that set what they are told, or run a text that they are handed.
const RUNNING: [&str; 8] = [
    "set_config",
    "query_to_xml",
    "query_to_xmlschema",
    "query_to_xml_and_xmlschema",
    "ts_stat",
    "ts_rewrite",
    "crosstab",
    "connectby",
];

/// Whether `text`, of which `analysis` says what it does, may hold a secret. The whole text is meant: what
/// one statement of it holds stands beside all others.
pub fn may_hold(text: &[u8], analysis: &Analysis) -> bool {
    text.len() > TEXT_BYTES_MAX
        || tells(text)
        || (is_uncertain(analysis) && words::tells_of_people(text))
        || analysis.statements.iter().any(|one| sets_secret(one))
        || (analysis.statements.iter().any(|one| runs_text(one)) && words::puts_together(text))
        || scan(text, analysis.lexing, 0)
}

/// The same of the text of an error, which shows names, values and statements that nobody judged.
pub fn may_show(error: &[u8]) -> bool {
    let lexing = Lexing::Postgres { standard_conforming_strings: true };
    // What a server quotes so are statements as well as names.
    let unquoted: Vec<u8> = error.iter().map(|byte| if *byte == b'"' { b' ' } else { *byte }).collect();
    tells(error) || words::is_secret(Name(error)) || scan(&unquoted, lexing, 1)
}

/// The same of a statement of which the text without its literals is known only: whether values that
/// are handed to it may be secret.
pub fn takes(statement: &Statement, lexing: Lexing) -> bool {
    let text = statement.text.as_bytes();
    let is_unjudged = matches!(statement.effects.basis, Basis::Unjudged(_));
    statement.text.ends_with('…')
        || tells(text)
        || (is_unjudged && words::tells_of_people(text))
        || sets_secret(statement)
        || scan(text, lexing, 0)
}

/// Whether it could be read otherwise than it was.
fn is_uncertain(analysis: &Analysis) -> bool {
    let unjudged = |one: &Statement| matches!(one.effects.basis, Basis::Unjudged(_));
    analysis.ending != Ending::Certain
        || analysis.folded
        || analysis.statements.iter().any(|one| unjudged(one))
}

/// Whether it gives a setting a value that may be secret. A name that the text does not tell may be any.
fn sets_secret(statement: &Statement) -> bool {
    statement
        .effects
        .settings
        .iter()
        .any(|one| one.name.is_empty() || words::is_secret_setting(one.name.as_bytes()))
}

/// Whether it runs a text: one that is put together first is one in which no word can be looked for.
fn runs_text(statement: &Statement) -> bool {
    // What a DO runs is looked at for itself.
    statement.effects.marks.contains(Marks::RUNS_TEXT) && statement.effects.verb != "do"
}

/// The words and names before a token, as far as they matter.
#[derive(Clone, Copy, Default)]
struct Before<'t> {
    last: &'t [u8],
    second: &'t [u8],
}

impl<'t> Before<'t> {
    fn push(&mut self, word: &'t [u8]) {
        (self.second, self.last) = (self.last, word);
    }
}

/// Looks through the tokens of a text, and through the literals in it.
fn scan(text: &[u8], lexing: Lexing, depth: usize) -> bool {
    let mut before = Before::default();
    let mut name: Option<Token> = None;
    // Whether a literal may be the body of a routine, which can run what it puts together.
    let mut has_body = false;
    // INVARIANT: looked for at most once, so that the time grows as the text does.
    let mut is_together = None;
    for token in Lexer::new(text, lexing).filter(Token::is_significant) {
        let bytes = token.bytes(text);
        match token.kind {
            Kind::Word(_) => {
                // Of a text in a literal the grammar does not say what it runs or sets.
                let is_hidden = depth > 0
                    && is_any(bytes, &RUNNING)
                    && *is_together.get_or_insert_with(|| words::puts_together(text));
                if is_hidden || heads_secret(bytes, before) || words::is_secret(Name(bytes)) {
                    return true;
                }
                has_body = begins_body(bytes, before).unwrap_or(has_body);
                before.push(bytes);
            }
            // It says in its literal or behind it what it is called.
            Kind::UnicodeIdentifier => return true,
            Kind::QuotedIdentifier | Kind::Variable => {
                if words::is_secret(Name(bytes)) || bytes.contains(&b'=') {
                    return true;
                }
                before.push(b"\"");
            }
            Kind::Punctuation(b'(')
                if name.is_some_and(|name| words::takes_secret(Name(name.bytes(text)))) =>
            {
                return true;
            }
            Kind::Punctuation(b'(') if is_any(before.last, &["options"]) => return true,
            Kind::Literal => {
                let value = literals::value(bytes, lexing);
                let is_code = has_body && words::runs_text(&value);
                if is_code || is_secret_literal(&value, lexing, depth) {
                    return true;
                }
                before.push(b"'");
            }
            // What stands before a whole name stands before its last part.
            Kind::Punctuation(b'.') => before = Before { last: before.second, second: b"" },
            _ => before.push(b"."),
        }
        name = Some(token).filter(|one| matches!(one.kind, Kind::Word(_) | Kind::QuotedIdentifier));
    }
    false
}

/// Whether the value of a literal tells of a secret, or is SQL that does.
fn is_secret_literal(value: &[u8], lexing: Lexing, depth: usize) -> bool {
    if tells(value) {
        return true;
    }
    // One word is no statement.
    if !value.contains(&b' ') && !value.contains(&b'\n') {
        return words::is_secret(Name(value));
    }
    depth >= DEPTH_MAX || scan(value, lexing, depth + 1)
}

/// Whether the word is the head of a statement with a body in a literal, if it tells.
fn begins_body(word: &[u8], before: Before<'_>) -> Option<bool> {
    if is_any(word, &["do"])
        || (is_any(word, &["function", "procedure"]) && is_any(before.last, &["create", "replace"]))
    {
        return Some(true);
    }
    // ON CONFLICT DO UPDATE, CREATE RULE … DO ALSO.
    let is_action = is_any(before.last, &["do"]) && is_any(word, &["update", "nothing", "also", "instead"]);
    is_action.then_some(false)
}

/// Whether a word says, with those before it, that a secret may follow.
fn heads_secret(word: &[u8], before: Before<'_>) -> bool {
    let makes = |word: &[u8]| is_any(word, &["create", "alter", "import", "drop", "replace"]);
    match () {
        () if is_any(word, &["uescape"]) => true,
        () if is_any(word, &["subscription", "server", "foreign"]) => makes(before.last),
        () if is_any(word, &["mapping"]) => is_any(before.last, &["user"]),
        () if is_any(word, &["program"]) => is_any(before.last, &["from", "to"]),
        () if is_any(word, &["master", "replication"]) => is_any(before.last, &["change"]),
        () if is_any(word, &["slave", "replica", "group_replication"]) => is_any(before.last, &["start"]),
        () if is_any(word, &["immediate"]) => is_any(before.last, &["execute"]),
        // MySQL: PREPARE name FROM text.
        () if is_any(word, &["from"]) => is_any(before.second, &["prepare"]),
        // SET token = x, also with SESSION, LOCAL or ROLE … before it.
        () if is_any(before.last, &["set", "local", "session", "global", "persist", "persist_only"]) => {
            words::is_secret_setting(word)
        }
        () => false,
    }
}

#[cfg(test)]
mod tests;
