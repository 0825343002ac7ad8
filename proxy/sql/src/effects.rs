//! What does each statement of a text do?
//!
//! For PostgreSQL the answer comes from the server's own grammar: the text is parsed once, whole, and
//! each statement's tree is walked by a list of what is understood ([`walk`]). What is not on the list,
//! what the grammar rejects, what is too large and what the tokens read otherwise is
//! [`Basis::Unjudged`], of class [`Class::Unknown`]. `docs/effects.md` says what each statement counts as.

mod bounds;
mod calls;
mod collect;
mod contents;
mod define;
mod json;
mod kinds;
pub(crate) mod mysql;
mod query;
mod scope;
mod settings;
mod source;
mod syntax;
mod utility;
mod walk;

pub(crate) use bounds::Bounds;

use crate::Lexing;
use exchange::{Basis, Class, Effects, Marks, Statement, Unjudged, Verb};
use pg_raw_parse::Node;
use pg_raw_parse::nodes::TransactionStmtKind;
use source::Source;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, LazyLock};
use walk::Walk;

/// Most bytes the effects of all statements of a text take together: names of a few bytes take ten
/// times as much here as in the text.
const TEXT_BYTES_MAX: usize = 8 * 1024 * 1024;

/// Effects of a statement of which only the class is known, from the words it begins with.
pub(crate) fn of_keywords(class: Class) -> Arc<Effects> {
    static BY_CLASS: LazyLock<[Arc<Effects>; Class::ALL.len()]> = LazyLock::new(|| {
        Class::ALL.map(|class| Arc::new(Effects::of_class(Basis::Keywords, "statement", class)))
    });
    Arc::clone(&BY_CLASS[class.index()])
}

/// A PostgreSQL text as the tokens have it.
pub(crate) struct Reading<'text> {
    pub(crate) text: &'text [u8],
    pub(crate) lexing: Lexing,
    /// Where its statements stand.
    pub(crate) places: &'text [Range<usize>],
    /// Whether any of its tokens is a comment.
    pub(crate) comments: bool,
    /// Whether a literal may end elsewhere, so that nothing of the text may be repeated.
    pub(crate) disputed: bool,
}

/// Gives each statement of a PostgreSQL text its class and effects. `refused` says why the text is not
/// to be parsed, if so.
pub(crate) fn judge(reading: &Reading<'_>, refused: Option<Unjudged>, statements: &mut [Arc<Statement>]) {
    let judged = match refused {
        Some(why) => Err(why),
        None if statements.is_empty() => return,
        None => parsed(reading, statements),
    };
    match judged {
        Ok(judged) => {
            for (statement, judged) in statements.iter_mut().zip(judged) {
                if let Some(statement) = Arc::get_mut(statement) {
                    apply(statement, judged);
                    if let (true, Some(effects)) = (reading.disputed, Arc::get_mut(&mut statement.effects)) {
                        effects.marks.insert(Marks::DISPUTED);
                    }
                }
            }
        }
        Err(why) => {
            let effects = Arc::new(Effects::unjudged(why));
            for statement in statements.iter_mut().filter_map(Arc::get_mut) {
                forget(statement, &effects);
            }
        }
    }
}

/// What a statement does, and what it prepares or declares does.
struct Judged {
    class: Class,
    effects: Arc<Effects>,
    inner: Option<(Class, Arc<Effects>)>,
    /// The prepared statement that an EXPLAIN runs.
    runs: Option<Box<str>>,
}

impl Judged {
    fn held_bytes(&self) -> usize {
        self.effects.held_bytes() + self.inner.as_ref().map_or(0, |(_, effects)| effects.held_bytes())
    }
}

fn apply(statement: &mut Statement, judged: Judged) {
    statement.class = judged.class;
    statement.effects = judged.effects;
    if let (Verb::Prepare { inner, .. } | Verb::Declare { inner, .. }, Some((class, effects))) =
        (&mut statement.verb, judged.inner)
    {
        (inner.class, inner.effects) = (class, effects);
    }
    if let (Verb::Other, Some(name)) = (&statement.verb, judged.runs) {
        statement.verb = Verb::Execute { name };
    }
}

/// Nothing is known of the statement: what it does, nor that it leaves a transaction.
fn forget(statement: &mut Statement, effects: &Arc<Effects>) {
    (statement.class, statement.effects) = (Class::Unknown, Arc::clone(effects));
    match &mut statement.verb {
        Verb::Prepare { inner, .. } | Verb::Declare { inner, .. } => {
            (inner.class, inner.effects) = (Class::Unknown, Arc::clone(effects));
            if inner.verb == Verb::Leave {
                inner.verb = Verb::Other;
            }
        }
        Verb::Leave => statement.verb = Verb::Other,
        _ => {}
    }
}

/// Parses the text and walks each of its statements.
fn parsed(reading: &Reading<'_>, statements: &[Arc<Statement>]) -> Result<Vec<Judged>, Unjudged> {
    let source = Source::new(reading.text, reading.lexing, reading.comments)?;
    // The library's nodes panic where one is of another kind than declared: that ends the judgement, and
    // nothing of ours is left half changed.
    let walked = catch_unwind(AssertUnwindSafe(|| walked(&source, reading, statements)));
    walked.unwrap_or(Err(Unjudged::Node("a node of another kind than its place allows")))
}

