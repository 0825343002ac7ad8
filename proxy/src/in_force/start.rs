//! What does `writer.start` say was in force when the gateway started?
//!
//! Settings and rules can change while nothing runs that would tell of it. Two starts that say the same began with
//! the same files; where they differ, what differs is named.

use super::{Beginning, origin};
use crate::config::Config;
use crate::config::settings::Listener;
use relay::settings::ListenerSettings;
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;
use std::fs;

/// Listeners that are named; of more only their number is.
const LISTENERS_MAX: usize = 16;
/// Bytes of a SHA-256 that are shown: who made a file to fit them would have to be after this very file.
const SHOWN_BYTES: usize = 8;

/// In words: the settings file, and each listener with its mode and where its rules come from.
pub(crate) fn note(config: &Config, beginning: &Beginning) -> String {
    let settings = fs::read(&config.origin.file).map(|bytes| digest([bytes.as_slice()]));
    let mut note = format!("settings {}", settings.as_deref().unwrap_or("unknown"));
    for listener in beginning.wanted.iter().take(LISTENERS_MAX) {
        note.push_str("; ");
        note.push_str(&told(config, beginning, listener));
    }
    if let Some(more @ 1..) = beginning.wanted.len().checked_sub(LISTENERS_MAX) {
        let _ = write!(note, "; and {more} more listeners");
    }
    note
}

fn told(config: &Config, beginning: &Beginning, listener: &ListenerSettings) -> String {
    let does = match listener.mode {
        relay::settings::Mode::Observe => "observes",
        relay::settings::Mode::Enforce => "enforces",
    };
    let default = if listener.rules.default_allows() { "allows" } else { "refuses" };
    let name = &listener.name;
    let mut text = format!("listener `{name}` {does}, {default} by default");
    if let Some(change) = beginning.changes.of(name) {
        let until = crate::ledger::moments::write(change.until_us);
        let _ = write!(text, ", until {until} at the latest by mode change {}", change.id);
    }
    let written = config.listeners.iter().find(|written| *written.name == **name);
    match written.filter(|written| !written.policies.is_empty()) {
        Some(written) => {
            let _ = write!(text, ", rules {}{}", written.policies.join(", "), rules(config, written));
        }
        None => text.push_str(", no rules of its own"),
    }
    if let Some(snapshot) = beginning.snapshot.as_deref() {
        let is_this = |one: &control::ManagedListener| *one.name == **name;
        if snapshot.listeners.iter().any(is_this) {
            text.push_str(&origin(name, &listener.workspace, Some(snapshot)));
        }
    }
    text
}

/// The files of the rules that a listener names, in order; empty where it names packs only. A pack has none: it is a
/// part of the program, whose version is told as well.
fn rules(config: &Config, listener: &Listener) -> String {
    let file = |name: &String| fs::read(config.policies.directory.join(format!("{name}.toml"))).ok();
    let texts: Vec<_> = listener.policies.iter().filter_map(file).collect();
    if texts.is_empty() { String::new() } else { format!(" {}", digest(texts.iter().map(Vec::as_slice))) }
}

/// The beginning of the SHA-256 of one text after the other.
fn digest<'a>(texts: impl IntoIterator<Item = &'a [u8]>) -> String {
    let mut sha = Sha256::new();
    texts.into_iter().for_each(|text| sha.update(text));
    sha.finalize().iter().take(SHOWN_BYTES).fold(String::new(), |mut digits, byte| {
        let _ = write!(digits, "{byte:02x}");
        digits
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::{config, in_force};

    #[test]
    fn a_start_names_its_files_and_what_each_listener_does() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let told = || {
            let config = config::load(&path("dragoman.toml"), std::iter::empty()).unwrap();
            let beginning = in_force::begin(&config, config::listeners(&config).unwrap());
            note(&config, &beginning)
        };
        let rules = "[[rule]]\nname = 'no-ddl'\nwhen = { class = ['ddl'] }\ndecision = 'refuse'\n";
        fs::create_dir(path("policies")).unwrap();
        fs::write(path("policies/own.toml"), rules).unwrap();
        let listener = |name: &str, port: u16, more: &str| {
            format!(
                "[[listener]]\nname = '{name}'\nlisten = '127.0.0.1:{port}'\nupstream = 'db1:5432'\n{more}\n"
            )
        };
        let settings = listener("shop", 6432, "mode = 'enforce'\npolicies = ['own']")
            + &listener("books", 6433, "policies = ['analyst']")
            + &listener("eggs", 6434, "");
        fs::write(path("dragoman.toml"), &settings).unwrap();
        let first = told();
        let of = |bytes: &str| {
            let digits: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
            digits.get(..16).unwrap().to_owned()
        };
        let expected = format!(
            "settings {}; listener `shop` enforces, allows by default, rules own {}; listener `books` observes, allows by \
             default, rules analyst; listener `eggs` observes, allows by default, no rules of its own",
            of(&settings),
            of(rules)
        );
        assert_eq!(first, expected);
        fs::write(path("policies/own.toml"), rules.replace("'ddl'", "'write'")).unwrap();
        let second = told();
        assert_ne!(first, second, "other rules");
        fs::write(path("dragoman.toml"), settings.replace("'enforce'", "'observe'")).unwrap();
        let third = told();
        assert!(third.contains("listener `shop` observes") && !third.contains(&of(&settings)), "{third}");
    }
}
