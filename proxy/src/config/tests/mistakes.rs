//! What is said about each kind of mistake? Each case is the bad input and, beside it, every word
//! that is printed.

use super::{LISTENER, parse, told};

/// Checks that `text` is refused with exactly `expected`.
fn check(text: &str, expected: &str) {
    match parse(text, &[]) {
        Ok(_) => panic!("this is taken: {text}"),
        Err(problems) => assert_eq!(told(&problems), expected, "{text}"),
    }
}

/// The same, with `text` after a good listener: its first line is line 5.
fn check_listener(text: &str, expected: &str) {
    check(&format!("{LISTENER}{text}"), expected);
}

fn check_variable(name: &str, value: &str, expected: &str) {
    match parse(LISTENER, &[(name, value)]) {
        Ok(_) => panic!("this is taken: {name}={value}"),
        Err(problems) => assert_eq!(told(&problems), expected, "{name}={value}"),
    }
}

#[test]
fn what_is_no_toml() {
    check("[status\n", "f:1:8: this is not TOML: unclosed table, expected `]`");
    check(
        "[status]\nlisten = \n",
        "f:2:10: this is not TOML: string values must be quoted, expected literal string",
    );
    check(
        "[status]\nlisten = '127.0.0.1:1'\nlisten = '127.0.0.1:2'\n",
        "f:3:1: this is not TOML: duplicate key",
    );
}

#[test]
fn unknown_keys() {
    check_listener(
        "upstrem = 'db:5432'",
        "f:5:1: listener[shop].upstrem: there is no setting of this name\n    hint: did you mean `upstream`?",
    );
    check_listener(
        "[listener.tls]\nauthority = 'ca.pem'",
        "f:6:1: listener[shop].tls.authority: there is no setting of this name\n    hint: known here: mode, certificate, key, client_ca, client_certificate, client_crl, minimum_version",
    );
    check(
        &format!("[console]\nlisten = '127.0.0.1:8432'\n{LISTENER}"),
        "f:1:2: console: there is no setting of this name\n    hint: known here: status, ledger, policies, data_plane, admin, state, link, report_stream, listener",
    );
}

#[test]
fn values_of_another_type() {
    check(
        &format!("[status]\nlisten = 9432\n{LISTENER}"),
        "f:2:10: status.listen: this is a whole number, it must be a string",
    );
    check(
        &format!("[data_plane]\nthreads = '4'\n{LISTENER}"),
        "f:2:11: data_plane.threads: this is a string, it must be a whole number",
    );
    check(
        &format!("[data_plane]\nthreads = 1.5\n{LISTENER}"),
        "f:2:11: data_plane.threads: this is a number with a fraction, it must be a whole number",
    );
    check_listener(
        "allow_unauthenticated = 'yes'",
        "f:5:25: listener[shop].allow_unauthenticated: this is a string, it must be `true` or `false`",
    );
    check_listener(
        "proxy_protocol_from = ['10.0.0.0/8', '10.0.0.1/8']",
        "f:5:38: listener[shop].proxy_protocol_from[#2]: `10.0.0.1/8` is not a network\n    hint: write `10.0.0.0/8`, `10.1.2.3` or `fd00::/8`",
    );
    check_listener("tls = true", "f:5:7: listener[shop].tls: this is `true` or `false`, it must be a table");
    check_listener(
        "policies = 'a'",
        "f:5:12: listener[shop].policies: this is a string, it must be a list of strings",
    );
    check_listener(
        "workspace = 2026-01-01",
        "f:5:13: listener[shop].workspace: this is a date, it must be a string",
    );
    check(
        "[listener]\nname = 'shop'",
        "f:1:1: listener: this is a table, it must be a list of tables, written `[[…]]`",
    );
    check(
        &LISTENER.replace("\"127.0.0.1:5432\"", "5432"),
        "f:4:12: listener[shop].upstream: this is a whole number, it must be a string or a list of strings",
    );
}

