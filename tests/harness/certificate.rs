//! Which certificates do servers, gateways and clients show in the tests?

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A certificate, its key and the authority that signed it, as files.
#[derive(Clone, Debug)]
pub struct Certificate {
    /// The authority.
    pub authority: PathBuf,
    /// The certificate.
    pub certificate: PathBuf,
    /// Its key.
    pub key: PathBuf,
}

impl Certificate {
    /// The files of a certificate made before.
    pub fn in_folder(folder: &Path) -> Certificate {
        Certificate {
            authority: folder.join("authority.pem"),
            certificate: folder.join("server.pem"),
            key: folder.join("server.key"),
        }
    }

    /// Makes a new authority and a certificate for this machine.
    pub fn make(folder: &Path) -> Certificate {
        let files = Certificate::in_folder(folder);
        let authority_key = KeyPair::generate().expect("a key");
        let mut parameters = CertificateParams::new(vec![]).expect("parameters");
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = parameters.self_signed(&authority_key).expect("an authority");
        let key = KeyPair::generate().expect("a key");
        let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
        let leaf = CertificateParams::new(names).expect("parameters");
        let certificate =
            leaf.signed_by(&key, &Issuer::new(parameters, authority_key)).expect("a certificate");
        std::fs::write(&files.authority, authority.pem()).expect("the authority is written");
        std::fs::write(&files.certificate, certificate.pem()).expect("the certificate is written");
        std::fs::write(&files.key, key.serialize_pem()).expect("the key is written");
        files
    }

    /// What a client that trusts only this authority uses, offering `protocols` by ALPN.
    pub fn client_config(&self, protocols: &[&str]) -> Arc<rustls::ClientConfig> {
        self.client_config_with(rustls::DEFAULT_VERSIONS, protocols)
    }

    /// [`Certificate::client_config`] for a client that knows only these versions of TLS.
    pub fn client_config_with(
        &self,
        versions: &[&'static rustls::SupportedProtocolVersion],
        protocols: &[&str],
    ) -> Arc<rustls::ClientConfig> {
        use rustls::pki_types::{CertificateDer, pem::PemObject};
        let mut roots = rustls::RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(&self.authority).expect("the authority")).expect("a root");
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let builder = rustls::ClientConfig::builder_with_provider(provider);
        let builder = builder.with_protocol_versions(versions).expect("versions");
        let mut config = builder.with_root_certificates(roots).with_no_client_auth();
        config.alpn_protocols = protocols.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
        Arc::new(config)
    }
}
