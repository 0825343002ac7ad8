//! How is the gateway started in front of the sample server, and how does it take new settings?

use super::DemoError;
use super::screen::Screen;
use crate::cli::with_causes;
use crate::planes::Control;
use crate::serve::{self, ServeError, Watch};
use proxy::config::{self, Config, ConfigError};
use proxy::{Gateway, StartError};
use std::convert::Infallible;
use std::iter;
use std::path::{Path, PathBuf};

/// What runs in this process.
#[derive(Debug)]
pub(super) struct Started {
    /// The data plane.
    pub(super) gateway: Gateway,
    /// Where its ledger is.
    pub(super) ledger: PathBuf,
    /// The control plane, where the settings have one.
    pub(super) control: Option<Control>,
}

/// Starts both planes in this process.
pub(super) fn start_gateway(settings: &Path, watch: &mut Watch) -> Result<Started, DemoError> {
    let started = read(settings).map_err(ServeError::from).and_then(|config| {
        watch.follow(&config);
        let ledger = config.ledger.directory.clone();
        let control = Control::start(&config)?;
        let gateway = serve::start_gateway(config, control.as_ref())?;
        Ok(Started { gateway, ledger, control })
    });
    started.map_err(|error| match error {
        ServeError::Config(source) | ServeError::Start(StartError::Config(source)) => {
            DemoError::Settings { path: settings.to_owned(), source }
        }
        other => DemoError::Gateway(Box::new(other)),
    })
}

/// Gives the gateway what is changed in its settings and rules, and tells how it took that. Cancel safe.
pub(super) async fn follow_settings(watch: &mut Watch, gateway: &Gateway, screen: Screen) -> Infallible {
    loop {
        watch.changed().await;
        match watch.reload(gateway, read) {
            Ok(waiting) if waiting.is_empty() => {
                screen.step("changes of settings and rules taken");
            }
            Ok(waiting) => screen.step(format_args!(
                "changes of settings and rules taken, but {} at the next start only",
                waiting.join(", ")
            )),
            Err(error) => screen.trouble(&format!(
                "changes not taken, the old settings and rules stay in force: {}",
                with_causes(&error)
            )),
        }
    }
}

/// The environment has no say: the screen tells which ports are served.
fn read(settings: &Path) -> Result<Config, ConfigError> {
    config::load(settings, iter::empty())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn settings_that_cannot_be_used_are_named_with_the_mistake_and_the_way_out() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("dragoman.toml");
        std::fs::write(&path, "[[listener]]\nname = \"shop\"\nmode = \"enforced\"\n").unwrap();
        let error = start_gateway(&path, &mut Watch::new(&path)).map(drop).unwrap_err();
        let said = with_causes(&error);
        for expected in [format!("remove `{}`", path.display()).as_str(), "`enforced`", "dragoman.toml:3"] {
            assert!(said.contains(expected), "{said}");
        }
    }
}
