//! The client's direction: which bytes may pass, and which are a request?

use super::pending::{Copy, Pending, Reply};
use super::{Ask, NAMES_MAX, Read, Request, Session, Step};
use crate::bound::{self, Bound};
use crate::frame::{self, HEADER_BYTES, Header};
use crate::message::{self, Target};
use crate::names::{Name, Portal};
use crate::violation::Violation;
use exchange::Kind;
use exchange::budget::Budget;
use std::sync::Arc;

/// Longest name of a statement whose text is too large to hold. A name that does not end would be looked through anew
/// with every byte that comes.
const NAME_BYTES_MAX: usize = 8 * 1024;

/// What a frame that is no request says about going on.
enum Go {
    /// On with the next frame.
    On,
    /// Stop: the frame is not whole enough.
    More,
    /// Stop: what the frame means depends on answers under way.
    Wait,
}

impl<T: Clone> Session<T> {
    /// Reads the front of the client's bytes. Bytes are consumed by the caller: after `Pass(n)` and
    /// `Discard(n)` by `n`, after an `Ask` that was admitted or refused by its `bytes`.
    pub fn client<'a>(&mut self, input: &'a [u8]) -> Read<Step<'a, T>> {
        if self.client_refused > 0 {
            let len = self.client_refused.min(input.len());
            self.client_refused -= len;
            return Ok(if len == 0 { Step::More } else { Step::Discard(len) });
        }
        if self.is_guarding() {
            return Ok(Step::Wait);
        }
        let ignored = self.ignored_syncs(input);
        if ignored > 0 {
            return Ok(Step::Discard(ignored));
        }
        let mut passed = 0;
        while !self.is_full() {
            passed += self.pass_body(input.len() - passed);
            let Some(rest) = input.get(passed..).filter(|rest| !rest.is_empty()) else { break };
            let header = match frame::client(rest) {
                Ok(Some(header)) => header,
                Ok(None) => break,
                // What came before is whole and passes first; asked again, this comes up again.
                Err(_) if passed > 0 => break,
                Err(violation) => return Err(violation),
            };
            if matches!(header.tag, b'Q' | b'P' | b'E' | b'F') {
                if passed > 0 {
                    break;
                }
                return self.request(header, rest);
            }
            match self.no_request(header, rest) {
                Ok(Go::On) => passed += HEADER_BYTES,
                Ok(Go::Wait) if passed == 0 => return Ok(Step::Wait),
                Ok(Go::More | Go::Wait) => break,
                Err(_) if passed > 0 => break,
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

    /// A frame that carries no request. On [`Go::On`] its header may pass and its body follows.
    fn no_request(&mut self, header: Header, rest: &[u8]) -> Read<Go> {
        let available = rest.get(HEADER_BYTES..).unwrap_or_default();
        let whole = available.get(..header.body);
        match header.tag {
            b'd' => self.copied_in += header.frame() as u64,
            b'B' => {
                let body = whole.unwrap_or(available);
                if whole.is_none() && self.keeps_parameters.is_some() && available.len() < bound::HELD_MAX {
                    return Ok(Go::More);
                }
                match message::bind_names(body) {
                    Some((_, statement)) if self.is_statement_in_doubt(statement) => return Ok(Go::Wait),
                    Some((portal, statement)) => self.bind(portal, statement, body),
                    None if whole.is_none() && available.len() <= self.statement_bytes_max => {
                        return Ok(Go::More);
                    }
                    None => return Err(Violation::Malformed(b'B')),
                }
            }
            b'D' | b'C' => {
                let Some(body) = whole else { return Ok(Go::More) };
                let target = message::target(header.tag, body)?;
                if header.tag == b'C' {
                    self.close(target);
                } else if !self.skipping {
                    self.push(Reply::Describe);
                }
            }
            // While copying, the client's next message decides: it must be read.
            b'S' if self.copying_in => return Ok(Go::More),
            b'S' if self.is_sync_held() => return Ok(Go::Wait),
            b'S' => self.sync(header)?,
            b'c' | b'f' => self.copy_end(),
            b'X' => self.terminated = true,
            // What a malformed Flush does to the batch, the server alone knows.
            b'H' if header.body != 0 => return Err(Violation::Malformed(b'H')),
            _ => {}
        }
        self.open_batch |= matches!(header.tag, b'B' | b'D' | b'C' | b'H');
        if header.tag != b'd' {
            self.passed_in += header.frame() as u64;
        }
        self.client_body = header.body;
        Ok(Go::On)
    }

    fn bind(&mut self, portal: &[u8], statement: &[u8], body: &[u8]) {
        if self.skipping {
            return;
        }
        let portal = Name::new(portal);
        let room = portal == Name::Unnamed || self.portals.len() < NAMES_MAX;
        let bound = room.then(|| Portal {
            serial: self.serials + 1,
            statement: self.statements.get(statement).filter(|_| !self.naming).cloned(),
            suspended: None,
            batch: self.batches_sent + 1,
            hold: false,
            bound: self.keeps_parameters.as_ref().and_then(|budget| kept(body, budget)),
        });
        self.serials += 1;
        let before = self.portals.set(&portal, bound);
        self.push(Reply::Bind { portal, before });
    }

    fn close(&mut self, target: Target<'_>) {
        if self.skipping {
            return;
        }
        let reply = match target {
            Target::Statement(name) => {
                let name = Name::new(name);
                let before = self.statements.set(&name, None);
                self.changes += 1;
                Reply::CloseStatement { name, before }
            }
            Target::Portal(name) => {
                let portal = Name::new(name);
                let before = self.portals.set(&portal, None);
                Reply::ClosePortal { portal, before }
            }
        };
        self.push(reply);
    }

    fn sync(&mut self, header: Header) -> Read<()> {
        if header.body != 0 {
            return Err(Violation::Malformed(b'S'));
        }
        self.skipping = false;
        self.doomed = false;
        self.open_batch = false;
        self.batches_sent += 1;
        self.push(Reply::Sync);
        Ok(())
    }

    /// Whether a Sync must wait: the server ignores one while it takes COPY data (PostgreSQL,
    /// `CopyGetData`) and answers one that comes after the COPY has failed. Held until it is known
    /// which, it never has two meanings.
    fn is_sync_held(&mut self) -> bool {
        let expects = |pending: &mut Pending<T>| pending.copy().is_some_and(|copy| *copy == Copy::Expected);
        // Only the batch that is being sent: an earlier one has its Sync.
        let mut entries =
            self.pending.iter_mut().rev().take_while(|pending| !matches!(pending.reply, Reply::Sync));
        entries.any(expects)
    }

    /// While the server takes COPY data, a Sync at the front that is followed by anything else is
    /// dropped, as the server would ignore it. Alone it waits for what comes first: the client's next
    /// message or the server's word that the COPY has failed.
    pub(super) fn ignored_syncs(&self, input: &[u8]) -> usize {
        const SYNC: &[u8] = b"S\0\0\0\x04";
        if !self.copying_in || self.client_body > 0 {
            return 0;
        }
        let mut len = 0;
        while input.get(len..).is_some_and(|rest| rest.starts_with(SYNC)) {
            len += SYNC.len();
        }
        if input.len() > len { len } else { 0 }
    }

    fn copy_end(&mut self) {
        if self.outstanding == 0 || self.skipping {
            return;
        }
        let expected =
            self.pending.iter_mut().filter_map(Pending::copy).find(|copy| **copy == Copy::Expected);
        if let Some(copy) = expected {
            *copy = Copy::Ended;
        }
        let begun = std::mem::replace(&mut self.copying_in, false);
        let is_mark = |last: &Pending<T>| matches!(last.reply, Reply::CopyEnd);
        if !begun && !self.pending.back().is_some_and(is_mark) {
            self.push(Reply::CopyEnd);
        }
    }

    fn request<'a>(&mut self, header: Header, rest: &'a [u8]) -> Read<Step<'a, T>> {
        let available = rest.get(HEADER_BYTES..).unwrap_or_default();
        if header.tag == b'F' {
            if available.len() < 4 && header.body >= 4 {
                return Ok(Step::More);
            }
            let oid = message::function(available.get(..header.body.min(4)).unwrap_or_default())?;
            let request = Request::Function { oid };
            return Ok(Step::Ask(Ask { bytes: HEADER_BYTES + 4, rest: header.body - 4, request }));
        }
        if header.frame() > self.statement_bytes_max && header.tag != b'E' {
            return self.oversize(header, available);
        }
        let Some(body) = available.get(..header.body) else { return Ok(Step::More) };
        let request = match header.tag {
            b'Q' => Request::Run { text: message::query(body)? },
            b'P' => {
                let (name, text) = message::parse(body)?;
                if !name.is_empty() && self.is_statement_in_doubt(name) {
                    return Ok(Step::Wait);
                }
                Request::Prepare { name, text }
            }
            _ => {
                let (portal, _) = message::execute(body)?;
                if self.is_portal_in_doubt(portal) {
                    return Ok(Step::Wait);
                }
                self.execution(portal)
            }
        };
        Ok(Step::Ask(Ask { bytes: header.frame(), rest: 0, request }))
    }

    /// A statement too large to hold: asked for by its header, and a Parse's name.
    fn oversize<'a>(&self, header: Header, available: &'a [u8]) -> Read<Step<'a, T>> {
        if header.tag == b'Q' {
            let request = Request::Oversize { kind: Kind::Run, name: b"" };
            return Ok(Step::Ask(Ask { bytes: HEADER_BYTES, rest: header.body, request }));
        }
        let body = available.get(..header.body).unwrap_or(available);
        let Some(end) = body.iter().position(|byte| *byte == 0) else {
            return if body.len() < self.statement_bytes_max.min(NAME_BYTES_MAX) {
                Ok(Step::More)
            } else {
                Err(Violation::Malformed(b'P'))
            };
        };
        let name = body.get(..end).unwrap_or_default();
        let request = Request::Oversize { kind: Kind::Prepare, name };
        Ok(Step::Ask(Ask { bytes: HEADER_BYTES + end + 1, rest: header.body - end - 1, request }))
    }

    /// Whether a message of an earlier batch changes the name of a statement and was not answered: if
    /// that batch fails, the name means something else. Within a batch, what follows fails with it.
    fn is_statement_in_doubt(&self, name: &[u8]) -> bool {
        self.changes > 0
            && self.is_changed_earlier(|reply| match reply {
                Reply::Parse { name: changed, .. } | Reply::CloseStatement { name: changed, .. } => {
                    changed.is(name)
                }
                _ => false,
            })
    }

    /// The same for the name of a portal.
    fn is_portal_in_doubt(&self, name: &[u8]) -> bool {
        self.is_changed_earlier(|reply| match reply {
            Reply::Bind { portal: changed, .. } | Reply::ClosePortal { portal: changed, .. } => {
                changed.is(name)
            }
            _ => false,
        })
    }

    /// Whether the last message that `changes` stands in a batch before the one that is being sent.
    fn is_changed_earlier(&self, changes: impl Fn(&Reply<T>) -> bool) -> bool {
        let mut earlier = false;
        for pending in self.pending.iter().rev() {
            if changes(&pending.reply) {
                return earlier;
            }
            earlier |= pending.ends_batch();
        }
        false
    }

    fn execution<'a>(&self, portal: &'a [u8]) -> Request<'a, T> {
        let bound = self.portals.get(portal);
        let known = !self.naming || portal.is_empty();
        // Only when nothing is under way that could have put another portal under this name.
        let resumes = bound.and_then(|portal| portal.suspended).filter(|_| self.outstanding == 0);
        Request::Execute {
            name: portal,
            statement: bound.filter(|_| known).and_then(|portal| portal.statement.clone()),
            resumes: resumes.map(|suspended| suspended.exchange),
        }
    }
}

/// The values in a Bind, where there is room to keep them.
fn kept(body: &[u8], budget: &Budget) -> Option<Arc<Bound>> {
    let mut bound = bound::values(body);
    bound.share = Some(budget.take(bound.held_bytes())?);
    Some(Arc::new(bound))
}
