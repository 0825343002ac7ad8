//! How are hundreds of pages added up by group within milliseconds?
//!
//! Twice, and sparingly. First each group's rank: two columns of each page, in the order they lie in memory, into
//! a field by group. Then only the groups that are wanted are added up in full. A rank that is a quantile
//! would need the histograms of all groups, a hundred megabytes of them. But no quantile exceeds the longest,
//! and none exceeds the mean by more than its share allows: so histograms are made for those groups only
//! that can be among the first, some hundred at a time.

use super::known::{Known, Numbers};
use super::page::{Adder, Buckets, CALLS, TOTAL_US, TrafficPage, latency_of};
use super::place;
use super::select::Select;
use super::top::GroupBy;
use control::BUCKETS;
use std::cmp::Reverse;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

/// Groups whose histograms are made at a time: two megabytes, which a processor's cache holds.
const GROUPS: usize = 1_024;

/// A page, and whose it is.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    pub listener: i64,
    /// In minutes since 1970.
    pub start: i64,
    pub page: Arc<TrafficPage>,
}

/// Which group an entry is in. Groups are numbered from 0.
pub(crate) struct Grouping<'a> {
    by: GroupBy,
    known: &'a Known,
    /// By caller, for what callers are grouped by.
    callers: Vec<u32>,
    /// The texts of those groups.
    pub texts: Vec<String>,
    listeners: HashMap<i64, u32>,
    /// The listeners by group.
    pub listener_ids: Vec<i64>,
}

impl<'a> Grouping<'a> {
    pub(crate) fn of(by: GroupBy, known: &'a Known, listeners: &[i64]) -> Grouping<'a> {
        let mut texts: Vec<String> = Vec::new();
        let mut places: HashMap<&str, u32> = HashMap::new();
        let mut callers = Vec::new();
        for caller in &known.callers {
            let text = match by {
                GroupBy::User => &caller.user,
                GroupBy::Database => &caller.database,
                GroupBy::Application => &caller.application,
                _ => break,
            };
            let next = place(texts.len());
            callers.push(*places.entry(text).or_insert_with(|| {
                texts.push(text.clone());
                next
            }));
        }
        let numbered = listeners.iter().enumerate().map(|(at, listener)| (*listener, place(at)));
        Grouping {
            by,
            known,
            callers,
            texts,
            listeners: numbered.collect(),
            listener_ids: listeners.to_vec(),
        }
    }

    fn by_fingerprint(&self) -> Grouping<'a> {
        Grouping::of(GroupBy::Fingerprint, self.known, &self.listener_ids)
    }

    /// What is selected and in one of some groups, as far as that can be told by the fingerprint.
    fn narrowed(&self, select: &Select, groups: &[u32]) -> Select {
        let groups: Numbers = groups.iter().copied().collect();
        let mut fingerprints: Numbers = match self.by {
            GroupBy::Fingerprint => groups,
            GroupBy::Table => {
                let with = |tables: &Vec<u32>| tables.iter().any(|table| groups.contains(*table));
                let found = self.known.tables_of.iter().enumerate().filter(|(_, tables)| with(tables));
                found.map(|(number, _)| place(number)).collect()
            }
            _ => return select.clone(),
        };
        if let Some(before) = &select.fingerprints {
            fingerprints.intersect(before);
        }
        Select { fingerprints: Some(fingerprints), ..select.clone() }
    }

    /// How many groups there can be.
    pub(crate) fn slots(&self) -> u32 {
        match self.by {
            GroupBy::Fingerprint => place(self.known.class_of.len().max(1)),
            GroupBy::Caller => place(self.known.callers.len().max(1)),
            GroupBy::User | GroupBy::Database | GroupBy::Application => place(self.texts.len()),
            GroupBy::Class => place(self.known.classes.len()),
            GroupBy::Table => place(self.known.tables.len()),
            GroupBy::Listener => place(self.listener_ids.len()),
        }
    }

