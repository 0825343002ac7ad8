//! Do texts fall into the tokens that the server itself sees?
//!
//! The oracle is a real MariaDB. Texts are made of what is hard to read: quotes and backslashes, numbers that are
//! names, comments that are executed and comments that only look like it, and edits in the middle of any of these.
//! Each is written a second time, token by token as the lexer sees it, so plainly that there is nothing left to
//! get wrong: no comments, one kind of quote for each kind of literal, a space between tokens. The server must make
//! the same of both: as many statements, the same rows, the same errors, and in errors of syntax the same token
//! that it stumbles over.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod harness;

use harness::mariadb::Mariadb;
use harness::mysql_wire::{MysqlWire, Packet, command};
use sql::token::{Ending, Kind, Lexer, Token};
use sql::{Lexing, MysqlServer, analyse, literals};

/// Texts for each way of reading.
const TEXTS: u32 = 30_000;

/// The server shows this much of what it did not understand; texts are shorter, so that all of the rest is shown.
const NEAR_CHARACTERS: usize = 80;

/// What the server makes of one statement of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Outcome {
    Done,
    /// The rows as they are sent.
    Rows(Vec<Vec<u8>>),
    /// The error's number; in one of syntax the number of significant tokens before the one it names, where that
    /// can be told.
    Error(u16, Option<usize>),
}

impl Outcome {
    fn is_like(&self, other: &Outcome) -> bool {
        match (self, other) {
            // That there is no such variable is found out while reading: before an error of syntax or behind it.
            (Outcome::Error(1193, _), Outcome::Error(..)) | (Outcome::Error(..), Outcome::Error(1193, _)) => {
                true
            }
            (Outcome::Error(one, None), Outcome::Error(other, _))
            | (Outcome::Error(one, _), Outcome::Error(other, None)) => one == other,
            _ => self == other,
        }
    }
}

struct Session {
    wire: MysqlWire,
    lexing: Lexing,
}

impl Session {
    fn new(server: &Mariadb, ansi_quotes: bool, no_backslash_escapes: bool, version: &[u8]) -> Session {
        let mut wire = MysqlWire::login(server.port, "lexing");
        let modes = [(ansi_quotes, "ANSI_QUOTES"), (no_backslash_escapes, "NO_BACKSLASH_ESCAPES")];
        let modes: Vec<&str> = modes.iter().filter(|(is_on, _)| *is_on).map(|(_, name)| *name).collect();
        let set = format!("SET NAMES utf8mb4, sql_mode = '{}'", modes.join(","));
        assert!(wire.ask(&command(3, set.as_bytes()))[0].is_ok());
        let lexing = Lexing::Mysql {
            ansi_quotes,
            no_backslash_escapes,
            double_byte: true,
            server: MysqlServer::of_version(version),
        };
        Session { wire, lexing }
    }

    /// What the server makes of `text`, whose significant tokens end at `ends`.
    fn outcomes(&mut self, text: &str, ends: &[usize]) -> Vec<Outcome> {
        if text.contains(":=") {
            self.wire.ask(&command(3, b"SET @z = NULL"));
        }
        let packets = self.wire.ask(&command(3, text.as_bytes()));
        let mut rest = packets.iter();
        let mut outcomes = Vec::new();
        while let Some(first) = rest.next() {
            if let Some((number, message)) = first.error() {
                outcomes.push(Outcome::Error(number, place(&message, text, ends)));
            } else if first.is_ok() {
                outcomes.push(Outcome::Done);
            } else {
                outcomes.push(rows(&mut rest, text, ends));
            }
        }
        // MariaDB answers for a comment behind the last `;` as well.
        while outcomes.last() == Some(&Outcome::Done) {
            outcomes.pop();
        }
        outcomes
    }
}

/// The rows of a result whose first packet was read.
fn rows<'a>(rest: &mut impl Iterator<Item = &'a Packet>, text: &str, ends: &[usize]) -> Outcome {
    let mut behind_columns = rest.skip_while(|packet| !packet.is_eof()).skip(1);
    let mut rows = Vec::new();
    for packet in behind_columns.by_ref() {
        if let Some((number, message)) = packet.error() {
            return Outcome::Error(number, place(&message, text, ends));
        }
        if packet.is_eof() {
            break;
        }
        rows.push(packet.payload.clone());
    }
    Outcome::Rows(rows)
}

