//! Does one condition hold?
//!
//! A text does not tell everything: a table without a schema may be any schema's, a statement may call
//! several functions of which one matches. So every condition can be read in two ways. [`Reading::Possible`]
//! holds when something of the statement may match: so rules that restrict are read. [`Reading::Sure`] holds
//! when everything of that kind surely matches, and there is something: so rules that allow are read, and
//! what takes a restriction away.

use crate::facts::{Facts, Names, Path, Role, folds};
use crate::key::Key;
use crate::network::Network;
use crate::pattern::{ColumnPattern, Pattern, Qualified};
use crate::schedule::Schedule;
use exchange::{Access, Basis, Class, Column, Effects, Function, Known, Marks, Relation, Session, Statement};

/// How what is uncertain counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    /// Everything has to match for certain.
    Sure,
    /// It is enough that something may match.
    Possible,
}

impl Reading {
    pub(crate) fn opposite(self) -> Reading {
        match self {
            Reading::Sure => Reading::Possible,
            Reading::Possible => Reading::Sure,
        }
    }

    /// Whether `matches` holds for the things of a statement: for one of them, or for all of at least one.
    fn over<T>(self, things: &[T], matches: impl Fn(&T) -> bool) -> bool {
        match self {
            Reading::Sure => !things.is_empty() && things.iter().all(matches),
            Reading::Possible => things.iter().any(matches),
        }
    }
}

/// One condition of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Condition {
    pub(crate) key: Key,
    /// What it asks for, in words.
    pub(crate) wanted: Box<str>,
    pub(crate) test: Test,
}

/// What a condition looks at, and for what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Test {
    /// Decided when the rules were compiled.
    Fixed(bool),
    User(Box<[Pattern]>),
    Database(Box<[Pattern]>),
    Application(Box<[Pattern]>),
    Address(Box<[Network]>),
    Tls(Box<[Tls]>),
    /// Names of the client's certificate.
    Certificate(Box<[Pattern]>),
    Role(Box<[Pattern]>),
    /// One bit a class, by its index.
    Class(u16),
    Verb(Box<[Pattern]>),
    /// One bit a kind.
    Kind(u8),
    /// One bit a state.
    Transaction(u8),
    Relations(Relations),
    Columns(Box<[ColumnPattern]>),
    Functions(Box<[Qualified]>),
    Settings(Box<[Pattern]>),
    /// Sorted.
    Fingerprints(Box<[u64]>),
    Marks(Marks),
    /// Whether a mark is there or is not.
    Mark(Marks, bool),
    /// Whether none of these is there: a rule that allows does not name them.
    Unnamed(Marks),
    RowsOver(u64),
    Unjudged(bool),
    Time(Schedule),
}

/// Conditions that one relation has to meet together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Relations {
    pub(crate) schema: Option<Box<[Pattern]>>,
    pub(crate) table: Option<Box<[Qualified]>>,
    pub(crate) access: Option<Access>,
}

/// What is asked of the client's TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tls {
    None,
    Any,
    Version(&'static str),
}

impl Tls {
    /// The words of a rule file.
    pub(crate) const WORDS: [(&'static str, Tls); 4] = [
        ("none", Tls::None),
        ("any", Tls::Any),
        ("TLSv1.2", Tls::Version("TLSv1.2")),
        ("TLSv1.3", Tls::Version("TLSv1.3")),
    ];
}

impl Condition {
    /// Whether a session decides it when it opens.
    pub(crate) fn is_of_session(&self) -> bool {
        self.key.is_of_session()
    }

    /// Whether it holds in a session; of a condition that looks at more, nothing is said.
    pub(crate) fn holds_in(&self, session: &Session) -> bool {
        let principal = &session.principal;
        match &self.test {
            Test::Fixed(holds) => *holds,
            Test::User(names) => any(names, &principal.user),
            Test::Database(names) => any_folded(names, &principal.database, folds(session)),
            Test::Application(names) => any(names, &principal.application),
            Test::Address(networks) => networks.iter().any(|one| one.contains(principal.address)),
            Test::Tls(wanted) => wanted.iter().any(|one| match (one, &principal.tls) {
                (Tls::None, None) | (Tls::Any, Some(_)) => true,
                (Tls::Version(version), Some(facts)) => facts.version == *version,
                (Tls::Any | Tls::Version(_), None) | (Tls::None, Some(_)) => false,
            }),
            // A client without one has no names.
            Test::Certificate(wanted) => {
                let shown = principal.tls.as_ref().and_then(|facts| facts.certificate.as_ref());
                shown.is_some_and(|shown| shown.names.iter().any(|name| any(wanted, name)))
            }
            _ => true,
        }
    }

    /// Whether it holds for a statement.
    pub(crate) fn holds(&self, facts: &Facts<'_>, reading: Reading) -> bool {
        match &self.test {
            Test::Fixed(_)
            | Test::User(_)
            | Test::Database(_)
            | Test::Application(_)
            | Test::Address(_)
            | Test::Tls(_)
            | Test::Certificate(_) => self.holds_in(facts.session),
            Test::Role(names) => match facts.role {
                Role::Known(role) => any(names, role),
                Role::Unknown => reading == Reading::Possible,
            },
            Test::Kind(kinds) => kinds >> (facts.kind as u8) & 1 == 1,
            Test::Transaction(states) => states >> (facts.transaction as u8) & 1 == 1,
            Test::Time(schedule) => schedule.contains(facts.now_us),
            Test::Unjudged(wanted) => facts.is_judged() != *wanted,
            Test::Class(classes) => {
                let class = facts.statement.map_or(Class::Unknown, |one| one.class);
                classes >> class.index() & 1 == 1
            }
            _ => match facts.statement {
                Some(statement) if !matches!(statement.effects.basis, Basis::Unjudged(_)) => {
                    self.holds_for(statement, facts.names(), reading)
                }
                // Nobody knows what it does: it may do anything.
                _ => reading == Reading::Possible,
            },
        }
    }

