//! Is each thing told once, to whom it is for, and forgotten in time?
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;
mod world;

use admin_store::notices::{self, NewNotice, Person, Reader};
use admin_store::{Id, now_us, planes};
use control::PlaneState;
use world::World;

fn notice<'a>(workspace: Id, key: &'a str, actor: Option<Id>) -> NewNotice<'a> {
    NewNotice {
        workspace,
        kind: "rules_published",
        key,
        at: now_us(),
        title: key,
        detail: "",
        target: ("rule_set", "own"),
        actor,
    }
}

fn reader(world: &World, user: Id, unread: bool) -> Reader<'static> {
    Reader {
        user,
        workspace: world.workspace,
        read_until: Id::least_of(0),
        kinds: &["rules_published", "plane_lost"],
        unread,
    }
}

#[test]
fn of_one_key_there_is_one_notice_and_marks_are_each_persons_own() {
    harness::each_backend(|store| async move {
        let world = World::new(&store).await;
        let mut tx = world.write().await;
        assert!(notices::put(&mut tx, &notice(world.workspace, "a", Some(world.ada))).await.unwrap());
        assert!(!notices::put(&mut tx, &notice(world.workspace, "a", Some(world.ada))).await.unwrap());
        assert!(notices::put(&mut tx, &notice(world.elsewhere, "a", None)).await.unwrap());
        assert!(notices::put(&mut tx, &notice(world.workspace, "b", None)).await.unwrap());
        notices::put_latest(&mut tx, &NewNotice { title: "b, again", ..notice(world.workspace, "b", None) })
            .await
            .unwrap();
        tx.commit().await.unwrap();
        let mut tx = world.write().await;
        let titles = |page: admin_store::Page<notices::Notice>| {
            page.items.into_iter().map(|one| one.title).collect::<Vec<_>>()
        };
        let of_ben = notices::list(&mut tx, &reader(&world, world.ben, false), None, 10).await.unwrap();
        let first = of_ben.items[1].clone();
        assert_eq!(first.actor_name.as_deref(), Some("ada@example.com"));
        assert_eq!(titles(of_ben), ["b, again", "a"]);
        let of_ada = notices::list(&mut tx, &reader(&world, world.ada, false), None, 10).await.unwrap();
        assert_eq!(titles(of_ada), ["b, again"]);
        notices::mark(&mut tx, world.ben, world.elsewhere, &[first.id], true).await.unwrap();
        let unread = reader(&world, world.ben, true);
        assert_eq!(
            notices::list(&mut tx, &unread, None, 10).await.unwrap().items.len(),
            2,
            "of another workspace"
        );
        notices::mark(&mut tx, world.ben, world.workspace, &[first.id], true).await.unwrap();
        assert_eq!(titles(notices::list(&mut tx, &unread, None, 10).await.unwrap()), ["b, again"]);
        let person = Person {
            read_until: Id::least_of(0),
            muted: vec!["plane_lost".to_owned()],
            wants_mail: true,
            mailed_until: Id::least_of(0),
            mailed_at: 0,
        };
        notices::read_all(&mut tx, world.ben, world.workspace, &person, Id::new()).await.unwrap();
        let known = notices::person(&mut tx, world.ben, world.workspace).await.unwrap().unwrap();
        let unread = Reader { read_until: known.read_until, ..unread };
        assert!(notices::list(&mut tx, &unread, None, 10).await.unwrap().items.is_empty());
        assert_eq!(known.muted, person.muted);

        // Of the one workspace there is something that no mail told; in the other nobody wants mail.
        let to = notices::recipients(&mut tx, now_us(), None, 10).await.unwrap();
        assert_eq!(to.len(), 1);
        let now = now_us();
        assert!(notices::mailed(&mut tx, &to[0], Id::new(), now - 1, now).await.unwrap());
        assert!(!notices::mailed(&mut tx, &to[0], Id::new(), now - 1, now).await.unwrap());
        assert_eq!(notices::since(&mut tx, Id::least_of(0), 10).await.unwrap().len(), 3);
        assert_eq!(notices::purge(&mut tx, now - 3_600_000_000).await.unwrap(), 0);
        assert_eq!(notices::purge(&mut tx, now + 3_600_000_000).await.unwrap(), 3);
    });
}

