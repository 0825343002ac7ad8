//! What stands in the few messages that have to be read?
//!
//! Rows and columns are not read: they pass by their headers.

use crate::capabilities::Capabilities;
use crate::violation::Violation;
use exchange::{Command, TransactionState};

/// The first byte of a client's message.
pub mod code {
    /// COM_QUIT.
    pub const QUIT: u8 = 0x01;
    /// COM_INIT_DB.
    pub const INIT_DB: u8 = 0x02;
    /// COM_QUERY.
    pub const QUERY: u8 = 0x03;
    /// COM_FIELD_LIST.
    pub const FIELD_LIST: u8 = 0x04;
    /// COM_STATISTICS.
    pub const STATISTICS: u8 = 0x09;
    /// COM_PING.
    pub const PING: u8 = 0x0e;
    /// COM_CHANGE_USER.
    pub const CHANGE_USER: u8 = 0x11;
    /// COM_STMT_PREPARE.
    pub const STMT_PREPARE: u8 = 0x16;
    /// COM_STMT_EXECUTE.
    pub const STMT_EXECUTE: u8 = 0x17;
    /// COM_STMT_SEND_LONG_DATA.
    pub const STMT_SEND_LONG_DATA: u8 = 0x18;
    /// COM_STMT_CLOSE.
    pub const STMT_CLOSE: u8 = 0x19;
    /// COM_STMT_RESET.
    pub const STMT_RESET: u8 = 0x1a;
    /// COM_STMT_FETCH.
    pub const STMT_FETCH: u8 = 0x1c;
    /// COM_RESET_CONNECTION.
    pub const RESET_CONNECTION: u8 = 0x1f;
    /// MariaDB's COM_STMT_BULK_EXECUTE.
    pub const STMT_BULK_EXECUTE: u8 = 0xfa;
}

/// First byte of an OK packet.
pub const OK: u8 = 0x00;
/// First byte of an error.
pub const ERROR: u8 = 0xff;
/// First byte of an EOF packet, of an OK packet that ends a result, and of a change of plugin.
pub const EOF: u8 = 0xfe;
/// First byte of the server's request for a file.
pub const FILE: u8 = 0xfb;

/// The statement that was prepared last, as MariaDB's clients name it before they know its number.
pub const LAST_PREPARED: u32 = u32::MAX;

/// The command that a message without a text is; `None` where it is none that can be followed.
pub fn command(tag: u8) -> Option<Command> {
    Some(match tag {
        code::INIT_DB => Command::UseDatabase,
        code::FIELD_LIST => Command::ListColumns,
        0x05 => Command::CreateDatabase,
        0x06 => Command::DropDatabase,
        0x07 => Command::Refresh,
        0x08 => Command::Shutdown,
        code::STATISTICS => Command::Statistics,
        0x0a => Command::ListSessions,
        0x0c => Command::Kill,
        0x0d => Command::Debug,
        code::CHANGE_USER => Command::ChangeUser,
        0x1b => Command::SetOption,
        code::RESET_CONNECTION => Command::ResetSession,
        _ => return None,
    })
}

/// What a message that cannot be followed is called.
pub fn unfollowed(tag: Option<u8>) -> &'static str {
    match tag {
        Some(0x12) => "binlog dump",
        Some(0x13) => "table dump",
        Some(0x14) => "connect out",
        Some(0x15) => "register replica",
        Some(0x1e) => "binlog dump by gtid",
        Some(0x20) => "clone",
        Some(0x21) => "subscribe group replication stream",
        Some(0xfe) => "multi",
        Some(_) | None => "unknown command",
    }
}

/// A cursor over a payload; every read is checked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reader<'a>(pub(crate) &'a [u8]);

impl<'a> Reader<'a> {
    pub(crate) fn take(&mut self, len: usize) -> Option<&'a [u8]> {
        let (front, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        Some(front)
    }

