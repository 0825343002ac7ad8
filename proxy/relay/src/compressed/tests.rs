//! Compressed connections by example and by property, over real sockets. The peer's frames are made and read here
//! by the readers and writers of the two libraries, not by what is tested.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use super::*;
use proptest::prelude::*;
use std::future::{Future, poll_fn};
use std::io::{Read, Write};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::time::timeout;

const ZLIB: Algorithm = Algorithm::Zlib;
const ZSTD: Algorithm = Algorithm::Zstd { level: 9 };

fn run<T>(test: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async { timeout(Duration::from_secs(20), test).await.expect("the test hung") })
}

/// A client's connection behind its login, and the client.
fn pair(algorithm: Algorithm) -> (Compressed, UnixStream) {
    let (ours, theirs) = UnixStream::pair().unwrap();
    let mut compressed = Compressed::new(Stream::Unix(ours), algorithm, b"");
    compressed.granting = None;
    (compressed, theirs)
}

fn three(number: usize) -> [u8; 3] {
    let [a, b, c, ..] = number.to_le_bytes();
    [a, b, c]
}

fn packet(number: u8, body: &[u8]) -> Vec<u8> {
    [&three(body.len())[..], &[number], body].concat()
}

fn framed(number: u8, payload: &[u8], inflated: usize) -> Vec<u8> {
    [&three(payload.len())[..], &[number], &three(inflated), payload].concat()
}

fn deflated(algorithm: Algorithm, content: &[u8]) -> Vec<u8> {
    match algorithm {
        Algorithm::Zlib => {
            let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
            encoder.write_all(content).unwrap();
            encoder.finish().unwrap()
        }
        Algorithm::Zstd { level } => zstd::encode_all(content, i32::from(level)).unwrap(),
    }
}

/// A frame as a client makes it.
fn frame(algorithm: Algorithm, number: u8, content: &[u8]) -> Vec<u8> {
    framed(number, &deflated(algorithm, content), content.len())
}

/// The numbers of the frames in `bytes`, and what stands in them.
fn unframed(algorithm: Algorithm, mut bytes: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let (mut numbers, mut content) = (Vec::new(), Vec::new());
    while !bytes.is_empty() {
        let length = |at: usize| u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], 0]) as usize;
        let (payload, inflated) = (length(0), length(4));
        numbers.push(bytes[3]);
        let (this, rest) = bytes[HEADER_BYTES..].split_at(payload);
        let before = content.len();
        match algorithm {
            _ if inflated == 0 => content.extend(this),
            Algorithm::Zlib => {
                flate2::read::ZlibDecoder::new(this).read_to_end(&mut content).unwrap();
            }
            Algorithm::Zstd { .. } => content.extend(zstd::decode_all(this).unwrap()),
        }
        assert!(inflated == 0 || content.len() - before == inflated);
        bytes = rest;
    }
    (numbers, content)
}

/// Everything there is to read at this moment.
async fn read_now(compressed: &mut Compressed) -> io::Result<Vec<u8>> {
    let (mut all, mut dry) = (Vec::new(), 0);
    // A socket is known to be readable when the runtime has looked.
    while dry < 3 {
        let mut place = [0; 300];
        let read = poll_fn(|context| {
            let mut buffer = ReadBuf::new(&mut place);
            Poll::Ready(match Pin::new(&mut *compressed).poll_read(context, &mut buffer) {
                Poll::Ready(Ok(())) => Ok(buffer.filled().len()),
                Poll::Ready(Err(error)) => Err(error),
                Poll::Pending => Ok(0),
            })
        })
        .await?;
        all.extend(&place[..read]);
        dry = if read == 0 { dry + 1 } else { 0 };
        if read == 0 {
            tokio::task::yield_now().await;
        }
    }
    Ok(all)
}

fn text(len: usize) -> Vec<u8> {
    // Neither one byte over and over nor noise.
    (0..len).map(|at| b"SELECT name, city FROM customers WHERE id = "[at % 44] ^ (at / 997) as u8).collect()
}

