//! What do hostile texts cost, and can any of them break the judgement?

use crate::{MARIADB, MYSQL};
use exchange::{Basis, Class, Marks, Statement};
use proptest::prelude::*;
use sql::{Lexing, MysqlServer, analyse};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A thread of the gateway has at least this.
const STACK_BYTES: usize = 2 * 1024 * 1024;

/// Far above what the largest of these texts take, far below what work that grows with the square would.
const TIME_MAX: Duration = Duration::from_secs(30);

/// Text at the limits: accepted, deep or long.
fn extremes() -> Vec<String> {
    let deep = 190;
    let long = 100_000;
    vec![
        "(".repeat(deep) + "select 1" + &")".repeat(deep),
        format!("select {}1{}", "(".repeat(long), ")".repeat(long)),
        format!("select {}1{}", "case when true then ".repeat(deep), " end".repeat(deep)),
        format!("select {}1{}", "lower(".repeat(deep), ")".repeat(deep)),
        format!("select {}1{}", "interval(".repeat(deep / 2), ", 1)".repeat(deep / 2)),
        format!("select * from {}select 1{}", "(select * from (".repeat(deep / 4), ") a) b".repeat(deep / 4)),
        format!("select * from {}t{}", "(".repeat(deep), ")".repeat(deep)),
        format!("select 1 where {}true{}", "exists (select 1 where ".repeat(deep / 3), ")".repeat(deep / 3)),
        format!("{}select 1{}", "with a as (".repeat(deep / 2), ") select 1".repeat(deep / 2)),
        format!("select {}1{}", "(values (".repeat(deep / 4), "))".repeat(deep / 4)),
        format!("set statement a = 1 for {}select 1", "explain ".repeat(deep)),
        "select 1".to_owned() + &"+1".repeat(long),
        "select a".to_owned() + &" and a".repeat(long),
        "select ".to_owned() + &"not ".repeat(long) + "a",
        "select ".to_owned() + &"- ".repeat(long) + "a",
        "select 1".to_owned() + &" union select 1".repeat(long),
        "select 1 from a".to_owned() + &" join b on true".repeat(long / 2),
        "select a".to_owned() + &" collate utf8mb4_bin".repeat(long),
        "select a".to_owned() + &" is null".repeat(long),
        "select 1".to_owned() + &", (1)+(1)".repeat(80_000),
        format!("select 1 in (1{})", ", 1".repeat(400_000)),
        format!("values (1){}", ", (1)".repeat(200_000)),
        format!("insert into t values (1){}", ", (1)".repeat(200_000)),
        format!("select a{}", ", a".repeat(400_000)),
        format!("select * from t{}", ", t".repeat(50_000)),
        format!(
            "with {}a as (select 1) select 1{}",
            "b as (select * from b), ".repeat(20_000),
            " union select 1".repeat(2_000)
        ),
        format!("delete {} from t", "t, ".repeat(long) + "t"),
        format!("select {} * from {} t", "*, ".repeat(long), "t, ".repeat(long)),
        format!("select a from {} t{}", "t, ".repeat(long), " for update".repeat(long)),
        format!("select a from {} t for update of {} t", "t, ".repeat(long), "t, ".repeat(long)),
        format!(
            "update {} t set {} a = 1",
            "t, ".repeat(long),
            (0..long).map(|n| format!("u{n}.a = 1, ")).collect::<String>()
        ),
        "select 1;".repeat(10_000),
        "prepare p from 'select 1';".repeat(9_000),
        format!("select '{}'", "x''".repeat(500_000)),
        format!("select {}", "'a' ".repeat(100_000)),
        format!("select {}", "`a``b`, ".repeat(100_000) + "1"),
        format!("create table t (a int{})", " default (1)".repeat(long)),
        format!(
            "create procedure p() begin {}end",
            "if a then select case when b then 1 end; end if; ".repeat(30_000)
        ),
        format!("create procedure p() {}{}", "begin ".repeat(long), "end; ".repeat(long)),
        format!("prepare a from {}", quoted("select 1", 12)),
    ]
}

/// The text as a literal that prepares a literal, and so on.
fn quoted(text: &str, times: usize) -> String {
    (0..times).fold(format!("'{text}'"), |text, _| format!("'prepare a from {}'", text.replace('\'', "''")))
}

