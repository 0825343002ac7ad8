//! Does the probe find what a role may really do, and what a database does of its own?

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use harness::clients::{Ended, psql, run};
use harness::gateway::Plan;
use harness::ledger::files_that_tell;
use harness::server::{PASSWORD, Server, rows};
use harness::wire::Wire;
use harness::{each_version, eventually};
use proxy::config::{self, Config};
use proxy::probe::{Examination, Gap, ProbeError, Standing, examine};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A server with a role that only reads, before which the probe is set up.
struct Stage {
    server: Server,
    folder: tempfile::TempDir,
}

/// What every stage has: tables, a role that reads one of them, and the probe's role.
const SETTING: &[&str] = &[
    "CREATE TABLE invoices (id serial, total int)",
    "CREATE SEQUENCE numbers",
    "CREATE ROLE reader LOGIN PASSWORD 'correct-horse-7391'",
    "CREATE ROLE other NOLOGIN",
    "CREATE ROLE dragoman_probe LOGIN PASSWORD 'correct-horse-7391'",
    "GRANT SELECT ON orders, invoices TO reader",
    "GRANT CONNECT ON DATABASE shop TO dragoman_probe, reader",
];

impl Stage {
    fn new(version: &str) -> Stage {
        let server = Server::start(version);
        let stage = Stage { server, folder: tempfile::tempdir().unwrap() };
        stage.run(SETTING);
        stage
    }

    /// Where everybody's rights are what a careful administrator leaves.
    fn hardened(version: &str) -> Stage {
        let stage = Stage::new(version);
        let Standing::Gaps(gaps) = stage.standing("reader") else {
            panic!("everybody may too much at first")
        };
        stage.close(&gaps);
        assert_eq!(stage.standing("reader"), Standing::Verified);
        stage
    }

    /// Runs statements one after the other in one session of a superuser.
    fn run(&self, statements: &[impl AsRef<str>]) {
        let mut wire = Wire::login(self.server.port, "trusted");
        for statement in statements {
            rows(&mut wire, statement.as_ref());
        }
    }

    fn close(&self, gaps: &[Gap]) {
        for gap in gaps {
            assert!(!gap.remedy.is_empty(), "nothing closes: {}", gap.words);
            self.run(&gap.remedy);
        }
    }

    fn config(&self, password: &str) -> Config {
        let probe = format!(
            "upstream = '127.0.0.1:{}'\nprobe = {{ user = 'dragoman_probe', password = {{ file = 'probe.secret' }} }}",
            self.server.port
        );
        config::load(&self.settings(password, &probe), std::iter::empty()).unwrap()
    }

    /// Writes a settings file with these lines of its listener, and the secret beside it.
    fn settings(&self, password: &str, listener: &str) -> PathBuf {
        std::fs::write(self.folder.path().join("probe.secret"), format!("{password}\n")).unwrap();
        let file = self.folder.path().join("dragoman.toml");
        let text = format!("[[listener]]\nname = 'shop'\nlisten = '127.0.0.1:0'\n{listener}\n");
        std::fs::write(&file, text).unwrap();
        file
    }

    /// A gateway before the server, with the probe and these lines of its listener.
    fn gateway(&self, password: &str, listener: &str) -> Plan {
        let secret = self.folder.path().join("gateway.secret");
        std::fs::write(&secret, password).unwrap();
        let probe = format!(
            "user = 'dragoman_probe'\npassword = {{ file = '{}' }}\ndatabases = ['shop']",
            secret.display()
        );
        Plan::before(&self.server).listener(listener).table("listener.probe", &probe)
    }

    /// `dragoman probe`.
    fn command(&self, settings: &Path, arguments: &[&str]) -> (Option<i32>, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dragoman"));
        command.args(["probe", "--config"]).arg(settings).args(arguments);
        let ended = command.output().unwrap();
        let said = [ended.stdout, ended.stderr].concat();
        (ended.status.code(), String::from_utf8(said).unwrap())
    }

    fn examine_as(&self, password: &str, role: &str, database: &str) -> Result<Examination, ProbeError> {
        let listeners = config::listeners(&self.config(password)).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(examine(&listeners[0], Some(role), database))
    }

