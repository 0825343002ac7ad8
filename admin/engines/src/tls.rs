//! How is a connection to a database encrypted, and whose certificate is taken?
//!
//! The modes mean what libpq's `sslmode` means. In each of them the server must prove that it holds
//! the certificate's key; what differs is whose certificate is taken. The provider of cryptography is
//! passed explicitly: what the process has installed as its default plays no part.

use crate::error::{EngineError, ErrorClass};
use crate::target::{Kind, Tls, TlsMode};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use std::sync::Arc;

/// Longest list of authorities, in bytes of PEM.
const AUTHORITIES_BYTES_MAX: usize = 1024 * 1024;

/// What rustls needs for `tls`; `None` where nothing is to be encrypted.
pub(crate) fn client_config(kind: Kind, tls: &Tls) -> Result<Option<ClientConfig>, EngineError> {
    let trust = match tls.mode {
        TlsMode::Disable => return Ok(None),
        TlsMode::Prefer | TlsMode::Require => Trust::Anyone,
        TlsMode::VerifyCa => Trust::Authorities(authorities(kind, tls, false)?),
        TlsMode::VerifyFull => Trust::Authorities(authorities(kind, tls, true)?),
    };
    let provider = Arc::new(aws_lc_rs::default_provider());
    // A handshake in packets of TDS 7 ends where TLS 1.2 says it does: 1.3 sends more of it later, outside of them.
    let versions = match kind {
        Kind::SqlServer => vec![&rustls::version::TLS12],
        Kind::Postgres | Kind::Mysql | Kind::Sqlite => rustls::DEFAULT_VERSIONS.to_vec(),
    };
    let builder = ClientConfig::builder_with_provider(provider.clone())
        .with_protocol_versions(&versions)
        .map_err(|error| {
            EngineError::new(ErrorClass::Tls, kind, "TLS cannot be set up").with_detail(error.to_string())
        })?;
    let verifier = Arc::new(Verifier { provider, trust });
    Ok(Some(builder.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth()))
}

fn authorities(kind: Kind, tls: &Tls, name: bool) -> Result<Authorities, EngineError> {
    let bad = |message: &str| EngineError::new(ErrorClass::Tls, kind, message);
    let Some(pem) = tls.ca_pem.as_deref().filter(|pem| !pem.trim().is_empty()) else {
        return Err(bad("the authority's certificate is needed to verify the server's, and none is given"));
    };
    if pem.len() > AUTHORITIES_BYTES_MAX {
        return Err(bad("the list of authorities is too long"));
    }
    let mut roots = RootCertStore::empty();
    let mut own = Vec::new();
    for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
        let certificate = certificate.map_err(|_| bad("the authorities' certificates are no PEM"))?;
        roots.add(certificate.clone()).map_err(|_| bad("one of the authorities' certificates is broken"))?;
        own.push(certificate);
    }
    if own.is_empty() {
        return Err(bad("the authorities' PEM holds no certificate"));
    }
    Ok(Authorities { roots, own, name })
}

/// Checks who answers, as far as the mode asks.
#[derive(Debug)]
struct Verifier {
    provider: Arc<CryptoProvider>,
    trust: Trust,
}

#[derive(Debug)]
enum Trust {
    Anyone,
    Authorities(Authorities),
}

#[derive(Debug)]
struct Authorities {
    roots: RootCertStore,
    /// The same as they were given: one may be the server's own.
    own: Vec<CertificateDer<'static>>,
    /// Whether the certificate must also name the host.
    name: bool,
}

impl Verifier {
    fn chain(
        &self,
        authorities: &Authorities,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<(), Error> {
        let parsed = ParsedCertificate::try_from(certificate)?;
        let known = self.provider.signature_verification_algorithms.all;
        let result =
            verify_server_cert_signed_by_trust_anchor(&parsed, &authorities.roots, intermediates, now, known);
        match result {
            // A self-signed certificate that is listed byte for byte. webpki looks at its dates
            // before it says this.
            Err(Error::InvalidCertificate(CertificateError::Other(reason)))
                if matches!(reason.0.downcast_ref(), Some(webpki::Error::CaUsedAsEndEntity))
                    && authorities.own.iter().any(|own| own == certificate) =>
            {
                Ok(())
            }
            other => other,
        }
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        _ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if let Trust::Authorities(authorities) = &self.trust {
            self.chain(authorities, certificate, intermediates, now)?;
            if authorities.name {
                verify_server_name(&ParsedCertificate::try_from(certificate)?, name)?;
            }
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(
            message,
            certificate,
            signature,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(
            message,
            certificate,
            signature,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair};

    fn self_signed(name: &str) -> rcgen::Certificate {
        let mut parameters = CertificateParams::new(vec![name.to_owned()]).unwrap();
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        parameters.self_signed(&KeyPair::generate().unwrap()).unwrap()
    }

    fn verify(mode: TlsMode, authority: &rcgen::Certificate, shown: &rcgen::Certificate, name: &str) -> bool {
        let tls = Tls { mode, ca_pem: Some(authority.pem()) };
        let trust = authorities(Kind::Postgres, &tls, mode == TlsMode::VerifyFull).unwrap();
        let provider = Arc::new(aws_lc_rs::default_provider());
        let verifier = Verifier { provider, trust: Trust::Authorities(trust) };
        let name = ServerName::try_from(name.to_owned()).unwrap();
        verifier.verify_server_cert(shown.der(), &[], &name, &[], UnixTime::now()).is_ok()
    }

    #[test]
    fn a_servers_own_self_signed_certificate_is_trusted_where_it_is_listed_and_nowhere_else() {
        let (own, other) = (self_signed("db.example.com"), self_signed("db.example.com"));
        for mode in [TlsMode::VerifyCa, TlsMode::VerifyFull] {
            assert!(verify(mode, &own, &own, "db.example.com"), "{mode:?}");
            assert!(!verify(mode, &other, &own, "db.example.com"), "{mode:?}");
        }
        assert!(verify(TlsMode::VerifyCa, &own, &own, "elsewhere.example.com"));
        assert!(!verify(TlsMode::VerifyFull, &own, &own, "elsewhere.example.com"));
    }

    #[test]
    fn only_the_mode_that_disables_it_goes_without_tls() {
        let config = |mode| client_config(Kind::Mysql, &Tls { mode, ca_pem: None });
        assert!(config(TlsMode::Disable).unwrap().is_none());
        assert!(config(TlsMode::Prefer).unwrap().is_some());
        assert_eq!(config(TlsMode::VerifyFull).unwrap_err().class(), ErrorClass::Tls);
    }
}
