//! Does a session's `sql_mode` leave it certain how MySQL reads its texts, as far as statements told?
//!
//! Two parts of it say where tokens end. The server reports one of them with every answer, MariaDB both; what is left is
//! followed by what statements set. Some modes of MariaDB are another grammar: ORACLE runs blocks of statements,
//! MSSQL quotes names in brackets. Both bring ANSI_QUOTES with them, whatever else is set.

use exchange::{Effects, Marks, Verb};
use sql::{Analysis, Lexing, MysqlServer};

/// What is known of a session's `sql_mode`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Modes {
    /// It changes nothing but what is followed.
    #[default]
    Followed,
    /// It was set to what no text tells.
    Untold,
    /// It is another grammar.
    Foreign,
}

/// What a statement set `sql_mode` to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Set {
    pub(crate) modes: Modes,
    /// Whether `"` quotes names, where that can be told.
    pub(crate) ansi_quotes: Option<bool>,
}

/// Modes that bring ANSI_QUOTES with them.
const ANSI: [&str; 7] = ["ANSI_QUOTES", "ANSI", "DB2", "MAXDB", "MSSQL", "ORACLE", "POSTGRESQL"];

/// Those that are another grammar.
const FOREIGN: [&str; 2] = ["MSSQL", "ORACLE"];

impl Set {
    /// A constant, or `None` for what is none.
    pub(crate) fn of(value: Option<&str>) -> Set {
        let named = |value: &&str| {
            value.bytes().all(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b',' | b'0'..=b'9'))
                && !value.starts_with(|first: char| first.is_ascii_digit())
                && !value.eq_ignore_ascii_case("default")
        };
        let Some(value) = value.filter(named) else {
            return Set { modes: Modes::Untold, ansi_quotes: None };
        };
        let has = |wanted: &[&str]| {
            value.split(',').any(|mode| wanted.iter().any(|one| mode.eq_ignore_ascii_case(one)))
        };
        let modes = if has(&FOREIGN) { Modes::Foreign } else { Modes::Followed };
        Set { modes, ansi_quotes: Some(has(&ANSI)) }
    }
}

/// What a statement that has succeeded says of how the next text is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Reading<'a> {
    /// The character set of texts, within it `None` where it cannot be told.
    pub(crate) character_set: Option<Option<&'a str>>,
    pub(crate) modes: Option<Set>,
}

impl Reading<'_> {
    pub(crate) fn of(effects: &Effects) -> Reading<'_> {
        let mut reading = Reading::default();
        // What is prepared has not run.
        if effects.verb == "prepare"
            || !effects.marks.intersects(Marks::CHANGES_READING.with(Marks::RUNS_TEXT))
        {
            return reading;
        }
        for setting in &effects.settings {
            let value = setting.value.as_deref();
            match &*setting.name {
                "names" | "character set" | "character_set_client" => reading.character_set = Some(value),
                "sql_mode" => reading.modes = Some(Set::of(value)),
                _ => {}
            }
        }
        if reading == Reading::default() {
            // Which of them it changed stands elsewhere.
            reading = Reading { character_set: Some(None), modes: Some(Set::of(None)) };
        }
        reading
    }
}

/// Whether a statement of the text changes how what stands behind it is read: a text is read and run one
/// statement after the other. What it means for the ends of tokens the lexer has looked at.
pub(crate) fn change_within(analysis: &Analysis, text: &[u8]) -> bool {
    let Some((_, before)) = analysis.statements.split_last() else { return false };
    before.iter().any(|statement| {
        let reading = Reading::of(&statement.effects);
        (reading.character_set.is_some() && !text.is_ascii())
            || reading.modes.is_some_and(|set| set.modes != Modes::Followed)
    })
}

/// Whether a text only leaves a transaction, in words that mean the same to every grammar.
pub(crate) fn leaves(analysis: &Analysis, text: &[u8]) -> bool {
    let plain = |byte: &u8| {
        byte.is_ascii_alphanumeric() || matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b'_' | b';')
    };
    text.iter().all(plain) && analysis.statements.iter().all(|statement| statement.verb == Verb::Leave)
}

impl Modes {
    /// Whether the server may read `text` otherwise than `lexing` does, or by another grammar.
    pub(crate) fn disputes(self, text: &[u8], lexing: Lexing) -> bool {
        match (self, lexing) {
            (Modes::Followed, _) => false,
            (Modes::Foreign, _) => true,
            (Modes::Untold, Lexing::Mysql { server: MysqlServer::Mariadb(_), ansi_quotes, .. }) => {
                ansi_quotes
            }
            (Modes::Untold, _) => text.contains(&b'"'),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_set_is_known_where_it_is_a_list_of_modes() {
        let followed = |ansi| Set { modes: Modes::Followed, ansi_quotes: Some(ansi) };
        let untold = Set { modes: Modes::Untold, ansi_quotes: None };
        let foreign = Set { modes: Modes::Foreign, ansi_quotes: Some(true) };
        for (value, expected) in [
            (Some(""), followed(false)),
            (Some("STRICT_TRANS_TABLES,NO_ZERO_DATE"), followed(false)),
            (Some("strict_all_tables,ansi_quotes"), followed(true)),
            (Some("ANSI"), followed(true)),
            (Some("PIPES_AS_CONCAT,IGNORE_SPACE,MYSQL40"), followed(false)),
            (Some("oracle"), foreign),
            (Some("NO_ZERO_DATE,MSSQL"), foreign),
            (Some("512"), untold),
            (Some("default"), untold),
            (Some("@@global.sql_mode"), untold),
            (None, untold),
        ] {
            assert_eq!(Set::of(value), expected, "{value:?}");
        }
    }

    #[test]
    fn mariadb_tells_what_both_other_grammars_bring() {
        let mariadb = |ansi_quotes| Lexing::Mysql {
            ansi_quotes,
            no_backslash_escapes: false,
            double_byte: true,
            server: MysqlServer::Mariadb(101_119),
        };
        let mysql = Lexing::of_mysql(MysqlServer::Mysql(80_400));
        assert!(!Modes::Untold.disputes(b"select \"a\"", mariadb(false)));
        assert!(Modes::Untold.disputes(b"select 1", mariadb(true)));
        assert!(Modes::Untold.disputes(b"select \"a\"", mysql));
        assert!(!Modes::Untold.disputes(b"select 'a'", mysql));
        assert!(Modes::Foreign.disputes(b"select 1", mysql));
        assert!(!Modes::Followed.disputes(b"select \"a\"", mysql));
    }
}
