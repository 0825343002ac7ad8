//! Who shows a second factor, how does it come and go, and what does not get past it?

use crate::harness::{Answer, Caller, PASSWORD, Plane, each_backend};
use crate::post;
use admin::totp::{Secret, step_at};
use admin_store::Id;
use serde_json::{Value, json};

const FACTOR: &str = "/api/v1/profile/second-factor";
const CONFIRM: &str = "/api/v1/profile/second-factor/confirmation";
const REMOVE: &str = "/api/v1/profile/second-factor/removal";
const RENEW: &str = "/api/v1/profile/second-factor/recovery-codes";

fn now() -> i64 {
    step_at(admin_store::now_us())
}

/// Whom a device belongs to, and what it shows.
struct Device {
    secret: Secret,
    user: Id,
    codes: Vec<String>,
}

impl Device {
    /// What it shows so many steps from now.
    fn shows(&self, aside: i64) -> String {
        self.secret.code(now() + aside)
    }

    /// Lets codes be shown again that were shown before: a test does not wait for the next one.
    async fn forget_steps(&self, plane: &Plane) {
        let mut tx = plane.plane.app().store.write().await.unwrap();
        let kept = admin_store::second_factors::find(&mut tx, self.user).await.unwrap().unwrap();
        let codes: Vec<_> = self.codes.iter().map(|code| hash(code)).collect();
        sealed_again(&mut tx, self.user, kept.secret, &codes).await;
        tx.commit().await.unwrap();
    }
}

fn hash(code: &str) -> [u8; 32] {
    admin::http::caller::hash(&code.replace('-', ""))
}

/// The same second factor as if no code had been taken.
async fn sealed_again(tx: &mut admin_store::Tx, user: Id, secret: Id, codes: &[[u8; 32]]) {
    use admin_store::second_factors as store;
    let kept = admin_store::secrets::get(tx, secret).await.unwrap();
    store::remove(tx, user).await.unwrap();
    let new = admin_store::secrets::NewSecret {
        id: secret,
        workspace: None,
        kind: &kept.kind,
        owner_kind: &kept.owner_kind,
        owner: user,
        sealed: &kept.sealed,
    };
    admin_store::secrets::create(tx, new).await.unwrap();
    store::begin(tx, user, secret).await.unwrap();
    store::confirm(tx, user).await.unwrap();
    store::set_recovery_codes(tx, user, codes).await.unwrap();
}

/// Takes a second factor for somebody who is signed in.
async fn enrol(caller: &Caller) -> Device {
    let begun = caller.post(FACTOR, json!({ "password": PASSWORD })).await.expect(201);
    let secret = Secret::of_text(begun["secret"].as_str().unwrap()).unwrap();
    let held = caller.post(CONFIRM, json!({ "code": secret.code(now()) })).await.expect(200);
    let codes =
        held["recovery_codes"].as_array().unwrap().iter().map(|code| code.as_str().unwrap().to_owned());
    let me = caller.get("/api/v1/profile").await.expect(200);
    Device { secret, user: me["id"].as_str().unwrap().parse().unwrap(), codes: codes.collect() }
}

async fn sign_in(plane: &Plane, email: &str, code: Option<&str>) -> Answer {
    let mut said = json!({ "email": email, "password": PASSWORD });
    if let Some(code) = code {
        said["code"] = json!(code);
    }
    plane.nobody().post("/api/v1/session", said).await
}

#[test]
fn a_second_factor_holds_once_a_code_was_given_and_goes_by_password_and_code() {
    each_backend(|backend| async move {
        let plane = Plane::start(backend).await;
        let ada = plane.person("ada").await;
        let elsewhere = plane.nobody().sign_in("ada@example.com", PASSWORD).await;
        assert_eq!(ada.post(FACTOR, json!({ "password": "not this one" })).await.problem(422), "invalid");
        assert_eq!(ada.post(CONFIRM, json!({ "code": "123456" })).await.problem(409), "conflict");
        let begun = ada.post(FACTOR, json!({ "password": PASSWORD })).await.expect(201);
        let uri = begun["uri"].as_str().unwrap();
        assert!(uri.starts_with("otpauth://totp/Dragoman:ada@example.com?secret="), "{uri}");
        assert!(begun["qr"]["path"].as_str().unwrap().starts_with("M4 4h7v1H4z"), "{begun}");
        // Only begun: nobody is asked for a code that no device may have.
        sign_in(&plane, "ada@example.com", None).await.expect(201);
        assert!(ada.get("/api/v1/profile").await.expect(200).get("second_factor").is_none());
        assert_eq!(ada.post(CONFIRM, json!({ "code": "not one" })).await.problem(422), "invalid");

        let device = enrol(&ada).await;
        assert_eq!(device.codes.len(), 10);
        assert_eq!(elsewhere.get("/api/v1/session").await.problem(401), "unauthenticated");
        let shown = ada.get("/api/v1/profile").await.expect(200);
        assert_eq!(shown["second_factor"]["recovery_codes_left"], 10);
        assert_eq!(ada.post(FACTOR, json!({ "password": PASSWORD })).await.problem(409), "conflict");

        let both = |password: &str, code: &str| json!({ "password": password, "code": code });
        let wrong = both("not this one", &device.shows(1));
        assert_eq!(ada.post(REMOVE, wrong).await.problem(422), "invalid", "a code alone is not enough");
        let wrong = both(PASSWORD, "000000x");
        assert_eq!(ada.post(REMOVE, wrong).await.problem(422), "invalid", "nor is the password");
        let renewed = ada.post(RENEW, both(PASSWORD, &device.codes[0])).await.expect(200);
        let old = both(PASSWORD, &device.codes[1]);
        assert_eq!(ada.post(REMOVE, old).await.problem(422), "invalid", "new ones put an end to the old");
        let new = renewed["recovery_codes"][0].as_str().unwrap();
        ada.post(REMOVE, both(PASSWORD, new)).await.expect(204);
        sign_in(&plane, "ada@example.com", None).await.expect(201);
        plane.stop().await;
    });
}

