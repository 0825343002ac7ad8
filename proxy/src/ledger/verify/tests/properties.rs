//! Whatever a ledger looks like: untouched it holds, and no single change of it goes unseen.

use super::*;
use proptest::prelude::*;
use std::fs;

/// What a writer does next.
#[derive(Clone, Copy, Debug)]
enum Act {
    Lines(usize),
    Checkpoint,
    Rotate,
    Stop,
    Crash,
    Gap,
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        4 => (1_usize..6).prop_map(Act::Lines),
        3 => Just(Act::Checkpoint),
        2 => Just(Act::Rotate),
        1 => Just(Act::Stop),
        1 => Just(Act::Crash),
        1 => Just(Act::Gap),
    ]
}

/// A ledger, and which of its bytes belong to no line.
fn paper(acts: &[Act]) -> (Paper, Vec<(usize, usize)>) {
    let mut paper = Paper::new(7);
    let mut torn = Vec::new();
    for act in acts {
        match act {
            Act::Lines(count) => _ = paper.lines(*count),
            Act::Checkpoint => _ = paper.checkpoint(),
            Act::Rotate => _ = paper.rotate(),
            Act::Stop => {
                paper.stop();
                paper.start("");
            }
            Act::Crash => {
                let bytes = paper.tear();
                let number = paper.segments.len();
                torn.push((number - 1, bytes));
                paper.start(&format!(
                    "; {number:08}.jsonl ends in {bytes} bytes of an unfinished line, left as they are"
                ));
            }
            Act::Gap => paper.line("writer.gap", ",\"lost\":3"),
        }
    }
    paper.lines(1).stop();
    (paper, torn)
}

/// What somebody does to it.
#[derive(Clone, Copy, Debug)]
enum Change {
    Byte(u8),
    Remove,
    Double,
    Swap,
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        3 => (1_u8..=255).prop_map(Change::Byte),
        1 => Just(Change::Remove),
        1 => Just(Change::Double),
        1 => Just(Change::Swap),
    ]
}

fn changed(segment: &[u8], at: usize, change: Change) -> Vec<u8> {
    if let Change::Byte(mask) = change {
        let mut bytes = segment.to_vec();
        bytes[at] ^= mask;
        return bytes;
    }
    let mut lines: Vec<&[u8]> = segment.split_inclusive(|byte| *byte == b'\n').collect();
    let mut line = 0;
    let mut before = 0;
    while before + lines[line].len() <= at {
        before += lines[line].len();
        line += 1;
    }
    match change {
        Change::Byte(_) => {}
        Change::Remove => _ = lines.remove(line),
        Change::Double => lines.insert(line, lines[line]),
        Change::Swap => {
            let other = if line == 0 { lines.len() - 1 } else { line - 1 };
            lines.swap(line, other);
        }
    }
    lines.concat()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn an_untouched_ledger_of_any_shape_holds(acts in prop::collection::vec(act(), 0..40)) {
        let (paper, torn) = paper(&acts);
        let folder = paper.save();
        let checkpoints = vec![folder.write("elsewhere", paper.checkpoints.concat())];
        let verification = verified(&Options { checkpoints, ..options(&folder) });
        prop_assert_eq!(&verification.findings, &[]);
        prop_assert_eq!(verification.outside_checkpoints, paper.checkpoints.len() as u64);
        let told = codes(&verification.remarks).iter().filter(|code| **code == Code::TornLine).count();
        prop_assert_eq!(told, torn.len());
    }

    #[test]
    fn any_single_change_is_found(
        acts in prop::collection::vec(act(), 0..20),
        at in any::<prop::sample::Index>(),
        change in change(),
    ) {
        let (paper, torn) = paper(&acts);
        let folder = paper.save();
        // Any byte of any line; what a crash left is no line.
        let whole = |(number, segment): (usize, &Vec<u8>)| {
            let less = torn.iter().find(|(torn, _)| *torn == number).map_or(0, |(_, bytes)| *bytes);
            segment.len() - less
        };
        let lengths: Vec<usize> = paper.segments.iter().enumerate().map(whole).collect();
        let mut at = at.index(lengths.iter().sum());
        let mut number = 0;
        while at >= lengths[number] {
            at -= lengths[number];
            number += 1;
        }
        let segment = &paper.segments[number];
        let tampered = changed(&segment[..lengths[number]], at, change);
        prop_assume!(tampered != segment[..lengths[number]]);
        let tampered = [&tampered, &segment[lengths[number]..]].concat();
        fs::write(folder.segment(number + 1), tampered).unwrap();
        let verification = verified(&options(&folder));
        prop_assert_eq!(verification.verdict(), Verdict::Broken, "{:#?}", verification);
        let place = verification.reason().unwrap().place.clone();
        prop_assert!(place.is_some(), "it is said where");
    }
}
