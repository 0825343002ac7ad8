//! What do hostile texts cost, and can any of them break the judgement?

use exchange::{Basis, Class};
use proptest::prelude::*;
use sql::{Lexing, analyse};
use std::time::{Duration, Instant};

/// A thread of the gateway has at least this.
const STACK_BYTES: usize = 2 * 1024 * 1024;

/// Far above what the largest of these texts take, far below what work that grows with the square would.
const TIME_MAX: Duration = Duration::from_secs(30);

/// Text at the limits: accepted, deep or long.
fn extremes() -> Vec<String> {
    let deep = 990;
    let long = 9_900;
    vec![
        "(".repeat(deep) + "select 1" + &")".repeat(deep),
        format!("select {}1{}", "(".repeat(deep), ")".repeat(deep)),
        format!("select {}1{}", "case when true then ".repeat(deep), " end".repeat(deep)),
        format!("select {}1{}", "array[".repeat(deep), "]".repeat(deep)),
        format!("select {}1{}", "lower(".repeat(deep), ")".repeat(deep)),
        format!("select * from {}select 1{}", "(select * from (".repeat(deep / 2), ") a) b".repeat(deep / 2)),
        format!("select 1 where {}true{}", "exists (select 1 where ".repeat(deep), ")".repeat(deep)),
        format!("{}select 1{}", "with a as (".repeat(deep), ") select 1".repeat(deep)),
        "select 1".to_owned() + &"+1".repeat(long),
        "select a".to_owned() + &" and a".repeat(long),
        "select ".to_owned() + &"not ".repeat(1_000) + "a",
        "select ".to_owned() + &"- ".repeat(1_000) + "a",
        "select 1".to_owned() + &"::int".repeat(long),
        "select 1".to_owned() + &" union select 1".repeat(long / 2),
        "select 1 from a".to_owned() + &" join b on true".repeat(long),
        "select a".to_owned() + &"[1]".repeat(long),
        "select (a)".to_owned() + &".b".repeat(long),
        "select a".to_owned() + &" collate \"C\"".repeat(long),
        "select a".to_owned() + &" is null".repeat(long),
        "select 1".to_owned() + &", (1)+(1)".repeat(80_000),
        "select 1".to_owned() + &"+(1)".repeat(200_000),
        format!("select 1 in (1{})", ", 1".repeat(400_000)),
        format!("values (1){}", ", (1)".repeat(200_000)),
        format!("select a{}", ", a".repeat(400_000)),
        format!("select * from t{}", ", t".repeat(50_000)),
        format!(
            "with {}a as (select 1) select 1{}",
            "b as (select * from b), ".repeat(20_000),
            " union select 1".repeat(2_000)
        ),
        "select 1;".repeat(10_000),
        "prepare p as select 1;".repeat(9_000),
        format!("select '{}'", "x''".repeat(500_000)),
        format!("select {}", "'a'\n".repeat(100_000)),
    ]
}

#[test]
fn texts_at_the_limits_need_no_more_than_a_small_stack() {
    let work = || {
        let begun = Instant::now();
        for text in extremes() {
            let analysis = analyse(text.as_bytes(), Lexing::default());
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

/// Statements with every kind of node, to be cut and put together.
const CORPUS: &[&str] = &[
    "select a, f(b) from t where c in (select d from u) group by e having g(h) order by i limit 5",
    "with recursive a as (select 1 union all select b from a) search depth first by b set c select * from a",
    "insert into t (a) values (1) on conflict (a) do update set b = excluded.b where t.c returning *",
    "update t set (a, b) = (select 1, 2) from u where t.c = u.c",
    "merge into t using u on t.a = u.a when matched then delete when not matched then insert values (1)",
    "select json_object('a': b), xmlelement(name c), x is json, cast(d as numeric(1, 2)), e::int[]",
    "explain (analyze, format json) select 1",
    "prepare p (int) as select $1; execute p(1); deallocate p",
    "declare c cursor for select 1; fetch 5 from c; close c",
    "set search_path = a, pg_catalog; select set_config('a', 'b', true); reset all",
    "create table t (a int references u, check (b > 1)); alter table t owner to x; drop table t",
    "create function f() returns int begin atomic select 1; end",
    "copy t (a) from stdin with (format csv); copy (select 1) to program 'x'",
    "begin read only; savepoint a; rollback to a; commit",
    "grant select on t to u; create role r; do $$ x $$; call p(1); vacuum t",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_have_effects(text in proptest::collection::vec(any::<u8>(), 0..300), on: bool) {
        let analysis = analyse(&text, Lexing::Postgres { standard_conforming_strings: on });
        for statement in &analysis.statements {
            prop_assert_ne!(&statement.effects.basis, &Basis::Keywords);
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
        for on in [true, false] {
            for statement in &analyse(&text, Lexing::Postgres { standard_conforming_strings: on }).statements {
                let unjudged = matches!(statement.effects.basis, Basis::Unjudged(_));
                prop_assert!(unjudged || statement.effects.basis == Basis::Grammar);
                prop_assert!(!unjudged || statement.class == Class::Unknown);
            }
        }
    }
}
