//! How is a page written down, and read again?
//!
//! ```text
//! 1 | entries n | n × fingerprint (difference) | n × caller | 7 columns of n | n × longest |
//!   n × (steps k, k × (bucket difference, count)) | others | errors | other errors | CRC-32
//! ```
//!
//! All numbers are LEB128; small ones, which most are, take one byte. By column rather than by entry,
//! since neighbours are alike and a reader fills one vector after the other. The checksum finds what a
//! disk or a hand has changed; what cannot be read is [`StoreError::Damaged`], never a panic.

use super::page::{Adder, COLUMNS, ErrorEntry, TrafficPage, columns_of, set_column};
use super::place;
use crate::{Result, StoreError};
use control::Latency;
use control::Sums;

/// The form that is written. A reader knows this one and all before.
const FORM: u8 = 1;
const CHECK_BYTES: usize = 4;

/// Writes a page.
pub(crate) fn encode(page: &TrafficPage) -> Vec<u8> {
    let mut out = Vec::with_capacity(page.len() * 24 + 64);
    out.push(FORM);
    put(&mut out, page.len() as u64);
    let mut before = 0;
    for fingerprint in &page.fingerprints {
        put(&mut out, u64::from(fingerprint.saturating_sub(before)));
        before = *fingerprint;
    }
    for caller in &page.callers {
        put(&mut out, u64::from(*caller));
    }
    for column in &page.columns {
        for value in column {
            put(&mut out, *value);
        }
    }
    for longest in &page.max_us {
        put(&mut out, u64::from(*longest));
    }
    for at in 0..page.len() {
        put_steps(&mut out, page.steps(at).count(), page.steps(at));
    }
    put_sums(&mut out, &page.others);
    put(&mut out, page.errors.len() as u64);
    for error in &page.errors {
        put_text(&mut out, &error.sqlstate);
        put(&mut out, u64::from(error.fingerprint));
        put(&mut out, error.count);
    }
    put(&mut out, page.other_errors);
    sealed(out)
}

/// Reads a page.
pub(crate) fn decode(bytes: &[u8]) -> Result<TrafficPage> {
    let mut from = Numbers::open(bytes)?;
    let entries = from.length()?;
    let mut page = TrafficPage::default();
    let mut before = 0_u32;
    page.fingerprints.reserve(entries);
    for _ in 0..entries {
        before = before.checked_add(from.small()?).ok_or_else(damaged)?;
        page.fingerprints.push(before);
    }
    page.callers = (0..entries).map(|_| from.small()).collect::<Result<_>>()?;
    for column in &mut page.columns {
        column.reserve(entries);
        for _ in 0..entries {
            column.push(from.number()?);
        }
    }
    page.max_us = (0..entries).map(|_| from.small()).collect::<Result<_>>()?;
    page.offsets.reserve(entries + 1);
    page.offsets.push(0);
    for _ in 0..entries {
        from.steps(|bucket, count| {
            page.buckets.push(bucket);
            page.counts.push(count);
        })?;
        page.offsets.push(place(page.buckets.len()));
    }
    page.others = from.sums()?;
    let errors = from.length()?;
    for _ in 0..errors {
        let (sqlstate, fingerprint, count) = (from.text()?, from.small()?, from.number()?);
        page.errors.push(ErrorEntry { sqlstate, fingerprint, count });
    }
    page.other_errors = from.number()?;
    from.end()?;
    page.add_up();
    Ok(page)
}

/// Writes the sums of the hours of a day, as hour and sums, ascending.
pub(crate) fn encode_hours(hours: &[(u8, Sums)]) -> Vec<u8> {
    let mut out = vec![FORM];
    put(&mut out, hours.len() as u64);
    for (hour, sums) in hours {
        put(&mut out, u64::from(*hour));
        put_sums(&mut out, sums);
    }
    sealed(out)
}

/// Reads them.
pub(crate) fn decode_hours(bytes: &[u8]) -> Result<Vec<(u8, Sums)>> {
    let mut from = Numbers::open(bytes)?;
    let hours = from.length()?;
    let mut found = Vec::with_capacity(hours);
    for _ in 0..hours {
        let hour = u8::try_from(from.number()?).map_err(|_| damaged())?;
        found.push((hour, from.sums()?));
    }
    from.end()?;
    Ok(found)
}

/// Adds the hours of a day to adders, without making sums of each: `place` says which of them an hour is for.
pub(crate) fn add_hours(
    bytes: &[u8],
    adders: &mut [Option<Adder>],
    place: impl Fn(u8) -> Option<usize>,
) -> Result<()> {
    let mut from = Numbers::open(bytes)?;
    let mut nowhere = Adder::default();
    for _ in 0..from.length()? {
        let hour = u8::try_from(from.number()?).map_err(|_| damaged())?;
        let adder = match place(hour).and_then(|place| adders.get_mut(place)) {
            Some(adder) => adder.get_or_insert_with(Adder::default),
            None => &mut nowhere,
        };
        let mut columns = [0; COLUMNS];
        for column in &mut columns {
            *column = from.number()?;
        }
        adder.add_columns(columns, from.small()?);
        from.steps(|bucket, count| adder.add_step(bucket, count))?;
    }
    from.end()
}

fn damaged() -> StoreError {
    StoreError::Damaged("a page of traffic cannot be read".to_owned())
}

fn sealed(mut out: Vec<u8>) -> Vec<u8> {
    let check = crc32fast::hash(&out);
    out.extend_from_slice(&check.to_le_bytes());
    out
}

