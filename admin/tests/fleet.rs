//! What is known of data planes and listeners, and who may speak for one?
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod data_plane;
mod harness;

use data_plane::{DataPlane, TOKEN, listener, until};
use harness::{Plane, each_backend};
use serde_json::json;

#[test]
fn a_data_plane_is_known_as_long_as_it_is_not_forgotten() {
    each_backend(|backend| async move {
        let plane = Plane::start(backend).await;
        let people = plane.people().await;
        let root = &people.root;
        let listening = json!({ "version": control::VERSION, "snapshot": 0, "state": {
            "plane": "p0", "name": "host", "version": "0.1.0", "started_at_us": 0, "listeners": [],
        }});
        let mut forged = plane.nobody();
        for token in [None, Some("a-token-of-nobody".to_owned()), Some(format!("{TOKEN}x"))] {
            forged.token = token;
            let refused = forged.post("/api/v1/link/listen", listening.clone()).await;
            assert_eq!(refused.problem(401), "unauthenticated");
        }
        assert_eq!(root.post("/api/v1/link/listen", listening.clone()).await.status, 401);
        let mut other = listening.clone();
        other["version"] = json!(99);
        forged.token = Some(TOKEN.to_owned());
        assert_eq!(forged.post("/api/v1/link/listen", other).await.problem(409), "conflict");

        root.post("/api/v1/workspaces", json!({ "slug": "pay", "name": "Pay" })).await.expect(201);
        plane.make_member("pay", "viewer@example.com", "viewer").await;
        let listeners = vec![listener("pg", "pay", true), listener("shop-pg", "shop", true)];
        let data_plane = DataPlane::start(&plane, root, "p1", listeners).await;
        let items = people.viewer.get("/api/v1/workspaces/pay/listeners").await.expect(200)["items"].clone();
        assert_eq!(items.as_array().unwrap().len(), 1);
        let on_plane = &items[0]["planes"][0];
        assert_eq!((&items[0]["name"], &on_plane["plane_name"]), (&json!("pg"), &json!("host-p1")));
        assert_eq!((&on_plane["is_connected"], &on_plane["is_present"]), (&json!(true), &json!(true)));
        assert_eq!(on_plane["state"]["sessions"], 3);
        assert_eq!(on_plane["state"]["floor_policies"], json!(["read-only"]));
        people.viewer.get("/api/v1/workspaces/pay/listeners/pg").await.expect(200);
        assert_eq!(
            people.viewer.get("/api/v1/workspaces/pay/listeners/shop-pg").await.problem(404),
            "not_found"
        );
        // Whoever makes a workspace with the slug that a listener names has no listener by that.
        let shop = people.owner.get("/api/v1/workspaces/shop/listeners").await.expect(200);
        assert_eq!(shop["items"], json!([]));

        assert_eq!(people.owner.delete("/api/v1/planes/p1").await.problem(403), "forbidden");
        drop(data_plane);
        assert_eq!(root.delete("/api/v1/planes/nothing").await.problem(404), "not_found");
        root.delete("/api/v1/planes/p1").await.expect(204);
        until("the listener stays without its plane", || async {
            let shown = root.get("/api/v1/workspaces/pay/listeners/pg").await.expect(200);
            (shown["planes"][0]["is_present"] == false && shown["planes"][0]["plane_name"].is_null())
                .then_some(())
        })
        .await;
        plane.stop().await;
    });
}

