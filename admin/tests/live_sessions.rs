//! Which sessions are open now, and who ends one?
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod data_plane;
mod harness;

use data_plane::{DataPlane, listener, session};
use harness::{Plane, each_backend};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const PATH: &str = "/api/v1/workspaces/pay/live-sessions";

/// Two data planes with listeners of the workspaces `pay` and `hr`.
struct Scene {
    plane: Plane,
    people: harness::People,
    one: DataPlane,
    two: DataPlane,
}

impl Scene {
    async fn start(backend: admin_store::Backend) -> Scene {
        let plane = Plane::start(backend).await;
        let people = plane.people().await;
        for slug in ["pay", "hr"] {
            people.root.post("/api/v1/workspaces", json!({ "slug": slug, "name": slug })).await.expect(201);
        }
        plane.make_member("pay", "admin@example.com", "admin").await;
        plane.make_member("pay", "editor@example.com", "editor").await;
        let one = vec![listener("pg", "pay", true), listener("secret", "hr", true)];
        let one = DataPlane::start(&plane, &people.root, "p1", one).await;
        let two = DataPlane::start(&plane, &people.root, "p2", vec![listener("pg", "pay", true)]).await;
        let blocker = json!({ "process": 4_002, "session": session(2, "", "", json!(0))["session"],
            "user": null, "database": null, "application": null });
        let other = json!({ "process": 77, "session": null, "user": "postgres", "database": "shop",
            "application": "psql" });
        let prepared =
            json!({ "process": 0, "session": null, "user": null, "database": null, "application": null });
        one.mind.lock().unwrap().sessions = vec![
            session(1, "pay", "pg", json!({ "known": [blocker, other, prepared] })),
            session(2, "pay", "pg", json!({ "known": [] })),
            session(9, "hr", "secret", json!({ "known": [] })),
        ];
        two.mind.lock().unwrap().sessions =
            vec![session(3, "pay", "pg", json!({ "unknown": "the listener has no `probe.user`" }))];
        Scene { plane, people, one, two }
    }
}

fn id(number: u64) -> String {
    session(number, "", "", json!(0))["session"].as_str().unwrap().to_owned()
}

