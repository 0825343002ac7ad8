//! Why the gateway does not let something pass, without any protocol's error numbers: those live
//! in the wire crates, which turn a class into their own code.

use std::borrow::Cow;

/// The kinds of refusal a client can meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RefusalClass {
    /// The statement is not permitted here.
    NotPermitted,
    /// The session reads only, and the statement may do more.
    ReadOnly,
    /// Nobody can tell what the statement would do.
    Unjudgeable,
    /// A limit on rate, rows, bytes or time is reached.
    LimitReached,
    /// The statement waits for somebody's approval.
    Held,
    /// The statement is larger than `limits.statement_bytes`.
    TooLarge,
    /// The ledger cannot record the statement, and it must not run unrecorded.
    Unrecorded,
    /// The gateway cannot follow what is asked for.
    Unsupported,
    /// The upstream cannot be reached.
    UpstreamUnreachable,
    /// A limit on connections is reached.
    TooManyConnections,
    /// The login is not accepted.
    LoginRefused,
    /// The password is not the right one.
    WrongPassword,
    /// The peer broke the protocol.
    ProtocolViolation,
    /// The session was idle, or its transaction was, for longer than allowed.
    IdleTooLong,
    /// The gateway is being stopped.
    ShuttingDown,
}

impl RefusalClass {
    /// The word used as the `reason` label of `dragoman_refusals_total`.
    pub fn as_str(self) -> &'static str {
        match self {
            RefusalClass::NotPermitted => "not_permitted",
            RefusalClass::ReadOnly => "read_only",
            RefusalClass::Unjudgeable => "unjudgeable",
            RefusalClass::LimitReached => "limit_reached",
            RefusalClass::Held => "held",
            RefusalClass::TooLarge => "too_large",
            RefusalClass::Unrecorded => "unrecorded",
            RefusalClass::Unsupported => "unsupported",
            RefusalClass::UpstreamUnreachable => "upstream_unreachable",
            RefusalClass::TooManyConnections => "too_many_connections",
            RefusalClass::LoginRefused => "login_refused",
            RefusalClass::WrongPassword => "wrong_password",
            RefusalClass::ProtocolViolation => "protocol_violation",
            RefusalClass::IdleTooLong => "idle_too_long",
            RefusalClass::ShuttingDown => "shutting_down",
        }
    }
}

/// A refusal as a person will read it. `message` is lowercase without a full stop; `hint` says
/// what to do next. Neither ever holds a literal of a statement or a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Which kind.
    pub class: RefusalClass,
    /// What happened.
    pub message: Cow<'static, str>,
    /// More about it, where there is more.
    pub detail: Option<Cow<'static, str>>,
    /// What to do next.
    pub hint: Option<Cow<'static, str>>,
    /// Where in the statement, counted in characters from 1, where that is known.
    pub position: Option<u32>,
    /// The rule that decided, where a rule did.
    pub rule: Option<Box<str>>,
}

impl Refusal {
    /// A refusal with a message only.
    pub fn new(class: RefusalClass, message: impl Into<Cow<'static, str>>) -> Refusal {
        Refusal { class, message: message.into(), detail: None, hint: None, position: None, rule: None }
    }

    /// The same refusal with a hint.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<Cow<'static, str>>) -> Refusal {
        self.hint = Some(hint.into());
        self
    }

    /// The same refusal with a detail.
    #[must_use]
    pub fn with_detail(mut self, detail: impl Into<Cow<'static, str>>) -> Refusal {
        self.detail = Some(detail.into());
        self
    }
    /// The same refusal with the place in the statement it is about, in characters from 1.
    #[must_use]
    pub fn with_position(mut self, position: u32) -> Refusal {
        self.position = Some(position);
        self
    }

    /// The same refusal with the name of the rule that decided.
    #[must_use]
    pub fn with_rule(mut self, name: impl Into<Box<str>>) -> Refusal {
        self.rule = Some(name.into());
        self
    }
}