    /// Groups and places of the selected entries of a page, of groups in `slots`.
    fn assign(&self, told: &Told, select: &Select, slots: &Range<u32>, out: &mut Vec<(u32, usize)>) {
        out.clear();
        let page = &*told.page;
        let (from, until) = select.bounds();
        let bounds = match self.by {
            GroupBy::Fingerprint => slots.start.max(from)..slots.end.min(until),
            _ => from..until,
        };
        let places = page.places(bounds);
        let all = select.is_all();
        let entries = page.fingerprints.get(places.clone()).unwrap_or_default().iter();
        let entries = entries.zip(page.callers.get(places.clone()).unwrap_or_default()).zip(places);
        for ((fingerprint, caller), at) in entries {
            if !all && !select.has(*fingerprint, *caller) {
                continue;
            }
            let slot = match self.by {
                GroupBy::Fingerprint => Some(*fingerprint),
                GroupBy::Caller => Some(*caller),
                GroupBy::User | GroupBy::Database | GroupBy::Application => {
                    self.callers.get(*caller as usize).copied()
                }
                GroupBy::Class => {
                    self.known.class_of.get(*fingerprint as usize).map(|class| u32::from(*class))
                }
                GroupBy::Listener => self.listeners.get(&told.listener).copied(),
                GroupBy::Table => {
                    // An entry of several tables is in the group of each.
                    let tables = self.known.tables_of.get(*fingerprint as usize);
                    for table in tables.into_iter().flatten().filter(|table| slots.contains(table)) {
                        out.push((*table, at));
                    }
                    None
                }
            };
            out.extend(slot.filter(|slot| slots.contains(slot)).map(|slot| (slot, at)));
        }
    }
}

/// What ranks groups, by columns that add up.
pub(crate) fn sums(
    pages: &[Told],
    select: &Select,
    grouping: &Grouping<'_>,
    columns: &[usize],
) -> Vec<Vec<u64>> {
    if grouping.by == GroupBy::Table {
        return by_table(
            sums(pages, select, &grouping.by_fingerprint(), columns),
            grouping,
            u64::saturating_add,
        );
    }
    let slots = grouping.slots();
    let mut sums = vec![vec![0_u64; slots as usize]; columns.len()];
    let mut assigned = Vec::new();
    for told in pages {
        grouping.assign(told, select, &(0..slots), &mut assigned);
        for (column, sums) in columns.iter().zip(&mut sums) {
            let Some(values) = told.page.columns.get(*column) else { continue };
            for (slot, at) in &assigned {
                if let (Some(sum), Some(value)) = (sums.get_mut(*slot as usize), values.get(*at)) {
                    *sum = sum.saturating_add(*value);
                }
            }
        }
    }
    sums
}

/// What fingerprints come to, by their tables: each is looked up once, not with every entry.
fn by_table(columns: Vec<Vec<u64>>, grouping: &Grouping<'_>, add: fn(u64, u64) -> u64) -> Vec<Vec<u64>> {
    let fold = |column: Vec<u64>| {
        let mut sums = vec![0_u64; grouping.slots() as usize];
        for (value, tables) in
            column.into_iter().zip(&grouping.known.tables_of).filter(|(value, _)| *value > 0)
        {
            for table in tables {
                if let Some(sum) = sums.get_mut(*table as usize) {
                    *sum = add(*sum, value);
                }
            }
        }
        sums
    };
    columns.into_iter().map(fold).collect()
}

/// The longest of each group.
pub(crate) fn longest(pages: &[Told], select: &Select, grouping: &Grouping<'_>) -> Vec<u64> {
    if grouping.by == GroupBy::Table {
        let by_fingerprint = longest(pages, select, &grouping.by_fingerprint());
        return by_table(vec![by_fingerprint], grouping, u64::max).pop().unwrap_or_default();
    }
    let slots = grouping.slots();
    let mut longest = vec![0_u64; slots as usize];
    let mut assigned = Vec::new();
    for told in pages {
        grouping.assign(told, select, &(0..slots), &mut assigned);
        for (slot, at) in &assigned {
            if let Some(value) = longest.get_mut(*slot as usize) {
                *value = (*value).max(u64::from(told.page.longest(*at)));
            }
        }
    }
    longest
}