    pub(crate) fn byte(&mut self) -> Option<u8> {
        self.take(1).and_then(|bytes| bytes.first().copied())
    }

    pub(crate) fn number(&mut self, len: usize) -> Option<u64> {
        let bytes = self.take(len)?;
        Some(bytes.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }

    /// A length-encoded integer.
    pub(crate) fn length_encoded(&mut self) -> Option<u64> {
        match self.byte()? {
            0xfc => self.number(2),
            0xfd => self.number(3),
            0xfe => self.number(8),
            0xfb | 0xff => None,
            small => Some(u64::from(small)),
        }
    }

    /// A string of length-encoded length.
    pub(crate) fn string(&mut self) -> Option<&'a [u8]> {
        let len = usize::try_from(self.length_encoded()?).ok()?;
        self.take(len)
    }

    /// A string that ends in a zero byte.
    pub(crate) fn terminated(&mut self) -> Option<&'a [u8]> {
        let end = self.0.iter().position(|byte| *byte == 0)?;
        let string = self.take(end)?;
        self.take(1)?;
        Some(string)
    }
}

/// Status flags of OK and EOF packets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Status(pub u16);

impl Status {
    /// The transaction's state: MySQL knows no failed one.
    pub fn transaction(self) -> TransactionState {
        // SERVER_STATUS_IN_TRANS, SERVER_STATUS_IN_TRANS_READONLY.
        if self.0 & 0x2001 == 0 { TransactionState::Idle } else { TransactionState::Open }
    }

    /// Whether a transaction is open that may write: SERVER_STATUS_IN_TRANS without
    /// SERVER_STATUS_IN_TRANS_READONLY.
    pub fn may_write(self) -> bool {
        self.0 & 0x2001 == 0x0001
    }

    /// SERVER_MORE_RESULTS_EXISTS: the answer goes on.
    pub fn more_results(self) -> bool {
        self.0 & 0x0008 != 0
    }

    /// SERVER_STATUS_CURSOR_EXISTS: rows come when they are fetched.
    pub fn cursor(self) -> bool {
        self.0 & 0x0040 != 0
    }

    /// SERVER_STATUS_LAST_ROW_SENT: the cursor is at its end.
    pub fn last_row(self) -> bool {
        self.0 & 0x0080 != 0
    }

    /// SERVER_STATUS_NO_BACKSLASH_ESCAPES: a backslash in a string is a letter like any other.
    pub fn no_backslash_escapes(self) -> bool {
        self.0 & 0x0200 != 0
    }

    /// SERVER_STATUS_ANSI_QUOTES, of MariaDB alone: `"` quotes a name.
    pub fn ansi_quotes(self) -> bool {
        self.0 & 0x8000 != 0
    }

    /// SERVER_SESSION_STATE_CHANGED: the packet tells what.
    fn session_changed(self) -> bool {
        self.0 & 0x4000 != 0
    }
}

/// An OK packet, whatever its first byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OkFacts<'a> {
    /// Rows changed.
    pub affected: u64,
    /// Flags.
    pub status: Status,
    /// What it tells of the session, unread.
    changes: &'a [u8],
}

/// Reads an OK packet. A body that is cut off after its flags tells nothing of the session.
pub fn ok(body: &[u8], agreed: Capabilities) -> Option<OkFacts<'_>> {
    let mut reader = Reader(body);
    reader.byte()?;
    let affected = reader.length_encoded()?;
    reader.length_encoded()?;
    let status = Status(u16::try_from(reader.number(2)?).ok()?);
    let mut changes: &[u8] = &[];
    if agreed.has(Capabilities::SESSION_TRACK) && status.session_changed() {
        // Warnings, the text for people, then the changes.
        changes =
            reader.number(2).and_then(|_| reader.string()).and_then(|_| reader.string()).unwrap_or_default();
    }
    Some(OkFacts { affected, status, changes })
}

