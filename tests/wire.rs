//! Are the bytes a client gets through the gateway the bytes the server sends?
//!
//! Each script is run directly and through the gateway, and both streams must be equal byte for
//! byte, from the first answer to the end of the connection.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use harness::each_version;
use harness::gateway::Plan;
use harness::relay::Relay;
use harness::script::{Script, Step, assert_same};
use harness::server::Server;
use harness::wire::{
    Frame, VERSION_3_0, VERSION_3_2, VERSION_GREASE, Wire, bind, close, copy_data, copy_done, copy_fail,
    describe, execute, flush, function_call, message, parse, query, sync, tags,
};

/// Runs every script directly and through a gateway.
fn check(scripts: &[Script]) {
    each_version(|version| {
        let server = Server::start(version);
        let gateway = Plan::before(&server).start();
        for script in scripts {
            let name = format!("{} with PostgreSQL {version}", script.name);
            // Shown only when the test fails: a script that waits in vain does not say its name.
            println!("{name}");
            assert_same(&name, &script.run(server.port), &script.run(gateway.port));
        }
    });
}

fn ask(portal: &str, statement: &str, sql: &str) -> Vec<u8> {
    [parse(statement, sql, &[]), bind(portal, statement, &[], 0), describe(b'P', portal), execute(portal, 0)]
        .concat()
}

#[test]
fn simple_queries_are_answered_byte_for_byte() {
    let ten = (1..=10).map(|n| format!("SELECT {n} / (5 - {n}) AS n")).collect::<Vec<_>>().join("; ");
    check(&[
        Script::batch("one row", &[query("SELECT id, name, note FROM customers WHERE id = 3")], 1),
        Script::batch("an empty query", &[query("")], 1),
        Script::batch("only semicolons and comments", &[query(" ; -- a comment\n ; /* another */")], 1),
        Script::batch("ten statements, an error in the fifth", &[query(&ten)], 1),
        Script::batch(
            "thirty queries in flight",
            &vec![query("SELECT * FROM customers ORDER BY id LIMIT 7"); 30],
            30,
        ),
        Script::batch(
            "a large result",
            &[query("SELECT n, repeat('y', n % 300) FROM generate_series(1, 30000) n")],
            1,
        ),
        Script::batch(
            "transactions, states and notices",
            &[
                query("BEGIN; INSERT INTO scratch VALUES (1); SELECT 1/0"),
                query("SELECT 1"),
                query("ROLLBACK; BEGIN; SELECT warn_and_add(1, 2)"),
                query("COMMIT"),
                query("COMMIT"),
                query("LISTEN bell; NOTIFY bell, 'rung'"),
                query("SET TIME ZONE 'Asia/Tokyo'; SET application_name = 'other'"),
                query(
                    "DO $$ BEGIN RAISE EXCEPTION 'all' USING DETAIL='d', HINT='h', COLUMN='c', TABLE='t'; END $$",
                ),
            ],
            8,
        ),
        Script::batch("bytes that are no text", &[message(b'Q', b"SELECT '\xff\xfe'\0")], 1),
    ]);
}

/// What the generated texts are put together from, and what stands between.
const STATEMENTS: [&str; 22] = [
    "SELECT 1 AS one",
    "SELECT n FROM generate_series(1, 3) AS n",
    "SELECT WHERE false",
    "",
    "",
    "  \n ",
    "-- only a comment\n",
    "/* a comment; of /* two */ levels */",
    "SELECT 1/0",
    "SELECT no_such",
    "INSERT INTO scratch (id) VALUES (1)",
    "SELECT count(*) FROM scratch",
    "BEGIN",
    "BEGIN",
    "COMMIT",
    "COMMIT",
    "ROLLBACK",
    "SAVEPOINT s",
    "ROLLBACK TO s",
    "RELEASE s",
    "CREATE TEMP TABLE made (id int)",
    "SELECT ';', $$;$$ /* ; */ -- ;\n",
];
const TEXTS: usize = 160;
const STATEMENTS_MAX: u64 = 7;

/// Texts of some statements each, always the same ones.
fn generated_texts() -> Vec<String> {
    // SplitMix64 (Steele, Lea, Flood 2014) from a fixed seed.
    let mut state = 0x5eed_u64;
    let mut below = |bound: u64| {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    };
    let mut text = || {
        let count = 1 + below(STATEMENTS_MAX);
        let parts: Vec<&str> =
            (0..count).map(|_| STATEMENTS[below(STATEMENTS.len() as u64) as usize]).collect();
        let end = [";", "", "; ", ";;"][below(4) as usize];
        parts.join([";", "; ", ";\n"][below(3) as usize]) + end
    };
    (0..TEXTS).map(|_| text()).collect()
}

