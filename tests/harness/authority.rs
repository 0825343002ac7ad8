//! Which certificates do clients have in the tests, who vouches for them, and which were taken back?

use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, CertifiedIssuer, DnType,
    ExtendedKeyUsagePurpose, IsCa, KeyIdMethod, KeyPair, KeyUsagePurpose, RevokedCertParams, SanType,
    SerialNumber, date_time_ymd,
};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// An authority of a test's own.
pub struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    folder: PathBuf,
    /// Its certificate's file.
    pub file: PathBuf,
    /// What stands behind the certificates it signs.
    chain: String,
}

fn authority(name: &str) -> CertificateParams {
    let mut parameters = CertificateParams::default();
    parameters.distinguished_name.push(DnType::CommonName, name);
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    parameters
}

/// A certificate and its key, as files.
#[derive(Clone, Debug)]
pub struct Identity {
    /// The certificate.
    pub certificate: PathBuf,
    /// Its key.
    pub key: PathBuf,
}

/// The moment that is so many seconds from now, or ago.
macro_rules! in_seconds {
    ($seconds:expr) => {
        date_time_ymd(1970, 1, 1) + Duration::from_secs(now().saturating_add_signed($seconds))
    };
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs()
}

impl Authority {
    /// Makes one called `name`, whose files are in `folder`.
    pub fn make(folder: &Path, name: &str) -> Authority {
        let key = KeyPair::generate().expect("a key");
        let issuer = CertifiedIssuer::self_signed(authority(name), key).expect("an issuer");
        Authority::of(issuer, folder, name, false)
    }

    /// Makes one that this one vouches for: certificates come with its own behind them.
    pub fn below(&self, name: &str) -> Authority {
        let key = KeyPair::generate().expect("a key");
        let issuer = CertifiedIssuer::signed_by(authority(name), key, &self.issuer).expect("an issuer");
        Authority::of(issuer, &self.folder, name, true)
    }

    fn of(issuer: CertifiedIssuer<'static, KeyPair>, folder: &Path, name: &str, is_below: bool) -> Authority {
        let file = folder.join(format!("{name}.pem"));
        std::fs::write(&file, issuer.pem()).expect("the authority is written");
        let chain = if is_below { issuer.pem() } else { String::new() };
        Authority { issuer, folder: folder.to_owned(), file, chain }
    }

    /// A certificate for clients whose subject is `name`.
    pub fn client(&self, name: &str) -> Identity {
        self.client_with(name, |_| {})
    }

    /// The same, changed before it is signed.
    pub fn client_with(&self, name: &str, change: impl FnOnce(&mut CertificateParams)) -> Identity {
        let mut parameters = CertificateParams::default();
        parameters.distinguished_name = rcgen::DistinguishedName::new();
        parameters.distinguished_name.push(DnType::CommonName, name);
        parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        change(&mut parameters);
        let folder = tempfile::Builder::new().prefix(name).tempdir_in(&self.folder).expect("a folder").keep();
        std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o755)).expect("permissions");
        let key = KeyPair::generate().expect("a key");
        let certificate = parameters.signed_by(&key, &self.issuer).expect("a certificate");
        let files = Identity { certificate: folder.join("client.pem"), key: folder.join("client.key") };
        std::fs::write(&files.certificate, certificate.pem() + &self.chain)
            .expect("the certificate is written");
        std::fs::write(&files.key, key.serialize_pem()).expect("the key is written");
        std::fs::set_permissions(&files.key, std::fs::Permissions::from_mode(0o600)).expect("permissions");
        files
    }

    /// The same, which holds for so many seconds only.
    pub fn client_expiring(&self, name: &str, seconds: i64) -> Identity {
        self.client_with(name, |parameters| parameters.not_after = in_seconds!(seconds))
    }

    /// A certificate for this machine that a gateway shows, over `identity`'s files if there are any.
    pub fn server(&self, over: Option<&Identity>, expires_in: i64) -> Identity {
        let made = self.client_with("localhost", |parameters| {
            parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
            parameters.subject_alt_names = vec![SanType::DnsName("localhost".try_into().expect("a name"))];
            parameters.not_after = in_seconds!(expires_in);
        });
        let Some(over) = over else { return made };
        std::fs::copy(&made.certificate, &over.certificate).expect("the certificate is replaced");
        std::fs::copy(&made.key, &over.key).expect("the key is replaced");
        over.clone()
    }

    /// Writes the list of what it has taken back, by serial number, which holds for so many seconds.
    pub fn revoke(&self, file: &Path, serials: &[u64], expires_in: i64) {
        let revoked = |serial: &u64| RevokedCertParams {
            serial_number: SerialNumber::from(*serial),
            revocation_time: in_seconds!(-60),
            reason_code: None,
            invalidity_date: None,
        };
        let parameters = CertificateRevocationListParams {
            this_update: in_seconds!(-7_200),
            next_update: in_seconds!(expires_in),
            crl_number: SerialNumber::from(1u64),
            issuing_distribution_point: None,
            revoked_certs: serials.iter().map(revoked).collect(),
            key_identifier_method: KeyIdMethod::Sha256,
        };
        let list = parameters.signed_by(&self.issuer).expect("a list").pem().expect("its text");
        std::fs::write(file, list).expect("the list is written");
    }
}

impl Identity {
    /// What a client uses that trusts every authority in `trusted`, and shows this certificate.
    pub fn config(
        &self,
        versions: &[&'static rustls::SupportedProtocolVersion],
        trusted: &[&Path],
    ) -> Arc<rustls::ClientConfig> {
        config(versions, trusted, Some(self))
    }
}

/// What a client uses that trusts every authority in `trusted`, and shows a certificate if it has one. It keeps tickets.
pub fn config(
    versions: &[&'static rustls::SupportedProtocolVersion],
    trusted: &[&Path],
    shown: Option<&Identity>,
) -> Arc<rustls::ClientConfig> {
    use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
    let mut roots = rustls::RootCertStore::empty();
    for file in trusted {
        roots.add(CertificateDer::from_pem_file(file).expect("the authority")).expect("a root");
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = rustls::ClientConfig::builder_with_provider(provider).with_protocol_versions(versions);
    let builder = builder.expect("versions").with_root_certificates(roots);
    Arc::new(match shown {
        None => builder.with_no_client_auth(),
        Some(Identity { certificate, key }) => {
            let chain = CertificateDer::pem_file_iter(certificate).expect("the certificate");
            let chain = chain.map(|one| one.expect("a certificate")).collect();
            let key = PrivateKeyDer::from_pem_file(key).expect("the key");
            builder.with_client_auth_cert(chain, key).expect("an identity")
        }
    })
}
