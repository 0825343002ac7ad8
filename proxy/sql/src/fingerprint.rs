//! Which statements have the same shape?
//!
//! Version 1 of the rules. A statement's tokens are written as canonical bytes, and the fingerprint
//! is the first 64 bits of the SHA-256 of these:
//!
//! - space, comments and the `;` at the end do not count; words are folded to lower case (ASCII);
//! - every literal, number and `$n` is the same placeholder, and so is a number's sign where it
//!   cannot be a subtraction;
//! - `NULL`, `TRUE` and `FALSE` are literals, unless they follow a name, `IS`, `NOT`, `SET` or `ON`;
//! - `AS`, `INNER` and `OUTER` do not count, and `!=` is `<>`;
//! - a quoted identifier that needs no quotes is the same as an unquoted one;
//! - the names a session gives to savepoints, cursors and what it prepares are placeholders where
//!   they are made, moved through and dropped; drivers and frameworks make them up. In `EXECUTE` the
//!   name counts: it says what is executed;
//! - in a list — the parentheses behind `IN`, the rows behind `VALUES`, the brackets behind `ARRAY`,
//!   and lists directly inside such a list — `DEFAULT` standing alone is a placeholder too, and an
//!   element of the same shape as the one before it adds nothing. So
//!   `IN (1, 2, 3)` is `IN (1)`, and `VALUES (1, now()), (2, now())` is `VALUES (1, now())`;
//! - everything else counts, such as the number of arguments of a function.
//!
//! Rows and elements longer than [`WINDOW_BYTES`] in canonical form are not compared, so the work
//! is linear and the memory fixed.

mod words;

use crate::Lexing;
use crate::keyword::Keyword;
use crate::token::{Ending, Kind};
use exchange::Fingerprint;
use sha2::{Digest, Sha256};
use words::{after, bare, copy_folded, is_default, is_direction, named_by};

/// Canonical bytes that are kept back to compare the elements of lists.
const WINDOW_BYTES: usize = 1024;

/// Lists inside lists that are compared; what is deeper counts as it stands.
const LISTS_MAX: usize = 8;

/// What the canonical bytes begin with: the version of the rules and what is described.
const STATEMENT: &[u8] = b"1s";
const MYSQL_STATEMENT: &[u8] = b"1m";
const FUNCTION: &[u8] = b"1f";
const UNJUDGED: &[u8] = b"1u";
const COMMAND: &[u8] = b"1c";

/// The marks tokens begin with. Single bytes of punctuation stand for themselves, so no mark may be
/// a printable character but the placeholder's.
const PLACEHOLDER: u8 = b'?';
const WORD: u8 = 1;
const QUOTED: u8 = 2;
const UNICODE: u8 = 3;
const OPERATOR: u8 = 4;
const CAST: u8 = 5;
const OTHER: u8 = 6;
const UNTERMINATED: u8 = 7;
/// What ends a word or an operator: no byte of either.
const END: u8 = 0;

/// The fingerprint of a function called by its number.
pub(crate) fn of_function(oid: u32) -> Fingerprint {
    truncated(Sha256::new().chain_update(FUNCTION).chain_update(oid.to_be_bytes()))
}

/// The fingerprint of a command without a text, by its words and what it is about.
pub(crate) fn of_command(words: &str, object: &[u8]) -> Fingerprint {
    let hasher = Sha256::new().chain_update(COMMAND).chain_update(words.as_bytes());
    truncated(hasher.chain_update([0]).chain_update(object))
}

/// The one fingerprint of everything that was not looked at.
pub(crate) fn of_unjudged() -> Fingerprint {
    truncated(Sha256::new().chain_update(UNJUDGED))
}

fn truncated(hasher: Sha256) -> Fingerprint {
    first_bits(hasher.finalize().into())
}

fn first_bits(digest: [u8; 32]) -> Fingerprint {
    let (first, _) = digest.split_at(8);
    Fingerprint(first.iter().fold(0, |value, byte| value << 8 | u64::from(*byte)))
}

/// Told every significant token of a statement in order, makes its fingerprint.
pub(crate) struct Shape {
    /// What the canonical bytes begin with.
    prefix: &'static [u8],
    hasher: Sha256,
    window: [u8; WINDOW_BYTES],
    used: usize,
    lists: [List; LISTS_MAX],
    depth: usize,
    previous: Previous,
    /// A sign that may belong to the number behind it.
    sign: Option<u8>,
    naming: Naming,
}

/// Where in a statement about a name of the session's own we are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Naming {
    /// Before the statement's first token.
    Start,
    /// No such name is expected.
    Nothing,
    /// Behind `ROLLBACK`: a name follows if `TO` does.
    Rollback,
    /// The name comes next, perhaps behind a word that says what it is the name of.
    Next,
    /// Behind `FETCH` or `MOVE`: the name is the first word that says no direction.
    Cursor,
}

