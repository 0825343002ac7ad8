//! What does one rule say, when all names in it are resolved?

use crate::condition::{Condition, Reading};
use crate::facts::Facts;
use crate::verdict::{Keep, Limits, RateBy};
use exchange::Session;
use std::sync::Arc;

/// What a rule decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// It may pass.
    Allow,
    /// It may not pass.
    Refuse {
        /// Whether no hold can lift it.
        last_word: bool,
        /// What the client is told.
        reason: Reason,
    },
    /// It waits for approval.
    Hold,
    /// It may return so much and no more.
    Limit(Limit),
    /// It is noted.
    Note,
}

/// Which error a refused client sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    NotPermitted,
    ReadOnly,
}

/// What a `limit` rule sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limit {
    pub(crate) limits: Limits,
    /// Statements a second, at once, and for what they are counted.
    pub(crate) rate: Option<(u32, u32, RateBy)>,
}

impl Action {
    /// The word of the rule file.
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Action::Allow => "allow",
            Action::Refuse { .. } => "refuse",
            Action::Hold => "hold",
            Action::Limit(_) => "limit",
            Action::Note => "note",
        }
    }

    /// How what is uncertain is read in `when`: what lets pass must be sure, everything else counts
    /// what may be.
    pub(crate) fn reading(&self) -> Reading {
        match self {
            Action::Allow => Reading::Sure,
            Action::Refuse { .. } | Action::Hold | Action::Limit(_) | Action::Note => Reading::Possible,
        }
    }
}

/// One compiled rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rule {
    /// `file/name`.
    pub(crate) name: Arc<str>,
    pub(crate) when: Box<[Condition]>,
    /// `None` where there is no `unless`.
    pub(crate) unless: Option<Box<[Condition]>>,
    pub(crate) action: Action,
    pub(crate) message: Option<Box<str>>,
    pub(crate) hint: Option<Box<str>>,
    pub(crate) dry_run: bool,
    /// What it wants kept of the statements it matches.
    pub(crate) record: Keep,
}

impl Rule {
    /// Whether its session conditions hold.
    pub(crate) fn admits(&self, session: &Session) -> bool {
        let of_session = |one: &&Condition| one.is_of_session();
        self.when.iter().filter(of_session).all(|one| one.holds_in(session))
    }

    /// Whether the session conditions of `unless` hold, so that the rest of it matters.
    pub(crate) fn may_be_taken_away(&self, session: &Session) -> bool {
        let of_session = |one: &&Condition| one.is_of_session();
        self.unless.as_ref().is_some_and(|all| all.iter().filter(of_session).all(|one| one.holds_in(session)))
    }

    /// Whether `unless` looks at the session only.
    pub(crate) fn unless_is_of_session(&self) -> bool {
        self.unless.as_ref().is_none_or(|all| all.iter().all(Condition::is_of_session))
    }

    /// The first condition of `when` that does not hold.
    pub(crate) fn missed(&self, facts: &Facts<'_>) -> Option<&Condition> {
        let reading = self.action.reading();
        self.when.iter().find(|one| !one.holds(facts, reading))
    }

    /// Whether `unless` takes it away.
    pub(crate) fn is_taken_away(&self, facts: &Facts<'_>) -> bool {
        let reading = self.action.reading().opposite();
        self.unless.as_ref().is_some_and(|all| all.iter().all(|one| one.holds(facts, reading)))
    }

    /// Whether it matches, looked at in full.
    pub(crate) fn matches(&self, facts: &Facts<'_>) -> bool {
        // What could not be judged is never let pass by a rule.
        let judged = self.action != Action::Allow || facts.is_judged();
        judged && self.missed(facts).is_none() && !self.is_taken_away(facts)
    }

    /// The same where the session conditions of `when` are known to hold, and with `settled` that no
    /// `unless` can take it away.
    pub(crate) fn matches_statement(&self, facts: &Facts<'_>, settled: bool) -> bool {
        let judged = self.action != Action::Allow || facts.is_judged();
        let reading = self.action.reading();
        let holds = |one: &Condition| one.is_of_session() || one.holds(facts, reading);
        judged && self.when.iter().all(holds) && (settled || !self.is_taken_away(facts))
    }
}
