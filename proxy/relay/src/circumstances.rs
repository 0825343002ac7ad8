//! As whom and with which names do a session's statements run now, as far as what passed tells?
//!
//! A role and a search path can be set for the transaction only, are taken back by a rollback, and
//! may be changed by code nobody sees into. What is not certain is said to be unknown, and rules take
//! that the strict way.

use exchange::{Effects, Marks, Setting, TransactionState};
use policies::{Path, Role};

/// What a judgement depends on beside the statement itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Values {
    role: Who,
    path: Names,
    /// SET SESSION AUTHORIZATION made the session somebody else's.
    given_away: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum Who {
    /// Who logged in.
    #[default]
    Login,
    Named(Box<str>),
    Unknown,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Names {
    /// As the login left it.
    #[default]
    Login,
    Changed,
}

/// What moved in a transaction that has not ended.
#[derive(Clone, Debug)]
struct Moved {
    /// As it was when the transaction began.
    before: Values,
    /// As it will be when the transaction commits.
    kept: Values,
}

/// How it was when the transaction's savepoints were set: which of them a rollback returns to is not
/// followed.
#[derive(Clone, Debug, Default)]
enum Saved {
    /// None was set.
    #[default]
    Nothing,
    /// The same at each: as it was, and as it would have been kept.
    Same(Box<(Values, Values)>),
    Various,
}

/// What a login's own settings decide, which the gateway does not follow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Brought {
    /// It names a role to run as.
    pub(crate) role: bool,
    /// It says how names are found.
    pub(crate) path: bool,
}

/// The circumstances of one session.
#[derive(Clone, Debug, Default)]
pub(crate) struct Circumstances {
    brought: Brought,
    now: Values,
    moved: Option<Box<Moved>>,
    saved: Saved,
    /// The transaction under way has failed: it will be rolled back.
    failed: bool,
}

/// Marks of statements that may change something here.
pub(crate) const CHANGING: Marks = Marks::CHANGES_ROLE
    .with(Marks::CHANGES_PATH)
    .with(Marks::CHANGES_READING)
    .with(Marks::RESETS_SETTINGS)
    .with(Marks::RUNS_TEXT);

impl Circumstances {
    /// Those of a session whose login brought something with it.
    pub(crate) fn of_login(brought: Brought) -> Circumstances {
        Circumstances { brought, ..Circumstances::default() }
    }

    /// The role statements run as; `login` is who logged in.
    pub(crate) fn role<'a>(&'a self, login: &'a str) -> Role<'a> {
        match &self.now.role {
            // A reset returns to what the login set.
            Who::Login if self.brought.role => Role::Unknown,
            Who::Login => Role::Known(login),
            Who::Named(name) => Role::Known(name),
            Who::Unknown => Role::Unknown,
        }
    }

    /// Whether names are found as without anything set.
    pub(crate) fn path(&self) -> Path {
        match self.now.path {
            Names::Login if !self.brought.path => Path::Default,
            Names::Login | Names::Changed => Path::Changed,
        }
    }

    /// A statement succeeded.
    pub(crate) fn completed(&mut self, effects: &Effects) {
        match effects.verb {
            "commit" => self.ended(),
            "rollback" => {
                self.failed = true;
                self.ended();
            }
            "savepoint" => self.save(),
            "rollback to savepoint" => self.returned(),
            _ if effects.marks.intersects(CHANGING) => self.changed(effects),
            _ => {}
        }
    }

    fn changed(&mut self, effects: &Effects) {
        let marks = effects.marks;
        // What is prepared or declared has not run.
        if matches!(effects.verb, "prepare" | "declare cursor") {
            return;
        }
        if marks.contains(Marks::RUNS_TEXT) {
            // What it ran may have set anything. Somebody's own function may too: that is taken as
            // not done, or nothing would be known any more in a database that has some.
            self.set(&Values::unknown(), false);
            return;
        }
        let mut next = self.now.clone();
        let mut local = false;
        // A `set_config` in a query runs for each of its rows, which may be none.
        let surely = matches!(effects.verb, "set" | "reset");
        if marks.contains(Marks::RESETS_SETTINGS) {
            next.path = Names::Login;
            if effects.verb == "discard all" {
                (next.role, next.given_away) = (Who::Login, false);
            }
        }
        if marks.contains(Marks::CHANGES_PATH) {
            let only = effects.settings.iter().find(|setting| &*setting.name == "search_path");
            local |= only.is_some_and(|setting| setting.local);
            next.path = if surely && only.is_some_and(is_reset) { Names::Login } else { Names::Changed };
        }
        if marks.contains(Marks::CHANGES_ROLE) {
            let role = effects.settings.iter().find(|setting| &*setting.name == "role");
            let session = effects.settings.iter().find(|setting| &*setting.name == "session_authorization");
            local |= role.or(session).is_some_and(|setting| setting.local);
            next.role = match (role.map(who), session.map(who)) {
                _ if !surely => Who::Unknown,
                (Some(Who::Login), None) if next.given_away => Who::Unknown,
                (Some(role), None) => role,
                (None, Some(session)) => {
                    next.given_away = session != Who::Login;
                    session
                }
                _ => Who::Unknown,
            };
        }
        self.set(&next, local);
    }

