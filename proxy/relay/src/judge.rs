//! What do the rules say of a request, once they know everything they may ask?
//!
//! Brings together what a judgement depends on: who asks, each statement, what names in it stand for,
//! the role and search path of the moment, the time, and what an identity has left of its rate.

use crate::circumstances::Circumstances;
use crate::course::Course;
use crate::opening::Guard;
use crate::rates::Bucket;
use crate::scope::{Scope, Wire};
use exchange::{
    Basis, Kind, Marks, Refusal, RefusalClass, Session, Statement, TransactionState, Unjudged, Verb,
    VerdictWord,
};
use policies::{Decision, Facts, Keep, Path, Rate, RateBy, Role, Ruleset, SessionMask, Verdict};
use sql::Analysis;
use std::borrow::Cow;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The judge's memory of one session.
#[derive(Debug, Default)]
pub(crate) struct Judge {
    known: Option<Known>,
    /// The rates met so far under these rules.
    buckets: Vec<(Arc<str>, Arc<Bucket>)>,
    /// The session was made read-only at login, and the server says that it no longer is.
    undone: bool,
    /// How the session was made read-only, if it was.
    pub(crate) guarded_by: Option<Guard>,
}

/// What the session itself already decides.
#[derive(Debug)]
struct Known {
    epoch: u64,
    session: Arc<Session>,
    mask: SessionMask,
}

/// What is judged.
pub(crate) struct Matter<'a> {
    pub(crate) kind: Kind,
    pub(crate) analysis: &'a Analysis,
    pub(crate) transaction: TransactionState,
    pub(crate) circumstances: &'a Circumstances,
    /// How names without a schema are found, where the circumstances do not say it: something prepared keeps
    /// the current database it was prepared in (MySQL).
    pub(crate) path: Option<Path<'a>>,
    /// Something under way may change the circumstances, and its answer cannot be waited for.
    pub(crate) in_doubt: bool,
    /// What the session's names stand for; `None` where something under way may change that.
    pub(crate) names: Option<&'a Wire>,
    pub(crate) at: Instant,
}

/// What is weighed, and what has come of it so far.
struct Scales<'a> {
    matter: &'a Matter<'a>,
    ruleset: &'a Ruleset,
    scope: &'a Scope,
    course: Course<'a>,
    judgement: Judgement,
    /// Rules whose rates have counted the statement.
    counted: Vec<Arc<str>>,
    /// The place of the statement in its text.
    place: usize,
}

/// What was decided of a request.
#[derive(Debug)]
pub(crate) struct Judgement {
    /// What the rules say, whether or not it is done.
    pub(crate) verdict: VerdictWord,
    /// Why it does not pass, if it does not.
    pub(crate) refusal: Option<Box<Refusal>>,
    /// The rule that decided.
    pub(crate) rule: Option<Arc<str>>,
    /// What a rule on trial would have decided.
    pub(crate) would: Option<(Arc<str>, &'static str)>,
    pub(crate) bounds: Bounds,
    /// What rules want kept of each statement, up to the last of which they want anything.
    pub(crate) keeps: Vec<Keep>,
    pub(crate) epoch: u64,
}

impl Judge {
    /// The server reported `default_transaction_read_only`.
    pub(crate) fn read_only_reported(&mut self, on: bool) {
        self.undone = !on && self.guarded_by.is_some();
    }

    /// Whether the rules of the moment make the session read-only, now that the server has put it back to
    /// how it begins sessions.
    pub(crate) fn guard_anew(&mut self, scope: &Scope) -> bool {
        let ruleset = &scope.listener.ruleset.load();
        self.know(ruleset, scope);
        let read_only =
            ruleset.enforces() && self.known.as_ref().is_some_and(|known| ruleset.is_read_only(&known.mask));
        self.guarded_by = read_only.then_some(Guard::Renewed);
        self.undone = false;
        read_only
    }

