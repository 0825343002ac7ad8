//! Which requests make up a scenario, and what exactly must come back?
//!
//! Every answer is compared byte by byte with the server's own: the answer to one request is taken
//! from the server without anything in between, its row is checked against the formula that filled
//! the table, and from then on only the six digits of the row's value change.

use super::client::Client;
use super::failure::Failure;
use super::wire;

/// Rows in the table of accounts.
pub const ACCOUNTS: u32 = 100_000;

/// The lowest account number: all numbers have six digits, so that requests and answers have one
/// length and a number can be written into a request made before.
pub const FIRST_ACCOUNT: u32 = 100_000;

const DIGITS: usize = 6;

/// How a statement is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scenario {
    /// The simple protocol: the text, with the account number in it, each time.
    Simple,
    /// Parse, Bind, Describe, Execute, Sync: the text each time, the number as a parameter.
    Extended,
    /// Parse once for each connection; then Bind, Execute, Sync.
    Prepared,
}

impl Scenario {
    /// All of them.
    pub const ALL: [Scenario; 3] = [Scenario::Simple, Scenario::Extended, Scenario::Prepared];

    /// Its name in tables and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Scenario::Simple => "simple",
            Scenario::Extended => "extended",
            Scenario::Prepared => "prepared",
        }
    }
}

/// The balance of an account; [`FILL`] says the same in SQL.
pub fn balance(account: u32) -> u32 {
    let mixed = (u64::from(account) * 7919) % 900_000;
    100_000 + u32::try_from(mixed).unwrap_or(0)
}

/// Makes and fills the table of accounts, shaped as pgbench's.
pub const FILL: &str = "\
    CREATE TABLE accounts (aid integer PRIMARY KEY, bid integer, abalance integer, filler char(84));\
    INSERT INTO accounts SELECT aid, 1, 100000 + (aid::bigint * 7919) % 900000, '' \
      FROM generate_series(100000, 199999) AS aid;\
    VACUUM (FREEZE, ANALYZE) accounts";

/// The bytes of a scenario.
#[derive(Clone, Debug)]
pub struct Workload {
    /// Sent once after the login; its answer ends with ReadyForQuery.
    pub setup: Option<Vec<u8>>,
    request: Patched,
    answer: Patched,
}

/// How a number stands in a request or an answer.
#[derive(Clone, Copy, Debug)]
pub enum Number {
    /// As six digits.
    Digits,
    /// As four bytes, the lowest first.
    Binary,
}

/// Bytes with a number to be replaced.
#[derive(Clone, Debug)]
struct Patched {
    bytes: Vec<u8>,
    at: usize,
    number: Number,
}

/// One connection's request and the answer it must get.
#[derive(Clone, Debug)]
pub struct Question {
    request: Patched,
    answer: Patched,
}

impl Workload {
    /// Builds the requests of a scenario, and learns the answer from the server itself.
    pub fn learn(scenario: Scenario, direct: &mut Client) -> Result<Workload, Failure> {
        let account = FIRST_ACCOUNT + 12_345;
        let (setup, request) = requests(scenario, account);
        if let Some(setup) = &setup {
            direct.exchange(setup)?;
        }
        let bytes = direct.exchange(&request)?;
        let at = locate_value(&bytes, balance(account))?;
        let request = find(&request, account.to_string().as_bytes())
            .map(|at| Patched { bytes: request.clone(), at, number: Number::Digits })
            .ok_or_else(|| wrong("the account's number in the request", &request))?;
        Ok(Workload { setup, request, answer: Patched { bytes, at, number: Number::Digits } })
    }

    /// Of a request about an account and the answer with its value that a server gave to it.
    pub fn around(
        setup: Option<Vec<u8>>,
        request: Vec<u8>,
        answer: Vec<u8>,
        [account, value]: [u32; 2],
        number: Number,
    ) -> Result<Workload, Failure> {
        let patched = |bytes: Vec<u8>, wanted: u32| {
            let wanted = match number {
                Number::Digits => wanted.to_string().into_bytes(),
                Number::Binary => wanted.to_le_bytes().to_vec(),
            };
            // Both stand near the end, behind names and headers.
            match bytes.windows(wanted.len()).rposition(|window| window == wanted) {
                Some(at) => Ok(Patched { bytes, at, number }),
                None => Err(wrong(&format!("`{}`", wanted.escape_ascii()), &bytes)),
            }
        };
        Ok(Workload { setup, request: patched(request, account)?, answer: patched(answer, value)? })
    }

