//! Do the groups that a sign-in service tells give, change and take what the settings say, and nothing else?

use super::sign_in::{IssuerDouble, Provider, SECRET, Under, for_changes, sign_in, signed_in};
use crate::harness::{Answer, Caller, Plane, each_backend};
use admin::settings::{GroupGives, Groups, Registration, SignIn, SignInKind};
use reqwest::Method;
use serde_json::{Value, json};

const MEMBERS: &str = "/api/v1/workspaces/shop/members";

fn gives(group: &str) -> GroupGives {
    GroupGives {
        group: group.to_owned(),
        workspace: None,
        role: None,
        teams: Vec::new(),
        is_instance_admin: false,
    }
}

fn role(group: &str, workspace: &str, role: &str) -> GroupGives {
    GroupGives { workspace: Some(workspace.to_owned()), role: Some(role.to_owned()), ..gives(group) }
}

fn mapping(claim: &str) -> Groups {
    let dba = GroupGives {
        teams: vec!["Reporting".to_owned(), "Nobody made it".to_owned()],
        ..role("dba", "shop", "admin")
    };
    let roots = GroupGives { is_instance_admin: true, ..gives("roots") };
    Groups {
        claim: claim.to_owned(),
        required: None,
        gives: vec![
            dba,
            role("readers", "shop", "viewer"),
            role("chiefs", "crew", "owner"),
            role("lost", "no-such-workspace", "viewer"),
            role("strange", "shop", "no-such-role"),
            roots,
        ],
    }
}

fn service(issuer: &str, groups: Groups) -> SignIn {
    SignIn {
        name: "corp".to_owned(),
        kind: SignInKind::OpenIdConnect { issuer: issuer.to_owned() },
        client_id: "dragoman".to_owned(),
        client_secret: SECRET.to_owned().into(),
        scopes: vec!["groups".to_owned()],
        groups: Some(groups),
    }
}

/// Somebody new there, in `groups`.
async fn come(plane: &Plane, double: &IssuerDouble, groups: Value) -> Answer {
    let claims = json!({ "sub": "9", "email": "ada@example.com", "realm": { "groups": groups } });
    sign_in(plane, double, "corp", claims).await
}

async fn comes(plane: &Plane, double: &IssuerDouble, groups: Value) -> Caller {
    for_changes(signed_in(plane, &come(plane, double, groups).await)).await
}

async fn id_of(caller: &Caller) -> String {
    caller.get("/api/v1/session").await.expect(200)["person"]["id"].as_str().unwrap().to_owned()
}

/// What the owner sees of a member; null for nobody.
async fn seen(owner: &Caller, user: &str) -> Value {
    let members = owner.get(MEMBERS).await.expect(200);
    let found = members["items"].as_array().unwrap().iter().find(|one| one["user"] == user).cloned();
    found.unwrap_or_default()
}

/// The words of a refusal.
fn refused(answer: &Answer, words: &str) {
    assert_eq!(answer.problem(409), "conflict", "{}", answer.text);
    assert!(answer.text.contains(words), "{}", answer.text);
}

/// What a group gave, nobody changes by hand, and it says why; it can be taken away, see below.
async fn nobody_changes_it_by_hand(owner: &Caller, ada: &Caller, team: &str, user: &str) {
    let path = format!("{MEMBERS}/{user}");
    let etag = owner.get(&path).await.header("etag").unwrap();
    refused(
        &owner.patch(&path, &etag, json!({ "role": "viewer" })).await,
        "the group `dba` of `corp` gave this",
    );
    refused(&owner.delete(&format!("{team}/{user}")).await, "the group `dba` of `corp` gave this");
    refused(&ada.delete("/api/v1/workspaces/shop/membership").await, "decides over it");
}

