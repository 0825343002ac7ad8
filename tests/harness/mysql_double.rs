//! What can a server of our own say that no real one here can be made to say in MySQL's protocol?
//!
//! [`MysqlDouble`] is no database. It knows `caching_sha2_password`, which MariaDB does not have, as
//! MySQL 8 does it, with one account, and answers each query with one row or as the test says. Tests
//! that use it say `double` in their names.

use super::certificate::Certificate;
use super::mysql_wire::packet;
use super::server::PASSWORD;
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::rsa::{KeySize, OAEP_SHA1_MGF1SHA1, OaepPrivateDecryptingKey, PrivateDecryptingKey};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

/// The challenge of every greeting: visible bytes, as real ones are.
const CHALLENGE: &[u8; 20] = b"abcdefghijklmnopqrst";

/// PROTOCOL_41, SECURE_CONNECTION, PLUGIN_AUTH, CONNECT_WITH_DB, CONNECT_ATTRS, LENENC_DATA,
/// TRANSACTIONS, MULTI_RESULTS, LOCAL_FILES and LONG_PASSWORD: it is no MariaDB.
const CAPABILITIES: u32 = 0x0200 | 0x8000 | 1 << 19 | 8 | 1 << 20 | 1 << 21 | 0x2000 | 1 << 17 | 0x80 | 1;
const TLS: u32 = 0x0800;

/// How it behaves.
#[derive(Clone, Copy, Debug, Default)]
pub struct Manner {
    /// Whether it offers TLS.
    pub tls: bool,
    /// Whether it knows the account's hash already, so that the scramble is enough.
    pub warm: bool,
    /// Whether it asks every client that runs a query for a file.
    pub asks_for_files: bool,
}

/// A server that follows its [`Manner`]. It lives until the test's process ends.
pub struct MysqlDouble {
    /// Where it listens, on 127.0.0.1.
    pub port: u16,
    logins: Receiver<&'static str>,
}

trait Duplex: Read + Write {}
impl<T: Read + Write> Duplex for T {}

struct Guest {
    stream: Box<dyn Duplex>,
    sequence: u8,
}

impl MysqlDouble {
    /// Begins to serve.
    pub fn start(manner: Manner) -> MysqlDouble {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let port = listener.local_addr().expect("its address").port();
        let (told, logins) = sync_channel(64);
        let folder = tempfile::tempdir().expect("a folder");
        let config = server_config(&Certificate::make(folder.path()));
        std::thread::spawn(move || {
            for socket in listener.incoming().flatten() {
                let (told, config) = (told.clone(), Arc::clone(&config));
                // A connection that only looks whether somebody listens ends in an error.
                std::thread::spawn(move || serve(socket, manner, &config, &told));
            }
        });
        MysqlDouble { port, logins }
    }

    /// How the last login proved the password: `fast`, `clear`, `encrypted`; `None` when nobody has
    /// got in.
    pub fn login(&self) -> Option<&'static str> {
        self.logins.try_iter().last()
    }
}

fn server_config(certificate: &Certificate) -> Arc<rustls::ServerConfig> {
    let chain = vec![CertificateDer::from_pem_file(&certificate.certificate).expect("the certificate")];
    let key = PrivateKeyDer::from_pem_file(&certificate.key).expect("the key");
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = rustls::ServerConfig::builder_with_provider(provider);
    let builder = builder.with_safe_default_protocol_versions().expect("versions").with_no_client_auth();
    Arc::new(builder.with_single_cert(chain, key).expect("a configuration"))
}

fn serve(
    socket: TcpStream,
    manner: Manner,
    config: &Arc<rustls::ServerConfig>,
    told: &SyncSender<&'static str>,
) -> std::io::Result<()> {
    socket.set_nodelay(true)?;
    let mut guest = Guest { stream: Box::new(socket.try_clone()?), sequence: 0 };
    guest.say(&greeting(manner))?;
    let mut response = guest.hear()?;
    let encrypted = response.len() == 32;
    if encrypted {
        let session = rustls::ServerConnection::new(Arc::clone(config)).map_err(std::io::Error::other)?;
        guest.stream = Box::new(rustls::StreamOwned::new(session, socket));
        response = guest.hear()?;
    }
    let Some(how) = guest.log_in(&response, manner, encrypted)? else {
        return guest.say(b"\xff\x15\x04#28000Access denied by the double");
    };
    let _ = told.send(how);
    guest.say(b"\0\0\0\x02\0\0\0")?;
    loop {
        guest.sequence = 0;
        let command = guest.hear()?;
        match command.first() {
            Some(1) | None => return Ok(()),
            Some(3) if manner.asks_for_files => guest.say(b"\xfb/etc/hostname")?,
            Some(3) if command[1..].to_ascii_lowercase().starts_with(b"select") => guest.one_row()?,
            _ => guest.say(b"\0\0\0\x02\0\0\0")?,
        }
    }
}

