//! Values sealed, opened, found and destroyed, with real files.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::keys::{DayKey, Folder};
use super::*;
use crate::ledger::json;
use exchange::Values;
use proptest::prelude::*;
use serde_json::Value;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::process::Command;
use std::sync::Barrier;

const ID: u128 = 0x019f_ccc5_1580_7c9f_98f2_f879_164c_8375;
const AT_US: u64 = 1_785_846_896_000_789;
const DAY: &str = "2026-08-04";
const A_DAY_US: u64 = 86_400_000_000;

fn day() -> Day {
    DAY.parse().unwrap()
}

fn values(text: &str, parameters: &[Option<&[u8]>]) -> Values {
    let parameters: Vec<Option<Box<[u8]>>> = parameters.iter().map(|value| value.map(Into::into)).collect();
    Values {
        text: Some(text.as_bytes().into()),
        hashed: Some(parameters.clone()),
        parameters: Some(parameters),
        error: Some(b"Key (email)=(ada@example.org) already exists.".as_slice().into()),
        withheld: None,
    }
}

/// The record that a sealer makes of values, with an id as a line has it.
fn record(sealer: &mut Sealer, at_us: u64, workspace: &str, values: &Values) -> Value {
    let mut line = b"{\"id\":\"".to_vec();
    json::uuid(&mut line, ID);
    line.push(b'"');
    sealer.write(&mut line, ID, at_us, workspace, values);
    line.push(b'}');
    serde_json::from_slice(&line).unwrap()
}

fn withheld(record: &Value) -> Option<&str> {
    record["withheld"].as_str()
}

/// A sealer that looks at the files each time.
fn looking(keys: &Path) -> Sealer {
    let mut sealer = Sealer::new(keys);
    sealer.look_always();
    sealer
}

fn files(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder.join("values"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn what_was_sealed_opens_again_and_stands_nowhere_in_clear() {
    let keys = tempfile::tempdir().unwrap();
    let values = values("select 'planted', $1", &[Some(b"planted-2"), None, Some(&[0, 0, 0, 7])]);
    let record = record(&mut Sealer::new(keys.path()), AT_US, "default", &values);
    let text = record.to_string();
    assert!(!text.contains("planted") && !text.contains("ada@"), "{text}");
    assert_eq!(record["sealed"]["day"], DAY);
    assert_eq!(record["hashes"].as_array().unwrap().len(), 3);
    assert!(record["hashes"][1].is_null());
    assert_eq!(withheld(&record), None);
    let plain = Opener::new(keys.path()).open(&record).unwrap().unwrap();
    assert_eq!(
        serde_json::to_value(&plain).unwrap(),
        serde_json::json!({
            "text": "select 'planted', $1",
            "parameters": ["planted-2", null, {"base64": "AAAABw=="}],
            "error": "Key (email)=(ada@example.org) already exists.",
        })
    );
    assert!(!format!("{plain:?}").contains("planted"));
    let key = keys.path().join("values").join(format!("{DAY}.key"));
    let metadata = fs::metadata(&key).unwrap();
    assert_eq!((metadata.len(), metadata.mode() & 0o777), (32, 0o600));
    assert_eq!(fs::metadata(keys.path().join("values")).unwrap().mode() & 0o777, 0o700);
    assert_eq!(files(keys.path()), [format!("{DAY}.key")]);
}

#[test]
fn only_what_a_rule_asked_for_is_there() {
    let keys = tempfile::tempdir().unwrap();
    let mut sealer = Sealer::new(keys.path());
    let secret = Values { withheld: Some("secret"), ..Values::default() };
    let made = record(&mut sealer, AT_US, "default", &secret);
    assert_eq!((withheld(&made), made.get("sealed"), made.get("hashes")), (Some("secret"), None, None));
    assert!(!keys.path().join("values").exists(), "no key is made for nothing");
    let hashed = Values { hashed: Some(vec![Some(b"7".as_slice().into())]), ..Values::default() };
    let made = record(&mut sealer, AT_US, "default", &hashed);
    assert!(made.get("sealed").is_none() && made["hashes"][0].as_str().unwrap().len() == 32, "{made}");
    assert!(Opener::new(keys.path()).open(&made).unwrap().is_none());
    let none = Values {
        parameters: Some(Vec::new()),
        hashed: Some(Vec::new()),
        withheld: Some("cut"),
        ..Values::default()
    };
    let made = record(&mut sealer, AT_US, "default", &none);
    let plain = Opener::new(keys.path()).open(&made).unwrap().unwrap();
    assert_eq!((plain.parameters, withheld(&made)), (Some(Vec::new()), Some("cut")));
    assert_eq!(made["hashes"], serde_json::json!([]));
}

/// RFC 5869 and HMAC with another implementation: what the form says is what is done.
#[test]
fn the_form_is_the_one_that_is_written_down() {
    use base64::Engine as _;
    use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
    let keys = tempfile::tempdir().unwrap();
    let folder = keys.path().join("values");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join(format!("{DAY}.key")), [7; 32]).unwrap();
    let made = record(&mut Sealer::new(keys.path()), AT_US, "shop", &values("x", &[Some(b"ada")]));

    let extracted = hmac_sha256(&[0; 32], &[7; 32]);
    let hashing = hmac_sha256(&extracted, b"dragoman parametershop\x01");
    let hash: String = hmac_sha256(&hashing, b"ada")[..16].iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(made["hashes"][0], hash);

    let sealing = hmac_sha256(&extracted, b"dragoman value\x01");
    let decode =
        |text: &Value| base64::engine::general_purpose::STANDARD.decode(text.as_str().unwrap()).unwrap();
    let nonce: [u8; 24] = decode(&made["sealed"]["nonce"]).try_into().unwrap();
    let aad = made["id"].as_str().unwrap().as_bytes();
    let cipher = chacha20poly1305::XChaCha20Poly1305::new((&sealing).into());
    let payload = Payload { msg: &decode(&made["sealed"]["value"]), aad };
    let plain = cipher.decrypt(&nonce.into(), payload).unwrap();
    let expected =
        r#"{"text":"x","parameters":["ada"],"error":"Key (email)=(ada@example.org) already exists."}"#;
    assert_eq!(String::from_utf8(plain).unwrap(), expected);
}

/// RFC 2104, by hand.
fn hmac_sha256(key: &[u8; 32], message: &[u8]) -> [u8; 32] {
    use sha2::{Digest as _, Sha256};
    let mut padded = [0; 64];
    padded[..32].copy_from_slice(key);
    let inner =
        Sha256::new().chain_update(padded.map(|byte: u8| byte ^ 0x36)).chain_update(message).finalize();
    Sha256::new().chain_update(padded.map(|byte| byte ^ 0x5c)).chain_update(inner).finalize().into()
}

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..40),
        ".{0,40}".prop_map(String::into_bytes),
        "[a-z'\"\\\\\n\t\r\0]{0,20}".prop_map(String::into_bytes),
    ]
}

