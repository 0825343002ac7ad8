//! What does a session's encoding leave certain of its texts?
//!
//! The server converts a text before it reads it. The gateway reads the bytes as they come, so it must
//! know when that may give something else.

use sql::Lexing;
use std::sync::Arc;

/// Encodings in which the second byte of a character can be one that means something in SQL:
/// PostgreSQL's that only clients may have. Of MySQL's it is said which are none: [`SAFE`].
const DOUBLE: [&str; 8] =
    ["SJIS", "SHIFT_JIS_2004", "BIG5", "GBK", "UHC", "GB18030", "JOHAB", "MULE_INTERNAL"];

/// Encodings of servers to which different characters of UTF-8 are one.
const FOLDING: [&str; 6] = ["EUC_JP", "EUC_JIS_2004", "EUC_CN", "EUC_KR", "EUC_TW", "MULE_INTERNAL"];

/// The bytes that are letters and signs in Windows-1252 and controls in Latin-1.
const CONTROLS: [u8; 32] = [
    0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8a, 0x8b, 0x8c, 0x8d, 0x8e, 0x8f, 0x90,
    0x91, 0x92, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99, 0x9a, 0x9b, 0x9c, 0x9d, 0x9e, 0x9f,
];

/// ASCII's signs that are letters in swe7, of which names may consist.
const SWEDISH: [u8; 10] = *b"@[\\]^`{|}~";

/// How a session's texts are encoded, as far as the server has told.
#[derive(Debug, Default)]
pub(crate) struct Encoding {
    client: Arc<str>,
    server: Box<str>,
    is_double_byte: bool,
    names: Names,
}

/// Character sets of MySQL in which no later byte of a character means something in SQL, and whose letters
/// outside of ASCII are others than here.
const SAFE: [&str; 32] = [
    "OTHER", "ARMSCII8", "ASCII", "BINARY", "CP1250", "CP1251", "CP1256", "CP1257", "CP850", "CP852",
    "CP866", "DEC8", "EUCJPMS", "EUCKR", "GB2312", "GEOSTD8", "GREEK", "HEBREW", "HP8", "KEYBCS2", "KOI8R",
    "KOI8U", "LATIN2", "LATIN5", "LATIN7", "MACCE", "MACROMAN", "TIS620", "UJIS", "UTF8", "UTF8MB3",
    "UTF8MB4",
];

/// What can be said of names that are not ASCII.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Names {
    /// They are what they are here.
    #[default]
    Exact,
    /// They are read as Latin-1, which they are but for these bytes; and unless the text could be UTF-8 as
    /// well, which it is read as then.
    Latin(&'static [u8]),
    /// Nothing.
    Unknown,
}

impl Encoding {
    /// The server reported `client_encoding`.
    pub(crate) fn set_client(&mut self, name: &[u8]) {
        self.client = known(name).into();
        self.settle();
    }

    /// Which character set a session of MySQL has for its texts; `None`, or one that is not known here, may be
    /// any.
    pub(crate) fn set_character_set(&mut self, name: Option<&[u8]>) {
        let name = name.map(known).unwrap_or_default();
        self.is_double_byte = !(SAFE.contains(&&*name) || &*name == "LATIN1");
        self.names = match &*name {
            "UTF8MB4" | "UTF8MB3" | "UTF8" => Names::Exact,
            // What MySQL calls so is Windows-1252.
            "LATIN1" => Names::Latin(&CONTROLS),
            _ => Names::Unknown,
        };
        self.client = name.into();
    }

    /// The server reported `server_encoding`.
    pub(crate) fn set_server(&mut self, name: &[u8]) {
        self.server = known(name);
        self.settle();
    }

    fn settle(&mut self) {
        self.is_double_byte = DOUBLE.contains(&&*self.client);
        self.names = match &*self.client {
            // Nothing was reported yet.
            "" => Names::Exact,
            "UTF8" | "UNICODE" if !FOLDING.contains(&&*self.server) => Names::Exact,
            "SQL_ASCII" => Names::Exact,
            "LATIN1" | "ISO88591" => Names::Latin(&[]),
            "LATIN9" => Names::Latin(b"\xa4\xa6\xa8\xb4\xb8\xbc\xbd\xbe"),
            "WIN1252" => Names::Latin(&CONTROLS),
            _ => Names::Unknown,
        };
    }

    /// The client's encoding, in capitals.
    pub(crate) fn client(&self) -> &Arc<str> {
        &self.client
    }

    /// Whether a backslash, a quote or a semicolon may be half a character.
    pub(crate) fn is_double_byte(&self) -> bool {
        self.is_double_byte
    }

