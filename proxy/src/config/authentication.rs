//! Who asks clients for proof, and by what?

use super::path::{Origin, Path};
use super::problem::{Cause, FileFault, Problem};
use super::read_file_within;
use super::settings::{AuthenticationMode, Listener, Protocol};
use crate::verifiers::{self, Mistake};
use relay::settings as ready;
use relay::verifiers::{Question, Verifiers};
use std::sync::Arc;
use zeroize::Zeroizing;

/// Largest file of verifiers: some eighty thousand roles.
const FILE_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// What makes no sense about how clients prove who they are, without a look at any file.
pub(crate) fn check(listener: &Listener, path: &Path, tell: &mut impl FnMut(&Path, Cause)) {
    let (own, inner) = (&listener.authentication, path.key("authentication"));
    let useless = |one, other| Cause::Useless { one, other };
    if own.mode == AuthenticationMode::Relay {
        let set = [("verifiers", own.verifiers.is_some()), ("lookup", own.lookup.is_some())];
        for (what, _) in set.into_iter().filter(|(_, is_set)| *is_set) {
            tell(&inner.key(what), Cause::Lacks { what, needs: "mode = \"verify\"" });
        }
        return;
    }
    if listener.protocol == Protocol::Mysql {
        tell(&inner.key("mode"), Cause::VerifiesMysql);
        return;
    }
    if listener.allow_unauthenticated {
        let other = "authentication.mode = \"verify\"";
        tell(&path.key("allow_unauthenticated"), useless("allow_unauthenticated", other));
    }
    match (&own.verifiers, &listener.probe.user) {
        (None, None) => tell(&inner.key("mode"), Cause::NoVerifiers),
        (Some(_), _) if own.lookup.is_some() => tell(&inner.key("lookup"), useless("lookup", "verifiers")),
        _ => {}
    }
    if own.lookup_database.is_empty() {
        tell(&inner.key("lookup_database"), Cause::EmptyName);
    }
}

/// Who asks clients of a listener for proof, with its file of verifiers read.
pub(crate) fn ready(
    listener: &Listener,
    path: &Path,
    origin: &Origin,
) -> Result<ready::Authentication, Vec<Problem>> {
    let own = &listener.authentication;
    if own.mode == AuthenticationMode::Relay {
        return Ok(ready::Authentication::Relay);
    }
    let Some(file) = &own.verifiers else {
        let function = own.lookup.as_deref().and_then(function);
        let question = Question { function, database: own.lookup_database.as_str().into() };
        return Ok(ready::Authentication::Verify(Arc::new(Verifiers::of_upstream(question))));
    };
    let problem = |cause| origin.problem(&path.key("verifiers"), cause);
    let fault = |fault| vec![problem(Cause::File { path: file.clone(), fault })];
    let bytes = Zeroizing::new(read_file_within(file, FILE_BYTES_MAX).map_err(fault)?);
    let text = std::str::from_utf8(&bytes).map_err(|_| fault(FileFault::NotText))?;
    let told = |mistake| match mistake {
        Mistake::Empty => problem(Cause::NoRoles { path: file.clone() }),
        Mistake::Line(line, fault) => problem(Cause::RoleLine { path: file.clone(), line, fault }),
    };
    let users =
        verifiers::read(text).map_err(|mistakes| mistakes.into_iter().map(told).collect::<Vec<_>>())?;
    Ok(ready::Authentication::Verify(Arc::new(Verifiers::of_file(users))))
}

/// Schema and name of a function.
pub(crate) fn function(text: &str) -> Option<[Box<str>; 2]> {
    let (schema, name) = text.split_once('.')?;
    let is_name = |part: &str| {
        let plain = |letter: char| letter.is_alphanumeric() || letter == '_' || letter == '$';
        part.chars().next().is_some_and(|first| first.is_alphabetic() || first == '_')
            && part.len() <= 63
            && part.chars().all(plain)
    };
    (is_name(schema) && is_name(name)).then(|| [schema.into(), name.into()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_is_a_schema_and_a_name() {
        let read = |text| function(text).map(|[schema, name]| format!("{schema} {name}"));
        assert_eq!(read("gateway.verifier"), Some("gateway verifier".to_owned()));
        assert_eq!(read("Gateway._v1$"), Some("Gateway _v1$".to_owned()));
        for text in ["verifier", "a.b.c", ".b", "a.", "a.b(c)", "a b.c", "a.\"b\"", "1a.b", "a.b;"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
