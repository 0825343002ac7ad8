//! Does the server's own grammar agree with what is made of a text without a grammar?
//!
//! The oracle is PostgreSQL's parser itself: only a text it accepts can run, so wherever it accepts
//! one, it must find the same statements in the same places, and no change of rows, no new table
//! may pass for a read.
//!
//! One difference between the library and the server is known: the library's scanner makes tokens
//! of comments, and so does not continue a literal behind one (`'a' -- x` and `'b'` on the next line
//! are one literal for a server). The corpus has no such text; the lexer's own tests do.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use exchange::{Basis, Class};
use pg_raw_parse::{Node, walk};
use sql::token::{Kind, Lexer};
use sql::{Lexing, analyse};
use std::ops::Range;

/// Statements the grammar accepts, each with something that could be taken for a statement's end.
const STATEMENTS: &[&str] = &[
    "select 1",
    "select ';', 'it''s; --', \"a;b\" from t",
    r"select E'\';', E'\\', E'a\\\'; b'",
    r"select 'C:\', 1",
    "select 'a'\n  'b;c'\n\t\r';', 1 -- ;'",
    "select E'a'\n'b\\';'",
    "select U&'d!0061;' uescape '!', U&\"a;\\0061\" from t",
    "select X'ff', b'01', n'x;y'",
    "select $$ ; $$, $a$ ; $$ ; $b$ ; $a$, $é$;$é$, $1",
    "select /* ; /* ; */ '; */ 1 -- ; '",
    "select 1 -- $$ /* \"",
    "select a-- ;\n, b /* $$ */ from t",
    "select 1 <> 2, 3 *-4, a ?| b, @-1, 2 ^ -1, a->'b'->>'c', a::int[], b[1:2]",
    "select 1.5, .5, 1., 1e5, 1.5E-3, 0x1F, 0b10, 0o17, 1_000",
    "select 1 end",
    "select case a when 1 then 2 else 3 end case from t",
    "select begin atomic from t",
    "select 1 as end, 2 as begin, t.end, t.into from t",
    "table t",
    "values (1, ';'), (2, null)",
    "((select 1) union (select 2)) order by 1",
    "select * into u from t",
    "(select 1 into t)",
    "select * from t for update of t skip locked",
    "insert into t (a) values (1), (2) on conflict do nothing returning *",
    "update t set a = ';' where b = 1",
    "delete from t using u where t.a = u.a",
    "merge into t using u on t.a = u.a when matched then delete when not matched then insert values (1)",
    "with a as (select 1) select * from a",
    "with a as (delete from t returning *) select * from a",
    "with a as (with b as (select 1) insert into t select * from b returning *) table a",
    "with recursive a(x) as (select 1 union all select x from a) search depth first by x set o select * from a",
    "with recursive a(x) as (select 1 union all select x from a) cycle x set c to 'y' default 'n' using p delete from t",
    "truncate t",
    "copy t (a) from stdin",
    "copy (select ';') to stdout with (format csv, delimiter ';')",
    "explain (analyze, format json) select 1",
    "begin",
    "begin isolation level serializable; end",
    "commit; rollback to a; release a; abort",
    "prepare p (int) as select $1; execute p(1); deallocate p",
    "declare c cursor with hold for select ';'; fetch all from c; close c",
    "do $do$ begin raise notice ';'; end; $do$",
    "call p(';')",
    "set search_path = a, 'b;c'",
    "set transaction read only",
    "create table t (a int default 1, check (a > 0), b text default ';')",
    "create table begin (atomic int)",
    "create view v as select 1 as a",
    "create table t2 as with a as (select 1) select * from a",
    "create index on t ((a || ';'))",
    "create rule r as on insert to t do also (insert into u values (1); delete from v where a = ';'; select 1)",
    "create rule r as on insert to t do (;;select 1;;)",
    "create or replace rule r as on update to t do instead nothing",
    "create function f() returns int language sql as 'select 1; select 2'",
    "create function f() returns int language sql as $f$ select ';'; select $$;$$; $f$",
    "create function f(a int default 1) returns int return a + 1",
    "create function f() returns int begin atomic end",
    "create function f() returns int language sql begin atomic select 1; select 2; end",
    "create or replace function f() returns int begin atomic select case when a then 1 end; select 1 end; end",
    "create or replace procedure p(a int) language sql begin atomic ; insert into t values (a);; delete from t; end",
    "create function begin(a begin) returns begin immutable begin atomic select begin atomic; return 1; end",
    "create function f() returns int begin atomic create function g() returns int begin atomic select 1; end; select 2; end",
    "create function f() returns int begin atomic create rule r as on insert to t do (select 1; select 2); select 3; end",
    "create procedure p() begin atomic create procedure q() language sql as ';'; select 1; end",
    "create trigger x before insert on t for each row execute function f(';')",
    "alter table t add column begin int",
    "drop table t cascade",
    "comment on table t is 'a; b'",
    "grant select on t to u",
    "create role r password ';'",
    "create schema s create table t (a int) create view v as select 1",
    "notify a, ';'",
    "vacuum (full) t",
    "lock table t in exclusive mode",
];

