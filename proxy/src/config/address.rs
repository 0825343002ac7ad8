//! How are addresses and names written?

use relay::settings::UpstreamAddress;
use std::fmt;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;

/// Longest path of a unix socket, in bytes: `sun_path` has 108 with the closing zero.
const UNIX_PATH_BYTES_MAX: usize = 107;
/// Longest name of a host, in bytes (RFC 1035 section 2.3.4).
const HOST_BYTES_MAX: usize = 253;
/// Longest name of a listener or workspace: that of a PostgreSQL identifier.
const NAME_BYTES_MAX: usize = 63;

/// What is wrong with an address or a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// There is no port.
    NoPort,
    /// The port is no number from 1 to 65535 (0 to 65535 where the gateway listens).
    BadPort,
    /// There is no host.
    NoHost,
    /// The host has characters no host has, or is too long.
    BadHost,
    /// An IPv6 address without brackets.
    NoBrackets,
    /// A name stands where only an address can.
    NameNotAddress,
    /// A connection URL.
    Url,
    /// `unix:` with no path behind it.
    NoPath,
    /// The path is too long for a unix socket.
    PathTooLong,
    /// A unix socket stands where only an address can.
    UnixNotAddress,
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Fault::NoPort => "it has no port",
            Fault::BadPort => "its port is not a number from 1 to 65535",
            Fault::NoHost => "it has no host",
            Fault::BadHost => "its host is neither a name nor an IP address",
            Fault::NoBrackets => "an IPv6 address needs brackets",
            Fault::NameNotAddress => "it has a name where an IP address is needed",
            Fault::Url => "it is a URL",
            Fault::NoPath => "`unix:` is not followed by a path",
            Fault::PathTooLong => "the path of a unix socket has at most 107 bytes",
            Fault::UnixNotAddress => "a listener cannot be a unix socket",
        })
    }
}

/// What is wrong with a URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UrlFault {
    /// It begins with none of the words it could begin with.
    Scheme,
    /// There is no host behind `//`, or none that could be one.
    Host,
    /// It has a user or a password.
    Credentials,
    /// It has a `?` or a `#`.
    Query,
    /// It names no file.
    NoFile,
    /// It names no folder from the root on.
    NoFolder,
    /// It has characters no URL has.
    Characters,
    /// What goes there could be read on the way.
    NotEncrypted,
}

impl fmt::Display for UrlFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            UrlFault::Scheme => "it begins with no word that is known here",
            UrlFault::Host => "its host or port cannot be one",
            UrlFault::Credentials => "it has a user or a password",
            UrlFault::Query => "it has a `?` or a `#`",
            UrlFault::NoFile => "it names no file",
            UrlFault::NoFolder => "it names no folder by its whole path",
            UrlFault::Characters => "it has characters that no URL has",
            UrlFault::NotEncrypted => "it is not encrypted, and not of this machine",
        })
    }
}

/// Reads the address of a web server: `http://` or `https://`, a host, maybe a port and a path.
pub(crate) fn http_url(text: &str) -> Result<(), UrlFault> {
    let rest = text.strip_prefix("https://").or(text.strip_prefix("http://")).ok_or(UrlFault::Scheme)?;
    if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(UrlFault::Characters);
    }
    if rest.contains(['?', '#']) {
        return Err(UrlFault::Query);
    }
    let authority = rest.split('/').next().unwrap_or_default();
    if authority.contains('@') {
        return Err(UrlFault::Credentials);
    }
    let plain = is_host(authority) || is_bracketed(authority);
    if plain || server(authority).is_ok() { Ok(()) } else { Err(UrlFault::Host) }
}

/// Reads where the state is kept: `sqlite:` and a file, or an URL of PostgreSQL.
pub(crate) fn state_url(text: &str) -> Result<(), UrlFault> {
    if let Some(file) = text.strip_prefix("sqlite:") {
        // Two slashes would be a host to some, and part of the path to others.
        let bad = file.is_empty() || file.starts_with("//") || file.ends_with('/') || file.contains('?');
        return if bad { Err(UrlFault::NoFile) } else { Ok(()) };
    }
    let rest = text.strip_prefix("postgres://").or(text.strip_prefix("postgresql://"));
    let rest = rest.ok_or(UrlFault::Scheme)?;
    if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(UrlFault::Characters);
    }
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let known = is_host(host) || is_bracketed(host) || server(host).is_ok();
    if known { Ok(()) } else { Err(UrlFault::Host) }
}