/// A quantile of some groups, ascending, and how many durations were counted.
pub(crate) fn quantiles(
    pages: &[Told],
    select: &Select,
    grouping: &Grouping<'_>,
    groups: &[u32],
    quantile: f64,
) -> Vec<(u64, u64)> {
    let mut found = Vec::with_capacity(groups.len());
    let mut places = vec![u32::MAX; grouping.slots() as usize];
    let mut assigned = Vec::new();
    for groups in groups.chunks(GROUPS) {
        for (at, group) in groups.iter().enumerate() {
            if let Some(slot) = places.get_mut(*group as usize) {
                *slot = place(at);
            }
        }
        let narrowed = grouping.narrowed(select, groups);
        let mut histograms: Vec<(Buckets, u32)> = vec![([0; BUCKETS], 0); groups.len()];
        let slots =
            groups.first().copied().unwrap_or(0)..groups.last().map_or(0, |last| last.saturating_add(1));
        for told in pages {
            grouping.assign(told, &narrowed, &slots, &mut assigned);
            for (slot, at) in &assigned {
                let histogram =
                    places.get(*slot as usize).and_then(|slot| histograms.get_mut(*slot as usize));
                let Some((histogram, longest)) = histogram else { continue };
                for (bucket, count) in told.page.steps(*at) {
                    if let Some(sum) = histogram.get_mut(usize::from(bucket)) {
                        *sum = sum.saturating_add(count);
                    }
                }
                *longest = (*longest).max(told.page.longest(*at));
            }
        }
        for ((histogram, longest), group) in histograms.iter().zip(groups) {
            let latency = latency_of(histogram, *longest);
            found.push((latency.quantile(quantile).unwrap_or(0), latency.count()));
            if let Some(slot) = places.get_mut(*group as usize) {
                *slot = u32::MAX;
            }
        }
    }
    found
}

/// The `limit` groups with the greatest quantile, behind `after`: quantile and group, in order. Groups are
/// looked at by what their quantile can be at most, until no other can be among those.
pub(crate) fn greatest_quantiles(
    pages: &[Told],
    select: &Select,
    grouping: &Grouping<'_>,
    (quantile, limit): (f64, usize),
    after: Option<(Reverse<u64>, u32)>,
) -> Vec<(Reverse<u64>, u32)> {
    let sums = sums(pages, select, grouping, &[TOTAL_US, CALLS]);
    let [totals, calls] = sums.as_slice() else { return Vec::new() };
    let longest = longest(pages, select, grouping);
    let all = totals.iter().zip(calls).zip(&longest).enumerate();
    let mut candidates: Vec<(Reverse<u64>, u32)> = all
        .filter(|(_, (_, longest))| **longest > 0)
        .map(|(slot, ((total, calls), longest))| {
            (Reverse(at_most(*total, *calls, *longest, quantile)), place(slot))
        })
        .collect();
    candidates.sort_unstable();
    let mut found: Vec<(Reverse<u64>, u32)> = Vec::new();
    let mut rest = candidates.as_slice();
    while let Some((Reverse(most), _)) = rest.first() {
        let enough = found.get(limit.saturating_sub(1)).is_some_and(|(Reverse(value), _)| value > most);
        if enough {
            break;
        }
        let (next, behind) = rest.split_at(rest.len().min(GROUPS));
        rest = behind;
        let mut groups: Vec<u32> = next.iter().map(|(_, group)| *group).collect();
        groups.sort_unstable();
        let values = quantiles(pages, select, grouping, &groups, quantile);
        let ranked = values.iter().zip(&groups).map(|((value, _), group)| (Reverse(*value), *group));
        found.extend(ranked.filter(|one| one.0.0 > 0 && after.is_none_or(|after| *one > after)));
        found.sort_unstable();
    }
    found.truncate(limit);
    found
}