#[test]
fn no_session_begins_without_a_code_of_the_moment_that_was_not_shown_before() {
    each_backend(|backend| async move {
        let plane = Plane::start(backend).await;
        let ada = plane.person("ada").await;
        let device = enrol(&ada).await;
        let asked = sign_in(&plane, "ada@example.com", None).await;
        assert_eq!(asked.problem(401), "second_factor_required");
        assert_eq!(asked.header("set-cookie"), None, "no session until both");
        let guess = json!({ "email": "ada@example.com", "password": "a wrong one", "code": device.shows(1) });
        let guessed = plane.nobody().post("/api/v1/session", guess).await;
        assert_eq!(guessed.problem(401), "wrong_credentials", "a code says nothing without the password");

        device.forget_steps(&plane).await;
        let (code, later) = (device.shows(0), device.shows(1));
        sign_in(&plane, "ada@example.com", Some(&code)).await.expect(201);
        let again = sign_in(&plane, "ada@example.com", Some(&code)).await;
        assert_eq!(again.problem(401), "wrong_code", "no code twice");
        // A clock that is half a minute fast, and people who type it with a blank.
        let spaced = format!("{} {}", &later[..3], &later[3..]);
        sign_in(&plane, "ada@example.com", Some(&spaced)).await.expect(201);
        let earlier = sign_in(&plane, "ada@example.com", Some(&device.shows(0))).await;
        assert_eq!(earlier.problem(401), "wrong_code", "nothing from before the last one");
        // One that is half a minute slow; the step may end while it is asked for.
        let mut slow = Value::Null;
        for _ in 0..3 {
            device.forget_steps(&plane).await;
            let answer = sign_in(&plane, "ada@example.com", Some(&device.shows(-1))).await;
            slow = answer.json();
            if answer.status == 201 {
                break;
            }
        }
        assert!(slow["csrf_token"].is_string(), "{slow}");
        for aside in [-3, 3] {
            device.forget_steps(&plane).await;
            let far = sign_in(&plane, "ada@example.com", Some(&device.shows(aside))).await;
            assert_eq!(far.problem(401), "wrong_code", "{aside} steps away");
        }
        plane.stop().await;
    });
}

#[test]
fn a_recovery_code_is_good_once() {
    each_backend(|backend| async move {
        let plane = Plane::start(backend).await;
        let ada = plane.person("ada").await;
        let device = enrol(&ada).await;
        let read = device.codes[3].to_uppercase().replace('-', " ");
        sign_in(&plane, "ada@example.com", Some(&read)).await.expect(201);
        let again = sign_in(&plane, "ada@example.com", Some(&device.codes[3])).await;
        assert_eq!(again.problem(401), "wrong_code");
        let shown = ada.get("/api/v1/profile").await.expect(200);
        assert_eq!(shown["second_factor"]["recovery_codes_left"], 9);
        // Somebody else's opens nothing.
        let eve = plane.person("eve").await;
        let other = enrol(&eve).await;
        let taken = sign_in(&plane, "ada@example.com", Some(&other.codes[0])).await;
        assert_eq!(taken.problem(401), "wrong_code");
        plane.stop().await;
    });
}