/// Reads an EOF packet.
pub fn eof(body: &[u8]) -> Option<Status> {
    let mut reader = Reader(body);
    reader.take(3)?;
    Some(Status(u16::try_from(reader.number(2)?).ok()?))
}

/// A change to the session that an OK packet tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change<'a> {
    /// A system variable's name and new value.
    Variable(&'a [u8], &'a [u8]),
    /// The current database.
    Database(&'a [u8]),
}

impl<'a> OkFacts<'a> {
    /// What an EOF packet tells, in the words of an OK.
    pub(crate) fn of_status(status: Status) -> OkFacts<'a> {
        OkFacts { affected: 0, status, changes: &[] }
    }

    /// What it tells of the session.
    pub fn changes(&self) -> impl Iterator<Item = Change<'a>> + use<'a> {
        let mut blocks = Reader(self.changes);
        let mut variables = Reader(&[]);
        std::iter::from_fn(move || {
            loop {
                // MariaDB puts several variables into one block, MySQL one.
                if let (Some(name), Some(value)) = (variables.string(), variables.string()) {
                    return Some(Change::Variable(name, value));
                }
                variables = Reader(&[]);
                let (kind, mut block) = (blocks.byte()?, Reader(blocks.string()?));
                match kind {
                    0 => variables = block,
                    1 => return block.string().map(Change::Database),
                    _ => {}
                }
            }
        })
    }
}

/// What is known of an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ErrorFacts {
    /// The server's own number for it.
    pub code: u16,
    /// The SQLSTATE, which errors before the login do not have.
    pub sqlstate: Option<[u8; 5]>,
    /// Whether the server ends the session.
    pub fatal: bool,
}

/// Reads an error.
pub fn error(body: &[u8]) -> ErrorFacts {
    let mut reader = Reader(body);
    reader.byte();
    let code = reader.number(2).and_then(|code| u16::try_from(code).ok()).unwrap_or_default();
    let marked = reader.byte() == Some(b'#');
    let sqlstate = reader.take(5).filter(|_| marked).and_then(|state| <[u8; 5]>::try_from(state).ok());
    // Server shutdown, aborted and killed connections, and timeouts that the server ends.
    let fatal = matches!(code, 1053 | 1152 | 1184 | 1927 | 4031);
    ErrorFacts { code, sqlstate, fatal }
}

/// What an error says to people.
pub fn error_text(body: &[u8]) -> &[u8] {
    // The first byte, the number; then the SQLSTATE behind its mark, where there is one.
    let text = body.get(3..).unwrap_or_default();
    if text.first() == Some(&b'#') { text.get(6..).unwrap_or_default() } else { text }
}

/// The number of columns a result begins with.
pub fn column_count(body: &[u8]) -> Option<u64> {
    let mut reader = Reader(body);
    let count = reader.length_encoded()?;
    (reader.0.is_empty() && count > 0).then_some(count)
}

/// The answer to a COM_STMT_PREPARE: the statement's number, its parameters and its columns.
pub fn prepared(body: &[u8]) -> Option<(u32, u16, u16)> {
    let mut reader = Reader(body);
    reader.byte()?;
    let id = u32::try_from(reader.number(4)?).ok()?;
    let columns = u16::try_from(reader.number(2)?).ok()?;
    let parameters = u16::try_from(reader.number(2)?).ok()?;
    Some((id, parameters, columns))
}

/// The statement's number in a COM_STMT_* message, whose code is taken off.
pub fn statement(body: &[u8]) -> Option<(u32, &[u8])> {
    let (bytes, _) = body.split_first_chunk::<4>()?;
    Some((u32::from_le_bytes(*bytes), bytes))
}

/// A COM_CHANGE_USER.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChangeUser<'a> {
    /// Who wants to be.
    pub user: &'a [u8],
    /// The answer to the challenge of the greeting.
    pub proof: &'a [u8],
    /// The database; empty for none.
    pub database: &'a [u8],
    /// The character set's number, where one is named.
    pub character_set: Option<u16>,
    /// The plugin the proof is made with.
    pub plugin: &'a [u8],
    attributes: &'a [u8],
}

