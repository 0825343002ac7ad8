//! The server's direction: which request do these bytes answer?

use super::pending::{Change, Copy, Pending, Reply};
use super::{Event, HELD_MAX, Heard, Parameter, Read, Session};
use crate::frame::{self, HEADER_BYTES, Header};
use crate::message::{self, ErrorFacts};
use crate::names::{Name, Portal, Suspended};
use crate::refusal::{self, Severity};
use crate::violation::Violation;
use exchange::{ExchangeId, TransactionState};

impl<T: Clone> Session<T> {
    /// Reads the front of the server's bytes, up to and including the first message that tells
    /// something. The caller consumes `len` bytes and calls again until there is no event.
    pub fn server(&mut self, input: &[u8]) -> Read<Heard> {
        if let Some(event) = self.events.pop_front() {
            return Ok(Heard { len: 0, event: Some(event) });
        }
        if self.server_dropped > 0 {
            let len = self.server_dropped.min(input.len());
            self.server_dropped -= len;
            return Ok(Heard { len: 0, event: (len > 0).then_some(Event::Dropped { len }) });
        }
        let mut len = 0;
        loop {
            let by = self.server_body.min(input.len() - len);
            self.server_body -= by;
            len += by;
            self.bytes += by as u64;
            len += self.whole_rows(input.get(len..).unwrap_or_default());
            let Some(rest) = input.get(len..).filter(|rest| !rest.is_empty()) else { break };
            let Some(header) = frame::server(rest)? else { break };
            if self.answers_look(header) {
                let there = header.frame().min(rest.len());
                self.server_dropped = header.frame() - there;
                return Ok(Heard { len, event: Some(Event::Dropped { len: there }) });
            }
            if skimmed(header) {
                if !self.watches.is_empty()
                    && let Some(event) = self.exceeded(header)
                {
                    return Ok(Heard { len, event: Some(event) });
                }
                self.skim(header);
                len += HEADER_BYTES;
                match self.events.pop_front() {
                    Some(event) => return Ok(Heard { len, event: Some(event) }),
                    None => continue,
                }
            }
            // An error may be long; its code stands in its first part.
            let held = header.body.min(HELD_MAX);
            let Some(body) = rest.get(HEADER_BYTES..HEADER_BYTES + held) else { break };
            if let Some(event) = self.replaced(header, body)? {
                return Ok(Heard { len, event: Some(event) });
            }
            self.bytes += (HEADER_BYTES + held) as u64;
            len += HEADER_BYTES + held;
            self.server_body = header.body - held;
            if let Some(event) = self.message(header.tag, body)?.or_else(|| self.events.pop_front()) {
                return Ok(Heard { len, event: Some(event) });
            }
        }
        Ok(Heard { len, event: self.events.pop_front() })
    }

    /// Whether the server has a portal that it was asked for by the gateway: what it says of it is nobody's.
    fn answers_look(&mut self, header: Header) -> bool {
        matches!(header.tag, b'T' | b'n') && self.pop_if(|reply| matches!(reply, Reply::Look)).is_some()
    }

    /// What a message tells that does not go to the client as it is.
    fn replaced(&mut self, header: Header, held: &[u8]) -> Read<Option<Event>> {
        if self.is_guarding() {
            return self.guarded(header, held);
        }
        if header.tag == b'E' { self.replaced_error(header, held) } else { Ok(None) }
    }

    fn replaced_error(&mut self, header: Header, held: &[u8]) -> Read<Option<Event>> {
        if self.rejects_poison(held) {
            return Ok(Some(self.refused(header)));
        }
        match self.relabelled(held) {
            Some(refusal) => self.cut(header, held, &refusal),
            None => Ok(None),
        }
    }