/// Whether `text` is a name of a host or an IP address, without a port.
pub(crate) fn is_host(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    let name = !text.is_empty() && text.len() <= HOST_BYTES_MAX && text.bytes().all(plain);
    name || text.parse::<IpAddr>().is_ok()
}

fn is_bracketed(text: &str) -> bool {
    let inner = text.strip_prefix('[').and_then(|text| text.strip_suffix(']'));
    inner.is_some_and(|address| address.parse::<Ipv6Addr>().is_ok())
}

/// Whether `text` is a network, a host, or a host and a port.
pub(crate) fn is_egress(text: &str) -> bool {
    match text.split_once('/') {
        Some((address, bits)) => {
            let most = match address.parse::<IpAddr>() {
                Ok(IpAddr::V4(_)) => 32,
                Ok(IpAddr::V6(_)) => 128,
                Err(_) => return false,
            };
            bits.parse::<u8>().is_ok_and(|bits| bits <= most)
        }
        None => is_host(text) || is_bracketed(text) || server(text).is_ok() && !text.starts_with("unix:"),
    }
}

/// Whether subjects of NATS can begin with `text`: words with dots between, none of them a wildcard.
pub(crate) fn is_subject(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let mut words = text.split('.');
    words.clone().count() <= 8 && words.all(|word| (1..=63).contains(&word.len()) && word.bytes().all(plain))
}

/// Whether `text` has the form `name@host` or `Name <name@host>`.
pub(crate) fn is_mailbox(text: &str) -> bool {
    let address = match text.split_once('<') {
        Some((_, rest)) => match rest.strip_suffix('>') {
            Some(address) => address,
            None => return false,
        },
        None => text,
    };
    let odd =
        |character: char| character.is_whitespace() || character.is_control() || "<>,;".contains(character);
    let parts = address.rsplit_once('@');
    !text.contains(['\r', '\n'])
        && parts.is_some_and(|(name, host)| !name.is_empty() && !name.contains(odd) && is_host(host))
}

/// Reads the address something listens on: an IP address and a port.
pub(crate) fn listen(text: &str) -> Result<SocketAddr, Fault> {
    if let Ok(address) = text.parse() {
        return Ok(address);
    }
    if text.starts_with("unix:") {
        return Err(Fault::UnixNotAddress);
    }
    let (host, port) = split(text)?;
    match (host.parse::<IpAddr>(), port.parse::<u16>()) {
        (_, Err(_)) => Err(Fault::BadPort),
        (Err(_), Ok(_)) if host.is_empty() => Err(Fault::NoHost),
        (Err(_), Ok(_)) => Err(Fault::NameNotAddress),
        (Ok(address), Ok(port)) => Ok(SocketAddr::new(address, port)),
    }
}

/// Reads the address of a server: `host:port` or `unix:path`.
pub(crate) fn server(text: &str) -> Result<UpstreamAddress, Fault> {
    if let Some(path) = text.strip_prefix("unix:") {
        return match path.len() {
            0 => Err(Fault::NoPath),
            length if length > UNIX_PATH_BYTES_MAX => Err(Fault::PathTooLong),
            _ => Ok(UpstreamAddress::Unix(PathBuf::from(path))),
        };
    }
    let (host, port) = split(text)?;
    let port = port.parse::<u16>().ok().filter(|port| *port != 0).ok_or(Fault::BadPort)?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    if host.is_empty() {
        return Err(Fault::NoHost);
    }
    if host.parse::<Ipv6Addr>().is_err() && (host.len() > HOST_BYTES_MAX || !host.bytes().all(plain)) {
        return Err(Fault::BadHost);
    }
    Ok(UpstreamAddress::Tcp { host: host.into(), port })
}

fn split(text: &str) -> Result<(&str, &str), Fault> {
    if text.contains("://") {
        return Err(Fault::Url);
    }
    if let Some(rest) = text.strip_prefix('[') {
        let (host, rest) = rest.split_once(']').ok_or(Fault::NoBrackets)?;
        let port = rest.strip_prefix(':').ok_or(Fault::NoPort)?;
        return if host.parse::<Ipv6Addr>().is_ok() { Ok((host, port)) } else { Err(Fault::BadHost) };
    }
    if text.parse::<Ipv6Addr>().is_ok() {
        return Err(Fault::NoBrackets);
    }
    let (host, port) = text.rsplit_once(':').ok_or(Fault::NoPort)?;
    if host.contains(':') { Err(Fault::NoBrackets) } else { Ok((host, port)) }
}

