//! Is everything kept as long as the settings say, gone after that, and told so?
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use admin::http::timestamp::Timestamp;
use admin::plane::App;
use admin::retention::{Period, Retention};
use admin::settings::Settings;
use admin::{app::runs::look_after, background, housekeeping, notices};
use admin_store::invitations::{self, NewInvitation};
use admin_store::members::Role;
use admin_store::notices::NewNotice;
use admin_store::runs::{self, NewRun, RunFilter, RunState};
use admin_store::tokens::{self, NewToken};
use admin_store::traffic::{self, RefusalFilter, SessionFilter, ingest, refusals, roll_up, sessions};
use admin_store::{Id, connections, listeners, now_us, planes, users, workspaces};
use control::{
    Caller, ListenerState, Minute, PlaneState, Refusal, Report, SessionEnd, SessionStart, StatementCount,
    Sums,
};
use harness::{Plane, each_backend};
use serde_json::{Value, json};

const HOUR: i64 = 3_600_000_000;
const DAY: i64 = 24 * HOUR;
const MINUTE: i64 = 60_000_000;

/// A time of its own for each kind of thing.
fn short(settings: &mut Settings) {
    settings.retention = Retention {
        traffic: traffic::Retention {
            minutes_hours: 6,
            hours_days: 1,
            days_days: 3,
            events_days: 2,
            ..traffic::Retention::default()
        },
        runs: Period::Days(5),
        notices: Period::Days(7),
        activity: Period::Days(31),
        tokens: Period::Days(8),
        invitations: Period::Days(9),
        connection_usage: Period::Days(10),
    };
}

fn caller() -> Caller {
    Caller { user: "shop_app".to_owned(), database: "shop".to_owned(), application: String::new() }
}

/// Of each thing one at each of these times.
fn report(times: &[i64]) -> Report {
    let mut report =
        Report { plane: "one".to_owned(), start: "s".to_owned(), number: 1, ..Report::default() };
    for (number, at) in times.iter().enumerate() {
        let (listener, fingerprint) = ("shop".to_owned(), format!("1-{number:016x}"));
        let session = format!("01990000-0000-7000-8000-{number:012}");
        let counts = vec![StatementCount {
            fingerprint: fingerprint.clone(),
            caller: caller(),
            sums: Sums { calls: 1, total_us: 5, ..Sums::default() },
        }];
        report.minutes.push(Minute {
            listener: listener.clone(),
            minute: at / MINUTE,
            counts,
            ..Minute::default()
        });
        report.session_starts.push(SessionStart {
            session: session.clone(),
            listener: listener.clone(),
            at_us: *at,
            caller: caller(),
            address: "127.0.0.1:5000".to_owned(),
            tls: String::new(),
        });
        report.session_ends.push(SessionEnd {
            session: session.clone(),
            at_us: at + 1,
            cause: "client".to_owned(),
            bytes_in: 0,
            bytes_out: 0,
        });
        report.refusals.push(Refusal {
            listener,
            session,
            at_us: *at,
            caller: caller(),
            fingerprint,
            class: "write".to_owned(),
            verdict: "refuse".to_owned(),
            rule: "production/every-row".to_owned(),
            sqlstate: "42501".to_owned(),
        });
    }
    report
}

async fn take(app: &App, report: &Report, now: i64) {
    let mut tx = app.store.write().await.unwrap();
    let listener = ListenerState {
        name: "shop".to_owned(),
        protocol: "postgres".to_owned(),
        workspace: "default".to_owned(),
        ..ListenerState::default()
    };
    let state = PlaneState {
        plane: "one".to_owned(),
        name: "one".to_owned(),
        listeners: vec![listener],
        ..PlaneState::default()
    };
    planes::upsert(&mut tx, &state, now).await.unwrap();
    ingest(&mut tx, report, now).await.unwrap();
    tx.commit().await.unwrap();
}

/// Adds up what there is, and removes what is kept no longer.
async fn retained(app: &App, now: i64) {
    loop {
        let mut tx = app.store.write().await.unwrap();
        let done = roll_up(&mut tx, now).await.unwrap();
        tx.commit().await.unwrap();
        if !done.more {
            break;
        }
    }
    while background::retain(app, now).await.unwrap() {}
}

/// Sessions and refusals that there are.
async fn events(app: &App) -> (usize, usize) {
    let mut tx = app.store.read().await.unwrap();
    let listener = listeners::all(&mut tx).await.unwrap()[0].id;
    let sessions = sessions(&mut tx, &[listener], &SessionFilter::default(), None, 100).await.unwrap();
    let refusals = refusals(&mut tx, &[listener], &RefusalFilter::default(), None, 100).await.unwrap();
    (sessions.items.len(), refusals.items.len())
}

