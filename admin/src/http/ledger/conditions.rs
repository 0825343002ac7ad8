//! Which conditions can every question about records have?

use crate::http::timestamp::Timestamp;
use crate::problem::Problem;
use control::{LedgerQuery, conditions};
use exchange::Event;

/// Names in one list.
const NAMES_MAX: usize = 100;

/// A question about records: the conditions that all of them share, and what is its own.
macro_rules! with_conditions {
    ($(#[$about:meta])* pub struct $name:ident { $($(#[$of:meta])* pub $field:ident: $kind:ty,)* }) => {
        $(#[$about])*
        #[derive(Clone, Debug, serde::Deserialize, utoipa::IntoParams)]
        #[serde(deny_unknown_fields)]
        #[into_params(parameter_in = Query)]
        pub struct $name {
            /// From this time on.
            #[param(value_type = Option<String>, format = DateTime)]
            pub from: Option<$crate::http::timestamp::Timestamp>,
            /// Before this time.
            #[param(value_type = Option<String>, format = DateTime)]
            pub until: Option<$crate::http::timestamp::Timestamp>,
            /// Only of these listeners, with commas between their names.
            #[param(max_length = 2000)]
            pub listeners: Option<String>,
            /// Also records of the gateway about itself; only for admins of the instance.
            pub gateway: Option<bool>,
            /// Any of these events, with commas between them, such as `statement.refused,statement.held`. A word that is
            /// no event is refused.
            #[param(
                max_length = 2000,
                pattern = "^(session[.]start|session[.]end|login[.]failed|statement[.]intent|statement[.]outcome|statement[.]refused|statement[.]held|limit[.]hit|config[.]changed|policy[.]changed|mode[.]changed|writer[.]start|writer[.]stop|writer[.]gap|checkpoint|ledger[.]read|ledger[.]export|ledger[.]removed|ledger[.]erased)(,(session[.]start|session[.]end|login[.]failed|statement[.]intent|statement[.]outcome|statement[.]refused|statement[.]held|limit[.]hit|config[.]changed|policy[.]changed|mode[.]changed|writer[.]start|writer[.]stop|writer[.]gap|checkpoint|ledger[.]read|ledger[.]export|ledger[.]removed|ledger[.]erased)){0,18}$"
            )]
            pub events: Option<String>,
            /// The database role.
            #[param(max_length = 200)]
            pub user: Option<String>,
            /// The database.
            #[param(max_length = 200)]
            pub database: Option<String>,
            /// The application.
            #[param(max_length = 200)]
            pub application: Option<String>,
            /// The wire session's UUID, in lower case.
            #[param(max_length = 36, pattern = "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
            pub session: Option<String>,
            /// The statement's fingerprint.
            #[param(max_length = 40, pattern = "^[0-9]{1,9}-[0-9a-f]{16}$")]
            pub fingerprint: Option<String>,
            /// A table the statement names, with or without its schema.
            #[param(max_length = 300)]
            pub table: Option<String>,
            /// What the statement does: `read`, `write`, …
            #[param(
                max_length = 40,
                pattern = "^(read|write|ddl|privilege|session|transaction|maintenance|code|unknown)$"
            )]
            pub class: Option<String>,
            /// `allow`, `refuse`, `hold`, `unjudged`.
            #[param(max_length = 40, pattern = "^(allow|refuse|hold|unjudged)$")]
            pub verdict: Option<String>,
            /// The rule, as `rule set/rule`.
            #[param(max_length = 200)]
            pub rule: Option<String>,
            /// Five characters of A-Z and 0-9.
            #[param(max_length = 5, pattern = "^[A-Z0-9]{5}$")]
            pub sqlstate: Option<String>,
            /// Words that stand in the statement's text, in any case of letters.
            #[param(max_length = 200)]
            pub text: Option<String>,
            /// At least this long in all, in microseconds.
            #[param(minimum = 0)]
            pub total_us_min: Option<u64>,
            $($(#[$of])* pub $field: $kind,)*
        }

        impl $name {
            /// The conditions alone.
            pub(super) fn conditions(&self) -> $crate::http::ledger::conditions::Conditions {
                let one = self.clone();
                $crate::http::ledger::conditions::Conditions {
                    from: one.from,
                    until: one.until,
                    listeners: one.listeners,
                    gateway: one.gateway,
                    events: one.events,
                    user: one.user,
                    database: one.database,
                    application: one.application,
                    session: one.session,
                    fingerprint: one.fingerprint,
                    table: one.table,
                    class: one.class,
                    verdict: one.verdict,
                    rule: one.rule,
                    sqlstate: one.sqlstate,
                    text: one.text,
                    total_us_min: one.total_us_min,
                }
            }
        }
    };
}
pub(super) use with_conditions;

