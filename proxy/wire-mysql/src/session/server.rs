//! The server's direction: which request do these bytes answer?

use super::guard::{Answer, Doubt, Renewal};
use super::pending::{Changing, Pending, Reply, Stage};
use super::{Event, HELD_MAX, Heard, Modes, NAMES_MAX, Parameter, Read, Session, over};
use crate::authentication::Challenge;
use crate::capabilities::Capabilities;
use crate::frame::{self, HEADER_BYTES, Header, PAYLOAD_MAX};
use crate::message::{self, Change, EOF, ERROR, FILE, OK, OkFacts, Status};
use crate::names::Suspended;
use crate::refusal::{self, Moment};
use crate::violation::Violation;
use exchange::TransactionState;

/// Longest EOF packet, which tells it from a row that begins with a length of eight bytes.
const EOF_BYTES_MAX: usize = 8;

/// How one result ended.
enum Ended {
    /// In an OK of its own: so many rows were changed.
    Changed(u64),
    /// After rows that were returned.
    Returned,
}

impl<T: Clone> Session<T> {
    /// Reads the front of the server's bytes, up to and including the first packet that tells
    /// something. The caller consumes `len` bytes and calls again until there is no event.
    pub fn server(&mut self, input: &[u8]) -> Read<Heard> {
        if let Some(event) = self.next_event() {
            return Ok(Heard { len: 0, event: Some(event) });
        }
        let mut len = 0;
        loop {
            let by = self.server_body.min(input.len() - len);
            self.server_body -= by;
            len += by;
            self.bytes += by as u64;
            let Some(rest) = input.get(len..).filter(|rest| !rest.is_empty()) else { break };
            let rows = self.whole_rows(rest);
            if rows > 0 {
                len += rows;
                continue;
            }
            let Some(header) = frame::header(rest) else { break };
            if self.is_guard_next() {
                match self.guarded(header, rest)? {
                    Answer::More => break,
                    Answer::Ends(event) => return Ok(Heard { len, event: Some(event) }),
                    Answer::Passes => {}
                }
            }
            let first = rest.get(HEADER_BYTES).copied();
            // Its first byte says what a packet is; one that goes on with another is not read.
            if first.is_none() && header.body > 0 && !self.server_continues {
                break;
            }
            let held = if self.server_continues { 0 } else { self.held(header, first) };
            let Some(body) = rest.get(HEADER_BYTES..HEADER_BYTES + held) else { break };
            self.number_last();
            if !self.server_continues
                && let Some(event) = self.replaced(header, first, body)
            {
                return Ok(Heard { len, event: Some(event) });
            }
            let goes_on = self.server_continues;
            self.server_body = header.body - held;
            self.server_continues = header.continues();
            self.bytes += (HEADER_BYTES + held) as u64;
            len += HEADER_BYTES + held;
            if let Some(front) = self.pending.front_mut() {
                front.sequence = header.sequence;
            }
            if goes_on {
                continue;
            }
            let event = self.packet(header, first.filter(|_| header.body > 0), body)?;
            if let Some(event) = event.or_else(|| self.next_event()) {
                return Ok(Heard { len, event: Some(event) });
            }
        }
        Ok(Heard { len, event: self.next_event() })
    }

    /// Bytes of the rows at the front that are there as a whole and of which nothing is to be told: what most of
    /// a long result is. Whatever may be anything else is left to be looked at.
    fn whole_rows(&mut self, input: &[u8]) -> usize {
        if self.stage != Stage::Rows || self.server_continues || !self.watches.is_idle() {
            return 0;
        }
        let Some(front) = self.pending.front_mut() else { return 0 };
        let (mut at, mut rows) = (0, 0);
        while let Some([a, b, c, sequence, first, ..]) = input.get(at..) {
            let body = u32::from_le_bytes([*a, *b, *c, 0]) as usize;
            let end = at + HEADER_BYTES + body;
            if matches!(body, 0 | PAYLOAD_MAX) || matches!(*first, EOF | ERROR) || end > input.len() {
                break;
            }
            front.sequence = *sequence;
            (at, rows) = (end, rows + 1);
        }
        self.rows += rows;
        self.bytes += at as u64;
        at
    }

    /// What is told of a packet before it passes, or in its place.
    fn replaced(&mut self, header: Header, first: Option<u8>, held: &[u8]) -> Option<Event> {
        if first == Some(ERROR) && held.len() == header.body {
            let refusal = self.relabelled(held)?;
            return self.cut(header, held, &refusal);
        }
        self.exceeded(header, first)
    }

    /// What is to be told before more is read.
    fn next_event(&mut self) -> Option<Event> {
        self.events.pop_front().or_else(|| self.answer_refused())
    }