/// How many calls are known of a minute, and to what it was widened.
async fn minute(root: &harness::Caller, at: i64) -> (Value, Value) {
    let (from, until) = (Timestamp(at - at % MINUTE), Timestamp(at - at % MINUTE + MINUTE));
    let path = format!("/api/v1/workspaces/default/traffic/top?from={from}&until={until}");
    let told = root.get(&path).await.expect(200);
    (told["total"]["calls"].clone(), told["covered"]["resolution"].clone())
}

#[test]
fn traffic_is_kept_as_long_as_is_set() {
    each_backend(|backend| async move {
        let plane = Plane::start(backend).await;
        let root = plane.set_up().await;
        let now = now_us();
        let times = [now - HOUR, now - 10 * HOUR, now - 60 * HOUR, now - 10 * DAY];
        take(plane.plane.app(), &report(&times), now).await;
        retained(plane.plane.app(), now).await;
        assert_eq!(events(plane.plane.app()).await, (4, 4), "nothing is as old as is usual");
        let one_of = |resolution: &str| (json!(1), json!(resolution));
        for (at, resolution) in times.into_iter().zip(["minute", "minute", "hour", "hour"]) {
            assert_eq!(minute(&root, at).await, one_of(resolution));
        }

        let plane = plane.restart_with(short).await;
        let root = plane.nobody().sign_in("root@example.com", harness::PASSWORD).await;
        retained(plane.plane.app(), now).await;
        assert_eq!(events(plane.plane.app()).await, (2, 2));
        for (at, resolution) in times.into_iter().zip(["minute", "hour", "day"]) {
            assert_eq!(minute(&root, at).await.1, json!(resolution));
        }
        assert_eq!(minute(&root, times[0]).await.0, json!(1));
        assert_eq!(minute(&root, times[2]).await.0, json!(1), "days are longer kept");
        assert_eq!(minute(&root, times[3]).await, (json!(0), json!("day")), "and not for ever");
        let known = async || {
            let mut tx = plane.plane.app().store.read().await.unwrap();
            traffic::of_text(&mut tx, "1-0000000000000000").await.unwrap().is_some()
        };
        retained(plane.plane.app(), now + 2 * DAY).await;
        assert!(known().await, "a day that it was called on is still kept");
        retained(plane.plane.app(), now + 4 * DAY + 1).await;
        assert!(!known().await);
        plane.stop().await;
    });
}

/// Who owns what, and where.
struct Scene {
    user: Id,
    workspace: Id,
    connection: Id,
}

/// Of each thing one that ends, or ended, at `at`.
async fn fill(app: &App, scene: &Scene, at: i64) {
    let mut tx = app.store.write().await.unwrap();
    let Scene { user, workspace, connection } = *scene;
    let hash = |kind: u8| [&[kind][..], &at.to_be_bytes()].concat();
    let token = NewToken {
        user,
        workspace: None,
        name: "old",
        prefix: "drg_",
        secret_hash: &hash(1),
        scopes: &[],
        expires_at: Some(at),
    };
    tokens::create(&mut tx, &token).await.unwrap();
    let revoked = NewToken { secret_hash: &hash(2), expires_at: None, ..token };
    let revoked = tokens::create(&mut tx, &revoked).await.unwrap();
    tokens::revoke(&mut tx, user, revoked.id, at).await.unwrap();
    let good = NewToken { secret_hash: &hash(3), expires_at: None, name: "good", ..token };
    tokens::create(&mut tx, &good).await.unwrap();
    let email = format!("{at}@example.com");
    let invitation = NewInvitation {
        workspace,
        email: &email,
        role: Role::Viewer,
        secret_hash: &hash(4),
        invited_by: user,
        expires_at: at,
    };
    invitations::create(&mut tx, &invitation).await.unwrap();
    let used = connections::Used { queries: 1, rows: 1, bytes: 1 };
    connections::add_usage(&mut tx, connection, at, used).await.unwrap();
    let run = NewRun {
        id: Id::new(),
        workspace,
        connection,
        user,
        saved_query: None,
        text: "SELECT 1",
        verdict: "refuse",
        state: RunState::Refused,
        started_at: at,
    };
    runs::begin(&mut tx, run).await.unwrap();
    let notice = NewNotice {
        workspace,
        kind: "rules_published",
        key: &email,
        at,
        title: "t",
        detail: "",
        target: ("rule_set", "own"),
        actor: None,
    };
    admin_store::notices::put(&mut tx, &notice).await.unwrap();
    tx.commit().await.unwrap();
}

