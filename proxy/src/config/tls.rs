//! How do certificate files become what rustls takes?

use super::path::{Origin, Path};
use super::problem::{Cause, Problem};
use super::read_file;
use super::settings::{
    CertificateNames, ClientCertificate, Listener, LowestTls, Protocol, Tls, TlsMode, UpstreamTlsMode,
};
use super::verifier::{Authorities, Trust, Verifier};
use relay::certificate::{expiry, list_expiry};
use relay::settings::{self as ready, Asked, Expiry, Side};
use rustls::client::Resumption;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, CertificateRevocationListDer, PrivateKeyDer};
use rustls::server::{VerifierBuilderError, WebPkiClientVerifier};
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, RootCertStore, ServerConfig, SupportedProtocolVersion};
use sha2::{Digest, Sha256};
use std::path::{Path as FilePath, PathBuf};
use std::sync::Arc;

/// The name of PostgreSQL's protocol in TLS (ALPN), which clients of version 17 send.
const PROTOCOL_NAME: &[u8] = b"postgresql";

/// Largest TLS record we send, with all of its framing: a client can decrypt the first half of an
/// answer while the second is on its way.
const RECORD_BYTES_MAX: usize = 8 * 1024;
/// What encryption adds to a record at most, beyond its header: nonce and tag of TLS 1.2.
const RECORD_OVERHEAD_BYTES: usize = 24;

/// What `client_crl` holds.
const LIST: &str = "list of revoked certificates";

type Certificates = Vec<CertificateDer<'static>>;

/// The versions of TLS from `lowest` on.
fn versions(lowest: LowestTls) -> &'static [&'static SupportedProtocolVersion] {
    match lowest {
        LowestTls::V1_2 => FROM_1_2,
        LowestTls::V1_3 => FROM_1_3,
    }
}

const FROM_1_2: &[&SupportedProtocolVersion] = &[&TLS13, &TLS12];
const FROM_1_3: &[&SupportedProtocolVersion] = &[&TLS13];

/// MySQL's protocol has no name in TLS.
fn protocol_names(protocol: Protocol) -> Vec<Vec<u8>> {
    match protocol {
        Protocol::Postgres => vec![PROTOCOL_NAME.to_vec()],
        Protocol::Mysql => Vec::new(),
    }
}

/// A certificate with those of its issuers, and its key.
struct Identity {
    chain: Certificates,
    key: PrivateKeyDer<'static>,
}

/// TLS towards the client, and when it no longer holds.
pub(crate) fn client(
    listener: &Listener,
    path: &Path,
    origin: &Origin,
) -> Result<(ready::ClientTls, Vec<Expiry>), Vec<Problem>> {
    let tls = &listener.tls;
    let required = tls.mode == Some(TlsMode::Require);
    let (Some(certificate), Some(key), None | Some(TlsMode::Prefer | TlsMode::Require)) =
        (&tls.certificate, &tls.key, tls.mode)
    else {
        return Ok((ready::ClientTls { required, ..ready::ClientTls::default() }, Vec::new()));
    };
    let own = identity(certificate, key, path, origin);
    let clients = clients(tls, path, origin);
    let (own, clients) = match (own, clients) {
        (Ok(own), Ok(clients)) => (own, clients),
        (own, clients) => return Err(own.err().into_iter().chain(clients.err()).flatten().collect()),
    };
    let mut expiries = expiries_of(&own.chain, Side::Client, "tls.certificate");
    let lists = clients.iter().flat_map(|clients| &clients.lists);
    let lists = lists.filter_map(|list| list_expiry(list));
    expiries.extend(lists.map(|at| Expiry { side: Side::Client, setting: "tls.client_crl", at }));
    let digest = digest(listener, &own, clients.as_ref());
    let first = own.chain.first().map(|certificate| Arc::from(certificate.as_ref()));
    let asked = match (&clients, tls.client_certificate) {
        (None, _) => Asked::Never,
        (Some(_), Some(ClientCertificate::Optional)) => Asked::Optional,
        (Some(_), Some(ClientCertificate::Require) | None) => Asked::Required,
    };
    let config = server_config(listener, own, clients)
        .map_err(|(key, cause)| vec![origin.problem(&path.key(key), cause)])?;
    let tls = ready::ClientTls {
        required,
        config: Some(Arc::new(config)),
        certificate: first,
        asked,
        names_user: listener.authentication.certificate == CertificateNames::User,
        digest,
    };
    Ok((tls, expiries))
}

fn identity(
    certificate: &FilePath,
    key: &FilePath,
    path: &Path,
    origin: &Origin,
) -> Result<Identity, Vec<Problem>> {
    let problem = |key: &str, cause| origin.problem(&path.key(key), cause);
    let chain = certificates(certificate).map_err(|cause| problem("certificate", cause));
    let secret = private_key(key).map_err(|cause| problem("key", cause));
    match (chain, secret) {
        (Ok(chain), Ok(key)) => Ok(Identity { chain, key }),
        (chain, secret) => Err(chain.err().into_iter().chain(secret.err()).collect()),
    }
}

