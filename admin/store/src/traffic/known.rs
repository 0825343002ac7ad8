//! What has to be at hand to choose among a hundred thousand fingerprints within milliseconds?
//!
//! Class, tables, words and listeners of each, and who the callers are; not the texts. It is read once and
//! then brought up to date by what was written since: every row carries the number of the transaction that
//! wrote it, and those numbers are in the order of commits.

use super::{epoch, place, small};
use crate::row::Values;
use crate::{Result, Tx};
use control::Caller;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Words of one statement that are known, and how long one may be.
const WORDS_MAX: usize = 96;
const WORD_BYTES_MAX: usize = 64;
/// Rows read at once.
const ROWS: i64 = 20_000;

/// A set of small numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Numbers {
    words: Vec<u64>,
}

impl Numbers {
    pub(crate) fn insert(&mut self, number: u32) {
        let at = (number / 64) as usize;
        if self.words.len() <= at {
            self.words.resize(at + 1, 0);
        }
        if let Some(word) = self.words.get_mut(at) {
            *word |= 1 << (number % 64);
        }
    }

    #[inline]
    pub(crate) fn contains(&self, number: u32) -> bool {
        self.words.get((number / 64) as usize).is_some_and(|word| word >> (number % 64) & 1 == 1)
    }

    /// Keeps what both have.
    pub(crate) fn intersect(&mut self, other: &Numbers) {
        self.words.truncate(other.words.len());
        for (word, other) in self.words.iter_mut().zip(&other.words) {
            *word &= other;
        }
    }

    /// Adds what the other has.
    pub(crate) fn unite(&mut self, other: &Numbers) {
        if self.words.len() < other.words.len() {
            self.words.resize(other.words.len(), 0);
        }
        for (word, other) in self.words.iter_mut().zip(&other.words) {
            *word |= other;
        }
    }

    /// The greatest first, below `below`.
    pub(crate) fn descending(&self, below: u32) -> impl Iterator<Item = u32> + '_ {
        let words = self.words.iter().enumerate().rev();
        let bits = words.flat_map(|(at, word)| {
            let mut rest = *word;
            std::iter::from_fn(move || {
                let bit = 63_u32.checked_sub(rest.leading_zeros())?;
                rest &= !(1 << bit);
                Some(place(at) * 64 + bit)
            })
        });
        bits.skip_while(move |number| *number >= below)
    }

    /// How many.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }
}

impl FromIterator<u32> for Numbers {
    fn from_iter<I: IntoIterator<Item = u32>>(numbers: I) -> Numbers {
        let mut set = Numbers::default();
        for number in numbers {
            set.insert(number);
        }
        set
    }
}

/// A table, as statements name it; the schema is empty where they do not say.
pub(crate) type Table = (String, String);

/// What is at hand.
#[derive(Debug, Default)]
pub(crate) struct Known {
    epoch: i64,
    caller: u32,
    /// By fingerprint: which class, as a place in `classes`.
    pub class_of: Vec<u8>,
    pub classes: Vec<String>,
    /// By fingerprint: which tables, as places in `tables`.
    pub tables_of: Vec<Vec<u32>>,
    pub tables: Vec<Table>,
    table_places: HashMap<Table, u32>,
    words: BTreeMap<String, Vec<u32>>,
    /// By listener: its fingerprints.
    pub listeners: HashMap<i64, Numbers>,
    /// By number.
    pub callers: Vec<Caller>,
}

/// What was written since.
#[derive(Debug, Default)]
pub(crate) struct News {
    epoch: i64,
    texts: Vec<(u32, String, String, String)>,
    tables: Vec<(u32, Table)>,
    links: Vec<(i64, u32)>,
    callers: Vec<(u32, Caller)>,
}

/// From where on there is news.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Since {
    epoch: i64,
    caller: u32,
}

impl Since {
    pub(crate) fn epoch(self) -> i64 {
        self.epoch
    }
}