    /// Counts the rows and pieces of COPY data that lie whole at the front of `input` and within the
    /// answer's bound, and says how many bytes they are.
    fn whole_rows(&mut self, input: &[u8]) -> usize {
        let (mut len, mut rows) = rows_at_front(input, |_, _| true);
        if rows > 0
            && !self.watches.is_empty()
            && let Some(left) = self.left()
        {
            let left = left.less((self.rows, self.bytes));
            if left.excess(rows, len as u64).is_some() {
                (len, rows) = rows_at_front(input, |len, rows| left.excess(rows, len as u64).is_none());
            }
        }
        self.rows += rows;
        self.bytes += len as u64;
        len
    }

    fn skim(&mut self, header: Header) {
        self.bytes += HEADER_BYTES as u64;
        self.server_body = header.body;
        match header.tag {
            b'D' | b'd' => self.rows += 1,
            b'T' | b'n' => {
                self.pop_if(|reply| matches!(reply, Reply::Describe));
            }
            b'G' => self.copy_in_begins(),
            b'V' => self.function_returned(header),
            _ => {}
        }
    }

    fn function_returned(&mut self, header: Header) {
        if let Some(Pending { reply: Reply::Function, exchange, .. }) = self.front() {
            let bytes = header.frame() as u64;
            let event = Event::Completed { exchange: *exchange, rows: 1, bytes, copied_in: 0 };
            self.events.push_back(event);
        }
    }

    /// Messages short enough to be whole, whose content tells something.
    fn message(&mut self, tag: u8, body: &[u8]) -> Read<Option<Event>> {
        Ok(match tag {
            b'C' => Some(self.completed(message::tag_rows(body))?),
            b'I' => self.empty(),
            b's' => self.suspended(),
            b'1' => {
                let parse = self.pop_if(|reply| matches!(reply, Reply::Parse { .. }));
                parse.map(|pending| self.finish(pending.exchange, 0))
            }
            b'2' => {
                let bound = self.pop_if(|reply| matches!(reply, Reply::Bind { .. }));
                if let Some(Pending { reply: Reply::Bind { before, .. }, .. }) = bound {
                    self.portal_ended(before);
                }
                None
            }
            b'3' => self.closed(),
            b'E' => Some(self.failed(body)?),
            b'Z' => Some(self.ready(body)?),
            b'S' => parameter(body).map(Event::Parameter),
            b'K' => message::backend_key(body).map(|(id, key)| Event::Key { id, key: key.into() }),
            _ => None,
        })
    }

    pub(super) fn front(&mut self) -> Option<&mut Pending<T>> {
        let is_mark = |pending: &Pending<T>| matches!(pending.reply, Reply::CopyEnd);
        while self.pending.front().is_some_and(is_mark) {
            self.pending.pop_front();
        }
        self.pending.front_mut()
    }

    fn pop_if(&mut self, is: impl FnOnce(&Reply<T>) -> bool) -> Option<Pending<T>> {
        let matches = self.front().is_some_and(|pending| is(&pending.reply));
        if matches { self.pop() } else { None }
    }

    pub(super) fn pop(&mut self) -> Option<Pending<T>> {
        let pending = self.pending.pop_front()?;
        self.leaves(&pending);
        Some(pending)
    }

    /// Whether an error is the server's answer to a poison: a syntax error, and in its turn. A session of physical
    /// replication has no database to run SQL in, and rejects what is no command of its own as not supported.
    fn rejects_poison(&mut self, error: &[u8]) -> bool {
        let refused = self.front().is_some_and(|pending| pending.refusal.is_some());
        let facts = message::error(error);
        let rejected = facts.sqlstate.is_some_and(|state| matches!(&state, b"42601" | b"0A000"));
        refused && rejected && !facts.fatal && !facts.in_copy
    }

    /// Rows and bytes of the answer so far; counting begins anew.
    pub(super) fn take_counts(&mut self) -> (u64, u64) {
        (std::mem::take(&mut self.rows), std::mem::take(&mut self.bytes))
    }

