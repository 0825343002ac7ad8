//! Do people, their ways in and what they did keep their promises on both databases?
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use admin_store::activity::{self, Actor, Deed, Filter, Outcome, Target};
use admin_store::idempotency::{self, Claim, Request};
use admin_store::identities::{self, Begun, Purpose};
use admin_store::sessions::{self, NewSession};
use admin_store::tokens::{self, NewToken};
use admin_store::users::{self, NewUser, Profile, User};
use admin_store::{Id, Store, StoreError, Tx, now_us, privacy, resets, settings, throttles};
use serde_json::json;

const HOUR: i64 = 3_600_000_000;

async fn person(tx: &mut Tx, email: &str) -> User {
    let new = NewUser {
        email,
        is_email_verified: false,
        name: "Somebody",
        password_hash: Some("$argon2id$hash"),
        is_instance_admin: false,
    };
    users::create(tx, &new).await.unwrap()
}

fn missing<T: std::fmt::Debug>(result: Result<T, StoreError>) {
    assert!(matches!(result, Err(StoreError::Missing(_))), "{result:?}");
}

#[test]
fn people_have_one_account_for_each_email_whatever_its_case() {
    harness::each_backend(|store| async move {
        let mut tx = store.write().await.unwrap();
        let ada = person(&mut tx, " Ada@Example.ORG ").await;
        assert_eq!((ada.email.as_str(), ada.version, ada.is_disabled), ("Ada@Example.ORG", 1, false));
        let again = NewUser {
            email: "ADA@example.org",
            is_email_verified: true,
            name: "",
            password_hash: None,
            is_instance_admin: false,
        };
        assert!(matches!(users::create(&mut tx, &again).await, Err(StoreError::Duplicate("user"))));
        // The transaction still works: nothing was broken by the refusal.
        assert_eq!(users::by_email(&mut tx, "ada@EXAMPLE.org").await.unwrap(), Some(ada.clone()));
        assert_eq!(users::by_email(&mut tx, "nobody@example.org").await.unwrap(), None);
        let profile = Profile { name: "Ada L.".to_owned(), preferences: json!({"theme": "dark"}) };
        assert_eq!(users::set_profile(&mut tx, ada.id, 1, &profile).await.unwrap(), 2);
        let late = users::set_profile(&mut tx, ada.id, 1, &profile).await;
        assert!(matches!(late, Err(StoreError::Changed("user"))), "{late:?}");
        missing(users::set_profile(&mut tx, Id::new(), 1, &profile).await);
        let found = users::by_id(&mut tx, ada.id).await.unwrap();
        assert_eq!((found.name, found.preferences), ("Ada L.".to_owned(), json!({"theme": "dark"})));
        users::set_password(&mut tx, ada.id, Some("other")).await.unwrap();
        assert_eq!(users::password_hash(&mut tx, ada.id).await.unwrap().as_deref(), Some("other"));
        users::set_email(&mut tx, ada.id, "lovelace@example.org", true).await.unwrap();
        assert!(users::by_email(&mut tx, "ada@example.org").await.unwrap().is_none());
        tx.commit().await.unwrap();

        let mut tx = store.write().await.unwrap();
        for name in ["b", "_x", "ax", "a_y", "Az", "ä"] {
            person(&mut tx, &format!("{name}@example.org")).await;
        }
        tx.commit().await.unwrap();
        let mut tx = store.read().await.unwrap();
        let mut seen = Vec::new();
        let mut after = None;
        loop {
            let page = users::list(&mut tx, "A", after.as_deref(), 2).await.unwrap();
            assert!(page.items.len() <= 2);
            seen.extend(page.items.into_iter().map(|user| user.email));
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(seen, ["a_y@example.org", "ax@example.org", "Az@example.org"]);
        assert_eq!(users::list(&mut tx, "", None, 100).await.unwrap().items.len(), 7);
        assert_eq!(users::count(&mut tx).await.unwrap(), 7);
        drop(tx);
        let mut tx = store.write().await.unwrap();
        let taken = users::set_email(&mut tx, ada.id, "AX@example.org", true).await;
        assert!(matches!(taken, Err(StoreError::Duplicate("user"))), "{taken:?}");
        drop(tx);
        let mut tx = store.write().await.unwrap();
        users::seen(&mut tx, ada.id, 77).await.unwrap();
        assert_eq!(users::by_id(&mut tx, ada.id).await.unwrap().last_seen_at, Some(77));
    });
}

#[test]
fn the_last_instance_admin_stays_one_though_two_go_at_once() {
    harness::each_backend(|store| async move {
        let mut tx = store.write().await.unwrap();
        let mut admins = Vec::new();
        for email in ["one@example.org", "two@example.org"] {
            let user = person(&mut tx, email).await;
            users::set_standing(&mut tx, user.id, 1, true, false).await.unwrap();
            admins.push(user.id);
        }
        tx.commit().await.unwrap();
        let other = harness::another(&store).await;
        let resign = |store: Store, id: Id| async move {
            let mut tx = store.write().await?;
            users::set_standing(&mut tx, id, 2, false, false).await?;
            tx.commit().await
        };
        let one = tokio::spawn(resign(store.clone(), admins[0]));
        let two = tokio::spawn(resign(other.clone(), admins[1]));
        let results = [one.await.unwrap(), two.await.unwrap()];
        assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1, "{results:?}");
        assert!(results.iter().any(|result| matches!(result, Err(StoreError::LastOne(_)))), "{results:?}");
        let mut tx = store.read().await.unwrap();
        assert_eq!(users::instance_admins(&mut tx).await.unwrap(), 1);
        drop(tx);
        other.close().await;
    });
}