/// What every question about records can say.
#[derive(Default)]
pub(super) struct Conditions {
    pub(super) from: Option<Timestamp>,
    pub(super) until: Option<Timestamp>,
    pub(super) listeners: Option<String>,
    pub(super) gateway: Option<bool>,
    pub(super) events: Option<String>,
    pub(super) user: Option<String>,
    pub(super) database: Option<String>,
    pub(super) application: Option<String>,
    pub(super) session: Option<String>,
    pub(super) fingerprint: Option<String>,
    pub(super) table: Option<String>,
    pub(super) class: Option<String>,
    pub(super) verdict: Option<String>,
    pub(super) rule: Option<String>,
    pub(super) sqlstate: Option<String>,
    pub(super) text: Option<String>,
    pub(super) total_us_min: Option<u64>,
}

impl Conditions {
    /// As the ledgers are asked, and of which listeners.
    pub(super) fn query(self) -> Result<(LedgerQuery, Vec<String>), Problem> {
        self.check()?;
        let query = LedgerQuery {
            listeners: Vec::new(),
            gateway: self.gateway.unwrap_or(false),
            from_us: self.from.map(|at| at.0),
            until_us: self.until.map(|at| at.0),
            events: events(self.events)?,
            user: self.user,
            database: self.database,
            application: self.application,
            session: self.session,
            fingerprint: self.fingerprint,
            table: self.table,
            class: self.class,
            verdict: self.verdict,
            rule: self.rule,
            sqlstate: self.sqlstate,
            text: self.text,
            total_us_min: self.total_us_min,
            hashes: Vec::new(),
            limit: 0,
            cursor: None,
            reader: None,
        };
        Ok((query, names("listeners", self.listeners)?))
    }

    /// What no record can have would find nothing, and be taken for an answer.
    fn check(&self) -> Result<(), Problem> {
        type Check = fn(&str) -> Result<(), String>;
        let checks: [(&str, &Option<String>, Check); 5] = [
            ("session", &self.session, conditions::session),
            ("fingerprint", &self.fingerprint, conditions::fingerprint),
            ("class", &self.class, conditions::class),
            ("verdict", &self.verdict, conditions::verdict),
            ("sqlstate", &self.sqlstate, conditions::sqlstate),
        ];
        for (field, value, check) in checks {
            can_be(field, value.as_deref().map_or(Ok(()), check))?;
        }
        can_be("until", conditions::span(self.from.map(|at| at.0), self.until.map(|at| at.0)))
    }
}

fn can_be(field: &str, checked: Result<(), String>) -> Result<(), Problem> {
    checked.map_err(|message| Problem::invalid(field, message))
}

/// The events of a list, exactly as the description says they are written.
fn events(list: Option<String>) -> Result<Vec<String>, Problem> {
    let events: Vec<String> = list.iter().flat_map(|list| list.split(',')).map(str::to_owned).collect();
    if events.len() > Event::ALL.len() {
        return Err(Problem::invalid("events", format!("must name at most {}", Event::ALL.len())));
    }
    events.iter().try_for_each(|event| can_be("events", conditions::event(event)))?;
    Ok(events)
}

/// Splits a list at its commas.
fn names(field: &str, list: Option<String>) -> Result<Vec<String>, Problem> {
    let list = list.unwrap_or_default();
    let names = list.split(',').map(str::trim).filter(|name| !name.is_empty());
    let names: Vec<String> = names.map(ToOwned::to_owned).collect();
    if names.len() > NAMES_MAX {
        return Err(Problem::invalid(field, format!("must name at most {NAMES_MAX}")));
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_description_names_every_event() {
        let words = Event::ALL.map(|event| event.as_str().replace('.', "[.]")).join("|");
        let pattern = format!("^({words})(,({words})){{0,{}}}$", Event::ALL.len() - 1);
        assert!(include_str!("../../../../config/openapi.json").contains(&pattern), "{pattern}");
    }
}
