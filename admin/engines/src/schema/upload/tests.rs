//! Are good files taken and bad ones told, line by line?
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::super::model::{Catalog, KeyAction, ObjectKey, Relation};
use super::{COLUMNS_MAX, ERRORS_MAX, RowError, from_csv, from_json};

fn relation<'c>(catalog: &'c Catalog, schema: &str, name: &str) -> &'c Relation {
    catalog.find(&ObjectKey::relation(schema, name)).and_then(|object| object.relation()).unwrap()
}

/// What is wrong, a line each, without the hints.
fn told(errors: &[RowError]) -> Vec<String> {
    errors
        .iter()
        .map(|error| format!("{}:{} {}: {}", error.line, error.column, error.field, error.message))
        .collect()
}

fn csv_errors(text: &str) -> Vec<RowError> {
    from_csv(text.as_bytes()).unwrap_err()
}

fn json_errors(text: &str) -> Vec<RowError> {
    from_json(text.as_bytes()).unwrap_err()
}

#[test]
fn a_csv_row_is_a_column() {
    let text = "\u{feff}Column,type,TABLE,schema,nullable,default,comment,primary key,unique,index,references,table_comment\n\
                id,bigint,orders,sales,,,,yes,,,,what was bought\n\
                customer,integer,orders,sales,no,0,\"who, and\nwhere\",no,,yes,customers.id,\n\
                code,text,orders,sales,yes,,,,code_once,by_code,,\n\
                day,date,orders,sales,yes,,,,code_once,by_code,,\n\
                \n\
                id,integer,customers,sales,,,,1,,,,\n\
                id,integer,plain,,,,,,yes,,\"\"\"x.y\"\".t.c\",\n";
    let catalog = from_csv(text.as_bytes()).unwrap_or_else(|errors| panic!("{:#?}", told(&errors)));
    let names: Vec<String> = catalog.objects.iter().map(|object| object.key().to_string()).collect();
    assert_eq!(
        names,
        [
            "schema public",
            "schema sales",
            "relation public.plain",
            "relation sales.customers",
            "relation sales.orders"
        ]
    );
    let orders = relation(&catalog, "sales", "orders");
    assert_eq!(orders.primary_key.as_ref().unwrap().columns, ["id"]);
    assert_eq!(
        orders.columns.iter().map(|column| column.nullable).collect::<Vec<_>>(),
        [false, false, true, true]
    );
    assert_eq!(orders.columns[1].default.as_deref(), Some("0"));
    assert_eq!(orders.columns[1].comment.as_deref(), Some("who, and\nwhere"));
    assert_eq!(orders.unique_keys[0].columns, ["code", "day"]);
    assert_eq!(
        orders.indexes.iter().map(|index| index.name.as_str()).collect::<Vec<_>>(),
        ["by_code", "orders_customer_index"]
    );
    let to = &orders.foreign_keys[0].references;
    assert_eq!(
        (to.schema.as_str(), to.table.as_str(), to.columns.join(",")),
        ("sales", "customers", "id".to_owned())
    );
    assert_eq!(relation(&catalog, "public", "plain").foreign_keys[0].references.schema, "x.y");
    let comment = &catalog.find(&ObjectKey::relation("sales", "orders")).unwrap().definition.comment;
    assert_eq!(comment.as_deref(), Some("what was bought"));
}

#[test]
fn other_delimiters_are_found_in_the_header() {
    for delimiter in [";", "\t"] {
        let text = ["table,column,type", "orders,id,\"numeric(10,2)\""].join("\r\n");
        let text = text.replace(',', delimiter).replace(&format!("10{delimiter}2"), "10,2");
        let catalog = from_csv(text.as_bytes()).unwrap();
        assert_eq!(relation(&catalog, "public", "orders").columns[0].data_type, "numeric(10,2)");
    }
}

#[test]
fn every_bad_csv_row_is_told_by_its_line() {
    let text = "table,column,type,nullable,references,unique\n\
                orders,id,integer,perhaps,,\n\
                orders,total,numeric,yes,,\n\
                orders,total,numeric,yes,,\n\
                ,x,integer,,,\n\
                orders,y,,,,\n\
                orders,z,integer,,nowhere,\n\
                orders,w,integer,,orders.gone,\n\
                orders,short\n";
    let errors = csv_errors(text);
    assert_eq!(
        told(&errors),
        [
            "2:4 nullable: `perhaps` is neither yes nor no",
            "4:2 column: `public.orders` has a column `total` already",
            "5:1 table: the name is missing",
            "6:3 type: the type is missing",
            "7:5 references: `nowhere` names no column of a table",
            "8:5 references: `public.orders` has no column `gone`",
            "9:2 : the row has 2 fields, the header 6",
        ]
    );
    assert!(errors.iter().all(|error| !error.hint.is_empty()));
    assert!(errors[1].hint.contains("line 3"), "{}", errors[1].hint);
}