#[test]
fn sessions_are_found_by_their_secret_until_they_end() {
    harness::each_backend(|store| async move {
        let now = now_us();
        let mut tx = store.write().await.unwrap();
        let ada = person(&mut tx, "ada@example.org").await;
        let bob = person(&mut tx, "bob@example.org").await;
        let mut ids = Vec::new();
        for (n, user, until) in
            [(1, ada.id, now + HOUR), (2, ada.id, now + 2 * HOUR), (3, bob.id, now + HOUR)]
        {
            let new = NewSession {
                secret_hash: &[n; 32],
                user,
                csrf_hash: &[n + 100; 32],
                user_agent: "a browser",
                address: "::1",
                expires_at: until,
            };
            ids.push(sessions::create(&mut tx, &new).await.unwrap());
        }
        let found = sessions::by_secret(&mut tx, &[1; 32], now).await.unwrap().unwrap();
        assert_eq!((found.id, found.user, found.csrf_hash), (ids[0], ada.id, vec![101; 32]));
        assert!(sessions::by_secret(&mut tx, &[9; 32], now).await.unwrap().is_none());
        assert!(sessions::by_secret(&mut tx, &[1; 32], now + HOUR).await.unwrap().is_none(), "it ended");
        sessions::used(&mut tx, ids[0], now + 5, now + 3 * HOUR).await.unwrap();
        let found = sessions::by_secret(&mut tx, &[1; 32], now + HOUR).await.unwrap().unwrap();
        assert_eq!((found.last_used_at, found.expires_at), (now + 5, now + 3 * HOUR));
        missing(sessions::end(&mut tx, bob.id, ids[0]).await);
        let first = sessions::list(&mut tx, ada.id, now, None, 1).await.unwrap();
        assert_eq!((first.items[0].id, first.next), (ids[0], Some(ids[0])));
        let second = sessions::list(&mut tx, ada.id, now, first.next, 1).await.unwrap();
        assert_eq!((second.items[0].id, second.next), (ids[1], None));
        assert_eq!(sessions::end_all(&mut tx, ada.id, Some(ids[1])).await.unwrap(), 1);
        assert!(sessions::by_secret(&mut tx, &[2; 32], now).await.unwrap().is_some());
        assert_eq!(sessions::end_all(&mut tx, ada.id, None).await.unwrap(), 1);
        assert!(sessions::by_secret(&mut tx, &[3; 32], now).await.unwrap().is_some());
        users::set_standing(&mut tx, bob.id, bob.version, false, true).await.unwrap();
        let disabled = sessions::by_secret(&mut tx, &[3; 32], now).await.unwrap();
        assert!(disabled.is_none(), "who is disabled is not signed in");
        assert_eq!(sessions::purge(&mut tx, now + HOUR).await.unwrap(), 1);
        missing(sessions::used(&mut tx, ids[2], now, now).await);
    });
}

