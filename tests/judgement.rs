//! Do the rules of a listener hold on every path of the protocol, and is a session that they refuse
//! something of left as a server's own error would leave it?
//!
//! Each case that can be is run directly too, with a statement that the server itself rejects in the
//! place of the refused one: everything but the words of that one error has to be the same bytes.
//! `refusals.rs` does so for refusals by size; here rules decide.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

#[path = "judgement/batches.rs"]
mod batches;
#[path = "judgement/circumstances.rs"]
mod circumstances;
#[path = "judgement/clients.rs"]
mod clients;
#[path = "judgement/encodings.rs"]
mod encodings;
#[path = "judgement/large.rs"]
mod large;
#[path = "judgement/limits.rs"]
mod limits;
#[path = "judgement/login.rs"]
mod login;
#[path = "judgement/objects.rs"]
mod objects;
#[path = "judgement/pooler.rs"]
mod pooler;
#[path = "judgement/prepared.rs"]
mod prepared;
#[path = "judgement/rates.rs"]
mod rates;
#[path = "judgement/reload.rs"]
mod reload;
#[path = "judgement/resets.rs"]
mod resets;
#[path = "judgement/rules.rs"]
mod rules;
#[path = "judgement/sharing.rs"]
mod sharing;
#[path = "judgement/transactions.rs"]
mod transactions;
