//! By which words is an object found?
//!
//! A name is found by what it begins with, as a whole or from any of its parts on: `order_items_total` by
//! `ord`, by `items_t`, by `total`. So the words of a name are its endings, each from the start of a part.

use crate::text::folded;
use std::collections::HashMap;

/// Longest word kept, in bytes.
pub(super) const WORD_BYTES_MAX: usize = 64;
/// Parts of one name that are looked at.
const PARTS_MAX: usize = 8;
/// Words of a query that are looked at.
pub(super) const QUERY_WORDS_MAX: usize = 8;

/// Where a word stands: places in the order of entries, ascending.
#[derive(Debug, Default)]
pub(super) struct Places {
    pub(super) names: Vec<u32>,
    pub(super) columns: Vec<u32>,
}

/// The words of a snapshot. Columns of many tables have the same names, so each name is taken apart once.
#[derive(Debug, Default)]
pub(super) struct Words<'a> {
    places: Vec<(Vec<u8>, Places)>,
    by_word: HashMap<Vec<u8>, usize>,
    by_name: HashMap<&'a str, Vec<usize>>,
}

impl<'a> Words<'a> {
    /// Notes the words of an entry's name. Entries come in their order.
    pub(super) fn name(&mut self, name: &'a str, ordinal: u32) {
        self.each(name, |places| note(&mut places.names, ordinal));
    }

    /// Notes the words of the name of a column, or of anything else an entry is found by second.
    pub(super) fn column(&mut self, name: &'a str, ordinal: u32) {
        self.each(name, |places| note(&mut places.columns, ordinal));
    }

    /// All of them, in their order.
    pub(super) fn sorted(mut self) -> Vec<(Vec<u8>, Places)> {
        self.places.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        self.places
    }

    fn each(&mut self, name: &'a str, mut note: impl FnMut(&mut Places)) {
        let Words { places, by_word, by_name } = self;
        let numbers = by_name.entry(name).or_insert_with(|| {
            let number = |word: Vec<u8>| match by_word.get(&word) {
                Some(number) => *number,
                None => {
                    places.push((word.clone(), Places::default()));
                    by_word.insert(word, places.len() - 1);
                    places.len() - 1
                }
            };
            endings(name).into_iter().map(number).collect()
        });
        for number in numbers {
            if let Some((_, places)) = places.get_mut(*number) {
                note(places);
            }
        }
    }
}

fn note(places: &mut Vec<u32>, ordinal: u32) {
    if places.last() != Some(&ordinal) {
        places.push(ordinal);
    }
}

/// The endings of a name that begin where a part does: after what is no letter or digit, and where a
/// capital follows a small letter.
fn endings(name: &str) -> Vec<Vec<u8>> {
    let mut starts = Vec::new();
    let mut before = None;
    for (place, letter) in name.char_indices() {
        let begins = match before {
            None => true,
            Some(last) => !is_part(last) || (char::is_lowercase(last) && letter.is_uppercase()),
        };
        if begins && is_part(letter) {
            starts.push(place);
        }
        before = Some(letter);
    }
    if !starts.contains(&0) && !name.is_empty() {
        starts.insert(0, 0);
    }
    starts.truncate(PARTS_MAX);
    starts.into_iter().filter_map(|start| name.get(start..)).map(word).collect()
}

fn is_part(letter: char) -> bool {
    letter.is_alphanumeric()
}

/// A text as words are kept: without case, cut to what is kept.
pub(super) fn word(text: &str) -> Vec<u8> {
    let most = text.char_indices().nth(WORD_BYTES_MAX).map_or(text.len(), |(place, _)| place);
    let mut word = folded(text.get(..most).unwrap_or_default());
    while word.len() > WORD_BYTES_MAX {
        word.pop();
    }
    word.into_bytes()
}

/// The words of what somebody looks for: between spaces, and around the dot of `schema.name`.
pub(super) fn asked(text: &str) -> Vec<Vec<u8>> {
    text.split(|letter: char| letter.is_whitespace() || letter == '.')
        .map(|part| part.trim_matches(|letter| matches!(letter, '"' | '`')))
        .filter(|part| !part.is_empty())
        .take(QUERY_WORDS_MAX)
        .map(word)
        .collect()
}

/// Places as they are kept: four bytes each.
pub(super) fn packed(places: &[u32]) -> Vec<u8> {
    places.iter().flat_map(|place| place.to_be_bytes()).collect()
}

/// The places that are kept like this.
pub(super) fn unpacked(bytes: &[u8]) -> impl Iterator<Item = u32> + '_ {
    bytes.as_chunks::<4>().0.iter().map(|place| u32::from_be_bytes(*place))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(words: &[Vec<u8>]) -> Vec<&str> {
        words.iter().map(|word| std::str::from_utf8(word).unwrap()).collect()
    }

    #[test]
    fn a_name_is_found_from_each_of_its_parts_on() {
        assert_eq!(texts(&endings("order_items_total")), ["order_items_total", "items_total", "total"]);
        assert_eq!(texts(&endings("CustomerId")), ["customerid", "id"]);
        assert_eq!(texts(&endings("HTTPStatus")), ["httpstatus"]);
        assert_eq!(texts(&endings("_private")), ["_private", "private"]);
        assert_eq!(
            texts(&endings("'; DROP TABLE users; --")),
            ["'; drop table users; --", "drop table users; --", "table users; --", "users; --"]
        );
        assert_eq!(texts(&endings("🛒 Größe")), ["🛒 grösse", "grösse"]);
        assert_eq!(texts(&endings("--")), ["--"]);
        assert!(endings("").is_empty());
    }

    #[test]
    fn a_word_is_cut_between_letters() {
        let long = "ü".repeat(10_000);
        assert_eq!(word(&long).len(), WORD_BYTES_MAX);
        assert_eq!(endings(&"a_".repeat(5_000)).len(), PARTS_MAX);
    }

    #[test]
    fn a_query_is_words_between_spaces_and_dots() {
        assert_eq!(texts(&asked("  public.\"Order_It\"  total ")), ["public", "order_it", "total"]);
        assert!(asked(" . ").is_empty());
    }

    #[test]
    fn places_come_back() {
        let places = [0, 7, 70_000, u32::MAX];
        assert_eq!(unpacked(&packed(&places)).collect::<Vec<_>>(), places);
    }
}