#[test]
fn a_bad_header_is_told_with_what_was_meant() {
    let errors = csv_errors("tabel,column,typ,zzz,column\na,b,c,d,e\n");
    assert_eq!(
        told(&errors),
        [
            "1:1 tabel: unknown header `tabel`",
            "1:3 typ: unknown header `typ`",
            "1:4 zzz: unknown header `zzz`",
            "1:5 column: the header `column` stands twice",
            "1:1 table: the header `table` is missing",
            "1:1 type: the header `type` is missing",
        ]
    );
    assert_eq!(errors[0].hint, "did you mean `table`?");
    assert!(errors[2].hint.starts_with("known are: schema, table"), "{}", errors[2].hint);
}

#[test]
fn no_more_than_a_hundred_errors_are_told() {
    let rows: String = (0..500).map(|number| format!("t,c{number},integer,maybe\n")).collect();
    let errors = csv_errors(&format!("table,column,type,nullable\n{rows}"));
    assert_eq!(errors.len(), ERRORS_MAX);
    assert_eq!((errors[0].line, errors[99].line), (2, 101));
}

#[test]
fn other_encodings_are_refused_with_the_place() {
    let utf16: Vec<u8> =
        [0xff, 0xfe].into_iter().chain("table".encode_utf16().flat_map(u16::to_le_bytes)).collect();
    for read in [from_csv, from_json] {
        let errors = read(&utf16).unwrap_err();
        assert_eq!(errors[0].message, "the file is in UTF-16");
        let errors = read(b"table,column,type\nk\xe4se,id,integer\n").unwrap_err();
        assert_eq!(told(&errors), ["2:2 : here is a byte that is not UTF-8 text"]);
        assert_eq!(errors[0].hint, "save the file as UTF-8 and upload it again");
        assert!(read(b"").is_err());
    }
}

#[test]
fn sizes_have_bounds() {
    let wide: String = (0..=COLUMNS_MAX).map(|number| format!("t,c{number},integer\n")).collect();
    let errors = csv_errors(&format!("table,column,type\n{wide}"));
    assert_eq!(told(&errors), [format!("{}:2 column: the table has too many columns", COLUMNS_MAX + 2)]);
    let many: String = (0..=super::TABLES_MAX).map(|number| format!("t{number},c,integer\n")).collect();
    let errors = csv_errors(&format!("table,column,type\n{many}"));
    assert_eq!(errors[0].message, "the file has too many tables");
    let long = "x".repeat(super::NAME_MAX + 1);
    assert_eq!(
        csv_errors(&format!("table,column,type\n{long},c,integer\n"))[0].message,
        "the name is too long"
    );
    assert_eq!(
        csv_errors("table,column,type\n\"a\u{1b}b\",c,integer\n")[0].message,
        "the name has a control character"
    );
    let large = vec![b' '; super::BYTES_MAX + 1];
    assert!(from_json(&large).unwrap_err()[0].message.contains("are allowed"));
}

#[test]
fn json_tables_are_taken() {
    let text = r#"{ "database": "shop", "tables": [
        { "schema": "sales", "name": "orders", "comment": "what was bought",
          "columns": [ { "name": "id", "type": "bigint" }, { "name": "line", "data_type": "int", "nullable": false },
                       { "name": "customer", "type": "integer", "default": 0, "index": true } ],
          "primary_key": ["id", "line"], "unique_keys": [["customer", "line"]],
          "indexes": [{ "name": "by_customer", "columns": "customer", "unique": true, "method": "btree" }],
          "foreign_keys": [{ "columns": ["customer"], "references": { "table": "customers", "columns": ["id"] },
                             "on_delete": "set null" }] },
        { "schema": "sales", "name": "customers", "kind": "view", "columns": [{ "name": "id", "type": "integer" }] } ] }"#;
    let catalog = from_json(text.as_bytes()).unwrap_or_else(|errors| panic!("{:#?}", told(&errors)));
    let orders = relation(&catalog, "sales", "orders");
    assert_eq!(orders.primary_key.as_ref().unwrap().columns, ["id", "line"]);
    assert!(!orders.columns[0].nullable);
    assert_eq!(orders.columns[2].default.as_deref(), Some("0"));
    assert_eq!(orders.unique_keys[0].name, "orders_customer_line_key");
    assert_eq!(orders.indexes.len(), 2);
    assert_eq!(orders.foreign_keys[0].on_delete, KeyAction::SetNull);
    let bare = from_json(br#"[{"name": "t", "columns": [{"name": "a", "type": "text"}]}]"#).unwrap();
    assert_eq!(relation(&bare, "public", "t").columns.len(), 1);
}

#[test]
fn what_a_snapshot_is_written_as_can_be_read() {
    let catalog = from_csv(b"table,column,type,primary_key\nt,a,integer,yes\nt,b,text,\n").unwrap();
    let again = from_json(&serde_json::to_vec_pretty(&catalog).unwrap()).unwrap();
    assert_eq!(again.objects, catalog.objects);
    let text = serde_json::to_string_pretty(&catalog).unwrap().replacen(
        "\"kind\": \"table\"",
        "\"kind\": \"tabel\"",
        1,
    );
    let errors = json_errors(&text);
    let line = text.lines().position(|line| line.contains("tabel")).unwrap() as u64 + 1;
    assert_eq!((errors.len(), errors[0].line, errors[0].field.as_str()), (1, line, "objects[1]"));
    assert!(errors[0].message.contains("unknown variant `tabel`"), "{}", errors[0].message);
}

