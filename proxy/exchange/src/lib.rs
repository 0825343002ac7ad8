//! The words every part of the gateway shares.
//!
//! This crate knows nouns and no verbs: who asks ([`Session`], [`Principal`]), what is asked
//! ([`Request`], [`Statement`]) and does ([`Effects`]), what a wire tells of it ([`step`]), how it ended ([`Outcome`]), why
//! it was not allowed ([`Refusal`]) and what is written down about it ([`Record`]). It must not know
//! anything that happens: no sockets, no clock, no files, no wire bytes, no rules.
//!
//! Start at [`record`]: it shows what the rest is for.

pub mod budget;
pub mod effects;
pub mod identity;
pub mod outcome;
pub mod record;
pub mod refusal;
pub mod request;
pub mod statement;
pub mod step;

pub use effects::{Access, Basis, Column, Effects, Function, Known, Marks, Relation, Setting, Unjudged};
pub use identity::{
    Address, Certificate, Claims, Environment, Principal, Protocol, Session, SessionId, TlsFacts,
};
pub use outcome::{Outcome, SqlState};
pub use record::{
    Event, ExchangeId, Kind, LedgerAccess, OpenLine, ReaderKind, Record, RecordBody, StatementRecord, Timing,
    TransactionState, Values, VerdictWord,
};
pub use refusal::{Refusal, RefusalClass};
pub use request::{Admitted, Ask, Command, Request};
pub use statement::{Class, Fingerprint, Statement, Verb};
pub use step::{Heard, Parameter, Step};
