//! Does a secret store keep the master key: is it asked as it should be, does what it wrapped open only where it
//! belongs, and what is said and what goes on when it refuses or is away? The stores are doubles of ours.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

#[path = "../engines/tests/harness/mod.rs"]
mod engines;

#[path = "key_store/double.rs"]
mod double;

use admin::app::secrets::{rekey, vault, wrap_with_latest};
use admin::plane::{ControlPlane, StartError};
use admin::settings::{KeyStore, KeyStoreKind, VaultIdentity, VaultLogin};
use admin::vault::{KEY_FILE, Source, Vault, VaultError};
use admin_store::secrets::{NewSecret, Sealed, Secret, create, get, wrapped_by_others};
use admin_store::{Backend, Id, Store};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use double::{Double, ROLE_ID, SECRET_ID, TOKEN, kms_key};
use engines::{PASSWORD as SECRET, Server};
use harness::{Caller, Plane, each_backend, state};
use serde_json::{Value, json};
use std::path::Path;
use std::time::{Duration, Instant};

const CONNECTIONS: &str = "/api/v1/workspaces/shop/connections";
/// Longest wait for what happens in the background.
const PATIENCE: Duration = Duration::from_secs(30);

fn of(double: &Double, kind: KeyStoreKind) -> KeyStore {
    KeyStore {
        url: double.url.clone(),
        ca: None,
        kind,
        timeout: Duration::from_secs(3),
        cached_for: Duration::from_secs(300),
    }
}

/// Who shows the token in a file of `folder`.
fn by_token(folder: &Path) -> VaultLogin {
    let file = folder.join("vault.token");
    if !file.exists() {
        std::fs::write(&file, format!("{TOKEN}\n")).unwrap();
    }
    VaultLogin { namespace: None, by: VaultIdentity::Token { file } }
}

fn by_role(folder: &Path) -> VaultLogin {
    let secret_id_file = folder.join("vault.secret-id");
    std::fs::write(&secret_id_file, SECRET_ID).unwrap();
    let (mount, role_id) = ("approle".to_owned(), ROLE_ID.to_owned());
    VaultLogin { namespace: None, by: VaultIdentity::AppRole { mount, role_id, secret_id_file } }
}

fn transit_by(double: &Double, login: VaultLogin) -> KeyStore {
    of(double, KeyStoreKind::VaultTransit { login, mount: "transit".to_owned(), key: "dragoman".to_owned() })
}

fn transit(double: &Double, folder: &Path) -> KeyStore {
    transit_by(double, by_token(folder))
}

fn kms(double: &Double, folder: &Path) -> KeyStore {
    by_token(folder);
    of(double, KeyStoreKind::Kms { key: kms_key(), token_file: folder.join("vault.token") })
}

fn kv(double: &Double, folder: &Path) -> KeyStore {
    let (mount, path, field) = ("secret".to_owned(), "gate/master".to_owned(), "key".to_owned());
    of(double, KeyStoreKind::VaultKv { login: by_token(folder), mount, path, field })
}

fn uncached(mut store: KeyStore) -> KeyStore {
    store.cached_for = Duration::ZERO;
    store
}

fn key(byte: u8) -> String {
    STANDARD.encode([byte; 32])
}

async fn said_of(store: &KeyStore) -> String {
    match Vault::of_store(store).await {
        Err(error) => error.to_string(),
        Ok(vault) => vault.look().await.expect_err("it is refused").to_string(),
    }
}

fn place(owner: Id) -> String {
    format!("connection/{owner}")
}

fn sealed_of(secret: &Secret) -> admin::vault::Sealed {
    admin::vault::Sealed {
        key_id: secret.sealed.master_key.clone(),
        wrapped_key: secret.sealed.wrapped_key.clone(),
        sealed: [secret.sealed.nonce.as_slice(), &secret.sealed.sealed].concat(),
    }
}

