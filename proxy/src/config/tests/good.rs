//! What do good settings become?

use super::super::settings::{Environment, Sync, TlsMode};
use super::super::{Config, changed, listeners, restart_needed};
use super::{LISTENER, good, told};
use exchange::Class;
use relay::settings::{Mode, OnFailure, UpstreamTls};
use std::path::Path;
use std::time::Duration;

#[test]
fn what_is_not_set_has_its_default() {
    let config = good(LISTENER, &[]);
    assert_eq!(config.status.listen.to_string(), "127.0.0.1:9432");
    assert_eq!(config.ledger.directory, Path::new("/etc/gateway/data/ledger"));
    assert_eq!(config.ledger.sync, Sync::Group);
    assert_eq!((config.data_plane.threads, config.data_plane.drain_seconds), (0, 30));
    let [listener] = listeners(&config).unwrap().try_into().unwrap();
    assert_eq!((&*listener.name, &*listener.workspace), ("shop", "default"));
    assert_eq!(listener.environment, exchange::Environment::Production);
    assert_eq!(listener.listen.to_string(), "127.0.0.1:6432");
    assert_eq!(listener.upstream.iter().map(ToString::to_string).collect::<Vec<_>>(), ["127.0.0.1:5432"]);
    assert_eq!((listener.mode, listener.rules.default_allows()), (Mode::Observe, true));
    assert!(!listener.allow_unauthenticated);
    assert!(listener.client_tls.config.is_none() && !listener.client_tls.required);
    assert!(matches!(listener.upstream_tls, UpstreamTls::Prefer(_)));
    assert_eq!(listener.limits.connections, Some(10_000));
    assert_eq!((listener.limits.connections_per_user, listener.limits.connections_per_address), (None, None));
    assert_eq!((listener.limits.logins, listener.limits.login_failures), (Some(1_000), None));
    assert_eq!((listener.limits.statement_bytes, listener.limits.login_bytes), (16_777_216, 65_536));
    assert_eq!(listener.limits.login, Duration::from_secs(15));
    assert_eq!((listener.limits.idle, listener.limits.transaction_idle), (None, None));
    for class in Class::ALL {
        assert_eq!(listener.on_failure.of(class), OnFailure::Refuse, "{class:?}");
    }
}

#[test]
fn everything_that_is_set_reaches_the_data_path() {
    let text = "
        [ledger]
        on_failure = 'refuse'
        on_failure_by_class = { read = 'continue', transaction = 'continue' }
        [[listener]]
        name = 'shop'
        protocol = 'postgres'
        listen = '[::1]:0'
        upstream = ['db1:5432', 'unix:run/socket']
        workspace = 'sales'
        environment = 'staging'
        mode = 'enforce'
        default = 'refuse'
        policies = []
        allow_unauthenticated = true
        authentication = { mode = 'relay' }
        tls = { mode = 'disable' }
        upstream_tls = { mode = 'disable' }
        [listener.limits]
        connections = 0
        connections_per_user = 2
        connections_per_address = 3
        logins = 0
        login_failures = 4
        statement_bytes = 0x1_0000
        login_seconds = 5
        login_bytes = 2048
        idle_seconds = 6
        transaction_idle_seconds = 7
    ";
    let [listener] = listeners(&good(text, &[])).unwrap().try_into().unwrap();
    assert_eq!(
        listener.upstream.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["db1:5432", "unix:/etc/gateway/run/socket"]
    );
    assert_eq!(&*listener.workspace, "sales");
    assert_eq!(listener.environment, exchange::Environment::Staging);
    assert_eq!((listener.mode, listener.rules.default_allows()), (Mode::Enforce, false));
    assert!(listener.allow_unauthenticated);
    assert!(matches!(listener.upstream_tls, UpstreamTls::Disable));
    let limits = listener.limits;
    assert_eq!(
        (limits.connections, limits.connections_per_user, limits.connections_per_address),
        (None, Some(2), Some(3))
    );
    assert_eq!((limits.logins, limits.login_failures), (None, Some(4)));
    assert_eq!((limits.statement_bytes, limits.login_bytes), (65_536, 2048));
    assert_eq!(limits.login, Duration::from_secs(5));
    assert_eq!(limits.idle, Some(Duration::from_secs(6)));
    assert_eq!(limits.transaction_idle, Some(Duration::from_secs(7)));
    for class in Class::ALL {
        let continues = matches!(class, Class::Read | Class::Transaction);
        let expected = if continues { OnFailure::Continue } else { OnFailure::Refuse };
        assert_eq!(listener.on_failure.of(class), expected, "{class:?}");
    }
}

