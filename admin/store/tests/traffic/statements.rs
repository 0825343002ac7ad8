//! Which statements are found, what is known of them, and which became slow?

use crate::harness;
use crate::{NOON, at, counted, ids, introduce, name_of, plane, question, report, roll_all, statement, take};
use admin_store::traffic::{
    ColumnUse, Filter, Group, GroupBy, JoinUse, Measure, Range, Search, TableName, TableUse, TrafficReader,
    Usage, facts, fingerprint, newest, of_text, set_usage, unanalysed,
};
use admin_store::{Store, StoreError};
use control::{Report, StatementText};

async fn found(store: &Store, reader: &TrafficReader, listeners: &[i64], filter: Filter) -> Vec<String> {
    let mut names = Vec::new();
    let mut search = Search { listeners: listeners.to_vec(), filter, after: None, limit: 2 };
    loop {
        let mut tx = store.read().await.unwrap();
        let page = reader.search(&mut tx, &search).await.unwrap();
        names.extend(page.items.into_iter().map(|found| found.text.unwrap_or_default()));
        search.after = page.next;
        if search.after.is_none() {
            return names;
        }
    }
}

const TEXTS: [(&str, &str, &[&str]); 4] = [
    (
        "read",
        "SELECT o.total FROM orders o JOIN customers c ON c.id = o.customer_id",
        &["orders", "customers"],
    ),
    ("write", "UPDATE public.orders SET total = $1", &["public.orders"]),
    ("read", "SELECT 1", &[]),
    ("ddl", "DROP TABLE orders", &["orders"]),
];

#[test]
fn statements_are_found_by_words_tables_and_class_and_only_by_those_who_see_their_listener() {
    harness::each_backend(|store| async move {
        introduce(&store, &plane(&[("one", "shop"), ("two", "bank")]), at(NOON)).await;
        let reader = TrafficReader::default();
        let ids = ids(&store).await;
        let (one, two) = (ids["one"], ids["two"]);
        // Counts may come before the text does.
        let minutes = vec![counted("one", NOON, &[(0, 3, 100), (1, 2, 100), (9, 1, 100)])];
        take(&store, &Report { minutes, ..report(1) }, at(NOON)).await;
        assert_eq!(found(&store, &reader, &[one], Filter::default()).await, ["", "", ""]);
        let mut statements: Vec<StatementText> = (0_u64..)
            .zip(TEXTS)
            .map(|(number, (class, text, tables))| statement("one", number, class, text, tables))
            .collect();
        statements.push(statement(
            "two",
            77,
            "read",
            "SELECT secret FROM orders WHERE a = '\0'",
            &["orders"],
        ));
        take(&store, &Report { statements, ..report(2) }, at(NOON + 1)).await;

        let words = |words: &str| Filter { words: Some(words.to_owned()), ..Filter::default() };
        let by = |number: usize| TEXTS[number].1.to_owned();
        assert_eq!(found(&store, &reader, &[one], words("ord TOTAL")).await, [by(1), by(0)]);
        assert_eq!(found(&store, &reader, &[one], words("secret")).await, [""; 0]);
        assert_eq!(found(&store, &reader, &[two], words("secret")).await.len(), 1);
        assert_eq!(found(&store, &reader, &[one], words(&name_of(3))).await, [by(3)]);
        let class = Filter { class: Some("ddl".to_owned()), ..Filter::default() };
        assert_eq!(found(&store, &reader, &[one], class).await, [by(3)]);
        let table = |schema: Option<&str>, name: &str| Filter {
            table: Some(TableName { schema: schema.map(str::to_owned), name: name.to_owned() }),
            ..Filter::default()
        };
        assert_eq!(found(&store, &reader, &[one], table(None, "orders")).await, [by(3), by(1), by(0)]);
        assert_eq!(found(&store, &reader, &[one], table(Some("bank"), "orders")).await, [by(3), by(0)]);
        assert_eq!(found(&store, &reader, &[], table(None, "orders")).await, [""; 0]);

        let mut tx = store.read().await.unwrap();
        let newest_two = newest(&mut tx, &[one], 2).await.unwrap();
        assert_eq!(
            newest_two.iter().map(|found| found.fingerprint.clone()).collect::<Vec<_>>(),
            [name_of(3), name_of(2)]
        );
        let foreign = of_text(&mut tx, &name_of(77)).await.unwrap().unwrap();
        let error = fingerprint(&mut tx, &[one], foreign).await.unwrap_err();
        assert!(matches!(error, StoreError::Missing("fingerprint")), "{error}");
        drop(tx);
        facts_come_from_usage(&store, &reader, one).await;
    });
}