    /// A savepoint was set.
    fn save(&mut self) {
        let kept = self.moved.as_ref().map_or(&self.now, |moved| &moved.kept);
        let point = (self.now.clone(), kept.clone());
        self.saved = match std::mem::take(&mut self.saved) {
            Saved::Nothing => Saved::Same(Box::new(point)),
            Saved::Same(same) if *same == point => Saved::Same(same),
            Saved::Same(_) | Saved::Various => Saved::Various,
        };
    }

    /// The transaction returned to one of its savepoints, and goes on.
    fn returned(&mut self) {
        self.failed = false;
        let Some(moved) = &mut self.moved else { return };
        match &self.saved {
            Saved::Same(point) => (self.now, moved.kept) = (**point).clone(),
            Saved::Nothing | Saved::Various => self.set(&Values::unknown(), false),
        }
    }

    fn set(&mut self, next: &Values, local: bool) {
        let now = std::mem::replace(&mut self.now, next.clone());
        let moved = self.moved.get_or_insert_with(|| Box::new(Moved { before: now.clone(), kept: now }));
        if !local {
            moved.kept = next.clone();
        }
    }

    /// A statement failed: what the transaction changed will be taken back.
    pub(crate) fn failed(&mut self) {
        self.failed = true;
    }

    /// The server said which search path is in force (PostgreSQL 18); `as_at_login` whether it is the
    /// one of the login.
    pub(crate) fn path_reported(&mut self, as_at_login: bool) {
        self.now.path = if as_at_login { Names::Login } else { Names::Changed };
    }

    /// The server is ready for more, in this state.
    pub(crate) fn ready(&mut self, transaction: TransactionState) {
        if transaction == TransactionState::Idle {
            self.ended();
        }
    }

    /// The transaction has ended.
    fn ended(&mut self) {
        let failed = std::mem::take(&mut self.failed);
        self.saved = Saved::Nothing;
        if let Some(moved) = self.moved.take() {
            self.now = if failed { moved.before } else { moved.kept };
        }
    }
}

impl Values {
    fn unknown() -> Values {
        Values { role: Who::Unknown, path: Names::Changed, given_away: true }
    }
}

fn is_reset(setting: &Setting) -> bool {
    setting.value.is_none()
}

