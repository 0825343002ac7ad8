//! How much does a session carry before the others of its thread have their turn?

use super::*;
use crate::buffer::Buffer;
use crate::pump::{Ends, Pump};
use crate::scope::{Scope, Wire};
use crate::stream::Stream;
use crate::sweep::Mark;
use std::future::{Future, poll_fn};
use std::pin::Pin;

/// Far more than one turn.
const BYTES: usize = 64 * 1024 * 1024;

/// What a turn may carry, and the read that goes beyond it.
const TURN_MAX: u64 = (256 + 32) * 1024;

fn pair() -> (TcpStream, TcpStream) {
    let door = TcpListener::bind("127.0.0.1:0").unwrap();
    let near = TcpStream::connect(door.local_addr().unwrap()).unwrap();
    let (far, _) = door.accept().unwrap();
    far.set_nonblocking(true).unwrap();
    (near, far)
}

/// A session between two sockets whose login is over but for the server's being ready.
fn pump(client: TcpStream, upstream: TcpStream) -> (Pump, Rc<Mark>) {
    let (journal, _) = journal(Arc::new(LedgerHealth::default()));
    let thread = Rc::new(Thread {
        index: 0,
        journal: RefCell::new(journal),
        analyses: RefCell::default(),
        meanings: RefCell::default(),
        statistics: RefCell::new(Statistics::new(1 << 20)),
        sessions: Sessions::new(Instant::now(), 1 << 22),
        wall: Wall::new(),
        stopping: tokio::sync::Notify::new(),
    });
    let listener = Arc::new(Listener::new(settings(1), 1, 1));
    let settings = listener.settings.load_full();
    let principal = exchange::Principal {
        user: "ann".into(),
        database: "ann".into(),
        application: "".into(),
        address: exchange::Address::Unix,
        tls: None,
    };
    let facts = connection::session_of(principal, &settings);
    let mark = Mark::new(facts, Arc::clone(&settings), Instant::now());
    let scope = Scope::new(thread, listener, settings, Rc::clone(&mark));
    let stream = |socket| Stream::Tcp(tokio::net::TcpStream::from_std(socket).unwrap());
    let ends = Ends {
        client: stream(client),
        upstream: stream(upstream),
        up: Buffer::default(),
        down: Buffer::default(),
        upstream_address: UpstreamAddress::Tcp { host: "127.0.0.1".into(), port: 1 },
    };
    let wire = Wire::Postgres(wire_postgres::Session::new(1 << 20));
    (Pump::new(scope, wire, ends, Rc::clone(&mark), |_| {}), mark)
}

#[test]
fn a_stream_whose_peers_never_wait_gives_way_after_a_bounded_number_of_bytes() {
    let (mut client, far_client) = pair();
    let (mut server, far_server) = pair();
    let said = std::thread::spawn(move || {
        server.write_all(b"Z\0\0\0\x05I").unwrap();
        // Notices, which may come at any time.
        let length = 8 * 1024_u32;
        let notice = [&b"N"[..], &length.to_be_bytes(), &vec![b'x'; length as usize - 4]].concat();
        let mut said = 6;
        while said < BYTES {
            server.write_all(&notice).unwrap();
            said += notice.len();
        }
        said
    });
    let heard = std::thread::spawn(move || {
        let (mut heard, mut room) = (0, vec![0; 256 * 1024]);
        while let Ok(len @ 1..) = client.read(&mut room) {
            heard += len;
        }
        heard
    });
    let runtime = Builder::new_current_thread().enable_all().build_local(LocalOptions::default()).unwrap();
    let (turns, most) = runtime.block_on(async {
        let (mut pump, mark) = pump(far_client, far_server);
        let (mut turns, mut most) = (0, 0);
        poll_fn(|context| {
            let before = mark.bytes_out.get();
            let polled = Pin::new(&mut pump).poll(context);
            turns += 1;
            most = most.max(mark.bytes_out.get() - before);
            polled.map(drop)
        })
        .await;
        crate::pump::finish(&mut pump.client, &mut pump.down).await.unwrap();
        (turns, most)
    });
    assert_eq!(heard.join().unwrap(), said.join().unwrap(), "nobody is left behind who gave way");
    assert!(most <= TURN_MAX, "{most} bytes in one of {turns} turns");
}