/// How many significant tokens before the last separators end before the place that a message of the server's names by what follows it.
fn place(message: &str, text: &str, ends: &[usize]) -> Option<usize> {
    let (_, near) = message.split_once("near '")?;
    let (near, _) = near.rsplit_once("' at line")?;
    let is_whole = near.chars().count() < NEAR_CHARACTERS;
    let starts = text.char_indices().map(|(at, _)| at).chain([text.len()]);
    let at = starts
        .filter(|at| text[*at..].starts_with(near))
        .find(|at| !is_whole || text.len() - at == near.len())?;
    Some(ends.iter().filter(|end| **end <= at).count())
}

/// The tokens that count for this server.
fn tokens(text: &str, lexing: Lexing) -> Vec<Token> {
    let mut lexer = Lexer::new(text.as_bytes(), lexing);
    let mut tokens = Vec::new();
    while let Some(token) = lexer.next() {
        // The server is the one its greeting says, so it leaves out what is doubtful.
        if token.is_significant() && lexer.version_comment().is_none() {
            tokens.push(token);
        }
    }
    tokens
}

/// Those before the separators at the end, which the server takes off before it reads a text.
fn counted(tokens: &[Token]) -> &[Token] {
    let separators = tokens.iter().rev().take_while(|token| token.kind == Kind::Punctuation(b';')).count();
    &tokens[..tokens.len() - separators]
}

/// The text anew, so that nobody can read it in another way; and where its tokens end.
fn plainly(text: &str, tokens: &[Token], lexing: Lexing) -> (String, Vec<usize>) {
    let mut plain = String::new();
    let mut ends = Vec::new();
    for (place, token) in tokens.iter().enumerate() {
        let own = &text[token.start..token.end];
        let before = place.checked_sub(1).map(|before| &tokens[before]);
        let follows_at_once = before.is_some_and(|before| before.end == token.start);
        let is_name = |kind: Kind| matches!(kind, Kind::Word(_) | Kind::QuotedIdentifier);
        // A function is one for its parenthesis, `@` and `\` belong to what follows, and a dot to its names.
        let is_glued = follows_at_once
            && before.is_some_and(|before| match (before.kind, token.kind) {
                (Kind::Word(_), Kind::Punctuation(b'(')) | (Kind::Other(_), _) => true,
                (Kind::Variable, Kind::Punctuation(b'.') | Kind::Other(_)) => true,
                (Kind::Variable, Kind::QuotedIdentifier) => before.end - before.start == 2,
                (Kind::Punctuation(b'.'), next) => is_name(next),
                (last, Kind::Punctuation(b'.')) => is_name(last),
                (last, Kind::Other(b'@')) => is_name(last) || last == Kind::Literal,
                _ => false,
            });
        if place > 0 && !is_glued {
            plain.push(' ');
        }
        match token.kind {
            Kind::Literal => plain.push_str(&literal(own, lexing)),
            Kind::QuotedIdentifier if own.starts_with('"') => {
                let name = own[1..own.len() - 1].replace("\"\"", "\"").replace('`', "``");
                plain.push_str(&format!("`{name}`"));
            }
            _ => plain.push_str(own),
        }
        ends.push(plain.len());
    }
    (plain, ends)
}

/// A literal in single quotes with nothing but its value.
fn literal(own: &str, lexing: Lexing) -> String {
    let open = own.find(['\'', '"']).expect("a quote");
    let prefix = &own[..open];
    if matches!(prefix, "x" | "X" | "b" | "B") {
        return own.to_owned();
    }
    let values = literals::values(own.as_bytes(), lexing, 1, usize::MAX).values;
    let value = String::from_utf8(values[0].to_vec()).expect("characters");
    let escapes = !matches!(lexing, Lexing::Mysql { no_backslash_escapes: true, .. });
    let value = if escapes { value.replace('\\', "\\\\") } else { value };
    format!("{prefix}'{}'", value.replace('\'', "''"))
}

/// Numbers that look random and are the same each time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % limit
    }

    fn of<'t>(&mut self, list: &[&'t str]) -> &'t str {
        list[self.below(list.len())]
    }
}

