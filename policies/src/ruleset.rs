//! Which verdict do the rules in force give?

mod refusal;
#[cfg(test)]
mod tests;

use crate::bits::Bits;
use crate::condition::Condition;
use crate::facts::Facts;
use crate::index::Index;
use crate::rule::{Action, Rule};
use crate::verdict::{Decision, Keep, LimitRules, Limits, Rate, Rates, Verdict, Would};
use exchange::{Basis, Session, Verb};
use std::sync::Arc;

/// The rules of one listener at one time. Immutable: a change makes a new one with a higher epoch.
#[derive(Clone, Debug)]
pub struct Ruleset {
    epoch: u64,
    enforces: bool,
    default_allows: bool,
    pub(crate) rules: Box<[Rule]>,
    index: Index,
    tiers: Tiers,
    rates: Box<[Rate]>,
    pub(crate) sessions: Box<[SessionRule]>,
}

/// What makes a session read-only from its beginning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SessionRule {
    pub(crate) when: Box<[Condition]>,
    pub(crate) unless: Option<Box<[Condition]>>,
}

/// The rules by what they decide.
#[derive(Clone, Debug, Default)]
struct Tiers {
    last_word: Bits,
    hold: Bits,
    refuse: Bits,
    limit: Bits,
    allow: Bits,
    note: Bits,
    dry: Bits,
    /// Those in force that want something kept.
    record: Bits,
}

/// What the session conditions of a rule set say of one session. To be made again when the session
/// changes or the rules do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionMask {
    epoch: u64,
    /// Rules whose session conditions hold.
    admitted: Bits,
    /// Rules that no `unless` can take away any more.
    settled: Bits,
    read_only: bool,
}

/// Which rules match one statement, as far as looked at.
struct Matching<'r, 'f> {
    rules: &'r [Rule],
    facts: &'f Facts<'f>,
    candidates: Bits,
    /// Candidates that match without another look.
    certain: Bits,
    settled: Bits,
}

/// What decides, from the strongest.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Tier {
    LastWord,
    Hold,
    Refuse,
    Allow,
    Default,
}

impl Ruleset {
    /// Rules that only say what happens when no rule matches.
    pub fn of_default(epoch: u64, enforces: bool, default_allows: bool) -> Ruleset {
        Ruleset::of(epoch, (enforces, default_allows), Vec::new(), Vec::new())
    }

    pub(crate) fn of(
        epoch: u64,
        (enforces, default_allows): (bool, bool),
        rules: Vec<Rule>,
        sessions: Vec<SessionRule>,
    ) -> Ruleset {
        let index = Index::of(&rules);
        let tiers = Tiers::of(&rules);
        let rates = rules.iter().filter_map(rate).collect();
        Ruleset {
            epoch,
            enforces,
            default_allows,
            rules: rules.into(),
            index,
            tiers,
            rates,
            sessions: sessions.into(),
        }
    }

    /// The number of these rules; grows with each change.
    pub fn epoch(&self) -> u64 {
        self.epoch
    }

    /// The same rules under another number.
    #[must_use]
    pub fn at_epoch(&self, epoch: u64) -> Ruleset {
        Ruleset { epoch, ..self.clone() }
    }

    /// The same rules, enforced or only told.
    #[must_use]
    pub fn enforced(self, enforces: bool) -> Ruleset {
        Ruleset { enforces, ..self }
    }

    /// Whether `other` says the same of every statement, whatever its number and whether or not it enforces.
    pub fn agrees_with(&self, other: &Ruleset) -> bool {
        let same = (&self.rules, &self.sessions) == (&other.rules, &other.sessions);
        same && self.default_allows == other.default_allows
    }

    /// Whether what is refused or held does not pass. If not, verdicts are only told.
    pub fn enforces(&self) -> bool {
        self.enforces
    }

    /// Whether what no rule speaks of may pass.
    pub fn default_allows(&self) -> bool {
        self.default_allows
    }

    /// Whether any rule in force wants more kept of a statement than its shape.
    pub fn keeps_values(&self) -> bool {
        !self.tiers.record.is_empty()
    }

    /// How many rules there are.
    pub fn rules(&self) -> usize {
        self.rules.len()
    }

    /// What the author of a rule wants clients to be told: the message and the hint. For limits, of
    /// which the judge does not know whether they are reached.
    pub fn words_of(&self, rule: &str) -> (Option<&str>, Option<&str>) {
        let found = self.rules.iter().find(|one| *one.name == *rule);
        found.map_or((None, None), |one| (one.message.as_deref(), one.hint.as_deref()))
    }