/// Keeps `count` secrets of connections, sealed by `vault`.
async fn plant(store: &Store, vault: &Vault, count: usize) {
    for number in 0..count {
        let (id, owner) = (Id::new(), Id::new());
        let sealed = vault.seal(format!("horse {number}").as_bytes(), &place(owner)).await.unwrap();
        let (nonce, text) = sealed.sealed.split_at(24);
        let sealed = Sealed {
            wrapped_key: sealed.wrapped_key,
            master_key: sealed.key_id,
            nonce: nonce.to_vec(),
            sealed: text.to_vec(),
        };
        let new = NewSecret {
            id,
            workspace: None,
            kind: "password",
            owner_kind: "connection",
            owner,
            sealed: &sealed,
        };
        let mut tx = store.write().await.unwrap();
        create(&mut tx, new).await.unwrap();
        tx.commit().await.unwrap();
    }
}

async fn all(store: &Store) -> Vec<Secret> {
    let mut tx = store.read().await.unwrap();
    let page = wrapped_by_others(&mut tx, "", None, 200).await.unwrap();
    tx.commit().await.unwrap();
    page.items
}

/// Each secret opens with the key it says wraps it: with one of `vaults`.
async fn all_open(store: &Store, vaults: &[&Vault]) {
    for secret in all(store).await {
        let vault = vaults.iter().find(|vault| vault.key_id() == secret.sealed.master_key).expect("a key");
        let opened = vault.open_sealed(&sealed_of(&secret), &place(secret.owner)).await.unwrap();
        assert!(opened.starts_with(b"horse "));
    }
}

async fn make_connection(admin: &Caller, name: &str, server: &Server) -> String {
    let draft = json!({
        "name": name, "kind": server.kind.as_str(), "host": "127.0.0.1", "port": server.port, "database": "shop",
        "user": "app", "password": SECRET, "options": { "refresh_hours": 0 },
    });
    let made = admin.post(CONNECTIONS, draft).await;
    made.expect(201);
    made.header("location").unwrap()
}

async fn works(admin: &Caller, path: &str) {
    let said = admin.post(&format!("{path}/test"), json!({})).await.expect(200);
    assert_eq!(said["ok"], true, "{said}");
}

async fn health(plane: &Plane) -> Value {
    plane.nobody().get("/api/v1/health").await.expect(200)
}

#[test]
fn the_key_never_leaves_the_store_and_connections_open_by_it() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let server = &runtime.block_on(Server::postgres());
    each_backend(|backend| async move {
        for store_of in [transit, kms] {
            let (double, files) = (Double::start().await, tempfile::tempdir().unwrap());
            let store = uncached(store_of(&double, files.path()));
            let plane = Plane::start_with(backend, |settings| settings.key_store = Some(store.clone())).await;
            let people = plane.people().await;
            let path = make_connection(&people.admin, "Shop", server).await;
            works(&people.admin, &path).await;
            assert_eq!(health(&plane).await, json!({ "status": "ok", "secret_store": "ok" }));
            assert!(!plane.folder.join(KEY_FILE).exists(), "no key is made here");

            // What was wrapped opens where it belongs and nowhere else, and after a rotation as before.
            let state = plane.plane.app().store.clone();
            let own = Vault::of_store(&store).await.unwrap();
            let before = all(&state).await.remove(0);
            assert_eq!(before.sealed.master_key, own.key_id());
            assert_eq!(
                own.open_sealed(&sealed_of(&before), &place(before.owner)).await.unwrap().as_slice(),
                SECRET.as_bytes()
            );
            let moved = own.open_sealed(&sealed_of(&before), &place(Id::new())).await.unwrap_err();
            assert!(moved.detail().contains("does not open this stored secret"), "{moved}");
            let name = if own.key_id().starts_with("kms:") { kms_key() } else { "dragoman".to_owned() };
            double.rotate(&name);
            works(&people.admin, &path).await;
            assert_eq!(wrap_with_latest(&state, &own).await.unwrap(), 1);
            let after = all(&state).await.remove(0);
            assert_ne!(after.sealed.wrapped_key, before.sealed.wrapped_key);
            assert_eq!(after.sealed.sealed, before.sealed.sealed, "no secret was opened for it");
            if name == "dragoman" {
                assert!(before.sealed.wrapped_key.starts_with(b"vault:v1:"));
                assert!(after.sealed.wrapped_key.starts_with(b"vault:v2:"));
            }
            works(&people.admin, &path).await;
            plane.stop().await;
        }
    });
}

