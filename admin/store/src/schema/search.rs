//! In which entries do these words stand?
//!
//! Each word somebody asks for is looked up as the beginning of words: a range of keys. What is found is
//! lists of places, which are joined and intersected here; only the entries of one page are read.

use super::entries::{Entry, at};
use super::words::{asked, unpacked};
use crate::page::PAGE_ROWS_MAX;
use crate::page::Page;
use crate::row::Values;
use crate::text::{end_of_prefix, folded};
use crate::{Id, Result, StoreError, Tx};
use std::collections::BTreeSet;

/// What was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    /// The object.
    pub entry: Entry,
    /// Where the words stand.
    pub matched: Matched,
}

/// Where words stand. Names come first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Matched {
    /// All of them in the object's name.
    Name,
    /// Some in the name of a column or of the schema.
    Column,
    /// Some only in what somebody said about the object, as far as a list shows it.
    Comment,
}

/// Comments of one snapshot that are looked through.
const COMMENTS_MAX: i64 = 100_000;

/// Where a search goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct HitCursor {
    /// Of the last hit.
    pub matched: Matched,
    /// Of the last hit.
    pub ordinal: i64,
}

/// Places where something stands: in own names, in any name, and in names and comments.
#[derive(Default)]
struct Found {
    names: BTreeSet<u32>,
    anywhere: BTreeSet<u32>,
    said: BTreeSet<u32>,
}

/// The entries in which all words of `text` stand, each as the beginning of a part of a name: those with all
/// in their own name first. `after` is the `next` of the page before.
pub async fn search(
    tx: &mut Tx,
    snapshot: Id,
    text: &str,
    after: Option<HitCursor>,
    limit: i64,
) -> Result<Page<Hit, HitCursor>> {
    let mut all: Option<Found> = None;
    let words = asked(text);
    let comments = if words.is_empty() { Vec::new() } else { comments(tx, snapshot).await? };
    for word in words {
        let mut found = look_up(tx, snapshot, &word).await?;
        let said = comments.iter().filter(|(_, comment)| begins_a_word(comment, &word));
        found.said = said.map(|(place, _)| *place).chain(found.anywhere.iter().copied()).collect();
        all = Some(match all {
            None => found,
            Some(before) => Found {
                names: &before.names & &found.names,
                anywhere: &before.anywhere & &found.anywhere,
                said: &before.said & &found.said,
            },
        });
    }
    let Some(all) = all else { return Ok(Page { items: Vec::new(), next: None }) };
    let in_names = all.names.iter().map(|place| cursor(Matched::Name, *place));
    let elsewhere = all.anywhere.difference(&all.names).map(|place| cursor(Matched::Column, *place));
    let most = usize::try_from(limit.clamp(1, PAGE_ROWS_MAX)).unwrap_or(1);
    let in_comments = all.said.difference(&all.anywhere).map(|place| cursor(Matched::Comment, *place));
    let mut hits: Vec<HitCursor> = in_names
        .chain(elsewhere)
        .chain(in_comments)
        .filter(|hit| after.is_none_or(|after| *hit > after))
        .take(most + 1)
        .collect();
    let more = hits.len() > most;
    hits.truncate(most);
    let ordinals: Vec<i64> = hits.iter().map(|hit| hit.ordinal).collect();
    let mut entries = at(tx, snapshot, &ordinals).await?;
    let next = if more { hits.last().copied() } else { None };
    let items = hits
        .into_iter()
        .filter_map(|hit| Some(Hit { entry: entries.remove(&hit.ordinal)?, matched: hit.matched }))
        .collect();
    Ok(Page { items, next })
}

fn cursor(matched: Matched, place: u32) -> HitCursor {
    HitCursor { matched, ordinal: i64::from(place) }
}

/// What is said about the entries of a snapshot, without case.
async fn comments(tx: &mut Tx, snapshot: Id) -> Result<Vec<(u32, String)>> {
    let rows = sqlx::query(
        "SELECT ordinal, comment FROM schema_entries WHERE snapshot = $1 AND comment <> '' \
         ORDER BY ordinal LIMIT $2",
    )
    .bind(snapshot.bytes())
    .bind(COMMENTS_MAX)
    .fetch_all(tx.on())
    .await?;
    rows.iter()
        .map(|row| {
            let ordinal = u32::try_from(row.int("ordinal")?)
                .map_err(|_| StoreError::Damaged("column `ordinal` has no place of a list".to_owned()))?;
            Ok((ordinal, folded(&row.text("comment")?)))
        })
        .collect()
}

/// Whether a word of the text begins with `word`; both without case.
fn begins_a_word(text: &str, word: &[u8]) -> bool {
    let Ok(word) = std::str::from_utf8(word) else { return false };
    let is_start = |at: usize| {
        let before = text.get(..at).and_then(|before| before.chars().next_back());
        before.is_none_or(|letter| !letter.is_alphanumeric())
    };
    !word.is_empty() && text.match_indices(word).any(|(at, _)| is_start(at))
}

/// Where words stand that begin with `word`.
async fn look_up(tx: &mut Tx, snapshot: Id, word: &[u8]) -> Result<Found> {
    // Words are UTF-8, which holds no 0xFF: nothing is after that.
    let end = end_of_prefix(word).unwrap_or_else(|| vec![u8::MAX]);
    let rows = sqlx::query(
        "SELECT names, columns FROM schema_words WHERE snapshot = $1 AND word >= $2 AND word < $3",
    )
    .bind(snapshot.bytes())
    .bind(word.to_vec())
    .bind(end)
    .fetch_all(tx.on())
    .await?;
    let mut found = Found::default();
    for row in rows {
        let (names, columns) = (row.bytes("names")?, row.bytes("columns")?);
        found.names.extend(unpacked(&names));
        found.anywhere.extend(unpacked(&names).chain(unpacked(&columns)));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::begins_a_word;

    #[test]
    fn a_comment_is_found_by_what_its_words_begin_with() {
        let comment = "who buys, and where (größe): café_latte";
        for word in ["who", "bu", "buys", "where", "grö", "café", "latte", "who buys"] {
            assert!(begins_a_word(comment, word.as_bytes()), "{word}");
        }
        for word in ["ho", "uys", "ere", "", "öße", "xyz"] {
            assert!(!begins_a_word(comment, word.as_bytes()), "{word}");
        }
        assert!(!begins_a_word(comment, &[0xff]));
    }
}
