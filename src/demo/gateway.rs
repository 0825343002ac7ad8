//! How is the gateway started in front of the sample server?

use super::DemoError;
use std::path::Path;

pub(super) struct Gateway;
impl Gateway {
    pub(super) fn stop(self) {}
}
pub(super) fn start_gateway(_settings: &Path) -> Result<Gateway, DemoError> {
    Ok(Gateway)
}
