//! Which attempts need bytes that no line of SQL can say: other messages, encodings, sizes?

use super::harness::wire::{bind, execute, flush, function_call, message, parse, query, sync};
use super::vector::{Effect, Message, Vector};
use super::watch::Watch;

/// All of them.
pub fn vectors(watch: &mut Watch) -> Vec<Vector> {
    [function_calls(watch), replication(), encodings(), broken(), sizes(), groups(), portals(), one_write()]
        .concat()
}

fn send(bytes: Vec<u8>) -> Vec<Message> {
    vec![Message::Bytes(bytes, 1)]
}

/// Bind and Execute.
fn run(portal: &str, statement: &str) -> Vec<u8> {
    [bind(portal, statement, &[], 0), execute(portal, 0)].concat()
}

fn ask(sql: &str) -> Message {
    Message::Bytes(query(sql), 1)
}

/// Message `F`: a function by its number, with no text at all.
fn function_calls(watch: &mut Watch) -> Vec<Vector> {
    let mut call = |name: &str, seen: &str, function: &str, arguments: &[&str]| {
        let oid = watch.ask(&format!("SELECT '{function}'::regprocedure::oid")).concat();
        let oid =
            oid.first().cloned().flatten().and_then(|oid| oid.parse().ok()).expect("the function is there");
        Vector::of_bytes(&format!("F: {name}"), seen, send(function_call(oid, arguments)))
    };
    let file = "/secret.txt";
    let mut vectors = vec![
        call("nextval", "sequences", "nextval(regclass)", &["counter"]),
        call("setval", "sequences", "setval(regclass,bigint)", &["counter", "77"])
            .before("SELECT nextval('counter')"),
        call("lo_create", "large objects", "lo_create(oid)", &["0"]),
        call("lo_creat", "large objects", "lo_creat(int)", &["-1"]),
        call("lo_unlink", "large objects", "lo_unlink(oid)", &["4712"]).before(
            "SELECT lo_create(4712) WHERE NOT EXISTS (SELECT FROM pg_largeobject_metadata WHERE oid = 4712)",
        ),
        call("pg_notify", "notifications", "pg_notify(text,text)", &["watch", "x"]),
        call("pg_advisory_lock", "locks", "pg_advisory_lock(bigint)", &["99"]),
        call("pg_reload_conf", "settings", "pg_reload_conf()", &[]),
        call("pg_switch_wal", "wal", "pg_switch_wal()", &[])
            .before("SELECT pg_logical_emit_message(false, 'before', 'x')"),
        call("pg_create_restore_point", "wal", "pg_create_restore_point(text)", &["loot"]),
        call("a function of the owner's", "rows", "borrow()", &[]),
        call("a function that looks built in", "rows", "public.length(int)", &["1"]),
        call(
            "query_to_xml",
            "sequences",
            "query_to_xml(text,boolean,boolean,text)",
            &["SELECT nextval('counter')", "t", "t", ""],
        ),
    ];
    vectors.extend(objects_by_number());
    let unlock = ["default_transaction_read_only", "off", "f"];
    vectors.push(call("set_config", "canary", "set_config(text,text,boolean)", &unlock));
    let unlock = call("a function that undoes read only", "canary", "evil.unlock()", &[]);
    vectors.push(unlock);
    let place = format!("{}{file}", watch.places.folder);
    let secret = watch.places.secret.clone();
    let oid = watch.ask("SELECT 'pg_read_file(text)'::regprocedure::oid").concat();
    let oid = oid.first().cloned().flatten().and_then(|oid| oid.parse().ok()).expect("the function is there");
    let read = Vector::of_bytes("F: pg_read_file", "answer", send(function_call(oid, &[&place])));
    vectors.push(read.answer(&secret));
    vectors
}

