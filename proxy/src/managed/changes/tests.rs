//! Does a change of a mode end when it should, whatever clocks do and however often the data plane starts anew?
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::*;
use crate::config;
use tempfile::TempDir;

const MINUTE_US: i64 = 60_000_000;
/// When everything begins, by the wall clock.
const START_US: i64 = 1_790_000_000_000_000;

fn settings(more: &str) -> (TempDir, Config) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("dragoman.toml");
    let text = "[[listener]]\nname = 'shop'\nlisten = '127.0.0.1:1'\nupstream = '127.0.0.1:5432'\nmode = 'enforce'\n";
    std::fs::write(&file, format!("{text}{more}\n")).unwrap();
    let config = config::load(&file, std::iter::empty()).unwrap();
    (folder, config)
}

const PERMITS: &str = "managed = true\nmode_changes = true";

/// `wall` and `up` minutes after everything began, in one start of the machine.
fn at(wall: i64, up: u64) -> Moment {
    Moment {
        wall_us: START_US + wall * MINUTE_US,
        up_ms: 500_000 + up * 60_000,
        boot: "one-start".to_owned(),
    }
}

/// The same in another start of the machine.
fn rebooted(wall: i64, up: u64) -> Moment {
    Moment { boot: "another-start".to_owned(), ..at(wall, up) }
}

/// Observing for ten minutes.
fn change() -> ModeChange {
    ModeChange {
        id: "c1".to_owned(),
        listener: "shop".to_owned(),
        workspace: "default".to_owned(),
        enforces: false,
        until_us: START_US + 10 * MINUTE_US,
        seconds: 600,
        reason: "orders are stuck".to_owned(),
        asked_by: "ann@example.org".to_owned(),
        approved_by: "ben@example.org".to_owned(),
        ended_by: None,
    }
}

fn snapshot(changes: &[ModeChange]) -> Snapshot {
    Snapshot { version: 1, mode_changes: changes.to_vec(), ..Snapshot::default() }
}

/// What holds after `change` was published at the beginning.
fn begun(config: &Config, change: &ModeChange) -> Changes {
    let mut changes = Changes::default();
    changes.want(&snapshot(std::slice::from_ref(change)));
    changes.settle(config, &at(0, 0));
    changes
}

/// Whether it holds, and what is told.
fn look(changes: &mut Changes, config: &Config, now: &Moment) -> (bool, Vec<String>) {
    let told = changes.settle(config, now);
    (changes.of("shop").is_some(), told.into_iter().map(|one| one.words).collect())
}

const TIME: &str = "mode change c1 is over: its time is up";

#[test]
fn a_change_begins_with_who_and_why_and_ends_when_its_time_is_up() {
    let (_folder, config) = settings(PERMITS);
    let mut changes = Changes::default();
    changes.want(&snapshot(&[change()]));
    let (holds, told) = look(&mut changes, &config, &at(0, 0));
    let until = moments::write(START_US + 10 * MINUTE_US);
    let expected = format!(
        "mode change c1 begins, until {until} at the latest, asked for by ann@example.org, approved by ben@example.org: \
         orders are stuck"
    );
    assert_eq!((holds, told), (true, vec![expected]));
    assert_eq!(changes.left(&at(4, 4)), Some(Duration::from_secs(360)));
    assert_eq!(look(&mut changes, &config, &at(9, 9)), (true, vec![]));
    assert_eq!(look(&mut changes, &config, &at(10, 10)), (false, vec![TIME.to_owned()]));
    assert_eq!(look(&mut changes, &config, &at(11, 11)), (false, vec![]));
}

#[test]
fn no_clock_that_is_set_makes_it_longer_and_what_is_over_stays_over() {
    let (_folder, config) = settings(PERMITS);
    // The wall clock is set back while it holds.
    let mut changes = begun(&config, &change());
    assert!(look(&mut changes, &config, &at(-60, 9)).0);
    assert_eq!(look(&mut changes, &config, &at(-60, 10)), (false, vec![TIME.to_owned()]));
    assert_eq!(look(&mut changes, &config, &at(-60, 11)), (false, vec![]));
    // It is set forward.
    let mut changes = begun(&config, &change());
    assert_eq!(look(&mut changes, &config, &at(10, 1)), (false, vec![TIME.to_owned()]));
    assert!(!look(&mut changes, &config, &at(1, 2)).0, "and back");
    // The control plane's is hours ahead: what it calls ten minutes from now is later here.
    let ahead = ModeChange { until_us: START_US + 300 * MINUTE_US, ..change() };
    let mut changes = begun(&config, &ahead);
    assert!(look(&mut changes, &config, &at(9, 9)).0);
    assert!(!look(&mut changes, &config, &at(10, 10)).0);
    // It wants a year.
    let year = ModeChange { until_us: i64::MAX, seconds: u32::MAX, ..change() };
    let mut changes = begun(&config, &year);
    assert!(look(&mut changes, &config, &at(1_439, 1_439)).0);
    assert!(!look(&mut changes, &config, &at(1_440, 1_440)).0);
    // It comes when it is over.
    let late = ModeChange { until_us: START_US, ..change() };
    assert!(begun(&config, &late).of("shop").is_none());
}

