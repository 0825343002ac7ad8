//! Is a folder a second ledger, byte for byte?

use super::*;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;

/// A folder that is there, and its place.
fn folder(files: &Files) -> (PathBuf, String) {
    let path = files.path("copy");
    fs::create_dir_all(&path).unwrap();
    let to = format!("file://{}", path.display());
    (path, to)
}

const RECORDS: &str = "content = 'records'";

fn read(path: impl AsRef<Path>) -> String {
    fs::read_to_string(path).unwrap_or_default()
}

fn eventually_holds(path: &Path, text: &str) {
    eventually(&format!("{} has {} bytes", path.display(), text.len()), || read(path) == text);
}

#[test]
fn records_are_followed_over_segments_up_to_what_is_kept() {
    let mut files = Files::new();
    let (place, to) = folder(&files);
    files.write(3).keep();
    let kept = files.text.clone();
    // Not kept yet: it may be taken back.
    files.write(2);
    let threads = files.start(&copy("archive", &to, RECORDS));
    eventually_holds(&place.join("00000001.jsonl"), &kept);
    files.keep();
    let first = files.text.clone();
    eventually_holds(&place.join("00000001.jsonl"), &first);
    files.rotate().write(2_000).keep();
    eventually_holds(&place.join("00000002.jsonl"), &files.text);
    assert_eq!(read(place.join("00000001.jsonl")), first);
    let mode = |name: &str| fs::metadata(place.join(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("00000001.jsonl"), mode("00000002.jsonl")), (0o600, 0o600));
    // What a reader of the second ledger needs.
    eventually("head is that of the ledger", || {
        let value =
            |path: PathBuf| serde_json::from_str::<serde_json::Value>(&read(path)).unwrap_or_default();
        value(place.join("head")) == value(files.directory().join("head"))
    });
    assert_eq!(read(place.join("verifier.keys")), read(files.directory().join("verifier.keys")));
    eventually_all(&threads, "archive");
    assert_eq!(threads.copies().first_needed(), Some(2));
    threads.stop();
    // Retention asks before the thread of the copy has looked at anything.
    for _ in 0..20 {
        let again = files.start(&copy("archive", &to, RECORDS));
        assert_eq!(again.copies().first_needed(), Some(2));
        assert!(status(&again, "archive").last_taken_us.is_some());
        again.stop();
    }
    let cursor = files.directory().join("copies/archive.json");
    assert_eq!(fs::metadata(&cursor).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn a_restart_goes_on_where_it_was_and_what_broke_off_is_completed() {
    let mut files = Files::new();
    let (place, to) = folder(&files);
    let copies = copy("archive", &to, RECORDS);
    files.write(5).keep();
    files.start(&copies).stop();
    assert_eq!(read(place.join("00000001.jsonl")), files.text, "what is left is brought away at the stop");
    files.write(5).keep();
    // The place had more than the cursor says, and the last line only half.
    let half = files.text.len() - 100;
    fs::write(place.join("00000001.jsonl"), &files.text[..half]).unwrap();
    let threads = files.start(&copies);
    eventually_holds(&place.join("00000001.jsonl"), &files.text);
    threads.stop();
}

#[test]
fn what_was_taken_from_the_place_is_brought_again() {
    let mut files = Files::new();
    let (place, to) = folder(&files);
    let copies = copy("archive", &to, RECORDS);
    files.write(5).keep();
    files.start(&copies).stop();
    fs::write(place.join("00000001.jsonl"), &files.text[..100]).unwrap();
    files.write(5).keep();
    let threads = files.start(&copies);
    eventually_holds(&place.join("00000001.jsonl"), &files.text);
    assert_eq!(status(&threads, "archive").failures, 1);
    threads.stop();
}

#[test]
fn a_place_with_other_lines_is_not_written_and_is_told() {
    let mut files = Files::new();
    let (place, to) = folder(&files);
    fs::write(place.join("00000001.jsonl"), "{\"another\":\"ledger\"}\n").unwrap();
    files.write(5).keep();
    let threads = files.start(&copy("archive", &to, RECORDS));
    eventually_fails(&threads, "archive", "differs");
    threads.stop();
    assert_eq!(read(place.join("00000001.jsonl")), "{\"another\":\"ledger\"}\n");
}

#[test]
fn a_folder_that_is_not_there_is_not_made_and_one_that_comes_back_gets_everything() {
    let mut files = Files::new();
    files.write(5).keep();
    let place = files.path("mounted/later");
    let threads = files.start(&copy("archive", &format!("file://{}", place.display()), RECORDS));
    eventually_fails(&threads, "archive", "missing");
    assert!(!place.exists());
    assert_eq!(status(&threads, "archive").last_taken_us, None);
    assert_eq!(threads.copies().first_needed(), Some(0));
    fs::create_dir_all(&place).unwrap();
    eventually_holds(&place.join("00000001.jsonl"), &files.text);
    eventually_all(&threads, "archive");
    threads.stop();
}

#[test]
fn two_gateways_do_not_mix_their_lines_in_one_folder() {
    let (mut one, mut other) = (Files::new(), Files::new());
    let (place, to) = folder(&one);
    one.write(5).keep();
    other.write(7).keep();
    let first = one.start(&copy("archive", &to, RECORDS));
    eventually_holds(&place.join("00000001.jsonl"), &one.text);
    let second = other.start(&copy("archive", &to, RECORDS));
    eventually_fails(&second, "archive", "taken");
    second.stop();
    first.stop();
    assert_eq!(read(place.join("00000001.jsonl")), one.text);
}

#[test]
fn a_ledger_that_ends_before_its_copy_is_told() {
    let mut files = Files::new();
    let (place, to) = folder(&files);
    files.write(2).keep();
    let (earlier, head) = (files.text.clone(), read(files.directory().join("head")));
    files.write(3).keep();
    let threads = files.start(&copy("archive", &to, RECORDS));
    eventually_holds(&place.join("00000001.jsonl"), &files.text);
    fs::write(files.directory().join("00000001.jsonl"), earlier).unwrap();
    fs::write(files.directory().join("head"), head).unwrap();
    eventually_fails(&threads, "archive", "shorter");
    threads.stop();
    assert_eq!(read(place.join("00000001.jsonl")), files.text);
}

#[test]
fn compressed_and_removed_segments_and_torn_ends_are_stepped_over_in_order() {
    let mut files = Files::new();
    let (place, to) = folder(&files);
    // Long enough for several batches out of one compressed file.
    files.write(5_000).keep();
    let first = files.text.clone();
    files.rotate().write(3).keep().rotate().write(3).keep();
    // The writer crashed while it wrote; the next one has begun another segment.
    let torn = files.text.clone() + "{\"v\":1,\"event\":\"confi";
    fs::write(files.directory().join("00000003.jsonl"), &torn).unwrap();
    files.rotate().write(3).keep();
    let packed = zstd::encode_all(first.as_bytes(), 3).unwrap();
    fs::write(files.directory().join("00000001.jsonl.zst"), packed).unwrap();
    fs::remove_file(files.directory().join("00000001.jsonl")).unwrap();
    fs::remove_file(files.directory().join("00000002.jsonl")).unwrap();
    let threads = files.start(&copy("archive", &to, RECORDS));
    eventually_holds(&place.join("00000004.jsonl"), &files.text);
    threads.stop();
    assert!(read(place.join("00000001.jsonl")) == first, "the compressed segment is there as it was");
    assert_eq!(read(place.join("00000003.jsonl")), torn);
    assert!(!place.join("00000002.jsonl").exists());
}

#[test]
fn checkpoints_gather_behind_each_other_and_the_newest_wins() {
    let mut files = Files::new();
    let (place, to) = folder(&files);
    let copies = copy("archive", &to, "");
    files.write(1).sign();
    let second = files.write(1).sign();
    let threads = files.start(&copies);
    let gathered = place.join("checkpoints.note");
    eventually_holds(&gathered, &second);
    let third = files.write(1).sign();
    eventually_holds(&gathered, &format!("{second}{third}"));
    threads.stop();
    // Nothing is told twice, not even when it is forgotten what was told.
    fs::remove_file(files.directory().join("copies/archive.json")).unwrap();
    files.start(&copies).stop();
    assert_eq!(read(&gathered), format!("{second}{third}"));
    // What broke off does not run into the next one.
    fs::OpenOptions::new().append(true).open(&gathered).unwrap().write_all(b"dragoman-led").unwrap();
    let fourth = files.write(1).sign();
    files.start(&copies).stop();
    assert_eq!(read(&gathered), format!("{second}{third}{fourth}"));
    // Also where it broke off behind a line, and what is none of ours is left alone.
    let half = fourth.split_inclusive('\n').take(3).collect::<String>();
    fs::write(&gathered, format!("{second}{half}")).unwrap();
    let fifth = files.write(1).sign();
    files.start(&copies).stop();
    assert_eq!(read(&gathered), format!("{second}{fifth}"));
    fs::write(&gathered, "a remark\n").unwrap();
    let sixth = files.write(1).sign();
    files.start(&copies).stop();
    assert_eq!(read(&gathered), format!("a remark\n{sixth}"));
    assert_eq!(fs::metadata(&gathered).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn another_place_of_the_same_name_begins_anew() {
    let mut files = Files::new();
    let (_, to) = folder(&files);
    files.write(5).keep();
    files.start(&copy("archive", &to, RECORDS)).stop();
    let other = files.path("other");
    fs::create_dir(&other).unwrap();
    files.start(&copy("archive", &format!("file://{}", other.display()), RECORDS)).stop();
    assert_eq!(read(other.join("00000001.jsonl")), files.text);
}