/// Whether `text` can be the name of a listener or a workspace.
pub(crate) fn is_name(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'-');
    (1..=NAME_BYTES_MAX).contains(&text.len()) && text.bytes().all(plain)
}

/// Whether two addresses cannot both be listened on.
pub(crate) fn collide(one: SocketAddr, other: SocketAddr) -> bool {
    let (a, b) = (one.ip(), other.ip());
    let covers = a == b || (a.is_ipv4() == b.is_ipv4() && (a.is_unspecified() || b.is_unspecified()));
    one.port() == other.port() && one.port() != 0 && covers
}

/// Whether a connection to `upstream` from this machine surely arrives at `listen`.
pub(crate) fn arrives_at(upstream: &UpstreamAddress, listen: SocketAddr) -> bool {
    let UpstreamAddress::Tcp { host, port } = upstream else { return false };
    if *port != listen.port() {
        return false;
    }
    let ours = listen.ip().is_unspecified() || listen.ip().is_loopback();
    match host.parse::<IpAddr>() {
        Ok(address) if listen.ip().is_unspecified() => address.is_loopback() || address.is_unspecified(),
        Ok(address) => address == listen.ip() || (address.is_unspecified() && listen.ip().is_loopback()),
        Err(_) => host.eq_ignore_ascii_case("localhost") && ours,
    }
}

/// A list of servers, or one, as text.
pub(crate) mod upstream {
    use super::{UpstreamAddress, server};
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    #[derive(Deserialize)]
    #[serde(untagged)]
    enum OneOrMany {
        One(String),
        Many(Vec<String>),
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(input: D) -> Result<Vec<UpstreamAddress>, D::Error> {
        let texts = match OneOrMany::deserialize(input)? {
            OneOrMany::One(text) => vec![text],
            OneOrMany::Many(texts) => texts,
        };
        texts.iter().map(|text| server(text).map_err(D::Error::custom)).collect()
    }