/// How many tokens, invitations, days of use, runs and notices there are.
async fn count(app: &App, scene: &Scene) -> [usize; 5] {
    let mut tx = app.store.read().await.unwrap();
    let tokens = tokens::list(&mut tx, scene.user, None, 100).await.unwrap().items.len();
    let invitations = invitations::list(&mut tx, scene.workspace, None, 100).await.unwrap().items.len();
    let days = connections::usage(&mut tx, scene.connection, 0, i64::MAX).await.unwrap().len();
    let runs = runs::list(&mut tx, scene.workspace, RunFilter::default(), None, 100).await.unwrap();
    let notices = admin_store::notices::since(&mut tx, Id::least_of(0), 100).await.unwrap();
    [tokens, invitations, days, runs.items.len(), notices.len()]
}

/// Everything that removes what is kept no longer; how much of what housekeeping looks after.
async fn look(app: &App, now: i64) -> u64 {
    look_after(app, now).await.unwrap();
    notices::look_back(app).await.unwrap();
    housekeeping::forget(app, now).await.unwrap()
}

#[test]
fn what_people_leave_behind_is_kept_as_long_as_is_set() {
    each_backend(|backend| async move {
        let plane = Plane::start(backend).await;
        let people = plane.people().await;
        rusqlite::Connection::open(plane.folder.join("sqlite/shop.db"))
            .unwrap()
            .execute_batch("CREATE TABLE a (b)")
            .unwrap();
        let lite = json!({ "name": "lite", "kind": "sqlite", "file": "shop.db" });
        let path = "/api/v1/workspaces/shop/connections";
        let made = people.owner.post(path, lite).await.expect(201);
        let app = plane.plane.app().clone();
        let mut tx = app.store.read().await.unwrap();
        let scene = Scene {
            user: users::by_email(&mut tx, "viewer@example.com").await.unwrap().unwrap().id,
            workspace: workspaces::by_slug(&mut tx, "shop").await.unwrap().id,
            connection: made["id"].as_str().unwrap().parse().unwrap(),
        };
        drop(tx);
        let now = now_us();
        for days in [1, 6, 12] {
            fill(&app, &scene, now - days * DAY).await;
        }
        assert_eq!(look(&app, now).await, 0, "as it always was");
        let all = count(&app, &scene).await;
        assert_eq!(all, [9, 3, 3, 3, 3]);
        let entries = people.root.get("/api/v1/instance/activity?limit=200").await.expect(200);
        let entries = entries["items"].as_array().unwrap().len();
        assert!(entries > 3);

        let plane = plane.restart_with(short).await;
        let app = plane.plane.app().clone();
        // An expired token and a revoked one, an invitation, a day of use.
        assert_eq!(look(&app, now).await, 4);
        assert_eq!(count(&app, &scene).await, [7, 2, 2, 1, 2]);
        assert_eq!(look(&app, now).await, 0);
        // A day later nothing is older than it is kept; the activity goes with its whole days.
        assert_eq!(look(&app, now + DAY).await, 0);
        look(&app, now + 40 * DAY).await;
        let root = plane.nobody().sign_in("root@example.com", harness::PASSWORD).await;
        let told = root.get("/api/v1/instance/activity?action=remove_old_activity").await.expect(200);
        assert_eq!(told["items"].as_array().unwrap().len(), 1, "{told}");
        let before = now + 9 * DAY;
        let details = json!({ "before": Timestamp(before - before % DAY), "activity_days": 31 });
        assert_eq!((&told["items"][0]["details"], &told["items"][0]["outcome"]), (&details, &json!("done")));
        let left = root.get("/api/v1/instance/activity?limit=200").await.expect(200);
        let left = left["items"].as_array().unwrap().len();
        assert!(left < entries, "{left} of {entries}");
        assert_eq!(count(&app, &scene).await[..2], [3, 0], "tokens that are good stay");
        plane.stop().await;
    });
}

#[test]
fn everybody_is_told_the_times_that_are_set() {
    each_backend(|backend| async move {
        let plane = Plane::start(backend).await;
        plane.people().await;
        let path = "/api/v1/workspaces/shop/privacy";
        let viewer = plane.nobody().sign_in("viewer@example.com", harness::PASSWORD).await;
        let usual = viewer.get(path).await.expect(200)["periods"].clone();
        let of = |periods: &Value| {
            [
                "traffic_minutes_hours",
                "traffic_hours_days",
                "traffic_days_days",
                "traffic_events_days",
                "run_days",
                "notice_days",
                "activity_days",
                "token_days",
                "invitation_days",
                "connection_usage_days",
            ]
            .map(|name| periods[name].as_i64().unwrap())
        };
        assert_eq!(of(&usual), [48, 30, 400, 30, 30, 30, 0, 0, 0, 0]);
        let plane = plane.restart_with(short).await;
        let viewer = plane.nobody().sign_in("viewer@example.com", harness::PASSWORD).await;
        let told = viewer.get(path).await.expect(200);
        assert_eq!(of(&told["periods"]), [6, 1, 3, 2, 5, 7, 31, 8, 9, 10]);
        plane.stop().await;
    });
}
