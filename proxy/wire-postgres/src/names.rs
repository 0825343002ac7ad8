//! Which prepared statement and which portal does a name mean at this point of the stream?
//!
//! Names change when a message is sent, but only count when the server accepts it: each change
//! hands back what undoes it, kept beside the message until its reply came.

use crate::bound::Bound;
use exchange::ExchangeId;
use std::collections::HashMap;
use std::sync::Arc;

/// Bytes of a name that count: PostgreSQL's `NAMEDATALEN`, less the terminator. The server keeps
/// names under their first 63 bytes, so two names that differ later are one.
const NAME_BYTES_MAX: usize = 63;

/// The bytes of a name that count.
fn significant(name: &[u8]) -> &[u8] {
    name.get(..NAME_BYTES_MAX).unwrap_or(name)
}

/// A prepared statement's or portal's name. The empty one needs no memory.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Name {
    Unnamed,
    Named(Box<[u8]>),
}

impl Name {
    /// Whether `bytes` are this name.
    pub(crate) fn is(&self, bytes: &[u8]) -> bool {
        match self {
            Name::Unnamed => bytes.is_empty(),
            Name::Named(name) => **name == *significant(bytes),
        }
    }

    pub(crate) fn new(bytes: &[u8]) -> Name {
        if bytes.is_empty() { Name::Unnamed } else { Name::Named(significant(bytes).into()) }
    }
}

/// Values by name, with the unnamed one apart.
#[derive(Debug)]
pub(crate) struct Named<V> {
    unnamed: Option<V>,
    named: HashMap<Box<[u8]>, V>,
}

impl<V> Named<V> {
    pub(crate) fn new() -> Named<V> {
        Named { unnamed: None, named: HashMap::new() }
    }

    pub(crate) fn get(&self, name: &[u8]) -> Option<&V> {
        if name.is_empty() { self.unnamed.as_ref() } else { self.named.get(significant(name)) }
    }

    pub(crate) fn of(&self, name: &Name) -> Option<&V> {
        match name {
            Name::Unnamed => self.unnamed.as_ref(),
            Name::Named(name) => self.named.get(name),
        }
    }

    pub(crate) fn get_mut(&mut self, name: &Name) -> Option<&mut V> {
        match name {
            Name::Unnamed => self.unnamed.as_mut(),
            Name::Named(name) => self.named.get_mut(name),
        }
    }

    /// Sets a value or takes it away; hands back the one before.
    pub(crate) fn set(&mut self, name: &Name, value: Option<V>) -> Option<V> {
        match (name, value) {
            (Name::Unnamed, value) => std::mem::replace(&mut self.unnamed, value),
            (Name::Named(name), Some(value)) => self.named.insert(name.clone(), value),
            (Name::Named(name), None) => self.named.remove(name),
        }
    }

    /// How many names are in use, the unnamed one aside.
    pub(crate) fn len(&self) -> usize {
        self.named.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.unnamed.is_none() && self.named.is_empty()
    }

    pub(crate) fn values(&self) -> impl Iterator<Item = &V> {
        self.unnamed.iter().chain(self.named.values())
    }

    /// Drops every value for which `keep` says no.
    pub(crate) fn retain(&mut self, mut keep: impl FnMut(&V) -> bool) {
        if self.unnamed.as_ref().is_some_and(|value| !keep(value)) {
            self.unnamed = None;
        }
        if !self.named.is_empty() {
            self.named.retain(|_, value| keep(value));
        }
    }

    /// Drops the named ones, as `DEALLOCATE ALL` does.
    pub(crate) fn clear(&mut self) {
        self.unnamed = None;
        self.named.clear();
    }
}

/// An execution that stopped at its row limit and may go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Suspended {
    pub(crate) exchange: ExchangeId,
    pub(crate) rows: u64,
    pub(crate) bytes: u64,
}

/// A portal: what it runs, and how far it got.
#[derive(Clone, Debug)]
pub(crate) struct Portal<T> {
    /// Tells this portal from another that had or will have its name.
    pub(crate) serial: u64,
    pub(crate) statement: Option<T>,
    pub(crate) suspended: Option<Suspended>,
    /// The batch (counted by Sync and Query) it was bound in: it ends with that batch's transaction.
    pub(crate) batch: u64,
    /// Whether it outlives its transaction (`WITH HOLD`).
    pub(crate) hold: bool,
    /// The values of its parameters, where they are kept.
    pub(crate) bound: Option<Arc<Bound>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_differ_after_the_servers_limit_are_one() {
        let (long, longer) = ([b'x'; 63], [b'x'; 70]);
        let mut named = Named::new();
        named.set(&Name::new(&longer), Some(1));
        assert_eq!(named.get(&long), Some(&1));
        assert_eq!(named.set(&Name::new(&long), Some(2)), Some(1));
        assert_eq!(named.get(&long[..62]), None);
    }
}
