//! What is wrong with a rule file, and where?

use std::fmt;

/// One mistake, told so that its author finds and mends it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// The file as it was named, or words for what is not in a file.
    pub file: String,
    /// The line from 1; 0 where the mistake is in no line.
    pub line: usize,
    /// The column in characters from 1; 0 where the mistake is in no line.
    pub column: usize,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
}

impl fmt::Display for Diagnostic {
    /// `file:line:column: message`, without the hint.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.file)?;
        if self.line > 0 {
            write!(formatter, ":{}:{}", self.line, self.column)?;
        }
        write!(formatter, ": {}", self.message)
    }
}

impl std::error::Error for Diagnostic {}

/// Mistakes that are told at once; whoever mends these sees the others.
pub(crate) const MISTAKES_MAX: usize = 100;

/// The first of them, and how many more there are.
pub(crate) fn bounded(mut found: Vec<Diagnostic>) -> Vec<Diagnostic> {
    if found.len() > MISTAKES_MAX {
        let more = found.len() - MISTAKES_MAX;
        found.truncate(MISTAKES_MAX);
        found.push(Diagnostic {
            file: found.last().map(|one| one.file.clone()).unwrap_or_default(),
            line: 0,
            column: 0,
            message: format!("and {more} more mistakes"),
            hint: Some("mend these first".to_owned()),
        });
    }
    found
}

/// A line and a column from 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) line: usize,
    pub(crate) column: usize,
}

/// A value and where it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Placed<T> {
    pub(crate) value: T,
    pub(crate) place: Place,
}

/// Collects the mistakes of one file.
#[derive(Debug)]
pub(crate) struct Complaints<'a> {
    pub(crate) file: &'a str,
    pub(crate) found: Vec<Diagnostic>,
}

impl Complaints<'_> {
    /// Notes a mistake; an empty hint is none.
    pub(crate) fn tell(&mut self, place: Place, message: impl Into<String>, hint: impl Into<String>) {
        let hint = hint.into();
        self.found.push(Diagnostic {
            file: self.file.to_owned(),
            line: place.line,
            column: place.column,
            message: message.into(),
            hint: (!hint.is_empty()).then_some(hint),
        });
    }

    /// Notes a word that is none of `known`, with the nearest one.
    pub(crate) fn tell_unknown(&mut self, place: Place, what: &str, word: &str, known: &[&str]) {
        // What will not be told needs no search.
        let near = (self.found.len() < MISTAKES_MAX).then(|| nearest(word, known)).flatten();
        let hint = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("known: {}", known.join(", ")),
        };
        self.tell(place, format!("`{word}` is no {what}"), hint);
    }
}

/// The known word that is most like `word`, where one is like it at all.
pub fn nearest<'w>(word: &str, known: &[&'w str]) -> Option<&'w str> {
    let likeness = |other: &str| strsim::jaro_winkler(&word.to_lowercase(), other);
    let near = known.iter().max_by(|one, other| likeness(one).total_cmp(&likeness(other)))?;
    (likeness(near) > 0.8).then_some(near)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistake_shows_its_place_or_none() {
        let mut complaints = Complaints { file: "policies/own.toml", found: Vec::new() };
        complaints.tell(Place { line: 3, column: 8 }, "`x` is no key", "");
        complaints.tell(Place::default(), "too many rules", "fewer");
        let shown: Vec<String> = complaints.found.iter().map(ToString::to_string).collect();
        assert_eq!(shown, ["policies/own.toml:3:8: `x` is no key", "policies/own.toml: too many rules"]);
        assert_eq!(complaints.found[0].hint, None);
    }

    #[test]
    fn the_nearest_word_is_named_where_one_is_near() {
        let known = ["refuse", "allow", "hold"];
        assert_eq!(nearest("refuze", &known), Some("refuse"));
        assert_eq!(nearest("Allow", &known), Some("allow"));
        assert_eq!(nearest("xyz", &known), None);
    }
}
