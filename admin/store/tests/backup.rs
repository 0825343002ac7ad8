//! Does a backup bring back what was there, from any database to any, and nothing that is not whole?
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use admin_store::activity::{self, Actor, Deed, Outcome, Target};
use admin_store::backup::{backup, restore};
use admin_store::idempotency::{self, Request};
use admin_store::identities::{self, Begun, Purpose};
use admin_store::invitations::{self, NewInvitation};
use admin_store::members::{self, Role};
use admin_store::principals::{self, Meaning, Wire};
use admin_store::sessions::{self, NewSession};
use admin_store::tokens::{self, NewToken};
use admin_store::users::{self, NewUser};
use admin_store::workspaces::{self, Kind, Slug};
use admin_store::{Backend, Id, Location, Store, StoreError, Tx, resets, settings, teams, throttles};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use sqlx::{AnyConnection, AssertSqlSafe, Column, Connection, Row};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

const BACKENDS: [Backend; 2] = [Backend::Sqlite, Backend::Postgres];

/// Texts that a careless format would lose.
const AWKWARD: &str = "line\nbreak \"quoted\" \\ \u{1f418} \u{1} 0x00 \u{feff}";

async fn fill(store: &Store) {
    let mut tx = store.write().await.unwrap();
    let mut people = Vec::new();
    for n in 0..300 {
        let email = format!("person{n}@example.org");
        let password_hash = (n % 2 == 0).then_some("hash");
        let new = NewUser {
            email: &email,
            is_email_verified: n % 3 == 0,
            name: AWKWARD,
            password_hash,
            is_instance_admin: n == 0,
        };
        people.push(users::create(&mut tx, &new).await.unwrap().id);
    }
    let (ada, bob) = (people[0], people[1]);
    let slug = Slug::parse("shop").unwrap();
    let shop = workspaces::create(&mut tx, &slug, AWKWARD, Kind::Shared, Some(ada)).await.unwrap().id;
    members::add(&mut tx, shop, ada, Role::Owner, &["approve changes".to_owned()]).await.unwrap();
    let team = teams::create(&mut tx, shop, "Team", AWKWARD).await.unwrap();
    teams::add_member(&mut tx, shop, team.id, ada).await.unwrap();
    fill_ways_in(&mut tx, shop, ada, bob).await;
    fill_rest(&mut tx, shop, bob).await;
    tx.commit().await.unwrap();
}

async fn fill_ways_in(tx: &mut Tx, shop: Id, ada: Id, bob: Id) {
    identities::link(tx, ada, "github", "1", None).await.unwrap();
    identities::link(tx, bob, "github", "2", Some(AWKWARD)).await.unwrap();
    let begun = Begun {
        provider: "github".to_owned(),
        nonce: "n".to_owned(),
        verifier: "v".to_owned(),
        redirect: "/".to_owned(),
        purpose: Purpose::Link(ada),
        expires_at: i64::MAX,
    };
    identities::begin(tx, &[0, 255, 10, 13], &begun).await.unwrap();
    let session = NewSession {
        secret_hash: b"",
        user: ada,
        csrf_hash: b"\0",
        user_agent: "",
        address: "::1",
        expires_at: i64::MIN,
    };
    sessions::create(tx, &session).await.unwrap();
    let token = NewToken {
        user: ada,
        workspace: Some(shop),
        name: "ci",
        prefix: "p",
        secret_hash: b"t",
        scopes: &["a".to_owned()],
        expires_at: None,
    };
    tokens::create(tx, &token).await.unwrap();
    let invitation = NewInvitation {
        workspace: shop,
        email: "x@example.org",
        role: Role::Viewer,
        secret_hash: b"i",
        invited_by: ada,
        expires_at: 5,
    };
    invitations::create(tx, &invitation).await.unwrap();
    resets::create(tx, resets::Purpose::Email, b"r", (ada, "e"), 5).await.unwrap();
}

