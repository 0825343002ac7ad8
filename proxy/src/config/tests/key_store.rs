//! What becomes of the settings of a secret store, and what is said about mistakes in them?

use super::super::load;
use super::super::settings::KeyStoreKind;
use super::{LISTENER, parse, told};

fn check(text: &str, expected: &str) {
    match parse(&format!("{LISTENER}[admin]\n[admin.key_store]\n{text}"), &[]) {
        Ok(_) => assert_eq!(expected, "", "this is taken: {text}"),
        Err(problems) => assert_eq!(told(&problems), expected, "{text}"),
    }
}

#[test]
fn everything_that_is_set_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("dragoman.toml");
    let text = "
        [admin.key_store]
        kind = 'vault-transit'
        url = 'https://vault.example.com:8200'
        key = 'dragoman'
        mount = 'engines/transit'
        namespace = 'databases'
        ca = 'ca.pem'
        role_id = 'role'
        secret_id_file = 'secret-id'
        role_mount = 'machines'
        timeout_ms = 500
        cache_seconds = 0
    ";
    std::fs::write(&file, text).unwrap();
    let config = load(&file, std::iter::empty()).unwrap();
    let store = config.admin.unwrap().key_store.unwrap();
    assert_eq!((store.kind, store.key.as_str()), (KeyStoreKind::VaultTransit, "dragoman"));
    assert_eq!(store.mount.as_deref(), Some("engines/transit"));
    assert_eq!(
        (store.namespace.as_deref(), store.role_mount.as_deref()),
        (Some("databases"), Some("machines"))
    );
    assert_eq!(store.ca, Some(folder.path().join("ca.pem")));
    assert_eq!(store.secret_id_file, Some(folder.path().join("secret-id")));
    assert_eq!((store.timeout_ms, store.cache_seconds, store.token_file), (500, 0, None));
}

#[test]
fn what_makes_no_sense_is_told() {
    let kms = "kind = 'kms'\nurl = 'https://kms.example.com'\nkey = 'projects/p'\n";
    check(&format!("{kms}token_file = 'token'"), "");
    check("kind = 'vault-kv'\nurl = 'http://127.0.0.1:8200'\nkey = 'gate'\ntoken_file = 't'", "");
    check("kind = 'vault-kv'\nurl = 'http://[::1]'\nkey = 'gate'\ntoken_file = 't'", "");
    check(
        "kind = 'vault-kv'\nurl = 'http://vault.example.com'\nkey = 'gate'\ntoken_file = 't'",
        "f:8:7: admin.key_store.url: this is not the address of a web server: it is not encrypted, and not of this machine\n    \
         hint: write `https://host`, with a port and a path where it has them",
    );
    check(
        kms,
        "f:6:1: admin.key_store: `key_store` needs `token_file`\n    hint: set it as well, or leave both out",
    );
    check(
        &format!("{kms}token_file = 't'\nfield = 'f'\nmount = 'm'"),
        "f:11:9: admin.key_store.field: `field` does nothing beside `kms`\n    hint: leave one of them out\n\
         f:12:9: admin.key_store.mount: `mount` does nothing beside `kms`\n    hint: leave one of them out",
    );
    let transit = "kind = 'vault-transit'\nurl = 'https://vault.example.com'\nkey = 'gate'\n";
    check(
        &format!("{transit}role_id = 'r'"),
        "f:10:11: admin.key_store.role_id: `role_id` is set without `secret_id_file`\n    hint: set both, or none",
    );
    check(
        &format!("{transit}token_file = 't'\nrole_id = 'r'\nsecret_id_file = 's'"),
        "f:11:11: admin.key_store.role_id: `role_id` does nothing beside `token_file`\n    hint: leave one of them out",
    );
    match parse(
        &format!(
            "{LISTENER}[admin]\nmaster_key = {{ file = 'k' }}\n[admin.key_store]\n{kms}token_file = 't'"
        ),
        &[],
    ) {
        Ok(_) => panic!("a key from two places is taken"),
        Err(problems) => assert!(told(&problems).contains("`master_key` does nothing beside `key_store`")),
    }
}