#[test]
fn a_restart_goes_on_to_the_same_end() {
    let (folder, config) = settings(PERMITS);
    let kept = Kept::beside(&folder.path().join("ledger"));
    let snapshot = snapshot(&[change()]);
    begun(&config, &change()).keep(&kept, &at(0, 0)).unwrap();
    let restarted = |now: &Moment| {
        let mut changes = Changes::begin(&kept, Some(&snapshot), now);
        look(&mut changes, &config, now)
    };
    assert_eq!(restarted(&at(9, 9)), (true, vec![]));
    assert_eq!(restarted(&at(10, 10)), (false, vec![TIME.to_owned()]));
    assert_eq!(
        restarted(&at(-60, 10)),
        (false, vec![TIME.to_owned()]),
        "the wall clock was set back meanwhile"
    );
    assert!(restarted(&at(-60, 9)).0, "the clock that nobody sets goes on");
    // After a start of the machine only the wall clock is left.
    assert_eq!(restarted(&rebooted(9, 0)), (true, vec![]));
    assert!(!restarted(&rebooted(10, 0)).0);
    assert!(!restarted(&rebooted(-1, 0)).0, "a wall clock before the beginning was set back");
    // What was over is not begun again by the snapshot that is kept.
    let mut over = begun(&config, &change());
    look(&mut over, &config, &at(10, 10));
    over.keep(&kept, &at(10, 10)).unwrap();
    assert_eq!(restarted(&at(5, 11)), (false, vec![]));
    assert_eq!(restarted(&rebooted(5, 0)), (false, vec![]));
    // Nor where it cannot be told what was.
    std::fs::write(folder.path().join("mode-changes.json"), "{}").unwrap();
    assert_eq!(restarted(&at(1, 1)), (false, vec![]));
}

#[test]
fn settings_that_do_not_say_so_permit_nothing() {
    for more in ["", "managed = true", "managed = true\nmode_changes = false"] {
        let (_folder, config) = settings(more);
        let mut changes = Changes::default();
        changes.want(&snapshot(&[change()]));
        let (holds, told) = look(&mut changes, &config, &at(0, 0));
        let refused = "mode change c1, asked for by ann@example.org, is refused: the settings file does not permit it \
                       (`mode_changes`)";
        assert_eq!((holds, told), (false, vec![refused.to_owned()]), "{more}");
        assert_eq!(look(&mut changes, &config, &at(1, 1)), (false, vec![]), "it is told once");
        // Settings that permit it later find what is left of it.
        let (_folder, permits) = settings(PERMITS);
        assert!(look(&mut changes, &permits, &at(9, 9)).0);
        let (holds, told) = look(&mut changes, &config, &at(9, 9));
        assert!(!holds && told[0].ends_with("does not permit it any more (`mode_changes`)"), "{told:?}");
        assert!(!look(&mut changes, &permits, &at(9, 9)).0, "what was ended so does not begin again");
    }
    let (_folder, config) = settings(PERMITS);
    for strange in [
        ModeChange { workspace: "another".to_owned(), ..change() },
        ModeChange { listener: "another".to_owned(), ..change() },
    ] {
        let mut changes = Changes::default();
        changes.want(&snapshot(&[strange]));
        assert_eq!(look(&mut changes, &config, &at(0, 0)), (false, vec![]));
    }
}

#[test]
fn it_ends_early_where_somebody_says_so_or_nothing_is_published_of_it_any_more() {
    let (_folder, config) = settings(PERMITS);
    let mut changes = begun(&config, &change());
    changes.want(&snapshot(&[ModeChange { ended_by: Some("cy@example.org".to_owned()), ..change() }]));
    let told = vec!["mode change c1 is over: ended before its time by cy@example.org".to_owned()];
    assert_eq!(look(&mut changes, &config, &at(1, 1)), (false, told));
    let mut changes = begun(&config, &change());
    changes.want(&snapshot(&[]));
    let told = vec!["mode change c1 is over: it was taken back".to_owned()];
    assert_eq!(look(&mut changes, &config, &at(1, 1)), (false, told));
}

#[test]
fn one_that_cannot_be_kept_does_not_begin() {
    let (_folder, config) = settings(PERMITS);
    let mut changes = Changes::default();
    changes.want(&snapshot(&[change()]));
    let mut told = changes.settle(&config, &at(0, 0));
    changes.give_up_new(&Changes::default(), &mut told);
    assert!(changes.of("shop").is_none());
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].words.ends_with("it cannot be kept for a restart"), "{told:?}");
}
