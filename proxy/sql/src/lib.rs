//! SQL text to statements: where each begins, what shape it has, what it may do, and how it reads
//! without its literals.
//!
//! Start at [`analyse`]; beside it, [`usage`] tells whoever looks at traffic which columns a statement uses and
//! joins by, and [`comment`] what a client says of it in a comment.
//!
//! How [`analyse`] goes: one pass of the [lexer](token) feeds the [splitter](split), the redactor,
//! the shape and the sightings of the classifier; only a statement's head is read twice. For
//! PostgreSQL the text then goes through the server's own grammar ([`effects`]), which says what each
//! statement does; the tokens still say where it stands, what shape it has and what names it uses, and
//! where both say something they must agree. A statement of MySQL or MariaDB is read from its tokens, by rules
//! of our own for all that their grammars have.
//!
//! What it knows: the servers' lexical rules, their grammars (PostgreSQL's as libpg_query has it), what
//! their functions do by name. What it must not know: wire bytes, policies, sockets, clocks.
//!
//! What it does not do:
//! - For MySQL its rules take more than the servers do. A text the server would reject may get an answer all
//!   the same, and that answer says nothing about the text's validity.
//! - It reads bytes as PostgreSQL does after conversion to the server's encoding. In client
//!   encodings where the second byte of a character can be a backslash (SJIS, BIG5, GBK, UHC,
//!   GB18030) or a semicolon (JOHAB) the server may see other tokens; the redacted text is cut
//!   before that can matter, the division and the effects are not certain there.
//!
//! Bounds: the work is linear in the text, nothing recurses but what reads MySQL, to a depth of 200, and
//! memory beyond the statements returned is fixed; a statement of MySQL is kept as a list of at most a million
//! tokens of 16 bytes; a text of PostgreSQL within the limits of [`effects`] is copied for the grammar, whose
//! tree takes up to 150 MB for the longest. Statements are at most [`STATEMENTS_MAX`], each one's text at
//! most [`Statement::TEXT_BYTES_MAX`]. [`usage`] is not for the data path: it follows queries within one
//! another to a fixed depth, and takes steps up to a fixed number.

pub mod catalog;
mod classify;
pub mod comment;
pub mod effects;
pub mod encoded;
mod fingerprint;
pub mod functions;
pub mod gaps;
mod keyword;
pub mod kill;
mod lexing;
pub mod literals;
mod mysql;
mod name;
mod numbered;
mod redact;
pub mod secrets;
pub mod skeleton;
pub mod split;
mod tables;
pub mod token;
pub mod usage;

pub use keyword::Keyword;
pub use lexing::{Lexing, MysqlServer};
pub use name::of_protocol as protocol_name;
pub use numbered::function_call;

use classify::{Reading, Sightings};
use effects::Bounds;
use effects::mysql::Told;
use exchange::{Basis, Class, Effects, Fingerprint, Marks, Statement, Unjudged, Verb};
use fingerprint::Shape;
use redact::Redactor;
use split::Splitter;
use std::ops::Range;
use std::sync::{Arc, OnceLock};
use tables::Tables;
use token::{Ending, Kind, Lexer, Token, Within};

/// Statements told apart in one text. A text with more is a generated one that nobody reads
/// statement by statement: the last entry then stands for all the rest, with class
/// [`Class::Unknown`], and [`Analysis::folded`] says so.
pub const STATEMENTS_MAX: usize = 10_000;

/// Longest name kept of what a command is about; servers bound theirs to less.
const COMMAND_OBJECT_BYTES_MAX: usize = 256;

/// What a text consists of.
#[derive(Clone, Debug, PartialEq, Eq)]
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
    read(Lexer::new(text, lexing))
}

