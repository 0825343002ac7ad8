//! Which roles are in a file of verifiers, and what is stored of their passwords?
//!
//! ```text
//! ; a comment, as is a line that begins with #
//! "role" "SCRAM-SHA-256$4096:…"        as poolers have it; what follows in the line is not read
//! role:SCRAM-SHA-256$4096:…            the same
//! ```

use relay::verifiers::{Users, Verifier, VerifierError};
use std::collections::HashMap;
use std::collections::hash_map::Entry;

/// Mistakes that are told of one file.
const TOLD_MAX: usize = 10;

/// What is wrong with a line. None of it quotes what may be a password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LineFault {
    /// It has neither form.
    #[error("neither `\"role\" \"verifier\"` nor `role:verifier`")]
    Form,
    /// The role has no name.
    #[error("the role's name is empty")]
    Nameless,
    /// The role is in the file twice.
    #[error("role `{role}` is in line {line} already")]
    Twice {
        /// Which role.
        role: String,
        /// The line, counted from 1.
        line: usize,
    },
    /// What stands for the role is no verifier.
    #[error("what stands for role `{role}` is no verifier: {fault}")]
    Verifier {
        /// Which role.
        role: String,
        /// Why not.
        #[source]
        fault: VerifierError,
    },
}

/// What is wrong with a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Mistake {
    /// There is no role in it.
    Empty,
    /// A line, counted from 1.
    Line(usize, LineFault),
}

/// Reads a file's text.
pub(crate) fn read(text: &str) -> Result<Users, Vec<Mistake>> {
    let mut known: HashMap<Box<str>, (usize, Verifier)> = HashMap::new();
    let mut mistakes = Vec::new();
    // Some editors mark a text as UTF-8 by this.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    for (line, text) in (1..).zip(text.lines()) {
        if mistakes.len() >= TOLD_MAX {
            break;
        }
        let text = text.trim();
        if text.is_empty() || text.starts_with([';', '#']) {
            continue;
        }
        let read = parts(text).ok_or(LineFault::Form).and_then(|(role, secret)| one(role, &secret));
        match read.map(|(role, verifier)| (known.entry(role), verifier)) {
            Ok((Entry::Vacant(place), verifier)) => drop(place.insert((line, verifier))),
            Ok((Entry::Occupied(place), _)) => {
                let fault = LineFault::Twice { role: place.key().to_string(), line: place.get().0 };
                mistakes.push(Mistake::Line(line, fault));
            }
            Err(fault) => mistakes.push(Mistake::Line(line, fault)),
        }
    }
    if known.is_empty() && mistakes.is_empty() {
        mistakes.push(Mistake::Empty);
    }
    if !mistakes.is_empty() {
        return Err(mistakes);
    }
    Ok(Users::new(known.into_iter().map(|(role, (_, verifier))| (role, verifier)).collect()))
}

fn one(role: String, secret: &str) -> Result<(Box<str>, Verifier), LineFault> {
    if role.is_empty() {
        return Err(LineFault::Nameless);
    }
    match Verifier::parse(secret) {
        Ok(verifier) => Ok((role.into(), verifier)),
        Err(fault) => Err(LineFault::Verifier { role, fault }),
    }
}

/// The role and what stands for it.
fn parts(line: &str) -> Option<(String, String)> {
    if line.starts_with('"') {
        let (role, rest) = quoted(line)?;
        let (secret, _) = quoted(rest.trim_start())?;
        return Some((role, secret));
    }
    let (role, secret) = line.split_once(':')?;
    Some((role.trim_end().to_owned(), secret.trim_start().to_owned()))
}

/// A text in double quotes, in which two of them stand for one, and what follows it.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut rest = text.strip_prefix('"')?;
    let mut found = String::new();
    loop {
        let (before, after) = rest.split_once('"')?;
        found.push_str(before);
        match after.strip_prefix('"') {
            Some(after) => {
                found.push('"');
                rest = after;
            }
            None => return Some((found, after)),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    /// Of the password `pencil`.
    const SCRAM: &str = "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=";
    const MD5: &str = "md5a6343a68d964ca596d9752250d54bb8a";

    fn mistakes(text: &str) -> Vec<String> {
        let told = |mistake| match mistake {
            Mistake::Empty => "empty".to_owned(),
            Mistake::Line(line, fault) => format!("{line}: {fault}"),
        };
        read(text).unwrap_err().into_iter().map(told).collect()
    }

    #[test]
    fn both_forms_are_read_with_comments_between() {
        let text = format!(
            "\u{feff}; users\n\n# of the shop\n\"ann\" \"{SCRAM}\"\n  \"b\"\"b \" \"{MD5}\" \"more\" 7\r\ncat:{SCRAM}\n dan : {MD5} \n"
        );
        assert_eq!(read(&text).unwrap().count(), 4);
        for name in ["ann", "b\"b ", "cat", "dan"] {
            let again = format!("{text}\"{}\" \"{MD5}\"", name.replace('"', "\"\""));
            assert_eq!(mistakes(&again).len(), 1, "{name} is in it");
        }
    }

    #[test]
    fn what_is_wrong_is_told_by_its_line_without_what_may_be_a_password() {
        let text = format!(
            "ann hunter2\n\"bea\" \"hunter2\"\ncat:SCRAM-SHA-256$hunter2\n:{MD5}\n\"dan\" \"{MD5}\"\ndan:{SCRAM}\n\"eve\" hunter2\n\"eve\n"
        );
        let told = mistakes(&text);
        let expected = [
            "1: neither `\"role\" \"verifier\"` nor `role:verifier`",
            "2: what stands for role `bea` is no verifier: ",
            "3: what stands for role `cat` is no verifier: ",
            "4: the role's name is empty",
            "6: role `dan` is in line 5 already",
            "7: neither `\"role\" \"verifier\"` nor `role:verifier`",
            "8: neither `\"role\" \"verifier\"` nor `role:verifier`",
        ];
        assert_eq!(told.len(), expected.len(), "{told:#?}");
        for (told, expected) in told.iter().zip(expected) {
            assert!(told.starts_with(expected) && !told.contains("hunter2"), "{told}");
        }
    }

    #[test]
    fn a_file_of_nobody_is_a_mistake_and_one_of_many_mistakes_is_not_told_whole() {
        assert_eq!(mistakes("# nobody\n\n"), ["empty"]);
        assert_eq!(mistakes(&"?\n".repeat(1_000)).len(), TOLD_MAX);
    }
}