/// What can stand between two statements.
const SEPARATORS: &[&str] = &[";", " ;; ", ";\n-- ; '\n", "/* ; /* ' */ */;", "\n;\t;/**/;\n", "--;\n;"];

/// The places of the statements the grammar finds, without the space and comments around them;
/// `None` when it accepts the text not at all.
fn grammar_places(text: &str) -> Option<Vec<Range<usize>>> {
    let tree = pg_raw_parse::parse(text).ok()?;
    let places = tree.iter().map(|statement| {
        let start = usize::try_from(statement.stmt_location).unwrap_or(0);
        let length = usize::try_from(statement.stmt_len).unwrap();
        let end = if length == 0 { text.len() } else { start + length };
        // Our own lexer trims: that it sees space and comments rightly is shown by what remains.
        let mut tokens = Lexer::new(&text.as_bytes()[..end], Lexing::default()).filter(|token| {
            token.is_significant() && token.start >= start && token.kind != Kind::Punctuation(b';')
        });
        let first = tokens.next().expect("a statement with a token");
        first.start..tokens.last().map_or(first.end, |token| token.end)
    });
    Some(places.collect())
}

fn places(text: &str) -> Vec<Range<usize>> {
    sql::split::Statements::new(text.as_bytes(), Lexing::default()).collect()
}

#[test]
fn the_grammar_accepts_every_statement_of_the_corpus() {
    for text in STATEMENTS {
        if let Err(error) = pg_raw_parse::parse(text) {
            panic!("{error}: {text}");
        }
        assert_eq!(places(text), grammar_places(text).unwrap(), "{text}");
    }
}

#[test]
fn texts_of_many_statements_are_divided_as_the_grammar_divides_them() {
    let mut texts = 0;
    for (one, first) in STATEMENTS.iter().enumerate() {
        for (two, second) in STATEMENTS.iter().enumerate() {
            let separator = |nth: usize| SEPARATORS[(one + two * 7 + nth) % SEPARATORS.len()];
            let third = STATEMENTS[(one * 31 + two * 17) % STATEMENTS.len()];
            // A comment at a statement's end would swallow a separator that begins on its line.
            let text = format!(
                "{}{first}\n{}{second}\n{}{third}\n{}",
                ["", ";", " -- x\n", "/*;*/"][(one + two) % 4],
                separator(0),
                separator(1),
                ["", ";", "; -- ;"][two % 3],
            );
            let expected = grammar_places(&text).unwrap_or_else(|| panic!("not accepted: {text}"));
            assert!(expected.len() >= 3, "{text}");
            assert_eq!(places(&text), expected, "{text}");
            assert_eq!(analyse(text.as_bytes(), Lexing::default()).statements.len(), expected.len());
            texts += 1;
        }
    }
    assert!(texts >= 5_000, "{texts}");
}

/// Numbers that look random and are the same in every run (xorshift, Marsaglia 2003).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % bound
    }

    fn one_of<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len())]
    }
}

#[test]
fn whatever_soup_of_quotes_and_comments_the_grammar_accepts_is_divided_alike() {
    const PIECES: &[&str] = &[
        "'", "'", "''", "\\", "E'", "U&'", "x'", "n'", "$$", "$a$", "$a", "\"", "/*", "*/", "--", "\n", "\n",
        ";", ";", "select 1", "select ", "a", ",", " ", "1", ".", "e", "-", "*", "/", "é", "::", "(", ")",
    ];
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
    let mut accepted = 0;
    for _ in 0..150_000 {
        let mut text = String::from("select ");
        for _ in 0..1 + numbers.below(12) {
            text.push_str(numbers.one_of(PIECES));
        }
        if let Some(expected) = grammar_places(&text) {
            assert_eq!(places(&text), expected, "{text:?}");
            accepted += 1;
        }
    }
    assert!(accepted > 5_000, "{accepted}");
}

/// Whether the tree holds a change of rows, and whether it makes a table.
fn effects(statement: Node<'_>) -> (bool, bool) {
    let (mut change, mut into) = (false, false);
    walk::walk(statement, |node| match node {
        Node::InsertStmt(_) | Node::UpdateStmt(_) | Node::DeleteStmt(_) | Node::MergeStmt(_) => change = true,
        Node::IntoClause(_) => into = true,
        _ => {}
    });
    (change, into)
}

