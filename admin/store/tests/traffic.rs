//! Does the state tell of the traffic what the data planes told it, whatever happened in between?
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use admin_store::traffic::{
    ColumnUse, Filter, Group, GroupBy, JoinUse, MINUTE_US, Measure, Range, RefusalFilter, Retention, Search,
    SessionFilter, TableName, TableUse, Top, TopAnswer, TrafficReader, Usage, events, facts, fingerprint,
    ingest, newest, of_text, refusals, refusals_by_rule, retain, roll_up, sessions, set_usage, unanalysed,
};
use admin_store::{Store, StoreError, listeners, planes};
use control::{
    Acknowledgement, Caller, ErrorCount, GatewayEvent, Latency, ListenerState, Minute, PlaneState, Refusal,
    Report, SessionEnd, SessionStart, StatementCount, StatementText, Sums,
};
use std::collections::BTreeMap;

/// Noon of some day, in minutes since 1970.
const NOON: i64 = 20_000 * 1_440 + 720;

/// Pseudo-random numbers (xorshift64*): the same sequence in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % bound
    }

    fn sums(&mut self) -> Sums {
        let mut sums = Sums { refusals: self.below(3), errors: self.below(2), ..Sums::default() };
        for _ in 0..self.below(5) {
            let us = self.below(1 << 22);
            sums.calls += 1;
            sums.total_us += us;
            sums.latency.observe(us);
        }
        sums.rows = self.below(1_000);
        sums.bytes_in = self.below(500);
        sums.bytes_out = self.below(5_000);
        sums
    }
}

fn name_of(fingerprint: u64) -> String {
    format!("1-{fingerprint:016x}")
}

fn caller(number: u64) -> Caller {
    Caller {
        user: format!("user{number}"),
        database: "shop".to_owned(),
        application: format!("app{}", number % 2),
    }
}

fn report(number: u64) -> Report {
    Report { plane: "plane".to_owned(), start: "first".to_owned(), number, ..Report::default() }
}

fn at(minute: i64) -> i64 {
    minute * MINUTE_US
}

fn plane(listeners: &[(&str, &str)]) -> PlaneState {
    let listener = |(name, workspace): &(&str, &str)| ListenerState {
        name: (*name).to_owned(),
        workspace: (*workspace).to_owned(),
        protocol: "postgres".to_owned(),
        ..ListenerState::default()
    };
    PlaneState {
        plane: "plane".to_owned(),
        name: "host".to_owned(),
        version: "1".to_owned(),
        started_at_us: 7,
        listeners: listeners.iter().map(listener).collect(),
    }
}

async fn take(store: &Store, report: &Report, now: i64) -> admin_store::traffic::Ingested {
    let mut tx = store.write().await.unwrap();
    let ingested = ingest(&mut tx, report, now).await.unwrap();
    tx.commit().await.unwrap();
    ingested
}

async fn introduce(store: &Store, state: &PlaneState, now: i64) {
    let mut tx = store.write().await.unwrap();
    planes::upsert(&mut tx, state, now).await.unwrap();
    tx.commit().await.unwrap();
}

async fn roll_all(store: &Store, now: i64) -> (u64, u64) {
    let (mut hours, mut days) = (0, 0);
    loop {
        let mut tx = store.write().await.unwrap();
        let done = roll_up(&mut tx, now).await.unwrap();
        tx.commit().await.unwrap();
        hours += done.hours;
        days += done.days;
        if !done.more {
            return (hours, days);
        }
    }
}

async fn retain_all(store: &Store, now: i64, retention: &Retention) -> u64 {
    let mut removed = 0;
    loop {
        let mut tx = store.write().await.unwrap();
        let done = retain(&mut tx, now, retention).await.unwrap();
        tx.commit().await.unwrap();
        removed += done.removed;
        if !done.more {
            return removed;
        }
    }
}

