//! Are MySQL's and MariaDB's functions listed as a real server has them?
//!
//! A server is asked by preparing calls: a name it does not know is somebody's own function that does not exist, and
//! it says so. The server here is MariaDB; what only MySQL has must be unknown to it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod harness;

use exchange::{Basis, Known};
use harness::mariadb::Mariadb;
use harness::mysql_wire::{MysqlWire, command};
use sql::{Lexing, MysqlServer, analyse};
use std::collections::{BTreeMap, BTreeSet};

/// Errors that say: no such function, in its two wordings; and no sense in the text at all.
const UNKNOWN: [u16; 2] = [1305, 1630];
const SYNTAX: u16 = 1064;

/// What may stand around a name, `%`, that is called: among these is one for each function.
const FORMS: &[&str] = &[
    "SELECT %()",
    "SELECT %(1)",
    "SELECT %(1, 1)",
    "SELECT %(1, 1, 1)",
    "SELECT %('a', 1, 1, 1)",
    "SELECT %(*)",
    "SELECT %(s)",
    "SELECT %(s, 1)",
    "SELECT %(a) FROM t",
    "SELECT %(1 AS CHAR)",
    "SELECT %(1, 1 AS CHAR)",
    "SELECT %(DAY FROM a) FROM t",
    "SELECT %(1 IN 'a')",
    "SELECT %(1 USING utf8mb4)",
    "SELECT %(a, INTERVAL 1 DAY) FROM t",
    "SELECT %(DAY, 1, a) FROM t",
    "SELECT %(DATE, 'EUR')",
    "SELECT %('a' AS CHAR(1))",
    "SELECT %(BOTH 'a' FROM 'b')",
    "SELECT %() OVER (ORDER BY a) FROM t",
    "SELECT %(a) OVER (ORDER BY a) FROM t",
    "SELECT %(a, 1) OVER (ORDER BY a) FROM t",
    "SELECT %(a) OVER (PARTITION BY a) FROM t",
    "SELECT %(1) WITHIN GROUP (ORDER BY a) OVER (PARTITION BY a) FROM t",
    "INSERT INTO t VALUES (1) ON DUPLICATE KEY UPDATE a = %(a)",
];

/// Words that stand before a parenthesis in some form and call nothing.
const CALL_NOTHING: &[&str] = &[
    "all",
    "cascade",
    "distinct",
    "distinctrow",
    "exists",
    "from",
    "high_priority",
    "in",
    "like",
    "not",
    "select",
    "sql_big_result",
    "sql_buffer_result",
    "sql_cache",
    "sql_calc_found_rows",
    "sql_no_cache",
    "sql_small_result",
    "straight_join",
    "table",
    "unique",
    "using",
    "with",
];

struct Server {
    _process: Mariadb,
    wire: MysqlWire,
    version: u32,
}

impl Server {
    fn start() -> Server {
        let process = Mariadb::start();
        process.ask("CREATE TABLE t (a int); CREATE SEQUENCE s");
        let version = process.ask("SELECT VERSION()");
        let mut parts =
            version.split(|byte: char| !byte.is_ascii_digit()).map(|part| part.parse::<u32>().unwrap());
        let version = (0..3).fold(0, |number, _| number * 100 + parts.next().unwrap());
        let wire = MysqlWire::login(process.port, "functions");
        Server { _process: process, wire, version }
    }

    fn error(&mut self, text: &str) -> Option<u16> {
        let text = format!("PREPARE p FROM '{}'", text.replace('\'', "''"));
        self.wire.ask(&command(3, text.as_bytes()))[0].error().map(|(number, _)| number)
    }

    /// The forms in which the server knows the function, or something of its own by this name.
    fn known(&mut self, name: &str) -> Vec<&'static str> {
        let is_known =
            |error: Option<u16>| error.is_none_or(|error| error != SYNTAX && !UNKNOWN.contains(&error));
        FORMS.iter().copied().filter(|form| is_known(self.error(&form.replace('%', name)))).collect()
    }
}

