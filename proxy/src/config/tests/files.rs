//! What is said when the file itself cannot be read?

use super::super::load;
use super::LISTENER;
use std::iter::empty;

#[test]
fn what_cannot_be_read_is_told_in_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let check = |name: &str, content: Option<&[u8]>, expected: &str| {
        let path = folder.path().join(name);
        if let Some(content) = content {
            std::fs::write(&path, content).unwrap();
        }
        let error = load(&path, empty()).unwrap_err().to_string();
        assert_eq!(error.replace(&folder.path().display().to_string(), "D"), expected);
    };
    check(
        "missing.toml",
        None,
        "the settings file `D/missing.toml` does not exist\n    hint: check the path, or write a first one: \
         `dragoman config example > dragoman.toml`",
    );
    check("", None, "the settings file `D/` is a directory, not a file\n    hint: name the file inside it");
    check(
        "latin1.toml",
        Some(b"# \xe9"),
        "the settings file `D/latin1.toml` is not UTF-8 text\n    hint: save it as UTF-8",
    );
    check(
        "large.toml",
        Some(&vec![b'#'; 1024 * 1024 + 1]),
        "the settings file `D/large.toml` is larger than 1048576 bytes\n    hint: check that it is a settings file",
    );
    check(
        "two.toml",
        Some(b"[status]\nlisten = 1\nlisen = 2\n"),
        "3 mistakes in the settings\n\
         D/two.toml: there is no listener, so there is nothing to serve\n\
         \x20   hint: add a `[[listener]]`; `dragoman config example` shows one\n\
         D/two.toml:2:10: status.listen: this is a whole number, it must be a string\n\
         D/two.toml:3:1: status.lisen: there is no setting of this name\n\
         \x20   hint: did you mean `listen`?",
    );
}

#[test]
fn a_file_is_loaded_with_variables_over_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gateway.toml");
    std::fs::write(&path, LISTENER).unwrap();
    let variable = (String::from("DRAGOMAN_LEDGER__DIRECTORY"), String::from("kept"));
    let config = load(&path, [variable].into_iter()).unwrap();
    assert_eq!(config.ledger.directory, folder.path().join("kept"));
}
