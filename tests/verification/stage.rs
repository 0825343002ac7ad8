//! What stands around a gateway that verifies logins: a server with every kind of role, and certificates for all?

use crate::harness::certificate::Certificate;
use crate::harness::eventually;
use crate::harness::gateway::Plan;
use crate::harness::server::{PASSWORD, Server, rows};
use crate::harness::wire::{VERSION_3_0, Wire, first_error};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, SignatureAlgorithm};
use rustls::pki_types::{PrivatePkcs8KeyDer, pem::PemObject};
use std::fs::Permissions;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};

/// Beside `app` (SCRAM), `hashed` (MD5), `clear` (SCRAM, and pg_hba.conf asks for the password itself) and `trusted`
/// (nothing, and pg_hba.conf asks for nothing).
const ROLES: [&str; 6] = [
    "CREATE ROLE keeper LOGIN PASSWORD 'correct-horse-7391'",
    "GRANT SELECT (rolname, rolpassword, rolcanlogin, rolvaliduntil) ON pg_catalog.pg_authid TO keeper",
    "CREATE ROLE lapsed LOGIN PASSWORD 'correct-horse-7391' VALID UNTIL '2001-01-01'",
    "CREATE ROLE retired NOLOGIN PASSWORD 'correct-horse-7391'",
    "CREATE ROLE blank LOGIN",
    "CREATE ROLE badge LOGIN",
];

/// `badge` logs in by a certificate of the gateway's, which is mapped to it.
const ACCESS: &str = "
hostssl   all badge 127.0.0.1/32 cert map=people
hostnossl all badge 127.0.0.1/32 reject
";

/// A certificate and its key.
pub struct Person {
    pub certificate: PathBuf,
    pub key: PathBuf,
}

pub struct Stage {
    pub server: Server,
    /// What the listener shows.
    pub own: Certificate,
    /// Who vouches for the two below, at the listener and at the server.
    pub authority: PathBuf,
    pub badge: Person,
    gateway: Person,
    folder: tempfile::TempDir,
}

