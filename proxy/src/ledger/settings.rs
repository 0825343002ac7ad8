//! What does the ledger need to know, and how do the settings say it?

use crate::config::{self, Config, ConfigError, SecretText};
use exchange::Class;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// When a record counts as kept. What comes later keeps what comes earlier as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sync {
    /// When it is written: it survives the program, not the machine.
    None,
    /// When it is on the disk. Many records share one trip to it: at once for a record somebody
    /// waits for, else every 10 ms or 1,000 records.
    Group,
    /// When it is on the disk, and every write goes there at once.
    Each,
}

/// What the ledger needs to know.
#[derive(Clone, Debug)]
pub struct LedgerSettings {
    /// Where the segments are. Made when missing, for its owner only.
    pub directory: PathBuf,
    /// Where the ledger's secrets are. Made when something is to be put there, for its owner only.
    pub keys: PathBuf,
    /// When a record counts as kept.
    pub sync: Sync,
    /// Exceptions to it for statements, in the order of [`Class::index`].
    pub sync_by_class: [Option<Sync>; Class::ALL.len()],
    /// Bytes after which a new segment is begun. One line longer than that still is a segment.
    pub segment_bytes_max: u64,
    /// When what is kept is signed, and with what.
    pub checkpoints: CheckpointSettings,
    /// What is in force when the ledger is opened, in words; `writer.start` says it.
    pub in_force: Option<String>,
    /// The process whose place this one takes; `writer.start` says it.
    pub replaces: Option<u32>,
}

/// When what is kept is signed, and with what.
#[derive(Clone, Debug)]
pub struct CheckpointSettings {
    /// After so many records.
    pub every_records: u64,
    /// So long after the first record that no signature covers.
    pub every: Duration,
    /// The key as PEM (PKCS #8); `None`: the one in the folder of keys, made when there is none.
    pub key: Option<SecretText>,
}

impl LedgerSettings {
    /// What `segment_bytes_max` is when nobody says otherwise.
    pub const SEGMENT_BYTES_MAX: u64 = 256 * 1024 * 1024;

    /// Those of a ledger in `directory` of which nothing else is said.
    pub fn new(directory: impl Into<PathBuf>) -> LedgerSettings {
        let settings =
            config::settings::Ledger { directory: directory.into(), ..config::settings::Ledger::default() };
        LedgerSettings::of(&settings, None)
    }

    /// Those that `config` says. Reads the key, where one is named.
    pub fn read(config: &Config) -> Result<LedgerSettings, ConfigError> {
        let key = config::ledger_key(config)?;
        Ok(LedgerSettings::of(&config.ledger, key))
    }

    fn of(settings: &config::settings::Ledger, key: Option<SecretText>) -> LedgerSettings {
        let classes = &settings.sync_by_class;
        let of_class = |class| match class {
            Class::Read => classes.read,
            Class::Write => classes.write,
            Class::Ddl => classes.ddl,
            Class::Privilege => classes.privilege,
            Class::Session => classes.session,
            Class::Transaction => classes.transaction,
            Class::Maintenance => classes.maintenance,
            Class::Code => classes.code,
            Class::Unknown => classes.unknown,
        };
        LedgerSettings {
            directory: settings.directory.clone(),
            keys: settings.keys(),
            sync: settings.sync.into(),
            sync_by_class: Class::ALL.map(|class| of_class(class).map(Sync::from)),
            segment_bytes_max: LedgerSettings::SEGMENT_BYTES_MAX,
            checkpoints: CheckpointSettings {
                every_records: settings.checkpoints.every_records.into(),
                every: Duration::from_secs(settings.checkpoints.every_seconds.into()),
                key,
            },
            in_force: None,
            replaces: None,
        }
    }

    /// The key that signs when none is named.
    pub(super) fn key_file(&self) -> PathBuf {
        self.keys.join(super::key::FILE)
    }

    /// Where the segments are.
    pub(super) fn directory(&self) -> &Path {
        &self.directory
    }
}

impl From<config::settings::Sync> for Sync {
    fn from(sync: config::settings::Sync) -> Sync {
        match sync {
            config::settings::Sync::None => Sync::None,
            config::settings::Sync::Group => Sync::Group,
            config::settings::Sync::Each => Sync::Each,
        }
    }
}

/// When the records of each class count as kept.
#[derive(Clone, Copy, Debug)]
pub(super) struct SyncRules {
    /// For what is no statement.
    other: Sync,
    classes: [Sync; Class::ALL.len()],
    strictest: Sync,
}

impl SyncRules {
    pub(super) fn new(settings: &LedgerSettings) -> SyncRules {
        let classes = settings.sync_by_class.map(|sync| sync.unwrap_or(settings.sync));
        let strictest = classes.iter().copied().fold(settings.sync, Sync::max);
        SyncRules { other: settings.sync, classes, strictest }
    }

    /// For what is no statement.
    pub(super) fn other(&self) -> Sync {
        self.other
    }

    /// For statements of this class.
    pub(super) fn of(&self, class: Class) -> Sync {
        self.classes.get(class.index()).copied().unwrap_or(self.strictest)
    }

    /// Whether nothing ever has to be on the disk.
    pub(super) fn is_never(&self) -> bool {
        self.strictest == Sync::None
    }
}
