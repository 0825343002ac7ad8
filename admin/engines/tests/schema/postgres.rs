//! PostgreSQL: is every kind of object read as it is, as many as the server counts, by whoever may look?

use crate::servers::{Server, postgres, session, versions};
use admin_engines::schema::model::*;
use admin_engines::schema::{CatalogError, Options, diff, postgres::catalog};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};
use tokio_postgres::Client;

const EVERYTHING: &str = include_str!("postgres.sql");

/// A server with every kind of object, and its superuser's session.
async fn everything(version: &str) -> (Server, Client) {
    let server = postgres(version).await;
    let client = session(&server, "owner", "postgres").await;
    client.batch_execute(EVERYTHING).await.unwrap();
    (server, client)
}

fn find<'c>(catalog: &'c Catalog, kind: ObjectKind, name: &str) -> &'c Object {
    let found = catalog.objects.iter().find(|object| object.kind == kind && object.name == name);
    found.unwrap_or_else(|| panic!("no {kind} `{name}`"))
}

fn relation<'c>(catalog: &'c Catalog, kind: ObjectKind, name: &str) -> &'c Relation {
    find(catalog, kind, name).relation().unwrap()
}

fn routine<'c>(catalog: &'c Catalog, arguments: &str) -> &'c Routine {
    let routines = catalog.objects.iter().filter_map(|object| match &object.definition.detail {
        Detail::Routine(routine) => Some(routine),
        _ => None,
    });
    routines.into_iter().find(|routine| routine.identity_arguments == arguments).unwrap()
}

async fn count(client: &Client, sql: &str) -> usize {
    let number: i64 = client.query_one(sql, &[]).await.unwrap().get(0);
    usize::try_from(number).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_kind_of_object_is_read() {
    for version in versions() {
        let (_server, client) = everything(&version).await;
        let catalog = catalog(&client, &Options::default()).await.unwrap();
        assert_eq!(
            (catalog.engine, catalog.database.as_str(), catalog.warnings.len()),
            (Engine::Postgres, "postgres", 0)
        );
        assert!(catalog.version.starts_with(&version), "{}", catalog.version);
        assert!(catalog.taken_at_us > 1_700_000_000_000_000);
        check_tables(&catalog);
        check_hangers(&catalog);
        check_others(&catalog);
        check_measurements(&catalog, version.parse().unwrap());
    }
}

fn check_tables(catalog: &Catalog) {
    let customers = relation(catalog, ObjectKind::Table, "customers");
    let names: Vec<&str> = customers.columns.iter().map(|column| column.name.as_str()).collect();
    assert_eq!(names, ["id", "email", "Full Name", "feeling", "full_length", "created"]);
    assert_eq!(customers.columns.iter().map(|column| column.ordinal).collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6]);
    assert_eq!(customers.columns[0].identity, Some(Identity::Always));
    let email = &customers.columns[1];
    assert_eq!((email.nullable, email.collation.as_deref()), (false, Some("C")));
    assert_eq!(email.comment.as_deref(), Some("where bills go"));
    assert_eq!(customers.columns[2].data_type, "character varying(80)");
    assert_eq!(customers.columns[3].default.as_deref(), Some("'ok'::sales.mood"));
    let generated = Generated { kind: GeneratedKind::Stored, expression: "length(email)".to_owned() };
    assert_eq!(
        (customers.columns[4].generated.as_ref(), &customers.columns[4].default),
        (Some(&generated), &None)
    );
    let index = customers.indexes.iter().find(|index| index.name == "customers_lower").unwrap();
    assert_eq!(
        (index.columns.join("; "), index.include.join("; ")),
        ("lower(email); Full Name".into(), "created".into())
    );
    assert_eq!((index.predicate.as_deref(), index.unique), (Some("email IS NOT NULL"), false));
    assert!(index.definition.as_ref().unwrap().contains("\"Full Name\" DESC"));
    let partition = relation(catalog, ObjectKind::Table, "events_2026").partition_of.as_ref().unwrap();
    assert_eq!(partition.parent.to_string(), "sales.events");
    assert_eq!(partition.bound, "FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')");
    let events = relation(catalog, ObjectKind::PartitionedTable, "events");
    assert_eq!(events.partition_key.as_deref(), Some("RANGE (day)"));
    let inherits = &relation(catalog, ObjectKind::Table, "old_notes").inherits;
    assert_eq!(inherits[0].to_string(), "sales.notes");
    let option =
        |name: &str, option: &str| relation(catalog, ObjectKind::Table, name).options.get(option).cloned();
    assert_eq!(option("scratch", "persistence").as_deref(), Some("unlogged"));
    assert_eq!(option("orders", "fillfactor").as_deref(), Some("70"));
    let rich = relation(catalog, ObjectKind::View, "rich");
    assert!(rich.query.as_ref().unwrap().contains("JOIN sales.orders o ON o.customer_id = c.id"));
    assert_eq!((rich.columns.len(), rich.options["security_barrier"].as_str()), (2, "true"));
    assert!(relation(catalog, ObjectKind::MaterializedView, "totals").indexes[0].unique);
    assert_eq!(relation(catalog, ObjectKind::ForeignTable, "remote").options["server"], "elsewhere");
}