    fn holds_for(&self, statement: &Statement, names: Names<'_>, reading: Reading) -> bool {
        let effects: &Effects = &statement.effects;
        match &self.test {
            Test::Verb(wanted) => any(wanted, effects.verb),
            Test::Relations(wanted) => {
                reading.over(&effects.relations, |one| wanted.matches(one, names, reading))
            }
            Test::Columns(wanted) => reading.over(&effects.columns, |one| {
                wanted.iter().any(|pattern| pattern.matches(one, &effects.relations, names, reading))
            }),
            Test::Functions(wanted) => reading.over(&effects.functions, |one| {
                wanted.iter().any(|pattern| is_function(pattern, one, names, reading))
            }),
            Test::Settings(wanted) => reading.over(&effects.settings, |one| match &*one.name {
                "" => reading == Reading::Possible,
                name => any_folded(wanted, name, names.folds),
            }),
            Test::Fingerprints(wanted) => wanted.binary_search(&statement.fingerprint.0).is_ok(),
            Test::Marks(marks) => effects.marks.intersects(*marks),
            Test::Mark(mark, wanted) => effects.marks.contains(*mark) == *wanted,
            Test::Unnamed(marks) => !grave(effects).intersects(*marks),
            Test::RowsOver(rows) => {
                // COPY … TO sends its rows by another way.
                let sends = effects.marks.contains(Marks::RETURNS_ROWS)
                    || (effects.verb == "copy" && !effects.marks.contains(Marks::TAKES_DATA));
                sends && effects.row_limit.is_none_or(|limit| limit > *rows)
            }
            _ => true,
        }
    }
}

/// The marks that a rule which allows may have to name. Going back to the role of the login is no change of
/// it: poolers do so between their clients.
pub(crate) fn grave(effects: &Effects) -> Marks {
    if effects.verb == "reset" { Marks(effects.marks.0 & !Marks::CHANGES_ROLE.0) } else { effects.marks }
}

fn any(patterns: &[Pattern], name: &str) -> bool {
    patterns.iter().any(|one| one.matches(name))
}

fn any_folded(patterns: &[Pattern], name: &str, folds: bool) -> bool {
    patterns.iter().any(|one| one.matches_folded(name, folds))
}

impl Relations {
    fn matches(&self, relation: &Relation, names: Names<'_>, reading: Reading) -> bool {
        let schema = self
            .schema
            .as_ref()
            .is_none_or(|all| all.iter().any(|one| is_schema(one, relation, names, reading)));
        let table = self
            .table
            .as_ref()
            .is_none_or(|all| all.iter().any(|one| is_relation(one, relation, names, reading)));
        let access = self.access.is_none_or(|wanted| match reading {
            Reading::Possible => wanted.intersects(relation.access),
            Reading::Sure => relation.access != Access::NONE && wanted.contains(relation.access),
        });
        schema && table && access
    }
}

fn is_relation(pattern: &Qualified, relation: &Relation, names: Names<'_>, reading: Reading) -> bool {
    let schema = pattern.schema.as_ref().is_none_or(|one| is_schema(one, relation, names, reading));
    schema && pattern.name.matches_folded(&relation.name, names.folds)
}

/// Whether a relation may be, or surely is, of such a schema.
fn is_schema(pattern: &Pattern, relation: &Relation, names: Names<'_>, reading: Reading) -> bool {
    match (&relation.schema, names.path, reading) {
        (Some(schema), ..) => pattern.matches_folded(schema, names.folds),
        (None, Path::Database(database), _) => pattern.matches_folded(database, names.folds),
        (None, Path::Default | Path::Changed, Reading::Possible) => true,
        // The server looks into `pg_catalog` first, whatever the path says; all names there begin so.
        (None, Path::Default, Reading::Sure) => {
            *pattern == Pattern::Any || (!relation.name.starts_with("pg_") && pattern.matches("public"))
        }
        (None, Path::Changed, Reading::Sure) => *pattern == Pattern::Any,
    }
}

fn is_function(pattern: &Qualified, function: &Function, names: Names<'_>, reading: Reading) -> bool {
    let own = function.known == Known::Unknown;
    let schema = pattern.schema.as_ref().is_none_or(|schema| match (&function.schema, names.path, reading) {
        (Some(named), ..) => schema.matches_folded(named, names.folds),
        // What is built in belongs to none.
        (None, Path::Database(database), _) => {
            *schema == Pattern::Any || (own && schema.matches_folded(database, names.folds))
        }
        (None, Path::Default | Path::Changed, Reading::Possible) => true,
        (None, Path::Default, Reading::Sure) => *schema == Pattern::Any || (own && schema.matches("public")),
        (None, Path::Changed, Reading::Sure) => *schema == Pattern::Any,
    });
    schema && pattern.name.matches_folded(&function.name, names.folds)
}

impl ColumnPattern {
    fn matches(&self, column: &Column, relations: &[Relation], names: Names<'_>, reading: Reading) -> bool {
        let name = self.name.matches_folded(&column.name, names.folds)
            || (&*column.name == "*" && reading == Reading::Possible);
        let Some(wanted) = &self.relation else { return name };
        let of = |relation: &Relation| is_relation(wanted, relation, names, reading);
        let relation = match column.relation {
            Some(at) => relations.get(usize::from(at)).is_some_and(of),
            // The text does not tell whose it is: any that the statement uses may have it.
            None => reading == Reading::Possible && relations.iter().any(of),
        };
        name && relation
    }
}
