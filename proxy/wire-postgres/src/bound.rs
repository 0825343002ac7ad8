//! Which values does a Bind give the parameters of its statement?

use crate::names::Name;
use exchange::budget::Share;

/// Most values that are kept of one Bind.
pub const VALUES_MAX: usize = 1_000;

/// Most bytes of all values of one Bind that are kept.
pub const VALUES_BYTES_MAX: usize = 64 * 1024;

/// As much of a Bind is held to keep its values, where it is longer than that: its names, the formats and
/// [`VALUES_BYTES_MAX`] of values fit.
pub(crate) const HELD_MAX: usize = 128 * 1024;

/// What a Bind gave the parameters.
#[derive(Debug)]
pub struct Bound {
    /// The values in order, in the format they came in; `None` for NULL.
    pub values: Vec<Option<Box<[u8]>>>,
    /// Whether there were more than are kept.
    pub is_cut: bool,
    /// Their room in the session's budget.
    pub(crate) share: Option<Share>,
}

/// The values in the body of a Bind, which may go on behind `body`.
pub(crate) fn values(body: &[u8]) -> Bound {
    let mut bound = Bound { values: Vec::new(), is_cut: false, share: None };
    // A body that says nothing of its values has more than is held, or the server rejects it.
    bound.is_cut = read(body, &mut bound.values).is_none();
    bound
}

/// Takes the values; `None` where some are left over.
fn read(body: &[u8], values: &mut Vec<Option<Box<[u8]>>>) -> Option<()> {
    let mut names = body.splitn(3, |byte| *byte == 0);
    let (_portal, _statement, rest) = (names.next()?, names.next()?, names.next()?);
    let (formats, rest) = count(rest)?;
    let (number, mut rest) = count(rest.get(formats.checked_mul(2)?..)?)?;
    let mut bytes = 0;
    for _ in 0..number {
        let (length, after) = rest.split_first_chunk::<4>()?;
        // -1 is NULL, and has no bytes.
        let length = usize::try_from(i32::from_be_bytes(*length)).ok();
        let (value, after) = after.split_at_checked(length.unwrap_or(0))?;
        bytes += value.len();
        if bytes > VALUES_BYTES_MAX || values.len() >= VALUES_MAX {
            return None;
        }
        values.push(length.map(|_| value.into()));
        rest = after;
    }
    Some(())
}

fn count(input: &[u8]) -> Option<(usize, &[u8])> {
    let (count, rest) = input.split_first_chunk::<2>()?;
    Some((u16::from_be_bytes(*count).into(), rest))
}

impl Bound {
    /// Bytes of memory they take.
    pub(crate) fn held_bytes(&self) -> usize {
        let one = |value: &Option<Box<[u8]>>| size_of_val(value) + value.as_ref().map_or(0, |one| one.len());
        size_of::<Bound>() + size_of::<Name>() + self.values.iter().map(one).sum::<usize>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bind(values: &[Option<&[u8]>]) -> Vec<u8> {
        let mut body = b"portal\0statement\0\0\x01\0\x01".to_vec();
        body.extend((values.len() as u16).to_be_bytes());
        for value in values {
            body.extend(value.map_or(-1, |value| value.len() as i32).to_be_bytes());
            body.extend(value.unwrap_or_default());
        }
        body.extend(b"\0\0");
        body
    }

    fn kept(bound: &Bound) -> Vec<Option<&[u8]>> {
        bound.values.iter().map(Option::as_deref).collect()
    }

    #[test]
    fn values_come_as_they_are_and_null_is_none() {
        let given = [Some(&b"it's"[..]), None, Some(b""), Some(b"\0\xff\x01")];
        let bound = values(&bind(&given));
        assert_eq!((kept(&bound), bound.is_cut), (given.to_vec(), false));
        let none = values(&bind(&[]));
        assert_eq!((kept(&none), none.is_cut), (vec![], false));
    }

    #[test]
    fn what_is_not_there_or_too_much_is_told() {
        let whole = bind(&[Some(b"a"), Some(b"bcd")]);
        for length in 0..whole.len() - 2 {
            let bound = values(&whole[..length]);
            assert!(bound.is_cut && bound.values.len() <= 1, "{length}");
        }
        let large = vec![b'x'; VALUES_BYTES_MAX];
        let bound = values(&bind(&[Some(b"a"), Some(&large)]));
        assert_eq!((kept(&bound), bound.is_cut), (vec![Some(&b"a"[..])], true));
        let bound = values(&bind(&[Some(&large)]));
        assert_eq!((bound.values.len(), bound.is_cut), (1, false));
        for null in [None, Some(&b"1"[..])] {
            let bound = values(&bind(&vec![null; VALUES_MAX + 1]));
            assert!(bound.is_cut, "{null:?}");
            assert!(bound.values.len() <= VALUES_MAX);
        }
    }
}
