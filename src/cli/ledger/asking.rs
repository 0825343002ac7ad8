//! What do all commands have in common that hand out records?

use super::conditions::Asked;
use crate::cli::USAGE;
use control::QuestionFailure;
use proxy::config::ConfigError;
use proxy::ledger::LedgerSettings;
use proxy::ledger::access::{self, Use, Written};
use proxy::ledger::reading::{self, ReadError};
use proxy::live::wire::ASKED_BYTES_MAX;
use serde_json::Value;
use std::io;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// From how long on it is told how fast records were looked at: before, the figure says nothing.
const RATE_FROM: Duration = Duration::from_secs(1);

/// Why no records are handed out.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failed {
    /// The settings cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// There is nothing to be read.
    #[error("there is no ledger at `{}`\n    hint: name the folder of the files `00000001.jsonl` …", .0.display())]
    NoLedger(PathBuf),
    /// The question makes no sense, or cannot be answered.
    #[error("{0}")]
    Question(String),
    /// The time asked for has no length.
    #[error(
        "--until {0}\n    hint: give `--since` a time before that of `--until`, or leave one of them out"
    )]
    Until(String),
    /// The ledger cannot be read.
    #[error(transparent)]
    Read(ReadError),
    /// A file cannot be written.
    #[error("cannot write `{}`: {source}\n    hint: check free space, and that its folder is there and can be written", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The file would be lost.
    #[error("there is a file `{}` already\n    hint: name another one, or replace it with `--force`", .0.display())]
    Exists(PathBuf),
    /// It could not be told whole who asked what.
    #[error(
        "these conditions have {0} bytes, and the ledger tells of {ASKED_BYTES_MAX}\n    hint: ask in parts"
    )]
    TooLong(usize),
    /// Somebody could have, and did not.
    #[error(
        "nothing is handed out, for the ledger would not say so: {0}\n    hint: the gateway runs and writes this \
         ledger; try again, or see its log for why it cannot be asked"
    )]
    Unwritten(String),
    /// A file of this form is no text.
    #[error("a terminal cannot show Parquet\n    hint: name a file with `--output`")]
    NoText,
    /// Standard output cannot be written, or something else of the system failed.
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl From<QuestionFailure> for Failed {
    fn from(failure: QuestionFailure) -> Failed {
        Failed::Question(failure.message)
    }
}

impl From<ReadError> for Failed {
    fn from(error: ReadError) -> Failed {
        match error {
            ReadError::Taker(error) => Failed::Io(error),
            other => Failed::Read(other),
        }
    }
}

/// A question that was written down and is being answered.
pub(super) struct Asking {
    pub(super) directory: PathBuf,
    began: Instant,
    /// When it was written down.
    writing: RangeInclusive<i64>,
    /// Who wrote it down.
    written: Written,
    usage: Use,
}

/// Where what is shown ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// With the last record that matches.
    All,
    /// With the limit: more match, and these are the newest.
    Newest,
    /// The same, and these are the oldest.
    Oldest,
}

impl Asking {
    /// Has it written into the ledger that somebody asks. Where that cannot be, says so and goes on: whoever can read the
    /// files can read them without this program as well. What is taken away is not handed out where a gateway could have
    /// written it down.
    pub(super) fn begin(
        settings: &LedgerSettings,
        takes_away: bool,
        asked: &Asked,
        format: &str,
    ) -> Result<Asking, Failed> {
        let directory = ledger_at(settings)?;
        let from = now_us();
        let usage = Use { takes_away, asked: fitting(asked.words())?, format: format.to_owned() };
        let written = access::write_down(settings, &usage);
        match &written {
            Written::Refused(why) if takes_away => return Err(Failed::Unwritten(why.clone())),
            Written::Nowhere(why) | Written::Refused(why) => {
                eprintln!("dragoman: the ledger does not say that it is read here: {why}");
            }
            Written::ByGateway | Written::ByOneself => {}
        }
        Ok(Asking { directory, began: Instant::now(), writing: from..=now_us(), written, usage })
    }