/// What may stand where a value does, and columns of the table `t`.
const VALUES: &[&str] = &[
    "'a'",
    "'it''s'",
    r"'a\\'",
    r"'it\'s'",
    r"'a\'",
    r#"'a"b'"#,
    r"'\%\n'",
    "''",
    r#""a""#,
    r#""a\"b""#,
    r#""a""b""#,
    r#""a\\""#,
    r#""""#,
    "`a`",
    "`a``b`",
    "1",
    "1.5",
    ".5",
    "1.",
    "1e2",
    "1e-2",
    "1.e+3",
    "1e",
    "1ea",
    "0x41",
    "0X41",
    "0xg",
    "0b01",
    "0b2",
    "x'41'",
    "X'4'",
    "b'01'",
    "B'2'",
    "N'a'",
    "n'it''s'",
    r#"N"a""#,
    "_utf8mb4'ü'",
    "_latin1 'a'",
    r#"_utf8"a""#,
    "@a",
    "@`a`",
    "@'a'",
    "@a.b",
    "@z:=1",
    "@@port.a",
    "@@session.port",
    r"\N",
    "a",
    "t.a",
    "t.1a",
    "t . a",
    "1a",
    "t.`a`",
    "`t`.1a",
    "a$",
    "$a",
    "é",
    "t.1e",
    "1ea",
    "0b2",
    "date'2020-01-01'",
    "{d '2020-01-01'}",
    "-1",
    "!1",
    "~1",
    "(1)",
    "count(1)",
    "count (1)",
    "length('a')",
    "length ('a')",
    "length/**/('a')",
    "1 AS b",
    "1 1b",
    "a b",
    "1 'b'",
    r#"1 "b""#,
    "'a' 'b'",
    "'a'\n\"b\"",
    "if(1,2,3)",
    "current_date() > 1",
    "a->'$.b'",
    "a<=>1",
    "1 div 1",
];

/// What may stand between two values.
const JOINTS: &[&str] = &[
    ",",
    ", ",
    "+",
    " + ",
    "-",
    "--1+",
    "-- 1\n+",
    "--\n,",
    "-- '\n,",
    "--\t,\n,",
    "#\n,",
    "# \" \n+",
    "# /*\n+ /* # */",
    "/**/,",
    "/* ' */,",
    "/*'*/+",
    "/* /* */,",
    "/*!+*/",
    "/*!,*/",
    "/*!50000 + */",
    "/*!50000,*/",
    "/*!5000 */",
    "/*!50699+*/",
    "/*!50700 1 */,",
    "/*!99999 '*/ , -- '*/\n",
    "/*!99999 /* x */ */,",
    "/*!100000+*/",
    "/*!101120+*/,",
    "/*!1011199 */+",
    "/*!050000+*/",
    "/*!080000+*/,",
    "/*M!+*/",
    "/*M!101119,*/",
    "/*M!999999+*/,",
    "/*m!+*/,",
    "/*M+*/,",
    "/*!/* x */,*/",
    "/*!/*!,*/",
    "/*! '*/' , */",
    "/*+ x */,",
    "/*!,'a',*/",
    "/*! -- */\n,*/",
    "/*! # */\n,*/",
    "||",
    "&&",
    "<=>",
    "=",
    " ",
    ".",
    "|",
    "/",
    "*",
    "%",
    " is ",
    "!=",
];

/// What is put into the middle of a text.
const EDITS: &[&str] = &[
    "'", "\"", "`", "\\", "/", "*", "/*", "*/", "/*!", "!", "#", "-", "--", ";", "@", ".", "0", "1", "e",
    "x", "b", "N", "_", " ", "\n", "\r", "\t", "\u{b}", "$", "é", "(", ")", ",", "''", "\u{1}", "\u{7f}",
];

fn text(dice: &mut Dice) -> String {
    let mut text = "SELECT ".to_owned();
    text.push_str(dice.of(VALUES));
    for _ in 0..dice.below(4) {
        text.push_str(dice.of(JOINTS));
        text.push_str(dice.of(VALUES));
    }
    if dice.below(2) == 0 {
        text.push_str(" FROM t");
    }
    if dice.below(6) == 0 {
        text.push_str(dice.of(&[";", "; ", ";SELECT 2", ";;", "; # x", "/*!;*/", ";/*!50000 SELECT 3*/"]));
    }
    for _ in 0..dice.below(3) {
        let places: Vec<usize> = text.char_indices().map(|(at, _)| at).skip(7).collect();
        if places.is_empty() {
            break;
        }
        let at = places[dice.below(places.len())];
        if dice.below(3) == 0 {
            text.remove(at);
        } else {
            text.insert_str(at, dice.of(EDITS));
        }
    }
    text
}

/// What came of all texts of one way of reading.
#[derive(Debug, Default)]
struct Tally {
    rows: u32,
    places: u32,
    errors: u32,
    endless: u32,
    disputed: u32,
    /// Texts of which the server makes something else.
    differences: Vec<String>,
}