/// A large object may be opened and read by number, as libpq does, and not be changed that way.
fn objects_by_number() -> Vec<Vector> {
    let opened = |name: &str, change: Vec<u8>| {
        let open = function_call(952, &["4711", "393216"]);
        let bytes = [query("BEGIN"), open, change, query("COMMIT")].concat();
        let anew = "SELECT lo_put(4711, 0, convert_to(clock_timestamp()::text, 'UTF8'))";
        Vector::of_bytes(&format!("F: {name}"), "large objects", vec![Message::Bytes(bytes, 4)]).before(anew)
    };
    vec![
        opened("lo_open, lowrite", function_call(955, &["0", "loot"])),
        opened("lo_open, lo_truncate", function_call(1004, &["0", "1"])),
        opened("lo_open, lo_put", function_call(3460, &["4711", "2", "loot"])),
    ]
}

/// A session that is one of replication takes commands of another grammar.
fn replication() -> Vec<Vector> {
    let one = |name: &str, value: &str, sql: &str, seen: &str| {
        let name = format!("replication={value}: {name}");
        Vector::of_bytes(&name, seen, vec![ask(sql)]).startup("replication", value)
    };
    let empty = "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots";
    let kept = format!("{empty}; SELECT pg_create_physical_replication_slot('kept')");
    // The server of the tests lets nobody in for replication without a database.
    let closed = |name: &str, value: &str, sql: &str| {
        one(name, value, sql, "slots").before(&kept).effect(Effect::Error)
    };
    vec![
        one("a physical slot", "database", "CREATE_REPLICATION_SLOT loot PHYSICAL RESERVE_WAL", "slots")
            .before(empty),
        one("a logical slot", "database", "CREATE_REPLICATION_SLOT loot LOGICAL pgoutput", "slots")
            .before(empty),
        one("a slot dropped", "database", "DROP_REPLICATION_SLOT kept", "slots").before(&kept),
        one("an insert", "database", "INSERT INTO canary VALUES (666)", "rows"),
        one("a base backup", "database", "BASE_BACKUP", "wal"),
        closed("a physical slot", "true", "CREATE_REPLICATION_SLOT loot PHYSICAL"),
        closed("a physical slot", "1", "CREATE_REPLICATION_SLOT loot PHYSICAL"),
        closed("a slot dropped", "yes", "DROP_REPLICATION_SLOT kept"),
        closed("a base backup", "on", "BASE_BACKUP"),
    ]
}

/// What a text says depends on its encoding: a second byte may look like a backslash or a quote.
fn encodings() -> Vec<Vector> {
    let behind = |lead: &[u8], tail: &str| [b"SELECT E'", lead, tail.as_bytes()].concat();
    let tail = "'; INSERT INTO canary VALUES (666); --'";
    let text = |bytes: &[u8]| Message::Bytes(message(b'Q', &[bytes, &[0]].concat()), 1);
    let mut vectors = Vec::new();
    for (encoding, lead) in [
        ("SJIS", &[0x95, 0x5c][..]),
        ("BIG5", &[0xa5, 0x5c]),
        ("GBK", &[0x81, 0x5c]),
        ("GB18030", &[0x81, 0x5c]),
        ("JOHAB", &[0x8a, 0x5c]),
        ("SHIFT_JIS_2004", &[0x95, 0x5c]),
    ] {
        let message = text(&behind(lead, tail));
        let at_start = Vector::of_bytes(&format!("{encoding} at the start"), "rows", vec![message.clone()]);
        // JOHAB has no such character where its second byte would be a backslash.
        let effect = if encoding == "JOHAB" { Effect::Error } else { Effect::Change };
        vectors.push(at_start.startup("client_encoding", encoding).effect(effect.clone()));
        let set = ask(&format!("SET client_encoding TO '{encoding}'"));
        vectors
            .push(Vector::of_bytes(&format!("{encoding} by SET"), "rows", vec![set, message]).effect(effect));
    }
    // Two ways to write one character: to the server the second tag ends what the first began.
    let (one, other) = (&[0xa1, 0xa2][..], &[0x8e, 0xa1, 0xa1, 0xa2][..]);
    let tags = [
        b"SELECT $",
        one,
        b"$ x $",
        other,
        b"$ ; SELECT pg_advisory_lock(4711) ; SELECT $",
        one,
        b"$ , $",
        one,
        b"$ , $",
        other,
        b"$ , 1 , $",
        one,
        b"$",
    ];
    let tags = Vector::of_bytes("EUC_TW: two tags that are one", "locks", vec![text(&tags.concat())]);
    vectors.push(tags.startup("client_encoding", "EUC_TW"));
    let sjis = || text(&behind(&[0x95, 0x5c], tail));
    let hidden =
        |lead: &[u8]| text(&[b"SELECT '", lead, b"'; INSERT INTO canary VALUES (666); --'"].concat());
    let two_ways = [
        ("SJIS by SET NAMES", ask("SET NAMES 'SJIS'"), sjis()),
        ("SJIS by set_config", ask("SELECT set_config('client_encoding', 'SJIS', false)"), sjis()),
        ("SJIS by a name in Unicode escapes", ask("SET U&\"client\\005fencoding\" = 'SJIS'"), sjis()),
        (
            "LATIN1: a letter that begins three bytes elsewhere",
            ask("SET client_encoding = LATIN1"),
            hidden(&[0xe9]),
        ),
        (
            "LATIN1: a letter that begins four bytes elsewhere",
            ask("SET client_encoding = LATIN1"),
            hidden(&[0xf1]),
        ),
        (
            "SQL_ASCII: bytes that are no letter",
            ask("SET client_encoding = SQL_ASCII"),
            text(b"INSERT INTO canary VALUES (666) -- \xc3\xa9"),
        ),
    ];
    vectors.extend(
        two_ways.into_iter().map(|(name, first, second)| Vector::of_bytes(name, "rows", vec![first, second])),
    );
    vectors
}

