//! How much of MariaDB's own test suite can be judged?
//!
//! The suite's files are not part of this repository: `make test-all` puts Debian's package of them into the cache and
//! names the folder. A statement counts if a MariaDB server accepts its syntax under its default `sql_mode`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod harness;
#[path = "mysql_corpus/script.rs"]
mod script;

use exchange::{Basis, Unjudged};
use harness::mariadb::Mariadb;
use harness::mysql_wire::{MysqlWire, command};
use script::statements;
use sql::{Lexing, MysqlServer, analyse};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Suites in another dialect, in other encodings, or about engines that are not there.
const LEFT_OUT: [&str; 6] = ["/compat/", "/mroonga/", "/spider/", "/connect/", "/oqgraph/", "/jp/"];

/// Longer ones are lists of rows.
const STATEMENT_BYTES_MAX: usize = 20_000;

/// Fewer would mean that they were not found.
const QUERIES_MIN: usize = 30_000;

/// How many examples are shown of each reason for not judging a statement.
const EXAMPLES: usize = 3;

/// All files of statements below `folder`.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let is_left_out = LEFT_OUT.iter().any(|part| format!("{}/", path.display()).contains(part));
        if path.is_dir() && !path.is_symlink() && !is_left_out {
            files.extend(self::files(&path));
        } else if path.extension().is_some_and(|extension| extension == "test" || extension == "inc") {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// Each statement once that the server does not call a syntax error.
fn accepted(folder: &Path, wire: &mut MysqlWire) -> Vec<String> {
    let mut seen = BTreeSet::new();
    for file in files(folder) {
        let Ok(text) = std::fs::read_to_string(file) else { continue };
        seen.extend(statements(&text).into_iter().filter(|one| one.len() <= STATEMENT_BYTES_MAX));
    }
    seen.into_iter().filter(|one| is_accepted(one, wire)).collect()
}

fn is_accepted(statement: &str, wire: &mut MysqlWire) -> bool {
    let quoted = statement.replace('\\', "\\\\").replace('\'', "''");
    let answer = wire.ask(&command(3, format!("PREPARE p FROM '{quoted}'").as_bytes()));
    // Syntax, an empty text, and what the parser says of a definition.
    !answer[0].error().is_some_and(|(number, _)| matches!(number, 1064 | 1065 | 1149))
}

/// Which part of `statements` is judged, and what is not by its reason.
fn judged<'t>(statements: &[&'t String], lexing: Lexing) -> (f64, BTreeMap<String, Vec<&'t String>>) {
    let mut reasons: BTreeMap<String, Vec<&'t String>> = BTreeMap::new();
    let mut judged = 0usize;
    for text in statements {
        let analysis = analyse(text.as_bytes(), lexing);
        let why = analysis.statements.iter().find_map(|statement| match &statement.effects.basis {
            Basis::Unjudged(Unjudged::Syntax { message, .. }) => Some(format!("syntax: {message}")),
            Basis::Unjudged(Unjudged::Node(node)) => Some(format!("node: {node}")),
            Basis::Unjudged(why) => Some(format!("{why:?}")),
            Basis::Grammar | Basis::Keywords | Basis::Message => None,
        });
        match why {
            Some(why) => reasons.entry(why).or_default().push(text),
            None => judged += 1,
        }
    }
    (judged as f64 / statements.len() as f64, reasons)
}

fn show(what: &str, count: usize, share: f64, reasons: &BTreeMap<String, Vec<&String>>) {
    println!("{what}: {:.2} % of {count} judged", share * 100.0);
    let mut reasons: Vec<_> = reasons.iter().collect();
    reasons.sort_by_key(|(_, texts)| std::cmp::Reverse(texts.len()));
    for (reason, texts) in reasons {
        println!("{:6}  {reason}", texts.len());
        for text in texts.iter().take(EXAMPLES) {
            println!("          {}", text.replace('\n', " ").chars().take(150).collect::<String>());
        }
    }
}

#[test]
fn nearly_all_of_the_suite_is_judged() {
    let folder = std::env::var_os("DRAGOMAN_MYSQL_CORPUS").map(PathBuf::from);
    let Some(folder) = folder.filter(|folder| folder.exists()) else {
        println!("MariaDB's suite is read by make test-all only, where apt-get can download it");
        return;
    };
    let server = Mariadb::start();
    let version = server.ask("SELECT VERSION()");
    let mut wire = MysqlWire::login(server.port, "corpus");
    assert!(wire.ask(&command(3, b"SET NAMES utf8mb4"))[0].is_ok());
    let all = accepted(&folder, &mut wire);
    let lexing = Lexing::of_mysql(MysqlServer::of_version(version.as_bytes()));
    let (queries, others): (Vec<&String>, Vec<&String>) = all.iter().partition(|text| is_query(text));
    assert!(queries.len() > QUERIES_MIN, "{} queries found below {folder:?}", queries.len());
    let mut shares = Vec::new();
    for (what, texts) in [("queries", &queries), ("other statements", &others)] {
        let (share, reasons) = judged(texts, lexing);
        show(what, texts.len(), share, &reasons);
        shares.push(share);
    }
    assert!(shares[0] >= 0.99 && shares[1] >= 0.98, "{shares:?}");
}

/// Whether it returns rows by its own words.
fn is_query(text: &str) -> bool {
    let text = text.trim_start_matches(|one: char| one == '(' || one.is_whitespace());
    let word = text.split(|one: char| !one.is_ascii_alphabetic()).next().unwrap_or_default();
    ["SELECT", "WITH", "VALUES", "TABLE"].iter().any(|one| word.eq_ignore_ascii_case(one))
}

#[test]
fn statements_are_what_a_script_sends_as_it_stands() {
    let script = "\
# a comment; with a semicolon
--source include/have_innodb.inc
--echo select 0;
let $a = select 0;
eval select $a;
select 1; select 'a;b',
  \"c;d\" -- '
  from t1;
--error 1064
selec;
delimiter |;
create procedure p() begin select 1; end|
delimiter ;|
write_file $file;
select 0;
EOF
perl;
select 0;
EOF
if (`select 0`)
{
  select `a;b` /* ; */ from t2;
}
send select 3;
select \\N;
";
    assert_eq!(
        statements(script),
        [
            "select 1",
            "select 'a;b',\n  \"c;d\" -- '\n  from t1",
            "create procedure p() begin select 1; end",
            "select \\N",
        ]
    );
}