    /// In which moment an error of the gateway's own finds the session.
    pub(super) fn moment(&self) -> Moment {
        match self.transaction {
            TransactionState::Idle => Moment::Session,
            TransactionState::Open | TransactionState::Failed => Moment::Transaction,
        }
    }

    /// The error to a refused request, when it is its turn and all of the request has come.
    fn answer_refused(&mut self) -> Option<Event> {
        let whole = self.refusing.is_none() || self.pending.len() > 1;
        if !whole || !self.is_between_messages() {
            return None;
        }
        let front = self.pending.pop_front_if(|front| matches!(front.reply, Reply::Refused(_)))?;
        self.outstanding -= 1;
        let Pending { reply: Reply::Refused(refusal), exchange, sequence } = front else { return None };
        let mut bytes = Vec::new();
        refusal::error_packet(self.moment(), sequence.wrapping_add(1), &refusal, &mut bytes);
        self.events.push_back(Event::Ready { exchange: None, transaction: self.transaction });
        Some(Event::Refused { exchange, replaces: 0, bytes })
    }

    /// Bytes of a packet's body that have to be there to read it; rows and columns pass by.
    fn held(&self, header: Header, first: Option<u8>) -> usize {
        let most = header.body.min(HELD_MAX);
        match self.stage {
            _ if first == Some(ERROR) => most,
            Stage::Columns(_) | Stage::Prepared { .. } => 0,
            Stage::Rows if !self.ends_rows(header, first) => 0,
            Stage::First | Stage::File | Stage::ColumnsEnd | Stage::PreparedEnd { .. } | Stage::Rows => most,
        }
    }

    /// Whether a packet among rows is their end.
    pub(super) fn ends_rows(&self, header: Header, first: Option<u8>) -> bool {
        let most = if self.has(Capabilities::DEPRECATE_EOF) { PAYLOAD_MAX - 1 } else { EOF_BYTES_MAX };
        first == Some(EOF) && header.body <= most
    }

    fn packet(&mut self, header: Header, first: Option<u8>, body: &[u8]) -> Read<Option<Event>> {
        let tag = first.unwrap_or_default();
        let Some(front) = self.pending.front_mut() else {
            // Unasked: only why the server ends the session.
            if first != Some(ERROR) {
                return Err(Violation::Server(tag));
            }
            let (bytes, sqlstate) = (self.take_counts().1, message::error(body).sqlstate);
            return Ok(Some(Event::Failed { exchange: None, sqlstate, fatal: true, bytes, copied_in: 0 }));
        };
        if let Reply::ChangeUser(changing) = &mut front.reply {
            let judged = changing.relay.judge(header.frame(), body)?;
            return self.changes_user(judged, body);
        }
        if first == Some(ERROR) {
            return Ok(Some(self.failed(body)));
        }
        match self.stage {
            Stage::First => self.begins(tag, body),
            Stage::File => self.changed(tag, body).map(Some),
            Stage::Columns(left) => {
                self.stage = self.columns(left - 1);
                Ok(None)
            }
            Stage::ColumnsEnd => self.columns_end(body),
            Stage::Rows if self.ends_rows(header, first) => {
                let facts = self.end_facts(body).ok_or(Violation::Server(tag))?;
                Ok(self.rows_end(facts))
            }
            Stage::Rows => {
                self.rows += 1;
                Ok(None)
            }
            Stage::Prepared { parameters, columns } => {
                let was_parameter = parameters > 0;
                let (parameters, columns) =
                    if was_parameter { (parameters - 1, columns) } else { (0, columns - 1) };
                Ok(self.prepared_part(was_parameter, parameters, columns))
            }
            Stage::PreparedEnd { columns } => Ok(self.prepared_goes_on(columns)),
        }
    }

