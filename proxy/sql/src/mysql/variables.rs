//! What does it mean for a session that a system variable of MySQL or MariaDB is set?

use exchange::Marks;

/// What setting a variable in the session means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Variable {
    /// Never empty.
    pub(crate) marks: Marks,
}

/// What it means that the variable `name` (lower case, without `@@` and scope) gets a value in the session. `value` is
/// the constant it gets; `None` for an expression, for DEFAULT, and where it cannot be told. An empty name is one
/// that cannot be told either.
pub(crate) fn variable(name: &str, value: Option<&str>) -> Variable {
    let marks = match name {
        "" => Marks::UNDOES_READ_ONLY
            .with(Marks::CHANGES_ROLE)
            .with(Marks::CHANGES_PATH)
            .with(Marks::CHANGES_READING)
            .with(Marks::CHANGES_SETTING),
        // DEFAULT is the server's global value, not what the login set.
        "transaction_read_only" | "tx_read_only" if value.is_some_and(is_on) => Marks::CHANGES_SETTING,
        "transaction_read_only" | "tx_read_only" => Marks::UNDOES_READ_ONLY.with(Marks::CHANGES_SETTING),
        "transaction_isolation" | "tx_isolation" if !value.is_some_and(is_without_locks) => {
            Marks::LOCKS_ROWS.with(Marks::CHANGES_SETTING)
        }
        "sql_mode" | "character_set_client" | "names" | "charset" => Marks::CHANGES_READING,
        // Where MariaDB looks for functions without a schema, since 12.
        "path" => Marks::CHANGES_PATH,
        _ => Marks::CHANGES_SETTING,
    };
    Variable { marks }
}

/// Whether the server takes the value of a switch for on. It reads words in any case, and numbers only if they are
/// 0 or 1.
fn is_on(value: &str) -> bool {
    value == "1" || value.eq_ignore_ascii_case("on") || value.eq_ignore_ascii_case("true")
}

/// Whether queries lock no rows at this level. In a transaction that is SERIALIZABLE each locks all it reads.
fn is_without_locks(level: &str) -> bool {
    ["read-uncommitted", "read-committed", "repeatable-read", "0", "1", "2"]
        .iter()
        .any(|one| level.replace(' ', "-").eq_ignore_ascii_case(one))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_means_what_it_does_to_the_session() {
        let locks = Marks::LOCKS_ROWS.with(Marks::CHANGES_SETTING);
        let undoes = Marks::UNDOES_READ_ONLY.with(Marks::CHANGES_SETTING);
        for (name, value, marks) in [
            ("tx_read_only", Some("0"), undoes),
            ("transaction_read_only", Some("OFF"), undoes),
            ("transaction_read_only", Some("no"), undoes),
            ("transaction_read_only", Some("o"), undoes),
            ("transaction_read_only", None, undoes),
            ("transaction_read_only", Some("1"), Marks::CHANGES_SETTING),
            ("tx_read_only", Some("On"), Marks::CHANGES_SETTING),
            ("tx_read_only", Some("TRUE"), Marks::CHANGES_SETTING),
            ("transaction_isolation", Some("READ-COMMITTED"), Marks::CHANGES_SETTING),
            ("tx_isolation", Some("repeatable read"), Marks::CHANGES_SETTING),
            ("tx_isolation", Some("SERIALIZABLE"), locks),
            ("tx_isolation", Some("3"), locks),
            ("transaction_isolation", None, locks),
            ("sql_mode", Some("ANSI"), Marks::CHANGES_READING),
            ("character_set_client", Some("gbk"), Marks::CHANGES_READING),
            ("path", Some("a"), Marks::CHANGES_PATH),
            ("max_execution_time", Some("1000"), Marks::CHANGES_SETTING),
            ("somebodys_plugin", None, Marks::CHANGES_SETTING),
        ] {
            assert_eq!(variable(name, value).marks, marks, "{name} {value:?}");
        }
        assert!(variable("", None).marks.contains(undoes));
    }
}
