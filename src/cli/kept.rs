//! What do the settings say of the ledger, in lines for people?

use proxy::config::settings::{Checkpoints, Ledger, LedgerCopy, OnFailure, Retention};
use serde_json::Value;
use std::fmt::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

/// Who may read a file besides its owner.
const OTHERS: u32 = 0o077;

/// When records are kept, who signs, where else they go, when they are removed; with what should be looked at.
pub(super) fn lines(ledger: &Ledger) -> String {
    let mut text = String::new();
    let _ = writeln!(text, "    kept on disk: {}", sync(ledger));
    let _ = writeln!(text, "    signed: {}", signed(&ledger.checkpoints, &ledger.keys()));
    for copy in &ledger.copies {
        let _ = writeln!(text, "    copy {}: {}", copy.name, copied(copy));
    }
    let _ = writeln!(text, "    removed: {}", removed(&ledger.retention));
    text
}

/// A word of the settings, as it is written there.
fn word(setting: &impl serde::Serialize) -> String {
    let value = serde_json::to_value(setting).unwrap_or_default();
    value.as_str().unwrap_or_default().to_owned()
}

fn sync(ledger: &Ledger) -> String {
    let mut text = format!("`{}`", word(&ledger.sync));
    let exceptions = serde_json::to_value(&ledger.sync_by_class).unwrap_or_default();
    for (class, sync) in exceptions.as_object().into_iter().flatten() {
        if let Value::String(sync) = sync {
            let _ = write!(text, ", {class} `{sync}`");
        }
    }
    text
}

fn signed(checkpoints: &Checkpoints, keys: &Path) -> String {
    let Checkpoints { every_records, every_seconds, key } = checkpoints;
    let when = format!("after {every_records} records or {every_seconds} s");
    let own = keys.join("checkpoint.pem");
    let (file, is_named) = match (&key.file, &key.env) {
        (None, Some(variable)) => return format!("{when}, with the key in the variable `{variable}`"),
        (Some(file), _) => (file, true),
        (None, None) => (&own, false),
    };
    let remark = match std::fs::metadata(file) {
        Ok(found) if found.permissions().mode() & OTHERS != 0 => {
            ", which others than its owner may read: `chmod 600` it"
        }
        Err(_) if !is_named => ", which a first start makes",
        _ => "",
    };
    format!("{when}, with `{}`{remark}", file.display())
}

fn copied(copy: &LedgerCopy) -> String {
    let mut text = format!("{} to {}", word(&copy.content), copy.to);
    if copy.on_failure == OnFailure::Refuse {
        let _ = write!(text, ", required within {} s", copy.patience_seconds);
    }
    let folder = copy.to.strip_prefix("file://").map(Path::new);
    if folder.is_some_and(|folder| !folder.is_dir()) {
        text.push_str("; the folder is not there, and the gateway makes none");
    }
    text
}

fn removed(retention: &Retention) -> String {
    match (retention.days, retention.bytes) {
        (0, 0) => "never".to_owned(),
        (days, 0) => format!("after {days} days"),
        (0, bytes) => format!("the oldest above {bytes} bytes"),
        (days, bytes) => format!("after {days} days, and the oldest above {bytes} bytes"),
    }
}
