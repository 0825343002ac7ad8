//! As whom and with which names do a session's statements run now, as far as what passed tells?
//!
//! A role and a search path can be set for the transaction only, are taken back by a rollback, and
//! may be changed by code nobody sees into. What is not certain is said to be unknown, and rules take
//! that the strict way. MySQL takes nothing back: a role and a current database outlast the transaction.

use exchange::{Command, Effects, Marks, Protocol, Setting, TransactionState};
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

#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum Names {
    /// As the login left it; in MySQL as the server told, or as the last command said.
    #[default]
    Login,
    Changed,
    /// Of this database, if none is named (MySQL).
    Database(Box<str>),
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
    /// Nothing is taken back by a transaction, and names without a schema are of the current database.
    is_mysql: bool,
}

/// Marks of statements that may change something here.
pub(crate) const CHANGING: Marks = Marks::CHANGES_ROLE
    .with(Marks::CHANGES_PATH)
    .with(Marks::CHANGES_READING)
    .with(Marks::RESETS_SETTINGS)
    .with(Marks::RUNS_TEXT);

impl Circumstances {
    /// Those of a session whose login brought something with it.
    pub(crate) fn of_login(brought: Brought, protocol: Protocol) -> Circumstances {
        Circumstances { brought, is_mysql: protocol == Protocol::Mysql, ..Circumstances::default() }
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

    /// How names without a schema are found; `database` is the current one as the server has told.
    pub(crate) fn path<'a>(&'a self, database: &'a str) -> Path<'a> {
        match &self.now.path {
            // With none, a name without one finds nothing: or the server has one it did not tell.
            Names::Login if self.is_mysql && database.is_empty() => Path::Changed,
            Names::Login if self.is_mysql => Path::Database(database),
            Names::Login if !self.brought.path => Path::Default,
            Names::Login | Names::Changed => Path::Changed,
            Names::Database(name) => Path::Database(name),
        }
    }

    /// A statement succeeded.
    pub(crate) fn completed(&mut self, effects: &Effects) {
        match effects.verb {
            _ if self.is_mysql => self.completed_mysql(effects),
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

    fn completed_mysql(&mut self, effects: &Effects) {
        let marks = effects.marks;
        if effects.verb == "prepare" || !marks.intersects(CHANGING) {
            return;
        }
        if marks.contains(Marks::RUNS_TEXT) {
            self.now = Values::unknown();
            return;
        }
        if effects.verb == CHANGE_USER {
            // The server may leave a role in force that was set before.
            let role = if self.now.role == Who::Login { Who::Login } else { Who::Unknown };
            self.now = Values { role, ..Values::default() };
            return;
        }
        if marks.contains(Marks::CHANGES_PATH) {
            self.now.path = match (effects.verb, used_database(effects)) {
                // The message's own: the machine of the protocol tells.
                (USE_DATABASE, _) => Names::Login,
                ("use", Some(name)) => Names::Database(name.into()),
                _ => Names::Changed,
            };
        }
        if marks.contains(Marks::CHANGES_ROLE) {
            // A role adds to what its user may: rules about either hold.
            let given_back = effects.verb == "reset";
            self.now.role = if given_back { Who::Login } else { Who::Unknown };
        }
    }

    /// The server told which database is the current one (MySQL).
    pub(crate) fn database_reported(&mut self) {
        self.now.path = Names::Login;
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
        self.failed = !self.is_mysql;
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

/// The words of commands without a text that change something here.
const CHANGE_USER: &str = Command::ChangeUser.as_str();
const USE_DATABASE: &str = Command::UseDatabase.as_str();

/// The database a USE makes the current one.
pub(crate) fn used_database(effects: &Effects) -> Option<&str> {
    effects.settings.iter().find(|setting| &*setting.name == "database")?.value.as_deref()
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
            assert_eq!((role(&now), now.path("")), (Some("bob"), Path::Changed));
            now.completed(&simple(end));
            now.ready(TransactionState::Idle);
            assert_eq!((role(&now), now.path("")), (Some("ann"), Path::Default), "{end}");
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
        assert_eq!((role(&now), now.path("")), (None, Path::Changed));
        now.completed(&simple("rollback"));
        assert_eq!((role(&now), now.path("")), (Some("ann"), Path::Default));
    }

    #[test]
    fn text_run_by_the_server_leaves_nothing_certain() {
        let mut now = Circumstances::default();
        now.completed(&Effects { marks: Marks::RUNS_TEXT, ..simple("do") });
        now.ready(TransactionState::Idle);
        assert_eq!((role(&now), now.path("")), (None, Path::Changed));
        now.completed(&Effects { marks: Marks::RESETS_SETTINGS, ..simple("discard all") });
        now.ready(TransactionState::Idle);
        assert_eq!((role(&now), now.path("")), (Some("ann"), Path::Default));
    }

    #[test]
    fn what_a_login_brought_is_returned_to_by_a_reset() {
        let mut now = Circumstances::of_login(Brought { role: true, path: true }, Protocol::Postgres);
        assert_eq!((role(&now), now.path("")), (None, Path::Changed));
        now.completed(&set("role", Some("bob"), false));
        assert_eq!(role(&now), Some("bob"));
        now.completed(&Effects { marks: Marks::RESETS_SETTINGS, ..simple("discard all") });
        assert_eq!((role(&now), now.path("")), (None, Path::Changed));
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
        assert_eq!(now.path(""), Path::Changed);
    }

    fn mysql() -> Circumstances {
        Circumstances::of_login(Brought::default(), Protocol::Mysql)
    }

    fn uses(verb: &'static str, name: Option<&str>) -> Effects {
        let setting = Setting { name: "database".into(), local: false, value: name.map(Into::into) };
        Effects { marks: Marks::CHANGES_PATH, settings: [setting].into(), ..simple(verb) }
    }

    #[test]
    fn mysqls_current_database_outlasts_the_transaction() {
        let mut now = mysql();
        assert_eq!((now.path("shop"), now.path("")), (Path::Database("shop"), Path::Changed));
        now.completed(&simple("begin"));
        now.ready(TransactionState::Open);
        now.completed(&uses("use", Some("other")));
        now.failed();
        now.completed(&simple("rollback"));
        now.ready(TransactionState::Idle);
        assert_eq!(now.path("shop"), Path::Database("other"));
        now.database_reported();
        assert_eq!(now.path("other"), Path::Database("other"));
        now.completed(&uses("use", None));
        assert_eq!(now.path("other"), Path::Changed);
        now.completed(&uses(USE_DATABASE, None));
        assert_eq!(now.path("third"), Path::Database("third"));
    }

    #[test]
    fn a_role_of_mysql_adds_to_its_user_until_it_is_given_back() {
        let mut now = mysql();
        now.completed(&set("role", Some("reader"), false));
        assert_eq!(role(&now), None);
        now.ready(TransactionState::Idle);
        now.completed(&Effects { marks: Marks::RESETS_SETTINGS, ..simple("reset session") });
        assert_eq!(role(&now), None, "a reset leaves it in force");
        now.completed(&Effects { marks: Marks::RESETS_SETTINGS, ..simple(CHANGE_USER) });
        assert_eq!(role(&now), None);
        now.completed(&Effects { verb: "reset", ..set("role", None, false) });
        assert_eq!(role(&now), Some("ann"));
        now.completed(&set("role", None, false));
        assert_eq!(role(&now), None);
    }

    #[test]
    fn text_that_mysql_runs_leaves_nothing_certain() {
        let mut now = mysql();
        now.completed(&Effects { marks: Marks::RUNS_TEXT, ..simple("execute immediate") });
        assert_eq!((role(&now), now.path("shop")), (None, Path::Changed));
        now.database_reported();
        assert_eq!(now.path("shop"), Path::Database("shop"));
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