fn put(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    out.push((number & 0x7f) as u8);
}

fn put_text(out: &mut Vec<u8>, text: &str) {
    put(out, text.len() as u64);
    out.extend_from_slice(text.as_bytes());
}

fn put_steps(out: &mut Vec<u8>, many: usize, steps: impl Iterator<Item = (u8, u64)>) {
    put(out, many as u64);
    let mut before = 0;
    for (bucket, count) in steps {
        put(out, u64::from(bucket.saturating_sub(before)));
        put(out, count);
        before = bucket;
    }
}

fn put_sums(out: &mut Vec<u8>, sums: &Sums) {
    for value in columns_of(sums) {
        put(out, value);
    }
    put(out, u64::from(sums.latency.max_us()));
    put_steps(out, sums.latency.steps().len(), sums.latency.steps().iter().copied());
}

/// Numbers, one after the other.
struct Numbers<'a> {
    rest: &'a [u8],
}

impl<'a> Numbers<'a> {
    /// Looks at the checksum and the form.
    fn open(bytes: &'a [u8]) -> Result<Numbers<'a>> {
        let (body, check) = bytes
            .len()
            .checked_sub(CHECK_BYTES)
            .and_then(|at| bytes.split_at_checked(at))
            .ok_or_else(damaged)?;
        if crc32fast::hash(body).to_le_bytes() != check {
            return Err(StoreError::Damaged("the checksum of a page of traffic is wrong".to_owned()));
        }
        match body.split_first() {
            Some((&FORM, rest)) => Ok(Numbers { rest }),
            _ => Err(damaged()),
        }
    }

    fn number(&mut self) -> Result<u64> {
        let mut number = 0_u64;
        for shift in (0..64).step_by(7) {
            let (byte, rest) = self.rest.split_first().ok_or_else(damaged)?;
            self.rest = rest;
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(damaged())
    }

    /// Nothing is left.
    fn end(&self) -> Result<()> {
        if self.rest.is_empty() { Ok(()) } else { Err(damaged()) }
    }

    fn small(&mut self) -> Result<u32> {
        u32::try_from(self.number()?).map_err(|_| damaged())
    }

    /// A number of things that follow, each of which takes a byte at least.
    fn length(&mut self) -> Result<usize> {
        let length = usize::try_from(self.number()?).map_err(|_| damaged())?;
        if length > self.rest.len() { Err(damaged()) } else { Ok(length) }
    }

    fn text(&mut self) -> Result<String> {
        let length = self.length()?;
        let (text, rest) = self.rest.split_at_checked(length).ok_or_else(damaged)?;
        self.rest = rest;
        String::from_utf8(text.to_vec()).map_err(|_| damaged())
    }

    fn steps(&mut self, mut each: impl FnMut(u8, u64)) -> Result<()> {
        let mut bucket = 0_u8;
        for _ in 0..self.length()? {
            let step = u8::try_from(self.number()?).map_err(|_| damaged())?;
            bucket = bucket.checked_add(step).ok_or_else(damaged)?;
            each(bucket, self.number()?);
        }
        Ok(())
    }

    fn sums(&mut self) -> Result<Sums> {
        let mut sums = Sums::default();
        for column in 0..COLUMNS {
            set_column(&mut sums, column, self.number()?);
        }
        let max_us = self.small()?;
        let mut steps = Vec::new();
        self.steps(|bucket, count| steps.push((bucket, count)))?;
        sums.latency = Latency::from_steps(steps, max_us);
        Ok(sums)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::page::PageBuilder;
    use super::*;

    fn page() -> TrafficPage {
        let mut builder = PageBuilder::default();
        for n in 0..120_u32 {
            let mut sums = Sums { calls: 3, rows: u64::from(n) << 40, total_us: 7, ..Sums::default() };
            for us in [u64::from(n), u64::from(n) * 1_000, u64::MAX] {
                sums.latency.observe(us);
            }
            builder.add(n * n, n % 7, &sums);
            builder.add_others(&sums);
            builder.add_error("23505", n, u64::from(n) + 1);
        }
        builder.add_other_errors(u64::MAX);
        builder.build(100)
    }

    #[test]
    fn what_is_written_is_read_again() {
        let page = page();
        assert_eq!(decode(&encode(&page)).unwrap(), page);
        assert_eq!(page.len(), 100);
        let hours = vec![(0, page.totals().clone()), (23, Sums::default())];
        assert_eq!(decode_hours(&encode_hours(&hours)).unwrap(), hours);
        let mut adders = vec![None, None];
        add_hours(&encode_hours(&hours), &mut adders, |hour| (hour == 0).then_some(1)).unwrap();
        assert!(adders[0].is_none());
        assert_eq!(&adders[1].take().unwrap().sums(), page.totals());
    }

    #[test]
    fn what_was_changed_is_found_and_nothing_panics() {
        let bytes = encode(&page());
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            if let Some(byte) = changed.get_mut(at) {
                *byte ^= 0x11;
            }
            assert!(decode(&changed).is_err(), "byte {at}");
        }
        let body = bytes.len() - CHECK_BYTES;
        for length in (0..bytes.len()).filter(|length| *length != body) {
            // With a checksum that is right, the form itself has to be looked at.
            let cut = sealed(bytes.get(..length).unwrap().to_vec());
            assert!(decode(&cut).is_err(), "{length} bytes");
        }
    }
}
