//! What do one database's own functions, operators and views do?
//!
//! A text tells which names it uses; what stands behind a name that PostgreSQL does not bring itself,
//! only the database's catalog can tell. A [`Catalog`] is made of rows of that catalog and turns the
//! unknown of a statement's effects into what is known.
//!
//! What counts is the volatility a function was declared with. PostgreSQL itself refuses writes in
//! functions in SQL and PL/pgSQL that are declared stable or immutable; of those in other languages, and of
//! volatile ones called inside, the declaration is its author's word. See `docs/probe.md`.

mod build;
mod resolve;

use std::collections::HashMap;

/// Most functions and relations of one database that are told apart. A database with more is one that
/// programs made; of its functions nothing is said.
pub const ITEMS_MAX: usize = 100_000;

/// Rows of one database's catalog.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CatalogFacts {
    /// Functions, aggregates and operators: all that PostgreSQL did not bring itself, and those of its own
    /// that one of the others, or a relation, reaches.
    pub functions: Vec<FunctionFact>,
    /// Views, and tables with rules or row security: everything that does more than give rows. A
    /// materialized view gives rows.
    pub relations: Vec<RelationFact>,
    /// Whether rows are missing, since there were too many.
    pub truncated: bool,
}

/// One function, aggregate or operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionFact {
    /// Its number. Operators have numbers of their own: theirs begin at [`FunctionFact::OPERATORS`].
    pub id: u64,
    /// The schema.
    pub schema: Box<str>,
    /// The name.
    pub name: Box<str>,
    /// Whether it is declared volatile; of an aggregate, whether one of its functions is.
    pub volatile: bool,
    /// Where it comes from.
    pub origin: Origin,
    /// Which rows it takes as its only argument that must be given: `row.name` calls it.
    pub row: RowArgument,
    /// Functions that its defaults and its body name, as far as the catalog holds them parsed.
    pub functions: Vec<u64>,
    /// Relations that they name.
    pub relations: Vec<u64>,
}

impl FunctionFact {
    /// What is added to the number of an operator.
    pub const OPERATORS: u64 = 1 << 32;
}

/// Where a function comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Origin {
    /// PostgreSQL itself.
    System,
    /// An extension.
    Extension,
    /// Somebody.
    User,
}

/// Which rows a function takes as its only argument that must be given.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum RowArgument {
    /// None.
    None,
    /// Those of this relation.
    Relation(Box<str>),
    /// Those of several, or of any.
    Any,
}

/// One relation that does more than give rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelationFact {
    /// Its number.
    pub id: u64,
    /// The schema.
    pub schema: Box<str>,
    /// The name.
    pub name: Box<str>,
    /// What runs when it is read: a view's query, the conditions of row security.
    pub read: Reached,
    /// What runs beside that when it is written: rules.
    pub written: Reached,
}

/// Which functions and relations something names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reached {
    /// Functions and operators.
    pub functions: Vec<u64>,
    /// Relations.
    pub relations: Vec<u64>,
}

/// What one database's own functions, operators and views do. Immutable: a new look makes a new one.
#[derive(Debug)]
pub struct Catalog {
    id: u64,
    complete: bool,
    functions: HashMap<Box<str>, Box<[Candidate]>>,
    /// Volatile functions that take a row, by name.
    fields: HashMap<Box<str>, Box<[RowArgument]>>,
    /// Relations that run something that may write, by name.
    relations: HashMap<Box<str>, Box<[Acting]>>,
}

/// A function of some name.
#[derive(Clone, Debug)]
struct Candidate {
    schema: Box<str>,
    reads: bool,
}

/// A relation of some name that runs what may write.
#[derive(Clone, Debug)]
struct Acting {
    schema: Box<str>,
    read: bool,
    written: bool,
}

impl Catalog {
    /// A number that is the same for the same facts: what was resolved with one catalog holds with
    /// every other of that number.
    pub fn id(&self) -> u64 {
        self.id
    }

    /// Whether it knows all there is. If not, it resolves nothing.
    pub fn is_complete(&self) -> bool {
        self.complete
    }

    /// How many names of functions and operators it knows.
    pub fn function_names(&self) -> usize {
        self.functions.len()
    }

    /// The relations that run something that may write when they are read, as `schema.name`, sorted.
    pub fn acting_relations(&self) -> Vec<String> {
        let acting = self.relations.iter().flat_map(|(name, all)| {
            all.iter().filter(|one| one.read).map(move |one| format!("{}.{name}", one.schema))
        });
        let mut acting: Vec<_> = acting.collect();
        acting.sort();
        acting
    }
}

#[cfg(test)]
mod tests;
