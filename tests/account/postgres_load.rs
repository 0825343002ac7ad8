//! What does a client of the load do that sees every byte of PostgreSQL's protocol?
//!
//! Each act sends something, checks that the server answered as it should, and claims what ran. Statements
//! have a mark of their own wherever the language has room for a name.

use crate::client::{Claims, Random};
use crate::entry::{LOST, REFUSED};
use crate::harness::gateway::Gateway;
use crate::harness::server::Server;
use crate::harness::wire::{
    Frame, VERSION_3_0, Wire, bind, cancel_request, close, copy_data, copy_done, copy_fail, execute,
    first_error, function_call, parse, query, sync, tags,
};
use crate::harness::{eventually, wire};
use std::net::TcpStream;

/// A client at work.
pub struct Client<'a> {
    wire: Wire,
    random: Random,
    server: &'a Server,
    port: u16,
    /// What it has seen.
    pub claims: Claims,
}

impl<'a> Client<'a> {
    /// What a client may do, over and over.
    const ACTS: [fn(&mut Client<'a>); 21] = [
        Client::read,
        Client::read,
        Client::change,
        Client::change,
        Client::several,
        Client::several_with_an_error,
        Client::not_sql,
        Client::missing,
        Client::not_unique,
        Client::transaction,
        Client::unnamed,
        Client::named,
        Client::pipeline,
        Client::broken_bind,
        Client::broken_parse,
        Client::names_of_sql,
        Client::cursor,
        Client::portal_in_pieces,
        Client::copies,
        Client::definitions,
        Client::others,
    ];

    /// Logs in through a gateway.
    pub fn login(server: &'a Server, port: u16, client: usize, session: &str, user: &str) -> Client<'a> {
        let mut wire = Wire::connect(port);
        let parameters = [("user", user), ("database", "shop"), ("application_name", session)];
        let frames = wire.open(VERSION_3_0, &parameters);
        assert_eq!(frames.last().map(|frame| frame.tag), Some(b'Z'), "{}", tags(&frames));
        Client { wire, random: Random::of(client), server, port, claims: Claims::of(client, session) }
    }

    /// Does `rounds` things and leaves.
    pub fn work(mut self, rounds: usize) -> Claims {
        self.function();
        self.nothing();
        self.long();
        self.late();
        self.cancelled();
        for _ in 0..rounds {
            let act = Self::ACTS[self.random.below(Self::ACTS.len())];
            act(&mut self);
        }
        self.wire.terminate();
        self.claims
    }

    /// Runs a text. `ran` are the marks of the statements that end well, before one that does not.
    fn run(&mut self, sql: &str, ran: &[&str], failed: Option<(&str, &str)>) {
        let frames = self.wire.query(sql);
        self.saw(sql, &frames, ran, failed);
    }

    fn saw(&mut self, what: &str, frames: &[Frame], ran: &[&str], failed: Option<(&str, &str)>) {
        let error = first_error(frames);
        assert_eq!(error.as_deref(), failed.map(|(_, sqlstate)| sqlstate), "{what}: {}", tags(frames));
        ran.iter().for_each(|mark| self.claims.ran(mark));
        if let Some((mark, sqlstate)) = failed.filter(|(mark, _)| !mark.is_empty()) {
            self.claims.ended(mark, sqlstate);
        }
    }

    /// Sends messages and waits for one ReadyForQuery.
    fn send(&mut self, messages: &[Vec<u8>], ran: &[&str], failed: Option<(&str, &str)>) {
        self.wire.send(&messages.concat());
        let frames = self.wire.until(b'Z', 1);
        self.saw("messages", &frames, ran, failed);
    }

    fn read(&mut self) {
        let mark = self.claims.mark();
        let texts = [
            format!("SELECT count(*) AS {mark} FROM orders WHERE customer = {}", self.random.below(500)),
            format!("SELECT 'it''s', E'\\'', $$dollars$$, U&'\\0041' AS {mark} -- a comment; no statement"),
            format!("/* before */ WITH {mark} AS (SELECT 1 AS n) SELECT n FROM {mark} /* /* nested */ ; */"),
            format!("  SELECT name AS {mark} FROM customers WHERE id IN (1, 2, 3) FOR UPDATE ; "),
            format!("TABLE customers LIMIT 1; SELECT 1 AS {mark}"),
            format!("EXPLAIN SELECT 1 AS {mark}"),
        ];
        let text = &texts[self.random.below(texts.len())];
        self.run(text, &[&mark], None);
    }

    fn change(&mut self) {
        let (mark, owner) = (self.claims.mark(), self.claims.client);
        let texts = [
            format!("INSERT INTO load AS {mark} (owner, n) VALUES ({owner}, 1), ({owner}, 2) RETURNING n"),
            format!("UPDATE load AS {mark} SET n = n + 1 WHERE owner = {owner}"),
            format!("DELETE FROM load AS {mark} WHERE owner = {owner} AND n > 5"),
            format!(
                "INSERT INTO load AS {mark} (owner, n) SELECT {owner}, n FROM generate_series(1, 3) AS n"
            ),
        ];
        let text = &texts[self.random.below(texts.len())];
        self.run(text, &[&mark], None);
    }

    fn several(&mut self) {
        let (first, second, third) = (self.claims.mark(), self.claims.mark(), self.claims.mark());
        let owner = self.claims.client;
        let text = format!(
            "SELECT 'a;b' AS {first}; INSERT INTO load AS {second} (owner, n) VALUES ({owner}, 3);;\n\
             UPDATE load AS {third} SET n = 4 WHERE owner = {owner} AND n = 3;"
        );
        self.run(&text, &[&first, &second, &third], None);
    }

    fn several_with_an_error(&mut self) {
        let (first, second, third) = (self.claims.mark(), self.claims.mark(), self.claims.mark());
        let text = format!(
            "SELECT 1 AS {first}; SELECT '{second}'::int AS {second}; DELETE FROM load AS {third} WHERE owner = 0"
        );
        self.run(&text, &[&first], Some((&second, "22P02")));
    }

    fn not_sql(&mut self) {
        let (first, second) = (self.claims.mark(), self.claims.mark());
        self.run(&format!("SELEC 1 AS {first}"), &[], Some((&first, "42601")));
        // The parser takes a text whole or not at all: it is the first statement that failed.
        self.run(&format!("SELECT 1 AS {second}; SELEC 2"), &[], Some((&second, "42601")));
    }

    fn missing(&mut self) {
        let mark = self.claims.mark();
        self.run(&format!("SELECT * FROM {mark}"), &[], Some((&mark, "42P01")));
    }

    fn not_unique(&mut self) {
        let mark = self.claims.mark();
        let text = format!("INSERT INTO keys AS {mark} VALUES ('{mark}'), ('{mark}')");
        self.run(&text, &[], Some((&mark, "23505")));
    }

    fn transaction(&mut self) {
        let marks: Vec<String> = (0..5).map(|_| self.claims.mark()).collect();
        let [point, failed, after, last, late] = &marks[..] else { panic!("five marks") };
        self.run("BEGIN ISOLATION LEVEL REPEATABLE READ", &[], None);
        self.run(&format!("SAVEPOINT {point}"), &[point], None);
        self.run(&format!("SELECT '{failed}'::int AS {failed}"), &[], Some((failed, "22P02")));
        self.run(&format!("SELECT 1 AS {after}"), &[], Some((after, "25P02")));
        self.run(&format!("ROLLBACK TO SAVEPOINT {point}"), &[point], None);
        self.run(&format!("SELECT 2 AS {last}"), &[last], None);
        let deferred = format!("INSERT INTO later AS {late} VALUES (7), (7)");
        self.run(&deferred, &[late], None);
        let ends: [(&str, Option<(&str, &str)>); 2] = [("COMMIT", Some(("", "23505"))), ("ROLLBACK", None)];
        let (end, failed) = ends[self.random.below(2)];
        self.run(end, &[], failed);
    }

    fn unnamed(&mut self) {
        let mark = self.claims.mark();
        let text = format!("SELECT $1::int + 1, 'literal' AS {mark}");
        self.send(
            &[parse("", &text, &[]), bind("", "", &[Some(b"41")], 0), execute("", 0), sync()],
            &[&mark],
            None,
        );
    }

    fn named(&mut self) {
        let mark = self.claims.mark();
        let text = format!("INSERT INTO load AS {mark} (owner, n) VALUES ($1::int, 9)");
        self.send(&[parse(&mark, &text, &[]), sync()], &[], None);
        for _ in 0..=self.random.below(3) {
            let owner = self.claims.client.to_string();
            let values = [Some(owner.as_bytes())];
            self.send(&[bind("", &mark, &values, 0), execute("", 0), sync()], &[&mark], None);
        }
        self.send(&[close(b'S', &mark), sync()], &[], None);
    }

    fn pipeline(&mut self) {
        let group = |sql: &str| [parse("", sql, &[]), bind("", "", &[], 0), execute("", 0)].concat();
        let marks: Vec<String> = (0..4).map(|_| self.claims.mark()).collect();
        let [first, second, failed, never] = &marks[..] else { panic!("four marks") };
        let groups = [
            group(&format!("SELECT 1 AS {first}")),
            group(&format!("INSERT INTO load AS {second} (owner, n) SELECT 0, 1")),
            group(&format!("SELECT 1 / (SELECT 0) AS {failed}")),
            group(&format!("INSERT INTO load AS {never} (owner, n) SELECT 0, 1")),
            sync(),
        ];
        self.send(&groups, &[first, second], Some((failed, "22012")));
    }

    fn broken_bind(&mut self) {
        let mark = self.claims.mark();
        let text = format!("SELECT $1::int AS {mark}");
        let values = [Some(&b"no number"[..])];
        let messages = [parse("", &text, &[]), bind("", "", &values, 0), execute("", 0), sync()];
        self.send(&messages, &[], Some((&mark, "22P02")));
    }

    fn broken_parse(&mut self) {
        let mark = self.claims.mark();
        let messages =
            [parse("", &format!("SELECT {mark}"), &[]), bind("", "", &[], 0), execute("", 0), sync()];
        self.send(&messages, &[], Some((&mark, "42703")));
    }

    fn names_of_sql(&mut self) {
        let mark = self.claims.mark();
        self.run(
            &format!("PREPARE {mark} (int) AS SELECT name AS {mark}, 'x' FROM customers WHERE id = $1"),
            &[&mark],
            None,
        );
        for _ in 0..=self.random.below(3) {
            self.run(&format!("EXECUTE {mark}(7)"), &[&mark], None);
        }
        self.send(&[bind("", &mark, &[Some(b"8")], 0), execute("", 0), sync()], &[&mark], None);
        self.run(&format!("DEALLOCATE {mark}"), &[&mark], None);
        self.run(&format!("EXECUTE {mark}(9)"), &[], Some((&mark, "26000")));
    }

    fn cursor(&mut self) {
        let mark = self.claims.mark();
        self.run("BEGIN", &[], None);
        self.run(&format!("DECLARE {mark} CURSOR FOR SELECT id FROM customers"), &[&mark], None);
        self.run(&format!("FETCH 5 FROM {mark}"), &[&mark], None);
        self.run(&format!("MOVE 2 IN {mark}"), &[&mark], None);
        self.run(&format!("CLOSE {mark}"), &[&mark], None);
        self.run("COMMIT", &[], None);
    }

    fn portal_in_pieces(&mut self) {
        let mark = self.claims.mark();
        self.run("BEGIN", &[], None);
        let text = format!("SELECT id AS {mark} FROM customers WHERE id <= 10");
        let portal = [parse("", &text, &[]), bind("paged", "", &[], 0), execute("paged", 4), sync()];
        self.send(&portal, &[&mark], None);
        self.send(&[execute("paged", 4), sync()], &[], None);
        self.send(&[execute("paged", 4), sync()], &[], None);
        self.run("COMMIT", &[], None);
    }

    fn copies(&mut self) {
        let mark = self.claims.mark();
        self.run(&format!("CREATE TEMP TABLE {mark} (n int, label text)"), &[&mark], None);
        let copy = query(&format!("COPY {mark} FROM STDIN"));
        self.send(&[copy.clone(), copy_data(b"1\tone\n2\ttwo\n"), copy_done()], &[&mark], None);
        self.send(&[copy.clone(), copy_data(b"none\tone\n"), copy_done()], &[], Some((&mark, "22P02")));
        self.send(&[copy, copy_fail("no")], &[], Some((&mark, "57014")));
        self.run(&format!("COPY {mark} TO STDOUT"), &[&mark], None);
        self.run(&format!("COPY (SELECT 'x' AS {mark}) TO STDOUT (FORMAT csv)"), &[&mark], None);
        self.run(&format!("DROP TABLE {mark}"), &[&mark], None);
    }

    fn definitions(&mut self) {
        let mark = self.claims.mark();
        for text in [
            format!("CREATE TABLE {mark} (id int PRIMARY KEY, label text DEFAULT 'x' CHECK (label <> ''))"),
            format!("CREATE INDEX ON {mark} (label)"),
            format!("ALTER TABLE {mark} ADD COLUMN n int"),
            format!("COMMENT ON TABLE {mark} IS 'words'"),
            format!("GRANT SELECT ON {mark} TO hashed"),
            format!("CREATE VIEW {mark}_view AS SELECT id FROM {mark}"),
            format!("DROP TABLE {mark} CASCADE"),
        ] {
            self.run(&text, &[&mark], None);
        }
    }

    /// Statements with no room for a mark, and some that are rare.
    fn others(&mut self) {
        let mark = self.claims.mark();
        self.run("DO $$ BEGIN PERFORM 1; PERFORM 2; END $$", &[], None);
        self.run("DO 'BEGIN RAISE EXCEPTION ''no''; END'", &[], Some(("", "P0001")));
        self.run("SET work_mem = '5MB'", &[], None);
        self.run("SHOW work_mem", &[], None);
        self.run(&format!("LISTEN {mark}"), &[&mark], None);
        self.run(&format!("NOTIFY {mark}, 'words'"), &[&mark], None);
        self.run(&format!("UNLISTEN {mark}"), &[&mark], None);
        self.run("SELECT warn_and_add(1, 2)", &[], None);
        self.run("VALUES (1, 'x')", &[], None);
    }

    fn function(&mut self) {
        self.send(&[function_call(177, &["40", "2"])], &[], None);
        self.send(&[function_call(154, &["1", "0"])], &[], Some(("", "22012")));
    }

    /// Texts without a statement.
    fn nothing(&mut self) {
        self.run("", &[], None);
        self.run(" ; -- nothing\n;", &[], None);
        self.send(&[parse("", "", &[]), bind("", "", &[], 0), execute("", 0), sync()], &[], None);
    }

    fn long(&mut self) {
        let mark = self.claims.mark();
        self.run(&format!("SELECT length('{}') AS {mark}", "x".repeat(40_000)), &[&mark], None);
    }

    /// The batch cannot be committed: an error after each of its statements ended well.
    fn late(&mut self) {
        let mark = self.claims.mark();
        let text = format!("INSERT INTO later AS {mark} VALUES (1), (1)");
        self.wire.send(&[parse("", &text, &[]), bind("", "", &[], 0), execute("", 0), sync()].concat());
        let frames = self.wire.until(b'Z', 1);
        assert_eq!((tags(&frames).as_str(), first_error(&frames).as_deref()), ("12CEZ", Some("23505")));
        self.claims.ran(&mark);
    }

    fn cancelled(&mut self) {
        let mark = self.claims.mark();
        self.wire.send(&query(&format!("SELECT pg_sleep(60) AS {mark}")));
        self.wait_until_runs(&mark);
        let mut other = Wire::over(TcpStream::connect(("127.0.0.1", self.port)).expect("a connection"))
            .expect("a connection");
        other.send(&cancel_request(self.wire.pid, &self.wire.key));
        let frames = self.wire.until(b'Z', 1);
        self.saw("a cancel", &frames, &[], Some((&mark, "57014")));
    }

    fn wait_until_runs(&self, mark: &str) {
        let runs =
            format!("SELECT pid FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%AS {mark}'");
        eventually("the statement runs", || self.server.ask(&runs));
    }

    /// Is away before its statement has ended.
    pub fn vanish(mut self, gateway: &Gateway) -> Claims {
        self.read();
        let mark = self.claims.mark();
        self.wire.send(&query(&format!("SELECT pg_sleep(60) AS {mark}")));
        self.wait_until_runs(&mark);
        self.claims.ended(&mark, LOST);
        let (pid, server) = (self.wire.pid, self.server);
        self.wire.abort();
        let session = &self.claims.session;
        gateway.recorded("the end of one who has vanished", |records| {
            let mut ends = records.iter().filter(|record| record.event() == "session.end");
            ends.any(|record| record.principal("application") == session).then_some(())
        });
        // A server notices that only when it has something to say.
        server.ask(&format!("SELECT pg_terminate_backend({pid})"));
        self.claims
    }

    /// Asks for what is refused, in each way there is, between things that are not.
    pub fn defy(mut self, rounds: usize) -> Claims {
        let group = |sql: &str| [parse("", sql, &[]), bind("", "", &[], 0), execute("", 0)].concat();
        for _ in 0..rounds {
            let [first, second, third] = [(); 3].map(|()| self.claims.mark());
            self.read();
            let refused = format!("DELETE FROM load AS {first}");
            self.run_refused(&[query(&refused)], &[&first]);
            let several = format!("SELECT 1 AS {second}; DELETE FROM load AS {third}");
            self.run_refused(&[query(&several)], &[&second, &third]);
            self.transaction();
            let [before, within, never] = [(); 3].map(|()| self.claims.mark());
            self.claims.ran(&before);
            let texts = [
                group(&format!("SELECT 1 AS {before}")),
                group(&format!("DELETE FROM load AS {within}")),
                group(&format!("SELECT 1 AS {never}")),
                sync(),
            ];
            self.run_refused(&texts, &[&within]);
        }
        self.wire.terminate();
        self.claims
    }

    fn run_refused(&mut self, messages: &[Vec<u8>], marks: &[&str]) {
        self.wire.send(&messages.concat());
        let frames = self.wire.until(b'Z', 1);
        assert_eq!(first_error(&frames).as_deref(), Some("42501"), "{}", wire::tags(&frames));
        marks.iter().for_each(|mark| self.claims.ended(mark, REFUSED));
    }
}