#[test]
fn memberships_are_what_the_groups_say_at_each_sign_in() {
    each_backend(|backend| async move {
        let double = IssuerDouble::start().await;
        let plane = Plane::start(backend).await;
        plane.people().await;
        let url = double.url.clone();
        let settings = |settings: &mut admin::settings::Settings| {
            settings.registration = Registration::Invited;
            settings.sign_in = vec![service(&url, mapping("realm.groups"))];
        };
        let plane = plane.restart_with(settings).await;
        let owner = plane.nobody().sign_in("owner@example.com", crate::harness::PASSWORD).await;
        let team = owner
            .post("/api/v1/workspaces/shop/teams", json!({ "name": "Reporting", "description": "" }))
            .await;
        let team = team.expect(201)["id"].as_str().unwrap().to_owned();
        let team = format!("/api/v1/workspaces/shop/teams/{team}/members");

        // A group that gives something here stands for an invitation; others do not.
        assert_eq!(come(&plane, &double, json!(["other"])).await.problem(403), "forbidden");
        let ada = comes(&plane, &double, json!(["dba", "other", "lost", "strange"])).await;
        let user = id_of(&ada).await;
        let member = seen(&owner, &user).await;
        assert_eq!(
            (&member["role"], &member["by_group"]),
            (&json!("admin"), &json!({ "service": "corp", "group": "dba" }))
        );
        assert_eq!(owner.get(&team).await.expect(200)["items"][0]["user"], json!(user));
        assert_eq!(ada.get("/api/v1/workspaces/shop").await.expect(200)["role"], "admin");
        let by_hand = seen(&owner, &id_of(&owner).await).await;
        assert!(by_hand.get("by_group").is_none(), "{by_hand}");
        let told = owner.get("/api/v1/workspaces/shop/notifications").await.expect(200);
        assert_eq!(
            (&told["items"][0]["kind"], &told["items"][0]["detail"]),
            (&json!("member_joined"), &json!("admin"))
        );

        let path = format!("{MEMBERS}/{user}");
        nobody_changes_it_by_hand(&owner, &ada, &team, &user).await;

        // Changed, the most of what several give, and taken away.
        comes(&plane, &double, json!(["readers"])).await;
        let member = seen(&owner, &user).await;
        assert_eq!((&member["role"], &member["by_group"]["group"]), (&json!("viewer"), &json!("readers")));
        assert_eq!(owner.get(&team).await.expect(200)["items"], json!([]));
        comes(&plane, &double, json!(["readers", "dba"])).await;
        assert_eq!(seen(&owner, &user).await["role"], "admin");
        let ada = comes(&plane, &double, json!([])).await;
        assert_eq!(seen(&owner, &user).await, Value::Null);
        assert_eq!(ada.get("/api/v1/workspaces/shop").await.problem(404), "not_found");
        let entries = owner.get("/api/v1/workspaces/shop/activity?action=finish_sign_in").await.expect(200);
        let details: Vec<&Value> =
            entries["items"].as_array().unwrap().iter().map(|one| &one["details"]).collect();
        for wanted in [
            json!({ "role": "admin", "by_group_of": "corp", "group": "dba" }),
            json!({ "from": "admin", "to": "viewer", "by_group_of": "corp", "group": "readers" }),
            json!({ "from": "admin", "by_group_of": "corp", "taken": true }),
        ] {
            assert!(details.contains(&&wanted), "{wanted} is not in {details:?}");
        }

        // What was given by hand is left alone, whatever the groups say.
        plane.make_member("shop", "ada@example.com", "editor").await;
        comes(&plane, &double, json!(["dba"])).await;
        let member = seen(&owner, &user).await;
        assert!(member["role"] == "editor" && member.get("by_group").is_none(), "{member}");
        comes(&plane, &double, json!([])).await;
        assert_eq!(seen(&owner, &user).await["role"], "editor");
        owner.delete(&path).await.expect(204);

        // Where the settings read no groups any more, what they gave is everybody's to change.
        comes(&plane, &double, json!(["readers"])).await;
        let plane = plane.restart_with(|settings| settings.sign_in = Vec::new()).await;
        let owner = plane.nobody().sign_in("owner@example.com", crate::harness::PASSWORD).await;
        assert!(seen(&owner, &user).await.get("by_group").is_none());
        owner.delete(&path).await.expect(204);
        plane.stop().await;
    });
}

