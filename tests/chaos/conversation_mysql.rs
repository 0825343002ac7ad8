//! What does a client of MySQL's protocol say that brings up every kind of answer, and what does it hear?
//!
//! The same conversation is held again and again: directly, which is the record, and through a gateway under
//! every kind of trouble. What was heard then is the beginning of the record, or it was wrong.

use super::harness::PATIENCE;
use super::harness::mysql_wire::{CAPABILITIES, FILES, Packet, command, execute, packet, query};
use super::harness::server::PASSWORD;
use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;

/// Whose sessions they are: somebody with a password.
pub const USER: &str = "bob";

/// What the rows are written into; it numbers nothing, so that no answer tells how often that was done.
pub const TABLE: &str = "CREATE TABLE shop.kept (id INT, label VARCHAR(20))";

/// Stands for the number of a statement, the first being one more than this: a server goes on counting where another
/// connection of the same thread has left off.
const STATEMENT: u32 = 0xeeee_0000;

/// Rows of a result that is longer than one read.
const MANY: usize = 40;

/// What one client heard until its connection ended.
#[derive(Clone, Debug)]
pub struct Heard {
    /// Every whole packet, without what a server draws anew for each connection.
    pub packets: Vec<Packet>,
    /// The connection ended by a reset.
    pub reset: bool,
}

impl Heard {
    /// Panics unless this is the beginning of `record`, and then at most one error.
    pub fn assert_begins(&self, record: &Heard, what: &str) {
        let both = self.packets.iter().zip(&record.packets);
        let common = both.take_while(|(here, there)| here == there).count();
        let more = &self.packets[common..];
        let last_words = more.len() <= 1 && more.iter().all(|last| last.error().is_some());
        let instead = record.packets.get(common);
        assert!(last_words, "{what}: behind {common} packets of the record came {more:?}, not {instead:?}");
    }

    /// Panics unless this is the whole of `record`.
    pub fn assert_is(&self, record: &Heard, what: &str) {
        self.assert_begins(record, what);
        let (here, there) = (self.packets.len(), record.packets.len());
        assert_eq!(here, there, "{what}: packets; {:?}", self.packets.last());
    }
}

/// What comes next in the conversation.
enum Step {
    /// Bytes at once, in as many packets as they are.
    Say(Vec<u8>),
    /// One answer is read to its end: OK, an error, results; a file that is asked for is sent.
    Hear,
    /// The same for what was prepared.
    HearPrepared,
    /// Rows of a cursor.
    HearRows,
    /// The login within the session, without a proof.
    HearChange,
}

/// The steps of the conversation. Rows it writes have `number` as their `id`; no answer tells it.
fn steps(number: u32, name: &str) -> Vec<Step> {
    // As many digits each time, so that places in bytes are the same ones.
    let number = &format!("{number:07}");
    let insert = |label: &str| format!("INSERT INTO kept (id, label) VALUES ({number}, '{label}')");
    let mut steps = Vec::new();
    let mut ask = |bytes: Vec<u8>| steps.extend([Step::Say(bytes), Step::Hear]);
    ask(query("SELECT id, name, born FROM customers ORDER BY id LIMIT 3"));
    ask(query("SELECT 1; SELECT 'two'; SELECT no_such; SELECT 4"));
    ask(query("CALL three_results(); DO 1"));
    ask(query("CALL fails()"));
    ask(query("BEGIN"));
    ask(query(&insert("block")));
    ask(query("COMMIT"));
    ask(query(&format!("SELECT id, REPEAT(name, 40) FROM customers ORDER BY id LIMIT {MANY}")));
    steps.extend(prepared(number));
    let mut ask = |bytes: Vec<u8>| steps.extend([Step::Say(bytes), Step::Hear]);
    // The server asks for the file: its lines are those of [`Client::file`].
    let columns = format!("(label) SET id = {number}");
    ask(query(&format!("LOAD DATA LOCAL INFILE 'lines' INTO TABLE kept {columns}")));
    ask(command(2, b"other"));
    ask(command(2, b"shop"));
    ask(command(0x0e, b""));
    ask(query("SET NAMES latin1; SELECT CONVERT(0xE4 USING latin1)"));
    ask(command(0x1f, b""));
    // Ahead: three that are asked before any is answered.
    let ahead = [query("SELECT 'one'"), command(0x0e, b""), query("SELECT 'three' FROM nowhere")];
    steps.extend([Step::Say(ahead.concat()), Step::Hear, Step::Hear, Step::Hear]);
    steps.extend([Step::Say(change_user(name)), Step::HearChange]);
    let mut ask = |bytes: Vec<u8>| steps.extend([Step::Say(bytes), Step::Hear]);
    ask(query("BEGIN"));
    ask(query(&insert("undone")));
    ask(query("ROLLBACK"));
    ask(query(&format!(
        "SELECT label, COUNT(*) FROM kept WHERE id = {number} GROUP BY label ORDER BY label"
    )));
    steps
}

