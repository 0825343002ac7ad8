//! Which class has an error that a driver reports?

use super::{EngineError, ErrorClass};
use crate::postgres::frames::TooLarge;
use crate::target::Kind;
use std::error::Error as StdError;
use std::io;

/// Longest text of a server that is kept, in bytes: a message may quote a whole statement.
const DETAIL_BYTES_MAX: usize = 8 * 1024;

/// An error of a socket. `place` says where it was going.
pub(crate) fn from_io(kind: Kind, place: &str, error: &io::Error) -> EngineError {
    if let Some(tls) = tls_cause(error) {
        return tls_error(kind, tls);
    }
    let (class, message) = match error.kind() {
        io::ErrorKind::ConnectionRefused => {
            (ErrorClass::Refused, format!("`{place}` refused the connection"))
        }
        io::ErrorKind::TimedOut => (ErrorClass::Timeout, format!("`{place}` did not answer in time")),
        io::ErrorKind::HostUnreachable
        | io::ErrorKind::NetworkUnreachable
        | io::ErrorKind::AddrNotAvailable
        | io::ErrorKind::NetworkDown
        | io::ErrorKind::InvalidInput => (ErrorClass::Unreachable, format!("no way leads to `{place}`")),
        _ => (ErrorClass::Lost, format!("the connection to `{place}` broke")),
    };
    EngineError::new(class, kind, message).with_detail(short(&error.to_string()))
}

/// An error of tokio-postgres.
pub(crate) fn from_postgres(place: &str, error: &tokio_postgres::Error) -> EngineError {
    use tokio_postgres::error::ErrorPosition;
    let kind = Kind::Postgres;
    if let Some(server) = error.as_db_error() {
        let code = server.code().code();
        let mut detail = server.message().to_owned();
        for more in [server.detail(), server.hint()].into_iter().flatten() {
            detail.push('\n');
            detail.push_str(more);
        }
        let position = match server.position() {
            Some(ErrorPosition::Original(position)) => Some(*position),
            Some(ErrorPosition::Internal { .. }) | None => None,
        };
        let class = postgres_class(code);
        return EngineError::new(class, kind, server_message(class, code))
            .with_detail(short(&detail))
            .with_sqlstate(code)
            .with_position(position);
    }
    if let Some(cause) = cause::<io::Error>(error) {
        match cause.get_ref().and_then(|inner| inner.downcast_ref::<TooLarge>()) {
            Some(TooLarge { is_row: true, .. }) => {
                return EngineError::new(ErrorClass::Limit, kind, "one row is larger than can be taken in");
            }
            Some(_) => return broken_protocol(kind, place, &error.to_string()),
            None => {}
        }
        let broken = [io::ErrorKind::UnexpectedEof, io::ErrorKind::InvalidData, io::ErrorKind::InvalidInput];
        if broken.contains(&cause.kind()) && tls_cause(cause).is_none() {
            return broken_protocol(kind, place, &error.to_string());
        }
        return from_io(kind, place, cause);
    }
    let text = with_causes(error);
    if error.is_closed() {
        return EngineError::new(ErrorClass::Lost, kind, format!("the connection to `{place}` broke"));
    }
    if text.contains("TLS") {
        let message = "the server does not offer an encrypted connection, or it could not be agreed on";
        return EngineError::new(ErrorClass::Tls, kind, message).with_detail(short(&text));
    }
    if text.contains("authentication") || text.contains("password") {
        let message = "the server asks for a proof of identity that cannot be given";
        return EngineError::new(ErrorClass::Password, kind, message).with_detail(short(&text));
    }
    broken_protocol(kind, place, &text)
}

fn broken_protocol(kind: Kind, place: &str, text: &str) -> EngineError {
    let message = format!("what answers at `{place}` does not speak the protocol of {kind}");
    EngineError::new(ErrorClass::Protocol, kind, message).with_detail(short(text))
}

