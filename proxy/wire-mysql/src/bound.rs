//! Which values does an execution give the parameters of its statement?
//!
//! ```text
//! COM_STMT_EXECUTE        flags, 1, [count], bitmap of NULLs, 0 or 1, [type, [name]] of each, value of each
//! COM_STMT_BULK_EXECUTE   flags, [type of each], then for each row: indicator and value of each
//! ```
//!
//! Count and names are there where query attributes are agreed on: the statement's own parameters come
//! first, attributes behind them. Types that are left out are those of the execution before. What came in
//! pieces (COM_STMT_SEND_LONG_DATA) is not among the values, and holds whatever the bitmap says.

use crate::attributes::{Attributes, is_null};
use crate::binary::Type;
use crate::message::Reader;
use exchange::budget::{Budget, Share};
use std::borrow::Cow;

/// Most values that are kept of one execution.
pub const VALUES_MAX: usize = 1_000;

/// Most bytes of all values of one execution that are kept.
pub const VALUES_BYTES_MAX: usize = 64 * 1024;

/// As much of an execution is held to keep its values, where it is longer than that: types and
/// [`VALUES_BYTES_MAX`] of values fit.
pub(crate) const HELD_MAX: usize = 128 * 1024;

/// Most pieces of long data that are remembered in one session.
const PIECES_MAX: usize = 1_000;

/// PARAMETER_COUNT_AVAILABLE: there may be more values than the statement has parameters.
const COUNT_AVAILABLE: u8 = 8;

/// SEND_TYPES_TO_SERVER of a bulk execution, among its flags.
const SENDS_TYPES: u64 = 128;

/// What an execution gave the parameters.
#[derive(Debug, Default)]
pub struct Bound {
    /// The values in order, as texts; `None` for NULL, and in a bulk execution for what stands for the
    /// column's default or leaves it as it is. The rows of a bulk execution follow each other.
    pub values: Vec<Option<Box<[u8]>>>,
    /// Whether there were more than are kept.
    pub is_cut: bool,
    bytes: usize,
    /// Their room in the session's budget.
    share: Option<Share>,
}

impl Bound {
    fn push(&mut self, value: Option<Cow<'_, [u8]>>) {
        let bytes = value.as_ref().map_or(0, |value| value.len());
        self.is_cut |= self.values.len() >= VALUES_MAX || self.bytes + bytes > VALUES_BYTES_MAX;
        if !self.is_cut {
            self.bytes += bytes;
            self.values.push(value.map(|value| value.into_owned().into()));
        }
    }

    /// The same within a budget, if there is room.
    pub(crate) fn within(mut self, budget: &Budget) -> Option<Bound> {
        let held = size_of::<Bound>() + self.values.capacity() * size_of::<Option<Box<[u8]>>>() + self.bytes;
        self.share = Some(budget.take(held)?);
        Some(self)
    }
}

/// What is known of the parameters of a prepared statement.
#[derive(Debug, Default)]
pub(crate) struct Parameters {
    /// How many there are.
    pub(crate) count: u16,
    /// Their types, as the last execution that told them did; none before.
    pub(crate) types: Box<[Type]>,
    /// Pieces of long data came of which nothing is known.
    pub(crate) has_lost: bool,
}

/// Long data of one parameter.
#[derive(Debug)]
pub(crate) struct Piece {
    statement: u32,
    parameter: u16,
    value: Vec<u8>,
    is_cut: bool,
    shares: Vec<Share>,
}

/// What came in pieces and was not executed yet.
#[derive(Debug, Default)]
pub(crate) struct Pieces(Vec<Piece>);

