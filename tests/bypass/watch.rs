//! What is different in the database, and around it, after an attempt?
//!
//! Everything is read over connections of the owner's own that go past the gateway.

use super::harness::server::{Server, rows};
use super::harness::wire::{Frame, VERSION_3_0, Wire, query};
use super::harness::{eventually, wire};
use super::vector::Places;
use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// The database of the suite.
pub const DATABASE: &str = "vault";

/// What is compared around every group of attempts. `wal` moves by itself too and is only watched
/// for what would move it; `answer`, `canary` and `listeners` are seen in the session.
const ALL: [&str; 12] = [
    "rows",
    "sequences",
    "schema",
    "roles",
    "large objects",
    "slots",
    "locks",
    "settings",
    "files",
    "prepared transactions",
    "sessions",
    "statistics",
];

/// What other processes of the server change, a little after a statement has been answered.
pub const SLOW: [&str; 3] = ["statistics", "settings", "sessions"];

/// A state of the database: what is watched, and each fact about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State(BTreeSet<(String, String)>);

impl State {
    /// What is in one of both only, in words; `None` when they are the same.
    pub fn difference(&self, after: &State) -> Option<String> {
        let lost = self.0.difference(&after.0).map(|(what, fact)| format!("- {what}: {fact}"));
        let new = after.0.difference(&self.0).map(|(what, fact)| format!("+ {what}: {fact}"));
        let all: Vec<String> = lost.chain(new).take(6).collect();
        (!all.is_empty()).then(|| all.join("\n"))
    }
}

/// The owner's eyes.
pub struct Watch {
    port: u16,
    owner: Wire,
    victim: Wire,
    notified: usize,
    /// What stands for the words in braces.
    pub places: Places,
    // INVARIANT: lives as long as the files in it are watched.
    _folder: tempfile::TempDir,
}

impl Watch {
    /// Makes the database of the suite on a fresh server.
    pub fn over(server: &Server) -> Watch {
        let folder = tempfile::Builder::new().prefix("dragoman-bypass-").tempdir().expect("a folder");
        let secret = "the-secret-4831".to_owned();
        furnish(folder.path(), &secret);
        server.ask(&format!("CREATE DATABASE {DATABASE}"));
        let mut owner = Wire::login_to(server.port, "trusted", DATABASE);
        let scripts = [include_str!("fixture.sql"), include_str!("watch.sql")];
        for statement in scripts.iter().flat_map(|script| script.split(";\n\n")) {
            rows(&mut owner, statement);
        }
        let place = folder.path().display().to_string();
        rows(&mut owner, &format!("INSERT INTO watch.place VALUES ('{place}')"));
        rows(&mut owner, "LISTEN watch");
        let victim = victim(server.port);
        let places = Places { folder: place, secret, port: server.port };
        Watch { port: server.port, owner, victim, notified: 0, places, _folder: folder }
    }

    /// The facts about `what`; about everything when it is `None`.
    pub fn state(&mut self, what: Option<&str>) -> State {
        let chosen: Vec<&str> = what.map_or_else(|| ALL.to_vec(), |what| vec![what]);
        let all: Vec<String> = chosen.iter().map(|what| format!("'{what}'")).collect();
        let all = all.join(", ");
        let sql = format!("SELECT w, watch.state(w) FROM unnest(ARRAY[{all}]) w");
        let mut facts: BTreeSet<(String, String)> = BTreeSet::new();
        for row in self.ask(&sql) {
            let [Some(what), Some(fact)] = row.as_slice() else { panic!("a fact without words: {row:?}") };
            facts.insert((what.clone(), fact.clone()));
        }
        facts.insert(("notifications".to_owned(), self.notified.to_string()));
        State(facts)
    }

    /// What a new session of the attacker finds set, as a number that stands for all of it.
    pub fn settings(&self) -> String {
        let mut wire = Wire::login_to(self.port, "clear", DATABASE);
        let sql = "SELECT md5(string_agg(name || '=' || coalesce(setting, ''), ',' ORDER BY name)) FROM pg_settings";
        rows(&mut wire, sql).concat().concat_text()
    }