/// What a token is to a statement about a name of the session's own.
enum Role {
    Name,
    /// A word before the name that may be left out.
    Noise,
    Other,
}

/// A list we are in: where in the window its present element and the one before begin and end.
#[derive(Clone, Copy, Default)]
struct List {
    kind: ListKind,
    element: Option<usize>,
    before: Option<(usize, usize)>,
    /// Parentheses and brackets open in it that are no lists themselves.
    nested: usize,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum ListKind {
    /// Between parentheses or brackets.
    #[default]
    Enclosed,
    /// The rows behind `VALUES`, enclosed by nothing.
    Rows,
    /// A query between parentheses: its commas separate columns, not elements.
    Query,
}

/// The token before, as far as it matters.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Previous {
    /// The statement's start, an operator, a comma, an opening bracket, a reserved word.
    Open,
    /// `IS`, `NOT`, `SET` or `ON`, behind which `NULL` is no value.
    Condition,
    /// Something that can be subtracted from.
    Operand,
    /// `IN` or `ARRAY`.
    ListHead,
    /// `VALUES`.
    RowsHead,
    /// Directly at the start of a list's element.
    ElementStart,
    /// The end of one row behind `VALUES`.
    RowEnd,
}

impl Shape {
    pub(crate) fn new(lexing: Lexing) -> Shape {
        let prefix = if lexing.is_mysql() { MYSQL_STATEMENT } else { STATEMENT };
        Shape {
            prefix,
            hasher: Sha256::new().chain_update(prefix),
            window: [0; WINDOW_BYTES],
            used: 0,
            lists: [List::default(); LISTS_MAX],
            depth: 0,
            previous: Previous::Open,
            sign: None,
            naming: Naming::Start,
        }
    }

    /// Takes the statement's next significant token.
    #[inline]
    pub(crate) fn push(&mut self, kind: Kind, ending: Ending, bytes: &[u8]) {
        if let Some(sign) = self.sign.take()
            && kind != Kind::Number
        {
            self.mark([OPERATOR, sign, END]);
            self.previous = Previous::Open;
        }
        if self.previous == Previous::RowEnd {
            if kind == Kind::Punctuation(b',') {
                self.element_ended(true);
                self.previous = Previous::ElementStart;
                return;
            }
            self.element_ended(false);
            self.close_list();
            self.previous = Previous::Operand;
        }
        if self.naming != Naming::Nothing {
            match self.role(kind) {
                Role::Name => return self.placeholder(),
                Role::Noise => return,
                Role::Other => {}
            }
        }
        match kind {
            Kind::Space | Kind::Comment => {}
            Kind::Literal | Kind::Number | Kind::Parameter => self.placeholder(),
            Kind::Word(Keyword::Null | Keyword::True | Keyword::False)
                if matches!(self.previous, Previous::Open | Previous::ElementStart) =>
            {
                self.placeholder();
            }
            Kind::Word(keyword) => self.word(keyword, bytes),
            Kind::QuotedIdentifier => match bare(bytes) {
                Some(name) => self.word(Keyword::None, name),
                None => self.counted(QUOTED, bytes),
            },
            Kind::Variable => self.word(Keyword::None, bytes),
            Kind::UnicodeIdentifier => self.counted(UNICODE, bytes),
            Kind::Operator => self.operator(bytes),
            Kind::Cast => {
                self.mark([CAST]);
                self.previous = Previous::Open;
            }
            Kind::Punctuation(byte) => self.punctuation(byte),
            Kind::Other(byte) => {
                self.mark([OTHER, byte]);
                self.previous = Previous::Open;
            }
        }
        if ending == Ending::Missing {
            self.mark([UNTERMINATED]);
        }
    }

    /// The fingerprint; the next statement may begin.
    pub(crate) fn finish(&mut self) -> Fingerprint {
        if let Some(sign) = self.sign.take() {
            self.mark([OPERATOR, sign, END]);
        }
        while self.depth > 0 {
            self.element_ended(false);
            self.close_list();
        }
        self.flush(self.used);
        self.previous = Previous::Open;
        self.naming = Naming::Start;
        let digest: [u8; 32] = self.hasher.finalize_reset().into();
        self.hasher.update(self.prefix);
        first_bits(digest)
    }

    #[inline]
    fn placeholder(&mut self) {
        self.mark([PLACEHOLDER]);
        self.previous = Previous::Operand;
    }

