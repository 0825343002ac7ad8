//! What does PostgreSQL's own log say of the statements it ran?
//!
//! The log is read with `log_statement = all`, as CSV. It has a line for each text that came in a Query and
//! for each Execute, before it runs, and one for each error. An error belongs to the line before it in the
//! same session, unless it came of a Parse, of a Bind, or of a text the parser rejected: those have no line
//! of their own. A text of several statements is one line; which of them ran is told by the error, whose
//! words hold the mark of the statement that failed.

use crate::entry::{Entry, Marked, OK, REFUSED, is_execute, marks};
use sql::Lexing;
use std::collections::{BTreeMap, BTreeSet};

/// What the gateway sends in the place of what it refuses.
const POISON: &str = "!dragoman_refused";

/// What a server's process says that is of no statement.
const OF_CONNECTIONS: [&str; 4] = [
    "could not receive data from client",
    "could not send data to client",
    "unexpected EOF on client connection",
    "incomplete startup packet",
];

/// One line that a server's process of a client wrote.
#[derive(Clone, Debug)]
struct Line {
    number: u64,
    user: String,
    database: String,
    application: String,
    /// What the process was doing, such as `PARSE`.
    doing: String,
    severity: String,
    sqlstate: String,
    message: String,
    detail: String,
    query: String,
}

/// A text as the server took it.
#[derive(Clone, Debug)]
struct Ran {
    kind: &'static str,
    text: String,
    /// Whether nothing of it began to run.
    rejected: bool,
    ending: String,
    /// The error's message and detail.
    words: String,
    /// The statement an EXECUTE names.
    prepared: String,
}

/// What the log says.
#[derive(Default)]
pub struct Account {
    /// Every statement that ran and every request that was refused.
    pub entries: Vec<Entry>,
    /// The same by the marks in the raw texts.
    pub marked: Vec<Marked>,
    /// How many lines sessions of others have, by user and application.
    pub others: BTreeMap<(String, String), usize>,
    /// Errors that came with the end of a batch and belong to no statement: session and SQLSTATE.
    pub of_no_statement: Vec<(String, String)>,
}

/// Reads a log. `sessions` are the names of the clients' sessions.
pub fn read(csv: &str, sessions: &BTreeSet<String>) -> Account {
    let mut by_process: BTreeMap<String, Vec<Line>> = BTreeMap::new();
    for columns in rows(csv).iter().filter(|columns| columns[23] == "client backend") {
        by_process.entry(columns[5].clone()).or_default().push(line(columns));
    }
    let mut account = Account::default();
    for mut lines in by_process.into_values() {
        lines.retain(|line| !OF_CONNECTIONS.iter().any(|words| line.message.starts_with(words)));
        lines.sort_by_key(|line| line.number);
        let Some(of) = lines.first().cloned() else { continue };
        assert!(lines.iter().all(|line| line.application == of.application), "one name for {lines:?}");
        if !sessions.contains(&of.application) {
            *account.others.entry((of.user, of.application)).or_default() += lines.len();
            continue;
        }
        for ran in account.gather(&lines) {
            account.tell(&of, &ran);
        }
    }
    account
}

fn line(columns: &[String]) -> Line {
    Line {
        number: columns[6].parse().expect("the number of a line"),
        user: columns[1].clone(),
        database: columns[2].clone(),
        application: columns[22].clone(),
        doing: columns[7].clone(),
        severity: columns[11].clone(),
        sqlstate: columns[12].clone(),
        message: columns[13].clone(),
        detail: columns[14].clone(),
        query: columns[19].clone(),
    }
}

impl Account {
    /// Puts each error to its text.
    fn gather(&mut self, lines: &[Line]) -> Vec<Ran> {
        let mut all: Vec<Ran> = Vec::new();
        for line in lines {
            if line.severity == "LOG" {
                all.extend(began(line));
                continue;
            }
            assert!(matches!(&*line.severity, "ERROR" | "FATAL"), "a line of no known kind: {line:?}");
            let failed = |kind, rejected| Ran {
                kind,
                text: line.query.clone(),
                rejected,
                ending: line.sqlstate.clone(),
                words: format!("{} {}", line.message, line.detail),
                prepared: String::new(),
            };
            match (&*line.query, &*line.doing, all.last_mut()) {
                (POISON, ..) => all.push(Ran { ending: REFUSED.to_owned(), ..failed("", true) }),
                (_, "<FASTPATH>", Some(ran)) => ran.ending.clone_from(&line.sqlstate),
                ("", ..) => self.of_no_statement.push((line.application.clone(), line.sqlstate.clone())),
                (_, "PARSE", _) => all.push(failed("prepare", true)),
                (_, "BIND", _) => all.push(failed("execute", true)),
                (query, _, Some(ran)) if ran.ending == OK && ran.text == query => {
                    ran.ending.clone_from(&line.sqlstate);
                    ran.words = failed("", false).words;
                }
                _ => all.push(failed("run", true)),
            }
        }
        all
    }