#[test]
fn what_moves_between_keys_is_never_half_way_unreadable_and_goes_on_where_it_stopped() {
    each_backend(|backend| async move {
        let (double, files) = (Double::start().await, tempfile::tempdir().unwrap());
        let store = Store::open(state::fresh(backend)).await.unwrap();
        let own = Vault::with(&key(1)).unwrap();
        plant(&store, &own, 60).await;
        let transit = Vault::of_store(&uncached(transit(&double, files.path()))).await.unwrap();
        // Two questions for each: it is wrapped, and looked whether it opens again.
        double.world().answers_left = Some(41);
        let stopped = rekey(&store, &own, &transit).await.unwrap_err();
        assert!(stopped.detail().contains("cannot be used now"), "{stopped}");
        let moved =
            all(&store).await.iter().filter(|secret| secret.sealed.master_key == transit.key_id()).count();
        assert_eq!(moved, 20, "what was wrapped stays so");
        {
            let mut world = double.world();
            (world.is_sealed, world.answers_left) = (false, None);
        }
        tokio::time::sleep(Duration::from_millis(2_100)).await;
        all_open(&store, &[&own, &transit]).await;
        assert_eq!(rekey(&store, &own, &transit).await.unwrap(), 40, "it does the rest");
        all_open(&store, &[&transit]).await;

        let kms = Vault::of_store(&uncached(kms(&double, files.path()))).await.unwrap();
        assert_eq!(rekey(&store, &transit, &kms).await.unwrap(), 60);
        all_open(&store, &[&kms]).await;
        let unknown = wrap_with_latest(&store, &transit).await.unwrap_err();
        assert!(unknown.detail().contains("sealed with another key"), "{unknown}");
        let same = rekey(&store, &kms, &kms).await.unwrap_err();
        assert!(same.hint().contains("--latest"), "{same}");
        let own = Vault::with(&key(2)).unwrap();
        assert_eq!(rekey(&store, &kms, &own).await.unwrap(), 60);
        all_open(&store, &[&own]).await;
        let no_versions = wrap_with_latest(&store, &own).await.unwrap_err();
        assert!(no_versions.detail().contains("no versions"), "{no_versions}");
        store.close().await;
    });
}

#[tokio::test]
async fn a_refusal_says_what_to_do() {
    let (double, files) = (Double::start().await, tempfile::tempdir().unwrap());
    let folder = files.path();
    std::fs::write(folder.join("vault.token"), "wrong").unwrap();
    let said = said_of(&transit(&double, folder)).await;
    assert!(said.contains("answered 403 permission denied: give the token a policy that allows `update` on `transit/encrypt/dragoman`"), "{said}");
    let said = said_of(&kms(&double, folder)).await;
    assert!(
        said.contains("answered 401 invalid credentials: give who the token in `token_file` stands for"),
        "{said}"
    );
    let said = said_of(&kv(&double, folder)).await;
    assert!(said.contains("answered 403 permission denied: give the token a policy that allows `read` on `secret/data/gate/master`"), "{said}");
    std::fs::write(folder.join("vault.token"), TOKEN).unwrap();
    let said = said_of(&kv(&double, folder)).await;
    assert!(
        said.contains("there is no secret at `secret/data/gate/master`; write one with `vault kv put"),
        "{said}"
    );
    double.world().secrets.insert("gate/master".to_owned(), json!({ "other": key(1) }));
    let said = said_of(&kv(&double, folder)).await;
    assert!(said.contains("has no text in the field `key`"), "{said}");
    double.world().secrets.insert("gate/master".to_owned(), json!({ "key": "short" }));
    assert!(said_of(&kv(&double, folder)).await.contains("not 32 bytes in base64"));
    double.world().keys.clear();
    let said = said_of(&transit(&double, folder)).await;
    assert!(said.contains("answered 400 encryption key not found: there is no such key"), "{said}");
    std::fs::remove_file(folder.join("vault.token")).unwrap();
    let gone = KeyStoreKind::Kms { key: kms_key(), token_file: folder.join("vault.token") };
    let said = said_of(&of(&double, gone)).await;
    assert!(said.contains("vault.token`, which `admin.key_store` names, cannot be used"), "{said}");
    let mut role = by_role(folder);
    let VaultIdentity::AppRole { role_id, .. } = &mut role.by else { unreachable!() };
    *role_id = "nobody".to_owned();
    let said = said_of(&transit_by(&double, role)).await;
    assert!(said.contains("look at `role_id` and at the secret id"), "{said}");
}

