//! What may a person try when a connection fails?

use super::ErrorClass;
use crate::target::Kind;

/// The tips for an error of `class` at a database of `kind`, the likeliest first.
pub(super) fn of(class: ErrorClass, kind: Kind) -> Vec<&'static str> {
    match class {
        ErrorClass::Dns => vec![
            "check the spelling of the host name",
            "the name must be known where the control plane runs, which may be another network than yours",
        ],
        ErrorClass::Refused => refused(kind),
        ErrorClass::Timeout => vec![
            "a firewall or security group that drops packets looks like this: let the control plane's address in",
            "is the host right, and is the server up?",
            "if a statement ran out of time: ask for less, or raise the limit",
        ],
        ErrorClass::Unreachable => vec![
            "no route leads from the control plane to this address: check the network, the VPN, the subnet",
            "an IPv6 address needs IPv6 where the control plane runs",
        ],
        ErrorClass::Tls => tls(kind),
        ErrorClass::Password => password(kind),
        ErrorClass::Database => database(kind),
        ErrorClass::Permission => permission(kind),
        ErrorClass::Egress => vec![
            "the operator of the control plane decides which addresses it may connect to: ask for this one, or use another",
            "link-local addresses, those of cloud metadata services and multicast are never connected to",
        ],
        ErrorClass::File => vec![
            "SQLite files are opened only inside the folder that the operator has named in the settings",
            "the file must exist, be a regular file, and be readable for the control plane's user",
            "is it a SQLite database? its first bytes are `SQLite format 3`",
        ],
        ErrorClass::Protocol => protocol(kind),
        ErrorClass::Statement => vec!["the server's own message says what it did not accept, and where"],
        ErrorClass::Cancelled => vec!["somebody cancelled the statement, or who asked for it went away"],
        ErrorClass::Limit => limit(kind),
        ErrorClass::Lost => vec![
            "the server restarted, or ended the session: try again",
            "a proxy or firewall between may end connections that are idle",
        ],
    }
}

fn refused(kind: Kind) -> Vec<&'static str> {
    let listening = match kind {
        Kind::Postgres => {
            "does it listen on this address? see `listen_addresses` and `port` in postgresql.conf; the default is localhost only"
        }
        Kind::Mysql => {
            "does it listen on this address? see `bind-address`, `port` and `skip-networking`; the default is often localhost only"
        }
        Kind::Sqlite => "SQLite has no server",
        Kind::SqlServer => {
            "does it listen on this address? TCP/IP is switched on in SQL Server Configuration Manager; a named instance has a port of its own there, 1433 is the default instance's"
        }
    };
    vec![
        "is the server running, and is the port right?",
        listening,
        "in a container `localhost` is the container itself: use the host's name, `host.docker.internal`, or the service's name",
        "a firewall may refuse for the server",
    ]
}

fn tls(kind: Kind) -> Vec<&'static str> {
    let server = match kind {
        Kind::Postgres => {
            "does the server have TLS? see `ssl` in postgresql.conf, and `hostssl` in pg_hba.conf"
        }
        Kind::Mysql => "does the server have TLS? see `have_ssl` and `require_secure_transport`",
        Kind::Sqlite => "SQLite has no TLS",
        Kind::SqlServer => {
            "every SQL Server has TLS, with a certificate that it makes itself unless it is given one: `require` takes it, verify-ca and verify-full do not"
        }
    };
    vec![
        server,
        "verify-ca and verify-full need the certificate of the authority that signed the server's, as PEM",
        "verify-full needs a certificate that names the host as it is written here; verify-ca does not look at the name",
        "an expired certificate, or a clock that is wrong, fails too",
    ]
}

fn password(kind: Kind) -> Vec<&'static str> {
    match kind {
        Kind::Postgres => vec![
            "check user and password; names are case-sensitive",
            "pg_hba.conf must have a line for this user, this database and the control plane's address",
            "a role needs LOGIN, and its password must not have expired (VALID UNTIL)",
        ],
        Kind::Mysql => vec![
            "check user and password; a user is `name`@`host`: is there one for the control plane's address?",
            "a user of caching_sha2_password needs TLS, or a server that hands out its RSA key",
            "users of auth_socket or unix_socket can only log in on the server's own machine",
        ],
        Kind::Sqlite => vec!["SQLite has no users"],
        Kind::SqlServer => vec![
            "check user and password: the login must be one of SQL Server, accounts of Windows and Entra are not used here",
            "the server must be in mixed mode (SQL Server and Windows Authentication)",
            "the server's own log says why a login failed (error 18456, by its state)",
        ],
    }
}

fn database(kind: Kind) -> Vec<&'static str> {
    match kind {
        Kind::Postgres => vec![
            "check the spelling; names are case-sensitive, and `\\l` in psql lists them",
            "without a name the server takes the user's name as the database's",
        ],
        Kind::Mysql => vec!["check the spelling: SHOW DATABASES lists what this user may see"],
        Kind::Sqlite => vec!["a SQLite file is the database"],
        Kind::SqlServer => vec![
            "check the spelling: sys.databases lists what this login may see",
            "a login needs a user in the database: CREATE USER … FOR LOGIN …",
        ],
    }
}

fn permission(kind: Kind) -> Vec<&'static str> {
    match kind {
        Kind::Postgres => vec![
            "the role may lack CONNECT on the database, USAGE on the schema, or SELECT on the table",
            "statements run in a transaction that only reads: what changes data is refused by the server",
        ],
        Kind::Mysql => vec![
            "SHOW GRANTS says what the user may do",
            "statements run in a transaction that only reads: what changes data is refused by the server",
        ],
        Kind::SqlServer => vec![
            "db_datareader and VIEW DEFINITION are what reading needs: ALTER ROLE db_datareader ADD MEMBER …",
            "only what is known to read passes: one SELECT, without procedures, functions of your own and hints that lock",
        ],
        Kind::Sqlite => {
            vec!["SQLite files are opened to be read: no writes, no ATTACH, no settings, no extensions"]
        }
    }
}

fn protocol(kind: Kind) -> Vec<&'static str> {
    let other = match kind {
        Kind::Postgres => "is there a PostgreSQL server on this port? MySQL's is 3306, PostgreSQL's 5432",
        Kind::Mysql => "is there a MySQL server on this port? PostgreSQL's is 5432, MySQL's 3306",
        Kind::Sqlite => "is it a SQLite database, of version 3?",
        Kind::SqlServer => "is there a SQL Server on this port? its default instance has 1433",
    };
    vec![other, "a load balancer or a web server may answer instead"]
}

fn limit(kind: Kind) -> Vec<&'static str> {
    match kind {
        Kind::Postgres => vec![
            "if the server has no connection left: see `max_connections`, the role's CONNECTION LIMIT, or use a pooler",
            "if a result or a statement is too large: ask for less of it",
        ],
        Kind::Mysql => vec![
            "if the server has no connection left: see `max_connections` and `max_user_connections`",
            "if a result or a statement is too large: ask for less of it",
        ],
        Kind::SqlServer => vec![
            "if the server has no memory, workers or sessions left: see sys.dm_exec_sessions, and the limits of the service tier on Azure",
            "if a result or a statement is too large: ask for less of it",
        ],
        Kind::Sqlite => vec!["if a result or a statement is too large: ask for less of it"],
    }
}
