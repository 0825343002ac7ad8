//! Which ports does the demo use, and are they free?

use super::DemoError;
use std::env;
use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::ops::RangeInclusive;

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

/// Below are the ports only root may open; the last has to leave room for two more.
const BASES: RangeInclusive<u16> = 1024..=65533;

/// Three ports from there do not exist, or are not for everybody.
#[derive(Debug, thiserror::Error)]
#[error(
    "three ports in a row are needed: choose the first from {} to {}, such as {}",
    BASES.start(),
    BASES.end(),
    option(7432)
)]
pub struct NoBase;

impl Ports {
    const DEFAULT: Ports = Ports { gateway: 6432, status: 9432, server: 6431 };

    /// The usual ports, or three in a row from `base`.
    pub fn choose(base: Option<u16>) -> Result<Ports, DemoError> {
        let Some(base) = base else { return Ok(Ports::DEFAULT) };
        if !BASES.contains(&base) {
            return Err(NoBase.into());
        }
        Ok(Ports { gateway: base, status: base + 1, server: base + 2 })
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

/// The first of three ports in a row, from the command line.
pub fn ports_base(text: &str) -> Result<u16, NoBase> {
    text.parse().ok().filter(|base| BASES.contains(base)).ok_or(NoBase)
}

/// What to write to get the three ports from `base`, in the words of whoever started the demo.
pub(super) fn option(base: u16) -> String {
    // Set by make for what it runs.
    worded(base, env::var_os("MAKELEVEL").is_some())
}

fn worded(base: u16, under_make: bool) -> String {
    let option = format!("`--ports {base}`");
    if under_make { format!("{option}, that is `make demo ARGS=\"--ports {base}\"`") } else { option }
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
        for base in [0, 1_023, 65_534, 65_535] {
            assert!(matches!(Ports::choose(Some(base)), Err(DemoError::PortsOutOfRange(_))), "{base}");
        }
    }

    #[test]
    fn whatever_is_no_base_is_refused_with_the_same_sentence() {
        assert_eq!(ports_base("1024").unwrap(), 1024);
        assert_eq!(ports_base("65533").unwrap(), 65_533);
        for text in ["0", "1023", "65534", "80000", "-1", "many", ""] {
            let message = ports_base(text).unwrap_err().to_string();
            assert!(
                message.contains("choose the first from 1024 to 65533, such as `--ports 7432`"),
                "{message}"
            );
        }
    }

    #[test]
    fn under_make_the_way_out_is_told_as_make_takes_it() {
        assert_eq!(worded(7432, false), "`--ports 7432`");
        assert_eq!(worded(7432, true), "`--ports 7432`, that is `make demo ARGS=\"--ports 7432\"`");
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
