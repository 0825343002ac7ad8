//! From where does a client come?

use exchange::Address;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Addresses that a rule or a setting names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Network {
    /// Unix sockets of this machine.
    Unix,
    /// All addresses that begin with the same `bits` as this one.
    Prefix(IpAddr, u8),
}

impl Network {
    /// `10.0.0.0/8`, `10.1.2.3`, `fd00::/8`, `unix`; what is wrong with it otherwise.
    pub fn of(text: &str) -> Result<Network, &'static str> {
        if text == "unix" {
            return Ok(Network::Unix);
        }
        let (address, bits) = text.split_once('/').map_or((text, None), |(one, bits)| (one, Some(bits)));
        let address: IpAddr = address
            .parse()
            .map_err(|_| "is no address: write `10.0.0.0/8`, `10.1.2.3`, `fd00::/8` or `unix`")?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = match bits {
            None => most,
            Some(bits) => {
                bits.parse().ok().filter(|bits| *bits <= most).ok_or("has too many bits behind `/`")?
            }
        };
        if first_bits(address, bits) != number(address) {
            return Err("has bits set behind its prefix: write the network's first address");
        }
        Ok(Network::Prefix(address, bits))
    }

    /// Whether `address` is one of them.
    pub fn contains(&self, address: Address) -> bool {
        match (self, address) {
            (Network::Unix, Address::Unix) => true,
            (Network::Unix, Address::Tcp(_)) | (Network::Prefix(..), Address::Unix) => false,
            (Network::Prefix(network, bits), Address::Tcp(peer)) => {
                // An IPv4 client of a socket for both families shows as `::ffff:10.0.0.1`.
                let peer = peer.ip().to_canonical();
                network.is_ipv4() == peer.is_ipv4() && first_bits(peer, *bits) == number(*network)
            }
        }
    }
}

fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(Ipv4Addr::to_bits(address)),
        IpAddr::V6(address) => Ipv6Addr::to_bits(address),
    }
}

fn first_bits(address: IpAddr, bits: u8) -> u128 {
    let width = if address.is_ipv4() { 32 } else { 128 };
    let rest = u32::from(width - bits.min(width));
    number(address).checked_shr(rest).and_then(|one| one.checked_shl(rest)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn an_address_is_in_a_network_that_it_begins_like() {
        let cases = [
            ("10.0.0.0/8", "10.200.1.1:5", true),
            ("10.0.0.0/8", "11.0.0.1:5", false),
            ("10.1.2.3", "10.1.2.3:5", true),
            ("10.1.2.3", "10.1.2.4:5", false),
            ("0.0.0.0/0", "1.2.3.4:5", true),
            ("0.0.0.0/0", "[::1]:5", false),
            ("10.0.0.0/8", "[::ffff:10.0.0.1]:5", true),
            ("fd00::/8", "[fd12::1]:5", true),
            ("::/0", "[fe80::1]:5", true),
            ("fd00::/8", "[fe80::1]:5", false),
            ("unix", "10.0.0.1:5", false),
        ];
        for (network, peer, expected) in cases {
            let address = Address::Tcp(peer.parse().unwrap());
            assert_eq!(Network::of(network).unwrap().contains(address), expected, "{network} and {peer}");
        }
        assert!(Network::of("unix").unwrap().contains(Address::Unix));
        assert!(!Network::of("0.0.0.0/0").unwrap().contains(Address::Unix));
    }

    #[test]
    fn what_is_no_network_is_refused() {
        for wrong in ["", "localhost", "10.0.0.0/33", "10.0.0.1/8", "::/129", "10.0.0.0/x", "10.0.0.0/"] {
            assert!(Network::of(wrong).is_err(), "{wrong}");
        }
    }
}
