//! What only somebody outside of the folder can show.

use super::*;
use std::fs;

/// The checkpoints of a ledger, as a copy collects them.
fn kept(folder: &Folder, paper: &Paper) -> Options {
    let checkpoints = vec![folder.write("elsewhere.note", paper.checkpoints.concat())];
    let public_keys = vec![folder.write("key", paper.verifier_key())];
    Options { checkpoints, public_keys, ..options(folder) }
}

#[test]
fn checkpoints_from_elsewhere_that_fit_are_counted() {
    let paper = ledger();
    let folder = paper.save();
    let verification = holds(&kept(&folder, &paper), &[]);
    assert_eq!(verification.outside_checkpoints, 7);
    assert_eq!(verification.outside, verification.inside);
    // With lines between them, and several files.
    let mut options = kept(&folder, &paper);
    options.checkpoints = vec![
        folder.write("one", paper.checkpoints[..2].join("\n\n")),
        folder.write("two", &paper.checkpoints[4]),
    ];
    assert_eq!(holds(&options, &[]).outside_checkpoints, 3);
}

#[test]
fn a_folder_that_was_put_back_to_an_earlier_state_is_found_by_them_alone() {
    let mut paper = ledger();
    let earlier = paper.save();
    paper.start("").lines(5).checkpoint().lines(3).stop();
    // Everything in it fits.
    holds(&options(&earlier), &[Code::OwnWord]);
    let verification = verified(&kept(&earlier, &paper));
    assert_eq!(codes(&verification.findings), [Code::MissingEnd, Code::MissingEnd]);
    assert_eq!((verification.integrity, verification.completeness), (Verdict::Holds, Verdict::Broken));
    assert_eq!(verification.findings[0].place, verification.last_place, "behind the last line");
    // Within one writer.
    let mut paper = Paper::new(7);
    paper.lines(3).checkpoint();
    let earlier = paper.save();
    paper.lines(5).checkpoint();
    let verification = verified(&kept(&earlier, &paper));
    assert!(verification.findings[0].message.starts_with("records 6 to 10 of writer"), "{verification:#?}");
}

#[test]
fn a_tail_written_anew_without_its_checkpoints_is_found_by_them_alone() {
    let mut paper = Paper::new(7);
    paper.lines(3).checkpoint();
    let mut forged = paper.clone();
    paper.lines(4).checkpoint();
    forged.line("config.changed", ",\"note\":\"nothing happened\"");
    forged.lines(6);
    let folder = forged.save();
    holds(&options(&folder), &[Code::OwnWord, Code::NotStopped, Code::Unsigned]);
    let verification = verified(&kept(&folder, &paper));
    assert_eq!(codes(&verification.findings), [Code::Rewritten], "{verification:#?}");
    // By a hand that has the key: a checkpoint of its own over the same number of lines.
    let mut forged = forged.clone();
    forged.stop();
    let folder = forged.save();
    let verification = verified(&kept(&folder, &paper));
    assert_eq!(codes(&verification.findings), [Code::Rewritten], "{verification:#?}");
}

#[test]
fn checkpoints_of_another_ledger_key_or_form_are_told_apart() {
    let paper = ledger();
    let folder = paper.save();
    let mut options = kept(&folder, &paper);
    let with = |options: &mut Options, text: String| {
        options.checkpoints = vec![folder.write("elsewhere.note", text)];
        codes(&verified(options).findings)
    };
    let mut other = Paper::new(9).named(4711);
    other.lines(1).checkpoint();
    assert_eq!(with(&mut options, other.checkpoints[0].clone()), [Code::OtherLedger]);
    let mut stranger = Paper::new(9);
    stranger.lines(1).checkpoint();
    assert_eq!(with(&mut options, stranger.checkpoints[0].clone()), [Code::UnknownSigner]);
    let many: String = other.lines(1).checkpoint().checkpoints.concat();
    options.checkpoints = vec![folder.write("elsewhere.note", many)];
    let verification = verified(&options);
    assert_eq!(codes(&verification.findings), [Code::OtherLedger], "once for all that are alike");
    assert!(verification.findings[0].message.ends_with("; so 1 more is"), "{verification:#?}");
    let changed = paper.checkpoints[3].replace("records 1", "records 2");
    assert_ne!(changed, paper.checkpoints[3]);
    assert_eq!(with(&mut options, changed), [Code::BadSignature]);
    let torn = paper.checkpoints[3][..paper.checkpoints[3].len() - 30].to_owned();
    assert_eq!(with(&mut options, format!("{}{torn}", paper.checkpoints[2])), [Code::UnreadableCheckpoint]);
    options.checkpoints = vec![folder.write("elsewhere.note", "\n\n")];
    let error = verify(&options, &mut |_, _| {}).unwrap_err();
    assert!(matches!(error, VerifyError::NoCheckpoint { .. }), "{error}");
}

