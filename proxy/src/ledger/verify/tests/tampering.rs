//! What somebody did to a ledger whose folder he can write.

use super::paper::{name, sealed, writer_name};
use super::*;
use std::fs;

/// Where the first thing is that breaks it.
struct At(usize, u64);

/// Does it to the ledger, and looks what is found and where.
#[track_caller]
fn finds(expected: &[Code], at: Option<At>, tamper: impl FnOnce(&Folder)) -> Verification {
    let folder = ledger().save();
    tamper(&folder);
    let verification = verified(&options(&folder));
    assert_eq!(codes(&verification.findings), expected, "{:#?}", verification.findings);
    assert_eq!(verification.verdict(), Verdict::Broken);
    if let Some(At(segment, line)) = at {
        let place = verification.reason().unwrap().place.clone().unwrap();
        assert_eq!((place.file, place.line), (name(segment), line), "{:#?}", verification.findings);
    }
    verification
}

/// The bytes of a segment, changed.
fn bytes(folder: &Folder, number: usize, edit: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = fs::read(folder.segment(number)).unwrap();
    edit(&mut bytes);
    fs::write(folder.segment(number), bytes).unwrap();
}

/// Has the line say something else, and seals it and all that follow anew: a hand that can compute hashes.
fn rewrite(lines: &mut [String], from: usize, edit: impl FnOnce(&str) -> String) {
    let hash_before = |line: &str| line.rsplit_once(",\"prev\":\"").unwrap().1[..64].to_owned();
    let mut previous = hash_before(&lines[from]);
    let mut edit = Some(edit);
    for line in &mut lines[from..] {
        let (attested, _) = line.rsplit_once(",\"prev\":\"").unwrap();
        let attested = edit.take().map_or_else(|| attested.to_owned(), |edit| edit(attested));
        (*line, previous) = sealed(&format!("{attested},\"prev\":\"{previous}\""));
    }
}

