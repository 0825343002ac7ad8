//! What can be set of TLS?

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// TLS towards the client.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Tls {
    /// Whether clients use TLS. Not set, it is `prefer` with a certificate and `disable` without.
    #[schemars(example = TlsMode::Prefer, extend("x-reload" = "new sessions"))]
    pub mode: Option<TlsMode>,
    /// The PEM file of the certificate shown to clients, followed by those of its issuers.
    #[schemars(with = "Option<String>", example = &"server.pem", extend("format" = "path", "x-reload" = "new sessions"))]
    pub certificate: Option<PathBuf>,
    /// The PEM file of the certificate's private key, not encrypted.
    #[schemars(with = "Option<String>", example = &"server.key", extend("format" = "path", "x-reload" = "new sessions"))]
    pub key: Option<PathBuf>,
    /// The PEM file of the authorities that vouch for the certificates clients show. Not set, clients are not asked for
    /// any. Name one here that certifies nobody else.
    #[schemars(with = "Option<String>", example = &"client-ca.pem", extend("format" = "path", "x-reload" = "new sessions"))]
    pub client_ca: Option<PathBuf>,
    /// Whether clients show a certificate that `client_ca` vouches for. Not set, it is `require` with `client_ca`.
    #[schemars(example = ClientCertificate::Optional, extend("x-reload" = "new sessions"))]
    pub client_certificate: Option<ClientCertificate>,
    /// The PEM file of the lists of revoked certificates, one of each authority in `client_ca` and below. One that is out
    /// of date lets nobody in.
    #[schemars(with = "Option<String>", example = &"client.crl", extend("format" = "path", "x-reload" = "new sessions"))]
    pub client_crl: Option<PathBuf>,
    /// The lowest version of TLS that clients may use.
    #[schemars(extend("x-reload" = "new sessions"))]
    pub minimum_version: LowestTls,
}

/// The lowest version of TLS that is used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub enum LowestTls {
    /// TLS 1.2 (RFC 5246), which all servers and drivers of the last ten years know.
    #[default]
    #[serde(rename = "1.2")]
    V1_2,
    /// TLS 1.3 (RFC 8446) only.
    #[serde(rename = "1.3")]
    V1_3,
}

/// Whether clients show a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ClientCertificate {
    /// They may; one that is shown has to be good.
    Optional,
    /// They must: a client without one is refused, and one without TLS.
    Require,
}

/// What a client's certificate says about who it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CertificateNames {
    /// Nothing: it lets the client come as far as the login, where it proves itself as everybody does.
    #[default]
    Ignore,
    /// The user it logs in as. The certificate's common name, or one of its names of DNS or mail, is the user's name letter
    /// for letter, or the login is refused. It is proof enough: where the upstream grants the login without a challenge
    /// (`cert`, `trust`, `peer`), it is granted.
    User,
}

/// Whether clients use TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum TlsMode {
    /// They cannot.
    Disable,
    /// They may.
    Prefer,
    /// They must: a client without TLS is refused.
    Require,
}

/// TLS towards the upstream. A unix socket has none, whatever is set here.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct UpstreamTls {
    /// Whether the upstream is reached over TLS, and how its certificate is checked.
    #[schemars(extend("x-reload" = "new sessions"))]
    pub mode: UpstreamTlsMode,
    /// The PEM file of the certificates that vouch for the upstream's, for `verify-ca` and
    /// `verify-full`. The system's own list is never used.
    #[schemars(with = "Option<String>", example = &"upstream-ca.pem", extend("format" = "path", "x-reload" = "new sessions"))]
    pub ca: Option<PathBuf>,
    /// The PEM file of the certificate the gateway shows an upstream that asks for one, followed by those of its issuers.
    #[schemars(with = "Option<String>", example = &"gateway.pem", extend("format" = "path", "x-reload" = "new sessions"))]
    pub certificate: Option<PathBuf>,
    /// The PEM file of that certificate's private key, not encrypted.
    #[schemars(with = "Option<String>", example = &"gateway.key", extend("format" = "path", "x-reload" = "new sessions"))]
    pub key: Option<PathBuf>,
    /// The lowest version of TLS that the upstream may use.
    #[schemars(extend("x-reload" = "new sessions"))]
    pub minimum_version: LowestTls,
}

impl Default for UpstreamTls {
    fn default() -> UpstreamTls {
        UpstreamTls {
            mode: UpstreamTlsMode::Prefer,
            ca: None,
            certificate: None,
            key: None,
            minimum_version: LowestTls::default(),
        }
    }
}

/// Whether the upstream is reached over TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum UpstreamTlsMode {
    /// Never.
    Disable,
    /// When the upstream can; its certificate is not checked.
    Prefer,
    /// Always; its certificate is not checked.
    Require,
    /// Always; its certificate must be vouched for by `ca`.
    VerifyCa,
    /// Always; as `verify-ca`, and the certificate must name the upstream's host among its subject
    /// alternative names.
    VerifyFull,
}

impl UpstreamTlsMode {
    /// The word in the file.
    pub fn as_str(self) -> &'static str {
        match self {
            UpstreamTlsMode::Disable => "disable",
            UpstreamTlsMode::Prefer => "prefer",
            UpstreamTlsMode::Require => "require",
            UpstreamTlsMode::VerifyCa => "verify-ca",
            UpstreamTlsMode::VerifyFull => "verify-full",
        }
    }
}
