//! How does this process take the place of the one that has started it?

use super::{Begun, Plane, ServeError, Watch, elsewhere, read, replace};
use crate::cli::with_causes;
use crate::planes::Control;
use proxy::Prepared;
use proxy::config::Config;
use proxy::handover::{Predecessor, Sockets};
use std::path::Path;

/// Takes over everything. Where that fails the other process is told why, and goes on.
pub(super) fn take_over(
    mut predecessor: Predecessor,
    sockets: Sockets,
    path: &Path,
    plane: Option<Plane>,
    watch: &mut Watch,
) -> Result<Begun, ServeError> {
    let (config, prepared) = match prepare(&predecessor, &sockets, path, watch) {
        Ok(prepared) => prepared,
        Err(error) => return Err(told(&predecessor, error)),
    };
    predecessor.prepared()?;
    let control = match (plane, &config.admin) {
        (Some(Plane::Data), _) | (_, None) => Ok(None),
        (_, Some(admin)) => Control::start_on(sockets.take(admin.listen), &config),
    };
    let control = match control {
        Ok(control) => control,
        Err(error) => return Err(told(&predecessor, error.into())),
    };
    let nodes = match &control {
        Some(control) => Some(vec![control.carrier()]),
        None => elsewhere(&config)?,
    };
    let epoch = predecessor.control_started()?;
    let before = predecessor.process();
    let gateway = prepared.begin(Some((predecessor, epoch)))?;
    tracing::info!(process = std::process::id(), before, "this process has taken the place of another");
    gateway.replacement().offer(replace::unable(control.is_some()));
    gateway.tell(nodes)?;
    Ok(Begun { config, gateway, control })
}

fn prepare(
    predecessor: &Predecessor,
    sockets: &Sockets,
    path: &Path,
    watch: &mut Watch,
) -> Result<(Config, Prepared), ServeError> {
    let config = read(path)?;
    watch.follow(&config);
    predecessor.check_ledger(&config.ledger.directory)?;
    // What it gives is needed later; whether it can be had is asked now.
    elsewhere(&config)?;
    let prepared = Prepared::new(config.clone(), sockets)?;
    Ok((config, prepared))
}

/// The other process says it in its log, too.
fn told(predecessor: &Predecessor, error: ServeError) -> ServeError {
    predecessor.failed(&with_causes(&error));
    error
}
