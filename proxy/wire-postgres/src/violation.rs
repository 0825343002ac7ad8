//! What did a peer do that the protocol does not allow?

/// A peer broke the protocol. Ends the session it happens in and no other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Violation {
    /// A message type that does not exist, or not in this direction or state.
    #[error("invalid frontend message type {0}")]
    UnknownMessage(u8),
    /// A declared length below the minimum or above the maximum for the type.
    #[error("invalid message length {length} for message type `{}`", *.tag as char)]
    Length {
        /// The message's type byte.
        tag: u8,
        /// The declared length, which counts itself.
        length: i32,
    },
    /// A body that is not what its type asks for: a missing terminator, or bytes left over.
    #[error("malformed message of type `{}`", *.0 as char)]
    Malformed(u8),
    /// The first packet of a connection is none of those the protocol knows.
    #[error("invalid startup packet")]
    Startup,
    /// The startup packet is longer than the server itself accepts.
    #[error("invalid length of startup packet")]
    StartupLength,
    /// A Parse, Bind or Close in the middle of COPY data, with more behind it: nobody can tell what the
    /// names mean from then on.
    #[error("unexpected message type {0} during COPY from stdin")]
    Copying(u8),
    /// Bytes were sent in plaintext behind a request for encryption (CVE-2021-23222).
    #[error("received unencrypted data after an encryption request")]
    Smuggled,
    /// A message other than the answer to an authentication request during login.
    #[error("expected an authentication response, got message type {0}")]
    NotAuthentication(u8),
    /// A message of a SCRAM login that is not one, or asks for what was not offered.
    #[error(transparent)]
    Scram(crate::scram::Mistake),
    /// A message of the server that cannot be read, or that answers nothing that was asked.
    #[error("unexpected message of type `{}` from the server", *.0 as char)]
    Server(u8),
}
