//! What is the same in the three accounts: the server's, the ledger's and the clients'?

use crate::client::Claims;
use crate::entry::{Entry, LOST, Marked, OK, REFUSED, Told, assert_same, assert_would_be_found};
use crate::harness::gateway::Gateway;
use crate::harness::ledger::Record;
use std::collections::BTreeSet;

/// How a server may see the end of a statement whose client has gone, and whose session somebody ended.
const ENDS_OF_LOST: [&str; 4] = [OK, "57P01", "70100", "08S01"];

/// The records of a gateway, once the sessions it knows have ended.
pub fn ended(gateway: &Gateway, sessions: &BTreeSet<String>) -> Vec<Record> {
    gateway.recorded("the end of each session", |records| {
        let count = |event: &str| {
            let of = |record: &&Record| {
                record.event() == event && sessions.contains(record.principal("application"))
            };
            records.iter().filter(of).count()
        };
        (count("session.start") > 0 && count("session.start") == count("session.end"))
            .then(|| records.to_vec())
    })
}

/// Compares each with each.
pub fn accounts(name: &str, claims: &[Claims], told: &Told, mut server: Vec<Entry>, mut marked: Vec<Marked>) {
    let claimed: Vec<Marked> = claims.iter().flat_map(|claims| claims.marked.clone()).collect();
    forget_ends_of_lost(&claimed, &told.entries, &mut server, &mut marked);
    let of_entry = |entry: &Entry| entry.session.clone();
    let sessions: BTreeSet<String> = server.iter().map(of_entry).collect();
    let (refused, failed): (Vec<_>, Vec<_>) =
        server.iter().filter(|entry| entry.ending != OK).partition(|entry| entry.ending == REFUSED);
    println!(
        "{name}: {} statements and refusals of {} sessions, {} failed, {} refused, {} with a mark",
        server.len(),
        sessions.len(),
        failed.len(),
        refused.len() + claims.iter().map(|claims| claims.refusals).sum::<usize>(),
        claimed.len(),
    );
    assert_same("the ledger and the server's log", &told.entries, &server);
    assert_same("the ledger and the clients", &told.marked, &claimed);
    // What was refused never reached the server.
    let unlogged: BTreeSet<&String> = claims.iter().flat_map(|claims| &claims.unlogged).collect();
    let logged = |marked: &Marked| marked.2 != REFUSED && !unlogged.contains(&marked.1);
    let reached: Vec<Marked> = claimed.into_iter().filter(logged).collect();
    assert_same("the server's log and the clients", &marked, &reached);
    assert_would_be_found(&told.entries, &server);
}

/// Nobody who waits for an answer is told how a statement ended whose client is gone. The server may know.
fn forget_ends_of_lost(claimed: &[Marked], told: &[Entry], server: &mut [Entry], marked: &mut [Marked]) {
    for (session, mark, _) in claimed.iter().filter(|marked| marked.2 == LOST) {
        let lost = told.iter().find(|entry| entry.session == *session && entry.ending == LOST);
        assert!(lost.is_some_and(|entry| entry.text.contains(mark)), "{mark} is lost: {lost:?}");
        let entry = server.iter_mut().find(|entry| entry.session == *session && entry.text.contains(mark));
        let entry = entry.unwrap_or_else(|| panic!("{mark} is not in the server's log"));
        let by_mark = marked.iter_mut().find(|one| one.1 == *mark);
        for ending in [&mut entry.ending, &mut by_mark.unwrap_or_else(|| panic!("{mark} has no mark")).2] {
            assert!(ENDS_OF_LOST.contains(&&**ending), "{mark} ended in {ending}");
            LOST.clone_into(ending);
        }
    }
}
