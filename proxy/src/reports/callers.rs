//! Who asks, by a number: the same for all sessions of one role, database and application.
//!
//! A session is looked up by its address in a table with a fixed number of places, which keeps it, so that
//! its address cannot become another's. Names are compared only when a session is not there.

use super::Hasher;
use control::Caller;
use exchange::Session;
use std::collections::HashMap;
use std::sync::Arc;

/// Places for sessions: more than are active at a moment on most gateways.
const PLACES: usize = 4096;

/// Callers that are kept: names are the client's, and it can have many. One that comes after them makes
/// all of them come anew.
const CALLERS_MAX: usize = 20_000;

/// Longest part of a name that is told, in bytes. A role's has at most 63, an application may call itself
/// anything.
const NAME_BYTES_MAX: usize = 256;

/// A caller behind a listener.
#[derive(Debug)]
pub(super) struct Known {
    /// Never given twice.
    pub(super) number: u64,
    pub(super) listener: Arc<str>,
    /// The listener's own number, for keys.
    pub(super) listener_number: u32,
    pub(super) caller: Arc<Caller>,
}

/// All that are known.
#[derive(Debug)]
pub(super) struct Callers {
    places: Box<[Option<Place>]>,
    known: HashMap<Key, Arc<Known>, Hasher>,
    listeners: HashMap<Arc<str>, u32, Hasher>,
    given: u64,
}

/// A session and who asks in it.
type Place = (Arc<Session>, Arc<Known>);

/// The listener's number and the names.
type Key = (u32, Caller);

/// The place of what lies at an address: the bits that differ between allocations, well mixed.
fn place_of(session: &Arc<Session>) -> usize {
    let address = Arc::as_ptr(session) as usize as u64;
    (address.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 52) as usize % PLACES
}

impl Callers {
    pub(super) fn new() -> Callers {
        Callers {
            places: (0..PLACES).map(|_| None).collect(),
            known: HashMap::default(),
            listeners: HashMap::default(),
            given: 0,
        }
    }

    /// Who asks in `session`.
    pub(super) fn of(&mut self, session: &Arc<Session>) -> Arc<Known> {
        let place = place_of(session);
        if let Some(Some((owner, known))) = self.places.get(place)
            && Arc::ptr_eq(owner, session)
        {
            return Arc::clone(known);
        }
        let known = self.known(session);
        if let Some(kept) = self.places.get_mut(place) {
            *kept = Some((Arc::clone(session), Arc::clone(&known)));
        }
        known
    }

    /// A session is over: nothing of it is looked up again.
    pub(super) fn forget(&mut self, session: &Arc<Session>) {
        if let Some(kept) = self.places.get_mut(place_of(session))
            && kept.as_ref().is_some_and(|(owner, _)| Arc::ptr_eq(owner, session))
        {
            *kept = None;
        }
    }

    fn known(&mut self, session: &Session) -> Arc<Known> {
        let listener_number = self.listener(&session.listener);
        let key = (listener_number, caller(session));
        if let Some(known) = self.known.get(&key) {
            return Arc::clone(known);
        }
        if self.known.len() >= CALLERS_MAX {
            self.known.clear();
            self.places.fill(None);
        }
        self.given += 1;
        let known = Arc::new(Known {
            number: self.given,
            listener: Arc::clone(&session.listener),
            listener_number,
            caller: Arc::new(key.1.clone()),
        });
        self.known.insert(key, Arc::clone(&known));
        known
    }

    fn listener(&mut self, name: &Arc<str>) -> u32 {
        if let Some(number) = self.listeners.get(name) {
            return *number;
        }
        // Listeners come from the settings, and a process sees only so many of those.
        let number = u32::try_from(self.listeners.len()).unwrap_or(u32::MAX);
        self.listeners.insert(Arc::clone(name), number);
        number
    }
}

/// Who asks in `session`, in the words of reports.
pub(super) fn caller(session: &Session) -> Caller {
    let principal = &session.principal;
    Caller {
        user: cut(&principal.user),
        database: cut(&principal.database),
        application: cut(&principal.application),
    }
}

fn cut(name: &str) -> String {
    name.get(..name.floor_char_boundary(NAME_BYTES_MAX)).unwrap_or_default().to_owned()
}