/// The class of PostgreSQL's SQLSTATE (the manual's appendix A).
fn postgres_class(code: &str) -> ErrorClass {
    match code {
        "28P01" | "28000" => ErrorClass::Password,
        "3D000" => ErrorClass::Database,
        "42501" | "25006" => ErrorClass::Permission,
        "57014" => ErrorClass::Cancelled,
        // Starting up, shutting down, or the session was ended.
        "57P01" | "57P02" | "57P03" | "57P05" => ErrorClass::Lost,
        _ => match code.get(..2) {
            Some("08") => ErrorClass::Lost,
            Some("53" | "54") => ErrorClass::Limit,
            _ => ErrorClass::Statement,
        },
    }
}

/// An error of `mysql_async`.
pub(crate) fn from_mysql(place: &str, error: &mysql_async::Error) -> EngineError {
    use mysql_async::{DriverError, Error, IoError};
    let kind = Kind::Mysql;
    match error {
        Error::Server(server) => {
            let class = mysql_class(server.code);
            EngineError::new(
                class,
                kind,
                server_message(class, &format!("{} / {}", server.code, server.state)),
            )
            .with_detail(short(&server.message))
            .with_sqlstate(server.state.clone())
        }
        Error::Io(IoError::Io(cause)) if cause.to_string().contains("max_allowed_packet") => {
            EngineError::new(ErrorClass::Limit, kind, "one row is larger than can be taken in")
        }
        Error::Io(IoError::Io(cause)) => match cause.kind() {
            io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => {
                broken_protocol(kind, place, &cause.to_string())
            }
            io::ErrorKind::UnexpectedEof => {
                EngineError::new(ErrorClass::Lost, kind, format!("the connection to `{place}` broke"))
            }
            _ => from_io(kind, place, cause),
        },
        Error::Driver(DriverError::ConnectionClosed | DriverError::PoolDisconnected) => {
            EngineError::new(ErrorClass::Lost, kind, format!("the connection to `{place}` broke"))
        }
        Error::Driver(DriverError::StmtParamsMismatch { required, supplied }) => EngineError::new(
            ErrorClass::Statement,
            kind,
            format!("the statement has {required} parameters and {supplied} were given"),
        ),
        Error::Driver(DriverError::PacketTooLarge) => {
            EngineError::new(ErrorClass::Limit, kind, "one row is larger than can be taken in")
        }
        Error::Driver(
            DriverError::UnknownAuthPlugin { .. }
            | DriverError::CleartextPluginDisabled
            | DriverError::MysqlOldPasswordDisabled,
        ) => EngineError::new(
            ErrorClass::Password,
            kind,
            "the server asks for a proof of identity that is not given: another way to log in is needed",
        )
        .with_detail(short(&error.to_string())),
        Error::Driver(DriverError::LocalInfile(_)) => {
            EngineError::new(ErrorClass::Permission, kind, "the server asked for a file of the control plane")
        }
        Error::Io(IoError::Tls(cause)) => tls_error(kind, &short(&cause.to_string())),
        // A driver's error may hold what the server sent: its words are for the person only.
        Error::Driver(_) | Error::Other(_) | Error::Url(_) => {
            broken_protocol(kind, place, &error.to_string())
        }
    }
}

/// The class of an error number of MySQL or MariaDB.
fn mysql_class(code: u16) -> ErrorClass {
    match code {
        1045 | 1698 | 1130 | 1862 | 3118 | 4151 => ErrorClass::Password,
        1049 => ErrorClass::Database,
        // Access denied for a database, table, column, routine or view; a transaction or a server
        // that only reads.
        1044 | 1142 | 1143 | 1227 | 1290 | 1345 | 1370 | 1792 | 1836 => ErrorClass::Permission,
        1040 | 1041 | 1129 | 1153 | 1203 | 1226 | 1037 | 1038 => ErrorClass::Limit,
        1317 => ErrorClass::Cancelled,
        // max_statement_time of MariaDB, max_execution_time of MySQL, a lock waited for too long.
        1969 | 3024 | 1205 => ErrorClass::Timeout,
        1053 | 1077 | 1152 | 1927 | 2006 | 2013 => ErrorClass::Lost,
        3159 => ErrorClass::Tls,
        _ => ErrorClass::Statement,
    }
}