#[test]
fn checkpoints_over_what_was_removed_in_order_are_left_out() {
    let mut paper = ledger();
    paper.start("").lines(2);
    paper.removed(3);
    paper.checkpoint().lines(1).stop();
    let folder = paper.save();
    (1..3).for_each(|number| fs::remove_file(folder.segment(number)).unwrap());
    let verification = holds(&kept(&folder, &paper), &[Code::RemovedRecords, Code::CoversRemoved]);
    assert_eq!(verification.outside_checkpoints, paper.checkpoints.len() as u64 - 4);
}

#[test]
fn a_checkpoint_from_elsewhere_takes_the_place_of_the_head() {
    let paper = ledger();
    let folder = paper.save();
    fs::remove_file(folder.path().join("head")).unwrap();
    assert_eq!(verified(&options(&folder)).completeness, Verdict::CannotTell);
    holds(&kept(&folder, &paper), &[]);
}

#[test]
fn a_key_of_another_ledger_is_told_once_and_by_its_name() {
    let mut paper = ledger();
    let folder = paper.save();
    let other = Paper::new(9).named(4711);
    let public_keys = vec![folder.write("key", other.verifier_key())];
    let checkpoints = vec![folder.write("elsewhere.note", paper.checkpoints.concat())];
    let verification = verified(&Options { public_keys, checkpoints, ..options(&folder) });
    let found: Vec<_> =
        verification.findings.iter().filter(|found| found.code == Code::OtherLedger).collect();
    assert_eq!(found.len(), 1, "{:#?}", verification.findings);
    let (given, this) = (super::paper::writer_name(4711), super::paper::writer_name(1));
    let expected =
        format!("the key given is of ledger dragoman-ledger/{given}, this is dragoman-ledger/{this}");
    assert!(found[0].message.starts_with(&expected), "{}", found[0].message);
    assert!(!codes(&verification.findings).contains(&Code::UnknownSigner), "{:#?}", verification.findings);
    // A key of this ledger that has not signed is another matter.
    paper = Paper::new(9);
    let public_keys = vec![folder.write("key", paper.verifier_key())];
    let verification = verified(&Options { public_keys, ..options(&folder) });
    let strangers = verification.findings.iter().filter(|found| found.code == Code::UnknownSigner).count();
    assert!(strangers <= 2, "those of the segments together, and the file: {:#?}", verification.findings);
}

#[test]
fn a_folder_that_is_named_twice_is_one_and_one_without_a_ledger_is_said_to_be_that() {
    let folder = ledger().save();
    let again = folder.path().join(".");
    let twice = Options { directories: vec![folder.path().to_owned(), again], ..Options::default() };
    holds(&twice, &[Code::OwnWord]);
    let empty = tempfile::tempdir().unwrap();
    let verification =
        verified(&Options { directories: vec![empty.path().to_owned()], ..Options::default() });
    assert_eq!(codes(&verification.findings), [Code::NoRecords]);
    let expected = format!("there is no ledger at `{}`: no segment is in it", empty.path().display());
    assert_eq!(verification.findings[0].message, expected);
}

#[test]
fn keys_that_cannot_be_read_are_not_called_missing() {
    let folder = ledger().save();
    let no_key = |options: &Options| {
        let verification = verified(options);
        let found = verification.findings.iter().find(|found| found.code == Code::NoKey);
        found.unwrap().message.clone()
    };
    folder.write("verifier.keys", "rubbish\n");
    assert!(no_key(&options(&folder)).contains("`verifier.keys` cannot be read"));
    fs::remove_file(folder.path().join("verifier.keys")).unwrap();
    assert!(no_key(&options(&folder)).contains("`verifier.keys` is missing"));
}

