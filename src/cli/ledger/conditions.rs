//! Which records does somebody at the command line ask for?

use super::asking::Failed;
use clap::Args;
use clap::builder::NonEmptyStringValueParser as Text;
use control::{LedgerQuery, conditions};
use proxy::ledger::search::Scope;
use proxy::ledger::values::{self, Day};
use proxy::ledger::{LedgerSettings, moments};
use std::io;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Conditions, all of which must hold.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Which records (all conditions must hold)")]
pub(super) struct Conditions {
    /// From this time on: 2026-11-21, 2026-11-21T10:30:00Z, or so long ago: 90s, 15m, 2h, 7d
    #[arg(long, value_name = "TIME", value_parser = moment)]
    since: Option<i64>,
    /// Before this time, in the same words
    #[arg(long, value_name = "TIME", value_parser = moment)]
    until: Option<i64>,
    /// The database role
    #[arg(long, value_name = "NAME", value_parser = Text::new())]
    user: Option<String>,
    /// The database
    #[arg(long, value_name = "NAME", value_parser = Text::new())]
    database: Option<String>,
    /// The application
    #[arg(long, value_name = "NAME", value_parser = Text::new())]
    application: Option<String>,
    /// A table the statement names, with or without its schema
    #[arg(long, value_name = "NAME", value_parser = Text::new())]
    table: Option<String>,
    /// The statement's fingerprint
    #[arg(long, value_name = "FINGERPRINT", value_parser = fingerprint)]
    fingerprint: Option<String>,
    /// allow, refuse, hold, unjudged
    #[arg(long, value_name = "VERDICT", value_parser = verdict)]
    verdict: Option<String>,
    /// read, write, ddl, privilege, session, transaction, maintenance, code, unknown
    #[arg(long, value_name = "CLASS", value_parser = class)]
    class: Option<String>,
    /// The five characters of an error
    #[arg(long, value_name = "SQLSTATE", value_parser = sqlstate)]
    sqlstate: Option<String>,
    /// The event's word, such as statement.refused; may be repeated, or several with commas between them: any of them
    #[arg(long, value_name = "EVENT", value_delimiter = ',', value_parser = event)]
    event: Vec<String>,
    /// The rule, as RULE-SET/RULE
    #[arg(long, value_name = "RULE", value_parser = Text::new())]
    rule: Option<String>,
    /// The session's UUID
    #[arg(long, value_name = "UUID", value_parser = session)]
    session: Option<String>,
    /// The listener; may be repeated: any of them. Without it also records of the gateway about itself
    #[arg(long, value_name = "NAME", value_parser = Text::new())]
    listener: Vec<String>,
    /// Words that all stand in the statement's text, in any case of letters
    #[arg(long, value_name = "WORDS", value_parser = Text::new())]
    text: Option<String>,
    /// At least so long in all: 100ms, 2s, 250us
    #[arg(long, value_name = "TIME", value_parser = span)]
    slower_than: Option<Duration>,
}

/// A question for the ledger.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) query: LedgerQuery,
    pub(super) scope: Scope,
}

impl Conditions {
    /// As the ledger is asked.
    pub(super) fn asked(&self) -> Result<Asked, Failed> {
        conditions::span(self.since, self.until).map_err(Failed::Until)?;
        let one = self.clone();
        let scope = if one.listener.is_empty() { Scope::Everything } else { Scope::Named };
        let query = LedgerQuery {
            listeners: one.listener,
            from_us: one.since,
            until_us: one.until,
            events: one.event,
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
            total_us_min: one.slower_than.map(|least| u64::try_from(least.as_micros()).unwrap_or(u64::MAX)),
            limit: LedgerQuery::RECORDS_MAX,
            ..LedgerQuery::default()
        };
        Ok(Asked { query, scope })
    }

    /// Whether a beginning is set.
    pub(super) fn has_since(&self) -> bool {
        self.since.is_some()
    }
}

impl Asked {
    /// The conditions in words, as the ledger tells them: `user=app table=orders`; `all` where there are none.
    pub(super) fn words(&self) -> String {
        let query = &self.query;
        let mut words = Vec::new();
        let mut put = |name: &str, value: &str| {
            let is_plain = !value.contains(|letter: char| letter.is_whitespace() || letter == '"');
            words.push(if is_plain { format!("{name}={value}") } else { format!("{name}={value:?}") });
        };
        for (name, at_us) in [("since", query.from_us), ("until", query.until_us)] {
            if let Some(at_us) = at_us {
                put(name, &moments::write(at_us));
            }
        }
        for listener in &query.listeners {
            put("listener", listener);
        }
        for event in &query.events {
            put("event", event);
        }
        for (name, value) in [
            ("user", &query.user),
            ("database", &query.database),
            ("application", &query.application),
            ("table", &query.table),
            ("fingerprint", &query.fingerprint),
            ("verdict", &query.verdict),
            ("class", &query.class),
            ("sqlstate", &query.sqlstate),
            ("rule", &query.rule),
            ("session", &query.session),
            ("text", &query.text),
        ] {
            if let Some(value) = value {
                put(name, value);
            }
        }
        if let Some(least) = query.total_us_min {
            put("slower_than", &format!("{least}us"));
        }
        if !query.hashes.is_empty() {
            // The hash would name the value to who has the key; that one was looked for is what counts.
            put("parameter", "?");
        }
        if words.is_empty() { "all".to_owned() } else { words.join(" ") }
    }
}