#[test]
fn tokens_are_good_until_they_expire_are_revoked_or_their_person_is_disabled() {
    harness::each_backend(|store| async move {
        let now = now_us();
        let mut tx = store.write().await.unwrap();
        let ada = person(&mut tx, "ada@example.org").await;
        let scopes = ["traffic:read".to_owned(), "policies:write".to_owned()];
        let new = |n: u8, expires_at| (n, expires_at);
        let mut made = Vec::new();
        for (n, expires_at) in [new(1, None), new(2, Some(now + HOUR)), new(3, None)] {
            let new = NewToken {
                user: ada.id,
                workspace: None,
                name: "ci",
                prefix: "dgm_ab12",
                secret_hash: &[n; 32],
                scopes: &scopes,
                expires_at,
            };
            made.push(tokens::create(&mut tx, &new).await.unwrap());
        }
        assert_eq!(made[0].scopes, scopes);
        assert_eq!(tokens::by_secret(&mut tx, &[1; 32], now).await.unwrap().as_ref(), Some(&made[0]));
        assert!(tokens::by_secret(&mut tx, &[2; 32], now).await.unwrap().is_some());
        assert!(tokens::by_secret(&mut tx, &[2; 32], now + HOUR).await.unwrap().is_none());
        tokens::revoke(&mut tx, ada.id, made[0].id, now).await.unwrap();
        missing(tokens::revoke(&mut tx, ada.id, made[0].id, now).await);
        missing(tokens::revoke(&mut tx, Id::new(), made[1].id, now).await);
        assert!(tokens::by_secret(&mut tx, &[1; 32], now).await.unwrap().is_none());
        tokens::used(&mut tx, made[2].id, now + 9).await.unwrap();
        let page = tokens::list(&mut tx, ada.id, Some(made[0].id), 10).await.unwrap();
        assert_eq!(page.items.iter().map(|token| token.id).collect::<Vec<_>>(), [made[1].id, made[2].id]);
        assert_eq!(page.items[1].last_used_at, Some(now + 9));
        let same = NewToken {
            user: ada.id,
            workspace: Some(Id::new()),
            name: "",
            prefix: "",
            secret_hash: &[8; 32],
            scopes: &[],
            expires_at: None,
        };
        missing(tokens::create(&mut tx, &same).await);
        drop(tx);
    });
}

#[test]
fn a_sign_in_elsewhere_is_taken_once_and_an_account_belongs_to_one_person() {
    harness::each_backend(|store| async move {
        let now = now_us();
        let mut tx = store.write().await.unwrap();
        let ada = person(&mut tx, "ada@example.org").await;
        let bob = person(&mut tx, "bob@example.org").await;
        let begun = Begun {
            provider: "github".to_owned(),
            nonce: "planted-nonce".to_owned(),
            verifier: "planted-verifier".to_owned(),
            redirect: "/queries".to_owned(),
            purpose: Purpose::Link(ada.id),
            expires_at: now + HOUR,
        };
        assert!(!format!("{begun:?}").contains("planted"), "secrets are not printed");
        identities::begin(&mut tx, b"state 1", &begun).await.unwrap();
        identities::begin(&mut tx, b"state 2", &Begun { purpose: Purpose::SignIn, ..begun.clone() })
            .await
            .unwrap();
        tx.commit().await.unwrap();
        let other = harness::another(&store).await;
        let take = |store: Store| async move {
            let mut tx = store.write().await.unwrap();
            let taken = identities::take(&mut tx, b"state 1", now).await.unwrap();
            tx.commit().await.unwrap();
            taken
        };
        let (one, two) = (tokio::spawn(take(store.clone())), tokio::spawn(take(other.clone())));
        let taken = [one.await.unwrap(), two.await.unwrap()];
        let taken: Vec<Begun> = taken.into_iter().flatten().collect();
        assert_eq!(taken, [begun], "one of two gets it");
        let mut tx = store.write().await.unwrap();
        assert_eq!(identities::take(&mut tx, b"state 2", now + HOUR).await.unwrap(), None, "it is void");
        let link = identities::link(&mut tx, ada.id, "github", "42", Some("ada@hub")).await.unwrap();
        let again = identities::link(&mut tx, bob.id, "github", "42", None).await;
        assert!(matches!(again, Err(StoreError::Duplicate("identity"))), "{again:?}");
        let second = identities::link(&mut tx, ada.id, "google", "42", None).await.unwrap();
        let found = identities::by_subject(&mut tx, "github", "42", now + 7).await.unwrap().unwrap();
        assert_eq!((found.user, found.last_used_at), (ada.id, now + 7));
        assert!(identities::by_subject(&mut tx, "github", "43", now).await.unwrap().is_none());
        assert_eq!(identities::list(&mut tx, ada.id).await.unwrap().len(), 2);
        missing(identities::unlink(&mut tx, bob.id, link.id).await);
        users::set_password(&mut tx, ada.id, None).await.unwrap();
        identities::unlink(&mut tx, ada.id, link.id).await.unwrap();
        let last = identities::unlink(&mut tx, ada.id, second.id).await;
        assert!(matches!(last, Err(StoreError::LastOne(_))), "{last:?}");
        drop(tx);
        other.close().await;
    });
}

