//! What do the pages of a table ask beside its definition: what depends on it, how was it, who uses it?

use super::{Database, names};
use crate::harness::Caller;
use serde_json::{Value, json};

/// What the page of an object asks beside its definition: what depends on it, and any part of a list.
pub async fn depends(viewer: &Caller, schema: &str) {
    let tables = viewer.get(&format!("{schema}/objects?kind=table&schema=public")).await.expect(200);
    let part = viewer.get(&format!("{schema}/objects?kind=table&schema=public&offset=1&limit=2")).await;
    assert_eq!(names(&part.expect(200)), names(&tables)[1..3]);
    for wrong in ["offset=100001", "offset=1&parent=AA", "offset=-1"] {
        assert!(viewer.get(&format!("{schema}/objects?{wrong}")).await.status.is_client_error(), "{wrong}");
    }
    let said = viewer.get(&format!("{schema}/search?words=buys")).await.expect(200);
    assert_eq!((said["items"][0]["matched"].clone(), names_of(&said)), (json!("comment"), vec!["customers"]));
    let key = |at: usize| tables["items"][at]["key"].as_str().unwrap();
    let ways = async |key: &str| {
        let found = viewer.get(&format!("{schema}/objects/{key}/dependents")).await.expect(200);
        assert_eq!(found["is_cut"], false);
        let items = found["items"].as_array().unwrap().clone();
        let way = |one: &Value| {
            format!("{} {}", one["way"].as_str().unwrap(), one["object"]["name"].as_str().unwrap())
        };
        items.iter().map(way).collect::<Vec<String>>()
    };
    assert_eq!(ways(key(0)).await, ["foreign_key orders"]);
    assert_eq!(ways(key(2)).await, ["query big_orders"], "audit.orders is another table");
    assert_eq!(ways(key(3)).await, [""; 0]);
    assert_eq!(viewer.get(&format!("{schema}/objects/AAAA/dependents")).await.problem(404), "not_found");
}

fn names_of(hits: &Value) -> Vec<&str> {
    hits["items"].as_array().unwrap().iter().map(|hit| hit["object"]["name"].as_str().unwrap()).collect()
}

/// With which snapshot an object came, changed and went.
pub async fn remembers(viewer: &Caller, schema: &str, old: &str) {
    let steps = async |key: &str| {
        let told = viewer.get(&format!("{schema}/objects/{key}/history")).await.expect(200);
        assert_eq!(told["snapshots"], 2);
        let items = told["items"].as_array().unwrap().iter();
        items
            .map(|step| {
                let changes = step["changes"].as_array().unwrap().iter();
                let said: Vec<&str> = changes.map(|one| one["sentence"].as_str().unwrap()).collect();
                format!("{}: {}", step["action"].as_str().unwrap(), said.join("; "))
            })
            .collect::<Vec<String>>()
    };
    let before = viewer.get(&format!("{schema}/objects?prefix=&snapshot={old}&limit=200")).await.expect(200);
    let now = viewer.get(&format!("{schema}/objects?limit=200")).await.expect(200);
    let key = |list: &Value, name: &str| {
        let all = list["items"].as_array().unwrap().iter();
        let mut named = all.filter(|one| one["name"] == name && one["schema"] == "public");
        named.next().unwrap()["key"].as_str().unwrap().to_owned()
    };
    let regions = steps(&key(&now, "regions")).await;
    assert_eq!(regions, ["changed: column `label` of table `public.regions` was added", "found: "]);
    assert_eq!(steps(&key(&now, "extra")).await, ["added: "]);
    assert_eq!(steps(&key(&before, "total")).await, ["removed: ", "found: "]);
    assert_eq!(viewer.get(&format!("{schema}/objects/AAAA/history")).await.problem(404), "not_found");
}

/// Tables by use, those nobody used, and use beside what changed.
pub async fn tells_use(root: &Caller, path: &str, database: &Database) {
    let told = async |question: &str| root.get(&format!("{path}/schema/tables?{question}")).await.expect(200);
    let all = told("order=reads").await;
    let objects = all["items"].as_array().unwrap().iter();
    let named: Vec<Value> = objects.map(|one| one["object"]["name"].clone()).collect();
    assert_eq!((all["listeners"].clone(), all["total"].clone()), (json!(["main"]), json!(named.len())));
    // A statement that names no schema counts at both tables of that name.
    assert_eq!(named[..2], [json!("orders"), json!("orders")]);
    let first = &all["items"][1];
    assert_eq!((first["reads"].clone(), first["writes"].clone()), (json!(7), json!(2)), "{first}");
    assert!(all["since"].is_string() && first["last_seen_at"].is_string(), "{all}");
    let unused = told("unused_days=1&kind=table&schema=public").await;
    let names = unused["items"].as_array().unwrap().iter().map(|one| one["object"]["name"].as_str().unwrap());
    assert_eq!(names.collect::<Vec<&str>>(), ["customers", "days_2026", "regions"]);
    let part = told("order=name&limit=1&offset=2").await;
    let next = told(&format!("order=name&limit=1&cursor={}", part["next"].as_str().unwrap())).await;
    let whole = told("order=name").await;
    assert_eq!((&part["items"][0], &next["items"][0]), (&whole["items"][2], &whole["items"][3]));
    assert_eq!(told("text=WHO%20BUYS").await["total"], 1);
    assert_eq!(told("kind=function").await["total"], 0);
    for wrong in ["unused_days=0", "offset=100001", "order=age", "limit=201"] {
        let answer = root.get(&format!("{path}/schema/tables?{wrong}")).await;
        assert!(answer.status.is_client_error(), "{wrong}");
    }
    database.run("ALTER TABLE orders DROP COLUMN note CASCADE, DROP COLUMN region CASCADE").await;
    root.post(&format!("{path}/schema/snapshots"), json!({})).await.expect(201);
    let diff = root.get(&format!("{path}/schema/diff")).await.expect(200);
    assert_eq!(diff["has_usage"], true);
    let changes = diff["changes"].as_array().unwrap();
    let of = |column: &str| changes.iter().find(|one| one["part"]["name"] == column).unwrap();
    assert_eq!(of("region")["usage"]["writes"], 2, "{diff}");
    assert!(of("note").get("usage").is_none(), "nobody used it: {diff}");
}