async fn ids(store: &Store) -> BTreeMap<String, i64> {
    let mut tx = store.read().await.unwrap();
    let all = listeners::all(&mut tx).await.unwrap();
    all.into_iter().map(|listener| (listener.name, listener.id)).collect()
}

fn question(listeners: &[i64], range: Range, group_by: GroupBy, measure: Measure) -> Top {
    let listeners = listeners.to_vec();
    Top { range, listeners, filter: Filter::default(), group_by, measure, limit: 1_000, after: None }
}

async fn top(store: &Store, reader: &TrafficReader, top: &Top) -> TopAnswer {
    let mut tx = store.read().await.unwrap();
    reader.top(&mut tx, top).await.unwrap()
}

// ---- sums ----

/// What was told, added up without any thought: by listener, minute, fingerprint and caller; others have
/// no fingerprint.
type Naive = Vec<(String, i64, Option<(String, Caller)>, Sums)>;

fn naive_sums(told: &Naive, of: impl Fn(&str, i64, Option<&(String, Caller)>) -> bool) -> Sums {
    let mut all = Sums::default();
    for (listener, minute, who, sums) in told {
        if of(listener, *minute, who.as_ref()) {
            all.merge(sums);
        }
    }
    all
}

fn random_report(dice: &mut Dice, number: u64, now: i64, told: &mut Naive) -> Report {
    let mut report = report(number);
    for _ in 0..=dice.below(3) {
        // Mostly of now, sometimes late, at times very late.
        let late = match dice.below(6) {
            0 => dice.below(5 * 1_440),
            1 => dice.below(200),
            _ => dice.below(3),
        };
        let minute = now - i64::try_from(late).unwrap();
        let listener = if dice.below(2) == 0 { "one" } else { "two" };
        let mut part = Minute { listener: listener.to_owned(), minute, ..Minute::default() };
        for _ in 0..dice.below(5) {
            let (fingerprint, caller) = (name_of(dice.below(12)), caller(dice.below(4)));
            let sums = dice.sums();
            let who = Some((fingerprint.clone(), caller.clone()));
            told.push((listener.to_owned(), minute, who, sums.clone()));
            part.counts.push(StatementCount { fingerprint, caller, sums });
        }
        part.others = dice.sums();
        told.push((listener.to_owned(), minute, None, part.others.clone()));
        report.minutes.push(part);
    }
    report
}

/// Compares everything that can be asked of a range with the naive sums.
async fn check_range(store: &Store, reader: &TrafficReader, told: &Naive, range: Range) {
    let ids = ids(store).await;
    let all: Vec<i64> = ids.values().copied().collect();
    let answer = top(store, reader, &question(&all, range, GroupBy::Listener, Measure::Calls)).await;
    let (from, until) = (answer.covered.from / MINUTE_US, answer.covered.until / MINUTE_US);
    assert!(answer.covered.from <= range.from && range.until <= answer.covered.until, "{:?}", answer.covered);
    let inside = |minute: i64| from <= minute && minute < until;
    assert_eq!(answer.total, naive_sums(told, |_, minute, _| inside(minute)), "{:?}", answer.covered);
    let of_one = top(store, reader, &question(&[ids["one"]], range, GroupBy::Class, Measure::Calls)).await;
    assert_eq!(of_one.total, naive_sums(told, |listener, minute, _| listener == "one" && inside(minute)));

    let by_fingerprint = top(store, reader, &question(&all, range, GroupBy::Fingerprint, Measure::P95)).await;
    let mut tx = store.read().await.unwrap();
    for row in &by_fingerprint.rows {
        let Group::Fingerprint(id) = row.group else { panic!("{:?}", row.group) };
        let name = fingerprint(&mut tx, &all, id).await.unwrap().fingerprint;
        let expected =
            naive_sums(told, |_, minute, who| inside(minute) && who.is_some_and(|who| who.0 == name));
        assert_eq!(row.sums, expected, "{name}");
        assert_eq!(row.value, expected.latency.quantile(0.95).unwrap());
        // The hours of one fingerprint, whether they come from pages or from trends.
        let filter = Filter { fingerprint: Some(id), ..Filter::default() };
        check_series(store, reader, told, range, filter, |who| who.is_some_and(|who| who.0 == name)).await;
    }
    check_series(store, reader, told, range, Filter::default(), |_| true).await;
    let filter = Filter { user: Some("user1".to_owned()), ..Filter::default() };
    let is_user = |who: Option<&(String, Caller)>| who.is_some_and(|who| who.1.user == "user1");
    let by_user = Top { filter: filter.clone(), ..question(&all, range, GroupBy::User, Measure::Rows) };
    assert_eq!(
        top(store, reader, &by_user).await.total,
        naive_sums(told, |_, minute, who| inside(minute) && is_user(who))
    );
    check_series(store, reader, told, range, filter, is_user).await;
    drop(tx);
    for filter in [Filter::default(), Filter { user: Some("user1".to_owned()), ..Filter::default() }] {
        check_details(store, reader, told, range, filter).await;
    }
}

