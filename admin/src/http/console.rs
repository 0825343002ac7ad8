//! How do the pages come to a browser? The console's files are looked up by their whole path in a table that
//! the program hands in; every other path is the page that everything begins with.
//!
//! Nothing of it asks the state or counts as a request of the API, and no path is ever put together into
//! the name of a file.

mod coding;

use super::etag;
use crate::plane::App;
use crate::problem::{Code, Problem};
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use coding::Coding;
use flate2::read::GzDecoder;
use std::collections::HashMap;
use std::io::Read as _;
use std::sync::Arc;

/// What stands in the page where each answer has a nonce of its own.
pub const NONCE_PLACE: &str = "__CSP_NONCE__";
/// The page that everything begins with.
pub const PAGE_PATH: &str = "/index.html";
/// Below this all names change with what they name: what is not there will not be.
const HASHED: &str = "/assets/";
/// What the pages need nothing of, said to every script that might come into them.
const PERMISSIONS: &str = "accelerometer=(), autoplay=(), camera=(), display-capture=(), geolocation=(), \
                           gyroscope=(), hid=(), magnetometer=(), microphone=(), midi=(), payment=(), \
                           serial=(), usb=()";
const PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");
const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// A file of the console.
#[derive(Clone, Debug)]
pub struct ConsoleFile {
    /// Where it is served, with a slash in front.
    pub path: &'static str,
    /// Its kind, as `Content-Type` says it.
    pub content_type: &'static str,
    /// Tells its bytes from all others: hexadecimal digits.
    pub digest: &'static str,
    /// Whether its name changes with its bytes, so that it may be kept for ever.
    pub is_immutable: bool,
    /// Its bytes.
    pub contents: ConsoleContents,
}

/// The bytes of a file.
#[derive(Clone, Debug)]
pub enum ConsoleContents {
    /// As they are.
    Plain(&'static [u8]),
    /// Compressed in both ways that browsers take.
    Packed {
        /// By brotli.
        brotli: &'static [u8],
        /// By gzip.
        gzip: &'static [u8],
    },
}

/// The console's files; none where nobody handed any in, and then nothing is at their paths. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Console(Arc<Table>);

#[derive(Debug, Default)]
struct Table {
    files: HashMap<&'static str, ConsoleFile>,
    /// The text around each place of the nonce.
    page: Option<Vec<String>>,
}

impl Console {
    /// Of these files. The page must be [`ConsoleContents::Plain`]: it is different in every answer.
    pub fn new(files: impl IntoIterator<Item = ConsoleFile>) -> Console {
        let mut files: HashMap<_, _> = files.into_iter().map(|file| (file.path, file)).collect();
        let page = files.remove(PAGE_PATH).and_then(|file| match file.contents {
            ConsoleContents::Plain(bytes) => std::str::from_utf8(bytes).ok(),
            ConsoleContents::Packed { .. } => None,
        });
        let page = page.map(|text| text.split(NONCE_PLACE).map(ToOwned::to_owned).collect());
        Console(Arc::new(Table { files, page }))
    }
}

/// The layer before everything that asks who somebody is: what is not below `/api` is the console's.
pub async fn serve(State(app): State<App>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let is_api = path == "/api" || path.starts_with("/api/");
    let Some(page) = app.settings.console.0.page.as_deref().filter(|_| !is_api) else {
        return next.run(request).await;
    };
    let mut response = match *request.method() {
        Method::GET | Method::HEAD => answer(&app, page, request.uri(), request.headers()),
        _ => not_this_method(),
    };
    let headers = response.headers_mut();
    headers.insert(PERMISSIONS_POLICY, HeaderValue::from_static(PERMISSIONS));
    headers.insert(OPENER_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(RESOURCE_POLICY, HeaderValue::from_static("same-origin"));
    response
}

fn answer(app: &App, page: &[String], uri: &Uri, headers: &HeaderMap) -> Response {
    if let Some(file) = app.settings.console.0.files.get(uri.path()) {
        return file_answer(file, headers);
    }
    if uri.path().starts_with(HASHED) || !is_plausible(uri.path()) {
        return nothing();
    }
    page_answer(page).unwrap_or_else(IntoResponse::into_response)
}

/// A path that some page could have: nothing in it is a byte that no text has, or a step to another folder.
fn is_plausible(path: &str) -> bool {
    path.split('/').all(|segment| {
        decoded(segment).is_some_and(|bytes| {
            !matches!(bytes.as_slice(), b"." | b"..") && !bytes.iter().any(u8::is_ascii_control)
        })
    })
}

/// The bytes of a segment; `None` where a percent sign has no two digits behind it (RFC 3986 section 2.1).
fn decoded(segment: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(segment.len());
    let mut rest = segment.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let mut digit =
                || char::from(rest.next()?).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
            bytes.push(digit()? << 4 | digit()?);
        } else {
            bytes.push(byte);
        }
    }
    Some(bytes)
}