#[test]
fn a_changed_byte_is_found_in_the_line_it_is_in() {
    for (from, to) in [
        ("line 2 of it", "line 9 of it"),
        (r#""seq":3,"#, r#""seq":8,"#),
        (r#""event":"config"#, r#""event":"konfig"#),
        (r#"{"v":1"#, r#"{"v": 1"#),
        (r#"{"v":1"#, r#"{ "v":1"#),
    ] {
        let at = Some(At(1, 3));
        let changed = |folder: &Folder| folder.edit(1, |lines| lines[2] = lines[2].replacen(from, to, 1));
        let verification = finds(&[Code::ChangedLine], at, |folder| {
            // What no longer has the form of a record is told as that.
            changed(folder);
            if to.contains(' ') && from.starts_with('{') {
                folder
                    .edit(1, |lines| lines[2] = ledger().save().lines(1)[2].replacen("line 2", "line 7", 1));
            }
        });
        assert_eq!(verification.integrity, Verdict::Broken);
        assert_eq!(verification.completeness, Verdict::Holds, "nothing is missing");
    }
}

#[test]
fn a_change_of_a_first_line_is_found_there_and_nowhere_else() {
    for (segment, hash) in [(1, false), (2, false), (3, false), (4, false), (1, true), (2, true), (3, true)] {
        let verification = finds(&[Code::ChangedLine], Some(At(segment, 1)), |folder| {
            folder.edit(segment, |lines| {
                let at = if hash {
                    lines[0].rfind("\"prev\":\"").unwrap() + 20
                } else {
                    lines[0].find("\"id\"").unwrap() + 8
                };
                let other = if &lines[0][at..=at] == "0" { "1" } else { "0" };
                lines[0].replace_range(at..=at, other);
            });
        });
        assert_eq!(verification.completeness, Verdict::Holds, "nothing is missing");
        assert_eq!(codes(&verification.remarks), [Code::OwnWord, Code::NothingFromElsewhere]);
    }
}

#[test]
fn a_changed_hash_is_found_in_the_line_it_is_in() {
    for field in [",\"prev\":\"", ",\"hash\":\""] {
        finds(&[Code::ChangedLine], Some(At(2, 4)), |folder| {
            folder.edit(2, |lines| {
                let at = lines[3].rfind(field).unwrap() + field.len();
                let other = if &lines[3][at..=at] == "0" { "1" } else { "0" };
                lines[3].replace_range(at..=at, other);
            });
        });
    }
}

#[test]
fn white_space_is_a_change() {
    finds(&[Code::NotARecord], Some(At(1, 3)), |folder| folder.edit(1, |lines| lines[2].push(' ')));
    finds(&[Code::NotARecord], Some(At(1, 3)), |folder| folder.edit(1, |lines| lines[2].push('\r')));
    finds(&[Code::NotARecord], Some(At(1, 3)), |folder| folder.edit(1, |lines| lines[2].insert(0, ' ')));
    // A line more is one that is nobody's; what follows is one further than it says.
    let verification = finds(&[Code::NotARecord, Code::OutOfOrder], Some(At(1, 3)), |folder| {
        folder.edit(1, |lines| lines.insert(2, String::new()));
    });
    assert_eq!(verification.findings[1].place.as_ref().unwrap().line, 4);
}

#[test]
fn a_checkpoint_with_another_signature_is_found() {
    let changed = |line: &str| {
        let at = line.rfind("\\n\",\"prev\"").unwrap() - 10;
        let mut line = line.to_owned();
        let other = if &line[at..=at] == "A" { "B" } else { "A" };
        line.replace_range(at..=at, other);
        line
    };
    finds(&[Code::ChangedLine], Some(At(1, 6)), |folder| {
        folder.edit(1, |lines| lines[5] = changed(&lines[5]))
    });
    // With hashes that fit, up to the end of the segment.
    let expected = [Code::BadSignature, Code::BadCheckpoint, Code::MissingMiddle];
    let folder = ledger().save();
    folder.edit(1, |lines| {
        let line = changed(&lines[5]);
        let attested = line.rsplit_once(",\"prev\":\"").unwrap().0.to_owned();
        rewrite(lines, 5, |_| attested);
    });
    let verification = verified(&options(&folder));
    assert_eq!(codes(&verification.findings)[..2], expected[..2], "{:#?}", verification.findings);
    assert_eq!(verification.findings[2].code, Code::BrokenLink);
}

#[test]
fn a_removed_line_is_found_where_it_was() {
    let missing = |verification: &Verification| {
        assert_eq!(verification.integrity, Verdict::Holds);
        assert_eq!(verification.completeness, Verdict::Broken);
        verification.findings[0].message.clone()
    };
    let one =
        finds(&[Code::MissingMiddle], Some(At(1, 4)), |folder| folder.edit(1, |lines| _ = lines.remove(3)));
    assert!(missing(&one).starts_with("record 4 of writer"), "{one:?}");
    let many =
        finds(&[Code::MissingMiddle], Some(At(2, 2)), |folder| folder.edit(2, |lines| _ = lines.drain(1..5)));
    assert!(missing(&many).starts_with("records 12 to 15 of writer"), "{many:?}");
    // The first and the last of a segment.
    finds(&[Code::MissingMiddle], Some(At(2, 1)), |folder| folder.edit(2, |lines| _ = lines.remove(0)));
    finds(&[Code::MissingMiddle], Some(At(2, 1)), |folder| folder.edit(1, |lines| _ = lines.pop()));
    // A writer's first and last.
    finds(&[Code::MissingMiddle], Some(At(3, 1)), |folder| folder.edit(3, |lines| _ = lines.remove(0)));
    finds(&[Code::MissingMiddle], Some(At(3, 1)), |folder| folder.edit(2, |lines| _ = lines.pop()));
    finds(&[Code::MissingBeginning], Some(At(1, 1)), |folder| folder.edit(1, |lines| _ = lines.remove(0)));
}

#[test]
fn what_is_missing_at_the_end_is_told_by_the_head_and_by_the_checkpoint() {
    let end = [Code::MissingEnd];
    let one = finds(&end, Some(At(4, 7)), |folder| folder.edit(4, |lines| _ = lines.pop()));
    assert!(one.findings[0].message.starts_with("record 14 of writer"), "{one:?}");
    // Also when the head was taken away, or put back: then the file `checkpoint` tells it.
    finds(&end, Some(At(4, 5)), |folder| {
        folder.edit(4, |lines| lines.truncate(5));
        fs::remove_file(folder.path().join("head")).unwrap();
    });
    // In the middle of a line.
    let torn =
        finds(&end, Some(At(4, 7)), |folder| bytes(folder, 4, |bytes| bytes.truncate(bytes.len() - 20)));
    assert_eq!(codes(&torn.remarks)[0], Code::TornLine);
    assert_eq!(torn.integrity, Verdict::Holds);
    // Without its line feed the last line was never finished.
    finds(&end, Some(At(4, 7)), |folder| bytes(folder, 4, |bytes| _ = bytes.pop()));
    // Everything since a start.
    let start = [Code::MissingEnd, Code::MissingEnd];
    let verification = finds(&start, Some(At(2, 10)), |folder| {
        fs::remove_file(folder.segment(3)).unwrap();
        fs::remove_file(folder.segment(4)).unwrap();
    });
    assert!(verification.findings[0].message.contains(&writer_name(2)), "{verification:?}");
}

#[test]
fn a_segment_cut_in_the_middle_of_the_ledger_is_found() {
    finds(&[Code::MissingMiddle], Some(At(2, 1)), |folder| folder.edit(1, |lines| lines.truncate(6)));
    // The order is that of the ledger: what is left behind, then what is missing.
    let torn = [Code::UnexplainedBytes, Code::MissingMiddle];
    finds(&torn, Some(At(1, 10)), |folder| bytes(folder, 1, |bytes| bytes.truncate(bytes.len() - 30)));
    finds(&torn, Some(At(2, 10)), |folder| bytes(folder, 2, |bytes| bytes.truncate(bytes.len() - 30)));
    finds(&[Code::UnexplainedBytes], Some(At(1, 11)), |folder| {
        bytes(folder, 1, |bytes| bytes.extend(b"more"))
    });
}

#[test]
fn a_removed_segment_is_found_wherever_it_was() {
    finds(&[Code::MissingBeginning], Some(At(2, 1)), |folder| fs::remove_file(folder.segment(1)).unwrap());
    finds(&[Code::MissingMiddle], Some(At(3, 1)), |folder| fs::remove_file(folder.segment(2)).unwrap());
    finds(&[Code::MissingMiddle], Some(At(4, 1)), |folder| fs::remove_file(folder.segment(3)).unwrap());
    let end = [Code::MissingEnd, Code::MissingEnd];
    finds(&end, Some(At(3, 6)), |folder| fs::remove_file(folder.segment(4)).unwrap());
}

#[test]
fn swapped_lines_and_segments_are_found() {
    let swapped = [Code::MissingMiddle, Code::OutOfOrder, Code::MissingMiddle];
    finds(&swapped, Some(At(1, 3)), |folder| folder.edit(1, |lines| lines.swap(2, 3)));
    let swap = |folder: &Folder, one: usize, other: usize| {
        let contents = fs::read(folder.segment(one)).unwrap();
        fs::rename(folder.segment(other), folder.segment(one)).unwrap();
        fs::write(folder.segment(other), contents).unwrap();
    };
    let verification = finds_any(|folder| swap(folder, 1, 2));
    assert!(codes(&verification.findings).contains(&Code::OutOfOrder), "{verification:#?}");
    let verification = finds_any(|folder| swap(folder, 2, 3));
    let place = verification.findings[0].place.clone().unwrap();
    assert_eq!((place.file, place.line), (name(2), 1));
    finds_any(|folder| swap(folder, 1, 4));
}

#[track_caller]
fn finds_any(tamper: impl FnOnce(&Folder)) -> Verification {
    let folder = ledger().save();
    tamper(&folder);
    let verification = verified(&options(&folder));
    assert_eq!(verification.verdict(), Verdict::Broken, "{verification:#?}");
    verification
}

#[test]
fn a_line_that_was_put_in_is_found() {
    finds(&[Code::OutOfOrder], Some(At(1, 4)), |folder| {
        folder.edit(1, |lines| lines.insert(3, lines[2].clone()));
    });
    // One that fits behind the line before.
    finds(&[Code::OutOfOrder], Some(At(1, 4)), |folder| {
        folder.edit(1, |lines| {
            let mut forged = lines[2..3].to_vec();
            rewrite(&mut forged, 0, |attested| attested.replace("line 2", "line 7"));
            lines.insert(2, forged.remove(0));
        });
    });
    // A whole writer.
    finds_any(|folder| {
        folder.edit(2, |lines| {
            let (start, hash) = (ledger().save().lines(1)[0].clone(), lines.last().unwrap().clone());
            let previous = hash.rsplit_once(",\"hash\":\"").unwrap().1[..64].to_owned();
            let attested =
                start.rsplit_once(",\"prev\"").unwrap().0.replace(&writer_name(1), &writer_name(9));
            lines.push(sealed(&format!("{attested},\"prev\":\"{previous}\"")).0);
        });
    });
}

#[test]
fn a_line_rewritten_with_its_hash_is_found_at_the_line_behind_it() {
    finds(&[Code::BrokenLink], Some(At(1, 4)), |folder| {
        folder.edit(1, |lines| rewrite(&mut lines[..3], 2, |attested| attested.replace("line 2", "line 7")));
    });
}

#[test]
fn a_tail_rewritten_with_all_hashes_is_found_by_the_checkpoint_that_was_signed_over_it() {
    // Line 2 of the last segment and everything behind it; head and file `checkpoint` as they were.
    let verification = finds_any(|folder| {
        folder.edit(4, |lines| rewrite(lines, 1, |attested| attested.replace("line ", "LINE ")));
    });
    let found = codes(&verification.findings);
    assert_eq!(found[0], Code::BadCheckpoint, "{verification:#?}");
    assert!(found.contains(&Code::HeadDiffers) && found.contains(&Code::Rewritten), "{found:?}");
    // What was signed in the last segment is left out, and the head is made to fit: the file `checkpoint` tells.
    let verification = finds_any(|folder| {
        folder.edit(4, |lines| {
            lines.truncate(3);
            rewrite(lines, 1, |attested| attested.replace("line ", "LINE "));
        });
        fs::remove_file(folder.path().join("head")).unwrap();
    });
    assert_eq!(codes(&verification.findings)[0], Code::MissingEnd);
}

#[test]
fn a_ledger_signed_anew_with_another_key_is_found_by_who_was_told_of_the_key() {
    let mut forged = Paper::new(8);
    forged.lines(9).stop();
    let folder = forged.save();
    // The folder itself says that this key signs.
    let verification = holds(&options(&folder), &[Code::OwnWord]);
    assert!(!verification.keys_were_given);
    for key in [ledger().verifier_key(), ledger().public_pem()] {
        let public_keys = vec![folder.write("key", key)];
        let verification = verified(&Options { public_keys, ..options(&folder) });
        assert_eq!(verification.verdict(), Verdict::Broken);
        assert_eq!(verification.findings[0].code, Code::UnknownSigner);
        assert_eq!(verification.checkpoints, 0);
    }
}

#[test]
fn a_checkpoint_that_counts_otherwise_is_found() {
    // Signed by the right key over what never was: here the writers before.
    let mut paper = Paper::new(7);
    paper.lines(2).stop();
    let mut other = paper.clone();
    paper.lines(1);
    paper.start("").lines(1).checkpoint();
    other.start("").lines(1).checkpoint();
    let line = String::from_utf8(other.segments[1].clone()).unwrap();
    paper.segments[1] = line.into_bytes();
    let folder = paper.save();
    fs::remove_file(folder.path().join("head")).unwrap();
    fs::remove_file(folder.path().join("checkpoint")).unwrap();
    let verification = verified(&options(&folder));
    assert_eq!(codes(&verification.findings)[..1], [Code::MissingMiddle], "{verification:#?}");

    let mut paper = Paper::new(7);
    paper.lines(2).checkpoint();
    // As if a checkpoint had stood here that is gone, with everything that tells of it.
    let mut gone = paper.clone();
    gone.signed();
    gone.lines(1).stop();
    let verification = verified(&options(&gone.save()));
    assert_eq!(codes(&verification.findings), [Code::OtherPrevious], "{verification:#?}");
}

#[test]
fn a_head_that_does_not_fit_is_found() {
    let paper = ledger();
    let replaced = |from: &str, to: &str| {
        let head = paper.head().replace(from, to);
        assert_ne!(head, paper.head());
        head
    };
    let length = paper.segments[3].len();
    let hash = format!("\"hash\":\"{}", &paper.hash[..1]);
    let other = if paper.hash.starts_with('0') { "\"hash\":\"1" } else { "\"hash\":\"0" };
    for head in [
        "\n".to_owned(),
        "{}\n".to_owned(),
        replaced("\n", ""),
        replaced("\"seq\":14", "\"seq\":13"),
        replaced("\"segment\":4", "\"segment\":3"),
        replaced(&format!("\"bytes\":{length}"), &format!("\"bytes\":{}", length - 1)),
        replaced(&hash, other),
    ] {
        let folder = paper.save();
        folder.write("head", &head);
        let verification = verified(&options(&folder));
        assert!(codes(&verification.findings).contains(&Code::HeadDiffers), "{head}: {verification:#?}");
        assert_eq!(verification.integrity, Verdict::Broken);
    }
    let folder = paper.save();
    folder.write("head", replaced(&writer_name(2), &writer_name(3)));
    assert_eq!(codes(&verified(&options(&folder)).findings), [Code::MissingEnd]);
}

#[test]
fn a_removal_that_nobody_signed_explains_nothing() {
    let mut paper = ledger();
    paper.start("").lines(2);
    paper.removed(2);
    let folder = paper.save();
    fs::remove_file(folder.segment(1)).unwrap();
    assert_eq!(codes(&verified(&options(&folder)).findings), [Code::MissingBeginning]);
    // One that was signed explains what it names, and no segment more.
    paper.checkpoint().stop();
    let folder = paper.save();
    fs::remove_file(folder.segment(1)).unwrap();
    holds(&options(&folder), &[Code::RemovedRecords, Code::OwnWord]);
    fs::remove_file(folder.segment(2)).unwrap();
    assert_eq!(codes(&verified(&options(&folder)).findings)[0], Code::MissingBeginning);
}

#[test]
fn segments_that_are_there_twice_or_cannot_be_unpacked_are_found() {
    let packed = |folder: &Folder| zstd::encode_all(fs::File::open(folder.segment(2)).unwrap(), 3).unwrap();
    finds(&[Code::TwiceThere], None, |folder| _ = folder.write("00000002.jsonl.zst", packed(folder)));
    finds_any(|folder| {
        let mut packed = packed(folder);
        packed.truncate(packed.len() / 2);
        folder.write("00000002.jsonl.zst", packed);
        fs::remove_file(folder.segment(2)).unwrap();
    });
    let verification = finds_any(|folder| {
        folder.write("00000002.jsonl.zst", "no archive");
        fs::remove_file(folder.segment(2)).unwrap();
    });
    assert_eq!(verification.findings[0].code, Code::UnreadableSegment);
}

#[test]
fn a_writers_file_that_differs_is_told() {
    let folder = ledger().save();
    let text = fs::read_to_string(folder.path().join("writers")).unwrap();
    let (id, _) = text.split_once(' ').unwrap();
    folder.write("writers", format!("{id} 3 {}\n", "0".repeat(64)));
    holds(&options(&folder), &[Code::WritersFileDiffers, Code::OwnWord]);
}

#[test]
fn a_segment_of_garbage_is_told_in_few_words() {
    let verification = finds_any(|folder| _ = folder.write("00000002.jsonl", "x\n".repeat(5_000)));
    assert_eq!(verification.findings.len(), 100);
    assert!(verification.findings_total >= 5_000);
}
