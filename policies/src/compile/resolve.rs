//! What does a condition mean, with lists, words and names looked up?

use super::{Listener, Loaded};
use crate::condition::{Condition, Relations, Test, Tls};
use crate::diagnostic::{Complaints, Diagnostic, MISTAKES_MAX, Place, Placed};
use crate::document::{ConditionEntry, Wanted};
use crate::key::Key;
use crate::network::Network;
use crate::pattern::{ColumnPattern, Pattern, Qualified, folded};
use exchange::{Access, Class, Environment, Fingerprint, Kind, Marks, Protocol, TransactionState};
use std::borrow::Cow;
use std::collections::BTreeMap;

const ENVIRONMENTS: [Environment; 3] =
    [Environment::Development, Environment::Staging, Environment::Production];

const KINDS: [Kind; 5] = [Kind::Run, Kind::Prepare, Kind::Execute, Kind::Function, Kind::Command];

const STATES: [TransactionState; 3] =
    [TransactionState::Idle, TransactionState::Open, TransactionState::Failed];

/// All lists of a listener's rule sets by name, those of one name put together.
pub(super) struct Lists<'a> {
    by_name: BTreeMap<&'a str, Vec<(&'a str, &'a Placed<String>)>>,
}

impl<'a> Lists<'a> {
    pub(super) fn of(sets: &'a [Loaded]) -> Lists<'a> {
        let mut by_name: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for set in sets {
            for list in &set.document.lists {
                let entries = list.entries.iter().map(|one| (set.file.as_str(), one));
                by_name.entry(list.name.as_str()).or_default().extend(entries);
            }
        }
        Lists { by_name }
    }
}

/// One entry of a condition: as written there, or in a list it refers to.
struct Entry<'a> {
    word: &'a str,
    /// The list's file, where it comes from a list.
    file: Option<&'a str>,
    place: Place,
}

/// Resolves the conditions of one rule set.
pub(super) struct Resolver<'a> {
    set: &'a Loaded,
    lists: &'a Lists<'a>,
    listener: &'a Listener<'a>,
    pub(super) complaints: Complaints<'a>,
}