fn ids(answer: &Value) -> Vec<String> {
    let items = answer["items"].as_array().unwrap();
    items.iter().map(|one| one["session"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn sessions_of_all_planes_are_one_list_and_nobody_sees_anothers() {
    each_backend(|backend| async move {
        let Scene { plane, people, one, two } = Scene::start(backend).await;
        let answer = people.editor.get(PATH).await.expect(200);
        assert_eq!(ids(&answer), [id(1), id(2), id(3)]);
        assert_eq!((&answer["total"], &answer["truncated"]), (&json!(3), &json!(false)));
        let first = &answer["items"][0];
        assert_eq!(first["plane_name"], "host-p1");
        assert_eq!(first["caller"], json!({ "user": "app", "database": "shop", "application": "checkout" }));
        assert_eq!((&first["state"], &first["blocking"]), (&json!("active"), &json!("known")));
        assert_eq!(first["current"]["text"], "UPDATE t SET a = ?");
        let blockers = json!([
            { "process": 4_002, "session": id(2) },
            { "process": 77, "user": "postgres", "database": "shop", "application": "psql" },
            { "process": 0, "is_prepared_transaction": true },
        ]);
        assert_eq!(first["blocked_by"], blockers);
        assert_eq!(answer["items"][1]["blocked_by"], json!([]));
        let last = &answer["items"][2];
        assert_eq!(last["blocking"], "unknown");
        assert_eq!(last["blocking_reason"], "the listener has no `probe.user`");
        assert_eq!(last.get("blocked_by"), None, "nobody knows: that is no empty list");

        let answer = people.editor.get(&format!("{PATH}?limit=2")).await.expect(200);
        assert_eq!((ids(&answer).len(), &answer["total"]), (2, &json!(3)));
        assert_eq!(answer["truncated"], true);
        assert_eq!(people.editor.get(&format!("{PATH}?listener=secret")).await.problem(404), "not_found");
        assert_eq!(ids(&people.editor.get(&format!("{PATH}?listener=pg")).await.expect(200)).len(), 3);
        for query in ["limit=0", "limit=2001", "nothing=1"] {
            assert_eq!(
                people.editor.get(&format!("{PATH}?{query}")).await.problem(422),
                "invalid",
                "{query}"
            );
        }
        // Also where a plane answers with more than it was asked for.
        one.mind.lock().unwrap().is_careless = true;
        assert_eq!(ids(&people.editor.get(PATH).await.expect(200)), [id(1), id(2), id(3)]);

        drop(two);
        let since = Instant::now();
        let answer = people.editor.get(PATH).await.expect(200);
        assert!(since.elapsed() < Duration::from_secs(3), "who is away was waited for");
        assert_eq!(ids(&answer), [id(1), id(2)]);
        assert_eq!(answer["unavailable"][0]["plane_name"], "host-p2");
        drop(one);
        assert_eq!(people.editor.get(PATH).await.problem(503), "plane_away");
        plane.stop().await;
    });
}

#[test]
fn who_may_ends_what_a_session_runs_and_it_is_written_down() {
    each_backend(|backend| async move {
        let Scene { plane, people, one, two } = Scene::start(backend).await;
        let of = |number: u64, what: &str| format!("{PATH}/{}/{what}", id(number));
        for what in ["cancel", "terminate"] {
            assert_eq!(people.editor.post(&of(1, what), json!({})).await.problem(403), "forbidden");
            // A session of another workspace is not there, nor is one that is gone.
            assert_eq!(people.admin.post(&of(9, what), json!({})).await.problem(404), "not_found");
            assert_eq!(people.admin.post(&of(8, what), json!({})).await.problem(404), "not_found");
            let none = format!("{PATH}/none/{what}");
            assert_eq!(people.admin.post(&none, json!({})).await.status, 404);
            for reason in [json!(""), json!("  "), json!("x".repeat(501)), json!(7)] {
                let status =
                    people.admin.post(&of(1, what), json!({ "reason": reason })).await.status.as_u16();
                assert!([400, 422].contains(&status), "{reason}: {status}");
            }
        }
        let demands = |of: &DataPlane| {
            let mind = of.mind.lock().unwrap();
            mind.questions.iter().filter(|one| one["kind"] == "session").cloned().collect::<Vec<_>>()
        };
        for demand in demands(&one).into_iter().chain(demands(&two)) {
            assert_eq!((&demand["workspace"], &demand["listeners"]), (&json!("pay"), &json!(["pg"])));
        }

        let told = people.admin.post(&of(3, "cancel"), json!({ "reason": "it blocks" })).await.expect(202);
        assert_eq!(
            (&told["session"], &told["plane"], &told["listener"]),
            (&json!(id(3)), &json!("p2"), &json!("pg"))
        );
        assert_eq!(told["statement"]["text"], "UPDATE t SET a = ?");
        let last = demands(&two).pop().unwrap();
        assert_eq!((&last["wish"], &last["session"]), (&json!("cancel"), &json!(id(3))));
        people.admin.post(&of(1, "terminate"), json!({})).await.expect(202);

        for (reply, words) in [
            (json!("nothing_runs"), "runs nothing"),
            (json!({ "cannot": "MySQL cancels only for who logs in by itself" }), "MySQL"),
        ] {
            two.mind.lock().unwrap().reply = Some(reply);
            let answer = people.admin.post(&of(3, "cancel"), json!({})).await;
            let problem: Value = serde_json::from_str(&answer.text).unwrap();
            assert_eq!((answer.status.as_u16(), &problem["code"]), (409, &json!("conflict")));
            assert!(problem["detail"].as_str().unwrap().contains(words), "{problem}");
            assert!(problem["hint"].as_str().unwrap().contains("terminate"), "{problem}");
        }

        let activity = people.admin.get("/api/v1/workspaces/pay/activity?limit=20").await.expect(200);
        let entries: Vec<Value> = activity["items"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|entry| {
                entry["target_kind"] == "live_session" || entry["target"]["kind"] == "live_session"
            })
            .cloned()
            .collect();
        assert_eq!(entries.len(), 2, "{activity}");
        assert_eq!(entries[0]["action"], "terminate_live_session");
        assert_eq!(entries[1]["action"], "cancel_live_session");
        assert_eq!(entries[1]["details"]["reason"], "it blocks");
        assert_eq!(entries[1]["details"]["fingerprint"], "1-00");

        drop(two);
        // Somebody who may have it is away: nobody can say that it is not there.
        assert_eq!(people.admin.post(&of(3, "cancel"), json!({})).await.problem(503), "plane_away");
        plane.stop().await;
    });
}
