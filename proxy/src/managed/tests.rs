//! Is the floor kept, and is a snapshot taken whole or not at all?
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::kept::{Kept, KeptError};
use super::*;
use crate::config;
use exchange::{Address, Kind, Principal, Session, SessionId, TransactionState};
use policies::{Facts, Path, Role, Verdict};
use std::os::unix::fs::PermissionsExt as _;
use tempfile::TempDir;

/// A floor on which only `app` may write, whatever is published.
const FLOOR: &str = "[lists]\nwriters = [\"app\"]\n[[rule]]\nname = \"writes\"\nwhen = { class = \"write\" }\n\
                     unless = { user = \"@writers\" }\ndecision = \"refuse\"\n";

/// Settings with rule files beside them.
fn settings(listeners: &str, files: &[(&str, &str)]) -> (TempDir, Config) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("policies")).unwrap();
    for (name, text) in files {
        std::fs::write(folder.path().join(format!("policies/{name}.toml")), text).unwrap();
    }
    let file = folder.path().join("dragoman.toml");
    std::fs::write(&file, listeners).unwrap();
    let config = config::load(&file, std::iter::empty()).unwrap();
    (folder, config)
}

fn listener(name: &str, port: u16, more: &str) -> String {
    format!(
        "[[listener]]\nname = '{name}'\nlisten = '127.0.0.1:{port}'\nupstream = '127.0.0.1:5432'\n{more}\n"
    )
}

fn snapshot(version: u64, listeners: Vec<ManagedListener>) -> Snapshot {
    Snapshot { version, made_at_us: 1, listeners, mode_changes: Vec::new() }
}

fn published(name: &str, enforces: Option<bool>, texts: &[(&str, &str)]) -> ManagedListener {
    let text = |(name, text): &(&str, &str)| RuleSetText {
        name: (*name).to_owned(),
        version: 3,
        text: (*text).to_owned(),
        by: "ada@example.org".to_owned(),
    };
    ManagedListener {
        name: name.to_owned(),
        workspace: "default".to_owned(),
        enforces,
        policies: texts.iter().map(|(name, _)| (*name).to_owned()).collect(),
        texts: texts.iter().map(text).collect(),
        by: "ben@example.org".to_owned(),
    }
}

fn applied(config: &Config, snapshot: &Snapshot) -> Result<Vec<ListenerSettings>, Vec<String>> {
    over(config::listeners(config).unwrap(), config, Some(snapshot))
}

/// The rule that keeps `sql` of `user` from passing; `None` when it passes.
fn stopped_by(listener: &ListenerSettings, user: &str, sql: &str) -> Option<String> {
    let session = Session {
        id: SessionId(1),
        listener: "shop".into(),
        workspace: "default".into(),
        environment: exchange::Environment::Production,
        protocol: exchange::Protocol::Postgres,
        principal: Principal {
            user: user.into(),
            database: "shop".into(),
            application: "".into(),
            address: Address::Unix,
            tls: None,
        },
    };
    let analysis = sql::analyse(sql.as_bytes(), sql::Lexing::default());
    let mask = listener.rules.of_session(&session);
    let facts = Facts {
        session: &session,
        mask: &mask,
        role: Role::Known(user),
        path: Path::Default,
        kind: Kind::Run,
        statement: analysis.statements.first().map(|statement| &**statement),
        transaction: TransactionState::Idle,
        now_us: 0,
    };
    let decision = listener.rules.decide(&facts);
    match decision.verdict {
        Verdict::Allow | Verdict::Unjudged => None,
        Verdict::Refuse(_) | Verdict::Hold(_) => {
            Some(decision.rule.map_or_else(|| "default".to_owned(), ToString::to_string))
        }
    }
}

const ALLOW_ALL: &str = "[lists]\nwriters = [\"*\"]\n[[rule]]\nname = \"all\"\nwhen = { user = \"@writers\" }\ndecision = \"allow\"\n";
const NO_DELETE: &str =
    "[[rule]]\nname = \"no-delete\"\nwhen = { verb = \"delete\" }\ndecision = \"refuse\"\n";

