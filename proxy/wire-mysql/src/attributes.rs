//! What does a client say beside a statement's text?
//!
//! Query attributes: named values that travel with a statement and are no part of it (MySQL 8.0.23 and
//! later, where both sides have `CLIENT_QUERY_ATTRIBUTES`). In a COM_QUERY they stand before the text:
//!
//! ```text
//! count, 1, bitmap of NULLs, 1, [type, name] of each, value of each, text
//! ```
//!
//! The text begins where the block ends, so a block is read as the server reads it or not at all. Types
//! are read strictly for that reason: what servers could lay out in another way is malformed here.

use crate::binary::Type;
use crate::message::Reader;

/// Attributes that somebody looks at: on whose behalf a statement is sent, and to which trace it belongs.
const KEPT: [&[u8]; 2] = [b"on_behalf_of", b"traceparent"];

/// Longest value that is kept: the same as of a tag in a comment.
const VALUE_BYTES_MAX: usize = 256;

/// One of the attributes that are looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum Said {
    #[default]
    Nothing,
    Once(Box<[u8]>),
    /// Twice, or in a form that is no text: which would hold?
    Unclear,
}

/// What attributes say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Attributes([Said; KEPT.len()]);

impl Attributes {
    /// The value of an attribute that is looked at, if it is a text and there once.
    pub(crate) fn value(&self, name: &[u8]) -> Option<&[u8]> {
        let place = KEPT.iter().position(|kept| *kept == name)?;
        match self.0.get(place)? {
            Said::Once(value) => Some(value),
            Said::Nothing | Said::Unclear => None,
        }
    }

    /// Takes in one of a statement's attributes; NULL says nothing.
    pub(crate) fn add(&mut self, name: &[u8], of: Type, value: Option<&[u8]>) {
        let place = KEPT.iter().position(|kept| *kept == name);
        let (Some(said), Some(value)) = (place.and_then(|place| self.0.get_mut(place)), value) else {
            return;
        };
        let fits = of.is_text() && value.len() <= VALUE_BYTES_MAX;
        *said = match said {
            Said::Nothing if fits => Said::Once(value.into()),
            _ => Said::Unclear,
        };
    }
}

/// Reads the block at the front of a COM_QUERY's body: what it says, and the text behind it.
pub(crate) fn block(body: &[u8]) -> Option<(Attributes, &[u8])> {
    let mut reader = Reader(body);
    let mut attributes = Attributes::default();
    let count = usize::try_from(reader.length_encoded()?).ok()?;
    // Sets of values: more than one is not defined.
    if reader.length_encoded()? != 1 {
        return None;
    }
    if count > 0 {
        let nulls = reader.take(count.div_ceil(8))?;
        // Types that were sent before are of prepared statements only.
        if reader.byte()? != 1 {
            return None;
        }
        let mut values = types(&mut reader, count)?;
        for place in 0..count {
            let of = Type::take(&mut values)?;
            let name = values.string()?;
            let value = if is_null(nulls, place) { None } else { Some(of.take_value(&mut reader)?) };
            attributes.add(name, of, value);
        }
    }
    Some((attributes, reader.0))
}

/// Passes over the types and names of `count` values; hands back where they begin.
fn types<'a>(reader: &mut Reader<'a>, count: usize) -> Option<Reader<'a>> {
    let begin = *reader;
    for _ in 0..count {
        Type::take(reader)?;
        reader.string()?;
    }
    Some(begin)
}