/// Compares what is told of the statements of a list with the naive sums.
async fn check_details(store: &Store, reader: &TrafficReader, told: &Naive, range: Range, filter: Filter) {
    let all: Vec<i64> = ids(store).await.into_values().collect();
    let asked = Top { filter: filter.clone(), ..question(&all, range, GroupBy::Fingerprint, Measure::Calls) };
    let listed = top(store, reader, &asked).await;
    let numbers: Vec<i64> = listed
        .rows
        .iter()
        .filter_map(|row| match row.group {
            Group::Fingerprint(id) => Some(id),
            _ => None,
        })
        .collect();
    let mut tx = store.read().await.unwrap();
    let details = reader.details(&mut tx, &all, range, &filter, &numbers).await.unwrap();
    assert_eq!(details.of.len(), numbers.len());
    let covered = listed.covered.from / MINUTE_US..listed.covered.until / MINUTE_US;
    for number in numbers {
        let detail = &details.of[&number];
        let name = fingerprint(&mut tx, &all, number).await.unwrap().fingerprint;
        let is_it = |who: Option<&(String, Caller)>| {
            who.is_some_and(|who| {
                who.0 == name && filter.user.as_ref().is_none_or(|user| *user == who.1.user)
            })
        };
        assert!(!detail.trend.is_empty() && detail.trend.len() <= 62, "{}", detail.trend.len());
        for step in &detail.trend {
            let minutes = step.at / MINUTE_US..step.at / MINUTE_US + details.step_minutes;
            // A filter by callers is told by whole days where the list is told by hours.
            let whole = details.step_minutes >= 1_440;
            let inside = |minute: i64| minutes.contains(&minute) && (whole || covered.contains(&minute));
            let expected = naive_sums(told, |_, minute, who| inside(minute) && is_it(who));
            assert_eq!(
                (step.calls, step.total_us, step.p95_us),
                (expected.calls, expected.total_us, expected.latency.quantile(0.95)),
                "{name} at {} by {} of {range:?}",
                step.at / MINUTE_US,
                details.step_minutes
            );
        }
        for (users, of) in [(&detail.users, 0), (&detail.applications, 1)] {
            for (called, calls) in &users.first {
                let expected = naive_sums(told, |_, minute, who| {
                    let by = |caller: &Caller| {
                        if of == 0 { &caller.user == called } else { &caller.application == called }
                    };
                    covered.contains(&minute) && is_it(who) && who.is_some_and(|who| by(&who.1))
                });
                assert_eq!(*calls, expected.calls, "{name} by {called}");
            }
            assert!(!users.first.is_empty() && users.first.len() <= 3);
        }
    }
}

