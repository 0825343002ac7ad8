//! Where does a listener that verifies logins have its roles' verifiers from?
//!
//! A file, read with the settings ([`read`]); or the upstream, asked as the listener's probe ([`Lookups`]). What is
//! done with them is the relay's: [`relay::verifiers`]. See `docs/authentication.md`.

mod error;
mod file;
mod lookup;

pub use file::LineFault;
pub(crate) use file::{Mistake, read};
pub(crate) use lookup::Lookups;

use relay::Listener;
use relay::settings::{Authentication, ListenerSettings};
use std::sync::Arc;

/// Asks once, so that what is in the way is told before anybody logs in.
pub(crate) fn try_out(listener: &Listener, settings: &Arc<ListenerSettings>) {
    let Authentication::Verify(verifiers) = &settings.authentication else { return };
    if let (Some(question), Some(lookup), Some(probe)) =
        (verifiers.question(), &listener.lookup, &settings.probe)
    {
        // The answer is of no interest here; that there is none is told by who asks.
        tokio::spawn(lookup.look_up(Arc::clone(settings), Arc::clone(question), probe.user.clone()));
    }
}

/// What `/readyz` says of a listener that cannot verify logins; `None` for all others.
pub(crate) fn trouble(listener: &Listener) -> Option<String> {
    let settings = listener.settings.load();
    let Authentication::Verify(verifiers) = &settings.authentication else { return None };
    verifiers.question()?;
    let why = listener.lookup.as_ref()?.trouble()?;
    Some(format!("logins cannot be verified: {why}"))
}