fn check_hangers(catalog: &Catalog) {
    let orders = relation(catalog, ObjectKind::Table, "orders");
    assert_eq!(orders.primary_key.as_ref().unwrap().columns, ["id"]);
    let key = &orders.foreign_keys[0];
    assert_eq!(
        (key.name.as_str(), key.columns.as_slice()),
        ("orders_customer", ["customer_id".to_owned()].as_slice())
    );
    let to = Reference { schema: "sales".into(), table: "customers".into(), columns: vec!["id".into()] };
    assert_eq!(
        (&key.references, key.on_delete, key.on_update),
        (&to, KeyAction::Cascade, KeyAction::Restrict)
    );
    assert_eq!((key.deferrable, key.not_validated), (Postponement::InitiallyDeferred, false));
    let checks: Vec<(&str, bool)> =
        orders.checks.iter().map(|check| (check.name.as_str(), check.not_validated)).collect();
    assert_eq!(checks, [("amount_above_zero", false), ("amount_low", true)]);
    assert_eq!(orders.exclusions[0].definition, "EXCLUDE USING gist (during WITH &&)");
    let trigger = &orders.triggers[0];
    assert_eq!((trigger.timing.as_str(), trigger.events.join(",")), ("before", "insert,update".to_owned()));
    // Its clones on the partition are not told again, nor are the rows of a key to a partitioned table.
    assert_eq!(relation(catalog, ObjectKind::PartitionedTable, "events").triggers.len(), 1);
    assert_eq!(relation(catalog, ObjectKind::Table, "events_2026").triggers.len(), 0);
    assert_eq!(relation(catalog, ObjectKind::Table, "notes").foreign_keys.len(), 1);
    let customers = find(catalog, ObjectKind::Table, "customers");
    assert_eq!(customers.definition.comment.as_deref(), Some("who buys"));
    let policy = &customers.relation().unwrap().policies[0];
    assert!(customers.relation().unwrap().row_security && policy.restrictive);
    assert_eq!((policy.command.as_str(), policy.roles.join(",")), ("select", "reader".to_owned()));
    assert_eq!(grants(customers), ["reader SELECT(email)"]);
    let orders = find(catalog, ObjectKind::Table, "orders");
    assert_eq!(orders.definition.owner.as_deref(), Some("owner"));
    assert_eq!(grants(orders), ["reader SELECT", "seller SELECT+", "seller UPDATE+"]);
    assert_eq!(grants(find(catalog, ObjectKind::Schema, "sales")), ["reader USAGE"]);
}

fn grants(object: &Object) -> Vec<String> {
    let said = |grant: &Grant| {
        let column = grant.column.as_ref().map(|column| format!("({column})")).unwrap_or_default();
        format!("{} {}{column}{}", grant.grantee, grant.privilege, if grant.grantable { "+" } else { "" })
    };
    object.definition.grants.iter().map(said).collect()
}

