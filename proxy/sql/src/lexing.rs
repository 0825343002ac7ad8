//! Which rules is a text read by?

/// The server's kind, and the session settings that change how a text is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Lexing {
    /// PostgreSQL.
    Postgres {
        /// The server's setting of that name, as it last reported it: when off, a backslash escapes
        /// in plain `'…'` too.
        standard_conforming_strings: bool,
    },
    /// MySQL or MariaDB.
    Mysql {
        /// Whether `ANSI_QUOTES` is in the session's `sql_mode`: `"…"` is a name then.
        ansi_quotes: bool,
        /// Whether `NO_BACKSLASH_ESCAPES` is in it; the server says so in the status flags of every
        /// answer.
        no_backslash_escapes: bool,
        /// Whether a backslash may be half of a character, as it may in SJIS, BIG5, GBK and GB18030: what
        /// then ends elsewhere is in dispute.
        double_byte: bool,
        /// Whose rules decide what becomes of `/*!50700 … */`, and whose functions there are.
        server: MysqlServer,
    },
}

/// Which server speaks MySQL's protocol, with its version as version comments write it: 10.11.19 is 101119.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum MysqlServer {
    /// Nobody has told, or it is neither.
    #[default]
    Unknown,
    /// MySQL itself, or a build of it.
    Mysql(u32),
    /// MariaDB.
    Mariadb(u32),
}

impl Default for Lexing {
    /// PostgreSQL's default.
    fn default() -> Lexing {
        Lexing::Postgres { standard_conforming_strings: true }
    }
}

impl Lexing {
    /// The default of a MySQL or MariaDB server of which nothing is known.
    pub const MYSQL: Lexing = Lexing::of_mysql(MysqlServer::Unknown);

    /// The default of the server.
    pub const fn of_mysql(server: MysqlServer) -> Lexing {
        Lexing::Mysql { ansi_quotes: false, no_backslash_escapes: false, double_byte: true, server }
    }

    /// The same for texts of which it is said whether a backslash may be half of a character.
    #[must_use]
    pub fn in_double_bytes(self, double_byte: bool) -> Lexing {
        match self {
            Lexing::Mysql { ansi_quotes, no_backslash_escapes, server, .. } => {
                Lexing::Mysql { ansi_quotes, no_backslash_escapes, double_byte, server }
            }
            Lexing::Postgres { .. } => self,
        }
    }

    /// The server that reads the text; unknown for PostgreSQL.
    pub(crate) fn server(self) -> MysqlServer {
        match self {
            Lexing::Mysql { server, .. } => server,
            Lexing::Postgres { .. } => MysqlServer::Unknown,
        }
    }

    pub(crate) fn is_mysql(self) -> bool {
        matches!(self, Lexing::Mysql { .. })
    }
}

impl MysqlServer {
    /// The server that greets with this version: `8.0.36-28`, `5.5.5-10.6.18-MariaDB-1:10.6.18+maria~ubu2204`,
    /// `11.4.2-MariaDB-log`. One that says it is something else which speaks the protocol is unknown.
    pub fn of_version(version: &[u8]) -> MysqlServer {
        let has = |word: &[u8]| version.windows(word.len()).any(|part| part.eq_ignore_ascii_case(word));
        if STRANGERS.iter().any(|name| has(name.as_bytes())) {
            return MysqlServer::Unknown;
        }
        let is_mariadb = has(b"mariadb");
        let bare = match version.strip_prefix(b"5.5.5-") {
            Some(rest) if is_mariadb => rest,
            _ => version,
        };
        match version_number(bare) {
            None => MysqlServer::Unknown,
            Some(number) if is_mariadb => MysqlServer::Mariadb(number),
            Some(number) => MysqlServer::Mysql(number),
        }
    }
}

/// What else greets with a version of MySQL's, and reads texts by rules of its own.
const STRANGERS: [&str; 9] =
    ["tidb", "vitess", "oceanbase", "proxysql", "singlestore", "memsql", "doris", "starrocks", "maxscale"];

/// `10.11.19` as 101119.
fn version_number(version: &[u8]) -> Option<u32> {
    let mut parts = [0u32; 3];
    let mut rest = version;
    for (place, part) in parts.iter_mut().enumerate() {
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (number, behind) = rest.split_at_checked(digits)?;
        *part = std::str::from_utf8(number).ok()?.parse().ok().filter(|part| *part < 100)?;
        rest = match behind.strip_prefix(b".") {
            Some(behind) => behind,
            None if place == 2 => behind,
            None => return None,
        };
    }
    let [major, minor, patch] = parts;
    Some(major * 10_000 + minor * 100 + patch)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_known_by_its_greeting() {
        for (version, server) in [
            ("8.0.36", MysqlServer::Mysql(80_036)),
            ("8.0.36-28", MysqlServer::Mysql(80_036)),
            ("9.4.0-commercial", MysqlServer::Mysql(90_400)),
            ("5.7.44-log", MysqlServer::Mysql(50_744)),
            ("10.11.19-MariaDB-0+deb12u1", MysqlServer::Mariadb(101_119)),
            ("5.5.5-10.6.18-MariaDB-1:10.6.18+maria~ubu2204", MysqlServer::Mariadb(100_618)),
            ("11.4.2-MariaDB-log", MysqlServer::Mariadb(110_402)),
            ("8.0.11-TiDB-v7.5.1", MysqlServer::Unknown),
            ("8.0.30-Vitess", MysqlServer::Unknown),
            ("8.0", MysqlServer::Unknown),
            ("8.0.123", MysqlServer::Unknown),
            ("8..1", MysqlServer::Unknown),
            ("", MysqlServer::Unknown),
            ("Microsoft", MysqlServer::Unknown),
        ] {
            assert_eq!(MysqlServer::of_version(version.as_bytes()), server, "{version}");
        }
    }
}
