//! What does a snapshot of a database's schema consist of?
//!
//! A [`Catalog`] is a list of [`Object`]s. Each object keeps apart what somebody decided, its
//! [`Definition`], from what the server counted, its [`Measurements`]: only the first is hashed, so that
//! two snapshots are equal as long as nobody changed anything.

mod canonical;
mod key;
mod relation;
mod routine;

pub use key::{KeyGroup, ObjectKey};
pub use relation::{
    Check, Column, Exclusion, ForeignKey, Generated, GeneratedKind, Identity, Index, Key, KeyAction, Part,
    Partition, Policy, Postponement, Reference, Relation, RelationName, Trigger,
};
pub use routine::{Range, Routine, RoutineForm, Sequence, Volatility};

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// The schema of one database at one moment.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Catalog {
    /// Which kind of database it is, or that somebody uploaded it.
    pub engine: Engine,
    /// The server's version as it says it; empty for an upload.
    #[serde(default)]
    pub version: String,
    /// The database's name; for SQLite `main`.
    #[serde(default)]
    pub database: String,
    /// Everything found, in the order of the keys.
    pub objects: Vec<Object>,
    /// When it was read, in microseconds since 1970; 0 where nobody looked at a clock.
    #[serde(default)]
    pub taken_at_us: i64,
    /// What could not be read, and why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Warning>,
}

/// Which kind of database a catalog comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Engine {
    /// PostgreSQL.
    Postgres,
    /// MySQL.
    Mysql,
    /// MariaDB.
    Mariadb,
    /// SQLite.
    Sqlite,
    /// SQL Server.
    #[serde(rename = "sqlserver")]
    SqlServer,
    /// No server: somebody uploaded it.
    #[default]
    Uploaded,
}

/// What a catalog does not hold because it could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warning {
    /// What is missing, such as `grants`.
    pub missing: String,
    /// Why, in the server's words.
    pub reason: String,
}

/// One thing in a database that has a name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Object {
    /// What it is.
    pub kind: ObjectKind,
    /// The schema it is in; for MySQL the database. Empty for what belongs to the database itself:
    /// schemas and extensions.
    pub schema: String,
    /// Its name as the server has it, without quotes.
    pub name: String,
    /// What somebody decided.
    pub definition: Definition,
    /// What the server counted.
    #[serde(default, skip_serializing_if = "Measurements::is_empty")]
    pub measurements: Measurements,
}

/// What an object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ObjectKind {
    /// A namespace of the others.
    Schema,
    /// A table with rows of its own.
    Table,
    /// A table whose rows are in its partitions.
    PartitionedTable,
    /// A table whose rows are on another server.
    ForeignTable,
    /// A query with a name.
    View,
    /// A query with a name whose rows are kept.
    MaterializedView,
    /// A function, an aggregate or a window function.
    Function,
    /// A procedure.
    Procedure,
    /// A sequence.
    Sequence,
    /// A type of listed labels.
    Enum,
    /// A type with conditions.
    Domain,
    /// A composite, range or base type.
    Type,
    /// An extension.
    Extension,
}

/// What somebody decided about an object: what is hashed and compared.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Definition {
    /// Who owns it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// What somebody said about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// Who else than its owner may do what with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub grants: Vec<Grant>,
    /// What only its kind has.
    pub detail: Detail,
}

/// What only one kind of object has.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Detail {
    /// A schema has nothing more.
    Schema,
    /// Tables and views of every kind.
    Relation(Box<Relation>),
    /// Functions and procedures.
    Routine(Box<Routine>),
    /// A sequence.
    Sequence(Sequence),
    /// The labels of an enum, in their order.
    Enum(Vec<String>),
    /// A domain.
    Domain(Domain),
    /// The columns of a composite type.
    Composite(Vec<Column>),
    /// A range type.
    Range(Range),
    /// A base type: its implementation is not SQL.
    Base,
    /// The version of an extension, and the schema its objects are in.
    Extension {
        /// Its version.
        version: String,
        /// Where its objects are.
        schema: String,
    },
}

/// A type with conditions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Domain {
    /// The type it is made of.
    pub data_type: String,
    /// Whether it may be NULL.
    pub nullable: bool,
    /// What a column of it holds when nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    /// How its texts are compared, where that is not the database's way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub collation: Option<String>,
    /// Its conditions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub checks: Vec<Check>,
}

/// One privilege of somebody who is not the owner.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Grant {
    /// Who has it; `PUBLIC` is everybody.
    pub grantee: String,
    /// The column it is for; absent for the whole object.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// What it allows, such as `SELECT`.
    pub privilege: String,
    /// Whether it may be passed on.
    #[serde(default, skip_serializing_if = "is_false")]
    pub grantable: bool,
}