async fn check_series(
    store: &Store,
    reader: &TrafficReader,
    told: &Naive,
    range: Range,
    filter: Filter,
    of: impl Fn(Option<&(String, Caller)>) -> bool,
) {
    let all: Vec<i64> = ids(store).await.into_values().collect();
    for step in [1, 60, 1_440] {
        let mut tx = store.read().await.unwrap();
        let series = reader.series(&mut tx, &all, range, &filter, step).await.unwrap();
        let covered = series.covered.from / MINUTE_US..series.covered.until / MINUTE_US;
        for point in &series.points {
            let step = point.at / MINUTE_US..point.at / MINUTE_US + series.step_minutes;
            let inside = |minute: i64| step.contains(&minute) && covered.contains(&minute);
            let expected = naive_sums(told, |_, minute, who| inside(minute) && of(who));
            assert_eq!(
                point.sums,
                expected,
                "{filter:?} at {} in {:?}",
                point.at / MINUTE_US,
                series.covered
            );
        }
    }
}

#[test]
fn any_sequence_of_reports_roll_ups_and_late_parts_adds_up_as_if_nothing_was_ever_rolled_up() {
    harness::each_backend(|store| async move {
        for seed in 1..=3_u64 {
            let store = Store::open(harness::fresh(store.backend())).await.unwrap();
            let mut dice = Dice(seed * 0x9e37_79b9);
            let mut told = Naive::new();
            let reader = TrafficReader::new(40_000);
            let retention = Retention { minutes_hours: 5, hours_days: 4, ..Retention::default() };
            introduce(&store, &plane(&[("one", "shop"), ("two", "shop")]), at(NOON)).await;
            let mut now = NOON;
            for number in 1..=60 {
                now += i64::try_from(dice.below(150)).unwrap();
                let report = random_report(&mut dice, number, now, &mut told);
                assert!(!take(&store, &report, at(now)).await.repeated);
                assert!(take(&store, &report, at(now)).await.repeated);
                match dice.below(4) {
                    0 => drop(roll_all(&store, at(now)).await),
                    1 => drop(retain_all(&store, at(now), &retention).await),
                    2 => {
                        // A process that ends in the midst of it.
                        let mut tx = store.write().await.unwrap();
                        roll_up(&mut tx, at(now)).await.unwrap();
                        drop(tx);
                    }
                    _ => {}
                }
                if number % 10 == 0 {
                    let lengths = [30, 600, 2 * 1_440, 3 * 1_440, 5 * 1_440, 20 * 1_440];
                    let length = lengths[usize::try_from(dice.below(6)).unwrap()];
                    let until = at(now - i64::try_from(dice.below(100)).unwrap()) + 1;
                    check_range(&store, &reader, &told, Range { from: until - at(length), until }).await;
                }
            }
            roll_all(&store, at(now + 3 * 1_440)).await;
            assert_eq!(roll_all(&store, at(now + 3 * 1_440)).await, (0, 0), "nothing is left to do");
            check_range(&store, &reader, &told, Range { from: at(NOON - 20 * 1_440), until: at(now + 1) })
                .await;
            // Whole days whose hours are kept: series by the hour come from trends.
            check_range(&store, &reader, &told, Range { from: at(now - 3 * 1_440), until: at(now) }).await;
            store.close().await;
        }
    });
}

#[test]
fn nodes_that_write_at_the_same_time_lose_nothing_and_give_each_statement_one_number() {
    harness::each_backend(|store| async move {
        let other = harness::another(&store).await;
        let write = async |store: &Store, plane: &str| {
            for number in 1..=8 {
                let statements =
                    (0..30).map(|n| statement("one", n, "read", "SELECT 1", &["orders"])).collect();
                let counts: Vec<(u64, u64, u64)> = (0..30).map(|n| (n, 2, 10)).collect();
                let minutes = vec![counted("one", NOON, &counts)];
                let told = Report { plane: plane.to_owned(), statements, minutes, ..report(number) };
                take(store, &told, at(NOON)).await;
            }
        };
        // `first` is told by both: as it is by a node that did not hear that it was taken.
        let rolls = async {
            for _ in 0..5 {
                roll_all(&store, at(NOON + 100)).await;
            }
        };
        tokio::join!(write(&store, "first"), write(&other, "first"), write(&other, "second"), rolls);
        roll_all(&store, at(NOON + 2 * 1_440)).await;
        let mut tx = other.read().await.unwrap();
        let all: Vec<i64> =
            listeners::all(&mut tx).await.unwrap().iter().map(|listener| listener.id).collect();
        assert_eq!(all.len(), 2, "one of each plane");
        let reader = TrafficReader::default();
        let range = Range { from: at(NOON), until: at(NOON + 1) };
        let asked = question(&all, range, GroupBy::Fingerprint, Measure::Calls);
        let answer = reader.top(&mut tx, &asked).await.unwrap();
        assert_eq!((answer.rows.len(), answer.total.calls), (30, 2 * 8 * 30 * 2));
        let heat = reader.heatmap(&mut tx, &all, range, &Filter::default()).await.unwrap();
        let calls: Vec<u64> = heat.points.iter().map(|point| point.sums.calls).collect();
        assert_eq!((calls.len(), calls[12]), (24, 960));
        drop(tx);
        other.close().await;
    });
}

