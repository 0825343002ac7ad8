//! Old segments go, the ledger stays whole, and nothing goes that somebody should look at first.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use super::*;
use crate::ledger::copies::{Content, CopySettings, CopyThreads, Place};
use crate::ledger::verify::{self, Options, Verdict, Verification};
use crate::ledger::{Ledger, LedgerHandle, LedgerSettings, Sync};
use relay::journal::LedgerHealth;
use serde_json::Value;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A rule that everything is too old for, two days from now.
const OLD: Rule = Rule { days: 1, bytes: 0 };

fn in_two_days() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    i64::try_from(now.as_micros()).unwrap() + 2 * DAY_US
}

/// A ledger at work, with segments of a few lines.
struct Scene {
    folder: tempfile::TempDir,
    ledger: LedgerHandle,
}

impl Scene {
    fn start() -> Scene {
        let folder = tempfile::tempdir().unwrap();
        let ledger = open(&folder.path().join("ledger"));
        Scene { folder, ledger }
    }

    fn directory(&self) -> PathBuf {
        self.folder.path().join("ledger")
    }

    /// Stops in order and starts again.
    fn again(self) -> Scene {
        self.ledger.close().unwrap();
        let ledger = open(&self.folder.path().join("ledger"));
        Scene { ledger, folder: self.folder }
    }

    /// Writes until there are so many segments more; all of it is on the disk then.
    fn grow(&self, segments: usize) {
        let until = self.files().len() + segments;
        let orders = self.ledger.orders();
        let members = format!("\"note\":\"{}\"", "x".repeat(300));
        while self.files().len() < until {
            orders.tell(Event::ConfigChanged, members.clone().into_bytes(), false).unwrap();
        }
    }

    fn files(&self) -> Vec<SegmentFile> {
        segments::all(&self.directory()).unwrap()
    }

    fn numbers(&self) -> Vec<u64> {
        self.files().iter().map(|file| file.number).collect()
    }

    fn retention(&self, rule: Rule) -> Retention {
        Retention::new(self.directory(), rule, self.ledger.orders(), Copies::default())
    }

    /// What the ledger tells was removed, the oldest first.
    fn removals(&self) -> Vec<Value> {
        let mut found = Vec::new();
        for file in self.files() {
            let read = file.lines(|line| {
                let line: Value = serde_json::from_slice(line).unwrap();
                found.extend(line.get("removed").cloned());
                true
            });
            read.unwrap();
        }
        found
    }

    /// What the verifier says of it once it is closed.
    fn verified(self) -> (Verification, tempfile::TempDir) {
        self.ledger.close().unwrap();
        (verification(&self.folder.path().join("ledger")), self.folder)
    }
}

fn open(directory: &std::path::Path) -> LedgerHandle {
    let mut settings = LedgerSettings { sync: Sync::Group, ..LedgerSettings::new(directory) };
    settings.segment_bytes_max = 4_000;
    Ledger::open(settings, Arc::new(LedgerHealth::default())).unwrap().spawn(Vec::new()).unwrap()
}

fn verification(directory: &std::path::Path) -> Verification {
    let options = Options { directories: vec![directory.to_owned()], ..Options::default() };
    verify::verify(&options, &mut |_, _| {}).unwrap()
}

fn verdicts(found: &Verification) -> (Verdict, Verdict) {
    (found.integrity, found.completeness)
}

const WHOLE: (Verdict, Verdict) = (Verdict::Holds, Verdict::Holds);

fn removed(looked: Result<Looked, Hindrance>) -> LedgerRemoval {
    match looked.unwrap() {
        Looked::Removed(removal) => removal,
        Looked::Nothing => panic!("nothing was removed"),
    }
}

/// Puts back what was there, as a crash leaves it.
fn put_back(kept: &[(PathBuf, Vec<u8>)], scene: &Scene) {
    kept.iter().for_each(|(path, bytes)| fs::write(path, bytes).unwrap());
    Plan { since: 1 }.begin(&scene.directory()).unwrap();
}

fn contents(files: &[SegmentFile]) -> Vec<(PathBuf, Vec<u8>)> {
    files.iter().map(|file| (file.path.clone(), fs::read(&file.path).unwrap())).collect()
}