#[test]
fn generated_batches_of_statements_are_answered_byte_for_byte() {
    let texts = generated_texts();
    let queries: Vec<Vec<u8>> = texts.iter().map(|text| query(text)).collect();
    // One after the other: each in the state the one before has left.
    let waiting = queries.iter().flat_map(|query| [Step::Send(query.clone()), Step::Until(b'Z', 1)]);
    let mut scripts = vec![Script::new("one after the other", waiting.collect())];
    // All at once, and as statements of the extended protocol, of which only one may be in a text.
    scripts.push(Script::batch("all in flight", &queries, TEXTS));
    let groups: Vec<Vec<u8>> = texts
        .iter()
        .flat_map(|text| text.split(';').map(|statement| [ask("", "", statement), sync()].concat()))
        .collect();
    let ready = groups.len();
    scripts.push(Script::batch("one by one, extended, in flight", &groups, ready));
    for script in &mut scripts {
        // What one script has left would show in the next.
        script.steps.extend([Step::Send(query("ROLLBACK; TRUNCATE scratch")), Step::Until(b'Z', 1)]);
    }
    check(&scripts);
}

#[test]
fn extended_queries_are_answered_byte_for_byte() {
    check(&[
        Script::batch("one group", &[ask("", "", "SELECT 1 AS one, 'x' AS two"), sync()], 1),
        Script::batch(
            "parameters and binary results",
            &[
                parse("s", "SELECT $1::int + 1, $2::text, $3::bytea", &[23, 25, 17]),
                bind("p", "s", &[Some(b"41"), None, Some(b"\\x00ff")], 1),
                describe(b'S', "s"),
                execute("p", 0),
                sync(),
            ],
            1,
        ),
        Script::batch(
            "only a description",
            &[parse("", "SELECT $1::date, 2", &[]), describe(b'S', ""), sync()],
            1,
        ),
        Script::batch("an empty statement", &[ask("", "", ""), sync()], 1),
    ]);
}

#[test]
fn portals_and_names_are_answered_byte_for_byte() {
    let count = "SELECT n FROM generate_series(1, 10) AS n";
    check(&[
        Script::batch(
            "a portal read in pieces",
            &[
                parse("", count, &[]),
                bind("p", "", &[], 0),
                execute("p", 4),
                execute("p", 4),
                execute("p", 4),
                execute("p", 4),
                sync(),
            ],
            1,
        ),
        Script::batch(
            "a portal that ends with its transaction",
            &[
                query("BEGIN"),
                parse("", count, &[]),
                bind("p", "", &[], 0),
                execute("p", 2),
                sync(),
                execute("p", 2),
            ]
            .into_iter()
            .chain([sync(), query("COMMIT"), execute("p", 2), sync()])
            .collect::<Vec<_>>(),
            5,
        ),
        Script::batch(
            "names made, used, made again and closed",
            &[
                ask("a", "one", "SELECT 1"),
                ask("b", "two", "SELECT 2"),
                ask("", "", "SELECT 3"),
                parse("one", "SELECT 4", &[]),
                sync(),
                [close(b'S', "one"), ask("a", "one", "SELECT 5"), close(b'P', "a"), execute("a", 0), sync()]
                    .concat(),
                [close(b'S', "never"), close(b'P', "never"), bind("", "two", &[], 0), execute("", 0), sync()]
                    .concat(),
                [describe(b'S', "never"), sync()].concat(),
                [query("DEALLOCATE two"), bind("", "two", &[], 0), execute("", 0), sync()].concat(),
            ],
            6,
        ),
    ]);
}

#[test]
fn large_messages_are_answered_byte_for_byte() {
    let comment = |bytes| format!("SELECT 'found' /* {} */", "x".repeat(bytes));
    check(&[
        Script::batch("a query of 20 kB", &[query(&comment(20_000))], 1),
        Script::batch("a query of 5 MB", &[query(&comment(5_000_000))], 1),
        Script::batch("a query of 20 MB", &[query(&comment(20_000_000))], 1),
        Script::batch("a preparation of 5 MB", &[ask("", "", &comment(5_000_000)), sync()], 1),
        Script::batch("a preparation of 20 MB", &[ask("", "", &comment(20_000_000)), sync()], 1),
        Script::batch(
            "sixty-five thousand parameters",
            &[
                parse("", &format!("SELECT count(*) FROM (VALUES {}) AS v", values(65_535)), &[]),
                bind("", "", &vec![Some(b"7".as_slice()); 65_535], 0),
                execute("", 0),
                sync(),
            ],
            1,
        ),
        Script::batch(
            "a long parameter",
            &[parse("", "SELECT length($1), $1", &[25]), long(5_000_000), sync()],
            1,
        ),
    ]);
}

