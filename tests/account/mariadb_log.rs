//! What does MariaDB's own account say of the statements it ran?
//!
//! It has two parts. The general log has each command a session sent, with its text and user, before it
//! runs; the performance schema has each statement as it ended, those of one text apart. Here they are
//! read side by side, session by session, and must agree.

use crate::client::Claims;
use crate::entry::{Entry, Marked, OK, mark, marks};
use sql::Lexing;
use std::collections::BTreeMap;

/// Bytes of a text that the performance schema keeps.
const TEXT_BYTES_KEPT: usize = 1024;

/// Commands that run nothing and leave no line in a ledger.
const NO_STATEMENTS: [&str; 6] = ["Quit", "Ping", "Close stmt", "Reset stmt", "Fetch", "Long Data"];

/// The numbers of the errors to a text without a statement.
const NOTHING_TO_RUN: [u64; 2] = [1064, 1065];
/// The number of the error to a name nothing was prepared by.
const UNKNOWN_NAME: u64 = 1243;

/// A line of the general log.
#[derive(Clone, Debug)]
pub struct Command {
    /// The session's number.
    pub connection: u64,
    /// What came, such as `Query`.
    pub kind: String,
    /// Whose it is.
    pub user: String,
    /// Its text.
    pub text: String,
}

/// A statement or command as the performance schema has it.
#[derive(Clone, Debug)]
pub struct Event {
    /// The session's number there, which is another one.
    pub thread: u64,
    /// Such as `statement/sql/select` or `statement/com/Execute`.
    pub name: String,
    /// The database when it began.
    pub database: String,
    /// The text from this statement on, cut.
    pub text: String,
    /// How it ended.
    pub ending: String,
    /// The error's number; 0 without.
    pub error: u64,
}

/// What the server says.
#[derive(Default)]
pub struct Account {
    /// Every statement that ran.
    pub entries: Vec<Entry>,
    /// The same by the marks in the texts that the server told apart.
    pub marked: Vec<Marked>,
    /// How many commands sessions of others sent, by user.
    pub others: BTreeMap<String, usize>,
}

/// Puts the two parts together. The first statement of each client has its first mark.
pub fn read(commands: &[Command], events: &[Event], claims: &[Claims]) -> Account {
    let mut account = Account::default();
    let mut known = Vec::new();
    for claims in claims {
        let first = mark(claims.client, 1);
        let command = commands.iter().find(|command| command.text.contains(&first));
        let connection = command.unwrap_or_else(|| panic!("{} is not in the log", claims.session)).connection;
        let event = events.iter().find(|event| event.text.contains(&first));
        let thread = event.unwrap_or_else(|| panic!("{} has no events", claims.session)).thread;
        let commands = commands.iter().filter(|command| command.connection == connection).cloned().collect();
        let events: Vec<&Event> = events.iter().filter(|event| event.thread == thread).collect();
        Session {
            name: &claims.session,
            commands,
            at: 0,
            rest: 0,
            user: String::new(),
            account: &mut account,
        }
        .tell(&events);
        known.push(connection);
    }
    for command in commands.iter().filter(|command| !known.contains(&command.connection)) {
        *account.others.entry(command.user.clone()).or_default() += 1;
    }
    account
}

struct Session<'a> {
    name: &'a str,
    commands: Vec<Command>,
    at: usize,
    /// Statements of the text under way that are still to begin.
    rest: usize,
    user: String,
    account: &'a mut Account,
}

