//! Does what a SQL Server says of its objects become a catalog?

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::connect_to;
use super::double::{Crypt, Double};
use super::wire::{self, Answer, Column, int, number, nvarchar, text};
use admin_engines::schema::Options;
use admin_engines::schema::model::{Detail, Engine, KeyAction, ObjectKey, ObjectKind};

/// A result from its head and its lines: words with `#` before them are numbers, `-` is nothing.
fn table(head: &'static str, lines: &[&str]) -> Answer {
    let columns: Vec<Column> = head
        .split_whitespace()
        .map(|name| name.strip_prefix('#').map_or_else(|| nvarchar(name), int))
        .collect();
    let value = |(name, word): (&str, &str)| match (name.starts_with('#'), word) {
        (true, "-") => vec![0],
        (true, word) => number(word.parse().unwrap()),
        (false, "-") => wire::no_text(),
        (false, word) => text(&word.replace('_', " ")),
    };
    let row = |line: &&str| head.split_whitespace().zip(line.split_whitespace()).map(value).collect();
    Answer::Rows { columns, rows: lines.iter().map(row).collect() }
}

fn answers(asked: &str) -> Answer {
    let is = |part: &str| asked.contains(part);
    match () {
        () if is("SERVERPROPERTY") => table("version name collation #moment", &["16.0.1000.6 shop Latin1 5"]),
        () if is("FROM sys.schemas s LEFT JOIN") => {
            table("#schema_id name owner", &["1 dbo dbo", "5 secret dbo"])
        }
        () if is("SELECT o.object_id, s.name AS schema_name, o.name, RTRIM(o.type) AS type, t.is") => table(
            "#object_id schema_name name type #is_external definition comment",
            &[
                "10 dbo orders U 0 - What_was_ordered",
                "11 dbo recent V - CREATE_VIEW -",
                "12 secret t U 0 - -",
            ],
        ),
        () if is("FROM sys.columns c") => table(
            "#object_id name #is_nullable #is_identity collation_name type_name #type_is_own #max_length #precision \
             #scale default_text computed #is_persisted",
            &[
                "10 id 0 1 - int 0 4 10 0 - - -",
                "10 customer 1 0 Latin1 nvarchar 0 200 0 0 (N'nobody') - -",
                "10 total 0 0 - decimal 0 9 10 2 - (a+b) 1",
                "10 note 1 0 German nvarchar 0 -1 0 0 - - -",
                "12 x 1 0 - int 0 4 0 0 - - -",
            ],
        ),
        () if is("FROM sys.indexes i") => table(
            "#object_id name type_desc #is_unique #is_primary_key #is_unique_constraint filter_definition \
             #is_descending_key #is_included_column column_name",
            &[
                "10 pk CLUSTERED 1 1 0 - 0 0 id",
                "10 ix NONCLUSTERED 0 0 0 (total>0) 1 0 total",
                "10 ix NONCLUSTERED 0 0 0 (total>0) 0 1 customer",
            ],
        ),
        () if is("FROM sys.foreign_keys f") => table(
            "#object_id name column_name there_schema there there_column on_delete on_update #is_not_trusted",
            &["10 fk customer dbo customers id CASCADE NO_ACTION 1"],
        ),
        () if is("FROM sys.check_constraints") => {
            table("#object_id name definition #is_disabled", &["10 ck ([total]>=0) 1"])
        }
        () if is("FROM sys.triggers t") => {
            Answer::Error { number: 229, message: "The SELECT permission was denied.", line: 1 }
        }
        () if is("FROM sys.partitions p") => table("#object_id #row_count #size_bytes", &["10 42 8192"]),
        () if is("FROM sys.database_permissions d") => table(
            "#class #major_id grantee privilege state column_name",
            &["1 10 public SELECT G -", "3 1 reader EXECUTE W -", "1 10 reader UPDATE G note"],
        ),
        () if is("FROM sys.sequences q") => table(
            "#object_id schema_name name type_name #start_value #step #least #greatest #current_value #is_cycling",
            &["20 dbo numbers int 1 2 1 100 7 1"],
        ),
        () if is("FROM sys.objects o") => table(
            "#object_id schema_name name type definition #execute_as_principal_id",
            &["30 dbo total FN CREATE_FUNCTION -", "31 dbo clean P CREATE_PROCEDURE 1"],
        ),
        () if is("FROM sys.parameters r") => table(
            "#object_id #parameter_id name #is_output type_name #type_is_own #max_length",
            &["30 0 - 0 int 0 4", "30 1 @id 0 int 0 4", "31 1 @what 1 varchar 0 10"],
        ),
        () => table("#n", &[]),
    }
}

