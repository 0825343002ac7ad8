//! What looks odd and is in order.

use super::*;
use std::fs;

#[test]
fn an_untouched_ledger_holds_and_its_figures_are_those_of_the_files() {
    let paper = ledger();
    let folder = paper.save();
    let verification = holds(&options(&folder), &[Code::OwnWord]);
    let lines: usize = (1..=4).map(|number| folder.lines(number).len()).sum();
    assert_eq!(verification.records, lines as u64);
    assert_eq!((verification.segments, verification.writers, verification.checkpoints), (4, 2, 7));
    assert_eq!(verification.unsigned, 1, "only `writer.stop` stands behind the last checkpoint");
    assert_eq!(verification.head.as_ref().unwrap().records, Some(lines as u64));
    assert_eq!(verification.inside.as_ref().unwrap().records, Some(lines as u64 - 2));
    assert_eq!(verification.signers, [Signer { key: paper.verifier_key(), checkpoints: 7 }]);
    assert_eq!(verification.last_hash, Some(paper.hash.clone()));
    assert_eq!(verification.last_place.unwrap().seq, Some(paper.seq));
    let bytes: u64 = paper.segments.iter().map(|segment| segment.len() as u64).sum();
    assert_eq!(verification.bytes, bytes);
}

#[test]
fn progress_comes_to_all_bytes() {
    let folder = ledger().save();
    let mut told = Vec::new();
    let verification = verify(&options(&folder), &mut |done, total| told.push((done, total))).unwrap();
    assert_eq!(told.last(), Some(&(verification.bytes, verification.bytes)));
}

#[test]
fn given_keys_are_believed_in_both_forms() {
    let paper = ledger();
    let folder = paper.save();
    for text in [paper.verifier_key(), format!("# shop\n\n{}\n", paper.verifier_key()), paper.public_pem()] {
        let public_keys = vec![folder.write("key", text)];
        let verification = holds(&Options { public_keys, ..options(&folder) }, &[]);
        assert!(verification.keys_were_given);
    }
    for text in ["", "no key", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"] {
        let public_keys = vec![folder.write("key", text)];
        let error = verify(&Options { public_keys, ..options(&folder) }, &mut |_, _| {}).unwrap_err();
        assert!(matches!(error, VerifyError::NotAKey { .. }), "{text}: {error}");
    }
}

#[test]
fn compressed_segments_and_segments_elsewhere_are_read_as_they_were() {
    let folder = ledger().save();
    let elsewhere = tempfile::tempdir().unwrap();
    let packed = zstd::encode_all(fs::File::open(folder.segment(1)).unwrap(), 3).unwrap();
    fs::write(elsewhere.path().join("00000001.jsonl.zst"), packed).unwrap();
    fs::remove_file(folder.segment(1)).unwrap();
    fs::rename(folder.segment(2), elsewhere.path().join("00000002.jsonl")).unwrap();
    let directories = vec![folder.path().to_owned(), elsewhere.path().to_owned()];
    let verification = holds(&Options { directories, ..Options::default() }, &[Code::OwnWord]);
    assert_eq!(verification.segments, 4);
}

#[test]
fn a_line_that_a_crash_left_unfinished_is_told_and_not_held_against_anybody() {
    let mut paper = Paper::new(7);
    paper.lines(3).checkpoint().lines(2);
    let torn = paper.tear();
    let at_the_end = paper.save();
    // The head was written before the crash.
    at_the_end.write(
        "head",
        paper.head().replace(
            &format!("\"bytes\":{}", paper.segments[0].len()),
            &format!("\"bytes\":{}", paper.segments[0].len() - torn),
        ),
    );
    let expected = [Code::TornLine, Code::OwnWord, Code::NotStopped, Code::Unsigned];
    let verification = holds(&options(&at_the_end), &expected);
    let place = verification.remarks[0].place.clone().unwrap();
    assert_eq!((place.line, place.offset), (8, (paper.segments[0].len() - torn) as u64));

    paper.start(&format!("; 00000001.jsonl ends in {torn} bytes of an unfinished line, left as they are"));
    paper.lines(2).stop();
    holds(&options(&paper.save()), &[Code::TornLine, Code::NotStoppedBefore, Code::OwnWord]);
}

