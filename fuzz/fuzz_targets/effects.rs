//! Does any text make the judgement panic, take what it cannot judge for harmless, or name what is not there?
//!
//! Read as PostgreSQL, and as MariaDB and MySQL.
#![no_main]

use exchange::{Basis, Class, Effects, Statement, Verb};
use libfuzzer_sys::fuzz_target;
use sql::{Lexing, MysqlServer, analyse};

const LEXINGS: [Lexing; 6] = [
    Lexing::Postgres { standard_conforming_strings: true },
    Lexing::Postgres { standard_conforming_strings: false },
    Lexing::MYSQL,
    Lexing::of_mysql(MysqlServer::Mariadb(101_119)),
    Lexing::of_mysql(MysqlServer::Mysql(80_404)),
    Lexing::Mysql {
        ansi_quotes: true,
        no_backslash_escapes: true,
        double_byte: true,
        server: MysqlServer::Mariadb(101_119),
    },
];

fuzz_target!(|data: &[u8]| {
    for lexing in LEXINGS {
        let analysis = analyse(data, lexing);
        for statement in &analysis.statements {
            check(statement);
            if let Verb::Prepare { inner, .. } | Verb::Declare { inner, .. } = &statement.verb {
                check(inner);
                assert!(statement.class == inner.class || statement.class == Class::Unknown);
            }
        }
    }
});

fn check(statement: &Statement) {
    let effects = &statement.effects;
    match effects.basis {
        Basis::Grammar => {}
        Basis::Unjudged(_) => {
            assert_eq!((statement.class, effects.base_class), (Class::Unknown, Class::Unknown));
            assert!(statement.verb != Verb::Leave && effects.relations.is_empty());
        }
        _ => panic!("{:?}", effects.basis),
    }
    let items =
        effects.relations.len() + effects.functions.len() + effects.columns.len() + effects.settings.len();
    assert!(items <= Effects::ITEMS_MAX);
    for column in &effects.columns {
        assert!(column.relation.is_none_or(|place| usize::from(place) < effects.relations.len()));
    }
}
