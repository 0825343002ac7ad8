//! What happened behind which listener of which data plane, and what of it is forgotten?

use crate::harness;
use crate::{
    NOON, at, caller, counted, ids, introduce, name_of, plane, question, report, retain_all, roll_all,
    statement, take, top,
};
use admin_store::traffic::{
    GroupBy, Measure, Range, RefusalFilter, Retention, SessionFilter, TrafficReader, events, of_text,
    refusals, refusals_by_rule, sessions,
};
use admin_store::{Store, listeners, planes};
use control::{
    Acknowledgement, ErrorCount, GatewayEvent, Latency, Minute, Refusal, Report, SessionEnd, SessionStart,
    Sums,
};

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