    fn examine(&self, role: &str) -> Examination {
        self.examine_as(PASSWORD, role, "shop").unwrap()
    }

    fn standing(&self, role: &str) -> Standing {
        let mut found = self.examine(role).standings;
        assert_eq!(found.len(), 1);
        found.remove(0).1
    }

    /// Opens a gap by `statements`, checks that it is told with `words` and that what is said of it
    /// closes it.
    fn check(&self, statements: &[&str], words: &str) {
        self.run(statements);
        let Standing::Gaps(gaps) = self.standing("reader") else {
            panic!("PostgreSQL {}: {statements:?} opens no gap", self.server.version)
        };
        let all: Vec<&str> = gaps.iter().map(|gap| &*gap.words).collect();
        assert!(all.contains(&words), "PostgreSQL {}: {statements:?}: {all:#?}", self.server.version);
        self.close(&gaps);
        assert_eq!(
            self.standing("reader"),
            Standing::Verified,
            "PostgreSQL {}: {statements:?}, closed by {gaps:?}",
            self.server.version
        );
        let read = run(psql(self.server.port, "reader").args(["-c", "SELECT count(*) FROM orders"]));
        assert!(read.success, "after {statements:?} it reads: {read:?}");
    }

    fn is_at_least(&self, version: u32) -> bool {
        self.server.version.parse::<u32>().unwrap() >= version
    }
}

#[test]
fn what_everybody_may_at_first_is_told_as_such_and_closed() {
    each_version(|version| {
        let stage = Stage::new(version);
        let Standing::Gaps(gaps) = stage.standing("reader") else { panic!("no gaps") };
        let words: Vec<&str> = gaps.iter().map(|gap| &*gap.words).collect();
        let everybody =
            ", as everybody may (PUBLIC): whoever else needs that needs a grant of their own then";
        assert!(words.iter().all(|words| words.ends_with(everybody)), "{words:#?}");
        assert!(words.contains(&&*format!("has TEMPORARY on database shop{everybody}")), "{words:#?}");
        let creates = format!("has CREATE on schema public{everybody}");
        assert_eq!(words.contains(&&*creates), !stage.is_at_least(15), "{words:#?}");
        stage.close(&gaps);
        assert_eq!(stage.standing("reader"), Standing::Verified);
    });
}

#[test]
fn grants_are_found_and_what_is_said_takes_them_back() {
    each_version(|version| {
        let stage = Stage::hardened(version);
        let check = |statements: &[&str], words: &str| stage.check(statements, words);
        check(&["GRANT INSERT, TRUNCATE ON orders TO reader"], "has INSERT, TRUNCATE on table public.orders");
        check(
            &["GRANT REFERENCES, TRIGGER ON orders TO reader"],
            "has REFERENCES, TRIGGER on table public.orders",
        );
        check(&["GRANT UPDATE (amount) ON orders TO reader"], "has UPDATE (amount) on table public.orders");
        check(
            &["GRANT DELETE ON orders TO PUBLIC"],
            "has DELETE on table public.orders, as everybody may (PUBLIC): whoever else needs that needs a grant \
             of their own then",
        );
        check(&["GRANT USAGE, SELECT ON SEQUENCE numbers TO reader"], "has USAGE on sequence public.numbers");
        check(&["GRANT CREATE ON SCHEMA public TO reader"], "has CREATE on schema public");
        check(
            &["GRANT CREATE, TEMPORARY ON DATABASE shop TO reader"],
            "has CREATE, TEMPORARY on database shop",
        );
        check(
            &["GRANT INSERT ON orders TO other", "GRANT other TO reader"],
            "has INSERT on table public.orders, through `other`",
        );
        check(
            &[
                "GRANT INSERT ON orders TO other WITH GRANT OPTION",
                "SET ROLE other",
                "GRANT INSERT ON orders TO reader",
                "RESET ROLE",
                "REVOKE other FROM reader",
            ],
            "has INSERT on table public.orders",
        );
    });
}

