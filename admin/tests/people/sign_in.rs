//! Who comes in by another service, and who does not?

use crate::harness::{Answer, Caller, PASSWORD, Plane, each_backend};
use admin::settings::{Registration, SignIn, SignInKind};
use admin_store::Backend;
use axum::extract::{Form, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use openidconnect::url::Url;
use rcgen::{KeyPair, PKCS_RSA_SHA256, PublicKeyData, SigningKey};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, BufReader};

/// The client secret; it may stand in no answer.
pub(crate) const SECRET: &str = "a-client-secret-of-ours";

/// A double of an issuer of OpenID Connect, which also answers as GitHub does. It signs with a real key.
#[derive(Clone)]
pub(crate) struct IssuerDouble {
    pub(crate) url: String,
    key: Arc<Mutex<Arc<KeyPair>>>,
    /// What each code stands for.
    codes: Arc<Mutex<HashMap<String, Granted>>>,
}

#[derive(Clone)]
struct Granted {
    challenge: String,
    redirect: String,
    claims: Value,
}

fn new_key() -> Arc<KeyPair> {
    Arc::new(KeyPair::generate_for(&PKCS_RSA_SHA256).unwrap())
}

/// Modulus and exponent of an RSA key of 2048 bits (RFC 8017, appendix A.1.1).
fn numbers(key: &KeyPair) -> (String, String) {
    let der = key.der_bytes();
    let place = der.windows(5).position(|part| part == [0x02, 0x82, 0x01, 0x01, 0x00]).unwrap() + 5;
    let (modulus, rest) = der[place..].split_at(256);
    let exponent = &rest[2..2 + usize::from(rest[1])];
    (URL_SAFE_NO_PAD.encode(modulus), URL_SAFE_NO_PAD.encode(exponent))
}

impl IssuerDouble {
    pub(crate) async fn start() -> IssuerDouble {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let double = IssuerDouble { url, key: Arc::new(Mutex::new(new_key())), codes: Arc::default() };
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(discovery))
            .route("/jwks", get(jwks))
            .route("/token", post(token))
            .route("/login/oauth/access_token", post(github_token))
            .route("/user", get(github_user))
            .route("/user/emails", get(github_emails))
            .with_state(double.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        double
    }

    /// Agrees that somebody goes back to `to`'s callback as whom `claims` say; the code.
    fn grant(&self, to: &Url, claims: Value) -> String {
        let asked: HashMap<_, _> = to.query_pairs().into_owned().collect();
        assert_eq!(asked["code_challenge_method"], "S256");
        assert_eq!(asked["client_id"], "dragoman");
        let mut all = json!({
            "iss": self.url, "aud": "dragoman", "exp": 4_102_444_800_u64, "iat": 1_700_000_000,
            "nonce": asked.get("nonce"), "sub": "1234", "email": "ada@example.com",
            "email_verified": true, "name": "Ada",
        });
        for (name, value) in claims.as_object().unwrap() {
            all[name] = value.clone();
        }
        let mut codes = self.codes.lock().unwrap();
        let code = format!("code-{}", codes.len());
        let (challenge, redirect) = (asked["code_challenge"].clone(), asked["redirect_uri"].clone());
        codes.insert(code.clone(), Granted { challenge, redirect, claims: all });
        code
    }

    /// The claims of a code, if who asks may have them.
    fn redeem(&self, form: &HashMap<String, String>) -> Option<Value> {
        let granted = self.codes.lock().unwrap().remove(form.get("code")?)?;
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(form.get("code_verifier")?.as_bytes()));
        (challenge == granted.challenge && form.get("redirect_uri") == Some(&granted.redirect))
            .then_some(granted.claims)
    }

    fn sign(&self, claims: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let header = part(&json!({ "alg": "RS256", "kid": "k", "typ": "JWT" }));
        let text = format!("{header}.{}", part(claims));
        let key = self.key.lock().unwrap().clone();
        format!("{text}.{}", URL_SAFE_NO_PAD.encode(key.sign(text.as_bytes()).unwrap()))
    }
}

