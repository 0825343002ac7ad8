//! What does the data path get of the settings?

use super::path::Path;
use super::problem::{ConfigError, Problem};
use super::settings::{self, Config, Limits, Listener};
use super::{invalid, probe, rules, tls};
use exchange::Class;
use relay::settings::{ListenerSettings, Mode, OnFailure, OnFailureByClass};
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
    let client = tls::client(&listener.tls, &path.key("tls"), &config.origin);
    let upstream = tls::upstream(&listener.upstream_tls, &path.key("upstream_tls"), &config.origin);
    let probe = probe::ready(&listener.probe, &path.key("probe"), &config.origin);
    let rules = rules::ready(listener, config, &path);
    let (client_tls, upstream_tls, probe, rules) = match (client, upstream, probe, rules) {
        (Ok(client), Ok(upstream), Ok(probe), Ok(rules)) => (client, upstream, probe, rules),
        (client, upstream, probe, rules) => {
            let found = [client.err(), upstream.err(), probe.err(), rules.err()];
            return Err(found.into_iter().flatten().flatten().collect());
        }
    };
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
        client_tls,
        upstream_tls,
        limits: limits(&listener.limits),
        on_failure: on_failure(&config.ledger),
        probe,
        require_verified: listener.require_verified,
    })
}

fn limits(limits: &Limits) -> relay::settings::Limits {
    let count = |limit: u32| (limit > 0).then_some(limit as usize);
    let wait = |seconds: u32| (seconds > 0).then_some(Duration::from_secs(seconds.into()));
    relay::settings::Limits {
        connections: count(limits.connections),
        connections_per_user: count(limits.connections_per_user),
        connections_per_address: count(limits.connections_per_address),
        statement_bytes: limits.statement_bytes as usize,
        login: Duration::from_secs(limits.login_seconds.into()),
        login_bytes: limits.login_bytes as usize,
        idle: wait(limits.idle_seconds),
        transaction_idle: wait(limits.transaction_idle_seconds),
    }
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
