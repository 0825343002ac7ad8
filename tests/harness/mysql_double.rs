//! What can a server of our own say that no real one here can be made to say in MySQL's protocol?
//!
//! [`MysqlDouble`] is no database. It knows `caching_sha2_password` and logins of two factors, which MariaDB
//! does not have, as MySQL 8 does them, with one account, and answers each query with one row or as the
//! test says. It can also be no server at all but somebody who means harm ([`Hostile`]). Tests that use it
//! say `double` in their names.

mod hostile;
pub mod login;

pub use hostile::Hostile;
pub use login::Login;

use super::certificate::Certificate;
use super::mysql_wire::packet;
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
const FACTORS: u32 = 1 << 28;

/// How it behaves.
#[derive(Clone, Copy, Debug, Default)]
pub struct Manner {
    /// Whether it offers TLS.
    pub tls: bool,
    /// Whether it knows the account's hash already, so that the scramble is enough.
    pub warm: bool,
    /// Whether it asks every client that runs a query for a file.
    pub asks_for_files: bool,
    /// How it asks for the password.
    pub login: Login,
    /// What it does instead of being a server.
    pub hostile: Option<Hostile>,
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

    /// How the last login proved the password: `fast`, `clear`, `encrypted` and others; `None` when nobody
    /// has got in. [`Hostile`] ones tell what they have seen.
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
    if let Some(hostile) = manner.hostile {
        return guest.do_harm(hostile, manner, told);
    }
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
    let factors = if manner.login == Login::TwoFactors { FACTORS } else { 0 };
    let bits = (CAPABILITIES | factors | if manner.tls { TLS } else { 0 }).to_le_bytes();
    let mut payload = b"\x0a8.4.0-double\0\x07\0\0\0".to_vec();
    payload.extend(&CHALLENGE[..8]);
    payload.push(0);
    payload.extend(&bits[..2]);
    payload.extend(b"\xff\x02\0");
    payload.extend(&bits[2..]);
    payload.push(21);
    payload.extend([0; 10]);
    payload.extend(&CHALLENGE[8..]);
    payload.push(0);
    payload.extend(manner.login.first_plugin());
    payload.push(0);
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

    fn one_row(&mut self) -> std::io::Result<()> {
        self.say(b"\x01")?;
        self.say(b"\x03def\0\0\0\x01a\x01a\x0c\x3f\0\x01\0\0\0\x03\x81\0\0\0\0")?;
        self.say(b"\xfe\0\0\x02\0")?;
        self.say(b"\x017")?;
        self.say(b"\xfe\0\0\x02\0")
    }
}