    pub(crate) fn serialize<S: Serializer>(
        addresses: &[UpstreamAddress],
        output: S,
    ) -> Result<S::Ok, S::Error> {
        output.collect_seq(addresses.iter().map(ToString::to_string))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_server_is_a_host_and_a_port_or_a_unix_socket() {
        let check = |text: &str, expected: Result<&str, Fault>| {
            assert_eq!(server(text).map(|address| address.to_string()), expected.map(String::from), "{text}");
        };
        check("127.0.0.1:5432", Ok("127.0.0.1:5432"));
        check("db.internal:5432", Ok("db.internal:5432"));
        check("[::1]:5432", Ok("[::1]:5432"));
        check("unix:/run/postgresql/.s.PGSQL.5432", Ok("unix:/run/postgresql/.s.PGSQL.5432"));
        check("db.internal", Err(Fault::NoPort));
        check("db.internal:0", Err(Fault::BadPort));
        check("db.internal:65536", Err(Fault::BadPort));
        check("db.internal:port", Err(Fault::BadPort));
        check(":5432", Err(Fault::NoHost));
        check("db internal:5432", Err(Fault::BadHost));
        check("::1", Err(Fault::NoBrackets));
        check("::1:5432:5432", Err(Fault::NoBrackets));
        check("[::1]", Err(Fault::NoPort));
        check("[db]:5432", Err(Fault::BadHost));
        check("postgres://db.internal:5432/shop", Err(Fault::Url));
        check("unix:", Err(Fault::NoPath));
        check(&format!("unix:/{}", "x".repeat(107)), Err(Fault::PathTooLong));
    }

    #[test]
    fn a_listening_address_is_an_ip_address_and_a_port() {
        let check = |text: &str, expected: Result<&str, Fault>| {
            assert_eq!(listen(text).map(|address| address.to_string()), expected.map(String::from), "{text}");
        };
        check("127.0.0.1:6432", Ok("127.0.0.1:6432"));
        check("127.0.0.1:0", Ok("127.0.0.1:0"));
        check("[::]:6432", Ok("[::]:6432"));
        check("localhost:6432", Err(Fault::NameNotAddress));
        check(":6432", Err(Fault::NoHost));
        check("127.0.0.1", Err(Fault::NoPort));
        check("127.0.0.1:99999", Err(Fault::BadPort));
        check("::1", Err(Fault::NoBrackets));
        check("unix:/run/gateway", Err(Fault::UnixNotAddress));
    }

    #[test]
    fn an_address_of_every_interface_collides_with_each_of_its_family() {
        let check = |one: &str, other: &str, expected: bool| {
            assert_eq!(collide(one.parse().unwrap(), other.parse().unwrap()), expected, "{one} {other}");
            assert_eq!(collide(other.parse().unwrap(), one.parse().unwrap()), expected, "{other} {one}");
        };
        check("127.0.0.1:1", "127.0.0.1:1", true);
        check("0.0.0.0:1", "127.0.0.1:1", true);
        check("127.0.0.1:1", "127.0.0.1:2", false);
        check("127.0.0.1:1", "127.0.0.2:1", false);
        check("127.0.0.1:0", "127.0.0.1:0", false);
        check("[::]:1", "0.0.0.0:1", false);
    }

    #[test]
    fn a_listener_is_recognised_as_its_own_upstream() {
        let check = |upstream: &str, listen: &str, expected: bool| {
            assert_eq!(
                arrives_at(&server(upstream).unwrap(), listen.parse().unwrap()),
                expected,
                "{upstream}"
            );
        };
        check("127.0.0.1:6432", "127.0.0.1:6432", true);
        check("localhost:6432", "127.0.0.1:6432", true);
        check("LOCALHOST:6432", "0.0.0.0:6432", true);
        check("0.0.0.0:6432", "127.0.0.1:6432", true);
        check("127.0.0.1:5432", "127.0.0.1:6432", false);
        check("10.0.0.5:6432", "0.0.0.0:6432", false);
        check("localhost:6432", "10.0.0.5:6432", false);
        check("unix:/run/6432", "127.0.0.1:6432", false);
    }

    #[test]
    fn a_web_server_has_a_scheme_and_a_host_and_no_password() {
        let check =
            |text: &str, expected: Result<(), UrlFault>| assert_eq!(http_url(text), expected, "{text}");
        check("http://127.0.0.1:8432", Ok(()));
        check("https://dragoman.example.com/below", Ok(()));
        check("https://[::1]:8432/", Ok(()));
        check("https://[::1]", Ok(()));
        check("dragoman.example.com", Err(UrlFault::Scheme));
        check("ftp://dragoman.example.com", Err(UrlFault::Scheme));
        check("https://", Err(UrlFault::Host));
        check("https://host:99999", Err(UrlFault::Host));
        check("https://user:word@host", Err(UrlFault::Credentials));
        check("https://host/?a=b", Err(UrlFault::Query));
        check("https://host/a b", Err(UrlFault::Characters));
    }

    #[test]
    fn the_state_is_a_file_or_in_postgresql() {
        let check =
            |text: &str, expected: Result<(), UrlFault>| assert_eq!(state_url(text), expected, "{text}");
        check("sqlite:data/state.db", Ok(()));
        check("sqlite:/var/lib/state.db", Ok(()));
        check("sqlite:", Err(UrlFault::NoFile));
        check("sqlite:data/", Err(UrlFault::NoFile));
        check("sqlite://data/state.db", Err(UrlFault::NoFile));
        check("postgres://dragoman@db.internal:5432/dragoman", Ok(()));
        check("postgresql://db.internal/dragoman?sslmode=require", Ok(()));
        check("postgres:///dragoman", Err(UrlFault::Host));
        check("mysql://db.internal/dragoman", Err(UrlFault::Scheme));
    }

    #[test]
    fn egress_is_a_network_or_a_host() {
        let check = |text: &str, expected: bool| assert_eq!(is_egress(text), expected, "{text}");
        for good in [
            "10.0.0.0/8",
            "fd00::/8",
            "10.0.0.1",
            "db.internal",
            "db.internal:5432",
            "[::1]:5432",
            "[::1]",
            "::1",
        ] {
            check(good, true);
        }
        for bad in
            ["", "10.0.0.0/33", "fd00::/129", "db.internal/8", "db:0", "unix:/run/socket", "https://db", "*"]
        {
            check(bad, false);
        }
    }

    #[test]
    fn mail_comes_from_a_name_at_a_host() {
        let check = |text: &str, expected: bool| assert_eq!(is_mailbox(text), expected, "{text}");
        check("dragoman@example.com", true);
        check("The Gateway <dragoman@example.com>", true);
        check("dragoman", false);
        check("@example.com", false);
        check("a b@example.com", false);
        check("Gateway <dragoman@example.com", false);
        check("x@example.com\r\nBcc: y@example.com", false);
    }

    #[test]
    fn a_name_is_short_and_plain() {
        assert!(is_name("shop-2_a") && is_name(&"x".repeat(63)));
        assert!(!is_name("") && !is_name("Shop") && !is_name("shop front") && !is_name(&"x".repeat(64)));
    }
}