impl Session<'_> {
    fn tell(mut self, events: &[&Event]) {
        for (at, event) in events.iter().enumerate() {
            match event.name.strip_prefix("statement/").unwrap_or(&event.name) {
                "com/Prepare" if event.error == 0 => drop(self.next("Prepare")),
                // The log has no line of it, and the schema no text.
                "com/Prepare" => self.push(event, "prepare", ""),
                "com/Execute" => {
                    let text = self.next("Execute").text;
                    self.push(event, "execute", &text);
                    self.mark(event, &text);
                }
                "com/Init DB" => {
                    let name = self.next("Init DB").text;
                    self.push(event, "command", &format!("use database {name}"));
                }
                "com/Statistics" => {
                    self.next("Statistics");
                    self.push(event, "command", "statistics");
                }
                other if other.starts_with("sql/") => self.statement(event, events.get(at + 1).copied()),
                other => {
                    let command = other.strip_prefix("com/").unwrap_or(other);
                    assert!(NO_STATEMENTS.contains(&command), "what is {event:?}?");
                }
            }
        }
        let left = self.commands.iter().skip(self.at).find(|command| is_statement(command));
        assert!(left.is_none(), "{}: the log has what the schema has not: {left:?}", self.name);
    }

    /// The next line of the log that is a statement's.
    fn next(&mut self, kind: &str) -> Command {
        while self.commands.get(self.at).is_some_and(|command| !is_statement(command)) {
            self.at += 1;
        }
        let command = self.commands.get(self.at).unwrap_or_else(|| panic!("{}: no {kind}", self.name));
        assert_eq!(command.kind, kind, "{}: {command:?}", self.name);
        self.at += 1;
        self.user.clone_from(&command.user);
        command.clone()
    }

    fn statement(&mut self, event: &Event, next: Option<&Event>) {
        let mut text = event.text.clone();
        if self.rest == 0 {
            let logged = self.next("Query").text;
            // What is cut ends in three dots.
            let kept = text.get(..TEXT_BYTES_KEPT - 3).unwrap_or(&text);
            assert!(logged.starts_with(kept), "{}: `{logged}` and {event:?}", self.name);
            assert!(logged.len() == text.len() || kept.len() < text.len(), "{logged} and {event:?}");
            text = logged;
        }
        let told = statements(&text);
        let nothing = told.is_empty();
        assert!(!nothing || NOTHING_TO_RUN.contains(&event.error), "{}: {event:?}", self.name);
        self.rest = if event.ending == OK { told.len().saturating_sub(1) } else { 0 };
        // What the server runs for PREPARE and EXECUTE has a line of its own.
        let mut source = String::new();
        match &*event.name {
            "statement/sql/prepare_sql" if event.error == 0 => drop(self.next("Prepare")),
            "statement/sql/execute_sql" if event.error != UNKNOWN_NAME => {
                source = statements(&self.next("Execute").text).pop().unwrap_or_default();
            }
            _ => {}
        }
        self.push(event, "run", &text);
        if let Some(entry) = self.account.entries.last_mut() {
            entry.source = source;
        }
        // The next event's text is the end of this one's: what stands before is this statement.
        let rest = next.filter(|_| self.rest > 0).map_or(0, |next| next.text.len());
        self.mark(event, &text[..text.len() - rest]);
    }

    /// Notes the statement by its mark. The text of one that failed goes on to the end of the whole.
    fn mark(&mut self, event: &Event, text: &str) {
        let count = if event.ending == OK { usize::MAX } else { 1 };
        let marked = marks(text).into_iter().take(count);
        let marked = marked.map(|mark| (self.name.to_owned(), mark, event.ending.clone()));
        self.account.marked.extend(marked);
    }

    fn push(&mut self, event: &Event, kind: &str, text: &str) {
        let text = match kind {
            "command" | "prepare" => text.to_owned(),
            // An error to a text without a statement is told as just that.
            _ => statements(text).into_iter().next().unwrap_or_else(|| sql::unseen().text.to_string()),
        };
        self.account.entries.push(Entry {
            session: self.name.to_owned(),
            user: self.user.clone(),
            database: event.database.clone(),
            kind: kind.to_owned(),
            text,
            source: String::new(),
            ending: event.ending.clone(),
        });
    }
}

fn is_statement(command: &Command) -> bool {
    command.kind != "Connect" && !NO_STATEMENTS.contains(&&*command.kind)
}

/// The statements of a text without their literals, as the product reads them.
fn statements(text: &str) -> Vec<String> {
    let analysis = sql::analyse(text.as_bytes(), Lexing::MYSQL);
    analysis.statements.iter().map(|statement| statement.text.to_string()).collect()
}
