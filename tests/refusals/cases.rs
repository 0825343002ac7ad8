//! What do the clients send whose statements are refused, and what stands for it directly?

use super::harness::wire::{
    bind, close, copy_data, copy_done, describe, execute, flush, function_call, parse, query, sync,
};

/// Stands in every text that is to be refused, and so may never be seen by a server.
pub const NEVER: &str = "never_to_be_seen";
/// Something a client sends.
#[derive(Clone)]
pub struct Part {
    /// Through the gateway.
    pub asked: Vec<u8>,
    /// Directly.
    pub instead: Vec<u8>,
}

impl From<Vec<u8>> for Part {
    fn from(bytes: Vec<u8>) -> Part {
        Part { asked: bytes.clone(), instead: bytes }
    }
}

/// A client's part in two acts; between them the rules may change.
pub struct Case {
    /// What it shows.
    pub name: &'static str,
    /// The first act.
    pub before: Vec<Part>,
    /// The second act, with what is refused.
    pub then: Vec<Part>,
    /// How many ReadyForQuery never come, because the server skips what asks for them.
    pub skipped: usize,
}

impl Case {
    /// A client whose first act is empty.
    pub fn new(name: &'static str, then: Vec<Part>) -> Case {
        Case { name, before: Vec::new(), then, skipped: 0 }
    }

    /// The same with a first act.
    pub fn after(mut self, before: Vec<Part>) -> Case {
        self.before = before;
        self
    }
}

/// A statement of about so many bytes that is refused.
pub fn long(bytes: usize) -> String {
    format!("SELECT '{NEVER}' /* {} */", "x".repeat(bytes))
}

/// A Query that is too long.
pub fn long_query() -> Part {
    Part { asked: query(&long(2000)), instead: query("!") }
}

/// A Parse that is too long.
pub fn long_parse(name: &str) -> Part {
    Part { asked: parse(name, &long(2000), &[]), instead: parse(name, "!", &[]) }
}

/// A Query that passes.
pub fn ask(sql: &str) -> Part {
    query(sql).into()
}

/// What executes a prepared statement, without its Sync.
pub fn rest(portal: &str, statement: &str) -> Part {
    [bind(portal, statement, &[], 0), describe(b'P', portal), execute(portal, 0)].concat().into()
}

/// Parse, Bind, Describe and Execute that pass.
pub fn group(sql: &str) -> Part {
    [parse("", sql, &[]), rest("", "").asked].concat().into()
}

/// Refusals by the simple protocol.
pub fn simple_cases() -> Vec<Case> {
    let inside = Part {
        asked: query(&format!("SELECT 1; {}; SELECT 3", long(2000))),
        instead: query("SELECT 1; !; SELECT 3"),
    };
    let huge = Part { asked: query(&long(3_000_000)), instead: query("!") };
    let alternating = (0..20).map(|n| if n % 3 == 1 { long_query() } else { ask(&format!("SELECT {n}")) });
    vec![
        Case::new("the second of three queries", vec![ask("SELECT 1"), long_query(), ask("SELECT 3")]),
        Case::new(
            "the second of three statements in one query",
            vec![ask("SELECT 0"), inside, ask("SELECT 4")],
        ),
        Case::new("nothing else", vec![long_query()]),
        Case::new("three in a row", vec![long_query(), long_query(), long_query()]),
        Case::new("a third of twenty in flight", alternating.collect()),
        Case::new("three megabytes", vec![ask("SELECT 1"), huge, ask("SELECT 3")]),
        Case::new(
            "in a transaction, which fails until it is rolled back",
            vec![
                ask("BEGIN"),
                ask("INSERT INTO scratch (id) VALUES (1)"),
                long_query(),
                ask("SELECT 2"),
                long_query(),
                ask("ROLLBACK"),
                ask("SELECT count(*) FROM scratch"),
            ],
        ),
        Case::new(
            "in a transaction that tries to commit",
            vec![
                ask("BEGIN; INSERT INTO scratch (id) VALUES (1)"),
                long_query(),
                ask("COMMIT"),
                ask("SELECT count(*) FROM scratch"),
            ],
        ),
        Case::new(
            "behind a savepoint, to which the transaction returns",
            vec![
                ask("BEGIN; INSERT INTO scratch (id) VALUES (1)"),
                ask("SAVEPOINT s"),
                ask("INSERT INTO scratch (id) VALUES (2)"),
                long_query(),
                ask("ROLLBACK TO s"),
                ask("SELECT count(*) FROM scratch"),
                ask("RELEASE s"),
                ask("COMMIT"),
                ask("SELECT count(*) FROM scratch"),
            ],
        ),
        Case::new(
            "between two function calls",
            vec![
                function_call(141, &["3", "4"]).into(),
                long_query(),
                function_call(154, &["1", "0"]).into(),
            ],
        ),
        Case::new(
            "with COPY data behind it, which the server ignores",
            vec![long_query(), copy_data(b"1\tx\t0\n").into(), copy_done().into(), ask("SELECT 1")],
        ),
    ]
}

