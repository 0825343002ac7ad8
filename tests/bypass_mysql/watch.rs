//! What is different in a MariaDB server, and around it, after an attempt?
//!
//! Everything is read over a session of the owner's own that goes past the gateway, and from the
//! files of the server.

use super::client::{Client, Login, failure};
use super::harness::eventually;
use super::harness::mariadb::Mariadb;
use super::text::statements;
use super::vector::Places;
use std::collections::BTreeSet;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// The database of the suite.
pub const DATABASE: &str = "vault";
/// Who sees everything.
const OWNER: &str = "root";
/// Who sleeps, to be disturbed.
const VICTIM: &str = "victim";

/// What is compared around every group of attempts. `log` grows by itself too and is only watched
/// for what would write it; `answer` and `canary` are seen in the session.
const ALL: [&str; 10] = [
    "rows",
    "schema",
    "users",
    "variables",
    "binlog",
    "statistics",
    "files",
    "locks",
    "sessions",
    "transactions",
];

/// The tables of the server's own that define something.
const DEFINING: [&str; 7] = ["proc", "event", "func", "servers", "plugin", "help_topic", "time_zone_name"];

/// What the server changes a little after a statement has been answered.
pub const SLOW: [&str; 2] = ["sessions", "locks"];
/// How long a change may take; only what changes nothing waits that long.
const SOON: Duration = Duration::from_secs(2);

/// A state: what is watched, and each fact about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State(BTreeSet<(&'static str, String)>);

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
    owner: Client,
    victim: Client,
    data: PathBuf,
    /// What stands for the words in braces.
    pub places: Places,
}

impl Watch {
    /// Makes the database of the suite on a fresh server.
    pub fn over(server: &Mariadb, folder: &Path) -> Watch {
        let secret = "the-secret-4831".to_owned();
        furnish(folder, &secret);
        let mut owner = Client::login(server.port, &Login::of(OWNER, "shop")).expect("the owner logs in");
        let fixture = include_str!("fixture.sql").replace("{folder}", &folder.display().to_string());
        for statement in statements(&fixture) {
            rows(&mut owner, statement.trim());
        }
        let victim = victim(server.port, &mut owner);
        let socket = server.socket();
        let data = socket.parent().expect("the socket is in the data directory").to_owned();
        let places = Places { folder: folder.display().to_string(), secret };
        Watch { port: server.port, owner, victim, data, places }
    }

    /// The facts about `what`; about everything when it is `None`.
    pub fn state(&mut self, what: Option<&str>) -> State {
        let mut facts = BTreeSet::new();
        for watched in ALL.into_iter().chain(["log"]) {
            let is_watched = what.map_or(watched != "log", |what| what == watched);
            if is_watched {
                facts.extend(self.facts(watched).into_iter().map(|fact| (watched, fact)));
            }
        }
        State(facts)
    }

    fn facts(&mut self, what: &str) -> Vec<String> {
        match what {
            "rows" => self.checksums(DATABASE, |_| true),
            "schema" => {
                let mut facts = self.checksums("mysql", |table| DEFINING.contains(&table));
                facts.extend(definitions(&self.data));
                facts.extend(self.told("SELECT PLUGIN_NAME, PLUGIN_STATUS FROM information_schema.PLUGINS"));
                facts
            }
            "users" => self.checksums("mysql", |table| {
                table.ends_with("priv") || ["db", "roles_mapping"].contains(&table)
            }),
            "variables" => self.told(
                "SELECT VARIABLE_NAME, VARIABLE_VALUE FROM information_schema.GLOBAL_VARIABLES \
                 WHERE VARIABLE_NAME NOT LIKE 'gtid%'",
            ),
            "binlog" => self.told("SHOW BINARY LOGS"),
            "statistics" => self.statistics(),
            "files" => files(Path::new(&self.places.folder)),
            "log" => {
                vec![std::fs::metadata(self.data.join("server.log")).map_or(0, |log| log.len()).to_string()]
            }
            "locks" => self.locks(),
            "sessions" => self.told(&format!(
                "SELECT USER, ID, COMMAND, INFO FROM information_schema.PROCESSLIST WHERE USER = '{VICTIM}'"
            )),
            "transactions" => self.told("XA RECOVER"),
            other => panic!("nobody can watch `{other}`"),
        }
    }

    /// What stands in the tables of a database, as one number for each.
    fn checksums(&mut self, database: &str, is_kept: fn(&str) -> bool) -> Vec<String> {
        let tables =
            rows(&mut self.owner, &format!("SHOW FULL TABLES FROM {database} WHERE Table_type <> 'VIEW'"));
        let names = tables.iter().filter_map(|row| row.first().cloned().flatten());
        let names: Vec<String> = names
            .filter(|name| is_kept(name))
            .map(|name| format!("`{database}`.`{}`", name.replace('`', "``")))
            .collect();
        self.told(&format!("CHECKSUM TABLE {}", names.join(", ")))
    }

