//! How is a line read fast enough to index a gigabyte in two seconds?
//!
//! By looking for quotes with vector instructions and building nothing. It accepts what the ledger
//! writes: objects without spaces, names without escapes. Whatever else it meets it declines, and a JSON
//! parser reads the line instead (`facts`). It may accept what no parser would: such a line is found out
//! when it is read for an answer.

use super::facts::Facts;
use memchr::memchr2;
use std::borrow::Cow;

/// Notes what a line (without its line feed) says; false: let a JSON parser look at it.
pub(super) fn line(line: &[u8], facts: &mut Facts) -> bool {
    let mut scan = Scan { rest: line };
    scan.object(|scan, name| match name {
        b"principal" => scan.object_or(|scan, name| scan.noted(|value| facts.principal(name, value))),
        b"would" => scan.object_or(|scan, name| scan.noted(|value| facts.would(name, value))),
        b"tables" => scan.members(|name| facts.table(name)),
        b"hashes" => scan.members(|hash| facts.parameter(hash)),
        b"source" => scan.object_or(|scan, name| match name {
            b"tables" => scan.members(|name| facts.table(name)),
            _ => scan.noted(|value| facts.shape(name, value)),
        }),
        b"timing_us" => {
            facts.total_us = None;
            scan.object_or(|scan, name| {
                let value = scan.skipped()?;
                if name == b"total" {
                    facts.total_us = whole(value);
                }
                Some(())
            })
        }
        _ if scan.next_is(b'"') => {
            let value = scan.string()?.unescaped()?;
            facts.top(name, &value);
            Some(())
        }
        _ => {
            facts.top_is_no_string(name);
            scan.skipped().map(|_| ())
        }
    })
    .is_some_and(|()| scan.rest.is_empty())
}

/// A whole number as a JSON parser would take it for one of 64 bits.
fn whole(digits: &[u8]) -> Option<u64> {
    if digits.iter().all(u8::is_ascii_digit) { std::str::from_utf8(digits).ok()?.parse().ok() } else { None }
}

/// A string with its quotes.
struct Quoted<'a> {
    bytes: &'a [u8],
    is_escaped: bool,
}

impl<'a> Quoted<'a> {
    fn unescaped(self) -> Option<Cow<'a, [u8]>> {
        if self.is_escaped {
            let text: String = serde_json::from_slice(self.bytes).ok()?;
            return Some(Cow::Owned(text.into_bytes()));
        }
        Some(Cow::Borrowed(self.bytes.get(1..self.bytes.len().checked_sub(1)?)?))
    }
}

struct Scan<'a> {
    rest: &'a [u8],
}

impl<'a> Scan<'a> {
    fn next_is(&self, byte: u8) -> bool {
        self.rest.first() == Some(&byte)
    }

    fn take(&mut self, byte: u8) -> Option<()> {
        self.rest = self.rest.strip_prefix(&[byte])?;
        Some(())
    }

    /// Reads `{"name":value,…}`; `value` has to read each value.
    fn object(&mut self, mut value: impl FnMut(&mut Scan<'a>, &'a [u8]) -> Option<()>) -> Option<()> {
        self.take(b'{')?;
        if self.next_is(b'}') {
            return self.take(b'}');
        }
        loop {
            let name = self.string()?;
            if name.is_escaped {
                return None;
            }
            let name = name.bytes.get(1..name.bytes.len() - 1)?;
            self.take(b':')?;
            value(self, name)?;
            match self.rest.split_first()? {
                (b',', rest) => self.rest = rest,
                (b'}', rest) => {
                    self.rest = rest;
                    return Some(());
                }
                _ => return None,
            }
        }
    }

    /// The same where an object ought to be; anything else is passed over.
    fn object_or(&mut self, value: impl FnMut(&mut Scan<'a>, &'a [u8]) -> Option<()>) -> Option<()> {
        if self.next_is(b'{') { self.object(value) } else { self.skipped().map(|_| ()) }
    }

    /// Notes a value if it is a string.
    fn noted(&mut self, note: impl FnOnce(&[u8])) -> Option<()> {
        if self.next_is(b'"') {
            note(&self.string()?.unescaped()?);
        } else {
            self.skipped()?;
        }
        Some(())
    }

    /// Notes the strings of an array, where there ought to be one.
    fn members(&mut self, mut note: impl FnMut(&[u8])) -> Option<()> {
        if !self.next_is(b'[') {
            return self.skipped().map(|_| ());
        }
        self.take(b'[')?;
        if self.next_is(b']') {
            return self.take(b']');
        }
        loop {
            self.noted(&mut note)?;
            match self.rest.split_first()? {
                (b',', rest) => self.rest = rest,
                (b']', rest) => {
                    self.rest = rest;
                    return Some(());
                }
                _ => return None,
            }
        }
    }

    fn string(&mut self) -> Option<Quoted<'a>> {
        let all = self.rest;
        if !self.next_is(b'"') {
            return None;
        }
        let mut at = 1;
        let mut is_escaped = false;
        loop {
            at += memchr2(b'"', b'\\', all.get(at..)?)?;
            if all.get(at) == Some(&b'"') {
                let (bytes, rest) = all.split_at_checked(at + 1)?;
                self.rest = rest;
                return Some(Quoted { bytes, is_escaped });
            }
            is_escaped = true;
            at += 2;
        }
    }

    /// Passes over a value of any kind, and returns it.
    fn skipped(&mut self) -> Option<&'a [u8]> {
        let all = self.rest;
        match all.first()? {
            b'"' => return Some(self.string()?.bytes),
            b'{' | b'[' => self.nested()?,
            _ => {
                let end = all.iter().position(|byte| matches!(byte, b',' | b'}' | b']'))?;
                self.rest = all.get(end..)?;
            }
        }
        all.get(..all.len() - self.rest.len())
    }

    fn nested(&mut self) -> Option<()> {
        let mut depth = 0_usize;
        loop {
            match self.rest.first()? {
                b'"' => {
                    self.string()?;
                    continue;
                }
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth -= 1,
                _ => {}
            }
            self.rest = self.rest.get(1..)?;
            if depth == 0 {
                return Some(());
            }
        }
    }
}

#[cfg(test)]
mod tests;
