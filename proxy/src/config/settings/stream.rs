//! What can be set of a stream that takes reports?

use super::Secret;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// A stream of NATS JetStream that takes reports: sums of statements by minute, texts of statements without literals,
/// sessions, refusals and events, as the control plane is told them. With a control plane it takes those that this one
/// has taken; without one it is where reports go. Records of single statements go there by `[[ledger.copies]]`.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportStream {
    /// The server: `nats+tls://nats.example.com:4222`, or `nats://127.0.0.1:4222` where it is on this machine.
    #[schemars(example = &"nats+tls://nats.example.com:4222", extend("x-reload" = "restart"))]
    pub to: String,
    /// How the subjects begin; the data plane's id follows. Letters, digits, `-` and `_`, with dots between words. Not
    /// set, `dragoman.reports`.
    #[serde(default)]
    #[schemars(example = &"dragoman.reports", extend("format" = "subject", "x-reload" = "restart"))]
    pub subject: Option<String>,
    /// Certificates to check the server by (PEM). Not set, those of the public authorities.
    #[serde(default)]
    #[schemars(with = "Option<String>", example = &"nats-ca.pem", extend("format" = "path", "x-reload" = "restart"))]
    pub ca: Option<PathBuf>,
    /// Shown to the server.
    #[serde(default)]
    #[schemars(extend("x-reload" = "restart"))]
    pub token: Secret,
    /// Who logs in, with `password`.
    #[serde(default)]
    #[schemars(example = &"dragoman", extend("x-reload" = "restart"))]
    pub user: Option<String>,
    /// The password of `user`.
    #[serde(default)]
    #[schemars(extend("x-reload" = "restart"))]
    pub password: Secret,
    /// A file of credentials as `nsc` writes it: a JWT and the key that signs.
    #[serde(default)]
    #[schemars(extend("x-reload" = "restart"))]
    pub credentials: Secret,
}
