//! What does a collector read, going by RFC 5425 and RFC 5424 alone?

use super::server::{Authority, Server};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};

/// A message, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Message {
    pub(super) priority: u32,
    pub(super) time: String,
    pub(super) application: String,
    pub(super) id: String,
    pub(super) data: String,
    pub(super) text: String,
}

/// How a connection goes.
#[derive(Clone, Copy, Debug)]
pub(super) enum Manner {
    /// All of it is read.
    Reads,
    /// So many bytes of the first connection are read, and it is broken off; the others are read.
    BreaksOffAfter(usize),
}

/// A collector on a port of this machine.
pub(super) struct Collector {
    pub(super) server: Server,
    messages: Arc<Mutex<Vec<Message>>>,
}

impl Collector {
    pub(super) fn start(authority: &Authority, manner: Manner) -> Collector {
        let messages = Arc::<Mutex<Vec<Message>>>::default();
        let kept = Arc::clone(&messages);
        let server = Server::tls(authority, move |mut stream, number| {
            let kept = Arc::clone(&kept);
            async move {
                match manner {
                    Manner::BreaksOffAfter(bytes) if number == 0 => {
                        let mut ignored = vec![0; bytes];
                        let _ = stream.read_exact(&mut ignored).await;
                    }
                    Manner::Reads | Manner::BreaksOffAfter(_) => {
                        while let Some(message) = message(&mut stream).await {
                            kept.lock().unwrap().push(message);
                        }
                        let _ = stream.shutdown().await;
                    }
                }
            }
        });
        Collector { server, messages }
    }

    pub(super) fn messages(&self) -> Vec<Message> {
        self.messages.lock().unwrap().clone()
    }

    pub(super) fn texts(&self) -> Vec<String> {
        self.messages().into_iter().map(|message| message.text).collect()
    }
}

/// `SYSLOG-FRAME = MSG-LEN SP SYSLOG-MSG`; nothing at the end.
async fn message(stream: &mut (impl AsyncRead + Unpin)) -> Option<Message> {
    let mut length = String::new();
    loop {
        match stream.read_u8().await.ok()? {
            b' ' => break,
            digit => {
                assert!(digit.is_ascii_digit(), "MSG-LEN has {digit:?} after {length:?}");
                length.push(char::from(digit));
            }
        }
    }
    assert!(!length.starts_with('0'), "MSG-LEN begins with a digit that is not zero");
    let mut bytes = vec![0; length.parse().unwrap()];
    stream.read_exact(&mut bytes).await.ok()?;
    Some(taken_apart(&String::from_utf8(bytes).unwrap()))
}

/// `HEADER SP STRUCTURED-DATA SP MSG`.
fn taken_apart(message: &str) -> Message {
    let mut words = message.splitn(7, ' ');
    let mut next = || words.next().unwrap();
    let priority = next().strip_prefix('<').unwrap().strip_suffix(">1").unwrap().parse().unwrap();
    let (time, host, application, process, id, rest) = (next(), next(), next(), next(), next(), next());
    for (word, most) in [(host, 255), (application, 48), (process, 128), (id, 32)] {
        assert!(
            (1..=most).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_graphic()),
            "{word}"
        );
    }
    // Values that end in an unescaped quote; none of ours has anything to escape.
    let (data, text) = rest.split_once("] ").unwrap();
    Message {
        priority,
        time: time.to_owned(),
        application: application.to_owned(),
        id: id.to_owned(),
        data: format!("{data}]"),
        text: text.to_owned(),
    }
}