    /// Whether a record is how the question itself was written down, which is no part of its answer.
    pub(super) fn is_own<'r>(&self, at_us: i64, record: impl FnOnce() -> &'r Value) -> bool {
        if !self.writing.contains(&at_us) {
            return false;
        }
        let record = record();
        let text = |name: &str| record.get(name).and_then(Value::as_str).unwrap_or_default();
        match text("event") {
            // Somebody else may ask at the same time.
            "ledger.read" | "ledger.export" => {
                text("format") == self.usage.format && text("asked") == self.usage.asked
            }
            "writer.start" | "writer.stop" | "checkpoint" => self.written == Written::ByOneself,
            _ => false,
        }
    }

    /// Says on standard error how much was looked at; where that took long, also how fast.
    pub(super) fn say(&self, shown: u64, looked: u64, end: End) {
        eprintln!("dragoman: {}", said(shown, looked, end, self.began.elapsed()));
    }
}

/// The words of a question, where the ledger has room for all of them.
pub(super) fn fitting(words: String) -> Result<String, Failed> {
    if words.len() > ASKED_BYTES_MAX { Err(Failed::TooLong(words.len())) } else { Ok(words) }
}

fn said(shown: u64, looked: u64, end: End, took: Duration) -> String {
    let records = |number: u64| format!("{} record{}", grouped(number), if number == 1 { "" } else { "s" });
    let shown = match end {
        End::All => records(shown),
        End::Newest => format!("the newest {}, more match (`--limit`)", records(shown)),
        End::Oldest => format!("the oldest {}, more match (`--limit`)", records(shown)),
    };
    let mut text = format!("{shown}; {} looked at", records(looked));
    if took >= RATE_FROM {
        let seconds = took.as_secs_f64();
        text.push_str(&format!(" in {seconds:.1} s, {} a second", grouped((looked as f64 / seconds) as u64)));
    }
    text
}

/// The folder, if there is a ledger in it.
pub(super) fn ledger_at(settings: &LedgerSettings) -> Result<PathBuf, Failed> {
    let path = settings.directory.clone();
    match reading::has_segments(&path) {
        Ok(true) => Ok(path),
        Ok(false) => Err(Failed::NoLedger(path)),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            Err(Failed::NoLedger(path))
        }
        Err(source) => Err(Failed::Read(ReadError::Unreadable { path, source })),
    }
}

/// Tells why it failed. Somebody who reads no further (`| head`) is no error of ours.
pub(super) fn ended(result: Result<(), Failed>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failed::Io(error)) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("dragoman: {}", crate::cli::with_causes(&error));
            if matches!(error, Failed::Until(_) | Failed::TooLong(_)) {
                ExitCode::from(USAGE)
            } else {
                ExitCode::FAILURE
            }
        }
    }
}

fn now_us() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
}

/// `3,000,000`.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_that_the_ledger_has_no_room_for_is_not_answered() {
        assert!(fitting("x".repeat(ASKED_BYTES_MAX)).is_ok());
        let refused = fitting("x".repeat(ASKED_BYTES_MAX + 1)).map_err(|failed| failed.to_string());
        assert!(refused.is_err_and(|why| why.contains("2001 bytes") && why.contains("ask in parts")));
    }

    #[test]
    fn it_is_told_whether_more_match_and_how_fast_it_went_where_that_says_something() {
        let short = Duration::from_millis(20);
        assert_eq!(said(1, 36, End::All, short), "1 record; 36 records looked at");
        assert_eq!(
            said(100, 6_578, End::Newest, short),
            "the newest 100 records, more match (`--limit`); 6,578 records looked at"
        );
        assert_eq!(
            said(7, 3_000_000, End::Oldest, Duration::from_secs(2)),
            "the oldest 7 records, more match (`--limit`); 3,000,000 records looked at in 2.0 s, 1,500,000 a second"
        );
    }
}