#[test]
fn what_exceeds_a_page_is_summed_and_hours_and_days_keep_those_that_took_most_time() {
    harness::each_backend(|store| async move {
        let mut naive = Sums::default();
        for part in 0..3_u64 {
            let mut minute = Minute { listener: "one".to_owned(), minute: NOON, ..Minute::default() };
            for n in 0..900_u64 {
                let mut sums = Sums { calls: 1, total_us: part * 900 + n, ..Sums::default() };
                sums.latency.observe(part * 900 + n);
                naive.merge(&sums);
                let fingerprint = name_of(part * 900 + n);
                minute.counts.push(StatementCount { fingerprint, caller: caller(1), sums });
                let sqlstate = if n % 2 == 0 { "23505" } else { "42P01" };
                let fingerprint = name_of(part * 900 + n);
                minute.errors.push(ErrorCount { sqlstate: sqlstate.to_owned(), fingerprint, count: n + 1 });
            }
            take(&store, &Report { minutes: vec![minute], ..report(part + 1) }, at(NOON)).await;
        }
        let reader = TrafficReader::default();
        let ids: Vec<i64> = ids(&store).await.into_values().collect();
        for rolled in [false, true] {
            let range = Range { from: at(NOON), until: at(NOON + 1) };
            let asked = question(&ids, range, GroupBy::Fingerprint, Measure::TotalUs);
            let answer = top(&store, &reader, &asked).await;
            assert_eq!(answer.total, naive, "sums stay true");
            assert_eq!(answer.rows.len(), 1_000);
            assert_eq!(answer.rows.iter().map(|row| row.value).min(), Some(1_700), "the longest are kept");
            let mut tx = store.read().await.unwrap();
            let errors = reader.errors(&mut tx, &ids, range, &Filter::default()).await.unwrap();
            let counted: u64 = errors.rows.iter().map(|row| row.count).sum();
            assert_eq!(counted + errors.others, 3 * (1..=900_u64).sum::<u64>());
            assert_eq!(errors.rows.len(), 2);
            drop(tx);
            // Pages of a cursor are the whole list.
            let mut paged = Vec::new();
            let mut after = None;
            loop {
                let answer = top(&store, &reader, &Top { limit: 333, after, ..asked.clone() }).await;
                paged.extend(answer.rows);
                after = answer.next;
                if after.is_none() {
                    break;
                }
            }
            assert_eq!(paged, answer.rows);
            if !rolled {
                assert_eq!(roll_all(&store, at(NOON + 2 * 1_440)).await, (1, 1));
            }
        }
    });
}

// ---- statements ----

fn statement(listener: &str, number: u64, class: &str, text: &str, tables: &[&str]) -> StatementText {
    StatementText {
        listener: listener.to_owned(),
        fingerprint: name_of(number),
        text: text.to_owned(),
        class: class.to_owned(),
        tables: tables.iter().map(|table| (*table).to_owned()).collect(),
    }
}