    /// The first packet of an answer, or of its next result.
    fn begins(&mut self, tag: u8, body: &[u8]) -> Read<Option<Event>> {
        let violation = Violation::Server(tag);
        let Some(front) = self.pending.front_mut() else { return Err(violation) };
        match &mut front.reply {
            Reply::Query { copies } | Reply::Execute { copies, .. } => match tag {
                OK | EOF => self.changed(tag, body).map(Some),
                FILE if *copies => {
                    self.stage = Stage::File;
                    self.copying_in = true;
                    Ok(None)
                }
                FILE => Err(Violation::File),
                _ => {
                    let count = message::column_count(body).ok_or(violation)?;
                    self.stage = Stage::Columns(count);
                    Ok(None)
                }
            },
            Reply::Prepare { remembered } => {
                let (id, parameters, columns) = message::prepared(body).ok_or(violation)?;
                let left = self.statements.insert(id, (remembered.take(), parameters), NAMES_MAX);
                self.last_id = Some(id);
                self.events.extend(left.map(over));
                self.stage = Stage::Prepared { parameters, columns };
                Ok(if parameters == 0 { self.prepared_goes_on(columns) } else { None })
            }
            // Rows, or columns, from the first packet on.
            Reply::Fetch { .. } | Reply::Columns => {
                self.stage = Stage::Rows;
                if tag == EOF {
                    let facts = self.end_facts(body).ok_or(violation)?;
                    return Ok(self.rows_end(facts));
                }
                self.rows += 1;
                Ok(None)
            }
            Reply::Text => Ok(Some(self.completed(0))),
            Reply::Login => {
                let facts = message::ok(body, self.agreed.capabilities).ok_or(violation)?;
                self.note(facts.status);
                self.doubt_modes();
                self.tell_character_set(self.agreed.character_set);
                self.tell_changes(&facts);
                self.take_counts();
                Ok(Some(self.ready_last()))
            }
            Reply::ResetStatement { .. }
            | Reply::UseDatabase { .. }
            | Reply::Reset
            | Reply::Done
            | Reply::Guard
            | Reply::Modes { .. }
            | Reply::ChangeUser(_)
            | Reply::Refused(_) => self.changed(tag, body).map(Some),
        }
    }