impl<'a> Resolver<'a> {
    pub(super) fn new(set: &'a Loaded, lists: &'a Lists<'a>, listener: &'a Listener<'a>) -> Resolver<'a> {
        let complaints = Complaints { file: &set.file, found: Vec::new() };
        Resolver { set, lists, listener, complaints }
    }

    /// The tests of a `when` or an `unless`. What is said of one relation becomes one test.
    pub(super) fn conditions(&mut self, entries: &'a [ConditionEntry]) -> Box<[Condition]> {
        let mut found: Vec<Condition> = Vec::new();
        let mut relations: Option<usize> = None;
        for entry in entries {
            let Some(test) = self.test(entry) else { continue };
            let wanted = words(&entry.wanted);
            let condition = Condition { key: entry.key, wanted: wanted.into(), test };
            match (relations.and_then(|at| found.get_mut(at)), condition) {
                (Some(first), Condition { key, wanted, test: Test::Relations(more) }) => {
                    first.wanted = format!("{} with {} {wanted}", first.wanted, key.word()).into();
                    if let Test::Relations(all) = &mut first.test {
                        all.schema = all.schema.take().or(more.schema);
                        all.table = all.table.take().or(more.table);
                        all.access = all.access.or(more.access);
                    }
                }
                (None, condition) => {
                    if matches!(condition.test, Test::Relations(_)) {
                        relations = Some(found.len());
                    }
                    found.push(condition);
                }
                (Some(_), condition) => found.push(condition),
            }
        }
        found.into()
    }

    fn test(&mut self, entry: &'a ConditionEntry) -> Option<Test> {
        let words = match &entry.wanted {
            Wanted::Words(words) => words,
            other => return of_value(entry.key, other),
        };
        let key = entry.key;
        Some(match key {
            Key::User => Test::User(self.patterns(words, key)),
            Key::Role => Test::Role(self.patterns(words, key)),
            Key::Database => Test::Database(self.patterns(words, key)),
            Key::Application => Test::Application(self.patterns(words, key)),
            Key::Verb => Test::Verb(self.patterns(words, key)),
            Key::Setting => Test::Settings(self.patterns(words, key)),
            Key::Address => Test::Address(self.each(words, key, Network::of)),
            Key::Tls => {
                let known: Vec<_> = Tls::WORDS.to_vec();
                Test::Tls(self.known(words, key, &known).into())
            }
            Key::Certificate => Test::Certificate(self.patterns(words, key)),
            Key::Listener => {
                let here = self.listener.name;
                Test::Fixed(self.patterns(words, key).iter().any(|one| one.matches(here)))
            }
            Key::Environment => {
                let known: Vec<_> = ENVIRONMENTS.iter().map(|one| (one.as_str(), *one)).collect();
                Test::Fixed(self.known(words, key, &known).contains(&self.listener.environment))
            }
            Key::Class => {
                let known: Vec<_> =
                    Class::ALL.iter().map(|one| (one.as_str(), 1u16 << one.index())).collect();
                Test::Class(self.known(words, key, &known).into_iter().fold(0, |all, one| all | one))
            }
            Key::Kind => {
                let known: Vec<_> = KINDS.iter().map(|one| (one.as_str(), 1u8 << *one as u8)).collect();
                Test::Kind(self.known(words, key, &known).into_iter().fold(0, |all, one| all | one))
            }
            Key::Transaction => {
                let known: Vec<_> = STATES.iter().map(|one| (one.as_str(), 1u8 << *one as u8)).collect();
                Test::Transaction(self.known(words, key, &known).into_iter().fold(0, |all, one| all | one))
            }
            Key::Mark => {
                let known: Vec<_> = Marks::ALL.iter().map(|(mark, word)| (*word, *mark)).collect();
                let marks = self.known(words, key, &known).into_iter();
                Test::Marks(marks.fold(Marks::NONE, Marks::with))
            }
            Key::Access => {
                let known: Vec<_> = Access::ALL.iter().map(|(access, word)| (*word, *access)).collect();
                let access = self.known(words, key, &known).into_iter().fold(Access::NONE, Access::with);
                Test::Relations(Relations { access: Some(access), ..Relations::default() })
            }
            Key::Schema => {
                Test::Relations(Relations { schema: Some(self.patterns(words, key)), ..Relations::default() })
            }
            Key::Table => {
                let table = self.each(words, key, |word| Qualified::of(word).ok_or(NAME));
                Test::Relations(Relations { table: Some(table), ..Relations::default() })
            }
            Key::Column => Test::Columns(self.each(words, key, |word| ColumnPattern::of(word).ok_or(COLUMN))),
            Key::Function => Test::Functions(self.each(words, key, |word| Qualified::of(word).ok_or(NAME))),
            Key::Fingerprint => {
                let mut all = self.each(words, key, |word| fingerprint(word).ok_or(FINGERPRINT));
                all.sort_unstable();
                Test::Fingerprints(all)
            }
            Key::Where | Key::Limit | Key::RowsOver | Key::EveryRow | Key::Unjudged | Key::Time => {
                return None;
            }
        })
    }

    fn patterns(&mut self, words: &'a [Placed<String>], key: Key) -> Box<[Pattern]> {
        self.each(words, key, |word| Ok(Pattern::of(word)))
    }

    /// What `read` makes of each entry, lists opened.
    fn each<T>(
        &mut self,
        words: &'a [Placed<String>],
        key: Key,
        read: impl Fn(&str) -> Result<T, &'static str>,
    ) -> Box<[T]> {
        let mut made = Vec::new();
        let folds = self.listener.protocol == Protocol::Mysql && key.is_of_names();
        for entry in self.entries(words) {
            let word = if folds { folded(entry.word) } else { Cow::Borrowed(entry.word) };
            match read(&word) {
                Ok(one) => made.push(one),
                Err(why) => self.tell(&entry, format!("`{}` {why} (`{}`)", entry.word, key.word())),
            }
        }
        made.into()
    }

    /// What each entry stands for, where it is a known word.
    fn known<T: Copy>(
        &mut self,
        words: &'a [Placed<String>],
        key: Key,
        known: &[(&'static str, T)],
    ) -> Vec<T> {
        let mut made = Vec::new();
        for entry in self.entries(words) {
            match known.iter().find(|(word, _)| *word == entry.word) {
                Some((_, one)) => made.push(*one),
                None => {
                    let words: Vec<_> = known.iter().map(|(word, _)| *word).collect();
                    let file = entry.file.unwrap_or(self.complaints.file);
                    let mut complaints = Complaints { file, found: Vec::new() };
                    complaints.tell_unknown(entry.place, key.word(), entry.word, &words);
                    self.complaints.found.append(&mut complaints.found);
                }
            }
        }
        made
    }

    /// The entries with `@name` replaced by what is in the list.
    fn entries(&mut self, words: &'a [Placed<String>]) -> Vec<Entry<'a>> {
        let mut all = Vec::new();
        for word in words {
            let Some(name) = word.value.strip_prefix('@') else {
                all.push(Entry { word: &word.value, file: None, place: word.place });
                continue;
            };
            match self.lists.by_name.get(name) {
                Some(entries) => all.extend(entries.iter().map(|(file, one)| Entry {
                    word: &one.value,
                    file: Some(file),
                    place: one.place,
                })),
                // What a pack asks for and nobody gives is empty: nobody is in it.
                None if self.set.is_pack => {}
                None => {
                    // Nobody is told of more mistakes: nothing is searched for them.
                    let near = (self.complaints.found.len() < MISTAKES_MAX).then(|| {
                        let known: Vec<_> = self.lists.by_name.keys().copied().collect();
                        crate::diagnostic::nearest(name, &known)
                    });
                    let near = near.flatten();
                    let near = near.map(|near| format!("did you mean `@{near}`? ")).unwrap_or_default();
                    self.complaints.tell(
                        word.place,
                        format!("there is no list `{name}`"),
                        format!("{near}a list is given under `[lists]`, in this file or another one of the listener"),
                    );
                }
            }
        }
        all
    }

    fn tell(&mut self, entry: &Entry<'_>, message: String) {
        self.complaints.found.push(Diagnostic {
            file: entry.file.unwrap_or(self.complaints.file).to_owned(),
            line: entry.place.line,
            column: entry.place.column,
            message,
            hint: None,
        });
    }
}

/// Words of a condition that an explanation repeats.
const WORDS_SHOWN_MAX: usize = 4;

const NAME: &str = "is no name: write `orders`, `sales.orders`, `sales.*` or `\"Odd.Name\"`";
const COLUMN: &str = "is no column: write `salary`, `employees.salary` or `staff.employees.salary`";
const FINGERPRINT: &str = "is no fingerprint of this version: they look like `1-0123456789abcdef`";

fn fingerprint(text: &str) -> Option<u64> {
    let (version, digits) = text.split_once('-')?;
    let plain = digits.len() == 16 && digits.bytes().all(|one| one.is_ascii_hexdigit());
    if version != Fingerprint::VERSION.to_string() || !plain {
        return None;
    }
    u64::from_str_radix(digits, 16).ok()
}

/// The test of a condition that is no list of words.
fn of_value(key: Key, wanted: &Wanted) -> Option<Test> {
    Some(match (key, wanted) {
        (Key::Where, Wanted::Truth(wanted)) => Test::Mark(Marks::FILTERED, *wanted),
        (Key::Limit, Wanted::Truth(wanted)) => Test::Mark(Marks::LIMITED, *wanted),
        (Key::EveryRow, Wanted::Truth(wanted)) => Test::Mark(Marks::EVERY_ROW, *wanted),
        (Key::Unjudged, Wanted::Truth(wanted)) => Test::Unjudged(*wanted),
        (Key::RowsOver, Wanted::Number(rows)) => Test::RowsOver(*rows),
        (Key::Time, Wanted::Time(schedule)) => Test::Time(*schedule),
        _ => return None,
    })
}

/// What a condition asks for, as its author wrote it.
fn words(wanted: &Wanted) -> String {
    match wanted {
        Wanted::Words(words) => {
            let quoted: Vec<_> =
                words.iter().take(WORDS_SHOWN_MAX).map(|one| format!("`{}`", one.value)).collect();
            match words.len() - quoted.len() {
                0 => quoted.join(", "),
                more => format!("{} and {more} more", quoted.join(", ")),
            }
        }
        Wanted::Truth(truth) => truth.to_string(),
        Wanted::Number(number) => number.to_string(),
        Wanted::Time(schedule) => schedule.to_string(),
    }
}