/// The functions of the list with the first version of MariaDB that has them; `None`: none has.
fn listed() -> BTreeMap<&'static str, Option<u32>> {
    let mut listed = BTreeMap::new();
    let mut since = None;
    for line in include_str!("../proxy/sql/src/mysql/functions.txt").lines() {
        if let Some(heading) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            let words: Vec<&str> = heading.split(' ').collect();
            let is_mariadbs = words.get(1).is_none_or(|server| *server == "mariadb");
            since = is_mariadbs.then(|| words.get(2).map_or(0, |version| version.parse().unwrap()));
        } else if !line.starts_with('#') {
            for name in line.split_whitespace() {
                let before = listed.entry(name).or_insert(since);
                *before = before.or(since);
            }
        }
    }
    listed
}

#[test]
fn the_server_has_the_functions_that_are_listed_as_its_own_and_no_others() {
    let mut server = Server::start();
    let (mut missing, mut others) = (Vec::new(), Vec::new());
    for (name, since) in listed() {
        let is_known = !server.known(name).is_empty();
        let expected = since.is_some_and(|since| since <= server.version);
        match (expected, is_known) {
            (true, false) => missing.push(name),
            (false, true) => others.push(name),
            _ => {}
        }
    }
    assert!(missing.is_empty(), "listed for this server, which does not know them: {missing:?}");
    assert!(others.is_empty(), "not listed for this server, which knows them: {others:?}");
}

#[test]
fn every_function_that_the_server_speaks_of_is_listed() {
    let mut server = Server::start();
    let names = server._process.ask(
        "SELECT DISTINCT LOWER(word) FROM information_schema.keywords
         UNION SELECT LOWER(function) FROM information_schema.sql_functions
         UNION SELECT LOWER(REPLACE(name, '\\\\', '')) FROM mysql.help_topic",
    );
    let is_word = |name: &&str| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let names: BTreeSet<&str> =
        names.lines().map(str::trim).filter(is_word).filter(|name| !name.is_empty()).collect();
    assert!(names.len() > 800, "{}", names.len());
    let listed = listed();
    let unlisted: Vec<&str> = names
        .into_iter()
        .filter(|name| !listed.contains_key(name) && !CALL_NOTHING.contains(name))
        .filter(|name| !server.known(name).is_empty())
        .collect();
    assert!(unlisted.is_empty(), "the server calls these, and nobody says what they do: {unlisted:?}");
}

/// The functions of which nobody knows what they do, in the effects of a text; `None` where it is not judged.
fn unknown(text: &str, server: MysqlServer) -> Option<Vec<String>> {
    let analysis = analyse(text.as_bytes(), Lexing::of_mysql(server));
    let [statement] = analysis.statements.as_slice() else { return None };
    let unknown = statement.effects.functions.iter().filter(|function| function.known == Known::Unknown);
    (statement.effects.basis == Basis::Grammar)
        .then(|| unknown.map(|function| function.name.to_string()).collect())
}

#[test]
fn a_call_is_somebodys_own_where_the_server_looks_for_one_and_in_quotes() {
    let mut server = Server::start();
    let own = MysqlServer::Mariadb(server.version);
    let mut wrong = Vec::new();
    for name in listed().into_keys() {
        for form in FORMS {
            for name in [name.to_owned(), format!("{name} "), format!("{name}/**/"), format!("`{name}`")] {
                let text = form.replace('%', &name);
                let error = server.error(&text);
                let looks = error.is_some_and(|error| UNKNOWN.contains(&error)) || name.starts_with('`');
                let judged = unknown(&text, own);
                let is_right = match &judged {
                    _ if error == Some(SYNTAX) => true,
                    Some(unknown) => unknown.is_empty() != looks,
                    None => error.is_some(),
                };
                if !is_right {
                    wrong.push(format!("{text}: the server says {error:?}, unknown are {judged:?}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} texts:\n{}", wrong.len(), wrong[..wrong.len().min(60)].join("\n"));
}