proptest! {
    #[test]
    fn any_bytes_open_again(
        text in prop::option::of(bytes()),
        parameters in prop::option::of(prop::collection::vec(prop::option::of(bytes()), 0..6)),
        error in prop::option::of(bytes()),
    ) {
        let keys = tempfile::tempdir().unwrap();
        let boxed = |bytes: &Vec<u8>| bytes.as_slice().into();
        let values = Values {
            text: text.as_ref().map(boxed),
            parameters: parameters.as_ref().map(|all| all.iter().map(|one| one.as_ref().map(boxed)).collect()),
            error: error.as_ref().map(boxed),
            ..Values::default()
        };
        let record = record(&mut Sealer::new(keys.path()), AT_US, "default", &values);
        let opened = Opener::new(keys.path()).open(&record).unwrap();
        let expected = Plain {
            text: text.map(Bytes),
            parameters: parameters.map(|all| all.into_iter().map(|one| one.map(Bytes)).collect()),
            error: error.map(Bytes),
        };
        match opened {
            Some(opened) => prop_assert!(opened == expected),
            None => prop_assert!(expected == Plain::default()),
        }
    }

    #[test]
    fn nothing_opens_once_a_byte_is_another(place in any::<prop::sample::Index>(), flip in 1..=255_u8) {
        use base64::Engine as _;
        use base64::engine::general_purpose::STANDARD;
        let keys = tempfile::tempdir().unwrap();
        let record = record(&mut Sealer::new(keys.path()), AT_US, "default", &values("secret", &[]));
        for field in ["nonce", "value"] {
            let mut bytes = STANDARD.decode(record["sealed"][field].as_str().unwrap()).unwrap();
            let at = place.index(bytes.len());
            bytes[at] ^= flip;
            let mut changed = record.clone();
            changed["sealed"][field] = STANDARD.encode(bytes).into();
            prop_assert!(matches!(Opener::new(keys.path()).open(&changed), Err(OpenError::Sealed(_))));
        }
        let mut changed = record.clone();
        let mut id = record["id"].as_str().unwrap().as_bytes().to_vec();
        let at = place.index(id.len());
        id[at] = if id[at] == b'0' { b'1' } else { b'0' };
        changed["id"] = String::from_utf8(id).unwrap().into();
        prop_assert!(matches!(Opener::new(keys.path()).open(&changed), Err(OpenError::Sealed(_))));

        let path = keys.path().join("values").join(format!("{DAY}.key"));
        let mut key = fs::read(&path).unwrap();
        key[place.index(32)] ^= flip;
        fs::write(&path, key).unwrap();
        prop_assert!(matches!(Opener::new(keys.path()).open(&record), Err(OpenError::Sealed(_))));
    }
}

