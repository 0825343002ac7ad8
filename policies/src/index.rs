//! Which rules may match a statement? Tables of sets, one a dimension, that are put together by AND.
//!
//! What comes out holds every rule that matches. For the rules in `decided` it is exact; the others
//! have conditions that have to be looked at one by one.

use crate::bits::Bits;
use crate::condition::{Test, grave};
use crate::facts::Facts;
use crate::pattern::{Pattern, folded};
use crate::rule::Rule;
use exchange::{Class, Effects, Marks};
use foldhash::fast::FixedState;
use std::collections::HashMap;

const KINDS: usize = 5;
const TRANSACTIONS: usize = 3;
const FLAGS: [Marks; 3] = [Marks::EVERY_ROW, Marks::FILTERED, Marks::LIMITED];

/// The tables.
#[derive(Clone, Debug)]
pub(crate) struct Index {
    by_class: [Bits; Class::ALL.len()],
    by_kind: [Bits; KINDS],
    by_transaction: [Bits; TRANSACTIONS],
    /// By which of [`FLAGS`] are set, one bit each.
    by_flags: [Bits; 1 << FLAGS.len()],
    /// Rules that ask for no mark.
    without_marks: Bits,
    /// Marks that rules ask for, and who asks for each.
    wanted_marks: Marks,
    by_mark: Box<[Bits; 64]>,
    /// Marks that rules which allow do not name, and whom each keeps from matching.
    unnamed_marks: Marks,
    by_unnamed: Box<[Bits; 64]>,
    verbs: Names,
    relations: Names,
    functions: Names,
    settings: Names,
    /// Rules of which nothing but `unless` is left to look at.
    pub(crate) decided: Bits,
}

/// Rules by the names they ask for.
#[derive(Clone, Debug, Default)]
struct Names {
    /// Rules that ask for no name of this kind, or not for names that can be looked up.
    free: Bits,
    by_name: HashMap<Box<str>, Bits, FixedState>,
}

impl Names {
    /// Adds the rules that ask for one of `names`.
    #[inline]
    fn of<'n>(&self, names: impl Iterator<Item = &'n str>, folds: bool) -> Bits {
        if self.by_name.is_empty() {
            return self.free;
        }
        let found = |name: &'n str| match folds {
            true => self.by_name.get(&*folded(name)),
            false => self.by_name.get(name),
        };
        names.filter_map(found).fold(self.free, |all, one| all.or(one))
    }

    fn add(&mut self, number: usize, names: Option<Vec<&str>>) {
        match names {
            None => self.free.insert(number),
            Some(names) => {
                names.into_iter().for_each(|name| self.by_name.entry(name.into()).or_default().insert(number))
            }
        }
    }
}

impl Index {
    pub(crate) fn of(rules: &[Rule]) -> Index {
        let mut index = Index {
            by_class: Default::default(),
            by_kind: Default::default(),
            by_transaction: Default::default(),
            by_flags: Default::default(),
            without_marks: Bits::NONE,
            wanted_marks: Marks::NONE,
            by_mark: Box::new([Bits::NONE; 64]),
            unnamed_marks: Marks::NONE,
            by_unnamed: Box::new([Bits::NONE; 64]),
            verbs: Names::default(),
            relations: Names::default(),
            functions: Names::default(),
            settings: Names::default(),
            decided: Bits::NONE,
        };
        for (number, rule) in rules.iter().enumerate() {
            index.add(number, rule);
        }
        index
    }

    fn add(&mut self, number: usize, rule: &Rule) {
        let tests = || rule.when.iter().map(|one| &one.test);
        let put = |sets: &mut [Bits], holds: &dyn Fn(usize) -> bool| {
            (0..).zip(sets).filter(|(value, _)| holds(*value)).for_each(|(_, set)| set.insert(number));
        };
        put(&mut self.by_class, &|value| {
            tests().all(|test| !matches!(test, Test::Class(classes) if classes >> value & 1 == 0))
        });
        put(&mut self.by_kind, &|value| {
            tests().all(|test| !matches!(test, Test::Kind(kinds) if kinds >> value & 1 == 0))
        });
        put(&mut self.by_transaction, &|value| {
            tests().all(|test| !matches!(test, Test::Transaction(states) if states >> value & 1 == 0))
        });
        put(&mut self.by_flags, &|value| {
            tests().all(|test| {
                !matches!(test, Test::Mark(mark, wanted)
                    if FLAGS.iter().enumerate().any(|(bit, flag)| flag == mark && (value >> bit & 1 == 1) != *wanted))
            })
        });
        self.add_marks(number, rule);
        let names = |of: fn(&Test) -> Option<Vec<&str>>| tests().find_map(of);
        self.verbs.add(number, names(verbs));
        self.relations.add(number, names(relations));
        self.functions.add(number, names(functions));
        self.settings.add(number, names(settings));
        if tests().all(is_decided) {
            self.decided.insert(number);
        }
    }

