//! Which queries do people keep, share, change and run again?
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod harness;

use harness::{Caller, Plane, each_backend};
use serde_json::{Value, json};

const QUERIES: &str = "/api/v1/workspaces/shop/queries";

fn draft(title: &str, visibility: &str) -> Value {
    json!({
        "title": title, "sql": "SELECT ? AS id, ? AS name", "visibility": visibility, "tags": ["Shop", "daily"],
        "chart": "bar:each:exact:name:id:",
        "parameters": [{ "name": "id", "type": "integer" }, { "name": "name", "type": "text", "default": "nobody" }],
    })
}

async fn create(caller: &Caller, draft: Value) -> (String, Value) {
    let answer = caller.post(QUERIES, draft).await;
    let made = answer.expect(201);
    let path = answer.header("location").expect("a place");
    assert_eq!(answer.header("etag").as_deref(), Some("\"1\""));
    assert!(path.ends_with(made["id"].as_str().unwrap()));
    (path, made)
}

fn titles(list: &Value) -> Vec<&str> {
    list["items"].as_array().unwrap().iter().map(|one| one["title"].as_str().unwrap()).collect()
}

#[test]
fn queries_are_kept_shared_changed_and_restored() {
    each_backend(|backend| async move {
        let plane = Plane::start(backend).await;
        let people = plane.people().await;
        let (editor, admin, viewer) = (&people.editor, &people.admin, &people.viewer);
        let (own, _) = create(editor, draft("Own", "private")).await;
        let (shared, made) = create(editor, draft("Shared", "workspace")).await;
        assert_eq!(made["tags"], json!(["daily", "Shop"]), "{made}");
        assert_eq!(viewer.post(QUERIES, draft("No", "private")).await.problem(403), "forbidden");

        assert_eq!(titles(&editor.get(QUERIES).await.expect(200)), ["Shared", "Own"]);
        assert_eq!(titles(&viewer.get(QUERIES).await.expect(200)), ["Shared"]);
        assert_eq!(titles(&viewer.get(&format!("{QUERIES}?tag=SHOP")).await.expect(200)), ["Shared"]);
        assert_eq!(titles(&viewer.get(&format!("{QUERIES}?tag=other")).await.expect(200)), [""; 0]);
        let tags = viewer.get("/api/v1/workspaces/shop/query-tags").await.expect(200);
        assert_eq!(tags["items"], json!([{ "tag": "daily", "queries": 1 }, { "tag": "Shop", "queries": 1 }]));
        assert_eq!(admin.get(&own).await.problem(404), "not_found");
        assert_eq!(people.stranger.get(&shared).await.problem(404), "not_found");
        let through = shared.replace("/shop/", "/other/");
        assert_eq!(people.stranger.get(&through).await.problem(404), "not_found");

        // Others may change what a shared one says, but not who sees it, and not make it go.
        let mut change = draft("Shared by all", "workspace");
        change["sql"] = json!("SELECT 2");
        change["parameters"] = json!([]);
        change["chart"] = json!(null);
        assert_eq!(admin.put(&shared, "\"7\"", change.clone()).await.problem(412), "changed");
        let changed = admin.put(&shared, "\"1\"", change.clone()).await;
        assert_eq!(
            (changed.expect(200)["version"].clone(), changed.header("etag")),
            (json!(2), Some("\"2\"".to_owned()))
        );
        assert_eq!(admin.put(&shared, "\"2\"", draft("Mine", "private")).await.problem(403), "forbidden");
        let versions = viewer.get(&format!("{shared}/versions")).await.expect(200);
        assert_eq!(titles(&versions), ["Shared by all", "Shared"]);
        let first = viewer.get(&format!("{shared}/versions?limit=1")).await.expect(200);
        let next = first["next"].as_str().unwrap();
        let second = viewer.get(&format!("{shared}/versions?limit=1&cursor={next}")).await.expect(200);
        assert_eq!((titles(&second), second["next"].clone()), (vec!["Shared"], Value::Null));
        assert_eq!(
            viewer.get(&format!("{shared}/versions/1")).await.expect(200)["sql"],
            "SELECT ? AS id, ? AS name"
        );
        assert_eq!(viewer.get(&format!("{shared}/versions/9")).await.problem(404), "not_found");
        let restore = format!("{shared}/versions/1/restore");
        assert_eq!(editor.post(&restore, json!({})).await.problem(428), "precondition_required");
        let headers = [("if-match", "\"2\"")];
        let restored = editor.send(reqwest::Method::POST, &restore, &headers, None).await.expect(200);
        assert_eq!((restored["version"].clone(), restored["title"].clone()), (json!(3), json!("Shared")));
        assert_eq!(restored["parameters"].as_array().unwrap().len(), 2);
        assert_eq!(restored["chart"], "bar:each:exact:name:id:");
        assert_eq!(viewer.get(&format!("{shared}/versions/2")).await.expect(200)["chart"], "");

        let (kept, _) = create(admin, draft("Of the admin", "workspace")).await;
        assert_eq!(editor.delete(&kept).await.problem(403), "forbidden");
        assert_eq!(admin.delete(&shared).await.status.as_u16(), 204, "who manages the workspace may");
        assert_eq!(editor.get(&shared).await.problem(404), "not_found");
        assert_eq!(editor.delete(&own).await.status.as_u16(), 204);
        plane.stop().await;
    });
}