/// Reads what was written since; `None` when nothing was.
pub(crate) async fn news(tx: &mut Tx, since: Since) -> Result<Option<News>> {
    let epoch = epoch(tx).await?;
    if epoch <= since.epoch {
        return Ok(None);
    }
    let mut news = News { epoch, ..News::default() };
    let (mut revision, mut id) = (since.epoch, i64::MAX);
    loop {
        let rows = sqlx::query(
            "SELECT id, revision, fingerprint, class, text FROM fingerprints \
             WHERE revision >= $1 AND (revision > $1 OR id > $2) ORDER BY revision, id LIMIT $3",
        )
        .bind(revision)
        .bind(id)
        .bind(ROWS)
        .fetch_all(tx.on())
        .await?;
        for row in &rows {
            (revision, id) = (row.int("revision")?, row.int("id")?);
            news.texts.push((small(id)?, row.text("fingerprint")?, row.text("class")?, row.text("text")?));
        }
        if (rows.len() as i64) < ROWS {
            break;
        }
    }
    let rows = sqlx::query(
        "SELECT t.fingerprint, t.schema_name, t.table_name FROM fingerprint_tables t \
         JOIN fingerprints f ON f.id = t.fingerprint WHERE f.revision > $1",
    )
    .bind(since.epoch)
    .fetch_all(tx.on())
    .await?;
    for row in &rows {
        let table = (row.text("schema_name")?, row.text("table_name")?);
        news.tables.push((small(row.int("fingerprint")?)?, table));
    }
    let rows = sqlx::query("SELECT listener, fingerprint FROM fingerprint_listeners WHERE revision > $1")
        .bind(since.epoch)
        .fetch_all(tx.on())
        .await?;
    for row in &rows {
        news.links.push((row.int("listener")?, small(row.int("fingerprint")?)?));
    }
    let rows = sqlx::query(
        "SELECT id, user_name, database_name, application FROM callers WHERE id > $1 ORDER BY id",
    )
    .bind(i64::from(since.caller))
    .fetch_all(tx.on())
    .await?;
    for row in &rows {
        news.callers.push((small(row.int("id")?)?, super::sessions::caller(row)?));
    }
    Ok(Some(news))
}

fn at<T: Default>(list: &mut Vec<T>, number: u32) -> Option<&mut T> {
    let number = number as usize;
    if list.len() <= number {
        list.resize_with(number + 1, T::default);
    }
    list.get_mut(number)
}

/// The words of a text, lower-cased; `"order_items"` is one.
pub(crate) fn words(text: &str) -> BTreeSet<String> {
    let split = text.split(|letter: char| !letter.is_alphanumeric() && letter != '_' && letter != '$');
    split
        .filter(|word| !word.is_empty() && word.len() <= WORD_BYTES_MAX)
        .map(str::to_lowercase)
        .take(WORDS_MAX * 4)
        .collect()
}

impl Known {
    pub(crate) fn since(&self) -> Since {
        Since { epoch: self.epoch, caller: self.caller }
    }

    /// Takes in what was written since. What is older than what is known is known already.
    pub(crate) fn take(&mut self, news: News) {
        if news.epoch <= self.epoch {
            return;
        }
        self.epoch = news.epoch;
        for (number, fingerprint, class, text) in news.texts {
            let class = self.class(&class);
            if let Some(place) = at(&mut self.class_of, number) {
                *place = class;
            }
            if let Some(tables) = at(&mut self.tables_of, number) {
                tables.clear();
            }
            for word in words(&text).into_iter().take(WORDS_MAX).chain(words(&fingerprint)) {
                let numbers = self.words.entry(word).or_default();
                if let Err(place) = numbers.binary_search(&number) {
                    numbers.insert(place, number);
                }
            }
        }
        for (number, table) in news.tables {
            let table = self.table(table);
            if let Some(tables) = at(&mut self.tables_of, number)
                && !tables.contains(&table)
            {
                tables.push(table);
            }
        }
        for (listener, number) in news.links {
            self.listeners.entry(listener).or_default().insert(number);
        }
        for (number, caller) in news.callers {
            self.caller = self.caller.max(number);
            if let Some(place) = at(&mut self.callers, number) {
                *place = caller;
            }
        }
    }

    fn class(&mut self, class: &str) -> u8 {
        let found = self.classes.iter().position(|known| known == class).unwrap_or_else(|| {
            self.classes.push(class.to_owned());
            self.classes.len() - 1
        });
        u8::try_from(found).unwrap_or(u8::MAX)
    }

