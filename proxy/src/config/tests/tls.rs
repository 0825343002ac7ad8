//! Do certificates, keys and the modes of TLS mean what they say? Tried with real handshakes, in
//! memory.

use super::super::{Config, listeners, load};
use super::LISTENER;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer,
    KeyPair, date_time_ymd,
};
use relay::settings::{Asked, Expiry, ListenerSettings, Side, UpstreamTls};
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, Connection, ServerConfig, ServerConnection};
use std::path::PathBuf;
use std::sync::Arc;
use tempfile::TempDir;

/// A folder with a settings file and what it names.
struct Folder(TempDir);

impl Folder {
    fn new() -> Folder {
        Folder(tempfile::tempdir().unwrap())
    }

    fn write(&self, name: &str, content: &str) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, content).unwrap();
        path
    }

    fn config(&self, tables: &str) -> Config {
        let path = self.write("gateway.toml", &format!("{LISTENER}{tables}"));
        load(&path, std::iter::empty()).unwrap()
    }

    fn listener(&self, tables: &str) -> ListenerSettings {
        listeners(&self.config(tables)).unwrap().remove(0)
    }

    /// What is said about certificates and keys, with the folder's name left out.
    fn mistake(&self, tables: &str) -> String {
        let text = listeners(&self.config(tables)).unwrap_err().to_string();
        text.replace(&format!("{}/", self.0.path().display()), "")
    }

    /// A certificate and its key, `NAME.pem` and `NAME.key`.
    fn certify(&self, name: &str, parameters: CertificateParams, issuer: Option<&Issuer<'_, KeyPair>>) {
        let key = KeyPair::generate().unwrap();
        let certificate = match issuer {
            Some(issuer) => parameters.signed_by(&key, issuer).unwrap(),
            None => parameters.self_signed(&key).unwrap(),
        };
        self.write(&format!("{name}.pem"), &certificate.pem());
        self.write(&format!("{name}.key"), &key.serialize_pem());
    }

    fn server(&self, name: &str) -> Arc<ServerConfig> {
        let tables = format!("[listener.tls]\ncertificate = '{name}.pem'\nkey = '{name}.key'");
        self.listener(&tables).client_tls.config.unwrap()
    }

    fn client(&self, mode: &str, ca: Option<&str>) -> Arc<ClientConfig> {
        let ca = ca.map(|ca| format!("ca = '{ca}.pem'")).unwrap_or_default();
        match self.listener(&format!("[listener.upstream_tls]\nmode = '{mode}'\n{ca}")).upstream_tls {
            UpstreamTls::Prefer(config) | UpstreamTls::Require(config) => config,
            UpstreamTls::Disable => panic!("no TLS in mode {mode}"),
        }
    }
}

fn named(names: &[&str]) -> CertificateParams {
    let mut parameters =
        CertificateParams::new(names.iter().map(|name| name.to_string()).collect::<Vec<_>>()).unwrap();
    parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    parameters
}

fn authority(folder: &Folder, name: &str) -> CertifiedIssuer<'static, KeyPair> {
    let mut parameters = CertificateParams::default();
    parameters.distinguished_name.push(DnType::CommonName, name);
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let issuer = CertifiedIssuer::self_signed(parameters, KeyPair::generate().unwrap()).unwrap();
    folder.write(&format!("{name}.pem"), &issuer.pem());
    issuer
}

fn pair(client: &Arc<ClientConfig>, server: &Arc<ServerConfig>) -> (Connection, Connection) {
    let name = ServerName::try_from("db.internal").unwrap();
    let client = ClientConnection::new(Arc::clone(client), name).unwrap();
    (client.into(), ServerConnection::new(Arc::clone(server)).unwrap().into())
}

/// Carries bytes both ways until nobody has anything to say.
fn shake(one: &mut Connection, other: &mut Connection) -> Result<(), rustls::Error> {
    while one.wants_write() || other.wants_write() {
        carry(one, other)?;
        carry(other, one)?;
    }
    assert!(!one.is_handshaking() && !other.is_handshaking());
    Ok(())
}

fn carry(from: &mut Connection, to: &mut Connection) -> Result<usize, rustls::Error> {
    let mut bytes = Vec::new();
    while from.wants_write() {
        from.write_tls(&mut bytes).unwrap();
    }
    let mut rest = bytes.as_slice();
    while !rest.is_empty() {
        to.read_tls(&mut rest).unwrap();
        to.process_new_packets()?;
    }
    Ok(bytes.len())
}

fn meet(client: &Arc<ClientConfig>, server: &Arc<ServerConfig>) -> Result<(), String> {
    let (mut client, mut server) = pair(client, server);
    shake(&mut client, &mut server).map_err(|error| error.to_string())
}

