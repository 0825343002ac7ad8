//! How does a client log in that knows its password and shows every message, and who sits between two that have TLS?

use crate::harness::certificate::Certificate;
use crate::harness::wire::{Frame, SSL_REQUEST, Wire, message, startup};
use aws_lc_rs::{digest, hmac, pbkdf2};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
use rustls::{ClientConnection, ServerConnection, StreamOwned};
use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

/// What a server shows of a role before anything is proved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    pub salt: String,
    pub iterations: u32,
}

/// A client that speaks SCRAM without channel binding.
pub struct Raw<'a> {
    pub user: &'a str,
    pub password: &'a str,
    /// How its first message begins: `n,,` or `y,,`.
    pub header: &'static str,
    /// What it sends with its last answer.
    pub behind: Vec<u8>,
}

const NONCE: &str = "fyko+d2lbbFgONRv9qkxdawL";

fn mac(key: &[u8], text: &[u8]) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), text).as_ref().to_vec()
}

/// SASLInitialResponse.
pub fn initial(mechanism: &str, first: &str) -> Vec<u8> {
    let length = u32::try_from(first.len()).expect("a length").to_be_bytes();
    message(b'p', &[mechanism.as_bytes(), b"\0", &length, first.as_bytes()].concat())
}

impl<'a> Raw<'a> {
    pub fn new(user: &'a str, password: &'a str) -> Raw<'a> {
        Raw { user, password, header: "n,,", behind: Vec::new() }
    }

    /// Goes as far as ReadyForQuery or the end: every message of the server, and what it showed of the role.
    pub fn log_in(
        &self,
        wire: &mut Wire,
        version: u32,
        more: &[(&str, &str)],
    ) -> (Vec<Frame>, Option<Shown>) {
        let named = [("user", self.user), ("database", "shop")];
        wire.send(&startup(version, &[&named, more].concat()));
        let (mut frames, mut shown) = (Vec::new(), None);
        while let Some(frame) = wire.frame() {
            match (frame.tag, frame.body.get(..4), frame.body.get(4..)) {
                (b'R', Some([0, 0, 0, 10]), _) => {
                    wire.send(&initial("SCRAM-SHA-256", &format!("{}n=,r={NONCE}", self.header)));
                }
                (b'R', Some([0, 0, 0, 11]), Some(first)) => {
                    let first = String::from_utf8(first.to_vec()).expect("text");
                    let (answer, found) = self.answer(&first);
                    shown = Some(found);
                    wire.send(&[&message(b'p', answer.as_bytes())[..], &self.behind].concat());
                }
                _ => {}
            }
            let ready = frame.tag == b'Z';
            frames.push(frame);
            if ready {
                break;
            }
        }
        (frames, shown)
    }

    fn answer(&self, first: &str) -> (String, Shown) {
        let part = |name: &str| {
            let found = first.split(',').find_map(|part| part.strip_prefix(name)?.strip_prefix('='));
            found.unwrap_or_else(|| panic!("no {name} in {first}")).to_owned()
        };
        let shown = Shown { salt: part("s"), iterations: part("i").parse().expect("a number") };
        let mut salted = [0; 32];
        let times = NonZeroU32::new(shown.iterations).expect("some");
        let salt = STANDARD.decode(&shown.salt).expect("base64");
        pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, times, &salt, self.password.as_bytes(), &mut salted);
        let key = mac(&salted, b"Client Key");
        let unproved = format!("c={},r={}", STANDARD.encode(self.header), part("r"));
        let messages = format!("n=,r={NONCE},{first},{unproved}");
        let signature = mac(digest::digest(&digest::SHA256, &key).as_ref(), messages.as_bytes());
        let proof: Vec<u8> = key.iter().zip(&signature).map(|(key, signature)| key ^ signature).collect();
        (format!("{unproved},p={}", STANDARD.encode(proof)), shown)
    }
}

