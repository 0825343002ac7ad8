//! Which ports does the demo use, and are they free?

use super::DemoError;
use std::env;
use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::ops::RangeInclusive;

/// The demo's ports, all on 127.0.0.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ports {
    /// Where clients connect.
    pub gateway: u16,
    /// Where `/metrics` and `/readyz` are.
    pub status: u16,
    /// Where the sample server listens.
    pub server: u16,
    /// Where the control plane's API is.
    pub admin: u16,
    /// The ports of MySQL, when that is wanted too.
    pub mysql: Option<MysqlPorts>,
}

/// The ports of the demo's MySQL side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MysqlPorts {
    /// Where clients connect.
    pub gateway: u16,
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
    /// The control plane.
    Admin,
    /// The gateway's MySQL clients.
    MysqlGateway,
    /// The MySQL sample server.
    MysqlServer,
}

impl fmt::Display for Wanted {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Wanted::Gateway => "the gateway",
            Wanted::Status => "metrics and health",
            Wanted::Server => "the sample server",
            Wanted::Admin => "the control plane",
            Wanted::MysqlGateway => "the gateway's MySQL side",
            Wanted::MysqlServer => "the MySQL sample server",
        })
    }
}

/// Below are the ports only root may open; the last has to leave room for five more.
const BASES: RangeInclusive<u16> = 1024..=65530;

/// Six ports from there do not exist, or are not for everybody.
#[derive(Debug, thiserror::Error)]
#[error(
    "six ports in a row are needed: choose the first from {} to {}, such as {}",
    BASES.start(),
    BASES.end(),
    option(7432)
)]
pub struct NoBase;

impl Ports {
    const DEFAULT: Ports = Ports { gateway: 6432, status: 9432, server: 6431, admin: 8432, mysql: None };
    const DEFAULT_MYSQL: MysqlPorts = MysqlPorts { gateway: 6033, server: 6034 };

    /// The usual ports, or six in a row from `base`, of which the fourth and the fifth are for MySQL.
    pub fn choose(base: Option<u16>, mysql: bool) -> Result<Ports, DemoError> {
        let Some(base) = base else {
            return Ok(Ports { mysql: mysql.then_some(Ports::DEFAULT_MYSQL), ..Ports::DEFAULT });
        };
        if !BASES.contains(&base) {
            return Err(NoBase.into());
        }
        let mysql = mysql.then_some(MysqlPorts { gateway: base + 3, server: base + 4 });
        Ok(Ports { gateway: base, status: base + 1, server: base + 2, admin: base + 5, mysql })
    }

    /// That nobody listens on them.
    pub fn check_free(self) -> Result<(), DemoError> {
        let wanted = [
            (Wanted::Gateway, self.gateway),
            (Wanted::Status, self.status),
            (Wanted::Server, self.server),
            (Wanted::Admin, self.admin),
        ];
        let mysql = self
            .mysql
            .map(|ports| [(Wanted::MysqlGateway, ports.gateway), (Wanted::MysqlServer, ports.server)]);
        for (wanted, port) in wanted.into_iter().chain(mysql.into_iter().flatten()) {
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

/// The first of the ports in a row, from the command line.
pub fn ports_base(text: &str) -> Result<u16, NoBase> {
    text.parse().ok().filter(|base| BASES.contains(base)).ok_or(NoBase)
}

/// What to write to get the ports from `base`, in the words of whoever started the demo.
pub(super) fn option(base: u16) -> String {
    // Set by make for what it runs.
    worded(base, env::var_os("MAKELEVEL").is_some())
}

fn worded(base: u16, under_make: bool) -> String {
    let option = format!("`--ports {base}`");
    if under_make { format!("{option}, that is `make demo ARGS=\"--ports {base}\"`") } else { option }
}

/// A base whose ports are free right now.
fn suggest() -> u16 {
    let is_free = |base: &u16| (*base..*base + 6).all(|port| bind(port).is_ok());
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
    fn a_base_gives_ports_in_a_row() {
        assert_eq!(Ports::choose(None, false).unwrap(), Ports::DEFAULT);
        let expected = Ports { gateway: 7000, status: 7001, server: 7002, admin: 7005, mysql: None };
        assert_eq!(Ports::choose(Some(7000), false).unwrap(), expected);
        let mysql = Some(MysqlPorts { gateway: 7003, server: 7004 });
        assert_eq!(Ports::choose(Some(7000), true).unwrap(), Ports { mysql, ..expected });
        assert_eq!(Ports::choose(None, true).unwrap().mysql, Some(Ports::DEFAULT_MYSQL));
        for mysql in [false, true] {
            assert!(Ports::choose(Some(65_530), mysql).is_ok());
            for base in [0, 1_023, 65_531, 65_535] {
                assert!(
                    matches!(Ports::choose(Some(base), mysql), Err(DemoError::PortsOutOfRange(_))),
                    "{base}"
                );
            }
        }
    }

    #[test]
    fn whatever_is_no_base_is_refused_with_the_same_sentence() {
        assert_eq!(ports_base("1024").unwrap(), 1024);
        assert_eq!(ports_base("65530").unwrap(), 65_530);
        for text in ["0", "1023", "65531", "80000", "-1", "many", ""] {
            let message = ports_base(text).unwrap_err().to_string();
            assert!(
                message.contains("choose the first from 1024 to 65530, such as `--ports 7432`"),
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
        let message = Ports { status: taken, gateway: 0, server: 0, admin: 0, mysql: None }
            .check_free()
            .unwrap_err()
            .to_string();
        for expected in [taken.to_string().as_str(), "metrics and health", "--ports"] {
            assert!(message.contains(expected), "{message}");
        }
    }
}
