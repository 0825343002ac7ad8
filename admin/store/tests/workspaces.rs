//! Do workspaces, members, teams, invitations and names on the wire keep their promises on both databases?
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use admin_store::ended;
use admin_store::group_grants::{self, Given, Grant};
use admin_store::invitations::{self, NewInvitation};
use admin_store::machines::{self, Draft, Kind as MachineKind};
use admin_store::members::{self, Role};
use admin_store::principals::{self, Meaning, Wire};
use admin_store::tokens::{self, NewToken};
use admin_store::users::{self, NewUser};
use admin_store::workspaces::{self, Edit, Kind, Slug, Workspace};
use admin_store::{Id, Store, StoreError, Tx, now_us, privacy, roles, teams};
use serde_json::json;

const HOUR: i64 = 3_600_000_000;

async fn person(tx: &mut Tx, name: &str) -> Id {
    let new = NewUser {
        email: &format!("{name}@example.org"),
        is_email_verified: true,
        name,
        password_hash: None,
        is_instance_admin: false,
    };
    users::create(tx, &new).await.unwrap().id
}

async fn shared(tx: &mut Tx, slug: &str, owner: Id) -> Workspace {
    let slug = Slug::parse(slug).unwrap();
    let made = workspaces::create(tx, &slug, "A workspace", Kind::Shared, None).await.unwrap();
    members::add(tx, made.id, owner, Role::Owner, &[]).await.unwrap();
    made
}

fn missing<T: std::fmt::Debug>(result: Result<T, StoreError>) {
    assert!(matches!(result, Err(StoreError::Missing(_))), "{result:?}");
}

#[test]
fn slugs_are_letters_digits_and_single_hyphens() {
    for slug in ["a", "9", "shop", "shop-2", "a-b-c", &"x".repeat(63)] {
        assert!(Slug::parse(slug).is_some(), "{slug}");
    }
    for text in ["", "-", "-a", "a-", "a--b", "A", "ä", "a b", "a/b", "a.b", "a\0", &"x".repeat(64)] {
        assert!(Slug::parse(text).is_none(), "{text}");
    }
}