    fn finish(&mut self, exchange: ExchangeId, rows: u64) -> Event {
        let (seen, bytes) = self.take_counts();
        let copied_in = std::mem::take(&mut self.copied_in);
        if !self.watches.is_empty() {
            self.watches.add(exchange, (seen, bytes));
        }
        Event::Completed { exchange, rows: rows.max(seen), bytes, copied_in }
    }

    fn completed(&mut self, rows: u64) -> Read<Event> {
        self.copying_in = false;
        // What nobody asked for cannot be put down to anybody: the order of the stream is lost.
        let front =
            self.front().map(|pending| (matches!(pending.reply, Reply::Query { .. }), pending.exchange));
        match front {
            Some((true, exchange)) => Ok(self.finish(exchange, rows)),
            _ => {
                let executed = self.pop_if(|reply| matches!(reply, Reply::Execute { .. }));
                let executed = executed.ok_or(Violation::Server(b'C'))?;
                let before = self.unsuspend(&executed);
                let event = self.finish(executed.exchange, rows);
                Ok(add(event, before))
            }
        }
    }

    fn empty(&mut self) -> Option<Event> {
        let executed = self.pop_if(|reply| matches!(reply, Reply::Execute { .. }))?;
        Some(self.finish(executed.exchange, 0))
    }

    /// A portal stopped at its row limit: the exchange stays open until the portal ends.
    fn suspended(&mut self) -> Option<Event> {
        let exchange = self.front().map_or(0, |front| front.exchange);
        let bound = self.watches.bound_of(exchange);
        let executed = self.pop_if(|reply| matches!(reply, Reply::Execute { .. }))?;
        let before = self.unsuspend(&executed);
        let (rows, bytes) = self.take_counts();
        let suspended =
            Suspended { exchange: executed.exchange, rows: rows + before.0, bytes: bytes + before.1 };
        match self.portal_of(&executed) {
            Some(portal) => {
                portal.suspended = Some(suspended);
                let serial = portal.serial;
                self.stays_bounded(serial, bound);
                None
            }
            // Another portal has its name by now.
            None => Some(over(suspended)),
        }
    }

    /// The portal an Execute ran, if its name still means it.
    fn portal_of(&mut self, executed: &Pending<T>) -> Option<&mut Portal<T>> {
        let Reply::Execute { portal, serial, .. } = &executed.reply else { return None };
        self.portals.get_mut(portal).filter(|portal| portal.serial == *serial)
    }

    /// Rows and bytes of earlier runs of the same execution.
    fn unsuspend(&mut self, executed: &Pending<T>) -> (u64, u64) {
        let Some(suspended) = self.portal_of(executed).and_then(|portal| portal.suspended.take()) else {
            return (0, 0);
        };
        if suspended.exchange == executed.exchange {
            return (suspended.rows, suspended.bytes);
        }
        self.events.push_back(over(suspended));
        (0, 0)
    }

    fn closed(&mut self) -> Option<Event> {
        let closed =
            self.pop_if(|reply| matches!(reply, Reply::CloseStatement { .. } | Reply::ClosePortal { .. }))?;
        match closed.reply {
            Reply::ClosePortal { before: Some(portal), .. } => portal.suspended.map(over),
            _ => None,
        }
    }

    fn refused(&mut self, header: Header) -> Event {
        let replaces = header.frame();
        let mut bytes = Vec::new();
        let mut exchange = 0;
        if let Some(Pending { refusal: Some(refusal), exchange: of, .. }) = self.front() {
            exchange = *of;
            refusal::error_response(Severity::Error, refusal, &mut bytes);
        }
        self.take_counts();
        match self.pending.front().map(|pending| &pending.reply) {
            // Its ReadyForQuery is still to come; an error after this one is not the poison's.
            Some(Reply::Query { .. } | Reply::Function) => {
                if let Some(pending) = self.pending.front_mut() {
                    pending.refusal = None;
                }
            }
            _ => self.skip_to_sync(),
        }
        Event::Refused { exchange, replaces, bytes }
    }