#[test]
fn grants_on_what_is_no_table_are_found_as_well() {
    each_version(|version| {
        let stage = Stage::hardened(version);
        let check = |statements: &[&str], words: &str| stage.check(statements, words);
        check(
            &["SELECT lo_create(777)", "GRANT SELECT, UPDATE ON LARGE OBJECT 777 TO reader"],
            "has UPDATE on large object 777",
        );
        check(
            &[
                "CREATE FOREIGN DATA WRAPPER wrapper",
                "CREATE SERVER elsewhere FOREIGN DATA WRAPPER wrapper",
                "GRANT USAGE ON FOREIGN SERVER elsewhere TO reader",
            ],
            "has USAGE on foreign server elsewhere",
        );
        check(
            &["GRANT EXECUTE ON FUNCTION pg_read_file(text) TO reader"],
            "has EXECUTE on routine pg_catalog.pg_read_file(text), which acts by itself",
        );
        check(
            &["CREATE FUNCTION buy(amount int) RETURNS int LANGUAGE sql SECURITY DEFINER
               AS 'INSERT INTO scratch VALUES (amount) RETURNING id'"],
            "has EXECUTE on routine public.buy(amount integer), which runs with its owner's rights and may write, \
             as everybody may (PUBLIC): whoever else needs that needs a grant of their own then",
        );
        check(
            &[
                "CREATE TABLE \"Ord\"\"ers\" (\"a b\" int)",
                "GRANT INSERT (\"a b\") ON \"Ord\"\"ers\" TO reader",
            ],
            "has INSERT (\"a b\") on table public.\"Ord\"\"ers\"",
        );
        if stage.is_at_least(15) {
            check(
                &["GRANT SET, ALTER SYSTEM ON PARAMETER session_replication_role TO reader"],
                "has ALTER SYSTEM, SET on parameter session_replication_role",
            );
        }
        if stage.is_at_least(17) {
            check(&["GRANT MAINTAIN ON orders TO reader"], "has MAINTAIN on table public.orders");
        }
    });
}

#[test]
fn what_a_role_is_and_belongs_to_is_found_and_closed() {
    each_version(|version| {
        let stage = Stage::hardened(version);
        let check = |statements: &[&str], words: &str| stage.check(statements, words);
        check(&["ALTER ROLE reader SUPERUSER"], "is a superuser");
        check(&["ALTER ROLE reader CREATEROLE"], "may make and change roles");
        check(&["ALTER ROLE reader CREATEDB"], "may make databases");
        check(&["ALTER ROLE reader REPLICATION"], "may replicate");
        check(&["ALTER ROLE reader BYPASSRLS"], "is not bound by row security");
        let member = |role: &str, does: &str| {
            check(
                &[&format!("GRANT {role} TO reader")],
                &format!("is a member of `{role}` and so may {does}"),
            );
        };
        member("pg_write_all_data", "write every table");
        member("pg_execute_server_program", "start programs on the server");
        member("pg_read_server_files", "read files of the server");
        member("pg_write_server_files", "write files of the server");
        member("pg_signal_backend", "end other sessions");
        if stage.is_at_least(15) {
            member("pg_checkpoint", "run CHECKPOINT");
        }
        if stage.is_at_least(17) {
            member("pg_maintain", "maintain and lock every table");
        }
        let root = "can become `root`, which is a superuser";
        check(&["CREATE ROLE root SUPERUSER", "GRANT root TO other", "GRANT other TO reader"], root);
        check(&["ALTER ROLE reader NOINHERIT", "GRANT root TO reader"], root);
        if stage.is_at_least(16) {
            check(&["GRANT root TO reader WITH ADMIN TRUE, INHERIT FALSE, SET FALSE"], root);
            check(&["GRANT root TO other WITH ADMIN OPTION", "GRANT root TO reader GRANTED BY other"], root);
        }
        check(
            &["ALTER ROLE reader SET default_transaction_read_only = off"],
            "begins transactions that may write, by what was set for it: ALTER ROLE \"reader\" SET \
             default_transaction_read_only=off",
        );
        check(
            &["ALTER DATABASE shop SET default_transaction_read_only = off"],
            "begins transactions that may write, by what was set for it: ALTER DATABASE \"shop\" SET \
             default_transaction_read_only=off",
        );
    });
}

#[test]
fn what_a_role_owns_is_found_and_goes_to_somebody_else() {
    each_version(|version| {
        let stage = Stage::hardened(version);
        let check = |statements: &[&str], words: &str| stage.check(statements, words);
        check(&["ALTER TABLE orders OWNER TO reader"], "owns table public.orders");
        check(&["ALTER TABLE invoices OWNER TO reader"], "owns table public.invoices");
        check(&["ALTER SEQUENCE numbers OWNER TO reader"], "owns sequence public.numbers");
        check(&["CREATE SCHEMA own AUTHORIZATION reader"], "owns schema own");
        check(&["ALTER DATABASE shop OWNER TO reader"], "owns database shop");
        check(
            &["CREATE VIEW all_orders AS SELECT * FROM orders", "ALTER VIEW all_orders OWNER TO reader"],
            "owns view public.all_orders",
        );
        check(
            &[
                "CREATE FUNCTION \"Price of\"(id int) RETURNS int LANGUAGE sql STABLE AS 'SELECT 1'",
                "ALTER FUNCTION \"Price of\" OWNER TO reader",
            ],
            "owns function public.\"Price of\"(integer)",
        );
        check(
            &["CREATE DOMAIN amount AS int", "ALTER DOMAIN amount OWNER TO reader"],
            "owns type public.amount",
        );
        check(
            &["CREATE TABLE old (id int)", "ALTER TABLE old OWNER TO other", "GRANT other TO reader"],
            "owns table public.old, through `other`",
        );
    });
}

#[test]
fn large_objects_open_to_everybody_are_found() {
    each_version(|version| {
        let stage = Stage::hardened(version);
        stage.run(&["ALTER SYSTEM SET lo_compat_privileges = on", "SELECT pg_reload_conf()"]);
        let gaps = eventually("the setting holds", || match stage.standing("reader") {
            Standing::Gaps(gaps) => Some(gaps),
            _ => None,
        });
        assert_eq!(&*gaps[0].words, "may write every large object: `lo_compat_privileges` is on");
        stage.close(&gaps);
        eventually("the gap is closed", || (stage.standing("reader") == Standing::Verified).then_some(()));
    });
}

#[test]
fn the_probe_needs_to_connect_and_nothing_else_and_says_when_it_is_more() {
    each_version(|version| {
        let stage = Stage::hardened(version);
        stage.run(&["REVOKE CONNECT ON DATABASE shop FROM PUBLIC"]);
        let own = stage.examine("dragoman_probe");
        assert_eq!(own.standings[0].1, Standing::Verified, "the probe's own role can do nothing");
        assert!(!own.by_superuser);
        stage.run(&["ALTER ROLE dragoman_probe SUPERUSER"]);
        assert!(stage.examine("reader").by_superuser);
        stage.run(&[
            "ALTER ROLE dragoman_probe NOSUPERUSER",
            "REVOKE CONNECT ON DATABASE shop FROM dragoman_probe",
        ]);
        let refused = stage.examine_as(PASSWORD, "reader", "shop").unwrap_err().to_string();
        assert!(refused.contains("permission denied for database"), "{refused}");
    });
}

#[test]
fn what_cannot_be_told_says_why_and_no_secret() {
    let stage = Stage::new("18");
    let wrong = stage.examine_as("battery-staple-2684", "reader", "shop").unwrap_err().to_string();
    assert_eq!(
        wrong,
        "the upstream does not let `dragoman_probe` in: password authentication failed for user \
         \"dragoman_probe\" (SQLSTATE 28P01)"
    );
    let Standing::Unverified(reason) = stage.standing("nobody_at_all") else { panic!("it is not there") };
    assert_eq!(&*reason, "the upstream has no role of this name");
    let listeners = config::listeners(&stage.config(PASSWORD)).unwrap();
    assert!(!format!("{:?}{:?}", listeners, stage.config(PASSWORD)).contains(PASSWORD));
}

/// What a statement may do in the database that was looked at.
fn class(found: &Examination, text: &str) -> &'static str {
    let analysis = sql::analyse(text.as_bytes(), sql::Lexing::default());
    let statement = &analysis.statements[0];
    found.catalog.resolve(statement).map_or(statement.class, |resolved| resolved.class).as_str()
}

