//! What does a function of MySQL or MariaDB do, as far as its name tells?
//!
//! The list is kept by hand (`functions.txt`). A name that stands in no section of the server's is nobody's built-in:
//! a stored or a loadable function, of which nothing is known. The same holds where a name is quoted or belongs to a
//! schema: the server then looks for a stored function first.

use crate::MysqlServer;
use crate::functions::{Kind, entries};
use std::collections::HashMap;
use std::sync::OnceLock;

/// What the built-in function `name` (lower case, not quoted, without a schema) of the server does; `None`: it has
/// none of that name. Of a server that is not known, what either has.
pub(crate) fn function(name: &str, server: MysqlServer) -> Option<Kind> {
    let function = known().get(name)?;
    let of = |had: Option<Had>, version: u32| had.filter(|had| had.since <= version).map(|had| had.kind);
    match server {
        MysqlServer::Mysql(version) => of(function.mysql, version),
        MysqlServer::Mariadb(version) => of(function.mariadb, version),
        MysqlServer::Unknown => function.mysql.or(function.mariadb).map(|had| had.kind),
    }
}

/// Whether the word (in any case) is a value of the server's own without parentheses behind it.
pub(crate) fn is_called_without_parentheses(word: &str) -> bool {
    WITHOUT_PARENTHESES.iter().any(|name| word.eq_ignore_ascii_case(name))
}

/// Whether the word (in any case) is a built-in function only where its `(` follows at once: behind a space or a
/// comment it is a stored function of that name, unless `IGNORE_SPACE` is in the session's `sql_mode`.
pub(crate) fn needs_its_parenthesis_at_once(word: &str, server: MysqlServer) -> bool {
    let more: [&[&str]; 2] = match server {
        MysqlServer::Mysql(_) => [&AT_ONCE_IN_MYSQL, &[]],
        MysqlServer::Mariadb(_) => [&AT_ONCE_IN_MARIADB, &[]],
        MysqlServer::Unknown => [&AT_ONCE_IN_MYSQL, &AT_ONCE_IN_MARIADB],
    };
    AT_ONCE.iter().chain(more.into_iter().flatten()).any(|name| word.eq_ignore_ascii_case(name))
}

/// Whether the function is the server's own when it is called with so many arguments: MariaDB takes these with others
/// for a stored function of that name.
pub(crate) fn is_own_with(name: &str, arguments: usize) -> bool {
    match name {
        "point" => arguments == 2,
        "geometrycollection" | "linestring" | "multilinestring" | "multipoint" | "multipolygon"
        | "polygon" => arguments > 0,
        _ => true,
    }
}

/// Which server has a function, and what it does there.
#[derive(Clone, Copy, Default)]
struct Function {
    mysql: Option<Had>,
    mariadb: Option<Had>,
}

#[derive(Clone, Copy)]
struct Had {
    kind: Kind,
    /// The first version, as version comments write it.
    since: u32,
}

fn known() -> &'static HashMap<&'static str, Function> {
    static KNOWN: OnceLock<HashMap<&'static str, Function>> = OnceLock::new();
    KNOWN.get_or_init(|| {
        let mut known: HashMap<&'static str, Function> = HashMap::new();
        for (name, section) in entries(KINDS) {
            let Some((had, in_mysql, in_mariadb)) = read(section) else { continue };
            let function = known.entry(name).or_default();
            function.mysql = function.mysql.or(in_mysql.then_some(had));
            function.mariadb = function.mariadb.or(in_mariadb.then_some(had));
        }
        known
    })
}

/// What the heading of a section says: the kind, whether MySQL has its functions and whether MariaDB.
fn read(section: &str) -> Option<(Had, bool, bool)> {
    let mut words = section.split(' ');
    let kind = Kind::of_section(words.next()?)?;
    let server = words.next();
    let since = words.next().map_or(Some(0), |version| version.parse().ok())?;
    let (in_mysql, in_mariadb) = match server {
        None => (true, true),
        Some("mysql") => (true, false),
        Some("mariadb") => (false, true),
        Some(_) => return None,
    };
    words.next().is_none().then_some((Had { kind, since }, in_mysql, in_mariadb))
}

const WITHOUT_PARENTHESES: [&str; 10] = [
    "current_date",
    "current_role",
    "current_time",
    "current_timestamp",
    "current_user",
    "localtime",
    "localtimestamp",
    "utc_date",
    "utc_time",
    "utc_timestamp",
];

const AT_ONCE: [&str; 33] = [
    "adddate",
    "bit_and",
    "bit_or",
    "bit_xor",
    "cast",
    "count",
    "curdate",
    "curtime",
    "date_add",
    "date_sub",
    "extract",
    "group_concat",
    "json_arrayagg",
    "json_objectagg",
    "max",
    "mid",
    "min",
    "now",
    "position",
    "session_user",
    "std",
    "stddev",
    "stddev_pop",
    "stddev_samp",
    "subdate",
    "substr",
    "substring",
    "sum",
    "system_user",
    "trim",
    "var_pop",
    "var_samp",
    "variance",
];

const AT_ONCE_IN_MYSQL: [&str; 2] = ["st_collect", "sysdate"];

const AT_ONCE_IN_MARIADB: [&str; 13] = [
    "cume_dist",
    "dense_rank",
    "first_value",
    "lag",
    "lead",
    "median",
    "nth_value",
    "ntile",
    "percent_rank",
    "percentile_cont",
    "percentile_disc",
    "rank",
    "trim_oracle",
];

const KINDS: &str = include_str!("functions.txt");

#[cfg(test)]
mod tests;