/// An error of SQLite.
pub(crate) fn from_sqlite(error: &rusqlite::Error) -> EngineError {
    use rusqlite::{Error, ErrorCode};
    let kind = Kind::Sqlite;
    let (code, detail, offset) = match error {
        Error::SqliteFailure(code, text) => (*code, text.clone().unwrap_or_else(|| error.to_string()), None),
        Error::SqlInputError { error, msg, offset, .. } => {
            (*error, msg.clone(), u32::try_from(*offset).ok().map(|offset| offset.saturating_add(1)))
        }
        Error::MultipleStatement => {
            return EngineError::new(ErrorClass::Statement, kind, "the text holds more than one statement");
        }
        Error::InvalidParameterCount(given, needed) => {
            let message = format!("the statement has {needed} parameters and {given} were given");
            return EngineError::new(ErrorClass::Statement, kind, message);
        }
        Error::NulError(_) => {
            return EngineError::new(ErrorClass::Statement, kind, "the text holds a NUL character");
        }
        other => {
            return EngineError::new(ErrorClass::Statement, kind, "the statement failed")
                .with_detail(short(&other.to_string()));
        }
    };
    let (class, message) = match code.code {
        ErrorCode::OperationInterrupted => (ErrorClass::Cancelled, "the statement was cancelled"),
        ErrorCode::AuthorizationForStatementDenied | ErrorCode::ReadOnly => {
            (ErrorClass::Permission, "SQLite files are only read: the statement does something else")
        }
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => {
            (ErrorClass::Timeout, "another program has locked the file for too long")
        }
        ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt => {
            (ErrorClass::File, "the file is no SQLite database, or a broken one")
        }
        ErrorCode::CannotOpen
        | ErrorCode::PermissionDenied
        | ErrorCode::SystemIoFailure
        | ErrorCode::NoLargeFileSupport => (ErrorClass::File, "the file cannot be read"),
        ErrorCode::TooBig | ErrorCode::OutOfMemory => {
            (ErrorClass::Limit, "a value or the statement is too large")
        }
        _ => (ErrorClass::Statement, "the statement is not accepted or failed"),
    };
    EngineError::new(class, kind, message).with_detail(short(&detail)).with_position(offset)
}

/// An error of tiberius, the driver of SQL Server.
pub(crate) fn from_sqlserver(place: &str, error: &tiberius::error::Error) -> EngineError {
    use tiberius::error::Error;
    let kind = Kind::SqlServer;
    match error {
        Error::Server(server) => {
            let class = sqlserver_class(server.code());
            let code = format!("{} / {}", server.code(), server.state());
            EngineError::new(class, kind, server_message(class, &code)).with_detail(short(server.message()))
        }
        // What ends behind the link is told by its end.
        Error::Io { kind: io::ErrorKind::UnexpectedEof | io::ErrorKind::BrokenPipe, .. } => {
            EngineError::new(ErrorClass::Lost, kind, format!("the connection to `{place}` broke"))
        }
        Error::Io { kind: cause, message } => from_io(kind, place, &io::Error::new(*cause, message.clone())),
        Error::Tls(reason) => tls_error(kind, &short(reason)),
        // A driver's error may hold what the server sent: its words are for the person only.
        Error::Protocol(_)
        | Error::Encoding(_)
        | Error::Conversion(_)
        | Error::Utf8
        | Error::Utf16
        | Error::ParseInt(_)
        | Error::Routing { .. }
        | Error::BulkInput(_) => broken_protocol(kind, place, &error.to_string()),
    }
}

