//! Which statements may ask their client for data?

use exchange::{Basis, Class, Marks, Statement};
use sql::Lexing;

/// Whether a statement may ask its client for data.
pub(crate) fn may_take(statement: &Statement, lexing: Lexing) -> bool {
    match lexing {
        Lexing::Postgres { .. } => takes_copy_data(statement),
        Lexing::Mysql { .. } => takes_file(statement),
    }
}

/// Whether a statement may ask its client for data: COPY FROM STDIN, in any writing.
fn takes_copy_data(statement: &Statement) -> bool {
    match &statement.effects.basis {
        Basis::Grammar => statement.effects.marks.contains(Marks::TAKES_DATA),
        // What could not be judged may be anything.
        _ => statement.text.get(..4).is_some_and(|word| word.eq_ignore_ascii_case("copy")),
    }
}

/// LOAD DATA LOCAL, in any writing, or what nobody can tell.
fn takes_file(statement: &Statement) -> bool {
    let loads = |text: &str| text.as_bytes().windows(4).any(|word| word.eq_ignore_ascii_case(b"load"));
    match statement.class {
        Class::Unknown | Class::Code => true,
        Class::Write => loads(&statement.text),
        _ => false,
    }
}