#[test]
fn what_is_too_old_goes_but_for_the_newest_two_and_the_ledger_stays_whole() {
    let scene = Scene::start();
    scene.grow(6);
    let before = scene.files();
    let mut retention = scene.retention(OLD);
    assert_eq!(retention.look(in_two_days() - 2 * DAY_US).unwrap(), Looked::Nothing, "nothing is old yet");
    assert_eq!(scene.files(), before);
    fs::write(scene.directory().join("00000001.idx"), "an index").unwrap();
    let removal = removed(retention.look(in_two_days()));
    let gone = before.len() - 2;
    assert_eq!((removal.first_segment, removal.last_segment), (1, gone as u64));
    assert_eq!(removal.bytes, before[..gone].iter().map(|file| file.bytes).sum::<u64>());
    assert_eq!(scene.numbers()[0], gone as u64 + 1);
    assert!(!scene.directory().join("00000001.idx").exists() && !scene.directory().join("removing").exists());
    // The ledger tells of what is gone: the first line that is left is tied to the last one.
    let told = scene.removals();
    let first = scene.files()[0].first_line().unwrap().unwrap();
    let first: Value = serde_json::from_slice(&first).unwrap();
    let end = told[0]["writers"].as_array().unwrap().last().unwrap().clone();
    assert_eq!((told.len(), &first["prev"]), (1, &end["hash"]));
    assert_eq!(told[0]["records"], end["records"], "of one writer, from its first line on");
    assert_eq!(first["seq"].as_u64().unwrap(), removal.records + 1);
    assert_eq!(retention.look(in_two_days()).unwrap(), Looked::Nothing, "what is left is the newest two");
    let (found, _folder) = scene.verified();
    assert_eq!(verdicts(&found), WHOLE, "{found:#?}");
    assert_eq!(found.removed, removal.records);
}

#[test]
fn what_takes_too_much_room_goes_and_removals_follow_each_other() {
    let scene = Scene::start();
    scene.grow(5);
    let scene = scene.again();
    scene.grow(3);
    let total: u64 = scene.files().iter().map(|file| file.bytes).sum();
    let oldest = scene.files()[0].bytes;
    let mut retention = scene.retention(Rule { days: 0, bytes: total + 1_000_000 });
    assert_eq!(retention.look(in_two_days()).unwrap(), Looked::Nothing, "there is room");
    let mut retention = scene.retention(Rule { days: 0, bytes: total - oldest });
    let first = removed(retention.look(in_two_days()));
    assert_eq!((first.first_segment, first.last_segment), (1, 1));
    // Whoever looks next, after a restart too, goes on where the last removal ended: over the end of a writer.
    let scene = scene.again();
    let mut retention = scene.retention(Rule { days: 0, bytes: 1 });
    let second = removed(retention.look(in_two_days()));
    assert_eq!(second.first_segment, 2);
    assert_eq!(scene.files().len(), 2 + usize::from(scene.removals().len() > 2));
    assert_eq!(retention.last().unwrap(), second);
    let writers = scene.removals().last().unwrap()["writers"].as_array().unwrap().len();
    assert!(writers >= 2, "the last removal tells of every writer that lost lines");
    // Again, until the record of the first removal itself is gone.
    scene.grow(4);
    let third = removed(retention.look(in_two_days()));
    assert_eq!(third.first_segment, second.last_segment + 1);
    let (found, _folder) = scene.verified();
    assert_eq!(verdicts(&found), WHOLE, "{found:#?}");
}

#[test]
fn compressed_segments_go_as_well() {
    let scene = Scene::start();
    scene.grow(5);
    for file in &scene.files()[..2] {
        let packed = zstd::stream::encode_all(fs::read(&file.path).unwrap().as_slice(), 1).unwrap();
        fs::write(file.path.with_extension("jsonl.zst"), packed).unwrap();
        fs::remove_file(&file.path).unwrap();
    }
    let removal = removed(scene.retention(OLD).look(in_two_days()));
    assert_eq!(removal.first_segment, 1);
    assert!(removal.last_segment > 2);
    assert!(!scene.directory().join("00000001.jsonl.zst").exists());
    let (found, _folder) = scene.verified();
    assert_eq!(verdicts(&found), WHOLE, "{found:#?}");
}

#[test]
fn a_crash_in_between_is_mended_without_telling_twice() {
    for left in [0, 1, 3] {
        let scene = Scene::start();
        scene.grow(6);
        let kept = contents(&scene.files());
        let removal = removed(scene.retention(OLD).look(in_two_days()));
        let gone = usize::try_from(removal.last_segment).unwrap();
        // As many files as were not removed before the end, the newest of them.
        put_back(&kept[left..gone], &scene);
        let scene = scene.again();
        let mut retention = scene.retention(Rule::default());
        let again = removed(retention.look(in_two_days()));
        assert_eq!((again.last_segment, again.records), (removal.last_segment, removal.records));
        assert_eq!((scene.numbers()[0], scene.removals().len()), (removal.last_segment + 1, 1));
        assert!(!scene.directory().join("removing").exists());
        assert_eq!(retention.look(in_two_days()).unwrap(), Looked::Nothing);
        let (found, _folder) = scene.verified();
        assert_eq!(verdicts(&found), WHOLE, "{found:#?}");
    }
}