    /// How a result ends, read from an OK or an EOF packet.
    fn end_facts<'a>(&self, body: &'a [u8]) -> Option<OkFacts<'a>> {
        if body.first() == Some(&EOF) && body.len() <= 5 {
            return message::eof(body).map(OkFacts::of_status);
        }
        message::ok(body, self.agreed.capabilities)
    }

    /// An OK, or an EOF in the place of one.
    fn changed(&mut self, tag: u8, body: &[u8]) -> Read<Event> {
        let facts = self.end_facts(body).ok_or(Violation::Server(tag))?;
        self.copying_in = false;
        match self.pending.front_mut().map(|front| &mut front.reply) {
            Some(Reply::UseDatabase { name }) => {
                let name = std::mem::take(name);
                self.events.push_back(Event::Parameter(Parameter::Database(name)));
            }
            Some(Reply::ResetStatement { id }) => {
                let id = *id;
                let left = self.statements.get_mut(id).and_then(|prepared| prepared.suspended.take());
                self.events.extend(left.map(over));
            }
            Some(Reply::Reset) => {
                self.forget_everything();
                // MySQL takes its own, of which nobody has told.
                let number = if self.agreed.is_mariadb { self.agreed.character_set } else { 0 };
                self.tell_character_set(number);
                self.note(facts.status);
                self.doubt_modes();
            }
            _ => {}
        }
        self.tell_changes(&facts);
        Ok(self.result_ended(facts.status, Ended::Changed(facts.affected)))
    }

    /// Columns of a result: what comes after them.
    fn columns(&self, left: u64) -> Stage {
        match left {
            0 if self.has(Capabilities::DEPRECATE_EOF) => Stage::Rows,
            0 => Stage::ColumnsEnd,
            left => Stage::Columns(left),
        }
    }

    /// EOF between columns and rows; with a cursor there are no rows yet.
    fn columns_end(&mut self, body: &[u8]) -> Read<Option<Event>> {
        let tag = body.first().copied().unwrap_or_default();
        let status = message::eof(body).filter(|_| tag == EOF).ok_or(Violation::Server(tag))?;
        self.stage = Stage::Rows;
        Ok(if status.cursor() { Some(self.result_ended(status, Ended::Returned)) } else { None })
    }

    fn rows_end(&mut self, facts: OkFacts<'_>) -> Option<Event> {
        self.tell_changes(&facts);
        match self.pending.front().map(|front| &front.reply) {
            Some(Reply::Fetch { id }) => {
                let id = *id;
                self.note(facts.status);
                Some(self.fetched(id, facts.status))
            }
            Some(Reply::Columns) => {
                self.note(facts.status);
                let rows = self.rows;
                Some(self.completed(rows))
            }
            _ => Some(self.result_ended(facts.status, Ended::Returned)),
        }
    }

    /// Rows of a cursor: they count for the execution that opened it.
    fn fetched(&mut self, id: u32, status: Status) -> Event {
        let (rows, bytes) = self.take_counts();
        let ended = self.statements.get_mut(id).and_then(|prepared| {
            let suspended = prepared.suspended.as_mut()?;
            suspended.rows += rows;
            suspended.bytes += bytes;
            suspended.told = false;
            self.watches.forget(suspended.exchange, false);
            if status.last_row() { prepared.suspended.take() } else { None }
        });
        self.events.extend(ended.map(over));
        self.ready_last()
    }

    /// A result has ended: perhaps another comes, perhaps its rows are fetched later.
    fn result_ended(&mut self, status: Status, ended: Ended) -> Event {
        self.note(status);
        self.stage = Stage::First;
        let (exchange, id) = match self.pending.front() {
            Some(Pending { reply: Reply::Execute { id, .. }, exchange, .. }) => (*exchange, Some(*id)),
            Some(front) => (front.exchange, None),
            None => (0, None),
        };
        if exchange == 0 {
            self.take_counts();
            return self.ready_last();
        }
        let suspends = matches!(ended, Ended::Returned) && status.cursor() && !status.last_row();
        if suspends && let Some(prepared) = id.and_then(|id| self.statements.get_mut(id)) {
            let (rows, bytes) = (std::mem::take(&mut self.rows), std::mem::take(&mut self.bytes));
            let bound = self.watches.suspend(exchange);
            let cursor = Suspended { exchange, rows, bytes, bound, told: false };
            let before = prepared.suspended.replace(cursor);
            self.events.extend(before.map(over));
            return self.ready_last();
        }
        let (rows, bytes) = self.take_counts();
        self.watches.add(exchange, (rows, bytes));
        let copied_in = std::mem::take(&mut self.copied_in);
        let event = match ended {
            Ended::Returned => Event::Returned { exchange, rows, bytes, copied_in },
            Ended::Changed(rows) => Event::Completed { exchange, rows, bytes, copied_in },
        };
        if !status.more_results() {
            let ready = self.ready(exchange);
            self.events.push_back(ready);
        }
        event
    }

    /// The answer to an exchange that has but one is over.
    fn completed(&mut self, rows: u64) -> Event {
        let exchange = self.pending.front().map_or(0, |front| front.exchange);
        let (_, bytes) = self.take_counts();
        let copied_in = std::mem::take(&mut self.copied_in);
        let ready = self.ready(exchange);
        self.events.push_back(ready);
        Event::Completed { exchange, rows, bytes, copied_in }
    }

    /// The front entry is answered.
    fn ready(&mut self, exchange: u64) -> Event {
        self.stage = Stage::First;
        if let Some(front) = self.pending.pop_front() {
            self.outstanding -= usize::from(front.is_exchange());
            self.copies -= usize::from(front.copies());
            self.watches.forget(front.exchange, self.pending.is_empty());
        }
        let exchange = (exchange > 0).then_some(exchange);
        Event::Ready { exchange, transaction: self.transaction }
    }

    /// The front entry, which is no exchange, is answered; what was put down beside it is told first.
    fn ready_last(&mut self) -> Event {
        let ready = self.ready(0);
        match self.events.pop_front() {
            Some(first) => {
                self.events.push_back(ready);
                first
            }
            None => ready,
        }
    }

    fn prepared_part(&mut self, was_parameter: bool, parameters: u16, columns: u16) -> Option<Event> {
        self.stage = Stage::Prepared { parameters, columns };
        let block_over = if was_parameter { parameters == 0 } else { columns == 0 };
        match block_over {
            true if !self.has(Capabilities::DEPRECATE_EOF) => {
                self.stage = Stage::PreparedEnd { columns };
                None
            }
            true => self.prepared_goes_on(columns),
            false => None,
        }
    }

    fn prepared_goes_on(&mut self, columns: u16) -> Option<Event> {
        self.stage = Stage::Prepared { parameters: 0, columns };
        if columns > 0 { None } else { Some(self.completed(0)) }
    }

    pub(super) fn failed(&mut self, body: &[u8]) -> Event {
        let facts = message::error(body);
        self.error_bytes = message::error_text(body).len();
        if matches!(self.pending.front(), Some(Pending { reply: Reply::Prepare { .. }, .. })) {
            self.last_id = None;
        }
        // A deadlock's victim is rolled back as a whole.
        if facts.sqlstate == Some(*b"40001") {
            self.transaction = TransactionState::Idle;
        }
        let (_, bytes) = self.take_counts();
        let copied_in = std::mem::take(&mut self.copied_in);
        self.copying_in = false;
        let mut exchange = self.pending.front().map_or(0, |front| front.exchange);
        if let Some(Pending { reply: Reply::Fetch { id }, .. }) = self.pending.front() {
            // It is the execution that has failed.
            let failed = self.statements.get_mut(*id).and_then(|prepared| prepared.suspended.take());
            exchange = failed.map_or(0, |suspended| suspended.exchange);
        }
        let ready = self.ready(exchange);
        self.events.push_back(ready);
        let exchange = (exchange > 0).then_some(exchange);
        Event::Failed { exchange, sqlstate: facts.sqlstate, fatal: facts.fatal, bytes, copied_in }
    }

    /// A packet of the login within a change of user.
    fn changes_user(&mut self, judged: Challenge, body: &[u8]) -> Read<Option<Event>> {
        match judged {
            // A key is asked for by nobody within a session.
            Challenge::More | Challenge::Pass(_) | Challenge::Key(_) => Ok(None),
            Challenge::Impossible(obstacle) => Err(Violation::Obstacle(obstacle)),
            Challenge::Failed { .. } => {
                // The server has forgotten the session before it looked at the proof; MariaDB goes on with
                // what is left of it.
                self.forget_everything();
                self.tell_character_set(0);
                let doubt = if self.agreed.is_mariadb { Doubt::Flags } else { Doubt::Modes };
                self.renewal = Renewal { guard: true, doubt };
                Ok(Some(self.failed(body)))
            }
            Challenge::Granted { proved, .. } if !proved && !self.agreed.accepts_unproved => {
                Err(Violation::Unproved)
            }
            Challenge::Granted { .. } => {
                self.forget_everything();
                self.renewal.guard = true;
                if let Some(Reply::ChangeUser(changing)) =
                    self.pending.front_mut().map(|front| &mut front.reply)
                {
                    let Changing { user, database, application, character_set, .. } = &mut **changing;
                    let number = *character_set;
                    let told = [
                        Parameter::User(std::mem::take(user)),
                        Parameter::Database(std::mem::take(database)),
                        Parameter::ApplicationName(std::mem::take(application)),
                    ];
                    self.events.extend(told.map(Event::Parameter));
                    self.tell_character_set(number);
                }
                let ended = self.changed(OK, body)?;
                self.doubt_modes();
                Ok(Some(ended))
            }
        }
    }

    /// Tells which character set a number stands for.
    fn tell_character_set(&mut self, number: u16) {
        let name = message::character_set(number, self.agreed.is_mariadb);
        self.events.push_back(Event::Parameter(Parameter::ClientEncoding(name.into())));
    }

    /// Statements and cursors are gone.
    fn forget_everything(&mut self) {
        let left = self.statements.clear();
        self.events.extend(left.into_iter().map(over));
        self.pieces.clear();
        self.last_id = None;
        self.set_modes(Modes::default());
    }

    /// Passes on what a server tells of the session.
    pub(super) fn tell_changes(&mut self, facts: &OkFacts<'_>) {
        for change in facts.changes() {
            let parameter = match change {
                Change::Database(name) => Parameter::Database(name.into()),
                Change::Variable(b"character_set_client", name) => Parameter::ClientEncoding(name.into()),
                Change::Variable(b"sql_mode", modes) => {
                    self.set_modes(sql_mode(modes));
                    continue;
                }
                Change::Variable(..) => continue,
            };
            self.events.push_back(Event::Parameter(parameter));
        }
    }

    /// Takes in what status flags tell. MySQL's say nothing of ANSI_QUOTES.
    pub(super) fn note(&mut self, status: Status) {
        self.transaction = status.transaction();
        if self.guarded && status.may_write() {
            self.guarded = false;
            self.events.push_back(Event::Parameter(Parameter::DefaultTransactionReadOnly(false)));
        }
        let ansi_quotes = if self.agreed.is_mariadb { status.ansi_quotes() } else { self.modes.ansi_quotes };
        self.set_modes(Modes { ansi_quotes, no_backslash_escapes: status.no_backslash_escapes() });
    }

    fn set_modes(&mut self, modes: Modes) {
        if self.modes != modes {
            self.modes = modes;
            let Modes { ansi_quotes, no_backslash_escapes } = modes;
            let parameter = Parameter::SqlMode { ansi_quotes, no_backslash_escapes };
            self.events.push_back(Event::Parameter(parameter));
        }
    }

    /// Rows and bytes of the answer so far; counting begins anew.
    fn take_counts(&mut self) -> (u64, u64) {
        (std::mem::take(&mut self.rows), std::mem::take(&mut self.bytes))
    }
}

/// The parts of a list of modes that change where tokens end.
fn sql_mode(modes: &[u8]) -> Modes {
    let has = |wanted: &[u8]| modes.split(|byte| *byte == b',').any(|mode| mode.eq_ignore_ascii_case(wanted));
    Modes {
        ansi_quotes: has(b"ANSI_QUOTES") || has(b"ANSI"),
        no_backslash_escapes: has(b"NO_BACKSLASH_ESCAPES"),
    }
}