#[test]
fn texts_at_the_limits_need_no_more_than_a_small_stack() {
    let work = || {
        let begun = Instant::now();
        for text in extremes() {
            let analysis = analyse(text.as_bytes(), MARIADB);
            let first = &analysis.statements[0];
            let shown: String = text.chars().take(60).collect();
            match &first.effects.basis {
                Basis::Grammar => {}
                Basis::Unjudged(_) => assert_eq!(first.class, Class::Unknown, "{shown}"),
                other => panic!("{other:?}: {shown}"),
            }
        }
        assert!(begun.elapsed() < TIME_MAX, "{:?}", begun.elapsed());
    };
    std::thread::Builder::new().stack_size(STACK_BYTES).spawn(work).unwrap().join().unwrap();
}

#[test]
fn what_generated_statements_nest_is_within_the_limits() {
    for text in [
        format!("select 1 from t where {}a = 1{}", "(".repeat(5_000), " or a = 2)".repeat(5_000)),
        format!("select {}a{} from t", "replace(".repeat(100), ", 'x', 'y')".repeat(100)),
        format!("select a from t where b in ({})", vec!["?"; 65_535].join(", ")),
        format!("insert into t (a, b) values {}", vec!["(1, 'x')"; 50_000].join(", ")),
        format!("select 1{}", " union all select a from t where b = 1".repeat(2_000)),
    ] {
        let statement = crate::only(&text, MARIADB);
        assert_eq!(statement.effects.basis, Basis::Grammar, "{}", &text[..60]);
    }
}

/// Statements with every kind of part, to be cut and put together.
const CORPUS: &[&str] = &[
    "select sql_no_cache a, f(b) c, count(*) over (partition by d order by e) from t x use index (i) where g in (select h from u) group by i with rollup having j(k) order by l limit 5, 6 for update",
    "with recursive a (b) as (select 1 union all select c from a) select * from a natural join d, (values (1), (2)) e",
    "insert into t (a) values (1, default), (?, @x := 2) on duplicate key update b = values(c) returning *",
    "update t left join u using (a) set t.b = 1, c = default where d = 2 order by e limit 3",
    "delete a, b.* from t a join u b where c = 1; delete from x using y; replace into t set a = 1",
    "select cast(a as char(3) character set utf8), group_concat(distinct b order by c separator ','), match (d) against ('e' in boolean mode), interval 1 day, case f when 1 then 2 else 3 end",
    "explain format=json select 1; analyze update t set a = 1; describe t; show create table t; show grants for u@h",
    "prepare p from 'select ?'; execute p using @a; deallocate prepare p; execute immediate 'x'",
    "set @a = 1, global b = 2, @@session.c := default, names utf8, character set x; set role none; set password = 'x'",
    "set session transaction read write, isolation level serializable; start transaction read only; commit and chain",
    "create table t (a int default (f(1)) check (b > 1), foreign key (c) references u (d)) as select 1; alter table t rename to u",
    "create procedure p() begin if a then select 1; end if; end; drop view v; rename table a to b; create index i on t ((a))",
    "load data local infile 'x' into table t fields terminated by ',' (a, @b) set c = 1; select 1 into outfile 'x'",
    "xa start 'a'; lock tables t read; kill 5; flush tables; call p(1); do 1; handler t open; use `x``y`; help 'z'",
    "grant select on t to u; create user x; select a from t for system_time as of now(), json_table('[]', '$' columns (a int path '$')) j",
    "select /*! straight_join */ a /*+ hint */ from t -- x\n where `b` = \"c\" # y\n and d = 'e\\'f' and x'41' = 0x41 and _utf8'g' = N'h'",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_have_effects(text in proptest::collection::vec(any::<u8>(), 0..300), ansi_quotes: bool, no_backslash_escapes: bool) {
        for server in [MysqlServer::Unknown, MysqlServer::Mariadb(101_119), MysqlServer::Mysql(80_404)] {
            let lexing = Lexing::Mysql { ansi_quotes, no_backslash_escapes, double_byte: true, server };
            for statement in &analyse(&text, lexing).statements {
                prop_assert_ne!(&statement.effects.basis, &Basis::Keywords);
            }
        }
    }

    #[test]
    fn parts_of_statements_put_together_have_effects(
        parts in proptest::collection::vec((0..CORPUS.len(), 0.0..1.0f64, 0.0..1.0f64), 1..6),
        odd in proptest::collection::vec((0.0..1.0f64, any::<u8>()), 0..4),
    ) {
        let mut text = Vec::new();
        for (which, from, to) in parts {
            let words: Vec<&str> = CORPUS[which].split_inclusive(' ').collect();
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]
            let place = |share: f64| (share * words.len() as f64) as usize;
            let (from, to) = (place(from).min(place(to)), place(from).max(place(to)));
            text.extend(words[from..=to.min(words.len() - 1)].concat().bytes());
            text.push(b' ');
        }
        for (share, byte) in odd {
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]
            let place = (share * text.len() as f64) as usize;
            text.insert(place.min(text.len()), byte);
        }
        for lexing in [MARIADB, MYSQL] {
            for statement in &analyse(&text, lexing).statements {
                let unjudged = matches!(statement.effects.basis, Basis::Unjudged(_));
                prop_assert!(unjudged || statement.effects.basis == Basis::Grammar);
                prop_assert!(!unjudged || statement.class == Class::Unknown);
            }
        }
    }

    /// Whatever stands before it: what a statement does at its end is seen, or the statement is not judged.
    #[test]
    fn what_acts_is_not_overlooked_behind_odd_words(
        acting in 0..ACTING.len(),
        noise in proptest::collection::vec(0..NOISE.len(), 0..5),
        place in 0.0..1.0f64,
    ) {
        let (before, after) = ACTING[acting];
        let words: Vec<&str> = before.split_inclusive(' ').collect();
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]
        let place = 1 + (place * (words.len() - 1) as f64) as usize;
        let noise: Vec<&str> = noise.into_iter().map(|one| NOISE[one]).collect();
        let text = format!("{}{} {}{after}", words[..place].concat(), noise.join(" "), words[place..].concat());
        for lexing in [MARIADB, MYSQL] {
            let found = analyse(text.as_bytes(), lexing).statements;
            let acts = |one: &Arc<Statement>| one.class != Class::Read || one.effects.marks.contains(Marks::LOCKS_ROWS);
            prop_assert!(found.iter().any(acts), "{text}: {found:?}");
        }
    }
}

