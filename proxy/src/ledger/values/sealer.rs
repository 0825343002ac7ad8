//! What does a line say of the values of a statement?
//!
//! `sealed`, what only the day's key opens; `hashes`, one for each parameter; `withheld`, why something of
//! what a rule asked for is not there. A record never waits for a key and is never held up by one that cannot
//! be made.

use super::keys::{DayKey, Folder, KeyFailure, SealingKey};
use super::{Day, plain};
use crate::ledger::json;
use aws_lc_rs::hmac;
use chacha20poly1305::XNonce;
use chacha20poly1305::aead::Payload;
use exchange::Values;
use std::path::Path;
use std::time::{Duration, Instant};

pub(super) const NONCE_BYTES: usize = 24;
/// Bytes of a hash that are written: enough that two values never share one by chance.
pub(super) const HASH_BYTES: usize = 16;
/// How long a key that was found is believed to be there still, and one that was not to be missing.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Most days whose keys are kept in memory: today, and one on either side of it.
const DAYS_MAX: usize = 3;
/// Most workspaces of a day whose keys are kept in memory; a gateway has a few.
const WORKSPACES_MAX: usize = 64;

/// Seals values for the ledger's thread.
#[derive(Debug)]
pub(in crate::ledger) struct Sealer {
    /// Where the keys are; `None`: nobody said.
    folder: Option<Folder>,
    days: Vec<Held>,
    look_every: Duration,
    is_failing: bool,
}

/// What is known of a day.
#[derive(Debug)]
struct Held {
    day: Day,
    looked: Instant,
    state: State,
}

#[derive(Debug)]
enum State {
    Open(Box<Keys>),
    Erased,
    Failed {
        /// Whether there was a key before: then no other is made in its place.
        had_key: bool,
    },
}

/// What is made of a day's key.
struct Keys {
    key: DayKey,
    sealing: SealingKey,
    hashers: Vec<(Box<str>, hmac::Key)>,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Keys(…)")
    }
}

impl Sealer {
    /// Seals with keys that lie, or are made, in the folder of the ledger's secrets.
    pub(in crate::ledger) fn new(keys: &Path) -> Sealer {
        Sealer { folder: Some(Folder::new(keys)), ..Sealer::without_keys() }
    }

    /// Withholds everything.
    pub(in crate::ledger) fn without_keys() -> Sealer {
        Sealer { folder: None, days: Vec::new(), look_every: LOOK_EVERY, is_failing: false }
    }

    /// Writes the fields of a record's values.
    pub(in crate::ledger) fn write(
        &mut self,
        line: &mut Vec<u8>,
        id: u128,
        at_us: u64,
        workspace: &str,
        values: &Values,
    ) {
        let plain = plain::write(values);
        let mut withheld = values.withheld;
        if plain.is_some() || values.hashed.is_some() {
            let from = line.len();
            let written = self.keys(Day::of(at_us)).and_then(|(day, keys)| {
                if let Some(plain) = &plain {
                    sealed(line, id, day, &keys.sealing, plain)?;
                }
                if let Some(hashed) = &values.hashed {
                    hashes(line, keys.hasher(workspace)?, hashed);
                }
                Ok(())
            });
            if let Err(failure) = written {
                line.truncate(from);
                withheld = Some(word(&failure));
            }
        }
        if let Some(word) = withheld {
            line.extend_from_slice(b",\"withheld\":");
            json::string(line, word);
        }
    }

    /// Forgets keys that were destroyed meanwhile, also when nobody needs them.
    pub(in crate::ledger) fn look(&mut self) {
        if self.days.is_empty() {
            return;
        }
        let Sealer { folder: Some(folder), days, look_every, .. } = self else { return };
        for held in days.iter_mut().filter(|held| held.looked.elapsed() >= *look_every) {
            held.look(folder);
        }
    }

    #[cfg(test)]
    pub(super) fn look_always(&mut self) {
        self.look_every = Duration::ZERO;
    }

    /// What seals values of that day.
    fn keys(&mut self, day: Day) -> Result<(Day, &mut Keys), KeyFailure> {
        let Some(folder) = &self.folder else { return Err(KeyFailure::Missing { day, folder: "".into() }) };
        let at = self.days.iter().position(|held| held.day == day);
        let at = match at {
            Some(at) => at,
            None => {
                if self.days.len() >= DAYS_MAX {
                    let oldest = self.days.iter().enumerate().min_by_key(|(_, held)| held.looked);
                    let oldest = oldest.map_or(0, |(at, _)| at);
                    self.days.remove(oldest);
                }
                let state = State::of(folder.read_or_make(day), false, &mut self.is_failing);
                self.days.push(Held { day, looked: Instant::now(), state });
                self.days.len() - 1
            }
        };
        let missing = || KeyFailure::Missing { day, folder: folder.path().to_owned() };
        let Some(held) = self.days.get_mut(at) else { return Err(missing()) };
        if held.looked.elapsed() >= self.look_every {
            held.look(folder);
            if let State::Failed { had_key } = held.state {
                let read = if had_key { folder.read(day) } else { folder.read_or_make(day) };
                held.state = State::of(read, had_key, &mut self.is_failing);
            }
        }
        match &mut held.state {
            State::Open(keys) => Ok((day, keys)),
            State::Erased => Err(KeyFailure::Erased(day)),
            State::Failed { .. } => Err(missing()),
        }
    }
}

