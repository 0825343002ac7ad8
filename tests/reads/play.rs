//! How is a session of reads played directly and through a gateway, and what is wrong with its answers?

use super::files::{Group, Protocols, Read, Steady};
use super::harness::wire::{Frame, Wire, bind, describe, execute, parse, query, sync};
use std::fmt::Write as _;

/// What makes a session of the server refuse to write.
pub const READ_ONLY: (&str, &str) = ("default_transaction_read_only", "on");
/// The server's word for a statement behind an error in the same transaction.
const IN_FAILED_TRANSACTION: &str = "25P02";
/// Most characters of a read that a failure shows; where it stands is told as well.
const SHOWN_MAX: usize = 300;

/// A way to send a statement.
#[derive(Clone, Copy, Debug)]
pub enum Protocol {
    /// The text in one message.
    Simple,
    /// Parse, Bind, Describe, Execute, Sync.
    Extended,
}

/// Both of them.
pub const PROTOCOLS: [Protocol; 2] = [Protocol::Simple, Protocol::Extended];

/// Everything the session of `group` answers, read by read; `None` where a read does not apply.
pub fn play(mut wire: Wire, group: &Group, version: &str, protocol: Protocol) -> Vec<Option<Vec<Frame>>> {
    let mut answer = |read: &Read| {
        let bytes = match (protocol, read.protocols) {
            _ if !read.is_for(version) => return None,
            (Protocol::Simple, Protocols::ExtendedOnly) => return None,
            (Protocol::Extended, Protocols::SimpleOnly) => return None,
            (Protocol::Simple, _) => query(&read.text),
            (Protocol::Extended, _) => {
                let values: Vec<_> =
                    read.values.iter().map(|value| value.as_ref().map(String::as_bytes)).collect();
                let prepare = [parse("", &read.text, &[]), bind("", "", &values, 0)].concat();
                [prepare, describe(b'P', ""), execute("", 0), sync()].concat()
            }
        };
        wire.send(&bytes);
        let frames = wire.until(b'Z', 1);
        assert_eq!(frames.last().map(|frame| frame.tag), Some(b'Z'), "the session ended at `{}`", read.text);
        Some(frames)
    };
    group.reads.iter().map(&mut answer).collect()
}

/// What is wrong with an answer that came through the gateway, beside the server's own.
fn fault(read: &Read, direct: &[Frame], through: &[Frame]) -> Option<String> {
    if let Some(error) = error(through) {
        return Some(error);
    }
    let of = |frames: &[Frame], kept: &[u8]| -> Vec<Frame> {
        frames.iter().filter(|frame| kept.contains(&frame.tag)).cloned().collect()
    };
    let rows = |frames: &[Frame]| of(frames, b"D").len();
    let same = match read.steady {
        Steady::All => direct == through,
        Steady::Shape => of(direct, b"TCIZ") == of(through, b"TCIZ") && rows(direct) == rows(through),
        Steady::Columns => of(direct, b"TZ") == of(through, b"TZ"),
    };
    (!same).then(|| {
        let at = direct.iter().zip(through).position(|(one, other)| one != other).unwrap_or(0);
        let shown = |frames: &[Frame]| {
            frames.get(at).map(|frame| (char::from(frame.tag), frame.body.escape_ascii().to_string()))
        };
        format!("another answer: message {at} is {:?}, directly {:?}", shown(through), shown(direct))
    })
}

/// The code and the words of an answer's first error.
pub fn error(frames: &[Frame]) -> Option<String> {
    let fields = frames.iter().find(|frame| frame.tag == b'E')?.fields();
    let field = |name| fields.get(&name).map_or("", String::as_str);
    let mut text = format!("{} {}", field('C'), field('M'));
    for (name, word) in [('D', "detail"), ('H', "hint")] {
        if !field(name).is_empty() {
            let _ = write!(text, "; {word}: {}", field(name));
        }
    }
    Some(text)
}

/// Plays each group by both protocols in two sessions, that of `direct` and that of `through`, and panics
/// with every read whose answer is not the same.
pub fn compare(
    version: &str,
    groups: &[Group],
    direct: impl Fn(&Group) -> Wire,
    through: impl Fn(&Group) -> Wire,
) {
    let mut faults = Vec::new();
    let mut followers = 0;
    for group in groups {
        let before = faults.len();
        let mut passed = 0;
        for protocol in PROTOCOLS {
            let direct = play(direct(group), group, version, protocol);
            let through = play(through(group), group, version, protocol);
            for (read, (direct, through)) in group.reads.iter().zip(direct.iter().zip(&through)) {
                let (Some(direct), Some(through)) = (direct, through) else { continue };
                let place = format!("{}:{} {protocol:?}", group.file, read.line);
                assert_eq!(error(direct), None, "{place}: `{}` fails directly", read.text);
                match fault(read, direct, through) {
                    // Only what was refused before it in its transaction is to be mended.
                    Some(fault) if fault.starts_with(IN_FAILED_TRANSACTION) => followers += 1,
                    Some(fault) => faults.push(format!("{place}: {fault}\n    {}", begun(&read.text))),
                    None => passed += 1,
                }
            }
        }
        println!("PostgreSQL {version}: {passed} passed, {} did not: {}", faults.len() - before, group.name);
    }
    assert!(
        faults.is_empty() && followers == 0,
        "PostgreSQL {version}: {} reads did not pass, {followers} more failed behind them:\n  {}",
        faults.len(),
        faults.join("\n  ")
    );
}

/// As much of a text as tells which it is, on one line.
fn begun(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    line.chars().take(SHOWN_MAX).collect()
}