async fn fill_rest(tx: &mut Tx, shop: Id, bob: Id) {
    let wire =
        Wire { listener: None, database_user: "app".to_owned(), application: Some(AWKWARD.to_owned()) };
    let meaning = Meaning { kind: principals::Kind::Agent, user: Some(bob), label: String::new() };
    principals::create(tx, shop, &wire, &meaning).await.unwrap();
    let deed = Deed {
        workspace: Some(shop),
        actor: Actor::System,
        actor_label: "start".to_owned(),
        action: "state.made".to_owned(),
        target: Target::default(),
        details: json!({"text": AWKWARD, "number": 1.5}),
        outcome: Outcome::Done,
        request_id: String::new(),
        address: String::new(),
    };
    activity::append(tx, &deed).await.unwrap();
    let request = Request { caller: None, endpoint: "POST /x", key_hash: b"k", request_hash: b"h" };
    idempotency::claim(tx, &request, 1, 2).await.unwrap();
    idempotency::finish(tx, &request, 200, &(0..=255).collect::<Vec<u8>>()).await.unwrap();
    let limit = throttles::Limit { window_us: 1, failures: 1, wait_us: 1, wait_us_max: 1 };
    throttles::fail(tx, b"\xff\xfe", 1, &limit).await.unwrap();
    settings::set(tx, "colour", &json!({"a": [1, null, AWKWARD]})).await.unwrap();
}

async fn raw(location: &Location) -> AnyConnection {
    sqlx::any::install_default_drivers();
    let url = match location {
        Location::File(path) => format!("sqlite:{}", path.display()),
        Location::Server(url) => url.clone(),
    };
    AnyConnection::connect(&url).await.unwrap()
}

async fn names_of_tables(connection: &mut AnyConnection, location: &Location) -> BTreeSet<String> {
    let text = match location {
        Location::File(_) => "SELECT name AS name FROM sqlite_master WHERE type = 'table'",
        Location::Server(_) => {
            "SELECT CAST(tablename AS TEXT) AS name FROM pg_tables WHERE schemaname = current_schema()"
        }
    };
    let rows = sqlx::query(text).fetch_all(&mut *connection).await.unwrap();
    rows.iter().map(|row| row.get("name")).filter(|name| name != "migrations").collect()
}

/// Everything there is, by table, each row as a text; read without the code under test.
async fn everything(location: &Location) -> BTreeMap<String, BTreeSet<String>> {
    let mut connection = raw(location).await;
    let mut all = BTreeMap::new();
    for table in names_of_tables(&mut connection, location).await {
        let text = AssertSqlSafe(format!("SELECT * FROM \"{table}\""));
        let rows = sqlx::query(text).fetch_all(&mut connection).await.unwrap();
        let said = |row: &sqlx::any::AnyRow| {
            let mut values: Vec<String> = Vec::new();
            for column in row.columns() {
                let name = column.name();
                let value = row
                    .try_get::<Option<i64>, _>(name)
                    .map(|value| format!("{value:?}"))
                    .or_else(|_| row.try_get::<Option<String>, _>(name).map(|value| format!("{value:?}")))
                    .or_else(|_| row.try_get::<Option<f64>, _>(name).map(|value| format!("{value:?}")))
                    .or_else(|_| row.try_get::<Option<Vec<u8>>, _>(name).map(|value| format!("b{value:?}")))
                    .unwrap();
                values.push(format!("{name}={value}"));
            }
            values.join(" ")
        };
        all.insert(table, rows.iter().map(said).collect());
    }
    connection.close().await.unwrap();
    all
}

fn lines(path: &Path) -> Vec<String> {
    std::fs::read_to_string(path).unwrap().lines().map(str::to_owned).collect()
}

/// A file of these lines with the last line they should have.
fn sealed(lines: &[String]) -> PathBuf {
    let path = harness::folder().join("sealed.backup");
    let mut text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    let digest: String = Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
    text.push_str(&format!("{{\"sha256\":\"{digest}\"}}\n"));
    std::fs::write(&path, text).unwrap();
    path
}