fn compare(session: &mut Session, text: &str, tally: &mut Tally) {
    let lexing = session.lexing;
    let ending = analyse(text.as_bytes(), lexing).ending;
    let tokens = tokens(text, lexing);
    let is_taken_off = |one: char| one == ';' || one.is_ascii_whitespace() || one == '\u{b}';
    // Before a comment at the end nothing is taken off.
    let is_cut = text.trim_end_matches(is_taken_off).len() <= tokens.last().map_or(0, |last| last.end);
    let counted = if is_cut { counted(&tokens) } else { &tokens };
    let ends: Vec<usize> = counted.iter().map(|token| token.end).collect();
    if ending == Ending::Disputed {
        tally.disputed += 1;
        return;
    }
    let outcomes = session.outcomes(text, &ends);
    if ending == Ending::Missing {
        tally.endless += 1;
        let last = outcomes.last();
        if !matches!(last, Some(Outcome::Error(..))) {
            tally.differences.push(format!("{text}\nhas no end, yet: {last:?}\n"));
        }
        return;
    }
    let (mut plain, ends) = plainly(text, &tokens, lexing);
    if !is_cut {
        plain.push_str(" /**/");
    }
    let expected = session.outcomes(&plain, &ends[..counted.len()]);
    match outcomes.last() {
        Some(Outcome::Error(_, Some(_))) => tally.places += 1,
        Some(Outcome::Error(_, None)) => tally.errors += 1,
        _ => tally.rows += 1,
    }
    let are_alike = outcomes.len() == expected.len()
        && outcomes.iter().zip(&expected).all(|(one, other)| one.is_like(other));
    if !are_alike {
        tally.differences.push(format!("{text}\n{outcomes:?}\n  is read as\n{plain}\n{expected:?}\n"));
    }
}

#[test]
fn the_server_makes_the_same_of_a_text_and_of_its_tokens() {
    let server = Mariadb::start();
    server.ask(
        "CREATE TABLE t (a text, `1a` int, `1e` int, `1ea` int, `0xg` int, `0b2` int, `a$` int, `$a` int, `é` int, `a``b` int);
         INSERT INTO t VALUES ('a', 1, 2, 3, 4, 5, 6, 7, 8, 9)",
    );
    let version = server.ask("SELECT VERSION()");
    let mut dice = Dice(8);
    for (ansi_quotes, no_backslash_escapes) in [(false, false), (true, false), (false, true), (true, true)] {
        let mut session = Session::new(&server, ansi_quotes, no_backslash_escapes, version.as_bytes());
        let mut tally = Tally::default();
        for _ in 0..TEXTS {
            let text = text(&mut dice);
            if text.chars().count() < NEAR_CHARACTERS {
                compare(&mut session, &text, &mut tally);
            }
        }
        assert!(
            tally.differences.is_empty(),
            "{:?}: {} differences\n{}",
            session.lexing,
            tally.differences.len(),
            tally.differences[..tally.differences.len().min(12)].join("\n")
        );
        println!("{:?}: {tally:?}", session.lexing);
        // Enough of each kind that the comparison says something.
        assert!(
            tally.rows > TEXTS / 10 && tally.places > TEXTS / 10 && tally.endless > TEXTS / 100,
            "{tally:?}"
        );
        assert!(tally.disputed < TEXTS / 10, "{tally:?}");
    }
}

/// Before the client may say anything the gateway knows which server reads it, by the greeting.
#[test]
fn the_gateway_reads_as_the_server_before_which_it_stands() {
    let server = Mariadb::start();
    let gateway = server.plan().listener("allow_unauthenticated = true").start();
    let mut wire = MysqlWire::login(gateway.port, "greeting");
    let texts = [
        ("SELECT 1 /*!100000 + 1 */", "read"),
        ("SELECT 2 /*!999999 INTO @a */", "unknown"),
        ("SELECT nvl2(1, 2, 3)", "read"),
        ("SELECT any_value(1)", "code"),
    ];
    for (text, _) in texts {
        wire.ask(&command(3, text.as_bytes()));
    }
    wire.quit();
    let classes: Vec<String> = gateway.recorded("the end of the session", |records| {
        let mine: Vec<_> =
            records.iter().filter(|record| record.principal("application") == "greeting").collect();
        (mine.last()?.event() == "session.end").then(|| {
            let outcomes = mine.iter().filter(|record| record.event() == "statement.outcome");
            outcomes.map(|record| record.text_of("class").to_owned()).collect()
        })
    });
    assert_eq!(classes, texts.map(|(_, class)| class));
}