fn values(count: usize) -> String {
    (1..=count).map(|n| format!("(${n}::int)")).collect::<Vec<_>>().join(",")
}

fn long(bytes: usize) -> Vec<u8> {
    [bind("", "", &[Some("z".repeat(bytes).as_bytes())], 0), execute("", 0)].concat()
}

#[test]
fn pipelines_are_answered_byte_for_byte() {
    let good = ask("", "", "SELECT 1");
    let bad = ask("", "", "SELECT 1/0");
    let wrong = ask("", "", "SELECT no_such");
    let groups: Vec<Vec<u8>> =
        (0..50).map(|n| [ask("", "", &format!("SELECT {n}")), sync()].concat()).collect();
    let mixed =
        [ask("", "named", "INSERT INTO scratch VALUES (1)"), bad.clone(), good.clone(), sync()].concat();
    check(&[
        Script::batch("many groups and many Syncs", &groups, 50),
        Script::batch("groups under one Sync", &[good.clone(), good.clone(), good.clone(), sync()], 1),
        Script::batch(
            "an error in the middle",
            &[good.clone(), bad.clone(), good.clone(), sync(), good.clone(), sync()],
            2,
        ),
        Script::batch(
            "an error when parsed",
            &[good.clone(), wrong.clone(), good.clone(), sync(), good.clone(), sync()],
            2,
        ),
        Script::batch("an error undoes its group", &[mixed, query("SELECT count(*) FROM scratch")], 2),
        Script::batch(
            "two errors, two Syncs",
            &[bad.clone(), sync(), wrong, sync(), good.clone(), sync()],
            3,
        ),
        Script::batch("Syncs alone", &vec![sync(); 20], 20),
        Script::batch(
            "a failed block ignores all but its end",
            &[
                query("BEGIN"),
                [bad, sync()].concat(),
                [good.clone(), sync()].concat(),
                query("SELECT 2"),
                [ask("", "", "ROLLBACK"), sync()].concat(),
                [good.clone(), sync()].concat(),
            ],
            6,
        ),
        Script::batch("a simple query inside a group", &[good.clone(), query("SELECT 2"), good, sync()], 2),
    ]);
}

#[test]
fn replies_flow_at_a_flush_without_a_sync() {
    let step = |bytes: Vec<u8>, tag| [Step::Send([bytes, flush()].concat()), Step::Until(tag, 1)];
    let steps = [
        step(parse("s", "SELECT $1::int * 2", &[]), b'1'),
        step(describe(b'S', "s"), b'T'),
        step(bind("p", "s", &[Some(b"21")], 0), b'2'),
        step(describe(b'P', "p"), b'T'),
        step(execute("p", 0), b'C'),
        step(close(b'P', "p"), b'3'),
        step(bind("p", "s", &[Some(b"no number")], 0), b'E'),
        [Step::Send(sync()), Step::Until(b'Z', 1)],
        step(ask("", "", "SELECT n FROM generate_series(1, 50) AS n"), b'C'),
        [Step::Send(sync()), Step::Until(b'Z', 1)],
    ];
    check(&[Script::new("every reply before the next request", steps.concat())]);
}

#[test]
fn function_calls_are_answered_byte_for_byte() {
    // int4pl, int4div and one that is not there: numbers of pg_proc that never change.
    check(&[
        Script::batch("a sum", &[function_call(177, &["40", "2"])], 1),
        Script::batch("an error", &[function_call(154, &["1", "0"]), query("SELECT 1")], 2),
        Script::batch("an unknown function", &[function_call(3, &["1"]), query("SELECT 1")], 2),
        Script::batch(
            "in a failed block",
            &[query("BEGIN; SELECT 1/0"), function_call(177, &["1", "1"]), query("END")],
            3,
        ),
    ]);
}