    /// Judges all statements of a request: one that may not pass holds back the others.
    pub(crate) fn judge(&mut self, matter: &Matter<'_>, scope: &Scope) -> Judgement {
        let ruleset = &scope.listener.ruleset.load();
        self.know(ruleset, scope);
        let course = Course::new(matter.circumstances, matter.transaction);
        let judgement = Judgement::of_nothing(ruleset);
        let mut scales = Scales { matter, ruleset, scope, course, judgement, counted: Vec::new(), place: 0 };
        for (place, statement) in matter.analysis.statements.iter().enumerate() {
            if let Some(before) =
                place.checked_sub(1).and_then(|before| matter.analysis.statements.get(before))
            {
                scales.course.went(before);
                scales.counted.clear();
                scales.place = place;
            }
            let seen = statement.effects.basis != Basis::Unjudged(Unjudged::Unseen);
            self.weigh(&mut scales, seen.then_some(statement));
            match named(statement, matter) {
                Named::Nothing => {}
                Named::Known(source) => self.weigh(&mut scales, Some(&source)),
                Named::Unknown => self.weigh(&mut scales, Some(&sql::unseen())),
            }
            if scales.judgement.refusal.is_none()
                && let Some(refusal) = self.unguards(statement, ruleset)
            {
                scales.judgement.refuse(VerdictWord::Refuse, refusal, None);
            }
            // What holds back all of a text may stand before what is to be kept of it.
            if scales.judgement.refusal.is_some() && !ruleset.keeps_values() {
                break;
            }
        }
        scales.judgement
    }

    /// Why a statement of a session that was made read-only may not pass, whatever the rules say.
    fn unguards(&self, statement: &Statement, ruleset: &Ruleset) -> Option<Box<Refusal>> {
        let guard = self.guarded_by?;
        // The rules may want something else by now.
        let reads_only = ruleset.enforces() && ruleset.is_read_only(&self.known.as_ref()?.mask);
        let resets = statement.effects.marks.contains(Marks::RESETS_SETTINGS);
        // Behind a reset of MySQL's the guard is set again.
        if !reads_only || statement.verb == Verb::Leave || (resets && guard == Guard::Renewed) {
            None
        } else if self.undone {
            Some(Box::new(undone(guard)))
        } else if guard == Guard::Statement && resets {
            Some(Box::new(would_reset()))
        } else {
            None
        }
    }

    /// Takes in who the session is and which rules are in force, when either has changed.
    fn know(&mut self, ruleset: &Ruleset, scope: &Scope) {
        let same = |known: &Known| {
            known.epoch == ruleset.epoch()
                && scope.with_facts(|session| std::ptr::eq(session, &*known.session))
        };
        if !self.known.as_ref().is_some_and(same) {
            let session = scope.facts();
            let mask = ruleset.of_session(&session);
            self.known = Some(Known { epoch: ruleset.epoch(), session, mask });
            self.buckets.clear();
        }
    }

    /// Weighs a statement, or what it names; `None` for one that was not seen as a whole.
    fn weigh(&mut self, scales: &mut Scales<'_>, statement: Option<&Statement>) {
        let Some(known) = &self.known else { return };
        let Scales { matter, ruleset, scope, .. } = *scales;
        let login = &*known.session.principal.user;
        let now_us = scope.thread.wall.at(matter.at);
        let circumstances = &scales.course.circumstances;
        let facts = Facts {
            session: &known.session,
            mask: &known.mask,
            role: if matter.in_doubt { Role::Unknown } else { circumstances.role(login) },
            path: match matter.path {
                _ if matter.in_doubt => Path::Changed,
                Some(path) => path,
                None => circumstances.path(&known.session.principal.database),
            },
            kind: matter.kind,
            statement,
            transaction: scales.course.transaction,
            now_us,
        };
        let decision = ruleset.decide(&facts);
        scales.judgement.keep(scales.place, decision.record);
        if scales.judgement.refusal.is_some() {
            return;
        }
        scales.judgement.add(&decision, ruleset.enforces());
        // What is prepared does not run yet.
        if scales.judgement.refusal.is_some() || matter.kind == Kind::Prepare {
            return;
        }
        for rate in decision.rates.iter() {
            // A statement and what it names are one.
            if scales.counted.iter().any(|rule| Arc::ptr_eq(rule, &rate.rule)) {
                continue;
            }
            scales.counted.push(Arc::clone(&rate.rule));
            if !self.take(rate, now_us, scope) {
                let refusal = Box::new(over_rate(rate, ruleset));
                if ruleset.enforces() {
                    scales.judgement.refuse(VerdictWord::Refuse, refusal, Some(Arc::clone(&rate.rule)));
                } else {
                    scales.judgement.note(VerdictWord::Refuse, Some(&rate.rule));
                }
            }
        }
    }