    fn table(&mut self, table: Table) -> u32 {
        let next = place(self.tables.len());
        *self.table_places.entry(table).or_insert_with_key(|table| {
            self.tables.push(table.clone());
            next
        })
    }

    /// Fingerprints whose text has, for each word of `query`, a word that begins with it.
    pub(crate) fn with_words(&self, query: &str) -> Numbers {
        let mut all: Option<Numbers> = None;
        for word in words(query) {
            let mut some = Numbers::default();
            let range = self
                .words
                .range::<str, _>((std::ops::Bound::Included(word.as_str()), std::ops::Bound::Unbounded));
            for (_, numbers) in range.take_while(|(known, _)| known.starts_with(&word)) {
                for number in numbers {
                    some.insert(*number);
                }
            }
            match &mut all {
                Some(all) => all.intersect(&some),
                None => all = Some(some),
            }
        }
        all.unwrap_or_default()
    }

    /// Fingerprints that name a table; without a schema, in any.
    pub(crate) fn with_table(&self, schema: Option<&str>, table: &str) -> Numbers {
        let wanted: Vec<u32> = self
            .tables
            .iter()
            .enumerate()
            .filter(|(_, (known_schema, known))| {
                known == table
                    && schema.is_none_or(|schema| schema == known_schema || known_schema.is_empty())
            })
            .map(|(at, _)| place(at))
            .collect();
        let with = |tables: &Vec<u32>| tables.iter().any(|table| wanted.contains(table));
        let found = self.tables_of.iter().enumerate().filter(|(_, tables)| with(tables));
        found.map(|(number, _)| place(number)).collect()
    }

    /// Fingerprints of a class.
    pub(crate) fn with_class(&self, class: &str) -> Numbers {
        let Some(wanted) = self.classes.iter().position(|known| known == class) else {
            return Numbers::default();
        };
        let found = self.class_of.iter().enumerate().filter(|(_, class)| usize::from(**class) == wanted);
        found.map(|(number, _)| place(number)).collect()
    }

    /// Fingerprints seen behind one of some listeners.
    pub(crate) fn of_listeners(&self, listeners: &[i64]) -> Numbers {
        let mut all = Numbers::default();
        for listener in listeners {
            if let Some(numbers) = self.listeners.get(listener) {
                all.unite(numbers);
            }
        }
        all
    }

    /// Callers for which `wanted` holds.
    pub(crate) fn callers_with(&self, wanted: impl Fn(&Caller) -> bool) -> Numbers {
        let found = self.callers.iter().enumerate().skip(1).filter(|(_, caller)| wanted(caller));
        found.map(|(number, _)| place(number)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_of_numbers_are_what_they_are_made_of() {
        let mut numbers: Numbers = [0, 63, 64, 200].into_iter().collect();
        assert_eq!(numbers.descending(u32::MAX).collect::<Vec<_>>(), [200, 64, 63, 0]);
        assert_eq!(numbers.descending(64).collect::<Vec<_>>(), [63, 0]);
        assert!(numbers.contains(64) && !numbers.contains(65) && !numbers.contains(100_000));
        numbers.intersect(&[63, 64, 65].into_iter().collect());
        numbers.unite(&[500].into_iter().collect());
        assert_eq!((numbers.len(), numbers.contains(500), numbers.contains(200)), (3, true, false));
    }

    #[test]
    fn words_are_found_by_their_beginning_and_all_have_to_be_there() {
        let mut known = Known::default();
        let text =
            |number, text: &str| (number, format!("1-{number:016x}"), "read".to_owned(), text.to_owned());
        known.take(News {
            epoch: 1,
            texts: vec![
                text(7, "SELECT Total FROM \"order_items\" WHERE id = $1"),
                text(9, "SELECT total FROM orders"),
            ],
            ..News::default()
        });
        let found = |query: &str| known.with_words(query).descending(u32::MAX).collect::<Vec<_>>();
        assert_eq!(found("ORDER"), [9, 7]);
        assert_eq!(found("order_ total"), [7]);
        assert_eq!(found("items"), [0_u32; 0], "a word is found by its beginning");
        assert_eq!(found("1-0000000000000009"), [9]);
        assert_eq!(found("  "), [0_u32; 0]);
    }
}