fn greeting(manner: Manner) -> Vec<u8> {
    let bits = (CAPABILITIES | if manner.tls { TLS } else { 0 }).to_le_bytes();
    let mut payload = b"\x0a8.4.0-double\0\x07\0\0\0".to_vec();
    payload.extend(&CHALLENGE[..8]);
    payload.push(0);
    payload.extend(&bits[..2]);
    payload.extend(b"\xff\x02\0");
    payload.extend(&bits[2..]);
    payload.push(21);
    payload.extend([0; 10]);
    payload.extend(&CHALLENGE[8..]);
    payload.extend(b"\0caching_sha2_password\0");
    payload
}

impl Guest {
    fn say(&mut self, payload: &[u8]) -> std::io::Result<()> {
        self.stream.write_all(&packet(self.sequence, payload))?;
        self.sequence = self.sequence.wrapping_add(1);
        self.stream.flush()
    }

    fn hear(&mut self) -> std::io::Result<Vec<u8>> {
        let mut header = [0; 4];
        self.stream.read_exact(&mut header)?;
        assert_eq!(header[3], self.sequence, "the packet's number");
        self.sequence = header[3].wrapping_add(1);
        let mut payload = vec![0; u32::from_le_bytes([header[0], header[1], header[2], 0]) as usize];
        self.stream.read_exact(&mut payload)?;
        Ok(payload)
    }

    /// MySQL's documentation, "Caching SHA-2 Pluggable Authentication".
    fn log_in(
        &mut self,
        response: &[u8],
        manner: Manner,
        encrypted: bool,
    ) -> std::io::Result<Option<&'static str>> {
        let user_ends = response[32..].iter().position(|byte| *byte == 0).expect("a user's end");
        let proof = &response[32 + user_ends + 1..];
        let proof = &proof[1..=usize::from(proof[0])];
        if proof != scramble() {
            return Ok(None);
        }
        if manner.warm {
            self.say(&[1, 3])?;
            return Ok(Some("fast"));
        }
        self.say(&[1, 4])?;
        let answer = self.hear()?;
        if encrypted {
            return Ok((answer == format!("{PASSWORD}\0").as_bytes()).then_some("clear"));
        }
        assert_eq!(answer, [2], "a request for the key");
        let key = PrivateDecryptingKey::generate(KeySize::Rsa2048).expect("a key");
        let public: PublicKeyX509Der<'_> = key.public_key().as_der().expect("the public key");
        self.say(&[b"\x01", pem(public.as_ref()).as_bytes()].concat())?;
        let hidden = self.hear()?;
        let key = OaepPrivateDecryptingKey::new(key).expect("a key for OAEP");
        let mut plain = vec![0; key.min_output_size()];
        let plain = key.decrypt(&OAEP_SHA1_MGF1SHA1, &hidden, &mut plain, None).expect("decrypted");
        let password: Vec<u8> =
            plain.iter().zip(CHALLENGE.iter().cycle()).map(|(byte, salt)| byte ^ salt).collect();
        Ok((password == format!("{PASSWORD}\0").as_bytes()).then_some("encrypted"))
    }

    fn one_row(&mut self) -> std::io::Result<()> {
        self.say(b"\x01")?;
        self.say(b"\x03def\0\0\0\x01a\x01a\x0c\x3f\0\x01\0\0\0\x03\x81\0\0\0\0")?;
        self.say(b"\xfe\0\0\x02\0")?;
        self.say(b"\x017")?;
        self.say(b"\xfe\0\0\x02\0")
    }
}

/// XOR of the password's hash and the hash of its twice hashed hash and the challenge.
fn scramble() -> Vec<u8> {
    let once = digest(&SHA256, PASSWORD.as_bytes());
    let twice = digest(&SHA256, once.as_ref());
    let mixed = digest(&SHA256, &[digest(&SHA256, once.as_ref()).as_ref(), CHALLENGE].concat());
    assert_eq!(twice.as_ref().len(), 32);
    once.as_ref().iter().zip(mixed.as_ref()).map(|(one, other)| one ^ other).collect()
}

fn pem(der: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for bytes in der.chunks(3) {
        let number = bytes.iter().fold(0_u32, |number, byte| number << 8 | u32::from(*byte));
        let number = number << (8 * (3 - bytes.len()));
        for place in 0..4 {
            let letter = LETTERS[(number >> (18 - 6 * place) & 63) as usize];
            text.push(if place <= bytes.len() { char::from(letter) } else { '=' });
        }
    }
    let lines: Vec<_> = text.as_bytes().chunks(64).map(|line| String::from_utf8_lossy(line)).collect();
    format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", lines.join("\n"))
}
