//! As whom does the gateway itself log in to an upstream?

use super::path::{Origin, Path};
use super::problem::{Cause, FileFault, Problem};
use super::read_file;
use super::settings::{Listener, Probe, Protocol, Secret};
use relay::settings as ready;
use std::time::Duration;

/// What makes no sense about the settings of the probe, without a look at any file.
pub(crate) fn check(listener: &Listener, path: &Path, tell: &mut impl FnMut(&Path, Cause)) {
    let (probe, path) = (&listener.probe, path.clone());
    let inner = path.key("probe");
    let password = inner.key("password");
    let secret = &probe.password;
    match (&secret.file, &secret.env) {
        (Some(_), Some(_)) => tell(&password.key("env"), Cause::TwoSecrets),
        (Some(_), None) if probe.user.is_none() => {
            tell(&password.key("file"), Cause::HalfPair { present: "password", absent: "user" });
        }
        (None, Some(_)) if probe.user.is_none() => {
            tell(&password.key("env"), Cause::HalfPair { present: "password", absent: "user" });
        }
        _ => {}
    }
    if probe.user.as_deref() == Some("") {
        tell(&inner.key("user"), Cause::EmptyName);
    }
    if listener.require_verified && probe.user.is_none() {
        tell(
            &path.key("require_verified"),
            Cause::HalfPair { present: "require_verified", absent: "probe.user" },
        );
    }
    if listener.protocol == Protocol::Mysql && probe.user.is_some() {
        tell(&inner.key("user"), mysql());
    }
}

fn mysql() -> Cause {
    Cause::NotInThisVersion {
        word: String::from("probe"),
        instead: String::from("leave it out: privileges are looked at behind PostgreSQL listeners only"),
    }
}

/// The probe of a listener, its password read; `None` where none is set.
pub(crate) fn ready(
    probe: &Probe,
    path: &Path,
    origin: &Origin,
) -> Result<Option<ready::Probe>, Vec<Problem>> {
    let Some(user) = &probe.user else { return Ok(None) };
    let password = secret(&probe.password)
        .map_err(|(key, cause)| vec![origin.problem(&path.key("password").key(key), cause)])?;
    Ok(Some(ready::Probe {
        user: user.as_str().into(),
        password,
        databases: probe.databases.iter().map(|name| name.as_str().into()).collect(),
        interval: Duration::from_secs(probe.interval_seconds.into()),
    }))
}

fn secret(secret: &Secret) -> Result<Option<ready::Secret>, (&'static str, Cause)> {
    if let Some(file) = &secret.file {
        let fault = |fault| ("file", Cause::File { path: file.clone(), fault });
        let bytes = read_file(file).map_err(fault)?;
        let text = String::from_utf8(bytes).map_err(|_| fault(FileFault::NotText))?;
        return Ok(Some(ready::Secret::new(text.trim_end_matches(['\r', '\n']))));
    }
    let Some(name) = &secret.env else { return Ok(None) };
    match std::env::var(name) {
        Ok(value) => Ok(Some(ready::Secret::new(&value))),
        Err(_) => Err(("env", Cause::NoVariable { name: name.clone() })),
    }
}
