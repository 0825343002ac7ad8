//! On which paths, and in which ways of writing, does a MySQL statement reach the server?

use super::text::{literal, mixed_case, spaced};
use super::vector::{Message, Shape, Vector};

/// Which protocol a case tries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Protocol {
    /// COM_QUERY.
    Text,
    /// COM_STMT_PREPARE and COM_STMT_EXECUTE.
    Binary,
    /// Bytes of its own.
    Bytes,
}

/// Something a session sends and waits for.
#[derive(Clone, Debug)]
pub enum Step {
    /// A text in COM_QUERY.
    Text(Vec<u8>),
    /// The same, each byte in a segment of its own.
    Bytewise(Vec<u8>),
    /// Several texts, each in a COM_QUERY of its own, in one write.
    Together(Vec<Vec<u8>>),
    /// A text that is prepared and executed, so many times, with a cursor or without.
    Binary(Vec<u8>, bool, usize),
    /// A text that is prepared, another that is sent, then the execution of the first.
    Later(Vec<u8>, Vec<u8>),
    /// A text that is prepared and executed in one write, by the number -1, as MariaDB lets clients do.
    Direct(Vec<u8>),
    /// COM_RESET_CONNECTION.
    Reset,
    /// COM_CHANGE_USER.
    ChangeUser,
    /// Packets as they are, and how many answers they get.
    Bytes(Vec<u8>, usize),
    /// Commands in one write, each with the answer it gets.
    AtOnce(Vec<Vec<u8>>),
}

/// A vector on one path.
#[derive(Clone, Debug)]
pub struct Case {
    /// The path's name.
    pub path: &'static str,
    /// Which protocol it tries.
    pub protocol: Protocol,
    /// Whether its connection is compressed.
    pub compressed: bool,
    /// What is sent.
    pub steps: Vec<Step>,
}

impl Case {
    /// Whether it leaves its session as another one: compressed, or reading otherwise.
    pub fn has_own_session(&self) -> bool {
        self.compressed || self.path.starts_with("mode ") || self.path.starts_with("names ")
    }
}

/// The modes of MariaDB that are another grammar, which nobody judges: such a session is of use again
/// when it is made as new.
const FOREIGN: [&[u8]; 2] = [b"ORACLE", b"MSSQL"];

impl Case {
    /// Whether its session may read by another grammar afterwards.
    pub fn is_foreign(&self) -> bool {
        let texts = self.steps.iter().filter_map(|step| match step {
            Step::Text(sql) | Step::Bytewise(sql) | Step::Direct(sql) => Some(vec![sql.clone()]),
            Step::Binary(sql, ..) | Step::Later(sql, _) => Some(vec![sql.clone()]),
            Step::Together(texts) => Some(texts.clone()),
            Step::Reset | Step::ChangeUser | Step::Bytes(..) | Step::AtOnce(_) => None,
        });
        let says = |sql: &Vec<u8>, mode: &[u8]| sql.windows(mode.len()).any(|part| part == mode);
        texts.flatten().any(|sql| FOREIGN.iter().any(|mode| says(&sql, mode)))
    }
}

/// How a text becomes steps.
type Way = fn(&str) -> Vec<Step>;
/// How a text is written.
type Writing = fn(&str) -> String;

/// Of the paths that are not taken by every vector, each vector takes so many in turn.
const TEXT_SHARE: usize = 2;
const BINARY_SHARE: usize = 2;
const OTHER_SHARE: usize = 2;

/// For what may stand beside other statements.
const BESIDE: [(&str, Way); 5] = [
    ("batch first", |sql| text(&format!("{sql}\n; SELECT 1; SELECT 2"))),
    ("batch middle", |sql| text(&format!("SELECT 1; {sql}\n; SELECT 2"))),
    ("batch last", |sql| text(&format!("SELECT 1; SELECT 2;{sql}"))),
    ("batch with the transaction", |sql| text(&format!("START TRANSACTION; {sql}\n; COMMIT"))),
    ("transaction", |sql| [text("START TRANSACTION"), text(sql), text("COMMIT")].concat()),
];