    /// A question for one connection.
    pub fn question(&self) -> Question {
        Question { request: self.request.clone(), answer: self.answer.clone() }
    }
}

impl Question {
    /// Turns it into the question for `account`; answers the bytes to send.
    pub fn about(&mut self, account: u32) -> &[u8] {
        self.answer.write(balance(account));
        self.request.write(account);
        &self.request.bytes
    }

    /// Replaces a part of the request that is this connection's own.
    pub fn write_request(&mut self, at: usize, bytes: [u8; 4]) {
        if let Some(place) = self.request.bytes.get_mut(at..at + bytes.len()) {
            place.copy_from_slice(&bytes);
        }
    }

    /// Checks what has come so far; `true` when it is the whole answer.
    pub fn check(&self, got: &[u8]) -> Result<bool, Failure> {
        match self.answer.bytes.get(..got.len()) {
            Some(expected) if expected == got => Ok(got.len() == self.answer.bytes.len()),
            _ => Err(explain(got, &self.answer.bytes)),
        }
    }
}

impl Patched {
    fn write(&mut self, number: u32) {
        if let Number::Binary = self.number {
            if let Some(bytes) = self.bytes.get_mut(self.at..self.at + 4) {
                bytes.copy_from_slice(&number.to_le_bytes());
            }
            return;
        }
        let mut rest = number;
        if let Some(digits) = self.bytes.get_mut(self.at..self.at + DIGITS) {
            for digit in digits.iter_mut().rev() {
                *digit = b'0' + u8::try_from(rest % 10).unwrap_or(0);
                rest /= 10;
            }
        }
    }
}

fn requests(scenario: Scenario, account: u32) -> (Option<Vec<u8>>, Vec<u8>) {
    const BY_PARAMETER: &str = "SELECT abalance FROM accounts WHERE aid = $1";
    let number = account.to_string();
    match scenario {
        Scenario::Simple => {
            (None, wire::query(&format!("SELECT abalance FROM accounts WHERE aid = {number}")))
        }
        Scenario::Extended => {
            let messages = [
                wire::parse("", BY_PARAMETER),
                wire::bind("", &number),
                wire::describe(),
                wire::execute(),
                wire::sync(),
            ];
            (None, messages.concat())
        }
        Scenario::Prepared => {
            let setup = [wire::parse("account", BY_PARAMETER), wire::sync()].concat();
            (Some(setup), [wire::bind("account", &number), wire::execute(), wire::sync()].concat())
        }
    }
}

/// Where the value of the one row with one column is, once it is known to be the expected one.
fn locate_value(answer: &[u8], expected: u32) -> Result<usize, Failure> {
    let mut at = 0;
    let mut found = None;
    while let Some(message) = answer.get(at..).and_then(wire::first) {
        if message.kind == b'D' {
            let row = wire::row(message.body).unwrap_or_default();
            if found.is_some() || row != [Some(expected.to_string())] {
                return Err(wrong(&format!("one row with {expected}"), answer));
            }
            // Type and length of the message, count of columns, length of the value.
            found = Some(at + 5 + 2 + 4);
        }
        at += message.size;
    }
    found.ok_or_else(|| wrong("a row", answer))
}

fn explain(got: &[u8], expected: &[u8]) -> Failure {
    match wire::first(got) {
        Some(message) if message.kind == b'E' => Failure::Refused { message: wire::error(message.body) },
        _ => wrong(&format!("`{}`", expected.escape_ascii()), got),
    }
}

fn wrong(expected: &str, got: &[u8]) -> Failure {
    Failure::WrongAnswer { expected: expected.to_owned(), got: got.escape_ascii().to_string() }
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}