/// Whose certificates are taken from clients.
struct Clients {
    authorities: Certificates,
    lists: Vec<CertificateRevocationListDer<'static>>,
}

fn clients(tls: &Tls, path: &Path, origin: &Origin) -> Result<Option<Clients>, Vec<Problem>> {
    let Some(ca) = &tls.client_ca else { return Ok(None) };
    let problem = |key: &str, cause| origin.problem(&path.key(key), cause);
    let authorities = certificates(ca).map_err(|cause| problem("client_ca", cause));
    let lists = tls.client_crl.as_deref().map_or(Ok(Vec::new()), revocation_lists);
    match (authorities, lists.map_err(|cause| problem("client_crl", cause))) {
        (Ok(authorities), Ok(lists)) => Ok(Some(Clients { authorities, lists })),
        (authorities, lists) => Err(authorities.err().into_iter().chain(lists.err()).collect()),
    }
}

/// Everything TLS with a client depends on, in few bytes. The key is the certificate's: another one would not fit.
fn digest(listener: &Listener, own: &Identity, clients: Option<&Clients>) -> [u8; 32] {
    let mut hasher = Sha256::new();
    let mut add = |label: u8, bytes: &[u8]| {
        hasher.update([label]);
        hasher.update((bytes.len() as u64).to_be_bytes());
        hasher.update(bytes);
    };
    add(b'p', &[listener.protocol as u8, listener.tls.minimum_version as u8]);
    own.chain.iter().for_each(|certificate| add(b'c', certificate));
    if let Some(Clients { authorities, lists }) = clients {
        add(b'v', &[]);
        authorities.iter().for_each(|authority| add(b'a', authority));
        lists.iter().for_each(|list| add(b'l', list));
    }
    hasher.finalize().into()
}

