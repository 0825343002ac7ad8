//! What may somebody say about a connection, and what is made of it?

use crate::app::secrets::Password;
use crate::fleet::listeners_of;
use crate::plane::App;
use crate::problem::{Code, Problem};
use admin_engines::{Kind, Tls, TlsMode};
use admin_store::Tx;
use admin_store::connections::{self as stored, ApplyPolicy, ConnectionSettings, Environment, Place};
use admin_store::listeners::Listener;
use admin_store::workspaces::Workspace;
use serde::{Deserialize, Serialize};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;
use utoipa::ToSchema;

/// Longest name of a connection, in characters.
pub const NAME_MAX: usize = 100;
/// Longest name of a host (RFC 1035 2.3.4).
pub const HOST_MAX: usize = 253;
/// Longest name of a file, a database or a user, in characters.
pub const TEXT_MAX: usize = 255;
/// Longest password, in bytes: tokens of clouds are long.
pub const PASSWORD_BYTES_MAX: usize = 8_192;
/// Longest list of authorities, in bytes.
pub const CA_BYTES_MAX: usize = 256 * 1024;
/// Most schemas that are named.
pub const SCHEMAS_MAX: usize = 100;
/// Longest time between two looks at a schema: a year.
pub const REFRESH_HOURS_MAX: u32 = 8_760;
/// Time between two looks at a schema where nothing is said.
const REFRESH_HOURS: u32 = 24;

/// A connection to be, or as it shall be.
#[derive(Clone)]
pub struct Draft {
    /// What people call it.
    pub name: String,
    /// What kind of database it is.
    pub kind: Kind,
    /// The gateway's listener it goes through; `None` for directly.
    pub via: Option<String>,
    /// The server; the listener's where it goes through one.
    pub host: Option<String>,
    /// Its port; the kind's usual one where nothing is said.
    pub port: Option<u16>,
    /// The file of SQLite.
    pub file: Option<String>,
    /// The database on the server.
    pub database: String,
    /// Who logs in.
    pub user: String,
    /// The password; `None` for none.
    pub password: Option<Password>,
    /// How the way is encrypted.
    pub tls: Tls,
    /// How much depends on it.
    pub environment: Environment,
    /// Whether everything runs in read-only transactions.
    pub read_only: bool,
    /// Whether proposed changes may be made.
    pub apply_policy: ApplyPolicy,
    /// How its schema is looked at.
    pub options: ConnectionOptions,
}

impl std::fmt::Debug for Draft {
    /// Without the password.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Draft")
            .field("name", &self.name)
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

/// What is to be changed; what is not said stays.
#[derive(Clone, Default)]
#[allow(missing_docs)]
pub struct Edit {
    pub name: Option<String>,
    pub via: Option<Option<String>>,
    pub host: Option<Option<String>>,
    pub port: Option<Option<u16>>,
    pub file: Option<Option<String>>,
    pub database: Option<String>,
    pub user: Option<String>,
    pub password: Option<Option<Password>>,
    pub tls: Option<Tls>,
    pub environment: Option<Environment>,
    pub read_only: Option<bool>,
    pub apply_policy: Option<ApplyPolicy>,
    pub options: Option<ConnectionOptions>,
}

impl std::fmt::Debug for Edit {
    /// Without the password.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Edit").field("name", &self.name).finish_non_exhaustive()
    }
}

/// How the schema of a connection is looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConnectionOptions {
    /// After how many hours the schema is read again; 0 for only when somebody asks. 24 where nothing is said.
    #[schema(minimum = 0, maximum = 8760, example = 24)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_hours: Option<u32>,
    /// Whether the schema is read again when a statement that changes it passed on the wire. Yes where nothing is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_on_ddl: Option<bool>,
    /// Only these schemas are read; all where nothing is said.
    #[schema(max_items = 100)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schemas: Option<Vec<String>>,
    /// These schemas are not read.
    #[schema(max_items = 100)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exclude_schemas: Option<Vec<String>>,
    /// In which schemas statements on the wire find a table they name without one; the first that has it. The user's own
    /// and `public` where nothing is said (for MySQL the database).
    #[schema(max_items = 100)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub search_path: Option<Vec<String>>,
}

impl ConnectionOptions {
    /// Those of a stored connection.
    pub fn of(settings: &ConnectionSettings) -> ConnectionOptions {
        serde_json::from_value(settings.options.clone()).unwrap_or_default()
    }