    /// What a token is to a statement that may be about a name of the session's own. There is no more
    /// than one such name in a statement.
    fn role(&mut self, kind: Kind) -> Role {
        let keyword = match kind {
            Kind::Word(keyword) => Some(keyword),
            Kind::QuotedIdentifier | Kind::UnicodeIdentifier => None,
            // FETCH -1 FROM c.
            _ if self.naming == Naming::Cursor => return Role::Other,
            _ => {
                self.naming = Naming::Nothing;
                return Role::Other;
            }
        };
        let (naming, role) = match (self.naming, keyword) {
            (Naming::Start, Some(keyword)) => (named_by(keyword), Role::Other),
            (Naming::Start | Naming::Nothing, _) => (Naming::Nothing, Role::Other),
            (Naming::Rollback, Some(Keyword::To)) => (Naming::Next, Role::Other),
            (Naming::Rollback, _) => (Naming::Rollback, Role::Other),
            // RELEASE SAVEPOINT, DEALLOCATE PREPARE.
            (Naming::Next, Some(Keyword::Savepoint | Keyword::Prepare)) => (Naming::Next, Role::Noise),
            // DEALLOCATE ALL, CLOSE ALL, PREPARE TRANSACTION.
            (Naming::Next, Some(Keyword::All | Keyword::Transaction)) => (Naming::Nothing, Role::Other),
            (Naming::Cursor, Some(keyword)) if is_direction(keyword) => (Naming::Cursor, Role::Other),
            (Naming::Next | Naming::Cursor, _) => (Naming::Nothing, Role::Name),
        };
        self.naming = naming;
        role
    }

    #[inline]
    fn word(&mut self, keyword: Keyword, bytes: &[u8]) {
        // May stand or be left out without a difference to anybody.
        if matches!(keyword, Keyword::As | Keyword::Inner | Keyword::Outer) && !self.is_behind_dot() {
            return;
        }
        if self.previous == Previous::ElementStart
            && matches!(keyword, Keyword::Select | Keyword::With | Keyword::Table)
            && let Some(list) = self.innermost()
        {
            list.kind = ListKind::Query;
        }
        let bytes_needed = bytes.len() + 2;
        if self.used + bytes_needed > WINDOW_BYTES {
            self.make_room(bytes_needed);
        }
        match self.window.get_mut(self.used..self.used + bytes_needed) {
            Some([mark, room @ .., end]) => {
                (*mark, *end) = (WORD, END);
                copy_folded(room, bytes);
                self.used += bytes_needed;
            }
            _ => self.long_word(bytes),
        }
        self.previous = after(keyword);
    }

    fn is_behind_dot(&self) -> bool {
        self.used.checked_sub(1).and_then(|last| self.window.get(last)) == Some(&b'.')
    }

    /// A word longer than the window.
    fn long_word(&mut self, bytes: &[u8]) {
        self.mark([WORD]);
        for piece in bytes.chunks(WINDOW_BYTES) {
            self.write(&piece.to_ascii_lowercase());
        }
        self.mark([END]);
    }

    /// Quoted names may hold any byte, so their length comes first.
    fn counted(&mut self, mark: u8, bytes: &[u8]) {
        self.mark([mark]);
        self.write(&(bytes.len() as u64).to_be_bytes());
        self.write(bytes);
        self.previous = Previous::Operand;
    }

    fn operator(&mut self, bytes: &[u8]) {
        if let [sign @ (b'+' | b'-')] = bytes
            && self.previous != Previous::Operand
        {
            self.sign = Some(*sign);
            return;
        }
        match bytes {
            [one] => self.mark([OPERATOR, *one, END]),
            b"!=" => self.mark([OPERATOR, b'<', b'>', END]),
            _ => {
                self.mark([OPERATOR]);
                self.write(bytes);
                self.mark([END]);
            }
        }
        self.previous = Previous::Open;
    }

    fn punctuation(&mut self, byte: u8) {
        let at_element = self.innermost().is_some_and(|list| list.nested == 0);
        match byte {
            b'(' | b'[' => self.opens(byte),
            b')' | b']' => self.closes(byte),
            b',' if at_element => {
                self.element_ended(true);
                self.previous = Previous::ElementStart;
            }
            // A name goes on behind a dot.
            b'.' => {
                self.mark([byte]);
                self.previous = Previous::Operand;
            }
            _ => {
                self.mark([byte]);
                self.previous = Previous::Open;
            }
        }
    }

    fn opens(&mut self, byte: u8) {
        if self.previous == Previous::RowsHead && byte == b'(' && self.open_list(ListKind::Rows) {
            self.previous = Previous::ElementStart;
        }
        let is_list = matches!(self.previous, Previous::ListHead | Previous::ElementStart);
        self.mark([byte]);
        if is_list && self.open_list(ListKind::Enclosed) {
            self.previous = Previous::ElementStart;
            return;
        }
        if let Some(list) = self.innermost() {
            list.nested += 1;
        }
        self.previous = Previous::Open;
    }

