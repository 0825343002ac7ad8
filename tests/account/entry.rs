//! How are two accounts of the same statements compared?

use crate::harness::ledger::Record;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;

/// How a statement ended that a gateway refused.
pub const REFUSED: &str = "refused";
/// How one ended of which nobody heard the end.
pub const LOST: &str = "lost";
/// How one ended that ran to its end.
pub const OK: &str = "ok";

/// One statement that ran, or one request that was refused, as one of the accounts has it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// The name the client gave itself: one for each session.
    pub session: String,
    /// Who was logged in.
    pub user: String,
    /// Where.
    pub database: String,
    /// `run`, `prepare`, `execute`, `function` or `command`.
    pub kind: String,
    /// The statement without its literals; of a refused request nothing.
    pub text: String,
    /// What an EXECUTE stands for, without its literals, where both accounts tell.
    pub source: String,
    /// [`OK`], a SQLSTATE, [`LOST`] or [`REFUSED`].
    pub ending: String,
}

/// What planted marks say of a statement, with no normaliser between: session, mark, ending.
pub type Marked = (String, String, String);

/// What one account has in the same order as the other.
pub trait Ordered: Ord + Clone + Debug {
    /// The name of its session, and whether it was refused: a refusal is written down when it is decided,
    /// and what was asked before may run still.
    fn order(&self) -> (&str, bool);
}

impl Ordered for Entry {
    fn order(&self) -> (&str, bool) {
        (&self.session, self.ending == REFUSED)
    }
}

impl Ordered for Marked {
    fn order(&self) -> (&str, bool) {
        (&self.0, self.2 == REFUSED)
    }
}

/// What stands in one account and not in the other, and where the order differs; empty when they agree.
pub fn differences<T: Ordered>(ours: &[T], theirs: &[T]) -> Vec<String> {
    let mut balance: BTreeMap<&T, i64> = BTreeMap::new();
    theirs.iter().for_each(|one| *balance.entry(one).or_default() += 1);
    ours.iter().for_each(|one| *balance.entry(one).or_default() -= 1);
    let mut found: Vec<String> = balance
        .into_iter()
        .filter(|(_, more)| *more != 0)
        .map(|(one, more)| format!("{} {}: {one:?}", if more > 0 { "missing" } else { "extra" }, more.abs()))
        .collect();
    if found.is_empty() {
        let orders: BTreeSet<(&str, bool)> = theirs.iter().map(Ordered::order).collect();
        for order in orders {
            let of = |all: &[T]| all.iter().filter(|one| one.order() == order).cloned().collect::<Vec<_>>();
            let (ours, theirs) = (of(ours), of(theirs));
            let differs = ours.iter().zip(&theirs).position(|(one, other)| one != other);
            found.extend(differs.map(|at| {
                format!("order of {order:?}, at {at}: {:?} where {:?} was", ours.get(at), theirs.get(at))
            }));
        }
    }
    found
}

/// Panics with what differs.
pub fn assert_same<T: Ordered>(what: &str, ours: &[T], theirs: &[T]) {
    let found = differences(ours, theirs);
    let shown: Vec<&str> = found.iter().take(20).map(String::as_str).collect();
    assert!(found.is_empty(), "{what}: {} differences\n{}", found.len(), shown.join("\n"));
}

/// Shows that the comparison of these accounts, which agree, finds each thing that can be wrong.
pub fn assert_would_be_found(ledger: &[Entry], server: &[Entry]) {
    let ran: Vec<usize> = (0..ledger.len()).filter(|at| ledger[*at].ending != REFUSED).collect();
    for at in [0, ran.len() / 3, ran.len() / 2, ran.len() - 1].map(|place| ran[place]) {
        let mut spoilt = vec![ledger.to_vec(); 7];
        spoilt[0].remove(at);
        spoilt[1].push(ledger[at].clone());
        spoilt[2][at].user = "somebody".to_owned();
        spoilt[3][at].text.push(' ');
        spoilt[4][at].ending = if ledger[at].ending == OK { "42601" } else { OK }.to_owned();
        spoilt[5][at].database = "elsewhere".to_owned();
        let other = |one: &Entry| one.order() == ledger[at].order() && *one != ledger[at];
        let other = ledger.iter().position(other);
        spoilt[6].swap(at, other.expect("another statement of the session"));
        for (number, spoilt) in spoilt.iter().enumerate() {
            let found = differences(spoilt, server);
            assert!(!found.is_empty(), "nothing was found wrong with {number} at {at}");
        }
    }
}

