//! Is a SQL Server connected to, browsed and queried through the API? A double answers for it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod data_plane;
#[path = "../engines/tests/sqlserver/double.rs"]
mod double;
mod harness;
#[path = "../engines/tests/harness/mod.rs"]
mod servers;
#[path = "../engines/tests/sqlserver/wire.rs"]
mod wire;

use admin_store::Backend;
use double::{Crypt, Double};
use harness::{Plane, state};
use serde_json::{Value, json};
use wire::{Answer, int, number, nvarchar, text};

const CONNECTIONS: &str = "/api/v1/workspaces/shop/connections";
const RUNS: &str = "/api/v1/workspaces/shop/runs";

/// A database with one table of one column, whose login may write.
fn answers(asked: &str) -> Answer {
    let rows = |columns: Vec<wire::Column>, row: Vec<Vec<u8>>| Answer::Rows { columns, rows: vec![row] };
    let is = |part: &str| asked.contains(part);
    match () {
        () if is("IS_SRVROLEMEMBER") => rows(vec![int("may_insert")], vec![number(1)]),
        () if is("SERVERPROPERTY") => rows(
            ["version", "who", "name"].map(nvarchar).to_vec(),
            ["16.0.1000.6", "reader", "shop"].map(text).to_vec(),
        ),
        () if is("FROM sys.schemas s LEFT JOIN") => {
            rows(vec![nvarchar("name"), int("schema_id")], vec![text("dbo"), number(1)])
        }
        () if is("AS type, t.is_external") => {
            let columns = vec![int("object_id"), nvarchar("schema_name"), nvarchar("name"), nvarchar("type")];
            rows(columns, vec![number(10), text("dbo"), text("orders"), text("U")])
        }
        () if is("FROM sys.columns c") => {
            let columns = vec![int("object_id"), nvarchar("name"), nvarchar("type_name")];
            rows(columns, vec![number(10), text("id"), text("int")])
        }
        () if is("FROM dbo.orders") => rows(vec![int("id"), nvarchar("name")], vec![number(7), text("ada")]),
        () => Answer::Rows { columns: vec![int("n")], rows: Vec::new() },
    }
}

#[test]
fn a_double_of_sql_server_is_tested_browsed_and_queried_and_nothing_that_writes_reaches_it() {
    state::run(async {
        let double = Double::start(Crypt::None, answers);
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
