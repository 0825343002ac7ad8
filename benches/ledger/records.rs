//! What stands in the ledger that is searched?
//!
//! Thirty days of an application's statements: sessions of fifty statements, users and statements some of
//! which come far more often than others, one write in eight with its intent, a few refusals and errors.

use exchange::{
    Access, Address, Basis, Class, Effects, Environment, Event, Fingerprint, Kind, Outcome, Principal,
    Protocol, Record, RecordBody, Relation, Session, SessionId, Statement, StatementRecord, Timing, TlsFacts,
    TransactionState, Verb, VerdictWord,
};
use std::sync::Arc;

/// 2026-06-01, and thirty days.
pub const FROM_US: u64 = 1_780_272_000_000_000;
pub const SPAN_US: u64 = 30 * 86_400_000_000;

pub const USERS: u64 = 200;
pub const STATEMENTS: u64 = 5_000;
pub const TABLES: u64 = 300;
pub const LISTENERS: [&str; 6] = ["shop", "crm", "billing", "reports", "admin", "search"];
pub const SQLSTATES: [&str; 6] = ["23505", "40001", "57014", "42P01", "22P02", "40P01"];
const SESSIONS_AT_ONCE: usize = 64;
const STATEMENTS_A_SESSION: u64 = 50;

/// What is known of the ledger when it is written.
#[derive(Default)]
pub struct Written {
    /// Statements that were refused.
    pub refused: u64,
    /// Outcomes with 40P01.
    pub deadlocks: u64,
    /// Sessions: one in a thousand of them.
    pub sessions: Vec<SessionId>,
}

/// The records one after the other.
pub struct Records {
    /// What was written so far.
    pub written: Written,
    count: u64,
    next: u64,
    random: Random,
    statements: Vec<Arc<Statement>>,
    sessions: Vec<Arc<Session>>,
    sessions_made: u64,
    /// The outcome that follows an intent.
    due: Option<Record>,
}

impl Records {
    pub fn new(count: u64) -> Records {
        let statements = (0..STATEMENTS).map(|number| Arc::new(statement(number))).collect();
        let mut records = Records {
            written: Written::default(),
            count,
            next: 0,
            random: Random(42),
            statements,
            sessions: Vec::new(),
            sessions_made: 0,
            due: None,
        };
        for _ in 0..SESSIONS_AT_ONCE {
            let session = records.session();
            records.sessions.push(session);
        }
        records
    }

    pub fn next(&mut self) -> Option<Record> {
        if self.next == self.count {
            return None;
        }
        self.next += 1;
        if let Some(record) = self.due.take() {
            return Some(record);
        }
        let step = SPAN_US / self.count.max(1);
        // Records come from several threads: a moment may lie a little before the one of the line above.
        let at_us = FROM_US + self.next * step + self.random.below(500);
        let place = self.random.below(SESSIONS_AT_ONCE as u64) as usize;
        if self.random.below(STATEMENTS_A_SESSION) == 0 {
            self.sessions[place] = self.session();
        }
        let session = Arc::clone(&self.sessions[place]);
        let statement = Arc::clone(&self.statements[self.random.skewed(STATEMENTS) as usize]);
        let body = self.body(&statement);
        let event = match &body.outcome {
            Some(Outcome::Refused { .. }) => Event::StatementRefused,
            _ => Event::StatementOutcome,
        };
        let is_announced = statement.class == Class::Write && event == Event::StatementOutcome;
        let outcome =
            Record { event, at_us, session: Some(session), body: RecordBody::Statement(body.clone()) };
        if !is_announced || self.next == self.count {
            return Some(outcome);
        }
        let intent = StatementRecord { outcome: None, timing: Timing::default(), ..body };
        let intent =
            Record { event: Event::StatementIntent, body: RecordBody::Statement(intent), ..outcome.clone() };
        self.due = Some(Record { at_us: at_us + 300, ..outcome });
        Some(intent)
    }