const OWN: &[&str] = &[
    "CREATE FUNCTION price_of(id int) RETURNS int LANGUAGE sql STABLE AS 'SELECT 1'",
    "CREATE FUNCTION buy(id int) RETURNS int LANGUAGE sql VOLATILE AS 'INSERT INTO public.scratch VALUES (id) RETURNING id'",
    "CREATE FUNCTION lower(id int) RETURNS int LANGUAGE sql VOLATILE AS 'SELECT buy(id)'",
    "CREATE FUNCTION upper(id int) RETURNS int LANGUAGE sql STABLE AS 'SELECT id'",
    "CREATE FUNCTION draw(n bigint DEFAULT nextval('numbers')) RETURNS bigint LANGUAGE sql STABLE AS 'SELECT n'",
    "CREATE FUNCTION written(id int) RETURNS int LANGUAGE sql STABLE BEGIN ATOMIC SELECT buy(id); END",
    "CREATE AGGREGATE collected(int) (sfunc = int4pl, stype = int)",
    "CREATE FUNCTION add_and_buy(total int, id int) RETURNS int LANGUAGE sql VOLATILE AS 'SELECT buy(id)'",
    "CREATE AGGREGATE bought(int) (sfunc = add_and_buy, stype = int)",
    "CREATE FUNCTION profit(one orders) RETURNS int LANGUAGE sql VOLATILE AS 'SELECT 1'",
    "CREATE FUNCTION audit(one anyelement) RETURNS int LANGUAGE sql VOLATILE AS 'SELECT 1'",
    "CREATE FUNCTION label(one orders) RETURNS int LANGUAGE sql STABLE AS 'SELECT 1'",
    "CREATE OPERATOR <~> (leftarg = int, rightarg = int, function = add_and_buy)",
    "CREATE OPERATOR <=~> (leftarg = int, rightarg = int, function = int4pl)",
    "CREATE VIEW prices AS SELECT id, price_of(id), now(), random() FROM orders WHERE id = ANY(ARRAY[1, 2])",
    "CREATE VIEW purchases AS SELECT buy(id) FROM orders",
    "CREATE VIEW all_purchases AS SELECT * FROM prices, purchases",
    "CREATE VIEW numbered AS SELECT nextval('numbers')",
    "CREATE VIEW operated AS SELECT id <~> 1 AS n FROM orders",
    "CREATE VIEW aggregated AS SELECT bought(id) FROM orders",
    "CREATE VIEW windowed AS SELECT rank() OVER (ORDER BY id) FROM orders",
    "CREATE VIEW activity AS SELECT * FROM pg_stat_activity",
    "CREATE MATERIALIZED VIEW kept AS SELECT buy(1)",
    "CREATE TABLE guarded (id int)",
    "ALTER TABLE guarded ENABLE ROW LEVEL SECURITY",
    "CREATE POLICY mine ON guarded USING (buy(id) = 1)",
    "CREATE SCHEMA sales",
    "CREATE FUNCTION sales.price_of(id text) RETURNS int LANGUAGE sql VOLATILE AS 'SELECT 1'",
    "CREATE FUNCTION sales.fee(id int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 1'",
    "CREATE FUNCTION sales.\"Fee\"(id int) RETURNS int LANGUAGE plpgsql STABLE AS 'BEGIN RETURN 1; END'",
];