#[test]
fn a_query_that_says_what_cannot_be_is_refused_by_the_field() {
    each_backend(|backend| async move {
        let plane = Plane::start(backend).await;
        let people = plane.people().await;
        let editor = &people.editor;
        for (field, value) in [
            ("title", json!(" ")),
            ("title", json!("a\nb")),
            ("tags", json!(vec!["x"; 21])),
            ("tags", json!([""])),
            ("parameters", json!([{ "name": "a", "type": "text" }, { "name": "a", "type": "text" }])),
            ("parameters", json!([{ "name": "a", "type": "integer", "default": "x" }])),
            ("parameters", json!([{ "name": "a", "type": "other" }])),
            ("chart", json!("bar\n")),
            ("chart", json!("x".repeat(1_001))),
            ("visibility", json!("all")),
            ("unknown", json!(1)),
        ] {
            let mut draft = draft("Bad", "private");
            draft[field] = value;
            assert_eq!(editor.post(QUERIES, draft).await.problem(422), "invalid", "{field}");
        }
        let mut nowhere = draft("Nowhere", "private");
        nowhere["connection"] = json!("01990000-0000-7000-8000-000000000000");
        assert_eq!(editor.post(QUERIES, nowhere).await.problem(404), "not_found");
        plane.stop().await;
    });
}

#[test]
fn a_saved_query_runs_by_its_parameters_and_is_come_back_to() {
    each_backend(|backend| async move {
        let plane = Plane::start(backend).await;
        let people = plane.people().await;
        let editor = &people.editor;
        drop(
            rusqlite::Connection::open(plane.folder.join("sqlite").join("shop.db"))
                .unwrap()
                .execute_batch("CREATE TABLE t (a)"),
        );
        let file =
            json!({ "name": "File", "kind": "sqlite", "file": "shop.db", "options": { "refresh_hours": 0 } });
        let connection = people.admin.post("/api/v1/workspaces/shop/connections", file).await.expect(201);
        let (path, made) = create(editor, draft("Saved", "workspace")).await;
        let runs = format!("{path}/runs");
        let ask = async |body: Value| editor.post(&runs, body).await;
        assert_eq!(
            ask(json!({ "parameters": { "id": "1" } })).await.problem(422),
            "invalid",
            "no connection"
        );
        let on = |parameters: Value| json!({ "connection": connection["id"], "parameters": parameters });
        for wrong in [json!({}), json!({ "id": "x" }), json!({ "id": "1", "other": "2" })] {
            assert_eq!(ask(on(wrong.clone())).await.problem(422), "invalid", "{wrong}");
        }
        let answer = ask(on(json!({ "id": "7" }))).await;
        assert!(answer.text.contains("\"rows\":[[7,\"nobody\"]]"), "{}", answer.text);
        let answer = ask(on(json!({ "id": "7", "name": null }))).await;
        assert!(answer.text.contains("\"rows\":[[7,null]]"), "{}", answer.text);
        assert_eq!(people.viewer.post(&runs, on(json!({ "id": "7" }))).await.problem(403), "forbidden");
        let history = format!("/api/v1/workspaces/shop/runs?saved_query={}", made["id"].as_str().unwrap());
        assert_eq!(editor.get(&history).await.expect(200)["items"].as_array().unwrap().len(), 2);

        let recent = editor.get("/api/v1/workspaces/shop/recent").await.expect(200);
        assert_eq!(recent["items"][0]["target"], made["id"], "{recent}");
        let marks = "/api/v1/workspaces/shop/favourites";
        let table = json!({ "kind": "table", "target": "public.orders, \"Odd\"/name" });
        for item in [&table, &json!({ "kind": "query", "target": made["id"] }), &table] {
            let answer = people.viewer.with_json(reqwest::Method::PUT, marks, &[], item.clone()).await;
            assert_eq!(answer.status.as_u16(), 204, "{}", answer.text);
        }
        let listed = people.viewer.get(marks).await.expect(200);
        assert_eq!(
            (listed["items"].as_array().unwrap().len(), listed["items"][1]["target"].clone()),
            (2, table["target"].clone())
        );
        assert_eq!(editor.get(marks).await.expect(200)["items"], json!([]), "marks are one's own");
        let gone = format!("{marks}?kind=table&target=public.orders%2C%20%22Odd%22%2Fname");
        assert_eq!(people.viewer.delete(&gone).await.status.as_u16(), 204);
        assert_eq!(people.viewer.get(marks).await.expect(200)["items"].as_array().unwrap().len(), 1);
        let page = json!({ "kind": "page", "target": "/traffic" });
        let noted =
            people.viewer.with_json(reqwest::Method::PUT, "/api/v1/workspaces/shop/recent", &[], page).await;
        assert_eq!(noted.status.as_u16(), 204);
        for bad in [json!({ "kind": "table", "target": "" }), json!({ "kind": "moon", "target": "x" })] {
            assert_eq!(
                people.viewer.with_json(reqwest::Method::PUT, marks, &[], bad).await.problem(422),
                "invalid"
            );
        }
        plane.stop().await;
    });
}
