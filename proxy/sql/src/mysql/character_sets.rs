//! Which words say the character set of the literal behind them?

use crate::MysqlServer;

/// Whether the server has a character set of this name (in any case): `_utf8mb4'a'` is one literal, but `_secret'a'`
/// is a column with an alias.
pub(crate) fn is_character_set(name: &[u8], server: MysqlServer) -> bool {
    // MariaDB has all but this one.
    let has = |one: &str| one != "gb18030" || !matches!(server, MysqlServer::Mariadb(_));
    NAMES.iter().any(|one| one.as_bytes().eq_ignore_ascii_case(name) && has(one))
}

const NAMES: [&str; 43] = [
    "armscii8", "ascii", "big5", "binary", "cp1250", "cp1251", "cp1256", "cp1257", "cp850", "cp852", "cp866",
    "cp932", "dec8", "eucjpms", "euckr", "filename", "gb18030", "gb2312", "gbk", "geostd8", "greek",
    "hebrew", "hp8", "keybcs2", "koi8r", "koi8u", "latin1", "latin2", "latin5", "latin7", "macce",
    "macroman", "sjis", "swe7", "tis620", "ucs2", "ujis", "utf16", "utf16le", "utf32", "utf8", "utf8mb3",
    "utf8mb4",
];