fn file_answer(file: &ConsoleFile, asked: &HeaderMap) -> Response {
    let (bytes, coding) = match &file.contents {
        ConsoleContents::Plain(bytes) => (Bytes::from_static(bytes), None),
        ConsoleContents::Packed { brotli, gzip } => match coding::best(asked) {
            Coding::Brotli => (Bytes::from_static(brotli), Some("br")),
            Coding::Gzip => (Bytes::from_static(gzip), Some("gzip")),
            Coding::Identity => match unpacked(gzip) {
                Ok(bytes) => (bytes, None),
                Err(problem) => return problem.into_response(),
            },
        },
    };
    let is_packed = matches!(file.contents, ConsoleContents::Packed { .. });
    // Compressed bytes are other bytes, and a strong tag says so (RFC 9110 section 8.8.3.3).
    let tag = match coding {
        Some(coding) => format!("\"{}-{coding}\"", file.digest),
        None => format!("\"{}\"", file.digest),
    };
    let tag = HeaderValue::from_str(&tag).unwrap_or(HeaderValue::from_static("\"\""));
    let lasting = if file.is_immutable { "public, max-age=31536000, immutable" } else { "no-cache" };
    let is_known = etag::is_known(asked, &tag);
    let mut response = if is_known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        ([(header::CONTENT_TYPE, file.content_type)], bytes).into_response()
    };
    let headers = response.headers_mut();
    headers.insert(header::ETAG, tag);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(lasting));
    headers.insert(header::CONTENT_SECURITY_POLICY, policy(None));
    if is_packed {
        headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    }
    if let Some(coding) = coding.filter(|_| !is_known) {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding));
    }
    response
}

/// For the few who take nothing compressed. What is unpacked was packed by our own build.
fn unpacked(gzip: &[u8]) -> Result<Bytes, Problem> {
    let mut bytes = Vec::new();
    GzDecoder::new(gzip).read_to_end(&mut bytes).map_err(|error| {
        Problem::new(Code::Internal, "a file of the console cannot be unpacked").with_cause(error)
    })?;
    Ok(bytes.into())
}

/// The page, with a nonce that no other answer has.
fn page_answer(page: &[String]) -> Result<Response, Problem> {
    let mut random = [0_u8; 16];
    super::caller::fill(&mut random)?;
    let nonce = URL_SAFE_NO_PAD.encode(random);
    let mut response = Body::from(page.join(&nonce)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::CONTENT_SECURITY_POLICY, policy(Some(&nonce)));
    Ok(response)
}

/// What a page of the console may do: its own scripts, its own server, and nobody frames it. A file has it
/// as well, for a worker's policy is that of the file it begins with.
fn policy(nonce: Option<&str>) -> HeaderValue {
    let style = nonce.map(|nonce| format!(" 'nonce-{nonce}'")).unwrap_or_default();
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self'{style}; font-src 'self'; \
         img-src 'self' data: blob:; connect-src 'self'; worker-src 'self'; manifest-src 'self'; \
         form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    );
    HeaderValue::from_str(&policy).unwrap_or(HeaderValue::from_static("default-src 'none'"))
}

fn nothing() -> Response {
    let headers = [(header::CONTENT_TYPE, "text/plain; charset=utf-8"), (header::CACHE_CONTROL, "no-store")];
    (StatusCode::NOT_FOUND, headers, "there is nothing at this path\n").into_response()
}

fn not_this_method() -> Response {
    let problem = Problem::new(Code::MethodNotAllowed, "a page of the console can only be read")
        .with_hint("the API is below /api/v1; see /api/docs");
    let mut response = problem.into_response();
    response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_no_page_can_have_is_told_from_one_it_can() {
        for path in ["/", "/queries/abc?", "/a%20b/c%2Fd", "/caf%C3%A9", "/...", "/a//b", "/%25"] {
            assert!(is_plausible(path), "{path}");
        }
        for path in
            ["/..", "/a/../b", "/%2e%2e/etc", "/.%2E/x", "/a/%00", "/a%0d%0ab", "/%7f", "/%", "/%4", "/%zz"]
        {
            assert!(!is_plausible(path), "{path}");
        }
    }

    #[test]
    fn a_console_without_a_page_is_none() {
        assert!(Console::default().0.page.is_none());
        let packed = ConsoleContents::Packed { brotli: b"", gzip: b"" };
        let file = |contents| ConsoleFile {
            path: PAGE_PATH,
            content_type: "text/html",
            digest: "",
            is_immutable: false,
            contents,
        };
        assert!(Console::new([file(packed)]).0.page.is_none());
        let page = file(ConsoleContents::Plain(b"a __CSP_NONCE__ b __CSP_NONCE__"));
        let expected = ["a ", " b ", ""].map(ToOwned::to_owned).to_vec();
        assert_eq!(Console::new([page]).0.page, Some(expected));
    }
}