/// Statements that are prepared: executed, with a cursor, with long data; reset and closed.
fn prepared(number: &str) -> Vec<Step> {
    let [insert, page] = [STATEMENT + 1, STATEMENT + 2].map(u32::to_le_bytes);
    let text = b"INSERT INTO kept (id, label) VALUES (?, ?)";
    let number: u32 = number.parse().expect("a number");
    // Values: a number of four bytes, then a string.
    let values = [&insert[..], &[0, 1, 0, 0, 0, 0, 1, 3, 0, 0xfd, 0], &number.to_le_bytes()].concat();
    let more = [&insert[..], &[1, 0], b"long"].concat();
    let fetch = |count: u8| command(0x1c, &[&page[..], &[count, 0, 0, 0]].concat());
    vec![
        Step::Say(command(0x16, text)),
        Step::HearPrepared,
        Step::Say(command(0x17, &[&values[..], b"\x08executed"].concat())),
        Step::Hear,
        Step::Say([command(0x18, &more), command(0x17, &values)].concat()),
        Step::Hear,
        Step::Say(command(0x1a, &insert)),
        Step::Hear,
        Step::Say(command(0x16, b"SELECT id, city FROM customers ORDER BY id LIMIT 5")),
        Step::HearPrepared,
        Step::Say(execute(STATEMENT + 2, false)),
        Step::Hear,
        Step::Say(execute(STATEMENT + 2, true)),
        Step::Hear,
        Step::Say(fetch(2)),
        Step::HearRows,
        Step::Say(fetch(9)),
        Step::HearRows,
        Step::Say([command(0x19, &page), command(0x19, &insert)].concat()),
        Step::Say(command(0x16, b"SELECT no_such")),
        Step::HearPrepared,
    ]
}

/// As whom the session goes on; nobody asks for a password of hers.
fn change_user(name: &str) -> Vec<u8> {
    let attributes = attributes(name);
    let body = [&b"ann\0\0shop\0\x2d\0mysql_native_password\0"[..], &attributes].concat();
    command(0x11, &body)
}

/// The client's name, as a connection's attributes tell it.
fn attributes(name: &str) -> Vec<u8> {
    let string = |text: &str| [&[u8::try_from(text.len()).expect("short")], text.as_bytes()].concat();
    let pair = [string("program_name"), string(name)].concat();
    [&[u8::try_from(pair.len()).expect("short")], &pair[..]].concat()
}

/// A response to a greeting that names a plugin the server does not have for this user: it asks for another one.
fn response(name: &str) -> Vec<u8> {
    let mut payload = (CAPABILITIES | FILES).to_le_bytes().to_vec();
    payload.extend([0, 0, 0, 1, 45]);
    payload.extend([0; 23]);
    payload.extend(format!("{USER}\0").as_bytes());
    payload.push(0);
    payload.extend(b"shop\0caching_sha2_password\0");
    payload.extend(attributes(name));
    packet(1, &payload)
}

/// What `mysql_native_password` wants to see: the password's hash, hidden by the challenge.
fn proof(challenge: &[u8]) -> Vec<u8> {
    let sha1 = |bytes: &[u8]| digest(&SHA1_FOR_LEGACY_USE_ONLY, bytes);
    let once = sha1(PASSWORD.as_bytes());
    let twice = sha1(once.as_ref());
    let mask = sha1(&[challenge, twice.as_ref()].concat());
    once.as_ref().iter().zip(mask.as_ref()).map(|(one, other)| one ^ other).collect()
}

/// Holds the conversation, `name` being the client's `program_name`, until it is through or the connection ends.
pub fn hold(port: u16, number: u32, name: &str) -> Heard {
    // As long each time, so that places in bytes are the same ones.
    let name = format!("{name:_<40}");
    let socket = TcpStream::connect(("127.0.0.1", port)).expect("a connection");
    socket.set_nodelay(true).expect("no delay");
    socket.set_read_timeout(Some(PATIENCE)).expect("a bound");
    let mut client = Client { socket, packets: Vec::new(), statements: Vec::new(), reset: false };
    if client.converse(number, &name).is_some() {
        client.say(&command(1, b""));
    }
    // What came before the connection ended still counts.
    while client.hear().is_some() {}
    Heard { packets: client.packets, reset: client.reset }
}

struct Client {
    socket: TcpStream,
    packets: Vec<Packet>,
    /// The numbers of what was prepared.
    statements: Vec<[u8; 4]>,
    reset: bool,
}