/// What a ledger says, and what of it was checked against nothing but itself.
pub struct Told {
    /// Every statement that ran or was refused.
    pub entries: Vec<Entry>,
    /// The same by the marks in their texts.
    pub marked: Vec<Marked>,
}

/// The statements of a ledger. `sessions` are those there may be; one of anybody else is a failure.
pub fn of_ledger(records: &[Record], sessions: &BTreeSet<String>) -> Told {
    let mut told = Told { entries: Vec::new(), marked: Vec::new() };
    let mut refused = BTreeSet::new();
    let mut intents: BTreeMap<(String, u64, String), i64> = BTreeMap::new();
    for record in records.iter().filter(|record| record.event().starts_with("statement.")) {
        let session = record.principal("application").to_owned();
        assert!(sessions.contains(&session), "nobody runs in session `{session}`: {}", record.0);
        let exchange = record.number("exchange").expect("a number");
        let text = record.text_of("text").to_owned();
        let announced = (record.text_of("session").to_owned(), exchange, text.clone());
        let ending = match (record.event(), record.text_of("message_class")) {
            ("statement.intent", _) => {
                *intents.entry(announced).or_default() += 1;
                continue;
            }
            ("statement.refused", _) => REFUSED,
            ("statement.outcome", "ok") => OK,
            ("statement.outcome", "lost") => LOST,
            ("statement.outcome", "skipped") => "skipped",
            ("statement.outcome", _) => record.text_of("sqlstate"),
            (other, _) => panic!("an event nobody expects: {other}"),
        };
        if let Some(open) = intents.get_mut(&announced) {
            *open -= 1;
        }
        if ending == "skipped" {
            assert!(intents.contains_key(&announced), "never ran and was not announced: {}", record.0);
            continue;
        }
        told.marked.extend(marks(&text).into_iter().map(|mark| (session.clone(), mark, ending.to_owned())));
        let mut entry = Entry {
            session,
            user: record.principal("user").to_owned(),
            database: record.principal("database").to_owned(),
            kind: record.text_of("kind").to_owned(),
            // No server tells in its log what a cursor's name stands for.
            source: if is_execute(&text) { record.source().to_owned() } else { String::new() },
            text,
            ending: ending.to_owned(),
        };
        if ending == REFUSED {
            // A request is refused whole: a line for each of its statements, one event for the server.
            if !refused.insert((record.text_of("session").to_owned(), exchange)) {
                continue;
            }
            entry = Entry { kind: String::new(), text: String::new(), source: String::new(), ..entry };
        }
        told.entries.push(entry);
    }
    let open: Vec<_> = intents.iter().filter(|(_, open)| **open != 0).collect();
    assert!(open.is_empty(), "announced and never ended, or ended twice: {open:?}");
    told
}

/// Whether a statement names another one whose text the servers tell.
pub fn is_execute(text: &str) -> bool {
    text.get(..8).is_some_and(|head| head.eq_ignore_ascii_case("execute "))
}

/// The bytes of a mark: `m`, two digits, `x`, five digits.
const MARK_BYTES: usize = 9;

/// A statement's mark: part of a name, so that it stays where literals go.
pub fn mark(client: usize, number: usize) -> String {
    format!("m{client:02}x{number:05}")
}

/// The marks in a text, each once, in order.
pub fn marks(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for window in text.as_bytes().windows(MARK_BYTES) {
        let is_mark = window.iter().enumerate().all(|(at, byte)| match at {
            0 => *byte == b'm',
            3 => *byte == b'x',
            _ => byte.is_ascii_digit(),
        });
        let mark = String::from_utf8_lossy(window).into_owned();
        if is_mark && !found.contains(&mark) {
            found.push(mark);
        }
    }
    found
}