#[test]
fn a_catalog_tells_what_functions_operators_and_views_do() {
    each_version(|version| {
        let stage = Stage::new(version);
        stage.run(OWN);
        let found = stage.examine("reader");
        let check = |text: &str, expected: &str| {
            assert_eq!(class(&found, text), expected, "PostgreSQL {version}: {text}");
        };
        check("SELECT fee(1), sales.fee(1), sales.\"Fee\"(1), \"Fee\"(2)", "read");
        check("SELECT public.price_of(1)", "read");
        // Another function of that name may write, and which one is called is up to the path.
        check("SELECT price_of(1)", "code");
        check("SELECT sales.price_of('1')", "code");
        check("SELECT buy(1)", "code");
        check("SELECT not_there(1)", "code");
        check("SELECT lower('A')", "code");
        check("SELECT pg_catalog.lower('A'), upper('A')", "read");
        check("SELECT draw()", "code");
        check("SELECT written(1)", "code");
        check("SELECT collected(id) FROM orders", "read");
        check("SELECT bought(id) FROM orders", "code");
        check("SELECT 1 OPERATOR(public.<~>) 2", "code");
        check("SELECT 1 OPERATOR(public.<=~>) 2", "read");
        check("SELECT o.profit FROM orders o", "code");
        check("SELECT (o).profit FROM orders o", "code");
        check("SELECT o.audit FROM orders o", "code");
        check("SELECT s.audit FROM scratch s", "code");
        check("SELECT s.profit FROM scratch s", "read");
        check("SELECT o.label, o.id FROM orders o", "read");
        for view in ["prices", "windowed", "activity", "spending", "kept", "orders"] {
            check(&format!("SELECT * FROM {view}"), "read");
            check(&format!("SELECT 1 WHERE EXISTS (TABLE public.{view})"), "read");
        }
        for view in ["purchases", "all_purchases", "numbered", "operated", "aggregated", "guarded"] {
            check(&format!("SELECT * FROM {view}"), "code");
            check(&format!("WITH w AS (TABLE public.{view}) SELECT 1"), "code");
        }
    });
}