fn who(setting: &Setting) -> Who {
    match setting.value.as_deref() {
        Some("none" | "default") | None => Who::Login,
        Some(name) => Who::Named(name.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use exchange::{Basis, Class};

    fn set(name: &str, value: Option<&str>, local: bool) -> Effects {
        let marks = match name {
            "search_path" => Marks::CHANGES_PATH,
            _ => Marks::CHANGES_ROLE,
        };
        let setting = Setting { name: name.into(), local, value: value.map(Into::into) };
        Effects { marks, settings: [setting].into(), ..simple("set") }
    }

    fn simple(verb: &'static str) -> Effects {
        Effects::of_class(Basis::Grammar, verb, Class::Session)
    }

    fn role(circumstances: &Circumstances) -> Option<&str> {
        match circumstances.role("ann") {
            Role::Known(name) => Some(name),
            Role::Unknown => None,
        }
    }

    #[test]
    fn a_role_holds_until_it_is_given_back() {
        let mut now = Circumstances::default();
        now.completed(&set("role", Some("bob"), false));
        now.ready(TransactionState::Idle);
        assert_eq!(role(&now), Some("bob"));
        now.completed(&set("role", None, false));
        now.ready(TransactionState::Idle);
        assert_eq!(role(&now), Some("ann"));
    }

    #[test]
    fn what_is_local_ends_with_its_transaction() {
        for end in ["commit", "rollback"] {
            let mut now = Circumstances::default();
            now.completed(&simple("begin"));
            now.ready(TransactionState::Open);
            now.completed(&set("role", Some("bob"), true));
            now.completed(&set("search_path", Some("evil"), true));
            now.ready(TransactionState::Open);
            assert_eq!((role(&now), now.path()), (Some("bob"), Path::Changed));
            now.completed(&simple(end));
            now.ready(TransactionState::Idle);
            assert_eq!((role(&now), now.path()), (Some("ann"), Path::Default), "{end}");
        }
    }

    #[test]
    fn a_rollback_takes_back_and_a_commit_keeps() {
        for (end, kept) in [("commit", "bob"), ("rollback", "ann")] {
            let mut now = Circumstances::default();
            now.ready(TransactionState::Open);
            now.completed(&set("role", Some("bob"), false));
            now.completed(&simple(end));
            now.ready(TransactionState::Idle);
            assert_eq!(role(&now), Some(kept));
        }
    }

    #[test]
    fn a_batch_that_fails_takes_back_what_it_set() {
        let mut now = Circumstances::default();
        now.completed(&set("role", Some("bob"), false));
        now.failed();
        now.ready(TransactionState::Idle);
        assert_eq!(role(&now), Some("ann"));
        // A commit of a failed transaction is a rollback.
        now.completed(&set("role", Some("bob"), false));
        now.failed();
        now.completed(&simple("commit"));
        now.ready(TransactionState::Idle);
        assert_eq!(role(&now), Some("ann"));
    }

    #[test]
    fn a_return_to_a_savepoint_takes_back_what_came_after_it() {
        let mut now = Circumstances::default();
        now.completed(&set("role", Some("bob"), true));
        now.completed(&simple("savepoint"));
        now.failed();
        now.completed(&simple("rollback to savepoint"));
        assert_eq!(role(&now), Some("bob"));
        now.completed(&simple("savepoint"));
        now.completed(&set("role", Some("eve"), false));
        now.completed(&simple("rollback to savepoint"));
        assert_eq!(role(&now), Some("bob"));
        now.completed(&simple("commit"));
        assert_eq!(role(&now), Some("ann"));
    }

    #[test]
    fn a_transaction_that_returned_to_a_savepoint_has_not_failed() {
        let mut now = Circumstances::default();
        now.completed(&simple("savepoint"));
        now.failed();
        now.completed(&simple("rollback to savepoint"));
        now.completed(&set("role", Some("bob"), false));
        now.completed(&simple("commit"));
        now.ready(TransactionState::Idle);
        assert_eq!(role(&now), Some("bob"));
    }

    #[test]
    fn what_one_of_different_savepoints_took_back_is_unknown() {
        let mut now = Circumstances::default();
        now.ready(TransactionState::Open);
        now.completed(&simple("savepoint"));
        now.completed(&set("role", Some("bob"), false));
        now.completed(&simple("savepoint"));
        now.completed(&simple("rollback to savepoint"));
        assert_eq!((role(&now), now.path()), (None, Path::Changed));
        now.completed(&simple("rollback"));
        assert_eq!((role(&now), now.path()), (Some("ann"), Path::Default));
    }

    #[test]
    fn text_run_by_the_server_leaves_nothing_certain() {
        let mut now = Circumstances::default();
        now.completed(&Effects { marks: Marks::RUNS_TEXT, ..simple("do") });
        now.ready(TransactionState::Idle);
        assert_eq!((role(&now), now.path()), (None, Path::Changed));
        now.completed(&Effects { marks: Marks::RESETS_SETTINGS, ..simple("discard all") });
        now.ready(TransactionState::Idle);
        assert_eq!((role(&now), now.path()), (Some("ann"), Path::Default));
    }

    #[test]
    fn what_a_login_brought_is_returned_to_by_a_reset() {
        let mut now = Circumstances::of_login(Brought { role: true, path: true });
        assert_eq!((role(&now), now.path()), (None, Path::Changed));
        now.completed(&set("role", Some("bob"), false));
        assert_eq!(role(&now), Some("bob"));
        now.completed(&Effects { marks: Marks::RESETS_SETTINGS, ..simple("discard all") });
        assert_eq!((role(&now), now.path()), (None, Path::Changed));
    }

    #[test]
    fn a_setting_changed_within_a_query_may_not_have_been() {
        let mut now = Circumstances::default();
        now.completed(&Effects { verb: "prepare", ..set("role", Some("bob"), false) });
        now.completed(&Effects { verb: "declare cursor", ..set("role", Some("bob"), false) });
        assert_eq!(role(&now), Some("ann"));
        now.completed(&Effects { verb: "select", ..set("role", Some("bob"), false) });
        assert_eq!(role(&now), None);
        now.completed(&set("search_path", Some("evil"), false));
        now.completed(&Effects { verb: "select", ..set("search_path", None, false) });
        now.ready(TransactionState::Idle);
        assert_eq!(now.path(), Path::Changed);
    }

    #[test]
    fn a_session_given_away_has_no_role_of_its_own_to_return_to() {
        let mut now = Circumstances::default();
        now.completed(&set("session_authorization", Some("eve"), false));
        assert_eq!(role(&now), Some("eve"));
        now.completed(&set("role", Some("none"), false));
        assert_eq!(role(&now), None);
        now.completed(&set("session_authorization", None, false));
        assert_eq!(role(&now), Some("ann"));
    }
}
