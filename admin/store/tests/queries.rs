//! Are saved queries kept with all they ever said, for those who may see them?
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;
mod world;

use admin_store::connections::{self, ApplyPolicy, ConnectionSettings, Environment, Place, Tls};
use admin_store::queries::{self, QueryContent, QueryFilter, Visibility};
use admin_store::{Id, StoreError, Tx};
use serde_json::{Value, json};
use world::{NAMES, World, long_name};

fn content(title: &str, visibility: Visibility, tags: &[&str]) -> QueryContent {
    QueryContent {
        connection: None,
        title: title.to_owned(),
        description: format!("about {title}"),
        text: format!("SELECT '{title}'"),
        parameters: json!([{ "name": title, "default": "\0" }]),
        chart: format!("bar:{title}"),
        tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
        visibility,
    }
}

async fn connection(tx: &mut Tx, workspace: Id, by: Id) -> Id {
    let settings = ConnectionSettings {
        name: "shop".to_owned(),
        kind: "sqlite".to_owned(),
        place: Place::File("shop.db".to_owned()),
        user: String::new(),
        database: String::new(),
        tls: Tls::Disable,
        ca_pem: None,
        via: None,
        environment: Environment::Development,
        read_only: true,
        apply_policy: ApplyPolicy::Never,
        options: Value::Null,
        secret: None,
    };
    let id = Id::new();
    connections::create(tx, workspace, id, &settings, by).await.unwrap();
    id
}

#[test]
fn a_query_is_kept_with_all_it_ever_said() {
    harness::each_backend(|store| async move {
        let world = World::new(&store).await;
        let (workspace, by) = (world.workspace, world.ada);
        let mut tx = world.write().await;
        let long = long_name();
        for name in NAMES.into_iter().chain([long.as_str()]) {
            let said = content(name, Visibility::Workspace, &[name]);
            let made = queries::create(&mut tx, workspace, &said, by).await.unwrap();
            assert_eq!((&made.content, made.version, made.owner), (&said, 1, by));
            assert_eq!(queries::get(&mut tx, workspace, made.id, world.ben).await.unwrap(), made);
        }
        let connection = connection(&mut tx, workspace, by).await;
        let mut said = content("sums", Visibility::Workspace, &["Money", "MONEY", "a"]);
        said.connection = Some(connection);
        let made = queries::create(&mut tx, workspace, &said, by).await.unwrap();
        assert_eq!(made.content.tags, ["a", "Money"]);
        let mut changed = content("totals", Visibility::Workspace, &["b"]);
        changed.connection = Some(connection);
        let now = queries::update(&mut tx, workspace, made.id, 1, &changed, world.ben).await.unwrap();
        assert_eq!((&now.content, now.version, now.owner, now.changed_by), (&changed, 2, by, world.ben));
        let versions = queries::versions(&mut tx, made.id, None, 1).await.unwrap();
        assert_eq!((versions.items[0].number, versions.items[0].title.as_str()), (2, "totals"));
        let first = queries::versions(&mut tx, made.id, versions.next, 1).await.unwrap();
        assert_eq!((first.items[0].text.as_str(), first.items[0].changed_by), ("SELECT 'sums'", by));
        assert_eq!((&first.items[0].parameters, first.next), (&said.parameters, None));
        tx.commit().await.unwrap();

        let mut tx = world.write().await;
        let late = queries::update(&mut tx, workspace, made.id, 1, &said, by).await;
        assert!(matches!(late, Err(StoreError::Changed("query"))), "{late:?}");
        let foreign = queries::get(&mut tx, world.elsewhere, made.id, by).await;
        assert!(matches!(foreign, Err(StoreError::Missing("query"))), "{foreign:?}");
        let theft = queries::create(&mut tx, world.elsewhere, &said, by).await;
        assert!(matches!(theft, Err(StoreError::Missing("connection"))), "{theft:?}");
        changed.text.push('\0');
        let nul = queries::update(&mut tx, workspace, made.id, 2, &changed, by).await;
        assert!(matches!(nul, Err(StoreError::Unfit("text"))), "{nul:?}");
        connections::delete(&mut tx, workspace, connection, 1).await.unwrap();
        let kept = queries::get(&mut tx, workspace, made.id, by).await.unwrap();
        assert_eq!(kept.content.connection, None, "a query outlives its connection");
        queries::delete(&mut tx, workspace, made.id, 2, by).await.unwrap();
        assert!(queries::get(&mut tx, workspace, made.id, by).await.is_err());
        assert!(queries::versions(&mut tx, made.id, None, 5).await.unwrap().items.is_empty());
    });
}

#[test]
fn a_private_query_is_its_owners() {
    harness::each_backend(|store| async move {
        let world = World::new(&store).await;
        let workspace = world.workspace;
        let mut tx = world.write().await;
        let mut ids = Vec::new();
        for (title, by, visibility, tags) in [
            ("one", world.ada, Visibility::Private, ["x", "secret"]),
            ("two", world.ada, Visibility::Workspace, ["X", "y"]),
            ("three", world.ben, Visibility::Private, ["x", "z"]),
            ("four", world.ben, Visibility::Workspace, ["y", "z"]),
        ] {
            let said = content(title, visibility, &tags);
            ids.push(queries::create(&mut tx, workspace, &said, by).await.unwrap().id);
        }
        let hidden = queries::get(&mut tx, workspace, ids[0], world.ben).await;
        assert!(matches!(hidden, Err(StoreError::Missing("query"))), "{hidden:?}");
        let said = content("mine", Visibility::Workspace, &[]);
        let hidden = queries::update(&mut tx, workspace, ids[0], 1, &said, world.ben).await;
        assert!(matches!(hidden, Err(StoreError::Missing("query"))), "{hidden:?}");
        let hidden = queries::delete(&mut tx, workspace, ids[0], 1, world.ben).await;
        assert!(matches!(hidden, Err(StoreError::Missing("query"))), "{hidden:?}");

        let filter =
            |tag: Option<&str>, owner| QueryFilter { tag: tag.map(str::to_owned), owner, connection: None };
        let cases: [(Id, QueryFilter, &[&str]); 5] = [
            (world.ada, filter(None, None), &["four", "two", "one"]),
            (world.ben, filter(None, None), &["four", "three", "two"]),
            (world.ben, filter(Some("X"), None), &["three", "two"]),
            (world.ben, filter(None, Some(world.ada)), &["two"]),
            (world.ben, filter(Some("'; DROP TABLE query_tags; --"), None), &[]),
        ];
        for (reader, filter, expected) in cases {
            let (mut titles, mut before) = (Vec::new(), None);
            loop {
                let page = queries::list(&mut tx, workspace, reader, &filter, before, 2).await.unwrap();
                titles.extend(page.items.into_iter().map(|query| query.content.title));
                before = page.next;
                if before.is_none() {
                    break;
                }
            }
            assert_eq!(titles, expected, "{filter:?}");
        }
        let tags = queries::tags(&mut tx, workspace, world.ben, 10).await.unwrap();
        let told: Vec<_> = tags.iter().map(|(tag, count)| (tag.to_lowercase(), *count)).collect();
        assert_eq!(told, [("x".to_owned(), 2), ("y".to_owned(), 2), ("z".to_owned(), 2)]);
    });
}