#[test]
fn a_field_that_is_not_as_written_is_told_and_opens_nothing() {
    let keys = tempfile::tempdir().unwrap();
    let good = record(&mut Sealer::new(keys.path()), AT_US, "default", &values("x", &[]));
    for (field, value) in [
        ("day", serde_json::json!("../../etc/passwd")),
        ("day", Value::Null),
        ("nonce", serde_json::json!("AAAA")),
        ("nonce", serde_json::json!("!")),
        ("value", serde_json::json!("!")),
        ("value", serde_json::json!(7)),
    ] {
        let mut bad = good.clone();
        bad["sealed"][field] = value;
        let opened = Opener::new(keys.path()).open(&bad);
        assert!(matches!(opened, Err(OpenError::Form(_))), "{field}: {opened:?}");
    }
    let mut other_day = good.clone();
    other_day["sealed"]["day"] = "2026-08-05".into();
    let opened = Opener::new(keys.path()).open(&other_day);
    assert!(matches!(opened, Err(OpenError::Key(KeyFailure::Missing { .. }))), "{opened:?}");
}

#[test]
fn each_workspace_and_each_day_has_hashes_of_its_own() {
    let keys = tempfile::tempdir().unwrap();
    let mut sealer = Sealer::new(keys.path());
    let mut seen = std::collections::HashSet::new();
    for at_us in [AT_US, AT_US + A_DAY_US] {
        for workspace in ["default", "shop", ""] {
            let values = values("", &[Some(b"ada"), Some(b"ada")]);
            let made = record(&mut sealer, at_us, workspace, &values);
            assert_eq!(made["hashes"][0], made["hashes"][1]);
            assert!(seen.insert(made["hashes"][0].to_string()));
            let day = Day::of(at_us);
            let equals = hashes_of(keys.path(), &[workspace], day..=day, "ada").unwrap();
            assert_eq!(equals.hashes, [made["hashes"][0].as_str().unwrap()]);
        }
    }
    let first = day();
    let all = hashes_of(keys.path(), &["default", "shop"], first..=Day::of(AT_US + A_DAY_US), "ada").unwrap();
    assert_eq!((all.hashes.len(), all.days.len(), all.not_searched.len()), (4, 2, 0));
    erase(keys.path(), first, "ada").unwrap();
    let left = hashes_of(keys.path(), &["default"], first..=Day::of(AT_US + A_DAY_US), "ada").unwrap();
    assert_eq!(left.hashes.len(), 1);
    assert!(matches!(left.not_searched.as_slice(), [(day, KeyFailure::Erased(_))] if *day == first));
}

#[test]
fn sealers_that_begin_at_once_have_the_same_key() {
    for _ in 0..20 {
        let keys = tempfile::tempdir().unwrap();
        let begin = Barrier::new(8);
        let records: Vec<Value> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8)
                .map(|_| {
                    scope.spawn(|| {
                        let mut sealer = Sealer::new(keys.path());
                        begin.wait();
                        record(&mut sealer, AT_US, "default", &values("x", &[Some(b"ada")]))
                    })
                })
                .collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        let mut opener = Opener::new(keys.path());
        for made in &records {
            assert!(opener.open(made).unwrap().is_some());
            assert_eq!(made["hashes"], records[0]["hashes"]);
        }
        assert_eq!(files(keys.path()), [format!("{DAY}.key")], "no draft is left");
    }
}

#[test]
fn a_key_that_was_made_and_not_used_is_used_and_a_draft_is_not() {
    let keys = tempfile::tempdir().unwrap();
    let folder = Folder::new(keys.path());
    folder.read_or_make(day()).unwrap();
    let path = folder.key_path(day());
    let key = fs::read(&path).unwrap();
    // As a crash leaves it: half a key, under the name of a draft.
    fs::write(folder.path().join(format!("{DAY}.key.4711-0.new")), [1; 16]).unwrap();
    let made = record(&mut Sealer::new(keys.path()), AT_US, "default", &values("x", &[]));
    assert!(Opener::new(keys.path()).open(&made).unwrap().is_some());
    assert_eq!(fs::read(&path).unwrap(), key);
    erase(keys.path(), day(), "ada").unwrap();
    assert_eq!(files(keys.path()), [format!("{DAY}.erased")], "drafts are destroyed with the key");
}