/// For what has to be alone too.
const APART: [(&str, Way); 6] = [
    ("several in one write", |sql| {
        vec![Step::Together(["SELECT 1", sql, "SELECT 2"].map(|sql| sql.as_bytes().to_vec()).to_vec())]
    }),
    ("bytewise", |sql| vec![Step::Bytewise(sql.as_bytes().to_vec())]),
    ("after reset", |sql| [vec![Step::Reset], text(sql)].concat()),
    ("after change of user", |sql| [vec![Step::ChangeUser], text(sql)].concat()),
    ("binary after reset", |sql| [vec![Step::Reset], binary(sql)].concat()),
    ("binary after change of user", |sql| [vec![Step::ChangeUser], binary(sql)].concat()),
];

/// For what SQL's own PREPARE takes.
const PREPARED: [(&str, Way); 5] = [
    ("prepared from a literal", |sql| {
        [text(&format!("PREPARE p FROM {}", literal(sql))), text("EXECUTE p")].concat()
    }),
    ("prepared from a variable", |sql| {
        let set = format!("SET @p = {}", literal(sql));
        [text(&set), text("PREPARE p FROM @p"), text("EXECUTE p")].concat()
    }),
    ("prepared from hexadecimal digits", |sql| {
        let digits: String = sql.bytes().map(|byte| format!("{byte:02x}")).collect();
        text(&format!("EXECUTE IMMEDIATE CONVERT(0x{digits} USING utf8mb4)"))
    }),
    ("executed at once", |sql| text(&format!("EXECUTE IMMEDIATE {}", literal(sql)))),
    ("for one statement", |sql| text(&format!("SET STATEMENT max_statement_time = 10 FOR {sql}"))),
];

/// For what a block takes.
const BLOCKS: [(&str, Way); 3] = [
    ("block", |sql| text(&format!("BEGIN NOT ATOMIC {sql}\n; END"))),
    ("condition", |sql| text(&format!("IF 1 THEN {sql}\n; END IF"))),
    ("binary: block", |sql| binary(&format!("BEGIN NOT ATOMIC {sql}\n; END"))),
];

/// For what ANALYZE runs.
const CHANGES: [(&str, Way); 2] = [
    ("analyzed", |sql| text(&format!("ANALYZE {sql}"))),
    ("binary: analyzed", |sql| binary(&format!("ANALYZE FORMAT=JSON {sql}"))),
];

/// In a session that reads otherwise.
const MODES: [(&str, Way); 5] = [
    ("mode ANSI_QUOTES", |sql| in_mode("ANSI_QUOTES", sql)),
    ("mode NO_BACKSLASH_ESCAPES", |sql| in_mode("NO_BACKSLASH_ESCAPES", sql)),
    ("mode IGNORE_SPACE", |sql| in_mode("IGNORE_SPACE,PIPES_AS_CONCAT", sql)),
    ("mode ORACLE", |sql| in_mode("ORACLE", sql)),
    ("names gbk", |sql| [text("SET NAMES gbk"), text(sql)].concat()),
];

/// Ways of preparing and executing.
const BINARIES: [(&str, Way); 4] = [
    ("binary: later", |sql| vec![Step::Later(sql.as_bytes().to_vec(), b"SELECT 1".to_vec())]),
    ("binary: with a cursor", |sql| vec![Step::Binary(sql.as_bytes().to_vec(), true, 1)]),
    ("binary: in one write", |sql| vec![Step::Direct(sql.as_bytes().to_vec())]),
    ("binary: in a transaction", |sql| [text("START TRANSACTION"), binary(sql), text("COMMIT")].concat()),
];

