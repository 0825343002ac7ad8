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
    },
}

impl Default for Lexing {
    /// PostgreSQL's default.
    fn default() -> Lexing {
        Lexing::Postgres { standard_conforming_strings: true }
    }
}

impl Lexing {
    /// How many values there are.
    pub const COUNT: usize = 6;

    /// A MySQL server's default.
    pub const MYSQL: Lexing = Lexing::Mysql { ansi_quotes: false, no_backslash_escapes: false };

    /// A dense number, for tables with one row a value; below [`Lexing::COUNT`].
    pub fn index(self) -> usize {
        match self {
            Lexing::Postgres { standard_conforming_strings } => usize::from(standard_conforming_strings),
            Lexing::Mysql { ansi_quotes, no_backslash_escapes } => {
                2 + usize::from(ansi_quotes) * 2 + usize::from(no_backslash_escapes)
            }
        }
    }

    pub(crate) fn is_mysql(self) -> bool {
        matches!(self, Lexing::Mysql { .. })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_has_a_number_of_its_own() {
        let mut seen = [false; Lexing::COUNT];
        for first in [false, true] {
            seen[Lexing::Postgres { standard_conforming_strings: first }.index()] = true;
            for second in [false, true] {
                let lexing = Lexing::Mysql { ansi_quotes: first, no_backslash_escapes: second };
                seen[lexing.index()] = true;
            }
        }
        assert_eq!(seen, [true; Lexing::COUNT]);
    }
}