#[test]
fn a_workspace_has_one_slug_and_goes_with_all_that_is_in_it() {
    harness::each_backend(|store| async move {
        let mut tx = store.write().await.unwrap();
        let ada = person(&mut tx, "ada").await;
        let bob = person(&mut tx, "bob").await;
        let shop = shared(&mut tx, "shop", ada).await;
        let slug = Slug::parse("shop").unwrap();
        let again = workspaces::create(&mut tx, &slug, "", Kind::Shared, None).await;
        assert!(matches!(again, Err(StoreError::Duplicate("workspace"))), "{again:?}");
        let own = Slug::parse("ada").unwrap();
        let own = workspaces::create(&mut tx, &own, "Ada's", Kind::Personal, Some(ada)).await.unwrap();
        members::add(&mut tx, own.id, ada, Role::Owner, &[]).await.unwrap();
        let second = Slug::parse("ada-2").unwrap();
        let second = workspaces::create(&mut tx, &second, "", Kind::Personal, Some(ada)).await;
        assert!(matches!(second, Err(StoreError::Duplicate(_))), "one personal workspace each: {second:?}");
        assert_eq!(workspaces::personal_of(&mut tx, ada).await.unwrap().unwrap().id, own.id);
        assert_eq!(workspaces::personal_of(&mut tx, bob).await.unwrap(), None);
        let edit = Edit {
            slug: Slug::parse("store").unwrap(),
            name: "The store".to_owned(),
            description: "sells".to_owned(),
            settings: json!({"retention_days": 30}),
        };
        assert_eq!(workspaces::edit(&mut tx, shop.id, 1, &edit).await.unwrap(), 2);
        let late = workspaces::edit(&mut tx, shop.id, 1, &edit).await;
        assert!(matches!(late, Err(StoreError::Changed("workspace"))), "{late:?}");
        missing(workspaces::edit(&mut tx, Id::new(), 1, &edit).await);
        missing(workspaces::by_slug(&mut tx, "shop").await);
        let found = workspaces::by_slug(&mut tx, "store").await.unwrap();
        assert_eq!((found.id, found.settings, found.version), (shop.id, edit.settings.clone(), 2));
        let team = teams::create(&mut tx, shop.id, "Sales", "").await.unwrap();
        teams::add_member(&mut tx, shop.id, team.id, ada).await.unwrap();
        tx.commit().await.unwrap();

        let mut tx = store.write().await.unwrap();
        let taken = Edit { slug: Slug::parse("ada").unwrap(), ..edit };
        let taken = workspaces::edit(&mut tx, shop.id, 2, &taken).await;
        assert!(matches!(taken, Err(StoreError::Duplicate("workspace"))), "{taken:?}");
        drop(tx);

        let mut tx = store.write().await.unwrap();
        let of_ada = workspaces::list_of(&mut tx, ada, None, 1).await.unwrap();
        assert_eq!((of_ada.items[0].0.id, &of_ada.items[0].1), (shop.id, &Role::Owner));
        let rest = workspaces::list_of(&mut tx, ada, of_ada.next, 1).await.unwrap();
        assert_eq!((rest.items[0].0.id, rest.next), (own.id, None));
        assert_eq!(workspaces::list_of(&mut tx, bob, None, 10).await.unwrap().items.len(), 0);
        assert_eq!(workspaces::list(&mut tx, None, 10).await.unwrap().items.len(), 2);
        workspaces::remove(&mut tx, shop.id).await.unwrap();
        missing(workspaces::remove(&mut tx, shop.id).await);
        missing(teams::by_id(&mut tx, shop.id, team.id).await);
        assert_eq!(members::find(&mut tx, shop.id, ada).await.unwrap(), None);
        tx.commit().await.unwrap();
    });
}

#[test]
fn a_workspace_never_loses_its_last_owner_though_two_leave_at_once() {
    harness::each_backend(|store| async move {
        let other = harness::another(&store).await;
        let mut tx = store.write().await.unwrap();
        let (ada, bob) = (person(&mut tx, "ada").await, person(&mut tx, "bob").await);
        let shop = shared(&mut tx, "shop", ada).await.id;
        members::add(&mut tx, shop, bob, Role::Viewer, &["approve changes".to_owned()]).await.unwrap();
        let again = members::add(&mut tx, shop, bob, Role::Admin, &[]).await;
        assert!(matches!(again, Err(StoreError::Duplicate("member"))), "{again:?}");
        let found = members::find(&mut tx, shop, bob).await.unwrap().unwrap();
        assert_eq!(
            (found.role, found.capabilities.as_slice()),
            (Role::Viewer, &["approve changes".to_owned()][..])
        );
        // An owner who cannot sign in owns nothing that anybody could do something with.
        members::set_role(&mut tx, (shop, bob), 1, Role::Owner, &[]).await.unwrap();
        users::set_standing(&mut tx, bob, 1, false, true).await.unwrap();
        assert_eq!(members::owners(&mut tx, shop).await.unwrap(), 1);
        let left = members::remove(&mut tx, shop, ada).await;
        assert!(matches!(left, Err(StoreError::LastOne("owner"))), "{left:?}");
        missing(members::add(&mut tx, shop, Id::new(), Role::Viewer, &[]).await);
        drop(tx);

        for round in 0..10 {
            let mut tx = store.write().await.unwrap();
            let (ada, bob) =
                (person(&mut tx, &format!("a{round}")).await, person(&mut tx, &format!("b{round}")).await);
            let shop = shared(&mut tx, &format!("shop-{round}"), ada).await.id;
            members::add(&mut tx, shop, bob, Role::Owner, &[]).await.unwrap();
            tx.commit().await.unwrap();
            let leave = |store: Store, user: Id| async move {
                let mut tx = store.write().await?;
                if round % 2 == 0 {
                    members::remove(&mut tx, shop, user).await?;
                } else {
                    members::set_role(&mut tx, (shop, user), 1, Role::Admin, &[]).await?;
                }
                tx.commit().await
            };
            let one = tokio::spawn(leave(store.clone(), ada));
            let two = tokio::spawn(leave(other.clone(), bob));
            let results = [one.await.unwrap(), two.await.unwrap()];
            assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1, "{results:?}");
            assert!(
                results.iter().any(|result| matches!(result, Err(StoreError::LastOne("owner")))),
                "{results:?}"
            );
            let mut tx = store.read().await.unwrap();
            assert_eq!(members::owners(&mut tx, shop).await.unwrap(), 1);
        }
        let mut tx = store.write().await.unwrap();
        let ada = users::by_email(&mut tx, "a0@example.org").await.unwrap().unwrap().id;
        let bob = users::by_email(&mut tx, "b0@example.org").await.unwrap().unwrap().id;
        let left_to = workspaces::by_slug(&mut tx, "shop-0").await.unwrap().id;
        let ada_stays = members::find(&mut tx, left_to, ada).await.unwrap().is_some();
        let stays = if ada_stays { ada } else { bob };
        let forgotten = privacy::erase(&mut tx, stays).await;
        assert!(matches!(forgotten, Err(StoreError::LastOne("owner"))), "{forgotten:?}");
        drop(tx);
        other.close().await;
    });
}

