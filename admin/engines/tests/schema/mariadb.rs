//! MariaDB: is every kind of object read as it is, as many as the server counts, by whoever may look?

use crate::servers::{Server, mariadb, mysql_session};
use admin_engines::schema::model::*;
use admin_engines::schema::{Options, diff, mysql::catalog};
use mysql_async::prelude::Queryable;

/// A server with every kind of object.
async fn everything() -> Server {
    let server = mariadb().await;
    let mut session = mysql_session(&server, "owner", None).await;
    for statement in include_str!("mariadb.sql").lines() {
        session.query_drop(statement).await.unwrap_or_else(|error| panic!("{statement}: {error}"));
    }
    server
}

fn find<'c>(catalog: &'c Catalog, key: &str) -> &'c Object {
    let found = catalog.objects.iter().find(|object| object.key().to_string() == key);
    found.unwrap_or_else(|| panic!("no `{key}`"))
}

#[tokio::test]
async fn every_kind_of_object_is_read() {
    let server = everything().await;
    let mut session = mysql_session(&server, "owner", Some("sales")).await;
    let catalog = catalog(&mut session, &Options::default()).await.unwrap();
    assert_eq!(
        (catalog.engine, catalog.database.as_str(), catalog.warnings.len()),
        (Engine::Mariadb, "sales", 0)
    );
    assert!(catalog.taken_at_us > 1_700_000_000_000_000);
    let names: Vec<String> =
        catalog.objects.iter().map(|object| format!("{} {}", object.kind, object.name)).collect();
    assert_eq!(
        names,
        [
            "schema sales",
            "table customers",
            "partitioned table events",
            "table orders",
            "view rich",
            "sequence ticket",
            "function total",
            "procedure total"
        ]
    );
    check_customers(find(&catalog, "relation sales.customers"));
    let orders = find(&catalog, "relation sales.orders").relation().unwrap();
    let key = &orders.foreign_keys[0];
    let to = Reference { schema: "sales".into(), table: "customers".into(), columns: vec!["id".into()] };
    assert_eq!((key.name.as_str(), &key.references), ("orders_customer", &to));
    assert_eq!((key.on_delete, key.on_update), (KeyAction::Cascade, KeyAction::Restrict));
    assert_eq!(orders.checks[0].expression, "`amount` > 0");
    let trigger = &orders.triggers[0];
    assert_eq!((trigger.timing.as_str(), trigger.events.join(",")), ("before", "insert".to_owned()));
    assert_eq!(trigger.definition, "SET NEW.amount = 1");
    let events = find(&catalog, "relation sales.events").relation().unwrap();
    assert_eq!(events.partition_key.as_deref(), Some("RANGE (year(`day`))"));
    let parts: Vec<_> = events.parts.iter().map(|part| (part.name.as_str(), part.bound.as_deref())).collect();
    assert_eq!(parts, [("old", Some("2026")), ("rest", Some("MAXVALUE"))]);
    let rich = find(&catalog, "relation sales.rich");
    assert_eq!(rich.definition.owner.as_deref(), Some("owner@127.0.0.1"));
    assert!(rich.relation().unwrap().query.as_ref().unwrap().contains("join `sales`.`orders`"));
    let Detail::Sequence(ticket) = &find(&catalog, "sequence sales.ticket").definition.detail else {
        panic!()
    };
    assert_eq!((ticket.start, ticket.increment, ticket.cache, ticket.cycle), (100, 5, 10, true));
    let Detail::Routine(total) = &find(&catalog, "function sales.total()").definition.detail else {
        panic!()
    };
    assert_eq!(
        (total.arguments.as_str(), total.result.as_deref()),
        ("who int(11), since date", Some("decimal(10,2)"))
    );
    assert_eq!((total.volatility, total.security_definer), (Some(Volatility::Stable), true));
    let Detail::Routine(total) = &find(&catalog, "procedure sales.total()").definition.detail else {
        panic!()
    };
    assert_eq!((total.arguments.as_str(), total.security_definer), ("days int(11), OUT gone int(11)", false));
}

fn check_customers(customers: &Object) {
    assert_eq!(customers.definition.comment.as_deref(), Some("who buys"));
    let grant = Grant {
        grantee: "part@127.0.0.1".into(),
        column: Some("email".into()),
        privilege: "SELECT".into(),
        grantable: false,
    };
    assert_eq!(customers.definition.grants, [grant]);
    assert_eq!(customers.measurements.row_estimate, Some(3));
    assert!(customers.measurements.size_bytes.unwrap() > 0);
    let relation = customers.relation().unwrap();
    let column = |name: &str| relation.column(name).unwrap();
    assert_eq!(
        (column("id").data_type.as_str(), column("id").identity),
        ("int(10) unsigned", Some(Identity::AutoIncrement))
    );
    assert_eq!(column("email").collation.as_deref(), Some("utf8mb4_bin"));
    assert_eq!(
        (column("Full Name").default.as_deref(), column("Full Name").collation.as_ref()),
        (Some("'nobody'"), None)
    );
    assert_eq!(
        (column("feeling").data_type.as_str(), column("feeling").nullable),
        ("enum('sad','ok')", true)
    );
    let generated = |kind, expression: &str| Some(Generated { kind, expression: expression.to_owned() });
    assert_eq!(column("full_length").generated, generated(GeneratedKind::Stored, "char_length(`email`)"));
    assert_eq!(column("twice").generated, generated(GeneratedKind::Virtual, "`id` * 2"));
    assert_eq!(column("twice").default, None);
    assert_eq!(
        column("changed").default.as_deref(),
        Some("current_timestamp() on update current_timestamp()")
    );
    assert_eq!(relation.primary_key.as_ref().unwrap().columns, ["id"]);
    assert_eq!(relation.unique_keys.len(), 1);
    let index = relation.indexes.iter().find(|index| index.name == "by_name").unwrap();
    assert_eq!(
        (index.columns.join("; "), index.method.as_str()),
        ("Full Name(10); feeling".to_owned(), "btree")
    );
    assert_eq!(relation.options["engine"], "InnoDB");
}

