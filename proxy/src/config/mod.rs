//! How is one gateway set up?
//!
//! [`load`] reads a TOML file into [`Config`], environment variables over it, and either everything
//! in it makes sense or every mistake is told at once, each with its place, what is wrong and what
//! to do. [`listeners`] then turns it into what the data path takes, certificates and keys loaded.
//! [`changed`] names what differs in a changed file, [`restart_needed`] what of it a reload cannot
//! apply.
//!
//! The settings are the structs in [`settings`]; the reference, the example and the schema in
//! `config/` are generated from them ([`reference()`], [`example()`], [`schema()`]).
//!
//! How a file is read: [`tree`] (TOML with places) -> [`environment`] -> [`structure`] (against the
//! schema) -> serde -> [`check`] (what only makes sense together).

mod address;
mod check;
mod environment;
mod generate;
mod listeners;
mod path;
mod probe;
mod problem;
mod reload;
mod rules;
pub mod settings;
mod structure;
#[cfg(test)]
mod tests;
mod tls;
mod tree;
mod verifier;

pub use address::Fault;
pub use generate::{example, reference, schema};
pub use listeners::listeners;
pub use problem::{Cause, ConfigError, FileFault, Place, Problem};
pub use reload::{changed, restart_needed};
pub use settings::Config;

use path::Origin;
use relay::settings::UpstreamAddress;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tree::{Node, Value};

/// Largest file we read, settings or certificates: far above any real one.
const FILE_BYTES_MAX: u64 = 1024 * 1024;

/// Reads the settings file at `path` and puts `environment` over it.
pub fn load(path: &Path, environment: impl Iterator<Item = (String, String)>) -> Result<Config, ConfigError> {
    let unreadable = |fault| ConfigError::Unreadable { path: path.to_path_buf(), fault };
    let bytes = read_file(path).map_err(unreadable)?;
    let text = String::from_utf8(bytes).map_err(|_| unreadable(FileFault::NotText))?;
    parse(&text, path, environment).map_err(|problems| invalid(path, problems))
}

/// The variables of this process that are text; those that are not are none of ours.
pub fn process_environment() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}

fn parse(
    text: &str,
    path: &Path,
    environment: impl Iterator<Item = (String, String)>,
) -> Result<Config, Vec<Problem>> {
    let (mut root, problems) = tree::parse(text);
    if !problems.is_empty() {
        // What follows a slip of the pen is not what was meant: its other mistakes may be none.
        return Err(problems);
    }
    let schema = generate::document_schema();
    let mut problems = environment::apply(&mut root, &schema, environment);
    problems.extend(structure::examine(&mut root, &schema));
    let taken = serde_json::from_value::<Config>(root.sound());
    let origin = Origin { file: path.to_path_buf(), root: Arc::new(root) };
    match taken {
        Ok(mut config) => {
            number(&mut config, &origin);
            resolve(&mut config, path.parent().unwrap_or(Path::new("")));
            config.origin = origin;
            problems.extend(check::check(&config));
            if problems.is_empty() { Ok(config) } else { Err(problems) }
        }
        // With mistakes told already, this one follows from them.
        Err(_) if !problems.is_empty() => Err(problems),
        Err(error) => {
            Err(vec![Problem { place: Place::File, key: String::new(), cause: Cause::Mismatch(error) }])
        }
    }
}

fn invalid(path: &Path, mut problems: Vec<Problem>) -> ConfigError {
    problems.sort_by(|one, other| one.place.cmp(&other.place));
    ConfigError::Invalid { path: path.to_path_buf(), problems }
}

/// Tells each listener its place in the file, where broken ones count as well.
fn number(config: &mut Config, origin: &Origin) {
    let items = origin.root.get("listener").map(Node::items).unwrap_or_default();
    let sound = items.iter().enumerate().filter(|(_, item)| !matches!(item.value, Value::Broken));
    for (listener, (index, _)) in config.listeners.iter_mut().zip(sound) {
        listener.index = index;
    }
}

/// Makes relative paths relative to the file's folder.
fn resolve(config: &mut Config, folder: &Path) {
    let under = |path: &mut PathBuf| *path = folder.join(&*path);
    under(&mut config.ledger.directory);
    under(&mut config.policies.directory);
    for listener in &mut config.listeners {
        let files = [
            &mut listener.tls.certificate,
            &mut listener.tls.key,
            &mut listener.upstream_tls.ca,
            &mut listener.probe.password.file,
        ];
        files.into_iter().flatten().for_each(under);
        for server in &mut listener.upstream {
            if let UpstreamAddress::Unix(path) = server {
                under(path);
            }
        }
    }
}

fn read_file(path: &Path) -> Result<Vec<u8>, FileFault> {
    let mut bytes = Vec::new();
    File::open(path)?.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > FILE_BYTES_MAX {
        return Err(FileFault::TooLarge { max: FILE_BYTES_MAX });
    }
    Ok(bytes)
}
