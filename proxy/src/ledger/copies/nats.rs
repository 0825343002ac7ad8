//! How do lines get into a stream of NATS JetStream?
//!
//! ```text
//! subject   SUBJECT.EVENT, such as dragoman.ledger.statement.outcome
//! headers   Nats-Msg-Id: LEDGER:WRITER:SEQ, Dragoman-Ledger, Dragoman-Writer, Dragoman-Seq
//! payload   the line, byte for byte; of a checkpoint its text
//! ```
//! A batch counts as taken when the stream has acknowledged each of its messages.

use super::batch::{Batch, Line, plain};
use super::failure::{Failure, Kind};
use super::{Content, CopySettings};
use crate::nats::{Message, NatsError, NatsFault, NatsSettings, Stream};

/// What a line is called that is none of the ledger's.
const UNKNOWN: &str = "unknown";
const CHECKPOINT: &str = "checkpoint";

/// A stream as a place.
#[derive(Debug)]
pub(super) struct Nats(Stream);

impl Nats {
    pub(super) fn new(host: &str, port: u16, subject: &str, settings: &CopySettings) -> Nats {
        Nats(Stream::new(NatsSettings {
            host: host.into(),
            port,
            subject: subject.into(),
            tls: settings.tls.clone(),
            login: settings.login.clone(),
        }))
    }

    /// Sends a batch; the stream has all of it when this is fine.
    pub(super) async fn send(
        &mut self,
        batch: &Batch,
        content: Content,
        ledger: &str,
    ) -> Result<(), Failure> {
        let messages = match content {
            Content::Records => batch.lines().map(|line| record(line, ledger)).collect(),
            Content::Checkpoints => vec![checkpoint(batch, ledger)],
        };
        self.0.publish(messages).await.map_err(Failure::from)
    }

    pub(super) fn close(&mut self) {
        self.0.close();
    }
}

fn record(line: &[u8], ledger: &str) -> Message {
    let Line { event, writer, seq, .. } = Line::of(line);
    let event = match plain(&event) {
        "-" => UNKNOWN,
        event if event.split('.').any(str::is_empty) => UNKNOWN,
        event => event,
    };
    let mut message = message(event, (ledger, &writer, seq), line.to_vec());
    if plain(&writer) == "-" {
        // None of the ledger's lines: two of them would be one to the stream, and one be lost.
        message.id.clear();
    }
    message
}

fn checkpoint(batch: &Batch, ledger: &str) -> Message {
    message(CHECKPOINT, (ledger, &batch.after.writer, batch.after.seq), batch.bytes.clone())
}

fn message(event: &str, (ledger, writer, seq): (&str, &str, u64), payload: Vec<u8>) -> Message {
    let (ledger, writer) = (plain(ledger), plain(writer));
    // A checkpoint is of a line that has a message of its own.
    let mark = if event == CHECKPOINT { "checkpoint:" } else { "" };
    Message {
        subject_end: event.to_owned(),
        id: format!("{mark}{ledger}:{writer}:{seq}"),
        headers: vec![
            ("Dragoman-Ledger", ledger.to_owned()),
            ("Dragoman-Writer", writer.to_owned()),
            ("Dragoman-Seq", seq.to_string()),
        ],
        payload,
    }
}

impl From<NatsError> for Failure {
    fn from(error: NatsError) -> Failure {
        let kind = match error.fault {
            NatsFault::Away => Kind::Away,
            NatsFault::Silent => Kind::Silent,
            NatsFault::Tls => Kind::Tls,
            NatsFault::BrokenOff => Kind::BrokenOff,
            NatsFault::Refused | NatsFault::TooLong => Kind::Refused,
        };
        Failure::new(kind, error.detail)
    }
}