#[test]
fn who_guesses_codes_has_to_wait_as_who_guesses_passwords() {
    each_backend(|backend| async move {
        let plane = Plane::start(backend).await;
        let ada = plane.person("ada").await;
        let device = enrol(&ada).await;
        for _ in 0..6 {
            // The right password in between is no success: it does not make the count begin anew.
            sign_in(&plane, "ada@example.com", None).await.expect(401);
            sign_in(&plane, "ada@example.com", Some("0000000")).await.expect(401);
        }
        let blocked = sign_in(&plane, "ada@example.com", Some(&device.codes[0])).await;
        assert_eq!(blocked.problem(429), "throttled");
        for _ in 0..6 {
            ada.post(REMOVE, json!({ "password": PASSWORD, "code": "000000x" })).await.expect(422);
        }
        let right = json!({ "password": PASSWORD, "code": device.codes[0] });
        assert_eq!(ada.post(REMOVE, right).await.problem(429), "throttled");
        plane.stop().await;
    });
}

#[test]
fn an_admin_of_the_instance_takes_it_from_who_lost_it_and_that_is_on_record() {
    each_backend(|backend| async move {
        let plane = Plane::start(backend).await;
        let root = plane.set_up().await;
        let ada = plane.person("ada").await;
        let device = enrol(&ada).await;
        let account = format!("/api/v1/users/{}", device.user);
        let path = format!("{account}/second-factor");
        assert_eq!(root.get(&account).await.expect(200)["has_second_factor"], true);
        assert_eq!(ada.delete(&path).await.problem(403), "forbidden");
        root.delete(&path).await.expect(204);
        assert_eq!(root.get(&account).await.expect(200)["has_second_factor"], false);
        sign_in(&plane, "ada@example.com", None).await.expect(201);
        let activity = root.get("/api/v1/instance/activity?action=reset_second_factor").await.expect(200);
        assert_eq!(activity["items"][0]["target"], json!(device.user), "{activity}");
        plane.stop().await;
    });
}

#[test]
fn who_made_an_account_in_the_name_of_another_does_not_keep_them_out_with_it() {
    each_backend(|backend| async move {
        let plane = Plane::start(backend).await;
        let eve = plane.person("ada").await;
        enrol(&eve).await;
        plane
            .nobody()
            .post("/api/v1/password-reset", json!({ "email": "ada@example.com" }))
            .await
            .expect(202);
        let token = post::secret(&plane, "ada@example.com", "reset-password", 0).await;
        let mine = "my-own-four-words-2210";
        let set = json!({ "token": token, "password": mine });
        plane.nobody().post("/api/v1/password-reset/confirmation", set.clone()).await.expect(204);
        let ada = plane.nobody().sign_in("ada@example.com", mine).await;
        // Once the address was confirmed, who reads the mail is still asked for a code.
        let begun = ada.post(FACTOR, json!({ "password": mine })).await.expect(201);
        let secret = Secret::of_text(begun["secret"].as_str().unwrap()).unwrap();
        ada.post(CONFIRM, json!({ "code": secret.code(now()) })).await.expect(200);
        plane
            .nobody()
            .post("/api/v1/password-reset", json!({ "email": "ada@example.com" }))
            .await
            .expect(202);
        let token = post::secret(&plane, "ada@example.com", "reset-password", 1).await;
        let set = json!({ "token": token, "password": PASSWORD });
        plane.nobody().post("/api/v1/password-reset/confirmation", set).await.expect(204);
        let asked = sign_in(&plane, "ada@example.com", None).await;
        assert_eq!(asked.problem(401), "second_factor_required");
        plane.stop().await;
    });
}

#[test]
fn what_codes_are_made_from_is_sealed_and_goes_with_the_person() {
    each_backend(|backend| async move {
        let plane = Plane::start(backend).await;
        let ada = plane.person("ada").await;
        let device = enrol(&ada).await;
        let store = &plane.plane.app().store;
        let mut tx = store.read().await.unwrap();
        let kept = admin_store::secrets::of_owner(&mut tx, "user", device.user).await.unwrap();
        tx.commit().await.unwrap();
        let text = device.secret.text();
        let sealed = &kept[0].sealed.sealed;
        assert!(!sealed.windows(8).any(|part| text.as_bytes().windows(8).any(|of| of == part)));
        let copy = ada.get("/api/v1/profile/export").await.expect(200);
        assert!(!copy.to_string().contains(text.as_str()), "no secret in a copy");
        assert_eq!(copy["about"]["user"]["has_second_factor"], true);
        ada.delete("/api/v1/profile?confirm=ada@example.com").await.expect(204);
        let mut tx = store.read().await.unwrap();
        let left = admin_store::secrets::of_owner(&mut tx, "user", device.user).await.unwrap();
        assert_eq!(left, Vec::new());
        assert_eq!(admin_store::second_factors::find(&mut tx, device.user).await.unwrap(), None);
        tx.commit().await.unwrap();
        plane.stop().await;
    });
}
