//! How is a connection shown? Never with its password.

use super::words::{ApplyPolicyWord, ConditionWord, EnvironmentWord, KindWord, TlsModeWord};
use crate::app::connections::ConnectionOptions;
use crate::app::connections::draft::{kind_of, tls_of};
use crate::app::connections::health::condition;
use crate::http::timestamp::Timestamp;
use crate::problem::Problem;
use admin_store::connections::{self, Connection, Place};
use serde::Serialize;
use utoipa::ToSchema;

/// A known database.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ConnectionView {
    /// Which.
    #[schema(format = Uuid)]
    pub id: String,
    /// What people call it.
    pub name: String,
    /// What kind of database it is.
    pub kind: KindWord,
    /// The gateway's listener it goes through; absent where it goes straight to the server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub via: Option<String>,
    /// The server; the listener's address where it goes through one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// Its port.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<u16>,
    /// The file of SQLite.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The database on the server.
    pub database: String,
    /// Who logs in.
    pub user: String,
    /// Whether a password is kept. It is never shown.
    pub has_password: bool,
    /// How the way is encrypted.
    pub tls: TlsView,
    /// How much depends on it.
    pub environment: EnvironmentWord,
    /// Whether everything runs in read-only transactions.
    pub read_only: bool,
    /// Whether changes that were proposed may be made.
    pub apply_policy: ApplyPolicyWord,
    /// How its schema is looked at.
    pub options: ConnectionOptions,
    /// How it is.
    pub health: HealthView,
    /// The latest snapshot of its schema; absent while there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = Uuid)]
    pub last_snapshot: Option<String>,
    /// Who made it.
    #[schema(format = Uuid)]
    pub created_by: String,
    /// When.
    pub created_at: Timestamp,
    /// When the settings changed last.
    pub changed_at: Timestamp,
}

/// How the way to a database is encrypted.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TlsView {
    /// Whether, and who may answer.
    pub mode: TlsModeWord,
    /// The authorities' certificates, as PEM.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca_pem: Option<String>,
}

/// How a database is.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct HealthView {
    /// In a word.
    pub condition: ConditionWord,
    /// When somebody looked last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checked_at: Option<Timestamp>,
    /// When it last was well.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_ok_at: Option<Timestamp>,
    /// How long it then took to answer the smallest question.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latency_us: Option<i64>,
    /// What was wrong when something last was; stays after it got well.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_error: Option<LastErrorView>,
    /// How often it failed since it was last well.
    pub failures: i64,
    /// When somebody looks next.
    pub next_check_at: Timestamp,
}

/// What was wrong with a database.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LastErrorView {
    /// Which kind of thing: `dns`, `refused`, `timeout`, `unreachable`, `tls`, `password`, `database`, `permission`,
    /// `egress`, `file`, `protocol`, `lost` and others.
    #[schema(example = "refused")]
    pub class: String,
    /// In words.
    pub message: String,
    /// When.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
}

impl HealthView {
    /// As it is shown.
    pub(crate) fn of(health: &connections::Health) -> HealthView {
        let last_error = health.last_error.as_ref().map(|failure| LastErrorView {
            class: failure.class.clone(),
            message: failure.message.clone(),
            at: health.last_error_at.map(Timestamp),
        });
        HealthView {
            condition: condition(health).into(),
            checked_at: health.checked_at.map(Timestamp),
            last_ok_at: health.last_ok_at.map(Timestamp),
            latency_us: health.latency_us,
            last_error,
            failures: health.failures,
            next_check_at: Timestamp(health.next_check_at),
        }
    }
}

impl ConnectionView {
    /// As it is shown.
    pub(crate) fn of(connection: &Connection) -> Result<ConnectionView, Problem> {
        let settings = &connection.settings;
        let (host, port, file) = match &settings.place {
            Place::Server { host, port } => (Some(host.clone()), Some(*port), None),
            Place::File(file) => (None, None, Some(file.clone())),
        };
        let tls = tls_of(settings);
        Ok(ConnectionView {
            id: connection.id.to_string(),
            name: settings.name.clone(),
            kind: kind_of(settings)?.into(),
            via: settings.via.clone(),
            host,
            port,
            file,
            database: settings.database.clone(),
            user: settings.user.clone(),
            has_password: settings.secret.is_some(),
            tls: TlsView { mode: tls.mode.into(), ca_pem: tls.ca_pem },
            environment: settings.environment.into(),
            read_only: settings.read_only,
            apply_policy: settings.apply_policy.into(),
            options: ConnectionOptions::of(settings),
            health: HealthView::of(&connection.health),
            last_snapshot: connection.last_snapshot.map(|id| id.to_string()),
            created_by: connection.created_by.to_string(),
            created_at: Timestamp(connection.created_at),
            changed_at: Timestamp(connection.changed_at),
        })
    }
}
