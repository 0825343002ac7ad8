//! Do two texts with one skeleton have one analysis, whatever constants stand in them?
//!
//! What is known of a text is lent to all others with its skeleton (`sql::skeleton`). So every number and
//! every string of a text is replaced, and if that changes the analysis, the skeleton has to change too or
//! the analysis has to be one that is not lent.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sql::token::{Kind, Lexer};
use sql::{Analysis, Lexing, MysqlServer, analyse, skeleton};

const LEXINGS: [Lexing; 5] = [
    Lexing::Postgres { standard_conforming_strings: true },
    Lexing::MYSQL,
    Lexing::of_mysql(MysqlServer::Mariadb(101_119)),
    Lexing::of_mysql(MysqlServer::Mysql(80_404)),
    Lexing::Mysql {
        ansi_quotes: true,
        no_backslash_escapes: true,
        double_byte: true,
        server: MysqlServer::Mysql(80_404),
    },
];

fuzz_target!(|data: &[u8]| {
    for lexing in LEXINGS {
        let (mut one, mut other) = (Vec::new(), Vec::new());
        if !skeleton::write(data, lexing, &mut one) {
            continue;
        }
        let analysis = analyse(data, lexing);
        if !skeleton::shares(&analysis) {
            continue;
        }
        for change in 0..3 {
            let text = changed(data, lexing, change);
            if skeleton::write(&text, lexing, &mut other) && one == other {
                same(&analysis, &analyse(&text, lexing), data, &text);
            }
        }
    }
});

/// The text with other constants.
fn changed(data: &[u8], lexing: Lexing, change: usize) -> Vec<u8> {
    let [number, string]: [&[u8]; 2] =
        [[&b"7"[..], b"''"], [b"0.5e3", b"'it''s; --'"], [b"1000000", b"'/*!'"]][change];
    let mut text = Vec::new();
    for token in Lexer::new(data, lexing) {
        match token.kind {
            Kind::Number => text.extend_from_slice(number),
            Kind::Literal if token.bytes(data).starts_with(b"'") => text.extend_from_slice(string),
            _ => text.extend_from_slice(token.bytes(data)),
        }
    }
    text
}

fn same(one: &Analysis, other: &Analysis, text: &[u8], changed: &[u8]) {
    let told = |analysis: &Analysis| {
        let of = |statement: &std::sync::Arc<exchange::Statement>| {
            (statement.class, statement.verb.clone(), statement.effects.clone(), statement.fingerprint)
        };
        analysis.statements.iter().map(of).collect::<Vec<_>>()
    };
    assert_eq!(told(one), told(other), "{} and {}", text.escape_ascii(), changed.escape_ascii());
}
