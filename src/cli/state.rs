//! `dragoman state`: how is what the control plane remembers copied away, brought back, and sealed anew?

use super::{File, told};
use crate::planes::{self, ControlError};
use admin_store::{Store, StoreError, backup};
use clap::{Args, Subcommand};
use proxy::config::{self, ConfigError};
use std::path::PathBuf;
use std::process::ExitCode;

/// What to do with the state.
#[derive(Debug, Subcommand)]
pub(super) enum State {
    /// Copies the state into one file, while the control plane goes on; the file holds what the state holds,
    /// sealed secrets without their key
    Backup(Backup),
    /// Brings a backup back into an empty state, of either kind; stop the control plane first
    Restore(Restore),
    /// Wraps all stored secrets with another master key, or another version of it. Where it is interrupted,
    /// do it again: it does the rest
    Rekey(Rekey),
}

#[derive(Debug, Args)]
pub(super) struct Backup {
    #[command(flatten)]
    file: File,
    /// The file to write; one that is there is replaced when the copy is complete
    #[arg(long, value_name = "FILE")]
    to: PathBuf,
}

#[derive(Debug, Args)]
pub(super) struct Restore {
    #[command(flatten)]
    file: File,
    /// The backup
    #[arg(long, value_name = "FILE")]
    from: PathBuf,
    /// Replaces what is there
    #[arg(long)]
    force: bool,
}

#[derive(Debug, Args)]
pub(super) struct Rekey {
    #[command(flatten)]
    file: File,
    #[command(flatten)]
    to: RekeyTo,
}

/// With which key.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(super) struct RekeyTo {
    /// The file with the new key: 32 bytes in base64, as `openssl rand -base64 32` makes. Stop every control
    /// plane of the state first
    #[arg(long, value_name = "FILE")]
    new_key: Option<PathBuf>,
    /// The settings as they shall be: stored secrets are wrapped with the key that these name, in a file or
    /// in a secret store. Stop every control plane of the state first
    #[arg(long, value_name = "SETTINGS")]
    to: Option<PathBuf>,
    /// The latest version of the key in the secret store; control planes go on meanwhile
    #[arg(long)]
    latest: bool,
}

/// Why nothing was done with the state.
#[derive(Debug, thiserror::Error)]
enum StateError {
    /// The settings cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The settings do not say where the state is.
    #[error(transparent)]
    Control(#[from] ControlError),
    /// The state, or the copy, cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Secrets cannot be sealed anew.
    #[error("{0}")]
    Rekey(String),
    /// The system gives no threads.
    #[error("the system gives no threads")]
    System(#[source] std::io::Error),
}

/// Does it.
pub(super) fn run(command: State) -> ExitCode {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    let done = runtime.map_err(StateError::System).and_then(|runtime| {
        runtime.block_on(async {
            match command {
                State::Backup(options) => copy_away(options).await,
                State::Restore(options) => bring_back(options).await,
                State::Rekey(options) => rekey(options).await,
            }
        })
    });
    told(done.map(|said| println!("{said}")))
}

async fn copy_away(options: Backup) -> Result<String, StateError> {
    let config = config::load(&options.file.config, config::process_environment())?;
    let store = Store::open(planes::location(&config)?).await?;
    let made = backup::backup(&store, &options.to).await;
    store.close().await;
    let made = made?;
    Ok(format!(
        "{}: {} rows of {} tables, {} bytes\nStored secrets open only with the master key: keep a copy of that too.",
        options.to.display(),
        made.rows,
        made.tables,
        made.bytes
    ))
}

async fn bring_back(options: Restore) -> Result<String, StateError> {
    let config = config::load(&options.file.config, config::process_environment())?;
    let made = backup::restore(planes::location(&config)?, &options.from, options.force).await?;
    Ok(format!("{} rows of {} tables are back", made.rows, made.tables))
}

async fn rekey(options: Rekey) -> Result<String, StateError> {
    let config = config::load(&options.file.config, config::process_environment())?;
    let (to, then) = match (options.to.new_key, options.to.to) {
        (Some(file), _) => (
            planes::Rekey::File(file),
            "\nSet `admin.master_key` to it (or put it in place of `master.key`) before the next start.",
        ),
        (None, Some(file)) => {
            let other = config::load(&file, config::process_environment())?;
            (planes::Rekey::Settings(Box::new(other)), "\nStart with the other settings from now on.")
        }
        (None, None) => (planes::Rekey::Latest, ""),
    };
    let count = planes::rekey(&config, &to).await.map_err(|error| StateError::Rekey(error.to_string()))?;
    let key = if matches!(to, planes::Rekey::Latest) { "latest version of the key" } else { "new key" };
    Ok(format!("{count} secrets are wrapped with the {key}{then}"))
}
