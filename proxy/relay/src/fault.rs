//! Why did a connection not become a session, and who may know?

use crate::counters::LoginFailure;
use crate::limit::Limit;
use crate::listener::Crowded;
use crate::session::{Violation, sqlstate};
use crate::throttle::Throttled;
use crate::upstream::is_own_shortage;
use exchange::{Protocol, Refusal, RefusalClass};
use std::io;
use wire_mysql::authentication::Obstacle as MysqlObstacle;
use wire_postgres::authentication::Obstacle;
use wire_postgres::scram::Mistake;
use wire_postgres::verification::Obstacle as Unprovable;

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
    #[error("more than {0} bytes (`limits.login_bytes`) before the login was done")]
    LoginBytes(usize),
    /// A load balancer did not say whose connection it brings.
    #[error("no PROXY header from an address that has to send one")]
    NoHeader,
    /// The client's TLS handshake failed.
    #[error("client TLS handshake")]
    ClientTls(#[source] io::Error),
    /// TLS without the protocol's ALPN, where the client began TLS unasked.
    #[error("direct TLS without ALPN `postgresql`")]
    Alpn,
    /// The listener requires TLS.
    #[error("plaintext where the listener requires TLS")]
    TlsRequired,
    /// The listener requires a certificate of the client's.
    #[error("no client certificate where the listener requires one")]
    CertificateRequired,
    /// The client's certificate was good when it was shown, and is no longer.
    #[error("the client certificate has expired")]
    CertificateExpired,
    /// The client's certificate names others than the role that is asked for.
    #[error("the client certificate does not name the role")]
    CertificateOfAnother,
    /// A limit on connections.
    #[error("too many connections")]
    Crowded(Crowded),
    /// `limits.logins`: the place went to a login that waited for its turn.
    #[error("too many logins at once, and this one kept the gateway waiting")]
    GaveWay,
    /// `limits.login_failures`: it was not tried.
    #[error("too many failed logins from this address")]
    Throttled(Throttled),
    /// No upstream answered.
    #[error("no upstream of listener `{listener}` is reachable")]
    Unreachable {
        /// The listener's name.
        listener: Box<str>,
        /// What the last one said.
        #[source]
        source: io::Error,
    },
    /// The client did not answer the server's greeting (MySQL).
    #[error("the server's greeting was not answered")]
    Unanswered,
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
    /// The client's proof is not that of the password.
    #[error("wrong password")]
    WrongPassword {
        /// As whom.
        user: Box<str>,
    },
    /// The client's proof is none.
    #[error("the client broke the protocol of its proof")]
    Mistaken(Mistake),
    /// What is stored of the password could not be looked up.
    #[error("what the login is verified by could not be looked up")]
    Lookup,
    /// The client's proof was right, and the upstream has another password.
    #[error("the upstream has another password")]
    Outdated {
        /// As whom.
        user: Box<str>,
    },
    /// The client's proof was right, and the upstream refused the login; the client has its words.
    #[error("upstream refused the login")]
    RefusedProved(Option<[u8; 5]>),
    /// The client's proof was right, and the upstream asks for something that does not follow from it.
    #[error("login cannot be proved upstream")]
    Unverifiable(Unprovable),
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
            Fault::ClientTls(error) if is_about_certificate(error) => LoginFailure::Refused,
            Fault::Violation(_)
            | Fault::LoginBytes(_)
            | Fault::NoHeader
            | Fault::ClientTls(_)
            | Fault::Alpn => LoginFailure::Malformed,
            Fault::Crowded(_) | Fault::GaveWay => LoginFailure::Limit,
            Fault::Throttled(_) => LoginFailure::Throttled,
            Fault::Unreachable { source, .. } if is_own_shortage(source) => LoginFailure::Limit,
            Fault::Unreachable { .. } | Fault::Upstream(_) => LoginFailure::Unreachable,
            Fault::Refused(_) | Fault::RefusedProved(_) | Fault::ReadOnlyRejected => LoginFailure::Upstream,
            Fault::WrongPassword { .. } | Fault::Outdated { .. } => LoginFailure::Password,
            Fault::Mistaken(mistake) if mistake.is_binding() => LoginFailure::Refused,
            Fault::Mistaken(_) => LoginFailure::Malformed,
            Fault::Lookup => LoginFailure::Lookup,
            Fault::TlsRequired
            | Fault::CertificateRequired
            | Fault::CertificateExpired
            | Fault::CertificateOfAnother
            | Fault::Unproved
            | Fault::Obstacle(_)
            | Fault::MysqlObstacle(_)
            | Fault::Unverifiable(_)
            | Fault::NotPermitted(_) => LoginFailure::Refused,
            Fault::Timeout | Fault::Unanswered => LoginFailure::Timeout,
            Fault::Stopping => LoginFailure::Abandoned,
        }
    }

    /// The setting that was reached, where one was.
    pub(crate) fn limit(&self) -> Option<Limit> {
        match self {
            Fault::Crowded(Crowded::Listener) => Some(Limit::Connections),
            Fault::Crowded(Crowded::User) => Some(Limit::ConnectionsPerUser),
            Fault::Crowded(Crowded::Address) => Some(Limit::ConnectionsPerAddress),
            Fault::GaveWay => Some(Limit::Logins),
            Fault::Throttled(_) => Some(Limit::LoginFailures),
            Fault::LoginBytes(_) => Some(Limit::LoginBytes),
            Fault::Timeout => Some(Limit::LoginSeconds),
            _ => None,
        }
    }

    /// Whether it is for the ledger. A login that was not tried is once a minute for each address: who guesses
    /// would fill the disk.
    pub(crate) fn is_recorded(&self) -> bool {
        !matches!(self, Fault::Throttled(Throttled { tell: false }))
    }

    /// Whether somebody proved not to be who he said: what `limits.login_failures` counts.
    pub(crate) fn is_failed_proof(&self, protocol: Protocol) -> bool {
        let wrong = match protocol {
            Protocol::Postgres => b"28P01",
            Protocol::Mysql => b"28000",
        };
        match self {
            Fault::Refused(Some(sqlstate)) => sqlstate == wrong,
            Fault::WrongPassword { .. } | Fault::Mistaken(_) => true,
            _ => false,
        }
    }

    /// The SQLSTATE the client got.
    pub(crate) fn sqlstate(&self, protocol: Protocol) -> Option<[u8; 5]> {
        match self {
            Fault::Refused(sqlstate) | Fault::RefusedProved(sqlstate) => *sqlstate,
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
            | Fault::RefusedProved(_)
            | Fault::ReadOnlyRejected => None,
            Fault::Violation(violation) => {
                Some(Refusal::new(RefusalClass::ProtocolViolation, violation.to_string()))
            }
            Fault::LoginBytes(_) => Some(Refusal::new(RefusalClass::ProtocolViolation, self.to_string())),
            Fault::NoHeader => Some(
                Refusal::new(
                    RefusalClass::ProtocolViolation,
                    "the connection does not begin with a PROXY header that can be read",
                )
                .with_hint("`proxy_protocol_from` of the listener says that this address sends one"),
            ),
            Fault::TlsRequired => Some(
                Refusal::new(RefusalClass::LoginRefused, "this listener requires TLS")
                    .with_hint(words(protocol).require_tls),
            ),
            Fault::CertificateRequired | Fault::CertificateExpired | Fault::CertificateOfAnother => {
                Some(self.of_certificate(protocol))
            }
            Fault::NotPermitted(refusal) => Some((**refusal).clone()),
            Fault::Crowded(crowded) => Some(too_many(*crowded)),
            Fault::GaveWay => {
                let hint = "`limits.logins` bounds them; connect again";
                Some(Refusal::new(RefusalClass::TooManyConnections, self.to_string()).with_hint(hint))
            }
            Fault::Throttled(_) => {
                let hint =
                    "wait a minute, then use the right password: `limits.login_failures` bounds wrong ones";
                Some(Refusal::new(RefusalClass::TooManyConnections, self.to_string()).with_hint(hint))
            }
            Fault::Unreachable { source, .. } if is_own_shortage(source) => Some(out_of_descriptors()),
            Fault::Unreachable { listener, .. } => Some(unreachable(listener)),
            Fault::Upstream(_) => {
                let message = "the server closed the connection during login";
                Some(
                    Refusal::new(RefusalClass::UpstreamUnreachable, message)
                        .with_hint("the server's log says why"),
                )
            }
            Fault::Unproved => Some(unproved(protocol)),
            Fault::WrongPassword { user } | Fault::Outdated { user } => Some(wrong_password(user)),
            Fault::Mistaken(mistake) => Some(no_proof(*mistake)),
            Fault::Lookup => Some(not_looked_up()),
            Fault::Unverifiable(obstacle) => Some(cannot_prove(*obstacle)),
            Fault::Obstacle(obstacle) => Some(cannot_relay(*obstacle)),
            Fault::MysqlObstacle(obstacle) => Some(cannot_relay_mysql(obstacle)),
            Fault::Stopping => {
                let refusal = Refusal::new(RefusalClass::ShuttingDown, self.to_string());
                Some(refusal.with_hint("connect again"))
            }
            Fault::Unanswered => Some(
                Refusal::new(RefusalClass::LoginRefused, "the server's greeting was not answered in time")
                    .with_hint("a server waits ten seconds for a response, and the gateway eight"),
            ),
            Fault::Timeout => Some(
                Refusal::new(RefusalClass::LoginRefused, "login took too long")
                    .with_hint("`limits.login_seconds` of the listener bounds it"),
            ),
        }
    }
}