async fn discovery(State(double): State<IssuerDouble>) -> Json<Value> {
    let url = &double.url;
    Json(json!({
        "issuer": url, "authorization_endpoint": format!("{url}/authorize"),
        "token_endpoint": format!("{url}/token"), "jwks_uri": format!("{url}/jwks"),
        "response_types_supported": ["code"], "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
    }))
}

async fn jwks(State(double): State<IssuerDouble>) -> Json<Value> {
    let (n, e) = numbers(&double.key.lock().unwrap());
    Json(json!({ "keys": [{ "kty": "RSA", "use": "sig", "alg": "RS256", "kid": "k", "n": n, "e": e }] }))
}

async fn token(
    State(double): State<IssuerDouble>,
    headers: HeaderMap,
    Form(form): Form<HashMap<String, String>>,
) -> Response {
    let client = format!("Basic {}", STANDARD.encode(format!("dragoman:{SECRET}")));
    let is_client = headers.get("authorization").is_some_and(|shown| shown.as_bytes() == client.as_bytes());
    match double.redeem(&form).filter(|_| is_client) {
        Some(mut claims) => {
            let unsigned = claims.as_object_mut().unwrap().remove("unsigned").is_some();
            let mut id_token = double.sign(&claims);
            if unsigned {
                let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#);
                id_token = format!("{header}.{}.", URL_SAFE_NO_PAD.encode(claims.to_string()));
            }
            Json(json!({ "access_token": "opaque", "token_type": "Bearer", "id_token": id_token }))
                .into_response()
        }
        None => (StatusCode::BAD_REQUEST, Json(json!({ "error": "invalid_grant" }))).into_response(),
    }
}

async fn github_token(
    State(double): State<IssuerDouble>,
    Form(form): Form<HashMap<String, String>>,
) -> Json<Value> {
    let is_client = form.get("client_secret").is_some_and(|secret| secret == SECRET);
    match double.redeem(&form).filter(|_| is_client) {
        Some(claims) => Json(
            json!({ "access_token": URL_SAFE_NO_PAD.encode(claims.to_string()), "token_type": "bearer" }),
        ),
        None => Json(json!({ "error": "bad_verification_code" })),
    }
}

/// The token of the double is what it stands for.
fn shown(headers: &HeaderMap) -> Value {
    let token = headers["authorization"].to_str().unwrap().strip_prefix("Bearer ").unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token).unwrap()).unwrap()
}

async fn github_user(headers: HeaderMap) -> Json<Value> {
    Json(json!({ "id": 77, "login": "ada-l", "name": shown(&headers)["name"] }))
}

async fn github_emails(headers: HeaderMap) -> Json<Value> {
    let claims = shown(&headers);
    Json(json!([
        { "email": "other@example.com", "primary": false, "verified": true, "visibility": null },
        { "email": claims["email"], "primary": true, "verified": claims["email_verified"], "visibility": "public" },
    ]))
}

/// A control plane where people sign in by the double: as `corp`, and as if it were GitHub.
async fn start(backend: Backend, registration: Registration) -> (Plane, IssuerDouble) {
    let double = IssuerDouble::start().await;
    let url = double.url.clone();
    let service = |name: &str, kind: SignInKind| SignIn {
        name: name.to_owned(),
        kind,
        client_id: "dragoman".to_owned(),
        client_secret: SECRET.to_owned().into(),
        scopes: Vec::new(),
        groups: None,
    };
    let plane = Plane::start_with(backend, |settings| {
        settings.registration = registration;
        settings.sign_in = vec![
            service("corp", SignInKind::OpenIdConnect { issuer: url.clone() }),
            service("hub", SignInKind::GitHub { web: url.clone(), api: url.clone() }),
            service("away", SignInKind::OpenIdConnect { issuer: "http://127.0.0.1:9".to_owned() }),
        ];
    })
    .await;
    (plane, double)
}

/// A sign-in under way: where the browser was sent, and what it keeps.
pub(crate) struct Under {
    pub(crate) to: Url,
    pub(crate) cookie: String,
}

