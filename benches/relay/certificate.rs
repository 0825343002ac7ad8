//! Which certificate do all lanes show, and who trusts it?

use super::failure::Failure;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::client::Resumption;
use rustls::{ClientConfig, RootCertStore};
use std::net::Ipv4Addr;
use std::sync::Arc;

/// A certificate for this machine, made for the run, as PEM.
pub struct Certificate {
    /// The certificate.
    pub chain: String,
    /// Its key.
    pub key: String,
    /// A client that trusts its authority and begins every session anew: what a lane holds for a
    /// session is not made cheaper by an earlier one.
    pub client: Arc<ClientConfig>,
}

impl Certificate {
    /// Makes an authority and a certificate that it signs.
    pub fn make() -> Result<Certificate, Failure> {
        let authority_key = KeyPair::generate()?;
        let mut parameters = CertificateParams::new(vec![])?;
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = parameters.self_signed(&authority_key)?;
        let key = KeyPair::generate()?;
        let leaf = CertificateParams::new(vec![Ipv4Addr::LOCALHOST.to_string()])?;
        let leaf = leaf.signed_by(&key, &Issuer::new(parameters, authority_key))?;
        let mut roots = RootCertStore::empty();
        roots.add(authority.der().clone())?;
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let builder = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS13])?;
        let mut client = builder.with_root_certificates(roots).with_no_client_auth();
        client.resumption = Resumption::disabled();
        Ok(Certificate { chain: leaf.pem(), key: key.serialize_pem(), client: Arc::new(client) })
    }
}
