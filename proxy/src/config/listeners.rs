//! What does the data path get of the settings?

use super::path::Path;
use super::problem::{ConfigError, Problem};
use super::settings::{self, AuthenticationMode, Config, Limits, Listener};
use super::{authentication, invalid, probe, rules, tls};
use exchange::Class;
use policies::Network;
use relay::settings::{ListenerSettings, Mode, OnFailure, OnFailureByClass, RecordBefore};
use std::time::Duration;

/// The listeners of `config`, in the order of the file, with certificates and keys loaded. All that
/// is wrong with those is told at once.
pub fn listeners(config: &Config) -> Result<Vec<ListenerSettings>, ConfigError> {
    let mut problems = Vec::new();
    let mut ready = Vec::new();
    for listener in &config.listeners {
        match convert(listener, config) {
            Ok(settings) => ready.push(settings),
            Err(found) => problems.extend(found),
        }
    }
    if problems.is_empty() { Ok(ready) } else { Err(invalid(&config.origin.file, problems)) }
}

fn convert(listener: &Listener, config: &Config) -> Result<ListenerSettings, Vec<Problem>> {
    let path = Path::listener(listener.index);
    let client = tls::client(listener, &path.key("tls"), &config.origin);
    let upstream = tls::upstream(listener, &path.key("upstream_tls"), &config.origin);
    let probe = probe::ready(&listener.probe, &path.key("probe"), &config.origin);
    let rules = rules::ready(listener, config, &path);
    let asks = authentication::ready(listener, &path.key("authentication"), &config.origin);
    let (client_tls, upstream_tls, probe, rules, authentication) =
        match (client, upstream, probe, rules, asks) {
            (Ok(client), Ok(upstream), Ok(probe), Ok(rules), Ok(asks)) => {
                (client, upstream, probe, rules, asks)
            }
            (client, upstream, probe, rules, asks) => {
                let found = [client.err(), upstream.err(), probe.err(), rules.err(), asks.err()];
                return Err(found.into_iter().flatten().flatten().collect());
            }
        };
    let ((client_tls, shown), (upstream_tls, shown_upstream)) = (client_tls, upstream_tls);
    Ok(ListenerSettings {
        name: listener.name.as_str().into(),
        workspace: listener.workspace.as_str().into(),
        environment: listener.environment.into(),
        protocol: listener.protocol.into(),
        listen: listener.listen,
        upstream: listener.upstream.clone(),
        mode: match listener.mode {
            settings::Mode::Observe => Mode::Observe,
            settings::Mode::Enforce => Mode::Enforce,
        },
        rules,
        allow_unauthenticated: listener.allow_unauthenticated,
        authentication,
        // What is no network was told when the file was read.
        proxy_protocol_from: listener
            .proxy_protocol_from
            .iter()
            .filter_map(|text| Network::of(text).ok())
            .collect(),
        client_tls,
        upstream_tls,
        expiries: shown.into_iter().chain(shown_upstream).collect(),
        limits: limits(&listener.limits, listener.authentication.mode),
        on_failure: on_failure(&config.ledger),
        record_before: record_before(&config.ledger),
        probe,
        require_verified: listener.require_verified,
    })
}

fn limits(limits: &Limits, mode: AuthenticationMode) -> relay::settings::Limits {
    let count = |limit: u32| (limit > 0).then_some(limit as usize);
    let wait = |seconds: u32| (seconds > 0).then_some(Duration::from_secs(seconds.into()));
    relay::settings::Limits {
        connections: count(limits.connections),
        connections_per_user: count(limits.connections_per_user),
        connections_per_address: count(limits.connections_per_address),
        logins: count(limits.logins),
        login_failures: login_failures(limits, mode),
        statement_bytes: limits.statement_bytes as usize,
        login: Duration::from_secs(limits.login_seconds.into()),
        login_bytes: limits.login_bytes as usize,
        idle: wait(limits.idle_seconds),
        transaction_idle: wait(limits.transaction_idle_seconds),
    }
}

/// How many guesses an address has in a minute. Where the server checks passwords it is the server that a guesser
/// waits for; where the gateway does, nothing else would slow him down.
fn login_failures(limits: &Limits, mode: AuthenticationMode) -> Option<u32> {
    let usual = match mode {
        AuthenticationMode::Relay => 0,
        AuthenticationMode::Verify => 60,
    };
    Some(limits.login_failures.unwrap_or(usual)).filter(|limit| *limit > 0)
}

fn on_failure(ledger: &settings::Ledger) -> OnFailureByClass {
    let word = |word: settings::OnFailure| match word {
        settings::OnFailure::Continue => OnFailure::Continue,
        settings::OnFailure::Refuse => OnFailure::Refuse,
    };
    let exceptions = &ledger.on_failure_by_class;
    let exception = |class: Class| match class {
        Class::Read => exceptions.read,
        Class::Write => exceptions.write,
        Class::Ddl => exceptions.ddl,
        Class::Privilege => exceptions.privilege,
        Class::Session => exceptions.session,
        Class::Transaction => exceptions.transaction,
        Class::Maintenance => exceptions.maintenance,
        Class::Code => exceptions.code,
        Class::Unknown => exceptions.unknown,
    };
    Class::ALL.into_iter().fold(OnFailureByClass::all(word(ledger.on_failure)), |all, class| {
        exception(class).map_or(all, |exception| all.with(class, word(exception)))
    })
}

fn record_before(ledger: &settings::Ledger) -> RecordBefore {
    let mut before = RecordBefore::NOTHING;
    for word in &ledger.record_before {
        match word {
            settings::RecordBefore::Read => before = before.with(Class::Read),
            settings::RecordBefore::Write => before = before.with(Class::Write),
            settings::RecordBefore::Ddl => before = before.with(Class::Ddl),
            settings::RecordBefore::Privilege => before = before.with(Class::Privilege),
            settings::RecordBefore::Session => before = before.with(Class::Session),
            settings::RecordBefore::Transaction => before = before.with(Class::Transaction),
            settings::RecordBefore::Maintenance => before = before.with(Class::Maintenance),
            settings::RecordBefore::Code => before = before.with(Class::Code),
            settings::RecordBefore::Unknown => before = before.with(Class::Unknown),
            settings::RecordBefore::Refused => before.refused = true,
            settings::RecordBefore::Held => before.held = true,
        }
    }
    before
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_waits_by_default_is_what_the_data_path_takes_for_usual() {
        assert_eq!(record_before(&settings::Ledger::default()), RecordBefore::default());
    }

    #[test]
    fn every_class_waits_where_it_is_named_and_only_there() {
        use settings::RecordBefore as Word;
        let named = [
            (Word::Read, Class::Read),
            (Word::Write, Class::Write),
            (Word::Ddl, Class::Ddl),
            (Word::Privilege, Class::Privilege),
            (Word::Session, Class::Session),
            (Word::Transaction, Class::Transaction),
            (Word::Maintenance, Class::Maintenance),
            (Word::Code, Class::Code),
            (Word::Unknown, Class::Unknown),
        ];
        for (word, class) in named {
            let ledger = settings::Ledger { record_before: vec![word], ..settings::Ledger::default() };
            assert_eq!(record_before(&ledger), RecordBefore::NOTHING.with(class));
        }
    }
}