    fn failed(&mut self, body: &[u8]) -> Read<Event> {
        self.error = body.len();
        let facts = message::error(body);
        let Failure { exchange, bytes, copied_in } = self.fail(facts)?;
        Ok(Event::Failed { exchange, sqlstate: facts.sqlstate, fatal: facts.fatal, bytes, copied_in })
    }

    /// What was being answered has failed, and its batch with it.
    pub(super) fn fail(&mut self, facts: ErrorFacts) -> Read<Failure> {
        if self.copying_in && facts.in_copy {
            self.drop_intruder()?;
        }
        self.copying_in = false;
        let (_, bytes) = self.take_counts();
        let copied_in = std::mem::take(&mut self.copied_in);
        let exchange = self.failing();
        match self.front().map(|pending| &pending.reply) {
            // Of a message that has no entry, such as a Flush: the batch is over all the same.
            None => self.skipping |= self.open_batch && !facts.fatal,
            Some(Reply::Query { .. } | Reply::Function | Reply::Sync | Reply::Guard { .. }) => {}
            Some(_) => self.fail_batch(exchange),
        }
        Ok(Failure { exchange, bytes, copied_in })
    }

    /// The exchange that an error fails now.
    pub(super) fn failing(&mut self) -> Option<ExchangeId> {
        match self.front().map(|pending| (&pending.reply, pending.exchange))? {
            (Reply::Sync | Reply::Guard { .. }, _) => None,
            (_, 0) => self.next_execution(),
            (_, exchange) => Some(exchange),
        }
    }

    /// A request in the middle of COPY data makes the COPY fail and is gone. Behind an extended COPY
    /// everything is skipped anyway.
    fn drop_intruder(&mut self) -> Read<()> {
        if !self.front().is_some_and(|front| matches!(front.reply, Reply::Query { .. })) {
            return Ok(());
        }
        let is_mark = |pending: &Pending<T>| matches!(pending.reply, Reply::CopyEnd);
        let position =
            (1..self.pending.len()).find(|at| self.pending.get(*at).is_some_and(|entry| !is_mark(entry)));
        let Some(intruder) = position.and_then(|at| self.pending.remove(at)) else { return Ok(()) };
        self.leaves(&intruder);
        match intruder.reply {
            Reply::Query { .. } | Reply::Function => self.batches_sent -= 1,
            Reply::Execute { .. } | Reply::Describe | Reply::Look => {}
            // It changed a name that later messages may have changed again.
            _ => return Err(Violation::Copying(b'P')),
        }
        self.events.extend(intruder.skipped());
        Ok(())
    }

    /// An extended request failed, as `failed`, and its batch with it.
    fn fail_batch(&mut self, failed: Option<ExchangeId>) {
        // What failed is told as failed, and not as skipped too.
        let of_batch = |pending: &&mut Pending<T>| !matches!(pending.reply, Reply::Sync);
        for pending in self.pending.iter_mut().take_while(of_batch) {
            if failed == Some(pending.exchange) {
                pending.told = true;
            }
        }
        if let Some(front) = self.pending.pop_front() {
            self.unsuspend(&front);
            self.pending.push_front(front);
        }
        self.skip_to_sync();
    }

    /// The Execute a failing Bind, Describe or Close was meant for.
    fn next_execution(&self) -> Option<ExchangeId> {
        self.pending
            .iter()
            .take_while(|pending| !matches!(pending.reply, Reply::Sync))
            .find(|pending| matches!(pending.reply, Reply::Execute { .. }) && pending.refusal.is_none())
            .map(|pending| pending.exchange)
    }

    /// After an error of an extended request the server ignores everything up to the next Sync:
    /// those entries go, and what they did to the names is undone, the last first.
    fn skip_to_sync(&mut self) {
        let end = self.pending.iter().position(|pending| matches!(pending.reply, Reply::Sync));
        self.skipping = end.is_none();
        let end = end.unwrap_or(self.pending.len());
        self.undo_front(end, true);
        for _ in 0..end {
            if let Some(pending) = self.pop() {
                self.events.extend(pending.skipped());
            }
        }
    }