/// What the server counted. Never hashed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Measurements {
    /// How many rows the planner expects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub row_estimate: Option<u64>,
    /// Everything it takes on disk, with its indexes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size_bytes: Option<u64>,
    /// How often it was read from end to end since the server's statistics began; for MySQL the rows read
    /// without an index.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scans: Option<u64>,
    /// The last number a sequence gave; for MariaDB and AUTO_INCREMENT the next one not yet taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_value: Option<i64>,
    /// By the name of the index.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub indexes: BTreeMap<String, IndexMeasurements>,
}

/// What the server counted of one index.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct IndexMeasurements {
    /// What it takes on disk.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size_bytes: Option<u64>,
    /// How often it was used since the server's statistics began; for MySQL the rows read by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scans: Option<u64>,
    /// When it was used last, in microseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_used_us: Option<i64>,
}

impl Catalog {
    /// Puts everything whose order means nothing into one order, so that equal schemas are equal values.
    pub fn sort(&mut self) {
        for object in &mut self.objects {
            object.sort();
        }
        self.objects.sort_by_cached_key(Object::key);
    }

    /// The object of that key; the catalog is sorted.
    pub fn find(&self, key: &ObjectKey) -> Option<&Object> {
        let place = self.objects.binary_search_by(|object| object.key().cmp(key)).ok()?;
        self.objects.get(place)
    }
}

impl Object {
    /// An object of which nothing is measured.
    pub fn new(kind: ObjectKind, schema: &str, name: &str, detail: Detail) -> Object {
        Object {
            kind,
            schema: schema.to_owned(),
            name: name.to_owned(),
            definition: Definition { owner: None, comment: None, grants: Vec::new(), detail },
            measurements: Measurements::default(),
        }
    }

    /// What stays the same while it changes.
    pub fn key(&self) -> ObjectKey {
        let signature = match &self.definition.detail {
            Detail::Routine(routine) => routine.identity_arguments.as_str(),
            _ => "",
        };
        ObjectKey::new(self.kind.group(), &self.schema, &self.name, signature)
    }

    /// SHA-256 of what it is, what it is called and how it is defined, as canonical JSON: keys in order, no
    /// spaces. What the server counted does not move it.
    pub fn content_hash(&self) -> [u8; 32] {
        canonical::hash(self.kind, &self.schema, &self.name, &self.definition)
    }

    /// Its columns and keys, when it is a table or a view.
    pub fn relation(&self) -> Option<&Relation> {
        match &self.definition.detail {
            Detail::Relation(relation) => Some(relation),
            _ => None,
        }
    }

    /// Puts everything whose order means nothing into one order.
    pub fn sort(&mut self) {
        self.definition.grants.sort();
        self.definition.grants.dedup();
        match &mut self.definition.detail {
            Detail::Relation(relation) => relation.sort(),
            Detail::Domain(domain) => domain.checks.sort_by(|a, b| a.name.cmp(&b.name)),
            Detail::Composite(columns) => columns.sort_by_key(|column| column.ordinal),
            Detail::Schema
            | Detail::Routine(_)
            | Detail::Sequence(_)
            | Detail::Enum(_)
            | Detail::Range(_)
            | Detail::Base
            | Detail::Extension { .. } => {}
        }
    }
}

impl ObjectKind {
    /// The kinds that share names with it.
    pub fn group(self) -> KeyGroup {
        match self {
            ObjectKind::Schema => KeyGroup::Schema,
            ObjectKind::Table
            | ObjectKind::PartitionedTable
            | ObjectKind::ForeignTable
            | ObjectKind::View
            | ObjectKind::MaterializedView => KeyGroup::Relation,
            ObjectKind::Function => KeyGroup::Function,
            ObjectKind::Procedure => KeyGroup::Procedure,
            ObjectKind::Sequence => KeyGroup::Sequence,
            ObjectKind::Enum | ObjectKind::Domain | ObjectKind::Type => KeyGroup::Type,
            ObjectKind::Extension => KeyGroup::Extension,
        }
    }

    /// The word for it in sentences.
    pub fn word(self) -> &'static str {
        match self {
            ObjectKind::Schema => "schema",
            ObjectKind::Table => "table",
            ObjectKind::PartitionedTable => "partitioned table",
            ObjectKind::ForeignTable => "foreign table",
            ObjectKind::View => "view",
            ObjectKind::MaterializedView => "materialized view",
            ObjectKind::Function => "function",
            ObjectKind::Procedure => "procedure",
            ObjectKind::Sequence => "sequence",
            ObjectKind::Enum => "enum",
            ObjectKind::Domain => "domain",
            ObjectKind::Type => "type",
            ObjectKind::Extension => "extension",
        }
    }
}

impl fmt::Display for ObjectKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.word())
    }
}

impl Measurements {
    /// Whether nothing was counted.
    pub fn is_empty(&self) -> bool {
        *self == Measurements::default()
    }
}

/// For fields that are not written while they say no.
pub(crate) fn is_false(value: &bool) -> bool {
    !*value
}

#[cfg(test)]
mod tests;
