//! How does the control plane run in this process? In a runtime of its own whose threads yield to
//! everybody else's: what people look at must not slow down what applications wait for.

use admin::app::secrets;
use admin::http::console::{Console, ConsoleContents, ConsoleFile};
use admin::plane::{ControlPlane, StartError};
use admin::presence;
use admin::problem::Problem;
use admin::retention::{Period, Retention};
use admin::settings::{self as told, Mail, MailTls, Registration, Settings, SignIn, SignInKind};
use admin::vault::{Source, Vault, VaultError};
use admin_store::traffic::Retention as TrafficRetention;
use admin_store::{Location, Store, StoreError};
use proxy::config::settings;
use proxy::config::{self, Config, ConfigError};
use std::net::SocketAddr;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Runtime;

/// Threads of the control plane. Each yields to the data plane's.
const THREADS: usize = 2;
/// How far they yield: a nice value, 0 for none and 19 for all the way.
const NICE: libc::c_int = 10;

/// Why the control plane does not run.
#[derive(Debug, thiserror::Error)]
pub enum ControlError {
    /// The settings cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The state cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// It did not start.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The system has no more threads.
    #[error("cannot start the control plane's threads")]
    Threads(#[source] std::io::Error),
}

/// Why secrets were not wrapped anew. Those that were stay so: it can be done again.
#[derive(Debug, thiserror::Error)]
pub enum RekeyError {
    /// The new key cannot be read.
    #[error("`{}` cannot be read: {source}", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A key cannot be used.
    #[error(transparent)]
    Key(#[from] VaultError),
    /// The settings or the state cannot be used.
    #[error(transparent)]
    Control(#[from] ControlError),
    /// A secret could not be opened.
    #[error("{}; {}", .0.detail(), .0.hint())]
    Secret(Problem),
    /// Somebody seals with the old key at this moment.
    #[error(
        "a control plane is at work on this state, and would go on with the old key; stop it, and all other nodes, then do this again"
    )]
    AtWork,
}

/// A control plane that runs in this process.
#[derive(Debug)]
pub struct Control {
    runtime: Runtime,
    plane: ControlPlane,
}

impl Control {
    /// Starts the control plane if the settings have one.
    pub fn start(config: &Config) -> Result<Option<Control>, ControlError> {
        Control::start_on(None, config)
    }

    /// The same on a socket that listens already, where there is one.
    pub fn start_on(
        socket: Option<std::net::TcpListener>,
        config: &Config,
    ) -> Result<Option<Control>, ControlError> {
        let Some(settings) = settings(config)? else { return Ok(None) };
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(THREADS)
            .thread_name("control")
            .on_thread_start(yield_to_others)
            .enable_all()
            .build()
            .map_err(ControlError::Threads)?;
        // Not in this thread: threads take their niceness from those that make them.
        let plane = runtime.block_on(async { tokio::spawn(ControlPlane::start_on(socket, settings)).await });
        let plane = plane.map_err(|error| ControlError::Threads(std::io::Error::other(error)))??;
        Ok(Some(Control { runtime, plane }))
    }

    /// The socket that listens, by what its settings call it.
    pub fn socket(&self) -> std::io::Result<(SocketAddr, OwnedFd)> {
        Ok((self.plane.app().settings.listen, self.plane.socket()?))
    }

    /// Where its API is.
    pub fn address(&self) -> SocketAddr {
        self.plane.address()
    }

    /// The running control plane.
    pub fn plane(&self) -> &ControlPlane {
        &self.plane
    }

    /// How the data plane of this process reaches it.
    pub fn carrier(&self) -> Arc<dyn control::Carrier> {
        self.plane.carrier()
    }

    /// The link by which the first admin comes, while nobody is there.
    pub fn set_up_link(&self) -> Option<String> {
        let secret = self.runtime.block_on(self.plane.offer_set_up())?;
        Some(format!("{}/setup#{secret}", self.plane.app().settings.public_url))
    }

    /// Says how the first admin comes. Not into the log: whoever reads it there could become that.
    pub fn greet(&self) {
        if let Some(link) = self.set_up_link() {
            println!("{}", greeting(&link));
        }
    }

