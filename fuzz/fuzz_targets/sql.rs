//! Does any text make the analysis panic, leak a bound, or read its tokens twice?
#![no_main]

use exchange::Statement;
use libfuzzer_sys::fuzz_target;
use sql::{Lexing, analyse};

fuzz_target!(|data: &[u8]| {
    for lexing in LEXINGS {
        let analysis = analyse(data, lexing);
        assert!(analysis.statements.len() <= sql::STATEMENTS_MAX);
        for statement in &analysis.statements {
            assert!(statement.text.len() <= Statement::TEXT_BYTES_MAX);
            assert!(statement.tables.len() <= Statement::TABLES_MAX);
            assert!(statement.tables.iter().map(|name| name.len()).sum::<usize>() <= Statement::TABLES_BYTES_MAX);
        }
    }
});

const LEXINGS: [Lexing; Lexing::COUNT] = [
    Lexing::Postgres { standard_conforming_strings: true },
    Lexing::Postgres { standard_conforming_strings: false },
    Lexing::Mysql { ansi_quotes: false, no_backslash_escapes: false },
    Lexing::Mysql { ansi_quotes: false, no_backslash_escapes: true },
    Lexing::Mysql { ansi_quotes: true, no_backslash_escapes: false },
    Lexing::Mysql { ansi_quotes: true, no_backslash_escapes: true },
];