/// Bytes that are no text, or no message.
fn broken() -> Vec<Vector> {
    let insert = b"INSERT INTO canary VALUES (666)";
    let error =
        |name: &str, bytes: Vec<u8>| Vector::of_bytes(name, "rows", send(bytes)).effect(Effect::Error);
    let end = |name: &str, bytes: Vec<u8>| Vector { may_end_session: true, ..error(name, bytes) };
    vec![
        end(
            "a zero byte and a second statement",
            message(b'Q', &[b"SELECT 1\0", &insert[..], b"\0"].concat()),
        ),
        end("a zero byte in front", message(b'Q', &[b"\0", &insert[..], b"\0"].concat())),
        error(
            "a byte that is no UTF-8 in a comment",
            message(b'Q', &[b"/* \xff */", &insert[..], b"\0"].concat()),
        ),
        error(
            "a byte that is no UTF-8 in a string",
            message(b'Q', b"INSERT INTO canary VALUES (666, '\xc3')\0"),
        ),
        error(
            "a UTF-8 byte too many",
            message(b'Q', b"SELECT '\xe2\x82'; INSERT INTO canary VALUES (666) --'\0"),
        ),
        error(
            "a letter in two bytes too long",
            message(b'Q', b"SELECT '\xc0\xa7'; INSERT INTO canary VALUES (666)\0"),
        ),
        error("a space in two bytes too long", message(b'Q', b"INSERT\xc0\xa0INTO canary VALUES (666)\0")),
        end("Parse with a zero byte in its text", {
            let body = [b"\0SELECT 1\0", &insert[..], b"\0\0\0"].concat();
            [message(b'P', &body), sync()].concat()
        }),
    ]
}