#[test]
fn a_role_goes_by_its_name_and_what_it_allows_is_read_with_each_member() {
    harness::each_backend(|store| async move {
        let mut tx = store.write().await.unwrap();
        let ada = person(&mut tx, "ada").await;
        let bob = person(&mut tx, "bob").await;
        let shop = shared(&mut tx, "shop", ada).await;
        let other = shared(&mut tx, "other", ada).await;
        let view = ["view".to_owned()];
        roles::create(&mut tx, shop.id, "auditor", "Looks.", &view).await.unwrap();
        roles::create(&mut tx, other.id, "auditor", "Another one.", &[]).await.unwrap();
        let again = roles::create(&mut tx, shop.id, "auditor", "", &[]).await;
        assert!(matches!(again, Err(StoreError::Duplicate("role"))), "{again:?}");
        members::add(&mut tx, shop.id, bob, Role::Custom("auditor".to_owned()), &[]).await.unwrap();
        let member = members::find(&mut tx, shop.id, bob).await.unwrap().unwrap();
        assert_eq!((member.role.word(), &member.role_capabilities[..]), ("auditor", &view[..]));
        let owner = members::find(&mut tx, shop.id, ada).await.unwrap().unwrap();
        assert!(owner.role_capabilities.is_empty(), "what every workspace's roles allow is not kept");
        let two = ["view".to_owned(), "view_ledger".to_owned()];
        roles::edit(&mut tx, (shop.id, "auditor"), 1, "Looks closely.", &two).await.unwrap();
        let late = roles::edit(&mut tx, (shop.id, "auditor"), 1, "", &[]).await;
        assert!(matches!(late, Err(StoreError::Changed("role"))), "{late:?}");
        missing(roles::edit(&mut tx, (shop.id, "nobody"), 1, "", &[]).await);
        let listed = members::list(&mut tx, shop.id, None, 10).await.unwrap();
        assert_eq!(listed.items[1].role_capabilities, two);
        let found = roles::find(&mut tx, shop.id, "auditor").await.unwrap().unwrap();
        assert_eq!((found.members, found.version, found.description.as_str()), (1, 2, "Looks closely."));
        let new = NewInvitation {
            workspace: shop.id,
            email: "eve@example.org",
            role: Role::Custom("auditor".to_owned()),
            secret_hash: &[7; 32],
            invited_by: ada,
            expires_at: now_us() + HOUR,
        };
        invitations::create(&mut tx, &new).await.unwrap();
        let holders = roles::holders(&mut tx, shop.id, "auditor", 5).await.unwrap();
        assert_eq!(holders, (vec!["bob".to_owned()], 1));
        assert_eq!(roles::holders(&mut tx, other.id, "auditor", 5).await.unwrap(), (Vec::new(), 0));
        roles::remove(&mut tx, shop.id, "auditor").await.unwrap();
        missing(roles::remove(&mut tx, shop.id, "auditor").await);
        let member = members::find(&mut tx, shop.id, bob).await.unwrap().unwrap();
        assert!(member.role_capabilities.is_empty(), "a role that is gone allows nothing");
        assert_eq!(roles::list(&mut tx, other.id).await.unwrap().len(), 1);
        tx.commit().await.unwrap();
    });
}