    /// Counters that only a reset moves back, and what somebody set to be counted.
    fn statistics(&mut self) -> Vec<String> {
        // What FLUSH TABLES closes, and what FLUSH STATUS sets back.
        let mut facts = self.told("SHOW OPEN TABLES FROM shop");
        let keys = self.told("SHOW GLOBAL STATUS LIKE 'Key_read_requests'");
        facts.push(format!("no key was read: {}", keys == ["Key_read_requests 0"]));
        facts.extend(self.told(
            "SELECT 'compressed', SUM(compress_ops) > 0 FROM information_schema.INNODB_CMP \
             UNION ALL SELECT 'read by a user', SUM(ROWS_READ) > 0 FROM information_schema.USER_STATISTICS \
                 WHERE USER = 'victim' \
             UNION ALL SELECT 'consumers', GROUP_CONCAT(ENABLED) FROM performance_schema.setup_consumers \
             UNION ALL SELECT 'actors', COUNT(*) FROM performance_schema.setup_actors \
             UNION ALL SELECT 'objects', COUNT(*) FROM performance_schema.setup_objects \
             UNION ALL SELECT 'instruments', COUNT(*) FROM performance_schema.setup_instruments \
                 WHERE ENABLED = 'YES'",
        ));
        facts.extend(self.told("SHOW SLAVE HOSTS"));
        facts.extend(
            self.told("SHOW ALL SLAVES STATUS").into_iter().map(|row| row.chars().take(120).collect()),
        );
        facts
    }

    /// Locks but for those of reading, and rows that nobody else can have now.
    fn locks(&mut self) -> Vec<String> {
        let mut facts = self.told(
            "SELECT OBJECT_TYPE, OBJECT_SCHEMA, OBJECT_NAME, LOCK_TYPE, LOCK_DURATION, COUNT(*) \
             FROM performance_schema.metadata_locks JOIN performance_schema.threads \
                 ON OWNER_THREAD_ID = THREAD_ID AND PROCESSLIST_ID <> CONNECTION_ID() \
             WHERE NOT (LOCK_TYPE = 'SHARED_READ' AND LOCK_DURATION = 'TRANSACTION') \
             GROUP BY 1, 2, 3, 4, 5",
        );
        let mine =
            "SET STATEMENT lock_wait_timeout = 0 FOR SELECT id FROM vault.accounts FOR UPDATE SKIP LOCKED";
        let answer = self.owner.query(mine.as_bytes()).expect("the owner is served");
        let free = answer.iter().filter(|packet| failure(packet).is_none()).count();
        facts.push(format!("an answer of {free} packets about the rows that are free"));
        facts.extend(self.told("SHOW OPEN TABLES FROM vault WHERE In_use > 0"));
        facts
    }

    fn told(&mut self, sql: &str) -> Vec<String> {
        let row = |row: Vec<Option<String>>| {
            let cells = row.into_iter().map(|cell| cell.unwrap_or_else(|| "NULL".to_owned()));
            cells.collect::<Vec<_>>().join(" ")
        };
        rows(&mut self.owner, sql).into_iter().map(row).collect()
    }

    /// Runs what the owner does around an attempt, each statement by itself; one behind `?` may fail.
    pub fn run(&mut self, statements: &[String]) {
        for statement in statements {
            let statement = statement.trim().replace("{victim}", &self.victim_id().to_string());
            match statement.strip_prefix('?') {
                Some(statement) => drop(self.owner.query(statement.as_bytes()).expect("the owner is served")),
                None => drop(rows(&mut self.owner, &statement)),
            }
        }
    }

    /// Waits until the sessions of the attacker that ended are gone, with all they held.
    pub fn settle(&mut self) {
        let sql = format!("SELECT 1 FROM information_schema.PROCESSLIST WHERE USER = '{}'", super::ATTACKER);
        eventually("the sessions are gone", || rows(&mut self.owner, &sql).is_empty().then_some(()));
    }

    /// Takes away what somebody wrote into the folder.
    pub fn tidy(&self) {
        furnish(Path::new(&self.places.folder), &self.places.secret);
    }

    /// The number of the session that is to be disturbed.
    pub fn victim_id(&self) -> u32 {
        self.victim.id
    }

    /// Sees to it that somebody is there to be cut off.
    pub fn revive_victim(&mut self) {
        let asleep = format!(
            "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE ID = {} AND STATE = 'User sleep' \
             AND COMMAND = 'Query'",
            self.victim.id
        );
        if self.told(&asleep) != ["1"] {
            self.victim = victim(self.port, &mut self.owner);
        }
    }

