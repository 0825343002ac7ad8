//! Which variants of the protocol can be followed, and what is agreed on over both hops?
//!
//! Server and client each say what they can do; what both can holds. Bits whose messages this crate
//! does not read are taken out of what each is told of the other, so they are never agreed on
//! (docs/adr/0008-nouns-for-two-protocols.md lists them with the reasons).

use std::ops::{BitAnd, BitOr};

/// Capability bits: MySQL's in the low 32, MariaDB's extended ones in the high 32.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Capabilities(pub u64);

impl Capabilities {
    /// Bit 0, once for long passwords: a MariaDB server or client leaves it out to say that its
    /// extended bits count.
    pub const MYSQL: Capabilities = Capabilities(1);
    /// The login names a database.
    pub const CONNECT_WITH_DATABASE: Capabilities = Capabilities(1 << 3);
    /// Compression with zlib.
    pub const COMPRESS: Capabilities = Capabilities(1 << 5);
    /// The client sends a file when the server asks for one (LOAD DATA LOCAL).
    pub const LOCAL_FILES: Capabilities = Capabilities(1 << 7);
    /// The protocol of MySQL 4.1 and later.
    pub const PROTOCOL_41: Capabilities = Capabilities(1 << 9);
    /// TLS.
    pub const TLS: Capabilities = Capabilities(1 << 11);
    /// The answer to the challenge has a length (of one byte).
    pub const SECURE_CONNECTION: Capabilities = Capabilities(1 << 15);
    /// Several statements in one text.
    pub const MULTI_STATEMENTS: Capabilities = Capabilities(1 << 16);
    /// Authentication plugins are named.
    pub const PLUGIN_AUTHENTICATION: Capabilities = Capabilities(1 << 19);
    /// The client tells about itself.
    pub const CONNECT_ATTRIBUTES: Capabilities = Capabilities(1 << 20);
    /// The answer to the challenge has a length-encoded length.
    pub const PLUGIN_DATA_LENGTH: Capabilities = Capabilities(1 << 21);
    /// OK packets tell of changes to the session.
    pub const SESSION_TRACK: Capabilities = Capabilities(1 << 23);
    /// Results end in an OK packet, and nothing stands between columns and rows.
    pub const DEPRECATE_EOF: Capabilities = Capabilities(1 << 24);
    /// Results may come without their columns.
    pub const OPTIONAL_METADATA: Capabilities = Capabilities(1 << 25);
    /// Compression with zstd.
    pub const COMPRESS_ZSTD: Capabilities = Capabilities(1 << 26);
    /// A block of parameters stands before the text of a query.
    pub const QUERY_ATTRIBUTES: Capabilities = Capabilities(1 << 27);
    /// More than one proof at login.
    pub const MULTI_FACTOR: Capabilities = Capabilities(1 << 28);
    /// MariaDB: one message executes a statement with many sets of values.
    pub const BULK_EXECUTE: Capabilities = Capabilities(1 << 34);
    /// MariaDB: columns tell more of their types.
    pub const EXTENDED_METADATA: Capabilities = Capabilities(1 << 35);

    /// What this crate reads, or passes without having to read it.
    pub const FOLLOWED: Capabilities = Capabilities(
        // All of MySQL's up to bit 24, and 30 and 31, which are a client's own bookkeeping. Bit 29 was
        // MariaDB's progress reports before it had extended bits.
        (0x01ff_ffff | 1 << 30 | 1 << 31) & !(Self::COMPRESS.0 | Self::TLS.0)
            | Self::QUERY_ATTRIBUTES.0
            | Self::MULTI_FACTOR.0
            | Self::BULK_EXECUTE.0
            | Self::EXTENDED_METADATA.0,
    );

    /// What a server is never asked for, and the gateway does in its place if the server offers it.
    const COMPRESSION: Capabilities = Capabilities(Self::COMPRESS.0 | Self::COMPRESS_ZSTD.0);

    /// Bits that say how the client's own packet is laid out: they stay as they are.
    const LAYOUT: Capabilities = Capabilities(
        Self::MYSQL.0
            | Self::CONNECT_WITH_DATABASE.0
            | Self::PROTOCOL_41.0
            | Self::SECURE_CONNECTION.0
            | Self::PLUGIN_AUTHENTICATION.0
            | Self::CONNECT_ATTRIBUTES.0
            | Self::PLUGIN_DATA_LENGTH.0,
    );

    /// Whether all bits of `other` are set.
    pub fn has(self, other: Capabilities) -> bool {
        self.0 & other.0 == other.0
    }

    /// The same with the bits of `other` set or not.
    #[must_use]
    pub fn with(self, other: Capabilities, set: bool) -> Capabilities {
        if set { Capabilities(self.0 | other.0) } else { Capabilities(self.0 & !other.0) }
    }

    /// What a client is told of the server: what can be followed or done in its place, and TLS as the
    /// listener has it.
    #[must_use]
    pub fn offered(self, tls: bool) -> Capabilities {
        (self & (Self::FOLLOWED | Self::COMPRESSION)).with(Self::TLS, tls)
    }

    /// What a server is told of the client: what can be followed and the server has, and TLS as the
    /// hop to it has it.
    #[must_use]
    pub fn asked(self, server: Capabilities, tls: bool) -> Capabilities {
        (self & Self::FOLLOWED & (server | Self::LAYOUT)).with(Self::TLS, tls)
    }
}

impl BitAnd for Capabilities {
    type Output = Capabilities;
    fn bitand(self, other: Capabilities) -> Capabilities {
        Capabilities(self.0 & other.0)
    }
}

impl BitOr for Capabilities {
    type Output = Capabilities;
    fn bitor(self, other: Capabilities) -> Capabilities {
        Capabilities(self.0 | other.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const UNFOLLOWED: [Capabilities; 1] = [Capabilities::OPTIONAL_METADATA];

    #[test]
    fn tls_is_each_hops_own() {
        let all = Capabilities(u64::MAX);
        for tls in [false, true] {
            assert_eq!(all.offered(tls).has(Capabilities::TLS), tls);
            assert_eq!(all.asked(all, tls).has(Capabilities::TLS), tls);
        }
    }

    #[test]
    fn mariadbs_progress_reports_cached_columns_and_unit_results_are_not_offered() {
        let offered = Capabilities(u64::MAX).offered(true);
        assert_eq!(offered.0 >> 32, 0b1100);
    }

    proptest! {
        #[test]
        fn nothing_is_agreed_on_that_is_not_followed_or_that_one_side_has_not(
            client in any::<u64>(), server in any::<u64>(), tls in any::<bool>(),
        ) {
            let (client, server) = (Capabilities(client), Capabilities(server));
            let asked = client.asked(server, tls);
            for bit in UNFOLLOWED {
                prop_assert!(!asked.has(bit));
                prop_assert!(!server.offered(tls).has(bit));
            }
            for bit in [Capabilities::COMPRESS, Capabilities::COMPRESS_ZSTD] {
                prop_assert!(!asked.has(bit));
                prop_assert_eq!(server.offered(tls).has(bit), server.has(bit));
            }
            let beyond = asked.0 & !(client.0 & (server.0 | Capabilities::LAYOUT.0));
            prop_assert_eq!(beyond & !Capabilities::TLS.0, 0);
        }
    }
}
