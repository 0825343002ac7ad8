//! What do HashiCorp Vault and a key service answer? A double of both: neither can be installed where the tests run.
//! What it does it does with real cryptography (XChaCha20-Poly1305, a key for each version, what a text belongs to
//! authenticated), and it refuses as they refuse: wrong token, sealed, no such path, moved ciphertext.

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};

/// The token that is right at the beginning.
pub const TOKEN: &str = "hvs.planted-token-of-the-double-8Kq2";
/// The secret id that is right.
pub const SECRET_ID: &str = "planted-secret-id-of-the-double-4Zx7";
/// The role id that is right.
pub const ROLE_ID: &str = "role-of-dragoman";

/// What the double knows and how it behaves.
pub struct World {
    /// Tokens that are taken.
    pub tokens: Vec<String>,
    /// Keys by name; the last version is the latest.
    pub keys: HashMap<String, Vec<[u8; 32]>>,
    /// Secrets of the key-value engine, by path.
    pub secrets: HashMap<String, Value>,
    /// Whether it is sealed: it answers 503 to everything.
    pub is_sealed: bool,
    /// It is sealed after so many more answers.
    pub answers_left: Option<usize>,
    /// So many of the next questions are answered with 500.
    pub stumbles: usize,
    /// Whether it answers with more than anybody wants.
    pub is_endless: bool,
    /// The namespace that is right.
    pub namespace: Option<String>,
    /// How long tokens of the AppRole last, in seconds.
    pub lease_seconds: u64,
    /// How often somebody logged in, and renewed.
    pub logins: usize,
    pub renewals: usize,
    /// What was asked: method and path.
    pub asked: Vec<String>,
}

#[derive(Clone)]
pub struct Double {
    /// Where it is.
    pub url: String,
    world: Arc<Mutex<World>>,
}

impl Double {
    /// One that knows the key `dragoman` of the transit engine and of the key service.
    pub async fn start() -> Double {
        let world = World {
            tokens: vec![TOKEN.to_owned()],
            keys: HashMap::from([("dragoman".to_owned(), vec![[7; 32]]), (kms_key(), vec![[9; 32]])]),
            secrets: HashMap::new(),
            is_sealed: false,
            answers_left: None,
            stumbles: 0,
            is_endless: false,
            namespace: None,
            lease_seconds: 3_600,
            logins: 0,
            renewals: 0,
            asked: Vec::new(),
        };
        let world = Arc::new(Mutex::new(world));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(answer).with_state(world.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Double { url, world }
    }

    /// The double as it is; not to be held over a wait.
    pub fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap()
    }

    /// A new version of a key.
    pub fn rotate(&self, key: &str) {
        let mut world = self.world();
        let versions = world.keys.get_mut(key).unwrap();
        let next = u8::try_from(versions.len()).unwrap() + 100;
        versions.push([next; 32]);
    }

    /// How often what was asked ends like this.
    pub fn count(&self, ending: &str) -> usize {
        self.world().asked.iter().filter(|asked| asked.ends_with(ending)).count()
    }
}

/// A key as a key service names it.
pub fn kms_key() -> String {
    "projects/shop/locations/global/keyRings/gate/cryptoKeys/dragoman".to_owned()
}

type Refusal = (StatusCode, Value);

async fn answer(
    State(world): State<Arc<Mutex<World>>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let mut world = world.lock().unwrap();
    world.asked.push(format!("{method} {}", uri.path()));
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    match world.answer(&method, uri.path(), &headers, &body) {
        Ok(answer) => axum::Json(answer).into_response(),
        Err((status, answer)) => (status, axum::Json(answer)).into_response(),
    }
}

impl World {
    fn answer(
        &mut self,
        method: &Method,
        path: &str,
        headers: &HeaderMap,
        body: &Value,
    ) -> Result<Value, Refusal> {
        if self.answers_left == Some(0) {
            self.is_sealed = true;
        }
        self.answers_left = self.answers_left.map(|left| left.saturating_sub(1));
        if self.is_sealed {
            return Err((StatusCode::SERVICE_UNAVAILABLE, json!({ "errors": ["Vault is sealed"] })));
        }
        if self.stumbles > 0 {
            self.stumbles -= 1;
            return Err((StatusCode::INTERNAL_SERVER_ERROR, json!({ "errors": ["internal error"] })));
        }
        if self.is_endless {
            return Ok(json!({ "data": { "ciphertext": "x".repeat(1_000_000) } }));
        }
        if let Some((key, verb)) = path.strip_prefix("/v1/projects").and_then(|rest| rest.rsplit_once(':')) {
            return self.key_service(&format!("projects{key}"), verb, headers, body);
        }
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        if header("x-vault-namespace") != self.namespace.as_deref() {
            return Err(denied());
        }
        if path == "/v1/auth/approle/login" {
            return self.log_in(body);
        }
        let token = header("x-vault-token").unwrap_or_default();
        if !self.tokens.iter().any(|known| known == token) {
            return Err(denied());
        }
        let parts: Vec<&str> = path.trim_start_matches("/v1/").split('/').collect();
        match (method.as_str(), parts.as_slice()) {
            ("POST", ["auth", "token", "renew-self"]) => {
                self.renewals += 1;
                Ok(self.lease(token))
            }
            ("GET", ["secret", "data", path @ ..]) => match self.secrets.get(&path.join("/")) {
                Some(fields) => Ok(json!({ "data": { "data": fields, "metadata": { "version": 1 } } })),
                None => Err((StatusCode::NOT_FOUND, json!({ "errors": [] }))),
            },
            ("POST", ["transit", "encrypt", key]) => {
                let (version, sealed) = self.seal(key, &body["plaintext"], &body["associated_data"])?;
                Ok(
                    json!({ "data": { "ciphertext": format!("vault:v{version}:{}", STANDARD.encode(sealed)) } }),
                )
            }
            ("POST", ["transit", "decrypt", key]) => {
                let text = body["ciphertext"].as_str().unwrap_or_default();
                let parts: Vec<&str> = text.splitn(3, ':').collect();
                let [_, version, sealed] = parts.as_slice() else { return Err(bad("invalid ciphertext")) };
                let version = version.trim_start_matches('v').parse().unwrap_or(0);
                let opened = self.open(key, version, sealed, &body["associated_data"])?;
                Ok(json!({ "data": { "plaintext": opened } }))
            }
            _ => Err((StatusCode::NOT_FOUND, json!({ "errors": ["no handler for route"] }))),
        }
    }

