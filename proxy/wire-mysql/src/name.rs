//! Whose name stands in a login, as the server reads it?
//!
//! Rules are about names, so the gateway must read the same name as the server does. A server converts what the
//! client sends out of the client's character set, takes off the quotes around a user, and cuts off what is too
//! long. A name of which it is not certain what becomes of it is nobody's: [`Obstacle::Name`].

use crate::authentication::Obstacle;
use crate::message;

/// Longest user in characters, quotes and all: of MariaDB, and of MySQL. What is longer is cut off.
const USER_MAX: (usize, usize) = (128, 32);

/// Signs of ASCII that some character set of the servers has letters for.
const SIGNS: &[u8] = b"@[\\]^`{|}~";

/// How a client's names are written.
#[derive(Clone, Copy, Debug)]
pub struct Written {
    /// The number of the client's character set.
    pub character_set: u16,
    /// Whether the server is MariaDB.
    pub is_mariadb: bool,
}

impl Written {
    /// The user of the response that opens a session: there a server takes off quotes around the name.
    pub fn login_user(self, name: &[u8]) -> Result<Box<str>, Obstacle> {
        let user = self.user(name)?;
        let inner = user.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''));
        Ok(inner.map_or(user.clone(), Box::from))
    }

    /// The user of a COM_CHANGE_USER.
    pub fn user(self, name: &[u8]) -> Result<Box<str>, Obstacle> {
        let most = if self.is_mariadb { USER_MAX.0 } else { USER_MAX.1 };
        let user = self.name(name)?;
        if user.chars().count() > most { Err(Obstacle::Name) } else { Ok(user) }
    }

    /// Any other name, of which the server refuses one that is too long.
    pub fn name(self, name: &[u8]) -> Result<Box<str>, Obstacle> {
        let read = match message::character_set(self.character_set, self.is_mariadb) {
            b"utf8mb4" | b"utf8mb3" => utf8(name),
            b"latin1" => latin(name),
            // It may be of one with other letters.
            b"swe7" | b"unknown" if name.iter().any(|byte| SIGNS.contains(byte)) => None,
            _ => ascii(name),
        };
        read.ok_or(Obstacle::Name)
    }
}

/// Servers keep names in UTF-8 of up to three bytes.
fn utf8(name: &[u8]) -> Option<Box<str>> {
    let name = std::str::from_utf8(name).ok()?;
    name.chars().all(|letter| letter <= '\u{ffff}').then(|| name.into())
}

/// What the servers call latin1 is Windows-1252: controls of Latin-1 are signs there.
fn latin(name: &[u8]) -> Option<Box<str>> {
    let is_control = |byte: &u8| (0x80..0xa0).contains(byte);
    (!name.iter().any(is_control)).then(|| name.iter().map(|byte| char::from(*byte)).collect())
}

fn ascii(name: &[u8]) -> Option<Box<str>> {
    utf8(name).filter(|name| name.is_ascii())
}

#[cfg(test)]
mod tests {
    use super::*;

    const UTF8MB4: u16 = 45;
    const LATIN1: u16 = 8;
    const SWE7: u16 = 10;
    const ARMSCII8: u16 = 32;

    fn mariadb(character_set: u16) -> Written {
        Written { character_set, is_mariadb: true }
    }

    #[test]
    fn quotes_around_a_user_come_off_at_login_alone() {
        for (name, user) in [
            (&b"ann"[..], "ann"),
            (b"'ann'", "ann"),
            (b"''ann''", "'ann'"),
            (b"''", ""),
            (b"'", "'"),
            (b"'ann", "'ann"),
            (b"", ""),
        ] {
            assert_eq!(mariadb(UTF8MB4).login_user(name).as_deref(), Ok(user), "{name:?}");
        }
        assert_eq!(mariadb(UTF8MB4).user(b"'ann'").as_deref(), Ok("'ann'"));
        assert_eq!(mariadb(UTF8MB4).name(b"'shop'").as_deref(), Ok("'shop'"));
    }

    #[test]
    fn a_name_is_what_its_character_set_makes_of_it() {
        for (character_set, name, expected) in [
            (UTF8MB4, "Järn".as_bytes(), Some("Järn")),
            (UTF8MB4, b"J\xe4rn", None),
            (UTF8MB4, "🙂".as_bytes(), None),
            (LATIN1, b"J\xe4rn", Some("Järn")),
            (LATIN1, "Järn".as_bytes(), Some("JÃ¤rn")),
            (LATIN1, b"J\x80rn", None),
            (ARMSCII8, b"read-er_1.x", Some("read-er_1.x")),
            (ARMSCII8, b"read\xaaer", None),
            (SWE7, b"J{rn", None),
            (SWE7, b"Jarn", Some("Jarn")),
            (0, b"Jarn", Some("Jarn")),
            (0, b"J\xe4rn", None),
        ] {
            let read = mariadb(character_set).user(name).ok();
            assert_eq!(read.as_deref(), expected, "{character_set} {name:?}");
        }
    }

    #[test]
    fn a_user_that_would_be_cut_off_is_nobody() {
        for (is_mariadb, most) in [(true, 128), (false, 32)] {
            let written = Written { character_set: UTF8MB4, is_mariadb };
            assert_eq!(written.user(&vec![b'n'; most]), Ok("n".repeat(most).into()));
            assert_eq!(written.user(&vec![b'n'; most + 1]), Err(Obstacle::Name));
            assert!(written.name(&vec![b'n'; most + 1]).is_ok());
        }
    }
}