#[test]
fn unknown_words() {
    check_listener(
        "mode = 'observ'",
        "f:5:8: listener[shop].mode: `observ` is not one of its values\n    hint: did you mean `observe`?",
    );
    check_listener(
        "default = 'perhaps'",
        "f:5:11: listener[shop].default: `perhaps` is not one of its values\n    hint: known here: allow, refuse",
    );
    check(
        &format!("ledger = {{ sync = 'fsync' }}\n{LISTENER}"),
        "f:1:19: ledger.sync: `fsync` is not one of its values\n    hint: known here: none, group, each",
    );
}

#[test]
fn numbers_out_of_range() {
    check_listener(
        "limits = { login_seconds = 0, statement_bytes = 1073741824, idle_seconds = -1 }",
        "f:5:28: listener[shop].limits.login_seconds: 0 is not in the range 1 to 600\n\
         f:5:49: listener[shop].limits.statement_bytes: 1073741824 is not in the range 1024 to 1073741823\n\
         f:5:76: listener[shop].limits.idle_seconds: -1 is not in the range 0 to 31536000",
    );
    check(
        &format!("[data_plane]\nthreads = 99999999999999999999\n{LISTENER}"),
        "f:2:11: data_plane.threads: 99999999999999999999 is not in the range 0 to 1024",
    );
}

#[test]
fn missing_settings() {
    check(
        "",
        "f: there is no listener, so there is nothing to serve\n    \
         hint: add a `[[listener]]`; `dragoman config example` shows one",
    );
    check(
        "[[listener]]\nname = 'shop'",
        "f:1:1: listener[shop]: `listen` is missing\n    hint: add it, for example `listen = \"127.0.0.1:6432\"`\n\
         f:1:1: listener[shop]: `upstream` is missing\n    hint: add it, for example `upstream = [\"127.0.0.1:5432\"]`",
    );
    check(
        "[[listener]]\nlisten = '127.0.0.1:6432'\nupstream = []",
        "f:1:1: listener[#1]: `name` is missing\n    hint: add it, for example `name = \"shop\"`\n\
         f:3:12: listener[#1].upstream: the list is empty\n    hint: name at least one",
    );
}

#[test]
fn names_and_paths() {
    check(
        &LISTENER.replace("shop", "The Shop"),
        "f:2:8: listener[#1].name: `The Shop` is not a name\n    \
         hint: use 1 to 63 of the characters a-z, 0-9, `_` and `-`",
    );
    check_listener(
        "workspace = ''",
        "f:5:13: listener[shop].workspace: `` is not a name\n    \
         hint: use 1 to 63 of the characters a-z, 0-9, `_` and `-`",
    );
    check(
        &format!("[ledger]\ndirectory = ''\n{LISTENER}"),
        "f:2:13: ledger.directory: the path is empty\n    hint: name a file or a folder, or leave the setting out",
    );
    check(
        &format!("{LISTENER}{}", LISTENER.replace(":6432", ":6433")),
        "f:6:8: listener[shop].name: another listener is already called `shop` (line 2)\n    hint: give it another name",
    );
}

#[test]
fn addresses() {
    check(
        &LISTENER.replace("127.0.0.1:6432", "localhost:6432"),
        "f:3:10: listener[shop].listen: `localhost:6432` is not an address to listen on: \
         it has a name where an IP address is needed\n    \
         hint: write an IP address and a port, as `127.0.0.1:6432`; `0.0.0.0:6432` listens on every address",
    );
    check(
        &LISTENER.replace("\"127.0.0.1:5432\"", "['db', 'db:5432']"),
        "f:4:13: listener[shop].upstream[#1]: `db` is not the address of a server: it has no port\n    \
         hint: write `host:port`, `[ipv6]:port` or `unix:/path/of/the/socket`",
    );
    check(
        &LISTENER.replace("127.0.0.1:5432", &format!("unix:{}", "x".repeat(100))),
        &format!(
            "f:4:12: listener[shop].upstream: `unix:/etc/gateway/{}` is not the address of a server: \
             the path of a unix socket has at most 107 bytes\n    \
             hint: write `host:port`, `[ipv6]:port` or `unix:/path/of/the/socket`",
            "x".repeat(100)
        ),
    );
    check(
        &format!("{LISTENER}{}", LISTENER.replace("shop", "books").replace("127.0.0.1:6432", "0.0.0.0:6432")),
        "f:7:10: listener[books].listen: `0.0.0.0:6432` is already taken by `listener[shop].listen` (line 3)\n    \
         hint: give it another port",
    );
    check(
        &LISTENER.replace(":6432", ":9432"),
        "f:3:10: listener[shop].listen: `127.0.0.1:9432` is already taken by `status.listen`\n    \
         hint: give it another port",
    );
    check(
        &LISTENER.replace("\"127.0.0.1:5432\"", "['db:5432', 'localhost:6432']"),
        "f:4:24: listener[shop].upstream[#2]: `localhost:6432` is this listener itself: \
         every connection would make another one\n    hint: name the database server's own address",
    );
}

