//! What can one rule about addresses say?

use std::net::{IpAddr, Ipv6Addr};

/// A text that is no rule about addresses.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{rule}` is no rule about addresses: write a network (10.0.0.0/8), an address, or a host name, and a port behind it if need be (db.example.com:5432, [::1]:5432)"
)]
pub struct BadRule {
    /// The text.
    pub rule: String,
}

/// One rule: who, and on which port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Rule {
    who: Who,
    port: Option<u16>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Who {
    Network(Network),
    /// In lower case.
    Name(String),
    /// What `*.domain` stands for: `.domain`, in lower case.
    Below(String),
}

impl Rule {
    pub(super) fn read(text: &str) -> Result<Rule, BadRule> {
        let bad = || BadRule { rule: text.to_owned() };
        let trimmed = text.trim();
        if let Some(network) = Network::read(trimmed) {
            return Ok(Rule { who: Who::Network(network), port: None });
        }
        let (who, port) = match trimmed.rsplit_once(':') {
            Some((who, port)) => (who, Some(port.parse::<u16>().map_err(|_| bad())?)),
            None => (trimmed, None),
        };
        let bare = who.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(who);
        if let Some(network) = Network::read(bare) {
            return Ok(Rule { who: Who::Network(network), port });
        }
        let name = bare.trim_end_matches('.').to_ascii_lowercase();
        let (below, rest) = match name.strip_prefix("*.") {
            Some(rest) => (true, rest),
            None => (false, name.as_str()),
        };
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
        // A text of digits and dots is meant as an address, and is none.
        let numeric = rest.chars().all(|c| c.is_ascii_digit() || c == '.');
        if rest.is_empty() || numeric || !rest.chars().all(fits) {
            return Err(bad());
        }
        let who = if below { Who::Below(format!(".{rest}")) } else { Who::Name(rest.to_owned()) };
        Ok(Rule { who, port })
    }

    /// Whether the rule means a connection to `ip` for somebody who wrote `host`.
    pub(super) fn names(&self, host: &str, ip: IpAddr, port: u16) -> bool {
        if self.port.is_some_and(|only| only != port) {
            return false;
        }
        let host = host.trim_end_matches('.');
        match &self.who {
            Who::Network(network) => network.holds(ip),
            Who::Name(name) => host.eq_ignore_ascii_case(name),
            Who::Below(domain) => host.to_ascii_lowercase().ends_with(domain),
        }
    }
}

/// A network: an address and how many of its leading bits count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Network {
    address: IpAddr,
    bits: u32,
}

impl Network {
    pub(super) const LINK_LOCAL_V6: Network =
        Network { address: IpAddr::V6(Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0)), bits: 10 };

    fn read(text: &str) -> Option<Network> {
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().ok()?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = match bits {
            Some(bits) => bits.parse().ok().filter(|bits| *bits <= most)?,
            None => most,
        };
        Some(Network { address, bits })
    }

    pub(super) fn holds(self, ip: IpAddr) -> bool {
        match (self.address, ip) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                (own.to_bits() ^ other.to_bits()).checked_shr(32 - self.bits).unwrap_or(0) == 0
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                (own.to_bits() ^ other.to_bits()).checked_shr(128 - self.bits).unwrap_or(0) == 0
            }
            _ => false,
        }
    }
}