    /// One entry for each statement that ran.
    fn tell(&mut self, of: &Line, ran: &Ran) {
        let entry = |text: &str, source: &str, ending: &str| Entry {
            session: of.application.clone(),
            user: of.user.clone(),
            database: of.database.clone(),
            kind: ran.kind.to_owned(),
            text: text.to_owned(),
            source: source.to_owned(),
            ending: ending.to_owned(),
        };
        match (&*ran.ending, ran.kind) {
            (REFUSED, _) => return self.entries.push(entry("", "", REFUSED)),
            (ending, "function") => {
                return self.entries.push(entry(&format!("function call {}", ran.text), "", ending));
            }
            _ => {}
        }
        let texts = statements(&ran.text);
        let failed = (ran.ending != OK).then(|| failing(ran, &texts));
        let count = failed.map_or(texts.len(), |at| at + 1);
        let source = statements(&ran.prepared).pop().map_or(String::new(), |text| body(&text).to_owned());
        for (at, text) in texts.iter().take(count).enumerate() {
            let ending = if failed == Some(at) { &*ran.ending } else { OK };
            self.entries.push(entry(text, if is_execute(text) { &source } else { "" }, ending));
        }
        self.mark(of, ran);
    }

    /// The same without looking at the texts with any of our own eyes.
    fn mark(&mut self, of: &Line, ran: &Ran) {
        let (all, named) = (marks(&ran.text), marks(&ran.words));
        let failed = if ran.rejected { all.first() } else { named.first().or(all.first()) };
        for mark in &all {
            let fails = ran.ending != OK && Some(mark) == failed;
            let ending = if fails { ran.ending.clone() } else { OK.to_owned() };
            self.marked.push((of.application.clone(), mark.clone(), ending));
            if fails {
                return;
            }
        }
    }
}

/// Which of the statements of a text the error is about.
fn failing(ran: &Ran, texts: &[String]) -> usize {
    if ran.rejected || texts.len() == 1 {
        return 0;
    }
    let named = marks(&ran.words);
    let of = |text: &String| marks(text).iter().any(|mark| named.contains(mark));
    texts.iter().position(of).unwrap_or_else(|| panic!("which statement failed? {ran:?}"))
}

/// The statements of a text without their literals, as the product reads them.
pub fn statements(text: &str) -> Vec<String> {
    let analysis = sql::analyse(text.as_bytes(), Lexing::default());
    analysis.statements.iter().map(|statement| statement.text.to_string()).collect()
}

/// What a PREPARE prepares.
fn body(text: &str) -> &str {
    text.split_once(" AS ").map_or("", |(_, body)| body)
}

/// The line says that a text begins to run.
fn began(line: &Line) -> Option<Ran> {
    let message = &*line.message;
    let (kind, text) = if let Some(text) = message.strip_prefix("statement: ") {
        ("run", text)
    } else if message.starts_with("execute fetch from ") {
        // A portal that goes on: its first Execute was the statement.
        return None;
    } else if let Some(named) = message.strip_prefix("execute ") {
        // Of what SQL prepared the server shows the PREPARE.
        let text = named.split_once(": ").expect("a name and a text").1;
        ("execute", if text.starts_with("PREPARE ") { body(text) } else { text })
    } else if let Some(called) = message.strip_prefix("fastpath function call: ") {
        ("function", called.split_once("(OID ").expect("a number").1.trim_end_matches(')'))
    } else {
        panic!("a line of no known kind: {line:?}")
    };
    let prepared = line.detail.strip_prefix("prepare: ").unwrap_or_default().to_owned();
    let ending = OK.to_owned();
    Some(Ran { kind, text: text.to_owned(), rejected: false, ending, words: String::new(), prepared })
}

/// The lines of a CSV file (RFC 4180), whole ones only.
fn rows(csv: &str) -> Vec<Vec<String>> {
    let (mut rows, mut row, mut field) = (Vec::new(), Vec::new(), String::new());
    let mut quoted = false;
    let mut letters = csv.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => {
                letters.next();
                field.push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => row.push(std::mem::take(&mut field)),
            '\n' if !quoted => {
                row.push(std::mem::take(&mut field));
                rows.push(std::mem::take(&mut row));
            }
            other => field.push(other),
        }
    }
    rows
}