fn check_others(catalog: &Catalog) {
    let total = routine(catalog, "integer, date");
    assert_eq!(total.arguments, "who integer, since date DEFAULT '2000-01-01'::date");
    assert_eq!((total.volatility, total.security_definer), (Some(Volatility::Stable), true));
    assert_eq!(
        (total.settings.join(","), total.result.as_deref()),
        ("search_path=sales".to_owned(), Some("numeric"))
    );
    assert!(total.definition.as_ref().unwrap().starts_with("CREATE OR REPLACE FUNCTION sales.total("));
    assert!(routine(catalog, "text").strict);
    let product = routine(catalog, "numeric");
    assert_eq!(product.form, RoutineForm::Aggregate);
    assert_eq!(
        product.definition.as_deref(),
        Some("SFUNC = numeric_mul(numeric,numeric), STYPE = numeric, INITCOND = '1'")
    );
    assert_eq!(
        find(catalog, ObjectKind::Procedure, "clean").key().to_string(),
        "procedure sales.clean(integer)"
    );
    let mood = Detail::Enum(["sad", "ok", "happy"].map(str::to_owned).to_vec());
    assert_eq!(find(catalog, ObjectKind::Enum, "mood").definition.detail, mood);
    let Detail::Domain(domain) = &find(catalog, ObjectKind::Domain, "positive").definition.detail else {
        panic!()
    };
    assert_eq!(
        (domain.data_type.as_str(), domain.nullable, domain.default.as_deref()),
        ("integer", false, Some("1"))
    );
    assert_eq!((domain.checks.len(), domain.checks[0].name.as_str()), (1, "above_zero"));
    let Detail::Composite(columns) = &find(catalog, ObjectKind::Type, "address").definition.detail else {
        panic!()
    };
    assert_eq!(columns.iter().map(|column| column.name.as_str()).collect::<Vec<_>>(), ["street", "number"]);
    let span = Detail::Range(Range { subtype: "date".to_owned() });
    assert_eq!(find(catalog, ObjectKind::Type, "span").definition.detail, span);
    let ticket = find(catalog, ObjectKind::Sequence, "ticket");
    let Detail::Sequence(sequence) = &ticket.definition.detail else { panic!() };
    assert_eq!((sequence.start, sequence.increment, sequence.cache, sequence.cycle), (100, 5, 10, true));
    assert!(ticket.measurements.last_value.unwrap() >= 100);
    let serial = find(catalog, ObjectKind::Sequence, "orders_id_seq");
    let Detail::Sequence(serial) = &serial.definition.detail else { panic!() };
    assert_eq!(serial.owned_by.as_deref(), Some("sales.orders.id"));
    find(catalog, ObjectKind::Extension, "plpgsql");
}

