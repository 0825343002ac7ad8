//! Does a dead place delay anybody else, and what does one that is required do?

use super::collector::{Collector, Manner};
use super::server::{Authority, Server, nobody};
use super::*;
use crate::ledger::tests::{TOO_LONG, holds_times};
use crate::ledger::verify::{Options, Verdict, Verification, verify};
use crate::ledger::{CheckpointSettings, Ledger, LedgerSettings};
use exchange::{Event, Record, RecordBody};
use relay::journal::journal;

/// What a dead place is waited for, at least.
const DEAD_MIN: Duration = Duration::from_secs(4);

/// Whether a stop took no longer than it may. On a machine that does other things, too, the thread that stops may come back
/// late; there only who waits without an end is found.
fn is_in_time(stop: Duration) -> bool {
    stop < if holds_times() { STOP_MAX + Duration::from_secs(1) } else { TOO_LONG }
}

/// The copies, two living ones beside others, and the longest of five rounds until both have everything.
fn longest_round(authority: &Authority, others: &str) -> (Files, CopyThreads, Collector, Duration) {
    let mut files = Files::new();
    let collector = Collector::start(authority, Manner::Reads);
    let place = files.path("copy");
    fs::create_dir(&place).unwrap();
    let ca = format!("content = 'records'\nca = '{}'", authority.file.display());
    let to = format!("syslog+tls://localhost:{}", collector.server.port);
    let living = copy("collector", &to, &ca)
        + &copy("archive", &format!("file://{}", place.display()), "content = 'records'");
    let threads = files.start(&format!("{others}{living}"));
    let mut longest = Duration::ZERO;
    for _ in 0..5 {
        files.write(200).keep();
        let began = Instant::now();
        eventually("the collector has all", || collector.texts() == files.lines());
        eventually("the archive has all", || {
            fs::read_to_string(place.join("00000001.jsonl")).unwrap_or_default() == files.text
        });
        longest = longest.max(began.elapsed());
    }
    (files, threads, collector, longest)
}

#[test]
fn dead_places_of_every_kind_delay_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::new(folder.path(), "ca");
    let other = Authority::new(folder.path(), "other");
    let (_files, threads, _collector, alone) = longest_round(&authority, "");
    threads.stop();
    let ca = format!("content = 'records'\nca = '{}'", authority.file.display());
    let (silent, stranger) = (Server::silent(), Collector::start(&other, Manner::Reads));
    let syslog = |port: u16| format!("syslog+tls://localhost:{port}");
    let dead = [
        copy("silent", &syslog(silent.port), &ca),
        copy("mute", &format!("https://localhost:{}/", silent.port), &ca),
        copy("away", &syslog(nobody()), &ca),
        copy("stranger", &syslog(stranger.server.port), &ca),
        copy("unmounted", "file:///nowhere/that/is/mounted", "content = 'records'"),
    ];
    let (_files, threads, _collector, longest) = longest_round(&authority, &dead.concat());
    assert!(longest < alone + DEAD_MIN, "{longest:?}, and {alone:?} without dead places");
    for (name, error) in [("away", "away"), ("stranger", "tls"), ("unmounted", "missing")] {
        eventually_fails(&threads, name, error);
    }
    let began = Instant::now();
    threads.stop();
    assert!(is_in_time(began.elapsed()), "{:?}", began.elapsed());
}

#[test]
fn a_required_place_that_takes_nothing_makes_the_ledger_fail_until_it_does() {
    let mut files = Files::new();
    let place = files.path("copy");
    let health = Arc::new(LedgerHealth::default());
    let to = format!("file://{}", place.display());
    let required = "content = 'records'\non_failure = 'refuse'\npatience_seconds = 1";
    let copies =
        copy("archive", &to, required) + &copy("other", "file:///nowhere/at/all", "content = 'records'");
    let threads =
        CopyThreads::start(&files.directory(), files.settings(&copies), Arc::clone(&health)).unwrap();
    // There is nothing to take, so nothing has failed.
    files.write(3);
    assert!(!health.is_failing());
    let began = Instant::now();
    files.keep();
    eventually("it has failed", || health.is_failing());
    assert!(began.elapsed() > Duration::from_secs(1), "{:?}", began.elapsed());
    assert!(status(&threads, "archive").failed && health.is_copy_failing());
    // One that is not required has failed as long and does nothing.
    fs::create_dir(&place).unwrap();
    eventually("it works again", || !health.is_failing());
    eventually_all(&threads, "archive");
    // The ledger's own failure is another one.
    health.set_failing(true);
    assert!(health.is_failing() && !health.is_copy_failing());
    threads.stop();
}

