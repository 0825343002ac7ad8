//! How is a statement that was folded into one line laid out again?
//!
//! Only white space is added, so what is read is what was recorded. It knows where clauses begin
//! and nothing else of the language: a text it does not understand stays readable.

/// Words that begin a line.
const CLAUSES: [&str; 20] = [
    "FROM",
    "WHERE",
    "GROUP",
    "ORDER",
    "HAVING",
    "LIMIT",
    "OFFSET",
    "UNION",
    "INTERSECT",
    "EXCEPT",
    "RETURNING",
    "VALUES",
    "SET",
    "ON CONFLICT",
    "JOIN",
    "LEFT",
    "RIGHT",
    "INNER",
    "CROSS",
    "WINDOW",
];

/// Cells by which what stands in brackets is moved in.
const INDENT: usize = 2;

/// The lines of a statement, at most `width` wide.
pub(super) fn lines(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for (depth, clause) in clauses(text) {
        let indent = (depth * INDENT).min(width / 2);
        wrap(&clause, indent, width, &mut lines);
    }
    lines
}

/// Plain words, broken at spaces.
pub(super) fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let is_full =
            |line: &String| !line.is_empty() && line.chars().count() + 1 + word.chars().count() > width;
        if lines.last().is_some_and(is_full) {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines
}

/// The clauses, with how many brackets are open where each begins.
fn clauses(text: &str) -> Vec<(usize, String)> {
    let mut clauses = vec![(0, String::new())];
    let mut depth = 0usize;
    let mut quote = None;
    let mut last = String::new();
    for word in text.split(' ') {
        let upper = word.trim_start_matches('(').to_uppercase();
        // LEFT JOIN is one clause, and so is LEFT OUTER JOIN.
        let goes_on =
            matches!(last.as_str(), "LEFT" | "RIGHT" | "INNER" | "CROSS" | "OUTER") && upper == "JOIN";
        // A function of the same name is none: left(x, 3); neither is what stands after a name.
        let begins =
            quote.is_none() && CLAUSES.contains(&upper.as_str()) && !goes_on && !word.starts_with('(');
        let begins =
            begins && !(upper == "SET" && last == "UPDATE") && !(upper == "FROM" && last == "DISTINCT");
        if begins && clauses.last().is_some_and(|(_, clause)| !clause.is_empty()) {
            clauses.push((depth, String::new()));
        }
        if let Some((_, clause)) = clauses.last_mut() {
            if !clause.is_empty() {
                clause.push(' ');
            }
            clause.push_str(word);
        }
        for letter in word.chars() {
            match (quote, letter) {
                (Some(open), _) if open == letter => quote = None,
                (None, '"' | '\'' | '`') => quote = Some(letter),
                (None, '(') => depth += 1,
                (None, ')') => depth = depth.saturating_sub(1),
                _ => {}
            }
        }
        last = upper;
    }
    clauses
}

/// Breaks a clause at spaces, or anywhere when there are none.
fn wrap(clause: &str, indent: usize, width: usize, lines: &mut Vec<String>) {
    let mut line = " ".repeat(indent);
    let mut used = indent;
    let mut is_empty = true;
    for word in clause.split(' ') {
        let mut rest: Vec<char> = word.chars().collect();
        if !is_empty && used + 1 + rest.len() > width {
            lines.push(std::mem::take(&mut line));
            // What goes on is further in than what begins.
            used = (indent + 2 * INDENT).min(width / 2);
            line = " ".repeat(used);
            is_empty = true;
        }
        if !is_empty {
            line.push(' ');
            used += 1;
        }
        while used + rest.len() > width && width > used {
            let tail = rest.split_off(width - used);
            line.extend(rest);
            lines.push(std::mem::take(&mut line));
            used = (indent + 2 * INDENT).min(width / 2);
            line = " ".repeat(used);
            rest = tail;
        }
        used += rest.len();
        line.extend(rest);
        is_empty = false;
    }
    lines.push(line);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, width: usize, expected: &[&str]) {
        assert_eq!(lines(text, width), expected, "{text}");
        let without = |text: &str| text.chars().filter(|letter| *letter != ' ').collect::<String>();
        assert_eq!(without(&lines(text, width).concat()), without(text), "only white space is added");
    }

    #[test]
    fn every_clause_has_a_line_and_what_is_in_brackets_is_moved_in() {
        check(
            "SELECT p.sku, count(*) FROM views v LEFT JOIN products p ON v.path = p.sku WHERE p.id IN (SELECT id FROM \
             old WHERE x = ?) GROUP BY p.sku ORDER BY ? LIMIT ?",
            60,
            &[
                "SELECT p.sku, count(*)",
                "FROM views v",
                "LEFT JOIN products p ON v.path = p.sku",
                "WHERE p.id IN (SELECT id",
                "  FROM old",
                "  WHERE x = ?)",
                "GROUP BY p.sku",
                "ORDER BY ?",
                "LIMIT ?",
            ],
        );
        check("SELECT \"a FROM b\" FROM t", 60, &["SELECT \"a FROM b\"", "FROM t"]);
        check("COMMIT", 60, &["COMMIT"]);
        check("", 60, &[""]);
    }

    #[test]
    fn long_lines_are_broken_at_spaces_or_anywhere() {
        check("SELECT one, two, three", 14, &["SELECT one,", "    two, three"]);
        check(
            "SELECT abcdefghijklmnopqrst",
            10,
            &["SELECT", "    abcdef", "    ghijkl", "    mnopqr", "    st"],
        );
    }
}
