//! Are the metrics those of the contract, with its labels, and those that ADR 0006 argues?

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::*;
use crate::config;
use relay::settings::{Expiry, Side};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

/// Name and labels of the contract's metrics.
const CONTRACT: [(&str, &[&str]); 13] = [
    ("build_info", &["version"]),
    ("bytes_total", &["listener", "protocol", "side"]),
    ("exchange_seconds", &["listener", "protocol", "class"]),
    ("exchanges_total", &["listener", "protocol", "class", "verdict"]),
    ("judge_seconds", &["listener", "protocol"]),
    ("ledger_gaps_total", &[]),
    ("ledger_queue_bytes", &[]),
    ("ledger_records_total", &[]),
    ("logins_failed_total", &["listener", "protocol", "reason"]),
    ("refusals_total", &["listener", "protocol", "reason"]),
    ("sessions", &["listener", "protocol"]),
    ("sessions_total", &["listener", "protocol"]),
    ("upstream_up", &["listener", "protocol"]),
];

/// The same for those beside it.
const ADDED: [(&str, &[&str]); 23] = [
    ("accept_pauses_total", &["listener", "protocol"]),
    ("cancels_total", &["listener", "protocol"]),
    ("certificate_expiry_seconds", &["listener", "protocol", "side"]),
    ("draining", &[]),
    ("exchanges_failed_total", &["listener", "protocol"]),
    ("faults_total", &["listener", "protocol"]),
    ("ledger_broken", &[]),
    ("ledger_checkpoints_total", &[]),
    ("ledger_copy_failures_total", &["copy"]),
    ("ledger_copy_lag_seconds", &["copy"]),
    ("ledger_failures_total", &[]),
    ("ledger_removal_held_up", &[]),
    ("ledger_removed_records_total", &[]),
    ("limit_hits_total", &["listener", "protocol", "reason"]),
    ("mode_changed", &["listener", "protocol"]),
    ("report_stream_failures_total", &[]),
    ("report_stream_given_up_total", &[]),
    ("report_stream_taken_total", &[]),
    ("report_stream_waiting", &[]),
    ("sessions_left_before", &[]),
    ("statistics_bytes", &[]),
    ("statistics_entries", &[]),
    ("statistics_evictions_total", &[]),
];

/// What a gateway shows whose one listener has seen a statement of every class and verdict.
fn shown() -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gateway.toml");
    let listener = "[[listener]]\nname = \"shop\"\nlisten = \"127.0.0.1:0\"\nupstream = \"127.0.0.1:5432\"\n";
    std::fs::write(&path, listener).unwrap();
    let settings = config::listeners(&config::load(&path, std::iter::empty()).unwrap()).unwrap();
    let mut settings = settings.into_iter().next().unwrap();
    let expiry = |side| Expiry { side, setting: "tls.certificate", at: 1_900_000_000 };
    settings.expiries = [Side::Client, Side::Upstream].map(expiry).into();
    let listener = Arc::new(Listener::new(settings, 1, 1));
    let counters = listener.counters.first().unwrap();
    for class in Class::ALL {
        (0..VERDICTS).for_each(|verdict| counters.exchanged(class, verdict, Some(Duration::from_millis(1))));
    }
    let threads = Arc::new(Threads::start(Vec::new(), 0, 0).unwrap());
    let (ledger, care, copies) = (Arc::default(), Arc::default(), Copies::of_names(&["siem"]));
    let stream = Some(Arc::default());
    Metrics { ledger, care, copies, threads, former: None, stream, drain: None }
        .text(&[listener], &std::collections::BTreeSet::new())
        .unwrap()
}

/// The labels of each family, by its name without the prefix. A histogram's bounds are no label.
fn families(text: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut families = BTreeMap::<_, BTreeSet<String>>::new();
    let mut name = "";
    for line in text.lines() {
        if let Some(kind) = line.strip_prefix("# TYPE dragoman_") {
            name = kind.split(' ').next().unwrap();
            families.insert(name.to_owned(), BTreeSet::new());
        } else if !line.starts_with('#') {
            assert!(line.starts_with(&format!("dragoman_{name}")), "`{line}` belongs to no family");
            let labels =
                line.split_once('{').and_then(|(_, rest)| rest.split_once('}')).map_or("", |(set, _)| set);
            let names = labels.split(',').filter_map(|label| label.split_once('='));
            let known = families.get_mut(name).unwrap();
            known.extend(names.map(|(label, _)| label.to_owned()).filter(|label| label != "le"));
        }
    }
    families
}

#[test]
fn the_metrics_are_those_of_the_contract_and_those_argued_beside_it() {
    let wanted: BTreeMap<_, _> = CONTRACT
        .iter()
        .chain(&ADDED)
        .map(|(name, labels)| ((*name).to_owned(), labels.iter().map(ToString::to_string).collect()))
        .collect();
    assert_eq!(families(&shown()), wanted);
}

#[test]
fn what_is_beside_the_contract_is_argued() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/adr/0006-additions-to-the-contract.md");
    let argued = std::fs::read_to_string(path).unwrap();
    for (name, _) in ADDED {
        assert!(argued.contains(&format!("`dragoman_{name}`")), "ADR 0006 does not argue `dragoman_{name}`");
    }
}
