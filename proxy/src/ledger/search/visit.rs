//! Which records does somebody see who asks for more than a page?
//!
//! One walk from the newest record to the oldest, ended by whoever is shown them. When a segment or an index
//! turns out to be another one than it was, the walk begins anew behind the last record that was shown.

use super::cursor::Cursor;
use super::question::{Question, Scope};
use super::shelf::{Progress, Shelf};
use super::walk::{Found, Halt, Walk};
use super::{ATTEMPTS_MAX, Searcher, failure};
use control::{LedgerQuery, QuestionFailure};
use serde_json::Value;
use std::io;
use std::ops::ControlFlow;

/// More records than happen in one microsecond.
const OF_A_MOMENT_MAX: usize = 1 << 32;

/// A record that somebody is shown.
#[derive(Debug)]
pub struct Visited {
    /// When it happened, in microseconds since 1970-01-01 UTC.
    pub at_us: i64,
    /// Its UUID.
    pub id: u128,
    /// Its line as it is stored, without the line feed.
    pub line: Box<[u8]>,
    /// What the line says.
    pub record: Value,
}

impl Visited {
    fn of(found: Found) -> Visited {
        let Cursor { ts, id } = found.at;
        Visited { at_us: ts, id, line: found.line, record: found.record }
    }
}

/// What was looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Looked {
    /// Records that an index or a glance at their line told of.
    pub records: u64,
    /// Those of them that were read and compared.
    pub read: u64,
}

impl Searcher {
    /// Shows every record that is asked for, newest first, until `each` breaks it off. The query's limit and cursor
    /// do not matter.
    pub fn visit(
        &self,
        query: &LedgerQuery,
        scope: Scope,
        each: &mut dyn FnMut(Visited) -> ControlFlow<()>,
    ) -> Result<Looked, QuestionFailure> {
        let query = LedgerQuery { limit: 1, cursor: None, ..query.clone() };
        let mut question = Question::of(&query, scope)?;
        question.limit = OF_A_MOMENT_MAX;
        let mut looked = Looked::default();
        let mut last = None;
        for _ in 0..ATTEMPTS_MAX {
            if let Some(last) = last {
                question.go_on_after(last);
            }
            match self.walk(&question, &mut looked, &mut last, each) {
                Ok(()) => return Ok(looked),
                Err(Halt::Unreadable(error)) => return Err(failure::unreadable(&self.directory, &error)),
                Err(Halt::Stale { number, index_is_damaged }) => {
                    self.shelf().forget(number, index_is_damaged);
                }
            }
        }
        let error = io::Error::other("its segments change while they are read");
        Err(failure::unreadable(&self.directory, &error))
    }

    fn walk(
        &self,
        question: &Question<'_>,
        looked: &mut Looked,
        last: &mut Option<Cursor>,
        each: &mut dyn FnMut(Visited) -> ControlFlow<()>,
    ) -> Result<(), Halt> {
        let mut walk = {
            let mut shelf = self.shelf();
            complete(&mut shelf)?;
            Walk::begin(question, &self.directory, &shelf)?
        };
        let shown = show(&mut walk, last, each);
        looked.records += walk.records_seen;
        looked.read += walk.records_read;
        shown
    }
}

fn complete(shelf: &mut Shelf) -> Result<(), Halt> {
    while shelf.step().map_err(Halt::Unreadable)? != Progress::Complete {}
    Ok(())
}

fn show(
    walk: &mut Walk<'_>,
    last: &mut Option<Cursor>,
    each: &mut dyn FnMut(Visited) -> ControlFlow<()>,
) -> Result<(), Halt> {
    while walk.bound().is_some() {
        for found in walk.step()? {
            *last = Some(found.at);
            if each(Visited::of(found)).is_break() {
                return Ok(());
            }
        }
    }
    Ok(())
}