    /// Looks at the session conditions.
    pub fn of_session(&self, session: &Session) -> SessionMask {
        let (mut admitted, mut settled) = (Bits::NONE, Bits::NONE);
        for (number, rule) in self.rules.iter().enumerate() {
            let of_session = rule.unless_is_of_session();
            let taken_away = rule.may_be_taken_away(session);
            if of_session || !taken_away {
                settled.insert(number);
            }
            if rule.admits(session) && !(of_session && taken_away) {
                admitted.insert(number);
            }
        }
        let holds = |all: &[Condition]| all.iter().all(|one| one.holds_in(session));
        let read_only = |rule: &SessionRule| holds(&rule.when) && !rule.unless.as_deref().is_some_and(holds);
        SessionMask { epoch: self.epoch, admitted, settled, read_only: self.sessions.iter().any(read_only) }
    }

    /// Whether the session is to be read-only from its beginning.
    pub fn is_read_only(&self, mask: &SessionMask) -> bool {
        mask.read_only
    }

    /// Judges one statement. Takes no lock, and allocates only for what it refuses.
    pub fn decide<'r>(&'r self, facts: &Facts<'_>) -> Decision<'r> {
        let fresh;
        let mask = if facts.mask.epoch == self.epoch {
            facts.mask
        } else {
            fresh = self.of_session(facts.session);
            &fresh
        };
        let matching = self.matching(mask, facts);
        let tiers = &self.tiers;
        let noted = matching.first(&tiers.note);
        let mut decision = Decision {
            verdict: Verdict::Allow,
            rule: None,
            limits: Limits::default(),
            limit_rules: LimitRules::default(),
            rates: Rates { all: &self.rates, applying: 0 },
            noted: noted.map(|(_, rule)| &rule.name),
            record: matching.record(&tiers.record),
            would: None,
            epoch: self.epoch,
        };
        if matching.candidates.is_empty() && self.default_allows && facts.is_judged() {
            return decision;
        }
        // A client must always be able to leave the transaction it is in.
        if facts.statement.is_some_and(|one| one.verb == Verb::Leave) {
            return decision;
        }
        let deciding = self.deciding(&matching, false);
        // What cannot be judged is refused here in any case: no dry run would change that.
        if matching.has(&tiers.dry) && (facts.is_judged() || !self.enforces) {
            decision.would = self.would(&matching, deciding.0);
        }
        decision.rule = deciding.1.map(|rule| &rule.name);
        if !facts.is_judged() {
            // A rule may say that it is refused as well; what the gateway says of it is more exact.
            decision.rule = None;
            decision.verdict = if self.enforces { refusal::unjudged(facts) } else { Verdict::Unjudged };
        } else {
            decision.verdict = self.verdict(facts, deciding);
        }
        if matches!(decision.verdict, Verdict::Allow | Verdict::Unjudged) {
            self.limit(&matching, &mut decision);
        }
        decision
    }

    fn matching<'r, 'f>(&'r self, mask: &SessionMask, facts: &'f Facts<'f>) -> Matching<'r, 'f> {
        let (rules, settled) = (&*self.rules, mask.settled);
        match facts.statement {
            _ if rules.is_empty() => {
                Matching { rules, facts, candidates: Bits::NONE, certain: Bits::NONE, settled }
            }
            Some(statement) if !matches!(statement.effects.basis, Basis::Unjudged(_)) => {
                let candidates =
                    self.index.candidates(&mask.admitted, facts, statement.class, &statement.effects);
                let certain = self.index.decided.and(&settled);
                Matching { rules, facts, candidates, certain, settled }
            }
            _ => Matching { rules, facts, candidates: mask.admitted, certain: Bits::NONE, settled },
        }
    }

