//! Which rules does a listener name, and what is wrong with them?

use super::path::Path;
use super::problem::{Cause, Problem};
use super::settings::{self, Config, DefaultVerdict, Listener};
use policies::Ruleset;
use std::fs::File;
use std::io::{self, Read};

/// The rules of a listener, compiled. Files are looked for in the configured folder, packs are built in.
pub(super) fn ready(listener: &Listener, config: &Config, path: &Path) -> Result<Ruleset, Vec<Problem>> {
    let path = path.key("policies");
    let names: Vec<&str> = listener.policies.iter().map(String::as_str).collect();
    let scope = policies::Listener {
        name: &listener.name,
        environment: listener.environment.into(),
        protocol: listener.protocol.into(),
        enforces: listener.mode == settings::Mode::Enforce,
        default_allows: listener.default == DefaultVerdict::Allow,
    };
    let unreadable = std::cell::RefCell::new(Vec::new());
    let files = |name: &str| {
        let file = config.policies.directory.join(format!("{name}.toml"));
        match read(&file) {
            Ok(text) => Some((file.display().to_string(), text)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => {
                let cause = Cause::RuleFile { file: file.display().to_string(), reason: error.to_string() };
                unreadable.borrow_mut().push(config.origin.problem(&path, cause));
                None
            }
        }
    };
    let compiled = policies::compile(0, &names, &files, &scope);
    let problem = |diagnostic| config.origin.problem(&path, Cause::Rule(diagnostic));
    let mut problems = unreadable.into_inner();
    match compiled {
        Ok(ruleset) if problems.is_empty() => Ok(ruleset),
        Ok(_) => Err(problems),
        // A file that could not be read is not also said to be missing.
        Err(found) if problems.is_empty() => {
            problems.extend(found.into_iter().map(problem));
            Err(problems)
        }
        Err(_) => Err(problems),
    }
}

fn read(file: &std::path::Path) -> io::Result<String> {
    let mut text = String::new();
    // One byte more than may be: the compiler says that it is too large, and where.
    File::open(file)?.take(policies::FILE_BYTES_MAX as u64 + 1).read_to_string(&mut text)?;
    Ok(text)
}
