//! What do hints say that is longer than a line, or depends on more than the cause?

/// The word that was meant, or all there are.
pub(super) fn meant(nearest: Option<&String>, known: &[String]) -> String {
    match nearest {
        Some(word) => format!("did you mean `{word}`?"),
        None => format!("known here: {}", known.join(", ")),
    }
}

/// Where copies go.
pub(super) const PLACES: &str = "write `file:///folder`, `syslog+tls://host:port`, `https://host/path` or `nats+tls://host:port`, without a password";
/// Where the state is.
pub(super) const STATES: &str =
    "write `sqlite:data/state.db` or `postgres://user@host:5432/database`, the password in `state.password`";
/// What a file of verifiers holds.
pub(super) const LINES: &str = "write `\"role\" \"SCRAM-SHA-256$…\"`, as `pg_authid.rolpassword` has it; a password itself is never written down";
/// What another side is checked against.
pub(super) const AUTHORITIES: &str =
    "set `ca` to the PEM file of the certificates that vouch for the other side's";
/// Where one is worth something.
pub(super) const ELSEWHERE: &str = "name a folder elsewhere, best on another disk that others look after";

/// What a PEM file needs.
pub(super) fn block(what: &str) -> &'static str {
    match what {
        "private key" => "it needs a block `-----BEGIN PRIVATE KEY-----` that is not encrypted",
        "list of revoked certificates" => "it needs a block `-----BEGIN X509 CRL-----` for each authority",
        _ => "it needs a block `-----BEGIN CERTIFICATE-----`",
    }
}

/// What TLS needs of a file.
pub(super) fn usable(fault: &rustls::Error) -> &'static str {
    match fault {
        rustls::Error::InconsistentKeys(_) => {
            "the key must be that of the first certificate in `certificate`"
        }
        _ => "it needs an X.509 version 3 certificate, or an RSA, ECDSA or Ed25519 key",
    }
}
