//! How much may one session keep of what its statements carried, until a record takes it?

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What one session may keep. Cloning it gives the same one.
#[derive(Clone, Debug, Default)]
pub struct Budget(Arc<AtomicUsize>);

impl Budget {
    /// Bytes at once: some hundred statements of everyday size, and few of the largest.
    pub const BYTES_MAX: usize = 4 * 1024 * 1024;

    /// Takes room for so many bytes; `None` where there is none left.
    pub fn take(&self, bytes: usize) -> Option<Share> {
        let fits = |taken: usize| taken.checked_add(bytes).filter(|sum| *sum <= Budget::BYTES_MAX);
        self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fits).ok()?;
        Some(Share { budget: self.clone(), bytes })
    }
}

/// Room that was taken; dropped, it is free again.
#[derive(Debug)]
pub struct Share {
    budget: Budget,
    bytes: usize,
}

impl Drop for Share {
    fn drop(&mut self) {
        self.budget.0.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_dropped_is_free_again_and_no_more_is_given_than_there_is() {
        let budget = Budget::default();
        let all = budget.take(Budget::BYTES_MAX);
        assert!(all.is_some() && budget.take(1).is_none() && budget.take(usize::MAX).is_none());
        drop(all);
        let half = budget.clone().take(Budget::BYTES_MAX / 2);
        assert!(half.is_some() && budget.take(Budget::BYTES_MAX / 2 + 1).is_none());
        assert!(budget.take(Budget::BYTES_MAX / 2).is_some());
    }
}