fn walked(
    source: &Source<'_>,
    reading: &Reading<'_>,
    statements: &[Arc<Statement>],
) -> Result<Vec<Judged>, Unjudged> {
    let tree = match pg_raw_parse::parse(source.text()) {
        Ok(tree) => tree,
        Err(pg_raw_parse::Error::Parse(error)) => {
            return Err(syntax::rejected(&error.to_string(), source, reading.disputed));
        }
        // The message would have ended there.
        Err(_) => {
            let message = "a zero byte stands in the text".into();
            return Err(Unjudged::Syntax { position: None, message });
        }
    };
    if tree.len() != statements.len() {
        return Err(Unjudged::Ambiguous("how many statements there are"));
    }
    let mut offsets = source.places();
    let mut held = 0;
    let mut judged = Vec::with_capacity(statements.len());
    for ((raw, statement), place) in tree.iter().zip(statements).zip(reading.places) {
        let start = usize::try_from(raw.stmt_location).unwrap_or(0);
        let end = match usize::try_from(raw.stmt_len) {
            Ok(length) if length > 0 => start + length,
            _ => source.text().len(),
        };
        if offsets.place(place.start) < start || offsets.place(place.end) > end {
            return Err(Unjudged::Ambiguous("where its statements begin and end"));
        }
        agrees(&statement.verb, raw.stmt(), source.is_exact())?;
        let one = statement_of(raw.stmt());
        held += one.held_bytes();
        if held > TEXT_BYTES_MAX {
            return Err(Unjudged::TooLarge("more than 8 MiB of names in its statements".into()));
        }
        judged.push(one);
    }
    Ok(judged)
}

fn statement_of(node: Node<'_>) -> Judged {
    let inner = match node {
        Node::PrepareStmt(prepare) => Some(prepare.query()),
        Node::DeclareCursorStmt(declare) => Some(declare.query()),
        _ => None,
    };
    let (class, effects, runs) = effects_of(node);
    let inner = inner.map(|node| {
        let (class, effects, _) = effects_of(node);
        (class, Arc::new(effects))
    });
    Judged { class, effects: Arc::new(effects), inner, runs }
}

/// A statement's class and effects, and the prepared statement that an EXPLAIN runs.
pub(crate) fn effects_of(node: Node<'_>) -> (Class, Effects, Option<Box<str>>) {
    let mut walk = Walk::new();
    let verb = walk.statement(node);
    walk.run();
    if walk.explains {
        walk.found.explained();
    }
    let runs = walk.runs.map(Into::into);
    let (class, effects) = walk.found.finish(verb);
    (class, effects, runs)
}

/// The class and effects of a message that calls the built-in function `name`.
pub(crate) fn of_call(name: &str) -> (Class, Effects) {
    let mut found = collect::Collector::new();
    found.call_named((Some("pg_catalog"), name));
    let (class, effects) = found.finish("function call");
    (class, Effects { basis: Basis::Message, ..effects })
}

/// What a statement means to the session's names, as the grammar sees it.
enum Meaning<'a> {
    Leave,
    Prepare(Option<&'a str>),
    Declare(Option<&'a str>),
    Execute(Option<&'a str>),
    Deallocate(Option<&'a str>),
    Other,
}

fn meaning(node: Node<'_>) -> Meaning<'_> {
    match node {
        Node::TransactionStmt(one) => match one.kind {
            TransactionStmtKind::TRANS_STMT_COMMIT
            | TransactionStmtKind::TRANS_STMT_ROLLBACK
            | TransactionStmtKind::TRANS_STMT_ROLLBACK_TO
            | TransactionStmtKind::TRANS_STMT_RELEASE => Meaning::Leave,
            _ => Meaning::Other,
        },
        Node::PrepareStmt(one) => Meaning::Prepare(one.name()),
        Node::DeclareCursorStmt(one) => Meaning::Declare(one.portalname()),
        Node::ExecuteStmt(one) => Meaning::Execute(one.name()),
        Node::DeallocateStmt(one) => Meaning::Deallocate(one.name()),
        _ => Meaning::Other,
    }
}

/// Whether tokens and grammar agree on what the statement means to the session. `exact`: names can be
/// compared.
fn agrees(verb: &Verb, node: Node<'_>, exact: bool) -> Result<(), Unjudged> {
    let same = |one: &str, other: Option<&str>| other.is_some_and(|other| one == other || !exact);
    let agreed = match (verb, meaning(node)) {
        (Verb::Leave, Meaning::Leave) => true,
        (Verb::Leave, _) | (_, Meaning::Leave) => false,
        (Verb::Prepare { name, .. }, Meaning::Prepare(other))
        | (Verb::Declare { name, .. }, Meaning::Declare(other))
        | (Verb::Execute { name }, Meaning::Execute(other)) => same(name, other),
        (Verb::Prepare { .. } | Verb::Declare { .. }, _) => false,
        (_, Meaning::Prepare(_) | Meaning::Declare(_) | Meaning::Execute(_)) => false,
        (Verb::Deallocate { name: None }, Meaning::Deallocate(other)) => other.is_none(),
        (Verb::Deallocate { name: Some(name) }, Meaning::Deallocate(other)) => same(name, other),
        (_, Meaning::Deallocate(_)) => false,
        (_, Meaning::Other) => true,
    };
    if agreed { Ok(()) } else { Err(Unjudged::Ambiguous("what a statement means to the session")) }
}
