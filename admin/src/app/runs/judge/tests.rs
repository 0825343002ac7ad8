//! What passes the judge of runs, and what does not?
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
use super::*;

fn rules(engine: Engine) -> Rules {
    let protocol = if engine == Engine::Mysql { Protocol::Mysql } else { Protocol::Postgres };
    Rules {
        engine,
        session: Session {
            id: SessionId(0),
            listener: "console".into(),
            workspace: "shop".into(),
            environment: Environment::Development,
            protocol,
            principal: Principal {
                user: "app".into(),
                database: "shop".into(),
                application: APPLICATION.into(),
                address: Address::Tcp(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))),
                tls: None,
            },
        },
        published: None,
        warnings: Vec::new(),
    }
}

fn published(text: &str, enforces: bool) -> Rules {
    let rules = rules(Engine::Postgres);
    let scope = policies::Listener {
        name: "shop",
        environment: Environment::Development,
        protocol: Protocol::Postgres,
        enforces,
        default_allows: true,
    };
    let compiled = policies::compile(0, &["own"], &|_| Some(("own".into(), text.into())), &scope).unwrap();
    Rules { published: Some(compiled), ..rules }
}

#[test]
fn queries_of_postgresql_pass() {
    let rules = rules(Engine::Postgres);
    for text in [
        "SELECT 1;",
        "TABLE orders",
        "VALUES (1)",
        "WITH a AS (SELECT 1) SELECT * FROM a",
        "SHOW work_mem",
        "EXPLAIN SELECT 1",
        "EXPLAIN (ANALYZE, FORMAT JSON) SELECT 1",
        "SELECT count(*) FROM orders WHERE placed > now() - interval '1 day' -- and no more",
    ] {
        assert_eq!(rules.judge(text).unwrap().objection, None, "{text}");
    }
}

#[test]
fn functions_of_mysql_that_reach_out_of_the_database_do_not_pass() {
    let rules = rules(Engine::Mysql);
    for text in [
        "SELECT load_file('/etc/passwd')",
        "SELECT `LOAD_FILE`('/etc/passwd')",
        "SELECT /*!50000 Load_File('/etc/passwd') */",
        "SELECT sys_exec('id')",
    ] {
        assert!(rules.judge(text).unwrap().objection.is_some(), "{text}");
    }
    assert_eq!(rules.judge("SELECT 1").unwrap().objection, None);
}

#[test]
fn what_is_no_query_or_not_one_does_not_pass() {
    let rules = rules(Engine::Postgres);
    for (text, rule, span) in [
        ("", None, 0..0),
        ("-- nothing", None, 0..0),
        ("SELECT 1; SELECT 2", Some("console/queries-only"), 10..18),
        ("COMMIT", Some("console/queries-only"), 0..6),
        ("BEGIN READ ONLY", Some("console/queries-only"), 0..15),
        ("SET work_mem = '1GB'", Some("console/queries-only"), 0..20),
        ("PREPARE p AS SELECT 1", Some("console/queries-only"), 0..21),
        ("EXECUTE p", Some("console/queries-only"), 0..9),
        ("FETCH ALL FROM c", Some("console/queries-only"), 0..16),
        ("DECLARE c CURSOR FOR SELECT 1", Some("console/queries-only"), 0..29),
        ("COPY (SELECT 1) TO STDOUT", Some("console/queries-only"), 0..25),
        (" DELETE FROM orders ; ", Some("read-only/write"), 1..19),
        ("SELECT 1 FORM orders", None, 14..20),
        ("SELECT * FROM own_function()", Some("read-only/unknown-function"), 0..28),
    ] {
        let objection = rules.judge(text).unwrap().objection.expect(text);
        assert_eq!((objection.rule.as_deref(), objection.span), (rule, span), "{text}");
    }
}