#[test]
fn a_workspace_that_does_not_own_the_listener_has_no_say() {
    let text = listener("shop", 1, "mode = 'enforce'\nmanaged = true\npolicies = ['base']");
    let (_folder, config) = settings(&text, &[("base", FLOOR)]);
    let mut strange = published("shop", Some(true), &[("strict", NO_DELETE)]);
    strange.workspace = "another".to_owned();
    let [shop] = applied(&config, &snapshot(1, vec![strange])).unwrap().try_into().unwrap();
    assert_eq!(stopped_by(&shop, "app", "DELETE FROM orders"), None);
}

#[test]
fn what_is_published_comes_behind_the_floor_and_lowers_nothing_of_it() {
    let text = listener("shop", 1, "mode = 'enforce'\nmanaged = true\npolicies = ['base']");
    let (_folder, config) = settings(&text, &[("base", FLOOR)]);
    let snapshot =
        snapshot(1, vec![published("shop", Some(false), &[("open", ALLOW_ALL), ("strict", NO_DELETE)])]);
    let [shop] = applied(&config, &snapshot).unwrap().try_into().unwrap();
    assert_eq!((shop.mode, shop.rules.enforces()), (Mode::Enforce, true));
    let stopped = |user, sql| stopped_by(&shop, user, sql);
    assert_eq!(stopped("ann", "UPDATE orders SET total = 1"), Some("base/writes".to_owned()));
    assert_eq!(stopped("app", "UPDATE orders SET total = 1"), None);
    assert_eq!(stopped("app", "DELETE FROM orders"), Some("strict/no-delete".to_owned()));
    assert_eq!(stopped("ann", "SELECT 1"), None);
}

#[test]
fn a_published_text_of_a_floors_name_is_another_rule_set() {
    let text = listener("shop", 1, "managed = true\npolicies = ['base']");
    let (_folder, config) = settings(&text, &[("base", FLOOR)]);
    let empty = "description = \"nothing\"\n";
    let [shop] = applied(&config, &snapshot(1, vec![published("shop", Some(true), &[("base", empty)])]))
        .unwrap()
        .try_into()
        .unwrap();
    assert_eq!(shop.mode, Mode::Enforce, "a listener that observes can be made to enforce");
    assert_eq!(stopped_by(&shop, "ann", "DELETE FROM orders"), Some("base/writes".to_owned()));
}

#[test]
fn only_listeners_that_say_so_are_managed() {
    let text = listener("shop", 1, "managed = true") + &listener("own", 2, "");
    let (_folder, config) = settings(&text, &[]);
    let of = |name: &str| published(name, Some(true), &[("strict", NO_DELETE)]);
    let [shop, own] = applied(&config, &snapshot(1, vec![of("shop"), of("own"), of("elsewhere")]))
        .unwrap()
        .try_into()
        .unwrap();
    assert_eq!((shop.mode, shop.rules.rules()), (Mode::Enforce, 1));
    assert_eq!((own.mode, own.rules.rules()), (Mode::Observe, 0));
    let [left, _] = applied(&config, &snapshot(2, vec![])).unwrap().try_into().unwrap();
    assert_eq!((left.mode, left.rules.rules()), (Mode::Observe, 0));
}

#[test]
fn a_mysql_listener_is_managed_as_any_other() {
    let (_folder, config) = settings(&listener("my", 1, "managed = true\nprotocol = 'mysql'"), &[]);
    let published = published("my", Some(true), &[("strict", NO_DELETE)]);
    let [my] = applied(&config, &snapshot(1, vec![published])).unwrap().try_into().unwrap();
    assert_eq!((my.protocol, my.mode, my.rules.rules()), (exchange::Protocol::Mysql, Mode::Enforce, 1));
}