#[test]
fn what_is_wrong_with_the_rules_of_others_on_a_shared_plane_is_only_counted() {
    each_backend(|backend| async move {
        let plane = Plane::start(backend).await;
        let people = plane.people().await;
        for slug in ["pay", "hr"] {
            let draft = json!({ "slug": slug, "name": slug });
            people.root.post("/api/v1/workspaces", draft).await.expect(201);
        }
        plane.make_member("pay", "owner@example.com", "owner").await;
        plane.make_member("pay", "viewer@example.com", "viewer").await;
        plane.make_member("hr", "stranger@example.com", "viewer").await;
        let listeners = vec![listener("pg", "pay", true), listener("hr-pg", "hr", true)];
        let shared = DataPlane::start(&plane, &people.root, "p1", listeners).await;
        let of_pay = "listener `pg`: there is no rule set `wages`";
        let of_hr = "listener `hr-pg`: there is no rule set `secret-project`";
        let publication = "/api/v1/workspaces/pay/listeners/pg/publication";
        let publish = async |problems: &[&str]| {
            shared.mind.lock().unwrap().problems = problems.iter().map(|one| (*one).to_owned()).collect();
            let version = people.owner.get(publication).await.header("etag").unwrap();
            people.owner.put(publication, &version, json!({ "policies": ["read-only"] })).await.expect(200);
            until("it is refused", || async {
                let items = people.root.get("/api/v1/planes").await.expect(200)["items"].clone();
                let is_told = items[0]["rules"] == "refused" && items[0]["problems"] == json!(problems);
                is_told.then_some(())
            })
            .await;
        };
        publish(&[of_hr, of_pay, "and 3 more"]).await;
        let fleet = |workspace: &str| format!("/api/v1/workspaces/{workspace}/fleet");
        for (caller, path, list, told, elsewhere) in [
            (&people.viewer, fleet("pay"), "items", json!([of_pay]), 4),
            (&people.viewer, publication.to_owned(), "planes", json!([of_pay]), 4),
            (&people.stranger, fleet("hr"), "items", json!([of_hr]), 4),
            (&people.root, fleet("pay"), "items", json!([of_hr, of_pay, "and 3 more"]), 0),
        ] {
            let answer = caller.get(&path).await.expect(200);
            let shown = &answer[list][0];
            let found = (&shown["problems"], &shown["problems_elsewhere"]);
            assert_eq!(found, (&told, &json!(elsewhere)), "{path}: {answer}");
            let is_told_whole = told.as_array().unwrap().len() > 1;
            assert_eq!(answer.to_string().contains("secret-project"), is_told_whole || path.contains("/hr/"));
        }
        // Where all of it concerns others, the snapshot is refused all the same.
        publish(&[of_hr]).await;
        let shown = people.viewer.get(publication).await.expect(200)["planes"][0].clone();
        let found = (&shown["state"], &shown["problems"], &shown["problems_elsewhere"]);
        assert_eq!(found, (&json!("refused"), &json!([]), &json!(1)));
        assert!(shown["running"].is_null(), "what it runs is older, and nobody knows which");
        let shown = people.viewer.get(&fleet("pay")).await.expect(200)["items"][0].clone();
        assert_eq!((&shown["rules"], &shown["problems"]), (&json!("refused"), &json!([])));
        plane.stop().await;
    });
}

#[test]
fn a_data_plane_is_drained_by_an_admin_of_the_instance_who_says_why() {
    each_backend(|backend| async move {
        let plane = Plane::start(backend).await;
        let people = plane.people().await;
        let root = &people.root;
        root.post("/api/v1/workspaces", json!({ "slug": "pay", "name": "Pay" })).await.expect(201);
        let _old = DataPlane::start(&plane, root, "old", vec![listener("pg", "pay", true)]).await;
        let able = able(&plane, root, "able").await;
        let path = "/api/v1/planes/able/drain";
        let wanted = json!({ "reason": "a new kernel", "accept_seconds": 30, "end_idle_after_seconds": 5 });
        assert_eq!(people.owner.post(path, wanted.clone()).await.problem(403), "forbidden");
        for (field, value) in [
            ("reason", json!("")),
            ("reason", json!("two\nlines")),
            ("accept_seconds", json!(3_601)),
            ("end_idle_after_seconds", json!(86_401)),
        ] {
            let mut draft = wanted.clone();
            draft[field] = value;
            assert_eq!(root.post(path, draft).await.problem(422), "invalid", "{field}");
        }
        assert_eq!(root.post("/api/v1/planes/nobody/drain", wanted.clone()).await.problem(404), "not_found");
        let refused = root.post("/api/v1/planes/old/drain", wanted.clone()).await;
        assert_eq!(refused.problem(409), "conflict");
        assert!(able.mind.lock().unwrap().questions.is_empty(), "nothing of that was asked");
        let told = root.post(path, wanted).await.expect(200);
        assert_eq!((&told["drain"]["phase"], &told["drain"]["sessions"]), (&json!("accepting"), &json!(3)));
        let asked = able.mind.lock().unwrap().questions.last().cloned().unwrap();
        assert_eq!((&asked["accept_seconds"], &asked["end_idle_after_seconds"]), (&json!(30), &json!(5)));
        let shown = async || {
            let items = root.get("/api/v1/planes").await.expect(200)["items"].clone();
            items.as_array().unwrap().iter().find(|one| one["id"] == "able").cloned().unwrap()
        };
        until("that is told", || async { shown().await["drain"].is_object().then_some(()) }).await;
        let why = shown().await["cannot_restart"].clone();
        assert!(why.as_str().unwrap().contains("bring it back first"), "{why}");
        let back = root.post("/api/v1/planes/able/undrain", json!({ "reason": "done" })).await.expect(200);
        assert_eq!(back, json!({}));
        until("that is told", || async { shown().await["drain"].is_null().then_some(()) }).await;
        let events = shown().await["events"].clone();
        assert_eq!((&events[0]["event"], &events[1]["event"]), (&json!("serving"), &json!("draining")));
        let kept =
            root.get("/api/v1/instance/activity?action=drain_plane").await.expect(200)["items"].clone();
        assert_eq!(kept.as_array().unwrap().len(), 1, "{kept}");
        assert_eq!(
            (&kept[0]["details"]["reason"], &kept[0]["target"]),
            (&json!("a new kernel"), &json!("able"))
        );
        plane.stop().await;
    });
}

/// One that can be drained and restarted from here.
async fn able(plane: &Plane, root: &harness::Caller, id: &str) -> DataPlane {
    let told = json!({ "replacement": {} });
    DataPlane::start_telling(plane, root, id, vec![listener(id, "pay", true)], told).await
}

