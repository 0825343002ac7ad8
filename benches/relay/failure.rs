//! What can go wrong in a benchmark run?

use std::io;
use std::time::Duration;

/// Why a figure could not be taken.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The operating system refused something.
    #[error("cannot {doing}: {source}")]
    System {
        /// What was being done.
        doing: &'static str,
        /// What came back.
        #[source]
        source: io::Error,
    },
    /// The server under test did not start or stop.
    #[error("the database: {0}")]
    Server(#[from] dragoman::demo::server::ServerError),
    /// An ErrorResponse where an answer was expected.
    #[error("refused with `{message}`")]
    Refused {
        /// Code and text of the error.
        message: String,
    },
    /// The bytes are not what the server sends without anything in between.
    #[error("wrong answer: expected {expected}, got `{got}`")]
    WrongAnswer {
        /// What should have come.
        expected: String,
        /// What came.
        got: String,
    },
    /// The connection ended in the middle.
    #[error("the connection was closed before the answer was complete")]
    Closed,
    /// Nothing came.
    #[error("no answer for {0:?}")]
    Silent(Duration),
    /// A program that should serve a lane does not.
    #[error("`{program}` does not serve: {why}")]
    NotServing {
        /// Which program.
        program: String,
        /// What is known about it.
        why: String,
    },
    /// A file of the run could not be used.
    #[error("`{path}`: {source}")]
    File {
        /// Which file.
        path: String,
        /// What came back.
        #[source]
        source: io::Error,
    },
    /// TLS could not be set up.
    #[error("tls: {0}")]
    Tls(#[from] rustls::Error),
    /// No certificate could be made.
    #[error("a certificate: {0}")]
    Certificate(#[from] rcgen::Error),
    /// A login exchange that is not the one the lane's role has to have.
    #[error("login: {0}")]
    Login(&'static str),
}

impl Failure {
    /// Names what was being done when the operating system refused.
    pub fn system(doing: &'static str) -> impl Fn(io::Error) -> Failure {
        move |source| match source.kind() {
            io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => Failure::Silent(super::client::PATIENCE),
            _ => Failure::System { doing, source },
        }
    }
}
