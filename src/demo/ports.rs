//! Which ports does the demo use, and are they free?

use super::DemoError;
use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};

/// The demo's three ports, all on 127.0.0.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ports {
    /// Where clients connect.
    pub gateway: u16,
    /// Where `/metrics` and `/readyz` are.
    pub status: u16,
    /// Where the sample server listens.
    pub server: u16,
}

/// Who wants a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// The gateway's clients.
    Gateway,
    /// Metrics and health.
    Status,
    /// The sample server.
    Server,
}

impl fmt::Display for Wanted {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Wanted::Gateway => "the gateway",
            Wanted::Status => "metrics and health",
            Wanted::Server => "the sample server",
        })
    }
}

impl Ports {
    const DEFAULT: Ports = Ports { gateway: 6432, status: 9432, server: 6431 };

    /// The usual ports, or three in a row from `base`.
    pub fn choose(base: Option<u16>) -> Result<Ports, DemoError> {
        let Some(base) = base else { return Ok(Ports::DEFAULT) };
        match (base, base.checked_add(1), base.checked_add(2)) {
            (1.., Some(status), Some(server)) => Ok(Ports { gateway: base, status, server }),
            _ => Err(DemoError::PortsOutOfRange { base }),
        }
    }

    /// That nobody listens on them.
    pub fn check_free(self) -> Result<(), DemoError> {
        let wanted =
            [(Wanted::Gateway, self.gateway), (Wanted::Status, self.status), (Wanted::Server, self.server)];
        for (wanted, port) in wanted {
            match bind(port) {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
                    return Err(DemoError::PortTaken { port, wanted, suggestion: suggest() });
                }
                Err(source) => {
                    return Err(DemoError::PortRefused { port, wanted, suggestion: suggest(), source });
                }
            }
        }
        Ok(())
    }
}

/// A base whose three ports are free right now.
fn suggest() -> u16 {
    let is_free = |base: &u16| (*base..*base + 3).all(|port| bind(port).is_ok());
    (1..6).map(|step| 6432 + step * 1_000).find(is_free).unwrap_or(16_432)
}

fn bind(port: u16) -> io::Result<()> {
    TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).map(drop)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn a_base_gives_three_ports_in_a_row() {
        assert_eq!(Ports::choose(None).unwrap(), Ports::DEFAULT);
        let expected = Ports { gateway: 7000, status: 7001, server: 7002 };
        assert_eq!(Ports::choose(Some(7000)).unwrap(), expected);
        assert!(Ports::choose(Some(65_533)).is_ok());
        for base in [0, 65_534, 65_535] {
            assert!(matches!(Ports::choose(Some(base)), Err(DemoError::PortsOutOfRange { .. })), "{base}");
        }
    }

    #[test]
    fn a_taken_port_is_named_with_who_wanted_it_and_the_way_out() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let taken = listener.local_addr().unwrap().port();
        let message = Ports { status: taken, gateway: 0, server: 0 }.check_free().unwrap_err().to_string();
        for expected in [taken.to_string().as_str(), "metrics and health", "--ports"] {
            assert!(message.contains(expected), "{message}");
        }
    }
}