#[test]
fn every_bad_json_item_is_told_by_its_place() {
    let text = r#"{ "tables": [
  { "name": "a", "colums": [],
    "columns": [ { "name": "x" }, { "type": "int" },
                 { "name": "y", "type": 5 }, 7,
                 { "name": "z", "type": "int", "nullable": "perhaps" } ] },
  { "name": "b", "columns": [ { "name": "x", "type": "int" }, { "name": "x", "type": "int" } ],
    "primary_key": ["gone"],
    "foreign_keys": [ { "columns": ["x"], "references": { "table": "c", "columns": ["k", "l"] } } ] },
  { "name": "b", "columns": [] },
  { "name": "é", "columns": {} } ] }"#;
    assert_eq!(
        told(&json_errors(text)),
        [
            "2:28 tables[0].colums: unknown field `colums`",
            "3:18 tables[0].columns[0]: the type is missing",
            "3:35 tables[0].columns[1]: the field `name` is missing",
            "4:41 tables[0].columns[2].type: a number stands here",
            "4:46 tables[0].columns[3]: a number stands here",
            "4:46 tables[0].columns[3]: the field `name` is missing",
            "4:46 tables[0].columns[3]: the type is missing",
            "5:60 tables[0].columns[4].nullable: a text stands here",
            "6:63 tables[1].columns[1]: `public.b` has a column `x` already",
            "7:20 tables[1].primary_key: the table has no column `gone`",
            "8:57 tables[1].foreign_keys[0].references: 1 columns refer to 2",
            "9:3 tables[2]: the table `public.b` stands twice",
            "10:29 tables[3].columns: an object stands here",
        ]
    );
}

#[test]
fn what_is_not_json_is_told_where_it_stops_to_be() {
    let errors = json_errors("{\n  \"tables\": [,]\n}");
    assert_eq!(told(&errors), ["2:14 : this is not JSON: expected value"]);
    let deep = "[".repeat(100_000);
    assert_eq!(json_errors(&deep).len(), 1);
    assert_eq!(json_errors("5")[0].message, "the file has no tables");
    assert_eq!(json_errors("{\"tables\": []}")[0].message, "the file describes no table");
}

#[test]
fn the_documented_examples_are_taken() {
    let text = include_str!("../../../../../docs/schema.md");
    let mut taken = 0;
    for block in text.split("\n```").skip(1).step_by(2) {
        let (language, body) = block.split_once('\n').unwrap();
        match language {
            "csv" => {
                let catalog =
                    from_csv(body.as_bytes()).unwrap_or_else(|errors| panic!("{:#?}", told(&errors)));
                assert_eq!(relation(&catalog, "sales", "orders").indexes[0].columns, ["customer_id", "day"]);
                taken += 1;
            }
            "json" if body.contains("possible_rename_of") => {
                let change: crate::schema::diff::Change = serde_json::from_str(body).unwrap();
                assert_eq!(
                    serde_json::to_value(&change).unwrap(),
                    serde_json::from_str::<serde_json::Value>(body).unwrap()
                );
                taken += 1;
            }
            "json" => {
                let catalog =
                    from_json(body.as_bytes()).unwrap_or_else(|errors| panic!("{:#?}", told(&errors)));
                assert!(catalog.objects.iter().any(|object| object.schema == "sales"));
                taken += 1;
            }
            other => panic!("what is `{other}`?"),
        }
    }
    assert_eq!(taken, 4);
    for (name, limit) in [
        ("MiB", super::BYTES_MAX / 1024 / 1024),
        ("tables", super::TABLES_MAX),
        ("errors", ERRORS_MAX),
        ("columns", COLUMNS_MAX),
        ("characters", super::NAME_MAX),
    ] {
        let digits = limit.to_string();
        let written = match digits.len() {
            4.. => format!("{},{}", &digits[..digits.len() - 3], &digits[digits.len() - 3..]),
            _ => digits,
        };
        assert!(text.contains(&format!("{written} {name}")), "{written} {name}");
    }
}

#[test]
fn every_header_and_field_is_documented() {
    let text = include_str!("../../../../../docs/schema.md");
    for word in super::csv::HEADERS.iter().chain(&super::json::TABLE).chain(&super::json::COLUMN) {
        assert!(text.contains(&format!("`{word}`")), "{word}");
    }
}

proptest::proptest! {
    #[test]
    fn any_bytes_are_answered(bytes in proptest::collection::vec(proptest::arbitrary::any::<u8>(), 0..200)) {
        let _ = from_csv(&bytes);
        let _ = from_json(&bytes);
    }

    #[test]
    fn any_json_has_its_places(text in r#"(\{"tables":)?[\[\]{}", :a-zé0-9\\\n]{0,60}\}?"#) {
        if let Err(errors) = from_json(text.as_bytes()) {
            proptest::prop_assert!(!errors.is_empty());
        }
    }
}