    /// How often the schema is read; 0 for never by itself.
    pub fn refresh_hours(&self) -> u32 {
        self.refresh_hours.unwrap_or(REFRESH_HOURS)
    }

    /// Whether a change that passed on the wire makes the schema be read.
    pub fn refreshes_on_ddl(&self) -> bool {
        self.refresh_on_ddl.unwrap_or(true)
    }

    fn check(&self) -> Result<(), Problem> {
        if self.refresh_hours() > REFRESH_HOURS_MAX {
            return Err(Problem::invalid(
                "options.refresh_hours",
                format!("must be from 0 to {REFRESH_HOURS_MAX}"),
            ));
        }
        let lists = [
            ("schemas", &self.schemas),
            ("exclude_schemas", &self.exclude_schemas),
            ("search_path", &self.search_path),
        ];
        for (field, list) in lists {
            let list = list.as_deref().unwrap_or_default();
            if list.len() > SCHEMAS_MAX || list.iter().any(|name| name.chars().count() > TEXT_MAX) {
                let said = format!("may have {SCHEMAS_MAX} names of {TEXT_MAX} characters");
                return Err(Problem::invalid(&format!("options.{field}"), said));
            }
        }
        Ok(())
    }
}

impl Edit {
    /// The connection as it shall be.
    pub(super) fn applied_to(&self, before: &ConnectionSettings) -> Result<Draft, Problem> {
        let edit = self.clone();
        let (mut host, mut port, mut file) = match &before.place {
            Place::Server { host, port } if before.via.is_none() => (Some(host.clone()), Some(*port), None),
            Place::Server { .. } => (None, None, None),
            Place::File(file) => (None, None, Some(file.clone())),
        };
        if edit.via.as_ref().is_some_and(Option::is_some) {
            (host, port, file) = (None, None, None);
        }
        Ok(Draft {
            name: edit.name.unwrap_or_else(|| before.name.clone()),
            kind: kind_of(before)?,
            via: edit.via.unwrap_or_else(|| before.via.clone()),
            host: edit.host.unwrap_or(host),
            port: edit.port.unwrap_or(port),
            file: edit.file.unwrap_or(file),
            database: edit.database.unwrap_or_else(|| before.database.clone()),
            user: edit.user.unwrap_or_else(|| before.user.clone()),
            password: edit.password.flatten(),
            tls: edit.tls.unwrap_or_else(|| tls_of(before)),
            environment: edit.environment.unwrap_or(before.environment),
            read_only: edit.read_only.unwrap_or(before.read_only),
            apply_policy: edit.apply_policy.unwrap_or(before.apply_policy),
            options: edit.options.unwrap_or_else(|| ConnectionOptions::of(before)),
        })
    }
}

/// The kind of a stored connection.
pub(crate) fn kind_of(settings: &ConnectionSettings) -> Result<Kind, Problem> {
    settings.kind.parse().map_err(|error: admin_engines::target::UnknownKind| {
        Problem::new(Code::Internal, "a stored connection is of no known kind").with_cause(error)
    })
}

/// How the way to a stored connection is encrypted.
pub(crate) fn tls_of(settings: &ConnectionSettings) -> Tls {
    let mode = match settings.tls {
        stored::Tls::Disable => TlsMode::Disable,
        stored::Tls::Prefer => TlsMode::Prefer,
        stored::Tls::Require => TlsMode::Require,
        stored::Tls::VerifyCa => TlsMode::VerifyCa,
        stored::Tls::VerifyFull => TlsMode::VerifyFull,
    };
    Tls { mode, ca_pem: settings.ca_pem.clone() }
}

fn stored_tls(mode: TlsMode) -> stored::Tls {
    match mode {
        TlsMode::Disable => stored::Tls::Disable,
        TlsMode::Prefer => stored::Tls::Prefer,
        TlsMode::Require => stored::Tls::Require,
        TlsMode::VerifyCa => stored::Tls::VerifyCa,
        TlsMode::VerifyFull => stored::Tls::VerifyFull,
    }
}

/// Whether a password that was meant for `before` would reach somebody else by `after`.
pub(super) fn leads_elsewhere(before: &ConnectionSettings, after: &ConnectionSettings) -> bool {
    before.place != after.place
        || before.via != after.via
        || before.user != after.user
        || before.tls != after.tls
        || before.ca_pem != after.ca_pem
}

