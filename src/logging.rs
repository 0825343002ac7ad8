//! What does the program say about itself while it runs, and how?
//!
//! `DRAGOMAN_LOG` chooses how much (`info` by default, `warn` in the demo; `debug`, or `warn,relay=debug` and the like),
//! `DRAGOMAN_LOG_FORMAT=json` one JSON object a line instead of text. All of it goes to standard
//! error: standard output belongs to what a command was asked for.

use std::io::IsTerminal;
use tracing_subscriber::EnvFilter;

/// Says at each try of a connection what its user says once, with the reason.
const REPEATED: &str = "rustls_platform_verifier=off,async_nats=off";

/// Starts logging, once per process. `usual` says how much where `DRAGOMAN_LOG` says nothing, in the same form.
pub fn start(usual: &str) {
    let wanted = std::env::var("DRAGOMAN_LOG").unwrap_or_default();
    let usual = format!("{usual},{REPEATED}");
    let chosen = if wanted.is_empty() { &usual } else { &wanted };
    let (filter, mistake) = match EnvFilter::builder().parse(chosen) {
        Ok(filter) => (filter, None),
        Err(error) => (EnvFilter::new("info"), Some(error)),
    };
    let json = std::env::var("DRAGOMAN_LOG_FORMAT").is_ok_and(|format| format == "json");
    let subscriber = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // A second start finds the first one's subscriber in place, which is as good.
    let _ = if json {
        subscriber.json().flatten_event(true).try_init()
    } else {
        subscriber.with_ansi(std::io::stderr().is_terminal()).try_init()
    };
    if let Some(error) = mistake {
        tracing::warn!("DRAGOMAN_LOG is `{wanted}`, which is no filter ({error}); logging at `info`");
    }
}