fn counted(listener: &str, minute: i64, numbers: &[(u64, u64, u64)]) -> Minute {
    let count = |(number, calls, us): &(u64, u64, u64)| {
        let mut latency = Latency::default();
        (0..*calls).for_each(|_| latency.observe(*us));
        let sums = Sums { calls: *calls, total_us: calls * us, latency, ..Sums::default() };
        StatementCount { fingerprint: name_of(*number), caller: caller(1), sums }
    };
    let counts = numbers.iter().map(count).collect();
    Minute { listener: listener.to_owned(), minute, counts, ..Minute::default() }
}

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

// ---- planes, listeners, and what happened ----

#[test]
fn planes_and_listeners_are_kept_apart_and_the_past_stays_with_whom_it_belonged_to() {
    harness::each_backend(|store| async move {
        // Traffic of a listener nobody has told of is kept, and is the workspace's when it is told.
        take(&store, &Report { minutes: vec![counted("one", NOON, &[(1, 5, 10)])], ..report(1) }, at(NOON))
            .await;
        let one = ids(&store).await["one"];
        introduce(&store, &plane(&[("one", "shop")]), at(NOON)).await;
        let mut other = plane(&[("one", "bank")]);
        other.plane = "other".to_owned();
        introduce(&store, &other, at(NOON + 1)).await;
        let mut tx = store.read().await.unwrap();
        let shop = listeners::of_workspace(&mut tx, "shop").await.unwrap();
        assert_eq!((shop.len(), shop[0].id, shop[0].present), (1, one, true));
        let bank = listeners::of_workspace(&mut tx, "bank").await.unwrap();
        assert!(bank[0].id != one && bank[0].name == "one");
        drop(tx);
        // The listener moves: what it told before is not seen by its new owner.
        introduce(&store, &plane(&[("one", "bank")]), at(NOON + 2)).await;
        let minutes = vec![counted("one", NOON + 2, &[(1, 7, 10)])];
        let acknowledgement = Some(Acknowledgement { version: 3, problems: vec!["no".to_owned()] });
        take(&store, &Report { minutes, acknowledgement, untold: 4, ..report(2) }, at(NOON + 3)).await;
        let reader = TrafficReader::default();
        let range = Range { from: at(NOON - 5), until: at(NOON + 5) };
        let mut tx = store.read().await.unwrap();
        for (workspace, calls) in [("shop", 5), ("bank", 7)] {
            let ids: Vec<i64> =
                listeners::of_workspace(&mut tx, workspace).await.unwrap().iter().map(|l| l.id).collect();
            let answer = reader
                .top(&mut tx, &question(&ids, range, GroupBy::Fingerprint, Measure::Calls))
                .await
                .unwrap();
            assert_eq!(answer.total.calls, calls, "{workspace}");
        }
        let told = planes::one(&mut tx, "plane").await.unwrap();
        assert_eq!((told.snapshot, told.untold, told.problems), (3, 4, vec!["no".to_owned()]));
        assert_eq!(planes::all(&mut tx).await.unwrap().len(), 2);
    });
}

fn session_start(number: i64) -> SessionStart {
    SessionStart {
        session: format!("session-{number}"),
        listener: "one".to_owned(),
        at_us: at(NOON + number),
        caller: caller(u64::try_from(number % 2).unwrap()),
        address: "127.0.0.1:1".to_owned(),
        tls: String::new(),
    }
}

fn refusal(number: i64, rule: &str) -> Refusal {
    Refusal {
        listener: "one".to_owned(),
        session: format!("session-{number}"),
        at_us: at(NOON + number),
        caller: caller(u64::try_from(number % 2).unwrap()),
        fingerprint: name_of(u64::try_from(number).unwrap()),
        class: "write".to_owned(),
        verdict: "refuse".to_owned(),
        rule: rule.to_owned(),
        sqlstate: "42501".to_owned(),
    }
}