    /// Lets requests finish and closes the state. Blocks.
    pub fn stop(self) {
        self.runtime.block_on(self.plane.stop());
        self.runtime.shutdown_timeout(Duration::from_secs(1));
    }
}

/// The link, and the line that takes it where there is no browser.
fn greeting(link: &str) -> String {
    let (url, secret) = link.split_once("/setup#").unwrap_or((link, ""));
    format!(
        "Nobody is here yet. Become the first admin, within a day and once: open this in a browser,

    {link}

or, where there is none:

    curl -s -c jar {url}/api/v1/setup -H 'Content-Type: application/json' \\
      -d '{{\"token\": \"{secret}\", \"person\": {{\"email\": \"you@example.com\", \"name\": \"You\", \"password\": \"four words nobody says\"}}}}'
"
    )
}

/// Lets threads of the data plane run first.
#[allow(unsafe_code)]
fn yield_to_others() {
    // SAFETY: the call takes numbers only. On Linux it is about the calling thread; where it does not
    // work nothing changes.
    unsafe {
        libc::setpriority(libc::PRIO_PROCESS, 0, NICE);
    }
}

/// Where the settings keep the state.
pub fn location(config: &Config) -> Result<Location, ControlError> {
    let secrets = config::admin_secrets(config)?;
    let admin = config.admin.clone().unwrap_or_default();
    let Some(url) = &config.state.url else {
        return Ok(Location::File(admin.data_directory.join("state.db")));
    };
    let location = Location::parse(url, Path::new(""))?;
    Ok(match (location, secrets.state_password) {
        (Location::Server(url), Some(password)) => Location::Server(with_password(&url, password.reveal())),
        (location, _) => location,
    })
}

/// The URL with the password in it, as the driver takes it.
fn with_password(url: &str, password: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let authority_end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(authority_end);
    let Some((user, host)) = authority.rsplit_once('@') else { return url.to_owned() };
    let mut encoded = String::new();
    for byte in password.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                encoded.push(char::from(byte))
            }
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    format!("{scheme}://{user}:{encoded}@{host}{path}")
}

/// What the control plane is told; `None` where the settings have none.
fn settings(config: &Config) -> Result<Option<Settings>, ControlError> {
    let Some(admin) = &config.admin else { return Ok(None) };
    let secrets = config::admin_secrets(config)?;
    let secret = |text: &config::SecretText| text.reveal().to_owned().into();
    let own = config.listeners.iter().map(|listener| listener.listen);
    let sign_in = admin.sign_in.iter().zip(&secrets.sign_in).map(|(way, client_secret)| SignIn {
        name: way.name.clone(),
        kind: sign_in_kind(way),
        client_id: way.client_id.clone(),
        client_secret: secret(client_secret),
        scopes: way.scopes.clone(),
        groups: way.reads_groups().then(|| groups(way)),
    });
    Ok(Some(Settings {
        listen: admin.listen,
        public_url: admin.public_url(),
        data_directory: admin.data_directory.clone(),
        state: location(config)?,
        registration: match admin.registration {
            settings::Registration::Open => Registration::Open,
            settings::Registration::Invited => Registration::Invited,
            settings::Registration::Closed => Registration::Closed,
        },
        session_hours: admin.session_hours,
        connections: admin.connections,
        master_key: secrets.master_key.as_ref().map(secret),
        key_store: admin.key_store.as_ref().map(key_store),
        sqlite_directory: admin.sqlite_directory.clone(),
        egress: admin.egress.clone(),
        own_addresses: own.chain([config.status.listen, admin.listen]).collect(),
        mail: mail(admin, secrets.mail_password.as_ref()),
        sign_in: sign_in.collect(),
        link_token: secrets.link_token.as_ref().map(secret),
        retention: retention(&admin.retention),
        rates: Default::default(),
        console: console(),
    }))
}

/// The pages, as they were when the program was built.
fn console() -> Console {
    Console::new(admin_console::files().iter().map(|file| ConsoleFile {
        path: file.path,
        content_type: file.content_type,
        digest: file.digest,
        is_immutable: file.is_immutable,
        contents: match file.contents {
            admin_console::Contents::Plain(bytes) => ConsoleContents::Plain(bytes),
            admin_console::Contents::Packed { brotli, gzip } => ConsoleContents::Packed { brotli, gzip },
        },
    }))
}