#[test]
fn what_was_told_and_is_something_else_stays() {
    let scene = Scene::start();
    scene.grow(6);
    let kept = contents(&scene.files());
    let removal = removed(scene.retention(OLD).look(in_two_days()));
    let last = usize::try_from(removal.last_segment).unwrap() - 1;
    // Another file of the same name, with whole lines of this ledger.
    fs::write(&kept[last].0, &kept[1].1).unwrap();
    let hindrance = scene.retention(OLD).look(in_two_days()).unwrap_err();
    assert!(matches!(hindrance, Hindrance::NotAsTold { .. }) && hindrance.is_grave(), "{hindrance}");
    assert!(kept[last].0.exists());
    let mut changed = kept[last].1.clone();
    changed[20] ^= 1;
    fs::write(&kept[last].0, changed).unwrap();
    let hindrance = scene.retention(OLD).look(in_two_days()).unwrap_err();
    assert!(matches!(hindrance, Hindrance::Damaged(_)), "{hindrance}");
    assert!(kept[last].0.exists());
}

#[test]
fn nothing_goes_that_was_tampered_with() {
    type Tamper = fn(&Scene, &[SegmentFile]);
    let changed: Tamper = |_, files| {
        let mut bytes = fs::read(&files[1].path).unwrap();
        bytes[100] ^= 1;
        fs::write(&files[1].path, bytes).unwrap();
    };
    let cut: Tamper = |_, files| {
        let text = fs::read_to_string(&files[1].path).unwrap();
        let end = text.trim_end().rfind('\n').unwrap();
        fs::write(&files[1].path, &text[..=end]).unwrap();
    };
    let swapped: Tamper = |_, files| {
        let (one, two) = (fs::read(&files[0].path).unwrap(), fs::read(&files[1].path).unwrap());
        fs::write(&files[0].path, two).unwrap();
        fs::write(&files[1].path, one).unwrap();
    };
    let middle_gone: Tamper = |_, files| fs::remove_file(&files[1].path).unwrap();
    let beginning_gone: Tamper = |_, files| fs::remove_file(&files[0].path).unwrap();
    let twice: Tamper = |_, files| fs::write(files[0].path.with_extension("jsonl.zst"), "").unwrap();
    let tampers = [
        (changed, "line 1 of 00000002.jsonl does not have the hash it states"),
        (cut, "line 1 of 00000003.jsonl is not tied to the line before it"),
        (swapped, "line 1 of 00000002.jsonl is not tied to the line before it"),
        (middle_gone, "line 1 of 00000003.jsonl is not tied to the line before it"),
        (beginning_gone, "the ledger begins in the middle with 00000002.jsonl"),
        (twice, "are the same segment twice"),
    ];
    for (tamper, said) in tampers {
        let scene = Scene::start();
        scene.grow(6);
        tamper(&scene, &scene.files());
        let before = fs::read_dir(scene.directory()).unwrap().count();
        let hindrance = scene.retention(OLD).look(in_two_days()).unwrap_err();
        assert!(hindrance.to_string().contains(said), "{hindrance}, not: {said}");
        assert_eq!(fs::read_dir(scene.directory()).unwrap().count(), before, "{said}");
        for entry in fs::read_dir(scene.directory()).unwrap().map(Result::unwrap) {
            let is_folder = entry.file_type().unwrap().is_dir();
            let text = if is_folder { Vec::new() } else { fs::read(entry.path()).unwrap() };
            assert!(!String::from_utf8_lossy(&text).contains("ledger.removed"), "{said}: it was told");
        }
    }
}

#[test]
fn what_goes_by_hand_after_a_removal_is_found_by_the_verifier() {
    let scene = Scene::start();
    scene.grow(7);
    let size: u64 = scene.files()[2..].iter().map(|file| file.bytes).sum();
    removed(scene.retention(Rule { days: 0, bytes: size }).look(in_two_days()));
    let first = scene.files()[0].clone();
    let (found, folder) = scene.verified();
    assert_eq!(verdicts(&found), WHOLE, "{found:#?}");
    let path = folder.path().join("ledger").join(first.name());
    let bytes = fs::read(&path).unwrap();
    let mut changed = bytes.clone();
    changed[120] ^= 1;
    fs::write(&path, changed).unwrap();
    assert_eq!(verification(path.parent().unwrap()).integrity, Verdict::Broken, "what remains was changed");
    fs::remove_file(&path).unwrap();
    let found = verification(path.parent().unwrap());
    assert_eq!(found.completeness, Verdict::Broken, "one more than the ledger tells of: {found:#?}");
    fs::write(&path, bytes).unwrap();
    assert_eq!(verdicts(&verification(path.parent().unwrap())), WHOLE);
}

