//! What can be set of a secret store that has the master key?

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// A secret store that has the master key: HashiCorp Vault, or a key service that is asked as Google Cloud KMS
/// is. Without this table the key is `master_key`, or a file in `data_directory`.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KeyStore {
    /// What it is, and whether the key leaves it.
    #[schemars(example = KeyStoreKind::VaultTransit, extend("x-reload" = "restart"))]
    pub kind: KeyStoreKind,
    /// Its address. `http://` is taken for this machine only: tokens and keys pass there.
    #[schemars(example = &"https://vault.example.com:8200", extend("format" = "http-url", "x-reload" = "restart"))]
    pub url: String,
    /// Which key it is. For `vault-kv` the path of the secret below `mount`, for `vault-transit` the key's
    /// name, for `kms` its whole name (`projects/P/locations/L/keyRings/R/cryptoKeys/K`).
    #[schemars(example = &"dragoman", extend("x-reload" = "restart"))]
    pub key: String,
    /// Where the engine is mounted in Vault. Not set, `secret` for `vault-kv` and `transit` for
    /// `vault-transit`.
    #[serde(default)]
    #[schemars(example = &"transit", extend("x-reload" = "restart"))]
    pub mount: Option<String>,
    /// The field of the secret that holds 32 bytes in base64, for `vault-kv`. Not set, `key`.
    #[serde(default)]
    #[schemars(example = &"key", extend("x-reload" = "restart"))]
    pub field: Option<String>,
    /// The namespace in Vault Enterprise.
    #[serde(default)]
    #[schemars(example = &"databases", extend("x-reload" = "restart"))]
    pub namespace: Option<String>,
    /// The authority that signed its certificate, as PEM, in place of those the system knows.
    #[serde(default)]
    #[schemars(with = "Option<String>", example = &"vault-ca.pem", extend("format" = "path", "x-reload" = "restart"))]
    pub ca: Option<PathBuf>,
    /// The file that holds the token to show: Vault's, or the bearer token of a key service. It is read again
    /// each time, so another program may renew it.
    #[serde(default)]
    #[schemars(with = "Option<String>", example = &"vault.token", extend("format" = "path", "x-reload" = "restart"))]
    pub token_file: Option<PathBuf>,
    /// The role id of an AppRole in Vault, in place of `token_file`.
    #[serde(default)]
    #[schemars(example = &"59d6d1ca-47bb-4e7e-a40b-8be3bc5a0ba8", extend("x-reload" = "restart"))]
    pub role_id: Option<String>,
    /// The file that holds its secret id; read again at each login.
    #[serde(default)]
    #[schemars(with = "Option<String>", example = &"vault.secret-id", extend("format" = "path", "x-reload" = "restart"))]
    pub secret_id_file: Option<PathBuf>,
    /// Where AppRole is mounted in Vault. Not set, `approle`.
    #[serde(default)]
    #[schemars(example = &"approle", extend("x-reload" = "restart"))]
    pub role_mount: Option<String>,
    /// Longest wait for one answer, in milliseconds. What fails in passing is asked three times.
    #[serde(default = "timeout_ms")]
    #[schemars(range(min = 100, max = 30_000), extend("x-reload" = "restart"))]
    pub timeout_ms: u32,
    /// How long, in seconds, a data key that the store has unwrapped stays in memory, so that connections open while
    /// the store is away and without asking it each time. 0 asks each time.
    #[serde(default = "cache_seconds")]
    #[schemars(range(min = 0, max = 3_600), extend("x-reload" = "restart"))]
    pub cache_seconds: u32,
}

fn timeout_ms() -> u32 {
    3_000
}

fn cache_seconds() -> u32 {
    300
}

/// What a secret store is, and whether the key leaves it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum KeyStoreKind {
    /// HashiCorp Vault, key-value engine version 2: the key is read at the start.
    VaultKv,
    /// HashiCorp Vault, transit engine: data keys are wrapped there, and the key never leaves it.
    VaultTransit,
    /// A key service with Google Cloud KMS's `encrypt` and `decrypt`: the key never leaves it.
    Kms,
}