    /// How many transactions have taken a number so far.
    pub fn transactions(&mut self) -> u64 {
        let number = self.ask("SELECT pg_snapshot_xmax(pg_current_snapshot())").concat().concat_text();
        number.parse().expect("a number")
    }

    /// Runs what the owner does around an attempt, each statement by itself; one behind `?` may fail.
    pub fn run(&mut self, statements: &[String]) {
        for statement in statements {
            let statement = statement.trim();
            match statement.strip_prefix('?') {
                Some(statement) => drop(self.frames(statement)),
                None => drop(self.ask(statement)),
            }
        }
    }

    /// Runs `sql` as the owner; panics when it fails.
    pub fn ask(&mut self, sql: &str) -> Vec<Vec<Option<String>>> {
        let frames = self.frames(sql);
        let error = frames.iter().find(|frame| frame.tag == b'E');
        assert!(error.is_none(), "the owner's `{sql}` failed: {:?}", error.map(Frame::fields));
        frames.iter().filter(|frame| frame.tag == b'D').map(Frame::columns).collect()
    }

    fn frames(&mut self, sql: &str) -> Vec<Frame> {
        let frames = self.owner.query(sql);
        assert!(frames.last().is_some_and(|frame| frame.tag == b'Z'), "`{sql}` ended the owner's session");
        self.notified += frames.iter().filter(|frame| frame.tag == b'A').count();
        frames
    }

    /// Sees to it that somebody is there to be cut off.
    pub fn revive_victim(&mut self) {
        let alive = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'victim' AND wait_event = 'PgSleep'";
        if self.ask(alive).concat().concat_text() != "1" {
            self.victim = victim(self.port);
        }
    }

    /// Waits until `what` is other than `before`, for what the server does a little later.
    pub fn changes_soon(&mut self, what: &str, before: &State) -> bool {
        let attempts = if SLOW.contains(&what) { 1_000 } else { 1 };
        for attempt in 0..attempts {
            if attempt > 0 {
                // A pause between two looks, not a guess about how long something takes.
                std::thread::park_timeout(std::time::Duration::from_millis(10));
            }
            if before.difference(&self.state(Some(what))).is_some() {
                return true;
            }
        }
        false
    }
}

/// What stands in a row of one column.
trait OneColumn {
    fn concat_text(&self) -> String;
}

impl OneColumn for Vec<Option<String>> {
    fn concat_text(&self) -> String {
        self.iter().flatten().cloned().collect()
    }
}

/// What is in the watched folder from the start.
fn furnish(folder: &Path, secret: &str) {
    let everybody = std::fs::Permissions::from_mode(0o777);
    std::fs::set_permissions(folder, everybody).expect("the server may write there");
    std::fs::write(folder.join("rows.txt"), "666\tfrom a file\n").expect("a file");
    std::fs::write(folder.join("secret.txt"), secret).expect("a file");
    std::fs::write(folder.join(secret), "").expect("a file");
}

/// A session that is busy for longer than the suite lasts.
fn victim(port: u16) -> Wire {
    let mut wire = Wire::connect(port);
    let parameters = [
        ("user", "trusted"),
        ("database", DATABASE),
        ("application_name", "victim"),
        ("options", "-c statement_timeout=0"),
    ];
    wire.open(VERSION_3_0, &parameters);
    wire.send(&query("SELECT pg_sleep(3600)"));
    let mut other = wire::Wire::login_to(port, "trusted", DATABASE);
    eventually("the victim is busy", || {
        // Asleep, not merely at it: what is cancelled before it sleeps is no proof of anything.
        let busy =
            "SELECT 1 FROM pg_stat_activity WHERE application_name = 'victim' AND wait_event = 'PgSleep'";
        (!rows(&mut other, busy).is_empty()).then_some(())
    });
    wire
}