#[test]
fn what_is_made_later_is_seen_by_the_next_look() {
    let stage = Stage::new("18");
    let before = stage.examine("reader");
    assert_eq!(class(&before, "SELECT added(1)"), "code");
    assert_eq!(before.catalog.id(), stage.examine("reader").catalog.id(), "nothing has changed");
    stage.run(&["CREATE FUNCTION added(id int) RETURNS int LANGUAGE sql STABLE AS 'SELECT id'"]);
    let after = stage.examine("reader");
    assert_eq!(class(&after, "SELECT added(1)"), "read");
    assert_ne!(before.catalog.id(), after.catalog.id());
    stage.run(&["ALTER FUNCTION added VOLATILE"]);
    assert_eq!(class(&stage.examine("reader"), "SELECT added(1)"), "code");
}

/// Logs in as the reader and runs a statement.
fn reader(port: u16, sql: &str) -> Ended {
    run(psql(port, "reader").args(["-A", "-t", "-c", sql]))
}

#[test]
fn a_gateway_tells_what_the_roles_that_log_in_may_do() {
    each_version(|version| {
        let stage = Stage::hardened(version);
        stage.run(&["GRANT INSERT ON orders TO reader"]);
        let gateway = stage.gateway(PASSWORD, "").start();
        eventually("the catalog is read before anybody comes", || {
            gateway.log().contains("catalog read").then_some(())
        });
        assert!(gateway.ready().1.contains("privileges: 0 verified, 0 with gaps, 0 unverified"));
        assert_eq!(reader(gateway.port, "SELECT 1").printed(), "1\n");
        eventually("the gap is told", || {
            gateway.ready().1.contains("privileges: 0 verified, 1 with gaps, 0 unverified\n").then_some(())
        });
        let log = gateway.log();
        let told = "the role can do more than read: has INSERT on table public.orders [closed by: REVOKE INSERT ON \
                    TABLE public.orders FROM \"reader\";]";
        assert!(log.contains(told), "{log}");
        assert!(log.contains("role=\"reader\"") && log.contains("database=\"shop\""), "{log}");
        assert!(!log.contains("superuser"), "{log}");
        assert_eq!(files_that_tell(gateway.folder(), &[PASSWORD]), []);
    });
}

#[test]
fn a_probe_that_is_not_let_in_leaves_everybody_unverified_and_served() {
    let stage = Stage::new("18");
    let gateway = stage.gateway("battery-staple-2684", "").start();
    assert_eq!(reader(gateway.port, "SELECT 1").printed(), "1\n");
    eventually("the reason is told", || {
        let (code, body) = gateway.ready();
        let why =
            "1 unverified: the upstream does not let `dragoman_probe` in: password authentication failed";
        (code == 200 && body.contains(why)).then_some(())
    });
    assert!(gateway.log().contains("the probe could not look, trying again later"));
    assert_eq!(files_that_tell(gateway.folder(), &["battery-staple-2684"]), []);
}