fn sign_in_kind(way: &settings::SignIn) -> SignInKind {
    match way.kind {
        settings::SignInKind::Google => SignInKind::Google,
        settings::SignInKind::Github => SignInKind::GitHub {
            web: "https://github.com".to_owned(),
            api: "https://api.github.com".to_owned(),
        },
        settings::SignInKind::Oidc => {
            SignInKind::OpenIdConnect { issuer: way.issuer.clone().unwrap_or_default() }
        }
    }
}

fn key_store(store: &settings::KeyStore) -> told::KeyStore {
    let login = || told::VaultLogin {
        namespace: store.namespace.clone(),
        by: match (&store.role_id, &store.secret_id_file) {
            (Some(role_id), Some(secret_id_file)) => told::VaultIdentity::AppRole {
                mount: store.role_mount.clone().unwrap_or_else(|| "approle".to_owned()),
                role_id: role_id.clone(),
                secret_id_file: secret_id_file.clone(),
            },
            (Some(_), None) | (None, _) => {
                told::VaultIdentity::Token { file: store.token_file.clone().unwrap_or_default() }
            }
        },
    };
    let mount = |usual: &str| store.mount.clone().unwrap_or_else(|| usual.to_owned());
    told::KeyStore {
        url: store.url.clone(),
        ca: store.ca.clone(),
        kind: match store.kind {
            settings::KeyStoreKind::VaultKv => told::KeyStoreKind::VaultKv {
                login: login(),
                mount: mount("secret"),
                path: store.key.clone(),
                field: store.field.clone().unwrap_or_else(|| "key".to_owned()),
            },
            settings::KeyStoreKind::VaultTransit => told::KeyStoreKind::VaultTransit {
                login: login(),
                mount: mount("transit"),
                key: store.key.clone(),
            },
            settings::KeyStoreKind::Kms => told::KeyStoreKind::Kms {
                key: store.key.clone(),
                token_file: store.token_file.clone().unwrap_or_default(),
            },
        },
        timeout: Duration::from_millis(store.timeout_ms.into()),
        cached_for: Duration::from_secs(store.cache_seconds.into()),
    }
}

fn retention(kept: &settings::AdminRetention) -> Retention {
    Retention {
        traffic: TrafficRetention {
            minutes_hours: kept.traffic_minutes_hours.into(),
            hours_days: kept.traffic_hours_days.into(),
            days_days: kept.traffic_days_days.into(),
            events_days: kept.traffic_events_days.into(),
            ..TrafficRetention::default()
        },
        runs: Period::of(kept.run_days),
        notices: Period::of(kept.notice_days),
        activity: Period::of(kept.activity_days),
        tokens: Period::of(kept.token_days),
        invitations: Period::of(kept.invitation_days),
        connection_usage: Period::of(kept.connection_usage_days),
    }
}

fn groups(way: &settings::SignIn) -> told::Groups {
    told::Groups {
        claim: way.groups_claim.clone().unwrap_or_else(|| "groups".to_owned()),
        required: way.require_group.clone(),
        gives: way
            .group
            .iter()
            .map(|group| told::GroupGives {
                group: group.name.clone(),
                workspace: group.workspace.clone(),
                role: group.role.clone(),
                teams: group.teams.clone(),
                is_instance_admin: group.instance_admin,
            })
            .collect(),
    }
}

/// Without a server, links are written into files, so that nobody is locked out of a first try.
fn mail(admin: &settings::Admin, password: Option<&config::SecretText>) -> Mail {
    let folder = || Mail::Files(admin.data_directory.join("mail"));
    let Some(mail) = &admin.mail else { return folder() };
    match (&mail.server, &mail.directory) {
        (Some(host), _) => Mail::Smtp {
            host: host.clone(),
            port: mail.port(),
            tls: match mail.tls {
                settings::MailTls::Tls => MailTls::Tls,
                settings::MailTls::Starttls => MailTls::StartTls,
                settings::MailTls::None => MailTls::Disable,
            },
            login: mail.user.clone().zip(password.map(|password| password.reveal().to_owned().into())),
            from: mail.from.clone(),
        },
        (None, Some(directory)) => Mail::Files(directory.clone()),
        (None, None) => folder(),
    }
}

/// With which key stored secrets are to be wrapped.
#[derive(Debug)]
pub enum Rekey {
    /// The one in a file.
    File(PathBuf),
    /// The one that other settings name: a file, or a secret store.
    Settings(Box<Config>),
    /// The latest version of the one that a secret store has.
    Latest,
}