impl Held {
    /// Looks whether a key that is in memory is still there.
    fn look(&mut self, folder: &Folder) {
        self.looked = Instant::now();
        if !matches!(self.state, State::Open(_)) {
            return;
        }
        match folder.read(self.day) {
            Ok(_) => {}
            Err(KeyFailure::Erased(_)) => self.state = State::Erased,
            Err(_) => self.state = State::Failed { had_key: true },
        }
    }
}

impl State {
    /// What became of a look for a key. A failure is logged once.
    fn of(read: Result<DayKey, KeyFailure>, had_key: bool, is_failing: &mut bool) -> State {
        match read.and_then(|key| Ok(Keys { sealing: key.sealing()?, key, hashers: Vec::new() })) {
            Ok(keys) => {
                if std::mem::replace(is_failing, false) {
                    tracing::info!("values that rules keep can be sealed again");
                }
                State::Open(Box::new(keys))
            }
            Err(KeyFailure::Erased(_)) => State::Erased,
            Err(failure) => {
                if !std::mem::replace(is_failing, true) {
                    tracing::error!(
                        %failure,
                        "values that rules keep cannot be sealed and are left out; records are written without them"
                    );
                }
                State::Failed { had_key }
            }
        }
    }
}

impl Keys {
    fn hasher(&mut self, workspace: &str) -> Result<&hmac::Key, KeyFailure> {
        let at = match self.hashers.iter().position(|(name, _)| **name == *workspace) {
            Some(at) => at,
            None => {
                if self.hashers.len() >= WORKSPACES_MAX {
                    self.hashers.clear();
                }
                self.hashers.push((workspace.into(), self.key.hasher(workspace)?));
                self.hashers.len() - 1
            }
        };
        self.hashers.get(at).map(|(_, key)| key).ok_or(KeyFailure::Cryptography)
    }
}

/// The word for why values are left out.
fn word(failure: &KeyFailure) -> &'static str {
    match failure {
        KeyFailure::Erased(_) => "erased",
        _ => "no_key",
    }
}

fn sealed(line: &mut Vec<u8>, id: u128, day: Day, key: &SealingKey, plain: &[u8]) -> Result<(), KeyFailure> {
    let mut nonce = [0; NONCE_BYTES];
    getrandom::fill(&mut nonce).map_err(|_| KeyFailure::Cryptography)?;
    let mut belongs_to = Vec::with_capacity(36);
    json::uuid(&mut belongs_to, id);
    let payload = Payload { msg: plain, aad: &belongs_to };
    let value = key.seal(&XNonce::from(nonce), payload).ok_or(KeyFailure::Cryptography)?;
    line.extend_from_slice(b",\"sealed\":{\"day\":");
    json::shown(line, day);
    line.extend_from_slice(b",\"nonce\":\"");
    plain::base64(line, &nonce);
    line.extend_from_slice(b"\",\"value\":\"");
    plain::base64(line, &value);
    line.extend_from_slice(b"\"}");
    Ok(())
}

fn hashes(line: &mut Vec<u8>, key: &hmac::Key, values: &[Option<Box<[u8]>>]) {
    line.extend_from_slice(b",\"hashes\":[");
    for (at, value) in values.iter().enumerate() {
        if at > 0 {
            line.push(b',');
        }
        match value {
            Some(value) => {
                line.push(b'"');
                line.extend_from_slice(&hash(key, value));
                line.push(b'"');
            }
            None => line.extend_from_slice(b"null"),
        }
    }
    line.push(b']');
}

/// The hash of a value as it stands in a line.
pub(super) fn hash(key: &hmac::Key, value: &[u8]) -> [u8; 2 * HASH_BYTES] {
    let mut digits = [0; 2 * HASH_BYTES];
    let tag = hmac::sign(key, value);
    for (pair, byte) in digits.chunks_exact_mut(2).zip(tag.as_ref()) {
        pair.copy_from_slice(&json::hex_digits(*byte));
    }
    digits
}
