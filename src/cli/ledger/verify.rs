//! Is a ledger whole and unchanged? `dragoman ledger verify`.
//!
//! Exit codes: 0 all holds, 1 it is broken, 2 that cannot be told. The last line says what, and where.

use super::super::{USAGE, with_causes};
use super::whereabouts::directory_of;
use clap::Args;
use proxy::ledger::verify::{Finding, Options, Reach, Verdict, Verification, VerifyError, Weight, verify};
use std::fmt::Write as _;
use std::io::{IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// Fewest characters that a line is broken at: a place has to fit.
const WIDTH_MIN: usize = 60;
/// Where a line that goes on begins.
const INDENT: usize = 5;
/// How often progress is shown.
const SHOW_EVERY: Duration = Duration::from_millis(200);

/// What `ledger verify` is asked.
#[derive(Debug, Args)]
pub(in crate::cli) struct Verify {
    /// The ledger's folder (`ledger.directory`); again for each folder that segments were moved to
    #[arg(long, value_name = "DIR", required_unless_present = "config")]
    directory: Vec<PathBuf>,
    /// The settings file of the gateway whose ledger it is
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// A file with checkpoints that were kept elsewhere, one after the other; may be repeated
    #[arg(long, value_name = "FILE")]
    checkpoint: Vec<PathBuf>,
    /// A file with the keys whose signatures are believed: verifier keys, one a line, or a public key as PEM; may be
    /// repeated. The folder's own word if not given
    #[arg(long, value_name = "FILE")]
    public_key: Vec<PathBuf>,
    /// How old the newest checkpoint may be, as 90s, 15m, 1h or 7d
    #[arg(long, value_name = "TIME", value_parser = age)]
    fresh_within: Option<Duration>,
    /// Prints one JSON object in place of the text
    #[arg(long)]
    json: bool,
}

/// Answers it.
pub(super) fn run(asked: &Verify) -> ExitCode {
    let mut directories = asked.directory.clone();
    match asked.config.as_deref().map(directory_of).transpose() {
        Ok(named) => directories.splice(0..0, named).for_each(drop),
        Err(error) => {
            eprintln!("dragoman: {}", with_causes(&error));
            return ExitCode::from(USAGE);
        }
    }
    let options = Options {
        directories,
        checkpoints: asked.checkpoint.clone(),
        public_keys: asked.public_key.clone(),
        fresh_within: asked.fresh_within,
        stop: None,
    };
    let mut progress = Progress::new();
    let verified = verify(&options, &mut |done, total| progress.show(done, total));
    progress.clear();
    match verified {
        Ok(verification) => {
            let printed = match asked.json {
                true => super::super::print(&json(&verification)),
                false => super::super::print(&text(&verification, width())),
            };
            match verification.verdict() {
                Verdict::Holds => printed,
                Verdict::Broken => ExitCode::FAILURE,
                Verdict::CannotTell => ExitCode::from(USAGE),
            }
        }
        Err(error) => {
            eprintln!("dragoman: {}", with_causes(&error));
            let _ = match asked.json {
                true => super::super::print(&json_unread(&error)),
                false => super::super::print(&text_unread(&error)),
            };
            ExitCode::from(USAGE)
        }
    }
}

/// What is said where a file cannot be read, so that nothing can be told; the hint is for the terminal.
fn text_unread(error: &VerifyError) -> String {
    let verdict = Verdict::CannotTell.as_str();
    format!("{:<13} {verdict}\n{:<13} {verdict}\n{verdict}: {}\n", "integrity", "completeness", reason(error))
}

fn json_unread(error: &VerifyError) -> String {
    let verdict = Verdict::CannotTell;
    let value = serde_json::json!({
        "verdict": verdict, "integrity": verdict, "completeness": verdict, "error": reason(error),
    });
    format!("{value}\n")
}

fn reason(error: &VerifyError) -> String {
    error.to_string().lines().next().unwrap_or_default().to_owned()
}

/// A time span: a number and a unit.
fn age(text: &str) -> Result<Duration, String> {
    let split = text.len() - text.chars().last().map_or(0, char::len_utf8);
    let (number, unit) = text.split_at(split);
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => 0,
    };
    match number.parse::<u64>().ok().and_then(|number| number.checked_mul(seconds)) {
        Some(seconds) if seconds > 0 => Ok(Duration::from_secs(seconds)),
        _ => Err("give a number and a unit: 90s, 15m, 1h, 7d".to_owned()),
    }
}

