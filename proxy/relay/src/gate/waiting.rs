//! Where does a request wait for its intent, so that an idle session has no room for one?

use super::Held;
use std::cell::RefCell;

/// Places that a thread keeps for the next request that waits: about as many as wait at the same moment.
const SPARE_MAX: usize = 64;

thread_local! {
    static SPARE: RefCell<Vec<Vec<Held>>> = const { RefCell::new(Vec::new()) };
}

/// The place of one session's request: it holds one at most, and is none while nothing waits.
#[derive(Debug, Default)]
pub(super) struct Waiting(Vec<Held>);

impl Waiting {
    /// The place of a session that begins: its thread has a room for it from now on, so that no statement has to ask
    /// for one.
    pub(super) fn new() -> Waiting {
        let _ = SPARE.try_with(|spare| {
            let mut spare = spare.borrow_mut();
            if spare.capacity() == 0 {
                spare.reserve_exact(SPARE_MAX);
                spare.push(Vec::with_capacity(1));
            }
        });
        Waiting::default()
    }

    /// Lets a request wait; nothing may wait there.
    pub(super) fn put(&mut self, held: Held) {
        let place = SPARE.try_with(|spare| spare.borrow_mut().pop()).ok().flatten();
        self.0 = place.unwrap_or_else(|| Vec::with_capacity(1));
        self.0.push(held);
    }

    /// The request that waited.
    pub(super) fn take(&mut self) -> Option<Held> {
        let held = self.0.pop()?;
        let place = std::mem::take(&mut self.0);
        let _ = SPARE.try_with(|spare| {
            let mut spare = spare.borrow_mut();
            if spare.len() < SPARE_MAX {
                spare.push(place);
            }
        });
        Some(held)
    }
}
