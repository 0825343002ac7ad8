//! Does a name match what a rule says? `*` stands for any run of characters; everything else is
//! compared as the server folds names, so `Orders` is the table that was created as `"Orders"`.

use std::borrow::Cow;

/// One name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Pattern {
    /// Any name.
    Any,
    /// This one.
    Exact(Box<str>),
    /// What stands between the stars, at least two parts.
    Glob(Box<[Box<str>]>),
}

impl Pattern {
    pub(crate) fn of(text: &str) -> Pattern {
        if !text.contains('*') {
            return Pattern::Exact(text.into());
        }
        if text.chars().all(|one| one == '*') {
            return Pattern::Any;
        }
        Pattern::Glob(text.split('*').map(Into::into).collect())
    }

    pub(crate) fn matches(&self, name: &str) -> bool {
        match self {
            Pattern::Any => true,
            Pattern::Exact(exact) => **exact == *name,
            Pattern::Glob(parts) => glob(parts, name),
        }
    }

    /// The same with `folds` for a pattern in small letters: the case of the name does not matter.
    #[inline]
    pub(crate) fn matches_folded(&self, name: &str, folds: bool) -> bool {
        if folds { self.matches(&folded(name)) } else { self.matches(name) }
    }

    /// The one name it matches, where that is one.
    pub(crate) fn exact(&self) -> Option<&str> {
        match self {
            Pattern::Exact(name) => Some(name),
            Pattern::Any | Pattern::Glob(_) => None,
        }
    }
}

/// A name in small letters, as MySQL makes them: each for itself, and the Turkish capital letter with a dot is an i.
pub(crate) fn folded(name: &str) -> Cow<'_, str> {
    let small = |byte: &u8| byte.is_ascii() && !byte.is_ascii_uppercase();
    if name.as_bytes().iter().all(small) {
        return Cow::Borrowed(name);
    }
    let folded = |one: char| if one == '\u{130}' { 'i'.to_lowercase() } else { one.to_lowercase() };
    Cow::Owned(name.chars().flat_map(folded).collect())
}

/// The first part begins the name, the last ends it, those between follow one another.
fn glob(parts: &[Box<str>], name: &str) -> bool {
    let [first, between @ .., last] = parts else { return false };
    // An empty part is not compared: the C library's comparison of nothing at no address takes as long as
    // that of some hundred bytes.
    let mut rest = name;
    if !first.is_empty() {
        let Some(after) = name.strip_prefix(&**first) else { return false };
        rest = after;
    }
    for part in between {
        match rest.find(&**part) {
            Some(at) => rest = rest.get(at + part.len()..).unwrap_or_default(),
            None => return false,
        }
    }
    last.is_empty() || rest.ends_with(&**last)
}

/// A name that may have a schema: `orders`, `sales.*`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Qualified {
    pub(crate) schema: Option<Pattern>,
    pub(crate) name: Pattern,
}

impl Qualified {
    /// `None` when it has too many parts, an empty one, or a quote that does not end.
    pub(crate) fn of(text: &str) -> Option<Qualified> {
        let mut parts = dotted(text)?.into_iter();
        match (parts.next(), parts.next(), parts.next()) {
            (Some(name), None, None) => Some(Qualified { schema: None, name }),
            (Some(schema), Some(name), None) => Some(Qualified { schema: Some(schema), name }),
            _ => None,
        }
    }
}

/// A column: `salary`, `employees.salary`, `staff.employees.salary`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ColumnPattern {
    pub(crate) relation: Option<Qualified>,
    pub(crate) name: Pattern,
}

impl ColumnPattern {
    /// `None` when it has too many parts, an empty one, or a quote that does not end.
    pub(crate) fn of(text: &str) -> Option<ColumnPattern> {
        let mut parts = dotted(text)?;
        let name = parts.pop()?;
        let relation = match (parts.pop(), parts.pop()) {
            (None, _) => None,
            (Some(table), schema) => Some(Qualified { schema, name: table }),
        };
        parts.is_empty().then_some(ColumnPattern { relation, name })
    }
}

/// The parts between dots; a part in double quotes is taken as it stands, `""` in it for a quote.
fn dotted(text: &str) -> Option<Vec<Pattern>> {
    let mut parts = Vec::new();
    let mut rest = text;
    loop {
        let (part, after) = if let Some(quoted) = rest.strip_prefix('"') {
            let (name, after) = quoted_name(quoted)?;
            (Pattern::Exact(name.into()), after)
        } else {
            let end = rest.find('.').unwrap_or(rest.len());
            let (name, after) = rest.split_at(end);
            if name.is_empty() || name.contains('"') {
                return None;
            }
            (Pattern::of(name), after)
        };
        parts.push(part);
        if after.is_empty() {
            return Some(parts);
        }
        rest = after.strip_prefix('.')?;
    }
}

fn quoted_name(text: &str) -> Option<(String, &str)> {
    let mut name = String::new();
    let mut rest = text;
    loop {
        let (part, after) = rest.split_once('"')?;
        name.push_str(part);
        match after.strip_prefix('"') {
            Some(more) => {
                name.push('"');
                rest = more;
            }
            None if name.is_empty() => return None,
            None => return Some((name, after)),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_star_stands_for_any_run_of_characters() {
        let cases = [
            ("app_*", "app_", true),
            ("app_*", "app_one", true),
            ("app_*", "my_app_", false),
            ("*_ro", "x_ro", true),
            ("*_ro", "_rox", false),
            ("a*b*c", "a1b2b3c", true),
            ("a*b*c", "acb", false),
            ("a*a", "a", false),
            ("*ab*ab*", "abab", true),
            ("*ab*ab*", "aba", false),
            ("*", "", true),
            ("orders", "orders", true),
            ("orders", "Orders", false),
            ("größe*", "größen", true),
        ];
        for (pattern, name, expected) in cases {
            assert_eq!(Pattern::of(pattern).matches(name), expected, "{pattern} and {name}");
        }
    }

    #[test]
    fn letters_fold_as_mysql_folds_them() {
        for (name, expected) in [
            ("orders", "orders"),
            ("Orders", "orders"),
            ("\u{130}d", "id"),
            ("ban\u{212a}", "bank"),
            ("PRÉNOM", "prénom"),
            ("ΟΔΟΣ", "οδοσ"),
        ] {
            assert_eq!(folded(name), expected, "{name}");
        }
    }

    #[test]
    fn a_name_may_have_a_schema_and_quotes() {
        let plain = Qualified::of("sales.*").unwrap();
        assert_eq!((plain.schema, plain.name), (Some(Pattern::of("sales")), Pattern::Any));
        let quoted = Qualified::of(r#""a.b"."c""*""#).unwrap();
        assert_eq!(quoted.schema.unwrap().exact(), Some("a.b"));
        assert_eq!(quoted.name.exact(), Some("c\"*"));
        for wrong in ["", ".", "a.", ".a", "a.b.c", "\"a", "a\"b", "\"\"", "\"a\"b"] {
            assert_eq!(Qualified::of(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_column_may_have_a_table_and_a_schema() {
        let full = ColumnPattern::of("staff.employees.salary").unwrap();
        assert_eq!(full.name.exact(), Some("salary"));
        assert_eq!(full.relation, Qualified::of("staff.employees"));
        assert_eq!(ColumnPattern::of("salary").unwrap().relation, None);
        assert_eq!(ColumnPattern::of("a.b.c.d"), None);
    }
}