fn json(verification: &Verification) -> String {
    let mut value = serde_json::to_value(verification).unwrap_or_default();
    if let Some(object) = value.as_object_mut() {
        let verdict = serde_json::to_value(verification.verdict()).unwrap_or_default();
        object.insert("verdict".to_owned(), verdict);
    }
    format!("{value}\n")
}

/// Characters of a line on the terminal; elsewhere lines have no end.
fn width() -> Option<usize> {
    let size = if std::io::stdout().is_terminal() { crossterm::terminal::size().ok() } else { None };
    size.map(|(columns, _)| usize::from(columns).max(WIDTH_MIN))
}

fn text(verification: &Verification, width: Option<usize>) -> String {
    let mut text = String::new();
    let mut row = |name: &str, value: String| _ = writeln!(text, "{name:<13} {value}");
    if let Some(ledger) = &verification.ledger {
        row("ledger", format!("dragoman-ledger/{ledger}"));
    }
    row("segments", format!("{}, {}", grouped(verification.segments), bytes(verification.bytes)));
    let until = match (&verification.first, &verification.last) {
        (Some(first), Some(last)) => format!(", {first} to {last}"),
        _ => String::new(),
    };
    let records = counted(verification.records, "record", "records");
    row("records", format!("{records} of {}{until}", counted(verification.writers, "writer", "writers")));
    row("checkpoints", format!("{} with a signature that holds", grouped(verification.checkpoints)));
    let belief = if verification.keys_were_given { "given" } else { "the folder's own word" };
    for signer in &verification.signers {
        let signed = counted(signer.checkpoints, "checkpoint", "checkpoints");
        row("signed by", format!("{} ({belief}; {signed})", signer.key));
    }
    let shown = [
        ("head", &verification.head),
        ("inside", &verification.inside),
        ("elsewhere", &verification.outside),
    ];
    for (name, reach) in shown.into_iter().filter_map(|(name, reach)| Some((name, reach.as_ref()?))) {
        row("shown by", format!("{name:<10} {}", reached(reach)));
    }
    listed(&mut text, "\nto know\n", (&verification.remarks, verification.remarks.len() as u64), width);
    listed(&mut text, "\nfound\n", (&verification.findings, verification.findings_total), width);
    let _ = writeln!(text, "\n{:<13} {}", "integrity", verification.integrity.as_str());
    let _ = writeln!(text, "{:<13} {}", "completeness", verification.completeness.as_str());
    let _ = writeln!(text, "{}", last_line(verification));
    text
}

fn listed(text: &mut String, title: &str, (findings, total): (&[Finding], u64), width: Option<usize>) {
    if findings.is_empty() {
        return;
    }
    text.push_str(title);
    for finding in findings {
        let weight = match finding.weight {
            Weight::Told => "",
            Weight::CannotTell => "cannot tell: ",
            Weight::Broken => "broken: ",
        };
        wrapped(text, &format!("{}: {weight}{finding}", finding.code.as_str()), width);
    }
    let more = total.saturating_sub(findings.len() as u64);
    if more > 0 {
        let _ = writeln!(text, "  and {} more", grouped(more));
    }
}

/// A line that is indented, and more where it goes on.
fn wrapped(text: &mut String, line: &str, width: Option<usize>) {
    let mut column = 1;
    text.push(' ');
    for word in line.split(' ') {
        let length = word.chars().count();
        if column > INDENT && width.is_some_and(|width| column + 1 + length > width) {
            text.push_str("\n     ");
            column = INDENT;
        }
        text.push(' ');
        text.push_str(word);
        column += 1 + length;
    }
    text.push('\n');
}