#[tokio::test]
async fn what_a_double_says_of_its_objects_becomes_a_catalog() {
    let double = Double::start(Crypt::None, answers);
    let mut connection = connect_to(&double).await;
    let options = Options { exclude: vec!["secret".to_owned()], ..Options::default() };
    let catalog = connection.catalog(&options).await.unwrap();
    assert_eq!((catalog.engine, catalog.database.as_str()), (Engine::SqlServer, "shop"));
    assert_eq!(serde_json::to_value(catalog.engine).unwrap(), "sqlserver");
    assert!(catalog.objects.iter().all(|object| object.schema != "secret" && object.name != "secret"));
    let [warning] = catalog.warnings.as_slice() else { panic!("{:?}", catalog.warnings) };
    assert_eq!((warning.missing.as_str(), warning.reason.contains("denied")), ("triggers", true));

    let orders = catalog.find(&ObjectKey::relation("dbo", "orders")).unwrap();
    assert_eq!(
        (orders.kind, orders.definition.comment.as_deref()),
        (ObjectKind::Table, Some("What was ordered"))
    );
    assert_eq!((orders.measurements.row_estimate, orders.measurements.size_bytes), (Some(42), Some(8192)));
    assert_eq!(orders.definition.grants.len(), 2);
    assert!(orders.definition.grants.iter().any(|grant| grant.grantee == "PUBLIC" && grant.column.is_none()));
    let relation = orders.relation().unwrap();
    let types: Vec<&str> = relation.columns.iter().map(|column| column.data_type.as_str()).collect();
    assert_eq!(types, ["int", "nvarchar(100)", "decimal(10,2)", "nvarchar(max)"]);
    let [id, customer, total, note] = relation.columns.as_slice() else { panic!() };
    assert!(id.identity.is_some() && !id.nullable && customer.nullable);
    assert_eq!(customer.default.as_deref(), Some("(N'nobody')"));
    assert_eq!((&customer.collation, note.collation.as_deref()), (&None, Some("German")));
    assert_eq!(total.generated.as_ref().unwrap().expression, "(a+b)");
    assert_eq!(relation.primary_key.as_ref().unwrap().columns, ["id"]);
    let index = relation.indexes.iter().find(|index| index.name == "ix").unwrap();
    assert_eq!(
        (index.columns.as_slice(), index.include.as_slice()),
        (["total DESC".to_owned()].as_slice(), ["customer".to_owned()].as_slice())
    );
    assert_eq!(index.predicate.as_deref(), Some("(total>0)"));
    let [key] = relation.foreign_keys.as_slice() else { panic!() };
    assert_eq!((key.on_delete, key.not_validated), (KeyAction::Cascade, true));
    assert!(relation.checks.first().unwrap().not_enforced);

    let view = catalog.find(&ObjectKey::relation("dbo", "recent")).unwrap();
    assert_eq!(
        (view.kind, view.relation().unwrap().query.as_deref()),
        (ObjectKind::View, Some("CREATE VIEW"))
    );
    let find = |name: &str| catalog.objects.iter().find(|object| object.name == name).unwrap();
    assert_eq!(find("numbers").measurements.last_value, Some(7));
    let Detail::Routine(total) = &find("total").definition.detail else { panic!() };
    assert_eq!((total.result.as_deref(), total.arguments.as_str()), (Some("int"), "@id int"));
    let Detail::Routine(clean) = &find("clean").definition.detail else { panic!() };
    assert_eq!((clean.arguments.as_str(), clean.security_definer), ("@what varchar(10) OUTPUT", true));
    assert!(connection.is_usable());
}