#[test]
fn tls_towards_the_client() {
    check_listener(
        "tls = { mode = 'require' }",
        "f:5:16: listener[shop].tls.mode: `require` needs a certificate\n    \
         hint: set `certificate` and `key`, or use mode `disable`",
    );
    check_listener(
        "tls = { mode = 'prefer' }",
        "f:5:16: listener[shop].tls.mode: `prefer` needs a certificate\n    \
         hint: set `certificate` and `key`, or use mode `disable`",
    );
    check_listener(
        "tls = { certificate = 'server.pem' }",
        "f:5:23: listener[shop].tls.certificate: `certificate` is set without `key`\n    hint: set both, or none",
    );
    check_listener(
        "tls = { key = 'server.key' }",
        "f:5:15: listener[shop].tls.key: `key` is set without `certificate`\n    hint: set both, or none",
    );
}

#[test]
fn tls_towards_the_upstream() {
    for mode in ["verify-ca", "verify-full"] {
        check_listener(
            &format!("upstream_tls = {{ mode = '{mode}' }}"),
            &format!(
                "f:5:25: listener[shop].upstream_tls.mode: `{mode}` needs `ca`: \
                 the system's own list of certificates is not used\n    \
                 hint: set `ca` to the PEM file of the certificates that vouch for the other side's"
            ),
        );
    }
    check_listener(
        "upstream_tls = { mode = 'require', ca = 'ca.pem' }",
        "f:5:41: listener[shop].upstream_tls.ca: with mode `require` the upstream's certificate is not checked, \
         so `ca` would do nothing\n    hint: use mode `verify-ca` or `verify-full`, or leave `ca` out",
    );
    check(
        &format!("{}upstream_tls.mode = 'require'", LISTENER.replace("127.0.0.1:5432", "unix:/run/db")),
        "f:5:21: listener[shop].upstream_tls.mode: `require` cannot hold: the unix socket `unix:/run/db` has no TLS\n    \
         hint: use `prefer`, or reach the server over TCP",
    );
}

#[test]
fn variables() {
    check_variable(
        "DRAGOMAN_STATUS__LISTN",
        "x",
        "environment variable DRAGOMAN_STATUS__LISTN: there is no setting of this name\n    hint: did you mean `listen`?",
    );
    check_variable(
        "DRAGOMAN_LEDGR__SYNC",
        "each",
        "environment variable DRAGOMAN_LEDGR__SYNC: there is no setting of this name\n    hint: did you mean `ledger`?",
    );
    check_variable(
        "DRAGOMAN_LISTENER__0__NAME",
        "x",
        "environment variable DRAGOMAN_LISTENER__0__NAME: elements of lists cannot be overridden\n    \
         hint: change the file instead",
    );
    check_variable(
        "DRAGOMAN_LEDGER__ON_FAILURE_BY_CLASS",
        "x",
        "environment variable DRAGOMAN_LEDGER__ON_FAILURE_BY_CLASS: this is a table, not a value\n    \
         hint: add two underscores and a key",
    );
    check_variable(
        "DRAGOMAN_STATUS_LISTEN",
        "127.0.0.1:1",
        "environment variable DRAGOMAN_STATUS_LISTEN: this is read by nobody\n    \
         hint: two underscores stand between a table and a key: DRAGOMAN_STATUS__LISTEN",
    );
    check_variable(
        "DRAGOMAN_DATA_PLANE__THREADS",
        "many",
        "environment variable DRAGOMAN_DATA_PLANE__THREADS: data_plane.threads: \
         this is a string, it must be a whole number",
    );
    check_variable(
        "DRAGOMAN_STATUS__LISTEN",
        "127.0.0.1:6432",
        "f:3:10: listener[shop].listen: `127.0.0.1:6432` is already taken by `status.listen` (by DRAGOMAN_STATUS__LISTEN)\n    \
         hint: give it another port",
    );
}

