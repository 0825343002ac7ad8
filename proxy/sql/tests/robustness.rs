//! What does a hostile text cost?
//!
//! Whatever a client sends, the analysis ends, its work grows as the text does, and it holds no more
//! memory than what it returns and a fixed amount beside that, for PostgreSQL also a few copies of the
//! text for the grammar (whose own memory is not counted here), for MySQL a list of up to a million tokens. Work is counted in calls of the
//! allocator, memory by what it handed out; a text whose work grew with its square would not end
//! within the time a test has.

#![allow(unsafe_code, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use exchange::{Statement, Verb};
use sql::token::{Lexer, Token};
use sql::{Analysis, Lexing, MysqlServer, STATEMENTS_MAX, analyse};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

/// Memory the analysis may hold beside what it returns, whatever the text.
const FIXED_BYTES: usize = 32 * 1024;

/// The same where the grammar reads the text: the names of one statement, a list of all statements.
const GRAMMAR_BYTES: usize = 2 * 1024 * 1024;

/// What a token of MySQL takes, in lists that grow by doubling; each may be one byte of the text.
const TOKEN_BYTES: usize = 64;

/// Most tokens of a statement of MySQL that are kept at a time.
const TOKENS_MAX: usize = 1_000_000;

/// Copies of the text that are made for the grammar: as UTF-8, twice, where it was not.
const COPIES: usize = 4;

/// The system's allocator, with what this thread has of it counted.
struct Counting;

thread_local! {
    static HELD: Cell<isize> = const { Cell::new(0) };
    static PEAK: Cell<isize> = const { Cell::new(0) };
    static CALLS: Cell<usize> = const { Cell::new(0) };
}

fn count(bytes: isize) {
    let held = HELD.get() + bytes;
    HELD.set(held);
    PEAK.set(PEAK.get().max(held));
    CALLS.set(CALLS.get() + 1);
}

fn signed(bytes: usize) -> isize {
    isize::try_from(bytes).expect("no allocation is larger than isize::MAX")
}