const RESTARTS: &str = "/api/v1/plane-restarts";

/// Each data plane with how it stands.
fn words(restart: &serde_json::Value) -> Vec<String> {
    let steps = restart["steps"].as_array().unwrap().iter();
    steps.map(|step| format!("{} {}", step["plane"], step["standing"]).replace('"', "")).collect()
}

/// The restart, once it has ended.
async fn ended(root: &harness::Caller, id: &serde_json::Value) -> serde_json::Value {
    let path = format!("{RESTARTS}/{}", id.as_str().unwrap());
    let shown =
        || async { Some(root.get(&path).await.expect(200)).filter(|one| one["standing"] != "running") };
    until("it ends", shown).await
}

async fn one_that_cannot_come_back_ends_it(root: &harness::Caller, first: &DataPlane) {
    first.mind.lock().unwrap().restart = Some(json!({ "not_now": "sessions are left" }));
    let draft = json!({ "reason": "a third time", "planes": ["a2", "a1"], "step_seconds": 5 });
    let begun = root.post(RESTARTS, draft).await.expect(201);
    let failed = ended(root, &begun["id"]).await;
    assert_eq!(
        (words(&failed), &failed["standing"]),
        (vec!["a1 failed".to_owned(), "a2 left".to_owned()], &json!("failed"))
    );
    assert_eq!(failed["steps"][0]["why"], "within 5 s it was not back: sessions are left");
}

#[test]
fn data_planes_are_restarted_one_after_the_other_until_somebody_cancels() {
    each_backend(|backend| async move {
        let plane = Plane::start(backend).await;
        let people = plane.people().await;
        let root = &people.root;
        root.post("/api/v1/workspaces", json!({ "slug": "pay", "name": "Pay" })).await.expect(201);
        let _old = DataPlane::start(&plane, root, "old", vec![listener("pg", "pay", true)]).await;
        let refused = root.post(RESTARTS, json!({ "reason": "because" })).await;
        assert_eq!(refused.problem(409), "conflict");
        assert!(refused.text.contains("`host-old`: its version cannot be asked"), "{}", refused.text);
        let (first, second) = (able(&plane, root, "a1").await, able(&plane, root, "a2").await);
        assert_eq!(people.owner.post(RESTARTS, json!({ "reason": "x" })).await.problem(403), "forbidden");
        for draft in [
            json!({ "reason": " " }),
            json!({ "reason": "x", "step_seconds": 4 }),
            json!({ "reason": "x", "planes": ["nobody"] }),
        ] {
            assert_eq!(root.post(RESTARTS, draft).await.problem(422), "invalid");
        }
        let begun = root.post(RESTARTS, json!({ "reason": "a new version" })).await.expect(201);
        assert_eq!(words(&begun), ["a1 waiting", "a2 waiting", "old skipped"], "{begun}");
        let done = ended(root, &begun["id"]).await;
        assert_eq!(
            (words(&done), &done["standing"]),
            (vec!["a1 back".to_owned(), "a2 back".to_owned(), "old skipped".to_owned()], &json!("done"))
        );
        assert_eq!(
            (&done["steps"][0]["version_before"], &done["steps"][0]["version_after"]),
            (&json!("0.1.0"), &json!("0.1.1"))
        );
        let asked = |one: &DataPlane| {
            let mind = one.mind.lock().unwrap();
            mind.questions.iter().filter(|question| question["kind"] == "restart").count()
        };
        assert_eq!((asked(&first), asked(&second)), (1, 1));

        // The first one waits until somebody has cancelled; it comes back all the same.
        first.mind.lock().unwrap().restart = Some(json!({ "not_now": "sessions are left" }));
        let begun =
            root.post(RESTARTS, json!({ "reason": "once more", "planes": ["a1", "a2"] })).await.expect(201);
        let path = format!("{RESTARTS}/{}", begun["id"].as_str().unwrap());
        until("what is awaited is said", || async {
            (root.get(&path).await.expect(200)["steps"][0]["why"] == "sessions are left").then_some(())
        })
        .await;
        assert_eq!(root.post(RESTARTS, json!({ "reason": "two at once" })).await.problem(409), "conflict");
        let cancelled = root.post(&format!("{path}/cancel"), json!({})).await.expect(200);
        assert_eq!(cancelled["standing"], "running");
        assert!(cancelled["cancelled_by"]["name"].is_string(), "{cancelled}");
        assert_eq!(root.post(&format!("{path}/cancel"), json!({})).await.problem(409), "conflict");
        first.mind.lock().unwrap().restart = None;
        let ended = ended(root, &begun["id"]).await;
        assert_eq!(
            (words(&ended), &ended["standing"]),
            (vec!["a1 back".to_owned(), "a2 left".to_owned()], &json!("cancelled"))
        );

        one_that_cannot_come_back_ends_it(root, &first).await;
        assert_eq!(root.get(RESTARTS).await.expect(200)["items"].as_array().unwrap().len(), 3);
        plane.stop().await;
    });
}