/// Refusals by the extended protocol.
#[expect(clippy::too_many_lines, reason = "a table of cases")]
pub fn extended_cases() -> Vec<Case> {
    let refused = |name| vec![long_parse(name), rest("", name)];
    let five = (0..5).flat_map(|n| {
        let asked = if n % 2 == 1 { refused("") } else { vec![group(&format!("SELECT {n}"))] };
        asked.into_iter().chain([sync().into()])
    });
    let huge = Part { asked: parse("", &long(3_000_000), &[]), instead: parse("", "!", &[]) };
    let with = |parts: &[Vec<Part>]| parts.concat();
    let good = || vec![group("SELECT 1, 'good'")];
    let end = || vec![sync().into()];
    vec![
        Case::new(
            "an unnamed Parse, second of three groups under one Sync",
            with(&[good(), refused(""), good(), end(), good(), end()]),
        ),
        Case::new("a named Parse, whose name is then not there", {
            with(&[
                good(),
                refused("s"),
                end(),
                vec![rest("", "s")],
                end(),
                vec![describe(b'S', "s").into()],
                end(),
            ])
        }),
        Case::new("an unnamed Parse drops the unnamed statement before it", {
            let before = vec![parse("", "SELECT 'before'", &[]).into(), sync().into()];
            with(&[before, vec![long_parse("")], end(), vec![rest("", "")], end()])
        }),
        Case::new("a named Parse leaves the unnamed statement alone", {
            let before = vec![parse("", "SELECT 'before'", &[]).into(), sync().into()];
            with(&[before, vec![long_parse("s")], end(), vec![rest("", "")], end()])
        }),
        Case::new("every second of five groups, five Syncs in flight", five.collect()),
        Case::new("two refused under one Sync are one error", with(&[refused("a"), refused("b"), end()])),
        Case::new("a Parse of three megabytes", with(&[vec![huge, rest("", "")], end(), good(), end()])),
        Case::new("everything else of its group is undone", {
            let insert = || vec![group("INSERT INTO scratch (id) VALUES (1)")];
            let count = vec![ask("SELECT count(*) FROM scratch")];
            with(&[insert(), refused(""), insert(), end(), count])
        }),
        Case {
            skipped: 1,
            ..Case::new(
                "a query behind it, before its Sync, is skipped as well",
                with(&[refused(""), vec![ask("SELECT 1"), sync().into(), ask("SELECT 2")]]),
            )
        },
        Case::new("in a transaction", {
            let statement = |sql| with(&[vec![group(sql)], end()]);
            with(&[
                statement("BEGIN"),
                statement("INSERT INTO scratch (id) VALUES (1)"),
                refused(""),
                end(),
                statement("SELECT 2"),
                refused(""),
                end(),
                statement("ROLLBACK"),
                statement("SELECT count(*) FROM scratch"),
            ])
        }),
        Case::new("behind a savepoint", {
            let statement = |sql| with(&[vec![group(sql)], end()]);
            with(&[
                statement("BEGIN"),
                statement("SAVEPOINT s"),
                refused(""),
                end(),
                statement("ROLLBACK TO s"),
                statement("SELECT 3"),
                statement("RELEASE s"),
                statement("COMMIT"),
            ])
        }),
        Case::new("simple queries around a group", {
            with(&[
                vec![long_query()],
                refused(""),
                end(),
                vec![long_query()],
                good(),
                end(),
                vec![ask("SELECT 1")],
            ])
        }),
    ]
}

/// Refusals that must not change what a name stands for: first what meddles with the names, then
/// what uses them.
pub fn cases_of_names() -> Vec<Case> {
    let named = |name: &str| Part::from(parse(name, "SELECT 'named'", &[]));
    let done = || Part::from(sync());
    vec![
        Case::new("a Parse under a name that is taken", vec![rest("", "s"), done()]).after(vec![
            named("s"),
            done(),
            long_parse("s"),
            done(),
        ]),
        Case::new(
            "a group that makes a name, and another behind the refused Parse, and closes the first",
            vec![rest("", "a"), done(), rest("", "b"), done()],
        )
        .after(vec![named("a"), long_parse(""), named("b"), close(b'S', "a").into(), done()]),
        Case::new("a Close behind a refused Parse", vec![rest("", "s"), done()]).after(vec![
            named("s"),
            done(),
            long_parse(""),
            close(b'S', "s").into(),
            done(),
        ]),
    ]
}

/// A Query that no rule allows.
pub fn refused(sql: &str) -> Part {
    Part { asked: query(&format!("{sql} /* {NEVER} */")), instead: query("!") }
}