impl Pieces {
    /// Takes in a piece, of which `data` is there and more `is_cut`; `false` where it is one too many.
    pub(crate) fn add(
        &mut self,
        (statement, parameter): (u32, u16),
        (data, is_cut): (&[u8], bool),
        budget: Option<&Budget>,
    ) -> bool {
        let place = self.0.iter().position(|one| one.statement == statement && one.parameter == parameter);
        let place = match place {
            Some(place) => place,
            None if self.0.len() < PIECES_MAX => {
                let (value, shares) = (Vec::new(), Vec::new());
                self.0.push(Piece { statement, parameter, value, is_cut: false, shares });
                self.0.len() - 1
            }
            None => return false,
        };
        if let Some(piece) = self.0.get_mut(place) {
            piece.is_cut |= is_cut || piece.value.len() + data.len() > VALUES_BYTES_MAX;
            // A share for each piece, which is one allocation and a number.
            let share = budget.filter(|_| !piece.is_cut).and_then(|budget| budget.take(data.len() + 64));
            match share {
                Some(share) => {
                    piece.shares.push(share);
                    piece.value.extend_from_slice(data);
                }
                // Half a value is none.
                None => (piece.is_cut, piece.value, piece.shares) = (true, Vec::new(), Vec::new()),
            }
        }
        true
    }

    /// The statement was executed, reset or closed.
    pub(crate) fn forget(&mut self, statement: u32) {
        if !self.0.is_empty() {
            self.0.retain(|piece| piece.statement != statement);
        }
    }

    /// Nothing is prepared any more.
    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    fn of(&self, statement: u32, parameter: usize) -> Option<&Piece> {
        self.0.iter().find(|piece| piece.statement == statement && usize::from(piece.parameter) == parameter)
    }
}

/// What an execution tells beside its statement's number.
#[derive(Debug, Default)]
pub(crate) struct Given {
    /// The values, unless it cannot be told what they are.
    pub(crate) bound: Option<Bound>,
    /// Types that it tells, for itself and those after it.
    pub(crate) types: Option<Box<[Type]>>,
    /// What its attributes say.
    pub(crate) attributes: Attributes,
}

/// An execution of a statement that is known.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Execution<'a> {
    pub(crate) statement: u32,
    /// What stands behind the number, as far as it is held.
    pub(crate) body: &'a [u8],
    /// Whether that is all.
    pub(crate) is_whole: bool,
    /// Whether query attributes are agreed on.
    pub(crate) has_attributes: bool,
    pub(crate) parameters: &'a Parameters,
    pub(crate) pieces: &'a Pieces,
}

/// Why reading stopped.
enum Stop {
    /// More was announced than is there.
    Short,
    /// Nobody can tell what the values are.
    Unknown,
}