impl Under {
    fn of(answer: &Answer, to: &str) -> Under {
        let cookie = answer.header("set-cookie").unwrap();
        assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
        Under { to: Url::parse(to).unwrap(), cookie: cookie.split(';').next().unwrap().to_owned() }
    }

    pub(crate) async fn begin(plane: &Plane, service: &str) -> Under {
        let answer = plane.nobody().get(&format!("/api/v1/sign-in/{service}")).await;
        answer.expect(302);
        Under::of(&answer, &answer.header("location").unwrap())
    }

    fn state(&self) -> String {
        self.to.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned()
    }

    /// Comes back with a code, as `caller` besides the cookie.
    async fn end(&self, caller: &Caller, service: &str, code: &str) -> Answer {
        let mut caller = caller.clone();
        let session = caller.cookie.take().map(|cookie| format!("{cookie}; ")).unwrap_or_default();
        caller.cookie = Some(format!("{session}{}", self.cookie));
        caller.get(&format!("/api/v1/sign-in/{service}/callback?code={code}&state={}", self.state())).await
    }
}

/// Signs in as whom `claims` say.
pub(crate) async fn sign_in(plane: &Plane, double: &IssuerDouble, service: &str, claims: Value) -> Answer {
    let under = Under::begin(plane, service).await;
    let code = double.grant(&under.to, claims);
    under.end(&plane.nobody(), service, &code).await
}

/// Whoever the answer signed in.
pub(crate) fn signed_in(plane: &Plane, answer: &Answer) -> Caller {
    assert_eq!(answer.status.as_u16(), 302, "{}", answer.text);
    assert_eq!(answer.header("location").as_deref(), Some("/"), "nobody's URL is followed");
    let cookies = answer.headers.get_all("set-cookie").iter().map(|one| one.to_str().unwrap());
    let cookie = cookies.filter_map(|one| one.split(';').next()).find(|one| one.starts_with("dragoman="));
    let mut caller = plane.nobody();
    caller.cookie = Some(cookie.unwrap().to_owned());
    caller
}

/// With the CSRF token of its session.
pub(crate) async fn for_changes(mut caller: Caller) -> Caller {
    let session = caller.get("/api/v1/session").await.expect(200);
    caller.csrf = session["csrf_token"].as_str().map(ToOwned::to_owned);
    caller
}