#[tokio::test]
async fn a_store_is_asked_within_bounds() {
    let (double, files) = (Double::start().await, tempfile::tempdir().unwrap());
    let store = transit(&double, files.path());
    let vault = Vault::of_store(&store).await.unwrap();
    double.world().stumbles = 2;
    vault.look().await.expect("two failures in passing are borne");
    assert_eq!(double.count("encrypt/dragoman"), 3);
    double.world().stumbles = 3;
    assert!(vault.look().await.unwrap_err().to_string().contains("answered 500"));
    let asked = double.count("encrypt/dragoman");
    assert_eq!(asked, 6, "and no more");
    assert!(vault.look().await.is_err());
    assert_eq!(double.count("encrypt/dragoman"), asked, "it is left alone for a moment");
    double.world().is_endless = true;
    let said = Vault::of_store(&store).await.unwrap().look().await.unwrap_err().to_string();
    assert!(said.contains("cannot be read"), "{said}");

    let with = |url: &str, key: &str| KeyStore {
        url: url.to_owned(),
        kind: KeyStoreKind::Kms { key: key.to_owned(), token_file: files.path().join("vault.token") },
        ..store.clone()
    };
    let said = said_of(&with("http://vault.example.com", "dragoman")).await;
    assert!(said.contains("write `https://`"), "{said}");
    let said = said_of(&with(&double.url, "../sys/seal")).await;
    assert!(said.contains("`key` is not a name"), "{said}");
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mut silent = with(&format!("http://{}", nobody.local_addr().unwrap()), "dragoman");
    silent.timeout = Duration::from_millis(200);
    let since = Instant::now();
    assert!(said_of(&silent).await.contains("does not answer: no answer in time"));
    assert!(since.elapsed() < Duration::from_secs(10));
}

#[tokio::test]
async fn a_namespace_is_named() {
    let (double, files) = (Double::start().await, tempfile::tempdir().unwrap());
    double.world().namespace = Some("databases".to_owned());
    let mut login = by_role(files.path());
    assert!(said_of(&transit_by(&double, login.clone())).await.contains("403"));
    login.namespace = Some("databases".to_owned());
    let vault = Vault::of_store(&transit_by(&double, login)).await.unwrap();
    vault.look().await.unwrap();
    assert_eq!(vault.key_id(), "transit:databases/transit/dragoman");
}