/// A FunctionCall that no rule allows.
pub fn refused_call() -> Part {
    Part { asked: function_call(177, &["40", "2"]), instead: function_call(4_000_000_000, &[]) }
}

/// Where everything is refused but what ends a transaction.
pub fn cases_of_ends() -> Vec<Case> {
    let refused_group = || {
        let asked = [parse("", &format!("SELECT '{NEVER}'"), &[]), rest("", "").asked].concat();
        Part { asked, instead: [parse("", "!", &[]), rest("", "").asked].concat() }
    };
    vec![
        Case::new("between ends of transactions", vec![ask("COMMIT"), refused("SELECT 1"), ask("ROLLBACK")]),
        Case::new("the second of three statements", vec![refused("COMMIT; SELECT 2; COMMIT"), ask("END")]),
        Case::new("the beginning of a transaction", vec![refused("BEGIN"), ask("ABORT"), ask("RELEASE s")]),
        Case::new("an empty query passes", vec![ask(""), refused("SELECT 1"), ask(";;")]),
        Case::new("a function call", vec![ask("COMMIT"), refused_call(), ask("ROLLBACK TO s")]),
        Case::new("a COPY", vec![refused("COPY scratch FROM STDIN"), copy_done().into(), ask("COMMIT")]),
        Case::new("groups", {
            let end = group("COMMIT");
            vec![end.clone(), refused_group(), end.clone(), sync().into(), end, sync().into()]
        }),
        Case::new("groups with a Sync each", {
            let groups = [group("COMMIT"), refused_group(), group("ROLLBACK"), refused_group(), group("")];
            groups.into_iter().flat_map(|group| [group, sync().into()]).collect()
        }),
    ]
}

/// Cases that begin while everything is allowed.
pub fn cases_of_new_rules() -> Vec<Case> {
    let done = || Part::from(sync());
    // Directly, a function that fails when it runs: so both are refused when executed, not before.
    let prepared = |name| Part {
        asked: parse(name, &format!("SELECT 7 AS n /* {NEVER} */"), &[]),
        instead: parse(name, "SELECT fail() AS n", &[]),
    };
    let open = || vec![ask("BEGIN"), ask("INSERT INTO scratch (id) VALUES (1)")];
    vec![
        Case::new(
            "an open transaction fails and is rolled back",
            vec![refused("SELECT 1"), refused("SELECT 2"), ask("ROLLBACK"), refused("SELECT 3")],
        )
        .after(open()),
        Case::new(
            "an open transaction fails and cannot be committed",
            vec![refused("SELECT 1"), ask("COMMIT")],
        )
        .after(open()),
        Case::new("an open transaction is committed", vec![ask("COMMIT"), refused("SELECT 1")]).after(open()),
        Case::new(
            "a transaction returns to its savepoint and is committed",
            vec![refused("SELECT 1"), ask("ROLLBACK TO s"), ask("RELEASE s"), ask("COMMIT")],
        )
        .after([open(), vec![ask("SAVEPOINT s"), ask("INSERT INTO scratch (id) VALUES (2)")]].concat()),
        Case::new("a function call in a transaction", vec![refused_call(), ask("ROLLBACK")]).after(open()),
        Case::new(
            "a prepared statement",
            vec![rest("p", "s"), done(), rest("", "s"), done(), rest("", "s"), done()],
        )
        .after(vec![prepared("s"), done()]),
        Case::new("the second of three executions under one Sync", {
            let end = || rest("", "end");
            vec![end(), rest("p", "s"), end(), done(), end(), done()]
        })
        .after(vec![prepared("s"), parse("end", "COMMIT", &[]).into(), done()]),
        Case::new("the unnamed statement, which stays", {
            vec![rest("", ""), done(), bind("", "", &[], 0).into(), describe(b'P', "").into(), done()]
        })
        .after(vec![prepared(""), done()]),
        Case::new("a prepared statement in a transaction", {
            let statement = |name| vec![rest("", name), done()];
            [statement("s"), statement("end"), statement("s"), statement("end")].concat()
        })
        .after([open(), vec![prepared("s"), parse("end", "ROLLBACK", &[]).into(), done()]].concat()),
        Case::new("a portal bound before", vec![execute("p", 0).into(), done(), ask("ROLLBACK")])
            .after(vec![ask("BEGIN"), prepared("s"), bind("p", "s", &[], 0).into(), done()]),
        Case::new("what was prepared by SQL", vec![refused("EXECUTE s"), refused("DEALLOCATE s")])
            .after(vec![ask("PREPARE s AS SELECT 1")]),
        Case::new("a cursor", vec![refused("FETCH 1 FROM c"), ask("ROLLBACK")])
            .after(vec![ask("BEGIN"), ask("DECLARE c CURSOR FOR SELECT id FROM customers")]),
        Case::new("a flush", vec![rest("", "s"), flush().into(), done()]).after(vec![prepared("s"), done()]),
    ]
}
