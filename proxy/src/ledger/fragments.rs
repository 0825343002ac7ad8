//! Which parts of a line were written before?
//!
//! A session's place and principal, and a statement's class and shape, are the same in every record
//! of it: two fifths of a line. They are escaped once and kept while they are in use, in a table
//! with a fixed number of places; what comes to a place that is taken drives the other out.

use super::line;
use exchange::{Session, Statement};
use std::sync::Arc;

/// Places for sessions and for statements: more than are active at a moment on most gateways.
const PLACES: usize = 1024;

/// Longer fragments are written anew each time: the table is bounded at some 2 MiB.
const FRAGMENT_BYTES_MAX: usize = 1024;

/// A session's parts of a line.
#[derive(Debug)]
pub(super) struct SessionParts {
    /// Workspace, listener, environment, session.
    pub(super) place: Box<[u8]>,
    /// The principal.
    pub(super) principal: Box<[u8]>,
}

/// Whose parts are in each place, and the parts.
type Places<Owner, Parts> = Box<[Option<(Arc<Owner>, Parts)>]>;

/// What is kept. The owner is kept with its parts, so that its address cannot become another's.
#[derive(Debug)]
pub(super) struct Fragments {
    sessions: Places<Session, SessionParts>,
    statements: Places<Statement, Box<[u8]>>,
    /// The parts of the last session that were too long to be kept.
    long: Option<SessionParts>,
    scratch: Vec<u8>,
}

/// The place of what lies at `address`: the bits that differ between allocations, well mixed
/// (Fibonacci hashing, Knuth, The Art of Computer Programming, volume 3, section 6.4).
fn place_of<T>(owner: &Arc<T>) -> usize {
    let address = Arc::as_ptr(owner) as usize as u64;
    (address.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 54) as usize % PLACES
}

impl Fragments {
    pub(super) fn new() -> Fragments {
        Fragments {
            sessions: (0..PLACES).map(|_| None).collect(),
            statements: (0..PLACES).map(|_| None).collect(),
            long: None,
            scratch: Vec::new(),
        }
    }

    /// The parts of `session`.
    pub(super) fn session(&mut self, session: &Arc<Session>) -> Option<&SessionParts> {
        let kept = self.sessions.get_mut(place_of(session))?;
        if !kept.as_ref().is_some_and(|(owner, _)| Arc::ptr_eq(owner, session)) {
            let mut bytes = Vec::new();
            line::place(&mut bytes, session);
            let place = bytes.as_slice().into();
            bytes.clear();
            line::principal(&mut bytes, &session.principal);
            let parts = SessionParts { place, principal: bytes.into() };
            if parts.place.len() + parts.principal.len() > FRAGMENT_BYTES_MAX {
                // Whoever fails to log in may have said a name of any length.
                return Some(self.long.insert(parts));
            }
            *kept = Some((Arc::clone(session), parts));
        }
        kept.as_ref().map(|(_, parts)| parts)
    }

    /// Class and shape of `statement`.
    pub(super) fn statement(&mut self, statement: &Arc<Statement>) -> &[u8] {
        let Some(kept) = self.statements.get_mut(place_of(statement)) else { return &[] };
        let hit = kept.as_ref().is_some_and(|(owner, _)| Arc::ptr_eq(owner, statement));
        if !hit {
            self.scratch.clear();
            line::class(&mut self.scratch, statement);
            self.scratch.push(b',');
            line::shape(&mut self.scratch, statement);
            if self.scratch.len() > FRAGMENT_BYTES_MAX {
                return &self.scratch;
            }
            *kept = Some((Arc::clone(statement), self.scratch.as_slice().into()));
        }
        kept.as_ref().map_or(&[], |(_, fragment)| fragment)
    }

    /// Bytes the kept parts occupy.
    #[cfg(test)]
    pub(super) fn held_bytes(&self) -> usize {
        let sessions =
            self.sessions.iter().flatten().map(|(_, parts)| parts.place.len() + parts.principal.len());
        sessions.chain(self.statements.iter().flatten().map(|(_, fragment)| fragment.len())).sum()
    }
}
