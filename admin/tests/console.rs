//! Do the pages come to a browser, with the headers that keep others out and caches right, and without asking the state?
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use admin::http::console::{Console, ConsoleContents, ConsoleFile};
use admin::http::rates::{Bound, Bounds};
use admin_store::Backend;
use flate2::Compression;
use flate2::write::GzEncoder;
use harness::{Answer, Caller, Plane};
use reqwest::Method;
use std::io::Write as _;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const PAGE: &str = "<!doctype html><meta name=\"csp-nonce\" content=\"__CSP_NONCE__\"><style nonce=\"__CSP_NONCE__\"></style>";
const SCRIPT: &str = "console.log('the whole script, once more, the whole script')";
const SCRIPT_PATH: &str = "/assets/index-Cq8B.js";
/// Stands for what brotli makes of it: the server never looks inside.
const BROTLI: &str = "what brotli makes of it";

fn console() -> Console {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(SCRIPT.as_bytes()).unwrap();
    let gzip: &'static [u8] = encoder.finish().unwrap().leak();
    let file = |path, content_type, is_immutable, contents| {
        let digest = if is_immutable { "d1" } else { "d2" };
        ConsoleFile { path, content_type, digest, is_immutable, contents }
    };
    let packed = ConsoleContents::Packed { brotli: BROTLI.as_bytes(), gzip };
    Console::new([
        file("/index.html", "text/html; charset=utf-8", false, ConsoleContents::Plain(PAGE.as_bytes())),
        file(SCRIPT_PATH, "text/javascript; charset=utf-8", true, packed),
        file("/assets/face.woff2", "font/woff2", true, ConsoleContents::Plain(b"wOF2")),
        file("/robots.txt", "text/plain; charset=utf-8", false, ConsoleContents::Plain(b"User-agent: *\n")),
    ])
}

async fn plane() -> Plane {
    Plane::start_with(Backend::Sqlite, |settings| settings.console = console()).await
}

async fn asked(caller: &Caller, method: Method, path: &str, headers: &[(&str, &str)]) -> Answer {
    caller.send(method, path, headers, None).await
}

#[track_caller]
fn has_header(answer: &Answer, name: &str, expected: &str) {
    assert_eq!(answer.header(name).as_deref(), Some(expected), "{name} of {answer:?}");
}

