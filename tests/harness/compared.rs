//! Does a client see the same directly, through a gateway, and through one that lets it only read?

use super::gateway::{Gateway, Plan};
use super::script::assert_same_text;
use super::server::Server;
use super::wire::{Wire, first_error};
use super::{clients, each_version};
use std::process::Command;
use std::time::{Duration, Instant};

/// Longest a client may take: some of them start an interpreter and a framework, on a machine that may be busy.
const CLIENT_PATIENCE: Duration = Duration::from_secs(60);

/// How much of its script a client runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// All of it. What it makes stays.
    All,
    /// What reads, of what a run of all of it has made.
    Reads,
    /// What a reader may not do.
    Refused,
}

impl Part {
    /// Tells the client which part to run, and returns what it printed.
    pub fn printed(self, client: &mut Command) -> String {
        let name = match self {
            Part::All => "all",
            Part::Reads => "reads",
            Part::Refused => "refused",
        };
        clients::run_within(CLIENT_PATIENCE, client.env("CLIENT_MODE", name), "").printed().to_owned()
    }
}

/// Before the server: observes.
pub fn observing(server: &Server) -> Plan {
    Plan::before(server)
}

/// Before the server: lets only reads pass.
pub fn reading_only(server: &Server) -> Plan {
    Plan::before(server).mode("enforce").listener("policies = [\"read-only\"]")
}

/// Runs a client of the user `app` on every version: all of its script, directly and through a gateway that observes; then the
/// reads in it, directly and through a gateway that lets only reads pass. Each pair must print the same text.
pub fn check(name: &str, see: impl Fn(u16, Part) -> String + Sync) {
    each_version(|version| {
        let server = Server::start(version);
        let begun = Instant::now();
        let gateway = observing(&server).start();
        let (direct, through) = (see(server.port, Part::All), see(gateway.port, Part::All));
        assert!(direct.lines().count() > 12, "the script shows next to nothing: {direct}");
        assert_same_text(&format!("{name} with PostgreSQL {version}"), &direct, &through);
        assert_passed(&gateway);
        let reads = check_reads(&server, name, &see);
        let (all, seconds) = (direct.lines().count(), begun.elapsed().as_secs_f32());
        println!("{name} with PostgreSQL {version}: {all} lines, {reads} of reads, {seconds:.1} s");
    });
}

/// The reads alone, on what a run of all has made: how many lines they showed.
pub fn check_reads(server: &Server, name: &str, see: &impl Fn(u16, Part) -> String) -> usize {
    // Both see a session that may not write; the gateway would make it one where the server did not.
    server.ask("ALTER ROLE app SET default_transaction_read_only = on");
    let gateway = reading_only(server).start();
    let refused = Wire::login(gateway.port, "clear").query("CREATE TABLE never (id int)");
    assert_eq!(first_error(&refused).as_deref(), Some("25006"), "nothing is enforced");
    let (direct, through) = (see(server.port, Part::Reads), see(gateway.port, Part::Reads));
    server.ask("ALTER ROLE app RESET default_transaction_read_only");
    assert!(direct.lines().count() > 8, "the reads show next to nothing: {direct}");
    assert_same_text(&format!("the reads of {name} with PostgreSQL {}", server.version), &direct, &through);
    assert_passed(&gateway);
    direct.lines().count()
}

/// Nothing is compared where a client found another way to the server.
pub fn assert_passed(gateway: &Gateway) {
    let passed = gateway.metric("dragoman_exchanges_total").unwrap_or(0.0);
    assert!(passed > 5.0, "the client did not come through the gateway: {passed} statements");
}
