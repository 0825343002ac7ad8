//! What does a text consist of, and how certain is it that the server reads it so?

use super::Gate;
use crate::analyses::alone;
use crate::command;
use crate::exchanges::Exchanges;
use crate::long;
use crate::modes::{self, Modes, Set};
use crate::scope::{Scope, Wire};
use crate::session::Remembered;
use exchange::{Ask, Class, Command, Effects, Marks, Request};
use sql::token::Ending;
use sql::{Analysis, Lexing, MysqlServer};
use std::sync::Arc;
use std::task::{Context, Poll};

impl Gate {
    /// The server reported the parts of `sql_mode` that change how a text is read.
    pub(crate) fn set_sql_mode(&mut self, ansi_quotes: bool, no_backslash_escapes: bool) {
        let server = match self.lexing {
            Lexing::Mysql { server, .. } => server,
            Lexing::Postgres { .. } => MysqlServer::Unknown,
        };
        self.lexing = Lexing::Mysql { ansi_quotes, no_backslash_escapes, double_byte: true, server };
    }

    /// A statement of MySQL that changes how texts are read has succeeded.
    pub(crate) fn took_effect(&mut self, effects: &Effects, wire: &mut Wire) {
        if effects.marks.contains(Marks::UNDOES_READ_ONLY) {
            self.judge.read_only_reported(false);
        }
        if effects.marks.intersects(Marks::RESETS_SETTINGS) {
            // Character set and modes are told by the protocol's machine.
            self.modes = Modes::Followed;
            return;
        }
        let reading = modes::Reading::of(effects);
        if let Some(name) = reading.character_set {
            self.encoding.set_character_set(name.map(str::as_bytes));
        }
        if let Some(set) = reading.modes {
            if set.modes == Modes::Untold {
                wire.doubt_modes();
            }
            self.set_modes(set, wire);
        }
    }

    /// The server told `sql_mode` as a whole.
    pub(crate) fn modes_told(&mut self, modes: &[u8], wire: &mut Wire) {
        self.set_modes(Set::of(std::str::from_utf8(modes).ok()), wire);
    }

    fn set_modes(&mut self, set: Set, wire: &mut Wire) {
        self.modes = set.modes;
        let Lexing::Mysql { no_backslash_escapes, server, .. } = self.lexing else { return };
        if let Some(ansi_quotes) = set.ansi_quotes
            && !matches!(server, MysqlServer::Mariadb(_))
        {
            wire.set_ansi_quotes(ansi_quotes);
            self.set_sql_mode(ansi_quotes, no_backslash_escapes);
        }
    }

    /// The server told its version: `17.2`, `18beta1`, `16.4 (Debian 16.4-1)`; `8.0.36`,
    /// `5.5.5-10.6.18-MariaDB`.
    pub(crate) fn set_server_version(&mut self, version: &[u8]) {
        if let Lexing::Mysql { server, .. } = &mut self.lexing {
            *server = MysqlServer::of_version(version);
            return;
        }
        let digits = version.iter().take_while(|byte| byte.is_ascii_digit());
        self.server_major = digits
            .fold(0, |major: u32, digit| major.saturating_mul(10).saturating_add(u32::from(digit - b'0')));
    }

    /// The server reported `standard_conforming_strings`.
    pub(crate) fn set_standard_conforming_strings(&mut self, on: bool) {
        self.lexing = Lexing::Postgres { standard_conforming_strings: on };
    }

    /// What the request's text consists of. Pending while a long one is read elsewhere.
    pub(super) fn poll_analysis(
        &mut self,
        ask: &Ask<'_, Remembered>,
        scope: &Scope,
        context: &mut Context<'_>,
    ) -> Poll<Arc<Analysis>> {
        Poll::Ready(match &ask.request {
            Request::Run { text } | Request::Prepare { text, .. } if text.len() > long::LONG => {
                return self.poll_long(text, self.lexing_now(), scope, context);
            }
            Request::Run { text } | Request::Prepare { text, .. } => {
                scope.thread.analyses.borrow_mut().of(text, self.lexing_now())
            }
            Request::Execute { statement: Some(known), .. } => Arc::clone(&known.analysis),
            Request::Function { oid } => alone(Arc::new(sql::function_call(*oid))),
            Request::Command { command, object } => command::of(*command, object),
            Request::Unsupported { what } => alone(Arc::new(sql::command(what, b"", Class::Unknown))),
            Request::Execute { statement: None, .. } => alone(sql::unjudged()),
            Request::Oversize { .. } => alone(Arc::new(sql::oversize(scope.settings.limits.statement_bytes))),
        })
    }

    /// How texts are read in the session's character set.
    fn lexing_now(&self) -> Lexing {
        self.lexing.in_double_bytes(self.encoding.is_double_byte())
    }

