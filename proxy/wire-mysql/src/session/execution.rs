//! What does an execution give its statement, where somebody wants to know?
//!
//! Values are read where rules keep them, and attributes where both peers have them; otherwise executions
//! pass unread. What is prepared is known by what its preparation was answered with: how many parameters
//! it has. Their types come with an execution and hold for those after it; long data comes before one and
//! holds for that one alone.

use super::Session;
use super::client::{CODE_BYTES, Next};
use super::pending::{Pending, Reply};
use crate::bound::{self, Execution, Given};
use crate::capabilities::Capabilities;
use crate::frame::Header;
use crate::message::{self, LAST_PREPARED, code};

impl<T: Clone> Session<T> {
    pub(super) fn reads_executions(&self) -> bool {
        self.keeps_parameters.is_some() || self.has(Capabilities::QUERY_ATTRIBUTES)
    }

    /// Whether something is being prepared, so that nobody knows yet which number it gets.
    pub(super) fn is_preparing(&self) -> bool {
        let prepares = |pending: &Pending<T>| matches!(pending.reply, Reply::Prepare { .. });
        self.pending.iter().any(prepares)
    }

    /// The number the server knows a statement by. Only MariaDB knows one for what was prepared last.
    pub(super) fn number(&self, id: u32) -> Option<u32> {
        if id == LAST_PREPARED && self.agreed.is_mariadb { self.last_id } else { Some(id) }
    }

    /// Gives the request that is answered now the number of what was prepared last, where it means that: by
    /// now it is known.
    pub(super) fn number_last(&mut self) {
        let Some(last) = self.number(LAST_PREPARED) else { return };
        let front = self.pending.front_mut().map(|front| &mut front.reply);
        if let Some(Reply::Execute { id, .. } | Reply::Fetch { id } | Reply::ResetStatement { id }) = front
            && *id == LAST_PREPARED
        {
            *id = last;
        }
    }

    /// What an execution of this statement gives, as far as its `body` is held.
    pub(super) fn given(&self, id: u32, tag: u8, (body, is_whole): (&[u8], bool)) -> Option<Box<Given>> {
        let id = self.number(id)?;
        let execution = Execution {
            statement: id,
            body,
            is_whole,
            has_attributes: self.has(Capabilities::QUERY_ATTRIBUTES),
            parameters: self.statements.parameters(id)?,
            pieces: &self.pieces,
        };
        let mut given = if tag == code::STMT_BULK_EXECUTE { execution.read_bulk() } else { execution.read() };
        let budget = self.keeps_parameters.as_ref();
        given.bound = given.bound.take().and_then(|bound| bound.within(budget?));
        Some(Box::new(given))
    }

    /// A statement is executed: the types that came with it stay, its long data has gone with it.
    pub(super) fn executed(&mut self, id: u32) {
        let Some(id) = self.number(id) else { return };
        let types = self.asked.given.as_mut().and_then(|given| given.types.take());
        if let Some(prepared) = self.statements.get_mut(id) {
            prepared.parameters.has_lost = false;
            if let Some(types) = types {
                prepared.parameters.types = types;
            }
        }
        self.pieces.forget(id);
    }

    /// Long data of a statement is of no use any more.
    pub(super) fn forget_pieces(&mut self, id: u32) {
        let Some(id) = self.number(id) else { return };
        if let Some(prepared) = self.statements.get_mut(id) {
            prepared.parameters.has_lost = false;
        }
        self.pieces.forget(id);
    }

    /// A piece of a parameter's value: it passes; what is kept of it is held for a moment.
    pub(super) fn long_data<'a>(&mut self, header: Header, rest: &[u8]) -> Next<'a, T> {
        const FRONT: usize = 6;
        if !self.reads_executions() || header.frame() < CODE_BYTES + FRONT {
            return self.passes(header);
        }
        let held = header.frame().min(CODE_BYTES + FRONT + bound::VALUES_BYTES_MAX);
        let Some(body) = rest.get(CODE_BYTES..held) else { return Next::More };
        let Some(([id @ .., low, high], data)) = body.split_first_chunk::<FRONT>() else {
            return self.passes(header);
        };
        let Some((id, _)) = message::statement(id) else { return self.passes(header) };
        if id == LAST_PREPARED && self.is_preparing() {
            return Next::Wait;
        }
        let parameter = u16::from_le_bytes([*low, *high]);
        let is_cut = held < header.frame() || header.continues();
        if let Some(id) = self.number(id)
            && let Some(prepared) = self.statements.get_mut(id)
        {
            let place = (id, parameter);
            let kept = self.pieces.add(place, (data, is_cut), self.keeps_parameters.as_ref());
            prepared.parameters.has_lost |= !kept;
        }
        self.passes(header)
    }
}