#[test]
fn lines_that_stand_again_after_a_failed_disk_are_counted_once() {
    let mut paper = Paper::new(7);
    paper.lines(3).checkpoint().lines(4);
    let lines: Vec<&[u8]> = paper.segments[0].split_inclusive(|byte| *byte == b'\n').collect();
    for again in 1..lines.len() {
        for begun in [0, 40] {
            let repeated = lines[lines.len() - again..].concat();
            let mut paper = paper.clone();
            paper.rotate();
            paper.segments[1] = repeated.clone();
            // The disk may have taken a part of what comes next, too.
            paper.lines(2);
            let next = paper.segments[1][repeated.len()..][..begun].to_vec();
            paper.segments[0].extend(next);
            paper.stop();
            let mut told = vec![Code::RepeatedLines, Code::OwnWord];
            if begun > 0 {
                told.insert(1, Code::TornLine);
            }
            let verification = holds(&options(&paper.save()), &told);
            assert_eq!(verification.records, lines.len() as u64 + 4);
        }
    }
    // Nobody can tell of the whole first segment.
    let mut all = paper.clone();
    all.rotate();
    all.segments[1] = all.segments[0].clone();
    all.lines(1).stop();
    holds(&options(&all.save()), &[Code::RepeatedLines, Code::OwnWord]);
}

#[test]
fn a_disk_that_fails_again_and_again_leaves_parts_of_the_same() {
    let mut paper = Paper::new(7);
    paper.lines(6);
    let lines: Vec<Vec<u8>> =
        paper.segments[0].split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
    paper.rotate();
    paper.segments[1] = [lines[3..5].concat(), b"{\"v\":1,".to_vec()].concat();
    paper.rotate();
    paper.segments[2] = lines[3..].concat();
    paper.lines(3).stop();
    let told = [Code::RepeatedLines, Code::RepeatedLines, Code::TornLine, Code::OwnWord];
    let verification = holds(&options(&paper.save()), &told);
    assert_eq!(verification.records, 7 + 3 + 2);
}

#[test]
fn empty_segments_are_nothing() {
    let mut paper = ledger();
    paper.rotate();
    paper.start("").lines(1).stop();
    let folder = paper.save();
    folder.write("00000099.jsonl", "");
    holds(&options(&folder), &[Code::OwnWord]);
}

#[test]
fn a_gap_that_the_ledger_tells_is_counted() {
    let mut paper = Paper::new(7);
    paper.lines(2);
    paper.line("writer.gap", ",\"lost\":1204");
    paper.lines(1).stop();
    let verification = holds(&options(&paper.save()), &[Code::LostRecords, Code::OwnWord]);
    assert_eq!(verification.lost, 1204);
}

#[test]
fn a_beginning_that_was_removed_in_order_is_explained_by_what_was_signed() {
    for first in [2, 3, 4] {
        let mut paper = ledger();
        paper.start("").lines(2);
        paper.removed(first);
        paper.checkpoint().lines(1).stop();
        let folder = paper.save();
        // A gateway that crashed in between has not removed all that it tells.
        for number in 1..first {
            if number < first - 1 {
                fs::remove_file(folder.segment(number)).unwrap();
                holds(&options(&folder), &[Code::RemovedRecords, Code::OwnWord]);
            }
        }
        fs::remove_file(folder.segment(first - 1)).unwrap();
        let verification = holds(&options(&folder), &[Code::RemovedRecords, Code::OwnWord]);
        assert!(verification.removed > 0);
        // Without the file `writers` as well: what was removed tells its leaves.
        fs::remove_file(folder.path().join("writers")).unwrap();
        holds(&options(&folder), &[Code::RemovedRecords, Code::OwnWord]);
    }
}