async fn facts_come_from_usage(store: &Store, reader: &TrafficReader, listener: i64) {
    let orders = TableName { schema: Some("public".to_owned()), name: "orders".to_owned() };
    let customers = TableName { schema: Some("public".to_owned()), name: "customers".to_owned() };
    let mut tx = store.write().await.unwrap();
    let waiting = unanalysed(&mut tx, 100).await.unwrap();
    assert_eq!(waiting.len(), 5, "one has no text yet");
    let join = waiting.iter().find(|one| one.text == TEXTS[0].1).unwrap();
    assert_eq!(join.listener, Some(listener));
    let uses = |table: &TableName| TableUse { table: table.clone(), reads: true, writes: false };
    let column = ColumnUse { table: orders.clone(), column: "total".to_owned(), reads: true, writes: false };
    let joined = JoinUse {
        left: customers.clone(),
        left_column: "id".to_owned(),
        right: orders.clone(),
        right_column: "customer_id".to_owned(),
    };
    let usage = Usage {
        tables: vec![uses(&orders), uses(&customers)],
        columns: vec![column.clone(), column],
        joins: vec![joined.clone()],
        more: serde_json::Value::Null,
    };
    set_usage(&mut tx, &[(join.id, usage.clone())]).await.unwrap();
    tx.commit().await.unwrap();

    let mut tx = store.read().await.unwrap();
    let found = fingerprint(&mut tx, &[listener], join.id).await.unwrap();
    assert_eq!(found.usage, Some(usage));
    let range = Range { from: at(NOON - 1_440), until: at(NOON + 2) };
    let known = facts(reader, &mut tx, &[listener], &orders, range).await.unwrap();
    assert_eq!((known.reads, known.writes), (3, 2));
    assert_eq!(known.readers.iter().map(|one| one.sums.calls).collect::<Vec<_>>(), [3, 2, 0]);
    assert_eq!(known.readers[0].last_seen_at, at(NOON + 1));
    assert_eq!(known.columns.len(), 1);
    assert_eq!((known.columns[0].column.as_str(), known.columns[0].reads), ("total", 3));
    assert_eq!(
        (known.joins[0].join.clone(), known.joins[0].calls, known.joins[0].fingerprints),
        (joined, 3, 1)
    );
    let by_table =
        reader.top(&mut tx, &question(&[listener], range, GroupBy::Table, Measure::Calls)).await.unwrap();
    let group = |at: usize| by_table.rows[at].group.clone();
    assert!((0..3).any(|at| group(at) == Group::Table(customers.clone())), "{by_table:?}");
    let foreign = facts(reader, &mut tx, &[listener + 100], &orders, range).await.unwrap();
    assert!(foreign.readers.is_empty() && foreign.joins.is_empty() && foreign.columns.is_empty());
}

#[test]
fn what_became_slow_is_told_and_by_how_much() {
    harness::each_backend(|store| async move {
        let reader = TrafficReader::default();
        let day = 1_440;
        let mut number = 0;
        for back in (1..=3).rev() {
            number += 1;
            let minutes =
                vec![counted("one", NOON - back * day, &[(1, 20, 1_000), (2, 20, 1_000), (3, 1, 10)])];
            take(&store, &Report { minutes, ..report(number) }, at(NOON - back * day)).await;
        }
        roll_all(&store, at(NOON)).await;
        let minutes = vec![counted("one", NOON + 10, &[(1, 20, 8_000), (2, 20, 900), (3, 1, 10_000)])];
        take(&store, &Report { minutes, ..report(number + 1) }, at(NOON + 10)).await;
        let ids: Vec<i64> = ids(&store).await.into_values().collect();
        let mut tx = store.read().await.unwrap();
        let slower = reader.slower(&mut tx, &ids, at(NOON + 31), 10, 5).await.unwrap();
        assert_eq!(slower.len(), 1, "{slower:?}");
        assert_eq!((slower[0].calls, slower[0].before_calls), (20, 60));
        assert!((7.0..9.0).contains(&slower[0].ratio), "{slower:?}");
        assert_eq!(Some(slower[0].fingerprint), of_text(&mut tx, &name_of(1)).await.unwrap());
    });
}