/// Checks a draft and makes settings of it, without a secret.
pub(super) async fn settle(
    tx: &mut Tx,
    workspace: &Workspace,
    draft: &Draft,
) -> Result<ConnectionSettings, Problem> {
    check(draft)?;
    let place = match &draft.via {
        Some(name) => through(tx, workspace, draft, name).await?,
        None => direct(draft)?,
    };
    Ok(ConnectionSettings {
        name: draft.name.trim().to_owned(),
        kind: draft.kind.as_str().to_owned(),
        place,
        user: draft.user.clone(),
        database: draft.database.clone(),
        tls: stored_tls(draft.tls.mode),
        ca_pem: draft.tls.ca_pem.clone(),
        via: draft.via.clone(),
        environment: draft.environment,
        read_only: draft.read_only,
        apply_policy: draft.apply_policy,
        options: serde_json::to_value(&draft.options).unwrap_or_default(),
        secret: None,
    })
}

fn check(draft: &Draft) -> Result<(), Problem> {
    let name = draft.name.trim();
    if name.is_empty() || name.chars().count() > NAME_MAX || name.chars().any(char::is_control) {
        return Err(Problem::invalid("name", "must have from 1 to 100 characters, in one line"));
    }
    for (field, text) in [("database", &draft.database), ("user", &draft.user)] {
        if text.chars().count() > TEXT_MAX || text.chars().any(char::is_control) {
            return Err(Problem::invalid(field, format!("may have {TEXT_MAX} characters, in one line")));
        }
    }
    let is_file = draft.kind == Kind::Sqlite;
    if is_file && !(draft.user.is_empty() && draft.database.is_empty() && draft.password.is_none()) {
        let field = if draft.password.is_some() { "password" } else { "user" };
        return Err(Problem::invalid(field, "a SQLite file has no user, password and database name"));
    }
    if !is_file && draft.user.is_empty() {
        return Err(Problem::invalid("user", "is needed to log in"));
    }
    if draft.password.as_ref().is_some_and(|password| password.len() > PASSWORD_BYTES_MAX) {
        return Err(Problem::invalid("password", format!("may have {PASSWORD_BYTES_MAX} bytes")));
    }
    let ca = draft.tls.ca_pem.as_deref().unwrap_or_default();
    if ca.len() > CA_BYTES_MAX || !(ca.is_empty() || ca.contains("-----BEGIN CERTIFICATE-----")) {
        return Err(Problem::invalid("tls.ca_pem", "must be certificates as PEM, at most 256 KiB")
            .with_hint("paste the file that begins with `-----BEGIN CERTIFICATE-----`"));
    }
    if ca.is_empty() && matches!(draft.tls.mode, TlsMode::VerifyCa | TlsMode::VerifyFull) {
        return Err(Problem::invalid("tls.ca_pem", "is needed to verify the server's certificate"));
    }
    draft.options.check()
}

/// Whether the file of SQLite is there, in the one folder.
pub(super) async fn look_for_file(app: &App, settings: &ConnectionSettings) -> Result<(), Problem> {
    let Place::File(file) = settings.place.clone() else { return Ok(()) };
    let egress = app.egress.clone();
    let looked = tokio::task::spawn_blocking(move || egress.sqlite_file(Path::new(&file))).await;
    let looked = looked
        .map_err(|error| Problem::new(Code::Internal, "a look at the disk did not end").with_cause(error))?;
    let found =
        looked.map_err(|error| Problem::invalid("file", error.message()).with_hint(error.tips().join("; ")));
    found.map(drop)
}

/// The place of a connection that goes straight to the database.
fn direct(draft: &Draft) -> Result<Place, Problem> {
    if draft.kind == Kind::Sqlite {
        let file = draft.file.clone().ok_or_else(|| Problem::invalid("file", "is needed for SQLite"))?;
        if draft.host.is_some() || draft.port.is_some() {
            return Err(Problem::invalid("host", "a SQLite file has no server"));
        }
        if file.is_empty() || file.chars().count() > TEXT_MAX {
            return Err(Problem::invalid("file", format!("must have from 1 to {TEXT_MAX} characters")));
        }
        return Ok(Place::File(file));
    }
    if draft.file.is_some() {
        return Err(Problem::invalid("file", "is for SQLite only"));
    }
    let host = draft.host.as_deref().ok_or_else(|| Problem::invalid("host", "is needed"))?;
    let fits = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-' | '_' | ':');
    if host.is_empty() || host.len() > HOST_MAX || host.starts_with('-') || !host.chars().all(fits) {
        return Err(Problem::invalid("host", "must be a host name, or an address without brackets and port"));
    }
    match draft.port.or(draft.kind.default_port()) {
        Some(port) if port > 0 => Ok(Place::Server { host: host.to_owned(), port }),
        _ => Err(Problem::invalid("port", "must be from 1 to 65535")),
    }
}