/// Texts that are long, deep or many.
fn sizes() -> Vec<Vector> {
    let insert = "INSERT INTO canary VALUES (666)";
    let call = "nextval('counter')";
    let long = |bytes: usize| format!("/*{}*/{insert}", "x".repeat(bytes));
    let rows = |name: &str, sql: &str| Vector::of_bytes(name, "rows", vec![ask(sql)]);
    let counted = |name: &str, sql: &str| Vector::of_bytes(name, "sequences", vec![ask(sql)]);
    let around = |count: usize, open: &str, close: &str| {
        format!("{}{call}{}", open.repeat(count), close.repeat(count))
    };
    let many = "SELECT 1; ".repeat(1_000);
    let subqueries = around(100, "(SELECT ", ")");
    let cases = around(150, "CASE WHEN true THEN ", " END");
    vec![
        rows("longer than a statement may be", &long(16_777_216)),
        rows("as long as a statement may be", &long(16_770_000)),
        rows("a million bytes of comment", &long(1_000_000)),
        Vector::of_bytes("Parse longer than a statement may be", "rows", {
            let run = [bind("", "", &[], 0), execute("", 0), sync()].concat();
            send([parse("", &long(16_777_216), &[]), run].concat())
        }),
        rows(
            "behind a string of a million bytes",
            &format!("SELECT length('{}'::text); {insert}", "x".repeat(1_000_000)),
        ),
        rows("the last of a thousand statements", &format!("{many}{insert}")),
        rows("the first of a thousand statements", &format!("{insert}; {many}")),
        rows("the middle of two thousand statements", &format!("{many}{insert}; {many}")),
        counted("behind a thousand parentheses", &format!("SELECT {}", around(1_000, "(", ")"))),
        counted("behind a thousand functions", &format!("SELECT {}", around(1_000, "abs(", ")"))),
        counted("behind a thousand NOT", &format!("SELECT {}({call} > 0)", "NOT ".repeat(1_000))),
        counted("behind two thousand signs", &format!("SELECT {call}{}", " + 1".repeat(2_000))),
        counted("in front of two thousand signs", &format!("SELECT {}{call}", "1 + ".repeat(2_000))),
        counted("a hundred subqueries down", &format!("SELECT {subqueries}")),
        counted("a hundred and fifty CASE down", &format!("SELECT {cases}")),
        counted("in an array of arrays", &format!("SELECT {}", around(6, "ARRAY[", "]"))),
        counted("the last of 1,600 columns", &format!("SELECT {}{call}", "1, ".repeat(1_600))),
        counted(
            "the last of a thousand members of UNION ALL",
            &format!("{}SELECT {call}", "SELECT 1 UNION ALL ".repeat(1_000)),
        ),
        counted(
            "the last of ten thousand members of IN",
            &format!("SELECT 1 WHERE 0 IN ({}{call})", "1, ".repeat(10_000)),
        ),
        counted(
            "the last of a thousand OR",
            &format!("SELECT 1 WHERE {}{call} > 0", "1 = 2 OR ".repeat(1_000)),
        ),
        counted("behind a thousand members of WITH", &{
            let members: Vec<String> = (0..1_000).map(|count| format!("w{count} AS (SELECT 1)")).collect();
            format!("WITH {} SELECT {call}", members.join(", "))
        }),
    ]
}

/// Names that are prepared in one way and run in another.
fn groups() -> Vec<Vector> {
    let insert = "INSERT INTO canary VALUES (666)";
    let rows = |name: &str, messages: Vec<Message>| Vector::of_bytes(name, "rows", messages);
    let value: Option<&[u8]> = Some(b"666");
    vec![
        rows(
            "Flush instead of Sync, then Sync",
            send([parse("", insert, &[]), run("", ""), flush(), sync()].concat()),
        ),
        rows("a parameter bound", {
            let bound = [bind("", "", &[value], 0), execute("", 0), sync()].concat();
            send([parse("", "INSERT INTO canary VALUES ($1)", &[23]), bound].concat())
        }),
        rows(
            "prepared by Parse, run by EXECUTE",
            vec![Message::Bytes([parse("p", insert, &[]), sync()].concat(), 1), ask("EXECUTE p")],
        ),
        rows(
            "prepared by Parse, run by EXPLAIN ANALYZE EXECUTE",
            vec![
                Message::Bytes([parse("p", insert, &[]), sync()].concat(), 1),
                ask("EXPLAIN ANALYZE EXECUTE p"),
            ],
        ),
        rows(
            "a name of Parse freed by DEALLOCATE and used again",
            vec![
                Message::Bytes([parse("p", "SELECT 1", &[]), sync()].concat(), 1),
                ask("DEALLOCATE p"),
                Message::Bytes([parse("p", insert, &[]), sync()].concat(), 1),
                Message::Bytes([run("", "p"), sync()].concat(), 1),
            ],
        ),
        rows(
            "a name of PREPARE bound after the text of another",
            vec![
                ask("PREPARE p AS INSERT INTO canary VALUES (666)"),
                Message::Bytes([parse("", "SELECT 1", &[]), run("", "p"), sync()].concat(), 1),
            ],
        ),
    ]
}

