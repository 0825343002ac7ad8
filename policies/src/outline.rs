//! What stands in a rule file, and from which byte to which? For whoever changes a part of it and leaves the
//! rest as somebody wrote it.

use crate::document::FILE_BYTES_MAX;
use std::ops::Range;
use toml::de::{DeTable, DeValue};

/// A key of a table with its value.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// The key, without quotes.
    pub key: String,
    /// Where the key stands, in bytes.
    pub key_at: Range<usize>,
    /// The value.
    pub element: Element,
}

/// A value and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Element {
    /// In bytes. Of a table with a header that is the header.
    pub at: Range<usize>,
    /// What it is.
    pub value: Value,
}

/// A value as TOML has it.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// In the order of the text.
    Table(Vec<Part>),
    /// A list, or the tables of `[[…]]`.
    Array(Vec<Element>),
    /// A text.
    String(String),
    /// A whole number; beyond 64 bits the largest one.
    Integer(i64),
    /// Another number.
    Float(f64),
    /// `true` or `false`.
    Boolean(bool),
    /// A date or a time, as it is written.
    Date(String),
}

/// Everything at the top of a document; `None` where it is no TOML, or too large to be a rule file. Whether it
/// is a good rule file is not looked at.
pub fn outline(text: &str) -> Option<Vec<Part>> {
    if text.len() > FILE_BYTES_MAX {
        return None;
    }
    let (document, errors) = DeTable::parse_recoverable(text);
    errors.is_empty().then(|| parts(document.get_ref()))
}

fn parts(table: &DeTable<'_>) -> Vec<Part> {
    let mut parts: Vec<Part> = table
        .iter()
        .map(|(key, value)| Part {
            key: key.get_ref().to_string(),
            key_at: key.span(),
            element: element(value),
        })
        .collect();
    // The parser's own order is alphabetical.
    parts.sort_by_key(|part| part.key_at.start);
    parts
}

fn element(found: &toml::Spanned<DeValue<'_>>) -> Element {
    Element { at: found.span(), value: value(found.get_ref()) }
}

fn value(found: &DeValue<'_>) -> Value {
    match found {
        DeValue::String(text) => Value::String(text.to_string()),
        DeValue::Integer(number) => {
            Value::Integer(i64::from_str_radix(number.as_str(), number.radix()).unwrap_or(i64::MAX))
        }
        DeValue::Float(number) => Value::Float(number.as_str().parse().unwrap_or(f64::NAN)),
        DeValue::Boolean(truth) => Value::Boolean(*truth),
        DeValue::Datetime(date) => Value::Date(date.to_string()),
        DeValue::Array(items) => Value::Array(items.iter().map(element).collect()),
        DeValue::Table(inner) => Value::Table(parts(inner)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find<'p>(parts: &'p [Part], key: &str) -> &'p Part {
        parts.iter().find(|part| part.key == key).expect("it is there")
    }

    #[test]
    fn each_part_of_a_rule_is_found_where_it_stands() {
        let text = "# größer\ninclude = [\"agent\"] # why\n\n[lists]\nwriters = [\"a\", 'b']\n\n\
                    # The first.\n[[rule]]\nname = \"öl\"\nwhen = { class = [\"ddl\"], rows_over = 1_000 }\n\
                    decision = \"refuse\" # no\n\n[[rule]]\nname = \"two\"\n[rule.when]\nevery_row = true\n";
        let found = outline(text).expect("it is TOML");
        let keys: Vec<&str> = found.iter().map(|part| part.key.as_str()).collect();
        assert_eq!(keys, ["include", "lists", "rule"]);
        let shown = |at: &Range<usize>| &text[at.clone()];
        let include = find(&found, "include");
        assert_eq!((shown(&include.key_at), shown(&include.element.at)), ("include", "[\"agent\"]"));
        let lists = find(&found, "lists");
        assert_eq!(shown(&lists.element.at), "[lists]");
        let Value::Array(rules) = &find(&found, "rule").element.value else { panic!("{found:?}") };
        assert_eq!(rules.iter().map(|rule| shown(&rule.at)).collect::<Vec<_>>(), ["[[rule]]", "[[rule]]"]);
        let Value::Table(first) = &rules[0].value else { panic!("{rules:?}") };
        let keys: Vec<&str> = first.iter().map(|part| part.key.as_str()).collect();
        assert_eq!(keys, ["name", "when", "decision"]);
        assert_eq!(find(first, "name").element.value, Value::String("öl".to_owned()));
        assert_eq!(shown(&find(first, "name").element.at), "\"öl\"");
        let when = find(first, "when");
        assert_eq!(shown(&when.element.at), "{ class = [\"ddl\"], rows_over = 1_000 }");
        let Value::Table(conditions) = &when.element.value else { panic!("{when:?}") };
        assert_eq!(find(conditions, "rows_over").element.value, Value::Integer(1_000));
        let Value::Table(second) = &rules[1].value else { panic!("{rules:?}") };
        assert_eq!(shown(&find(second, "when").element.at), "[rule.when]");
    }

    #[test]
    fn what_is_no_toml_has_no_outline() {
        assert_eq!(outline("[[rule]\nname = 1"), None);
        assert_eq!(outline("a = 1\na = 2"), None);
        assert_eq!(outline(""), Some(Vec::new()));
        assert_eq!(outline(&" ".repeat(FILE_BYTES_MAX + 1)), None);
    }
}
