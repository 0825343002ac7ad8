//! How is an upstream's certificate checked, in each of the modes PostgreSQL's own clients know?
//!
//! rustls by itself knows one way only: chain and name, and a certificate that says of itself that
//! it is an authority is refused as a server's. libpq's `sslmode` knows more, and people expect the
//! same words to mean the same things:
//! - `prefer` and `require` encrypt without asking who answers ([`Unchecked`]);
//! - `verify-ca` checks the chain and not the name ([`Checked`]);
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

/// Takes every certificate whose key the server holds.
#[derive(Debug)]
pub(crate) struct Unchecked {
    pub(crate) provider: Arc<CryptoProvider>,
}

/// Takes the certificates that one of the authorities vouches for.
#[derive(Debug)]
pub(crate) struct Checked {
    pub(crate) provider: Arc<CryptoProvider>,
    pub(crate) authorities: RootCertStore,
    /// The same as the authorities, as they stand in the file: one may be the server's own.
    pub(crate) own: Vec<CertificateDer<'static>>,
    /// Whether the certificate must also name the server.
    pub(crate) name: bool,
}

impl Checked {
    fn chain(&self, certificate: &ParsedCertificate<'_>, rest: Chain<'_>) -> Result<(), Error> {
        let known = &self.provider.signature_verification_algorithms;
        let result = verify_server_cert_signed_by_trust_anchor(
            certificate,
            &self.authorities,
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

impl ServerCertVerifier for Checked {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        _ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let parsed = ParsedCertificate::try_from(certificate)?;
        self.chain(&parsed, Chain { certificate, intermediates, now })?;
        if self.name {
            verify_server_name(&parsed, name)?;
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

impl ServerCertVerifier for Unchecked {
    fn verify_server_cert(
        &self,
        _certificate: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
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