#[tokio::test]
async fn there_is_as_much_as_the_server_counts() {
    let server = everything().await;
    let mut session = mysql_session(&server, "owner", None).await;
    let options = Options { include: vec!["sales".into(), "other".into()], ..Options::default() };
    let catalog = catalog(&mut session, &options).await.unwrap();
    let relations: Vec<&Relation> = catalog.objects.iter().filter_map(Object::relation).collect();
    let sum = |count: fn(&Relation) -> usize| relations.iter().map(|relation| count(relation)).sum::<usize>();
    let kinds =
        |wanted: &[ObjectKind]| catalog.objects.iter().filter(|object| wanted.contains(&object.kind)).count();
    let keys = |kind: &str| {
        format!("TABLE_CONSTRAINTS WHERE CONSTRAINT_TYPE = '{kind}' AND TABLE_SCHEMA IN ('sales', 'other')")
    };
    let of = |table: &str, column: &str| format!("{table} WHERE {column} IN ('sales', 'other')");
    let expected = [
        (relations.len() + kinds(&[ObjectKind::Sequence]), of("TABLES", "TABLE_SCHEMA")),
        (kinds(&[ObjectKind::View]), of("VIEWS", "TABLE_SCHEMA")),
        (kinds(&[ObjectKind::Function, ObjectKind::Procedure]), of("ROUTINES", "ROUTINE_SCHEMA")),
        (kinds(&[ObjectKind::Schema]), of("SCHEMATA", "SCHEMA_NAME")),
        (
            sum(|relation| relation.columns.len()),
            "COLUMNS c JOIN information_schema.TABLES t USING (TABLE_SCHEMA, TABLE_NAME) \
             WHERE c.TABLE_SCHEMA IN ('sales', 'other') AND t.TABLE_TYPE <> 'SEQUENCE'"
                .to_owned(),
        ),
        (sum(|relation| relation.triggers.len()), of("TRIGGERS", "EVENT_OBJECT_SCHEMA")),
        (sum(|relation| usize::from(relation.primary_key.is_some())), keys("PRIMARY KEY")),
        (sum(|relation| relation.unique_keys.len()), keys("UNIQUE")),
        (sum(|relation| relation.foreign_keys.len()), keys("FOREIGN KEY")),
        (sum(|relation| relation.checks.len()), keys("CHECK")),
    ];
    for (found, what) in expected {
        let sql = format!("SELECT COUNT(*) FROM information_schema.{what}");
        let counted: Option<usize> = session.query_first(&sql).await.unwrap();
        assert_eq!(Some(found), counted, "{sql}");
    }
}

#[tokio::test]
async fn an_account_that_sees_only_part_gets_that_part_and_is_told() {
    let server = everything().await;
    let mut part = mysql_session(&server, "part", Some("sales")).await;
    let found = catalog(&mut part, &Options::default()).await.unwrap();
    let names: Vec<String> = found.objects.iter().map(|object| object.key().to_string()).collect();
    assert_eq!(names, ["schema sales", "relation sales.customers", "relation sales.orders"]);
    let customers = find(&found, "relation sales.customers").relation().unwrap();
    assert_eq!(customers.columns.iter().map(|column| column.name.as_str()).collect::<Vec<_>>(), ["email"]);
    let missing: Vec<&str> = found.warnings.iter().map(|warning| warning.missing.as_str()).collect();
    assert_eq!(missing, ["use of indexes"]);
    assert!(found.warnings[0].reason.contains("denied"), "{}", found.warnings[0].reason);
}

#[tokio::test]
async fn a_change_of_the_schema_is_told_and_a_change_of_rows_is_not() {
    let server = everything().await;
    let mut session = mysql_session(&server, "owner", Some("sales")).await;
    let before = catalog(&mut session, &Options::default()).await.unwrap();
    session.query_drop("INSERT INTO customers (email) VALUES ('d'), ('e')").await.unwrap();
    session.query_drop("SELECT NEXT VALUE FOR ticket").await.unwrap();
    let after = catalog(&mut session, &Options::default()).await.unwrap();
    assert_eq!(diff::diff(&before.objects, &after.objects), []);
    session.query_drop("ALTER TABLE orders ADD COLUMN note TEXT, DROP CONSTRAINT above_zero").await.unwrap();
    let after = catalog(&mut session, &Options::default()).await.unwrap();
    let told: Vec<String> =
        diff::diff(&before.objects, &after.objects).into_iter().map(|change| change.sentence).collect();
    assert_eq!(
        told,
        [
            "column `note` of table `sales.orders` was added",
            "check `above_zero` of table `sales.orders` was removed"
        ]
    );
}
