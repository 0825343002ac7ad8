//! SQL text to statements: where each begins, what shape it has, what it may do, and how it reads
//! without its literals.
//!
//! Start at [`analyse`]. One pass of the [lexer](token) feeds the [splitter](split), the redactor,
//! the shape and the sightings of the classifier; only a statement's head is read twice.
//!
//! What it knows: PostgreSQL's lexical rules, where its grammar divides statements, and the
//! keywords statements begin with. What it must not know: wire bytes, policies, sockets, clocks.
//!
//! What it does not do:
//! - It has no grammar. A text the server would reject gets an answer all the same, and that
//!   answer says nothing about the text's validity. A class is what the keywords say.
//! - It reads bytes as PostgreSQL does after conversion to the server's encoding. In client
//!   encodings where the second byte of a character can be a backslash (SJIS, BIG5, GBK, UHC,
//!   GB18030) or a semicolon (JOHAB) the server may see other tokens; the redacted text is cut
//!   before that can matter, the division and the classes are not certain there.
//!
//! Bounds: the work is linear in the text, nothing recurses, and memory beyond the statements
//! returned is fixed. Their number is at most [`STATEMENTS_MAX`], each one's text at most
//! [`Statement::TEXT_BYTES_MAX`].

mod classify;
mod fingerprint;
mod keyword;
mod name;
mod redact;
pub mod split;
pub mod token;

pub use keyword::Keyword;
pub use name::of_protocol as protocol_name;

use classify::{Reading, Sightings};
use exchange::{Class, Statement, Verb};
use fingerprint::Shape;
use redact::Redactor;
use split::Splitter;
use std::sync::{Arc, OnceLock};
use token::{Ending, Lexer, Token};

/// Statements told apart in one text. A text with more is a generated one that nobody reads
/// statement by statement: the last entry then stands for all the rest, with class
/// [`Class::Unknown`], and [`Analysis::folded`] says so.
pub const STATEMENTS_MAX: usize = 10_000;

/// The session settings that change how a text is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Lexing {
    /// The server's setting of that name, as it last reported it: when off, a backslash escapes
    /// in plain `'…'` too.
    pub standard_conforming_strings: bool,
}

impl Default for Lexing {
    /// The server's default.
    fn default() -> Lexing {
        Lexing { standard_conforming_strings: true }
    }
}

/// What a text consists of.
#[derive(Clone, Debug)]
pub struct Analysis {
    /// One for each statement that is not empty, in order; may be empty.
    pub statements: Vec<Arc<Statement>>,
    /// The settings the text was read with: under others the answer may differ.
    pub lexing: Lexing,
    /// Whether the last entry of `statements` stands for more than one statement.
    pub folded: bool,
    /// How sure the reading is. `Disputed`: a literal ends elsewhere under other settings of the
    /// session, and the texts show nothing from there on. `Missing`: something has no end, so the
    /// server will reject the text.
    pub ending: Ending,
}

/// Divides a text into its statements and describes each. `text` is what stands in the message,
/// without the zero byte behind it.
pub fn analyse(text: &[u8], lexing: Lexing) -> Analysis {
    let mut analysis = Analysis { statements: Vec::new(), lexing, folded: false, ending: Ending::Certain };
    let mut splitter = Splitter::default();
    let mut shape = Shape::new();
    let mut draft: Option<Draft> = None;
    // A `;` behind the last statement there is room for: it counts only if more follows.
    let mut separator: Option<Token> = None;
    let mut lexer = Lexer::new(text, lexing);
    // By reference: copying a token the moment it is made costs more than making it.
    while let Some(token) = &lexer.next() {
        let hidden = analysis.ending == Ending::Disputed;
        analysis.ending = worse(analysis.ending, token.ending);
        if splitter.ends_at(token) {
            if analysis.statements.len() + 1 < STATEMENTS_MAX {
                let ended = draft.take();
                analysis
                    .statements
                    .extend(ended.map(|draft| Arc::new(draft.finish(&mut shape, text, lexing))));
            } else if draft.is_some() {
                separator = Some(*token);
            }
            continue;
        }
        if token.is_significant() {
            let draft = draft.get_or_insert_with(|| Draft::new(token, text.len(), hidden));
            if let Some(separator) = separator.take() {
                analysis.folded = true;
                draft.push(&separator, &mut shape, text);
            }
            draft.push(token, &mut shape, text);
        } else if let Some(draft) = &mut draft {
            draft.redactor.push(token, text);
        }
    }
    if let Some(draft) = draft {
        let mut statement = draft.finish(&mut shape, text, lexing);
        if analysis.folded {
            (statement.class, statement.verb) = (Class::Unknown, Verb::Other);
        }
        analysis.statements.push(Arc::new(statement));
    }
    analysis
}