/// The nonce of a page, which its policy must name.
#[track_caller]
fn nonce_of(answer: &Answer) -> String {
    assert_eq!(answer.status.as_u16(), 200, "{answer:?}");
    assert!(!answer.text.contains("__CSP"), "{answer:?}");
    let (_, rest) = answer.text.split_once("content=\"").expect("a nonce");
    let nonce = rest.split('"').next().unwrap_or_default().to_owned();
    assert_eq!(answer.text, PAGE.replace("__CSP_NONCE__", &nonce));
    assert!(nonce.len() >= 22, "{nonce}");
    let expected = format!(
        "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; font-src 'self'; \
         img-src 'self' data: blob:; connect-src 'self'; worker-src 'self'; manifest-src 'self'; \
         form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    );
    has_header(answer, "content-security-policy", &expected);
    nonce
}

#[tokio::test]
async fn every_path_of_a_page_is_the_page_with_a_nonce_of_its_own() {
    let plane = plane().await;
    let nobody = plane.nobody();
    let mut nonces = Vec::new();
    for path in [
        "/",
        "/index.html",
        "/setup",
        "/w/shop/queries/4f2a?range=1h&sort=-p95",
        "/a%20b/%C3%BC",
        "/apiary",
        "/assets",
    ] {
        let answer = nobody.get(path).await;
        nonces.push(nonce_of(&answer));
        has_header(&answer, "content-type", "text/html; charset=utf-8");
        has_header(&answer, "cache-control", "no-store");
        has_header(&answer, "x-content-type-options", "nosniff");
        has_header(&answer, "x-frame-options", "DENY");
        has_header(&answer, "referrer-policy", "no-referrer");
        has_header(&answer, "cross-origin-opener-policy", "same-origin");
        has_header(&answer, "cross-origin-resource-policy", "same-origin");
        assert!(answer.header("permissions-policy").is_some_and(|policy| policy.contains("camera=()")));
        assert_eq!(answer.header("set-cookie"), None);
        assert!(answer.header("x-request-id").is_some());
    }
    nonces.sort();
    nonces.dedup();
    assert_eq!(nonces.len(), 7, "{nonces:?}");
    let head = asked(&nobody, Method::HEAD, "/queries", &[]).await;
    let length = PAGE.replace("__CSP_NONCE__", &nonces[0]).len();
    assert_eq!((head.status.as_u16(), head.text.as_str()), (200, ""));
    has_header(&head, "content-length", &length.to_string());
    // The same page is never known already: its nonce is of one answer.
    let again = asked(&nobody, Method::GET, "/", &[("if-none-match", "*")]).await;
    nonce_of(&again);
    plane.stop().await;
}

#[tokio::test]
async fn a_hashed_file_comes_in_the_form_that_is_asked_for_and_is_kept_for_ever() {
    let plane = plane().await;
    let nobody = plane.nobody();
    let get = |accepted: &'static str| {
        let nobody = nobody.clone();
        async move { asked(&nobody, Method::GET, SCRIPT_PATH, &[("accept-encoding", accepted)]).await }
    };
    let (brotli, gzip, plain) = (get("gzip, deflate, br").await, get("gzip").await, get("identity").await);
    for (answer, tag, coding) in
        [(&brotli, "\"d1-br\"", Some("br")), (&gzip, "\"d1-gzip\"", Some("gzip")), (&plain, "\"d1\"", None)]
    {
        assert_eq!(answer.status.as_u16(), 200, "{answer:?}");
        has_header(answer, "etag", tag);
        has_header(answer, "content-type", "text/javascript; charset=utf-8");
        has_header(answer, "cache-control", "public, max-age=31536000, immutable");
        has_header(answer, "vary", "accept-encoding");
        assert_eq!(answer.header("content-encoding").as_deref(), coding);
        // A worker has the policy of the file it begins with.
        assert!(answer.header("content-security-policy").unwrap().contains("connect-src 'self'"));
    }
    assert_eq!((brotli.text.as_str(), plain.text.as_str()), (BROTLI, SCRIPT));
    assert_ne!(gzip.text, SCRIPT);

    for (accepted, known, status) in [
        ("br", "\"d1-br\"", 304),
        ("br", "W/\"d1-br\", \"x\"", 304),
        ("br", "*", 304),
        ("gzip", "\"d1-br\"", 200),
        ("identity", "\"d1\"", 304),
    ] {
        let headers = [("accept-encoding", accepted), ("if-none-match", known)];
        let answer = asked(&nobody, Method::GET, SCRIPT_PATH, &headers).await;
        assert_eq!(answer.status.as_u16(), status, "{headers:?} {answer:?}");
        assert!(answer.header("etag").is_some() && answer.header("vary").is_some(), "{answer:?}");
        if status == 304 {
            assert_eq!((answer.text.as_str(), answer.header("content-encoding")), ("", None));
        }
    }

    let head = asked(&nobody, Method::HEAD, SCRIPT_PATH, &[("accept-encoding", "br")]).await;
    assert_eq!((head.status.as_u16(), head.text.as_str()), (200, ""));
    has_header(&head, "content-length", &BROTLI.len().to_string());

    let face = asked(&nobody, Method::GET, "/assets/face.woff2", &[("accept-encoding", "br")]).await;
    assert_eq!(
        (face.text.as_str(), face.header("content-encoding"), face.header("vary")),
        ("wOF2", None, None)
    );
    has_header(&face, "content-type", "font/woff2");
    plane.stop().await;
}

#[tokio::test]
async fn what_has_a_lasting_name_is_asked_for_again_and_what_is_gone_is_not_there() {
    let plane = plane().await;
    let nobody = plane.nobody();
    let robots = nobody.get("/robots.txt").await;
    assert_eq!((robots.status.as_u16(), robots.text.as_str()), (200, "User-agent: *\n"));
    has_header(&robots, "cache-control", "no-cache");
    has_header(&robots, "etag", "\"d2\"");
    let known = asked(&nobody, Method::GET, "/robots.txt", &[("if-none-match", "\"d2\"")]).await;
    assert_eq!(known.status.as_u16(), 304);

    for path in ["/assets/index-0ld.js", "/assets/", "/assets/x/y", "/assets/index-Cq8B.js.br"] {
        let answer = nobody.get(path).await;
        assert_eq!(answer.status.as_u16(), 404, "{path} {answer:?}");
        has_header(&answer, "content-type", "text/plain; charset=utf-8");
        has_header(&answer, "cache-control", "no-store");
    }
    for (method, path) in [
        (Method::POST, "/"),
        (Method::PUT, SCRIPT_PATH),
        (Method::DELETE, "/w/shop"),
        (Method::OPTIONS, "/"),
        (Method::PATCH, "/assets/none.js"),
    ] {
        let answer = asked(&nobody, method, path, &[]).await;
        assert_eq!(answer.problem(405), "method_not_allowed", "{path}");
        has_header(&answer, "allow", "GET, HEAD");
    }
    plane.stop().await;
}

