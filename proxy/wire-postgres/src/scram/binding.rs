//! Is a proof bound to the connection it is given over?
//!
//! ```text
//! n,,                          the client cannot bind, or does not want to
//! y,,                          it could, and was not offered to
//! p=tls-server-end-point,,     it does; the hash of the server's certificate follows in its last message
//! ```
//!
//! This header begins the client's first message, and its last one repeats it in base64, under the proof: who
//! takes an offer out of a conversation is found out (RFC 5802, section 6).

use super::{Mistake, put_base64};
use std::sync::Arc;

const TYPE: &[u8] = b"tls-server-end-point";

/// What a connection has that a proof can be bound to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Binding {
    /// It is not encrypted.
    Plaintext,
    /// TLS, and the server's certificate has this [`super::end_point`].
    Certificate(Arc<[u8]>),
    /// TLS under a certificate that has none.
    None,
}

/// The header of a login whose two sides agree on it.
#[derive(Clone, Debug)]
pub(crate) enum Flag {
    /// `n`.
    Unbound,
    /// `y`.
    NotOffered,
    /// `p`, with the hash.
    Bound(Arc<[u8]>),
}

impl Flag {
    /// What a client's first message begins with.
    pub(super) fn header(&self) -> &'static [u8] {
        match self {
            Flag::Unbound => b"n,,",
            Flag::NotOffered => b"y,,",
            Flag::Bound(_) => b"p=tls-server-end-point,,",
        }
    }

    /// The value of `c=` in its last message.
    pub(super) fn attribute(&self) -> Vec<u8> {
        let end_point = match self {
            Flag::Unbound | Flag::NotOffered => &[][..],
            Flag::Bound(end_point) => end_point,
        };
        let mut attribute = Vec::new();
        put_base64(&[self.header(), end_point].concat(), &mut attribute);
        attribute
    }
}

/// What a client's header names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Named {
    None,
    NotOffered,
    EndPoint,
}

/// The header of a client's first message, and what is behind it.
pub(super) fn read_header(message: &[u8]) -> Result<(Named, &[u8]), Mistake> {
    let mut parts = message.splitn(3, |byte| *byte == b',');
    let flag = parts.next().unwrap_or_default();
    let (Some(identity), Some(bare)) = (parts.next(), parts.next()) else { return Err(Mistake::Malformed) };
    let named = match flag {
        b"n" => Named::None,
        b"y" => Named::NotOffered,
        _ => match flag.strip_prefix(b"p=") {
            Some(name) if name == TYPE => Named::EndPoint,
            Some(_) => return Err(Mistake::BindingType),
            None => return Err(Mistake::Malformed),
        },
    };
    match identity {
        [] => Ok((named, bare)),
        [b'a', b'=', ..] => Err(Mistake::Identity),
        _ => Err(Mistake::Malformed),
    }
}