#[test]
fn each_class_has_its_own_exception() {
    for class in Class::ALL {
        let text = format!("[ledger.on_failure_by_class]\n{} = 'continue'\n{LISTENER}", class.as_str());
        let [listener] = listeners(&good(&text, &[])).unwrap().try_into().unwrap();
        for other in Class::ALL {
            let expected = if other == class { OnFailure::Continue } else { OnFailure::Refuse };
            assert_eq!(listener.on_failure.of(other), expected, "{class:?} {other:?}");
        }
    }
}

#[test]
fn variables_override_the_file() {
    let check = |name: &str, value: &str, seen: &dyn Fn(&Config) -> bool| {
        let text = format!("[status]\nlisten = '127.0.0.1:1'\n[data_plane]\nthreads = 1\n{LISTENER}");
        assert!(seen(&good(&text, &[(name, value)])), "{name}={value}");
    };
    check("DRAGOMAN_STATUS__LISTEN", "0.0.0.0:80", &|config| {
        config.status.listen.to_string() == "0.0.0.0:80"
    });
    check("DRAGOMAN_STATUS__LISTEN", "\"0.0.0.0:80\"", &|config| config.status.listen.port() == 80);
    check("DRAGOMAN_DATA_PLANE__THREADS", "4", &|config| config.data_plane.threads == 4);
    check("DRAGOMAN_LEDGER__SYNC", "each", &|config| config.ledger.sync == Sync::Each);
    check("DRAGOMAN_LEDGER__DIRECTORY", "2026", &|config| config.ledger.directory.ends_with("gateway/2026"));
    check("DRAGOMAN_LEDGER__ON_FAILURE_BY_CLASS__WRITE", "continue", &|config| {
        config.ledger.on_failure_by_class.write.is_some()
    });
}

#[test]
fn variables_that_are_not_for_the_settings_are_left_alone() {
    let foreign = [
        "DRAGOMAN_POSTGRES_BIN_16",
        "DRAGOMAN_CACHE",
        "DRAGOMAN_LOG",
        "DRAGOMAN_LOG_FORMAT",
        "DRAGOMAN_PORT",
        "DRAGOMAN_STATUS_SERVICE_HOST",
        "STATUS__LISTEN",
    ];
    let config = good(LISTENER, &foreign.map(|name| (name, "5")));
    assert_eq!(config.status.listen.port(), 9432);
}

#[test]
fn settings_say_what_needs_a_restart() {
    let before = good(LISTENER, &[]);
    let check = |text: &str, expected: &[&str]| {
        assert_eq!(restart_needed(&before, &good(text, &[])), expected, "{text}");
    };
    check(LISTENER, &[]);
    check(&LISTENER.replace(":5432", ":5433"), &[]);
    check(&format!("{LISTENER}mode = 'enforce'\n[listener.limits]\nidle_seconds = 5"), &[]);
    check(&format!("[ledger]\non_failure = 'continue'\n{LISTENER}"), &[]);
    // A listener that moved, came or went is applied by opening and closing ports.
    check(&LISTENER.replace(":6432", ":6433"), &[]);
    check(&LISTENER.replace("shop", "store"), &[]);
    check(&format!("[data_plane]\ndrain_seconds = 5\n{LISTENER}"), &[]);
    check(&format!("[data_plane]\nthreads = 5\n{LISTENER}"), &["data_plane.threads"]);
    check(
        &format!("[status]\nlisten = '127.0.0.1:1'\n[ledger]\nsync = 'each'\n{LISTENER}"),
        &["status.listen", "ledger.sync"],
    );
}

