//! What does the ledger say when its own gateway reads all of it?

use super::keeper::now_us;
use crate::ledger::verify::{self, Finding, Options, Verdict, Verification, VerifyError};
use ::control::{LedgerCheckResult, LedgerVerdict};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// Reads the whole ledger of a directory. There is no checkpoint from elsewhere and no key but those the
/// directory names: whoever wants to know more than that verifies it himself. `None` when it was stopped: that says
/// nothing of the ledger.
pub(super) fn check(
    directory: &Path,
    started_at_us: i64,
    stop: Arc<AtomicBool>,
    progress: &mut dyn FnMut(u64, u64),
) -> Option<LedgerCheckResult> {
    let options = Options { directories: vec![directory.to_owned()], stop: Some(stop), ..Options::default() };
    let result = verify::verify(&options, progress);
    match result {
        Err(VerifyError::Stopped) => None,
        result => Some(told(&result, started_at_us, now_us())),
    }
}

fn told(
    result: &Result<Verification, VerifyError>,
    started_at_us: i64,
    ended_at_us: i64,
) -> LedgerCheckResult {
    match result {
        Ok(found) => LedgerCheckResult {
            started_at_us,
            ended_at_us,
            integrity: verdict(found.integrity),
            completeness: verdict(found.completeness),
            records: found.records,
            summary: summary(found),
            findings: findings(found),
            remarks: texts(&found.remarks),
        },
        Err(error) => LedgerCheckResult {
            started_at_us,
            ended_at_us,
            integrity: LedgerVerdict::CannotTell,
            completeness: LedgerVerdict::CannotTell,
            records: 0,
            summary: "the ledger could not be read".to_owned(),
            findings: vec![error.to_string()],
            remarks: Vec::new(),
        },
    }
}

fn verdict(verdict: Verdict) -> LedgerVerdict {
    match verdict {
        Verdict::Holds => LedgerVerdict::Holds,
        Verdict::CannotTell => LedgerVerdict::CannotTell,
        Verdict::Broken => LedgerVerdict::Broken,
    }
}

/// The verdict in one line, with the first thing that makes it what it is.
fn summary(found: &Verification) -> String {
    match found.reason() {
        Some(reason) => reason.to_string(),
        None => format!("{} records, nothing changed, nothing missing", found.records),
    }
}

/// What breaks it first, then what leaves something open.
fn findings(found: &Verification) -> Vec<String> {
    let mut findings: Vec<&Finding> = found.findings.iter().collect();
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.weight));
    texts(findings)
}

fn texts<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> Vec<String> {
    findings.into_iter().take(LedgerCheckResult::FINDINGS_MAX).map(Finding::to_string).collect()
}
