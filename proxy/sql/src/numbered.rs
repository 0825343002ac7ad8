//! What does a function of PostgreSQL do that a message calls by its number?
//!
//! Such a message has no text. libpq and JDBC work on large objects that way, so their functions are known
//! here; of any other number nothing is known but what must not be missed.

use crate::effects::of_call;
use crate::fingerprint;
use exchange::{Basis, Class, Effects, Marks, Statement, Verb};
use std::sync::{Arc, LazyLock};

/// The functions of large objects; numbers below 10,000 are given once and for all versions.
const LARGE_OBJECTS: [(u32, &str); 20] = [
    (715, "lo_create"),
    (764, "lo_import"),
    (765, "lo_export"),
    (767, "lo_import"),
    (952, "lo_open"),
    (953, "lo_close"),
    (954, "loread"),
    (955, "lowrite"),
    (956, "lo_lseek"),
    (957, "lo_creat"),
    (958, "lo_tell"),
    (964, "lo_unlink"),
    (1004, "lo_truncate"),
    (3170, "lo_lseek64"),
    (3171, "lo_tell64"),
    (3172, "lo_truncate64"),
    (3457, "lo_from_bytea"),
    (3458, "lo_get"),
    (3459, "lo_get"),
    (3460, "lo_put"),
];

/// `set_config`; its arguments are not looked at.
const SET_CONFIG: u32 = 2078;

/// `query_to_xml` and its like.
const RUNS_TEXT_FROM: u32 = 2923;
const RUNS_TEXT_TO: u32 = 2930;

/// What stands for a function called by its number, which no text names.
pub fn function_call(oid: u32) -> Statement {
    let (class, effects) = known(oid).unwrap_or_else(|| (Class::Code, Arc::new(unknown(oid))));
    Statement {
        fingerprint: fingerprint::of_function(oid),
        text: format!("function call {oid}").into(),
        class,
        verb: Verb::Other,
        tables: Box::default(),
        effects,
    }
}

fn known(oid: u32) -> Option<(Class, Arc<Effects>)> {
    static KNOWN: LazyLock<[(Class, Arc<Effects>); LARGE_OBJECTS.len()]> = LazyLock::new(|| {
        LARGE_OBJECTS.map(|(_, name)| {
            let (class, effects) = of_call(name);
            (class, Arc::new(effects))
        })
    });
    let place = LARGE_OBJECTS.binary_search_by_key(&oid, |(number, _)| *number).ok()?;
    KNOWN.get(place).cloned()
}

fn unknown(oid: u32) -> Effects {
    let mut effects = Effects::of_class(Basis::Message, "function call", Class::Code);
    effects.marks = match oid {
        SET_CONFIG => Marks::CHANGES_ROLE.with(Marks::CHANGES_PATH).with(Marks::CHANGES_READING),
        RUNS_TEXT_FROM..=RUNS_TEXT_TO => Marks::RUNS_TEXT,
        _ => Marks::NONE,
    };
    effects
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::{LARGE_OBJECTS, function_call};
    use crate::{Lexing, analyse};
    use exchange::{Basis, Class, Known, Marks};

    #[test]
    fn a_large_object_is_used_by_number_as_it_is_by_name() {
        assert!(LARGE_OBJECTS.is_sorted_by_key(|(oid, _)| *oid), "they are searched by halves");
        for (oid, name) in LARGE_OBJECTS {
            let by_number = function_call(oid);
            let by_name = analyse(format!("SELECT pg_catalog.{name}(1, 2)").as_bytes(), Lexing::default());
            let by_name = &by_name.statements[0];
            assert_eq!(by_number.class, by_name.class, "{name}");
            assert_eq!(by_number.effects.functions, by_name.effects.functions, "{name}");
            assert_eq!(by_number.effects.basis, Basis::Message);
            let only_of_texts = Marks::RETURNS_ROWS.with(Marks::LITERALS_DECIDE);
            let marks = by_name.effects.marks.0 & !only_of_texts.0;
            assert_eq!(by_number.effects.marks.0 & !only_of_texts.0, marks, "{name}");
        }
    }

    #[test]
    fn only_what_reads_counts_as_a_read() {
        let class = |oid| function_call(oid).class;
        assert_eq!([954, 958, 3171, 3458, 3459].map(class), [Class::Read; 5]);
        assert_eq!([952, 953, 956, 3170].map(class), [Class::Session; 4]);
        assert_eq!([715, 955, 957, 964, 1004, 3172, 3457, 3460].map(class), [Class::Write; 8]);
        assert_eq!([764, 765, 767, 177, 2078, 2923, 0, 951, 16_384, u32::MAX].map(class), [Class::Code; 10]);
        let open = function_call(952);
        assert_eq!(
            (&*open.effects.functions[0].name, open.effects.functions[0].known),
            ("lo_open", Known::Acts)
        );
        assert!(function_call(955).effects.marks.contains(Marks::WRITING_FUNCTION));
        assert!(function_call(765).effects.marks.contains(Marks::SERVER_FILE));
    }
}
