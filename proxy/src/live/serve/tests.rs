//! Are views answered as they should be, and no more than they may be?
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::super::look::tests::statement;
use super::super::socket::{self, SocketFile};
use super::super::wire::{Look, Sort};
use super::*;
use relay::sight::Sight;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::task::AbortHandle;

/// A gateway with three statements that counts how often it is looked at.
struct Made {
    looked: Arc<AtomicUsize>,
    written: Arc<std::sync::Mutex<Vec<(Read, Peer)>>>,
}

impl Looks for Made {
    async fn gather(&self) -> Result<Gathered, String> {
        let number = self.looked.fetch_add(1, Ordering::Relaxed) as u64;
        let statements = vec![statement(1, 10, 500, 9), statement(2, 90, 100, 2), statement(3, 50, 20, 5)];
        let sight = Sight { statements, ..Sight::default() };
        Ok(Gathered::new(Look { at_us: number, ..Look::default() }, sight))
    }

    async fn write_down(&self, read: Read, peer: Peer) -> Result<(), String> {
        if read.directory != (1, 2) {
            return Err("the gateway that answers has another ledger".to_owned());
        }
        self.written.lock().unwrap().push((read, peer));
        Ok(())
    }
}

struct Served {
    path: PathBuf,
    looked: Arc<AtomicUsize>,
    written: Arc<std::sync::Mutex<Vec<(Read, Peer)>>>,
    accepts: AbortHandle,
    _file: SocketFile,
    _folder: tempfile::TempDir,
}

impl Drop for Served {
    fn drop(&mut self) {
        self.accepts.abort();
    }
}

fn served() -> Served {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(socket::SOCKET_NAME);
    let (listener, file) = socket::open(&path).unwrap();
    let looked = Arc::new(AtomicUsize::new(0));
    let written = Arc::default();
    let made = Made { looked: Arc::clone(&looked), written: Arc::clone(&written) };
    let accepts = tokio::spawn(serve(listener, made)).abort_handle();
    Served { path, looked, written, accepts, _file: file, _folder: folder }
}

struct View(BufReader<UnixStream>);

impl View {
    async fn open(served: &Served) -> View {
        View(BufReader::new(UnixStream::connect(&served.path).await.unwrap()))
    }

    async fn say(&mut self, line: &str) -> Answer {
        self.0.get_mut().write_all(line.as_bytes()).await.unwrap();
        self.heard().await.unwrap()
    }

    /// `None` when the gateway has hung up.
    async fn heard(&mut self) -> Option<Answer> {
        let mut answer = String::new();
        let read = timeout(Duration::from_secs(20), self.0.read_line(&mut answer)).await.unwrap();
        (read.unwrap_or(0) > 0).then(|| serde_json::from_str(&answer).unwrap())
    }
}

const SIGHT: &str = "{\"v\":1,\"want\":\"sight\"}\n";

#[tokio::test]
async fn a_view_is_told_the_first_statements_of_the_order_it_asks_for() {
    let served = served();
    let mut view = View::open(&served).await;
    let mut fingerprints = async |line: &str| {
        let look = view.say(line).await.look.unwrap();
        assert_eq!(look.statements_kept, 3);
        look.statements.iter().map(|one| one.totals.calls).collect::<Vec<_>>()
    };
    assert_eq!(fingerprints(SIGHT).await, [90, 10, 50], "by time");
    let asked = |rest: &str| format!("{{\"v\":1,\"want\":\"sight\",{rest}}}\n");
    assert_eq!(fingerprints(&asked("\"sort\":\"mean\",\"statements\":1")).await, [10]);
    assert_eq!(fingerprints(&asked("\"sort\":\"calls\",\"statements\":2")).await, [90, 50]);
    assert_eq!(fingerprints(&asked("\"sort\":\"calls\",\"active_since_us\":5")).await, [50, 10, 90]);
    assert_eq!(fingerprints(&asked("\"statements\":0")).await, [0u64; 0]);
    let sort = serde_json::to_string(&Sort::FirstSeen).unwrap();
    assert_eq!(
        fingerprints(&asked(&format!("\"sort\":{sort},\"statements\":18446744073709551615"))).await.len(),
        3
    );
}

#[tokio::test]
async fn views_that_ask_at_the_same_time_share_a_look_and_nobody_is_looked_at_for_nothing() {
    let served = served();
    let mut views = Vec::new();
    for _ in 0..CLIENTS_MAX {
        views.push(View::open(&served).await);
    }
    assert_eq!(served.looked.load(Ordering::Relaxed), 0);
    let begun = std::time::Instant::now();
    let answers = futures(views.iter_mut().map(|view| view.say(SIGHT))).await;
    let seen: Vec<_> = answers.iter().map(|answer| answer.look.as_ref().unwrap().at_us).collect();
    if begun.elapsed() < LOOK_SHARED {
        assert_eq!(seen, [0; CLIENTS_MAX]);
    }
    assert!(served.looked.load(Ordering::Relaxed) < CLIENTS_MAX, "{seen:?}");
    let end = begun + Duration::from_secs(20);
    while views[0].say(SIGHT).await.look.unwrap().at_us <= seen[CLIENTS_MAX - 1] {
        assert!(std::time::Instant::now() < end, "no new look after a while");
    }
}

