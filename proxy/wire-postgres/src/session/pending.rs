//! What does the server still have to answer?

use super::Event;
use crate::names::{Name, Portal};
use exchange::{ExchangeId, Refusal};

/// What the server still has to answer.
#[derive(Debug)]
pub(super) enum Reply<T> {
    /// Until ReadyForQuery.
    Query { copy: Copy },
    /// Until ReadyForQuery.
    Function,
    /// ParseComplete. `change` undoes what it does to the name.
    Parse { name: Name, change: Change<T> },
    /// BindComplete. `before` undoes the name.
    Bind { portal: Name, before: Option<Portal<T>> },
    /// RowDescription or NoData.
    Describe,
    /// The same, to what the gateway asks of its own ahead of poison; the client sees none of it. Where there is no such
    /// portal, an error, which the client sees.
    Look,
    /// CommandComplete, EmptyQueryResponse or PortalSuspended, of the portal with this serial.
    Execute { portal: Name, serial: u64, resumes: bool, copy: Copy },
    /// CloseComplete. `before` undoes the name.
    CloseStatement { name: Name, before: Option<T> },
    /// CloseComplete. `before` undoes the name.
    ClosePortal { portal: Name, before: Option<Portal<T>> },
    /// ReadyForQuery.
    Sync,
    /// Until ReadyForQuery; the client sees none of it. `done`: the server has said that it did it.
    Guard { done: bool },
    /// None: marks where the client ended its COPY data.
    CopyEnd,
}

/// What a request has to do with COPY FROM STDIN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Copy {
    /// Nothing.
    None,
    /// It may begin one.
    Expected,
    /// Its data were sent to the end.
    Ended,
}

/// What a Parse does to its name.
#[derive(Debug)]
pub(super) enum Change<T> {
    /// Took it, at once; this undoes it.
    Took(Option<T>),
    /// Nothing: it was refused.
    None,
}

#[derive(Debug)]
pub(super) struct Pending<T> {
    pub(super) reply: Reply<T>,
    /// 0 where the message is no exchange.
    pub(super) exchange: ExchangeId,
    /// The request was refused and poison sent in its place.
    pub(super) refusal: Option<Box<Refusal>>,
    /// How its exchange ended was told already.
    pub(super) told: bool,
    /// It changes the name of a statement.
    pub(super) changes: bool,
}

impl<T> Pending<T> {
    pub(super) fn new(reply: Reply<T>, exchange: ExchangeId, refusal: Option<Box<Refusal>>) -> Pending<T> {
        let changes = matches!(reply, Reply::Parse { .. } | Reply::CloseStatement { .. });
        Pending { reply, exchange, refusal, told: false, changes }
    }

    /// What it found the statement to be that it gave a name of, if it is this one.
    pub(super) fn statement_before(&mut self, wanted: &Name) -> Option<&mut Option<T>> {
        match &mut self.reply {
            Reply::Parse { name, change: Change::Took(before) } | Reply::CloseStatement { name, before }
                if name == wanted =>
            {
                Some(before)
            }
            _ => None,
        }
    }

    /// The same of a portal.
    pub(super) fn portal_before(&mut self, wanted: &Name) -> Option<&mut Option<Portal<T>>> {
        match &mut self.reply {
            Reply::Bind { portal, before } | Reply::ClosePortal { portal, before } if portal == wanted => {
                Some(before)
            }
            _ => None,
        }
    }

    /// Whether the server answers it with ReadyForQuery.
    pub(super) fn ends_batch(&self) -> bool {
        matches!(self.reply, Reply::Sync | Reply::Query { .. } | Reply::Function | Reply::Guard { .. })
    }

    /// Its part in a COPY FROM STDIN, if it can have one.
    pub(super) fn copy(&mut self) -> Option<&mut Copy> {
        match &mut self.reply {
            Reply::Query { copy } | Reply::Execute { copy, .. } => Some(copy),
            _ => None,
        }
    }

    pub(super) fn is_exchange(&self) -> bool {
        self.exchange > 0
    }

    /// What is told of it when the server will not look at it.
    pub(super) fn skipped(&self) -> Option<Event> {
        let untold = self.is_exchange() && self.refusal.is_none() && !self.told;
        // A portal that was to go on has delivered before: it ends when the portal does.
        let resumes = matches!(self.reply, Reply::Execute { resumes: true, .. });
        (untold && !resumes).then_some(Event::Skipped { exchange: self.exchange })
    }
}