    /// Undoes what the first `end` entries did to names, the last first. `failed` says that the first of
    /// them is the one that failed.
    fn undo_front(&mut self, end: usize, failed: bool) {
        for position in (0..end).rev() {
            if let Some(pending) = self.pending.get_mut(position) {
                let reply = match &mut pending.reply {
                    // Changes no name, and is asked for its own later.
                    Reply::Execute { .. } => continue,
                    other => std::mem::replace(other, Reply::Describe),
                };
                let first = failed && position == 0;
                self.undo(reply, first, end);
            }
        }
    }

    /// Undoes what a message did to a name. A message of a later batch, from `later` on, may have changed
    /// the same name since: then it is what that one found, and not what the name means now.
    fn undo(&mut self, reply: Reply<T>, failed: bool, later: usize) {
        let (name, before) = match reply {
            // A failing Parse has dropped the unnamed statement before it looked at the text.
            Reply::Parse { name: name @ Name::Unnamed, .. } if failed => (name, None),
            Reply::Parse { name, change: Change::Took(before) } | Reply::CloseStatement { name, before } => {
                (name, before)
            }
            Reply::Bind { portal, before } | Reply::ClosePortal { portal, before } => {
                let since =
                    self.pending.range_mut(later..).find_map(|pending| pending.portal_before(&portal));
                match since {
                    Some(found) => *found = before,
                    None => drop(self.portals.set(&portal, before)),
                }
                return;
            }
            Reply::Query { .. } | Reply::Function => {
                self.batches_sent -= 1;
                return;
            }
            Reply::Parse { change: Change::None, .. }
            | Reply::Guard { .. }
            | Reply::Describe
            | Reply::Look
            | Reply::Execute { .. }
            | Reply::Sync
            | Reply::CopyEnd => return,
        };
        let since = self.pending.range_mut(later..).find_map(|pending| pending.statement_before(&name));
        match since {
            Some(found) => *found = before,
            None => drop(self.statements.set(&name, before)),
        }
    }

    /// COPY FROM STDIN begins, unless the client has ended it beforehand. A Sync that is on its way
    /// all the same (nobody saw that a COPY would begin) will be ignored by the server.
    fn copy_in_begins(&mut self) {
        self.copying_in = true;
        if let Some(copy) = self.front().and_then(Pending::copy) {
            *copy = Copy::Expected;
        }
        while let Some(pending) = self.pending.get(1) {
            match pending.reply {
                Reply::Sync => {
                    self.pending.remove(1);
                    self.batches_sent -= 1;
                }
                Reply::CopyEnd => {
                    self.pending.remove(1);
                    self.copying_in = false;
                    if let Some(copy) = self.front().and_then(Pending::copy) {
                        *copy = Copy::Ended;
                    }
                    return;
                }
                // A request makes the COPY fail; its error will tell.
                _ => return,
            }
        }
    }

    fn ready(&mut self, body: &[u8]) -> Read<Event> {
        self.transaction = match body.first() {
            Some(b'T') => TransactionState::Open,
            Some(b'E') => TransactionState::Failed,
            _ => TransactionState::Idle,
        };
        self.copying_in = false;
        self.take_counts();
        let exchange = self.batch_done().ok_or(Violation::Server(b'Z'))?;
        // Marks that stood behind it have nothing left to mark.
        self.front();
        if exchange.is_some() {
            self.drop_unnamed_portal();
        }
        // A transaction that has failed may go on from a savepoint, and its portals with it.
        if self.transaction == TransactionState::Idle && !self.portals.is_empty() {
            self.end_portals();
        }
        Ok(Event::Ready { exchange, transaction: self.transaction })
    }

