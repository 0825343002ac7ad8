//! What does a double of SQL Server say of a small shop?

use super::wire::{self, Answer, int, number, nvarchar, text};

/// A database with one table of one column, whose login may write.
pub fn answers(asked: &str) -> Answer {
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
