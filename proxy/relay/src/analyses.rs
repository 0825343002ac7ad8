//! Has this thread seen this text before?
//!
//! Analyses by the exact bytes of the text, under a hash keyed for this process (clients choose the
//! texts) and compared byte by byte, so that no collision can lend one text the judgement of another.
//! Bounded in bytes by two generations: what was not used for a whole generation goes.
//!
//! With the simple protocol literals stand in the text, and most texts never come again. So a text
//! is kept when it comes for the second time, and texts that differ in pure constants only share one
//! analysis, by their [skeleton](sql::skeleton).

use exchange::{Fingerprint, Statement};
use sql::{Analysis, Lexing};
use std::collections::HashMap;
use std::hash::BuildHasher;
use std::sync::Arc;

/// Bytes one generation may hold, per thread: of texts, and of skeletons.
const GENERATION_BYTES: usize = 8 * 1024 * 1024;

/// Longer texts are analysed each time: they are rare and would push out many short ones.
const TEXT_BYTES_MAX: usize = 64 * 1024;

/// What one entry costs beside its text and its analysis.
const ENTRY_BYTES: usize = 256;

/// What the name of a table costs beside its bytes.
const TABLE_BYTES: usize = 32;

/// Texts that came once and are remembered, by their hashes.
const ONCE: usize = 4096;

/// Analyses that are shared by texts of one shape where there are no skeletons, and the longest that
/// is: 8 MiB at most.
const SHARED_MAX: usize = 4096;
const SHARED_BYTES_MAX: usize = 2048;

type Hasher = foldhash::quality::RandomState;
type Map = HashMap<Box<[u8]>, Arc<Analysis>, Hasher>;

/// Analyses by the bytes they are known under.
#[derive(Debug, Default)]
struct Generations {
    young: Map,
    old: Map,
    young_bytes: usize,
}

impl Generations {
    fn get(&mut self, key: &[u8]) -> Option<Arc<Analysis>> {
        if let Some(analysis) = self.young.get(key) {
            return Some(Arc::clone(analysis));
        }
        let (key, analysis) = self.old.remove_entry(key)?;
        self.insert(key, Arc::clone(&analysis));
        Some(analysis)
    }

    fn insert(&mut self, key: Box<[u8]>, analysis: Arc<Analysis>) {
        self.young_bytes += key.len() + kept_bytes(&analysis) + ENTRY_BYTES;
        self.young.insert(key, analysis);
        if self.young_bytes > GENERATION_BYTES {
            self.old = std::mem::take(&mut self.young);
            self.young_bytes = 0;
        }
    }
}

/// What is known of texts that are read by the same rules.
#[derive(Debug, Default)]
struct Known {
    texts: Generations,
    skeletons: Generations,
    /// In each place the hash of the last text of that place that came and is not kept.
    once: Vec<u64>,
    /// The analysis of one statement alone, by its shape, where there are no skeletons.
    shared: HashMap<Fingerprint, Arc<Analysis>, Hasher>,
    /// Where the next skeleton is written.
    skeleton: Vec<u8>,
}

impl Known {
    /// What is known of `text`, or what `analyse` says of it; `None` when that says nothing.
    fn of(
        &mut self,
        text: &[u8],
        lexing: Lexing,
        analyse: impl FnOnce() -> Option<Analysis>,
    ) -> Option<Arc<Analysis>> {
        if let Some(analysis) = self.texts.get(text) {
            return Some(analysis);
        }
        let has_skeleton = sql::skeleton::write(text, lexing, &mut self.skeleton);
        let known = if has_skeleton { self.skeletons.get(&self.skeleton) } else { None };
        let analysis = match known {
            Some(analysis) => analysis,
            None => self.keep(analyse()?, has_skeleton),
        };
        if self.came_before(text) {
            self.texts.insert(text.into(), Arc::clone(&analysis));
        }
        Some(analysis)
    }

    fn keep(&mut self, analysis: Analysis, has_skeleton: bool) -> Arc<Analysis> {
        if !has_skeleton {
            return self.share(analysis);
        }
        let analysis = Arc::new(analysis);
        if sql::skeleton::shares(&analysis) {
            self.skeletons.insert(self.skeleton.as_slice().into(), Arc::clone(&analysis));
        }
        analysis
    }