fn check_measurements(catalog: &Catalog, version: u32) {
    let customers = find(catalog, ObjectKind::Table, "customers");
    assert_eq!(customers.measurements.row_estimate, Some(500));
    assert!(customers.measurements.size_bytes.unwrap() > 8192);
    let index = &customers.measurements.indexes["customers_email_once"];
    assert!(index.size_bytes.unwrap() >= 8192 && index.scans.is_some());
    assert!(index.last_used_us.is_none() || version >= 16);
    assert_eq!(find(catalog, ObjectKind::Table, "plain").measurements.row_estimate, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn there_is_as_much_as_the_server_counts() {
    for version in versions() {
        let (_server, client) = everything(&version).await;
        let catalog = catalog(&client, &Options::default()).await.unwrap();
        let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
        let mut parts: BTreeMap<&str, usize> = BTreeMap::new();
        for object in &catalog.objects {
            *kinds.entry(object.kind.word()).or_default() += 1;
            let Some(relation) = object.relation() else { continue };
            if object.kind != ObjectKind::MaterializedView {
                *parts.entry("columns").or_default() += relation.columns.len();
            }
            *parts.entry("unique").or_default() += relation.unique_keys.len();
            *parts.entry("primary").or_default() += usize::from(relation.primary_key.is_some());
            *parts.entry("foreign").or_default() += relation.foreign_keys.len();
            *parts.entry("indexes").or_default() += relation.indexes.len();
        }
        let own = "NOT IN ('pg_catalog', 'information_schema')";
        let constraints = |kind: &str| {
            format!(
                "SELECT count(*) FROM information_schema.table_constraints WHERE constraint_schema {own} AND constraint_type = '{kind}'"
            )
        };
        let tables = ["table", "partitioned table", "foreign table", "view"]
            .iter()
            .map(|kind| kinds[kind])
            .sum::<usize>();
        // The server counts two things that are no objects of their own: the constructors of a range type as
        // functions, and a foreign key to a partitioned table once more for each partition.
        let expected = [
            (tables, format!("SELECT count(*) FROM information_schema.tables WHERE table_schema {own}")),
            (
                kinds["view"],
                format!("SELECT count(*) FROM information_schema.views WHERE table_schema {own}"),
            ),
            (kinds["materialized view"], "SELECT count(*) FROM pg_matviews".to_owned()),
            (
                parts["columns"],
                format!("SELECT count(*) FROM information_schema.columns WHERE table_schema {own}"),
            ),
            (
                kinds["function"] + kinds["procedure"],
                format!(
                    "SELECT count(*) FROM information_schema.routines WHERE routine_schema {own} AND routine_name NOT LIKE 'span%'"
                ),
            ),
            (
                kinds["sequence"],
                format!("SELECT count(*) FROM information_schema.sequences WHERE sequence_schema {own}"),
            ),
            (
                kinds["domain"],
                format!("SELECT count(*) FROM information_schema.domains WHERE domain_schema {own}"),
            ),
            (
                kinds["schema"],
                format!(
                    "SELECT count(*) FROM information_schema.schemata WHERE schema_name {own} AND schema_name !~ '^pg_'"
                ),
            ),
            (parts["primary"], constraints("PRIMARY KEY")),
            (parts["unique"], constraints("UNIQUE")),
            (
                parts["foreign"],
                constraints("FOREIGN KEY") + " AND constraint_name IN ('orders_customer', 'notes_event')",
            ),
            (parts["indexes"], format!("SELECT count(*) FROM pg_indexes WHERE schemaname {own}")),
        ];
        for (found, sql) in expected {
            assert_eq!(found, count(&client, &sql).await, "PostgreSQL {version}: {sql}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_role_that_sees_only_part_gets_that_part_and_is_told() {
    for version in versions() {
        let (server, client) = everything(&version).await;
        let whole = catalog(&client, &Options::default()).await.unwrap();
        client
            .batch_execute(
                "REVOKE SELECT ON pg_catalog.pg_policy, pg_catalog.pg_stat_all_indexes FROM PUBLIC",
            )
            .await
            .unwrap();
        let reader = session(&server, "reader", "postgres").await;
        let part = catalog(&reader, &Options::default()).await.unwrap();
        let missing: Vec<&str> = part.warnings.iter().map(|warning| warning.missing.as_str()).collect();
        assert_eq!(missing, ["row security policies", "use of indexes"]);
        assert_eq!(part.warnings[0].reason, "permission denied for table pg_policy");
        let changes = diff::diff(&whole.objects, &part.objects);
        assert_eq!(changes.len(), 1, "{changes:#?}");
        assert_eq!(changes[0].part.as_ref().unwrap().name, "own_rows");
        assert_eq!(find(&part, ObjectKind::Sequence, "ticket").measurements.last_value, None);
        // The session is as it was: no transaction, no setting.
        let path: String = reader.query_one("SHOW search_path", &[]).await.unwrap().get(0);
        assert_eq!(path, "\"$user\", public");
        let failed = reader.batch_execute("SAVEPOINT outside").await.unwrap_err();
        assert_eq!(failed.code().unwrap().code(), "25P01");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_what_was_asked_for_is_read() {
    let (_server, client) = everything("18").await;
    let options = Options { include: vec!["public".to_owned()], functions: false, ..Options::default() };
    let found = catalog(&client, &options).await.unwrap();
    let names: Vec<String> = found.objects.iter().map(|object| object.key().to_string()).collect();
    assert_eq!(names, ["schema public", "relation public.plain", "extension plpgsql"]);
    let options = Options { exclude: vec!["public".to_owned()], functions: false, ..Options::default() };
    let found = catalog(&client, &options).await.unwrap();
    assert!(found.objects.iter().all(|object| object.schema != "public" && object.name != "public"));
    assert!(!found.objects.iter().any(|object| object.kind == ObjectKind::Function));
    let options = Options { objects_max: 5, ..Options::default() };
    assert!(matches!(catalog(&client, &options).await, Err(CatalogError::TooMany { objects_max: 5 })));
    assert_eq!(count(&client, "SELECT count(*) FROM sales.customers").await, 500);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_of_the_schema_is_told_and_a_change_of_rows_is_not() {
    let (server, client) = everything("18").await;
    let before = catalog(&client, &Options::default()).await.unwrap();
    client
        .batch_execute(
            "INSERT INTO sales.customers (email) SELECT 'd' || n FROM generate_series(1, 900) n; \
                          ANALYZE; SELECT nextval('sales.ticket')",
        )
        .await
        .unwrap();
    // Another session with other settings sees the same.
    let other = session(&server, "owner", "postgres").await;
    other
        .batch_execute(
            "SET search_path = sales; SET datestyle = 'SQL, DMY'; SET timezone = 'Asia/Tokyo'; \
                         SET quote_all_identifiers = on",
        )
        .await
        .unwrap();
    let after = catalog(&other, &Options::default()).await.unwrap();
    assert_eq!(diff::diff(&before.objects, &after.objects), []);
    assert_ne!(
        find(&before, ObjectKind::Table, "customers").measurements,
        find(&after, ObjectKind::Table, "customers").measurements
    );
    client
        .batch_execute(
            "ALTER TABLE sales.notes RENAME COLUMN kind TO sort; DROP INDEX sales.customers_lower; \
                          ALTER TABLE sales.scratch RENAME TO scratches; \
                          ALTER TYPE sales.mood ADD VALUE 'calm' BEFORE 'happy'; \
                          REVOKE SELECT ON sales.orders FROM reader",
        )
        .await
        .unwrap();
    let after = catalog(&client, &Options::default()).await.unwrap();
    let changes = diff::diff(&before.objects, &after.objects);
    let told: Vec<String> = changes
        .iter()
        .map(|change| {
            let rename = change.possible_rename_of.as_ref().map(|rename| format!(" (was {}?)", rename.name));
            format!("{}{}", change.sentence, rename.unwrap_or_default())
        })
        .collect();
    assert_eq!(
        told,
        [
            "index `customers_lower` of table `sales.customers` was removed",
            "column `kind` of table `sales.notes` was removed",
            "column `sort` of table `sales.notes` was added (was kind?)",
            "the columns of foreign key `notes_event` of table `sales.notes` changed from `(day, kind) references \
             sales.events (day, kind)` to `(day, sort) references sales.events (day, kind)`",
            "column `kind` of table `sales.old_notes` was removed",
            "column `sort` of table `sales.old_notes` was added (was kind?)",
            "grant `SELECT to reader` of table `sales.orders` was removed",
            "table `sales.scratch` was removed",
            "table `sales.scratches` was added (was sales.scratch?)",
            "label `calm` of enum `sales.mood` was added",
        ]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_table_that_is_locked_costs_its_size_only() {
    let (server, client) = everything("18").await;
    let before = catalog(&client, &Options::default()).await.unwrap();
    let locker = session(&server, "owner", "postgres").await;
    locker.batch_execute("BEGIN; LOCK TABLE public.plain").await.unwrap();
    let after = catalog(&client, &Options::default()).await.unwrap();
    assert_eq!(diff::diff(&before.objects, &after.objects), []);
    let missing: Vec<&str> = after.warnings.iter().map(|warning| warning.missing.as_str()).collect();
    assert_eq!(missing, ["sizes of tables"]);
}

/// The target is 10 s on two cores; printed, not asserted, because the machine may be busy.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_thousand_tables_are_read_at_once() {
    let server = postgres("18").await;
    let client = session(&server, "owner", "postgres").await;
    // Each table in a transaction with some others: one for all of them would need more locks than there are.
    client
        .batch_execute(
            "CREATE PROCEDURE make() LANGUAGE plpgsql AS $$
             DECLARE columns text := (SELECT string_agg(format('c%s text DEFAULT %L', n, n), ', ') FROM generate_series(1, 18) n);
             BEGIN
                 FOR n IN 1..3000 LOOP
                     EXECUTE format('CREATE TABLE t%s (id bigint PRIMARY KEY, parent bigint REFERENCES t%s (id), %s)',
                                    n, greatest(1, n - 1), columns);
                     EXECUTE format('CREATE INDEX ON t%s (parent)', n);
                     EXECUTE format('CREATE INDEX ON t%s (c1, lower(c2)) WHERE c3 IS NOT NULL', n);
                     IF n % 20 = 0 THEN COMMIT; END IF;
                 END LOOP;
             END $$; ",
        )
        .await
        .unwrap();
    client.batch_execute("CALL make()").await.unwrap();
    client
        .batch_execute("ANALYZE pg_catalog.pg_class, pg_catalog.pg_attribute, pg_catalog.pg_constraint")
        .await
        .unwrap();
    let started = Instant::now();
    let catalog = catalog(&client, &Options::default()).await.unwrap();
    let read = started.elapsed();
    let hashes: Vec<_> = catalog.objects.iter().map(|object| (object.key(), object.content_hash())).collect();
    let hashed = started.elapsed() - read;
    println!(
        "3,000 tables: read in {read:?}, hashed in {hashed:?} (target: under {:?})",
        Duration::from_secs(10)
    );
    let tables: Vec<&Relation> = catalog.objects.iter().filter_map(Object::relation).collect();
    assert_eq!((tables.len(), hashes.len()), (3_000, catalog.objects.len()));
    assert!(
        tables.iter().all(|table| table.columns.len() == 20
            && table.indexes.len() == 3
            && table.foreign_keys.len() == 1)
    );
    assert!(catalog.warnings.is_empty());
}