/// Reads the text that `lexer` stands before.
fn read(mut lexer: Lexer<'_>) -> Analysis {
    let (text, lexing) = (lexer.text(), lexer.lexing());
    let mut analysis = Analysis { statements: Vec::new(), lexing, folded: false, ending: Ending::Certain };
    let mut splitter = Splitter::new(lexing);
    let mut describer = Describer::new(lexing);
    let mut draft: Option<Draft> = None;
    // A `;` behind the last statement there is room for: it counts only if more follows.
    let mut separator: Option<Token> = None;
    let mut bounds = Bounds::default();
    let mut comments = false;
    let mut places: Vec<Range<usize>> = Vec::new();
    while let Some(token) = lexer.next() {
        let hidden = analysis.ending == Ending::Disputed;
        analysis.ending = worse(analysis.ending, token.ending);
        if token.is_significant() {
            bounds.push(token.kind);
        } else {
            comments |= token.kind == Kind::Comment;
        }
        if splitter.ends_at(token.kind) {
            if analysis.statements.len() + 1 < STATEMENTS_MAX {
                if let Some(ended) = draft.take() {
                    places.push(ended.start..ended.end);
                    let ended = ended.finish(&mut describer, text, lexing);
                    if may_change_lexing(lexing, &ended) {
                        lexer.unsettle();
                    }
                    analysis.statements.push(Arc::new(ended));
                }
            } else if draft.is_some() {
                separator = Some(token);
            }
            continue;
        }
        if token.is_significant() {
            let comment = lexer.version_comment();
            let draft =
                draft.get_or_insert_with(|| Draft::new(&token, text.len(), hidden, &lexer, &mut describer));
            if let Some(separator) = separator.take() {
                analysis.folded = true;
                draft.push(&separator, &mut describer, text);
            }
            draft.comments.push(comment);
            draft.push(&token, &mut describer, text);
        } else if let Some(draft) = &mut draft {
            draft.redactor.push(&token, text);
        }
    }
    if lexer.within() != Within::Nothing {
        analysis.ending = worse(analysis.ending, Ending::Missing);
    }
    if let Some(draft) = draft {
        places.push(draft.start..draft.end);
        let mut statement = draft.finish(&mut describer, text, lexing);
        if analysis.folded {
            (statement.class, statement.verb) = (Class::Unknown, Verb::Other);
        }
        analysis.statements.push(Arc::new(statement));
    }
    if !lexing.is_mysql() {
        let exceeded = bounds.exceeded().or(analysis.folded.then_some("more than 10,000 statements"));
        let refused = exceeded.map(|words| Unjudged::TooLarge(words.into()));
        let disputed = analysis.ending == Ending::Disputed;
        let reading = effects::Reading { text, lexing, places: &places, comments, disputed };
        effects::judge(&reading, refused, &mut analysis.statements);
    }
    analysis
}

/// The fingerprint alone of a text's first statement; `None` when it has none. The same as
/// [`analyse`] gives, for a part of its cost.
pub fn fingerprint(text: &[u8], lexing: Lexing) -> Option<Fingerprint> {
    let mut splitter = Splitter::new(lexing);
    let mut shape = Shape::new(lexing);
    let mut begun = false;
    for token in Lexer::new(text, lexing) {
        if splitter.ends_at(token.kind) {
            if begun {
                break;
            }
        } else if token.is_significant() {
            shape.push(token.kind, token.ending, token.bytes(text));
            begun = true;
        }
    }
    begun.then(|| shape.finish())
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
            tables: Box::default(),
            effects: Arc::new(Effects::unjudged(Unjudged::Unseen)),
        })
    };
    UNJUDGED.get_or_init(make).clone()
}

/// What stands for a text of more than `bytes`, which is not held whole: of class [`Class::Unknown`].
pub fn oversize(bytes: usize) -> Statement {
    let why = format!("more than {bytes} bytes").into();
    let effects = Arc::new(Effects::unjudged(Unjudged::TooLarge(why)));
    Statement { effects, ..(*unjudged()).clone() }
}

/// What stands for a text that the server may read otherwise than it reads here, for its encoding or for
/// settings that are being changed: of class [`Class::Unknown`], always the same.
pub fn ambiguous() -> Arc<Statement> {
    static AMBIGUOUS: OnceLock<Arc<Statement>> = OnceLock::new();
    let make = || {
        let why = "the session's encoding, or a setting that is being changed, decides how it reads";
        let effects = Arc::new(Effects::unjudged(Unjudged::Ambiguous(why)));
        Arc::new(Statement { effects, ..(*unjudged()).clone() })
    };
    AMBIGUOUS.get_or_init(make).clone()
}

