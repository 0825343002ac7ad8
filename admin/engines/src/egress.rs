//! Which addresses may the control plane connect to?
//!
//! Who may add a connection chooses where the control plane connects to, so the operator says where
//! it may. A host name is resolved once, each address is checked, and the connection is made to a
//! checked address: a name that answers differently the second time gains nothing.

mod file;
mod rule;

use crate::error::{EngineError, ErrorClass};
use crate::target::Kind;
use rule::{Network, Rule};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

pub use rule::BadRule;

/// Longest wait for a name's addresses.
const RESOLVE_LIMIT: Duration = Duration::from_secs(5);
/// Most addresses of one name that are tried.
const ADDRESSES_MAX: usize = 16;
/// Longest host name (RFC 1035, 2.3.4).
const HOST_BYTES_MAX: usize = 253;

/// Cloud providers' metadata services outside link-local: they hand out credentials to whoever asks.
const METADATA: [IpAddr; 2] = [
    IpAddr::V4(Ipv4Addr::new(100, 100, 100, 200)),
    IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254)),
];

/// The operator's rules about where connections may lead.
///
/// Never reached, whatever the rules say: link-local addresses, cloud metadata services, multicast,
/// broadcast, the unspecified address. A refusing rule wins over an allowing one. Without allowing
/// rules everything else is allowed; with some, only what one of them names.
#[derive(Clone, Debug, Default)]
pub struct Egress {
    allow: Vec<Rule>,
    refuse: Vec<Rule>,
    own: Vec<SocketAddr>,
    sqlite_folder: Option<PathBuf>,
}

impl Egress {
    /// Compiles the operator's rules. Each is a network (`10.0.0.0/8`), an address, a host name or
    /// `*.domain`, any of them with `:port` behind it (an IPv6 address in brackets then).
    pub fn compile<S: AsRef<str>>(allow: &[S], refuse: &[S]) -> Result<Egress, BadRule> {
        let rules =
            |texts: &[S]| texts.iter().map(|text| Rule::read(text.as_ref())).collect::<Result<_, _>>();
        Ok(Egress { allow: rules(allow)?, refuse: rules(refuse)?, own: Vec::new(), sqlite_folder: None })
    }

    /// The same, and never to these: what this program listens on itself. The unspecified address
    /// stands for every address of this machine.
    #[must_use]
    pub fn without_own(mut self, addresses: impl IntoIterator<Item = SocketAddr>) -> Egress {
        self.own.extend(addresses);
        self
    }

    /// The same with the one folder whose SQLite files may be opened.
    #[must_use]
    pub fn with_sqlite_folder(mut self, folder: Option<PathBuf>) -> Egress {
        self.sqlite_folder = folder;
        self
    }

    /// The one folder whose SQLite files may be opened.
    pub fn sqlite_folder(&self) -> Option<&std::path::Path> {
        self.sqlite_folder.as_deref()
    }

    /// Whether a connection to `address` may be made for somebody who wrote `host`.
    pub fn allows(&self, host: &str, address: SocketAddr) -> bool {
        let ip = plain(address.ip());
        let port = address.port();
        if never(ip) || self.is_own(ip, port) {
            return false;
        }
        let names = |rule: &Rule| rule.names(host, ip, port);
        !self.refuse.iter().any(names) && (self.allow.is_empty() || self.allow.iter().any(names))
    }

    /// The addresses of `host` that may be connected to, resolved once.
    pub async fn resolve(&self, kind: Kind, host: &str, port: u16) -> Result<Vec<SocketAddr>, EngineError> {
        let known = is_host(host);
        if !known {
            return Err(EngineError::new(ErrorClass::Dns, kind, "the host is no host name and no address"));
        }
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let found = tokio::time::timeout(RESOLVE_LIMIT, tokio::net::lookup_host((bare, port))).await;
        let found: Vec<SocketAddr> = match found {
            Ok(Ok(addresses)) => addresses.take(ADDRESSES_MAX).collect(),
            Ok(Err(error)) => {
                let message = format!("`{host}` has no address");
                return Err(EngineError::new(ErrorClass::Dns, kind, message).with_detail(error.to_string()));
            }
            Err(_) => {
                let message = format!("the addresses of `{host}` could not be found in time");
                return Err(EngineError::new(ErrorClass::Dns, kind, message));
            }
        };
        if found.is_empty() {
            return Err(EngineError::new(ErrorClass::Dns, kind, format!("`{host}` has no address")));
        }
        let allowed: Vec<SocketAddr> =
            found.into_iter().filter(|address| self.allows(bare, *address)).collect();
        if allowed.is_empty() {
            // Which address it was is not said: the answer would map the network for who asks.
            let message = format!("connections to `{host}` on port {port} are not allowed from here");
            return Err(EngineError::new(ErrorClass::Egress, kind, message));
        }
        Ok(allowed)
    }

    fn is_own(&self, ip: IpAddr, port: u16) -> bool {
        self.own.iter().filter(|own| own.port() == port).any(|own| {
            let own = plain(own.ip());
            own == ip || (own.is_unspecified() && is_here(ip))
        })
    }
}

/// Whether the address is one of this machine's: only such a one can be bound to.
fn is_here(ip: IpAddr) -> bool {
    ip.is_loopback() || std::net::UdpSocket::bind((ip, 0)).is_ok()
}

/// An IPv4 address that is written as an IPv6 one (RFC 4291 2.5.5, RFC 6052 2.1) as what it is.
fn plain(ip: IpAddr) -> IpAddr {
    let IpAddr::V6(v6) = ip else { return ip };
    if v6.is_loopback() || v6.is_unspecified() {
        return ip;
    }
    if let Some(v4) = v6.to_ipv4() {
        return IpAddr::V4(v4);
    }
    match v6.segments() {
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            let [a, b] = high.to_be_bytes();
            let [c, d] = low.to_be_bytes();
            IpAddr::V4(Ipv4Addr::new(a, b, c, d))
        }
        _ => ip,
    }
}

fn never(ip: IpAddr) -> bool {
    if ip.is_unspecified() || ip.is_multicast() || METADATA.contains(&ip) {
        return true;
    }
    match ip {
        // 0.0.0.0/8 is "this network" (RFC 1122 3.2.1.3): some systems connect to themselves by it.
        IpAddr::V4(v4) => v4.is_link_local() || v4.is_broadcast() || v4.octets()[0] == 0,
        IpAddr::V6(v6) => Network::LINK_LOCAL_V6.holds(IpAddr::V6(v6)),
    }
}

/// Whether a text can be a host: what a resolver or a driver might read as a path, an option or a
/// second host never reaches one.
fn is_host(host: &str) -> bool {
    let bare = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host);
    !bare.is_empty()
        && bare.len() <= HOST_BYTES_MAX
        && !bare.starts_with('-')
        && bare.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':'))
}

#[cfg(test)]
mod tests;