#[test]
fn a_copy_that_has_not_taken_a_segment_holds_it() {
    let scene = Scene::start();
    scene.grow(5);
    let away = CopySettings {
        name: "archive".to_owned(),
        to: "file:///nowhere".to_owned(),
        place: Place::Folder(scene.folder.path().join("nowhere")),
        content: Content::Records,
        tls: None,
        token: None,
        login: crate::nats::NatsLogin::Nobody,
        is_required: false,
        patience: Duration::from_secs(300),
    };
    let health = Arc::new(LedgerHealth::default());
    let threads = CopyThreads::start(&scene.directory(), vec![away], health).unwrap();
    let orders = scene.ledger.orders();
    let mut retention = Retention::new(scene.directory(), OLD, orders, threads.copies());
    let hindrance = retention.look(in_two_days()).unwrap_err();
    assert!(matches!(hindrance, Hindrance::Copy { .. }) && !hindrance.is_grave(), "{hindrance}");
    assert_eq!(scene.numbers()[0], 1);
    threads.stop();
}

#[test]
fn what_cannot_be_told_does_not_happen() {
    let scene = Scene::start();
    scene.grow(5);
    let mut retention = scene.retention(OLD);
    let Scene { folder, ledger } = scene;
    ledger.close().unwrap();
    let before = segments::all(&folder.path().join("ledger")).unwrap();
    let hindrance = retention.look(in_two_days()).unwrap_err();
    assert!(matches!(hindrance, Hindrance::NotTold(OrderError::Closed)), "{hindrance}");
    assert_eq!(segments::all(&folder.path().join("ledger")).unwrap(), before);
    // The next start finds out that it was not told, and removes it then.
    let scene = Scene { ledger: open(&folder.path().join("ledger")), folder };
    assert_eq!(removed(scene.retention(OLD).look(in_two_days())).first_segment, 1);
    assert_eq!(scene.removals().len(), 1);
}

#[test]
fn a_crash_before_it_was_told_leaves_what_was_told_before_in_force() {
    let scene = Scene::start();
    scene.grow(5);
    let first = removed(scene.retention(OLD).look(in_two_days()));
    scene.grow(3);
    Plan { since: scene.numbers().last().copied().unwrap() }.begin(&scene.directory()).unwrap();
    let scene = scene.again();
    let second = removed(scene.retention(OLD).look(in_two_days()));
    assert_eq!(second.first_segment, first.last_segment + 1);
    let (found, _folder) = scene.verified();
    assert_eq!(verdicts(&found), WHOLE, "{found:#?}");
}

#[test]
fn a_clock_that_jumps_makes_nothing_old() {
    let scene = Scene::start();
    scene.grow(6);
    let before = scene.files();
    let jumped = in_two_days() + 400 * DAY_US;
    let mut retention = scene.retention(Rule { days: 30, bytes: 0 });
    let held = retention.look(jumped).unwrap_err();
    assert!(matches!(held, Hindrance::Silence { .. }) && !held.is_grave(), "{held}");
    assert!(held.to_string().contains("if it is wrong set it right"), "{held}");
    assert_eq!(scene.files(), before);
    // A line that bears the new time is no proof that time has passed.
    let last = scene.directory().join(format!("{:08}.jsonl", before.len()));
    let mut lines = fs::read(&last).unwrap();
    let mut line: Value = serde_json::from_slice(&scene.files()[0].first_line().unwrap().unwrap()).unwrap();
    line["ts"] = moments::write(jumped).into();
    lines.extend(format!("{line}\n").bytes());
    fs::write(&last, lines).unwrap();
    let ahead = DAY_US * SILENCE_LOOKED_AT_DAYS;
    for later in [60_000_000, ahead - 60_000_000] {
        let held = retention.look(jumped + later);
        assert!(matches!(held, Err(Hindrance::Silence { .. })), "{held:?}");
    }
    let (_, behind) = around(&scene.files(), jumped - 1).unwrap();
    assert_eq!(behind, Some(jumped));
    assert!(retention.due(&scene.files(), jumped + ahead + 60_000_000).unwrap() > 0, "nobody objected");
    // By size the oldest go whatever the clock says.
    let mut small = scene.retention(Rule { days: 30, bytes: 1 });
    assert!(small.due(&scene.files(), jumped).unwrap() > 0);
}

#[test]
fn an_ordinary_silence_holds_nothing_up() {
    let scene = Scene::start();
    scene.grow(4);
    let files = scene.files();
    let days_later = |days: i64| in_two_days() + (days - 2) * DAY_US;
    for (days, silent, is_held) in [(1, 2, false), (1, 4, true), (2, 3, true), (30, 31, true)] {
        let due = scene.retention(Rule { days, bytes: 0 }).due(&files, days_later(silent));
        assert_eq!(matches!(due, Err(Hindrance::Silence { .. })), is_held, "{days} {silent}: {due:?}");
    }
}
