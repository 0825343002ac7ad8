//! How does a test give a gateway rules, and how does it compare with a server that has none?

use crate::harness::eventually;
use crate::harness::gateway::{Gateway, Plan};
use crate::harness::script::assert_same;
use crate::harness::server::Server;
use crate::harness::wire::{Frame, Wire, first_error};
use std::path::Path;

/// Stands in every text that must not reach the server.
pub const NEVER: &str = "never_seen_by_the_server";

/// Refuses each DELETE, in words of its own.
pub const NO_DELETE: &str = r#"
[[rule]]
name = "no-delete"
when = { verb = ["delete"] }
decision = "refuse"
message = "nothing is deleted here"
hint = "mark the row instead"
"#;

/// A folder of rule files.
pub struct Rules {
    folder: tempfile::TempDir,
}

impl Rules {
    /// With one file, `own.toml`.
    pub fn of(text: &str) -> Rules {
        let rules =
            Rules { folder: tempfile::Builder::new().prefix("dragoman-rules-").tempdir().expect("a folder") };
        rules.write(text);
        rules
    }

    /// Replaces `own.toml` as an editor would: whole.
    pub fn write(&self, text: &str) {
        let (file, beside) = (self.file(), self.folder.path().join("own.toml.new"));
        std::fs::write(&beside, text).expect("the rules are written");
        std::fs::rename(&beside, &file).expect("the rules are replaced");
    }

    /// The file of the rules.
    pub fn file(&self) -> std::path::PathBuf {
        self.folder.path().join("own.toml")
    }

    /// A gateway that enforces them.
    pub fn enforced(&self, plan: Plan) -> Plan {
        self.known(plan.mode("enforce")).listener("policies = [\"own\"]")
    }

    /// A gateway that knows them and only tells.
    pub fn observed(&self, plan: Plan) -> Plan {
        self.known(plan).listener("policies = [\"own\"]")
    }

    fn known(&self, plan: Plan) -> Plan {
        let folder: &Path = self.folder.path();
        plan.table("policies", &format!("directory = \"{}\"", folder.display()))
    }

    /// Replaces `own.toml`, has it read, and waits until `holds`.
    pub fn change(&self, gateway: &Gateway, text: &str, mut holds: impl FnMut() -> bool) {
        self.write(text);
        gateway.hang_up();
        eventually("the new rules hold", || holds().then_some(()));
    }
}

/// A gateway that enforces the read-only pack.
pub fn reading_only(plan: Plan) -> Plan {
    plan.mode("enforce").listener("policies = [\"read-only\"]")
}

/// A server that logs every statement it gets.
pub fn logging(version: &str) -> Server {
    Server::start_with(version, &[("log_statement", "all")])
}

/// Waits until the server's log has everything so far; what was refused is not in it.
pub fn assert_never_seen(server: &Server) {
    server.ask("SELECT 'the last statement'");
    eventually("the log is written", || server.log().contains("the last statement").then_some(()));
    let log = server.log();
    let seen: Vec<&str> = log.lines().filter(|line| line.contains(NEVER)).collect();
    assert!(seen.is_empty(), "the server saw {seen:?}");
}

/// What a client does, twice: directly with `instead` and through the gateway with `asked`.
pub struct Case<'a> {
    /// What it shows.
    pub name: &'a str,
    /// Directly: what the server itself rejects.
    pub instead: Vec<Vec<u8>>,
    /// Through the gateway: what a rule refuses.
    pub asked: Vec<Vec<u8>>,
}

impl Case<'_> {
    /// Runs both, each write up to as many ReadyForQuery as it asks for, and compares. Returns the
    /// errors the gateway gave in the place of the server's own.
    pub fn check(&self, server: &Server, gateway: u16) -> Vec<Frame> {
        let play = |port: u16, writes: &[Vec<u8>]| -> Vec<Frame> {
            let mut wire = Wire::login(port, "clear");
            let mut frames = Vec::new();
            for bytes in writes {
                wire.send(bytes);
                frames.extend(wire.until(b'Z', asks(bytes)));
            }
            frames.extend(wire.query("ROLLBACK"));
            frames.extend(wire.query("SELECT 'usable'"));
            frames.extend(wire.terminate());
            frames
        };
        let direct = play(server.port, &self.instead);
        server.ask("TRUNCATE scratch");
        let through = play(gateway, &self.asked);
        server.ask("TRUNCATE scratch");
        let refusals: Vec<Frame> = through
            .iter()
            .filter(|frame| frame.tag == b'E' && !SERVERS_OWN.contains(&frame.sqlstate().as_str()))
            .cloned()
            .collect();
        assert!(!refusals.is_empty(), "{}: nothing is refused", self.name);
        assert_same(self.name, &settled(direct), &settled(through));
        refusals
    }
}

/// Errors that are the server's, also through the gateway.
const SERVERS_OWN: [&str; 5] = ["25P02", "26000", "34000", "57014", "22012"];

/// One word in the place of each error that is, or stands for, a refusal.
fn settled(frames: Vec<Frame>) -> Vec<Frame> {
    let settle = |frame: Frame| {
        if frame.tag != b'E' || SERVERS_OWN.contains(&frame.sqlstate().as_str()) {
            return frame;
        }
        let fields = frame.fields();
        assert_eq!((fields[&'S'].as_str(), fields[&'V'].as_str()), ("ERROR", "ERROR"), "{fields:?}");
        Frame { tag: b'E', body: b"refused".to_vec() }
    };
    frames.into_iter().map(settle).collect()
}

/// How many ReadyForQuery `bytes` ask for.
fn asks(mut bytes: &[u8]) -> usize {
    let mut count = 0;
    while let [tag, a, b, c, d, ..] = bytes {
        count += usize::from(matches!(tag, b'Q' | b'F' | b'S'));
        bytes = &bytes[1 + u32::from_be_bytes([*a, *b, *c, *d]) as usize..];
    }
    count
}

/// The SQLSTATE, message, detail and hint of the only error among `frames`.
pub fn told(frames: &[Frame]) -> [String; 4] {
    let mut errors = frames.iter().filter(|frame| frame.tag == b'E');
    let mut fields = errors.next().unwrap_or_else(|| panic!("no error: {frames:?}")).fields();
    assert!(errors.next().is_none(), "more than one error: {frames:?}");
    ['C', 'M', 'D', 'H'].map(|field| fields.remove(&field).unwrap_or_default())
}

/// Runs a query that has to pass and returns the first column of its first row.
pub fn passes(wire: &mut Wire, sql: &str) -> Option<String> {
    crate::harness::server::rows(wire, sql).into_iter().next()?.into_iter().next()?
}

/// Runs a query that has to end in this error, with one error and one ReadyForQuery.
#[track_caller]
pub fn refuses(wire: &mut Wire, sql: &str, sqlstate: &str) {
    let frames = wire.query(sql);
    let found = first_error(&frames).unwrap_or_default();
    assert_eq!(found, sqlstate, "`{sql}`: {frames:?}");
    // A transaction that fails takes back its settings, and the server reports some of those.
    let frames: Vec<Frame> = frames.into_iter().filter(|frame| frame.tag != b'S').collect();
    assert_eq!(crate::harness::wire::tags(&frames), "EZ", "`{sql}`");
}