#[test]
fn a_removal_that_was_removed_itself_is_made_up_for_by_the_writers_there_were() {
    let mut paper = ledger();
    paper.start("").lines(2);
    paper.removed(3);
    paper.checkpoint().stop();
    paper.start("").lines(2);
    // Only what the second removal takes: the first writer went with the first.
    let mut later = paper.clone();
    later.segments[0].clear();
    later.segments[1].clear();
    later.removed(6);
    later.checkpoint().stop();
    later.segments[0] = paper.segments[0].clone();
    let folder = later.save();
    (1..6).for_each(|number| fs::remove_file(folder.segment(number)).unwrap());
    holds(&options(&folder), &[Code::RemovedRecords, Code::OwnWord]);
    // Without them the roots cannot be computed; everything else can be looked at.
    fs::remove_file(folder.path().join("writers")).unwrap();
    holds(&options(&folder), &[Code::RootsNotCompared, Code::RemovedRecords, Code::OwnWord]);
}

#[test]
fn what_is_written_during_the_look_is_told() {
    let folder = ledger().save();
    let lock = fs::File::create(folder.path().join("lock")).unwrap();
    lock.lock().unwrap();
    let verification = holds(&options(&folder), &[Code::OwnWord, Code::BeingWritten]);
    assert!(verification.is_being_written);
}

#[test]
fn a_clock_that_was_set_back_breaks_nothing() {
    let mut paper = Paper::new(7);
    paper.lines(2).checkpoint();
    let mut earlier = paper.clone();
    earlier.set_clock_back();
    earlier.lines(1).stop();
    holds(&options(&earlier.save()), &[Code::ClockSetBack, Code::OwnWord]);
}

#[test]
fn what_cannot_be_told_is_said_to_be_so() {
    // As ledgers were written before there were checkpoints.
    let mut paper = Paper::new(7);
    paper.lines(3);
    paper.line("writer.stop", "");
    let folder = paper.save();
    for name in ["head", "writers", "verifier.keys"] {
        fs::remove_file(folder.path().join(name)).unwrap();
    }
    let verification = verified(&options(&folder));
    assert_eq!(verification.verdict(), Verdict::CannotTell);
    assert_eq!(codes(&verification.findings), [Code::NeverSigned, Code::UnknownEnd]);

    let empty = tempfile::tempdir().unwrap();
    let nothing = Options { directories: vec![empty.path().to_owned()], ..Options::default() };
    assert_eq!(codes(&verified(&nothing).findings), [Code::NoRecords]);

    let folder = ledger().save();
    // A loss of power can leave it so.
    folder.write("head", "");
    assert_eq!(codes(&verified(&options(&folder)).findings), [Code::UnknownEnd]);
    fs::remove_file(folder.path().join("head")).unwrap();
    assert_eq!(codes(&verified(&options(&folder)).findings), [Code::UnknownEnd]);
    fs::remove_file(folder.path().join("verifier.keys")).unwrap();
    assert_eq!(codes(&verified(&options(&folder)).findings), [Code::NoKey, Code::UnknownEnd]);

    let missing = Options { directories: vec![folder.path().join("none")], ..Options::default() };
    let error = verify(&missing, &mut |_, _| {}).unwrap_err();
    assert!(error.to_string().contains("none"), "{error}");
}

#[test]
fn a_ledger_that_is_too_old_is_told_to_be() {
    let folder = ledger().save();
    let within = |seconds| Options { fresh_within: Some(Duration::from_secs(seconds)), ..options(&folder) };
    assert_eq!(codes(&verified(&within(3_600)).findings), [Code::Stale]);
    assert_eq!(verified(&within(3_600)).completeness, Verdict::CannotTell);
    holds(&within(1_000 * 366 * 86_400), &[Code::OwnWord]);
}