#[test]
fn what_a_client_says_in_frames_is_read_as_packets() {
    for algorithm in [ZLIB, ZSTD] {
        run(async {
            let (mut compressed, mut client) = pair(algorithm);
            let query = packet(0, &text(70_000));
            // A frame of its own for the packet's first two bytes, one that is not compressed, one that is.
            let parts = [
                frame(algorithm, 0, &query[..2]),
                framed(1, &query[2..40], 0),
                frame(algorithm, 2, &query[40..]),
            ];
            client.write_all(&parts.concat()).await.unwrap();
            let mut read = vec![0; query.len()];
            compressed.read_exact(&mut read).await.unwrap();
            assert_eq!(read, query);
        });
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// However packets are put into frames and the frames into segments, the packets are the same.
    #[test]
    fn any_frames_and_any_segments_give_the_same_packets(
        bodies in proptest::collection::vec(0_usize..2_000, 1..6),
        cuts in proptest::collection::vec((1_usize..900, 0_u8..3), 1..12),
        segment in 1_usize..200, zlib in any::<bool>(),
    ) {
        let algorithm = if zlib { ZLIB } else { ZSTD };
        let packets: Vec<u8> = (0_u8..).zip(&bodies).flat_map(|(number, len)| packet(number, &text(*len))).collect();
        let (mut frames, mut rest, mut number) = (Vec::new(), &packets[..], 0_u8);
        for (len, how) in cuts.iter().cycle() {
            let (content, after) = rest.split_at((*len).min(rest.len()));
            rest = after;
            frames.extend(if *how == 0 { framed(number, content, 0) } else { frame(algorithm, number, content) });
            number = number.wrapping_add(1);
            if rest.is_empty() {
                break;
            }
        }
        let read = run(async {
            let (mut compressed, mut client) = pair(algorithm);
            // Numbers begin anew with each message, which is not what is looked at here.
            compressed.take_turn(Turn::Continuation(0));
            let mut read = Vec::new();
            for segment in frames.chunks(segment) {
                client.write_all(segment).await.unwrap();
                let next = read_now(&mut compressed).await.unwrap();
                let whole = compressed.packets.are_whole();
                read.extend(next);
                if whole && compressed.incoming.is_none() {
                    let so_far = count(&read);
                    compressed.take_turn(Turn::Continuation(so_far));
                }
            }
            assert!(compressed.raw.is_empty(), "an idle connection holds nothing");
            read
        });
        prop_assert_eq!(read, packets);
    }

    /// Whatever is written and however much a socket takes, the client reads the same.
    #[test]
    fn what_is_written_comes_in_frames_of_consecutive_numbers(
        lens in proptest::collection::vec(1_usize..200_000, 1..5), first in any::<u8>(), zlib in any::<bool>(),
    ) {
        let algorithm = if zlib { ZLIB } else { ZSTD };
        let said: Vec<Vec<u8>> = lens.iter().map(|len| text(*len)).collect();
        let heard = run(async {
            let (mut compressed, mut client) = pair(algorithm);
            compressed.numbers.received(first, false).err();
            let writing = async {
                for bytes in &said {
                    compressed.write_all(bytes).await.unwrap();
                }
                compressed.shutdown().await.unwrap();
                assert!(compressed.left.capacity() == 0, "an idle connection holds nothing");
            };
            let mut heard = Vec::new();
            let (_, read) = tokio::join!(writing, client.read_to_end(&mut heard));
            read.unwrap();
            heard
        });
        let (numbers, content) = unframed(algorithm, &heard);
        prop_assert_eq!(content, said.concat());
        let begin = numbers[0];
        let expected: Vec<u8> = (0..numbers.len()).map(|at| begin.wrapping_add(at as u8)).collect();
        prop_assert_eq!(numbers, expected);
    }
}

/// Whole packets in `bytes`.
fn count(mut bytes: &[u8]) -> u8 {
    let mut count = 0_u8;
    while let Some((_, body)) = wire_mysql::frame::packet(bytes) {
        bytes = &bytes[wire_mysql::frame::HEADER_BYTES + body.len()..];
        count = count.wrapping_add(1);
    }
    count
}

#[test]
fn the_login_is_granted_as_it_is_and_what_follows_comes_in_frames() {
    run(async {
        let (ours, mut client) = UnixStream::pair().unwrap();
        let mut compressed = Compressed::new(Stream::Unix(ours), ZLIB, b"");
        let (ok, next) = (packet(2, b"\0\0\0\x02\0\0\0"), packet(1, b"said unasked"));
        compressed.take_turn(Turn::Command);
        compressed.write_all(&[&ok[..], &next].concat()).await.unwrap();
        let mut heard = vec![0; ok.len() + HEADER_BYTES + next.len()];
        client.read_exact(&mut heard).await.unwrap();
        assert_eq!(&heard[..ok.len()], ok);
        assert_eq!(&heard[ok.len()..], framed(1, &next, 0));
    });
}

#[test]
fn short_and_incompressible_content_is_sent_as_it_is() {
    for algorithm in [ZLIB, ZSTD] {
        let mut state = 7_u64;
        let mut byte = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 56) as u8
        };
        let noise: Vec<u8> = (0..500).map(|_| byte()).collect();
        for (content, compressed) in [(text(49), false), (vec![b'x'; 50], true), (noise, false)] {
            let mut out = b"before".to_vec();
            deflate::frame(algorithm, 7, &content, &mut out);
            let header = compression::header(&out[6..]).unwrap();
            assert_eq!((header.number, header.content()), (7, content.len()));
            assert_eq!(header.inflated.is_some(), compressed, "{} bytes", content.len());
            assert_eq!(header.payload + HEADER_BYTES + 6, out.len());
        }
    }
}