/// What stands for a text that is too large to be looked at, or that cannot be read with certainty: of class [`Class::Unknown`], always
/// the same.
pub fn unjudged() -> Arc<Statement> {
    static UNJUDGED: OnceLock<Arc<Statement>> = OnceLock::new();
    let make = || {
        Arc::new(Statement {
            fingerprint: fingerprint::of_unjudged(),
            text: "(statement not judged: too large, or it reads in more than one way)".into(),
            class: Class::Unknown,
            verb: Verb::Other,
        })
    };
    UNJUDGED.get_or_init(make).clone()
}

/// What stands for a statement the server answered that was not seen in its text: of class
/// [`Class::Unknown`], always the same. Replication commands answer more than once.
pub fn unseen() -> Arc<Statement> {
    static UNSEEN: OnceLock<Arc<Statement>> = OnceLock::new();
    let make = || {
        Arc::new(Statement {
            fingerprint: fingerprint::of_unjudged(),
            text: "(an answer beside those of the statements seen)".into(),
            class: Class::Unknown,
            verb: Verb::Other,
        })
    };
    UNSEEN.get_or_init(make).clone()
}

/// What stands for a function called by its number, which no text names.
pub fn function_call(oid: u32) -> Statement {
    Statement {
        fingerprint: fingerprint::of_function(oid),
        text: format!("function call {oid}").into(),
        class: Class::Code,
        verb: Verb::Other,
    }
}

/// What is known of a reading after one more token. Where one end is disputed all others are.
fn worse(one: Ending, other: Ending) -> Ending {
    match (one, other) {
        (Ending::Disputed, _) | (_, Ending::Disputed) => Ending::Disputed,
        (Ending::Missing, _) | (_, Ending::Missing) => Ending::Missing,
        (Ending::Certain, Ending::Certain) => Ending::Certain,
    }
}

/// A statement while its tokens come in. Its shape is kept apart: it is large, and used again for
/// the next statement.
struct Draft {
    start: usize,
    end: usize,
    /// Whether nothing of it may be shown.
    hidden: bool,
    redactor: Redactor,
    seen: Sightings,
}

impl Draft {
    /// Begins with `first`, in a text of `text_bytes`.
    fn new(first: &Token, text_bytes: usize, hidden: bool) -> Draft {
        Draft {
            start: first.start,
            end: first.start,
            hidden,
            redactor: Redactor::new(text_bytes - first.start, hidden),
            seen: Sightings::default(),
        }
    }

    /// Takes the next significant token.
    fn push(&mut self, token: &Token, shape: &mut Shape, text: &[u8]) {
        self.end = token.end;
        self.redactor.push(token, text);
        shape.push(token, text);
        self.seen.push(token.kind);
    }

    fn finish(self, shape: &mut Shape, text: &[u8], lexing: Lexing) -> Statement {
        let fingerprint = shape.finish();
        let source = text.get(self.start..self.end).unwrap_or_default();
        let mut inner = |from: usize| {
            Box::new(inner_statement(source.get(from..).unwrap_or_default(), lexing, self.hidden, shape))
        };
        let (class, verb) = match classify::read(Lexer::new(source, lexing), self.seen) {
            Reading::Plain(class, verb) => (class, verb),
            Reading::Prepare { name, inner: from } => {
                let inner = inner(from);
                (inner.class, Verb::Prepare { name, inner })
            }
            Reading::Declare { name, hold, inner: from } => {
                let inner = inner(from);
                (inner.class, Verb::Declare { name, hold, inner })
            }
        };
        Statement { fingerprint, text: self.redactor.finish(text), class, verb }
    }
}

/// The statement a PREPARE or DECLARE is about, described as if it stood alone. The grammar has no
/// PREPARE inside a PREPARE: such a one is not looked into, so this never goes deeper than once.
fn inner_statement(source: &[u8], lexing: Lexing, hidden: bool, shape: &mut Shape) -> Statement {
    let mut draft: Option<Draft> = None;
    for token in Lexer::new(source, lexing) {
        if token.is_significant() {
            let draft = draft.get_or_insert_with(|| Draft::new(&token, source.len(), hidden));
            draft.push(&token, shape, source);
        } else if let Some(draft) = &mut draft {
            draft.redactor.push(&token, source);
        }
    }
    let fingerprint = shape.finish();
    let Some(draft) = draft else {
        return Statement { fingerprint, text: "".into(), class: Class::Unknown, verb: Verb::Other };
    };
    let body = source.get(draft.start..draft.end).unwrap_or_default();
    let (class, verb) = match classify::read(Lexer::new(body, lexing), draft.seen) {
        Reading::Plain(class, verb) => (class, verb),
        Reading::Prepare { .. } | Reading::Declare { .. } => (Class::Unknown, Verb::Other),
    };
    Statement { fingerprint, text: draft.redactor.finish(source), class, verb }
}

#[cfg(test)]
mod tests;
