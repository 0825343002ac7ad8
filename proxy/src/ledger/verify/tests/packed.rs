//! Does a small file that unpacks to very much take no more memory than a large one?

use super::paper::{sealed, writer_name};
use super::*;
use crate::ledger::verify::scan::{STEPS_MAX, Scanned, scan};
use std::fs;

/// More lines than steps of a segment are handed on.
const LINES: usize = STEPS_MAX + 20_000;

/// The segment that the lines are.
fn scanned(lines: impl Iterator<Item = String>) -> Scanned {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("00000001.jsonl.zst");
    let mut packed = zstd::Encoder::new(fs::File::create(path).unwrap(), 1).unwrap();
    for line in lines {
        std::io::Write::write_all(&mut packed, line.as_bytes()).unwrap();
    }
    packed.finish().unwrap();
    let directories = [folder.path().to_owned()];
    let files = Files::list(&directories, &mut Report::default()).unwrap();
    let believed = Believed::read(&[], &directories).unwrap();
    let wanted = Witnesses::default().positions();
    scan(&files.segments[0], &Question { believed, wanted }, |_| {}).unwrap()
}

fn line(event: &str, writer: u32, seq: usize, members: &str, previous: &str) -> (String, String) {
    let writer = writer_name(writer);
    let (line, hash) = sealed(&format!(
        r#"{{"v":1,"event":"{event}","id":"019fccc5-1580-7c9f-98f2-000000000001","ts":"2026-08-04T00:00:56.000789Z","writer":"{writer}","seq":{seq}{members},"prev":"{previous}""#
    ));
    (line + "\n", hash)
}

#[test]
fn many_equal_lines_say_what_they_say_once() {
    let zeros = "0".repeat(64);
    let (start, hash) = line("writer.start", 1, 1, "", &zeros);
    let (gap, _) = line("writer.gap", 1, 2, ",\"lost\":3", &hash);
    let scanned = scanned(std::iter::once(start).chain(std::iter::repeat_n(gap, LINES)));
    assert_eq!(scanned.lines, LINES as u64 + 1);
    assert!(scanned.steps.len() < 300, "{}", scanned.steps.len());
    assert_eq!((scanned.gaps, scanned.lost), (0, 0), "only the first of them is in its place");
}

#[test]
fn many_gaps_in_their_places_are_added_up() {
    let mut previous = "0".repeat(64);
    let mut seq = 0;
    let lines = std::iter::repeat_with(move || {
        seq += 1;
        let event = if seq == 1 { "writer.start" } else { "writer.gap" };
        let (line, hash) = line(event, 1, seq, ",\"lost\":3", &previous);
        previous = hash;
        line
    });
    let scanned = scanned(lines.take(30_000));
    assert!(scanned.steps.len() <= 8 * 1024, "{}", scanned.steps.len());
    let gaps = scanned.gaps + scanned.steps.len() as u64 - 1;
    assert_eq!(gaps, 29_999);
    assert_eq!(scanned.lost, scanned.gaps * 3);
}

#[test]
fn a_segment_that_says_more_than_any_is_not_read_to_its_end() {
    let zeros = "0".repeat(64);
    let ones = [1, 2].map(|writer| line("writer.start", writer, 1, "", &zeros).0);
    let scanned = scanned(ones.into_iter().cycle().take(LINES));
    assert!(scanned.steps.len() <= STEPS_MAX + 300, "{}", scanned.steps.len());
    assert!(scanned.lines < LINES as u64);
    let last = scanned.steps.last().unwrap();
    let is_told = matches!(&last.what, scan::What::Found(found) if found.code == Code::UnreadableSegment);
    assert!(is_told, "{last:#?}");
}
