//! Does docs/errors.md name every error a client can get from the gateway, and no other?

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
use std::collections::BTreeSet;
use std::path::Path;

/// Where messages, details and hints to clients stand: a file, and from where to where.
const SAID: [(&str, &str, &str); 18] = [
    ("policies/src/ruleset/refusal.rs", "fn by_rule(", "#[cfg(test)]"),
    ("proxy/relay/src/gate.rs", "fn unrecorded(", "\n}\n"),
    ("proxy/relay/src/judge.rs", "fn over_rate(", "\n}\n"),
    ("proxy/relay/src/judge.rs", "fn undone(", "\n}\n"),
    ("proxy/relay/src/judge.rs", "fn would_reset(", "\n}\n"),
    ("proxy/relay/src/login.rs", "async fn verify(", "/// Where no rule speaks of it"),
    ("proxy/relay/src/pump/limits.rs", "fn exceeded(", "#[cfg(test)]"),
    ("proxy/relay/src/fault.rs", "/// The client sent more than", "LoginBytes("),
    ("proxy/relay/src/fault.rs", "/// `limits.logins`: the place went", "/// No upstream answered."),
    ("proxy/relay/src/fault.rs", "/// The gateway is being stopped.", "Stopping,"),
    ("proxy/relay/src/fault.rs", "fn refusal(", "#[cfg(test)]"),
    ("proxy/relay/src/connection.rs", "fn ending_refusal(", "\n}\n"),
    ("proxy/relay/src/gate.rs", "fn unfollowed(", "\n}\n"),
    ("proxy/wire-postgres/src/violation.rs", "pub enum Violation", "#[cfg(test)]"),
    ("proxy/wire-postgres/src/scram.rs", "pub enum Mistake", "\n}\n"),
    ("proxy/wire-postgres/src/verification/client.rs", "impl fmt::Display for Obstacle", "\n}\n"),
    ("proxy/wire-mysql/src/violation.rs", "pub enum Violation", "#[cfg(test)]"),
    ("proxy/wire-mysql/src/authentication.rs", "impl fmt::Display for Obstacle", "\n}\n"),
];
/// Where the SQLSTATEs stand, and MySQL's numbers.
const SQLSTATES: (&str, &str, &str) = ("proxy/wire-postgres/src/refusal.rs", "pub fn sqlstate(", "\n}\n");
const MYSQL_SQLSTATES: (&str, &str, &str) = ("proxy/wire-mysql/src/refusal.rs", "pub fn sqlstate(", "\n}\n");
const MYSQL_NUMBERS: (&str, &str, &str) = ("proxy/wire-mysql/src/refusal.rs", "pub fn code(", "\n}\n");

fn read(file: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(file);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn part((file, from, to): (&str, &str, &str)) -> String {
    let text = read(file);
    let (_, text) = text.split_once(from).unwrap_or_else(|| panic!("{file} has no `{from}` any more"));
    text.split_once(to).map_or(text, |(text, _)| text).to_owned()
}

/// The string literals of a piece of Rust, comments left out.
fn literals(source: &str) -> Vec<String> {
    let code: Vec<_> = source.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    let code = code.join("\n");
    let mut characters = code.chars().peekable();
    let mut found = Vec::new();
    while characters.by_ref().any(|character| character == '"') {
        let mut literal = String::new();
        while let Some(character) = characters.next_if(|character| *character != '"') {
            match (character, characters.peek()) {
                ('\\', Some('\n')) => {
                    while characters.next_if(|character| character.is_whitespace()).is_some() {}
                }
                ('\\', Some(_)) => literal.extend(characters.next()),
                _ => literal.push(character),
            }
        }
        characters.next();
        found.push(literal);
    }
    found
}

/// What stands around the values that are put into a message.
fn pieces(literal: &str) -> Vec<&str> {
    let open = literal.split('{').enumerate();
    let between = open.map(|(position, piece)| match piece.split_once('}') {
        Some((_, rest)) if position > 0 => rest.trim(),
        _ => piece.trim(),
    });
    between.filter(|piece| !piece.is_empty()).collect()
}

/// Every sentence: a word alone is a name of something.
fn sentences() -> Vec<String> {
    let mut all: Vec<_> = SAID.into_iter().flat_map(|place| literals(&part(place))).collect();
    all.retain(|literal| literal.contains(' '));
    all
}

/// The rows of the tables: SQLSTATE and message.
fn rows(reference: &str) -> Vec<(&str, &str)> {
    let cells = reference.lines().filter_map(|line| {
        let (sqlstate, rest) = line.strip_prefix("| ")?.split_once(" | `` ")?;
        Some((sqlstate, rest.split_once(" `` |")?.0))
    });
    cells.collect()
}

#[test]
fn every_message_detail_and_hint_is_in_the_reference() {
    let reference = read("docs/errors.md");
    let all = sentences();
    assert!(all.len() > 30, "too few sentences were found in the source: {all:#?}");
    for sentence in &all {
        for piece in pieces(sentence) {
            assert!(reference.contains(piece), "docs/errors.md does not have `{piece}` of `{sentence}`");
        }
    }
}

#[test]
fn every_message_of_the_reference_is_in_the_source() {
    let reference = read("docs/errors.md");
    let all = sentences();
    for (_, message) in rows(&reference) {
        let said = all.iter().any(|sentence| {
            let pieces = pieces(sentence);
            let length: usize = pieces.iter().map(|piece| piece.len()).sum();
            // A value and the blanks around it, at most, stand between what is fixed.
            pieces.iter().all(|piece| message.contains(piece)) && length + 12 >= message.len()
        });
        assert!(said, "no source says `{message}`");
    }
}

#[test]
fn the_reference_has_the_sqlstates_of_the_source() {
    let reference = read("docs/errors.md");
    let all: BTreeSet<_> = rows(&reference).into_iter().map(|(sqlstate, _)| sqlstate).collect();
    // MySQL's rows begin with a number and an SQLSTATE.
    let (mysql, postgres): (BTreeSet<_>, BTreeSet<_>) = all.iter().partition(|code| code.contains(" / "));
    let known = literals(&part(SQLSTATES));
    assert_eq!(postgres, known.iter().map(String::as_str).collect());
    let (sqlstates, numbers) = (literals(&part(MYSQL_SQLSTATES)), part(MYSQL_NUMBERS));
    for (number, sqlstate) in mysql.iter().filter_map(|code| code.split_once(" / ")) {
        assert!(numbers.contains(&format!("=> {number},")), "no source gives {number}");
        assert!(sqlstates.iter().any(|known| known == sqlstate), "no source gives {sqlstate}");
    }
    for line in numbers.lines().filter_map(|line| line.rsplit_once("=> ")) {
        let number = line.1.trim_end_matches(',');
        assert!(reference.contains(&format!("{number} / ")), "docs/errors.md does not have {number}");
    }
}