#[tokio::test]
async fn a_token_is_read_again_and_that_of_a_role_is_renewed_in_time() {
    let (double, files) = (Double::start().await, tempfile::tempdir().unwrap());
    let vault = Vault::of_store(&transit(&double, files.path())).await.unwrap();
    vault.look().await.unwrap();
    double.world().tokens = vec!["hvs.the-next-token".to_owned()];
    assert!(vault.look().await.unwrap_err().to_string().contains("403"));
    std::fs::write(files.path().join("vault.token"), "hvs.the-next-token").unwrap();
    vault.look().await.unwrap();

    double.world().lease_seconds = 3;
    let vault = Vault::of_store(&transit_by(&double, by_role(files.path()))).await.unwrap();
    let until = Instant::now() + Duration::from_secs(7);
    while Instant::now() < until {
        vault.look().await.unwrap();
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let logins = double.world().logins;
    let renewals = double.world().renewals;
    assert!(logins == 1 && (2..=5).contains(&renewals), "{logins} logins, {renewals} renewals");
    // One that is taken back before its time is replaced.
    double.world().tokens.clear();
    vault.look().await.unwrap();
    assert_eq!(double.world().logins, 2);
}

#[test]
fn a_control_plane_starts_while_its_store_is_away_and_says_so() {
    each_backend(|backend| async move {
        let (double, files) = (Double::start().await, tempfile::tempdir().unwrap());
        double.world().is_sealed = true;
        let store = transit(&double, files.path());
        let plane = Plane::start_with(backend, |settings| settings.key_store = Some(store.clone())).await;
        assert_eq!(health(&plane).await["secret_store"], "away");
        // What needs no stored secret goes on; what needs one is refused and leaves nothing behind.
        let people = plane.people().await;
        let draft = json!({ "name": "Shop", "kind": "postgres", "host": "127.0.0.1", "port": 9, "database": "shop", "user": "app", "password": SECRET });
        let refused = people.admin.post(CONNECTIONS, draft.clone()).await;
        assert_eq!(refused.problem(503), "unavailable");
        assert!(
            refused.text.contains("the secret store that has the master key cannot be used now"),
            "{}",
            refused.text
        );
        assert!(!refused.text.contains(&double.url), "where it is is nobody's to know: {}", refused.text);
        assert_eq!(people.admin.get(CONNECTIONS).await.expect(200)["items"], json!([]));
        assert!(all(&plane.plane.app().store).await.is_empty());
        double.world().is_sealed = false;
        let until = Instant::now() + PATIENCE;
        while health(&plane).await["secret_store"] != "ok" {
            assert!(Instant::now() < until, "it is found again");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        people.admin.post(CONNECTIONS, draft).await.expect(201);
        plane.stop().await;

        // What waiting does not mend ends the start, and so does a store whose key has to be read.
        let mut settings = None;
        let plane = Plane::start_with(backend, |given| settings = Some(given.clone())).await;
        plane.stop().await;
        let mut settings = settings.unwrap();
        std::fs::write(files.path().join("vault.token"), "wrong").unwrap();
        settings.key_store = Some(store);
        let failed = ControlPlane::start(settings.clone()).await.unwrap_err();
        assert!(
            matches!(failed, StartError::Vault(VaultError::Store(_))) && failed.to_string().contains("403"),
            "{failed}"
        );
        std::fs::write(files.path().join("vault.token"), TOKEN).unwrap();
        double.world().is_sealed = true;
        settings.key_store = Some(kv(&double, files.path()));
        let failed = ControlPlane::start(settings.clone()).await.unwrap_err().to_string();
        assert!(failed.contains("answered 503 Vault is sealed: it is sealed"), "{failed}");
        double.world().is_sealed = false;
        double.world().secrets.insert("gate/master".to_owned(), json!({ "key": key(5) }));
        ControlPlane::start(settings).await.unwrap().stop().await;
    });
}

#[test]
fn what_was_opened_not_long_ago_opens_while_the_store_is_away() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let server = &runtime.block_on(Server::postgres());
    each_backend(|backend| async move {
        let (double, files) = (Double::start().await, tempfile::tempdir().unwrap());
        let store = transit(&double, files.path());
        let plane = Plane::start_with(backend, |settings| settings.key_store = Some(store.clone())).await;
        let people = plane.people().await;
        let path = make_connection(&people.admin, "Shop", server).await;
        works(&people.admin, &path).await;
        let asked = double.count("decrypt/dragoman");
        works(&people.admin, &path).await;
        assert_eq!(double.count("decrypt/dragoman"), asked, "the store is not asked each time");
        double.world().is_sealed = true;
        works(&people.admin, &path).await;
        let plane = plane.restart_with(|settings| settings.key_store = Some(store.clone())).await;
        let admin = plane.nobody().sign_in("admin@example.com", harness::PASSWORD).await;
        let said = admin.post(&format!("{path}/test"), json!({})).await;
        assert!(said.status == 503 && said.text.contains("secret store"), "{}", said.text);
        plane.stop().await;
    });
}

#[tokio::test]
async fn the_key_of_a_key_value_store_is_the_same_as_one_in_a_file() {
    let (double, files) = (Double::start().await, tempfile::tempdir().unwrap());
    double.world().secrets.insert("gate/master".to_owned(), json!({ "key": key(3) }));
    let store = Store::open(state::fresh(Backend::Sqlite)).await.unwrap();
    let source = Source { given: None, directory: files.path(), key_store: Some(&kv(&double, files.path())) };
    let read = vault(&store, source).await.unwrap().unwrap();
    assert_eq!(read.key_id(), Vault::with(&key(3)).unwrap().key_id());
    assert!(!files.path().join(KEY_FILE).exists());
    plant(&store, &read, 1).await;
    all_open(&store, &[&Vault::with(&key(3)).unwrap()]).await;
    let mut tx = store.read().await.unwrap();
    assert!(get(&mut tx, Id::new()).await.is_err());
    tx.commit().await.unwrap();
    store.close().await;
}

/// Somebody who speaks TLS in front of the double.
async fn over_tls(double: &Double, files: &Path) -> (String, std::path::PathBuf) {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let ca = files.join("ca.pem");
    std::fs::write(&ca, made.cert.pem()).unwrap();
    let key = rustls::pki_types::PrivateKeyDer::Pkcs8(made.signing_key.serialize_der().into());
    let config =
        rustls::ServerConfig::builder_with_provider(rustls::crypto::aws_lc_rs::default_provider().into())
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key)
            .unwrap();
    let acceptor = tokio_rustls::TlsAcceptor::from(std::sync::Arc::new(config));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
    let behind = double.url.trim_start_matches("http://").to_owned();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, behind) = (acceptor.clone(), behind.clone());
            tokio::spawn(async move {
                let mut client = acceptor.accept(stream).await?;
                let mut server = tokio::net::TcpStream::connect(behind).await?;
                tokio::io::copy_bidirectional(&mut client, &mut server).await
            });
        }
    });
    (url, ca)
}