#[test]
fn a_machine_is_no_person_and_waits_when_who_answers_for_it_leaves() {
    harness::each_backend(|store| async move {
        let mut tx = store.write().await.unwrap();
        let ada = person(&mut tx, "ada").await;
        let bob = person(&mut tx, "bob").await;
        let shop = shared(&mut tx, "shop", ada).await;
        members::add(&mut tx, shop.id, bob, Role::Admin, &[]).await.unwrap();
        let draft = Draft {
            name: "nightly",
            description: "",
            responsible: Some(bob),
            role: &Role::Viewer,
            expires_at: None,
            is_disabled: false,
        };
        let id = machines::create(&mut tx, shop.id, MachineKind::Service, &draft).await.unwrap();
        let again = machines::create(&mut tx, shop.id, MachineKind::Agent, &draft).await;
        assert!(matches!(again, Err(StoreError::Duplicate("machine"))), "{again:?}");
        assert!(users::by_email(&mut tx, "").await.unwrap().is_none(), "no e-mail finds it");
        let people = users::list(&mut tx, "", None, 10).await.unwrap();
        assert_eq!(people.items.iter().map(|one| one.id).collect::<Vec<_>>(), [ada, bob]);
        let listed = members::list(&mut tx, shop.id, None, 10).await.unwrap();
        assert!(listed.items.iter().all(|one| one.machine.is_none() && one.user != id));
        let member = members::find(&mut tx, shop.id, id).await.unwrap().unwrap();
        assert_eq!(member.machine, Some(MachineKind::Service));
        let version = machines::find(&mut tx, shop.id, id).await.unwrap().unwrap().version;
        members::remove(&mut tx, shop.id, bob).await.unwrap();
        let left = machines::find(&mut tx, shop.id, id).await.unwrap().unwrap();
        assert!(left.is_disabled && left.responsible.is_none());
        let late = machines::edit(&mut tx, (shop.id, id), version, &draft).await;
        assert!(matches!(late, Err(StoreError::Changed("machine"))), "{late:?}");
        let taken = Draft { responsible: Some(ada), name: "daily", ..draft };
        machines::edit(&mut tx, (shop.id, id), left.version, &taken).await.unwrap();
        let found = machines::list(&mut tx, shop.id, None, 10).await.unwrap();
        assert_eq!((found.items.len(), found.items[0].name.as_str()), (1, "daily"));
        assert_eq!(found.items[0].responsible_name.as_deref(), Some("ada"));
        machines::remove(&mut tx, shop.id, id).await.unwrap();
        missing(machines::remove(&mut tx, shop.id, id).await);
        assert_eq!(machines::count(&mut tx, shop.id).await.unwrap(), 0);
        assert_eq!(users::by_id(&mut tx, id).await.unwrap().label(), "service daily", "for what it did");
        workspaces::remove(&mut tx, shop.id).await.unwrap();
        missing(users::by_id(&mut tx, id).await);
        tx.commit().await.unwrap();
    });
}