    /// Takes the entries of a batch that is over; `Some(exchange)` of a Query or FunctionCall.
    fn batch_done(&mut self) -> Option<Option<ExchangeId>> {
        let end = self.pending.iter().position(Pending::ends_batch)?;
        // What stands before it was never answered, so it was not looked at.
        self.undo_front(end, false);
        for _ in 0..end {
            let skipped = self.pop().and_then(|pending| pending.skipped());
            self.events.extend(skipped);
        }
        let last = self.pop()?;
        self.batches_done += 1;
        Some(last.is_exchange().then_some(last.exchange))
    }

    /// A Query destroys the unnamed portal (PostgreSQL, `exec_simple_query`), unless the client has
    /// bound a new one behind it.
    fn drop_unnamed_portal(&mut self) {
        if self.portals.get(b"").is_some_and(|portal| portal.batch <= self.batches_done) {
            let before = self.portals.set(&Name::Unnamed, None);
            self.portal_ended(before);
        }
    }

    /// Portals end with their transaction, unless they were declared to be held.
    fn end_portals(&mut self) {
        let (done, events) = (self.batches_done, &mut self.events);
        self.portals.retain(|portal| {
            let stays = portal.hold || portal.batch > done;
            if let (false, Some(suspended)) = (stays, portal.suspended) {
                events.push_back(over(suspended));
            }
            stays
        });
        if self.portals.is_empty() {
            self.watches.forget_suspended();
        }
    }
}

/// What a failure was counted with.
pub(super) struct Failure {
    pub(super) exchange: Option<ExchangeId>,
    pub(super) bytes: u64,
    pub(super) copied_in: u64,
}

/// Bytes and number of the rows and pieces of COPY data that lie whole at the front of `input`, up to
/// the first that does not fit. A long result is nothing else, so this is a loop of its own.
#[inline]
fn rows_at_front(input: &[u8], fits: impl Fn(usize, u64) -> bool) -> (usize, u64) {
    let (mut len, mut rows) = (0, 0);
    while let Some([b'D' | b'd', a, b, c, d, ..]) = input.get(len..) {
        let length = u32::from_be_bytes([*a, *b, *c, *d]) as usize;
        // A length that cannot be is left to whoever reads single headers.
        if length < 4 || length > input.len() - len - 1 || !fits(len + 1 + length, rows + 1) {
            break;
        }
        len += 1 + length;
        rows += 1;
    }
    (len, rows)
}

/// Messages that are not read beyond their header: rows, COPY data, and whatever is long.
fn skimmed(header: Header) -> bool {
    match header.tag {
        b'E' => false,
        b'C' | b'Z' | b'S' | b'K' | b'I' | b's' | b'1' | b'2' | b'3' => header.body > HELD_MAX,
        _ => true,
    }
}

pub(super) fn over(suspended: Suspended) -> Event {
    let Suspended { exchange, rows, bytes } = suspended;
    Event::Completed { exchange, rows, bytes, copied_in: 0 }
}

fn add(event: Event, before: (u64, u64)) -> Event {
    match event {
        Event::Completed { exchange, rows, bytes, copied_in } => {
            Event::Completed { exchange, rows: rows + before.0, bytes: bytes + before.1, copied_in }
        }
        other => other,
    }
}

fn parameter(body: &[u8]) -> Option<Parameter> {
    match message::parameter(body)? {
        (b"application_name", value) => Some(Parameter::ApplicationName(value.into())),
        (b"client_encoding", value) => Some(Parameter::ClientEncoding(value.into())),
        (b"server_encoding", value) => Some(Parameter::ServerEncoding(value.into())),
        (b"search_path", value) => Some(Parameter::SearchPath(value.into())),
        (b"server_version", value) => Some(Parameter::ServerVersion(value.into())),
        (b"session_authorization", value) => Some(Parameter::SessionAuthorization(value.into())),
        (b"default_transaction_read_only", value) => {
            Some(Parameter::DefaultTransactionReadOnly(value == b"on"))
        }
        (b"standard_conforming_strings", value) => Some(Parameter::StandardConformingStrings(value == b"on")),
        _ => None,
    }
}
