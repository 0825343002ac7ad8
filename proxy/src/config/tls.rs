//! How do certificate files become what rustls takes?

use super::path::{Origin, Path};
use super::problem::{Cause, Problem};
use super::read_file;
use super::settings::{Tls, TlsMode, UpstreamTls, UpstreamTlsMode};
use super::verifier::{Authorities, Trust, Verifier};
use relay::settings as ready;
use rustls::client::Resumption;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, RootCertStore, ServerConfig, SupportedProtocolVersion};
use std::path::Path as FilePath;
use std::sync::Arc;

/// The name of PostgreSQL's protocol in TLS (ALPN), which clients of version 17 send.
const PROTOCOL_NAME: &[u8] = b"postgresql";

/// Largest TLS record we send, with all of its framing: a client can decrypt the first half of an
/// answer while the second is on its way.
const RECORD_BYTES_MAX: usize = 8 * 1024;
/// What encryption adds to a record at most, beyond its header: nonce and tag of TLS 1.2.
const RECORD_OVERHEAD_BYTES: usize = 24;

const VERSIONS: &[&SupportedProtocolVersion] = &[&TLS13, &TLS12];

/// TLS towards the client.
pub(crate) fn client(tls: &Tls, path: &Path, origin: &Origin) -> Result<ready::ClientTls, Vec<Problem>> {
    let required = tls.mode == Some(TlsMode::Require);
    let (Some(certificate), Some(key), None | Some(TlsMode::Prefer | TlsMode::Require)) =
        (&tls.certificate, &tls.key, tls.mode)
    else {
        return Ok(ready::ClientTls { required, config: None, certificate: None });
    };
    let problem = |key: &str, cause| origin.problem(&path.key(key), cause);
    let chain = certificates(certificate).map_err(|cause| problem("certificate", cause));
    let secret = private_key(key).map_err(|cause| problem("key", cause));
    let (chain, secret) = match (chain, secret) {
        (Ok(chain), Ok(secret)) => (chain, secret),
        (chain, secret) => return Err(chain.err().into_iter().chain(secret.err()).collect()),
    };
    let first = chain.first().map(|certificate| Arc::from(certificate.as_ref()));
    let refused = |source| vec![problem("certificate", Cause::Tls { path: certificate.clone(), source })];
    let config = server_config(chain, secret).map_err(refused)?;
    Ok(ready::ClientTls { required, config: Some(Arc::new(config)), certificate: first })
}

fn server_config(
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
) -> Result<ServerConfig, rustls::Error> {
    let builder = ServerConfig::builder_with_provider(provider()).with_protocol_versions(VERSIONS)?;
    let mut config = builder.with_no_client_auth().with_single_cert(chain, key)?;
    config.alpn_protocols = vec![PROTOCOL_NAME.to_vec()];
    config.max_fragment_size = Some(RECORD_BYTES_MAX - RECORD_OVERHEAD_BYTES);
    config.ticketer = aws_lc_rs::Ticketer::new()?;
    Ok(config)
}

/// TLS towards the upstream.
pub(crate) fn upstream(
    tls: &UpstreamTls,
    path: &Path,
    origin: &Origin,
) -> Result<ready::UpstreamTls, Vec<Problem>> {
    let config = || match &tls.ca {
        None => {
            client_config(Trust::Anyone).map_err(|source| Cause::Tls { path: origin.file.clone(), source })
        }
        Some(file) => {
            let authorities = authorities(file, tls.mode == UpstreamTlsMode::VerifyFull)?;
            client_config(Trust::Authorities(authorities))
                .map_err(|source| Cause::Tls { path: file.clone(), source })
        }
    };
    let told = |cause| vec![origin.problem(&path.key("ca"), cause)];
    Ok(match tls.mode {
        UpstreamTlsMode::Disable => ready::UpstreamTls::Disable,
        UpstreamTlsMode::Prefer => ready::UpstreamTls::Prefer(config().map_err(told)?),
        UpstreamTlsMode::Require | UpstreamTlsMode::VerifyCa | UpstreamTlsMode::VerifyFull => {
            ready::UpstreamTls::Require(config().map_err(told)?)
        }
    })
}

fn authorities(file: &FilePath, name: bool) -> Result<Authorities, Cause> {
    let own = certificates(file)?;
    let mut roots = RootCertStore::empty();
    for certificate in &own {
        let refused = |source| Cause::Tls { path: file.to_path_buf(), source };
        roots.add(certificate.clone()).map_err(refused)?;
    }
    Ok(Authorities { roots, own, name })
}

fn client_config(trust: Trust) -> Result<Arc<ClientConfig>, rustls::Error> {
    let verifier = Arc::new(Verifier { provider: provider(), trust });
    let builder = ClientConfig::builder_with_provider(provider()).with_protocol_versions(VERSIONS)?;
    let builder = builder.dangerous().with_custom_certificate_verifier(verifier);
    let mut config = builder.with_no_client_auth();
    // PostgreSQL's server hands out no tickets: a store for them would only be a lock all threads
    // share.
    config.resumption = Resumption::disabled();
    Ok(Arc::new(config))
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(aws_lc_rs::default_provider())
}

fn certificates(file: &FilePath) -> Result<Vec<CertificateDer<'static>>, Cause> {
    let bytes = read_file(file).map_err(|fault| Cause::File { path: file.to_path_buf(), fault })?;
    let found = CertificateDer::pem_slice_iter(&bytes).collect::<Result<Vec<_>, _>>().unwrap_or_default();
    if found.is_empty() {
        return Err(Cause::NotPem { path: file.to_path_buf(), what: "certificate" });
    }
    Ok(found)
}

fn private_key(file: &FilePath) -> Result<PrivateKeyDer<'static>, Cause> {
    let bytes = read_file(file).map_err(|fault| Cause::File { path: file.to_path_buf(), fault })?;
    let key = PrivateKeyDer::from_pem_slice(&bytes)
        .map_err(|_| Cause::NotPem { path: file.to_path_buf(), what: "private key" })?;
    // Looked at here, so that a key of a kind we do not know is told as the key's fault.
    match aws_lc_rs::default_provider().key_provider.load_private_key(key.clone_key()) {
        Ok(_) => Ok(key),
        Err(source) => Err(Cause::Tls { path: file.to_path_buf(), source }),
    }
}