fn expiries_of(chain: &[CertificateDer<'_>], side: Side, setting: &'static str) -> Vec<Expiry> {
    // Whoever checks a chain checks the dates of all of it.
    let first = chain.iter().filter_map(|certificate| expiry(certificate)).min();
    first.map(|at| Expiry { side, setting, at }).into_iter().collect()
}

/// What is wrong with it, and with which setting.
type Refused = (&'static str, Cause);

fn server_config(
    listener: &Listener,
    own: Identity,
    clients: Option<Clients>,
) -> Result<ServerConfig, Refused> {
    let tls = &listener.tls;
    let named = |file: &Option<PathBuf>| file.clone().unwrap_or_default();
    let unusable = |source| ("certificate", Cause::Tls { path: named(&tls.certificate), source });
    let builder = ServerConfig::builder_with_provider(provider())
        .with_protocol_versions(versions(tls.minimum_version))
        .map_err(unusable)?;
    let builder = match clients {
        None => builder.with_no_client_auth(),
        Some(Clients { authorities, lists }) => {
            let file = named(&tls.client_ca);
            let roots = roots(&authorities, &file).map_err(|cause| ("client_ca", cause))?;
            // Who shows none is told so in words of the protocol, behind the handshake.
            let checks = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider())
                .with_crls(lists)
                .enforce_revocation_expiration()
                .allow_unauthenticated();
            let checks = checks.build().map_err(|source| match source {
                VerifierBuilderError::InvalidCrl(_) => {
                    ("client_crl", Cause::NotPem { path: named(&tls.client_crl), what: LIST })
                }
                _ => ("client_ca", Cause::NotPem { path: file.clone(), what: "certificate" }),
            })?;
            builder.with_client_cert_verifier(checks)
        }
    };
    let mut config = builder.with_single_cert(own.chain, own.key).map_err(unusable)?;
    config.alpn_protocols = protocol_names(listener.protocol);
    config.max_fragment_size = Some(RECORD_BYTES_MAX - RECORD_OVERHEAD_BYTES);
    config.ticketer = aws_lc_rs::Ticketer::new().map_err(unusable)?;
    Ok(config)
}

/// TLS towards the upstream, and when it no longer holds.
pub(crate) fn upstream(
    listener: &Listener,
    path: &Path,
    origin: &Origin,
) -> Result<(ready::UpstreamTls, Vec<Expiry>), Vec<Problem>> {
    let tls = &listener.upstream_tls;
    if tls.mode == UpstreamTlsMode::Disable {
        return Ok((ready::UpstreamTls::Disable, Vec::new()));
    }
    let own = match (&tls.certificate, &tls.key) {
        (Some(certificate), Some(key)) => Some(identity(certificate, key, path, origin)?),
        _ => None,
    };
    let chain = own.as_ref().map(|own| own.chain.as_slice()).unwrap_or_default();
    let expiries = expiries_of(chain, Side::Upstream, "upstream_tls.certificate");
    let file = [&tls.certificate, &tls.ca].into_iter().flatten().next().unwrap_or(&origin.file).clone();
    let name = tls.mode == UpstreamTlsMode::VerifyFull;
    let trust = match &tls.ca {
        None => Ok(Trust::Anyone),
        Some(ca) => authorities(ca, name).map(Trust::Authorities),
    };
    let trust = trust.map_err(|cause| vec![origin.problem(&path.key("ca"), cause)])?;
    let verifier = Arc::new(Verifier { provider: provider(), trust });
    let config = connecting(verifier, tls.minimum_version, own, protocol_names(listener.protocol));
    let setting = if tls.certificate.is_some() { "certificate" } else { "ca" };
    let refused = |source| vec![origin.problem(&path.key(setting), Cause::Tls { path: file, source })];
    let config = config.map_err(refused)?;
    let ready = match tls.mode {
        UpstreamTlsMode::Disable | UpstreamTlsMode::Prefer => ready::UpstreamTls::Prefer(config),
        UpstreamTlsMode::Require | UpstreamTlsMode::VerifyCa | UpstreamTlsMode::VerifyFull => {
            ready::UpstreamTls::Require(config)
        }
    };
    Ok((ready, expiries))
}

/// TLS towards somebody who must show who he is: by the certificates in `ca`, or without those by the
/// system's list of public authorities.
pub(super) fn checked(ca: Option<&FilePath>) -> Result<Arc<ClientConfig>, Cause> {
    let plainly = |verifier| connecting(verifier, LowestTls::V1_2, None, Vec::new());
    let Some(file) = ca else {
        let public = rustls_platform_verifier::Verifier::new(provider()).map_err(|_| Cause::NoAuthorities)?;
        return plainly(Arc::new(public)).map_err(|_| Cause::NoAuthorities);
    };
    let trust = Trust::Authorities(authorities(file, true)?);
    plainly(Arc::new(Verifier { provider: provider(), trust }))
        .map_err(|source| Cause::Tls { path: file.to_path_buf(), source })
}

fn authorities(file: &FilePath, name: bool) -> Result<Authorities, Cause> {
    let own = certificates(file)?;
    Ok(Authorities { roots: roots(&own, file)?, own, name })
}

fn roots(own: &[CertificateDer<'static>], file: &FilePath) -> Result<RootCertStore, Cause> {
    let mut roots = RootCertStore::empty();
    for certificate in own {
        let refused = |source| Cause::Tls { path: file.to_path_buf(), source };
        roots.add(certificate.clone()).map_err(refused)?;
    }
    Ok(roots)
}

fn connecting(
    verifier: Arc<dyn ServerCertVerifier>,
    lowest: LowestTls,
    own: Option<Identity>,
    protocol_names: Vec<Vec<u8>>,
) -> Result<Arc<ClientConfig>, rustls::Error> {
    let builder = ClientConfig::builder_with_provider(provider()).with_protocol_versions(versions(lowest))?;
    let builder = builder.dangerous().with_custom_certificate_verifier(verifier);
    let mut config = match own {
        Some(Identity { chain, key }) => builder.with_client_auth_cert(chain, key)?,
        None => builder.with_no_client_auth(),
    };
    config.alpn_protocols = protocol_names;
    // PostgreSQL's server hands out no tickets: a store for them would only be a lock all threads
    // share.
    config.resumption = Resumption::disabled();
    Ok(Arc::new(config))
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(aws_lc_rs::default_provider())
}

fn read(file: &FilePath) -> Result<Vec<u8>, Cause> {
    read_file(file).map_err(|fault| Cause::File { path: file.to_path_buf(), fault })
}

fn certificates(file: &FilePath) -> Result<Certificates, Cause> {
    let bytes = read(file)?;
    let found = CertificateDer::pem_slice_iter(&bytes).collect::<Result<Vec<_>, _>>().unwrap_or_default();
    if found.is_empty() {
        return Err(Cause::NotPem { path: file.to_path_buf(), what: "certificate" });
    }
    Ok(found)
}

fn revocation_lists(file: &FilePath) -> Result<Vec<CertificateRevocationListDer<'static>>, Cause> {
    let bytes = read(file)?;
    let lists = CertificateRevocationListDer::pem_slice_iter(&bytes).collect::<Result<Vec<_>, _>>();
    // A file without any would check nothing.
    lists.ok().filter(|lists| !lists.is_empty()).ok_or(Cause::NotPem { path: file.to_path_buf(), what: LIST })
}

fn private_key(file: &FilePath) -> Result<PrivateKeyDer<'static>, Cause> {
    let bytes = read(file)?;
    let key = PrivateKeyDer::from_pem_slice(&bytes)
        .map_err(|_| Cause::NotPem { path: file.to_path_buf(), what: "private key" })?;
    // Looked at here, so that a key of a kind we do not know is told as the key's fault.
    match aws_lc_rs::default_provider().key_provider.load_private_key(key.clone_key()) {
        Ok(_) => Ok(key),
        Err(source) => Err(Cause::Tls { path: file.to_path_buf(), source }),
    }
}
