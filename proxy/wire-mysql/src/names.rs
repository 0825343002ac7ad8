//! Which prepared statement does a number mean at this point of the stream, and which a name?
//!
//! The server numbers statements when it has prepared them and never uses a number twice. Names are
//! those of `PREPARE … FROM`, a space of their own.

use crate::bound::Parameters;
use crate::session::Bound;
use exchange::ExchangeId;
use std::collections::HashMap;

/// An execution whose rows wait to be fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Suspended {
    pub(crate) exchange: ExchangeId,
    pub(crate) rows: u64,
    pub(crate) bytes: u64,
    /// What all parts of it together may hold.
    pub(crate) bound: Bound,
    /// That the part which is fetched now goes beyond it was told.
    pub(crate) told: bool,
}

/// A prepared statement, and its cursor where one is open.
#[derive(Debug)]
pub(crate) struct Prepared<T> {
    pub(crate) statement: Option<T>,
    pub(crate) suspended: Option<Suspended>,
    pub(crate) parameters: Parameters,
}

/// What was prepared in one session.
#[derive(Debug)]
pub(crate) struct Statements<T> {
    numbered: HashMap<u32, Prepared<T>>,
    named: HashMap<Box<[u8]>, T>,
}

impl<T> Statements<T> {
    pub(crate) fn new() -> Statements<T> {
        Statements { numbered: HashMap::new(), named: HashMap::new() }
    }

    pub(crate) fn get(&self, id: u32) -> Option<&T> {
        self.numbered.get(&id).and_then(|prepared| prepared.statement.as_ref())
    }

    pub(crate) fn get_mut(&mut self, id: u32) -> Option<&mut Prepared<T>> {
        self.numbered.get_mut(&id)
    }

    /// The cursor of a statement, where one is open.
    pub(crate) fn suspended(&self, id: u32) -> Option<&Suspended> {
        self.numbered.get(&id).and_then(|prepared| prepared.suspended.as_ref())
    }

    /// The same, to be changed.
    pub(crate) fn suspended_mut(&mut self, id: u32) -> Option<&mut Suspended> {
        self.numbered.get_mut(&id).and_then(|prepared| prepared.suspended.as_mut())
    }

    /// What is known of a statement's parameters.
    pub(crate) fn parameters(&self, id: u32) -> Option<&Parameters> {
        self.numbered.get(&id).map(|prepared| &prepared.parameters)
    }

    /// Remembers what the server has numbered and has so many parameters, if there is room. A number
    /// that was in use, which no server of good manners gives, ends what its cursor had left undone: that
    /// comes back.
    pub(crate) fn insert(
        &mut self,
        id: u32,
        (statement, parameters): (Option<T>, u16),
        most: usize,
    ) -> Option<Suspended> {
        let before = self.remove(id);
        if self.numbered.len() < most {
            let parameters = Parameters { count: parameters, ..Parameters::default() };
            self.numbered.insert(id, Prepared { statement, suspended: None, parameters });
        }
        before
    }

    /// Forgets a statement; what its cursor had left undone comes back.
    pub(crate) fn remove(&mut self, id: u32) -> Option<Suspended> {
        self.numbered.remove(&id).and_then(|prepared| prepared.suspended)
    }

    /// Forgets everything; what cursors had left undone comes back, the oldest first.
    pub(crate) fn clear(&mut self) -> Vec<Suspended> {
        self.named.clear();
        let mut left: Vec<_> = self.numbered.drain().filter_map(|(_, prepared)| prepared.suspended).collect();
        left.sort_unstable_by_key(|suspended| suspended.exchange);
        left
    }

    pub(crate) fn named(&self, name: &[u8]) -> Option<&T> {
        self.named.get(name)
    }

    /// Remembers what `PREPARE … FROM` has named, or forgets it.
    pub(crate) fn set_named(&mut self, name: &[u8], statement: Option<T>, most: usize) {
        match statement {
            Some(statement) if self.named.len() < most => {
                self.named.insert(name.into(), statement);
            }
            Some(_) => {}
            None => {
                self.named.remove(name);
            }
        }
    }

    /// Forgets all names.
    pub(crate) fn clear_named(&mut self) {
        self.named.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_names_are_two_spaces() {
        let mut statements = Statements::new();
        statements.insert(1, (Some("numbered"), 0), 8);
        statements.set_named(b"1", Some("named"), 8);
        assert_eq!((statements.get(1), statements.named(b"1")), (Some(&"numbered"), Some(&"named")));
        statements.clear_named();
        assert_eq!((statements.get(1), statements.named(b"1")), (Some(&"numbered"), None));
    }

    #[test]
    fn no_more_are_remembered_than_are_allowed() {
        let mut statements = Statements::new();
        for id in 0..10 {
            statements.insert(id, (Some(id), 0), 8);
        }
        assert_eq!((statements.get(7), statements.get(8)), (Some(&7), None));
    }
}