#[test]
fn copies_are_answered_byte_for_byte() {
    let rows: Vec<Vec<u8>> = (0..100).map(|n| copy_data(format!("{n}\trow {n}\t0.5\n").as_bytes())).collect();
    let extended = [parse("", "COPY scratch FROM STDIN", &[]), bind("", "", &[], 0), execute("", 0)].concat();
    let begin = query("COPY scratch FROM STDIN");
    let count = query("SELECT count(*) FROM scratch; TRUNCATE scratch");
    let with = |opening: Vec<u8>, rest: &[Vec<u8>]| [opening, rows.concat(), rest.concat()].concat();
    let wait = |opening: Vec<u8>| vec![Step::Send(opening), Step::Until(b'G', 1)];
    let send = |bytes: Vec<u8>, ready| vec![Step::Send(bytes), Step::Until(b'Z', ready)];
    check(&[
        Script::batch("out", &[query("COPY (SELECT * FROM orders ORDER BY id) TO STDOUT")], 1),
        Script::batch("out, extended", &[ask("", "", "COPY customers TO STDOUT (FORMAT binary)"), sync()], 1),
        Script::batch("out and more statements", &[query("SELECT 1; COPY customers TO STDOUT; SELECT 2")], 1),
        Script::batch("in, all at once", &[with(begin.clone(), &[copy_done(), count.clone()])], 2),
        Script::new(
            "in, waiting",
            [wait(begin.clone()), send(with(vec![], &[copy_done(), count.clone()]), 2)].concat(),
        ),
        Script::batch(
            "in, two of them in one query",
            &[
                query("COPY scratch FROM STDIN; COPY scratch FROM STDIN; SELECT 1"),
                with(vec![], &[copy_done()]),
                with(vec![], &[copy_done(), count.clone()]),
            ],
            2,
        ),
        Script::batch("in, given up", &[with(begin.clone(), &[copy_fail("given up"), count.clone()])], 2),
        Script::batch("in, extended", &[with(extended.clone(), &[copy_done(), sync(), count.clone()])], 2),
        // A client that pipelines sends its Sync before it knows that a copy has begun; the server
        // ignores Flush and Sync while it copies.
        Script::new(
            "in, extended, with an early Sync",
            [
                wait([extended.clone(), sync()].concat()),
                send(with(vec![], &[flush(), copy_done(), sync(), count.clone()]), 2),
            ]
            .concat(),
        ),
        Script::new(
            "in, failing, with late data",
            [
                vec![Step::Send([begin.clone(), copy_data(b"no number\n")].concat()), Step::Until(b'E', 1)],
                send(with(vec![], &[copy_data(b"late\n"), copy_done(), count.clone()]), 2),
            ]
            .concat(),
        ),
        Script::new(
            "in, extended, failing, with late data",
            [
                vec![Step::Send([extended, copy_data(b"no number\n")].concat()), Step::Until(b'E', 1)],
                send(with(vec![], &[copy_done(), sync(), count.clone()]), 2),
            ]
            .concat(),
        ),
        Script::new(
            "in, interrupted by a query",
            [wait(begin), send([copy_data(b"1\ta\t1\n"), query("SELECT 1")].concat(), 1)].concat(),
        ),
        Script::batch(
            "stray copy messages",
            &[rows.concat(), copy_done(), copy_fail("x"), query("SELECT 1")],
            1,
        ),
        Script::batch(
            "a copy that may not begin",
            &[query("COPY no_such FROM STDIN"), rows.concat(), copy_done(), count],
            2,
        ),
    ]);
}

#[test]
fn openings_are_answered_byte_for_byte() {
    let one = || vec![Step::Send(query("SHOW search_path")), Step::Until(b'Z', 1)];
    let plain = |name| Script::new(name, one());
    check(&[
        plain("protocol 3.0").version(VERSION_3_0),
        plain("protocol 3.2").version(VERSION_3_2),
        plain("the version nobody has")
            .version(VERSION_GREASE)
            .parameter("_pq_.test_protocol_negotiation", "1"),
        plain("unknown options of the protocol").parameter("_pq_.one", "1").parameter("_pq_.two", "2"),
        plain("protocol 4").version(0x0004_0000),
        plain("options with spaces").parameter("options", "-c search_path=\"a\\ b\",public"),
        plain("options with two equal signs").parameter("options", "-c my.own=b=c -c search_path=x"),
        plain("long options").parameter("options", "--search_path=y --my.own=1 --work-mem=1MB"),
        plain("a bad option").parameter("options", "-c no_such=1"),
        plain("a setting as a parameter").parameter("geqo", "off").parameter("search_path", "z"),
        plain("an unknown parameter").parameter("no_such_parameter", "1"),
        plain("every reported setting")
            .parameter("client_encoding", "LATIN1")
            .parameter("TimeZone", "Asia/Tokyo")
            .parameter("DateStyle", "German"),
        plain("no such database").parameter("database", "nowhere"),
        plain("a wrong value of replication").parameter("replication", "perhaps"),
    ]);
}

