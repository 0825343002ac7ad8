//! Which server of NATS is meant, and how is it shown who asks?

use super::path::Path;
use super::problem::{Cause, ConfigError, Problem};
use super::settings::{Config, LedgerCopy, ReportStream, Secret};
use super::{UrlFault, address, invalid, secret, tls};
use crate::config::SecretText;
use crate::nats::{NatsLogin, NatsSettings};
use relay::settings::UpstreamAddress;
use std::net::IpAddr;
use std::path::PathBuf;

const ENCRYPTED: &str = "nats+tls://";
const PLAIN: &str = "nats://";
const REPORTS: &str = "dragoman.reports";

/// A server by its address.
#[derive(Debug)]
pub(super) struct Server {
    pub(super) host: Box<str>,
    pub(super) port: u16,
    pub(super) is_encrypted: bool,
}

/// Whether an address is of this kind.
pub(super) fn is_nats(text: &str) -> bool {
    text.starts_with(ENCRYPTED) || text.starts_with(PLAIN)
}

/// Reads `nats+tls://host:port`, or `nats://host:port` of this machine.
pub(super) fn server(text: &str) -> Result<Server, UrlFault> {
    let (rest, is_encrypted) = match text.strip_prefix(ENCRYPTED) {
        Some(rest) => (rest, true),
        None => (text.strip_prefix(PLAIN).ok_or(UrlFault::Scheme)?, false),
    };
    match address::server(rest.strip_suffix('/').unwrap_or(rest)) {
        Ok(UpstreamAddress::Tcp { host, port }) => {
            let is_here = *host == *"localhost" || host.parse::<IpAddr>().is_ok_and(|one| one.is_loopback());
            if is_encrypted || is_here {
                Ok(Server { host, port, is_encrypted })
            } else {
                Err(UrlFault::NotEncrypted)
            }
        }
        Ok(UpstreamAddress::Unix(_)) => Err(UrlFault::Host),
        Err(_) if rest.contains('@') => Err(UrlFault::Credentials),
        Err(_) => Err(UrlFault::Host),
    }
}

/// What is set to show who asks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Login<'a> {
    token: &'a Secret,
    user: &'a Option<String>,
    password: &'a Secret,
    credentials: &'a Secret,
}

impl<'a> From<&'a LedgerCopy> for Login<'a> {
    fn from(copy: &'a LedgerCopy) -> Login<'a> {
        let LedgerCopy { token, user, password, credentials, .. } = copy;
        Login { token, user, password, credentials }
    }
}

impl<'a> From<&'a ReportStream> for Login<'a> {
    fn from(stream: &'a ReportStream) -> Login<'a> {
        let ReportStream { token, user, password, credentials, .. } = stream;
        Login { token, user, password, credentials }
    }
}

fn is_set(secret: &Secret) -> bool {
    secret.file.is_some() || secret.env.is_some()
}

impl Login<'_> {
    /// What makes no sense, without a look at any file.
    pub(super) fn check(self, path: &Path, tell: &mut impl FnMut(&Path, Cause)) {
        for (key, one) in [("password", self.password), ("credentials", self.credentials)] {
            secret::check(one, &path.key(key), tell);
        }
        match (self.user, is_set(self.password)) {
            (Some(_), false) => {
                tell(&path.key("user"), Cause::HalfPair { present: "user", absent: "password" });
            }
            (None, true) => {
                tell(&path.key("password"), Cause::HalfPair { present: "password", absent: "user" });
            }
            _ => {}
        }
        let ways = [
            ("token", is_set(self.token)),
            ("user", self.user.is_some()),
            ("credentials", is_set(self.credentials)),
        ];
        let mut set = ways.into_iter().filter_map(|(key, is_set)| is_set.then_some(key));
        if let (Some(other), Some(one)) = (set.next(), set.next()) {
            tell(&path.key(one), Cause::Useless { one, other });
        }
    }

    /// The keys of it that only a server of NATS knows and that are set.
    pub(super) fn own_keys(self) -> impl Iterator<Item = &'static str> {
        let ways = [
            ("user", self.user.is_some()),
            ("password", is_set(self.password)),
            ("credentials", is_set(self.credentials)),
        ];
        ways.into_iter().filter_map(|(key, is_set)| is_set.then_some(key))
    }

    /// The same with everything read.
    pub(super) fn read(self, config: &Config, path: &Path) -> Result<NatsLogin, Box<Problem>> {
        if let (Some(user), Some(password)) = (self.user, read(self.password, config, &path.key("password"))?)
        {
            return Ok(NatsLogin::Password { user: user.as_str().into(), password });
        }
        if let Some(credentials) = read(self.credentials, config, &path.key("credentials"))? {
            return Ok(NatsLogin::Credentials(credentials));
        }
        Ok(read(self.token, config, &path.key("token"))?.map_or(NatsLogin::Nobody, NatsLogin::Token))
    }
}

fn read(secret: &Secret, config: &Config, path: &Path) -> Result<Option<SecretText>, Box<Problem>> {
    let text = secret::read(secret, path, &config.origin)?;
    if text.as_ref().is_some_and(|text| text.reveal().is_empty()) {
        return Err(Box::new(config.origin.problem(path, Cause::EmptySecret)));
    }
    Ok(text)
}

fn path_of_stream() -> Path {
    Path::default().key("report_stream")
}

/// What makes no sense in `[report_stream]`, without a look at any file.
pub(super) fn check(config: &Config, tell: &mut impl FnMut(&Path, Cause)) {
    let Some(stream) = &config.report_stream else { return };
    let path = path_of_stream();
    secret::check(&stream.token, &path.key("token"), tell);
    Login::from(stream).check(&path, tell);
    match server(&stream.to) {
        Ok(server) if !server.is_encrypted && stream.ca.is_some() => {
            tell(&path.key("ca"), Cause::Useless { one: "ca", other: PLAIN });
        }
        Ok(_) => {}
        Err(fault) => tell(&path.key("to"), Cause::BadPlace { fault }),
    }
}

/// Files that `[report_stream]` names.
pub(super) fn files(stream: &mut ReportStream) -> impl Iterator<Item = &mut PathBuf> {
    let ReportStream { ca, token, password, credentials, .. } = stream;
    [ca, &mut token.file, &mut password.file, &mut credentials.file].into_iter().flatten()
}

/// The stream that takes reports, with certificates and secrets loaded; `None` where none is named.
pub fn report_stream(config: &Config) -> Result<Option<NatsSettings>, ConfigError> {
    let Some(stream) = &config.report_stream else { return Ok(None) };
    let read = convert(config, stream).map_err(|problem| invalid(&config.origin.file, vec![*problem]))?;
    Ok(Some(read))
}

fn convert(config: &Config, stream: &ReportStream) -> Result<NatsSettings, Box<Problem>> {
    let path = path_of_stream();
    let problem = |key: &str, cause| Box::new(config.origin.problem(&path.key(key), cause));
    let server = server(&stream.to).map_err(|fault| problem("to", Cause::BadPlace { fault }))?;
    let tls = if server.is_encrypted {
        let key = if stream.ca.is_some() { "ca" } else { "to" };
        Some(tls::checked(stream.ca.as_deref()).map_err(|cause| problem(key, cause))?)
    } else {
        None
    };
    Ok(NatsSettings {
        host: server.host,
        port: server.port,
        subject: stream.subject.as_deref().unwrap_or(REPORTS).into(),
        tls,
        login: Login::from(stream).read(config, &path)?,
    })
}