/// Ways to write what stands in front and behind.
const FRAMES: [(&str, &str, Writing); 10] = [
    ("behind a comment", "binary: behind a comment", |sql| format!("/* SELECT 1; */ {sql}")),
    ("behind a comment with a quote", "binary: behind a comment with a quote", |sql| {
        format!("/* it's */{sql}")
    }),
    ("behind a line comment", "binary: behind a line comment", |sql| format!("-- SELECT 1;\n{sql}")),
    ("behind a number sign", "binary: behind a number sign", |sql| format!("# SELECT 1 '\n{sql}")),
    ("behind spaces", "binary: behind spaces", |sql| format!("\t\n\u{b}\u{c}\r {sql}")),
    ("with a semicolon behind", "binary: with a semicolon behind", |sql| format!("{sql};")),
    ("in an executable comment", "binary: in an executable comment", |sql| format!("/*! {sql} */")),
    ("in MariaDB's comment", "binary: in MariaDB's comment", |sql| format!("/*M! {sql} */")),
    ("in a comment of a version", "binary: in a comment of a version", |sql| format!("/*!50000 {sql} */")),
    ("in MariaDB's comment of a version", "binary: in MariaDB's comment of a version", |sql| {
        format!("/*M!100100 {sql}*/")
    }),
];

/// Ways to write the statement itself.
const INSIDE: [(&str, &str, Writing); 6] = [
    ("with comments inside", "binary: with comments inside", |sql| spaced(sql, "/**/ ")),
    ("with other comments inside", "binary: with other comments inside", |sql| spaced(sql, " -- \n")),
    ("with executable comments inside", "binary: with executable comments inside", |sql| {
        spaced(sql, "/*! */")
    }),
    ("with comments of later servers inside", "binary: with comments of later servers inside", |sql| {
        spaced(sql, "/*!999999 ' */ ")
    }),
    ("in mixed case", "binary: in mixed case", mixed_case),
    ("with other spaces", "binary: with other spaces", |sql| spaced(sql, "\t\n\u{b}\u{c}\r")),
];

/// All cases of the vector whose turn it is.
pub fn cases(vector: &Vector, turn: usize) -> Vec<Case> {
    let mut cases = match vector.messages.as_slice() {
        [Message::Sql(sql)] if vector.shape != Shape::Script => {
            let sql = std::str::from_utf8(sql).expect("a vector of a file is UTF-8");
            of_statement(vector, sql, turn)
        }
        messages => of_script(messages, turn),
    };
    cases.retain(|case| !is_out(vector, case.path));
    if let Some(modes) = &vector.modes {
        for case in &mut cases {
            let set = format!("SET SESSION sql_mode = '{modes}'").into_bytes();
            let is_new = |step: &Step| matches!(step, Step::Reset | Step::ChangeUser);
            let at = case.steps.iter().take_while(|step| is_new(step)).count();
            case.steps.insert(at, Step::Text(set));
        }
    }
    cases
}

fn is_out(vector: &Vector, path: &str) -> bool {
    vector.not.iter().any(|not| path.starts_with(not.as_str()))
}

/// So many of `ways`, whose turn it is.
fn share<T: Clone>(ways: Vec<T>, turn: usize, count: usize) -> Vec<T> {
    let from = if ways.is_empty() { 0 } else { turn.wrapping_mul(count) % ways.len() };
    ways.iter().cycle().skip(from).take(count.min(ways.len())).cloned().collect()
}