#[test]
fn each_mode_checks_the_upstream_as_far_as_it_says() {
    let folder = Folder::new();
    let ours = authority(&folder, "ours");
    authority(&folder, "foreign");
    folder.certify("right", named(&["db.internal"]), Some(&ours));
    folder.certify("named-otherwise", named(&["other.internal"]), Some(&ours));
    let mut expired = named(&["db.internal"]);
    expired.not_after = date_time_ymd(2020, 1, 1);
    folder.certify("expired", expired, Some(&ours));
    let check = |mode: &str, ca: Option<&str>, server: &str, expected: Result<(), &str>| {
        let result = meet(&folder.client(mode, ca), &folder.server(server));
        match (result, expected) {
            (Ok(()), Ok(())) => {}
            (Err(error), Err(part)) if error.contains(part) => {}
            (result, expected) => panic!("{mode} with {ca:?} meets {server}: {result:?}, not {expected:?}"),
        }
    };
    for server in ["right", "named-otherwise", "expired"] {
        check("prefer", None, server, Ok(()));
        check("require", None, server, Ok(()));
    }
    check("verify-ca", Some("ours"), "right", Ok(()));
    check("verify-ca", Some("ours"), "named-otherwise", Ok(()));
    check("verify-ca", Some("ours"), "expired", Err("expired"));
    check("verify-ca", Some("foreign"), "right", Err("UnknownIssuer"));
    check("verify-full", Some("ours"), "right", Ok(()));
    check("verify-full", Some("ours"), "named-otherwise", Err("not valid for name"));
    check("verify-full", Some("foreign"), "right", Err("UnknownIssuer"));
}

#[test]
fn a_self_signed_certificate_vouches_for_itself_when_it_is_listed() {
    let folder = Folder::new();
    // As `openssl req -x509` makes them: an authority by its own word.
    let parameters = || {
        let mut parameters = CertificateParams::new(vec![String::from("db.internal")]).unwrap();
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        parameters
    };
    folder.certify("own", parameters(), None);
    folder.certify("twin", parameters(), None);
    let mut expired = parameters();
    expired.not_after = date_time_ymd(2020, 1, 1);
    folder.certify("expired", expired, None);
    for mode in ["verify-ca", "verify-full"] {
        assert_eq!(meet(&folder.client(mode, Some("own")), &folder.server("own")), Ok(()), "{mode}");
        assert!(meet(&folder.client(mode, Some("own")), &folder.server("twin")).is_err(), "{mode}");
        assert!(meet(&folder.client(mode, Some("expired")), &folder.server("expired")).is_err(), "{mode}");
    }
}

#[test]
fn a_server_must_hold_the_key_of_the_certificate_it_shows() {
    let folder = Folder::new();
    folder.certify("right", named(&["db.internal"]), None);
    let chain = folder.server("right");
    // A server that shows a certificate of which it holds no key, in both versions of TLS.
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let provider = rustls::crypto::aws_lc_rs::default_provider();
        let stranger = KeyPair::generate().unwrap();
        let key =
            provider.key_provider.load_private_key(stranger.serialize_der().try_into().unwrap()).unwrap();
        let pem = std::fs::read(folder.0.path().join("right.pem")).unwrap();
        let shown: rustls::pki_types::CertificateDer<'static> =
            rustls::pki_types::pem::PemObject::from_pem_slice(&pem).unwrap();
        let certified = rustls::sign::CertifiedKey::new(vec![shown], key);
        let resolver = rustls::sign::SingleCertAndKey::from(certified);
        let server = ServerConfig::builder_with_provider(Arc::new(provider))
            .with_protocol_versions(&[version])
            .unwrap()
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(resolver));
        let error = meet(&folder.client("require", None), &Arc::new(server)).unwrap_err();
        assert!(error.contains("BadSignature"), "{error}");
        assert_eq!(meet(&folder.client("require", None), &chain), Ok(()));
    }
}

#[test]
fn records_have_at_most_eight_kibibytes_and_the_protocol_has_its_name() {
    let folder = Folder::new();
    folder.certify("right", named(&["db.internal"]), None);
    let server = folder.server("right");
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let mut client =
            ClientConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
                .with_protocol_versions(&[version])
                .unwrap()
                .with_root_certificates(roots(&folder, "right"))
                .with_no_client_auth();
        client.alpn_protocols = vec![b"postgresql".to_vec()];
        let (mut client, mut server) = pair(&Arc::new(client), &server);
        shake(&mut client, &mut server).unwrap();
        assert_eq!(client.alpn_protocol(), Some(b"postgresql".as_slice()));
        std::io::Write::write_all(&mut server.writer(), &[0; 30_000]).unwrap();
        let mut sent = Vec::new();
        while server.wants_write() {
            server.write_tls(&mut sent).unwrap();
        }
        let mut lengths = Vec::new();
        let mut rest = sent.as_slice();
        // A record: one byte of type, two of version, two of length, then so many (RFC 8446 5.1).
        while let [_, _, _, high, low, body @ ..] = rest {
            let length = usize::from(u16::from_be_bytes([*high, *low]));
            lengths.push(length + 5);
            rest = &body[length..];
        }
        let largest = lengths.iter().copied().max().unwrap();
        assert!(largest <= 8192 && largest > 8100, "{lengths:?}");
    }
}