    fn add_marks(&mut self, number: usize, rule: &Rule) {
        for one in &rule.when {
            if let Test::Unnamed(marks) = one.test {
                self.unnamed_marks.insert(marks);
                add(&mut self.by_unnamed, marks, number);
            }
        }
        let asked = rule.when.iter().find_map(|one| match &one.test {
            Test::Marks(marks) => Some(*marks),
            _ => None,
        });
        let Some(asked) = asked else {
            self.without_marks.insert(number);
            return;
        };
        self.wanted_marks.insert(asked);
        add(&mut self.by_mark, asked, number);
    }

    /// The rules of `among` that may match a judged statement.
    #[inline]
    pub(crate) fn candidates(
        &self,
        among: &Bits,
        facts: &Facts<'_>,
        class: Class,
        effects: &Effects,
    ) -> Bits {
        let marks = effects.marks;
        let flags = FLAGS
            .iter()
            .enumerate()
            .fold(0, |all, (bit, flag)| all | usize::from(marks.contains(*flag)) << bit);
        let mut found = among
            .and(&self.by_class[class.index()])
            .and(&self.by_kind[facts.kind as usize % KINDS])
            .and(&self.by_transaction[facts.transaction as usize % TRANSACTIONS])
            .and(&self.by_flags[flags % (1 << FLAGS.len())]);
        let mut marked = self.without_marks;
        let mut wanted = marks.0 & self.wanted_marks.0;
        while wanted != 0 {
            marked = marked.or(&self.by_mark[wanted.trailing_zeros() as usize % 64]);
            wanted &= wanted - 1;
        }
        found = found.and(&marked);
        let mut unnamed = grave(effects).0 & self.unnamed_marks.0;
        while unnamed != 0 {
            found = found.without(&self.by_unnamed[unnamed.trailing_zeros() as usize % 64]);
            unnamed &= unnamed - 1;
        }
        if found.is_empty() {
            return found;
        }
        let folds = facts.names().folds;
        found
            .and(&self.verbs.of(std::iter::once(effects.verb), false))
            .and(&self.relations.of(effects.relations.iter().map(|one| &*one.name), folds))
            .and(&self.functions.of(effects.functions.iter().map(|one| &*one.name), folds))
            // A setting without a name may be any: nobody can be left out.
            .and(&match effects.settings.iter().any(|one| one.name.is_empty()) {
                true => found,
                false => self.settings.of(effects.settings.iter().map(|one| &*one.name), folds),
            })
    }
}

fn add(sets: &mut [Bits; 64], marks: Marks, number: usize) {
    for (bit, set) in sets.iter_mut().enumerate() {
        if marks.0 >> bit & 1 == 1 {
            set.insert(number);
        }
    }
}

/// Whether the tables and the session's mask say all there is to say.
fn is_decided(test: &Test) -> bool {
    match test {
        Test::Fixed(_)
        | Test::User(_)
        | Test::Database(_)
        | Test::Application(_)
        | Test::Address(_)
        | Test::Tls(_)
        | Test::Certificate(_)
        | Test::Class(_)
        | Test::Kind(_)
        | Test::Transaction(_)
        | Test::Marks(_)
        | Test::Unnamed(_) => true,
        Test::Mark(mark, _) => FLAGS.contains(mark),
        Test::Verb(_) => verbs(test).is_some(),
        Test::Role(_)
        | Test::Relations(_)
        | Test::Columns(_)
        | Test::Functions(_)
        | Test::Settings(_)
        | Test::Fingerprints(_)
        | Test::RowsOver(_)
        | Test::Unjudged(_)
        | Test::Time(_) => false,
    }
}

/// The names among which one has to be, where all of them can be looked up.
fn exact<'p>(patterns: impl Iterator<Item = &'p Pattern>) -> Option<Vec<&'p str>> {
    patterns.map(Pattern::exact).collect()
}

fn verbs(test: &Test) -> Option<Vec<&str>> {
    if let Test::Verb(patterns) = test { exact(patterns.iter()) } else { None }
}

fn relations(test: &Test) -> Option<Vec<&str>> {
    let Test::Relations(wanted) = test else { return None };
    exact(wanted.table.as_ref()?.iter().map(|one| &one.name))
}

fn functions(test: &Test) -> Option<Vec<&str>> {
    if let Test::Functions(patterns) = test { exact(patterns.iter().map(|one| &one.name)) } else { None }
}

fn settings(test: &Test) -> Option<Vec<&str>> {
    if let Test::Settings(patterns) = test { exact(patterns.iter()) } else { None }
}