#[test]
fn somebody_new_comes_in_and_is_known_the_next_time() {
    each_backend(|backend| async move {
        let (plane, double) = start(backend, Registration::Open).await;
        assert_eq!(plane.nobody().get("/api/v1/instance").await.expect(200)["sign_in"][0], "corp");
        let first = sign_in(&plane, &double, "corp", json!({})).await;
        let ada = signed_in(&plane, &first);
        let profile = ada.get("/api/v1/profile").await.expect(200);
        assert_eq!(
            (profile["email_verified"].as_bool(), profile["has_password"].as_bool()),
            (Some(true), Some(false))
        );
        assert_eq!(ada.get("/api/v1/workspaces").await.expect(200)["items"][0]["kind"], "personal");
        // Known by who they are there, whatever their e-mail is by now.
        let again = sign_in(&plane, &double, "corp", json!({ "email": "ada@new.example" })).await;
        let again = signed_in(&plane, &again);
        assert_eq!(again.get("/api/v1/profile").await.expect(200)["id"], profile["id"]);
        // Somebody else there with the same confirmed e-mail here is the same person.
        let hub = sign_in(&plane, &double, "hub", json!({})).await;
        let hub = signed_in(&plane, &hub);
        assert_eq!(hub.get("/api/v1/profile").await.expect(200)["id"], profile["id"]);
        let ada = for_changes(ada).await;
        let linked = ada.get("/api/v1/profile/identities").await.expect(200);
        let ids: Vec<_> =
            linked["items"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect();
        assert_eq!(ids.len(), 2);
        let path = |id: &str| format!("/api/v1/profile/identities/{id}");
        ada.delete(&path(ids[1])).await.expect(204);
        assert_eq!(ada.delete(&path(ids[0])).await.problem(409), "conflict", "the last way in stays");
        ada.post("/api/v1/profile/password", json!({ "password": PASSWORD })).await.expect(204);
        ada.delete(&path(ids[0])).await.expect(204);
        // Keys change: they are asked for again, though not more than once a minute.
        *double.key.lock().unwrap() = new_key();
        assert_eq!(sign_in(&plane, &double, "corp", json!({})).await.problem(502), "bad_gateway");
        plane.stop().await;
    });
}

#[test]
fn an_account_that_never_confirmed_its_address_is_nobodys_to_link() {
    each_backend(|backend| async move {
        let (plane, double) = start(backend, Registration::Open).await;
        let mallory = plane.person("ada").await;
        let refused = sign_in(&plane, &double, "corp", json!({})).await;
        assert_eq!(refused.problem(409), "conflict");
        assert!(refused.json()["hint"].as_str().unwrap().contains("profile"), "{}", refused.text);
        for service in ["corp", "hub"] {
            let unverified = json!({ "email": "new@example.com", "email_verified": false });
            assert_eq!(sign_in(&plane, &double, service, unverified).await.problem(403), "forbidden");
        }
        // Who is signed in links it, and comes in by it from now on.
        let answer = mallory.post("/api/v1/profile/identities", json!({ "service": "corp" })).await;
        let under = Under::of(&answer, answer.expect(200)["url"].as_str().unwrap());
        let eve = plane.person("eve").await;
        let code = double.grant(&under.to, json!({}));
        assert_eq!(under.end(&eve, "corp", &code).await.problem(403), "forbidden", "another session");
        let answer = mallory.post("/api/v1/profile/identities", json!({ "service": "corp" })).await;
        let under = Under::of(&answer, answer.expect(200)["url"].as_str().unwrap());
        let code = double.grant(&under.to, json!({}));
        assert_eq!(under.end(&mallory, "corp", &code).await.status.as_u16(), 302);
        let back = signed_in(&plane, &sign_in(&plane, &double, "corp", json!({})).await);
        let id = back.get("/api/v1/profile").await.expect(200)["id"].clone();
        assert_eq!(id, mallory.get("/api/v1/profile").await.expect(200)["id"]);
        let answer = eve.post("/api/v1/profile/identities", json!({ "service": "corp" })).await;
        let under = Under::of(&answer, answer.expect(200)["url"].as_str().unwrap());
        let code = double.grant(&under.to, json!({}));
        assert_eq!(under.end(&eve, "corp", &code).await.problem(409), "conflict", "it is another person's");
        plane.stop().await;
    });
}

#[test]
fn what_did_not_begin_in_this_browser_or_is_not_the_issuers_word_lets_nobody_in() {
    each_backend(|backend| async move {
        let (plane, double) = start(backend, Registration::Open).await;
        let nobody = plane.nobody();
        // A victim's browser is sent to the end of a sign-in that began elsewhere.
        let (own, foreign) = (Under::begin(&plane, "corp").await, Under::begin(&plane, "corp").await);
        let code = double.grant(&own.to, json!({}));
        let mixed = Under { to: own.to.clone(), cookie: foreign.cookie.clone() };
        assert_eq!(mixed.end(&nobody, "corp", &code).await.problem(403), "forbidden");
        let bare = Under { to: own.to.clone(), cookie: "x=y".to_owned() };
        assert_eq!(bare.end(&nobody, "corp", &code).await.problem(403), "forbidden");
        assert_eq!(own.end(&nobody, "hub", &code).await.problem(410), "expired", "at another service");
        // A state works once.
        let once = Under::begin(&plane, "corp").await;
        let code = double.grant(&once.to, json!({}));
        signed_in(&plane, &once.end(&nobody, "corp", &code).await);
        assert_eq!(once.end(&nobody, "corp", &code).await.problem(410), "expired");
        for (what, claims) in [
            ("nonce", json!({ "nonce": "another" })),
            ("audience", json!({ "aud": "somebody-else" })),
            ("issuer", json!({ "iss": "https://evil.example" })),
            ("expiry", json!({ "exp": 1_600_000_000, "iat": 1_500_000_000 })),
            ("signature", json!({ "unsigned": true })),
        ] {
            let answer = sign_in(&plane, &double, "corp", claims).await;
            assert_eq!(answer.problem(502), "bad_gateway", "{what}");
            assert!(answer.json()["hint"].is_string());
            assert!(!answer.text.contains(SECRET) && !answer.text.contains("code-"), "{}", answer.text);
        }
        let forged = Under::begin(&plane, "corp").await;
        assert_eq!(forged.end(&nobody, "corp", "no-code-of-theirs").await.problem(502), "bad_gateway");
        let forged = Under::begin(&plane, "hub").await;
        assert_eq!(forged.end(&nobody, "hub", "no-code-of-theirs").await.problem(502), "bad_gateway");
        let mixed_up = Under::begin(&plane, "corp").await;
        let code = format!("{}&iss=https%3A%2F%2Fevil.example", double.grant(&mixed_up.to, json!({})));
        assert_eq!(mixed_up.end(&nobody, "corp", &code).await.problem(403), "forbidden");
        let denied = Under::begin(&plane, "corp").await;
        let mut caller = nobody.clone();
        caller.cookie = Some(denied.cookie.clone());
        let path = format!("/api/v1/sign-in/corp/callback?error=access_denied&state={}", denied.state());
        assert_eq!(caller.get(&path).await.problem(403), "forbidden");
        assert_eq!(nobody.get("/api/v1/sign-in/away").await.problem(502), "bad_gateway");
        assert_eq!(nobody.get("/api/v1/sign-in/nothing").await.problem(404), "not_found");
        plane.stop().await;
    });
}

#[test]
fn who_is_new_needs_an_invitation_where_registration_is_not_open() {
    each_backend(|backend| async move {
        let (plane, double) = start(backend, Registration::Open).await;
        let people = plane.people().await;
        let path = "/api/v1/workspaces/shop/invitations";
        people.owner.post(path, json!({ "email": "ada@example.com", "role": "editor" })).await.expect(201);
        let secret = crate::post::secret(&plane, "ada@example.com", "invitation", 0).await;
        let services = plane.plane.app().settings.sign_in.clone();
        let plane = plane
            .restart_with(|settings| {
                settings.registration = Registration::Invited;
                settings.sign_in = services;
            })
            .await;
        assert_eq!(sign_in(&plane, &double, "corp", json!({})).await.problem(403), "forbidden");
        let begin = |secret: String| {
            let nobody = plane.nobody();
            async move {
                let answer = nobody.get(&format!("/api/v1/sign-in/corp?invitation={secret}")).await;
                answer.expect(302);
                Under::of(&answer, &answer.header("location").unwrap())
            }
        };
        let other = begin(secret.clone()).await;
        let code = double.grant(&other.to, json!({ "email": "eve@example.com", "sub": "666" }));
        assert_eq!(other.end(&plane.nobody(), "corp", &code).await.problem(403), "forbidden");
        let own = begin(secret.clone()).await;
        let code = double.grant(&own.to, json!({}));
        let ada = signed_in(&plane, &own.end(&plane.nobody(), "corp", &code).await);
        assert_eq!(ada.get("/api/v1/workspaces/shop").await.expect(200)["role"], "editor");
        let id = ada.get("/api/v1/profile").await.expect(200)["id"].clone();
        let owner = plane.nobody().sign_in("owner@example.com", PASSWORD).await;
        let told = owner.get("/api/v1/workspaces/shop/notifications").await.expect(200);
        let first = &told["items"][0];
        assert_eq!((&first["kind"], &first["target"]), (&json!("member_joined"), &id), "{told}");
        assert_eq!((&first["detail"], &first["actor_name"]), (&json!("editor"), &json!("Ada")));
        // Who only signs in again joins nothing.
        signed_in(&plane, &sign_in(&plane, &double, "corp", json!({})).await);
        assert_eq!(owner.get("/api/v1/workspaces/shop/notifications").await.expect(200), told);
        let replay = begin(secret).await;
        let code = double.grant(&replay.to, json!({ "sub": "777", "email": "bob@example.com" }));
        assert_eq!(replay.end(&plane.nobody(), "corp", &code).await.problem(410), "expired");
        plane.stop().await;
    });
}

/// A real provider in a process of its own. Ends when dropped.
pub(crate) struct Provider {
    _process: tokio::process::Child,
    pub(crate) url: String,
}

impl Provider {
    async fn start(callback: &str) -> Provider {
        Provider::telling(callback, None).await
    }

    /// One that tells the groups which stand in a file, as it is at that moment.
    pub(crate) async fn telling(callback: &str, groups: Option<&std::path::Path>) -> Provider {
        let modules =
            std::env::var("DRAGOMAN_NODE_MODULES").unwrap_or("/var/cache/dragoman/node_modules".to_owned());
        assert!(
            std::path::Path::new(&modules).join("oidc-provider").is_dir(),
            "no oidc-provider in {modules}: run scripts/setup.sh test"
        );
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/people/provider.mjs");
        let mut process = tokio::process::Command::new("node")
            .args([script, &modules, callback, SECRET])
            .args(groups)
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let started = tokio::time::timeout(Duration::from_secs(30), async {
            loop {
                let line = lines.next_line().await.unwrap().expect("the provider runs");
                if let Ok(port) = line.trim().parse::<u16>() {
                    return port;
                }
            }
        });
        let port = started.await.expect("the provider starts");
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Provider { _process: process, url: format!("http://127.0.0.1:{port}") }
    }

    /// Does what somebody does in a browser: follows, signs in as `who`, agrees; until it is sent back to us.
    pub(crate) async fn walk(&self, caller: &Caller, start: &Url, who: &str) -> String {
        let mut jar: HashMap<String, String> = HashMap::new();
        let mut browser = caller.clone();
        let mut to = start.to_string();
        for _ in 0..12 {
            browser.cookie = Some(
                jar.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; "),
            );
            let mut answer = browser.get(&to).await;
            if answer.status.as_u16() == 200 {
                let prompt = if answer.text.contains("value=\"login\"") { "login" } else { "consent" };
                let form = format!("prompt={prompt}&login={who}&password=any").into_bytes();
                let kind = "application/x-www-form-urlencoded";
                answer = browser.send(reqwest::Method::POST, &to, &[], Some((kind, form))).await;
            }
            for cookie in answer.headers.get_all("set-cookie") {
                let pair = cookie.to_str().unwrap().split(';').next().unwrap();
                let (name, value) = pair.split_once('=').unwrap();
                jar.insert(name.to_owned(), value.to_owned());
            }
            let next =
                answer.header("location").unwrap_or_else(|| panic!("{} {}", answer.status, answer.text));
            let next = Url::parse(&self.url).unwrap().join(&next).unwrap();
            if next.path().ends_with("/callback") {
                return format!("{}?{}", next.path(), next.query().unwrap());
            }
            to = next.to_string();
        }
        panic!("the provider sends nobody back");
    }
}

#[test]
fn somebody_signs_in_with_a_real_provider() {
    each_backend(|backend| async move {
        let provider = Provider::start("http://127.0.0.1:8432/api/v1/sign-in/real/callback").await;
        let issuer = provider.url.clone();
        let plane = Plane::start_with(backend, |settings| {
            settings.sign_in = vec![SignIn {
                name: "real".to_owned(),
                kind: SignInKind::OpenIdConnect { issuer },
                client_id: "dragoman".to_owned(),
                client_secret: SECRET.to_owned().into(),
                scopes: Vec::new(),
                groups: None,
            }];
        })
        .await;
        let under = Under::begin(&plane, "real").await;
        let back = provider.walk(&plane.nobody(), &under.to, "grace").await;
        let mut caller = plane.nobody();
        caller.cookie = Some(under.cookie.clone());
        let grace = signed_in(&plane, &caller.get(&back).await);
        let profile = grace.get("/api/v1/profile").await.expect(200);
        assert_eq!(
            (profile["email"].as_str(), profile["email_verified"].as_bool()),
            (Some("grace@example.com"), Some(true))
        );
        assert_eq!(profile["name"], "grace");
        assert_eq!(caller.get(&back).await.problem(410), "expired", "replayed");
        plane.stop().await;
    });
}