/// What the tree says; `None` where the test has no opinion.
fn grammar_class(statement: Node<'_>) -> Option<Class> {
    Some(match statement {
        Node::SelectStmt(_) => match effects(statement) {
            (_, true) => Class::Ddl,
            (true, false) => Class::Write,
            (false, false) => Class::Read,
        },
        Node::InsertStmt(_)
        | Node::UpdateStmt(_)
        | Node::DeleteStmt(_)
        | Node::MergeStmt(_)
        | Node::LockStmt(_)
        | Node::TruncateStmt(_) => Class::Write,
        Node::TransactionStmt(_) => Class::Transaction,
        Node::CreateStmt(_)
        | Node::CreateTableAsStmt(_)
        | Node::CreateFunctionStmt(_)
        | Node::CreateSchemaStmt(_)
        | Node::CreateTrigStmt(_)
        | Node::ViewStmt(_)
        | Node::RuleStmt(_)
        | Node::IndexStmt(_)
        | Node::AlterTableStmt(_)
        | Node::DropStmt(_)
        | Node::CommentStmt(_) => Class::Ddl,
        Node::GrantStmt(_) | Node::CreateRoleStmt(_) => Class::Privilege,
        Node::DoStmt(_) | Node::CallStmt(_) => Class::Code,
        Node::VacuumStmt(_) => Class::Maintenance,
        Node::NotifyStmt(_) | Node::DeallocateStmt(_) => Class::Session,
        _ => return None,
    })
}

#[test]
fn the_class_of_every_statement_of_the_corpus_is_what_its_tree_says() {
    let mut checked = 0;
    for text in STATEMENTS {
        let tree = pg_raw_parse::parse(text).unwrap();
        let statements = analyse(text.as_bytes(), Lexing::default()).statements;
        for (statement, found) in tree.iter().zip(&statements) {
            if let Some(expected) = grammar_class(statement.stmt()) {
                assert_eq!(found.class, expected, "{text}");
                checked += 1;
            }
        }
    }
    assert!(checked > 50, "{checked}");
}

#[test]
fn the_effects_of_every_statement_of_the_corpus_come_from_the_grammar() {
    for text in STATEMENTS {
        for statement in analyse(text.as_bytes(), Lexing::default()).statements {
            assert_eq!(statement.effects.basis, Basis::Grammar, "{text}");
        }
    }
}

/// Names that are keywords to whoever does not look where they stand.
const NAMES: &[&str] =
    &["a", "b", "delete", "update", "insert", "merge", "\"into\"", "search", "begin", "set"];

fn query(numbers: &mut Numbers, depth: usize) -> String {
    let name = numbers.one_of(NAMES);
    match numbers.below(if depth == 0 { 4 } else { 8 }) {
        0 => format!("select {name} from t"),
        1 => format!("select count({name}), t.{name} as {name} from {name}"),
        2 => "values (1, 2)".into(),
        3 => "table t".into(),
        4 => format!("({})", query(numbers, depth - 1)),
        5 => format!("select 1 from ({}) x", query(numbers, depth - 1)),
        6 => format!("select ({}), {name} into u from t", query(numbers, depth - 1)),
        _ => format!("{} {}", with(numbers, depth - 1), query(numbers, depth - 1)),
    }
}

fn with(numbers: &mut Numbers, depth: usize) -> String {
    let (name, column) = (numbers.one_of(NAMES), numbers.one_of(NAMES));
    let head = numbers.one_of(&["", "(x)", "(x, y)"]);
    let kind = numbers.one_of(&["", "materialized ", "not materialized "]);
    let tail = match numbers.below(4) {
        0 => format!(" search depth first by {column}, x set {name}"),
        1 => format!(" cycle {column} set {name} to 'a' default 'b' using {column}"),
        2 => format!(", {column} as ({})", body(numbers, depth)),
        _ => String::new(),
    };
    format!("with recursive {name}{head} as {kind}({}){tail}", body(numbers, depth))
}

fn body(numbers: &mut Numbers, depth: usize) -> String {
    let with =
        if numbers.below(3) == 0 && depth > 0 { with(numbers, depth - 1) + " " } else { String::new() };
    match numbers.below(8) {
        0 => format!("{with}insert into t {} returning *", query(numbers, 0)),
        1 => format!("{with}update only t set a = 1 returning *"),
        2 => format!("{with}delete from t returning *"),
        3 => format!("{with}merge into t using u on true when matched then delete returning *"),
        _ => query(numbers, depth.saturating_sub(1)),
    }
}

#[test]
fn no_change_and_no_new_table_hidden_in_a_query_passes_for_a_read() {
    let mut numbers = Numbers(0x2545_f491_4f6c_dd1d);
    let (mut changes, mut reads, mut overstated) = (0, 0, 0);
    for _ in 0..60_000 {
        let depth = numbers.below(4);
        let text = query(&mut numbers, depth);
        let Ok(tree) = pg_raw_parse::parse(&text) else { continue };
        let Some(statement) = tree.iter().next() else { continue };
        let (change, into) = effects(statement.stmt());
        let class = analyse(text.as_bytes(), Lexing::default()).statements[0].class;
        if change || into {
            assert_ne!(class, Class::Read, "{text}");
            changes += 1;
        } else {
            reads += 1;
            overstated += usize::from(class != Class::Read);
        }
    }
    assert!(changes > 5_000 && reads > 5_000, "{changes} changes, {reads} reads");
    // Erring to the side of more is allowed, but not as a habit.
    assert!(overstated * 20 < reads, "{overstated} of {reads} reads are called more than that");
}
