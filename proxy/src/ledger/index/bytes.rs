//! How do numbers get into an index and out of it? Little-endian, each of a fixed width.

use super::Damaged;

/// Appends a number that has 32 bits.
pub(super) fn put_u32(bytes: &mut Vec<u8>, value: usize) -> Result<(), Damaged> {
    let value = u32::try_from(value).map_err(|_| Damaged)?;
    bytes.extend_from_slice(&value.to_le_bytes());
    Ok(())
}

/// Reads numbers one after the other.
#[derive(Debug)]
pub(super) struct Numbers<'a>(pub(super) &'a [u8]);

impl Numbers<'_> {
    fn next<const BYTES: usize>(&mut self) -> Result<[u8; BYTES], Damaged> {
        let (number, rest) = self.0.split_first_chunk().ok_or(Damaged)?;
        self.0 = rest;
        Ok(*number)
    }

    pub(super) fn u32(&mut self) -> Result<u32, Damaged> {
        self.next().map(u32::from_le_bytes)
    }

    pub(super) fn u64(&mut self) -> Result<u64, Damaged> {
        self.next().map(u64::from_le_bytes)
    }

    pub(super) fn i64(&mut self) -> Result<i64, Damaged> {
        self.next().map(i64::from_le_bytes)
    }

    /// A number of 32 bits that counts something in memory.
    pub(super) fn size(&mut self) -> Result<usize, Damaged> {
        self.u32().map(|value| value as usize)
    }

    /// Whether as many numbers of 32 bits can still follow: nothing is reserved before that.
    pub(super) fn has(&self, numbers: usize) -> Result<(), Damaged> {
        if self.0.len() / 4 >= numbers { Ok(()) } else { Err(Damaged) }
    }
}

/// Takes the texts of a part apart: each has its length in 32 bits before it.
#[derive(Debug)]
pub(in crate::ledger) struct Texts<'a>(pub(in crate::ledger) &'a [u8]);

impl<'a> Iterator for Texts<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let (length, rest) = self.0.split_first_chunk()?;
        let (text, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
        self.0 = rest;
        Some(text)
    }
}