    /// Whether `text` came before, as far as that is remembered.
    fn came_before(&mut self, text: &[u8]) -> bool {
        if self.once.is_empty() {
            self.once.resize(ONCE, 0);
        }
        let hash = self.texts.young.hasher().hash_one(text);
        let place = usize::try_from(hash).unwrap_or_default() % ONCE;
        self.once.get_mut(place).is_some_and(|once| std::mem::replace(once, hash) == hash)
    }

    /// The same analysis, known from another text, where there is one.
    fn share(&mut self, analysis: Analysis) -> Arc<Analysis> {
        let [statement] = analysis.statements.as_slice() else { return Arc::new(analysis) };
        let fingerprint = statement.fingerprint;
        let same = |known: &&Arc<Analysis>| ***known == analysis;
        if let Some(known) = self.shared.get(&fingerprint).filter(|known| same(known)) {
            return Arc::clone(known);
        }
        if self.shared.len() >= SHARED_MAX {
            self.shared.clear();
        }
        let analysis = Arc::new(analysis);
        if kept_bytes(&analysis) <= SHARED_BYTES_MAX {
            self.shared.insert(fingerprint, Arc::clone(&analysis));
        }
        analysis
    }
}

/// What an analysis keeps in memory.
fn kept_bytes(analysis: &Analysis) -> usize {
    let kept = |statement: &Arc<Statement>| {
        let tables = statement.tables.iter().map(|table| TABLE_BYTES + table.len()).sum::<usize>();
        statement.text.len() + tables + statement.effects.held_bytes()
    };
    analysis.statements.iter().map(kept).sum()
}

/// The analysis of one statement known from elsewhere than its text.
pub(crate) fn alone(statement: Arc<Statement>) -> Arc<Analysis> {
    let ending = sql::token::Ending::Certain;
    Arc::new(Analysis { statements: vec![statement], lexing: Lexing::default(), folded: false, ending })
}

/// Ways of reading one thread remembers texts of. The sessions of a server use one, seldom two; a gateway
/// before more servers than these of different versions forgets what it knew of the oldest.
const LEXINGS_MAX: usize = 16;

/// One thread's analyses: a text read by other rules is another text.
#[derive(Debug, Default)]
pub(crate) struct Analyses {
    by_lexing: Vec<(Lexing, Known)>,
}

impl Analyses {
    /// The analysis of `text` as a session with this lexing reads it. Does not allocate when the
    /// text is known.
    pub(crate) fn of(&mut self, text: &[u8], lexing: Lexing) -> Arc<Analysis> {
        self.ask(text, lexing, || Some(sql::analyse(text, lexing)))
            .unwrap_or_else(|| Arc::new(sql::unread(lexing)))
    }

    /// The same, where it is known already.
    pub(crate) fn known(&mut self, text: &[u8], lexing: Lexing) -> Option<Arc<Analysis>> {
        self.ask(text, lexing, || None)
    }

    fn ask(
        &mut self,
        text: &[u8],
        lexing: Lexing,
        analyse: impl FnOnce() -> Option<Analysis>,
    ) -> Option<Arc<Analysis>> {
        match self.read_by(lexing) {
            Some(known) if text.len() <= TEXT_BYTES_MAX => known.of(text, lexing, analyse),
            _ => analyse().map(Arc::new),
        }
    }

    /// What is known of texts that are read this way.
    fn read_by(&mut self, lexing: Lexing) -> Option<&mut Known> {
        let place = match self.by_lexing.iter().position(|(one, _)| *one == lexing) {
            Some(place) => place,
            None => {
                if self.by_lexing.len() == LEXINGS_MAX {
                    self.by_lexing.remove(0);
                }
                self.by_lexing.push((lexing, Known::default()));
                self.by_lexing.len() - 1
            }
        };
        self.by_lexing.get_mut(place).map(|(_, known)| known)
    }

