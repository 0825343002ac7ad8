//! How is the gateway started in front of the sample server?

use super::DemoError;
use proxy::{Gateway, StartError, config};
use std::iter;
use std::path::Path;

/// Starts the gateway in this process, with the settings the demo wrote. The environment has no
/// say: the screen tells which ports are served.
pub(super) fn start_gateway(settings: &Path) -> Result<Gateway, DemoError> {
    let config = config::load(settings, iter::empty()).map_err(StartError::from)?;
    Ok(Gateway::start(config)?)
}