#[test]
fn links_sent_by_mail_and_the_set_up_link_are_good_once() {
    harness::each_backend(|store| async move {
        let now = now_us();
        let other = harness::another(&store).await;
        let mut tx = store.write().await.unwrap();
        let ada = person(&mut tx, "ada@example.org").await;
        for (purpose, hash) in
            [(resets::Purpose::Password, 1), (resets::Purpose::Password, 2), (resets::Purpose::Email, 3)]
        {
            resets::create(&mut tx, purpose, &[hash; 32], (ada.id, "ada@new.org"), now + HOUR).await.unwrap();
        }
        settings::offer_set_up(&mut tx, b"former", now + HOUR).await.unwrap();
        settings::offer_set_up(&mut tx, b"link", now + HOUR).await.unwrap();
        tx.commit().await.unwrap();
        let take = |store: Store| async move {
            let mut tx = store.write().await.unwrap();
            let link = settings::take_set_up(&mut tx, b"link", now).await.unwrap();
            let reset = resets::take(&mut tx, resets::Purpose::Password, &[2; 32], now).await.unwrap();
            tx.commit().await.unwrap();
            (link, reset.is_some())
        };
        let mut tx = store.write().await.unwrap();
        assert!(!settings::take_set_up(&mut tx, b"former", now).await.unwrap(), "a later link makes it void");
        assert!(!settings::take_set_up(&mut tx, b"link", now + HOUR).await.unwrap(), "too late");
        assert!(resets::take(&mut tx, resets::Purpose::Password, &[1; 32], now).await.unwrap().is_none());
        assert!(resets::take(&mut tx, resets::Purpose::Password, &[3; 32], now).await.unwrap().is_none());
        assert!(
            resets::take(&mut tx, resets::Purpose::Password, &[2; 32], now + HOUR).await.unwrap().is_none()
        );
        let email = resets::take(&mut tx, resets::Purpose::Email, &[3; 32], now).await.unwrap().unwrap();
        assert_eq!((email.user, email.email.as_str()), (ada.id, "ada@new.org"));
        tx.commit().await.unwrap();
        let tasks: Vec<_> = [&store, &other, &store, &other]
            .map(|store| tokio::spawn(take(store.clone())))
            .into_iter()
            .collect();
        let mut taken = [0, 0];
        for task in tasks {
            let (link, reset) = task.await.unwrap();
            taken = [taken[0] + i32::from(link), taken[1] + i32::from(reset)];
        }
        assert_eq!(taken, [1, 1], "whoever comes first, and nobody else");
        let mut tx = store.write().await.unwrap();
        assert_eq!(resets::purge(&mut tx, now + HOUR).await.unwrap(), 2);
        drop(tx);
        other.close().await;
    });
}

#[test]
fn a_setting_is_replaced_by_who_read_its_latest_version() {
    harness::each_backend(|store| async move {
        let mut tx = store.write().await.unwrap();
        assert_eq!(settings::replace(&mut tx, "mail", 0, &json!({"host": "a"})).await.unwrap(), 1);
        let second = settings::replace(&mut tx, "mail", 0, &json!({"host": "b"})).await;
        assert!(matches!(second, Err(StoreError::Changed("setting"))), "{second:?}");
        assert_eq!(settings::replace(&mut tx, "mail", 1, &json!({"host": "b"})).await.unwrap(), 2);
        let late = settings::replace(&mut tx, "mail", 1, &json!({"host": "c"})).await;
        assert!(matches!(late, Err(StoreError::Changed("setting"))), "{late:?}");
        let found = settings::find::<serde_json::Value>(&mut tx, "mail").await.unwrap().unwrap();
        assert_eq!((found.value, found.version), (json!({"host": "b"}), 2));
        let misread = settings::find::<i64>(&mut tx, "mail").await;
        assert!(matches!(misread, Err(StoreError::Damaged(_))), "{misread:?}");
        assert!(settings::remove(&mut tx, "mail").await.unwrap());
        assert!(!settings::remove(&mut tx, "mail").await.unwrap());
    });
}

