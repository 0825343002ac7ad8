//! As whom does the gateway log in, and what is said when that makes no sense?

use super::super::{listeners, load};
use super::{LISTENER, good, parse, told};
use relay::settings::{Probe, Secret};
use std::time::Duration;

fn probe(text: &str) -> Option<Probe> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("probe.secret"), "open sesame\r\n").unwrap();
    let file = folder.path().join("dragoman.toml");
    std::fs::write(&file, format!("{LISTENER}{text}")).unwrap();
    let [listener] = listeners(&load(&file, std::iter::empty()).unwrap()).unwrap().try_into().unwrap();
    listener.probe
}

#[test]
fn the_probe_reaches_the_data_path_with_its_password() {
    assert_eq!(probe(""), None);
    let expected = Probe {
        user: "dragoman_probe".into(),
        password: Some(Secret::new("open sesame")),
        databases: ["shop".into(), "books".into()].into(),
        interval: Duration::from_secs(60),
    };
    let text = "[listener.probe]\nuser = 'dragoman_probe'\npassword = { file = 'probe.secret' }\n\
                databases = ['shop', 'books']\ninterval_seconds = 60";
    assert_eq!(probe(text), Some(expected));
    let plain = probe("probe = { user = 'p' }").unwrap();
    assert_eq!((plain.password, plain.interval), (None, Duration::from_secs(3_600)));
}

#[test]
fn a_secret_comes_from_the_environment_too_and_is_never_printed() {
    // Every process has one.
    let probe = probe("probe = { user = 'p', password = { env = 'PATH' } }").unwrap();
    let path = std::env::var("PATH").unwrap();
    assert_eq!(probe.password, Some(Secret::new(&path)));
    assert!(!format!("{probe:?}").contains(&path));
}

#[test]
fn a_probe_that_makes_no_sense_is_told() {
    let check = |text: &str, expected: &str| match parse(&format!("{LISTENER}{text}"), &[]) {
        Ok(_) => panic!("this is taken: {text}"),
        Err(problems) => assert_eq!(told(&problems), expected, "{text}"),
    };
    check(
        "require_verified = true",
        "f:5:20: listener[shop].require_verified: `require_verified` is set without `probe.user`\n    \
         hint: set both, or none",
    );
    check(
        "probe = { password = { file = 'secret' } }",
        "f:5:31: listener[shop].probe.password.file: `password` is set without `user`\n    hint: set both, or none",
    );
    check(
        "probe = { user = 'p', password = { file = 'secret', env = 'SECRET' } }",
        "f:5:59: listener[shop].probe.password.env: `file` is set as well\n    \
         hint: a secret comes from one place: leave one of them out",
    );
    check(
        "probe = { user = '' }",
        "f:5:18: listener[shop].probe.user: the name is empty\n    hint: write a name, or leave the setting out",
    );
    check(
        "probe = { user = 'p', password = 'open sesame' }",
        "f:5:34: listener[shop].probe.password: this is a string, it must be a table",
    );
    check(
        "protocol = 'mysql'\nprobe = { user = 'p', databases = ['shop'] }",
        "f:6:35: listener[shop].probe.databases: accounts of MySQL belong to no database\n    \
         hint: leave it out: the server is looked at as a whole",
    );
}

#[test]
fn a_secret_that_is_not_there_is_told() {
    let error = |text: &str| listeners(&good(&format!("{LISTENER}{text}"), &[])).unwrap_err().to_string();
    assert_eq!(
        error("probe = { user = 'p', password = { file = 'secret' } }"),
        "1 mistake in the settings\n\
         /etc/gateway/gateway.toml:5:43: listener[shop].probe.password.file: the file `/etc/gateway/secret` does not exist\n    \
         hint: paths are relative to the settings file; check the path and its mode"
    );
    assert_eq!(
        error("probe = { user = 'p', password = { env = 'NOBODY_SETS_THIS' } }"),
        "1 mistake in the settings\n\
         /etc/gateway/gateway.toml:5:42: listener[shop].probe.password.env: there is no environment variable \
         `NOBODY_SETS_THIS` that holds text\n    \
         hint: set it for the gateway's process, or use `file`"
    );
}
