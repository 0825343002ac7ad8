//! What can somebody do to a gateway who only calls itself a server?

use super::super::mysql_wire::packet;
use super::{Guest, Manner, greeting};
use std::io::Write;
use std::sync::mpsc::SyncSender;

/// Ways to do harm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hostile {
    /// A greeting that announces 16 MB, and begins to send them.
    LongGreeting,
    /// A greeting that ends in the middle of its packet.
    CutGreeting,
    /// A greeting of the protocol's version 9.
    OldGreeting,
    /// A greeting whose strings go on to the end of the packet.
    BoundlessGreeting,
    /// A greeting of nothing.
    EmptyGreeting,
    /// No greeting.
    Silent,
    /// Names one plugin after the other.
    SwitchesForEver,
    /// Goes on and on with the plugin.
    GoesOnForEver,
    /// Its packets have numbers out of order.
    WrongNumbers,
    /// Asks for a file in the middle of the login.
    AsksForFile,
    /// Has something ready for the gateway to read before TLS begins.
    AheadOfTls,
    /// Asks for the whole password, and gives a key that is none.
    GivesNoKey,
    /// Grants the login ahead of any proof.
    GrantsAtOnce,
    /// An answer that announces 16 MB.
    LongAnswer,
}

impl Hostile {
    /// All of them.
    pub const ALL: [Hostile; 14] = [
        Hostile::LongGreeting,
        Hostile::CutGreeting,
        Hostile::OldGreeting,
        Hostile::BoundlessGreeting,
        Hostile::EmptyGreeting,
        Hostile::Silent,
        Hostile::SwitchesForEver,
        Hostile::GoesOnForEver,
        Hostile::WrongNumbers,
        Hostile::AsksForFile,
        Hostile::AheadOfTls,
        Hostile::GivesNoKey,
        Hostile::GrantsAtOnce,
        Hostile::LongAnswer,
    ];
}

const SWITCH: &[u8] = b"\xfemysql_native_password\0ABCDEFGHIJKLMNOPQRST\0";

impl Guest {
    pub(super) fn do_harm(
        &mut self,
        hostile: Hostile,
        manner: Manner,
        told: &SyncSender<&'static str>,
    ) -> std::io::Result<()> {
        let good = greeting(manner);
        match hostile {
            Hostile::LongGreeting => {
                self.raw(&[0xfe, 0xff, 0xff, 0])?;
                self.raw(&vec![10; 1024 * 1024])
            }
            Hostile::CutGreeting => self.raw(&packet(0, &good)[..30]),
            Hostile::OldGreeting => self.say(&[&[9], &good[1..]].concat()),
            Hostile::BoundlessGreeting => self.say(&[10; 200]),
            Hostile::EmptyGreeting => self.say(b""),
            Hostile::Silent => self.hear().map(drop),
            Hostile::AheadOfTls => {
                self.raw(&[packet(0, &good), packet(1, b"\0\0\0\x02\0\0\0")].concat())?;
                if self.hear().is_ok() && self.hear().is_ok() {
                    let _ = told.send("went on");
                }
                Ok(())
            }
            _ => {
                self.say(&good)?;
                self.hear()?;
                self.harm_a_login(hostile, told)
            }
        }
    }

    fn harm_a_login(&mut self, hostile: Hostile, told: &SyncSender<&'static str>) -> std::io::Result<()> {
        match hostile {
            Hostile::SwitchesForEver => loop {
                self.say(SWITCH)?;
                self.hear()?;
            },
            Hostile::GoesOnForEver => loop {
                self.say(b"\x01 and on")?;
                self.hear()?;
            },
            Hostile::WrongNumbers => self.raw(&packet(77, SWITCH)),
            Hostile::AsksForFile => {
                self.say(b"\xfb/etc/hostname")?;
                if !self.hear()?.is_empty() {
                    let _ = told.send("got something");
                }
                Ok(())
            }
            Hostile::GivesNoKey => {
                self.say(&[1, 4])?;
                self.hear()?;
                self.say(b"\x01-----BEGIN PUBLIC KEY-----\nMCowBQYDK2Vw\n-----END PUBLIC KEY-----\n")?;
                let answer = self.hear()?;
                // A byte that is no password ends a handshake.
                if answer.len() > 1 {
                    let _ = told.send("got something");
                }
                Ok(())
            }
            Hostile::GrantsAtOnce => {
                // Whatever the client has proved does not count for this plugin.
                let granted = packet(self.sequence.wrapping_add(1), b"\0\0\0\x02\0\0\0");
                self.raw(&[packet(self.sequence, SWITCH), granted].concat())?;
                self.hear().map(drop)
            }
            _ => self.raw(&[0xff, 0xff, 0xff, self.sequence, 0xfe]),
        }
    }

    /// Sends bytes as they are.
    fn raw(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.stream.write_all(bytes)?;
        self.stream.flush()
    }
}