fn roots(folder: &Folder, name: &str) -> rustls::RootCertStore {
    let pem = std::fs::read(folder.0.path().join(format!("{name}.pem"))).unwrap();
    let mut roots = rustls::RootCertStore::empty();
    roots.add(rustls::pki_types::pem::PemObject::from_pem_slice(&pem).unwrap()).unwrap();
    roots
}

#[test]
fn the_mode_says_whether_clients_may_or_must_use_tls() {
    let folder = Folder::new();
    folder.certify("right", named(&["db.internal"]), None);
    let check = |mode: &str, required: bool, present: bool| {
        let files = "certificate = 'right.pem'\nkey = 'right.key'";
        let tls = folder.listener(&format!("[listener.tls]\n{mode}\n{files}")).client_tls;
        assert_eq!(
            (tls.required, tls.config.is_some(), tls.certificate.is_some()),
            (required, present, present)
        );
    };
    check("", false, true);
    check("mode = 'prefer'", false, true);
    check("mode = 'require'", true, true);
    check("mode = 'disable'", false, false);
}

#[test]
fn files_that_hold_something_else_are_told() {
    let folder = Folder::new();
    folder.certify("one", named(&["db.internal"]), None);
    folder.certify("two", named(&["db.internal"]), None);
    folder.write("empty.pem", "");
    folder.write("broken.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    folder.write(
        "locked.key",
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n",
    );
    folder.write("broken.key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
    let server = |certificate: &str, key: &str| {
        folder.mistake(&format!("[listener.tls]\ncertificate = '{certificate}'\nkey = '{key}'"))
    };
    let first = "1 mistake in the settings\ngateway.toml:";
    assert_eq!(
        server("one.pem", "two.key"),
        format!(
            "{first}6:15: listener[shop].tls.certificate: the file `one.pem` cannot be used: \
             keys may not be consistent: KeyMismatch\n    \
             hint: the key must be that of the first certificate in `certificate`"
        )
    );
    assert_eq!(
        server("empty.pem", "one.key"),
        format!(
            "{first}6:15: listener[shop].tls.certificate: the file `empty.pem` holds no certificate in PEM form\n    \
             hint: it needs a block `-----BEGIN CERTIFICATE-----`"
        )
    );
    assert_eq!(
        server("one.pem", "locked.key"),
        format!(
            "{first}7:7: listener[shop].tls.key: the file `locked.key` holds no private key in PEM form\n    \
             hint: it needs a block `-----BEGIN PRIVATE KEY-----` that is not encrypted"
        )
    );
    let error = server("one.pem", "broken.key");
    assert!(
        error.starts_with(&format!(
            "{first}7:7: listener[shop].tls.key: the file `broken.key` cannot be used: "
        ))
    );
    let error = server("broken.pem", "one.key");
    assert!(
        error.starts_with(&format!(
            "{first}6:15: listener[shop].tls.certificate: the file `broken.pem` cannot be used: "
        )),
        "{error}"
    );
    let error = folder.mistake("[listener.upstream_tls]\nmode = 'verify-ca'\nca = 'broken.pem'");
    assert!(
        error.starts_with(&format!(
            "{first}7:6: listener[shop].upstream_tls.ca: the file `broken.pem` cannot be used: "
        )),
        "{error}"
    );
    let error = folder.mistake("[listener.upstream_tls]\nmode = 'verify-ca'\nca = '/'");
    assert!(
        error
            .starts_with(&format!("{first}7:6: listener[shop].upstream_tls.ca: the file `/` is a directory")),
        "{error}"
    );
}

#[test]
fn authorities_and_lists_that_hold_something_else_are_told() {
    let folder = Folder::new();
    folder.certify("one", named(&["db.internal"]), None);
    authority(&folder, "clients");
    folder.write("broken.crl", "-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n");
    let told = |more: &str| {
        folder.mistake(&format!("[listener.tls]\ncertificate = 'one.pem'\nkey = 'one.key'\n{more}"))
    };
    let list = "hint: it needs a block `-----BEGIN X509 CRL-----` for each authority";
    let with = "client_ca = 'clients.pem'\n";
    for (more, expected) in [
        (
            "client_ca = 'gone.pem'".to_owned(),
            "8:13: listener[shop].tls.client_ca: the file `gone.pem` does not exist",
        ),
        (
            "client_ca = 'one.key'".to_owned(),
            "8:13: listener[shop].tls.client_ca: the file `one.key` holds no certificate in PEM form",
        ),
        (
            format!("{with}client_crl = 'clients.pem'"),
            "9:14: listener[shop].tls.client_crl: the file `clients.pem` holds no list of revoked certificates in PEM form",
        ),
        (
            format!("{with}client_crl = 'broken.crl'"),
            "9:14: listener[shop].tls.client_crl: the file `broken.crl` holds no list of revoked certificates in PEM form",
        ),
    ] {
        let text = told(&more);
        assert!(text.contains(expected), "{text}");
        assert_eq!(text.contains(list), more.contains("crl"), "{text}");
    }
    let text = folder.mistake("[listener.upstream_tls]\ncertificate = 'clients.pem'\nkey = 'one.key'");
    assert!(
        text.contains("6:15: listener[shop].upstream_tls.certificate: the file `clients.pem` cannot be used"),
        "{text}"
    );
}

#[test]
fn what_is_asked_of_clients_follows_from_the_authority() {
    let folder = Folder::new();
    folder.certify("one", named(&["db.internal"]), None);
    authority(&folder, "clients");
    let asked = |more: &str| {
        let files = "certificate = 'one.pem'\nkey = 'one.key'";
        let tls = folder.listener(&format!("{more}\n[listener.tls]\n{files}")).client_tls;
        (tls.asked, tls.names_user)
    };
    assert_eq!(asked(""), (Asked::Never, false));
    let tls = |more: &str| {
        let files = "certificate = 'one.pem'\nkey = 'one.key'\nclient_ca = 'clients.pem'";
        folder.listener(&format!("[listener.tls]\n{files}\n{more}")).client_tls
    };
    assert_eq!(tls("").asked, Asked::Required);
    assert_eq!(tls("client_certificate = 'require'").asked, Asked::Required);
    assert_eq!(tls("client_certificate = 'optional'").asked, Asked::Optional);
    assert!(tls("[listener.authentication]\ncertificate = 'user'").names_user);
    assert!(!tls("[listener.authentication]\ncertificate = 'ignore'").names_user);
}

#[test]
fn the_digest_changes_with_everything_that_tls_depends_on() {
    let folder = Folder::new();
    folder.certify("one", named(&["db.internal"]), None);
    folder.certify("two", named(&["db.internal"]), None);
    authority(&folder, "clients");
    authority(&folder, "others");
    let digest = |name: &str, more: &str| {
        let files = format!("certificate = '{name}.pem'\nkey = '{name}.key'");
        folder.listener(&format!("[listener.tls]\n{files}\n{more}")).client_tls.digest
    };
    assert_eq!(digest("one", ""), digest("one", "mode = 'require'"));
    let all = [
        digest("one", ""),
        digest("two", ""),
        digest("one", "minimum_version = '1.3'"),
        digest("one", "client_ca = 'clients.pem'"),
        digest("one", "client_ca = 'others.pem'"),
    ];
    for (position, one) in all.iter().enumerate() {
        assert!(!all[..position].contains(one), "{position}");
    }
    assert_eq!(all[3], digest("one", "client_ca = 'clients.pem'\nclient_certificate = 'optional'"));
}

#[test]
fn what_expires_is_known_of_both_sides() {
    let folder = Folder::new();
    let ours = authority(&folder, "ours");
    let until = |year| {
        let mut parameters = named(&["db.internal"]);
        parameters.not_after = date_time_ymd(year, 1, 1);
        parameters
    };
    folder.certify("server", until(2031), Some(&ours));
    folder.certify("gateway", until(2032), Some(&ours));
    // A chain holds no longer than what is in it.
    let chain = ["server", "ours"]
        .map(|name| std::fs::read_to_string(folder.0.path().join(format!("{name}.pem"))).unwrap());
    folder.write("server.pem", &chain.concat());
    let settings = folder.listener(
        "[listener.tls]\ncertificate = 'server.pem'\nkey = 'server.key'\n\
         [listener.upstream_tls]\ncertificate = 'gateway.pem'\nkey = 'gateway.key'",
    );
    let expiry = |side, setting, at| Expiry { side, setting, at };
    assert_eq!(
        &*settings.expiries,
        [
            expiry(Side::Client, "tls.certificate", 1_924_992_000),
            expiry(Side::Upstream, "upstream_tls.certificate", 1_956_528_000)
        ]
    );
    assert!(folder.listener("").expiries.is_empty());
}