#[test]
fn the_last_owner_and_the_last_admin_stay_whatever_groups_say() {
    each_backend(|backend| async move {
        let double = IssuerDouble::start().await;
        let url = double.url.clone();
        let plane = Plane::start_with(backend, |settings| {
            settings.sign_in = vec![service(&url, mapping("realm.groups"))]
        })
        .await;
        let root = plane.set_up().await;
        root.post("/api/v1/workspaces", json!({ "slug": "crew", "name": "Crew" })).await.expect(201);
        let ada = comes(&plane, &double, json!(["chiefs", "roots"])).await;
        let user = id_of(&ada).await;
        assert_eq!(ada.get("/api/v1/workspaces/crew").await.expect(200)["role"], "owner");
        ada.get("/api/v1/users").await.expect(200);
        root.delete("/api/v1/workspaces/crew/membership").await.expect(204);
        // What a group gave is taken away by hand at once, and given again at the next sign-in.
        let path = format!("/api/v1/users/{user}");
        let etag = root.get(&path).await.header("etag").unwrap();
        root.patch(&path, &etag, json!({ "is_instance_admin": false })).await.expect(200);
        assert_eq!(ada.get("/api/v1/users").await.problem(403), "forbidden");
        let ada = comes(&plane, &double, json!(["chiefs", "roots"])).await;
        ada.get("/api/v1/users").await.expect(200);
        // The other one is no admin any more, and leaves ada as the last.
        let path = format!("/api/v1/users/{}", id_of(&root).await);
        let etag = ada.get(&path).await.header("etag").unwrap();
        ada.patch(&path, &etag, json!({ "is_instance_admin": false })).await.expect(200);
        let ada = comes(&plane, &double, json!([])).await;
        assert_eq!(
            ada.get("/api/v1/workspaces/crew").await.expect(200)["role"],
            "owner",
            "the last owner stays"
        );
        let etag = ada.get(&path).await.header("etag").unwrap();
        ada.patch(&path, &etag, json!({ "is_instance_admin": true })).await.expect(200);
        let ada = comes(&plane, &double, json!([])).await;
        assert_eq!(
            ada.get("/api/v1/users").await.problem(403),
            "forbidden",
            "with another admin there, ada is none"
        );
        plane.stop().await;
    });
}

#[test]
fn a_member_by_a_group_is_out_at_once_when_somebody_removes_them() {
    each_backend(|backend| async move {
        let double = IssuerDouble::start().await;
        let plane = Plane::start(backend).await;
        plane.people().await;
        let url = double.url.clone();
        let settings = |settings: &mut admin::settings::Settings| {
            settings.registration = Registration::Invited;
            settings.sign_in = vec![service(&url, mapping("realm.groups"))];
        };
        let plane = plane.restart_with(settings).await;
        let owner = plane.nobody().sign_in("owner@example.com", crate::harness::PASSWORD).await;
        let ada = comes(&plane, &double, json!(["dba"])).await;
        let user = id_of(&ada).await;
        ada.get("/api/v1/workspaces/shop").await.expect(200);
        owner.delete(&format!("{MEMBERS}/{user}")).await.expect(204);
        assert_eq!(ada.get("/api/v1/workspaces/shop").await.problem(404), "not_found");
        let ada = comes(&plane, &double, json!(["dba"])).await;
        ada.get("/api/v1/workspaces/shop").await.expect(200);
        plane.stop().await;
    });
}

#[test]
fn a_group_may_be_required_and_a_claim_has_bounds() {
    each_backend(|backend| async move {
        let double = IssuerDouble::start().await;
        let groups = Groups { required: Some("staff".to_owned()), ..mapping("realm.groups") };
        let url = double.url.clone();
        let plane =
            Plane::start_with(backend, |settings| settings.sign_in = vec![service(&url, groups)]).await;
        let root = plane.set_up().await;
        for groups in [json!([]), json!(null), json!(["STAFF", "staff "])] {
            let refused = come(&plane, &double, groups).await;
            assert_eq!(refused.problem(403), "forbidden");
            assert!(
                refused.text.contains("does not say that you are in the group `staff`"),
                "{}",
                refused.text
            );
        }
        for groups in [json!(7), json!(["staff", 7]), json!({ "staff": true }), json!(vec!["staff"; 501])] {
            assert_eq!(come(&plane, &double, groups.clone()).await.problem(502), "bad_gateway", "{groups}");
        }
        assert_eq!(
            root.get("/api/v1/users").await.expect(200)["items"].as_array().unwrap().len(),
            1,
            "nobody was made"
        );
        let ada = comes(&plane, &double, json!("staff")).await;
        // Who is out of it does not come in again, though the account is there.
        assert_eq!(come(&plane, &double, json!(["dba"])).await.problem(403), "forbidden");
        ada.get("/api/v1/profile").await.expect(200);
        plane.stop().await;
    });
}