/// The class of an error number of SQL Server or Azure SQL (`sys.messages`).
fn sqlserver_class(code: u32) -> ErrorClass {
    match code {
        // A login that fails, is disabled, locked, or whose password has expired; an address that is not let in.
        18452 | 18456 | 18470 | 18486 | 18487 | 18488 | 40615 | 47073 => ErrorClass::Password,
        911 | 4060 | 4064 => ErrorClass::Database,
        229 | 230 | 262 | 297 | 300 | 371 | 916 | 3906 | 3908 | 15562 | 33009 => ErrorClass::Permission,
        // Memory, workers, sessions, the governor's estimate, and what Azure allows.
        701 | 802 | 8645 | 8649 | 8651 | 10928 | 10929 | 10936 | 17809 | 40501 | 40544 => ErrorClass::Limit,
        3617 => ErrorClass::Cancelled,
        1222 => ErrorClass::Timeout,
        // Starting up, shutting down, failing over, the session was ended, or chosen as a deadlock's victim.
        233 | 596 | 1205 | 6005 | 6006 | 17142 | 18401 | 40197 | 40613 | 42108 => ErrorClass::Lost,
        _ => ErrorClass::Statement,
    }
}

fn tls_error(kind: Kind, reason: &str) -> EngineError {
    EngineError::new(ErrorClass::Tls, kind, "the encrypted connection could not be made")
        .with_detail(short(reason))
}

/// What rustls says, when it is the cause of an error of a socket.
fn tls_cause(error: &io::Error) -> Option<&str> {
    let inner = error.get_ref()?;
    let rustls = inner.downcast_ref::<rustls::Error>()?;
    Some(match rustls {
        rustls::Error::InvalidCertificate(reason) => certificate_reason(reason),
        rustls::Error::AlertReceived(_) => "the server ended the handshake",
        rustls::Error::InvalidMessage(_) => "what answers does not speak TLS",
        rustls::Error::PeerIncompatible(_) => "no version or cipher of TLS that both sides know",
        _ => "the handshake failed",
    })
}

fn certificate_reason(reason: &rustls::CertificateError) -> &'static str {
    use rustls::CertificateError as Reason;
    match reason {
        Reason::Expired | Reason::ExpiredContext { .. } => "the server's certificate has expired",
        Reason::NotValidYet | Reason::NotValidYetContext { .. } => {
            "the server's certificate is not valid yet"
        }
        Reason::UnknownIssuer => "none of the given authorities has signed the server's certificate",
        Reason::NotValidForName | Reason::NotValidForNameContext { .. } => {
            "the server's certificate does not name this host"
        }
        Reason::BadSignature => "the server's certificate has a wrong signature",
        _ => "the server's certificate is not accepted",
    }
}

/// What is said of an error the server reports, without its words.
fn server_message(class: ErrorClass, code: &str) -> String {
    let what = match class {
        ErrorClass::Password => "the server does not let this user in",
        ErrorClass::Database => "the server has no such database",
        ErrorClass::Permission => "the server does not permit it",
        ErrorClass::Cancelled => "the statement was cancelled",
        ErrorClass::Timeout => "the server ended the statement for the time it took",
        ErrorClass::Limit => "the server has reached one of its limits",
        ErrorClass::Lost => "the server ended the session",
        ErrorClass::Tls => "the server insists on an encrypted connection",
        ErrorClass::Dns
        | ErrorClass::Refused
        | ErrorClass::Unreachable
        | ErrorClass::Egress
        | ErrorClass::File
        | ErrorClass::Protocol
        | ErrorClass::Statement => "the server does not accept the statement, or it failed",
    };
    format!("{what} ({code})")
}

fn cause<'a, E: StdError + 'static>(error: &'a (dyn StdError + 'static)) -> Option<&'a E> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<E>() {
            return Some(found);
        }
        next = error.source();
    }
    None
}

fn with_causes(error: &(dyn StdError + 'static)) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(error) = next {
        text.push_str(": ");
        text.push_str(&error.to_string());
        next = error.source();
    }
    text
}

/// At most [`DETAIL_BYTES_MAX`] of `text`, whole characters.
fn short(text: &str) -> String {
    let mut end = text.len().min(DETAIL_BYTES_MAX);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default().to_owned()
}