/// Reads a COM_CHANGE_USER, whose code is taken off.
pub fn change_user(body: &[u8], agreed: Capabilities) -> Result<ChangeUser<'_>, Violation> {
    let malformed = || Violation::Malformed(code::CHANGE_USER);
    let mut reader = Reader(body);
    let user = reader.terminated().ok_or_else(malformed)?;
    let proof = if agreed.has(Capabilities::SECURE_CONNECTION) {
        let len = reader.byte().ok_or_else(malformed)?;
        reader.take(usize::from(len)).ok_or_else(malformed)?
    } else {
        reader.terminated().ok_or_else(malformed)?
    };
    let database = reader.terminated().unwrap_or_default();
    let character_set = reader.number(2).and_then(|number| u16::try_from(number).ok());
    let plugin = reader.terminated().unwrap_or_default();
    let attributes = reader.string().unwrap_or_default();
    Ok(ChangeUser { user, proof, database, character_set, plugin, attributes })
}

impl<'a> ChangeUser<'a> {
    /// The value of a connection attribute.
    pub fn attribute(&self, wanted: &[u8]) -> Option<&'a [u8]> {
        attribute(self.attributes, wanted)
    }
}

/// The value of a connection attribute, out of the block of all of them.
pub(crate) fn attribute<'a>(block: &'a [u8], wanted: &[u8]) -> Option<&'a [u8]> {
    let mut reader = Reader(block);
    loop {
        let (name, value) = (reader.string()?, reader.string()?);
        if name == wanted {
            return Some(value);
        }
    }
}

