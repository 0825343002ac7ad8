//! Is what was done to a ledger found, and is what nobody touched left alone?
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod order;
mod outside;
mod packed;
mod paper;
mod properties;
mod starts;
mod tampering;
mod written;

use super::*;
use paper::{Folder, Paper};

fn options(folder: &Folder) -> Options {
    Options { directories: vec![folder.path().to_owned()], ..Options::default() }
}

fn verified(options: &Options) -> Verification {
    verify(options, &mut |_, _| {}).unwrap()
}

fn codes(findings: &[Finding]) -> Vec<Code> {
    findings.iter().map(|finding| finding.code).collect()
}

/// Everything holds, and this is told besides.
#[track_caller]
fn holds(options: &Options, told: &[Code]) -> Verification {
    let verification = verified(options);
    assert_eq!(verification.findings, []);
    assert_eq!(verification.verdict(), Verdict::Holds);
    let mut told = told.to_vec();
    if options.checkpoints.is_empty() {
        told.push(Code::NothingFromElsewhere);
    }
    assert_eq!(codes(&verification.remarks), told, "{:#?}", verification.remarks);
    verification
}

/// Two writers of two segments each, signed every few lines.
fn ledger() -> Paper {
    let mut paper = Paper::new(7);
    paper.lines(4).checkpoint().lines(3).checkpoint().rotate().lines(5).checkpoint().lines(2).stop();
    paper.start("").lines(4).checkpoint().rotate().lines(3).checkpoint().lines(2).stop();
    paper
}