#[test]
fn only_a_verified_role_logs_in_where_that_is_required() {
    each_version(|version| {
        let stage = Stage::hardened(version);
        let gateway = stage.gateway(PASSWORD, "require_verified = true").start();
        assert_eq!(reader(gateway.port, "SELECT 1").printed(), "1\n");
        stage.run(&[
            "CREATE ROLE writer LOGIN PASSWORD 'correct-horse-7391'",
            "GRANT INSERT ON orders TO writer",
        ]);
        let writer = || run(psql(gateway.port, "writer").args(["-A", "-t", "-c", "SELECT 1"]));
        let refused = writer();
        assert!(
            !refused.success && refused.error.contains("has INSERT on table public.orders"),
            "{refused:?}"
        );
        stage.run(&["REVOKE INSERT ON orders FROM writer"]);
        eventually("the login follows the privileges", || writer().success.then_some(()));
        let wrong = stage.gateway("battery-staple-2684", "require_verified = true").start();
        let refused = reader(wrong.port, "SELECT 1");
        assert!(!refused.success && refused.error.contains("password authentication failed"), "{refused:?}");
        assert!(refused.error.contains("dragoman_probe"), "it is the probe that is not let in: {refused:?}");
    });
}

#[test]
fn what_the_catalog_tells_decides_what_passes() {
    each_version(|version| {
        let stage = Stage::hardened(version);
        stage.run(&[
            "CREATE FUNCTION fee(id int) RETURNS int LANGUAGE sql STABLE AS 'SELECT 7'",
            "CREATE FUNCTION buy(id int) RETURNS int LANGUAGE sql VOLATILE AS 'SELECT 8'",
            "CREATE VIEW purchases AS SELECT buy(id) FROM orders",
            "GRANT SELECT ON purchases TO reader",
        ]);
        let plan = stage.gateway(PASSWORD, "policies = ['read-only']").mode("enforce");
        let gateway = plan.start();
        eventually("the catalog is known", || reader(gateway.port, "SELECT fee(1)").success.then_some(()));
        assert_eq!(reader(gateway.port, "SELECT count(*) FROM orders").printed(), "2000\n");
        for refused in ["SELECT buy(1)", "SELECT * FROM purchases LIMIT 1"] {
            let ended = reader(gateway.port, refused);
            assert!(!ended.success, "{refused}: {ended:?}");
        }
        let blind = Plan::before(&stage.server).listener("policies = ['read-only']").mode("enforce").start();
        assert!(!reader(blind.port, "SELECT fee(1)").success, "without a catalog it is unknown");
    });
}

#[test]
fn the_command_line_looks_once_and_says_it_by_its_exit_code() {
    let stage = Stage::hardened("18");
    let port = stage.server.port;
    let probe = "user = 'dragoman_probe', password = { file = 'probe.secret' }";
    let settings = |password: &str, more: &str| {
        stage.settings(password, &format!("upstream = '127.0.0.1:{port}'\nprobe = {{ {probe}{more} }}"))
    };
    let file = settings(PASSWORD, ", databases = ['shop']");
    let said = stage.command(&file, &["--role", "reader"]);
    let head = "listener shop, database shop, as dragoman_probe\n";
    assert_eq!(said, (Some(0), format!("{head}  reader: verified, it can only read\n")));
    stage.run(&["GRANT DELETE ON orders TO reader"]);
    let gap = "  reader: can do more than read\n    - has DELETE on table public.orders\n        \
               REVOKE DELETE ON TABLE public.orders FROM \"reader\";\n";
    assert_eq!(stage.command(&file, &["--role", "reader"]), (Some(1), format!("{head}{gap}")));
    let (code, all) = stage.command(&file, &[]);
    assert!(
        code == Some(1) && all.contains(gap) && all.contains("  trusted: can do more than read\n"),
        "{all}"
    );
    let (code, said) = stage.command(&settings("battery-staple-2684", ""), &["--database", "shop"]);
    assert!(
        code == Some(2) && said.contains("cannot tell: the upstream does not let `dragoman_probe` in"),
        "{said}"
    );
    let (code, said) = stage.command(&settings(PASSWORD, ""), &[]);
    assert!(code == Some(2) && said.contains("hint: use `--database NAME`"), "{said}");
    let (code, said) = stage.command(&file, &["--listener", "books"]);
    assert!(code == Some(2) && said.contains("there is no listener `books`"), "{said}");
    let none = stage.settings(PASSWORD, &format!("upstream = '127.0.0.1:{port}'"));
    let (code, said) = stage.command(&none, &[]);
    assert!(code == Some(2) && said.contains("no listener has `probe.user`"), "{said}");
}