#[test]
fn teams_are_of_members_and_who_leaves_the_workspace_leaves_them() {
    harness::each_backend(|store| async move {
        let mut tx = store.write().await.unwrap();
        let (ada, bob) = (person(&mut tx, "ada").await, person(&mut tx, "bob").await);
        let shop = shared(&mut tx, "shop", ada).await.id;
        let elsewhere = shared(&mut tx, "elsewhere", ada).await.id;
        members::add(&mut tx, shop, bob, Role::Editor, &[]).await.unwrap();
        let mut made = Vec::new();
        for name in ["b", "A", "c_"] {
            made.push(teams::create(&mut tx, shop, name, "").await.unwrap());
        }
        let again = teams::create(&mut tx, shop, "C_", "").await;
        assert!(matches!(again, Err(StoreError::Duplicate("team"))), "{again:?}");
        teams::create(&mut tx, elsewhere, "b", "").await.unwrap();
        let first = teams::list(&mut tx, shop, None, 2).await.unwrap();
        assert_eq!(first.items.iter().map(|team| team.name.as_str()).collect::<Vec<_>>(), ["A", "b"]);
        let rest = teams::list(&mut tx, shop, first.next.as_deref(), 2).await.unwrap();
        assert_eq!((rest.items[0].name.as_str(), rest.next), ("c_", None));
        missing(teams::by_id(&mut tx, elsewhere, made[0].id).await);
        assert_eq!(teams::edit(&mut tx, (shop, made[0].id), 1, "bees", "hum").await.unwrap(), 2);
        let late = teams::edit(&mut tx, (shop, made[0].id), 1, "bees", "").await;
        assert!(matches!(late, Err(StoreError::Changed("team"))), "{late:?}");
        for user in [ada, bob, bob] {
            teams::add_member(&mut tx, shop, made[0].id, user).await.unwrap();
        }
        missing(teams::add_member(&mut tx, elsewhere, made[0].id, ada).await);
        assert_eq!(teams::members(&mut tx, shop, made[0].id, None, 10).await.unwrap().items, [ada, bob]);
        assert_eq!(teams::list_of(&mut tx, shop, bob).await.unwrap(), [made[0].id]);
        members::remove(&mut tx, shop, bob).await.unwrap();
        assert_eq!(teams::members(&mut tx, shop, made[0].id, None, 10).await.unwrap().items, [ada]);
        teams::remove_member(&mut tx, shop, made[0].id, ada).await.unwrap();
        missing(teams::remove_member(&mut tx, shop, made[0].id, ada).await);
        teams::remove(&mut tx, shop, made[0].id).await.unwrap();
        missing(teams::remove(&mut tx, shop, made[0].id).await);
        let stranger = teams::add_member(&mut tx, shop, made[1].id, bob).await;
        missing(stranger);
        drop(tx);
    });
}

#[test]
fn where_nobody_owns_members_come_and_go_and_what_they_invited_to_goes_with_them() {
    harness::each_backend(|store| async move {
        let mut tx = store.write().await.unwrap();
        let (ada, bob) = (person(&mut tx, "ada").await, person(&mut tx, "bob").await);
        let slug = Slug::parse("wire").unwrap();
        // As one is that a listener names.
        let wire = workspaces::create(&mut tx, &slug, "", Kind::Shared, None).await.unwrap().id;
        for user in [ada, bob] {
            members::add(&mut tx, wire, user, Role::Admin, &[]).await.unwrap();
        }
        members::set_role(&mut tx, (wire, bob), 1, Role::Viewer, &[]).await.unwrap();
        let (secret_hash, expires_at) = (&b"own"[..], now_us() + HOUR);
        let new = NewInvitation {
            workspace: wire,
            email: "eve@example.org",
            role: Role::Admin,
            secret_hash,
            invited_by: ada,
            expires_at,
        };
        let invited = invitations::create(&mut tx, &new).await.unwrap();
        members::remove(&mut tx, wire, ada).await.unwrap();
        missing(invitations::revoke(&mut tx, wire, invited.id).await);
        members::remove(&mut tx, wire, bob).await.unwrap();
        tx.commit().await.unwrap();
    });
}