    fn body(&mut self, statement: &Arc<Statement>) -> StatementRecord {
        let state = |text: &str| text.as_bytes().try_into().unwrap_or(*b"XX000");
        let is_write = statement.class == Class::Write;
        let outcome = match self.random.below(1_000) {
            0..3 => {
                self.written.refused += 1;
                Outcome::Refused { sqlstate: state("42501") }
            }
            3..6 => {
                let sqlstate = SQLSTATES[self.random.below(SQLSTATES.len() as u64) as usize];
                self.written.deadlocks += u64::from(sqlstate == "40P01");
                Outcome::Failed { sqlstate: Some(state(sqlstate)) }
            }
            _ => Outcome::Completed { rows: self.random.below(40) },
        };
        let is_refused = matches!(outcome, Outcome::Refused { .. });
        // Half of them take less than a millisecond, one in twenty thousand more than five seconds.
        let total = 150_000_000 / (self.random.below(300_000) + 15);
        let total = if is_refused { 0 } else { total as u32 };
        StatementRecord {
            exchange: self.next % 1_000,
            kind: Kind::Execute,
            statement: Arc::clone(statement),
            source: None,
            claims: None,
            verdict: if is_refused { VerdictWord::Refuse } else { VerdictWord::Allow },
            rule: (is_refused || is_write)
                .then(|| if is_refused { "production/every-row" } else { "shop/writers" }.into()),
            values: None,
            would: None,
            policy_epoch: 3,
            transaction: TransactionState::Idle,
            outcome: Some(outcome),
            timing: Timing { judge: 2, forward: 9, first: total / 2, last: total, total },
            bytes_in: 60,
            bytes_out: 900,
        }
    }

    fn session(&mut self) -> Arc<Session> {
        self.sessions_made += 1;
        let id = SessionId(u128::from(self.random.next()) << 64 | u128::from(self.random.next()));
        if self.sessions_made.is_multiple_of(1_000) {
            self.written.sessions.push(id);
        }
        let user = self.random.skewed(USERS);
        let listener = LISTENERS[(user % 6) as usize];
        Arc::new(Session {
            id,
            listener: listener.into(),
            workspace: "default".into(),
            environment: Environment::Production,
            protocol: Protocol::Postgres,
            principal: Principal {
                user: user_name(user).into(),
                database: listener.into(),
                application: format!("{listener}-{}", self.random.below(8)).into(),
                address: Address::Tcp(
                    ([192, 0, 2, self.random.below(250) as u8], 40_000 + (user as u16)).into(),
                ),
                tls: Some(TlsFacts { version: "TLSv1.3", certificate: None }),
            },
        })
    }
}

pub fn user_name(number: u64) -> String {
    format!("user_{number}")
}

pub fn table_name(number: u64) -> String {
    format!("table_{number}")
}

/// The fingerprint of a statement; the number is mixed, since fingerprints are hashes.
pub fn fingerprint(number: u64) -> Fingerprint {
    Fingerprint(Random(number).next())
}

fn statement(number: u64) -> Statement {
    let mut random = Random(number);
    let names = [table_name(random.below(TABLES)), table_name(random.below(TABLES))];
    let [one, other] = &names;
    let is_write = number % 8 == 7;
    let (class, verb, text) = if is_write {
        (
            Class::Write,
            "update",
            format!("UPDATE app.{one} SET state_{number} = ?, changed = now() WHERE id = $1"),
        )
    } else {
        let text = format!(
            "SELECT a.id, a.name, a.column_{number}, b.total FROM app.{one} a JOIN app.{other} b ON b.a_id = a.id WHERE \
             a.id = $1 AND b.state = ? ORDER BY b.placed DESC LIMIT ?"
        );
        (Class::Read, "select", text)
    };
    let mut tables: Vec<Box<str>> =
        names.iter().take(if is_write { 1 } else { 2 }).map(|name| format!("app.{name}").into()).collect();
    tables.sort();
    tables.dedup();
    let mut effects = Effects::of_class(Basis::Grammar, verb, class);
    if is_write {
        let relation =
            Relation { schema: Some("app".into()), name: one.as_str().into(), access: Access::UPDATE };
        effects.relations = [relation].into();
    }
    Statement {
        fingerprint: fingerprint(number),
        text: text.into(),
        class,
        verb: Verb::Other,
        tables: tables.into(),
        effects: Arc::new(effects),
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014).
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    /// Low numbers come more often: a half of all are in the lowest eighth.
    pub fn skewed(&mut self, bound: u64) -> u64 {
        let (one, two, three) = (self.below(bound), self.below(bound), self.below(bound));
        one * two / bound * three / bound
    }
}
