//! What does a client of the load do that sees every byte of MySQL's protocol?

use crate::client::{Claims, Random};
use crate::entry::LOST;
use crate::harness::clients::run;
use crate::harness::eventually;
use crate::harness::mariadb::{Mariadb, python_mysql};
use crate::harness::mysql_wire::{CAPABILITIES, MysqlWire, command, execute, query, response};

/// A client at work.
pub struct Client<'a> {
    wire: MysqlWire,
    random: Random,
    server: &'a Mariadb,
    /// What it has seen.
    pub claims: Claims,
}

impl<'a> Client<'a> {
    /// What a client may do, over and over.
    const ACTS: [fn(&mut Client<'a>); 11] = [
        Client::read,
        Client::read,
        Client::change,
        Client::several,
        Client::several_with_an_error,
        Client::errors,
        Client::transaction,
        Client::prepared,
        Client::names_of_sql,
        Client::others,
        Client::refused,
    ];

    /// Logs in through a gateway.
    pub fn login(server: &'a Mariadb, port: u16, client: usize, session: &str, user: &str) -> Client<'a> {
        let mut wire = MysqlWire::connect(port);
        wire.packet().expect("a greeting");
        wire.send(&response(user, session, CAPABILITIES));
        let answer = wire.packet().expect("an answer");
        assert!(answer.is_ok(), "{:?}", answer.error());
        let mut client =
            Client { wire, random: Random::of(client), server, claims: Claims::of(client, session) };
        let first = client.claims.mark();
        client.run(&format!("SELECT 1 AS {first}"), &[&first], None);
        client
    }

    /// Does `rounds` things and leaves.
    pub fn work(mut self, rounds: usize) -> Claims {
        self.databases();
        self.nothing();
        self.killed();
        for _ in 0..rounds {
            let act = Self::ACTS[self.random.below(Self::ACTS.len())];
            act(&mut self);
        }
        self.wire.quit();
        self.claims
    }

    /// Runs a text. `ran` are the marks of the statements that end well, before one that does not.
    fn run(&mut self, sql: &str, ran: &[&str], failed: Option<(&str, &str)>) {
        self.ask(&query(sql), ran, failed);
    }

    fn ask(&mut self, bytes: &[u8], ran: &[&str], failed: Option<(&str, &str)>) {
        let answer = self.wire.ask(bytes);
        let state = answer.last().and_then(|packet| packet.error()).map(|(_, text)| text);
        let told = state.as_deref().and_then(|text| text.get(1..6));
        assert_eq!(told, failed.map(|(_, state)| state), "{state:?} to {}", String::from_utf8_lossy(bytes));
        ran.iter().for_each(|mark| self.claims.ran(mark));
        if let Some((mark, state)) = failed.filter(|(mark, _)| !mark.is_empty()) {
            self.claims.ended(mark, state);
        }
    }

    fn read(&mut self) {
        let mark = self.claims.mark();
        let texts = [
            format!("SELECT COUNT(*) AS {mark} FROM customers WHERE city = 'City {}'", self.random.below(7)),
            format!("SELECT \"double\", 'it''s', 'a\\'b', 0x41 AS {mark} # a comment, no statement"),
            format!("/* before; */ SELECT name AS {mark} FROM customers WHERE id IN (1, 2, 3) ; "),
            format!("SELECT /*!50000 1 + */ 2 AS {mark}"),
            format!("EXPLAIN SELECT 1 AS {mark}"),
            format!("SELECT LENGTH('{}') AS {mark}", "x".repeat(3_000)),
        ];
        let text = &texts[self.random.below(texts.len())];
        self.run(text, &[&mark], None);
    }

    fn change(&mut self) {
        let (mark, owner) = (self.claims.mark(), self.claims.client);
        let texts = [
            format!("INSERT INTO load_rows (owner, n) SELECT {owner}, 1 AS {mark}"),
            format!("UPDATE load_rows AS {mark} SET n = n + 1 WHERE owner = {owner}"),
            format!("DELETE {mark} FROM load_rows AS {mark} WHERE owner = {owner} AND n > 5"),
        ];
        let text = &texts[self.random.below(texts.len())];
        self.run(text, &[&mark], None);
    }

    fn several(&mut self) {
        let [first, second, third] = [(); 3].map(|()| self.claims.mark());
        let owner = self.claims.client;
        let text = format!(
            "SELECT 'a' AS {first}; INSERT INTO load_rows (owner, n) SELECT {owner}, 3 AS {second};\n\
             UPDATE load_rows AS {third} SET n = 4 WHERE owner = {owner} AND n = 3"
        );
        self.run(&text, &[&first, &second, &third], None);
    }

    fn several_with_an_error(&mut self) {
        let [first, second, third] = [(); 3].map(|()| self.claims.mark());
        let text = format!(
            "SELECT 1 AS {first}; SELECT * FROM {second}; DELETE FROM load_rows WHERE n = 0 /* {third} */"
        );
        self.run(&text, &[&first], Some((&second, "42S02")));
    }

    fn errors(&mut self) {
        let [missing, doubled, broken, late] = [(); 4].map(|()| self.claims.mark());
        self.run(&format!("SELECT {missing}"), &[], Some((&missing, "42S22")));
        let text = format!("INSERT INTO customers (id, name) SELECT 1, 'x' AS {doubled}");
        self.run(&text, &[], Some((&doubled, "23000")));
        self.run(&format!("SELEC 1 AS {broken}"), &[], Some((&broken, "42000")));
        let before = self.claims.mark();
        self.run(&format!("SELECT 1 AS {before}; SELEC 2 AS {late}"), &[&before], Some((&late, "42000")));
        self.run("CALL fails()", &[], Some(("", "45000")));
    }

    fn transaction(&mut self) {
        let (point, mark, owner) = (self.claims.mark(), self.claims.mark(), self.claims.client);
        self.run("START TRANSACTION", &[], None);
        self.run(&format!("SAVEPOINT {point}"), &[&point], None);
        let text = format!("INSERT INTO load_rows (owner, n) SELECT {owner}, 2 AS {mark}");
        self.run(&text, &[&mark], None);
        self.run(&format!("ROLLBACK TO SAVEPOINT {point}"), &[&point], None);
        let end = ["COMMIT", "ROLLBACK"][self.random.below(2)];
        self.run(end, &[], None);
    }

    fn prepared(&mut self) {
        let (mark, broken) = (self.claims.mark(), self.claims.mark());
        let id =
            self.wire.prepare(&format!("SELECT name AS {mark} FROM customers WHERE id < 10 AND city <> 'x'"));
        for _ in 0..=self.random.below(3) {
            self.ask(&execute(id, false), &[&mark], None);
        }
        self.wire.send(&command(0x19, &id.to_le_bytes()));
        self.ask(&command(0x16, format!("SELECT {broken}").as_bytes()), &[], Some((&broken, "42S22")));
        self.claims.unlogged.push(broken);
        let doubled = self.claims.mark();
        let id = self.wire.prepare(&format!("INSERT INTO customers (id, name) SELECT 1, 'x' AS {doubled}"));
        self.ask(&execute(id, false), &[], Some((&doubled, "23000")));
        self.wire.send(&command(0x19, &id.to_le_bytes()));
    }

    fn names_of_sql(&mut self) {
        let mark = self.claims.mark();
        self.run(
            &format!("PREPARE {mark} FROM 'SELECT name, 7 FROM customers WHERE id = ?'"),
            &[&mark],
            None,
        );
        self.run("SET @id = 3", &[], None);
        for _ in 0..=self.random.below(3) {
            self.run(&format!("EXECUTE {mark} USING @id"), &[&mark], None);
        }
        self.run(&format!("DEALLOCATE PREPARE {mark}"), &[&mark], None);
        self.run(&format!("EXECUTE {mark}"), &[], Some((&mark, "HY000")));
    }

    fn others(&mut self) {
        let mark = self.claims.mark();
        self.run(
            &format!("CREATE TABLE {mark} (id INT PRIMARY KEY, label VARCHAR(9) DEFAULT 'x')"),
            &[&mark],
            None,
        );
        self.run(&format!("ALTER TABLE {mark} ADD COLUMN n INT"), &[&mark], None);
        self.run(&format!("SHOW CREATE TABLE {mark}"), &[&mark], None);
        self.run(&format!("DROP TABLE {mark}"), &[&mark], None);
        self.run("SET SESSION sort_buffer_size = 300000", &[], None);
        self.run("CALL three_results()", &[], None);
        self.ask(&command(2, b"shop"), &[], None);
    }

    /// Whose database it is follows the session.
    fn databases(&mut self) {
        let (there, back) = (self.claims.mark(), self.claims.mark());
        self.run("USE other", &[], None);
        self.run(&format!("SELECT 1 AS {there}"), &[&there], None);
        self.ask(&command(2, b"shop"), &[], None);
        self.run(&format!("SELECT 1 AS {back}"), &[&back], None);
    }

    /// Texts without a statement: an error for this server.
    fn nothing(&mut self) {
        self.run("", &[], Some(("", "42000")));
        self.run(" ; # nothing", &[], Some(("", "42000")));
    }

    /// Asks for what a gateway never passes on.
    fn refused(&mut self) {
        self.ask(&command(0x12, b"\x04\0\0\0\0\0\x01\0\0\0"), &[], Some(("", "42000")));
        self.claims.refusals += 1;
    }

    fn killed(&mut self) {
        let mark = self.claims.mark();
        self.wire.send(&query(&format!("SELECT SLEEP(60) AS {mark}")));
        let number = self.runs(&mark);
        self.server.ask(&format!("KILL QUERY {number}"));
        let answer = self.wire.answer();
        let error = answer.last().and_then(|packet| packet.error());
        assert!(error.is_some_and(|(_, text)| text.starts_with("#70100")), "{answer:?}");
        self.claims.ended(&mark, "70100");
    }

    /// The number of the session in which the statement with this mark runs.
    fn runs(&self, mark: &str) -> String {
        let asked = format!(
            "SELECT id FROM information_schema.processlist WHERE info LIKE 'SELECT SLEEP(60) AS {mark}%'"
        );
        eventually("the statement runs", || Some(self.server.ask(&asked)).filter(|number| !number.is_empty()))
    }

    /// Is away before its statement has ended.
    pub fn vanish(mut self) -> Claims {
        let mark = self.claims.mark();
        self.wire.send(&query(&format!("SELECT SLEEP(60) AS {mark}")));
        let number = self.runs(&mark);
        self.claims.ended(&mark, LOST);
        let Client { wire, claims, server, .. } = self;
        drop(wire);
        // A server notices that only when it has something to say.
        server.ask(&format!("KILL {number}"));
        claims
    }
}

/// PyMySQL and MySQL's own connector, as a program of their own: two sessions.
pub fn drivers(port: u16, client: usize, rounds: usize) -> Vec<Claims> {
    let names = ["pymysql", "connector"].map(|driver| format!("{driver} {client}"));
    let mut all: Vec<Claims> =
        names.iter().enumerate().map(|(more, name)| Claims::of(client + more, name)).collect();
    let mut command = python_mysql("account_mysql.py", port);
    command.arg(client.to_string()).arg(rounds.to_string());
    for line in run(&mut command).printed().lines() {
        let (mark, ending) = line.split_once(' ').expect("a mark and an ending");
        let of = usize::from(!mark.starts_with(&format!("m{client:02}")));
        all[of].ended(mark, ending);
    }
    all
}