#[tokio::test]
async fn the_api_stays_the_api_and_without_a_console_there_is_no_page() {
    let plane = plane().await;
    let nobody = plane.nobody();
    for path in ["/api", "/api/", "/api/v1", "/api/v1/nothing", "/api/index.html"] {
        assert_eq!(nobody.get(path).await.problem(404), "not_found", "{path}");
    }
    nobody.get("/api/v1/instance").await.expect(200);
    assert!(nobody.get("/api/docs").await.text.contains("<h1>The API of Dragoman</h1>"));
    plane.stop().await;
    let without = Plane::start(Backend::Sqlite).await;
    for path in ["/", SCRIPT_PATH, "/robots.txt"] {
        assert_eq!(without.nobody().get(path).await.problem(404), "not_found", "{path}");
    }
    without.stop().await;
}

#[tokio::test]
async fn pages_and_files_need_no_state_and_use_up_no_requests_of_the_api() {
    let bounds = Bounds { person: Bound::new(1, 2), address: Bound::new(1, 3) };
    let plane = Plane::start_with(Backend::Sqlite, |settings| {
        settings.console = console();
        settings.rates = bounds;
    })
    .await;
    let mut nobody = plane.nobody();
    for _ in 0..40 {
        for path in ["/", SCRIPT_PATH, "/robots.txt"] {
            assert_eq!(nobody.get(path).await.status.as_u16(), 200, "{path}");
        }
    }
    nobody.get("/api/v1/instance").await.expect(200);
    plane.plane.app().store.close().await;
    // A cookie or a token would have to be looked up, if anybody asked whose it is.
    nobody.cookie = Some("dragoman=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA".to_owned());
    for path in ["/", SCRIPT_PATH, "/robots.txt"] {
        assert_eq!(nobody.get(path).await.status.as_u16(), 200, "{path}");
    }
    let asks_the_state = nobody.get("/api/v1/session").await;
    assert_eq!(asks_the_state.status.as_u16(), 503, "{asks_the_state:?}");
    plane.stop().await;
}

/// Sends `target` as it is, and answers the status.
async fn status_of(address: &str, target: &[u8]) -> u16 {
    let mut socket = TcpStream::connect(address).await.unwrap();
    let request = [b"GET ", target, b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"].concat();
    socket.write_all(&request).await.unwrap();
    let mut answer = Vec::new();
    let _ = socket.read_to_end(&mut answer).await;
    let text = String::from_utf8_lossy(&answer);
    text.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_else(|| panic!("{text}"))
}

#[tokio::test]
async fn no_path_leads_out_of_the_table() {
    let plane = plane().await;
    let address = plane.url.trim_start_matches("http://").to_owned();
    let cases: &[(&[u8], u16)] = &[
        (b"/../../etc/passwd", 404),
        (b"/assets/../robots.txt", 404),
        (b"/assets/%2e%2e/robots.txt", 404),
        (b"/%2e%2e/%2e%2e/etc/passwd", 404),
        (b"/.%2E/x", 404),
        (b"/a/%00", 404),
        (b"/assets/%00.js", 404),
        (b"/%0d%0aSet-Cookie:%20a=b", 404),
        (b"/%zz", 404),
        (b"/%", 404),
        (b"/\x00", 400),
        (b"/\x7f", 400),
        (b"/\xc3\xbc", 200),
        (b"//etc/passwd", 200),
        (b"/robots.txt?x=../y", 200),
        (b"/robots%2etxt", 200),
    ];
    for (target, expected) in cases {
        let status = status_of(&address, target).await;
        assert_eq!(status, *expected, "{}", String::from_utf8_lossy(target));
    }
    let long = [b"/".as_slice(), &vec![b'a'; 60_000]].concat();
    assert!([200, 400, 414, 431].contains(&status_of(&address, &long).await));
    plane.stop().await;
}
