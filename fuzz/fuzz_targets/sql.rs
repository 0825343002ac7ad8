//! Does any text make the analysis panic, leak a bound, read its tokens twice, or show a password?
//!
//! Read as PostgreSQL and as MySQL, under each setting that changes how a text is read.
#![no_main]

use exchange::Statement;
use libfuzzer_sys::fuzz_target;
use sql::split::Statements;
use sql::token::{Kind, Lexer, Token};
use sql::{Lexing, MysqlServer, analyse, fingerprint, literals, secrets};

fuzz_target!(|data: &[u8]| {
    for lexing in LEXINGS {
        let analysis = analyse(data, lexing);
        assert!(analysis.statements.len() <= sql::STATEMENTS_MAX);
        let mut end = 0;
        for token in Lexer::new(data, lexing) {
            assert!(token.start == end && token.end > token.start);
            end = token.end;
        }
        assert_eq!(end, data.len());
        if !analysis.folded {
            assert_eq!(analysis.statements.len(), Statements::new(data, lexing).count());
        }
        let first = analysis.statements.first().map(|statement| statement.fingerprint);
        assert!(analysis.folded || fingerprint(data, lexing) == first);
        for statement in &analysis.statements {
            assert!(statement.text.len() <= Statement::TEXT_BYTES_MAX);
            assert!(statement.tables.len() <= Statement::TABLES_MAX);
            assert!(
                statement.tables.iter().map(|name| name.len()).sum::<usize>() <= Statement::TABLES_BYTES_MAX
            );
            let _ = secrets::takes(statement, lexing);
        }
        assert_eq!(secrets::may_hold(data, &analysis), secrets::may_hold(data, &analysis));
        values(data, lexing);
        planted(data, lexing);
    }
});

/// The values of the literals keep to the bounds, and are as many as there are.
fn values(data: &[u8], lexing: Lexing) {
    let found = literals::values(data, lexing, VALUES_MAX, VALUES_BYTES_MAX);
    assert!(found.values.len() <= VALUES_MAX);
    assert!(found.values.iter().map(|value| value.len()).sum::<usize>() <= VALUES_BYTES_MAX);
    let is_value = |token: &Token| matches!(token.kind, Kind::Literal | Kind::Number);
    let there = Lexer::new(data, lexing).filter(is_value).count();
    assert!(if found.is_cut { found.values.len() < there } else { found.values.len() == there });
}

/// Whatever stands behind a password, it is not in what is kept of the statement, and the whole is known to hold one.
fn planted(data: &[u8], lexing: Lexing) {
    if data.windows(PLANTED.len()).any(|bytes| bytes == PLANTED.as_bytes()) {
        return;
    }
    for before in BEFORE {
        let text = [before.as_bytes(), data].concat();
        let analysis = analyse(&text, lexing);
        assert!(analysis.statements.iter().all(|one| !one.text.contains(PLANTED)), "{before}");
        assert!(secrets::may_hold(&text, &analysis), "{before}");
    }
}

/// What no text of a statement may show.
const PLANTED: &str = "S3cr3tPlanted";

/// A password as a literal, in double quotes, and as a word.
const BEFORE: [&str; 6] = [
    "ALTER ROLE a PASSWORD 'S3cr3tPlanted'",
    "CREATE USER a PASSWORD \"S3cr3tPlanted\"",
    "ALTER USER a PASSWORD S3cr3tPlanted",
    "SELECT 1; ALTER USER a IDENTIFIED BY 'S3cr3tPlanted'",
    "SET PASSWORD FOR a = 'S3cr3tPlanted'",
    "SET app.token = 'S3cr3tPlanted'",
];

/// Few enough that a fuzzer reaches them.
const VALUES_MAX: usize = 8;
const VALUES_BYTES_MAX: usize = 64;

const LEXINGS: [Lexing; 8] = [
    Lexing::Postgres { standard_conforming_strings: true },
    Lexing::Postgres { standard_conforming_strings: false },
    mysql(false, false, MysqlServer::Unknown),
    mysql(false, true, MysqlServer::Unknown),
    mysql(true, false, MysqlServer::Unknown),
    mysql(true, true, MysqlServer::Unknown),
    mysql(false, false, MysqlServer::Mariadb(101_119)),
    mysql(false, false, MysqlServer::Mysql(80_404)),
];

const fn mysql(ansi_quotes: bool, no_backslash_escapes: bool, server: MysqlServer) -> Lexing {
    Lexing::Mysql { ansi_quotes, no_backslash_escapes, double_byte: true, server }
}