/// The analysis of a text that nobody could read.
pub fn unread(lexing: Lexing) -> Analysis {
    Analysis { statements: vec![unjudged()], lexing, folded: true, ending: Ending::Disputed }
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
            tables: Box::default(),
            effects: Arc::new(Effects::unjudged(Unjudged::Unseen)),
        })
    };
    UNSEEN.get_or_init(make).clone()
}

/// The databases of MySQL and MariaDB that are the server's own.
pub const MYSQL_CATALOGS: [&str; 5] = ["information_schema", "mysql", "ndbinfo", "performance_schema", "sys"];

/// What the use of the table or view `name` in the database `schema` of MySQL or MariaDB means.
pub fn mysql_relation_marks(schema: &str, name: &str) -> Marks {
    mysql::relations::relation_marks(Some(schema), name)
}

/// What stands for a command that has no text: `words` say what it does, `object` to what.
pub fn command(words: &'static str, object: &[u8], class: Class) -> Statement {
    let object = String::from_utf8_lossy(object.get(..COMMAND_OBJECT_BYTES_MAX).unwrap_or(object));
    Statement {
        fingerprint: fingerprint::of_command(words, object.as_bytes()),
        text: format!("{words} {object}").trim_end().into(),
        class,
        verb: Verb::Other,
        tables: Box::default(),
        effects: Arc::new(Effects::of_class(Basis::Message, words, class)),
    }
}