    fn key_service(
        &self,
        key: &str,
        verb: &str,
        headers: &HeaderMap,
        body: &Value,
    ) -> Result<Value, Refusal> {
        let shown = headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default();
        if !self.tokens.iter().any(|token| shown == format!("Bearer {token}")) {
            let said = json!({ "error": { "code": 401, "message": "invalid credentials" } });
            return Err((StatusCode::UNAUTHORIZED, said));
        }
        let place = &body["additionalAuthenticatedData"];
        let done = match verb {
            "encrypt" => self.seal(key, &body["plaintext"], place).map(|(version, sealed)| {
                let bytes = [&[u8::try_from(version).unwrap()], sealed.as_slice()].concat();
                json!({ "name": format!("{key}/cryptoKeyVersions/{version}"), "ciphertext": STANDARD.encode(bytes) })
            }),
            _ => {
                let bytes = STANDARD.decode(body["ciphertext"].as_str().unwrap_or_default()).unwrap_or_default();
                let (version, sealed) = bytes.split_first().ok_or_else(|| bad("decryption failed"))?;
                self.open(key, (*version).into(), &STANDARD.encode(sealed), place)
                    .map(|opened| json!({ "plaintext": opened }))
            }
        };
        done.map_err(|(status, said)| (status, json!({ "error": { "message": said["errors"][0] } })))
    }

    fn log_in(&mut self, body: &Value) -> Result<Value, Refusal> {
        if body["role_id"] != ROLE_ID || body["secret_id"] != SECRET_ID {
            return Err(bad("invalid role or secret ID"));
        }
        self.logins += 1;
        let token = format!("hvs.token-of-login-{}", self.logins);
        self.tokens.push(token.clone());
        Ok(self.lease(&token))
    }

    fn lease(&self, token: &str) -> Value {
        json!({ "auth": { "client_token": token, "lease_duration": self.lease_seconds, "renewable": true } })
    }

    fn seal(&self, key: &str, text: &Value, place: &Value) -> Result<(usize, Vec<u8>), Refusal> {
        let versions = self.keys.get(key).ok_or_else(|| bad("encryption key not found"))?;
        let text = STANDARD.decode(text.as_str().unwrap_or_default()).unwrap();
        let place = STANDARD.decode(place.as_str().unwrap_or_default()).unwrap();
        let mut nonce = [0_u8; 24];
        getrandom::fill(&mut nonce).unwrap();
        let cipher = XChaCha20Poly1305::new(versions.last().unwrap().into());
        let sealed = cipher.encrypt(&XNonce::from(nonce), Payload { msg: &text, aad: &place }).unwrap();
        Ok((versions.len(), [nonce.as_slice(), &sealed].concat()))
    }

    fn open(&self, key: &str, version: usize, sealed: &str, place: &Value) -> Result<String, Refusal> {
        let failed = || bad("cipher: message authentication failed");
        let versions = self.keys.get(key).ok_or_else(|| bad("encryption key not found"))?;
        let master = version.checked_sub(1).and_then(|at| versions.get(at)).ok_or_else(failed)?;
        let sealed = STANDARD.decode(sealed).map_err(|_| failed())?;
        let (nonce, text) = sealed.split_at_checked(24).ok_or_else(failed)?;
        let place = STANDARD.decode(place.as_str().unwrap_or_default()).unwrap();
        let nonce: [u8; 24] = nonce.try_into().unwrap();
        let opened = XChaCha20Poly1305::new(master.into())
            .decrypt(&XNonce::from(nonce), Payload { msg: text, aad: &place })
            .map_err(|_| failed())?;
        Ok(STANDARD.encode(opened))
    }
}

fn denied() -> Refusal {
    (StatusCode::FORBIDDEN, json!({ "errors": ["permission denied"] }))
}

fn bad(said: &str) -> Refusal {
    (StatusCode::BAD_REQUEST, json!({ "errors": [said] }))
}
