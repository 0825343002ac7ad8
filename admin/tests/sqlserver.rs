//! Is a SQL Server connected to, browsed and queried through the API? A double answers for it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod data_plane;
#[path = "../engines/tests/sqlserver/double.rs"]
mod double;
mod harness;
#[path = "../engines/tests/harness/mod.rs"]
mod servers;
#[path = "../engines/tests/sqlserver/shop.rs"]
mod shop;
#[path = "../engines/tests/sqlserver/wire.rs"]
mod wire;

use admin_store::Backend;
use double::{Crypt, Double};
use harness::{Plane, state};
use serde_json::{Value, json};

const CONNECTIONS: &str = "/api/v1/workspaces/shop/connections";
const RUNS: &str = "/api/v1/workspaces/shop/runs";

#[test]
fn a_double_of_sql_server_is_tested_browsed_and_queried_and_nothing_that_writes_reaches_it() {
    state::run(async {
        let double = Double::start(Crypt::None, shop::answers);
        let plane = Plane::start(Backend::Sqlite).await;
        let people = plane.people().await;
        let draft = json!({ "name": "Micro", "kind": "sqlserver", "host": "127.0.0.1", "port": double.port,
            "user": "reader", "password": servers::PASSWORD, "database": "shop", "options": { "refresh_hours": 0 } });
        let tried = people.admin.post(&format!("{CONNECTIONS}/test"), draft.clone()).await.expect(200);
        assert_eq!(
            (&tried["ok"], &tried["server"]["product"]),
            (&json!(true), &json!("SQL Server")),
            "{tried}"
        );
        let excess = tried["server"]["excess"].as_array().unwrap();
        assert!(
            excess.len() == 1 && excess[0]["remedy"].as_str().unwrap().contains("REVOKE INSERT"),
            "{tried}"
        );

        let made = people.admin.post(CONNECTIONS, draft).await.expect(201);
        let connection = made["id"].as_str().unwrap();
        let path = format!("{CONNECTIONS}/{connection}");
        people.editor.post(&format!("{path}/schema/snapshots"), json!({})).await.expect(201);
        let found = people.viewer.get(&format!("{path}/schema/objects?kind=table")).await.expect(200);
        assert_eq!(found["items"][0]["name"], "orders", "{found}");

        let run =
            async |sql: &str| people.editor.post(RUNS, json!({ "connection": connection, "sql": sql })).await;
        let answer = run("SELECT TOP (10) id, name FROM dbo.orders WITH (NOLOCK)").await;
        assert_eq!(answer.status.as_u16(), 200, "{}", answer.text);
        let lines: Vec<Value> = answer.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let rows = lines.iter().find(|line| line["kind"] == "rows").unwrap();
        assert_eq!(rows["rows"], json!([[7, "ada"]]));
        assert_eq!(double.batches().last().unwrap(), "IF @@TRANCOUNT > 0 ROLLBACK TRANSACTION");

        let before = double.heard().len();
        for sql in [
            "DELETE FROM dbo.orders",
            "SELECT 1 EXEC x",
            "SELECT id INTO copy FROM dbo.orders",
            "SELECT dbo.f()",
        ] {
            assert_eq!(run(sql).await.problem(422), "refused", "{sql}");
        }
        assert_eq!(double.heard().len(), before);
        plane.stop().await;
    });
}
