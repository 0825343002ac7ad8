//! What becomes of an answer that goes beyond what its rules allow, and of a statement there is no room for?
//!
//! The server is asked to stop, and what it says then is told in the rule's words. Where nobody can have it
//! stop, the answer ends in the place of its next packet, and the session with it.

use super::{End, Pump};
use crate::buffer::Buffer;
use crate::cancel::{self, CancelTarget, How};
use crate::connection;
use crate::judge::limit_reached;
use crate::session::sqlstate;
use crate::sweep::{Ending, Held};
use exchange::step::{Event, Excess};
use exchange::{ExchangeId, Protocol};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

impl Pump {
    /// How the session is cancelled, now that the server has told its number.
    pub(super) fn cancel_target(&self, id: u32, key: Box<[u8]>) -> Arc<CancelTarget> {
        let (listener, upstream) = (&self.scope.listener, self.upstream_address.clone());
        let how = match (self.wire.protocol(), &listener.killer) {
            (Protocol::Postgres, _) => How::Key(key),
            (Protocol::Mysql, Some(killer)) if self.scope.settings.probe.is_some() => {
                How::Killer(Arc::clone(killer))
            }
            (Protocol::Mysql, _) => How::Nohow,
        };
        self.scope.with_facts(|session| listener.cancels.register(id, how, upstream, &session.principal.user))
    }

    /// Whether there is room for what the next read may bring.
    pub(super) fn has_room(&self) -> bool {
        let more = self.up.growth();
        more == 0 || self.scope.thread.sessions.may_hold(&self.mark, more)
    }

    /// Tells the thread what is held for a statement.
    pub(super) fn note_held(&self, heard: bool) {
        let bytes = self.up.held();
        if bytes > 0 || self.mark.is_holding() {
            // That the ledger or the server does not take it is not its client's fault, unless that does not read.
            let arrives = !self.waits && !self.up.has_cleared();
            let at_client = arrives || self.down.has_cleared() || self.client.is_behind();
            self.scope.thread.sessions.holds(&self.mark, Held { bytes, at_client, heard });
        }
    }

    /// Nothing more goes to the server.
    pub(crate) fn let_go(&mut self) {
        self.up = Buffer::default();
        self.note_held(false);
    }

    /// A reply goes beyond what its rules allow: the server is asked to stop, and what it says then is
    /// told in the words of the rule.
    pub(super) fn exceeded(&mut self, exchange: ExchangeId, what: Excess) -> Result<(), End> {
        if self.unstoppable == Some(exchange) {
            return Err(End::Gateway(Ending::LimitReached));
        }
        let exchanges = self.mark.exchanges.borrow();
        let Some(bounds) = exchanges.bounds(exchange) else { return Ok(()) };
        let (message, rule) = match (what, &bounds.rows, &bounds.bytes) {
            (Excess::Rows, Some((rows, rule)), _) => (format!("the result has more than {rows} rows"), rule),
            (Excess::Bytes, _, Some((bytes, rule))) => {
                (format!("the result has more than {bytes} bytes"), rule)
            }
            (Excess::Rows | Excess::Bytes, ..) => return Ok(()),
        };
        let rule = Arc::clone(rule);
        drop(exchanges);
        self.cut(exchange, message, &rule)
    }

    /// Ends what takes longer than its rules allow.
    pub(super) fn end_overdue(&mut self) -> Result<(), End> {
        if self.wire.outstanding() == 0 {
            // A suspended portal waits for its client.
            return Ok(());
        }
        let mut exchanges = self.mark.exchanges.borrow_mut();
        let Some(exchange) = exchanges.overdue(Instant::now()) else { return Ok(()) };
        let Some((longest, rule)) = exchanges.cut_for_time(exchange) else { return Ok(()) };
        drop(exchanges);
        self.cut(exchange, format!("the statement took longer than {} s", longest.as_secs_f64()), &rule)
    }

    /// Has the server stop. Where nobody can, the session ends here.
    fn cut(&mut self, exchange: ExchangeId, message: String, rule: &Arc<str>) -> Result<(), End> {
        let detail = format!("rule `{rule}` bounds it");
        let hint = "ask for less at once: a WHERE, a LIMIT, an aggregate";
        let refusal = limit_reached(message, detail, hint, rule, &self.scope.listener.ruleset.load());
        self.scope.counters().refused(refusal.class);
        // The server may be further than it has answered, and then the cancel ends what stands behind.
        for behind in self.mark.exchanges.borrow().behind(exchange) {
            self.wire.relabel(behind, refusal.clone());
        }
        self.wire.relabel(exchange, refusal.clone());
        connection::rule_limit_hit(rule, &self.scope);
        let ends = self.wire.protocol() == Protocol::Mysql;
        if ends {
            self.limited = Some(Box::new((exchange, refusal)));
        }
        let stoppable = |target: &&Arc<CancelTarget>| target.can_be_cancelled() && !self.wire.is_fetching();
        let Some(target) = self.gate.cancels.as_ref().filter(stoppable) else {
            return if ends { Err(End::Gateway(Ending::LimitReached)) } else { Ok(()) };
        };
        let mark = Rc::clone(&self.mark);
        let otherwise = move || {
            if ends {
                mark.not_cancelled(exchange);
            }
        };
        connection::cancel_beside(cancel::begin_own(target), Arc::clone(&self.scope.settings), otherwise);
        Ok(())
    }

    /// Nobody could cancel what went too far: its answer ends here, or as soon as a packet of it does.
    pub(super) fn end_uncancelled(&mut self) -> Result<(), End> {
        let Some(exchange) = self.mark.uncancelled.take() else { return Ok(()) };
        // What has ended meanwhile has ended by itself.
        if self.mark.exchanges.borrow().bounds(exchange).is_none() {
            return Ok(());
        }
        if self.wire.is_between_messages() {
            return Err(End::Gateway(Ending::LimitReached));
        }
        self.unstoppable = Some(exchange);
        self.wire.limit_to_nothing(exchange);
        Ok(())
    }

    /// Ends the answer that went too far, in the rule's words, and with it the session.
    pub(crate) fn break_off(&mut self) {
        let Some(limited) = self.limited.take() else { return };
        let (exchange, refusal) = *limited;
        let why = if self.wire.is_fetching() {
            "the session ends, since no server stops while rows of a cursor are fetched"
        } else {
            "the session ends, since the gateway has no login that may stop a statement at the server"
        };
        let detail = refusal.detail.as_ref().map_or(why.to_owned(), |detail| format!("{detail}; {why}"));
        let refusal = refusal.with_detail(detail);
        let cut = self.wire.break_off(exchange, &refusal).unwrap_or_else(|| {
            // The client has half a packet: it sees the end of its connection. The record tells why.
            let sqlstate = sqlstate(self.wire.protocol(), refusal.class);
            let (replaces, bytes, rows, bytes_out, copied_in) = (0, Vec::new(), 0, 0, 0);
            Event::Cut { exchange, replaces, bytes, sqlstate, rows, bytes_out, copied_in }
        });
        self.mark.exchanges.borrow_mut().heard(&cut, b"", &mut self.wire, &self.scope);
        if let Event::Cut { bytes, .. } = cut {
            let held = self.down.unjudged().len();
            self.down.replace(held, &bytes);
        }
    }
}
