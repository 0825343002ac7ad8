//! SQLite: is every kind of object read as it is, with no right but to read?

use admin_engines::schema::model::*;
use admin_engines::schema::{Options, diff, sqlite::catalog};
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use rusqlite::{Connection, OpenFlags};

/// A file with every kind of object.
fn everything() -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("shop.db");
    Connection::open(&file).unwrap().execute_batch(include_str!("sqlite.sql")).unwrap();
    (folder, file)
}

fn relation<'c>(catalog: &'c Catalog, name: &str) -> &'c Relation {
    catalog.find(&ObjectKey::relation("main", name)).and_then(Object::relation).unwrap()
}

#[test]
fn every_kind_of_object_is_read() {
    let (_folder, file) = everything();
    let connection = Connection::open(&file).unwrap();
    let catalog = catalog(&connection, &Options::default()).unwrap();
    assert_eq!((catalog.engine, catalog.warnings.len()), (Engine::Sqlite, 0));
    assert!(catalog.taken_at_us > 1_700_000_000_000_000);
    let names: Vec<String> =
        catalog.objects.iter().map(|object| format!("{} {}", object.kind, object.name)).collect();
    assert_eq!(
        names,
        ["schema main", "table customers", "table orders", "table places", "view rich", "table words"]
    );
    let customers = relation(&catalog, "customers");
    let column = |name: &str| customers.column(name).unwrap();
    assert_eq!((column("id").nullable, column("id").identity), (false, Some(Identity::AutoIncrement)));
    assert_eq!(column("email").collation.as_deref(), Some("NOCASE"));
    assert_eq!(column("Full Name").default.as_deref(), Some("'nobody'"));
    let generated = |kind, expression: &str| Some(Generated { kind, expression: expression.to_owned() });
    assert_eq!(column("full_length").generated, generated(GeneratedKind::Stored, "length(email)"));
    assert_eq!(column("twice").generated, generated(GeneratedKind::Virtual, "id * 2"));
    assert_eq!(
        (customers.checks[0].name.as_str(), customers.checks[0].expression.as_str()),
        ("has_at", "email LIKE '%@%'")
    );
    assert_eq!(customers.unique_keys[0].columns, ["email"]);
    let index = customers.indexes.iter().find(|index| index.name == "customers_lower").unwrap();
    assert_eq!(
        (index.columns.join("; "), index.predicate.as_deref()),
        ("lower(email); Full Name DESC".to_owned(), Some("email IS NOT NULL"))
    );
    let orders = relation(&catalog, "orders");
    let keys: Vec<String> = orders
        .foreign_keys
        .iter()
        .map(|key| {
            format!(
                "{} {} -> {} {}",
                key.name,
                key.columns.join(","),
                key.references.table,
                key.references.columns.join(",")
            )
        })
        .collect();
    assert_eq!(keys, [" region,place -> places region,place", "orders_customer customer_id -> customers id"]);
    let key = &orders.foreign_keys[1];
    assert_eq!(
        (key.on_delete, key.on_update, key.deferrable),
        (KeyAction::Cascade, KeyAction::Restrict, Postponement::InitiallyDeferred)
    );
    assert_eq!(
        (orders.triggers[0].timing.as_str(), orders.triggers[0].events.join(",")),
        ("after", "update".to_owned())
    );
    let places = relation(&catalog, "places");
    assert_eq!(places.primary_key.as_ref().unwrap().columns, ["region", "place"]);
    assert!(places.options.contains_key("strict") && places.options.contains_key("without_rowid"));
    assert!(relation(&catalog, "rich").query.as_ref().unwrap().starts_with("CREATE VIEW rich AS"));
    let words: Vec<&str> =
        relation(&catalog, "words").columns.iter().map(|column| column.name.as_str()).collect();
    assert_eq!(words, ["line"]);
    let customers = catalog.find(&ObjectKey::relation("main", "customers")).unwrap();
    assert_eq!(customers.measurements.row_estimate, Some(2));
}

#[test]
fn nothing_but_reading_is_needed() {
    const PRAGMAS: [&str; 5] = ["table_list", "table_xinfo", "index_list", "index_xinfo", "foreign_key_list"];
    let (_folder, file) = everything();
    let whole = catalog(&Connection::open(&file).unwrap(), &Options::default()).unwrap();
    let connection = Connection::open_with_flags(&file, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    connection.pragma_update(None, "query_only", true).unwrap();
    connection.authorizer(Some(|context: AuthContext<'_>| match context.action {
        AuthAction::Select | AuthAction::Read { .. } | AuthAction::Function { .. } => Authorization::Allow,
        AuthAction::Transaction { .. } => Authorization::Allow,
        AuthAction::Pragma { pragma_name, .. } if PRAGMAS.contains(&pragma_name) => Authorization::Allow,
        _ => Authorization::Deny,
    }));
    let part = catalog(&connection, &Options::default()).unwrap();
    assert_eq!((part.warnings, diff::diff(&whole.objects, &part.objects)), (Vec::new(), Vec::new()));
    assert!(connection.is_autocommit());
}

#[test]
fn a_broken_view_does_not_hide_the_tables() {
    let (_folder, file) = everything();
    let connection = Connection::open(&file).unwrap();
    connection.execute_batch("PRAGMA legacy_alter_table = on; PRAGMA foreign_keys = off; CREATE VIEW broken AS SELECT x FROM gone").unwrap();
    let catalog = catalog(&connection, &Options::default()).unwrap();
    assert_eq!(relation(&catalog, "customers").columns.len(), 5);
    assert_eq!(
        relation(&catalog, "broken").query.as_deref(),
        Some("CREATE VIEW broken AS SELECT x FROM gone")
    );
}

#[test]
fn attached_files_are_read_and_can_be_left_out() {
    let (folder, file) = everything();
    let other = folder.path().join("other.db");
    Connection::open(&other).unwrap().execute_batch("CREATE TABLE far (id INTEGER)").unwrap();
    let connection = Connection::open(&file).unwrap();
    connection.execute("ATTACH ? AS [o\"x]", [other.to_str().unwrap()]).unwrap();
    let both = catalog(&connection, &Options::default()).unwrap();
    assert!(both.find(&ObjectKey::relation("o\"x", "far")).is_some());
    let options = Options { include: vec!["o\"x".to_owned()], ..Options::default() };
    let only = catalog(&connection, &options).unwrap();
    let names: Vec<String> = only.objects.iter().map(|object| object.key().to_string()).collect();
    assert_eq!(names, ["schema o\"x", "relation o\"x.far"]);
}