    /// Whether the names in `text`, or where its literals end, may be others for the server.
    pub(crate) fn disputes(&self, text: &[u8], lexing: Lexing) -> bool {
        if text.is_ascii() {
            return &*self.client == "SWE7" && text.iter().any(|byte| SWEDISH.contains(byte));
        }
        match self.names {
            Names::Exact => false,
            Names::Latin(others) => {
                let is_other =
                    std::str::from_utf8(text).is_ok() || text.iter().any(|byte| others.contains(byte));
                is_other && sql::encoded::has_encoded_names(text, lexing)
            }
            Names::Unknown => sql::encoded::has_encoded_names(text, lexing),
        }
    }

    /// Whether a command that is all name may name another thing for the server.
    pub(crate) fn disputes_command(&self, name: &[u8]) -> bool {
        self.names != Names::Exact && !name.is_ascii()
    }

    /// Whether a name of the protocol's may be another for the server.
    pub(crate) fn disputes_name(&self, name: &[u8]) -> bool {
        self.names == Names::Unknown && !name.is_ascii()
    }
}

fn known(name: &[u8]) -> Box<str> {
    String::from_utf8_lossy(name).to_ascii_uppercase().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(client: &str, server: &str) -> Encoding {
        let mut encoding = Encoding::default();
        encoding.set_server(server.as_bytes());
        encoding.set_client(client.as_bytes());
        encoding
    }

    #[test]
    fn names_are_certain_where_nothing_is_folded() {
        let name = "select \"тайна\"".as_bytes();
        for (client, server) in [("UTF8", "UTF8"), ("utf8", "LATIN1"), ("SQL_ASCII", "UTF8")] {
            assert!(!of(client, server).disputes(name, Lexing::default()), "{client} {server}");
        }
        for (client, server) in [
            ("UTF8", "EUC_JP"),
            ("KOI8R", "UTF8"),
            ("EUC_TW", "UTF8"),
            ("WIN1252", "UTF8"),
            ("LATIN1", "UTF8"),
        ] {
            assert!(of(client, server).disputes(name, Lexing::default()), "{client} {server}");
        }
    }

    #[test]
    fn latin1_is_itself_where_it_is_no_utf8() {
        for client in ["LATIN1", "LATIN9", "WIN1252"] {
            assert!(!of(client, "UTF8").disputes(b"select \"gr\xfc\xdfe\"", Lexing::default()), "{client}");
        }
        assert!(of("WIN1252", "UTF8").disputes(b"select \"\x80\xfc\"", Lexing::default()));
        assert!(of("LATIN9", "UTF8").disputes(b"select \"\xa4\xfc\"", Lexing::default()));
        let encoding = of("LATIN1", "UTF8");
        assert!(!encoding.disputes("select 'grüße'".as_bytes(), Lexing::default()));
    }

    #[test]
    fn letters_of_swe7_are_signs_elsewhere() {
        let mut encoding = Encoding::default();
        for (set, text, disputed) in [
            ("swe7", "select `n{te` from t", true),
            ("swe7", "select 1^pi()", true),
            ("swe7", "SET NAMES utf8mb4", false),
            ("latin1", "select `n{te` from t", false),
        ] {
            encoding.set_character_set(Some(set.as_bytes()));
            assert_eq!(encoding.disputes(text.as_bytes(), Lexing::MYSQL), disputed, "{set} {text}");
        }
    }

    #[test]
    fn a_character_set_of_mysql_that_is_not_known_may_be_any() {
        let of = |name: Option<&str>| {
            let mut encoding = Encoding::default();
            encoding.set_character_set(name.map(str::as_bytes));
            encoding
        };
        for (name, double, disputes) in [
            (Some("utf8mb4"), false, false),
            (Some("UTF8"), false, false),
            (Some("koi8r"), false, true),
            (Some("other"), false, true),
            (Some("latin1"), false, true),
            (Some("gbk"), true, true),
            (Some("sjis"), true, true),
            (Some("big5"), true, true),
            (Some("cp932"), true, true),
            (Some("gb18030"), true, true),
            (Some("unknown"), true, true),
            (None, true, true),
        ] {
            let encoding = of(name);
            let text = "select `größe`".as_bytes();
            assert_eq!(
                (encoding.is_double_byte(), encoding.disputes(text, Lexing::MYSQL)),
                (double, disputes),
                "{name:?}"
            );
        }
        // A name in Latin-1 that cannot be UTF-8 is what it is.
        assert!(!of(Some("latin1")).disputes(b"select `gr\xf6\xdfe`", Lexing::MYSQL));
    }

    #[test]
    fn literals_are_not_disputed_for_their_encoding() {
        for client in ["KOI8R", "EUC_TW", "WIN1252"] {
            assert!(!of(client, "UTF8").disputes(b"select '\xd4\xc1'", Lexing::default()), "{client}");
        }
    }
}
