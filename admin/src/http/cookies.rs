//! Which cookies does a request have, and how is one set?

use axum::http::{HeaderMap, HeaderValue, header};

/// The name of the session's cookie. Over TLS its prefix keeps it to this host and path.
pub fn session_name(is_secure: bool) -> &'static str {
    if is_secure { "__Host-dragoman" } else { "dragoman" }
}

/// The value of cookie `name` (RFC 6265 section 4.2).
pub fn read<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    lines
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value)
}

/// Sets a cookie that scripts cannot read; `max_age_seconds` 0 removes it.
pub fn set(name: &str, value: &str, max_age_seconds: u64, is_secure: bool) -> Option<HeaderValue> {
    let secure = if is_secure { "; Secure" } else { "" };
    let text = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={max_age_seconds}{secure}");
    HeaderValue::from_str(&text).ok()
}