#[test]
fn a_state_comes_back_row_by_row_from_any_database_to_any() {
    use std::os::unix::fs::PermissionsExt;
    harness::run(async {
        for from in BACKENDS {
            let place = harness::fresh(from);
            let store = Store::open(place.clone()).await.unwrap();
            fill(&store).await;
            let file = harness::folder().join("first.backup");
            std::fs::write(&file, "an older one").unwrap();
            let summary = backup(&store, &file).await.unwrap();
            store.close().await;
            let expected = everything(&place).await;
            assert_eq!(
                summary.rows,
                i64::try_from(expected.values().map(BTreeSet::len).sum::<usize>()).unwrap()
            );
            assert_eq!((summary.tables, summary.bytes), (expected.len(), file.metadata().unwrap().len()));
            assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
            assert!(!file.with_file_name("first.backup.partial").exists());
            for to in BACKENDS {
                let place = harness::fresh(to);
                assert_eq!(
                    restore(place.clone(), &file, false).await.unwrap(),
                    summary,
                    "{from:?} to {to:?}"
                );
                let found = everything(&place).await;
                assert_eq!(found.len(), expected.len());
                for (table, rows) in &expected {
                    assert_eq!(found.get(table), Some(rows), "`{table}`, {from:?} to {to:?}");
                }
                let store = Store::open(place).await.unwrap();
                let again = harness::folder().join("second.backup");
                backup(&store, &again).await.unwrap();
                let body =
                    |path: &Path| lines(path)[1..].iter().rev().skip(1).cloned().collect::<BTreeSet<_>>();
                assert_eq!(body(&again), body(&file));
                store.close().await;
            }
        }
    });
}

#[test]
fn every_table_is_in_a_backup() {
    harness::each_backend(|store| async move {
        let file = harness::folder().join("state.backup");
        backup(&store, &file).await.unwrap();
        let header: Value = serde_json::from_str(&lines(&file)[0]).unwrap();
        let named: BTreeSet<String> = header["tables"]
            .as_array()
            .unwrap()
            .iter()
            .map(|table| table["name"].as_str().unwrap().to_owned())
            .collect();
        let mut connection = raw(store.location()).await;
        assert_eq!(named, names_of_tables(&mut connection, store.location()).await);
        assert!(named.contains("users") && named.contains("settings"));
        connection.close().await.unwrap();
    });
}

#[test]
fn a_backup_is_of_one_moment_while_others_write() {
    harness::each_backend(|store| async move {
        fill(&store).await;
        let (stop, mut stopped) = tokio::sync::watch::channel(false);
        let writing = {
            let other = harness::another(&store).await;
            tokio::spawn(async move {
                while !*stopped.borrow_and_update() {
                    let mut tx = other.write().await.unwrap();
                    settings::set(&mut tx, "one", "x").await.unwrap();
                    settings::set(&mut tx, "two", "x").await.unwrap();
                    tx.commit().await.unwrap();
                }
                other.close().await;
            })
        };
        let mut moments = BTreeSet::new();
        for n in 0..6 {
            let file = harness::folder().join(format!("{n}.backup"));
            backup(&store, &file).await.unwrap();
            let versions: Vec<i64> = ["one", "two"]
                .iter()
                .filter_map(|name| {
                    let row =
                        lines(&file).into_iter().find(|line| line.starts_with(&format!("[\"{name}\",")))?;
                    serde_json::from_str::<Vec<Value>>(&row).unwrap()[3].as_i64()
                })
                .collect();
            assert!(
                versions.is_empty() || (versions.len() == 2 && versions[0] == versions[1]),
                "{versions:?}"
            );
            moments.insert(versions);
            let place = harness::fresh(store.backend());
            restore(place, &file, false).await.unwrap();
        }
        stop.send(true).unwrap();
        writing.await.unwrap();
        assert!(moments.len() > 1, "others did write");
    });
}