/// Whether what follows in the same text may be read by other settings than the statement was:
/// MySQL reads and runs one statement after the other, PostgreSQL reads the whole text first.
fn may_change_lexing(lexing: Lexing, statement: &Statement) -> bool {
    lexing.is_mysql()
        && match statement.class {
            Class::Code | Class::Unknown => true,
            // What is executed may stand in another text.
            _ => {
                matches!(statement.verb, Verb::Execute { .. })
                    || statement.effects.marks.contains(Marks::CHANGES_READING)
            }
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

/// What is made of a statement and takes much room: used again for each statement of a text.
struct Describer {
    shape: Shape,
    tables: Tables,
}

impl Describer {
    fn new(lexing: Lexing) -> Describer {
        Describer { shape: Shape::new(lexing), tables: Tables::new(lexing) }
    }
}

/// A statement while its tokens come in.
struct Draft {
    start: usize,
    end: usize,
    /// Whether nothing of it may be shown.
    hidden: bool,
    /// Whether the session's settings may be others than those it is read with.
    unsettled: bool,
    redactor: Redactor,
    seen: Sightings,
    comments: VersionComments,
}

impl Draft {
    /// Begins with `first`, the token `lexer` has just read, in a text of `text_bytes`.
    fn new(
        first: &Token,
        text_bytes: usize,
        hidden: bool,
        lexer: &Lexer<'_>,
        describer: &mut Describer,
    ) -> Draft {
        describer.tables.begin(hidden);
        Draft {
            start: first.start,
            end: first.start,
            hidden,
            unsettled: lexer.is_unsettled(),
            redactor: Redactor::new(text_bytes - first.start, hidden),
            seen: Sightings::default(),
            comments: VersionComments { at_start: lexer.within(), ..VersionComments::default() },
        }
    }

    /// Takes the next significant token.
    fn push(&mut self, token: &Token, describer: &mut Describer, text: &[u8]) {
        self.end = token.end;
        self.redactor.push(token, text);
        describer.shape.push(token.kind, token.ending, token.bytes(text));
        self.seen.push(token.kind);
        describer.tables.push(token, text);
    }

    fn finish(self, describer: &mut Describer, text: &[u8], lexing: Lexing) -> Statement {
        let fingerprint = describer.shape.finish();
        let tables = describer.tables.finish(text, lexing);
        let source = text.get(self.start..self.end).unwrap_or_default();
        if lexing.is_mysql() {
            let told = self.told(source, lexing);
            // Nobody can tell in which character set a server reads it again.
            let lexing_then = lexing.in_double_bytes(true);
            let (class, effects, verb) =
                told.with_prepared(|text| prepared_text(&text, lexing_then, self.unsettled));
            let text = self.redactor.finish(text);
            return Statement { fingerprint, text, class, verb, tables, effects };
        }
        let mut inner = |from: usize| {
            Box::new(inner_statement(source.get(from..).unwrap_or_default(), lexing, self.hidden, describer))
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
        let effects = effects::of_keywords(class);
        Statement { fingerprint, text: self.redactor.finish(text), class, verb, tables, effects }
    }

    /// What a statement of MySQL or MariaDB does.
    fn told(&self, source: &[u8], lexing: Lexing) -> Told {
        if self.hidden {
            return Told::unjudged(Unjudged::Ambiguous("a literal before it may end elsewhere"));
        }
        let mut lexer = Lexer::beginning(source, lexing, self.comments.at_start);
        if self.unsettled {
            lexer.unsettle();
        }
        let told = effects::mysql::judge(lexer);
        if self.comments.leave_doubt() && effects::mysql::judge(lexer.skip_version_comments()) != told {
            return Told::unjudged(Unjudged::Ambiguous("the server's version decides what is a comment"));
        }
        told
    }
}

/// The statement a MySQL text prepares that stands in a literal of another; `None` where it is not one alone, or
/// reads in more than one way.
fn prepared_text(text: &[u8], lexing: Lexing, unsettled: bool) -> Option<Arc<Statement>> {
    let mut lexer = Lexer::new(text, lexing);
    if unsettled {
        lexer.unsettle();
    }
    let mut analysis = read(lexer);
    let only = analysis.statements.len() == 1 && !analysis.folded && analysis.ending == Ending::Certain;
    analysis.statements.pop().filter(|_| only)
}

/// Which of a statement's tokens stand in doubtful version comments.
#[derive(Clone, Copy, Debug, Default)]
struct VersionComments {
    /// What the first stands in.
    at_start: Within,
    /// All do, so far.
    everything: bool,
    last: Option<u32>,
    /// How many there are, up to 2.
    seen: u8,
    tokens: bool,
}

impl VersionComments {
    /// Whether what the statement does depends on a comment that the server may execute or not. Where all of it
    /// stands in one, a server that does not execute that does nothing.
    fn leave_doubt(&self) -> bool {
        self.seen > 0 && !(self.everything && self.seen == 1)
    }

    /// Takes the place of the next significant token.
    fn push(&mut self, comment: Option<u32>) {
        self.everything = comment.is_some() && (self.everything || !self.tokens);
        self.tokens = true;
        if comment.is_some() && comment != self.last {
            (self.last, self.seen) = (comment, (self.seen + 1).min(2));
        }
    }
}

/// The statement a PREPARE or DECLARE is about, described as if it stood alone. The grammar has no
/// PREPARE inside a PREPARE: such a one is not looked into, so this never goes deeper than once.
fn inner_statement(source: &[u8], lexing: Lexing, hidden: bool, describer: &mut Describer) -> Statement {
    let mut draft: Option<Draft> = None;
    let mut lexer = Lexer::new(source, lexing);
    while let Some(token) = lexer.next() {
        if token.is_significant() {
            let draft =
                draft.get_or_insert_with(|| Draft::new(&token, source.len(), hidden, &lexer, describer));
            draft.push(&token, describer, source);
        } else if let Some(draft) = &mut draft {
            draft.redactor.push(&token, source);
        }
    }
    let fingerprint = describer.shape.finish();
    let Some(draft) = draft else {
        let (class, verb) = (Class::Unknown, Verb::Other);
        let effects = effects::of_keywords(class);
        return Statement { fingerprint, text: "".into(), class, verb, tables: Box::default(), effects };
    };
    let body = source.get(draft.start..draft.end).unwrap_or_default();
    let (class, verb) = match classify::read(Lexer::new(body, lexing), draft.seen) {
        Reading::Plain(class, verb) => (class, verb),
        Reading::Prepare { .. } | Reading::Declare { .. } => (Class::Unknown, Verb::Other),
    };
    let tables = describer.tables.finish(source, lexing);
    let effects = effects::of_keywords(class);
    Statement { fingerprint, text: draft.redactor.finish(source), class, verb, tables, effects }
}

#[cfg(test)]
mod tests;