#[test]
fn an_invitation_is_accepted_once() {
    harness::each_backend(|store| async move {
        let now = now_us();
        let other = harness::another(&store).await;
        let mut tx = store.write().await.unwrap();
        let (ada, bob, eve) =
            (person(&mut tx, "ada").await, person(&mut tx, "bob").await, person(&mut tx, "eve").await);
        let shop = shared(&mut tx, "shop", ada).await.id;
        let new = |hash: &'static [u8], email| NewInvitation {
            workspace: shop,
            email,
            role: Role::Editor,
            secret_hash: hash,
            invited_by: ada,
            expires_at: now + HOUR,
        };
        invitations::create(&mut tx, &new(b"former", "Bob@example.org")).await.unwrap();
        let made = invitations::create(&mut tx, &new(b"link", "bob@EXAMPLE.org")).await.unwrap();
        let taken_back = invitations::create(&mut tx, &new(b"back", "x@example.org")).await.unwrap();
        assert!(
            invitations::by_secret(&mut tx, b"former", now).await.unwrap().is_none(),
            "a later one voids it"
        );
        assert_eq!(invitations::by_secret(&mut tx, b"link", now).await.unwrap().as_ref(), Some(&made));
        assert!(invitations::by_secret(&mut tx, b"link", now + HOUR).await.unwrap().is_none());
        assert!(invitations::accept(&mut tx, b"link", bob, now + HOUR).await.unwrap().is_none());
        missing(invitations::revoke(&mut tx, Id::new(), taken_back.id).await);
        invitations::revoke(&mut tx, shop, taken_back.id).await.unwrap();
        assert!(invitations::accept(&mut tx, b"back", eve, now).await.unwrap().is_none());
        tx.commit().await.unwrap();
        let accept = |store: Store, user: Id| async move {
            let mut tx = store.write().await.unwrap();
            let accepted = invitations::accept(&mut tx, b"link", user, now).await.unwrap();
            tx.commit().await.unwrap();
            accepted.is_some()
        };
        let one = tokio::spawn(accept(store.clone(), bob));
        let two = tokio::spawn(accept(other.clone(), eve));
        let results = [one.await.unwrap(), two.await.unwrap()];
        assert_eq!(results.iter().filter(|accepted| **accepted).count(), 1, "{results:?}");
        assert!(!accept(store.clone(), bob).await, "a replay does nothing");
        let mut tx = store.read().await.unwrap();
        let listed = invitations::list(&mut tx, shop, None, 10).await.unwrap().items;
        assert_eq!((listed.len(), listed[0].accepted_at), (1, Some(now)));
        let joined = listed[0].accepted_by.unwrap();
        assert_eq!(members::find(&mut tx, shop, joined).await.unwrap().unwrap().role, Role::Editor);
        assert_eq!(members::list(&mut tx, shop, None, 10).await.unwrap().items.len(), 2);
        drop(tx);
        other.close().await;
    });
}