/// Five sessions of which one has ended, six refusals, three events.
fn eventful() -> Report {
    let end = SessionEnd {
        session: "session-1".to_owned(),
        at_us: at(NOON + 9),
        cause: "client closed".to_owned(),
        bytes_in: 10,
        bytes_out: 20,
    };
    let event = |number: i64, listener: &str| GatewayEvent {
        at_us: at(NOON + number),
        event: "policy.changed".to_owned(),
        listener: listener.to_owned(),
        note: "two rules".to_owned(),
    };
    Report {
        session_starts: (0..5).rev().map(session_start).collect(),
        session_ends: vec![end],
        refusals: (0..6).map(|n| refusal(n, if n < 4 { "floor/no writes" } else { "" })).collect(),
        events: vec![event(1, "one"), event(2, ""), event(3, "one")],
        ..report(1)
    }
}

async fn listed(store: &Store, listener: i64, filter: &SessionFilter) -> Vec<String> {
    let mut tx = store.read().await.unwrap();
    let (mut names, mut after) = (Vec::new(), None);
    loop {
        let page = sessions(&mut tx, &[listener], filter, after, 2).await.unwrap();
        names.extend(page.items.into_iter().map(|session| session.session));
        after = page.next;
        if after.is_none() {
            return names;
        }
    }
}

#[test]
fn sessions_end_with_their_plane_and_are_listed_by_when_they_began() {
    harness::each_backend(|store| async move {
        take(&store, &eventful(), at(NOON + 9)).await;
        let one = ids(&store).await["one"];
        let live = SessionFilter { live: Some(true), ..SessionFilter::default() };
        assert_eq!(listed(&store, one, &live).await, ["session-4", "session-3", "session-2", "session-0"]);
        let user = SessionFilter {
            user: Some("user0".to_owned()),
            before: Some(at(NOON + 4)),
            ..SessionFilter::default()
        };
        assert_eq!(listed(&store, one, &user).await, ["session-2", "session-0"]);
        let past = SessionFilter { live: Some(false), ..SessionFilter::default() };
        assert_eq!(listed(&store, one, &past).await, ["session-1"]);
        // The plane starts anew: its sessions are gone. A late word of the old start changes that no more.
        let anew = Report { start: "second".to_owned(), session_starts: vec![session_start(6)], ..report(1) };
        take(&store, &anew, at(NOON + 10)).await;
        assert_eq!(listed(&store, one, &live).await, ["session-6"]);
        let late = Report { session_starts: vec![session_start(5)], ..report(2) };
        take(&store, &late, at(NOON + 11)).await;
        assert_eq!(listed(&store, one, &live).await, ["session-6"]);
        assert_eq!(listed(&store, one, &past).await.len(), 6);

        retain_all(&store, at(NOON + 20), &Retention { events_max: 3, ..Retention::default() }).await;
        let all = SessionFilter::default();
        assert_eq!(listed(&store, one, &all).await, ["session-6", "session-5", "session-4"]);
        retain_all(&store, at(NOON + 40 * 1_440), &Retention::default()).await;
        assert_eq!(listed(&store, one, &all).await, ["session-6"], "a session that lives is kept");
        // Reports that are forgotten are still not taken again.
        assert!(take(&store, &eventful(), at(NOON + 41 * 1_440)).await.repeated);
    });
}