#[test]
fn what_is_not_whole_is_refused_and_changes_nothing() {
    harness::each_backend(|store| async move {
        fill(&store).await;
        let file = harness::folder().join("whole.backup");
        backup(&store, &file).await.unwrap();
        let place = store.location().clone();
        store.close().await;
        let before = everything(&place).await;
        let whole = std::fs::read(&file).unwrap();
        let all = lines(&file);
        let mut broken: Vec<(String, Vec<u8>)> = Vec::new();
        for cut in [0, 1, 100, whole.len() / 2, whole.len() - 80, whole.len() - 1] {
            broken.push((format!("cut at {cut}"), whole[..cut].to_vec()));
        }
        for at in [30, whole.len() / 3, whole.len() - 10] {
            let mut edited = whole.clone();
            edited[at] ^= 1;
            broken.push((format!("edited at {at}"), edited));
        }
        broken.push(("longer".to_owned(), [&whole[..], b"\n"].concat()));
        let without_a_row: Vec<String> =
            all.iter().enumerate().filter(|(n, _)| *n != 5).map(|(_, l)| l.clone()).collect();
        broken.push(("without a row".to_owned(), format!("{}\n", without_a_row.join("\n")).into_bytes()));
        broken.push(("something else".to_owned(), b"{\"tables\": []}\n".to_vec()));
        for (what, bytes) in broken {
            let path = harness::folder().join("broken.backup");
            std::fs::write(&path, bytes).unwrap();
            let error = restore(place.clone(), &path, true).await.unwrap_err();
            assert!(matches!(error, StoreError::Backup(_)), "{what}: {error}");
            assert!(error.to_string().contains("nothing was changed"), "{what}: {error}");
        }
        // Sealed as it should be, and still not to be believed.
        let body = &all[..all.len() - 1];
        let edit = |from: &str, to: &str| {
            let edited: Vec<String> = body.iter().map(|line| line.replacen(from, to, 1)).collect();
            assert_ne!(edited, body, "`{from}` is there");
            sealed(&edited)
        };
        for (what, path) in [
            ("another table", edit("\"name\":\"users\"", "\"name\":\"pg_user\"")),
            ("another column", edit("\"name\":\"password_hash\"", "\"name\":\"x; DROP TABLE users\"")),
            ("another kind", edit("\"kind\":\"bytes\"", "\"kind\":\"text\"")),
            ("a row that is none", edit("\"person7@example.org\",", "")),
            ("a number that is none", edit("[\"colour\",", "[7,")),
        ] {
            let error = restore(place.clone(), &path, true).await.unwrap_err();
            assert!(matches!(error, StoreError::Backup(_)), "{what}: {error}");
        }
        let mut header: Value = serde_json::from_str(&all[0]).unwrap();
        header["migration"] = json!(900);
        let mut later = body.to_vec();
        later[0] = header.to_string();
        let error = restore(place.clone(), &sealed(&later), true).await.unwrap_err();
        assert!(matches!(error, StoreError::TooNew { found: 900, .. }), "{error}");
        let twice = edit("\"github\",\"1\",", "\"github\",\"2\",");
        let error = restore(place.clone(), &twice, true).await.unwrap_err();
        assert!(matches!(error, StoreError::Duplicate(_)), "what the tables forbid: {error}");
        assert_eq!(everything(&place).await, before, "nothing was changed");
        let missing = restore(place, Path::new("/nowhere/at.all"), true).await.unwrap_err();
        assert!(missing.to_string().contains("/nowhere/at.all"), "{missing}");
    });
}