#[test]
fn values_are_left_out_while_no_key_can_be_had_and_records_go_on() {
    let keys = tempfile::tempdir().unwrap();
    // Where the folder should be there is a file; as root, permissions would stop nobody.
    let blocked = keys.path().join("values");
    fs::write(&blocked, "").unwrap();
    let mut sealer = looking(keys.path());
    let values = values("x", &[Some(b"ada")]);
    for _ in 0..3 {
        let made = record(&mut sealer, AT_US, "default", &values);
        assert_eq!((withheld(&made), made.get("sealed"), made.get("hashes")), (Some("no_key"), None, None));
    }
    fs::remove_file(&blocked).unwrap();
    let made = record(&mut sealer, AT_US, "default", &values);
    assert!(Opener::new(keys.path()).open(&made).unwrap().is_some(), "it comes back by itself");
    let nobody_said = record(&mut Sealer::without_keys(), AT_US, "default", &values);
    assert_eq!(withheld(&nobody_said), Some("no_key"));

    let path = blocked.join(format!("{DAY}.key"));
    fs::write(&path, [1; 31]).unwrap();
    let made = record(&mut Sealer::new(keys.path()), AT_US, "default", &values);
    assert_eq!(withheld(&made), Some("no_key"));
    assert_eq!(fs::read(&path).unwrap(), [1; 31], "what is no key is not replaced");
}

/// Says to the test below that it is the child, and where the small disk is.
const SMALL_DISK: &str = "LEDGER_TEST_SMALL_DISK";

#[cfg(target_os = "linux")]
#[test]
fn a_disk_without_room_for_a_key_leaves_values_out_until_there_is_room() {
    if let Ok(disk) = std::env::var(SMALL_DISK) {
        return on_a_small_disk(Path::new(&disk));
    }
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new("unshare");
    if fs::metadata("/proc/self").unwrap().uid() != 0 {
        command.args(["--user", "--map-root-user"]);
    }
    let mount = "mount -t tmpfs -o size=64k none \"$1\" && shift && exec \"$@\"";
    command
        .args(["--mount", "sh", "-c", mount, "sh"])
        .arg(folder.path())
        .arg(std::env::current_exe().unwrap());
    let name = "ledger::values::tests::a_disk_without_room_for_a_key_leaves_values_out_until_there_is_room";
    command.args(["--exact", name, "--nocapture"]).env(SMALL_DISK, folder.path());
    let output = command.output().unwrap();
    let said =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}

fn on_a_small_disk(disk: &Path) {
    let filler = disk.join("filler");
    fs::create_dir(disk.join("values")).unwrap();
    // The file system rounds up to pages: the last write is the one that does not fit.
    let mut file = fs::File::create(&filler).unwrap();
    while std::io::Write::write_all(&mut file, &[1; 4096]).is_ok() {}
    drop(file);
    let mut sealer = looking(disk);
    let values = values("x", &[Some(b"ada")]);
    let made = record(&mut sealer, AT_US, "default", &values);
    assert_eq!((withheld(&made), made.get("sealed")), (Some("no_key"), None));
    assert_eq!(files(disk), [""; 0], "half a key is none, and no draft is left");
    fs::remove_file(&filler).unwrap();
    let made = record(&mut sealer, AT_US, "default", &values);
    assert!(Opener::new(disk).open(&made).unwrap().is_some());
}

