//! Which verdict do the rules in force give?

use crate::facts::Facts;
use crate::verdict::{Decision, Verdict};
use exchange::{Refusal, RefusalClass, Verb};

/// The rules of one listener at one time. Immutable: a change makes a new one with a higher epoch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ruleset {
    epoch: u64,
    enforces: bool,
    default_allows: bool,
}

impl Ruleset {
    /// Rules that only say what happens when no rule matches. With `enforces` false nothing is
    /// ever refused.
    pub fn of_default(epoch: u64, enforces: bool, default_allows: bool) -> Ruleset {
        Ruleset { epoch, enforces, default_allows }
    }

    /// The number of these rules; grows with each change.
    pub fn epoch(&self) -> u64 {
        self.epoch
    }

    /// Judges one statement. Does not allocate unless it refuses.
    pub fn decide(&self, facts: &Facts<'_>) -> Decision {
        Decision { verdict: self.verdict(facts), epoch: self.epoch }
    }

    fn verdict(&self, facts: &Facts<'_>) -> Verdict {
        let Some(statement) = facts.statement else {
            return if self.enforces { Verdict::Refuse(Box::new(too_large())) } else { Verdict::Unjudged };
        };
        // A client must always be able to leave the transaction it is in.
        if self.default_allows || !self.enforces || statement.verb == Verb::Leave {
            return Verdict::Allow;
        }
        let refusal = Refusal::new(RefusalClass::NotPermitted, "statement is not permitted here")
            .with_detail(format!("listener `{}` refuses what no rule allows", facts.session.listener))
            .with_hint("the people who run this gateway decide what may pass: `default` of the listener");
        Verdict::Refuse(Box::new(refusal))
    }
}

fn too_large() -> Refusal {
    Refusal::new(RefusalClass::TooLarge, "statement is too large to be judged, or was prepared unseen")
        .with_hint("send a shorter statement, or ask for a larger `limits.statement_bytes`")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use exchange::{
        Address, Class, Environment, Fingerprint, Kind, Principal, Protocol, Session, SessionId, Statement,
        TransactionState,
    };

    fn decide(ruleset: &Ruleset, verb: Option<Verb>) -> Verdict {
        let principal = Principal {
            user: "ann".into(),
            database: "shop".into(),
            application: "".into(),
            address: Address::Unix,
            tls: None,
        };
        let session = Session {
            id: SessionId(1),
            listener: "shop".into(),
            workspace: "default".into(),
            environment: Environment::Production,
            protocol: Protocol::Postgres,
            principal,
        };
        let statement = verb.map(|verb| Statement {
            fingerprint: Fingerprint(1),
            text: "x".into(),
            class: Class::Read,
            verb,
            tables: Box::default(),
        });
        let facts = Facts {
            session: &session,
            kind: Kind::Run,
            statement: statement.as_ref(),
            transaction: TransactionState::Idle,
        };
        ruleset.decide(&facts).verdict
    }

    #[test]
    fn observing_refuses_nothing() {
        for default_allows in [true, false] {
            let ruleset = Ruleset::of_default(1, false, default_allows);
            assert_eq!(decide(&ruleset, Some(Verb::Other)), Verdict::Allow);
            assert_eq!(decide(&ruleset, None), Verdict::Unjudged);
        }
    }

    #[test]
    fn enforcing_with_default_refuse_refuses_all_but_the_way_out_of_a_transaction() {
        let ruleset = Ruleset::of_default(1, true, false);
        assert!(
            matches!(decide(&ruleset, Some(Verb::Other)), Verdict::Refuse(refusal) if refusal.class == RefusalClass::NotPermitted)
        );
        assert_eq!(decide(&ruleset, Some(Verb::Leave)), Verdict::Allow);
    }

    #[test]
    fn enforcing_refuses_what_was_too_large_to_read() {
        let ruleset = Ruleset::of_default(1, true, true);
        assert!(
            matches!(decide(&ruleset, None), Verdict::Refuse(refusal) if refusal.class == RefusalClass::TooLarge)
        );
        assert_eq!(decide(&ruleset, Some(Verb::Other)), Verdict::Allow);
    }
}
