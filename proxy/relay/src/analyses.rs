//! Has this thread seen this text before?
//!
//! Analyses by the exact bytes of the text, under a hash keyed for this process (clients choose the
//! texts), bounded in bytes by two generations: what was not used for a whole generation goes.

use exchange::Statement;
use sql::{Analysis, Lexing};
use std::collections::HashMap;
use std::sync::Arc;

/// Bytes of text one generation may hold, per thread.
const GENERATION_BYTES: usize = 8 * 1024 * 1024;

/// Longer texts are analysed each time: they are rare and would push out many short ones.
const TEXT_BYTES_MAX: usize = 64 * 1024;

/// What one entry costs beside its text and its statements' texts.
const ENTRY_BYTES: usize = 256;

/// What the name of a table costs beside its bytes.
const TABLE_BYTES: usize = 32;

type Map = HashMap<Box<[u8]>, Arc<Analysis>, foldhash::quality::RandomState>;

#[derive(Debug, Default)]
struct Generations {
    young: Map,
    old: Map,
    young_bytes: usize,
}

impl Generations {
    fn get(&mut self, text: &[u8]) -> Option<Arc<Analysis>> {
        if let Some(analysis) = self.young.get(text) {
            return Some(Arc::clone(analysis));
        }
        let (text, analysis) = self.old.remove_entry(text)?;
        self.insert(text, Arc::clone(&analysis));
        Some(analysis)
    }

    fn insert(&mut self, text: Box<[u8]>, analysis: Arc<Analysis>) {
        let kept = |statement: &Arc<Statement>| {
            statement.text.len()
                + statement.tables.iter().map(|table| TABLE_BYTES + table.len()).sum::<usize>()
        };
        let texts: usize = analysis.statements.iter().map(kept).sum();
        self.young_bytes += text.len() + texts + ENTRY_BYTES;
        self.young.insert(text, analysis);
        if self.young_bytes > GENERATION_BYTES {
            self.old = std::mem::take(&mut self.young);
            self.young_bytes = 0;
        }
    }
}

/// The analysis of one statement known from elsewhere than its text.
pub(crate) fn alone(statement: Arc<Statement>) -> Arc<Analysis> {
    let ending = sql::token::Ending::Certain;
    Arc::new(Analysis { statements: vec![statement], lexing: Lexing::default(), folded: false, ending })
}

/// One thread's analyses: a text read by other rules is another text. The sessions of a server use
/// one way of reading, so the others' room stays empty.
#[derive(Debug, Default)]
pub(crate) struct Analyses {
    by_lexing: [Generations; Lexing::COUNT],
}

impl Analyses {
    /// The analysis of `text` as a session with this lexing reads it. Does not allocate when the
    /// text is known.
    pub(crate) fn of(&mut self, text: &[u8], lexing: Lexing) -> Arc<Analysis> {
        let [generations, ..] = self.by_lexing.get_mut(lexing.index()..).unwrap_or_default() else {
            return Arc::new(sql::analyse(text, lexing));
        };
        if text.len() > TEXT_BYTES_MAX {
            return Arc::new(sql::analyse(text, lexing));
        }
        if let Some(analysis) = generations.get(text) {
            return analysis;
        }
        let analysis = Arc::new(sql::analyse(text, lexing));
        generations.insert(text.into(), Arc::clone(&analysis));
        analysis
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONFORMING: Lexing = Lexing::Postgres { standard_conforming_strings: true };
    const ESCAPING: Lexing = Lexing::Postgres { standard_conforming_strings: false };

    #[test]
    fn a_text_seen_again_is_not_analysed_again() {
        let mut analyses = Analyses::default();
        let first = analyses.of(b"select 1", CONFORMING);
        assert!(Arc::ptr_eq(&first, &analyses.of(b"select 1", CONFORMING)));
        assert!(!Arc::ptr_eq(&first, &analyses.of(b"select 2", CONFORMING)));
    }

    #[test]
    fn a_text_read_under_another_setting_is_another_text() {
        let mut analyses = Analyses::default();
        let text = br"select 'a\'; drop table t --'";
        let (one, other) = (analyses.of(text, CONFORMING), analyses.of(text, ESCAPING));
        assert_eq!((one.statements.len(), other.statements.len()), (2, 1));
    }

    #[test]
    fn ten_times_the_bound_of_texts_stays_within_the_bound() {
        let mut analyses = Analyses::default();
        let filler = "x".repeat(32 * 1024);
        for number in 0..(10 * GENERATION_BYTES / filler.len()) {
            analyses.of(format!("select {number} as {filler}").as_bytes(), CONFORMING);
            assert!(analyses.by_lexing[CONFORMING.index()].young_bytes <= GENERATION_BYTES);
        }
    }
}