#[test]
fn published_rule_sets_include_packs_and_each_other() {
    let (_folder, config) = settings(&listener("shop", 1, "managed = true"), &[("base", FLOOR)]);
    let mut listener =
        published("shop", None, &[("outer", "include = [\"inner\", \"read-only\"]\n"), ("inner", NO_DELETE)]);
    listener.policies = vec!["outer".to_owned()];
    let [shop] = applied(&config, &snapshot(1, vec![listener.clone()])).unwrap().try_into().unwrap();
    assert!(stopped_by(&shop, "ann", "DELETE FROM orders").is_some());
    assert!(stopped_by(&shop, "ann", "UPDATE orders SET total = 1").is_some());
    // A file of the data plane is none of what is published.
    listener.policies.push("base".to_owned());
    let problems = applied(&config, &snapshot(1, vec![listener])).unwrap_err();
    assert!(problems[0].contains("there is no rule set `base`"), "{problems:?}");
}

#[test]
fn whatever_is_wrong_nothing_is_taken_and_all_of_it_is_told() {
    let text = listener("shop", 1, "managed = true") + &listener("two", 2, "managed = true");
    let (_folder, config) = settings(&text, &[]);
    let check = |listeners: Vec<ManagedListener>, expected: &[&str]| {
        let problems = applied(&config, &snapshot(1, listeners)).unwrap_err();
        assert_eq!(problems.len(), expected.len(), "{problems:#?}");
        for (problem, expected) in problems.iter().zip(expected) {
            assert!(problem.starts_with(expected), "{problem}");
        }
    };
    let good = published("shop", None, &[("strict", NO_DELETE)]);
    check(
        vec![
            good.clone(),
            published("two", None, &[("bad", "[[rule]]\nname = \"x\"\ndecision = \"refuze\"\n")]),
        ],
        &["listener `two`: `bad` version 3:3:12: `refuze` is no decision"],
    );
    check(vec![good.clone(), good.clone()], &["listener `shop` is published twice"]);
    check(
        vec![published("shop", None, &[("production", "description = \"nothing\"\n")])],
        &[
            "listener `shop`: `production` is the name of a pack",
            "listener `shop`: `production` version 3:1:1: `production` is the name of a pack",
        ],
    );
    let mut twice = good.clone();
    twice.texts.extend(good.texts);
    check(vec![twice], &["listener `shop`: there are two texts of rule set `strict`"]);
}

#[test]
fn a_snapshot_is_kept_whole_for_its_owner_only() {
    let folder = tempfile::tempdir().unwrap();
    let kept = Kept::beside(&folder.path().join("ledger"));
    assert!(kept.snapshot().unwrap().is_none());
    for version in [1, 2] {
        let snapshot = snapshot(version, vec![published("shop", Some(true), &[("strict", NO_DELETE)])]);
        kept.keep(&snapshot).unwrap();
        assert_eq!(kept.snapshot().unwrap(), Some(snapshot));
    }
    let file = folder.path().join("snapshot.json");
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn any_damage_of_a_kept_snapshot_is_seen() {
    let folder = tempfile::tempdir().unwrap();
    let kept = Kept::beside(&folder.path().join("ledger"));
    kept.keep(&snapshot(1, vec![published("shop", Some(true), &[("strict", NO_DELETE)])])).unwrap();
    let file = folder.path().join("snapshot.json");
    let good = std::fs::read_to_string(&file).unwrap();
    let bad = [
        good.replace("\"enforces\":true", "\"enforces\":false"),
        good.replace("\"version\":1", "\"version\":9"),
        good.get(..good.len() / 2).unwrap().to_owned(),
        String::new(),
        "{}".to_owned(),
    ];
    for text in bad {
        assert_ne!(text, good);
        std::fs::write(&file, &text).unwrap();
        assert!(matches!(kept.snapshot(), Err(KeptError::Damaged { .. })), "{text}");
    }
}

#[test]
fn a_data_plane_has_the_same_id_ever_after() {
    let folder = tempfile::tempdir().unwrap();
    let kept = Kept::beside(&folder.path().join("ledger"));
    let id = kept.plane_id().unwrap();
    assert_eq!(id, kept.plane_id().unwrap());
    let file = folder.path().join("plane");
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    std::fs::write(&file, "somebody else\n").unwrap();
    assert!(kept.plane_id().is_err());
}
