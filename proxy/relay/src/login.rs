//! May somebody log in with these settings, and what does the gateway add to them?
//!
//! A login can carry settings, which are judged as the SET they amount to: what a rule refuses in a
//! session it refuses here. A session that the rules make read-only is told so to the server in its
//! startup packet, so that whatever resets its settings returns to it.

use crate::circumstances::Brought;
use crate::connection::session_of;
use crate::fault::Fault;
use crate::listener::Listener;
use crate::settings::ListenerSettings;
use crate::standing::{Standing, WHOLE_SERVER};
use exchange::{
    Basis, Class, Effects, Kind, Marks, Principal, Protocol, Refusal, RefusalClass, Statement,
    TransactionState,
};
use policies::{Facts, Path, Role, Ruleset, SessionMask, Verdict};
use sql::Lexing;
use std::sync::Arc;
use std::time::Duration;
use wire_postgres::startup::Startup;

/// The setting that makes a session read-only.
pub(crate) const READ_ONLY: &[u8] = b"default_transaction_read_only";

/// How a login goes to the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Terms {
    /// The session is to be read-only.
    pub(crate) read_only: bool,
}

/// Judges a login under the rules of the moment.
pub(crate) fn judge(
    startup: &Startup<'_>,
    principal: &Principal,
    listener: &Listener,
    settings: &ListenerSettings,
    now_us: u64,
) -> Result<Terms, Fault> {
    let ruleset = listener.ruleset.load();
    if !ruleset.enforces() {
        return Ok(Terms { read_only: false });
    }
    let session = session_of(principal.clone(), settings);
    let mask = ruleset.of_session(&session);
    let login = Login { ruleset: &ruleset, session: &session, mask: &mask, now_us };
    if startup.replication() {
        login.allow(&replication())?;
    }
    for (name, value) in startup.settings() {
        login.allow_setting(&name, &value)?;
    }
    Ok(Terms { read_only: ruleset.is_read_only(&mask) })
}

/// Whether the rules of the moment make the session of a login read-only.
pub(crate) fn reads_only(principal: &Principal, listener: &Listener, settings: &ListenerSettings) -> bool {
    let ruleset = listener.ruleset.load();
    ruleset.enforces() && ruleset.is_read_only(&ruleset.of_session(&session_of(principal.clone(), settings)))
}

/// What the login's settings decide about the circumstances of its session.
pub(crate) fn brought(startup: &Startup<'_>) -> Brought {
    let settings = startup.settings();
    let sets = |wanted: &[&str]| {
        // The server takes `-` for `_` in `options`.
        let name = |name: &[u8]| String::from_utf8_lossy(name).to_ascii_lowercase().replace('-', "_");
        settings.iter().any(|(given, _)| wanted.contains(&&*name(given)))
    };
    Brought { role: sets(&["role", "session_authorization"]), path: sets(&["search_path"]) }
}

/// Tells the probe who has logged in, and where the listener requires it waits for what it finds: only
/// whoever can do nothing but read goes on.
pub(crate) async fn verify(
    user: &str,
    database: &str,
    listener: &Listener,
    settings: &ListenerSettings,
) -> Result<(), Fault> {
    if settings.probe.is_none() && !settings.require_verified {
        return Ok(());
    }
    if !settings.require_verified {
        listener.standings.wants(user, database);
        return Ok(());
    }
    let found = listener.standings.await_standing(user, database, VERIFY_WAIT).await;
    match refusal_of(found, user, database, settings) {
        Some(refusal) => Err(Fault::NotPermitted(Box::new(refusal))),
        None => Ok(()),
    }
}

/// Why a session of MySQL may not become `user`'s, as far as is known now: within a session nobody is waited
/// for.
pub(crate) fn unverified(
    user: &str,
    principal: &Principal,
    listener: &Listener,
    settings: &ListenerSettings,
) -> Option<Refusal> {
    let certificate = principal.tls.as_ref().and_then(|facts| facts.certificate.as_ref());
    let is_of_another = certificate.is_some_and(|certificate| !certificate.names_user(user));
    if settings.client_tls.names_user && is_of_another {
        return Fault::CertificateOfAnother.refusal(settings.protocol);
    }
    if settings.probe.is_some() || settings.require_verified {
        listener.standings.wants(user, WHOLE_SERVER);
    }
    if !settings.require_verified {
        return None;
    }
    refusal_of(listener.standings.standing(user, WHOLE_SERVER), user, WHOLE_SERVER, settings)
}

fn refusal_of(found: Standing, user: &str, database: &str, settings: &ListenerSettings) -> Option<Refusal> {
    let (detail, hint) = match found {
        Standing::Verified => return None,
        Standing::Unverified(why) => {
            (format!("what it may do could not be found out: {why}"), String::from(UNVERIFIED_HINT))
        }
        Standing::Gaps(gaps) => {
            let words: Vec<_> = gaps.iter().map(|gap| &*gap.words).take(GAPS_TOLD).collect();
            let more = gaps.len().saturating_sub(GAPS_TOLD);
            let more = if more > 0 { format!(", and {more} more") } else { String::new() };
            (format!("it can do more than read: {}{more}", words.join("; ")), String::from(GAPS_HINT))
        }
    };
    let message = match settings.protocol {
        Protocol::Postgres => {
            format!("role \"{user}\" is not verified as read-only in database \"{database}\"")
        }
        Protocol::Mysql => format!("user '{user}' is not verified as read-only"),
    };
    Some(Refusal::new(RefusalClass::LoginRefused, message).with_detail(detail).with_hint(hint))
}

