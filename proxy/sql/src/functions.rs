//! What does a function of PostgreSQL do, as far as its name tells?
//!
//! The names and their volatility come from real servers (`functions/*.txt`, written by
//! `scripts/functions.sh`), what they do where that does not tell from lists kept by hand
//! (`functions/kinds/*.txt`). A name says nothing of what operators, casts, triggers and views call;
//! `docs/functions.md` has that and the reasons for each kind.

use std::collections::HashMap;
use std::sync::OnceLock;

/// What a function is known to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// Reads and computes only.
    Reads,
    /// Reads, and takes a moment on purpose.
    Sleeps,
    /// Changes what stays: a sequence, a large object, a replication slot, the WAL, statistics.
    Writes,
    /// Changes the session or its transaction: a setting, the seed, the transaction's id.
    Session,
    /// Takes a lock, or gives one back.
    Locks,
    /// Tells other sessions.
    Notifies,
    /// Administers the server.
    Administers,
    /// Reads or writes files of the server.
    ServerFile,
    /// Runs SQL that stands in an argument, or reads tables that an argument names.
    RunsText,
}

impl Kind {
    /// The kind that a section of the lists is named after.
    pub(crate) fn of_section(name: &str) -> Option<Kind> {
        Some(match name {
            "reads" => Kind::Reads,
            "sleeps" => Kind::Sleeps,
            "writes" => Kind::Writes,
            "session" => Kind::Session,
            "locks" => Kind::Locks,
            "notifies" => Kind::Notifies,
            "administers" => Kind::Administers,
            "server_file" => Kind::ServerFile,
            "runs_text" => Kind::RunsText,
            _ => return None,
        })
    }
}

/// What the built-in function `name` (lower case, of schema `pg_catalog`) does; `None`: there is none
/// of that name in PostgreSQL 14 to 18, or none that a statement can call.
pub fn builtin(name: &str) -> Option<Kind> {
    known().builtin.get(name).map(|function| function.kind)
}

/// What the name of a built-in type (lower case) does where it is written as a function: `jsonb('{}')` is
/// a cast, for most types without any function of that name. `None`: there is no such type.
pub fn of_type(name: &str) -> Option<Kind> {
    TYPES.binary_search(&name).is_ok().then_some(Kind::Reads)
}

/// What the function `name` (lower case) of a well-known extension does, wherever that is installed;
/// `None`: unknown. That a function has this name does not say that it is the extension's.
pub fn of_extension(name: &str) -> Option<Kind> {
    known().extensions.get(name).map(|function| function.kind)
}

/// What the function `name` (lower case) of schema `information_schema` does; `None`: there is none.
pub fn of_information_schema(name: &str) -> Option<Kind> {
    known().information_schema.get(name).map(|function| function.kind)
}

/// Whether `name` is a function, built in or of a well-known extension, that takes one argument and
/// does more than read: `('s'::regclass).nextval` calls it, so the selection of a field of this name
/// counts as a call.
pub fn acts_on_one_argument(name: &str) -> bool {
    let acts = |functions: &Functions| {
        functions.get(name).is_some_and(|function| function.takes_one && function.kind != Kind::Reads)
    };
    acts(&known().builtin) || acts(&known().extensions)
}

type Functions = HashMap<&'static str, Function>;

struct Function {
    kind: Kind,
    /// A call with one argument is possible.
    takes_one: bool,
}

struct Known {
    builtin: Functions,
    information_schema: Functions,
    extensions: Functions,
}

/// All lists as tables, made at the first question.
fn known() -> &'static Known {
    static KNOWN: OnceLock<Known> = OnceLock::new();
    KNOWN.get_or_init(|| {
        let mut extensions = joined(CONTRIB, CONTRIB_KINDS);
        for (name, section) in entries(ELSEWHERE_KINDS) {
            if let Some(kind) = Kind::of_section(section) {
                extensions.entry(name).or_insert(Function { kind, takes_one: true });
            }
        }
        Known {
            builtin: joined(BUILTIN, BUILTIN_KINDS),
            information_schema: joined(INFORMATION_SCHEMA, ""),
            extensions,
        }
    })
}

/// The functions the servers have, each with the kind of the list kept by hand, or the one that its
/// volatility means.
fn joined(servers: &'static str, kinds: &'static str) -> Functions {
    let sections: HashMap<&str, &str> = entries(kinds).collect();
    functions(servers)
        .filter_map(|(name, volatility, takes_one)| {
            let kind = match (sections.get(name), volatility) {
                (Some(section), _) => Kind::of_section(section)?,
                (None, "immutable" | "stable") => Kind::Reads,
                // A test sees to it that there is none; if there were one, it must not pass for a read.
                (None, _) => Kind::Writes,
            };
            Some((name, Function { kind, takes_one }))
        })
        .collect()
}

/// The lines of a file that servers wrote: name, volatility, whether one argument is enough.
fn functions(text: &'static str) -> impl Iterator<Item = (&'static str, &'static str, bool)> {
    text.lines().filter(|line| !line.starts_with('#')).filter_map(|line| {
        let mut words = line.split(' ');
        Some((words.next()?, words.next()?, words.next() == Some("one")))
    })
}

/// The names of a list kept by hand, each with the section it stands in.
pub(crate) fn entries(text: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    let mut section = "";
    text.lines().filter(|line| !line.starts_with('#')).flat_map(move |line| {
        let heading = line.strip_prefix('[').and_then(|line| line.strip_suffix(']'));
        section = heading.unwrap_or(section);
        let names = if heading.is_some() { "" } else { line };
        names.split_whitespace().map(move |name| (name, section))
    })
}

/// The types of PostgreSQL 14 to 18 that a text can be cast to.
const TYPES: [&str; 74] = [
    "bit",
    "bool",
    "box",
    "bpchar",
    "bytea",
    "char",
    "cid",
    "cidr",
    "circle",
    "date",
    "datemultirange",
    "daterange",
    "float4",
    "float8",
    "inet",
    "int2",
    "int2vector",
    "int4",
    "int4multirange",
    "int4range",
    "int8",
    "int8multirange",
    "int8range",
    "interval",
    "json",
    "jsonb",
    "jsonpath",
    "line",
    "lseg",
    "macaddr",
    "macaddr8",
    "money",
    "name",
    "numeric",
    "nummultirange",
    "numrange",
    "oid",
    "oidvector",
    "path",
    "pg_lsn",
    "pg_snapshot",
    "point",
    "polygon",
    "refcursor",
    "regclass",
    "regcollation",
    "regconfig",
    "regdictionary",
    "regnamespace",
    "regoper",
    "regoperator",
    "regproc",
    "regprocedure",
    "regrole",
    "regtype",
    "text",
    "tid",
    "time",
    "timestamp",
    "timestamptz",
    "timetz",
    "tsmultirange",
    "tsquery",
    "tsrange",
    "tstzmultirange",
    "tstzrange",
    "tsvector",
    "txid_snapshot",
    "uuid",
    "varbit",
    "varchar",
    "xid",
    "xid8",
    "xml",
];

const BUILTIN: &str = include_str!("functions/builtin.txt");
const BUILTIN_KINDS: &str = include_str!("functions/kinds/builtin.txt");
const INFORMATION_SCHEMA: &str = include_str!("functions/information_schema.txt");
const CONTRIB: &str = include_str!("functions/contrib.txt");
const CONTRIB_KINDS: &str = include_str!("functions/kinds/contrib.txt");
const ELSEWHERE_KINDS: &str = include_str!("functions/kinds/elsewhere.txt");

#[cfg(test)]
mod tests;