#[test]
fn an_erased_day_is_erased_for_good_and_no_other_is() {
    let keys = tempfile::tempdir().unwrap();
    let mut sealer = looking(keys.path());
    let values = values("x", &[Some(b"ada")]);
    let old = record(&mut sealer, AT_US, "default", &values);
    let other = record(&mut sealer, AT_US + A_DAY_US, "default", &values);
    let erased = erase(keys.path(), day(), "ada").unwrap();
    assert_eq!(erased, Erased { day: day(), had_key: true, is_recorded: false });
    let opened = Opener::new(keys.path()).open(&old).unwrap_err();
    assert!(opened.is_erased() && opened.to_string() == "the values of 2026-08-04 were erased", "{opened}");
    assert!(Opener::new(keys.path()).open(&other).unwrap().is_some());
    // The sealer that had the key, and one that begins anew.
    for sealer in [&mut sealer, &mut Sealer::new(keys.path())] {
        let made = record(sealer, AT_US, "default", &values);
        assert_eq!((withheld(&made), made.get("sealed"), made.get("hashes")), (Some("erased"), None, None));
    }
    assert_eq!(files(keys.path()), ["2026-08-04.erased", "2026-08-05.key"]);
    let note = fs::read_to_string(keys.path().join("values/2026-08-04.erased")).unwrap();
    assert!(note.starts_with("erased 2") && note.ends_with("Z by ada\n"), "{note}");

    let again = erase(keys.path(), day(), "bob").unwrap();
    assert_eq!(again, Erased { day: day(), had_key: false, is_recorded: false });
    confirm(keys.path(), day()).unwrap();
    assert!(erase(keys.path(), day(), "bob").unwrap().is_recorded);
    let nothing = erase(keys.path(), "2026-08-01".parse().unwrap(), "ada");
    assert!(matches!(nothing, Err(EraseError::Nothing { .. })));
    assert_eq!(days_before(keys.path(), Day::of(AT_US + 9 * A_DAY_US)).unwrap(), [Day::of(AT_US + A_DAY_US)]);
}

#[test]
fn an_erasure_that_stopped_half_way_is_ended_and_makes_no_key() {
    let keys = tempfile::tempdir().unwrap();
    let folder = Folder::new(keys.path());
    folder.read_or_make(day()).unwrap();
    fs::write(folder.tombstone_path(day()), "erased 2026-08-05T00:00:00.000000Z by ada\n").unwrap();
    assert!(matches!(folder.read(day()), Err(KeyFailure::Erased(_))), "the word counts before the deed");
    assert_eq!(days_before(keys.path(), Day::of(AT_US + A_DAY_US)).unwrap(), [day()], "there is more to do");
    assert!(erase(keys.path(), day(), "ada").unwrap().had_key);
    assert!(!folder.key_path(day()).exists());
    assert!(matches!(folder.read_or_make(day()), Err(KeyFailure::Erased(_))));
    assert!(!folder.key_path(day()).exists());
    confirm(keys.path(), day()).unwrap();
    assert_eq!(days_before(keys.path(), Day::of(AT_US + A_DAY_US)).unwrap(), []);
}

#[test]
fn a_key_that_somebody_took_away_is_missed_and_not_made_again() {
    let keys = tempfile::tempdir().unwrap();
    let mut sealer = looking(keys.path());
    let values = values("x", &[]);
    record(&mut sealer, AT_US, "default", &values);
    let path = Folder::new(keys.path()).key_path(day());
    let key = fs::read(&path).unwrap();
    fs::remove_file(&path).unwrap();
    assert_eq!(withheld(&record(&mut sealer, AT_US, "default", &values)), Some("no_key"));
    assert_eq!(withheld(&record(&mut sealer, AT_US, "default", &values)), Some("no_key"));
    assert!(!path.exists());
    fs::write(&path, key).unwrap();
    let made = record(&mut sealer, AT_US, "default", &values);
    assert!(Opener::new(keys.path()).open(&made).unwrap().is_some());
}

#[test]
fn sealers_and_an_eraser_at_once_leave_no_key() {
    for _ in 0..50 {
        let keys = tempfile::tempdir().unwrap();
        Folder::new(keys.path()).read_or_make(Day::of(AT_US + A_DAY_US)).unwrap();
        fs::write(keys.path().join("values").join(format!("{DAY}.key")), [7; 32]).unwrap();
        let begin = Barrier::new(3);
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    begin.wait();
                    for _ in 0..20 {
                        record(&mut looking(keys.path()), AT_US, "default", &values("x", &[]));
                    }
                });
            }
            begin.wait();
            erase(keys.path(), day(), "ada").unwrap();
        });
        assert_eq!(files(keys.path()), ["2026-08-04.erased", "2026-08-05.key"]);
    }
}

#[test]
fn keys_show_nothing_of_themselves() {
    assert_eq!(format!("{:?}", DayKey::of([65; 32])), "DayKey(…)");
    let keys = tempfile::tempdir().unwrap();
    let mut sealer = Sealer::new(keys.path());
    record(&mut sealer, AT_US, "default", &values("x", &[Some(b"ada")]));
    let shown = format!("{sealer:?}");
    assert!(shown.contains("Keys(…)") && !shown.contains("Hmac"), "{shown}");
}