#[test]
fn a_text_no_database_could_keep_is_refused_by_both() {
    harness::each_backend(|store| async move {
        let mut tx = store.write().await.unwrap();
        let new = NewUser {
            email: "zero@example.org",
            is_email_verified: false,
            name: "ze\0ro",
            password_hash: None,
            is_instance_admin: false,
        };
        let refused = users::create(&mut tx, &new).await;
        assert!(matches!(refused, Err(StoreError::Unfit("name"))), "{refused:?}");
        let zero = users::create(&mut tx, &NewUser { name: "zero", ..new }).await.unwrap();
        let profile = Profile { name: "\0".to_owned(), preferences: json!({}) };
        let refused = users::set_profile(&mut tx, zero.id, 1, &profile).await;
        assert!(matches!(refused, Err(StoreError::Unfit("name"))), "{refused:?}");
        let kept = Profile { name: "zero".to_owned(), preferences: json!({"a": "\0"}) };
        users::set_profile(&mut tx, zero.id, 1, &kept).await.unwrap();
        let found = users::by_id(&mut tx, zero.id).await.unwrap();
        assert_eq!(found.preferences, json!({"a": "\0"}), "in a document it can be kept");
    });
}

#[test]
fn failures_are_counted_each_and_make_wait_longer_and_longer() {
    harness::each_backend(|store| async move {
        let limit = throttles::Limit { window_us: 1_000, failures: 3, wait_us: 100, wait_us_max: 350 };
        let other = harness::another(&store).await;
        let fail = |store: Store| async move {
            for _ in 0..10 {
                let mut tx = store.write().await.unwrap();
                throttles::fail(&mut tx, b"everybody", 5, &limit).await.unwrap();
                tx.commit().await.unwrap();
            }
        };
        let (one, two) = (tokio::spawn(fail(store.clone())), tokio::spawn(fail(other.clone())));
        one.await.unwrap();
        two.await.unwrap();
        let mut tx = store.write().await.unwrap();
        let state = throttles::state(&mut tx, b"everybody").await.unwrap();
        assert_eq!(state, throttles::State { failures: 20, blocked_until: 355 });
        let mut waits = Vec::new();
        for _ in 0..6 {
            waits.push(throttles::fail(&mut tx, b"ada", 10_000, &limit).await.unwrap().blocked_until);
        }
        assert_eq!(waits, [0, 0, 0, 10_100, 10_200, 10_350]);
        let later = throttles::fail(&mut tx, b"ada", 11_000, &limit).await.unwrap();
        assert_eq!(later, throttles::State { failures: 1, blocked_until: 10_350 }, "a new window");
        throttles::clear(&mut tx, b"ada").await.unwrap();
        assert_eq!(throttles::state(&mut tx, b"ada").await.unwrap(), throttles::State::default());
        assert_eq!(throttles::purge(&mut tx, 1_000, 354).await.unwrap(), 0, "it still blocks");
        assert_eq!(throttles::purge(&mut tx, 1_000, 355).await.unwrap(), 1);
        drop(tx);
        other.close().await;
    });
}

