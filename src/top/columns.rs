//! Which columns has each table, what stands in them, and which go when the screen is narrow?

mod errors;
mod listeners;
mod sessions;
mod statements;

pub(super) use errors::ERRORS;
pub(super) use listeners::LISTENERS;
pub(super) use sessions::SESSIONS;
pub(super) use statements::{STATEMENTS, dropped};

use super::amounts::{count, harmless, long_time, time};
use proxy::live::wire::Sort;
use std::cmp::Ordering;

/// What a cell means, beside what it says. A colour is never the only sign of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Tone {
    /// Nothing more.
    #[default]
    Plain,
    /// Less important than the rest.
    Quiet,
    /// As it should be.
    Good,
    /// Worth a look.
    Hint,
    /// In need of a look.
    Bad,
}

/// What stands in a cell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) text: String,
    pub(super) tone: Tone,
}

/// What rows are put in order by. Numbers begin with the highest, words with A, what is not known
/// comes last.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Key {
    Number(f64),
    Word(String),
    Unknown,
}

impl Key {
    /// How rows follow each other; `reversed` turns what is known around.
    pub(super) fn order(&self, other: &Key, reversed: bool) -> Ordering {
        let order = match (self, other) {
            (Key::Unknown, Key::Unknown) => return Ordering::Equal,
            (Key::Unknown, _) => return Ordering::Greater,
            (_, Key::Unknown) => return Ordering::Less,
            (Key::Number(one), Key::Number(other)) => other.total_cmp(one),
            (Key::Word(one), Key::Word(other)) => one.cmp(other),
            (Key::Number(_), Key::Word(_)) => Ordering::Less,
            (Key::Word(_), Key::Number(_)) => Ordering::Greater,
        };
        if reversed { order.reverse() } else { order }
    }
}

/// A column of a table of `R`.
#[derive(Debug)]
pub(super) struct Column<R> {
    /// Its name on the command line and in the help.
    pub(super) name: &'static str,
    /// Its head.
    pub(super) title: &'static str,
    /// Cells it takes; the last column takes what is left, and this at least.
    pub(super) width: u16,
    pub(super) right: bool,
    /// The higher, the earlier it goes when the screen is narrow.
    pub(super) rank: u8,
    pub(super) entry: fn(&R) -> Entry,
    pub(super) key: fn(&R) -> Key,
    /// What the gateway is asked to put first when rows are in this order.
    pub(super) asked: Sort,
}

fn plain(text: String) -> Entry {
    Entry { text, tone: Tone::Plain }
}

fn toned(text: String, tone: Tone) -> Entry {
    Entry { text, tone }
}

/// A figure, or a sign that it is not known.
fn known<T>(value: Option<T>, write: impl Fn(T) -> String) -> Entry {
    value.map_or(toned("-".to_owned(), Tone::Quiet), |value| plain(write(value)))
}

#[allow(clippy::cast_precision_loss)]
fn number<T: Into<Number>>(value: Option<T>) -> Key {
    value.map_or(Key::Unknown, |value| match value.into() {
        Number::Whole(whole) => Key::Number(whole as f64),
        Number::Broken(broken) => Key::Number(broken),
    })
}

enum Number {
    Whole(u64),
    Broken(f64),
}

impl From<u64> for Number {
    fn from(whole: u64) -> Number {
        Number::Whole(whole)
    }
}

impl From<f64> for Number {
    fn from(broken: f64) -> Number {
        Number::Broken(broken)
    }
}

#[allow(clippy::cast_precision_loss)]
fn us(value: u64) -> String {
    time(value as f64)
}

#[allow(clippy::cast_precision_loss)]
fn age(value: u64) -> String {
    long_time(value as f64)
}

fn word(text: &str) -> Key {
    if text.is_empty() { Key::Unknown } else { Key::Word(text.to_lowercase()) }
}

fn names(names: &[String], more: bool) -> String {
    let mut text = harmless(&names.join(","));
    if more {
        text.push_str(",…");
    }
    text
}

fn none_is_quiet(number: u64) -> Entry {
    toned(count(number), if number == 0 { Tone::Quiet } else { Tone::Bad })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_begin_with_the_highest_and_what_is_not_known_is_last_either_way() {
        let mut keys = [Key::Number(1.0), Key::Unknown, Key::Number(3.0), Key::Number(2.0)];
        keys.sort_by(|one, other| one.order(other, false));
        assert_eq!(keys, [Key::Number(3.0), Key::Number(2.0), Key::Number(1.0), Key::Unknown]);
        keys.sort_by(|one, other| one.order(other, true));
        assert_eq!(keys, [Key::Number(1.0), Key::Number(2.0), Key::Number(3.0), Key::Unknown]);
        assert!(word("Abc").order(&word("abd"), false).is_lt(), "words begin with A");
    }

    #[test]
    fn every_column_has_a_name_of_its_own_and_its_title_fits() {
        fn check<R>(columns: &[Column<R>]) {
            for (position, column) in columns.iter().enumerate() {
                assert!(column.title.len() <= usize::from(column.width), "{}", column.name);
                assert!(
                    !columns[..position].iter().any(|other| other.name == column.name),
                    "{}",
                    column.name
                );
            }
            assert!(columns.last().is_some_and(|column| column.rank == 0), "the last column always stays");
        }
        check(STATEMENTS);
        check(SESSIONS);
        check(ERRORS);
        check(LISTENERS);
    }
}
