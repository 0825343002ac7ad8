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
mod admin;
mod authentication;
mod check;
mod copies;
mod environment;
mod generate;
mod key_store;
mod ledger;
mod listeners;
mod nats;
mod path;
mod probe;
mod problem;
mod reload;
mod retention;
mod rules;
mod secret;
pub mod settings;
mod structure;
#[cfg(test)]
mod tests;
mod tls;
mod tree;
mod verifier;
mod watched;

pub use address::{Fault, UrlFault};
pub use admin::{AdminSecrets, admin_secrets, link_token};
pub use copies::copies;
pub use generate::{example, reference, schema};
pub use ledger::ledger_key;
pub use listeners::listeners;
pub use nats::report_stream;
pub use problem::{Cause, ConfigError, FileFault, Place, Problem};
pub use reload::{changed, restart_needed};
pub use retention::RetentionFault;
pub use secret::SecretText;
pub use settings::Config;
pub use watched::watched;

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
    let ledger = &mut config.ledger;
    under(&mut ledger.directory);
    let copies = ledger.copies.iter_mut().flat_map(|copy| {
        let secrets = [&mut copy.token, &mut copy.password, &mut copy.credentials];
        std::iter::once(&mut copy.ca).chain(secrets.map(|secret| &mut secret.file))
    });
    [&mut ledger.keys, &mut ledger.checkpoints.key.file].into_iter().chain(copies).flatten().for_each(under);
    under(&mut config.policies.directory);
    config.report_stream.iter_mut().flat_map(nats::files).for_each(under);
    if let Some(admin) = &mut config.admin {
        under(&mut admin.data_directory);
        let mail = admin.mail.as_mut().map(|mail| (&mut mail.directory, &mut mail.password.file));
        let mail = mail.into_iter().flat_map(|(directory, password)| [directory, password]);
        let sign_in = admin.sign_in.iter_mut().map(|way| &mut way.client_secret.file);
        let store = admin.key_store.iter_mut();
        let store = store.flat_map(|one| [&mut one.ca, &mut one.token_file, &mut one.secret_id_file]);
        let own = [&mut admin.sqlite_directory, &mut admin.master_key.file, &mut admin.link.token.file];
        own.into_iter().chain(mail).chain(sign_in).chain(store).flatten().for_each(under);
    }
    config.link.iter_mut().flat_map(|link| &mut link.token.file).for_each(under);
    config.state.password.file.iter_mut().for_each(under);
    if let Some(file) = config.state.url.as_deref().and_then(|url| url.strip_prefix("sqlite:")) {
        config.state.url = Some(format!("sqlite:{}", folder.join(file).display()));
    }
    for listener in &mut config.listeners {
        let files = [
            &mut listener.tls.certificate,
            &mut listener.tls.key,
            &mut listener.tls.client_ca,
            &mut listener.tls.client_crl,
            &mut listener.upstream_tls.ca,
            &mut listener.upstream_tls.certificate,
            &mut listener.upstream_tls.key,
            &mut listener.probe.password.file,
            &mut listener.authentication.verifiers,
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
    read_file_within(path, FILE_BYTES_MAX)
}

fn read_file_within(path: &Path, max: u64) -> Result<Vec<u8>, FileFault> {
    let mut bytes = Vec::new();
    File::open(path)?.take(max + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > max {
        return Err(FileFault::TooLarge { max });
    }
    Ok(bytes)
}