/// A value that statements carried, which only its keyed hash finds.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct Parameter {
    /// A value of a parameter; finds statements of which a rule keeps the hashes of values. Reads the ledger's keys
    #[arg(long = "parameter", value_name = "VALUE")]
    value: Option<String>,
    /// The workspace whose hashes are looked for; may be repeated, `default` if not given
    #[arg(long = "workspace", value_name = "NAME", requires = "value")]
    workspaces: Vec<String>,
}

impl Parameter {
    /// Whether no value is looked for.
    pub(super) fn is_none(&self) -> bool {
        self.value.is_none()
    }

    /// The question with what finds the value in it. Days that cannot be searched are told on standard error.
    pub(super) fn with(&self, mut asked: Asked, settings: &LedgerSettings) -> io::Result<Asked> {
        let Some(value) = &self.value else { return Ok(asked) };
        let mut workspaces: Vec<&str> = self.workspaces.iter().map(String::as_str).collect();
        if workspaces.is_empty() {
            workspaces.push("default");
        }
        let day = |at_us: i64| Day::of(u64::try_from(at_us).unwrap_or(0));
        let first = day(asked.query.from_us.unwrap_or(0));
        let last = asked.query.until_us.map_or(Day::today(), day);
        let equals = values::hashes_of(&settings.keys, &workspaces, first..=last, value)?;
        for (day, failure) in &equals.not_searched {
            eprintln!("dragoman: nobody can tell whether statements of {day} carried the value: {failure}");
        }
        if equals.hashes.is_empty() {
            return Err(io::Error::other(format!(
                "no day of that time has a key of values in `{}`; only what a rule keeps the hashes of can be found",
                settings.keys.display()
            )));
        }
        asked.query.hashes = equals.hashes;
        Ok(asked)
    }
}

/// A word or a form of which the ledger knows what it can be.
fn known(text: &str, check: fn(&str) -> Result<(), String>) -> Result<String, String> {
    check(text).map(|()| text.to_owned())
}

fn class(text: &str) -> Result<String, String> {
    known(text, conditions::class)
}

fn verdict(text: &str) -> Result<String, String> {
    known(text, conditions::verdict)
}

fn event(text: &str) -> Result<String, String> {
    known(text, conditions::event)
}

fn sqlstate(text: &str) -> Result<String, String> {
    known(text, conditions::sqlstate)
}

fn session(text: &str) -> Result<String, String> {
    known(text, conditions::session)
}

fn fingerprint(text: &str) -> Result<String, String> {
    known(text, conditions::fingerprint)
}

/// A moment in microseconds since 1970-01-01 UTC.
fn moment(text: &str) -> Result<i64, String> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    if let Ok(ago) = span(text) {
        let then = now.saturating_sub(ago);
        return i64::try_from(then.as_micros()).map_err(|error| error.to_string());
    }
    moments::read(text)
        .ok_or_else(|| "write 2026-11-21, 2026-11-21T10:30:00Z, or so long ago: 90s, 15m, 2h, 7d".to_owned())
}

/// A length of time with its unit.
fn span(text: &str) -> Result<Duration, String> {
    let wrong = || "write a number and its unit: 250us, 100ms, 2s, 15m, 2h, 7d".to_owned();
    let unit_at = text.find(|letter: char| !letter.is_ascii_digit()).ok_or_else(wrong)?;
    let (number, unit) = text.split_at(unit_at);
    let number: u64 = number.parse().map_err(|_| wrong())?;
    let us: u64 = match unit {
        "us" => 1,
        "ms" => 1_000,
        "s" => 1_000_000,
        "m" => 60_000_000,
        "h" => 3_600_000_000,
        "d" => 86_400_000_000,
        _ => return Err(wrong()),
    };
    number.checked_mul(us).map(Duration::from_micros).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn moments_are_written_as_days_times_and_spans() {
        assert_eq!(moment("1970-01-02"), Ok(86_400_000_000));
        assert_eq!(moment("1970-01-01T00:00:01Z"), Ok(1_000_000));
        assert_eq!(moment("1970-01-01T00:00:01.5Z"), Ok(1_500_000));
        assert_eq!(moment("1970-01-01T02:00:01+02:00"), Ok(1_000_000));
        assert_eq!(moment("1969-12-31T22:00:01-02:00"), Ok(1_000_000));
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_micros() as i64;
        let ago = now - moment("2h").unwrap();
        assert!((7_199_000_000..=7_200_000_000).contains(&ago), "{ago}");
        for wrong in
            ["", "yesterday", "2026-02-30", "2026-11-21T10:30:00", "2026-11-21 10:30", "h", "5", "-5m"]
        {
            assert!(moment(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn spans_have_a_unit() {
        assert_eq!(span("100ms"), Ok(Duration::from_millis(100)));
        assert_eq!(span("7d"), Ok(Duration::from_secs(7 * 86_400)));
        for wrong in ["100", "ms", "1.5s", "99999999999999999999d", "1w"] {
            assert!(span(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn conditions_are_told_in_words_that_can_be_taken_apart() {
        let conditions = Conditions {
            since: Some(1_000_000),
            user: Some("app".to_owned()),
            text: Some("delete \"x\"".to_owned()),
            slower_than: Some(Duration::from_millis(5)),
            ..Conditions::default()
        };
        assert_eq!(
            conditions.asked().unwrap().words(),
            r#"since=1970-01-01T00:00:01.000000Z user=app text="delete \"x\"" slower_than=5000us"#
        );
        assert_eq!(Conditions::default().asked().unwrap().words(), "all");
    }
}
