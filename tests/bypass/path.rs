//! On which paths, and in which ways of writing, does a statement reach the server?

use super::harness::wire::{bind, close, describe, execute, parse, query, sync};
use super::text::{mixed_case, spaced};
use super::vector::{Message, Shape, Vector};

/// Something sent in one write.
#[derive(Clone, Debug)]
pub struct Step {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// How many ReadyForQuery they ask for.
    pub ready: usize,
    /// Whether COPY data have to be followed by a Sync.
    pub extended: bool,
    /// Whether each byte goes in a segment of its own.
    pub bytewise: bool,
}

/// A vector on one path.
#[derive(Clone, Debug)]
pub struct Case {
    /// The path's name.
    pub path: &'static str,
    /// What is sent.
    pub steps: Vec<Step>,
}

/// Of the paths that are not taken by every vector, each vector takes one in so many; which ones
/// goes by its turn, so that each path is taken by many vectors.
const SHARE: usize = 8;
/// The same for vectors of several messages, which have fewer paths.
const SHARE_OF_SCRIPTS: usize = 3;

/// How a text becomes steps.
type Way = fn(&str) -> Vec<Step>;

/// Taken by every statement.
const ALWAYS: [(&str, Way); 2] = [("simple", simple), ("extended", extended)];

/// For what may stand beside other statements.
const BESIDE: [(&str, Way); 6] = [
    ("batch first", |sql| simple(&format!("{sql}\n; SELECT 1; SELECT 2"))),
    ("batch middle", |sql| simple(&format!("SELECT 1; {sql}\n; SELECT 2"))),
    ("batch last", |sql| simple(&format!("SELECT 1; SELECT 2;{sql}"))),
    ("batch with the transaction", |sql| simple(&format!("BEGIN; {sql}\n; COMMIT"))),
    ("pipelined", |sql| vec![grouped(&[group("", "SELECT 1"), group("", sql), sync()].concat(), 1)]),
    ("block", |sql| [simple("BEGIN"), simple(sql), simple("COMMIT")].concat()),
];

/// For what has to be alone too.
const APART: [(&str, Way); 4] = [
    ("extended named", |sql| vec![grouped(&[group("s", sql), close(b'S', "s"), sync()].concat(), 1)]),
    ("extended later", later),
    ("apart in one write", |sql| {
        vec![grouped(&[group("", "SELECT 1"), sync(), group("", sql), sync(), query("SELECT 2")].concat(), 3)]
    }),
    ("bytewise", |sql| simple(sql).into_iter().map(|step| Step { bytewise: true, ..step }).collect()),
];

/// For what PREPARE takes.
const PREPARED: [(&str, Way); 3] = [
    ("prepared", |sql| [simple(&format!("PREPARE p AS {sql}")), simple("EXECUTE p")].concat()),
    ("prepared and bound", |sql| {
        let bound = [bind("", "p", &[], 0), execute("", 0), sync()].concat();
        [simple(&format!("PREPARE p AS {sql}")), vec![grouped(&bound, 1)]].concat()
    }),
    ("explained", |sql| simple(&format!("EXPLAIN (ANALYZE) {sql}"))),
];

/// For queries.
const QUERIES: [(&str, Way); 3] = [
    ("cursor", |sql| {
        let declare = format!("BEGIN; DECLARE c CURSOR FOR {sql}\n; FETCH ALL FROM c; CLOSE c; COMMIT");
        simple(&declare)
    }),
    ("cursor held", |sql| {
        let declare = format!("DECLARE c CURSOR WITH HOLD FOR {sql}");
        [simple(&declare), simple("FETCH ALL FROM c")].concat()
    }),
    ("copied", |sql| simple(&format!("COPY ({sql}\n) TO STDOUT"))),
];

/// Ways to write what stands in front and behind.
const FRAMES: [(&str, Way); 5] = [
    ("written behind a comment", |sql| simple(&format!("/* SELECT 1; */ {sql}"))),
    ("written behind nested comments", |sql| simple(&format!("/* /* */ SELECT 1; -- */{sql}"))),
    ("written behind a line comment", |sql| simple(&format!("-- SELECT 1;\n{sql}"))),
    ("written behind a carriage return", |sql| simple(&format!("-- SELECT 1;\r{sql}"))),
    ("written among semicolons", |sql| simple(&format!(" ;; {sql}\n ; ;"))),
];