fn reached(reach: &Reach) -> String {
    let mut text = format!("record {} of writer {}", grouped(reach.seq), reach.writer);
    if let Some(records) = reach.records {
        let _ = write!(text, ", {} in all", grouped(records));
    }
    if let Some(time) = &reach.time {
        let _ = write!(text, ", signed {time}");
    }
    text
}

fn last_line(verification: &Verification) -> String {
    let Some(reason) = verification.reason() else {
        let until = match (&verification.outside, &verification.head) {
            (Some(outside), _) => format!(
                "whole until record {} of writer {} by a checkpoint from elsewhere",
                grouped(outside.seq),
                outside.writer
            ),
            (None, Some(_)) => "whole until the record that `head` names".to_owned(),
            (None, None) => "whole".to_owned(),
        };
        return format!("holds: {}, {until}", counted(verification.records, "record", "records"));
    };
    format!("{}: {}: {reason}", verification.verdict().as_str(), reason.code.as_str())
}

fn counted(number: u64, one: &str, more: &str) -> String {
    format!("{} {}", grouped(number), if number == 1 { one } else { more })
}

/// A number with its thousands apart.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn bytes(bytes: u64) -> String {
    match bytes {
        0..10_000 => format!("{bytes} bytes"),
        10_000..10_000_000 => format!("{} kB", bytes / 1_000),
        _ => format!("{} MB", grouped(bytes / 1_000_000)),
    }
}

/// A line on a terminal that says how far it is; nothing elsewhere.
struct Progress {
    is_shown: bool,
    began: Instant,
    shown: Option<Instant>,
}

impl Progress {
    fn new() -> Progress {
        Progress { is_shown: std::io::stderr().is_terminal(), began: Instant::now(), shown: None }
    }

    fn show(&mut self, done: u64, total: u64) {
        if !self.is_shown || total == 0 || self.shown.is_some_and(|shown| shown.elapsed() < SHOW_EVERY) {
            return;
        }
        self.shown = Some(Instant::now());
        let per_second = (done as f64 / self.began.elapsed().as_secs_f64().max(0.001)) as u64;
        let percent = u128::from(done) * 100 / u128::from(total);
        let mut stderr = std::io::stderr();
        let _ = write!(stderr, "\r{percent:>3} % of {}, {} a second\x1b[K", bytes(total), bytes(per_second));
    }

    fn clear(&self) {
        if self.shown.is_some() {
            let _ = write!(std::io::stderr(), "\r\x1b[K");
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn times_are_a_number_and_a_unit() {
        for (text, seconds) in [("90s", 90), ("15m", 900), ("1h", 3_600), ("7d", 604_800)] {
            assert_eq!(age(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        for text in [
            "",
            "h",
            "1",
            "0h",
            "-1h",
            "1.5h",
            "1w",
            "1 h",
            "99999999999999999999d",
            "18446744073709551615d",
            "1é",
        ] {
            assert!(age(text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_longer_than_the_terminal_goes_on_indented() {
        let mut text = String::new();
        wrapped(&mut text, "own_word: who signs is the folder's word", Some(20));
        wrapped(&mut text, "own_word: who signs is the folder's word", None);
        let expected = "  own_word: who\n      signs is the\n      folder's word\n  own_word: who signs is the folder's \
                        word\n";
        assert_eq!(text, expected);
        assert_eq!(
            (counted(1, "writer", "writers"), counted(2, "writer", "writers")),
            ("1 writer".into(), "2 writers".into())
        );
    }

    #[test]
    fn numbers_are_shown_with_their_thousands_apart() {
        let all: Vec<_> = [0, 12, 123, 1_234, 123_456, 1_234_567].map(grouped).into();
        assert_eq!(all, ["0", "12", "123", "1,234", "123,456", "1,234,567"]);
    }
}