impl Execution<'_> {
    /// Reads it. A body that is not whole, or that the server will reject, tells as much as is there.
    pub(crate) fn read(&self) -> Given {
        self.given(|given, bound| self.one(given, bound))
    }

    /// The same of a bulk execution.
    pub(crate) fn read_bulk(&self) -> Given {
        self.given(|given, bound| self.bulk(given, bound))
    }

    fn given(&self, read: impl FnOnce(&mut Given, &mut Bound) -> Result<(), Stop>) -> Given {
        let (mut given, mut bound) = (Given::default(), Bound::default());
        match read(&mut given, &mut bound) {
            Ok(()) => given.bound = Some(bound),
            Err(Stop::Short) => {
                bound.is_cut = true;
                given.bound = Some(bound);
            }
            Err(Stop::Unknown) => {}
        }
        if self.parameters.has_lost {
            // Which of the values are among them is not known.
            (given.bound, given.attributes) = (None, Attributes::default());
        }
        given
    }

    fn one(&self, given: &mut Given, bound: &mut Bound) -> Result<(), Stop> {
        let mut reader = Reader(self.body);
        let flags = reader.byte().ok_or(Stop::Short)?;
        reader.take(4).ok_or(Stop::Short)?;
        let own = usize::from(self.parameters.count);
        let mut count = own;
        if self.has_attributes && (own > 0 || flags & COUNT_AVAILABLE != 0) {
            count = reader.length_encoded().and_then(|count| count.try_into().ok()).ok_or(Stop::Short)?;
        }
        if count == 0 {
            return Ok(());
        }
        let nulls = reader.take(count.div_ceil(8)).ok_or(Stop::Short)?;
        let tells_types = reader.byte().ok_or(Stop::Short)? == 1;
        let mut named = reader;
        if tells_types {
            given.types = Some(self.skip_types(&mut reader, count)?);
        }
        for place in 0..count {
            let (of, name) = match tells_types {
                true => self.type_and_name(&mut named)?,
                false => (self.known_type(place)?, &b""[..]),
            };
            let piece = if place < own { self.pieces.of(self.statement, place) } else { None };
            if let Some(piece) = piece {
                bound.is_cut |= piece.is_cut;
                bound.push(Some(Cow::Borrowed(&piece.value)));
                continue;
            }
            let null = is_null(nulls, place);
            let value = if null { None } else { Some(value(of, &mut reader)?) };
            if place < own {
                bound.push(value.map(|value| of.text(value).ok_or(Stop::Unknown)).transpose()?);
            } else {
                given.attributes.add(name, of, value);
            }
        }
        Ok(())
    }

    /// The type that an execution before has told.
    fn known_type(&self, place: usize) -> Result<Type, Stop> {
        let types = &self.parameters.types;
        let beyond = if types.len() == VALUES_MAX { Stop::Short } else { Stop::Unknown };
        types.get(place).copied().ok_or(beyond)
    }

    /// Passes over types and names; the types of the statement's own parameters come back, as many as are
    /// of use.
    fn skip_types(&self, reader: &mut Reader<'_>, count: usize) -> Result<Box<[Type]>, Stop> {
        let most = usize::from(self.parameters.count).min(VALUES_MAX);
        let mut types = Vec::with_capacity(most);
        for _ in 0..count {
            let (of, _) = self.type_and_name(reader)?;
            if types.len() < most {
                types.push(of);
            }
        }
        Ok(types.into())
    }

    fn type_and_name<'a>(&self, reader: &mut Reader<'a>) -> Result<(Type, &'a [u8]), Stop> {
        let short = reader.0.len() < 2;
        let of = Type::take(reader).ok_or(if short { Stop::Short } else { Stop::Unknown })?;
        let name = if self.has_attributes { reader.string().ok_or(Stop::Short)? } else { b"" };
        Ok((of, name))
    }

    fn bulk(&self, given: &mut Given, bound: &mut Bound) -> Result<(), Stop> {
        let mut reader = Reader(self.body);
        let flags = reader.number(2).ok_or(Stop::Short)?;
        let count = usize::from(self.parameters.count);
        if count == 0 {
            return Ok(());
        }
        if flags & SENDS_TYPES != 0 {
            let types = (0..count).map(|_| Type::take(&mut reader)).collect::<Option<Vec<_>>>();
            given.types = Some(types.ok_or(Stop::Unknown)?.into());
        }
        let types = given.types.as_ref().unwrap_or(&self.parameters.types);
        while !reader.0.is_empty() {
            for place in 0..count {
                let of = *types.get(place).ok_or(Stop::Unknown)?;
                match reader.byte().ok_or(Stop::Short)? {
                    0 => {
                        let value = value(of, &mut reader)?;
                        bound.push(Some(of.text(value).ok_or(Stop::Unknown)?));
                    }
                    // NULL, the column's default, as it is.
                    1..=3 => bound.push(None),
                    _ => return Err(Stop::Unknown),
                }
            }
            if bound.is_cut {
                break;
            }
        }
        if self.is_whole { Ok(()) } else { Err(Stop::Short) }
    }
}