#[test]
fn a_stop_is_not_held_up_by_a_silent_place() {
    let mut files = Files::new();
    let authority = Authority::new(files.folder.path(), "ca");
    let silent = Server::silent();
    files.write(3).keep();
    let ca = format!("content = 'records'\nca = '{}'", authority.file.display());
    let threads = files.start(&copy("silent", &format!("syslog+tls://localhost:{}", silent.port), &ca));
    eventually("it waits", || status(&threads, "silent").lag_seconds > 0);
    let began = Instant::now();
    threads.stop();
    assert!(is_in_time(began.elapsed()), "{:?}", began.elapsed());
}

/// Writes so many records with a ledger of its own, in small segments with many checkpoints.
fn write(files: &Files, records: u64) {
    let health = Arc::new(LedgerHealth::default());
    let (mut journal, reader) = journal(Arc::clone(&health));
    let every = Duration::from_millis(20);
    let settings = LedgerSettings {
        keys: files.path("keys"),
        segment_bytes_max: 20_000,
        checkpoints: CheckpointSettings { every_records: 50, every, key: None },
        ..LedgerSettings::new(files.directory())
    };
    let ledger = Ledger::open(settings, health).unwrap().spawn(vec![reader]).unwrap();
    for number in 0..records {
        let body = RecordBody::Note(format!("record {number}").into());
        let record = Record { event: Event::ConfigChanged, at_us: number, session: None, body };
        journal.offer(record).unwrap();
        if number % 100 == 99 {
            eventually("it is written", || ledger.stats().records() > number);
        }
    }
    ledger.close().unwrap();
}

fn verified(directory: PathBuf, checkpoints: Vec<PathBuf>) -> Verification {
    let options = Options { directories: vec![directory], checkpoints, ..Options::default() };
    verify(&options, &mut |_, _| {}).unwrap()
}

#[test]
fn a_copy_of_a_real_ledger_verifies_by_itself_and_gathered_checkpoints_show_what_was_cut() {
    let files = Files::new();
    fs::remove_file(files.directory().join("verifier.keys")).unwrap();
    let (archive, notes) = (files.path("archive"), files.path("notes"));
    fs::create_dir(&archive).unwrap();
    fs::create_dir(&notes).unwrap();
    let copies = copy("archive", &format!("file://{}", archive.display()), "content = 'records'")
        + &copy("notes", &format!("file://{}", notes.display()), "");
    for records in [1_000, 500] {
        let threads = files.start(&copies);
        write(&files, records);
        threads.stop();
    }
    let whole = verified(archive.clone(), Vec::new());
    assert_eq!(
        (whole.integrity, whole.completeness),
        (Verdict::Holds, Verdict::Holds),
        "{:?}",
        whole.findings
    );
    assert!(whole.records > 1_500 && whole.segments > 5 && whole.writers == 2, "{whole:?}");
    for entry in fs::read_dir(files.directory()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension() == Some("jsonl".as_ref()) {
            let copied = fs::read(archive.join(path.file_name().unwrap())).unwrap();
            assert!(copied == fs::read(&path).unwrap(), "{}", path.display());
        }
    }
    let gathered = notes.join("checkpoints.note");
    let against = verified(files.directory(), vec![gathered.clone()]);
    assert_eq!(
        (against.integrity, against.completeness),
        (Verdict::Holds, Verdict::Holds),
        "{:?}",
        against.findings
    );
    assert!(against.outside_checkpoints >= 2, "{against:?}");
    // Put back to an earlier state, with everything in it: only the other place knows better.
    let newest = (1..).map(|number| files.directory().join(format!("{number:08}.jsonl")));
    let newest = newest.take_while(|path| path.exists()).last().unwrap();
    fs::remove_file(newest).unwrap();
    fs::remove_file(files.directory().join("head")).unwrap();
    let cut = verified(files.directory(), vec![gathered]);
    assert_eq!(cut.completeness, Verdict::Broken, "{:?}", cut.findings);
}