#[test]
fn the_next_command_is_read_when_the_last_is_answered() {
    run(async {
        let (mut compressed, mut client) = pair(ZLIB);
        let (one, two) = (packet(0, &text(100)), packet(0, &text(90)));
        client.write_all(&[frame(ZLIB, 0, &one), frame(ZLIB, 0, &two)].concat()).await.unwrap();
        let mut read = vec![0; one.len()];
        compressed.read_exact(&mut read).await.unwrap();
        assert!(compressed.take_turn(Turn::Answer));
        assert_eq!(read_now(&mut compressed).await.unwrap(), b"");
        compressed.write_all(b"an answer").await.unwrap();
        assert!(compressed.take_turn(Turn::Command));
        assert_eq!(read_now(&mut compressed).await.unwrap(), two);
    });
}

#[test]
fn commands_in_one_frame_are_read_one_by_one() {
    for algorithm in [ZLIB, ZSTD] {
        run(async {
            let (mut compressed, mut client) = pair(algorithm);
            let commands =
                [packet(0, &text(100)), packet(0, b""), packet(0, &text(4_000)), packet(0, b"\x0e")];
            client.write_all(&frame(algorithm, 0, &commands.concat())).await.unwrap();
            for (place, command) in commands.iter().enumerate() {
                let mut read = vec![0; command.len()];
                compressed.read_exact(&mut read).await.unwrap();
                assert_eq!(&read, command, "{place}");
                compressed.take_turn(Turn::Answer);
                assert_eq!(read_now(&mut compressed).await.unwrap(), b"", "{place}");
                compressed.take_turn(Turn::Command);
            }
            assert!(compressed.is_between());
            assert_eq!(read_now(&mut compressed).await.unwrap(), b"");
        });
    }
}

#[test]
fn a_client_that_leaves_amid_an_answer_is_noticed_unless_it_has_sent_ahead() {
    run(async {
        for ahead in [false, true] {
            let (mut compressed, mut client) = pair(ZLIB);
            compressed.take_turn(Turn::Answer);
            if ahead {
                client.write_all(&frame(ZLIB, 0, &packet(0, b"\x01"))).await.unwrap();
            }
            drop(client);
            let mut place = [0; 10];
            let read = timeout(Duration::from_millis(50), compressed.read(&mut place)).await;
            assert_eq!(read.is_ok_and(|read| read.unwrap() == 0), !ahead);
            compressed.take_turn(Turn::Command);
            assert_eq!(compressed.read(&mut place).await.unwrap(), if ahead { 5 } else { 0 });
            assert_eq!(compressed.read(&mut place).await.unwrap(), 0);
        }
    });
}

