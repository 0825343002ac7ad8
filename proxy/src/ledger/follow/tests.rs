//! Is everything shown that comes, once each, whatever becomes of the files?
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::*;
use std::fs::OpenOptions;
use std::io::Write as _;

struct Scene {
    folder: tempfile::TempDir,
    follower: Follower,
}

impl Scene {
    fn new(segments: &[(u64, &str)]) -> Scene {
        let folder = tempfile::tempdir().unwrap();
        for (number, text) in segments {
            std::fs::write(folder.path().join(format!("{number:08}.jsonl")), text).unwrap();
        }
        let follower = Follower::at_end(folder.path()).unwrap();
        Scene { folder, follower }
    }

    fn path(&self, number: u64) -> PathBuf {
        self.folder.path().join(format!("{number:08}.jsonl"))
    }

    fn write(&self, number: u64, text: &str) {
        let mut file = OpenOptions::new().append(true).create(true).open(self.path(number)).unwrap();
        file.write_all(text.as_bytes()).unwrap();
    }

    fn look(&mut self) -> Vec<String> {
        let mut lines = Vec::new();
        let went = self.follower.look(&mut |line| {
            lines.push(String::from_utf8(line.to_vec()).unwrap());
            Ok(ControlFlow::Continue(()))
        });
        assert!(went.unwrap().is_continue());
        lines
    }
}

#[test]
fn what_was_there_is_not_shown_and_what_comes_is() {
    let mut scene = Scene::new(&[(1, "a\nb\n"), (2, "c\nd\ne")]);
    assert!(scene.look().is_empty());
    scene.write(2, "e");
    assert!(scene.look().is_empty(), "a line that is not finished is not there yet");
    scene.write(2, "\nf\n");
    assert_eq!(scene.look(), ["ee", "f"]);
    assert!(scene.look().is_empty());
}

#[test]
fn it_goes_on_in_the_next_segments_and_takes_the_rest_of_the_last() {
    let mut scene = Scene::new(&[(1, "a\n")]);
    scene.write(1, "b\ntorn");
    scene.write(2, "c\n");
    scene.write(3, "d\n");
    assert_eq!(scene.look(), ["b", "c", "d"]);
    std::fs::remove_file(scene.path(3)).unwrap();
    scene.write(5, "e\n");
    assert_eq!(scene.look(), ["e"], "a segment that is gone is passed over");
}

#[test]
fn it_begins_with_nothing_and_finds_what_comes() {
    let mut scene = Scene::new(&[]);
    assert!(scene.look().is_empty());
    scene.write(1, "a\n");
    assert_eq!(scene.look(), ["a"]);
}

#[test]
fn a_write_that_failed_and_was_cut_off_is_not_missed_later() {
    let mut scene = Scene::new(&[(1, "a\n")]);
    scene.write(1, "bbbb\n");
    assert_eq!(scene.look(), ["bbbb"]);
    OpenOptions::new().write(true).open(scene.path(1)).unwrap().set_len(2).unwrap();
    assert!(scene.look().is_empty());
    scene.write(1, "c\n");
    assert_eq!(scene.look(), ["c"]);
}

#[test]
fn a_line_that_is_too_long_is_passed_over() {
    let mut scene = Scene::new(&[(1, "a\n")]);
    scene.write(1, &format!("{}\nb\n", "x".repeat(2 * READ_BYTES + 7)));
    assert_eq!(scene.look(), ["b"]);
}

#[test]
fn whoever_has_enough_ends_it() {
    let mut scene = Scene::new(&[(1, "a\n")]);
    scene.write(1, "b\nc\n");
    let mut seen = 0;
    let went = scene.follower.look(&mut |_| {
        seen += 1;
        Ok(ControlFlow::Break(()))
    });
    assert!(went.unwrap().is_break());
    assert_eq!(seen, 1);
    assert_eq!(scene.look(), ["c"], "and may go on later");
}

#[test]
fn a_pipe_is_read_until_its_other_end_is_closed() {
    let (reader, writer) = std::io::pipe().unwrap();
    assert!(is_read(&writer));
    drop(reader);
    assert!(!is_read(&writer));
    assert!(is_read(tempfile::tempfile().unwrap()), "a file always is");
}