#[test]
fn a_name_on_the_wire_is_who_the_closest_link_says() {
    harness::each_backend(|store| async move {
        let mut tx = store.write().await.unwrap();
        let ada = person(&mut tx, "ada").await;
        let shop = shared(&mut tx, "shop", ada).await.id;
        let wire = |listener: Option<&str>, application: Option<&str>| Wire {
            listener: listener.map(str::to_owned),
            database_user: "App".to_owned(),
            application: application.map(str::to_owned),
        };
        let meaning = |label: &str| Meaning {
            kind: principals::Kind::Service,
            user: Some(ada),
            label: label.to_owned(),
        };
        for (link, label) in [
            (wire(None, None), "any"),
            (wire(None, Some("web")), "web"),
            (wire(Some("main"), None), "main"),
            (wire(Some("main"), Some("web")), "main web"),
        ] {
            principals::create(&mut tx, shop, &link, &meaning(label)).await.unwrap();
        }
        let again = principals::create(&mut tx, shop, &wire(None, None), &meaning("")).await;
        assert!(matches!(again, Err(StoreError::Duplicate("principal"))), "{again:?}");
        for (listener, user, application, expected) in [
            ("main", "App", "web", Some("main web")),
            ("main", "App", "psql", Some("main")),
            ("other", "App", "web", Some("web")),
            ("other", "App", "", Some("any")),
            ("main", "app", "web", None),
        ] {
            let found = principals::resolve(&mut tx, shop, listener, user, application).await.unwrap();
            assert_eq!(found.as_ref().map(|found| found.meaning.label.as_str()), expected);
        }
        let all = principals::list(&mut tx, shop, None, 10).await.unwrap().items;
        assert_eq!(all.len(), 4);
        let agent = Meaning { kind: principals::Kind::Agent, user: None, label: "bot".to_owned() };
        let other = Wire { database_user: "bot".to_owned(), ..wire(None, None) };
        assert_eq!(principals::edit(&mut tx, (shop, all[0].id), 1, &other, &agent).await.unwrap(), 2);
        let late = principals::edit(&mut tx, (shop, all[0].id), 1, &other, &agent).await;
        assert!(matches!(late, Err(StoreError::Changed("principal"))), "{late:?}");
        let found = principals::by_id(&mut tx, shop, all[0].id).await.unwrap();
        assert_eq!((found.wire, found.meaning), (other, agent));
        missing(principals::remove(&mut tx, Id::new(), all[0].id).await);
        principals::remove(&mut tx, shop, all[0].id).await.unwrap();
        missing(principals::by_id(&mut tx, shop, all[0].id).await);
    });
}

#[test]
fn what_a_group_gave_is_noted_beside_it_and_goes_with_it() {
    harness::each_backend(|store| async move {
        let mut tx = store.write().await.unwrap();
        let (ada, bob) = (person(&mut tx, "ada").await, person(&mut tx, "bob").await);
        let shop = shared(&mut tx, "shop", ada).await;
        let team = teams::create(&mut tx, shop.id, "Reporting", "").await.unwrap();
        let found = teams::by_name(&mut tx, shop.id, " REPORTING ").await.unwrap();
        assert_eq!(found.map(|found| found.id), Some(team.id));
        let grant = |group: &str| Grant { provider: "corp".to_owned(), group: group.to_owned() };
        let early = group_grants::note_member(&mut tx, shop.id, bob, &grant("dba")).await;
        assert!(early.is_err(), "who is no member has no note");
        drop(tx);

        let mut tx = store.write().await.unwrap();
        let (ada, bob) = (person(&mut tx, "ada").await, person(&mut tx, "bob").await);
        let shop = shared(&mut tx, "shop", ada).await;
        let team = teams::create(&mut tx, shop.id, "Reporting", "").await.unwrap();
        members::add(&mut tx, shop.id, bob, Role::Viewer, &[]).await.unwrap();
        teams::add_member(&mut tx, shop.id, team.id, bob).await.unwrap();
        for group in ["old", "dba"] {
            group_grants::note_member(&mut tx, shop.id, bob, &grant(group)).await.unwrap();
            group_grants::note_team_member(&mut tx, team.id, bob, &grant(group)).await.unwrap();
            group_grants::note_admin(&mut tx, bob, &grant(group)).await.unwrap();
        }
        assert_eq!(group_grants::member(&mut tx, shop.id, bob).await.unwrap(), Some(grant("dba")));
        assert_eq!(group_grants::team_member(&mut tx, team.id, bob).await.unwrap(), Some(grant("dba")));
        assert_eq!(group_grants::admin(&mut tx, bob).await.unwrap(), Some(grant("dba")));
        assert_eq!(group_grants::member(&mut tx, shop.id, ada).await.unwrap(), None, "by hand");
        let all = group_grants::members(&mut tx, shop.id, ada, bob).await.unwrap();
        assert_eq!(all, [(bob, grant("dba"))]);
        let given = group_grants::of_user(&mut tx, bob, "corp").await.unwrap();
        assert_eq!(
            given,
            Given { workspaces: vec![shop.id], teams: vec![(team.id, shop.id)], is_admin: true }
        );
        assert_eq!(group_grants::of_user(&mut tx, bob, "other").await.unwrap(), Given::default());
        // Who leaves and comes back by hand is there by hand.
        members::remove(&mut tx, shop.id, bob).await.unwrap();
        members::add(&mut tx, shop.id, bob, Role::Viewer, &[]).await.unwrap();
        assert_eq!(group_grants::member(&mut tx, shop.id, bob).await.unwrap(), None);
        group_grants::note_member(&mut tx, shop.id, bob, &grant("dba")).await.unwrap();
        group_grants::forget_member(&mut tx, shop.id, bob).await.unwrap();
        group_grants::forget_admin(&mut tx, bob).await.unwrap();
        assert_eq!(group_grants::of_user(&mut tx, bob, "corp").await.unwrap(), Given::default());
        tx.commit().await.unwrap();
    });
}