    /// What decides among the rules in force, or, with `dry`, if the dry runs were in force too.
    fn deciding<'r>(&self, matching: &Matching<'r, '_>, dry: bool) -> (Tier, Option<&'r Rule>, bool) {
        let tiers = &self.tiers;
        let strongest = [
            (Tier::LastWord, &tiers.last_word),
            (Tier::Hold, &tiers.hold),
            (Tier::Refuse, &tiers.refuse),
            (Tier::Allow, &tiers.allow),
        ];
        for (tier, rules) in strongest {
            let found = if dry { matching.first(rules) } else { matching.first(&rules.without(&tiers.dry)) };
            if let Some((number, rule)) = found {
                return (tier, Some(rule), tiers.dry.contains(number));
            }
        }
        (Tier::Default, None, false)
    }

    /// The dry run that would have changed what `decided` decided.
    fn would<'r>(&self, matching: &Matching<'r, '_>, decided: Tier) -> Option<(&'r Arc<str>, Would)> {
        let (tier, rule, is_dry) = self.deciding(matching, true);
        let allows = |tier| match tier {
            Tier::LastWord | Tier::Hold | Tier::Refuse => false,
            Tier::Allow => true,
            Tier::Default => self.default_allows,
        };
        let word = match tier {
            Tier::LastWord | Tier::Refuse => Would::Refuse,
            Tier::Hold => Would::Hold,
            Tier::Allow | Tier::Default => Would::Allow,
        };
        let same = allows(tier) == allows(decided) && (tier == Tier::Hold) == (decided == Tier::Hold);
        if let Some(rule) = rule.filter(|_| is_dry && !same) {
            return Some((&rule.name, word));
        }
        let (_, limit) = matching.first(&self.tiers.limit.and(&self.tiers.dry))?;
        allows(decided).then_some((&limit.name, Would::Limit))
    }

    fn verdict(&self, facts: &Facts<'_>, (tier, rule, _): (Tier, Option<&Rule>, bool)) -> Verdict {
        match (tier, rule) {
            (Tier::LastWord | Tier::Refuse, Some(rule)) => {
                Verdict::Refuse(Box::new(refusal::by_rule(rule, facts)))
            }
            (Tier::Hold, Some(rule)) => Verdict::Hold(Box::new(refusal::held(rule, facts))),
            (Tier::Allow, Some(_)) => Verdict::Allow,
            _ if self.default_allows => Verdict::Allow,
            _ => Verdict::Refuse(Box::new(refusal::by_default(facts))),
        }
    }

    /// Puts the least of all limits that match into `decision`.
    fn limit<'r>(&'r self, matching: &Matching<'r, '_>, decision: &mut Decision<'r>) {
        for number in matching.candidates.and(&self.tiers.limit.without(&self.tiers.dry)).iter() {
            let Some(rule) = self.rules.get(number).filter(|_| matching.holds(number)) else { continue };
            let Action::Limit(limit) = &rule.action else { continue };
            let (limits, rules) = (&mut decision.limits, &mut decision.limit_rules);
            lower(&mut limits.rows, &mut rules.rows, limit.limits.rows, &rule.name);
            lower(&mut limits.bytes, &mut rules.bytes, limit.limits.bytes, &rule.name);
            lower(&mut limits.duration_us, &mut rules.duration, limit.limits.duration_us, &rule.name);
            if limit.rate.is_some()
                && let Some(at) = self.rates.iter().position(|rate| Arc::ptr_eq(&rate.rule, &rule.name))
            {
                decision.rates.applying |= 1u64.checked_shl(at as u32).unwrap_or(0);
            }
        }
    }
}

fn lower<'r>(least: &mut Option<u64>, rule: &mut Option<&'r Arc<str>>, new: Option<u64>, name: &'r Arc<str>) {
    if let Some(new) = new.filter(|new| least.is_none_or(|least| *new < least)) {
        (*least, *rule) = (Some(new), Some(name));
    }
}

fn rate(rule: &Rule) -> Option<Rate> {
    let Action::Limit(limit) = &rule.action else { return None };
    let (per_second, burst, by) = limit.rate?;
    Some(Rate { rule: Arc::clone(&rule.name), per_second, burst, by })
}

impl Tiers {
    fn of(rules: &[Rule]) -> Tiers {
        let mut tiers = Tiers::default();
        for (number, rule) in rules.iter().enumerate() {
            let tier = match &rule.action {
                Action::Refuse { last_word: true, .. } => &mut tiers.last_word,
                Action::Refuse { last_word: false, .. } => &mut tiers.refuse,
                Action::Hold => &mut tiers.hold,
                Action::Limit(_) => &mut tiers.limit,
                Action::Allow => &mut tiers.allow,
                Action::Note => &mut tiers.note,
            };
            tier.insert(number);
            if rule.dry_run {
                tiers.dry.insert(number);
            } else if !rule.record.is_nothing() {
                tiers.record.insert(number);
            }
        }
        tiers
    }
}

impl<'r> Matching<'r, '_> {
    /// Whether any candidate is among `rules`; it may still not match.
    #[inline]
    fn has(&self, rules: &Bits) -> bool {
        !self.candidates.and(rules).is_empty()
    }

    /// The first of `rules` that matches.
    #[inline]
    fn first(&self, rules: &Bits) -> Option<(usize, &'r Rule)> {
        let candidates = self.candidates.and(rules);
        if candidates.is_empty() {
            return None;
        }
        let number = candidates.iter().find(|number| self.holds(*number))?;
        Some((number, self.rules.get(number)?))
    }

    /// What those of `rules` that match want kept.
    #[inline]
    fn record(&self, rules: &Bits) -> Keep {
        let candidates = self.candidates.and(rules);
        if candidates.is_empty() {
            return Keep::NOTHING;
        }
        let matching = candidates.iter().filter(|number| self.holds(*number));
        let wanted = matching.filter_map(|number| self.rules.get(number)).map(|rule| rule.record);
        wanted.fold(Keep::NOTHING, Keep::with)
    }

    /// Whether a candidate matches.
    #[inline]
    fn holds(&self, number: usize) -> bool {
        self.certain.contains(number)
            || self
                .rules
                .get(number)
                .is_some_and(|rule| rule.matches_statement(self.facts, self.settled.contains(number)))
    }
}