fn value<'a>(of: Type, reader: &mut Reader<'a>) -> Result<&'a [u8], Stop> {
    let known = of.is_known();
    of.take_value(reader).ok_or(if known { Stop::Short } else { Stop::Unknown })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;

    const LONG: [u8; 2] = [3, 0];
    const STRING: [u8; 2] = [0xfd, 0];

    fn types(all: &[[u8; 2]]) -> Box<[Type]> {
        all.iter().map(|one| Type::take(&mut Reader(one)).unwrap()).collect()
    }

    fn parameters(count: u16, known: &[[u8; 2]]) -> Parameters {
        Parameters { count, types: types(known), has_lost: false }
    }

    fn read(body: &[u8], parameters: &Parameters, pieces: &Pieces) -> Given {
        let (is_whole, has_attributes) = (true, false);
        Execution { statement: 7, body, is_whole, has_attributes, parameters, pieces }.read()
    }

    /// `a|b|-` of the values, with `…` where there were more.
    fn shown(given: &Given) -> String {
        let Some(bound) = &given.bound else { return "unknown".to_owned() };
        let text = |value: &Option<Box<[u8]>>| match value {
            Some(value) => String::from_utf8_lossy(value).into_owned(),
            None => "-".to_owned(),
        };
        let values: Vec<String> = bound.values.iter().map(text).collect();
        format!("{}{}", values.join("|"), if bound.is_cut { "…" } else { "" })
    }

    /// An execution that gives `5`, NULL and `it's`.
    fn three() -> Vec<u8> {
        let mut body = vec![0, 1, 0, 0, 0, 0b010, 1];
        body.extend([LONG, LONG, STRING].concat());
        body.extend(b"\x05\0\0\0\x04it's");
        body
    }

    #[test]
    fn values_come_as_texts_and_null_is_none() {
        let given = read(&three(), &parameters(3, &[]), &Pieces::default());
        assert_eq!(shown(&given), "5|-|it's");
        assert_eq!(given.types, Some(types(&[LONG, LONG, STRING])));
        assert_eq!(shown(&read(b"\0\x01\0\0\0", &parameters(0, &[]), &Pieces::default())), "");
    }

    #[test]
    fn types_that_are_left_out_are_those_of_before() {
        let body = b"\0\x01\0\0\0\0\0\x07\0\0\0\x01x";
        let known = parameters(2, &[LONG, STRING]);
        assert_eq!(shown(&read(body, &known, &Pieces::default())), "7|x");
        assert_eq!(shown(&read(body, &parameters(2, &[]), &Pieces::default())), "unknown");
    }

    #[test]
    fn long_data_holds_whatever_the_bitmap_says() {
        let budget = Budget::default();
        let mut pieces = Pieces::default();
        for (parameter, data) in [(1, &b"long "[..]), (1, b"data"), (2, b"")] {
            assert!(pieces.add((7, parameter), (data, false), Some(&budget)));
        }
        assert!(pieces.add((8, 0), (b"another statement's", false), Some(&budget)));
        // The second is NULL by the bitmap; the values are those of the first alone.
        let mut body = vec![0, 1, 0, 0, 0, 0b010, 1];
        body.extend([LONG, STRING, STRING].concat());
        body.extend(b"\x05\0\0\0");
        assert_eq!(shown(&read(&body, &parameters(3, &[]), &pieces)), "5|long data|");
        pieces.forget(7);
        assert_eq!(shown(&read(&body, &parameters(3, &[]), &pieces)), "5|-…");
    }

    #[test]
    fn pieces_are_bounded_and_give_their_room_back() {
        let budget = Budget::default();
        let mut pieces = Pieces::default();
        for statement in 0..u32::try_from(PIECES_MAX).unwrap() {
            assert!(pieces.add((statement, 0), (b"x", false), Some(&budget)));
        }
        assert!(!pieces.add((u32::MAX, 0), (b"x", false), Some(&budget)), "one too many");
        assert!(budget.take(Budget::BYTES_MAX - 1_000).is_none());
        pieces.clear();
        assert!(budget.take(Budget::BYTES_MAX).is_some());
        let large = vec![b'x'; VALUES_BYTES_MAX];
        for (data, more) in [(&large[..], false), (b"y", false), (b"z", true)] {
            assert!(pieces.add((7, 0), (data, more), Some(&budget)));
        }
        let of = pieces.of(7, 0).unwrap();
        assert_eq!((of.value.len(), of.is_cut), (0, true));
        // Nobody keeps values: that there was one is known all the same.
        assert!(pieces.add((9, 0), (b"x", false), None));
        assert!(pieces.of(9, 0).unwrap().value.is_empty());
    }

    #[test]
    fn attributes_stand_behind_the_values_and_are_none() {
        let name = |name: &str| [&[u8::try_from(name.len()).unwrap()][..], name.as_bytes()].concat();
        let mut body = vec![COUNT_AVAILABLE, 1, 0, 0, 0, 3, 0b010, 1];
        for (of, named) in [(LONG, ""), (STRING, "traceparent"), (STRING, "on_behalf_of")] {
            body.extend(of);
            body.extend(name(named));
        }
        body.extend(b"\x05\0\0\0\x03ann");
        let (known, pieces) = (parameters(1, &[]), Pieces::default());
        let execution = Execution {
            statement: 7,
            body: &body,
            is_whole: true,
            has_attributes: true,
            parameters: &known,
            pieces: &pieces,
        };
        let given = execution.read();
        assert_eq!(shown(&given), "5");
        assert_eq!(given.types, Some(types(&[LONG])));
        assert_eq!(given.attributes.value(b"on_behalf_of"), Some(&b"ann"[..]));
        assert_eq!(given.attributes.value(b"traceparent"), None, "NULL says nothing");
        // Without the flag a statement that has no parameters brings no block.
        let none = parameters(0, &[]);
        let plain = Execution { body: b"\0\x01\0\0\0", parameters: &none, ..execution };
        assert_eq!(shown(&plain.read()), "");
    }

    #[test]
    fn the_rows_of_a_bulk_execution_follow_each_other() {
        let mut body = vec![128, 0];
        body.extend([LONG, STRING].concat());
        body.extend(b"\0\x01\0\0\0\0\x03one\0\x02\0\0\0\x01\x02\0\x03any");
        let (known, pieces) = (parameters(2, &[]), Pieces::default());
        let execution = Execution {
            statement: 7,
            body: &body,
            is_whole: true,
            has_attributes: false,
            parameters: &known,
            pieces: &pieces,
        };
        let given = execution.read_bulk();
        assert_eq!(shown(&given), "1|one|2|-|-|any");
        let again = Execution { body: b"\0\0\0\x09\0\0\0\x01", ..execution };
        assert_eq!(shown(&again.read_bulk()), "unknown");
        let known = parameters(2, &[LONG, STRING]);
        assert_eq!(shown(&Execution { parameters: &known, ..again }.read_bulk()), "9|-");
        let rows = [b"\0\0".to_vec(), b"\x01\x01".repeat(VALUES_MAX)].concat();
        let bound = Execution { body: &rows, parameters: &known, ..again }.read_bulk().bound.unwrap();
        assert_eq!((bound.values.len(), bound.is_cut), (VALUES_MAX, true));
    }

    #[test]
    fn what_is_not_there_or_too_much_is_told() {
        let whole = three();
        for length in 0..whole.len() {
            let given = read(&whole[..length], &parameters(3, &[]), &Pieces::default());
            assert!(shown(&given).ends_with('…'), "{length}");
        }
        let lost = Parameters { has_lost: true, ..parameters(3, &[]) };
        assert_eq!(shown(&read(&whole, &lost, &Pieces::default())), "unknown");
        let year = [&[0, 1, 0, 0, 0, 0, 1, 0x0d, 0][..], b"\xea\x07"].concat();
        assert_eq!(shown(&read(&year, &parameters(1, &[]), &Pieces::default())), "unknown");
        let nulls = [&[0, 1, 0, 0, 0][..], &[0xff; 126], &[0]].concat();
        let known = parameters(1_008, &[LONG; 1_000]);
        let bound = read(&nulls, &known, &Pieces::default()).bound.unwrap();
        assert_eq!((bound.values.len(), bound.is_cut), (VALUES_MAX, true));
    }
}