    /// In which character set what is prepared is what it is read as here, where not in any.
    pub(super) fn written_in(&self, ask: &Ask<'_, Remembered>) -> Option<Arc<str>> {
        let Request::Prepare { text, .. } = &ask.request else { return None };
        let any = text.is_ascii() || !matches!(self.lexing, Lexing::Mysql { .. });
        (!any).then(|| Arc::clone(self.encoding.client()))
    }

    fn poll_long(
        &mut self,
        text: &[u8],
        lexing: Lexing,
        scope: &Scope,
        context: &mut Context<'_>,
    ) -> Poll<Arc<Analysis>> {
        if self.reading.is_none() {
            if let Some(analysis) = scope.thread.analyses.borrow_mut().known(text, lexing) {
                return Poll::Ready(analysis);
            }
            self.reading = long::begin(text, lexing, context);
        }
        let Some(reading) = &self.reading else { return Poll::Pending };
        let Poll::Ready(analysis) = reading.poll(context) else { return Poll::Pending };
        self.reading = None;
        if analysis.lexing != lexing {
            // The server reads it by other rules by now.
            return self.poll_long(text, lexing, scope, context);
        }
        scope.thread.analyses.borrow_mut().learn(text, lexing, &analysis);
        Poll::Ready(analysis)
    }

    /// The analysis, or what stands for a text that the server may read otherwise. `None` while answers under
    /// way will tell how it does.
    pub(super) fn certain(
        &self,
        ask: &Ask<'_, Remembered>,
        analysis: Arc<Analysis>,
        wire: &Wire,
        exchanges: &Exchanges,
    ) -> Option<Arc<Analysis>> {
        if !self.is_disputed(ask, &analysis, exchanges) {
            return Some(analysis);
        }
        match wire.is_batch_closed() {
            Some(true) if !wire.is_copying_in() => None,
            // They will come only behind more of the client's messages: this stays unknown.
            Some(_) => Some(alone(sql::ambiguous())),
            None if self.is_encoded(ask) || self.is_read_on_otherwise(ask, &analysis) => {
                Some(alone(sql::ambiguous()))
            }
            None => Some(analysis),
        }
    }

    /// Whether the server may read a text otherwise than it was read here.
    fn is_disputed(&self, ask: &Ask<'_, Remembered>, analysis: &Analysis, exchanges: &Exchanges) -> bool {
        let (Request::Run { text } | Request::Prepare { text, .. }) = &ask.request else {
            return self.is_encoded(ask) || (is_beyond_ascii(ask) && exchanges.changes_reading());
        };
        analysis.ending == Ending::Disputed
            || (exchanges.changes_reading() && !text.is_ascii())
            || self.is_encoded(ask)
            || self.is_read_on_otherwise(ask, analysis)
    }

    /// Whether the session's `sql_mode` makes a text uncertain, or a statement of the text may change how the
    /// server reads what stands behind it.
    fn is_read_on_otherwise(&self, ask: &Ask<'_, Remembered>, analysis: &Analysis) -> bool {
        let (Request::Run { text } | Request::Prepare { text, .. }) = &ask.request else { return false };
        matches!(self.lexing, Lexing::Mysql { .. })
            && (analysis.ending == Ending::Disputed
                || self.modes.disputes(text, self.lexing) && !modes::leaves(analysis, text)
                || modes::change_within(analysis, text))
    }

    /// Whether the session's encoding alone makes a text, or a name, uncertain.
    fn is_encoded(&self, ask: &Ask<'_, Remembered>) -> bool {
        let (text, name) = match &ask.request {
            Request::Run { text } => (*text, &b""[..]),
            Request::Prepare { text, name } => (*text, *name),
            // A name in the session's character set: of a database, or of a table.
            Request::Command { command, object } => {
                let names = !matches!(command, Command::ChangeUser | Command::Kill);
                return names && self.encoding.disputes_command(object);
            }
            Request::Execute { statement: Some(known), .. } => {
                return known.written_in.as_ref().is_some_and(|written| written != self.encoding.client());
            }
            _ => return false,
        };
        // In the double-byte encodings a backslash, a quote or a semicolon may be half a character.
        (self.encoding.is_double_byte() && !text.is_ascii())
            || self.encoding.disputes(text, self.lexing)
            || self.encoding.disputes_name(name)
    }
}

/// Whether a request that has no text of its own means what the session's character set makes of its bytes.
fn is_beyond_ascii(ask: &Ask<'_, Remembered>) -> bool {
    match &ask.request {
        Request::Command { object, .. } => !object.is_ascii(),
        Request::Execute { statement: Some(known), .. } => known.written_in.is_some(),
        _ => false,
    }
}