impl Fault {
    fn of_certificate(&self, protocol: Protocol) -> Refusal {
        let (message, hint) = match self {
            Fault::CertificateExpired => {
                ("the client certificate has expired", "connect anew, with one that has not")
            }
            Fault::CertificateOfAnother => (
                "the client certificate is not this user's",
                "log in as whom its common name, or a DNS or mail name of it, spells; `authentication.certificate` of the listener asks for that",
            ),
            _ => ("this listener requires a client certificate", words(protocol).show_certificate),
        };
        Refusal::new(RefusalClass::LoginRefused, message).with_hint(hint)
    }
}

/// Whether a TLS handshake failed because of the certificate that the client has shown.
pub(crate) fn is_about_certificate(error: &io::Error) -> bool {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    matches!(inner, Some(rustls::Error::InvalidCertificate(_)))
}

/// What to do next, in the words of a protocol's clients and servers.
struct Words {
    require_tls: &'static str,
    show_certificate: &'static str,
    require_proof: &'static str,
}

fn words(protocol: Protocol) -> Words {
    match protocol {
        Protocol::Postgres => Words {
            require_tls: "connect with `sslmode=require` or stricter",
            show_certificate: "connect with `sslmode=require` or stricter, and with `sslcert` and `sslkey`",
            require_proof: "let the server ask for a password from the gateway's address (pg_hba.conf), or set `allow_unauthenticated = true` on the listener",
        },
        Protocol::Mysql => Words {
            require_tls: "connect with `--ssl-mode=REQUIRED` (MySQL) or `--ssl` (MariaDB)",
            show_certificate: "connect over TLS with `--ssl-cert` and `--ssl-key`",
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

fn out_of_descriptors() -> Refusal {
    let message = "the gateway has no file descriptor left for a connection to the server";
    Refusal::new(RefusalClass::TooManyConnections, message)
        .with_hint("try again when others have left, or have the gateway's limit on open files raised")
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
            "connect with `channel_binding=disable`, or give the listener the server's own certificate and key (`listener.tls`); or let the gateway verify logins (`authentication.mode`)",
        ),
        Obstacle::Unknown(_) => (
            "the server asks for an authentication method this gateway does not know",
            "let the server ask for scram-sha-256 from the gateway's address (pg_hba.conf)",
        ),
    };
    Refusal::new(RefusalClass::LoginRefused, message).with_hint(hint)
}

fn unproved(protocol: Protocol) -> Refusal {
    let message = "the server granted this login without asking for a proof";
    Refusal::new(RefusalClass::LoginRefused, message)
        .with_detail("it saw the gateway's address, not yours: anybody could log in this way")
        .with_hint(words(protocol).require_proof)
}

/// In PostgreSQL's own words.
fn wrong_password(user: &str) -> Refusal {
    Refusal::new(RefusalClass::WrongPassword, format!("password authentication failed for user \"{user}\""))
}

fn not_looked_up() -> Refusal {
    let message = "the gateway cannot look up what this login is verified by";
    Refusal::new(RefusalClass::LoginRefused, message).with_hint(
        "the gateway's log says why, and which GRANT the listener's probe lacks where it lacks one",
    )
}

/// PostgreSQL's own numbers: a binding that does not fit is a login that is not accepted.
fn no_proof(mistake: Mistake) -> Refusal {
    let class =
        if mistake.is_binding() { RefusalClass::LoginRefused } else { RefusalClass::ProtocolViolation };
    Refusal::new(class, mistake.to_string())
}

fn cannot_prove(obstacle: Unprovable) -> Refusal {
    let hint = match obstacle {
        Unprovable::Password | Unprovable::Gss | Unprovable::Sspi => {
            "let the server ask for scram-sha-256 from the gateway's address (pg_hba.conf), or let the gateway relay logins (`authentication.mode`)"
        }
        Unprovable::Unknown(_) | Unprovable::Mechanism => {
            "let the server ask for scram-sha-256 from the gateway's address (pg_hba.conf)"
        }
        Unprovable::Stripped | Unprovable::Impostor => {
            "see what is between the gateway and its upstream, and use `verify-full` (`upstream_tls`)"
        }
    };
    Refusal::new(RefusalClass::LoginRefused, obstacle.to_string()).with_hint(hint)
}

fn cannot_relay_mysql(obstacle: &MysqlObstacle) -> Refusal {
    let hint = match obstacle {
        MysqlObstacle::UnlikeHops => {
            "use TLS on both (`listener.tls`, `upstream_tls`) or on neither; or log in once directly, after which the server remembers the password until it restarts"
        }
        MysqlObstacle::UntrustedKey => {
            "use TLS to the server (`upstream_tls`), or say `upstream_tls` is `disable` where nobody can be in between"
        }
        MysqlObstacle::BadKey => "use TLS to the server (`upstream_tls`); it needs no key then",
        MysqlObstacle::AnotherKey => {
            "let the client ask for the key instead of bringing one (`--get-server-public-key`), or use TLS to the gateway (`listener.tls`)"
        }
        MysqlObstacle::Clear => "use TLS on both (`listener.tls`, `upstream_tls`)",
        MysqlObstacle::HostBound(_) | MysqlObstacle::TooOld | MysqlObstacle::Unknown(_) => {
            "let the account use caching_sha2_password, mysql_native_password or ed25519"
        }
        MysqlObstacle::Name => "let the client use utf8mb4 as its character set",
    };
    Refusal::new(RefusalClass::LoginRefused, format!("this login cannot be relayed: {obstacle}"))
        .with_hint(hint)
}