#[test]
fn a_request_that_comes_twice_gets_its_first_answer() {
    harness::each_backend(|store| async move {
        let ada = Id::new();
        let first = Request {
            caller: Some(ada),
            endpoint: "POST /workspaces",
            key_hash: &[1; 32],
            request_hash: &[2; 32],
        };
        let other = harness::another(&store).await;
        let ask = |store: Store, answer: &'static [u8]| async move {
            let mut tx = store.write().await.unwrap();
            let claim = idempotency::claim(&mut tx, &first, 10, 100).await.unwrap();
            if claim == Claim::New {
                idempotency::finish(&mut tx, &first, 201, answer).await.unwrap();
            }
            tx.commit().await.unwrap();
            claim
        };
        let one = tokio::spawn(ask(store.clone(), b"\xffone"));
        let two = tokio::spawn(ask(other.clone(), b"\xfftwo"));
        let claims = [one.await.unwrap(), two.await.unwrap()];
        assert_eq!(claims.iter().filter(|claim| **claim == Claim::New).count(), 1, "{claims:?}");
        let answered = |claim: &Claim| matches!(claim, Claim::Answered { status: 201, .. });
        assert!(claims.iter().any(answered), "{claims:?}");
        let mut tx = store.write().await.unwrap();
        let different = Request { request_hash: &[3; 32], ..first };
        assert_eq!(idempotency::claim(&mut tx, &different, 10, 100).await.unwrap(), Claim::Different);
        let somebody = Request { caller: None, ..first };
        assert_eq!(idempotency::claim(&mut tx, &somebody, 10, 100).await.unwrap(), Claim::New);
        assert_eq!(idempotency::claim(&mut tx, &somebody, 10, 100).await.unwrap(), Claim::Working);
        idempotency::release(&mut tx, &somebody).await.unwrap();
        assert_eq!(idempotency::claim(&mut tx, &somebody, 10, 100).await.unwrap(), Claim::New);
        assert_eq!(idempotency::claim(&mut tx, &different, 100, 200).await.unwrap(), Claim::New, "expired");
        assert_eq!(idempotency::purge(&mut tx, 100).await.unwrap(), 1);
        missing(idempotency::finish(&mut tx, &first, 201, b"").await);
        drop(tx);
        other.close().await;
    });
}

fn deed(actor: Actor, workspace: Option<Id>, action: &str, target: &str) -> Deed {
    Deed {
        workspace,
        actor,
        actor_label: String::new(),
        action: action.to_owned(),
        target: Target { kind: "rule set".to_owned(), id: target.to_owned(), label: "floor".to_owned() },
        details: json!({"version": 3}),
        outcome: Outcome::Done,
        request_id: "r-1".to_owned(),
        address: "127.0.0.1".to_owned(),
    }
}

/// By ada, then by the program, in turn here and there.
async fn ten_deeds(tx: &mut Tx, ada: Id, [here, there]: [Id; 2]) -> Vec<Id> {
    let mut ids = Vec::new();
    for n in 0..10 {
        let workspace = if n % 2 == 0 { here } else { there };
        let actor = if n < 5 { Actor::User(ada) } else { Actor::System };
        let action = if n == 7 { "rule_set.publish" } else { "rule_set.edit" };
        let deed = deed(actor, Some(workspace), action, &format!("{n}"));
        ids.push(activity::append(tx, &deed).await.unwrap());
    }
    ids
}

#[test]
fn what_people_did_is_found_by_who_where_what_and_when() {
    harness::each_backend(|store| async move {
        let mut tx = store.write().await.unwrap();
        let ada = person(&mut tx, "ada@example.org").await;
        let (here, there) = (Id::new(), Id::new());
        let began = now_us();
        let mut ids = ten_deeds(&mut tx, ada.id, [here, there]).await;
        let token = Id::new();
        let by_token = Deed {
            outcome: Outcome::Refused,
            ..deed(Actor::Token { user: ada.id, token }, None, "user.list", "")
        };
        ids.push(activity::append(&mut tx, &by_token).await.unwrap());
        tx.commit().await.unwrap();
        let mut tx = store.read().await.unwrap();
        let all = activity::list(&mut tx, &Filter::default(), None, 100).await.unwrap();
        let latest_first: Vec<Id> = ids.iter().rev().copied().collect();
        assert_eq!(all.items.iter().map(|entry| entry.id).collect::<Vec<_>>(), latest_first);
        assert_eq!((&all.items[0].deed, all.items[0].actor_name.as_deref()), (&by_token, Some("Somebody")));
        assert_eq!(all.items[1].actor_name, None);
        let mut walked = Vec::new();
        let mut before = None;
        loop {
            let filter = Filter { workspace: Some(here), ..Filter::default() };
            let page = activity::list(&mut tx, &filter, before, 2).await.unwrap();
            walked.extend(page.items.iter().map(|entry| entry.deed.target.id.clone()));
            before = page.next;
            if before.is_none() {
                break;
            }
        }
        assert_eq!(walked, ["8", "6", "4", "2", "0"]);
        let count = async |tx: &mut Tx, filter: Filter| {
            activity::export(tx, &filter, None, 100).await.unwrap().items.len()
        };
        let at = all.items[4].at;
        for (filter, expected) in [
            (Filter { user: Some(ada.id), ..Filter::default() }, 6),
            (Filter { action: Some("rule_set.publish".to_owned()), ..Filter::default() }, 1),
            (
                Filter {
                    target_kind: Some("rule set".to_owned()),
                    target_id: Some("3".to_owned()),
                    ..Filter::default()
                },
                1,
            ),
            (Filter { outcome: Some(Outcome::Refused), ..Filter::default() }, 1),
            (Filter { from: Some(began), until: Some(now_us() + 1), ..Filter::default() }, 11),
            (Filter { until: Some(began), ..Filter::default() }, 0),
            (Filter { from: Some(now_us() + 1), ..Filter::default() }, 0),
            (Filter { workspace: Some(here), user: Some(ada.id), ..Filter::default() }, 3),
        ] {
            assert_eq!(count(&mut tx, filter.clone()).await, expected, "{filter:?}");
        }
        let early = count(&mut tx, Filter { until: Some(at), ..Filter::default() }).await;
        let late = count(&mut tx, Filter { from: Some(at), ..Filter::default() }).await;
        assert_eq!(early + late, 11, "a moment divides what was from what comes");
        drop(tx);
        let mut tx = store.write().await.unwrap();
        assert_eq!(activity::purge(&mut tx, began).await.unwrap(), 0);
        assert_eq!(activity::purge(&mut tx, now_us() + 1).await.unwrap(), 11);
    });
}