/// The verifier PostgreSQL would store of a password, with a salt of our own.
pub fn verifier(password: &str, iterations: u32) -> String {
    let (mut salted, salt) = ([0; 32], b"0123456789abcdef");
    let times = NonZeroU32::new(iterations).expect("some");
    pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, times, salt, password.as_bytes(), &mut salted);
    let stored = digest::digest(&digest::SHA256, &mac(&salted, b"Client Key"));
    let (stored, server) = (STANDARD.encode(stored), STANDARD.encode(mac(&salted, b"Server Key")));
    format!("SCRAM-SHA-256${iterations}:{}${stored}:{server}", STANDARD.encode(salt))
}

/// Somebody in between who has TLS with the server, and with its client a TLS of its own, or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Between {
    AnotherCertificate,
    NoTls,
}

impl Between {
    /// Sits before the server at `port`, until the test's process ends; where it listens. `own` is the certificate it
    /// shows, `theirs` the server's.
    pub fn before(self, port: u16, own: &Certificate, theirs: &Certificate) -> u16 {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let listens = listener.local_addr().expect("its address").port();
        let chain = vec![CertificateDer::from_pem_file(&own.certificate).expect("its certificate")];
        let key = PrivateKeyDer::from_pem_file(&own.key).expect("its key");
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let builder =
            rustls::ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let config = builder.expect("versions").with_no_client_auth().with_single_cert(chain, key);
        let (shows, trusts) = (Arc::new(config.expect("a configuration")), theirs.client_config(&[]));
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let (shows, trusts) = (Arc::clone(&shows), Arc::clone(&trusts));
                std::thread::spawn(move || self.carry(client, port, shows, trusts));
            }
        });
        listens
    }

    /// Whatever goes wrong ends this one connection.
    fn carry(
        self,
        mut client: TcpStream,
        port: u16,
        shows: Arc<rustls::ServerConfig>,
        trusts: Arc<rustls::ClientConfig>,
    ) -> Option<()> {
        let mut server = TcpStream::connect(("127.0.0.1", port)).ok()?;
        server.write_all(&SSL_REQUEST).ok()?;
        let mut byte = [0];
        server.read_exact(&mut byte).ok()?;
        let name = "localhost".try_into().ok()?;
        let mut up = StreamOwned::new(ClientConnection::new(trusts, name).ok()?, server);
        up.conn.complete_io(&mut up.sock).ok()?;
        client.read_exact(&mut [0; 8]).ok()?;
        client.write_all(if self == Between::NoTls { b"N" } else { b"S" }).ok()?;
        for socket in [&client, &up.sock] {
            socket.set_nodelay(true).ok()?;
        }
        let up_socket = up.sock.try_clone().ok()?;
        let client_socket = client.try_clone().ok()?;
        if self == Between::NoTls {
            return both_ways(client, up, &client_socket, &up_socket);
        }
        let mut down = StreamOwned::new(ServerConnection::new(shows).ok()?, client);
        down.conn.complete_io(&mut down.sock).ok()?;
        both_ways(down, up, &client_socket, &up_socket)
    }
}

fn both_ways(
    mut down: impl Read + Write,
    mut up: impl Read + Write,
    down_socket: &TcpStream,
    up_socket: &TcpStream,
) -> Option<()> {
    for socket in [down_socket, up_socket] {
        socket.set_read_timeout(Some(Duration::from_millis(2))).ok()?;
    }
    loop {
        hand_over(&mut down, &mut up)?;
        hand_over(&mut up, &mut down)?;
    }
}

/// What is there at the moment; `None` when one of the two has closed.
fn hand_over(from: &mut impl Read, to: &mut impl Write) -> Option<()> {
    let mut bytes = [0; 16 * 1024];
    match from.read(&mut bytes) {
        Ok(0) => None,
        Ok(count) => to.write_all(&bytes[..count]).and_then(|()| to.flush()).ok(),
        Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => Some(()),
        Err(_) => None,
    }
}