#[test]
fn a_real_provider_tells_groups() {
    each_backend(|backend| async move {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("groups.json");
        let tell = |groups: Value| std::fs::write(&file, json!({ "grace": groups }).to_string()).unwrap();
        tell(json!(["readers"]));
        let callback = "http://127.0.0.1:8432/api/v1/sign-in/corp/callback";
        let provider = Provider::telling(callback, Some(&file)).await;
        let plane = Plane::start(backend).await;
        plane.people().await;
        let issuer = provider.url.clone();
        let plane = plane
            .restart_with(|settings| {
                settings.registration = Registration::Invited;
                settings.sign_in = vec![service(&issuer, mapping("groups"))];
            })
            .await;
        for (groups, expected) in
            [(json!(["readers"]), Some("viewer")), (json!(["dba"]), Some("admin")), (json!([]), None)]
        {
            tell(groups);
            let under = Under::begin(&plane, "corp").await;
            let back = provider.walk(&plane.nobody(), &under.to, "grace").await;
            let mut caller = plane.nobody();
            caller.cookie = Some(under.cookie.clone());
            let grace = signed_in(&plane, &caller.send(Method::GET, &back, &[], None).await);
            let shop = grace.get("/api/v1/workspaces/shop").await;
            match expected {
                Some(role) => assert_eq!(shop.expect(200)["role"], role),
                None => assert_eq!(shop.problem(404), "not_found"),
            }
        }
        plane.stop().await;
    });
}

#[test]
fn who_unlinks_the_account_there_keeps_nothing_its_groups_gave() {
    each_backend(|backend| async move {
        let double = IssuerDouble::start().await;
        let plane = Plane::start(backend).await;
        plane.people().await;
        let url = double.url.clone();
        let settings = |settings: &mut admin::settings::Settings| {
            settings.registration = Registration::Invited;
            settings.sign_in = vec![service(&url, mapping("realm.groups"))];
        };
        let plane = plane.restart_with(settings).await;
        let ada = comes(&plane, &double, json!(["dba", "roots"])).await;
        assert_eq!(ada.get("/api/v1/workspaces/shop").await.expect(200)["role"], "admin");
        let linked = ada.get("/api/v1/profile/identities").await.expect(200);
        let path = format!("/api/v1/profile/identities/{}", linked["items"][0]["id"].as_str().unwrap());
        assert_eq!(ada.delete(&path).await.problem(409), "conflict", "the only way in");

        let nobody = plane.nobody();
        let email = json!({ "email": "ada@example.com" });
        nobody.post("/api/v1/password-reset", email).await.expect(202);
        let token = crate::post::secret(&plane, "ada@example.com", "reset-password", 0).await;
        let password = json!({ "token": token, "password": crate::harness::PASSWORD });
        nobody.post("/api/v1/password-reset/confirmation", password).await.expect(204);
        let ada = nobody.sign_in("ada@example.com", crate::harness::PASSWORD).await;
        let person = ada.get("/api/v1/session").await.expect(200);
        assert_eq!(person["person"]["is_instance_admin"], true);
        ada.delete(&path).await.expect(204);
        assert_eq!(ada.get("/api/v1/session").await.expect(200)["person"]["is_instance_admin"], false);
        assert_eq!(ada.get("/api/v1/workspaces/shop").await.problem(404), "not_found");
        plane.stop().await;
    });
}
