//! Which rows does somebody want to see?

/// Words that all have to be found. `user:app` looks in one field, `app` in all of them; upper and
/// lower case are the same.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Filter {
    words: Vec<Word>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Word {
    field: Option<&'static str>,
    sought: String,
}

/// The fields that can be named, in the order the help gives them.
pub(super) const FIELDS: [&str; 12] = [
    "text",
    "user",
    "application",
    "listener",
    "class",
    "fingerprint",
    "error",
    "flag",
    "table",
    "database",
    "address",
    "activity",
];

impl Filter {
    /// Reads what was typed. A word before a colon that is no field is part of what is sought.
    pub(super) fn new(typed: &str) -> Filter {
        let word = |typed: &str| {
            let named = typed.split_once(':').and_then(|(name, sought)| {
                let field = FIELDS.into_iter().find(|field| !name.is_empty() && field.starts_with(name))?;
                Some((field, sought))
            });
            match named {
                Some((field, sought)) => Word { field: Some(field), sought: sought.to_lowercase() },
                None => Word { field: None, sought: typed.to_lowercase() },
            }
        };
        Filter { words: typed.split_whitespace().map(word).collect() }
    }

    /// Whether nothing is sought.
    pub(super) fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// Whether every word is found among the fields of a row.
    pub(super) fn finds(&self, fields: &[(&'static str, &str)]) -> bool {
        self.words.iter().all(|word| {
            fields.iter().any(|(field, value)| {
                word.field.is_none_or(|wanted| wanted == *field)
                    && value.to_lowercase().contains(&word.sought)
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROW: [(&str, &str); 5] = [
        ("text", "SELECT id FROM orders WHERE number = ?"),
        ("user", "shop_app"),
        ("application", "order-page"),
        ("application", "storefront"),
        ("error", "42703"),
    ];

    #[test]
    fn every_word_has_to_be_found_somewhere() {
        for (typed, expected) in [
            ("", true),
            ("orders", true),
            ("ORDERS select", true),
            ("orders customers", false),
            ("user:shop", true),
            ("user:storefront", false),
            ("application:storefront", true),
            ("app:order error:42703", true),
            ("u:shop", true),
            ("error:23505", false),
            ("number:", false),
            ("::", false),
        ] {
            assert_eq!(Filter::new(typed).finds(&ROW), expected, "{typed}");
        }
        assert!(Filter::new("  ").is_empty());
    }
}