#[test]
fn a_person_learns_all_that_is_known_and_can_be_forgotten() {
    harness::each_backend(|store| async move {
        let now = now_us();
        let mut tx = store.write().await.unwrap();
        let root = person(&mut tx, "root@example.org").await;
        users::set_standing(&mut tx, root.id, 1, true, false).await.unwrap();
        let ada = person(&mut tx, "lovelace@example.org").await;
        identities::link(&mut tx, ada.id, "github", "lovelace-on-hub", Some("lovelace@hub")).await.unwrap();
        let new = NewSession {
            secret_hash: &[1; 32],
            user: ada.id,
            csrf_hash: &[2; 32],
            user_agent: "lovelaces browser",
            address: "::1",
            expires_at: now + HOUR,
        };
        sessions::create(&mut tx, &new).await.unwrap();
        activity::append(&mut tx, &deed(Actor::User(ada.id), None, "query.run", "")).await.unwrap();
        let known = privacy::export(&mut tx, ada.id).await.unwrap();
        assert_eq!(known["user"]["email"], "lovelace@example.org");
        assert_eq!(known["identities"][0]["subject"], "lovelace-on-hub");
        assert_eq!(known["sessions"][0]["user_agent"], "lovelaces browser");
        assert!(!known.to_string().contains("argon2"), "no secret leaves");
        assert_eq!(privacy::deeds(&mut tx, ada.id, None, 10).await.unwrap().items[0]["action"], "query.run");

        let refused = privacy::erase(&mut tx, root.id).await;
        assert!(matches!(refused, Err(StoreError::LastOne(_))), "{refused:?}");
        drop(tx);
        let mut tx = store.write().await.unwrap();
        let root = person(&mut tx, "root@example.org").await;
        users::set_standing(&mut tx, root.id, 1, true, false).await.unwrap();
        let ada = person(&mut tx, "lovelace@example.org").await;
        identities::link(&mut tx, ada.id, "github", "lovelace-on-hub", Some("lovelace@hub")).await.unwrap();
        sessions::create(&mut tx, &NewSession { user: ada.id, ..new }).await.unwrap();
        activity::append(&mut tx, &deed(Actor::User(ada.id), None, "query.run", "")).await.unwrap();
        privacy::erase(&mut tx, ada.id).await.unwrap();
        missing(privacy::erase(&mut tx, ada.id).await);
        let rest = users::by_id(&mut tx, ada.id).await.unwrap();
        assert!(rest.erased_at.is_some() && rest.is_disabled);
        let known = privacy::export(&mut tx, ada.id).await.unwrap().to_string();
        assert!(!known.contains("lovelace"), "{known}");
        let did = activity::list(&mut tx, &Filter { user: Some(ada.id), ..Filter::default() }, None, 10)
            .await
            .unwrap();
        assert_eq!((did.items.len(), did.items[0].actor_name.as_deref()), (1, None));
        assert!(sessions::by_secret(&mut tx, &[1; 32], now).await.unwrap().is_none());
        person(&mut tx, "lovelace@example.org").await;
        missing(users::set_email(&mut tx, ada.id, "back@example.org", true).await);
        tx.commit().await.unwrap();
    });
}
