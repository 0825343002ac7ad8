//! Does any text make the analysis panic, leak a bound, or read its tokens twice?
//!
//! Read as PostgreSQL and as MySQL, under each setting that changes how a text is read.
#![no_main]

use exchange::Statement;
use libfuzzer_sys::fuzz_target;
use sql::split::Statements;
use sql::token::Lexer;
use sql::{Lexing, analyse, fingerprint};

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
