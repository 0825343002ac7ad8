//! What keeps a place from taking something, and when is it tried again?

use std::error::Error;
use std::io;
use std::time::Duration;

/// The first pause after something went wrong; each further one is twice as long.
const FIRST: Duration = Duration::from_millis(500);
/// The longest of them.
const LONGEST: Duration = Duration::from_secs(30);
/// The pause after somebody has to change something first.
const SLOW: Duration = Duration::from_secs(60);

/// What went wrong, as a word that a status can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Nobody answers there.
    Away,
    /// It did not answer in time.
    Silent,
    /// It cannot show who it is, or does not speak TLS.
    Tls,
    /// The connection ended before it had everything.
    BrokenOff,
    /// It does not want what it is sent.
    Refused,
    /// Its folder is not there.
    Missing,
    /// It may not be written.
    Denied,
    /// It has no room.
    Full,
    /// It cannot be written.
    Disk,
    /// Somebody else writes there.
    Taken,
    /// It holds something else than what it was given.
    Differs,
    /// The ledger has less than was copied of it.
    Shorter,
    /// The ledger's own files cannot be read.
    Unreadable,
}

impl Kind {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Kind::Away => "away",
            Kind::Silent => "silent",
            Kind::Tls => "tls",
            Kind::BrokenOff => "broken_off",
            Kind::Refused => "refused",
            Kind::Missing => "missing",
            Kind::Denied => "denied",
            Kind::Full => "full",
            Kind::Disk => "disk",
            Kind::Taken => "taken",
            Kind::Differs => "differs",
            Kind::Shorter => "shorter",
            Kind::Unreadable => "unreadable",
        }
    }

    /// Whether it will not pass by itself.
    pub(super) fn needs_somebody(self) -> bool {
        matches!(self, Kind::Refused | Kind::Differs | Kind::Shorter)
    }
}

/// Why a place has not taken something.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub(crate) struct Failure {
    pub(super) kind: Kind,
    pub(super) detail: String,
    /// Where in the segment a folder wants to be written from, when that is before what it was given.
    pub(super) lacks_from: Option<u64>,
}

impl Failure {
    pub(super) fn new(kind: Kind, detail: impl Into<String>) -> Failure {
        Failure { kind, detail: detail.into(), lacks_from: None }
    }

    /// What the system says about a file of the place.
    pub(super) fn of_file(what: &str, path: &std::path::Path, error: &io::Error) -> Failure {
        let kind = match error.kind() {
            io::ErrorKind::NotFound => Kind::Missing,
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => Kind::Denied,
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
                Kind::Full
            }
            _ => Kind::Disk,
        };
        match path.parent().filter(|folder| kind == Kind::Missing && !folder.exists()) {
            Some(folder) => Failure::new(kind, format!("the folder `{}` is not there", folder.display())),
            None => Failure::new(kind, format!("cannot {what} `{}`: {error}", path.display())),
        }
    }

    /// What the system says about a file of the ledger.
    pub(super) fn of_ledger(path: &std::path::Path, error: &io::Error) -> Failure {
        Failure::new(Kind::Unreadable, format!("cannot read the ledger's file `{}`: {error}", path.display()))
    }

    /// What an error of a connection means; `otherwise` where it does not tell.
    pub(super) fn of_connection(error: &(dyn Error + 'static), otherwise: Kind) -> Failure {
        let mut text = String::new();
        let mut kind = otherwise;
        let mut next = Some(error);
        while let Some(error) = next {
            let words = error.to_string();
            if !text.contains(&words) {
                text.push_str(if text.is_empty() { "" } else { ": " });
                text.push_str(&words);
            }
            if error.is::<rustls::Error>() {
                kind = Kind::Tls;
            }
            // What an error of input and output holds is not its source: that is the source of what it holds.
            let held = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
            next = held.map(|held| held as &(dyn Error + 'static)).or_else(|| error.source());
        }
        Failure::new(kind, text)
    }
}

/// How often it went wrong in a row, and what was said about it.
#[derive(Debug, Default)]
pub(crate) struct Patience {
    failures: u32,
    said: Option<Failure>,
}

impl Patience {
    /// It went well; true when that is news.
    pub(crate) fn reward(&mut self) -> bool {
        self.failures = 0;
        self.said.take().is_some()
    }

    /// It went wrong: whether that is news, and how long to wait.
    pub(crate) fn try_on(&mut self, failure: &Failure) -> (bool, Duration) {
        let is_news = self.said.as_ref().is_none_or(|said| said.kind != failure.kind);
        if is_news {
            self.said = Some(failure.clone());
        }
        let pause = if failure.kind.needs_somebody() {
            SLOW
        } else {
            FIRST.saturating_mul(1 << self.failures.min(6)).min(LONGEST)
        };
        self.failures = self.failures.saturating_add(1);
        // Half of it is left to chance: many gateways must not come back at the same moment.
        let chance = u32::from(uuid::Uuid::now_v7().as_bytes()[15]);
        (is_news, pause / 2 + pause / 2 * chance / 255)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn pauses_grow_to_their_bound_and_begin_anew() {
        let mut patience = Patience::default();
        let away = Failure::new(Kind::Away, "no route");
        for (turn, half_seconds) in [1, 2, 4, 8, 16, 32, 60, 60].into_iter().enumerate() {
            let (is_news, pause) = patience.try_on(&away);
            let whole = Duration::from_millis(500 * half_seconds);
            assert!(pause >= whole / 2 && pause <= whole, "{pause:?} of {whole:?}");
            assert_eq!(is_news, turn == 0);
        }
        assert!(patience.reward() && !patience.reward());
        assert!(patience.try_on(&away).1 <= FIRST);
        let (is_news, pause) = patience.try_on(&Failure::new(Kind::Refused, "who are you"));
        assert!(is_news && pause >= SLOW / 2);
    }

    #[test]
    fn a_certificate_that_is_not_believed_is_told_however_deep_it_is() {
        let refused = rustls::Error::InvalidCertificate(rustls::CertificateError::UnknownIssuer);
        let wrapped = io::Error::other(io::Error::new(io::ErrorKind::InvalidData, refused));
        assert_eq!(Failure::of_connection(&wrapped, Kind::Away).kind, Kind::Tls);
        let plain = io::Error::from(io::ErrorKind::ConnectionRefused);
        assert_eq!(Failure::of_connection(&plain, Kind::Away).kind, Kind::Away);
    }
}