#[tokio::test]
async fn its_certificate_is_checked_by_the_authority_that_is_named() {
    let (double, files) = (Double::start().await, tempfile::tempdir().unwrap());
    let (url, ca) = over_tls(&double, files.path()).await;
    let mut store = transit(&double, files.path());
    store.url = url;
    let said = said_of(&store).await;
    assert!(
        said.contains("does not answer: it cannot be reached") && said.to_lowercase().contains("certificate"),
        "{said}"
    );
    assert_eq!(double.count("encrypt/dragoman"), 0, "nothing was shown to it");
    store.ca = Some(ca);
    Vault::of_store(&store).await.unwrap().look().await.unwrap();
    std::fs::write(files.path().join("no.pem"), "nothing").unwrap();
    store.ca = Some(files.path().join("no.pem"));
    assert!(said_of(&store).await.contains("it holds no certificate as PEM"));
}

#[derive(Clone, Default)]
struct Heard(std::sync::Arc<std::sync::Mutex<Vec<u8>>>);

impl std::io::Write for Heard {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn neither_tokens_nor_keys_are_in_the_log() {
    let heard = Heard::default();
    let own = heard.clone();
    let subscriber = tracing_subscriber::fmt().with_env_filter("trace").with_ansi(false);
    subscriber.with_writer(move || own.clone()).init();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let said = runtime.block_on(async {
        let (double, files) = (Double::start().await, tempfile::tempdir().unwrap());
        double.world().secrets.insert("gate/master".to_owned(), json!({ "key": key(3) }));
        Vault::of_store(&kv(&double, files.path())).await.unwrap();
        let role = transit_by(&double, by_role(files.path()));
        let mut said = String::new();
        for store in [transit(&double, files.path()), kms(&double, files.path()), role] {
            let vault = Vault::of_store(&store).await.unwrap();
            vault.look().await.unwrap();
            double.world().is_sealed = true;
            said.push_str(&format!("{:?} {vault:?} {store:?}", vault.look().await));
            double.world().is_sealed = false;
        }
        said
    });
    let log = String::from_utf8_lossy(&heard.0.lock().unwrap()).into_owned() + &said;
    assert!(log.contains("the secret store is away") && log.contains("hyper"), "the log is heard");
    for secret in [TOKEN, SECRET_ID, "hvs.token-of-login-1", &key(3), &key(3)[..40]] {
        assert!(!log.contains(secret), "`{secret}` is in the log");
    }
}
