//! What did a peer do that the protocol does not allow?

use crate::authentication::Obstacle;

/// A peer broke the protocol. Ends the session it happens in and no other.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Violation {
    /// A body that is not what its command asks for.
    #[error("malformed packet of command {0}")]
    Malformed(u8),
    /// A packet of a kind that carries no payload of its own, longer than any real one.
    #[error("packet of {length} bytes for command {command}")]
    Length {
        /// The command's byte.
        command: u8,
        /// The declared length.
        length: usize,
    },
    /// A frame of a compressed connection that is empty, or does not inflate to what its header says.
    #[error("malformed compressed packet")]
    Frame,
    /// A frame of a compressed connection is not the one that comes next.
    #[error("compressed packet {number} came where {expected} was expected")]
    FrameNumber {
        /// The number that comes next.
        expected: u8,
        /// The number it has.
        number: u8,
    },
    /// The first packet of a client cannot be read.
    #[error("invalid handshake response")]
    Startup,
    /// The first packet of a client is longer than any handshake.
    #[error("invalid length of the handshake response")]
    StartupLength,
    /// The client speaks the protocol of before MySQL 4.1.
    #[error("a client of before MySQL 4.1 cannot be followed")]
    TooOld,
    /// A packet of a login that is not the next one.
    #[error("packet number {found} where {expected} was expected")]
    Order {
        /// Its number.
        found: u8,
        /// The number of the next one.
        expected: u8,
    },
    /// The server asks and asks.
    #[error("the server's login does not come to an end")]
    Endless,
    /// The server sent something before it was asked to begin TLS, which nobody encrypted.
    #[error("the server sent unencrypted data ahead of TLS")]
    Smuggled,
    /// The server's greeting cannot be read.
    #[error("the server's greeting is of no known version")]
    Greeting,
    /// The server asked for a file of the client's that no statement has offered.
    #[error("the server asked the client for a file that no statement has offered")]
    File,
    /// The server let a session become somebody else without asking for a proof.
    #[error("the server granted a change of user without asking for a proof")]
    Unproved,
    /// A change of user cannot be relayed.
    #[error("the change of user cannot be relayed: {0}")]
    Obstacle(Obstacle),
    /// A packet of the server that cannot be read, or that answers nothing that was asked.
    #[error("unexpected packet of type {0} from the server")]
    Server(u8),
}