impl Client {
    /// `None` once the connection has ended.
    fn converse(&mut self, number: u32, name: &str) -> Option<()> {
        self.hear_masked()?;
        self.say(&response(name));
        let asked = self.hear_masked()?;
        // The tag, the plugin's name, the challenge, each behind the other and ended by a zero.
        let challenge = asked.payload.get(1..)?.split(|byte| *byte == 0).nth(1)?;
        self.say(&packet(asked.sequence.wrapping_add(1), &proof(challenge)));
        if !self.hear()?.is_ok() {
            return None;
        }
        for step in steps(number, name) {
            match step {
                Step::Say(bytes) => self.say(&bytes),
                Step::Hear => self.answer()?,
                Step::HearPrepared => self.prepared()?,
                Step::HearRows => while !ends_rows(&self.hear()?) {},
                Step::HearChange => {
                    let asked = self.hear_masked()?;
                    if asked.is_eof() || asked.payload.first() == Some(&0xfe) {
                        self.say(&packet(asked.sequence.wrapping_add(1), b""));
                        self.hear()?;
                    }
                }
            }
        }
        Some(())
    }

    /// Nobody may be there to hear it; what was said before is still to be read.
    fn say(&mut self, bytes: &[u8]) {
        let mut bytes = bytes.to_vec();
        for (named, number) in (STATEMENT + 1..).map(u32::to_le_bytes).zip(&self.statements) {
            while let Some(at) = bytes.windows(4).position(|window| window == named) {
                bytes[at..at + 4].copy_from_slice(number);
            }
        }
        let _ = self.socket.write_all(&bytes);
    }

    fn hear(&mut self) -> Option<Packet> {
        let mut header = [0; 4];
        self.read(&mut header)?;
        let mut payload = vec![0; u32::from_le_bytes([header[0], header[1], header[2], 0]) as usize];
        self.read(&mut payload)?;
        let packet = Packet { sequence: header[3], payload };
        self.packets.push(packet.clone());
        Some(packet)
    }

    /// A packet with a challenge, of which only its kind is kept. An error has none.
    fn hear_masked(&mut self) -> Option<Packet> {
        let packet = self.hear()?;
        if packet.error().is_none() && !packet.is_ok() {
            let kept = self.packets.last_mut()?;
            kept.payload.truncate(1);
        }
        Some(packet)
    }

    fn read(&mut self, place: &mut [u8]) -> Option<()> {
        match self.socket.read_exact(place) {
            Ok(()) => Some(()),
            Err(error) => {
                assert_ne!(error.kind(), ErrorKind::WouldBlock, "nothing more comes, and no end");
                self.reset |= error.kind() == ErrorKind::ConnectionReset;
                None
            }
        }
    }

    /// The answer to one command, in as many results as it has.
    fn answer(&mut self) -> Option<()> {
        loop {
            let first = self.hear()?;
            let status = match first.payload.first()? {
                0xff => return Some(()),
                0 | 0xfe => status(&first),
                0xfb => {
                    self.file(first.sequence);
                    status(&self.hear()?)
                }
                _ => self.rows()?,
            };
            // SERVER_MORE_RESULTS_EXISTS
            if status & 8 == 0 {
                return Some(());
            }
        }
    }

    /// The lines of the file, in two packets and the empty one that ends it.
    fn file(&mut self, asked: u8) {
        let number = |more: u8| asked.wrapping_add(more);
        let lines = [packet(number(1), b"loaded\nloa"), packet(number(2), b"ded\n"), packet(number(3), b"")];
        self.say(&lines.concat());
    }

    /// Columns, their end, rows, their end; the last status.
    fn rows(&mut self) -> Option<u16> {
        let mut ends = 0;
        loop {
            let packet = self.hear()?;
            if packet.error().is_some() {
                return Some(0);
            }
            let status = status(&packet);
            ends += usize::from(packet.is_eof());
            // SERVER_STATUS_CURSOR_EXISTS: the rows are fetched.
            if ends == 2 || (packet.is_eof() && status & 0x40 != 0) {
                return Some(status);
            }
        }
    }

    /// The number of a statement, its parameters and its columns.
    fn prepared(&mut self) -> Option<()> {
        let first = self.hear()?;
        if !first.is_ok() {
            return Some(());
        }
        let number = first.payload.get(1..5).and_then(|number| number.try_into().ok())?;
        self.statements.push(number);
        if let Some(kept) = self.packets.last_mut() {
            kept.payload[1..5].fill(0);
        }
        for at in [7, 5] {
            let count = u16::from_le_bytes([*first.payload.get(at)?, *first.payload.get(at + 1)?]);
            for _ in 0..if count > 0 { count + 1 } else { 0 } {
                self.hear()?;
            }
        }
        Some(())
    }
}

fn ends_rows(packet: &Packet) -> bool {
    packet.is_eof() || packet.error().is_some()
}

/// Of an OK, where affected rows and the last insert id stand before it, each in one byte here; of an EOF, where
/// warnings do.
fn status(packet: &Packet) -> u16 {
    packet.payload.get(3..5).map_or(0, |bytes| u16::from_le_bytes([bytes[0], bytes[1]]))
}
