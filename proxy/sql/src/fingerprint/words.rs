//! What do names and keywords mean to a shape?

use super::{Naming, Previous};
use crate::keyword::{self, Keyword};

/// What a quoted name would be without its quotes, if it needs none: frameworks quote every name,
/// people none. PostgreSQL folds unquoted names, MySQL does not.
pub(super) fn bare(bytes: &[u8]) -> Option<&[u8]> {
    let (quote, inside) = bytes.split_first()?;
    let name = inside.strip_suffix(&[*quote])?;
    let plain = |byte: &u8| match byte {
        b'a'..=b'z' | b'0'..=b'9' | b'_' | b'$' => true,
        b'A'..=b'Z' | 0x80.. => *quote == b'`',
        _ => false,
    };
    let begins = name.first().is_some_and(|byte| !matches!(byte, b'0'..=b'9' | b'$'));
    (begins && name.iter().all(plain) && !keyword::is_reserved(name)).then_some(name)
}

/// Copies a word in lower case (ASCII), eight bytes at a time. Both are of one length.
#[inline]
pub(super) fn copy_folded(room: &mut [u8], word: &[u8]) {
    if word.len() < 8 {
        for (to, from) in room.iter_mut().zip(word) {
            *to = from.to_ascii_lowercase();
        }
        return;
    }
    for (to, from) in room.chunks_exact_mut(8).zip(word.chunks_exact(8)) {
        if let (Some(to), Some(from)) = (to.first_chunk_mut(), from.first_chunk()) {
            *to = folded(*from);
        }
    }
    // The rest, together with some of what is copied already.
    if let (Some(to), Some(from)) = (room.last_chunk_mut(), word.last_chunk()) {
        *to = folded(*from);
    }
}

/// Eight bytes in lower case. Adding lets the highest bit of each byte say whether it is at least
/// `A`, and whether it is behind `Z`.
pub(super) fn folded(bytes: [u8; 8]) -> [u8; 8] {
    const EACH: u64 = 0x0101_0101_0101_0101;
    let bytes = u64::from_le_bytes(bytes);
    let low = bytes & (0x7f * EACH);
    let at_least_a = low + (0x80 - b'A' as u64) * EACH;
    let behind_z = low + (0x80 - (b'Z' as u64 + 1)) * EACH;
    let letters = at_least_a & !behind_z & !bytes & (0x80 * EACH);
    (bytes | letters >> 2).to_le_bytes()
}

pub(super) fn named_by(first: Keyword) -> Naming {
    match first {
        Keyword::Savepoint
        | Keyword::Release
        | Keyword::Prepare
        | Keyword::Deallocate
        | Keyword::Declare
        | Keyword::Close => Naming::Next,
        Keyword::Rollback => Naming::Rollback,
        Keyword::Fetch | Keyword::Move => Naming::Cursor,
        _ => Naming::Nothing,
    }
}

pub(super) fn is_direction(keyword: Keyword) -> bool {
    matches!(
        keyword,
        Keyword::Absolute
            | Keyword::All
            | Keyword::Backward
            | Keyword::First
            | Keyword::Forward
            | Keyword::From
            | Keyword::In
            | Keyword::Last
            | Keyword::Next
            | Keyword::Prior
            | Keyword::Relative
    )
}

pub(super) fn is_default(element: &[u8]) -> bool {
    element == b"\x01default\0"
}

pub(super) fn after(keyword: Keyword) -> Previous {
    match keyword {
        Keyword::In | Keyword::Array => Previous::ListHead,
        Keyword::Values => Previous::RowsHead,
        Keyword::Is | Keyword::Not | Keyword::On | Keyword::Set => Previous::Condition,
        // Behind these a sign belongs to the number.
        Keyword::All
        | Keyword::And
        | Keyword::Any
        | Keyword::Between
        | Keyword::By
        | Keyword::Case
        | Keyword::Default
        | Keyword::Distinct
        | Keyword::Else
        | Keyword::Except
        | Keyword::Fetch
        | Keyword::From
        | Keyword::Having
        | Keyword::Ilike
        | Keyword::Intersect
        | Keyword::Like
        | Keyword::Limit
        | Keyword::Offset
        | Keyword::Or
        | Keyword::Return
        | Keyword::Returning
        | Keyword::Select
        | Keyword::Then
        | Keyword::To
        | Keyword::Union
        | Keyword::Using
        | Keyword::When
        | Keyword::Where => Previous::Open,
        _ => Previous::Operand,
    }
}