#[test]
fn changes_are_told_by_name_and_without_values() {
    let before = good(LISTENER, &[]);
    let check = |text: &str, expected: &[&str]| {
        assert_eq!(changed(&before, &good(text, &[])), expected, "{text}");
    };
    check(LISTENER, &[]);
    check(
        &format!("[ledger]\nsync = 'each'\n{LISTENER}mode = 'enforce'\n[listener.limits]\nidle_seconds = 5"),
        &["ledger.sync", "listener[shop].mode", "listener[shop].limits.idle_seconds"],
    );
    check(&LISTENER.replace("shop", "store"), &["listener[shop]", "listener[store]"]);
    let second = LISTENER.replace("shop", "books").replace(":6432", ":6433");
    check(&format!("{second}{LISTENER}"), &["listener[books]"]);
}

#[test]
fn a_certificate_alone_switches_tls_on_but_only_checks_tell_if_it_is_there() {
    let text = format!("{LISTENER}tls = {{ certificate = 'c.pem', key = 'k.pem' }}");
    let config = good(&text, &[]);
    let tls = config.listeners.first().map(|listener| listener.tls.clone()).unwrap();
    assert_eq!(tls.mode, None);
    assert_ne!(tls.mode, Some(TlsMode::Disable));
    assert_eq!(tls.key.as_deref(), Some(Path::new("/etc/gateway/k.pem")));
    let error = listeners(&config).unwrap_err().to_string();
    assert_eq!(
        error,
        "2 mistakes in the settings\n\
         /etc/gateway/gateway.toml:5:23: listener[shop].tls.certificate: the file `/etc/gateway/c.pem` does not exist\n\
         \x20   hint: paths are relative to the settings file; check the path and its mode\n\
         /etc/gateway/gateway.toml:5:38: listener[shop].tls.key: the file `/etc/gateway/k.pem` does not exist\n\
         \x20   hint: paths are relative to the settings file; check the path and its mode"
    );
}

#[test]
fn environments_are_words() {
    for (word, expected) in [
        ("development", Environment::Development),
        ("staging", Environment::Staging),
        ("production", Environment::Production),
    ] {
        let config = good(&format!("{LISTENER}environment = '{word}'"), &[]);
        assert_eq!(config.listeners.first().map(|listener| listener.environment), Some(expected));
    }
    let problems = super::parse(&format!("{LISTENER}environment = 'prod'"), &[]).unwrap_err();
    assert!(told(&problems).contains("`prod` is not one of its values"));
}

#[test]
fn a_mysql_listener_observes_or_enforces() {
    for (word, expected) in [("observe", Mode::Observe), ("enforce", Mode::Enforce)] {
        let probe = "require_verified = true\nprobe = { user = 'p' }";
        let text = format!("{LISTENER}protocol = 'mysql'\nmode = '{word}'\n{probe}");
        let [listener] = listeners(&good(&text, &[])).unwrap().try_into().unwrap();
        assert_eq!((listener.protocol, listener.mode), (exchange::Protocol::Mysql, expected));
        assert!(listener.require_verified && listener.probe.is_some());
    }
}

#[test]
fn how_often_passwords_may_be_wrong_depends_on_who_checks_them() {
    let check = |lines: &str, expected: Option<u32>| {
        let text = format!("{LISTENER}probe = {{ user = 'looks' }}\n{lines}");
        let [listener] = listeners(&good(&text, &[])).unwrap().try_into().unwrap();
        assert_eq!(listener.limits.login_failures, expected, "{lines}");
    };
    check("authentication = { mode = 'relay' }", None);
    check("authentication = { mode = 'verify' }", Some(60));
    check("authentication = { mode = 'verify' }\nlimits = { login_failures = 0 }", None);
    check("authentication = { mode = 'relay' }\nlimits = { login_failures = 7 }", Some(7));
}