#[test]
fn no_user_and_broken_startup_messages_are_answered_byte_for_byte() {
    each_version(|version| {
        let server = Server::start(version);
        let gateway = Plan::before(&server).start();
        let opened = |port, parameters: &[(&str, &str)]| Wire::connect(port).open(VERSION_3_0, parameters);
        let cases: [(&str, &[(&str, &str)]); 2] =
            [("no user", &[("database", "shop")]), ("an empty user", &[("user", "")])];
        for (name, parameters) in cases {
            let (direct, through) = (opened(server.port, parameters), opened(gateway.port, parameters));
            assert_eq!(tags(&direct), "E", "{name}");
            assert_eq!(
                direct[0].sqlstate(),
                through.first().map(Frame::sqlstate).unwrap_or_default(),
                "{name}"
            );
        }
    });
}

#[test]
fn bytes_that_come_one_at_a_time_change_nothing() {
    each_version(|version| {
        let server = Server::start(version);
        let slow_server = Relay::before(server.port, 1);
        let gateway = Plan::before_port(slow_server.port).start();
        let slow_gateway = Relay::before(gateway.port, 1);
        let script = Script::batch(
            "one byte a segment",
            &[
                query("SELECT * FROM customers ORDER BY id LIMIT 20; SELECT 1/0"),
                [ask("", "s", "SELECT 'x', 2"), ask("", "", "SELECT 1/0"), sync()].concat(),
                [query("COPY scratch FROM STDIN"), copy_data(b"1\ta\t1\n"), copy_done()].concat(),
                query("TRUNCATE scratch"),
                query("COPY customers TO STDOUT"),
                function_call(177, &["40", "2"]),
            ],
            6,
        );
        assert_same(script.name, &script.run(server.port), &script.run(slow_gateway.port));
    });
}

#[test]
fn a_logical_replication_stream_begins_and_ends_as_directly() {
    each_version(|version| {
        let server = Server::start(version);
        let gateway = Plan::before(&server).start();
        let (direct, through) = (replicate(server.port), replicate(gateway.port));
        assert_eq!(direct, through);
        assert!(
            direct.iter().any(|line| line.starts_with('W')),
            "no copy in both directions began: {direct:?}"
        );
    });
}

/// What a logical replication client sees, without positions in the log, which move on their own.
fn replicate(port: u16) -> Vec<String> {
    let mut wire = Wire::connect(port);
    let parameters = [("user", "clear"), ("database", "shop"), ("replication", "database")];
    let mut seen: Vec<String> = wire.open(VERSION_3_0, &parameters).iter().map(without_positions).collect();
    for command in [
        "IDENTIFY_SYSTEM",
        "SHOW wal_level",
        "CREATE_REPLICATION_SLOT slot TEMPORARY LOGICAL pgoutput",
        "SELECT 1",
    ] {
        seen.extend(wire.query(command).iter().map(without_positions));
    }
    wire.send(&query(
        "START_REPLICATION SLOT slot LOGICAL 0/0 (proto_version '1', publication_names 'everything')",
    ));
    seen.extend(wire.until(b'W', 1).iter().map(without_positions));
    wire.send(&copy_done());
    let ended = wire.until(b'Z', 1);
    seen.extend(ended.iter().filter(|frame| frame.tag != b'd').map(without_positions));
    seen.extend(wire.query("IDENTIFY_SYSTEM").iter().map(without_positions));
    seen.extend(wire.terminate().iter().map(without_positions));
    seen
}

fn without_positions(frame: &Frame) -> String {
    let tag = char::from(frame.tag);
    match frame.tag {
        b'K' => tag.to_string(),
        b'D' => {
            let columns = frame.columns().into_iter().flatten();
            let steady: Vec<_> = columns.filter(|column| !is_position(column)).collect();
            format!("{tag} {steady:?}")
        }
        _ => format!("{tag} {}", frame.body.escape_ascii()),
    }
}

fn is_position(text: &str) -> bool {
    let hexadecimal = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_hexdigit());
    text.split_once('/').is_some_and(|(left, right)| hexadecimal(left) && hexadecimal(right))
        || text.matches('-').count() == 2 && text.split('-').all(hexadecimal)
}
