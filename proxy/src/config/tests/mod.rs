//! Do the settings do what their reference says?
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod admin;
mod authentication;
mod copies;
mod files;
mod generated;
mod good;
mod key_store;
mod mistakes;
mod probe;
mod retention;
mod tls;

use super::{Config, Problem};
use std::path::Path;

/// The least a file can be.
const LISTENER: &str =
    "[[listener]]\nname = \"shop\"\nlisten = \"127.0.0.1:6432\"\nupstream = \"127.0.0.1:5432\"\n";

fn parse(text: &str, variables: &[(&str, &str)]) -> Result<Config, Vec<Problem>> {
    let variables = variables.iter().map(|(name, value)| (name.to_string(), value.to_string()));
    super::parse(text, Path::new("/etc/gateway/gateway.toml"), variables)
}

fn good(text: &str, variables: &[(&str, &str)]) -> Config {
    parse(text, variables).unwrap_or_else(|problems| panic!("{}", told(&problems)))
}

/// Problems as they are printed, in the order of the file.
fn told(problems: &[Problem]) -> String {
    let mut sorted: Vec<_> = problems.iter().collect();
    sorted.sort_by(|one, other| one.place.cmp(&other.place));
    sorted.iter().map(|problem| problem.at(Path::new("f"))).collect::<Vec<_>>().join("\n")
}
