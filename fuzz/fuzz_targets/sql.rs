//! Does any text make the analysis panic, leak a bound, or read its tokens twice?
#![no_main]

use exchange::Statement;
use libfuzzer_sys::fuzz_target;
use sql::{Lexing, analyse};

fuzz_target!(|data: &[u8]| {
    for standard_conforming_strings in [true, false] {
        let analysis = analyse(data, Lexing { standard_conforming_strings });
        assert!(analysis.statements.len() <= sql::STATEMENTS_MAX);
        for statement in &analysis.statements {
            assert!(statement.text.len() <= Statement::TEXT_BYTES_MAX);
        }
    }
});