/// Longest wait for the probe's first look at a role.
const VERIFY_WAIT: Duration = Duration::from_secs(5);

/// Gaps named in an error: the probe's report has them all.
const GAPS_TOLD: usize = 3;

const UNVERIFIED_HINT: &str = "`/readyz` of the gateway and its log say what keeps the probe from looking";
const GAPS_HINT: &str = "`dragoman probe` prints the statements that close each gap; after that log in again";

struct Login<'a> {
    ruleset: &'a Ruleset,
    session: &'a exchange::Session,
    mask: &'a SessionMask,
    now_us: u64,
}

impl Login<'_> {
    fn allow_setting(&self, name: &[u8], value: &[u8]) -> Result<(), Fault> {
        let shown = String::from_utf8_lossy(name);
        let unclear = || {
            let message = format!("the login's settings cannot be judged at `{shown}`");
            let hint = "leave it out of the connection's `options`, or set it in the session";
            Fault::NotPermitted(Box::new(Refusal::new(RefusalClass::Unjudgeable, message).with_hint(hint)))
        };
        let Some(text) = as_statement(name, value) else { return Err(unclear()) };
        let analysis = sql::analyse(text.as_bytes(), Lexing::default());
        match analysis.statements.as_slice() {
            [statement] if statement.effects.verb == "set" && statement.effects.basis == Basis::Grammar => {
                self.allow(statement)
            }
            _ => Err(unclear()),
        }
    }

    /// Where no rule speaks of it and the default refuses, only what is harmless passes: if nothing did,
    /// nobody could log in.
    fn allow(&self, statement: &Statement) -> Result<(), Fault> {
        let facts = Facts {
            session: self.session,
            mask: self.mask,
            role: Role::Known(&self.session.principal.user),
            path: Path::of_login(self.session),
            kind: Kind::Run,
            statement: Some(statement),
            transaction: TransactionState::Idle,
            now_us: self.now_us,
        };
        let decision = self.ruleset.decide(&facts);
        match decision.verdict {
            Verdict::Refuse(refusal) | Verdict::Hold(refusal)
                if decision.rule.is_some() || !is_harmless(statement) =>
            {
                Err(Fault::NotPermitted(refusal))
            }
            _ => Ok(()),
        }
    }
}

/// What a login may not bring by the way.
const GRAVE: Marks = Marks::CHANGES_ROLE
    .with(Marks::UNDOES_READ_ONLY)
    .with(Marks::SHADOWS_CATALOG)
    .with(Marks::REPLICATES)
    .with(Marks::CHANGES_STORED_SETTING);

/// Whether a login may bring a setting although the default refuses what no rule speaks of.
fn is_harmless(statement: &Statement) -> bool {
    let effects = &statement.effects;
    !effects.marks.intersects(GRAVE)
        && !effects.settings.iter().any(|one| policies::is_unsafe_setting(&one.name))
}

/// The SET that a setting of a login amounts to; `None` where that cannot be told.
fn as_statement(name: &[u8], value: &[u8]) -> Option<String> {
    let (name, value) = (std::str::from_utf8(name).ok()?, std::str::from_utf8(value).ok()?);
    if name.is_empty() {
        return None;
    }
    let name = name.to_ascii_lowercase().replace('-', "_").replace('"', "\"\"");
    // A list of names means something else in quotes. A text that is more than such a list does not
    // read as one SET, and is refused for that.
    if name == "search_path" && !value.trim().is_empty() {
        return Some(format!("SET search_path TO {value}"));
    }
    Some(format!("SET \"{name}\" TO '{}'", value.replace('\'', "''")))
}

fn replication() -> Statement {
    let effects = Effects::of_class(Basis::Message, "replication", Class::Maintenance);
    let effects = Arc::new(Effects { marks: Marks::REPLICATES, ..effects });
    Statement { effects, ..sql::command("replication", b"", Class::Maintenance) }
}

/// Whether an upstream's error says that it does not know the setting that makes a session read-only:
/// poolers accept few settings in a startup packet.
pub(crate) fn rejects_read_only(error: &[u8]) -> bool {
    error.windows(READ_ONLY.len()).any(|window| window == READ_ONLY)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_setting_reads_as_the_statement_it_amounts_to() {
        let text = |name: &str, value: &str| as_statement(name.as_bytes(), value.as_bytes());
        assert_eq!(text("statement-timeout", "5s").unwrap(), "SET \"statement_timeout\" TO '5s'");
        assert_eq!(text("search_path", "a, \"B\"").unwrap(), "SET search_path TO a, \"B\"");
        assert_eq!(text("a\"b", "it's").unwrap(), "SET \"a\"\"b\" TO 'it''s'");
        assert_eq!(text("", "x"), None);
    }
}
