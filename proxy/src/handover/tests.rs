//! Do the two sides understand each other, over a real socket, with real listening sockets?
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::channel::{ChannelError, Frame, halves};
use super::message::Message;
use super::*;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::Path;

const SOON: Option<Duration> = Some(Duration::from_secs(10));

#[test]
fn frames_arrive_as_they_were_sent_whatever_their_size() {
    let (one, other) = UnixStream::pair().unwrap();
    let (sender, _) = halves(one).unwrap();
    let (_, mut receiver) = halves(other).unwrap();
    let batch = vec![7; 3 * 1024 * 1024];
    let key = Message::Cancel { number: 3, listener: "shop".to_owned(), process: 9, key: vec![0, 255, 10] };
    std::thread::scope(|scope| {
        scope.spawn(|| {
            sender.say(&Message::Prepared).unwrap();
            sender.lines(1, &batch).unwrap();
            sender.lines(2, b"").unwrap();
            sender.say(&key).unwrap();
            sender.end();
        });
        assert_eq!(receiver.next(SOON).unwrap(), Frame::Message(Message::Prepared));
        assert_eq!(receiver.next(SOON).unwrap(), Frame::Lines { number: 1, batch: batch.clone() });
        assert_eq!(receiver.next(SOON).unwrap(), Frame::Lines { number: 2, batch: Vec::new() });
        assert_eq!(receiver.next(SOON).unwrap(), Frame::Message(key.clone()));
        assert!(matches!(receiver.next(SOON), Err(ChannelError::Ended)));
    });
    assert!(!format!("{key:?}").contains("255"), "a key is not shown");
}

#[test]
fn what_is_no_frame_is_refused_and_silence_has_a_bound() {
    for bytes in [&b"\0\0\0\0"[..], b"\xff\xff\xff\xffJ", b"\x03\0\0\0Jxx", b"\x02\0\0\0Q!", b"\x03\0\0\0L12"]
    {
        let (mut one, other) = UnixStream::pair().unwrap();
        let (_, mut receiver) = halves(other).unwrap();
        one.write_all(bytes).unwrap();
        assert!(matches!(receiver.next(SOON), Err(ChannelError::Malformed)), "{bytes:?}");
    }
    let (_one, other) = UnixStream::pair().unwrap();
    let (_, mut receiver) = halves(other).unwrap();
    assert!(matches!(receiver.next(Some(Duration::from_millis(20))), Err(ChannelError::Late)));
}

/// A process that is replaced, as far as the settings: what it hands over, and where its ledger is.
fn replaced(
    stream: UnixStream,
    sockets: Vec<(SocketAddr, OwnedFd)>,
    ledger: &Path,
) -> Result<Successor, HandoverError> {
    let mut successor = Successor::greet(stream)?;
    successor.offer(&sockets, ledger)?;
    Ok(successor)
}

#[test]
fn a_socket_that_was_handed_over_accepts_what_waited_in_the_old_one() {
    let (ours, theirs) = UnixStream::pair().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let unwanted = other.local_addr().unwrap();
    let mut client = TcpStream::connect(address).unwrap();
    client.write_all(b"hello").unwrap();
    let folder = tempfile::tempdir().unwrap();
    std::thread::scope(|scope| {
        let sockets = vec![(address, OwnedFd::from(listener)), (unwanted, OwnedFd::from(other))];
        let old = scope.spawn(|| replaced(ours, sockets, folder.path()));
        let (mut predecessor, given) = Predecessor::meet(theirs).unwrap();
        assert_eq!(predecessor.process(), std::process::id());
        assert!(predecessor.check_ledger(&folder.path().join(".")).is_ok());
        let error = predecessor.check_ledger(Path::new("/elsewhere")).unwrap_err();
        assert!(error.to_string().contains("`/elsewhere`"), "{error}");
        let socket = given.take(address).expect("it was handed over");
        assert!(given.take(address).is_none(), "once");
        assert!(given.take("127.0.0.1:1".parse().unwrap()).is_none());
        // What nobody takes is not listened on any more.
        drop(given);
        let prepared = scope.spawn(move || predecessor.prepared());
        let mut successor = old.join().unwrap().unwrap();
        assert_eq!(successor.process(), std::process::id());
        let (mut stream, _) = socket.accept().unwrap();
        let mut bytes = [0; 5];
        stream.read_exact(&mut bytes).unwrap();
        assert_eq!(&bytes, b"hello");
        assert!(TcpStream::connect(unwanted).is_err());
        let started = scope.spawn(move || successor.control_ended());
        prepared.join().unwrap().unwrap();
        // The one that takes over is gone: the thread has dropped it.
        let error = started.join().unwrap().unwrap_err();
        assert_eq!(error.to_string(), "the new process ended before it said that its control plane runs");
    });
}

#[test]
fn a_new_process_that_cannot_says_why_in_its_own_words() {
    let (ours, theirs) = UnixStream::pair().unwrap();
    std::thread::scope(|scope| {
        let old = scope.spawn(|| replaced(ours, Vec::new(), Path::new("/ledger")));
        let (predecessor, _) = Predecessor::meet(theirs).unwrap();
        predecessor.failed("port 1 is not for us");
        let error = old.join().unwrap().unwrap_err();
        assert_eq!(error.to_string(), "port 1 is not for us");
    });
}

#[test]
fn versions_that_do_not_understand_each_other_are_told_apart() {
    let (ours, theirs) = UnixStream::pair().unwrap();
    let (sender, _receiver) = halves(theirs).unwrap();
    sender.say(&Message::Hello { version: VERSION + 1, process: 1, hears_sessions: true }).unwrap();
    assert!(matches!(Successor::greet(ours), Err(HandoverError::Version)));
    // What one of the same version does not say yet is that it does not understand more.
    let (ours, mut theirs) = UnixStream::pair().unwrap();
    let hello = format!("{{\"say\":\"hello\",\"version\":{VERSION},\"process\":7}}");
    let length = u32::try_from(hello.len() + 1).unwrap().to_le_bytes();
    theirs.write_all(&[&length[..], b"J", hello.as_bytes()].concat()).unwrap();
    let greeted = Successor::greet(ours).unwrap();
    assert_eq!((greeted.process(), greeted.hears_sessions()), (7, false));
    let (ours, theirs) = UnixStream::pair().unwrap();
    let (sender, _receiver) = halves(ours).unwrap();
    let ledger = "/ledger".into();
    sender.say(&Message::Offered { version: VERSION + 1, process: 1, ledger }).unwrap();
    assert!(matches!(Predecessor::meet(theirs), Err(HandoverError::Version)));
}