// SAFETY: every call is handed to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(signed(layout.size()));
        // SAFETY: the caller's promises are those the system's allocator asks for.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        count(-signed(layout.size()));
        // SAFETY: as above.
        unsafe { System.dealloc(memory, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

/// An analysis, the most memory it held at a time, and how often it asked for some or gave it back.
fn measured(text: &[u8], lexing: Lexing) -> (Analysis, usize, usize) {
    let (held, calls) = (HELD.get(), CALLS.get());
    PEAK.set(held);
    let analysis = analyse(text, lexing);
    (analysis, usize::try_from(PEAK.get() - held).unwrap(), CALLS.get() - calls)
}

/// What an analysis keeps, and the room its list of statements had on the way.
fn kept(analysis: &Analysis) -> usize {
    fn bytes(statement: &Statement) -> usize {
        let inner = match &statement.verb {
            Verb::Prepare { inner, .. } | Verb::Declare { inner, .. } => bytes(inner),
            _ => 0,
        };
        let tables: usize = statement.tables.iter().map(|table| size_of::<Box<str>>() + table.len()).sum();
        let effects = statement.effects.held_bytes() + 2 * size_of::<usize>();
        size_of::<Statement>() + 2 * size_of::<usize>() + statement.text.len() + tables + inner + effects + 64
    }
    let statements: usize = analysis.statements.iter().map(|statement| bytes(statement)).sum();
    statements + analysis.statements.len() * 4 * size_of::<usize>()
}

#[track_caller]
fn check(text: &[u8], lexing: Lexing) -> Analysis {
    let (analysis, peak, _) = measured(text, lexing);
    let shown = || String::from_utf8_lossy(&text[..text.len().min(60)]).into_owned();
    let beside = match lexing {
        Lexing::Postgres { .. } => GRAMMAR_BYTES + COPIES * text.len(),
        Lexing::Mysql { .. } => FIXED_BYTES + TOKEN_BYTES * text.len().min(TOKENS_MAX),
    };
    assert!(peak <= kept(&analysis) + beside, "{peak} bytes for {lexing:?} {}", shown());
    assert!(analysis.statements.len() <= STATEMENTS_MAX, "{}", shown());
    for statement in &analysis.statements {
        assert!(statement.text.len() <= Statement::TEXT_BYTES_MAX, "{}", shown());
    }
    analysis
}

const LEXINGS: [Lexing; 8] = [
    Lexing::Postgres { standard_conforming_strings: true },
    Lexing::Postgres { standard_conforming_strings: false },
    mysql(false, false, MysqlServer::Unknown),
    mysql(false, true, MysqlServer::Unknown),
    mysql(true, false, MysqlServer::Unknown),
    mysql(true, true, MysqlServer::Unknown),
    mysql(false, false, MysqlServer::Mariadb(101_119)),
    mysql(false, false, MysqlServer::Mysql(80_404)),
];

const fn mysql(ansi_quotes: bool, no_backslash_escapes: bool, server: MysqlServer) -> Lexing {
    Lexing::Mysql { ansi_quotes, no_backslash_escapes, double_byte: true, server }
}

/// Begins something that only ends elsewhere, or stands where the grammar would go deeper.
const PIECES: &[&str] = &[
    "(",
    "[",
    "case ",
    "case when ",
    "/*",
    "*/",
    "/*!",
    "/*!50001 ",
    "$$",
    "$a$",
    "'",
    "\"",
    "`",
    "E'",
    "\\",
    "''",
    "--",
    "#",
    "\n",
    ";",
    "::",
    "values (",
    "values (1),",
    "array[",
    "array[[1],",
    "a in (",
    "in ((",
    "with a as (",
    "select * from (",
    "from a, ",
    "explain analyze ",
    "analyze ",
    "explain (",
    "copy (",
    "prepare p as ",
    "declare c cursor for ",
    "create function f() begin atomic ",
    "create procedure p() begin ",
    "if a then ",
    "begin not atomic ",
    "\"a\".",
    "U&\"a\" uescape ",
    "@",
    "@`",
    "not ",
    "- ",
    "1.",
    "0x",
    "_utf8'",
    "\0",
    "\u{fffd}",
];

#[test]
fn a_text_of_128_kib_of_nesting_is_analysed() {
    for piece in PIECES {
        let nested = piece.repeat(128 * 1024 / piece.len());
        for lexing in LEXINGS {
            check(nested.as_bytes(), lexing);
        }
        for (begin, lexing) in [
            ("select ", Lexing::default()),
            ("explain analyze ", Lexing::default()),
            ("explain analyze ", Lexing::MYSQL),
            ("create procedure p() ", Lexing::MYSQL),
        ] {
            check(format!("{begin}{nested}").as_bytes(), lexing);
        }
    }
}

#[test]
fn twice_the_nesting_is_twice_the_work() {
    for piece in PIECES {
        for lexing in [Lexing::default(), Lexing::MYSQL] {
            let calls = |bytes: usize| measured(piece.repeat(bytes / piece.len()).as_bytes(), lexing).2;
            let (once, twice) = (calls(64 * 1024), calls(128 * 1024));
            assert!(twice <= 2 * once + 16, "{piece:?} {lexing:?}: {once} calls, then {twice}");
        }
    }
}

#[test]
fn bytes_that_are_no_text_are_analysed() {
    let mut numbers = 0x9e37_79b9_7f4a_7c15u64;
    for round in 0..200 {
        let mut text =
            b"select 'a', \xff\xfe from \"\xc3\x28\" where \0 = '\xe2\x82' and `\xf0\x9f` in (".to_vec();
        for _ in 0..round * 20 {
            numbers ^= numbers << 13;
            numbers ^= numbers >> 7;
            numbers ^= numbers << 17;
            text.push(u8::try_from(numbers >> 56).unwrap());
        }
        for lexing in LEXINGS {
            let analysis = check(&text, lexing);
            assert!(!analysis.statements.is_empty());
        }
    }
}

#[test]
fn a_name_as_long_as_the_text_is_not_copied() {
    let long = "n".repeat(8 * 1024 * 1024);
    for text in [
        format!("select * from {long}"),
        format!("select * from \"{long}\", {long}.a"),
        format!("deallocate {long}"),
        format!("deallocate \"{long}\""),
        format!("fetch 1 from U&\"{long}\" uescape '!'"),
        format!("with {long} as (select 1) table {long}"),
        format!("execute `{long}`"),
        format!("select @{long}, '{long}', $a${long}$a$ /* {long} */"),
    ] {
        for lexing in LEXINGS {
            check(text.as_bytes(), lexing);
        }
    }
}

const HUNDRED_MEGABYTES: usize = 100_000_000;

#[test]
fn one_statement_of_100_megabytes_is_analysed_within_a_fixed_room() {
    let mut text = b"insert into measurements (a, b, c) values (1, 'x', null)".to_vec();
    let row: &[u8] =
        b", (123456, 'a literal of some length, and another part of it, so that rows are long', null)";
    while text.len() < HUNDRED_MEGABYTES {
        text.extend_from_slice(row);
    }
    let analysis = check(&text, Lexing::default());
    let short = analyse(b"insert into measurements (a, b, c) values ($1, $2, $3)", Lexing::default());
    assert_eq!(analysis.statements.len(), 1);
    assert_eq!(analysis.statements[0].fingerprint, short.statements[0].fingerprint);
    assert_eq!(*analysis.statements[0].tables, ["measurements".into()]);
}

#[test]
fn a_million_statements_of_100_megabytes_are_analysed_within_their_limit() {
    let statement: &[u8] =
        b"update accounts set balance = balance - 100.00, note = 'a transfer to somebody' where id = 1234567;\n";
    let text = statement.repeat(HUNDRED_MEGABYTES / statement.len());
    assert!(text.len() / statement.len() >= 990_000);
    let analysis = check(&text, Lexing::default());
    assert_eq!((analysis.statements.len(), analysis.folded), (STATEMENTS_MAX, true));
}

#[test]
fn the_lexer_asks_for_no_memory_at_all() {
    let text = "select a, 'b' from \"c\" where d in (1, $2) and e = $$f$$ -- g".repeat(1_000);
    for lexing in LEXINGS {
        let calls = CALLS.get();
        let tokens = Lexer::new(text.as_bytes(), lexing).filter(Token::is_significant).count();
        assert!(tokens > 1 && CALLS.get() == calls);
    }
}
