//! The client's direction: which bytes may pass, and which are a request?

use super::pending::{Changing, Pending, Reply};
use super::{Ask, Asked, Last, Read, Request, SMALL_MAX, Session, Step};
use crate::attributes;
use crate::authentication::{Relay, Said};
use crate::bound;
use crate::capabilities::Capabilities;
use crate::frame::{self, HEADER_BYTES, Header};
use crate::message::{self, LAST_PREPARED, code};
use crate::name::Written;
use crate::violation::Violation;
use exchange::{Command, Kind};

/// Bytes of a packet's header and its first byte.
pub(super) const CODE_BYTES: usize = HEADER_BYTES + 1;

/// What the next packet says about going on.
pub(super) enum Next<'a, T> {
    /// These many bytes may pass; what is left of the packet follows.
    Passes(usize),
    /// It is a request.
    Asks(Ask<'a, T>),
    /// The packet is not whole enough.
    More,
    /// What the packet means depends on answers under way.
    Wait,
}

impl<T: Clone> Session<T> {
    /// Reads the front of the client's bytes. Bytes are consumed by the caller: after `Pass(n)` and
    /// `Discard(n)` by `n`, after an `Ask` that was admitted or refused by its `bytes`.
    pub fn client<'a>(&mut self, input: &'a [u8]) -> Read<Step<'a, T>> {
        if self.refusing.is_some() {
            return Ok(self.discard(input));
        }
        if self.is_unguarded() && self.client_body == 0 && !self.client_continues {
            return Ok(Step::Unguarded);
        }
        let mut passed = 0;
        while !self.is_full() {
            passed += self.pass_body(input.len() - passed);
            let Some(rest) = input.get(passed..).filter(|rest| !rest.is_empty()) else { break };
            match self.next(rest) {
                Ok(Next::Passes(len)) => passed += len,
                // What came before passes first; asked again, this comes up again.
                _ if passed > 0 => break,
                Ok(Next::Asks(ask)) => return Ok(Step::Ask(ask)),
                Ok(Next::More) => break,
                Ok(Next::Wait) => return Ok(Step::Wait),
                Err(violation) => return Err(violation),
            }
        }
        Ok(if passed == 0 { Step::More } else { Step::Pass(passed) })
    }

    /// Bytes of a body that passes by, out of `available`.
    fn pass_body(&mut self, available: usize) -> usize {
        let len = self.client_body.min(available);
        self.client_body -= len;
        len
    }

    /// What is left of a refused request, in as many packets as it has.
    fn discard(&mut self, input: &[u8]) -> Step<'static, T> {
        let mut len = 0;
        while let Some(refusing) = &mut self.refusing {
            let by = refusing.left.min(input.len() - len);
            refusing.left -= by;
            len += by;
            if refusing.left > 0 {
                break;
            }
            if !refusing.continues {
                self.refusing = None;
                break;
            }
            let Some(header) = input.get(len..).and_then(frame::header) else { break };
            (refusing.left, refusing.continues) = (header.body, header.continues());
            len += HEADER_BYTES;
            // Its error is numbered after its last packet.
            if let Some(last) = self.pending.back_mut() {
                last.sequence = header.sequence;
            }
        }
        if len == 0 { Step::More } else { Step::Discard(len) }
    }

    fn next<'a>(&mut self, rest: &'a [u8]) -> Read<Next<'a, T>> {
        let Some(header) = frame::header(rest) else { return Ok(Next::More) };
        if self.client_continues || self.copying_in {
            return Ok(self.goes_on(header));
        }
        if let Some(Pending { reply: Reply::ChangeUser(changing), sequence, .. }) = self.pending.back_mut() {
            let passes = changing.relay.client(rest)?.map(Said::bytes);
            if passes.is_some() {
                *sequence = header.sequence;
            }
            // Nothing but its answers can pass before it is done.
            return Ok(passes.map_or(Next::Wait, Next::Passes));
        }
        // What follows may be a file, or not: the server decides. And what the gateway says of its own comes first.
        if self.copies > 0 || self.is_guarding() {
            return Ok(Next::Wait);
        }
        if header.body > 0 && rest.len() <= HEADER_BYTES {
            return Ok(Next::More);
        }
        let tag = rest.get(HEADER_BYTES..header.frame().min(CODE_BYTES)).and_then(|code| code.first());
        self.command(header, tag.copied(), rest)
    }

    /// A packet that goes on with a message, or brings a part of a file.
    fn goes_on(&mut self, header: Header) -> Next<'static, T> {
        self.copied_in += header.frame() as u64;
        if !self.client_continues && header.body == 0 {
            self.copying_in = false;
        }
        self.client_body = header.body;
        self.client_continues = header.continues();
        if let Some(last) = self.pending.back_mut() {
            last.sequence = header.sequence;
        }
        Next::Passes(HEADER_BYTES)
    }

    fn command<'a>(&mut self, header: Header, tag: Option<u8>, rest: &'a [u8]) -> Read<Next<'a, T>> {
        self.asked = Asked { sequence: header.sequence, continues: header.continues(), ..Asked::default() };
        self.doomed = false;
        let Some(tag) = tag else { return Ok(unsupported(header, None)) };
        match tag {
            code::QUERY | code::STMT_PREPARE => self.text(header, tag, rest),
            code::STMT_EXECUTE | code::STMT_BULK_EXECUTE => self.execution(header, tag, rest),
            code::QUIT => {
                self.terminated = true;
                Ok(self.passes(header))
            }
            code::PING => {
                self.enqueue(Reply::Done, 0);
                Ok(self.passes(header))
            }
            code::STMT_SEND_LONG_DATA => Ok(self.long_data(header, rest)),
            code::STMT_FETCH | code::STMT_RESET | code::STMT_CLOSE => self.of_statement(header, tag, rest),
            _ => match message::command(tag) {
                Some(command) => self.small(header, tag, command, rest),
                None => Ok(unsupported(header, Some(tag))),
            },
        }
    }

    /// A packet without a request: its header may pass, and its body follows.
    pub(super) fn passes<'a>(&mut self, header: Header) -> Next<'a, T> {
        self.passed_in += header.frame() as u64;
        self.client_body = header.body;
        self.client_continues = header.continues();
        Next::Passes(HEADER_BYTES)
    }

    /// A text to run or to prepare.
    fn text<'a>(&mut self, header: Header, tag: u8, rest: &'a [u8]) -> Read<Next<'a, T>> {
        let kind = if tag == code::QUERY { Kind::Run } else { Kind::Prepare };
        // A text in several packets has their headers in it: it is not read.
        if header.continues() || header.frame() > self.statement_bytes_max {
            let request = Request::Oversize { kind, name: b"" };
            return Ok(Next::Asks(Ask { bytes: CODE_BYTES, rest: header.body - 1, request }));
        }
        let Some(mut text) = rest.get(CODE_BYTES..header.frame()) else { return Ok(Next::More) };
        if kind == Kind::Run && self.has(Capabilities::QUERY_ATTRIBUTES) {
            // Where the text begins follows from what is before it.
            let block = attributes::block(text).ok_or(Violation::Malformed(tag))?;
            (self.asked.attributes, text) = block;
        }
        let request = match kind {
            Kind::Run => Request::Run { text },
            _ => Request::Prepare { name: b"", text },
        };
        Ok(Next::Asks(Ask { bytes: header.frame(), rest: 0, request }))
    }

    /// The execution of a prepared statement: its number is read; its values pass by, unless they are kept
    /// or what is said beside them counts.
    fn execution<'a>(&mut self, header: Header, tag: u8, rest: &'a [u8]) -> Read<Next<'a, T>> {
        const BYTES: usize = CODE_BYTES + 4;
        if header.frame() < BYTES {
            return Err(Violation::Malformed(tag));
        }
        let Some(body) = rest.get(CODE_BYTES..BYTES) else { return Ok(Next::More) };
        let (id, name) = message::statement(body).ok_or(Violation::Malformed(tag))?;
        if self.reads_executions() {
            if id == LAST_PREPARED && self.is_preparing() {
                return Ok(Next::Wait);
            }
            let held = rest.get(BYTES..header.frame().min(BYTES + bound::HELD_MAX));
            let Some(held) = held else { return Ok(Next::More) };
            self.asked.given = self.given(id, tag, (held, held.len() == header.frame() - BYTES));
        }
        let statement = match (&self.last, id) {
            (Last::Prepared(statement), LAST_PREPARED) => statement.clone(),
            (last, LAST_PREPARED) => {
                self.doomed = matches!(last, Last::Refused);
                None
            }
            (_, id) => self.statements.get(id).cloned(),
        };
        let request = Request::Execute { name, statement, resumes: None };
        Ok(Next::Asks(Ask { bytes: BYTES, rest: header.frame() - BYTES, request }))
    }

    /// What else is done with a prepared statement.
    fn of_statement<'a>(&mut self, header: Header, tag: u8, rest: &'a [u8]) -> Read<Next<'a, T>> {
        let Some(body) = rest.get(CODE_BYTES..CODE_BYTES + 4) else {
            return if header.frame() < CODE_BYTES + 4 {
                Err(Violation::Malformed(tag))
            } else {
                Ok(Next::More)
            };
        };
        let (id, _) = message::statement(body).ok_or(Violation::Malformed(tag))?;
        match tag {
            code::STMT_FETCH => self.enqueue(Reply::Fetch { id }, 0),
            code::STMT_RESET => {
                self.forget_pieces(id);
                self.enqueue(Reply::ResetStatement { id }, 0);
            }
            _ => {
                self.forget_pieces(id);
                let number = if self.is_preparing() { id } else { self.number(id).unwrap_or(id) };
                let left = self.statements.remove(number);
                self.events.extend(left.map(super::over));
                if id == LAST_PREPARED {
                    self.last = Last::Nothing;
                }
            }
        }
        Ok(self.passes(header))
    }

    /// A command without a text, which is held until it is whole.
    fn small<'a>(&mut self, header: Header, tag: u8, command: Command, rest: &'a [u8]) -> Read<Next<'a, T>> {
        if header.body > SMALL_MAX {
            return Err(Violation::Length { command: tag, length: header.body });
        }
        let Some(body) = rest.get(CODE_BYTES..header.frame()) else { return Ok(Next::More) };
        let object = match command {
            Command::UseDatabase | Command::CreateDatabase | Command::DropDatabase => body,
            // The connection's number, in four bytes.
            Command::Kill => body,
            // Table, zero, pattern.
            Command::ListColumns => body.split(|byte| *byte == 0).next().unwrap_or_default(),
            Command::ChangeUser => self.change(body)?,
            _ => b"",
        };
        let request = Request::Command { command, object };
        Ok(Next::Asks(Ask { bytes: header.frame(), rest: 0, request }))
    }

    /// Gets ready for a login within the session; the new user's name comes back.
    fn change<'a>(&mut self, body: &'a [u8]) -> Read<&'a [u8]> {
        let change = message::change_user(body, self.agreed.capabilities)?;
        let factors = self.has(Capabilities::MULTI_FACTOR);
        let relay = Relay::new(self.agreed.hops, change.plugin, change.proof, factors);
        let character_set = change.character_set.unwrap_or_default();
        let written = Written { character_set, is_mariadb: self.agreed.is_mariadb };
        self.asked.change = Some(Box::new(Changing {
            relay: relay.map_err(Violation::Obstacle)?,
            user: written.user(change.user).map_err(Violation::Obstacle)?.into_boxed_bytes(),
            database: written.name(change.database).map_err(Violation::Obstacle)?.into_boxed_bytes(),
            application: change.attribute(b"program_name").unwrap_or_default().into(),
            character_set,
        }));
        Ok(change.user)
    }
}

/// What cannot be followed: asked for by as much as is there for certain.
fn unsupported<'a, T>(header: Header, tag: Option<u8>) -> Next<'a, T> {
    let bytes = header.frame().min(CODE_BYTES);
    let request = Request::Unsupported { what: message::unfollowed(tag) };
    Next::Asks(Ask { bytes, rest: header.frame() - bytes, request })
}