    /// Whether `what` is other than `before`, now or a little later where the server takes its time.
    pub fn changes_soon(&mut self, what: &str, before: &State) -> bool {
        let deadline = Instant::now() + SOON;
        while before.difference(&self.state(Some(what))).is_none() {
            if !SLOW.contains(&what) || Instant::now() > deadline {
                return false;
            }
            // A pause between two looks, not a guess about how long something takes.
            std::thread::park_timeout(Duration::from_millis(5));
        }
        true
    }
}

/// The rows of a statement of the owner's; panics when it fails.
pub fn rows(session: &mut Client, sql: &str) -> Vec<Vec<Option<String>>> {
    let answer = session.query(sql.as_bytes()).unwrap_or_else(|| panic!("`{sql}` ended the owner's session"));
    if let Some(failure) = answer.iter().find_map(|packet| failure(packet)) {
        panic!("the owner's `{sql}` failed: {failure:?}");
    }
    let is_end = |packet: &Vec<u8>| packet.first() == Some(&0xfe) && packet.len() < 9;
    let rows = answer.split(is_end).nth(1).unwrap_or_default();
    rows.iter().map(|row| cells(row)).collect()
}

/// The cells of a row of the text protocol.
fn cells(mut row: &[u8]) -> Vec<Option<String>> {
    let mut cells = Vec::new();
    while let Some((first, rest)) = row.split_first() {
        let bytes = |count: usize| {
            rest[..count].iter().rev().fold(0_usize, |sum, byte| sum << 8 | usize::from(*byte))
        };
        let (length, width) = match first {
            0xfb => (None, 0),
            0xfc => (Some(bytes(2)), 2),
            0xfd => (Some(bytes(3)), 3),
            0xfe => (Some(bytes(8)), 8),
            length => (Some(usize::from(*length)), 0),
        };
        let rest = &rest[width..];
        cells.push(length.map(|length| String::from_utf8_lossy(&rest[..length]).into_owned()));
        row = &rest[length.unwrap_or(0)..];
    }
    cells
}

/// What is in the watched folder from the start.
fn furnish(folder: &Path, secret: &str) {
    for entry in std::fs::read_dir(folder).expect("the folder is there").flatten() {
        std::fs::remove_file(entry.path()).expect("a file can be taken away");
    }
    for (name, content) in
        [("rows.txt", "666\tfrom a file\n"), ("rows.csv", "666,x\n"), ("secret.txt", secret)]
    {
        let file = folder.join(name);
        std::fs::write(&file, content).expect("a file");
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644))
            .expect("a file for everybody");
    }
    let xml = "<list><row><id>666</id><note>x</note></row></list>";
    std::fs::write(folder.join("rows.xml"), xml).expect("a file");
}

/// Names and contents of the files in a folder.
fn files(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("the folder is there");
    let fact = |entry: std::io::Result<std::fs::DirEntry>| {
        let path = entry.expect("an entry").path();
        let mut content = std::fs::read(&path).unwrap_or_default();
        content.truncate(100);
        format!("{} {}", path.display(), content.escape_ascii())
    };
    entries.map(fact).collect()
}

/// Each file of the data directory: its name, and what is in it where it defines something.
fn definitions(data: &Path) -> Vec<String> {
    let mut facts = Vec::new();
    let mut folders = vec![data.to_owned()];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
            if path.is_dir() {
                facts.push(path.display().to_string());
                folders.push(path);
                continue;
            }
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            // Logs, what the engine keeps for itself, and what is gone in a moment.
            let is_passing =
                ["binlog.", "#", "ib", "undo", "aria_log"].iter().any(|sign| name.starts_with(sign));
            if is_passing {
                continue;
            }
            let defines = [".frm", ".TRG", ".TRN", ".opt", ".info"].iter().any(|end| name.ends_with(end));
            let mut hasher = DefaultHasher::new();
            if defines {
                std::fs::read(&path).unwrap_or_default().hash(&mut hasher);
            }
            facts.push(format!("{} {:x}", path.display(), hasher.finish()));
        }
    }
    facts
}

/// A session that is busy for longer than the suite lasts.
fn victim(port: u16, owner: &mut Client) -> Client {
    let mut session = Client::login(port, &Login::of(VICTIM, DATABASE)).expect("the victim logs in");
    session.send(&super::client::packets(0, b"\x03SELECT SLEEP(3600)")).expect("the victim sleeps");
    let id = session.id;
    eventually("the victim is busy", || {
        let sql =
            format!("SELECT 1 FROM information_schema.PROCESSLIST WHERE ID = {id} AND STATE = 'User sleep'");
        (!rows(owner, &sql).is_empty()).then_some(())
    });
    session
}
