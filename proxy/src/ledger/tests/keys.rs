//! With which keys a ledger starts, and with which it does not.

use super::*;
use crate::config::SecretText;
use std::fs;
use std::os::unix::fs::MetadataExt as _;

fn start(settings: LedgerSettings) -> Result<(), LedgerError> {
    let began = Instant::now();
    loop {
        match Ledger::open(settings.clone(), Arc::default()) {
            // A child that another test of this process starts just then has the lock of the start before for a moment.
            Err(LedgerError::Locked { .. }) if began.elapsed() < TOO_LONG => std::thread::yield_now(),
            ledger => return ledger?.spawn(Vec::new())?.close(),
        }
    }
}

fn named(directory: &Path, key: &Path) -> LedgerSettings {
    let mut settings = settings(directory, Sync::Group);
    settings.checkpoints.key = Some(SecretText::new(fs::read_to_string(key).unwrap()));
    settings
}

fn believed(directory: &Path) -> Vec<String> {
    fs::read_to_string(directory.join("verifier.keys")).unwrap().lines().map(str::to_owned).collect()
}

#[test]
fn a_key_that_nobody_names_is_made_once_for_its_owner_only() {
    let folder = tempfile::tempdir().unwrap();
    let directory = folder.path().join("ledger");
    let unnamed = || LedgerSettings::new(&directory);
    assert_eq!(unnamed().keys, folder.path().join("ledger-keys"));
    start(unnamed()).unwrap();
    let key = folder.path().join("ledger-keys/checkpoint.pem");
    assert_eq!(fs::metadata(&key).unwrap().mode() & 0o777, 0o600);
    let pem = fs::read(&key).unwrap();
    start(unnamed()).unwrap();
    assert_eq!(fs::read(&key).unwrap(), pem);
    assert_eq!(believed(&directory).len(), 1);
    let records = verified(&[&directory]);
    assert_eq!(records.len(), 4);
}

#[test]
fn a_crash_between_the_key_and_the_word_of_whom_to_believe_is_gone_on_from() {
    let folder = tempfile::tempdir().unwrap();
    let directory = folder.path().join("ledger");
    // The key was made, the first line written, and nothing more.
    drop(Ledger::open(LedgerSettings::new(&directory), Arc::default()).unwrap());
    let believed_before = believed(&directory);
    fs::remove_file(directory.join("verifier.keys")).unwrap();
    start(LedgerSettings::new(&directory)).unwrap();
    assert_eq!(believed(&directory), believed_before);

    // The key was made, and not even the first line is there.
    for path in segments(&directory) {
        fs::remove_file(path).unwrap();
    }
    for name in ["verifier.keys", "head", "checkpoint", "writers"] {
        fs::remove_file(directory.join(name)).unwrap();
    }
    start(LedgerSettings::new(&directory)).unwrap();
    let key = |believed: &str| believed.rsplit_once('+').unwrap().1.to_owned();
    assert_eq!(key(&believed(&directory)[0]), key(&believed_before[0]), "the same key, of another ledger");
    verified(&[&directory]);
}

#[test]
fn a_ledger_whose_key_is_gone_does_not_start_until_it_is_back_or_another_one_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let directory = folder.path().join("ledger");
    let (keys, away) = (folder.path().join("ledger-keys"), folder.path().join("away"));
    let unnamed = || LedgerSettings::new(&directory);
    start(unnamed()).unwrap();
    let before = segments(&directory);
    fs::rename(&keys, &away).unwrap();
    let error = start(unnamed()).unwrap_err();
    let expected = format!(
        "the ledger at `{}` was signed with the key {}, which is not in `{}`\n    hint: put it back there or name it in \
         `ledger.checkpoints.key`; if it is lost, name another one there (`dragoman ledger key FILE` makes one), and the \
         ledger says that this one signs from then on",
        directory.display(),
        believed(&directory)[0],
        keys.join("checkpoint.pem").display(),
    );
    assert_eq!(error.to_string(), expected);
    assert!(!keys.exists(), "no other one is made in its place");

    // Neither with another key there, nor when nobody says any more whom to believe.
    SigningKey::make(&keys.join("checkpoint.pem")).unwrap();
    assert!(matches!(start(unnamed()), Err(LedgerError::KeyGone { .. })));
    fs::remove_dir_all(&keys).unwrap();
    let believed_before = believed(&directory);
    fs::remove_file(directory.join("verifier.keys")).unwrap();
    assert!(matches!(start(unnamed()), Err(LedgerError::KeyGone { .. })));
    fs::write(directory.join("verifier.keys"), believed_before.join("\n") + "\n").unwrap();
    assert_eq!(segments(&directory), before, "nothing was written meanwhile");

    // Named from where it is, it is no other key.
    start(named(&directory, &away.join("checkpoint.pem"))).unwrap();
    assert_eq!(believed(&directory), believed_before);

    let other = folder.path().join("other.pem");
    SigningKey::make(&other).unwrap();
    start(named(&directory, &other)).unwrap();
    let now = believed(&directory);
    assert_eq!((now.len(), &now[0]), (2, &believed_before[0]));
    let records = verified(&[&directory]);
    let start_note = records[records.len() - 2]["note"].as_str().unwrap();
    let remark =
        format!("checkpoints are signed by another key from here on: {} in place of {}", now[1], now[0]);
    assert!(start_note.ends_with(&remark), "{start_note}");
    // The next start with it is nothing new; without it there is none.
    start(named(&directory, &other)).unwrap();
    assert_eq!(believed(&directory), now);
    fs::rename(&away, &keys).unwrap();
    assert!(matches!(start(unnamed()), Err(LedgerError::KeyGone { .. })));
}

#[test]
fn what_is_no_key_is_told_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let directory = folder.path().join("ledger");
    let bad = folder.path().join("bad.pem");
    fs::write(&bad, "nonsense").unwrap();
    let error = start(named(&directory, &bad)).unwrap_err().to_string();
    assert_eq!(
        error,
        "the key that signs the ledger's checkpoints, `ledger.checkpoints.key`, cannot be used: this is no Ed25519 key as \
         PEM (PKCS #8); `dragoman ledger key FILE` makes one"
    );
    fs::create_dir(folder.path().join("ledger-keys")).unwrap();
    fs::rename(&bad, folder.path().join("ledger-keys/checkpoint.pem")).unwrap();
    assert!(matches!(start(LedgerSettings::new(&directory)), Err(LedgerError::Key { .. })));
    assert!(segments(&directory).is_empty());
}
