//! Where is a ledger, and where are its secrets?

use clap::Args;
use proxy::config::{self, Config, ConfigError};
use proxy::ledger::LedgerSettings;
use std::fs;
use std::path::{Path, PathBuf};

/// A ledger and the folder of its secrets, as a command line names them.
#[derive(Debug, Args)]
pub(super) struct Whereabouts {
    /// The folder of the ledger's files
    #[arg(long, value_name = "DIR", conflicts_with = "config", required_unless_present = "config")]
    directory: Option<PathBuf>,
    /// The settings file of the gateway whose ledger it is
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The folder of the ledger's secrets; `DIR-keys` beside the ledger's folder, or what the settings say, if not
    /// given
    #[arg(long, value_name = "DIR")]
    keys: Option<PathBuf>,
}

/// The folder of the ledger that a settings file names.
pub(super) fn directory_of(file: &Path) -> Result<PathBuf, ConfigError> {
    Ok(config::load(file, config::process_environment())?.ledger.directory)
}

/// What settings say of a ledger.
pub(in crate::cli) fn settings_of(config: &Config) -> LedgerSettings {
    // Who may not read the key that signs may still read the ledger.
    LedgerSettings::read(config).unwrap_or_else(|_| {
        let keys = config.ledger.keys();
        LedgerSettings { keys, ..LedgerSettings::new(&config.ledger.directory) }
    })
}

/// A ledger of which only the folder is named. Its secrets are beside the folder itself where the name has none beside
/// it: `.`, or a symbolic link.
pub(in crate::cli) fn at(directory: PathBuf) -> LedgerSettings {
    let mut settings = LedgerSettings::new(directory);
    if !settings.keys.is_dir()
        && let Ok(whole) = fs::canonicalize(&settings.directory)
    {
        let LedgerSettings { keys, .. } = LedgerSettings::new(whole);
        settings.keys = keys;
    }
    settings
}

impl Whereabouts {
    /// Looks them up, with everything else that whoever writes a line into the ledger has to know of it.
    pub(super) fn ledger_settings(&self) -> Result<LedgerSettings, ConfigError> {
        let mut settings = match (&self.config, &self.directory) {
            (Some(file), _) => settings_of(&config::load(file, config::process_environment())?),
            // The command line needs one of them.
            (None, directory) => at(directory.clone().unwrap_or_default()),
        };
        if let Some(keys) = &self.keys {
            settings.keys.clone_from(keys);
        }
        Ok(settings)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn the_secrets_are_found_whichever_way_the_folder_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let whole = fs::canonicalize(folder.path()).unwrap();
        for name in ["ledger", "ledger-keys", "elsewhere"] {
            fs::create_dir(whole.join(name)).unwrap();
        }
        std::os::unix::fs::symlink(whole.join("ledger"), whole.join("elsewhere/link")).unwrap();
        for named in ["ledger", "ledger/.", "ledger/../ledger", "elsewhere/link"] {
            assert_eq!(
                at(whole.join(named)).keys.canonicalize().unwrap(),
                whole.join("ledger-keys"),
                "{named}"
            );
        }
        // Secrets beside the name itself come first.
        fs::create_dir(whole.join("elsewhere/link-keys")).unwrap();
        assert_eq!(at(whole.join("elsewhere/link")).keys, whole.join("elsewhere/link-keys"));
    }
}
