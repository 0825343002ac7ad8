//! How is an upstream's certificate checked, in each of the modes PostgreSQL's own clients know?
//!
//! rustls by itself knows one way only: chain and name, and a certificate that says of itself that
//! it is an authority is refused as a server's. libpq's `sslmode` knows more, and people expect the
//! same words to mean the same things:
//! - `prefer` and `require` encrypt without asking who answers ([`Trust::Anyone`]);
//! - `verify-ca` checks the chain and not the name ([`Trust::Authorities`]);
//! - `verify-full` checks both;
//! - the server's own self-signed certificate may be the whole list of authorities.
//!
//! In every mode the server must prove that it holds the certificate's key: channel binding relies
//! on the certificate being the one of this connection.

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use std::sync::Arc;

/// Checks who answers, as far as the mode asks, and always that the server holds the key.
#[derive(Debug)]
pub(crate) struct Verifier {
    pub(crate) provider: Arc<CryptoProvider>,
    pub(crate) trust: Trust,
}

/// Whose certificates are taken.
#[derive(Debug)]
pub(crate) enum Trust {
    /// Everybody's.
    Anyone,
    /// Those that one of the authorities vouches for.
    Authorities(Authorities),
}

/// Who vouches for certificates.
#[derive(Debug)]
pub(crate) struct Authorities {
    pub(crate) roots: RootCertStore,
    /// The same as the roots, as they stand in the file: one may be the server's own.
    pub(crate) own: Vec<CertificateDer<'static>>,
    /// Whether the certificate must also name the server.
    pub(crate) name: bool,
}

impl Authorities {
    fn chain(
        &self,
        certificate: &ParsedCertificate<'_>,
        rest: Chain<'_>,
        provider: &CryptoProvider,
    ) -> Result<(), Error> {
        let known = &provider.signature_verification_algorithms;
        let result = verify_server_cert_signed_by_trust_anchor(
            certificate,
            &self.roots,
            rest.intermediates,
            rest.now,
            known.all,
        );
        match result {
            // webpki looks at the dates first and at this afterwards: what remains is a certificate
            // that is valid today, says it is an authority, and is listed byte for byte.
            Err(Error::InvalidCertificate(CertificateError::Other(reason)))
                if is_authority_as_server(&reason) && self.own.iter().any(|own| own == rest.certificate) =>
            {
                Ok(())
            }
            other => other,
        }
    }
}

fn is_authority_as_server(reason: &rustls::OtherError) -> bool {
    matches!(reason.0.downcast_ref::<webpki::Error>(), Some(webpki::Error::CaUsedAsEndEntity))
}

struct Chain<'a> {
    certificate: &'a CertificateDer<'a>,
    intermediates: &'a [CertificateDer<'a>],
    now: UnixTime,
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
            let parsed = ParsedCertificate::try_from(certificate)?;
            authorities.chain(&parsed, Chain { certificate, intermediates, now }, &self.provider)?;
            if authorities.name {
                verify_server_name(&parsed, name)?;
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
        let known = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, known)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let known = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, known)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
