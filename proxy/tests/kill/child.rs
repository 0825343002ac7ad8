//! Who writes, who listens to what was acknowledged, and who kills?

use exchange::{
    Address, Basis, Class, Effects, Environment, Event, Fingerprint, Kind, Principal, Protocol, Record,
    RecordBody, Session, SessionId, Statement, StatementRecord, Timing, TransactionState, Verb, VerdictWord,
};
use proxy::ledger::{Ledger, LedgerSettings, Sync};
use relay::journal::{LedgerHealth, Ticket, journal};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

/// Says to the test that it is the child which another run of the same test has started.
pub const ROLE: &str = "LEDGER_KILL_ROLE";
const DIRECTORY: &str = "LEDGER_KILL_DIRECTORY";
/// What an acknowledgement begins with; the test's harness writes lines of its own.
const KEPT: &str = "kept ";
/// Longer than anything here takes; reaching it is the failure.
const TOO_LONG: Duration = Duration::from_secs(30);
/// Intents that wait at the same time.
const SESSIONS: u64 = 8;

/// A child that writes.
pub struct Child {
    process: std::process::Child,
    said: Receiver<u64>,
    heard: Vec<u64>,
}

impl Child {
    /// Starts `test` of this program again, as the child of that role.
    pub fn start(test: &str, role: &str, directory: &Path) -> Child {
        let mut process = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", test, "--nocapture", "--test-threads=1"])
            .env(ROLE, role)
            .env(DIRECTORY, directory)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let output = BufReader::new(process.stdout.take().unwrap());
        // Where it is full the child waits with what it has to say.
        let (say, said) = sync_channel(1_000);
        std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                if let Some(exchange) = line.strip_prefix(KEPT).and_then(|rest| rest.parse().ok()) {
                    let _ = say.send(exchange);
                }
            }
        });
        Child { process, said, heard: Vec::new() }
    }

    /// Kills it some time after so many acknowledgements.
    pub fn kill_after(&mut self, acknowledgements: u64, moment: Duration) {
        for _ in 0..acknowledgements {
            self.heard.push(self.said.recv_timeout(TOO_LONG).expect("the child acknowledges nothing"));
        }
        match self.said.recv_timeout(moment) {
            Ok(exchange) => self.heard.push(exchange),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => panic!("the child has ended by itself"),
        }
        // SIGKILL.
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// All that it has acknowledged, up to its last moment.
    pub fn acknowledged(self) -> Vec<u64> {
        let Child { said, mut heard, .. } = self;
        heard.extend(said.iter());
        heard
    }
}

/// Writes, and says what was answered "recorded".
pub fn write_until_killed(role: &str) -> ! {
    let (sync, round) = role.split_once(' ').unwrap();
    let sync = match sync {
        "none" => Sync::None,
        "group" => Sync::Group,
        _ => Sync::Each,
    };
    let directory = PathBuf::from(std::env::var(DIRECTORY).unwrap());
    let mut settings = LedgerSettings { sync, segment_bytes_max: 12_000, ..LedgerSettings::new(directory) };
    settings.sync_by_class[Class::Read.index()] = Some(Sync::None);
    settings.sync_by_class[Class::Ddl.index()] = Some(Sync::Each);
    settings.checkpoints.every_records = 16;
    let health = Arc::new(LedgerHealth::default());
    let (mut journal, reader) = journal(Arc::clone(&health));
    let _handle = Ledger::open(settings, health).unwrap().spawn(vec![reader]).unwrap();

    let (session, shapes) = (session(), [Class::Write, Class::Read, Class::Ddl, Class::Code].map(shape));
    let mut exchange = round.parse::<u64>().unwrap() * 1_000_000;
    let mut output = std::io::stdout();
    loop {
        let mut waiting = Vec::new();
        for _ in 0..SESSIONS {
            exchange += 1;
            let statement = &shapes[(exchange % 4) as usize];
            journal.offer(record(Event::StatementOutcome, &session, statement, exchange)).unwrap();
            let ticket = Arc::new(Ticket::default());
            journal.intend(record(Event::StatementIntent, &session, statement, exchange), &ticket).unwrap();
            waiting.push((exchange, ticket));
        }
        for (exchange, ticket) in waiting {
            if is_recorded(&ticket) {
                writeln!(output, "{KEPT}{exchange}").unwrap();
                output.flush().unwrap();
            }
        }
    }
}

/// Waits as a session does: woken, not polling.
fn is_recorded(ticket: &Ticket) -> bool {
    struct Unpark(std::thread::Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Unpark>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    loop {
        if let Poll::Ready(answer) = ticket.poll(&mut Context::from_waker(&waker)) {
            return answer;
        }
        std::thread::park_timeout(TOO_LONG);
    }
}

fn session() -> Arc<Session> {
    Arc::new(Session {
        id: SessionId(0x0199_0a3b_5c7e_7d10_9f3e_5a6b_7c8d_9e0f),
        listener: "shop".into(),
        workspace: "default".into(),
        environment: Environment::Production,
        protocol: Protocol::Postgres,
        principal: Principal {
            user: "app".into(),
            database: "shop".into(),
            application: "checkout".into(),
            address: Address::Tcp(([192, 0, 2, 17], 52_114).into()),
            tls: None,
        },
    })
}

fn shape(class: Class) -> Arc<Statement> {
    Arc::new(Statement {
        fingerprint: Fingerprint(class.index() as u64 + 1),
        text: format!("a statement of class {}", class.as_str()).into(),
        class,
        verb: Verb::Other,
        tables: Box::default(),
        effects: Arc::new(Effects::of_class(Basis::Grammar, "select", class)),
    })
}

fn record(event: Event, session: &Arc<Session>, statement: &Arc<Statement>, exchange: u64) -> Record {
    let body = StatementRecord {
        exchange,
        kind: Kind::Run,
        statement: Arc::clone(statement),
        source: None,
        claims: None,
        verdict: VerdictWord::Allow,
        rule: None,
        values: None,
        would: None,
        policy_epoch: 1,
        transaction: TransactionState::Idle,
        outcome: None,
        timing: Timing::default(),
        bytes_in: 20,
        bytes_out: 0,
    };
    let session = Some(Arc::clone(session));
    Record { event, at_us: 1_785_846_896_000_789, session, body: RecordBody::Statement(body) }
}