#[test]
fn refusals_and_events_are_listed_by_when_they_happened_and_forgotten() {
    harness::each_backend(|store| async move {
        take(&store, &eventful(), at(NOON + 9)).await;
        let one = ids(&store).await["one"];
        let mut tx = store.read().await.unwrap();
        let floor = RefusalFilter { rule: Some("floor/no writes".to_owned()), ..RefusalFilter::default() };
        let page = refusals(&mut tx, &[one], &floor, None, 3).await.unwrap();
        let times: Vec<i64> = page.items.iter().map(|one| one.at).collect();
        assert_eq!(times, [at(NOON + 3), at(NOON + 2), at(NOON + 1)]);
        let rest = refusals(&mut tx, &[one], &floor, page.next, 3).await.unwrap();
        assert_eq!((rest.items.len(), rest.next), (1, None));
        let narrow = RefusalFilter {
            rule: Some(String::new()),
            user: Some("user1".to_owned()),
            verdict: Some("refuse".to_owned()),
            range: Some(Range { from: at(NOON + 4), until: at(NOON + 6) }),
            ..RefusalFilter::default()
        };
        let found = refusals(&mut tx, &[one], &narrow, None, 10).await.unwrap().items;
        assert_eq!(
            (found.len(), found[0].session.as_str(), found[0].caller.clone()),
            (1, "session-5", caller(1))
        );
        let range = Range { from: at(NOON), until: at(NOON + 1) };
        let counts = refusals_by_rule(&mut tx, &[one], range).await.unwrap();
        let counts: Vec<(&str, u64)> = counts.iter().map(|one| (one.rule.as_str(), one.refusals)).collect();
        assert_eq!(counts, [("floor/no writes", 4), ("", 2)]);
        assert_eq!(events(&mut tx, &[one], false, None, 10).await.unwrap().items.len(), 2);
        assert_eq!(events(&mut tx, &[one], true, None, 10).await.unwrap().items[1].listener, None);
        drop(tx);

        retain_all(&store, at(NOON + 40 * 1_440), &Retention::default()).await;
        let mut tx = store.read().await.unwrap();
        assert!(
            refusals(&mut tx, &[one], &RefusalFilter::default(), None, 5).await.unwrap().items.is_empty()
        );
        assert!(events(&mut tx, &[one], true, None, 10).await.unwrap().items.is_empty());
        drop(tx);
        retain_all(&store, at(NOON + 500 * 1_440), &Retention::default()).await;
        let mut tx = store.read().await.unwrap();
        let forgotten = of_text(&mut tx, &name_of(1)).await.unwrap();
        assert_eq!(forgotten, None, "nobody asked it for longer than days are kept");
    });
}

#[test]
fn what_no_sender_can_have_counted_neither_ends_the_program_nor_stops_the_reports() {
    harness::each_backend(|store| async move {
        let mut minute = counted("one", i64::MAX, &[(1, 1, 1)]);
        let sums = Sums { calls: u64::MAX, total_us: u64::MAX, rows: u64::MAX, ..Sums::default() };
        let latency = Latency::from_steps([(3, u64::MAX), (7, u64::MAX)], 7);
        minute.counts[0].sums = Sums { latency, ..sums.clone() };
        minute.others = sums;
        minute.errors =
            vec![ErrorCount { sqlstate: "\0".repeat(99), fingerprint: String::new(), count: u64::MAX }];
        let past = Minute { minute: i64::MIN, ..minute.clone() };
        let mut start = session_start(1);
        start.at_us = i64::MIN;
        start.session = "é\0".repeat(4_000);
        start.caller.application = "\0".repeat(4_000);
        let statements = vec![statement("\0", 1, "\0", "\0", &["\0", "."])];
        let bad = Report {
            statements,
            minutes: vec![minute.clone(), past, minute],
            session_starts: vec![start],
            refusals: vec![refusal(1, &"\0".repeat(4_000))],
            untold: u64::MAX,
            ..report(u64::MAX)
        };
        for n in 0..3 {
            take(&store, &Report { number: u64::MAX - 1 - n * 1_000_000, ..bad.clone() }, at(NOON)).await;
        }
        roll_all(&store, at(NOON + 3 * 1_440)).await;
        let ids: Vec<i64> = ids(&store).await.into_values().collect();
        let reader = TrafficReader::default();
        let range = Range { from: i64::MIN, until: i64::MAX };
        top(&store, &reader, &question(&ids, range, GroupBy::Fingerprint, Measure::Mean)).await;
        let range = Range { from: at(NOON), until: at(NOON + 1) };
        let answer = top(&store, &reader, &question(&ids, range, GroupBy::Fingerprint, Measure::Mean)).await;
        assert!(answer.total.calls > 1 << 40);
    });
}
