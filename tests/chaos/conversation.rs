//! What does a client say that brings up every kind of answer, and what does it hear?
//!
//! The same conversation is held again and again: directly, which is the record, and through a gateway under
//! every kind of trouble. What was heard then is the beginning of the record, or it was wrong.

#![allow(dead_code)]

use super::harness::script::{Script, Step};
use super::harness::server::PASSWORD;
use super::harness::wire::{
    Frame, VERSION_3_0, Wire, bind, close, copy_data, copy_done, describe, execute, function_call, parse,
    password, query, startup, sync, tags, terminate,
};

/// What one client heard until its connection ended.
#[derive(Clone, Debug)]
pub struct Heard {
    /// Every whole message, without what a server draws anew for each connection.
    pub frames: Vec<Frame>,
    /// The connection ended by a reset.
    pub reset: bool,
}

impl Heard {
    /// Panics unless this is the beginning of `record`, and then at most one fatal error.
    pub fn assert_begins(&self, record: &Heard, what: &str) {
        let common = self.frames.iter().zip(&record.frames).take_while(|(here, there)| here == there).count();
        let more = &self.frames[common..];
        let last_words = match more {
            [] => true,
            [last] => last.tag == b'E' && last.fields().get(&'S').map(String::as_str) == Some("FATAL"),
            _ => false,
        };
        assert!(
            last_words,
            "{what}: behind {common} messages of the record came {}, where the record has {}: {:?}",
            tags(more),
            tags(&record.frames[common..]),
            more.first().map(Frame::fields)
        );
    }
}

/// The steps of the conversation. Rows it writes have `number` as their `id`; no answer tells it.
pub fn steps(number: u32) -> Vec<Step> {
    // As many digits each time: errors tell positions.
    let number = &format!("{number:07}");
    let ready = |bytes: Vec<u8>, count| [Step::Send(bytes), Step::Until(b'Z', count)];
    let insert = |label: &str| format!("INSERT INTO scratch (id, label) VALUES ({number}, '{label}')");
    let own = [Some(number.as_bytes()), Some(b"extended".as_slice())];
    let page = "SELECT id, name FROM customers WHERE id > $1 ORDER BY id LIMIT 5";
    let mut steps = Vec::new();
    let mut say = |bytes: Vec<u8>, count| steps.extend(ready(bytes, count));
    say(query("SELECT id, name, born FROM customers ORDER BY id LIMIT 3"), 1);
    say(query("SELECT 1; SELECT 'two'; SELECT 1/0; SELECT 4"), 1);
    say([parse("page", page, &[23]), describe(b'S', "page"), sync()].concat(), 1);
    say([bind("", "page", &[Some(b"7")], 0), describe(b'P', ""), execute("", 0), sync()].concat(), 1);
    say(query("BEGIN"), 1);
    say([bind("p", "page", &[Some(b"9")], 0), execute("p", 2), sync()].concat(), 1);
    say([execute("p", 2), close(b'P', "p"), sync()].concat(), 1);
    say(query(&insert("block")), 1);
    say(query("COMMIT"), 1);
    let extended = "INSERT INTO scratch (id, label) VALUES ($1, $2)";
    say([parse("", extended, &[23, 25]), bind("", "", &own, 0), execute("", 0), sync()].concat(), 1);
    steps.extend([Step::Send(query("COPY scratch (id, label) FROM STDIN")), Step::Until(b'G', 1)]);
    let lines = format!("{number}\tcopied\n{number}\tcopied\n");
    steps.extend(ready([copy_data(lines.as_bytes()), copy_done()].concat(), 1));
    let mut say = |bytes: Vec<u8>, count| steps.extend(ready(bytes, count));
    say(query("COPY (SELECT id, city FROM customers ORDER BY id LIMIT 4) TO STDOUT"), 1);
    say(function_call(177, &["40", "2"]), 1);
    say(query("SET TimeZone TO 'Asia/Tokyo'"), 1);
    say(query("SELECT warn_and_add(1, 2)"), 1);
    say(query("LISTEN own; NOTIFY own, 'said'"), 1);
    let one = |text: &str| [parse("", text, &[]), bind("", "", &[], 0), execute("", 0)].concat();
    // An error of the execution: one that the planner finds comes with Bind, and whether the Execute behind it has been
    // seen by then, and has a record, is chance.
    let fails = one("SELECT 1/(random() * 0)::int");
    let pipeline = [one("SELECT 1"), fails, one("SELECT 2"), sync(), one("SELECT 3"), sync()];
    say(pipeline.concat(), 2);
    say(query(&format!("{}; SELECT no_such", insert("undone"))), 1);
    say(query(&format!("SELECT label, count(*) FROM scratch WHERE id = {number} GROUP BY 1 ORDER BY 1")), 1);
    steps
}

/// The conversation as a script of its own, to be compared from its first to its last byte.
pub fn script(number: u32) -> Script {
    Script::new("the recorded conversation", steps(number))
}

/// Holds the conversation, `name` being the client's `application_name`, until it is through or the connection ends.
pub fn hold(mut wire: Wire, number: u32, name: &str) -> Heard {
    // As long each time, so that places in bytes are the same ones.
    let name = format!("{name:_<40}");
    let parameters = [("user", "clear"), ("database", "shop"), ("application_name", &*name)];
    let mut frames = Vec::new();
    let mut alive = wire.try_send(&startup(VERSION_3_0, &parameters)).is_ok();
    while let Some(frame) = wire.frame() {
        if (frame.tag, frame.body.as_slice()) == (b'R', &[0, 0, 0, 3]) {
            alive = wire.try_send(&password(PASSWORD)).is_ok();
        }
        let is_ready = frame.tag == b'Z';
        frames.push(frame);
        if is_ready {
            break;
        }
    }
    let mut steps = steps(number).into_iter();
    while alive && let Some(step) = steps.next() {
        match step {
            // What came before the connection ended still counts.
            Step::Send(bytes) => drop(wire.try_send(&bytes)),
            Step::Until(tag, count) => {
                let heard = wire.until(tag, count);
                alive = heard.iter().filter(|frame| frame.tag == tag).count() == count;
                frames.extend(heard);
            }
        }
    }
    if alive {
        let _ = wire.try_send(&terminate());
    }
    frames.extend(wire.rest());
    Heard { frames: frames.into_iter().map(masked).collect(), reset: wire.reset }
}

/// Hides what a server draws anew: process numbers, cancel keys, and what it calls its client.
fn masked(mut frame: Frame) -> Frame {
    match frame.tag {
        b'K' => frame.body.fill(b'*'),
        b'A' => frame.body.iter_mut().take(4).for_each(|byte| *byte = b'*'),
        b'S' if frame.body.starts_with(b"application_name\0") => frame.body.truncate(17),
        _ => {}
    }
    frame
}