#[test]
fn whoever_wants_mail_has_a_turn_however_many_there_are() {
    harness::each_backend(|store| async move {
        let world = World::new(&store).await;
        let mut tx = world.write().await;
        for workspace in [world.workspace, world.elsewhere] {
            notices::put(&mut tx, &notice(workspace, "a", None)).await.unwrap();
        }
        let person = |wants_mail, mailed_until| Person {
            read_until: Id::least_of(0),
            muted: Vec::new(),
            wants_mail,
            mailed_until,
            mailed_at: 0,
        };
        let none = Id::least_of(0);
        for (user, workspace, person) in [
            (world.ada, world.workspace, person(true, none)),
            (world.ada, world.elsewhere, person(true, none)),
            (world.ben, world.workspace, person(true, none)),
            // Nothing was told since the last mail.
            (world.ben, world.elsewhere, person(true, Id::greatest())),
        ] {
            notices::set_person(&mut tx, user, workspace, &person).await.unwrap();
        }
        let (mut seen, mut after) = (Vec::new(), None);
        loop {
            let part = notices::recipients(&mut tx, now_us(), after, 1).await.unwrap();
            let Some(next) = part.last() else { break };
            assert_eq!(part.len(), 1);
            seen.push((next.user, next.workspace));
            after = Some(*next);
        }
        let mut expected =
            vec![(world.ada, world.workspace), (world.ada, world.elsewhere), (world.ben, world.workspace)];
        expected.sort();
        assert_eq!(seen, expected, "each once, though nobody's mail was noted");
        notices::set_person(&mut tx, world.ada, world.workspace, &person(false, none)).await.unwrap();
        assert_eq!(notices::recipients(&mut tx, now_us(), None, 10).await.unwrap().len(), 2);
    });
}

#[test]
fn it_is_known_what_is_told_already() {
    harness::each_backend(|store| async move {
        let world = World::new(&store).await;
        let mut tx = world.write().await;
        let long = "x".repeat(5_000);
        let new = NewNotice { title: &long, detail: "once", ..notice(world.workspace, "a", None) };
        assert!(!notices::is_said(&mut tx, &new).await.unwrap());
        notices::put(&mut tx, &new).await.unwrap();
        assert!(notices::is_said(&mut tx, &new).await.unwrap(), "as it is kept");
        assert!(!notices::is_said(&mut tx, &NewNotice { detail: "twice", ..new.clone() }).await.unwrap());
        assert!(notices::is_told(&mut tx, world.workspace, "a").await.unwrap());
        assert!(!notices::is_told(&mut tx, world.elsewhere, "a").await.unwrap());
        assert!(!notices::is_told(&mut tx, world.workspace, "A").await.unwrap());
    });
}

#[test]
fn whoever_notes_a_state_first_tells_it() {
    harness::each_backend(|store| async move {
        let world = World::new(&store).await;
        let mut tx = world.write().await;
        assert!(notices::began(&mut tx, "plane", b"p", 5).await.unwrap());
        assert!(!notices::began(&mut tx, "plane", b"p", 6).await.unwrap());
        assert!(notices::is_wrong(&mut tx, "plane", b"p").await.unwrap());
        assert_eq!(notices::ended(&mut tx, "plane", b"p").await.unwrap(), Some(5));
        assert_eq!(notices::ended(&mut tx, "plane", b"p").await.unwrap(), None);
        assert!(notices::failing(&mut tx).await.unwrap().is_empty());
        assert!(notices::recovered(&mut tx).await.unwrap().is_empty());
        assert!(notices::changed_schemas(&mut tx, 5).await.unwrap().is_empty());
    });
}

#[test]
fn what_happens_to_a_plane_is_remembered_within_bounds() {
    harness::each_backend(|store| async move {
        let world = World::new(&store).await;
        let mut tx = world.write().await;
        let state = |version: &str, started_at_us| PlaneState {
            plane: "p".to_owned(),
            name: "host".to_owned(),
            version: version.to_owned(),
            started_at_us,
            ..PlaneState::default()
        };
        for (version, started) in [("1", 7), ("1", 7), ("1", 8), ("2", 9)] {
            planes::upsert(&mut tx, &state(version, started), now_us()).await.unwrap();
        }
        let events = planes::events(&mut tx, "p").await.unwrap();
        let told: Vec<(&str, &str)> =
            events.iter().map(|one| (one.event.as_str(), one.detail.as_str())).collect();
        assert_eq!(told, [("updated", "1 → 2"), ("restarted", "1"), ("joined", "1")]);
        for _ in 0..60 {
            planes::note(&mut tx, "p", "lost", "", now_us()).await.unwrap();
        }
        assert_eq!(planes::events(&mut tx, "p").await.unwrap().len(), 50);
        assert_eq!(planes::reported_at(&mut tx, "p").await.unwrap(), None);
        planes::forget(&mut tx, "p").await.unwrap();
        assert!(planes::events(&mut tx, "p").await.unwrap().is_empty());
    });
}