/// Portals, and groups that an error or another message cuts in two.
fn portals() -> Vec<Vector> {
    let insert = "INSERT INTO canary VALUES (666)";
    let rows = |name: &str, messages: Vec<Message>| Vector::of_bytes(name, "rows", messages);
    vec![
        rows(
            "a portal fetched in parts",
            send({
                let parts =
                    [bind("c", "", &[], 0), execute("c", 1), execute("c", 1), execute("c", 0), sync()]
                        .concat();
                [parse("", "SELECT evil.touch() FROM flock", &[]), parts].concat()
            }),
        ),
        rows(
            "a portal run by FETCH",
            vec![
                ask("BEGIN"),
                Message::Bytes(
                    [parse("", "SELECT evil.touch()", &[]), bind("c", "", &[], 0), sync()].concat(),
                    1,
                ),
                ask("FETCH ALL FROM c"),
                ask("COMMIT"),
            ],
        ),
        rows(
            "Bind alone runs what claims to be immutable",
            send([parse("", "SELECT evil.frozen(1)", &[]), bind("", "", &[], 0), sync()].concat()),
        ),
        rows(
            "two portals, the second writes",
            send({
                let both = [
                    bind("a", "x", &[], 0),
                    bind("b", "y", &[], 0),
                    execute("a", 0),
                    execute("b", 0),
                    sync(),
                ]
                .concat();
                [parse("x", "SELECT 1", &[]), parse("y", insert, &[]), both].concat()
            }),
        ),
        rows(
            "behind an error and its Sync",
            vec![Message::Bytes(
                [parse("", "SELECT 1 +", &[]), sync(), parse("", insert, &[]), run("", ""), sync()].concat(),
                2,
            )],
        ),
        rows(
            "a Query in the middle of a group",
            vec![Message::Bytes(
                [parse("", "SELECT 1", &[]), bind("", "", &[], 0), query(insert), sync()].concat(),
                2,
            )],
        ),
        rows(
            "COPY FROM STDIN in a group",
            send([parse("", "COPY canary (id) FROM STDIN", &[]), run("", ""), sync()].concat()),
        ),
        Vector::of_bytes(
            "read only undone in a group",
            "canary",
            send({
                let set = [parse("", "SET default_transaction_read_only = off", &[]), run("", "")].concat();
                [set, sync()].concat()
            }),
        ),
    ]
}

/// Messages that follow at once, before the ones in front of them have been answered.
fn one_write() -> Vec<Vector> {
    let together = |name: &str, seen: &str, texts: &[&str]| {
        let bytes: Vec<u8> = texts.iter().flat_map(|sql| query(sql)).collect();
        Vector::of_bytes(&format!("in one write: {name}"), seen, vec![Message::Bytes(bytes, texts.len())])
    };
    vec![
        together(
            "standard_conforming_strings and the trick",
            "rows",
            &[
                "SET standard_conforming_strings = off",
                "SELECT 'a\\'; SELECT 2; --'; INSERT INTO canary VALUES (666); --'",
            ],
        ),
        together(
            "search_path and the name",
            "notifications",
            &["SET search_path = evil, pg_catalog", "SELECT upper('x')"],
        ),
        together(
            "a transaction that may write",
            "canary",
            &["BEGIN READ WRITE", "SELECT length(1)", "COMMIT"],
        ),
        together(
            "the default and the write",
            "canary",
            &["SET default_transaction_read_only = off", "SELECT length(1)"],
        ),
        together(
            "prepared and executed",
            "rows",
            &["PREPARE p AS INSERT INTO canary VALUES (666)", "EXECUTE p"],
        ),
        together("behind a hundred reads", "rows", &{
            let mut texts = vec!["SELECT 1"; 100];
            texts.push("INSERT INTO canary VALUES (666)");
            texts
        }),
    ]
}