#[test]
fn a_state_that_is_not_empty_is_replaced_only_by_force_and_whole() {
    harness::each_backend(|store| async move {
        fill(&store).await;
        let file = harness::folder().join("state.backup");
        backup(&store, &file).await.unwrap();
        let saved = everything(store.location()).await;
        let mut tx = store.write().await.unwrap();
        settings::set(&mut tx, "of later", "x").await.unwrap();
        tx.commit().await.unwrap();
        let place = store.location().clone();
        if store.backend() == Backend::Sqlite {
            let error = restore(place.clone(), &file, true).await.unwrap_err();
            assert!(matches!(error, StoreError::Busy), "somebody has it open: {error}");
            let Location::File(path) = &place else { panic!("it is a file") };
            let error = backup(&store, path).await.unwrap_err();
            assert!(error.to_string().contains("is the state itself"), "{error}");
        }
        store.close().await;
        let error = restore(place.clone(), &file, false).await.unwrap_err();
        assert!(matches!(error, StoreError::NotEmpty), "{error}");
        assert!(error.to_string().contains("--force"), "{error}");
        assert!(everything(&place).await["settings"].iter().any(|row| row.contains("of later")));
        restore(place.clone(), &file, true).await.unwrap();
        assert_eq!(everything(&place).await, saved);
        let fresh = harness::fresh(store.backend());
        Store::open(fresh.clone()).await.unwrap().close().await;
        restore(fresh.clone(), &file, false).await.expect("a state that was only opened is empty");
        assert_eq!(everything(&fresh).await, saved);
    });
}

#[test]
fn a_damaged_file_is_replaced_by_a_backup() {
    harness::run(async {
        let place = harness::fresh(Backend::Sqlite);
        let Location::File(path) = place.clone() else { panic!("it is a file") };
        let store = Store::open(place.clone()).await.unwrap();
        fill(&store).await;
        let file = harness::folder().join("state.backup");
        backup(&store, &file).await.unwrap();
        store.close().await;
        let saved = everything(&place).await;
        for at in [0, 5_000] {
            let mut bytes = std::fs::read(&path).unwrap();
            bytes[at..at + 4_000].fill(0xa5);
            std::fs::write(&path, bytes).unwrap();
            assert!(matches!(Store::open(place.clone()).await, Err(StoreError::Damaged(_))));
            let error = restore(place.clone(), &file, false).await.unwrap_err();
            assert!(matches!(error, StoreError::NotEmpty), "{error}");
            restore(place.clone(), &file, true).await.unwrap();
            assert_eq!(everything(&place).await, saved);
        }
        let beside: Vec<_> =
            std::fs::read_dir(path.parent().unwrap()).unwrap().map(|entry| entry.unwrap()).collect();
        assert_eq!(beside.len(), 1, "nothing is left over: {beside:?}");
    });
}

#[test]
fn a_backup_of_an_older_version_is_brought_to_this_one() {
    harness::each_backend(|store| async move {
        fill(&store).await;
        let file = harness::folder().join("state.backup");
        let summary = backup(&store, &file).await.unwrap();
        assert!(summary.migration > 1, "there is something to migrate to");
        let all = lines(&file);
        let mut header: Value = serde_json::from_str(&all[0]).unwrap();
        let tables = header["tables"].as_array().unwrap();
        let of_the_first = tables.iter().position(|table| table["name"] == "settings").unwrap() + 1;
        let tables = tables[..of_the_first].to_vec();
        let rows: i64 = tables.iter().map(|table| table["rows"].as_i64().unwrap()).sum();
        header["tables"] = json!(tables);
        header["migration"] = json!(1);
        let mut older = vec![header.to_string()];
        older.extend_from_slice(&all[1..=usize::try_from(rows).unwrap()]);
        let place = harness::fresh(store.backend());
        assert_eq!(restore(place.clone(), &sealed(&older), false).await.unwrap().migration, 1);
        assert_eq!(everything(&place).await, everything(store.location()).await);
        let restored = Store::open(place).await.unwrap();
        let again = harness::folder().join("again.backup");
        assert_eq!(backup(&restored, &again).await.unwrap().migration, summary.migration);
        restored.close().await;
    });
}