#[test]
fn the_probe_comes_by_tls_as_the_listener_says_or_by_a_unix_socket() {
    let stage = Stage::hardened("18");
    let port = stage.server.port;
    let with = |upstream: &str, tls: &str, user: &str| {
        let lines = format!(
            "upstream = '{upstream}'\nupstream_tls = {{ {tls} }}\nprobe = {{ user = '{user}', password = {{ file = \
             'probe.secret' }} }}"
        );
        let arguments = ["--database", "shop", "--role", "reader"];
        stage.command(&stage.settings(PASSWORD, &lines), &arguments)
    };
    let ca = format!("mode = 'verify-full', ca = '{}'", stage.server.certificate().authority.display());
    let verified = "reader: verified, it can only read";
    let tcp = format!("127.0.0.1:{port}");
    for tls in ["mode = 'disable'", "mode = 'prefer'", "mode = 'require'", &ca] {
        let (code, said) = with(&tcp, tls, "dragoman_probe");
        assert!(code == Some(0) && said.contains(verified), "{tls}: {said}");
    }
    let socket = stage.server.socket();
    let other = tempfile::tempdir().unwrap();
    let stranger = harness::certificate::Certificate::make(other.path());
    let wrong = format!("mode = 'verify-full', ca = '{}'", stranger.authority.display());
    let (code, said) = with(&tcp, &wrong, "dragoman_probe");
    assert!(code == Some(2) && said.contains("certificate"), "{said}");
    let (code, said) = with(&format!("unix:{}", socket.display()), "mode = 'disable'", "trusted");
    assert!(code == Some(0) && said.contains("the probe's own role is a superuser"), "{said}");
    assert!(said.contains(verified), "{said}");
}

#[test]
fn what_the_documentation_sets_up_is_all_that_is_needed() {
    each_version(|version| {
        let stage = Stage::hardened(version);
        stage.run(&["DROP OWNED BY dragoman_probe", "DROP ROLE dragoman_probe"]);
        stage.run(&["REVOKE ALL ON DATABASE shop FROM PUBLIC", "REVOKE ALL ON SCHEMA public FROM PUBLIC"]);
        let document = include_str!("../docs/probe.md");
        let (_, block) = document.split_once("```sql\n").unwrap();
        let statements: Vec<&str> = block.split_once("```").unwrap().0.lines().collect();
        assert_eq!(statements.len(), 2);
        stage.run(&statements);
        assert_eq!(stage.standing("reader"), Standing::Verified);
        stage.run(&["CREATE FUNCTION fee(id int) RETURNS int LANGUAGE sql STABLE AS 'SELECT 7'"]);
        assert_eq!(class(&stage.examine("reader"), "SELECT fee(1)"), "read");
    });
}

#[test]
fn another_upstream_or_another_secret_is_taken_by_a_reload() {
    let stage = Stage::hardened("18");
    let gateway = stage.gateway("battery-staple-2684", "").start();
    assert_eq!(reader(gateway.port, "SELECT 1").printed(), "1\n");
    eventually("nobody can tell", || gateway.ready().1.contains("1 unverified: ").then_some(()));
    // The settings stay the same: what is in the secret's file is another thing now.
    drop(stage.gateway(PASSWORD, ""));
    gateway.hang_up();
    eventually("the new secret is tried at once", || {
        gateway.ready().1.contains("1 verified, 0 with").then_some(())
    });
    let other = Stage::new("18");
    let plan = other.gateway(PASSWORD, "");
    gateway.rewrite(&plan);
    gateway.hang_up();
    eventually("what was known of the first server is forgotten", || {
        gateway.ready().1.contains("0 verified, 0 with gaps, 0 unverified").then_some(())
    });
    assert_eq!(reader(gateway.port, "SELECT 1").printed(), "1\n");
    eventually("the other server is looked at", || gateway.ready().1.contains("1 with gaps").then_some(()));
}