/// Statements that do more than read by what stands at their end.
const ACTING: &[(&str, &str)] = &[
    ("select a , b from t where c = 1 group by d order by e limit 5 ", "into outfile '/tmp/x'"),
    ("select a , b from t where c = 1 group by d order by e limit 5 ", "into @x"),
    ("select a , b from t join u on t.a = u.a where c = 1 order by e ", "for update"),
    ("select a , b from t join u on t.a = u.a where c = 1 order by e ", "lock in share mode"),
    ("select a , b from t where c = 1 and d in (1, 2) or ", "f(1)"),
    ("select a , b from t where c = 1 and d in (1, 2) or ", "s.now()"),
    ("select a , b from t where c = 1 and d in (1, 2) or ", "@x := 1"),
    ("select a , b from t where c = 1 and d in (1, 2) or ", "next value for s"),
    ("select a , b from t where c = 1 and d in (1, 2) or ", "nextval(s)"),
    ("select a , b from t where c = 1 and d in (1, 2) or ", "load_file('/etc/passwd')"),
    ("select a , b from t where c = 1 and d in (1, 2) or ", "get_lock('a', 1)"),
    ("with x as (select 1 from y where z = 1) ", "delete from t where a = 1"),
    ("with x as (select 1 from y where z = 1) ", "update t set a = 1 where b = 1"),
];

const NOISE: &[&str] = &[
    "as x",
    "x",
    "`y`",
    "(select 1)",
    "(1)",
    ",",
    "'a'",
    "\"b\"",
    "distinct",
    "not",
    "- 1",
    "@z",
    "/* a */",
    "/*! b */",
    "interval 1 day",
    "case when 1 then 2 end",
    "is null",
    "in (1)",
    "like 'x'",
    "between 1 and 2",
    "and",
    "or",
    "union",
    "select",
    "from v",
    "where 1",
    "limit 1",
    "t.*",
    "count(*)",
    "over ()",
    "using (a)",
    "left join w",
    "{d 'x'}",
    "?",
    "rows",
    "window",
    "escape",
    "collate x",
    "with rollup",
    "row",
    "values (1)",
    "partition (p)",
    "use index (i)",
    "for",
    "into",
    "end",
    "::",
    "[",
    "\\N",
    ";",
];
