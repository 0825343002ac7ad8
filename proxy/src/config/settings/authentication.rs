//! What can be set of how clients prove who they are?

use super::CertificateNames;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// How clients prove who they are.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Authentication {
    /// Who asks the client for proof.
    #[schemars(extend("x-reload" = "new sessions"))]
    pub mode: AuthenticationMode,
    /// With `verify`, the file of roles and what is stored of their passwords, a line each: `"role" "SCRAM-SHA-256$…"`, as
    /// poolers have it, or `role:SCRAM-SHA-256$…`; `md5…` in the place of the latter where the role has that. No
    /// password stands in it. The file is watched. Not set, the gateway looks them up at the upstream, as
    /// `probe.user`.
    #[schemars(with = "Option<String>", example = &"users.txt", extend("format" = "path", "x-reload" = "new sessions"))]
    pub verifiers: Option<PathBuf>,
    /// With `verify` and without `verifiers`, the function that the gateway calls to look up what is stored of a role's
    /// password, as `schema.function`, spelled as the catalog has it: it is given the role's name, and returns
    /// one row or none, in whose last column that is. Not set, the gateway reads `pg_authid`, for which the probe's
    /// role needs a grant.
    #[schemars(example = &"gateway.verifier", extend("format" = "function", "x-reload" = "new sessions"))]
    pub lookup: Option<String>,
    /// With `verify` and without `verifiers`, the database that the gateway logs in to for it.
    #[schemars(extend("x-reload" = "new sessions"))]
    pub lookup_database: String,
    /// What a client's certificate says about who it is. It needs `tls.client_ca`.
    #[schemars(extend("x-reload" = "new sessions"))]
    pub certificate: CertificateNames,
}

impl Default for Authentication {
    fn default() -> Authentication {
        Authentication {
            mode: AuthenticationMode::Relay,
            verifiers: None,
            lookup: None,
            lookup_database: String::from("postgres"),
            certificate: CertificateNames::Ignore,
        }
    }
}

/// Who asks the client for proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AuthenticationMode {
    /// The upstream does, and the gateway passes question and answer on.
    Relay,
    /// The gateway does, for listeners of PostgreSQL: wrong passwords never reach the upstream, and channel binding works
    /// over any certificates. What the proof leaves in its hands, which is not the password, it proves the same with to
    /// the upstream, whose word is the last.
    Verify,
}
