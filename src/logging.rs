//! What does the program say about itself while it runs, and how?
//!
//! `DRAGOMAN_LOG` chooses how much (`info` by default, `warn` in the demo; `debug`, or `warn,relay=debug` and the like),
//! `DRAGOMAN_LOG_FORMAT=json` one JSON object a line instead of text. All of it goes to standard
//! error: standard output belongs to what a command was asked for.

use std::io::IsTerminal;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

/// Starts logging, once per process.
/// `level` holds where `DRAGOMAN_LOG` says nothing.
pub fn start(level: LevelFilter) {
    let wanted = std::env::var("DRAGOMAN_LOG").unwrap_or_default();
    let builder = EnvFilter::builder().with_default_directive(level.into());
    let (filter, mistake) = match builder.parse(&wanted) {
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