/// Wraps all stored secrets with another key; how many. Nobody else may be at work on the state meanwhile, unless
/// it is another version of the same key.
pub async fn rekey(config: &Config, to: &Rekey) -> Result<u64, RekeyError> {
    let store = Store::open(location(config)?).await.map_err(ControlError::from)?;
    let done = wrap_anew(&store, config, to).await;
    store.close().await;
    done
}

async fn wrap_anew(store: &Store, config: &Config, to: &Rekey) -> Result<u64, RekeyError> {
    let failed = RekeyError::Secret;
    let new = match to {
        Rekey::Latest => {
            let vault = vault(store, config).await?;
            return secrets::wrap_with_latest(store, &vault).await.map_err(failed);
        }
        Rekey::File(path) => Vault::with(&read(path)?)?,
        Rekey::Settings(other) => vault(store, other).await?,
    };
    if presence::at_work(store).await.map_err(ControlError::from)? > 0 {
        return Err(RekeyError::AtWork);
    }
    let old = vault(store, config).await?;
    let done = secrets::rekey(store, &old, &new).await.map_err(failed)?;
    // One that began meanwhile may have sealed something with the old key: done again, that is moved as well.
    if presence::at_work(store).await.map_err(ControlError::from)? > 0 {
        return Err(RekeyError::AtWork);
    }
    Ok(done)
}

fn read(path: &Path) -> Result<zeroize::Zeroizing<String>, RekeyError> {
    let failed = |source| RekeyError::File { path: path.to_owned(), source };
    Ok(zeroize::Zeroizing::new(std::fs::read_to_string(path).map_err(failed)?))
}

/// The vault that settings name.
async fn vault(store: &Store, config: &Config) -> Result<Vault, RekeyError> {
    let secrets = config::admin_secrets(config).map_err(ControlError::from)?;
    let admin = config.admin.clone().unwrap_or_default();
    let key_store = admin.key_store.as_ref().map(key_store);
    let source = Source {
        given: secrets.master_key.as_ref().map(config::SecretText::reveal),
        directory: &admin.data_directory,
        key_store: key_store.as_ref(),
    };
    Ok(admin::app::secrets::vault(store, source).await.map_err(ControlError::from)??)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_greeting_has_the_link_and_a_line_that_takes_it() {
        let said = greeting("https://gate.example.com/setup#S3cret");
        assert!(said.contains("\n    https://gate.example.com/setup#S3cret\n"), "{said}");
        assert!(said.contains("https://gate.example.com/api/v1/setup "), "{said}");
        let (_, body) = said.split_once("-d '").unwrap();
        let body: serde_json::Value = serde_json::from_str(body.trim_end().trim_end_matches('\'')).unwrap();
        assert_eq!((&body["token"], &body["person"]["name"]), (&"S3cret".into(), &"You".into()));
    }

    #[test]
    fn what_cannot_be_wrapped_anew_is_told_in_sentences() {
        let problem = Problem::new(admin::problem::Code::Conflict, "two were sealed with a third key");
        let said = RekeyError::Secret(problem.with_hint("bring it")).to_string();
        assert_eq!(said, "two were sealed with a third key; bring it");
    }

    #[test]
    fn each_time_that_is_set_is_that_of_its_kind() {
        let usual = settings::AdminRetention::default();
        assert_eq!(retention(&usual), Retention::default(), "nothing set is what always was");
        let kept = retention(&settings::AdminRetention {
            traffic_minutes_hours: 6,
            traffic_hours_days: 7,
            traffic_days_days: 8,
            traffic_events_days: 9,
            run_days: 10,
            notice_days: 11,
            activity_days: 31,
            token_days: 12,
            invitation_days: 13,
            connection_usage_days: 14,
        });
        let traffic = kept.traffic;
        assert_eq!(
            (traffic.minutes_hours, traffic.hours_days, traffic.days_days, traffic.events_days),
            (6, 7, 8, 9)
        );
        assert_eq!(traffic.events_max, TrafficRetention::default().events_max);
        assert_eq!(
            (kept.runs, kept.notices, kept.activity),
            (Period::Days(10), Period::Days(11), Period::Days(31))
        );
        let ended = (kept.tokens, kept.invitations, kept.connection_usage);
        assert_eq!(ended, (Period::Days(12), Period::Days(13), Period::Days(14)));
    }
}