    /// Takes one statement's worth of a rate; `false` when nothing is left.
    fn take(&mut self, rate: &Rate, now_us: u64, scope: &Scope) -> bool {
        if let Some((_, bucket)) = self.buckets.iter().find(|(rule, _)| Arc::ptr_eq(rule, &rate.rule)) {
            return bucket.take(rate, now_us);
        }
        let identity = scope.with_facts(|session| identity(rate.by, session));
        let bucket = scope.listener.rates.bucket(&rate.rule, &identity, now_us);
        self.buckets.push((Arc::clone(&rate.rule), Arc::clone(&bucket)));
        bucket.take(rate, now_us)
    }
}

/// What a reply may not exceed, and which rule says so.
#[derive(Clone, Debug, Default)]
pub(crate) struct Bounds {
    pub(crate) rows: Option<(u64, Arc<str>)>,
    pub(crate) bytes: Option<(u64, Arc<str>)>,
    pub(crate) duration: Option<(Duration, Arc<str>)>,
}

impl Bounds {
    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_none() && self.bytes.is_none() && self.duration.is_none()
    }

    fn tighten(&mut self, decision: &Decision<'_>) {
        if decision.limits.is_empty() {
            return;
        }
        let (limits, rules) = (decision.limits, decision.limit_rules);
        tighten(&mut self.rows, limits.rows, rules.rows);
        tighten(&mut self.bytes, limits.bytes, rules.bytes);
        tighten(&mut self.duration, limits.duration_us.map(Duration::from_micros), rules.duration);
    }
}

fn tighten<T: PartialOrd>(bound: &mut Option<(T, Arc<str>)>, limit: Option<T>, rule: Option<&Arc<str>>) {
    if let (Some(limit), Some(rule)) = (limit, rule)
        && bound.as_ref().is_none_or(|(before, _)| limit < *before)
    {
        *bound = Some((limit, Arc::clone(rule)));
    }
}

impl Judgement {
    fn of_nothing(ruleset: &Ruleset) -> Judgement {
        Judgement {
            verdict: VerdictWord::Allow,
            refusal: None,
            rule: None,
            would: None,
            bounds: Bounds::default(),
            keeps: Vec::new(),
            epoch: ruleset.epoch(),
        }
    }

    /// Takes in what was decided of one more statement: the strictest holds.
    fn add(&mut self, decision: &Decision<'_>, enforces: bool) {
        if enforces {
            self.bounds.tighten(decision);
        }
        if self.would.is_none() {
            self.would = decision.would.map(|(rule, would)| (Arc::clone(rule), would.as_str()));
        }
        match &decision.verdict {
            Verdict::Allow => {
                if self.rule.is_none() && self.verdict == VerdictWord::Allow {
                    self.rule = decision.rule.or(decision.noted).map(Arc::clone);
                }
            }
            Verdict::Unjudged => self.note(VerdictWord::Unjudged, decision.rule),
            Verdict::Refuse(refusal) if enforces => {
                self.refuse(VerdictWord::Refuse, refusal.clone(), decision.rule.map(Arc::clone));
            }
            Verdict::Hold(refusal) if enforces => {
                self.refuse(VerdictWord::Hold, refusal.clone(), decision.rule.map(Arc::clone));
            }
            Verdict::Refuse(_) => self.note(VerdictWord::Refuse, decision.rule),
            Verdict::Hold(_) => self.note(VerdictWord::Hold, decision.rule),
        }
    }