#[test]
fn tokens_and_invitations_that_ended_long_ago_go_in_steps_and_others_stay() {
    harness::each_backend(|store| async move {
        let mut tx = store.write().await.unwrap();
        let ada = person(&mut tx, "ada").await;
        let bob = person(&mut tx, "bob").await;
        let shop = shared(&mut tx, "shop", ada).await;
        let hash = |number: u64| [number.to_be_bytes(); 4].concat();
        for number in 0..1_004_u64 {
            let expires_at = match number {
                0..1_002 => Some(5),
                1_002 => Some(6),
                _ => None,
            };
            let secret_hash = &hash(number)[..];
            let new = NewToken {
                user: ada,
                workspace: None,
                name: "t",
                prefix: "p",
                secret_hash,
                scopes: &[],
                expires_at,
            };
            tokens::create(&mut tx, &new).await.unwrap();
        }
        let revoked = tokens::by_secret(&mut tx, &hash(1_003), 4).await.unwrap().unwrap();
        tokens::revoke(&mut tx, ada, revoked.id, 7).await.unwrap();
        for (number, email, expires_at) in
            [(0, "old@example.org", 5), (1, "later@example.org", 20), (2, "came@example.org", 20)]
        {
            let new = NewInvitation {
                workspace: shop.id,
                email,
                role: Role::Viewer,
                secret_hash: &hash(number),
                invited_by: ada,
                expires_at,
            };
            invitations::create(&mut tx, &new).await.unwrap();
        }
        invitations::accept(&mut tx, &hash(2), bob, 5).await.unwrap().unwrap();
        tx.commit().await.unwrap();

        let mut tx = store.write().await.unwrap();
        for (before, expected) in [(5, 0), (6, 1_000), (6, 2), (6, 0), (7, 1), (7, 0), (8, 1), (8, 0)] {
            assert_eq!(ended::purge_tokens(&mut tx, before).await.unwrap(), expected, "before {before}");
        }
        for (before, expected) in [(5, 0), (6, 2), (20, 0)] {
            assert_eq!(ended::purge_invitations(&mut tx, before).await.unwrap(), expected, "before {before}");
        }
        let left = invitations::list(&mut tx, shop.id, None, 10).await.unwrap().items;
        assert_eq!(left.iter().map(|one| one.email.as_str()).collect::<Vec<_>>(), ["later@example.org"]);
        assert_eq!(ended::purge_invitations(&mut tx, 21).await.unwrap(), 1);
    });
}
