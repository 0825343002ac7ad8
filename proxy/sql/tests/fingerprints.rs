//! Do our fingerprints group statements as the server's own grammar does?
//!
//! The oracle is libpg_query's fingerprint (PostgreSQL 18's parser), with the full names of relations and
//! not their aliases.
//! A corpus of statements is written from templates with names, literals, lists, spacing, comments
//! and case of many kinds; two statements must have one fingerprint for us exactly when they have
//! one for the oracle. Where that is not so, the difference has to be one of the few that
//! docs/fingerprints.md lists and argues, and each of those has to occur.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "fingerprints/corpus.rs"]
mod corpus;
#[path = "fingerprints/differences.rs"]
mod differences;

use corpus::Corpus;
use differences::{Kind, LISTED};
use exchange::{Basis, Fingerprint};
use pg_query::{FingerprintOptions, ParserOptions};
use sql::{Lexing, analyse};
use std::collections::{BTreeMap, HashMap};

fn oracle(text: &str) -> String {
    let names = FingerprintOptions::RANGEVAR_PG17_COMPAT | FingerprintOptions::FULL_RELNAME;
    let fingerprint = pg_query::fingerprint(text, ParserOptions::DEFAULT, names);
    fingerprint.unwrap_or_else(|error| panic!("the grammar rejects {text:?}: {error}")).hex
}

fn ours(text: &str) -> Fingerprint {
    let analysis = analyse(text.as_bytes(), Lexing::default());
    assert_eq!(analysis.statements.len(), 1, "{text:?}");
    assert_eq!(analysis.statements[0].effects.basis, Basis::Grammar, "{text:?}");
    analysis.statements[0].fingerprint
}

/// One text of each group that `inner` makes within each group of `outer`, where there are several.
fn divided<Outer: Ord, Inner: Eq + std::hash::Hash>(texts: &[(Outer, Inner, &str)]) -> Vec<Vec<String>> {
    let mut groups: BTreeMap<&Outer, HashMap<&Inner, &str>> = BTreeMap::new();
    for (outer, inner, text) in texts {
        groups.entry(outer).or_default().entry(inner).or_insert(text);
    }
    let several = groups.into_values().filter(|parts| parts.len() > 1);
    several.map(|parts| parts.into_values().map(str::to_owned).collect()).collect()
}

#[test]
fn statements_are_grouped_as_the_grammar_groups_them_but_for_what_is_listed() {
    let corpus = Corpus::new(14_000);
    let told: Vec<_> =
        corpus.statements.iter().map(|text| (oracle(text), ours(text), text.as_str())).collect();
    let shapes: std::collections::HashSet<_> = told.iter().map(|(_, ours, _)| *ours).collect();

    let mut seen: BTreeMap<Kind, usize> = BTreeMap::new();
    let mut unlisted = Vec::new();
    // What the grammar calls one shape and we call several.
    for parts in divided(&told) {
        for other in &parts[1..] {
            let kinds = differences::between(&parts[0], other);
            if kinds.is_empty() {
                unlisted.push(format!("{}\n{other}", parts[0]));
            }
            kinds.into_iter().for_each(|kind| *seen.entry(kind).or_default() += 1);
        }
    }
    assert!(unlisted.is_empty(), "one shape for the grammar, several for us: {}", unlisted.join("\n\n"));
    // What we call one shape and the grammar calls several.
    let swapped: Vec<_> = told.iter().map(|(oracle, ours, text)| (*ours, oracle.clone(), *text)).collect();
    let coarser = divided(&swapped);
    assert!(coarser.is_empty(), "one shape for us, several for the grammar: {coarser:#?}");

    println!("{} statements, {} shapes; listed differences: {seen:?}", told.len(), shapes.len());
    assert!(told.len() >= 10_000 && shapes.len() >= 1_000, "{} of {}", shapes.len(), told.len());
    for kind in Kind::ALL {
        assert!(seen.contains_key(&kind), "{kind:?} is listed and does not occur");
    }
}

#[test]
fn every_listed_difference_is_one_and_is_argued() {
    let document = include_str!("../../../docs/fingerprints.md");
    for difference in LISTED {
        let (one, other) = difference.texts;
        let same = (oracle(one) == oracle(other), ours(one) == ours(other));
        assert_eq!(same, (difference.grammar_merges, !difference.grammar_merges), "{one:?} and {other:?}");
        for text in [one, other] {
            assert!(document.contains(&format!("`{text}`")), "docs/fingerprints.md does not show `{text}`");
        }
    }
    let rows = document.lines().filter(|line| line.starts_with("| `")).count();
    assert_eq!(rows, LISTED.len(), "docs/fingerprints.md lists what is no difference, or not all");
}