    /// Keeps what was found of `text` elsewhere.
    pub(crate) fn learn(&mut self, text: &[u8], lexing: Lexing, analysis: &Arc<Analysis>) {
        let Some(known) = self.read_by(lexing) else { return };
        if text.len() <= TEXT_BYTES_MAX && known.came_before(text) {
            known.texts.insert(text.into(), Arc::clone(analysis));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sql::MysqlServer;

    const CONFORMING: Lexing = Lexing::Postgres { standard_conforming_strings: true };
    const ESCAPING: Lexing = Lexing::Postgres { standard_conforming_strings: false };

    fn conforming(analyses: &mut Analyses) -> &mut Known {
        analyses.read_by(CONFORMING).unwrap()
    }

    #[test]
    fn a_text_that_came_twice_is_not_analysed_again() {
        let mut analyses = Analyses::default();
        let kept = |analyses: &mut Analyses| conforming(analyses).texts.young.len();
        analyses.of(b"select 1; select 2", CONFORMING);
        assert_eq!(kept(&mut analyses), 0);
        let second = analyses.of(b"select 1; select 2", CONFORMING);
        assert_eq!(kept(&mut analyses), 1);
        assert!(Arc::ptr_eq(&second, &analyses.of(b"select 1; select 2", CONFORMING)));
    }

    #[test]
    fn texts_that_differ_in_literals_share_one_analysis() {
        let mut analyses = Analyses::default();
        let first = analyses.of(b"select 1", CONFORMING);
        assert!(Arc::ptr_eq(&first, &analyses.of(b"select 2", CONFORMING)));
        assert!(!Arc::ptr_eq(&first, &analyses.of(b"select a", CONFORMING)));
        // The same shape in another writing: what is shown of it is not the same.
        let other = analyses.of(b"SELECT 3", CONFORMING);
        assert_eq!(other.statements[0].fingerprint, first.statements[0].fingerprint);
        assert_ne!(other.statements[0].text, first.statements[0].text);
    }

    #[test]
    fn texts_that_differ_in_a_comment_share_one_analysis() {
        let mut analyses = Analyses::default();
        let traced =
            |number: u32| format!("select a from t where b = {number} /*traceparent='{number:032x}'*/");
        let first = analyses.of(traced(1).as_bytes(), CONFORMING);
        for number in 2..100 {
            let other = analyses.of(traced(number).as_bytes(), CONFORMING);
            assert!(Arc::ptr_eq(&first, &other));
        }
        // Such a text never comes again, so it is not kept.
        let known = conforming(&mut analyses);
        assert_eq!((known.texts.young.len(), known.skeletons.young.len()), (0, 1));
        // MySQL's likewise.
        let first = analyses.of(traced(1).as_bytes(), Lexing::MYSQL);
        assert!(Arc::ptr_eq(&first, &analyses.of(traced(2).as_bytes(), Lexing::MYSQL)));
    }

    #[test]
    fn shapes_without_end_stay_within_the_bound() {
        let mut analyses = Analyses::default();
        for number in 0..3 * SHARED_MAX {
            analyses.of(format!("select column_{number}").as_bytes(), CONFORMING);
            assert!(conforming(&mut analyses).shared.len() <= SHARED_MAX);
        }
    }

    #[test]
    fn a_text_read_under_another_setting_is_another_text() {
        let mut analyses = Analyses::default();
        let text = br"select 'a\'; drop table t --'";
        let (one, other) = (analyses.of(text, CONFORMING), analyses.of(text, ESCAPING));
        assert_eq!((one.statements.len(), other.statements.len()), (2, 1));
    }

    #[test]
    fn a_text_read_by_another_server_is_another_text() {
        let mut analyses = Analyses::default();
        let text = b"select 1 /*!80000 from t */";
        for version in 80_000..80_000 + 3 * LEXINGS_MAX as u32 {
            let lexing = Lexing::of_mysql(MysqlServer::Mysql(version));
            assert_eq!(analyses.of(text, lexing).lexing, lexing);
            assert!(analyses.by_lexing.len() <= LEXINGS_MAX);
        }
    }

    #[test]
    fn ten_times_the_bound_of_texts_stays_within_the_bound() {
        let mut analyses = Analyses::default();
        let filler = "x".repeat(32 * 1024);
        for number in 0..(10 * GENERATION_BYTES / filler.len()) {
            let text = format!("select {number} as {filler}");
            analyses.of(text.as_bytes(), CONFORMING);
            analyses.of(text.as_bytes(), CONFORMING);
            assert!(conforming(&mut analyses).texts.young_bytes <= GENERATION_BYTES);
        }
    }
}
