//! `GET /api/v1/workspaces/{workspace}/live`: a WebSocket that tells what happens now.

use super::socket::{Socket, attend};
use crate::http::path::InWorkspace;
use crate::operation::Operation;
use crate::plane::App;
use crate::problem::{Code, Problem};
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::http::{HeaderMap, header};
use axum::response::Response;

/// Longest message of a client: it says what it watches.
const MESSAGE_BYTES_MAX: usize = 4_096;

/// Begins to tell what happens in a workspace. The client sends `{"subscribe": ["traffic", "refusals",
/// "sessions", "listeners", "health", "activity", "notifications"]}`, and again whenever it wants other topics; `activity`
/// needs the capability `view_activity`. The server sends `{"topic", "at", "data"}`, at most four messages a
/// second of each topic: what happens in between is put together, and what does not fit is counted in
/// `dropped`. `traffic` is an object of sums by listener, of what came since the message before; a listener's `latency`
/// has how many calls took how long, by the longest duration of each step in microseconds. Planes tell sums about once a
/// second while statements end, and where none do there is no message. `listeners` and `health` are objects by name or id,
/// the others are lists; an item of `notifications` has the
/// notification's `id` only: whether who watches is told of it, the list says. The connection ends when the session or token does.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/live", operation_id = "watch_live", tag = "live",
    params(InWorkspace), responses((status = 101, description = "A WebSocket (RFC 6455)")))]
pub async fn handle(
    operation: Operation,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Problem> {
    is_from_console(&operation.app, &headers)?;
    let upgrade = upgrade.map_err(|rejection| {
        Problem::new(Code::BadRequest, rejection.body_text())
            .with_hint("open this path as a WebSocket, over HTTP/1.1")
    })?;
    let socket = Socket::of(operation, headers)?;
    let upgrade = upgrade.max_message_size(MESSAGE_BYTES_MAX).max_frame_size(MESSAGE_BYTES_MAX);
    Ok(upgrade.on_upgrade(move |stream| attend(socket, stream)))
}

/// A browser opens WebSockets for any page and sends cookies along: only the console's own may.
fn is_from_console(app: &App, headers: &HeaderMap) -> Result<(), Problem> {
    let Some(origin) = headers.get(header::ORIGIN) else { return Ok(()) };
    if origin.to_str().is_ok_and(|origin| origin == origin_of(&app.settings.public_url)) {
        return Ok(());
    }
    Err(Problem::new(Code::Forbidden, "this page may not watch")
        .with_hint("open the console under the URL that `admin.public_url` names"))
}

/// Scheme, host and port of a URL (RFC 6454 section 6.2).
fn origin_of(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("http", url));
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let default = if scheme == "https" { ":443" } else { ":80" };
    format!("{scheme}://{}", host.strip_suffix(default).unwrap_or(host)).to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::origin_of;

    #[test]
    fn an_origin_is_scheme_host_and_port() {
        for (url, origin) in [
            ("http://127.0.0.1:8432", "http://127.0.0.1:8432"),
            ("https://Gate.example.com/console/", "https://gate.example.com"),
            ("https://gate.example.com:443", "https://gate.example.com"),
            ("http://gate.example.com:80/", "http://gate.example.com"),
        ] {
            assert_eq!(origin_of(url), origin);
        }
    }
}
