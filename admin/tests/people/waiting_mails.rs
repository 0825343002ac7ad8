//! What becomes of a mail when the node that was asked is gone, or the mail is of no use any more?

use crate::harness::{Plane, each_backend};
use crate::post;
use admin::mail::Errand;
use admin::settings::{Mail, MailTls, Settings};
use admin_store::{Backend, jobs};
use serde_json::json;
use std::time::{Duration, Instant};

const INVITATIONS: &str = "/api/v1/workspaces/shop/invitations";
/// Longest wait for what is tried again.
const WAIT: Duration = Duration::from_secs(30);

/// A mail server where nobody listens.
fn nowhere(settings: &mut Settings) {
    settings.mail = Mail::Smtp {
        host: "127.0.0.1".to_owned(),
        port: 9,
        tls: MailTls::Disable,
        login: None,
        from: "dragoman@example.com".to_owned(),
    };
}

/// The mails that wait, by what they are about, with how often each was tried.
async fn waiting(plane: &Plane) -> Vec<(String, i64)> {
    let mut tx = plane.plane.app().store.read().await.unwrap();
    let waiting = jobs::list(&mut tx, Errand::KIND, 1_000).await.unwrap();
    tx.commit().await.unwrap();
    waiting.into_iter().map(|job| (job.key, job.attempts)).collect()
}

async fn until(plane: &Plane, what: &str, is_so: impl Fn(&[(String, i64)]) -> bool) {
    let deadline = Instant::now() + WAIT;
    loop {
        let waiting = waiting(plane).await;
        if is_so(&waiting) {
            return;
        }
        assert!(Instant::now() < deadline, "not {what}: {waiting:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[test]
fn a_mail_that_waits_outlives_the_node_that_was_asked() {
    each_backend(|backend| async move {
        let plane = Plane::start_with(backend, nowhere).await;
        let people = plane.people().await;
        let invite = |email: &str| json!({ "email": email, "role": "viewer" });
        people.owner.post(INVITATIONS, invite("grace@example.com")).await.expect(201);
        let taken_back = people.owner.post(INVITATIONS, invite("bob@example.com")).await.expect(201);
        let id = taken_back["id"].as_str().unwrap().to_owned();
        let asked = json!({ "email": "viewer@example.com" });
        plane.nobody().post("/api/v1/password-reset", asked).await.expect(202);
        let kinds = ["invitation/", "address/", "password/"];
        until(&plane, "all of them tried, in vain", |waiting| {
            kinds.iter().all(|kind| waiting.iter().any(|(key, _)| key.starts_with(kind)))
                && waiting.iter().all(|(_, attempts)| *attempts > 0)
        })
        .await;
        people.owner.delete(&format!("{INVITATIONS}/{id}")).await.expect(204);

        let again = plane.restart().await;
        let invited = post::secret(&again, "grace@example.com", "invitation", 0).await;
        let look = json!({ "token": invited });
        again.nobody().post("/api/v1/invitations/look", look).await.expect(200);
        let reset = post::secret(&again, "viewer@example.com", "reset-password", 0).await;
        let password = json!({ "token": reset, "password": "other-four-words-9917" });
        again.nobody().post("/api/v1/password-reset/confirmation", password).await.expect(204);
        post::secret(&again, "viewer@example.com", "confirm-email", 0).await;
        until(&again, "all are sent", <[_]>::is_empty).await;
        assert_eq!(post::count(&again, "bob@example.com", "invitation"), 0, "it was taken back");
        again.stop().await;
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_nodes_one_sends_each_mail() {
    let plane = Plane::start(Backend::Postgres).await;
    let people = plane.people().await;
    let beside = plane.beside().await;
    let mut invited: Vec<String> = (0..12).map(|number| format!("friend{number}@example.com")).collect();
    for email in &invited {
        let draft = json!({ "email": email, "role": "viewer" });
        people.owner.post(INVITATIONS, draft).await.expect(201);
    }
    until(&plane, "all are sent", <[_]>::is_empty).await;
    invited.retain(|email| post::count(&plane, email, "invitation") != 1);
    assert_eq!(invited, Vec::<String>::new(), "each once");
    beside.stop().await;
    plane.stop().await;
}

#[test]
fn more_mails_than_may_wait_are_refused_and_what_was_asked_for_is_not_half_done() {
    each_backend(|backend| async move {
        let plane = Plane::start_with(backend, nowhere).await;
        let people = plane.people().await;
        let mut tx = plane.plane.app().store.write().await.unwrap();
        for number in 0..1_000 {
            let (key, body) = (format!("of another version/{number}"), json!(null));
            let due_at = i64::MAX;
            jobs::put(&mut tx, jobs::NewJob { kind: Errand::KIND, key: &key, body: &body, due_at })
                .await
                .unwrap();
        }
        tx.commit().await.unwrap();
        let draft = json!({ "email": "grace@example.com", "role": "viewer" });
        assert_eq!(people.owner.post(INVITATIONS, draft).await.problem(503), "unavailable");
        assert_eq!(people.owner.get(INVITATIONS).await.expect(200)["items"], json!([]));
        plane.stop().await;
    });
}