/// Cuts what stands behind line `keep` of the newest segment, and says that it was removed in order: as somebody who
/// can write the folder and has no key.
fn forge_removal(paper: &Paper, keep: usize, removed: &str) -> Paper {
    let mut forged = paper.clone();
    let segment = forged.segments.last_mut().unwrap();
    let lines: Vec<Vec<u8>> =
        segment.split_inclusive(|byte| *byte == b'\n').take(keep).map(<[u8]>::to_vec).collect();
    *segment = lines.concat();
    let last: serde_json::Value = serde_json::from_slice(&lines[keep - 1]).unwrap();
    (forged.seq, forged.hash) = (last["seq"].as_u64().unwrap(), last["hash"].as_str().unwrap().to_owned());
    let zeros = "0".repeat(64);
    let writers = format!(r#"[{{"writer":"{removed}","records":1000000000000,"hash":"{zeros}"}}]"#);
    let member = format!(
        r#","removed":{{"segments":[1,1],"records":1,"bytes":1,"from":"","until":"","writers":{writers}}}"#
    );
    forged.line("ledger.removed", &member);
    forged.line("writer.stop", "");
    forged
}

#[test]
fn a_removal_that_somebody_put_in_hides_no_tail_that_was_cut() {
    let mut paper = Paper::new(7);
    paper.lines(3).checkpoint();
    let kept = paper.clone();
    paper.lines(4).checkpoint();
    let outside = paper.checkpoints[1].clone();
    let name = super::paper::writer_name(1);
    let found_by_the_note = |forged: &Paper, codes_expected: &[Code]| {
        let folder = forged.save();
        let checkpoints = vec![folder.write("elsewhere.note", &outside)];
        let public_keys = vec![folder.write("key", paper.verifier_key())];
        let verification = verified(&Options { checkpoints, public_keys, ..options(&folder) });
        assert_eq!(codes(&verification.findings), codes_expected, "{verification:#?}");
        assert_eq!(verification.verdict(), Verdict::Broken);
        let removed = verification.remarks.into_iter().find(|remark| remark.code == Code::RemovedRecords);
        removed.unwrap().message.ends_with(", 1 of which is not signed yet")
    };
    // Line 5 is the first checkpoint's own.
    let mut forged = forge_removal(&kept, 5, &name);
    assert!(found_by_the_note(&forged, &[Code::MissingEnd]), "it is not called signed");
    // The next start of the gateway signs it along with the rest.
    forged.start("").lines(2).stop();
    assert!(!found_by_the_note(&forged, &[Code::MissingBeforeStart]));
}

#[test]
fn a_removal_that_somebody_put_in_hides_no_tail_of_a_ledger_that_begins_late_either() {
    let mut paper = ledger();
    paper.start("").lines(2);
    paper.removed(3);
    paper.checkpoint();
    let mut longer = paper.clone();
    longer.lines(3).checkpoint();
    let mut later = longer.clone();
    later.stop();
    later.start("").lines(2).checkpoint();
    let here = super::paper::writer_name(3);
    let gone = super::paper::writer_name(4);
    for (outside, removed) in [(longer.checkpoints.last(), here), (later.checkpoints.last(), gone)] {
        for is_signed in [false, true] {
            // `writer.start`, two lines, the removal, the checkpoint.
            let mut forged = forge_removal(&paper, 5, &removed);
            if is_signed {
                forged.checkpoint().line("writer.stop", "");
            }
            let folder = forged.save();
            (1..3).for_each(|number| fs::remove_file(folder.segment(number)).unwrap());
            let checkpoints = vec![folder.write("elsewhere.note", outside.unwrap())];
            let verification = verified(&Options { checkpoints, ..options(&folder) });
            let found = codes(&verification.findings);
            let expected = [Code::MissingEnd, Code::Rewritten];
            assert!(found.iter().any(|code| expected.contains(code)), "{is_signed}: {verification:#?}");
        }
    }
}

#[test]
fn checkpoints_from_elsewhere_of_which_none_could_be_compared_leave_it_open() {
    let mut paper = ledger();
    paper.start("").lines(2);
    paper.removed(4);
    paper.checkpoint().lines(1).stop();
    let folder = paper.save();
    (1..4).for_each(|number| fs::remove_file(folder.segment(number)).unwrap());
    let checkpoints = vec![folder.write("elsewhere.note", paper.checkpoints[..2].concat())];
    let mut options = Options { checkpoints, ..options(&folder) };
    let verification = verified(&options);
    assert_eq!(codes(&verification.findings), [Code::NothingCompared], "{verification:#?}");
    assert_eq!(verification.verdict(), Verdict::CannotTell);
    options.checkpoints.push(folder.write("newer.note", paper.checkpoints.last().unwrap()));
    holds(&options, &[Code::RemovedRecords, Code::OwnWord, Code::CoversRemoved]);
}

#[test]
fn a_pipe_in_the_folder_is_not_waited_for() {
    for name in ["00000009.jsonl", "00000009.jsonl.zst", "head", "checkpoint", "writers", "verifier.keys"] {
        let folder = ledger().save();
        let pipe = folder.path().join(name);
        let _ = fs::remove_file(&pipe);
        rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, rustix::fs::Mode::from_raw_mode(0o600)).unwrap();
        let result = verify(&options(&folder), &mut |_, _| {});
        let is_told = match &result {
            Err(VerifyError::Read { path, .. }) => *path == pipe,
            Ok(verification) => verification.verdict() == Verdict::Broken,
            Err(_) => false,
        };
        assert!(is_told, "{name}: {result:#?}");
    }
}