impl Stage {
    pub fn set(version: &str) -> Stage {
        let folder = tempfile::Builder::new().prefix("dragoman-verification-").tempdir().expect("a folder");
        std::fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).expect("permissions");
        let own = Certificate::make(folder.path());
        let (authority, [gateway, badge]) = people(folder.path());
        let trusts = authority.to_str().expect("a path");
        let server = Server::start_with(version, &[("ssl_ca_file", trusts), ("log_connections", "on")]);
        let stage = Stage { server, own, authority, badge, gateway, folder };
        stage.admit_badge();
        let mut wire = Wire::login_to(stage.server.port, "trusted", "postgres");
        for statement in ROLES {
            rows(&mut wire, statement);
        }
        std::fs::write(stage.file("keeper"), PASSWORD).expect("the probe's password");
        stage
    }

    fn admit_badge(&self) {
        let data = self.server.certificate().authority.with_file_name("pg_hba.conf");
        let rules = std::fs::read_to_string(&data).expect("the rules");
        std::fs::write(&data, format!("{ACCESS}{rules}")).expect("the rules are written");
        std::fs::write(data.with_file_name("pg_ident.conf"), "people gateway badge\n").expect("the map");
        self.server.ask("SELECT pg_reload_conf()");
        eventually("the server has read its rules", || {
            let frames =
                Wire::connect(self.server.port).open(VERSION_3_0, &[("user", "badge"), ("database", "shop")]);
            (first_error(&frames).as_deref() == Some("28000")).then_some(())
        });
    }

    /// A file beside the certificates.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A gateway that verifies, with what `more` says of it.
    pub fn verifying(&self, more: &str) -> Plan {
        self.verifying_before(self.server.port, more)
    }

    /// The same before another port.
    pub fn verifying_before(&self, port: u16, more: &str) -> Plan {
        let lines = format!("mode = \"verify\"\ncertificate = \"user\"\n{more}");
        limitless(port).table("listener.authentication", &lines).table("listener.tls", &self.tls(&self.own))
    }

    /// Whom it asks as when it looks verifiers up.
    pub fn probe(&self) -> String {
        format!("user = 'keeper'\npassword = {{ file = '{}' }}", self.file("keeper").display())
    }

    /// Such a gateway, with TLS to the server or without.
    pub fn looking_up(&self, upstream_tls: bool) -> Plan {
        let mode = if upstream_tls { "require" } else { "disable" };
        let shows = if upstream_tls { self.shows_upstream() } else { String::new() };
        self.verifying("")
            .table("listener.probe", &self.probe())
            .table("listener.upstream_tls", &format!("mode = '{mode}'\n{shows}"))
    }

    /// A gateway that looks verifiers up and shows a certificate of this kind.
    pub fn showing(&self, algorithm: &'static SignatureAlgorithm) -> Plan {
        limitless(self.server.port)
            .table("listener.authentication", "mode = 'verify'")
            .table("listener.tls", &self.tls(&self.shown(algorithm)))
            .table("listener.probe", &self.probe())
            .upstream_tls("require")
    }

    /// Lets the server show an Ed25519 certificate, from the next connection on.
    pub fn let_server_show_ed25519(&self) {
        let Certificate { certificate, key, .. } = self.shown(&rcgen::PKCS_ED25519);
        // OpenSSL reads the older form of such a key only: a head and the 32 bytes of the key (RFC 8410).
        const HEAD: [u8; 16] = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];
        let newer = PrivatePkcs8KeyDer::from_pem_file(&key).expect("the key");
        let older = [&HEAD, &newer.secret_pkcs8_der()[16..48]].concat();
        let text = STANDARD.encode(older);
        let text = format!("-----BEGIN PRIVATE KEY-----\n{text}\n-----END PRIVATE KEY-----\n");
        std::fs::write(&key, text).expect("the key is written");
        let data = self.server.certificate().authority;
        let owner = std::fs::metadata(data.parent().expect("its folder")).expect("the data directory");
        std::fs::set_permissions(&key, Permissions::from_mode(0o600)).expect("permissions");
        chown(&key, Some(owner.uid()), Some(owner.gid())).expect("the owner is the server's");
        let mut wire = Wire::login(self.server.port, "trusted");
        for (name, file) in [("ssl_cert_file", certificate), ("ssl_key_file", key)] {
            rows(&mut wire, &format!("ALTER SYSTEM SET {name} = '{}'", file.display()));
        }
        rows(&mut wire, "SELECT pg_reload_conf()");
        let trusts = Certificate { authority: self.file("shown.pem"), ..self.own.clone() }.client_config(&[]);
        eventually("the server shows it", || Wire::connect_tls(self.server.port, trusts.clone()).ok());
    }

    fn shown(&self, algorithm: &'static SignatureAlgorithm) -> Certificate {
        let key = KeyPair::generate_for(algorithm).expect("a key");
        let parameters = CertificateParams::new(vec!["localhost".to_owned()]).expect("parameters");
        let certificate = parameters.self_signed(&key).expect("a certificate");
        let file = self.file("shown.pem");
        let files = Certificate { authority: file.clone(), certificate: file, key: self.file("shown.key") };
        std::fs::write(&files.certificate, certificate.pem()).expect("it is written");
        std::fs::write(&files.key, key.serialize_pem()).expect("its key is written");
        files
    }

    fn tls(&self, shown: &Certificate) -> String {
        let Certificate { certificate, key, .. } = shown;
        format!(
            "mode = 'prefer'\ncertificate = '{}'\nkey = '{}'\nclient_ca = '{}'\nclient_certificate = 'optional'",
            certificate.display(),
            key.display(),
            self.authority.display()
        )
    }

    fn shows_upstream(&self) -> String {
        let Person { certificate, key } = &self.gateway;
        format!("certificate = '{}'\nkey = '{}'", certificate.display(), key.display())
    }

    /// How often the server itself has refused a password of `user`.
    pub fn refused_by_server(&self, user: &str) -> usize {
        self.server.log().matches(&format!("password authentication failed for user \"{user}\"")).count()
    }

    /// What the server has stored for `user`.
    pub fn stored(&self, user: &str) -> String {
        self.server
            .ask(&format!("SELECT rolpassword FROM pg_authid WHERE rolname = '{user}'"))
            .expect("a password")
    }
}

/// All clients of a test come from one address, and many of them are to fail.
fn limitless(port: u16) -> Plan {
    Plan::before_port(port).table("listener.limits", "login_failures = 0")
}

/// An authority, and whom it vouches for: `gateway` and `badge`.
fn people(folder: &Path) -> (PathBuf, [Person; 2]) {
    let key = KeyPair::generate().expect("a key");
    let mut parameters = CertificateParams::new(vec![]).expect("parameters");
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    parameters.distinguished_name.push(DnType::CommonName, "people");
    let authority = parameters.self_signed(&key).expect("an authority");
    let file = folder.join("people.pem");
    std::fs::write(&file, authority.pem()).expect("the authority is written");
    let issuer = Issuer::new(parameters, key);
    let made = ["gateway", "badge"].map(|name| {
        let key = KeyPair::generate().expect("a key");
        let mut parameters = CertificateParams::new(vec![]).expect("parameters");
        parameters.distinguished_name.push(DnType::CommonName, name);
        let certificate = parameters.signed_by(&key, &issuer).expect("a certificate");
        let person = Person {
            certificate: folder.join(format!("{name}.pem")),
            key: folder.join(format!("{name}.key")),
        };
        std::fs::write(&person.certificate, certificate.pem()).expect("the certificate is written");
        std::fs::write(&person.key, key.serialize_pem()).expect("the key is written");
        // libpq reads no key that others may read.
        std::fs::set_permissions(&person.key, Permissions::from_mode(0o600)).expect("permissions");
        person
    });
    (file, made)
}
