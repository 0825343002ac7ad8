//! Who is told what of the probe's findings?

use super::ProbeError;
use exchange::Protocol;
use relay::Listener;
use relay::settings::ListenerSettings;
use relay::standing::{Gap, Pair, Standing};
use sql::catalog::Catalog;

/// Most gaps that are written into one line of the log.
const LOGGED_MAX: usize = 10;

/// Most reasons that are told to machines.
const REASONS_MAX: usize = 3;

/// Logs what has changed: a line for each role in a database, or for each name on a MySQL server.
pub(super) fn news(settings: &ListenerSettings, news: &[(Pair, Standing)]) {
    let listener = &*settings.name;
    for ((role, database), standing) in news {
        let database = named(settings, database);
        match standing {
            Standing::Verified => {
                tracing::info!(listener, role, database, "privileges verified: the role can only read");
            }
            Standing::Unverified(reason) => {
                tracing::warn!(listener, role, database, %reason, "privileges unverified");
            }
            Standing::Gaps(gaps) => {
                let words: Vec<String> = gaps.iter().take(LOGGED_MAX).map(told).collect();
                tracing::warn!(
                    listener,
                    role,
                    database,
                    gaps = gaps.len(),
                    "the role can do more than read: {}; see `dragoman probe`",
                    words.join("; ")
                );
            }
        }
    }
}

/// The database of a line; a MySQL server is looked at as a whole.
fn named<'a>(settings: &ListenerSettings, database: &'a str) -> Option<&'a str> {
    (settings.protocol == Protocol::Postgres).then_some(database)
}

fn told(gap: &Gap) -> String {
    match gap.remedy.is_empty() {
        true => gap.words.to_string(),
        false => format!("{} [closed by: {}]", gap.words, gap.remedy.join(" ")),
    }
}

/// Logs that a look failed.
pub(super) fn failed(settings: &ListenerSettings, database: &str, error: &ProbeError) {
    let database = named(settings, database);
    tracing::warn!(listener = &*settings.name, database, %error, "the probe could not look, trying again later");
}

/// Logs that the probe's own role may do more than it needs.
pub(super) fn superuser(settings: &ListenerSettings, user: &str) {
    let listener = &*settings.name;
    match settings.protocol {
        Protocol::Postgres => tracing::warn!(
            listener,
            user,
            "the probe logs in as a superuser, and needs a role that can connect and nothing else: see docs/probe.md"
        ),
        Protocol::Mysql => tracing::warn!(
            listener,
            user,
            "the probe's own account can do more than read, and needs to read the database `mysql` and nothing else: \
             see docs/probe.md"
        ),
    }
}

/// Logs what a database does of its own.
pub(super) fn catalog(listener: &str, database: &str, catalog: &Catalog) {
    if catalog.is_complete() {
        let acting = catalog.acting_relations().len();
        let functions = catalog.function_names();
        tracing::info!(listener, database, functions, acting_views = acting, "catalog read");
    } else {
        tracing::warn!(
            listener,
            database,
            "the catalog has too many functions to be told apart: all of them stay unknown"
        );
    }
}

/// How many roles of a listener stand how, and why of some nothing is known: no names of roles, and no
/// statements. `None` where nobody asks: without a probe, before a listener that only observes.
pub(crate) fn summary(listener: &Listener) -> Option<String> {
    let settings = listener.settings.load();
    if settings.probe.is_none() {
        // Who only observes promises nothing about roles.
        let promises = settings.mode == relay::settings::Mode::Enforce;
        return promises.then(|| String::from("privileges: unverified, there is no `listener.probe`"));
    }
    let all = listener.standings.all();
    let count = |word: &str| all.iter().filter(|(_, standing)| standing.as_str() == word).count();
    let (verified, gaps, unverified) = (count("verified"), count("gaps"), count("unverified"));
    let mut reasons: Vec<&str> = Vec::new();
    for (_, standing) in &all {
        if let Standing::Unverified(reason) = standing
            && !reasons.contains(&&**reason)
            && reasons.len() < REASONS_MAX
        {
            reasons.push(reason);
        }
    }
    let why = if reasons.is_empty() { String::new() } else { format!(": {}", reasons.join("; ")) };
    Some(format!("privileges: {verified} verified, {gaps} with gaps, {unverified} unverified{why}"))
}