/// What a quantile can be at most: a share of `1 - quantile` of all calls takes at least that long. A bucket
/// tells its middle, so a sixteenth is added.
#[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn at_most(total_us: u64, calls: u64, longest: u64, quantile: f64) -> u64 {
    // A call that takes less than a microsecond adds nothing to the total: one is added for each.
    let mean = (total_us as f64 + calls as f64) / calls.max(1) as f64;
    let by_mean = mean / (1.0 - quantile).max(f64::EPSILON) * 1.125 + 1.0;
    longest.min(by_mean as u64)
}

/// Everything of some groups, and of all that are selected.
pub(crate) fn in_full(
    pages: &[Told],
    select: &Select,
    grouping: &Grouping<'_>,
    groups: &[u32],
) -> (Vec<Adder>, Adder) {
    let slots = grouping.slots();
    let mut wanted = vec![u32::MAX; slots as usize];
    for (at, group) in groups.iter().enumerate() {
        if let Some(slot) = wanted.get_mut(*group as usize) {
            *slot = place(at);
        }
    }
    let mut adders = vec![Adder::default(); groups.len()];
    let mut total = Adder::default();
    let mut assigned = Vec::new();
    let narrowed = grouping.narrowed(select, groups);
    for told in pages {
        grouping.assign(told, &narrowed, &(0..slots), &mut assigned);
        for (slot, at) in &assigned {
            let adder = wanted.get(*slot as usize).and_then(|slot| adders.get_mut(*slot as usize));
            if let Some(adder) = adder {
                adder.add(&told.page, *at);
            }
        }
        if select.is_all() {
            total.add_sums(&told.page.totals);
        } else {
            add_selected(told, select, &mut total);
        }
    }
    (adders, total)
}

/// Adds the selected entries of a page.
pub(crate) fn add_selected(told: &Told, select: &Select, adder: &mut Adder) {
    let page = &*told.page;
    if select.is_all() {
        return adder.add_sums(&page.totals);
    }
    let (from, until) = select.bounds();
    for at in page.places(from..until) {
        if let (Some(fingerprint), Some(caller)) = (page.fingerprints.get(at), page.callers.get(at))
            && select.has(*fingerprint, *caller)
        {
            adder.add(page, at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::page::PageBuilder;
    use super::*;
    use control::Sums;

    #[test]
    fn the_greatest_quantiles_are_those_of_all_groups_however_few_were_looked_at() {
        let mut told = Vec::new();
        for part in 0..4_u32 {
            let mut builder = PageBuilder::default();
            for number in 1..=4_000_u32 {
                let mut sums = Sums::default();
                // Most have one long call among many short ones: their longest says little.
                for call in 0..=number % 7 {
                    let seed = u64::from(number.wrapping_mul(2_654_435_761) ^ (part * 7 + call));
                    let us = seed % 9_973 + if call == part { 1_000_000 } else { 0 };
                    sums.calls += 1;
                    sums.total_us += us;
                    sums.latency.observe(us);
                }
                builder.add(number, 1, &sums);
            }
            told.push(Told { listener: 1, start: i64::from(part), page: Arc::new(builder.build(5_000)) });
        }
        let mut known = Known::default();
        known.class_of.resize(4_001, 0);
        let grouping = Grouping::of(GroupBy::Fingerprint, &known, &[1]);
        let select = Select::default();
        let all: Vec<u32> = (0..=4_000).collect();
        for quantile in [0.5, 0.95, 0.99] {
            let values = quantiles(&told, &select, &grouping, &all, quantile);
            let mut expected: Vec<(Reverse<u64>, u32)> =
                values.iter().zip(&all).map(|((value, _), group)| (Reverse(*value), *group)).collect();
            expected.sort_unstable();
            let first = greatest_quantiles(&told, &select, &grouping, (quantile, 10), None);
            assert_eq!(Some(first.as_slice()), expected.get(..10), "{quantile}");
            let next = greatest_quantiles(&told, &select, &grouping, (quantile, 30), first.last().copied());
            assert_eq!(Some(next.as_slice()), expected.get(10..40), "{quantile}");
        }
    }
}