/// All of them, begun together.
async fn futures<F: Future<Output = Answer>>(all: impl Iterator<Item = F>) -> Vec<Answer> {
    let mut pinned: Vec<_> = all.map(|future| (Box::pin(future), None)).collect();
    std::future::poll_fn(|context| {
        for (future, answer) in &mut pinned {
            if answer.is_none()
                && let std::task::Poll::Ready(told) = future.as_mut().poll(context)
            {
                *answer = Some(told);
            }
        }
        if pinned.iter().all(|(_, answer)| answer.is_some()) {
            return std::task::Poll::Ready(());
        }
        std::task::Poll::Pending
    })
    .await;
    pinned.into_iter().filter_map(|(_, answer)| answer).collect()
}

#[tokio::test]
async fn one_view_too_many_is_told_so_and_a_place_that_is_free_again_is_given() {
    let served = served();
    let mut views = Vec::new();
    for _ in 0..CLIENTS_MAX {
        let mut view = View::open(&served).await;
        assert!(view.say(SIGHT).await.look.is_some());
        views.push(view);
    }
    let mut refused = View::open(&served).await;
    let answer = refused.say(SIGHT).await;
    assert_eq!(answer.error.as_deref(), Some("8 views are looking already: end one of them"));
    assert!(refused.heard().await.is_none(), "and hung up on");
    drop(views.pop());
    let end = std::time::Instant::now() + Duration::from_secs(20);
    loop {
        let mut view = View::open(&served).await;
        // One that is still turned away is hung up on, which may break what it says.
        let _ = view.0.get_mut().write_all(SIGHT.as_bytes()).await;
        if view.heard().await.is_some_and(|answer| answer.look.is_some()) {
            break;
        }
        assert!(std::time::Instant::now() < end, "the place is not given");
    }
}

#[tokio::test]
async fn what_cannot_be_answered_is_told_why() {
    let served = served();
    let mut view = View::open(&served).await;
    let mut check = async |line: &str, expected: &str| {
        let said = view.say(line).await.error.unwrap();
        assert!(said.contains(expected), "{line}: {said}");
    };
    check("{\"v\":2,\"want\":\"everything\"}\n", "speaks version 1, the view asked in version 2").await;
    check("{\"want\":\"sight\"}\n", "version none").await;
    check("{\"v\":1,\"want\":\"rows\"}\n", "unknown variant `rows`").await;
    check("GET / HTTP/1.0\r\n", "cannot be read").await;
    assert!(view.say(SIGHT).await.look.is_some(), "and it can ask again");
    let mut long = View::open(&served).await;
    let said = long.say(&"x".repeat(REQUEST_BYTES_MAX as usize)).await.error.unwrap();
    assert!(said.contains("at most 16384 bytes"), "{said}");
    assert!(long.heard().await.is_none());
    assert_eq!(served.looked.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn a_read_of_the_ledger_is_written_down_with_who_reads() {
    let served = served();
    let mut view = View::open(&served).await;
    let ask = |directory: &str| {
        format!(
            "{{\"v\":1,\"want\":\"read\",\"read\":{{\"directory\":{directory},\"takes_away\":true,\"asked\":\"user=ada\",\
             \"format\":\"csv\"}}}}\n"
        )
    };
    let answer = view.say(&ask("[1,2]")).await;
    assert!(answer.written_down && answer.look.is_none() && answer.error.is_none(), "{answer:?}");
    let written = served.written.lock().unwrap().clone();
    let [(read, peer)] = written.as_slice() else { panic!("{written:?}") };
    assert_eq!((read.takes_away, read.asked.as_str(), read.format.as_str()), (true, "user=ada", "csv"));
    assert_eq!((peer.uid, peer.pid), (own_uid().unwrap(), i32::try_from(std::process::id()).ok()));
    let refused = view.say(&ask("[3,4]")).await;
    assert!(!refused.written_down && refused.error.unwrap().contains("another ledger"));
    let nothing = view.say("{\"v\":1,\"want\":\"read\"}\n").await;
    assert!(!nothing.written_down && nothing.error.unwrap().contains("does not say what is read"));
    assert_eq!(served.looked.load(Ordering::Relaxed), 0, "nobody looked");
}

#[tokio::test]
async fn a_read_is_written_down_where_every_view_is_taken_and_others_say_nothing() {
    let served = served();
    let mut views = Vec::new();
    for _ in 0..CLIENTS_MAX {
        let mut view = View::open(&served).await;
        assert!(view.say(SIGHT).await.look.is_some());
        views.push(view);
    }
    // More than there are places.
    let mut silent = Vec::new();
    for _ in 0..CONNECTIONS_MAX {
        silent.push(View::open(&served).await);
    }
    let mut reader = View::open(&served).await;
    let ask = "{\"v\":1,\"want\":\"read\",\"read\":{\"directory\":[1,2],\"takes_away\":true,\"asked\":\"all\",\
               \"format\":\"csv\"}}\n";
    assert!(reader.say(ask).await.written_down);
    assert!(silent[0].heard().await.is_none(), "who says nothing is hung up on");
    assert!(views[0].say(SIGHT).await.look.is_some(), "who looks is not");
}
