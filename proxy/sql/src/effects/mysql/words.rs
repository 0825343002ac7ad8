//! Which words of MySQL and MariaDB are no names where a name could stand?

/// Whether the word (in lower case) cannot be a name without quotes: those both servers reserve, and those that
/// begin a part of a statement. What only one of them reserves is a name here: the server that reserves it rejects the text.
pub(super) fn is_reserved(word: &str) -> bool {
    RESERVED.binary_search(&word).is_ok()
}

/// Whether the word cannot be an alias without AS.
pub(super) fn ends_item(word: &str) -> bool {
    is_reserved(word)
        || matches!(
            word,
            "window" | "offset" | "fetch" | "returning" | "except" | "intersect" | "escape" | "member"
        )
}

/// Whether the word is a unit of time, as behind INTERVAL.
pub(super) fn is_unit(word: &str) -> bool {
    matches!(
        word,
        "microsecond"
            | "second"
            | "minute"
            | "hour"
            | "day"
            | "week"
            | "month"
            | "quarter"
            | "year"
            | "second_microsecond"
            | "minute_microsecond"
            | "minute_second"
            | "hour_microsecond"
            | "hour_second"
            | "hour_minute"
            | "day_microsecond"
            | "day_second"
            | "day_minute"
            | "day_hour"
            | "year_month"
            | "sql_tsi_second"
            | "sql_tsi_minute"
            | "sql_tsi_hour"
            | "sql_tsi_day"
            | "sql_tsi_week"
            | "sql_tsi_month"
            | "sql_tsi_quarter"
            | "sql_tsi_year"
            | "frac_second"
            | "sql_tsi_frac_second"
    )
}

/// Whether `(` behind the word is part of the grammar and no call.
pub(super) fn precedes_parenthesis(word: &str) -> bool {
    GRAMMAR.binary_search(&word).is_ok()
}

/// In ascending order.
const RESERVED: &[&str] = &[
    "add",
    "all",
    "alter",
    "analyze",
    "and",
    "as",
    "asc",
    "before",
    "between",
    "both",
    "by",
    "call",
    "cascade",
    "case",
    "change",
    "check",
    "collate",
    "column",
    "condition",
    "constraint",
    "continue",
    "convert",
    "create",
    "cross",
    "current_date",
    "current_time",
    "current_timestamp",
    "current_user",
    "cursor",
    "declare",
    "default",
    "delayed",
    "delete",
    "desc",
    "describe",
    "distinct",
    "distinctrow",
    "div",
    "drop",
    "each",
    "else",
    "elseif",
    "enclosed",
    "escaped",
    "exists",
    "exit",
    "explain",
    "false",
    "fetch",
    "for",
    "force",
    "foreign",
    "from",
    "fulltext",
    "grant",
    "group",
    "having",
    "high_priority",
    "if",
    "ignore",
    "in",
    "index",
    "infile",
    "inner",
    "inout",
    "insert",
    "interval",
    "into",
    "is",
    "iterate",
    "join",
    "key",
    "keys",
    "kill",
    "leading",
    "leave",
    "left",
    "like",
    "limit",
    "linear",
    "lines",
    "load",
    "localtime",
    "localtimestamp",
    "lock",
    "loop",
    "low_priority",
    "match",
    "mod",
    "natural",
    "not",
    "null",
    "on",
    "optimize",
    "option",
    "optionally",
    "or",
    "order",
    "out",
    "outer",
    "outfile",
    "partition",
    "primary",
    "procedure",
    "purge",
    "range",
    "read",
    "references",
    "regexp",
    "release",
    "rename",
    "repeat",
    "replace",
    "require",
    "restrict",
    "return",
    "revoke",
    "right",
    "rlike",
    "schema",
    "schemas",
    "select",
    "sensitive",
    "separator",
    "set",
    "show",
    "spatial",
    "sql",
    "sql_big_result",
    "sql_calc_found_rows",
    "sql_small_result",
    "sqlexception",
    "sqlstate",
    "sqlwarning",
    "ssl",
    "starting",
    "straight_join",
    "table",
    "terminated",
    "then",
    "to",
    "trailing",
    "trigger",
    "true",
    "undo",
    "union",
    "unique",
    "unlock",
    "update",
    "usage",
    "use",
    "using",
    "utc_date",
    "utc_time",
    "utc_timestamp",
    "values",
    "varying",
    "when",
    "where",
    "while",
    "with",
    "write",
    "xor",
];

/// In ascending order.
const GRAMMAR: &[&str] = &[
    "against",
    "all",
    "and",
    "any",
    "as",
    "between",
    "binary",
    "by",
    "case",
    "collate",
    "columns",
    "distinct",
    "distinctrow",
    "div",
    "else",
    "end",
    "escape",
    "except",
    "exists",
    "for",
    "from",
    "having",
    "in",
    "index",
    "intersect",
    "interval",
    "into",
    "is",
    "join",
    "key",
    "keys",
    "lateral",
    "like",
    "limit",
    "match",
    "member",
    "mod",
    "not",
    "of",
    "offset",
    "on",
    "or",
    "over",
    "partition",
    "qualify",
    "regexp",
    "returning",
    "rlike",
    "row",
    "select",
    "separator",
    "set",
    "some",
    "straight_join",
    "then",
    "to",
    "union",
    "update",
    "using",
    "value",
    "values",
    "when",
    "where",
    "xor",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_can_be_searched() {
        for list in [RESERVED, GRAMMAR] {
            assert!(list.windows(2).all(|pair| pair[0] < pair[1]), "{list:?}");
        }
    }
}
