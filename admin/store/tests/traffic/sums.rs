//! Do sums stay true, whatever is rolled up, forgotten, told late or told twice?

use crate::harness;
use crate::{
    Dice, NOON, at, caller, counted, ids, introduce, name_of, plane, question, report, retain_all, roll_all,
    statement, take, top,
};
use admin_store::traffic::{
    Filter, Group, GroupBy, MINUTE_US, Measure, Range, Retention, Top, TrafficReader, fingerprint, roll_up,
};
use admin_store::{Store, listeners};
use control::{Caller, ErrorCount, Minute, Report, StatementCount, Sums};

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