    fn closes(&mut self, byte: u8) {
        self.previous = Previous::Operand;
        // Rows end with the parentheses they stand in.
        while self.innermost().is_some_and(|list| list.kind == ListKind::Rows && list.nested == 0) {
            self.element_ended(false);
            self.close_list();
        }
        match self.innermost() {
            Some(list) if list.nested > 0 => list.nested -= 1,
            Some(_) => {
                self.element_ended(false);
                self.close_list();
                if self.innermost().is_some_and(|list| list.kind == ListKind::Rows && list.nested == 0) {
                    self.previous = Previous::RowEnd;
                }
            }
            None => {}
        }
        self.mark([byte]);
    }

    fn innermost(&mut self) -> Option<&mut List> {
        self.lists.get_mut(self.depth.checked_sub(1)?)
    }

    /// Begins a list where the window now ends; `false` when too many are open.
    fn open_list(&mut self, kind: ListKind) -> bool {
        if self.depth == LISTS_MAX {
            return false;
        }
        if self.depth == 0 {
            // What is compared must not depend on how much stood before the list.
            self.flush(self.used);
        }
        self.depth += 1;
        let element = Some(self.used);
        if let Some(list) = self.innermost() {
            *list = List { kind, element, before: None, nested: 0 };
        }
        true
    }

    fn close_list(&mut self) {
        self.depth = self.depth.saturating_sub(1);
    }

    /// The innermost list's element ends here: it is taken back if it is like the one before.
    fn element_ended(&mut self, more: bool) {
        let used = self.used;
        let Some(&mut List { kind, element, before, .. }) = self.innermost() else { return };
        let mut kept = None;
        if let Some(start) = element
            && kind != ListKind::Query
        {
            let mut end = used;
            if self.window.get(start..end).is_some_and(is_default) {
                end = start + 1;
                if let Some(byte) = self.window.get_mut(start) {
                    *byte = PLACEHOLDER;
                }
            }
            kept = match before {
                Some((first, last)) if self.window.get(first..last) == self.window.get(start..end) => {
                    self.used = last;
                    before
                }
                _ => {
                    self.used = end;
                    Some((start, end))
                }
            };
        }
        if let Some(list) = self.innermost() {
            list.before = kept;
        }
        if more {
            self.mark([b',']);
        }
        let next = (kind != ListKind::Query).then_some(self.used);
        if let Some(list) = self.innermost() {
            list.element = next;
        }
    }

    /// A few bytes of our own.
    #[inline]
    fn mark<const LENGTH: usize>(&mut self, bytes: [u8; LENGTH]) {
        if let Some(room) = self.window.get_mut(self.used..)
            && let Some(room) = room.first_chunk_mut()
        {
            *room = bytes;
            self.used += LENGTH;
        } else {
            self.write(&bytes);
        }
    }

    fn write(&mut self, bytes: &[u8]) {
        if self.used + bytes.len() > WINDOW_BYTES {
            self.make_room(bytes.len());
        }
        match self.window.get_mut(self.used..self.used + bytes.len()) {
            Some(room) => {
                room.copy_from_slice(bytes);
                self.used += bytes.len();
            }
            // Longer than the window, which is empty now.
            None => {
                self.hasher.update(bytes);
                for list in &mut self.lists {
                    (list.element, list.before) = (None, None);
                }
            }
        }
    }

    /// Hands on what no open list can still take back; all of it when that is not enough.
    fn make_room(&mut self, bytes: usize) {
        let outermost = self.lists.first().filter(|_| self.depth > 0);
        let needed = outermost.and_then(|list| list.before.map(|before| before.0).or(list.element));
        self.flush(needed.unwrap_or(self.used));
        if self.used + bytes > WINDOW_BYTES {
            self.flush(self.used);
        }
    }

    /// Hands the window's first bytes on to the hash, and moves the rest to its front. What a list
    /// wanted to compare and is now gone is not compared.
    fn flush(&mut self, bytes: usize) {
        self.hasher.update(self.window.get(..bytes).unwrap_or_default());
        self.window.copy_within(bytes..self.used, 0);
        self.used -= bytes;
        for list in self.lists.iter_mut().take(self.depth) {
            list.element = list.element.and_then(|element| element.checked_sub(bytes));
            list.before =
                list.before.and_then(|(first, last)| Some((first.checked_sub(bytes)?, last - bytes)));
        }
    }
}

#[cfg(test)]
mod tests;