#[test]
fn all_mistakes_are_told_at_once() {
    check(
        &format!(
            "[status]\nlisten = 'here'\n[[listener]]\nname = 'broken'\n\
             {LISTENER}{}mode = 'watch'\n[listener.upstream_tls]\nmode = 'verify-full'\n",
            LISTENER.replace(":6432", ":6433")
        ),
        "f:2:10: status.listen: `here` is not an address to listen on: it has no port\n    \
         hint: write an IP address and a port, as `127.0.0.1:6432`; `0.0.0.0:6432` listens on every address\n\
         f:3:1: listener[broken]: `listen` is missing\n    hint: add it, for example `listen = \"127.0.0.1:6432\"`\n\
         f:3:1: listener[broken]: `upstream` is missing\n    \
         hint: add it, for example `upstream = [\"127.0.0.1:5432\"]`\n\
         f:10:8: listener[shop].name: another listener is already called `shop` (line 6)\n    \
         hint: give it another name\n\
         f:13:8: listener[shop].mode: `watch` is not one of its values\n    hint: known here: observe, enforce\n\
         f:15:8: listener[shop].upstream_tls.mode: `verify-full` needs `ca`: \
         the system's own list of certificates is not used\n    \
         hint: set `ca` to the PEM file of the certificates that vouch for the other side's",
    );
}

#[test]
fn certificates_of_clients_need_each_other() {
    let both = "certificate = 'a.pem'\nkey = 'a.key'\n";
    check_listener(
        "[listener.tls]\nclient_ca = 'ca.pem'",
        "f:6:13: listener[shop].tls.client_ca: `client_ca` needs `certificate`\n    hint: set it as well, or leave both out",
    );
    check_listener(
        &format!("[listener.tls]\n{both}mode = 'disable'\nclient_ca = 'ca.pem'"),
        "f:9:13: listener[shop].tls.client_ca: `client_ca` does nothing beside `mode = \"disable\"`\n    hint: leave one of them out",
    );
    check_listener(
        &format!("[listener.tls]\n{both}client_certificate = 'require'\nclient_crl = 'ca.crl'"),
        "f:8:22: listener[shop].tls.client_certificate: `client_certificate` needs `client_ca`\n    hint: set it as well, or leave both out\n\
         f:9:14: listener[shop].tls.client_crl: `client_crl` needs `client_ca`\n    hint: set it as well, or leave both out",
    );
    check_listener(
        "[listener.authentication]\ncertificate = 'user'",
        "f:6:15: listener[shop].authentication.certificate: `certificate = \"user\"` needs `tls.client_ca`\n    hint: set it as well, or leave both out",
    );
    check_listener(
        "[listener.upstream_tls]\nkey = 'a.key'",
        "f:6:7: listener[shop].upstream_tls.key: `key` is set without `certificate`\n    hint: set both, or none",
    );
    check_listener(
        &format!("[listener.upstream_tls]\n{both}mode = 'disable'"),
        "f:6:15: listener[shop].upstream_tls.certificate: `certificate` does nothing beside `mode = \"disable\"`\n    hint: leave one of them out",
    );
    check_listener(
        "[listener.tls]\nminimum_version = '1.1'",
        "f:6:19: listener[shop].tls.minimum_version: `1.1` is not one of its values\n    hint: did you mean `1.2`?",
    );
}