#[test]
fn a_text_that_settings_decide_how_to_read_does_not_pass() {
    for (engine, text) in
        [(Engine::Postgres, r"SELECT 'a\', 'b' --'"), (Engine::Mysql, r#"SELECT "a\", b -- ""#)]
    {
        let judgement = rules(engine).judge(text).unwrap();
        assert!(judgement.objection.is_some(), "{engine:?}");
    }
}

#[test]
fn queries_of_mysql_pass_and_nothing_else_does() {
    let rules = rules(Engine::Mysql);
    for text in [
        "SELECT 1;",
        "SELECT `a`, COUNT(*) FROM `orders` WHERE placed > NOW() - INTERVAL 1 DAY GROUP BY a # and no more",
        "SHOW TABLES",
        "SHOW FULL PROCESSLIST",
        "DESCRIBE orders",
        "WITH a AS (SELECT 1) SELECT * FROM a",
        "(SELECT 1) UNION (SELECT 2) LIMIT 1",
        "EXPLAIN SELECT 1",
        "EXPLAIN FORMAT=JSON SELECT 1",
    ] {
        let judgement = rules.judge(text).unwrap();
        assert_eq!((judgement.objection, judgement.warnings), (None, Vec::new()), "{text}");
        let statement = judgement.statement.unwrap();
        assert_eq!((&statement.effects.basis, statement.class), (&Basis::Grammar, Class::Read), "{text}");
    }
    for text in [
        "DELETE FROM orders",
        "SELECT 1 INTO OUTFILE '/tmp/x'",
        "SELECT 1; DELETE FROM orders",
        "CALL own()",
        "SET GLOBAL read_only = 0",
        "COMMIT",
        "DO SLEEP(1)",
        "/*!50001 DELETE */ FROM orders",
        "ANALYZE TABLE orders",
        "LOAD DATA INFILE 'x' INTO TABLE orders",
        "SET SESSION TRANSACTION READ WRITE",
        "USE other",
        "PREPARE p FROM 'SELECT 1'",
        "EXECUTE IMMEDIATE 'SELECT 1'",
        "HANDLER orders OPEN",
        "SELECT 1 INTO @a",
        "SELECT own_function()",
        "SELECT 1 FORM orders GROUP",
    ] {
        assert!(rules.judge(text).unwrap().objection.is_some(), "{text}");
    }
    let unknown = rules.judge("SELECT own_function()").unwrap().objection.unwrap();
    assert_eq!(unknown.rule.as_deref(), Some("read-only/unknown-function"));
}

#[test]
fn rules_of_a_listener_that_enforces_refuse_and_bound() {
    let text = "
        [[rule]]
        name = \"no-secrets\"
        when = { table = [\"secrets\"], application = [\"dragoman console\"] }
        decision = \"refuse\"
        message = \"secrets are not looked at here\"
        hint = \"ask somebody\"
        [[rule]]
        name = \"few\"
        when = { class = [\"read\"] }
        decision = \"limit\"
        limit = { rows = 10 }
        ";
    let enforcing = published(text, true);
    let objection = enforcing.judge("SELECT * FROM secrets").unwrap().objection.unwrap();
    assert_eq!(objection.rule.as_deref(), Some("own/no-secrets"));
    assert_eq!(objection.hint.as_deref(), Some("ask somebody"));
    assert_eq!(enforcing.judge("SELECT 1").unwrap().limits.rows, Some(10));
    let observing = published(text, false);
    let judgement = observing.judge("SELECT * FROM secrets").unwrap();
    assert_eq!((judgement.objection, judgement.limits.rows), (None, None));
    assert!(judgement.warnings.iter().any(|one| one.contains("secrets are not looked at here")));
    assert!(observing.judge("DELETE FROM secrets").unwrap().objection.is_some());
}

#[test]
fn sql_server_is_judged_by_its_own_allowlist() {
    let rules = rules(Engine::SqlServer);
    for text in ["SELECT TOP (10) * FROM dbo.orders", "WITH a AS (SELECT 1 AS x) SELECT x FROM a;"] {
        assert_eq!(rules.judge(text).unwrap().objection, None, "{text}");
    }
    for (text, span) in
        [("DELETE FROM t", 0..6), ("SELECT 1 EXEC x", 9..13), ("SELECT a INTO b FROM c", 9..13)]
    {
        let objection = rules.judge(text).unwrap().objection.unwrap();
        assert_eq!(
            (objection.rule.as_deref(), objection.span),
            (Some("console/queries-only"), span),
            "{text}"
        );
    }
}