fn of_statement(vector: &Vector, sql: &str, turn: usize) -> Vec<Case> {
    let mut texts: Vec<(&'static str, Vec<Step>)> = Vec::new();
    let mut binaries: Vec<(&'static str, Vec<Step>)> = Vec::new();
    let mut others: Vec<(&'static str, Way)> = APART.to_vec();
    if vector.shape != Shape::Alone {
        others.extend(BESIDE);
        others.extend(BLOCKS);
    }
    others.extend(PREPARED);
    if vector.modes.is_none() {
        others.extend(MODES);
    }
    if matches!(vector.shape, Shape::Select | Shape::Change) && vector.watch != "answer" {
        others.extend(CHANGES);
    }
    let inside: &[(&str, &str, Writing)] = if vector.group == "ways of writing" { &[] } else { &INSIDE };
    for (name, named, write) in FRAMES.iter().chain(inside) {
        let is_comment = vector.group == "executable comments" && name.contains("comment of");
        if !is_comment {
            texts.push((name, text(&write(sql))));
            binaries.push((named, binary(&write(sql))));
        }
    }
    binaries.extend(BINARIES.iter().map(|(name, way)| (*name, way(sql))));
    let mut others: Vec<_> = others.into_iter().map(|(name, way)| (name, way(sql))).collect();
    for ways in [&mut texts, &mut binaries, &mut others] {
        ways.retain(|(name, _)| !is_out(vector, name));
    }
    let case = |(path, steps): (&'static str, Vec<Step>), compressed| {
        let is_binary = path.starts_with("binary");
        let protocol = if is_binary { Protocol::Binary } else { Protocol::Text };
        Case { path, protocol, compressed, steps }
    };
    let mut cases = vec![case(("text", text(sql)), false), case(("binary", binary(sql)), false)];
    let chosen = [(texts, TEXT_SHARE), (binaries, BINARY_SHARE), (others, OTHER_SHARE)];
    for (ways, count) in chosen {
        cases.extend(share(ways, turn, count).into_iter().map(|way| case(way, false)));
    }
    cases.push(match turn % 2 {
        0 => case(("text, compressed", text(sql)), true),
        _ => case(("binary, compressed", binary(sql)), true),
    });
    cases
}

fn of_script(messages: &[Message], turn: usize) -> Vec<Case> {
    let by = |way: fn(&[u8]) -> Step| -> Vec<Step> {
        let steps = messages.iter().map(|message| match message {
            Message::Sql(sql) => way(sql),
            Message::Bytes(bytes, answers) => Step::Bytes(bytes.clone(), *answers),
            Message::AtOnce(commands) => Step::AtOnce(commands.clone()),
        });
        steps.collect()
    };
    let case = |path, protocol, compressed, steps| Case { path, protocol, compressed, steps };
    let plain = by(|sql| Step::Text(sql.to_vec()));
    if !messages.iter().all(|message| matches!(message, Message::Sql(_))) {
        return vec![case("bytes", Protocol::Bytes, false, plain)];
    }
    let prepared = by(|sql| Step::Binary(sql.to_vec(), false, 1));
    let mut cases = vec![
        case("text", Protocol::Text, false, plain.clone()),
        case("binary", Protocol::Binary, false, prepared.clone()),
    ];
    let texts = messages.iter().filter_map(|message| match message {
        Message::Sql(sql) => Some(sql.clone()),
        Message::Bytes(..) | Message::AtOnce(_) => None,
    });
    let after = |first: Step, steps: &[Step]| [vec![first], steps.to_vec()].concat();
    let ways = vec![
        case("several in one write", Protocol::Text, false, vec![Step::Together(texts.collect())]),
        case("bytewise", Protocol::Text, false, by(|sql| Step::Bytewise(sql.to_vec()))),
        case("binary: in one write", Protocol::Binary, false, by(|sql| Step::Direct(sql.to_vec()))),
        case("after reset", Protocol::Text, false, after(Step::Reset, &plain)),
        case("binary: after change of user", Protocol::Binary, false, after(Step::ChangeUser, &prepared)),
        case("text, compressed", Protocol::Text, true, plain),
        case("binary, compressed", Protocol::Binary, true, prepared),
    ];
    cases.extend(share(ways, turn, OTHER_SHARE));
    cases
}

/// A text in COM_QUERY.
pub fn text(sql: &str) -> Vec<Step> {
    vec![Step::Text(sql.as_bytes().to_vec())]
}

/// A text that is prepared and executed.
pub fn binary(sql: &str) -> Vec<Step> {
    vec![Step::Binary(sql.as_bytes().to_vec(), false, 1)]
}

fn in_mode(mode: &str, sql: &str) -> Vec<Step> {
    [text(&format!("SET sql_mode = '{mode}'")), text(sql)].concat()
}