#[test]
fn no_more_than_a_little_waits_for_its_turn() {
    run(async {
        let (mut compressed, mut client) = pair(ZLIB);
        compressed.take_turn(Turn::Answer);
        let ahead = vec![0; 1 << 20];
        tokio::select! {
            _ = client.write_all(&ahead) => panic!("all of it was taken"),
            () = async {
                for _ in 0..50 {
                    assert_eq!(read_now(&mut compressed).await.unwrap(), b"");
                }
            } => {}
        }
        assert!(compressed.raw.unjudged().len() < 3 * AHEAD_MAX, "{}", compressed.raw.unjudged().len());
    });
}

#[test]
fn a_continuation_gets_the_numbers_the_server_expects() {
    run(async {
        let (mut compressed, mut client) = pair(ZLIB);
        compressed.numbers.received(6, false).err();
        compressed.numbers.rest();
        // The client has read one frame with seven packets: it goes on with 2, the server expects 8.
        assert_eq!(compressed.numbers.send(), 1);
        compressed.take_turn(Turn::Continuation(8));
        let file = [packet(2, b"one\ntwo\n"), packet(3, b"")].concat();
        client.write_all(&frame(ZLIB, 2, &file)).await.unwrap();
        let read = read_now(&mut compressed).await.unwrap();
        assert_eq!(read, [packet(8, b"one\ntwo\n"), packet(9, b"")].concat());
    });
}

#[test]
fn a_command_begins_with_packet_0_whatever_the_client_calls_it() {
    run(async {
        let (mut compressed, mut client) = pair(ZLIB);
        let commands = [packet(1, &text(100)), packet(7, b"\x0e")];
        client.write_all(&frame(ZLIB, 0, &commands.concat())).await.unwrap();
        assert_eq!(
            read_now(&mut compressed).await.unwrap(),
            [packet(0, &text(100)), packet(0, b"\x0e")].concat()
        );
    });
}

/// What is wrong with a frame ends the reading, and nothing beyond its length is made.
#[test]
fn a_frame_that_is_not_what_it_says_is_a_violation() {
    let content = packet(0, &text(1_000));
    for algorithm in [ZLIB, ZSTD] {
        let whole = deflated(algorithm, &content);
        let bomb = deflated(algorithm, &vec![0; 20 << 20]);
        let number = |number| Violation::FrameNumber { expected: 0, number };
        for (what, bytes, violation) in [
            ("more than it says", framed(0, &whole, content.len() - 1), Violation::Frame),
            ("less than it says", framed(0, &whole, content.len() + 1), Violation::Frame),
            ("cut", framed(0, &whole[..whole.len() - 1], content.len()), Violation::Frame),
            (
                "bytes behind its end",
                framed(0, &[&whole[..], b"x"].concat(), content.len()),
                Violation::Frame,
            ),
            ("garbage", framed(0, &text(200), 1_000), Violation::Frame),
            ("empty", framed(0, b"", 0), Violation::Frame),
            ("empty, of a length", framed(0, b"", 60), Violation::Frame),
            ("a bomb", framed(0, &bomb, 0xff_ffff), Violation::Frame),
            ("number 1", framed(1, &whole, content.len()), number(1)),
            ("number 255", framed(255, &whole, content.len()), number(255)),
        ] {
            let (error, made) = run(async {
                let (mut compressed, client) = pair(algorithm);
                let (read_half, mut write_half) = client.into_split();
                let sending = async move { write_half.write_all(&bytes).await.map(|()| read_half) };
                let reading = async {
                    let (mut made, mut place) = (0, [0; 5_000]);
                    loop {
                        match compressed.read(&mut place).await {
                            Ok(len) => made += len,
                            Err(error) => return (error, made),
                        }
                    }
                };
                tokio::select! {
                    read = reading => read,
                    (_, read) = async { let kept = sending.await; (kept, std::future::pending::<(io::Error, usize)>().await) } => read,
                }
            });
            assert_eq!(super::violation(&error), Some(&violation), "{algorithm:?}: {what}");
            assert!(made <= 0xff_ffff, "{algorithm:?}: {what}");
        }
    }
}