/// Ways to write the statement itself.
const INSIDE: [(&str, Way); 3] = [
    ("written with comments inside", |sql| simple(&spaced(sql, "/**/"))),
    ("written in mixed case", |sql| extended(&mixed_case(sql))),
    ("written with other spaces", |sql| simple(&spaced(sql, "\t\n\u{c}\r"))),
];

/// All cases of the vector whose turn it is.
pub fn cases(vector: &Vector, turn: usize) -> Vec<Case> {
    let mut cases = match vector.messages.as_slice() {
        [Message::Sql(sql)] if vector.shape != Shape::Script => of_statement(vector, sql, turn),
        messages => of_script(vector, messages, turn),
    };
    cases.retain(|case| !vector.not.iter().any(|not| case.path.starts_with(not.as_str())));
    cases
}

fn of_statement(vector: &Vector, sql: &str, turn: usize) -> Vec<Case> {
    let mut rest: Vec<(&'static str, Way)> = APART.to_vec();
    if vector.shape != Shape::Alone {
        rest.extend(BESIDE);
    }
    if matches!(vector.shape, Shape::Select | Shape::Change) {
        rest.extend(PREPARED);
    }
    if vector.shape == Shape::Select {
        rest.extend(QUERIES);
    }
    rest.extend(FRAMES);
    if vector.group != "ways of writing" {
        rest.extend(INSIDE);
    }
    rest.retain(|(path, _)| {
        // EXPLAIN shows the plan, not the answer.
        !vector.not.iter().any(|not| path.starts_with(not.as_str()))
            && (vector.watch != "answer" || *path != "explained")
    });
    let rest = rest.into_iter().enumerate().filter(|(count, _)| (count + turn).is_multiple_of(SHARE));
    let ways = ALWAYS.into_iter().chain(rest.map(|(_, way)| way));
    ways.map(|(path, way)| Case { path, steps: way(sql) }).collect()
}

fn of_script(vector: &Vector, messages: &[Message], turn: usize) -> Vec<Case> {
    let by = |way: Way| -> Vec<Step> {
        let steps = messages.iter().map(|message| match message {
            Message::Sql(sql) => way(sql),
            Message::Bytes(bytes, ready) => vec![grouped(bytes, *ready)],
        });
        steps.flatten().collect()
    };
    let plain = by(simple);
    if !messages.iter().all(|message| matches!(message, Message::Sql(_))) {
        return vec![Case { path: "bytes", steps: plain }];
    }
    let mut cases = vec![Case { path: "simple", steps: plain.clone() }];
    cases.push(Case { path: "extended", steps: by(extended) });
    if plain.len() > 1 {
        let bytes: Vec<u8> = plain.iter().flat_map(|step| step.bytes.clone()).collect();
        cases.push(Case { path: "all in one write", steps: vec![grouped(&bytes, plain.len())] });
    }
    if !vector.startup.is_empty() {
        return cases;
    }
    let ways = FRAMES.into_iter().chain([APART[3]]).enumerate();
    let chosen =
        ways.filter(|(count, _)| (count + turn).is_multiple_of(SHARE_OF_SCRIPTS)).map(|(_, way)| way);
    cases.extend(chosen.map(|(path, way)| Case { path, steps: by(way) }));
    cases
}

/// A Query.
pub fn simple(sql: &str) -> Vec<Step> {
    vec![Step { bytes: query(sql), ready: 1, extended: false, bytewise: false }]
}

/// Parse, Bind, Describe, Execute, Sync.
pub fn extended(sql: &str) -> Vec<Step> {
    vec![grouped(&[group("", sql), sync()].concat(), 1)]
}

/// Parse in one group of messages, Bind and Execute in another, with a query in between.
fn later(sql: &str) -> Vec<Step> {
    let prepare = grouped(&[parse("s", sql, &[]), sync()].concat(), 1);
    let run = grouped(&[bind("", "s", &[], 0), execute("", 0), sync()].concat(), 1);
    [vec![prepare], simple("SELECT 1"), vec![run]].concat()
}

/// Parse, Bind, Describe and Execute without their Sync.
fn group(name: &str, sql: &str) -> Vec<u8> {
    [parse(name, sql, &[]), bind("", name, &[], 0), describe(b'P', ""), execute("", 0)].concat()
}

/// Messages in one write.
pub fn grouped(bytes: &[u8], ready: usize) -> Step {
    Step { bytes: bytes.to_vec(), ready, extended: bytes.first() != Some(&b'Q'), bytewise: false }
}
