//! Do a hundred people at once get what they ask for? Nobody is answered by a mistake, no change is lost, and
//! it all ends in time.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use admin::http::caller::hash;
use admin_store::{Backend, now_us, sessions, users};
use harness::{Caller, Plane};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

const PEOPLE: usize = 100;
/// Times each of them goes through the mix.
const ROUNDS: usize = 3;
/// All of it, on two cores that others use as well.
const DEADLINE: Duration = Duration::from_secs(60);
/// A change that meets another one is made again. Each time somebody else's was made, and each makes one.
const ATTEMPTS: usize = PEOPLE;

const TEAMS: &str = "/api/v1/workspaces/shop/teams";

#[test]
fn a_hundred_people_at_once_on_a_state_in_sqlite() {
    run(Backend::Sqlite);
}

#[test]
fn a_hundred_people_at_once_on_a_state_in_postgres() {
    run(Backend::Postgres);
}

fn run(backend: Backend) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.expect("a runtime").block_on(async {
        let plane = Plane::start(backend).await;
        let people = plane.people().await;
        let crowd = crowd(&plane).await;
        let counter =
            people.owner.post(TEAMS, json!({ "name": "Counter", "description": "0" })).await.expect(201);
        let counter = format!("{TEAMS}/{}", counter["id"].as_str().expect("an id"));
        let begun = Instant::now();
        let mut work = JoinSet::new();
        for (number, caller) in crowd.into_iter().enumerate() {
            work.spawn(everyday(number, caller, counter.clone()));
        }
        let all = tokio::time::timeout(DEADLINE, async {
            let mut all = Vec::new();
            while let Some(done) = work.join_next().await {
                all.extend(done.expect("nobody fails"));
            }
            all
        });
        let took = all.await.expect("everybody is done in time");
        tell(backend, took, begun.elapsed());
        nothing_is_lost(&people.owner, &counter).await;
        plane.stop().await;
    });
}

/// A hundred admins of the workspace, each with a session of their own: made past the API, which hashes each
/// password for a while.
async fn crowd(plane: &Plane) -> Vec<Caller> {
    let store = &plane.plane.app().store;
    let mut tx = store.write().await.expect("a transaction");
    let workspace = admin_store::workspaces::by_slug(&mut tx, "shop").await.expect("a workspace").id;
    let mut crowd = Vec::new();
    for number in 0..PEOPLE {
        let email = format!("person{number}@example.com");
        let new = users::NewUser {
            email: &email,
            is_email_verified: true,
            name: "Person",
            password_hash: None,
            is_instance_admin: false,
        };
        let user = users::create(&mut tx, &new).await.expect("a person").id;
        let role = admin_store::members::Role::from_word("admin").expect("a role");
        admin_store::members::add(&mut tx, workspace, user, role, &[]).await.expect("a member");
        let secret = format!("session-of-person-{number:026}");
        let csrf = admin::http::caller::csrf(&secret);
        let session = sessions::NewSession {
            secret_hash: &hash(&secret),
            user,
            csrf_hash: &hash(&csrf),
            user_agent: "a test",
            address: "127.0.0.1",
            expires_at: now_us() + 3_600_000_000,
        };
        sessions::create(&mut tx, &session).await.expect("a session");
        let mut caller = plane.nobody();
        caller.csrf = Some(csrf);
        caller.cookie = Some(format!("dragoman={secret}"));
        crowd.push(caller);
    }
    tx.commit().await.expect("a commit");
    crowd
}

/// What one person does: looks here and there, makes a team, counts one up.
async fn everyday(number: usize, caller: Caller, counter: String) -> Vec<(&'static str, Duration)> {
    let mut took = Vec::new();
    let looks = [
        "/api/v1/session",
        "/api/v1/workspaces",
        "/api/v1/workspaces/shop",
        "/api/v1/workspaces/shop/members?limit=20",
        "/api/v1/workspaces/shop/teams?limit=20",
        "/api/v1/workspaces/shop/activity?limit=20",
        "/api/v1/workspaces/shop/traffic/top",
        "/api/v1/workspaces/shop/fingerprints",
        "/api/v1/profile",
    ];
    for round in 0..ROUNDS {
        for place in 0..looks.len() {
            let path = looks[(place + number) % looks.len()];
            let begun = Instant::now();
            caller.get(path).await.expect(200);
            took.push(("look", begun.elapsed()));
        }
        let begun = Instant::now();
        let team = json!({ "name": format!("Team {number}, {round}") });
        caller.post(TEAMS, team).await.expect(201);
        took.push(("make", begun.elapsed()));
    }
    let begun = Instant::now();
    count_up(&caller, &counter).await;
    took.push(("count up among all", begun.elapsed()));
    took
}

/// Adds one to the number in a team's description, as often as somebody else was quicker.
async fn count_up(caller: &Caller, counter: &str) {
    for _ in 0..ATTEMPTS {
        let read = caller.get(counter).await;
        let etag = read.header("etag").expect("a version");
        let count: u32 = read.expect(200)["description"].as_str().unwrap().parse().unwrap();
        let wanted = json!({ "name": "Counter", "description": (count + 1).to_string() });
        let headers = [("if-match", etag.as_str())];
        let written = caller.with_json(Method::PUT, counter, &headers, wanted).await;
        match written.status.as_u16() {
            200 => return,
            412 => {}
            other => panic!("{other}: {}", written.text),
        }
    }
    panic!("somebody else was quicker {ATTEMPTS} times");
}

async fn nothing_is_lost(owner: &Caller, counter: &str) {
    let counted = owner.get(counter).await.expect(200);
    assert_eq!(counted["description"], PEOPLE.to_string(), "each counted once");
    let (mut teams, mut next) = (0, String::new());
    loop {
        let part: Value = owner.get(&format!("{TEAMS}?limit=200{next}")).await.expect(200);
        teams += part["items"].as_array().expect("teams").len();
        let Some(cursor) = part["next"].as_str() else { break };
        next = format!("&cursor={cursor}");
    }
    assert_eq!(teams, PEOPLE * ROUNDS + 1, "each team is there once");
}

/// Prints how long it took, for people: nothing is asserted of it but the deadline.
fn tell(backend: Backend, took: Vec<(&'static str, Duration)>, all: Duration) {
    for kind in ["look", "make", "count up among all"] {
        let mut times: Vec<Duration> = took.iter().filter(|one| one.0 == kind).map(|one| one.1).collect();
        times.sort();
        let at = |share: usize| times[(times.len() * share / 100).min(times.len() - 1)];
        eprintln!("{backend:?}: {} times {kind}: p50 {:?}, p99 {:?}", times.len(), at(50), at(99));
    }
    eprintln!("{backend:?}: {} requests by {PEOPLE} people in {all:?}", took.len());
}
