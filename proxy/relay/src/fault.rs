//! Why did a connection not become a session, and who may know?

use crate::counters::LoginFailure;
use crate::listener::Crowded;
use crate::session::{Violation, sqlstate};
use exchange::{Protocol, Refusal, RefusalClass};
use std::io;
use wire_mysql::authentication::Obstacle as MysqlObstacle;
use wire_postgres::authentication::Obstacle;

/// A login that failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Fault {
    /// The client's connection broke or was closed.
    #[error("client connection")]
    Client(#[source] io::Error),
    /// The client broke the protocol.
    #[error("client broke the protocol")]
    Violation(#[source] Violation),
    /// The client sent more than `limits.login_bytes` before it was logged in.
    #[error("more than {0} bytes before the login was done")]
    LoginBytes(usize),
    /// The client's TLS handshake failed.
    #[error("client TLS handshake")]
    ClientTls(#[source] io::Error),
    /// TLS without the protocol's ALPN, where the client began TLS unasked.
    #[error("direct TLS without ALPN `postgresql`")]
    Alpn,
    /// The listener requires TLS.
    #[error("plaintext where the listener requires TLS")]
    TlsRequired,
    /// A limit on connections.
    #[error("too many connections")]
    Crowded(Crowded),
    /// No upstream answered.
    #[error("no upstream of listener `{listener}` is reachable")]
    Unreachable {
        /// The listener's name.
        listener: Box<str>,
        /// What the last one said.
        #[source]
        source: io::Error,
    },
    /// The upstream's connection broke or was closed during login.
    #[error("upstream connection")]
    Upstream(#[source] io::Error),
    /// The upstream refused the login; the client has its words.
    #[error("upstream refused the login")]
    Refused(Option<[u8; 5]>),
    /// The upstream asked for no proof.
    #[error("upstream granted the login without a challenge")]
    Unproved,
    /// The upstream asks for something that cannot be relayed.
    #[error("login cannot be relayed")]
    Obstacle(Obstacle),
    /// The same in MySQL's protocol.
    #[error("login cannot be relayed")]
    MysqlObstacle(MysqlObstacle),
    /// A rule does not let the login, or a setting it carries, pass.
    #[error("a rule refused the login")]
    NotPermitted(Box<Refusal>),
    /// The upstream takes no setting that makes the session read-only; another way is tried.
    #[error("upstream takes no `default_transaction_read_only` at login")]
    ReadOnlyRejected,
    /// The gateway is being stopped.
    #[error("the gateway is being stopped")]
    Stopping,
    /// The login took longer than `limits.login_seconds`.
    #[error("login took too long")]
    Timeout,
}

impl From<wire_postgres::Violation> for Fault {
    fn from(violation: wire_postgres::Violation) -> Fault {
        Fault::Violation(violation.into())
    }
}

impl From<wire_mysql::Violation> for Fault {
    fn from(violation: wire_mysql::Violation) -> Fault {
        Fault::Violation(violation.into())
    }
}

impl Fault {
    /// The label it is counted under.
    pub(crate) fn reason(&self) -> LoginFailure {
        match self {
            Fault::Client(_) => LoginFailure::Abandoned,
            Fault::Violation(_) | Fault::LoginBytes(_) | Fault::ClientTls(_) | Fault::Alpn => {
                LoginFailure::Malformed
            }
            Fault::Crowded(_) => LoginFailure::Limit,
            Fault::Unreachable { .. } | Fault::Upstream(_) => LoginFailure::Unreachable,
            Fault::Refused(_) | Fault::ReadOnlyRejected => LoginFailure::Upstream,
            Fault::TlsRequired
            | Fault::Unproved
            | Fault::Obstacle(_)
            | Fault::MysqlObstacle(_)
            | Fault::NotPermitted(_) => LoginFailure::Refused,
            Fault::Timeout => LoginFailure::Timeout,
            Fault::Stopping => LoginFailure::Abandoned,
        }
    }

    /// The setting that was reached, where one was.
    pub(crate) fn limit(&self) -> Option<&'static str> {
        match self {
            Fault::Crowded(Crowded::Listener) => Some("limits.connections"),
            Fault::Crowded(Crowded::User) => Some("limits.connections_per_user"),
            Fault::Crowded(Crowded::Address) => Some("limits.connections_per_address"),
            Fault::LoginBytes(_) => Some("limits.login_bytes"),
            Fault::Timeout => Some("limits.login_seconds"),
            _ => None,
        }
    }

    /// The SQLSTATE the client got.
    pub(crate) fn sqlstate(&self, protocol: Protocol) -> Option<[u8; 5]> {
        match self {
            Fault::Refused(sqlstate) => *sqlstate,
            other => other.refusal(protocol).map(|refusal| sqlstate(protocol, refusal.class)),
        }
    }

    /// What the client is told, where it is still there to be told and was not told by the upstream.
    pub(crate) fn refusal(&self, protocol: Protocol) -> Option<Refusal> {
        match self {
            Fault::Client(_)
            | Fault::ClientTls(_)
            | Fault::Alpn
            | Fault::Refused(_)
            | Fault::ReadOnlyRejected => None,
            Fault::Violation(violation) => {
                Some(Refusal::new(RefusalClass::ProtocolViolation, violation.to_string()))
            }
            Fault::LoginBytes(_) => Some(Refusal::new(RefusalClass::ProtocolViolation, self.to_string())),
            Fault::TlsRequired => Some(
                Refusal::new(RefusalClass::LoginRefused, "this listener requires TLS")
                    .with_hint(words(protocol).require_tls),
            ),
            Fault::NotPermitted(refusal) => Some((**refusal).clone()),
            Fault::Crowded(crowded) => Some(too_many(*crowded)),
            Fault::Unreachable { listener, .. } => Some(unreachable(listener)),
            Fault::Upstream(_) => {
                let message = "the server closed the connection during login";
                Some(
                    Refusal::new(RefusalClass::UpstreamUnreachable, message)
                        .with_hint("the server's log says why"),
                )
            }
            Fault::Unproved => Some(
                Refusal::new(
                    RefusalClass::LoginRefused,
                    "the server granted this login without asking for a proof",
                )
                .with_detail("it saw the gateway's address, not yours: anybody could log in this way")
                .with_hint(words(protocol).require_proof),
            ),
            Fault::Obstacle(obstacle) => Some(cannot_relay(*obstacle)),
            Fault::MysqlObstacle(obstacle) => Some(cannot_relay_mysql(obstacle)),
            Fault::Stopping => {
                let refusal = Refusal::new(RefusalClass::ShuttingDown, self.to_string());
                Some(refusal.with_hint("connect again"))
            }
            Fault::Timeout => Some(
                Refusal::new(RefusalClass::LoginRefused, "login took too long")
                    .with_hint("`limits.login_seconds` of the listener bounds it"),
            ),
        }
    }
}

/// What to do next, in the words of a protocol's clients and servers.
struct Words {
    require_tls: &'static str,
    require_proof: &'static str,
}

fn words(protocol: Protocol) -> Words {
    match protocol {
        Protocol::Postgres => Words {
            require_tls: "connect with `sslmode=require` or stricter",
            require_proof: "let the server ask for a password from the gateway's address (pg_hba.conf), or set `allow_unauthenticated = true` on the listener",
        },
        Protocol::Mysql => Words {
            require_tls: "connect with `--ssl-mode=REQUIRED` (MySQL) or `--ssl` (MariaDB)",
            require_proof: "give the account a password, connect to the upstream by TCP if it is a unix socket, or set `allow_unauthenticated = true` on the listener",
        },
    }
}

fn too_many(crowded: Crowded) -> Refusal {
    let (message, hint) = match crowded {
        Crowded::Listener => ("too many connections to this listener", "`limits.connections` bounds them"),
        Crowded::User => ("too many connections for this user", "`limits.connections_per_user` bounds them"),
        Crowded::Address => {
            ("too many connections from this address", "`limits.connections_per_address` bounds them")
        }
    };
    Refusal::new(RefusalClass::TooManyConnections, message).with_hint(hint)
}

fn unreachable(listener: &str) -> Refusal {
    Refusal::new(
        RefusalClass::UpstreamUnreachable,
        format!("no server behind listener `{listener}` can be reached"),
    )
    .with_hint("see /readyz of the gateway, and whether the server runs")
}

fn cannot_relay(obstacle: Obstacle) -> Refusal {
    let (message, hint) = match obstacle {
        Obstacle::Gss => (
            "GSSAPI authentication cannot be relayed: its tokens name the host the client connected to",
            "let the server ask for scram-sha-256 from the gateway's address (pg_hba.conf)",
        ),
        Obstacle::Sspi => (
            "SSPI authentication cannot be relayed: its tokens name the host the client connected to",
            "let the server ask for scram-sha-256 from the gateway's address (pg_hba.conf)",
        ),
        Obstacle::ChannelBinding => (
            "SCRAM with channel binding cannot be relayed over two TLS connections with different certificates",
            "connect with `channel_binding=disable`, or give the listener the server's own certificate and key (`listener.tls`); verification at the gateway will be a third way",
        ),
        Obstacle::Unknown(_) => (
            "the server asks for an authentication method this gateway does not know",
            "let the server ask for scram-sha-256 from the gateway's address (pg_hba.conf)",
        ),
    };
    Refusal::new(RefusalClass::LoginRefused, message).with_hint(hint)
}

fn cannot_relay_mysql(obstacle: &MysqlObstacle) -> Refusal {
    let hint = match obstacle {
        MysqlObstacle::UnlikeHops => {
            "use TLS on both (`listener.tls`, `upstream_tls`) or on neither; or log in once directly, after which the server remembers the password until it restarts"
        }
        MysqlObstacle::Clear => "use TLS on both (`listener.tls`, `upstream_tls`)",
        MysqlObstacle::HostBound(_) | MysqlObstacle::TooOld | MysqlObstacle::Unknown(_) => {
            "let the account use caching_sha2_password, mysql_native_password or ed25519"
        }
    };
    Refusal::new(RefusalClass::LoginRefused, format!("this login cannot be relayed: {obstacle}"))
        .with_hint(hint)
}