/// The character set that a number stands for in a client's login: MySQL's name of it; `other` for one that
/// is not told apart, in which no later byte of a character means something in SQL; `unknown` where the server
/// takes one of its own choice, as for a number it does not know.
pub fn character_set(number: u16, is_mariadb: bool) -> &'static [u8] {
    match number {
        45 | 46 | 224..=247 => b"utf8mb4",
        255..=323 if !is_mariadb => b"utf8mb4",
        608..=610 | 1069 | 1070 | 1248 | 1270 | 2304..=2559 if is_mariadb => b"utf8mb4",
        33 | 83 | 192..=215 | 223 => b"utf8mb3",
        76 if !is_mariadb => b"utf8mb3",
        576..=578 | 1057 | 1107 | 1216 | 1238 | 2048..=2303 if is_mariadb => b"utf8mb3",
        5 | 8 | 15 | 31 | 47..=49 | 94 => b"latin1",
        1032 | 1071 if is_mariadb => b"latin1",
        1 | 84 => b"big5",
        13 | 88 => b"sjis",
        28 | 87 => b"gbk",
        10 | 82 => b"swe7",
        95 | 96 => b"cp932",
        248..=250 if !is_mariadb => b"gb18030",
        2..=4 | 6 | 7 | 9 | 11 | 12 | 14 | 16 | 18..=27 | 29 | 30 | 32 | 34 | 36..=44 | 50..=53 => b"other",
        57..=59 | 63..=75 | 77..=81 | 85 | 86 | 89 | 91..=93 | 97..=99 => b"other",
        _ => b"unknown",
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const TRACKS: Capabilities = Capabilities::SESSION_TRACK;

    #[test]
    fn length_encoded_integers_take_as_many_bytes_as_they_need() {
        for (bytes, number) in [
            (&b"\xfa"[..], Some(250)),
            (b"\xfc\xfb\x00", Some(251)),
            (b"\xfd\0\0\x01", Some(65_536)),
            (b"\xfe\0\0\0\x01\0\0\0\0", Some(1 << 24)),
            (b"\xfb", None),
            (b"\xff", None),
            (b"\xfc\0", None),
        ] {
            assert_eq!(Reader(bytes).length_encoded(), number, "{bytes:?}");
        }
    }

    #[test]
    fn an_ok_tells_rows_and_flags() {
        let facts = ok(b"\0\x03\0\x03\0\0\0", Capabilities::default()).unwrap();
        assert_eq!((facts.affected, facts.status.transaction()), (3, TransactionState::Open));
        assert_eq!(ok(b"\0\x03\0\x03", Capabilities::default()), None);
    }

    #[test]
    fn an_ok_tells_what_changed_in_the_session() {
        // MySQL: one variable a block; MariaDB: several.
        let body = b"\0\0\0\x02\x40\0\0\0\x17\x01\x05\x04shop\x00\x0e\x08sql_mode\x04ANSI";
        let changes: Vec<_> = ok(body, TRACKS).unwrap().changes().collect();
        assert_eq!(changes, [Change::Database(b"shop"), Change::Variable(b"sql_mode", b"ANSI")]);
        let body = b"\0\0\0\x02\x40\0\0\0\x0a\x00\x08\x01a\x01b\x01c\x01d";
        let changes: Vec<_> = ok(body, TRACKS).unwrap().changes().collect();
        assert_eq!(changes, [Change::Variable(b"a", b"b"), Change::Variable(b"c", b"d")]);
    }

    #[test]
    fn an_error_has_a_code_and_mostly_a_sqlstate() {
        let facts = error(b"\xff\x7a\x04#42S02no such table");
        assert_eq!((facts.code, facts.sqlstate, facts.fatal), (1146, Some(*b"42S02"), false));
        let facts = error(b"\xff\x87\x07#70100killed");
        assert!(facts.fatal);
        assert_eq!(error(b"\xff\x10\x04Too many connections").sqlstate, None);
        assert_eq!(error_text(b"\xff\x7a\x04#42S02no such table"), b"no such table");
        assert_eq!(error_text(b"\xff\x10\x04Too many connections"), b"Too many connections");
    }

    #[test]
    fn a_change_of_user_is_read_to_its_attributes() {
        let body = b"ann\0\x02xyshop\0\x21\0mysql_native_password\0\x14\x0cprogram_name\x06report";
        let change = change_user(body, Capabilities::SECURE_CONNECTION).unwrap();
        assert_eq!((change.user, change.proof, change.database), (&b"ann"[..], &b"xy"[..], &b"shop"[..]));
        assert_eq!((change.character_set, change.plugin), (Some(33), &b"mysql_native_password"[..]));
        assert_eq!(change.attribute(b"program_name"), Some(&b"report"[..]));
        assert_eq!(change.attribute(b"_pid"), None);
        assert_eq!(
            change_user(b"ann\0\x09xy", Capabilities::SECURE_CONNECTION),
            Err(Violation::Malformed(0x11))
        );
    }

    #[test]
    fn a_character_set_is_known_by_the_numbers_its_server_gives_it() {
        for (number, mysql, mariadb) in [
            (45, "utf8mb4", "utf8mb4"),
            (255, "utf8mb4", "unknown"),
            (2304, "unknown", "utf8mb4"),
            (33, "utf8mb3", "utf8mb3"),
            (8, "latin1", "latin1"),
            (28, "gbk", "gbk"),
            (248, "gb18030", "unknown"),
            (7, "other", "other"),
            (63, "other", "other"),
            (0, "unknown", "unknown"),
            (10, "swe7", "swe7"),
        ] {
            let names = [false, true].map(|is_mariadb| character_set(number, is_mariadb));
            assert_eq!(names, [mysql.as_bytes(), mariadb.as_bytes()], "{number}");
        }
    }

    #[test]
    fn a_prepared_statement_has_a_number_parameters_and_columns() {
        assert_eq!(prepared(b"\0\x07\0\0\0\x02\0\x01\0\0\0\0"), Some((7, 1, 2)));
        assert_eq!(prepared(b"\0\x07\0\0"), None);
    }
}