/// Whether the bitmap says that this value is NULL.
pub(crate) fn is_null(nulls: &[u8], place: usize) -> bool {
    nulls.get(place / 8).is_some_and(|byte| byte >> (place % 8) & 1 == 1)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    /// A block of these attributes, each of a type with its value; `None` is NULL.
    fn written(attributes: &[(&str, u8, Option<&[u8]>)]) -> Vec<u8> {
        let string = |bytes: &[u8]| [&[u8::try_from(bytes.len()).unwrap()][..], bytes].concat();
        let mut block = vec![u8::try_from(attributes.len()).unwrap(), 1];
        if attributes.is_empty() {
            return block;
        }
        let mut nulls = vec![0; attributes.len().div_ceil(8)];
        for (place, _) in attributes.iter().enumerate().filter(|(_, one)| one.2.is_none()) {
            nulls[place / 8] |= 1 << (place % 8);
        }
        block.extend(nulls);
        block.push(1);
        for (name, code, _) in attributes {
            block.extend([*code, 0]);
            block.extend(string(name.as_bytes()));
        }
        for (_, code, value) in attributes {
            match (code, value) {
                (_, None) => {}
                (0x03 | 0x08, Some(value)) => block.extend(*value),
                (_, Some(value)) => block.extend(string(value)),
            }
        }
        block
    }

    #[test]
    fn the_text_begins_where_the_block_ends() {
        for attributes in [
            &[][..],
            &[("a", 0xfe, Some(&b"SELECT 2"[..]))],
            &[("a", 0x03, Some(&b"\x01\0\0\0"[..])), ("b", 0xfe, None), ("c", 0x0f, Some(b""))],
            &[("x", 0xfe, Some(&b"1"[..])); 9],
        ] {
            let body = [written(attributes), b"SELECT 1".to_vec()].concat();
            assert_eq!(block(&body).unwrap().1, b"SELECT 1", "{attributes:?}");
        }
    }

    #[test]
    fn what_is_looked_at_is_kept_if_it_is_a_text_and_there_once() {
        let said = |attributes: &[(&str, u8, Option<&[u8]>)]| {
            let block = block(&written(attributes)).unwrap().0;
            KEPT.map(|name| block.value(name).map(<[u8]>::to_vec))
        };
        let (ann, bob) = (Some(&b"ann"[..]), Some(&b"bob"[..]));
        assert_eq!(
            said(&[("on_behalf_of", 0xfe, ann), ("x", 0xfe, bob), ("traceparent", 0xfd, bob)]),
            [Some(b"ann".to_vec()), Some(b"bob".to_vec())]
        );
        assert_eq!(said(&[("on_behalf_of", 0xfe, ann), ("on_behalf_of", 0xfe, bob)]), [None, None]);
        assert_eq!(said(&[("on_behalf_of", 0xfe, None), ("traceparent", 0x03, Some(b"abcd"))]), [None, None]);
        assert_eq!(said(&[("On_Behalf_Of", 0xfe, ann)]), [None, None]);
        assert_eq!(said(&[("on_behalf_of", 0xfe, Some(&[b'x'; 200]))])[0].as_deref(), Some(&[b'x'; 200][..]));
    }

    #[test]
    fn a_value_that_is_too_long_says_nothing() {
        let mut body = vec![1, 1, 0, 1, 0xfe, 0, 12];
        body.extend(b"on_behalf_of\xfc\x01\x01");
        body.extend([b'x'; 257]);
        body.extend(b"SELECT 1");
        let (attributes, text) = block(&body).unwrap();
        assert_eq!((attributes.value(b"on_behalf_of"), text), (None, &b"SELECT 1"[..]));
    }

    #[test]
    fn a_block_that_another_server_could_read_otherwise_is_malformed() {
        for body in [
            // No count, none of sets, two sets, a NULL and an error in the place of a count.
            &b""[..],
            b"\0",
            b"\0\x02SELECT",
            b"\0\0SELECT",
            b"\xfb\x01SELECT",
            b"\xff\x01SELECT",
            b"\0\xfbSELECT",
            // Types that are not sent; a count beyond what is there.
            b"\x01\x01\0\0SELECT",
            b"\x01\x01\0\x02\xfe\0\x01a\x01bSELECT",
            b"\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01",
            // NULL without its bit, a year, flags that nobody knows, lengths that mean something else.
            b"\x01\x01\0\x01\x06\0\x01aSELECT",
            b"\x01\x01\0\x01\x0d\0\x01a\xea\x07SELECT",
            b"\x01\x01\0\x01\xfe\x01\x01a\x01bSELECT",
            b"\x01\x01\0\x01\xfe\0\x01a\xfbSELECT",
            b"\x01\x01\0\x01\xfe\0\xfba\x01bSELECT",
            b"\x01\x01\0\x01\xfe\0\x01a\x7fSELECT",
        ] {
            assert_eq!(block(body), None, "{body:?}");
        }
    }

    proptest! {
        #[test]
        fn no_prefix_of_a_block_is_one(values in proptest::collection::vec(any::<Option<u8>>(), 1..20)) {
            let values: Vec<_> = values.iter().map(|value| value.map(|byte| [byte])).collect();
            let named: Vec<_> =
                values.iter().map(|value| ("name", 0xfe, value.as_ref().map(|one| &one[..]))).collect();
            let whole = written(&named);
            for end in 0..whole.len() {
                prop_assert_eq!(block(&whole[..end]), None);
            }
            prop_assert_eq!(block(&whole).map(|(_, text)| text.len()), Some(0));
        }
    }
}