    /// Takes in what is to be kept of the statement in this place.
    fn keep(&mut self, place: usize, wanted: Keep) {
        if wanted.is_nothing() {
            return;
        }
        if self.keeps.len() <= place {
            self.keeps.resize(place + 1, Keep::NOTHING);
        }
        if let Some(keep) = self.keeps.get_mut(place) {
            *keep = keep.with(wanted);
        }
    }

    fn refuse(&mut self, verdict: VerdictWord, refusal: Box<Refusal>, rule: Option<Arc<str>>) {
        (self.verdict, self.refusal, self.rule) = (verdict, Some(refusal), rule);
    }

    /// Says what would have been done, where nothing is done.
    fn note(&mut self, verdict: VerdictWord, rule: Option<&Arc<str>>) {
        if self.verdict == VerdictWord::Allow || verdict == VerdictWord::Refuse {
            (self.verdict, self.rule) = (verdict, rule.map(Arc::clone));
        }
    }
}

/// What a name in a statement stands for.
enum Named {
    /// There is none.
    Nothing,
    Known(Arc<Statement>),
    /// Nobody noted what it was given to.
    Unknown,
}

fn named(statement: &Statement, matter: &Matter<'_>) -> Named {
    match &statement.verb {
        Verb::Execute { .. } | Verb::Fetch { .. } => {
            crate::naming::source(matter.analysis, statement, matter.names)
                .map_or(Named::Unknown, Named::Known)
        }
        _ => Named::Nothing,
    }
}

fn identity(by: RateBy, session: &Session) -> Box<str> {
    let principal = &session.principal;
    match by {
        RateBy::User => principal.user.clone(),
        RateBy::Application => principal.application.clone(),
        RateBy::Address => match principal.address {
            exchange::Address::Tcp(address) => address.ip().to_string().into(),
            exchange::Address::Unix => "unix".into(),
        },
    }
}

fn over_rate(rate: &Rate, ruleset: &Ruleset) -> Refusal {
    let message = format!("more than {} statements a second", rate.per_second);
    let detail = format!("rule `{}` bounds them, with a burst of {}", rate.rule, rate.burst);
    limit_reached(message, detail, "wait a moment and try again", &rate.rule, ruleset)
}

/// What a client is told when a limit of `rule` is reached: in the words of its author, where there are
/// any.
pub(crate) fn limit_reached(
    message: String,
    detail: String,
    hint: &'static str,
    rule: &str,
    ruleset: &Ruleset,
) -> Refusal {
    match ruleset.words_of(rule) {
        (Some(said), advice) => {
            let refusal = Refusal::new(RefusalClass::LimitReached, said.to_owned());
            let refusal = refusal.with_detail(format!("{message}; {detail}"));
            refusal.with_hint(advice.map_or(Cow::Borrowed(hint), |advice| Cow::Owned(advice.to_owned())))
        }
        (None, advice) => Refusal::new(RefusalClass::LimitReached, message)
            .with_detail(detail)
            .with_hint(advice.map_or(Cow::Borrowed(hint), |advice| Cow::Owned(advice.to_owned()))),
    }
}

fn undone(guard: Guard) -> Refusal {
    let refusal =
        Refusal::new(RefusalClass::ReadOnly, "this session is no longer read-only, so nothing of it passes");
    match guard {
        Guard::Startup | Guard::Statement => refusal
            .with_detail("the server reports `default_transaction_read_only = off`, which the gateway had set")
            .with_hint(
                "connect again; if that does not help, something between the gateway and the server drops the \
                 setting, such as `ignore_startup_parameters` of a pooler",
            ),
        Guard::Renewed => refusal
            .with_detail("its transactions may write, which the gateway had ended by SET SESSION TRANSACTION READ ONLY")
            .with_hint(
                "reset the session or connect again; if that does not help, something between the gateway and the \
                 server drops the setting, such as a proxy that gives sessions to others",
            ),
    }
}

fn would_reset() -> Refusal {
    Refusal::new(RefusalClass::ReadOnly, "resetting all settings would end the read-only session")
        .with_detail(
            "the upstream takes `default_transaction_read_only` as a statement only, and a reset undoes it",
        )
        .with_hint("reset settings one by one, or let the gateway reach the server without a pooler between")
}