/// The place of a connection that goes through a listener of the workspace.
async fn through(tx: &mut Tx, workspace: &Workspace, draft: &Draft, name: &str) -> Result<Place, Problem> {
    if draft.host.is_some() || draft.port.is_some() || draft.file.is_some() {
        return Err(Problem::invalid(
            "via",
            "a connection through a listener has its place from the listener",
        )
        .with_hint("leave `host`, `port` and `file` out, or `via`"));
    }
    let listeners = listeners_of(tx, workspace).await?;
    let named: Vec<&Listener> = listeners.iter().filter(|one| one.name == name).collect();
    if named.is_empty() {
        return Err(Problem::invalid("via", format!("`{name}` is no listener of this workspace")));
    }
    let kind = draft.kind.as_str();
    let speaks = |one: &&&Listener| one.state.as_ref().is_some_and(|state| state.protocol == kind);
    let Some(listener) = named.iter().find(speaks) else {
        return Err(Problem::invalid(
            "via",
            format!("the listener `{name}` does not speak the protocol of {kind}"),
        ));
    };
    is_as_careful(draft, listener)?;
    let (host, port) = listen_of(listener)
        .ok_or_else(|| Problem::invalid("via", format!("nothing is known of where `{name}` listens")))?;
    Ok(Place::Server { host, port })
}

/// What is production by its listener's settings is production here too: who may not use production does not
/// get there by another name for it.
fn is_as_careful(draft: &Draft, listener: &Listener) -> Result<(), Problem> {
    let is_production = listener.state.as_ref().is_some_and(|state| state.environment == "production");
    if !is_production || draft.environment == Environment::Production {
        return Ok(());
    }
    Err(Problem::invalid("environment", format!("the listener `{}` is production", listener.name))
        .with_hint("say `production`, or change the listener's environment in its settings file"))
}

/// Where a listener is reached. One that listens everywhere is reached on this machine.
pub(crate) fn listen_of(listener: &Listener) -> Option<(String, u16)> {
    let listen = &listener.state.as_ref()?.listen;
    if let Ok(address) = listen.parse::<SocketAddr>() {
        let ip = match address.ip() {
            IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
            IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
            ip => ip,
        };
        return Some((ip.to_string(), address.port()));
    }
    let (host, port) = listen.rsplit_once(':')?;
    Some((host.to_owned(), port.parse().ok()?))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use control::ListenerState;

    fn listening(listen: &str) -> Option<(String, u16)> {
        let state = ListenerState { listen: listen.to_owned(), ..ListenerState::default() };
        listen_of(&Listener {
            id: 1,
            plane: "plane".to_owned(),
            name: "main".to_owned(),
            workspace: "shop".to_owned(),
            present: true,
            state: Some(state),
            first_seen_at: 0,
            last_seen_at: 0,
        })
    }

    #[test]
    fn a_listener_is_reached_where_it_listens() {
        let place = |host: &str, port| Some((host.to_owned(), port));
        assert_eq!(listening("10.1.2.3:6432"), place("10.1.2.3", 6432));
        assert_eq!(listening("0.0.0.0:6432"), place("127.0.0.1", 6432));
        assert_eq!(listening("[::]:6432"), place("::1", 6432));
        assert_eq!(listening("gate.example.com:6432"), place("gate.example.com", 6432));
        assert_eq!((listening("unix:/run/gate"), listening(""), listening("gate:99999")), (None, None, None));
    }

    #[test]
    fn a_password_is_shown_by_neither_a_draft_nor_an_edit() {
        let password = Some(Password::new("planted-secret".to_owned()));
        let edit = Edit { password: Some(password), ..Edit::default() };
        assert!(!format!("{edit:?}").contains("planted"));
    }
}
