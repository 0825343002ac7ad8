//! Does a web server get every line, and is each of its answers understood?

use super::server::{Authority, Server};
use super::*;
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Mutex;
use tokio::io::AsyncReadExt as _;

/// What was posted: path, headers, body.
#[derive(Clone, Debug)]
struct Posted {
    path: String,
    headers: BTreeMap<String, String>,
    body: String,
}

/// A web server that answers with the numbers of a list, the last one for ever.
struct Web {
    server: Server,
    posted: Arc<Mutex<Vec<(u16, Posted)>>>,
}

impl Web {
    fn start(authority: &Authority, answers: &'static [u16]) -> Web {
        let posted = Arc::<Mutex<Vec<(u16, Posted)>>>::default();
        let seen = Arc::clone(&posted);
        let server = Server::tls(authority, move |stream, _| {
            let seen = Arc::clone(&seen);
            let service = service_fn(move |request| answer(request, Arc::clone(&seen), answers));
            async move {
                let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
            }
        });
        Web { server, posted }
    }

    fn to(&self) -> String {
        format!("https://localhost:{}/shop/ledger", self.server.port)
    }

    fn posted(&self, status: u16) -> Vec<Posted> {
        let posted = self.posted.lock().unwrap();
        posted.iter().filter(|(answered, _)| *answered == status).map(|(_, posted)| posted.clone()).collect()
    }

    fn lines(&self) -> Vec<String> {
        self.posted(200).iter().flat_map(|posted| posted.body.lines().map(str::to_owned)).collect()
    }
}

async fn answer(
    request: Request<Incoming>,
    seen: Arc<Mutex<Vec<(u16, Posted)>>>,
    answers: &'static [u16],
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    assert_eq!(head.method, "POST");
    let body = String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap();
    let headers = head.headers.iter();
    let headers =
        headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect();
    let mut seen = seen.lock().unwrap();
    let status = answers.get(seen.len()).or(answers.last()).copied().unwrap();
    seen.push((status, Posted { path: head.uri.path().to_owned(), headers, body }));
    let mut response = Response::new(Full::new(Bytes::from_static(b"so it is\n")));
    *response.status_mut() = status.try_into().unwrap();
    if status == 307 {
        response.headers_mut().insert("location", "https://localhost:1/elsewhere".parse().unwrap());
    }
    Ok(response)
}

fn more(files: &Files, authority: &Authority, content: &str) -> String {
    fs::write(files.path("token"), "a-token-nobody-guesses\n").unwrap();
    format!("content = '{content}'\nca = '{}'\ntoken = {{ file = 'token' }}", authority.file.display())
}

#[test]
fn lines_are_posted_with_the_token_and_where_they_are_from() {
    let mut files = Files::new();
    let authority = Authority::new(files.folder.path(), "ca");
    let web = Web::start(&authority, &[200]);
    files.write(3).keep();
    let threads = files.start(&copy("hook", &web.to(), &more(&files, &authority, "records")));
    eventually_all(&threads, "hook");
    // More than one batch of half a mebibyte.
    files.rotate().write(4_000).keep();
    eventually("all lines are there", || web.lines() == files.lines());
    eventually_all(&threads, "hook");
    threads.stop();
    let posted = web.posted(200);
    let first = posted.first().unwrap();
    let header = |name: &str| first.headers.get(name).map_or("", String::as_str);
    assert_eq!(first.path, "/shop/ledger");
    assert_eq!(header("authorization"), "Bearer a-token-nobody-guesses");
    assert_eq!(header("content-type"), "application/x-ndjson");
    assert_eq!(header("dragoman-ledger"), WRITER);
    assert_eq!(header("dragoman-first"), format!("{WRITER}:1"));
    assert_eq!(header("dragoman-last"), format!("{WRITER}:3"));
    assert!(posted.len() >= 3 && posted.iter().all(|posted| posted.body.len() <= 512 * 1024));
}

#[test]
fn a_checkpoint_is_posted_as_it_is() {
    let mut files = Files::new();
    let authority = Authority::new(files.folder.path(), "ca");
    let web = Web::start(&authority, &[204]);
    let note = files.write(3).sign();
    let threads = files.start(&copy("hook", &web.to(), &more(&files, &authority, "checkpoints")));
    eventually_all(&threads, "hook");
    threads.stop();
    let posted = web.posted(204);
    let [posted] = posted.as_slice() else { panic!("{posted:?}") };
    assert_eq!(posted.body, note);
    assert_eq!(posted.headers["content-type"], "text/plain; charset=utf-8");
    assert_eq!(posted.headers["dragoman-last"], format!("{WRITER}:3"));
}

#[test]
fn what_was_not_taken_is_posted_again_until_it_is() {
    let mut files = Files::new();
    let authority = Authority::new(files.folder.path(), "ca");
    let web = Web::start(&authority, &[503, 429, 200]);
    files.write(3).keep();
    let threads = files.start(&copy("hook", &web.to(), &more(&files, &authority, "records")));
    eventually("all lines are there", || web.lines() == files.lines());
    eventually_all(&threads, "hook");
    assert_eq!(status(&threads, "hook").failures, 2);
    threads.stop();
}

#[test]
fn what_a_server_broke_off_in_the_middle_of_is_posted_again_as_a_whole() {
    let mut files = Files::new();
    let authority = Authority::new(files.folder.path(), "ca");
    let posted = Arc::<Mutex<Vec<(u16, Posted)>>>::default();
    let seen = Arc::clone(&posted);
    let server = Server::tls(&authority, move |mut stream, number| {
        let seen = Arc::clone(&seen);
        async move {
            if number == 0 {
                let _ = stream.read_exact(&mut [0; 50_000]).await;
                return;
            }
            let service = service_fn(move |request| answer(request, Arc::clone(&seen), &[200]));
            let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        }
    });
    let web = Web { server, posted };
    files.write(2_000).keep();
    let threads = files.start(&copy("hook", &web.to(), &more(&files, &authority, "records")));
    eventually("all lines are there", || web.lines() == files.lines());
    eventually_all(&threads, "hook");
    assert!(status(&threads, "hook").failures >= 1);
    threads.stop();
}

#[test]
fn a_refusal_is_told_and_not_repeated_at_once_and_a_redirect_is_one() {
    for refusal in [&[401_u16], &[307]] {
        let mut files = Files::new();
        let authority = Authority::new(files.folder.path(), "ca");
        let web = Web::start(&authority, refusal);
        files.write(3).keep();
        let threads = files.start(&copy("hook", &web.to(), &more(&files, &authority, "records")));
        eventually_fails(&threads, "hook", "refused");
        assert_eq!(web.posted(refusal[0]).len(), 1);
        threads.stop();
        assert!(!files.directory().join("copies/hook.json").exists());
    }
}

#[test]
fn a_stranger_gets_no_token_and_a_silent_server_is_given_up() {
    let mut files = Files::new();
    let (ours, other) =
        (Authority::new(files.folder.path(), "ours"), Authority::new(files.folder.path(), "other"));
    let web = Web::start(&other, &[200]);
    let mute = Server::tls(&ours, |stream, _| async move {
        let _held = stream;
        std::future::pending::<()>().await;
    });
    files.write(3).keep();
    let copies = copy("stranger", &web.to(), &more(&files, &ours, "records"))
        + &copy("mute", &format!("https://localhost:{}/", mute.port), &more(&files, &ours, "records"));
    let threads = files.start(&copies);
    eventually_fails(&threads, "stranger", "tls");
    eventually_fails(&threads, "mute", "silent");
    threads.stop();
    assert!(web.posted(200).is_empty());
}
