//! Do the words travel over HTTP as they are, and is every refusal understood?

use super::super::HttpCarrier;
use crate::config::SecretText;
use control::{
    Answer, AnswerBody, Carrier, CarrierError, Directions, LedgerPage, Listening, PlaneAnswer, PlaneState,
    Report, Snapshot,
};
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;

const TOKEN: &str = "a-token-nobody-guesses";

/// What was asked: address, authorization, body.
type Asked = Arc<Mutex<Vec<(String, String, Vec<u8>)>>>;

/// A server that says `body` with `status` to everything.
async fn server(status: u16, body: &'static [u8]) -> (String, Asked) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let asked = Asked::default();
    let seen = Arc::clone(&asked);
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let seen = Arc::clone(&seen);
            let service = service_fn(move |request| answer(request, Arc::clone(&seen), (status, body)));
            tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
        }
    });
    (url, asked)
}

async fn answer(
    request: Request<Incoming>,
    seen: Asked,
    (status, body): (u16, &'static [u8]),
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, asked) = request.into_parts();
    let authorization = head.headers.get("authorization").map(|value| value.to_str().unwrap().to_owned());
    let asked = asked.collect().await.unwrap().to_bytes().to_vec();
    seen.lock().unwrap().push((head.uri.path().to_owned(), authorization.unwrap_or_default(), asked));
    let mut response = Response::new(Full::new(Bytes::from_static(body)));
    *response.status_mut() = StatusCode::from_u16(status).unwrap();
    if status == 307 {
        response.headers_mut().insert("location", "http://127.0.0.1:1/elsewhere".parse().unwrap());
    }
    Ok(response)
}

fn carrier(url: &str) -> HttpCarrier {
    HttpCarrier::new(url, SecretText::new(TOKEN)).unwrap()
}

fn listening() -> Listening {
    Listening {
        version: control::VERSION,
        state: PlaneState { plane: "p".to_owned(), ..PlaneState::default() },
        snapshot: 4,
    }
}

#[tokio::test]
async fn each_word_is_posted_to_its_address_with_the_token() {
    let snapshot = br#"{"snapshot":{"version":9,"made_at_us":1,"listeners":[]},"questions":[]}"#;
    let (url, asked) = server(200, snapshot).await;
    let carrier = carrier(&format!("{url}/"));
    let directions = carrier.listen(listening()).await.unwrap();
    let expected = Snapshot { version: 9, made_at_us: 1, listeners: Vec::new(), mode_changes: Vec::new() };
    assert_eq!(directions, Directions { snapshot: Some(Arc::new(expected)), questions: Vec::new() });
    let report = Report { plane: "p".to_owned(), number: 3, ..Report::default() };
    carrier.report(report.clone()).await.unwrap();
    let answer = Answer { number: 5, result: Ok(AnswerBody::Ledger(LedgerPage::default())) };
    carrier.answer("p", answer.clone()).await.unwrap();

    let asked = asked.lock().unwrap();
    let paths: Vec<_> = asked.iter().map(|(path, _, _)| path.as_str()).collect();
    assert_eq!(paths, ["/api/v1/link/listen", "/api/v1/link/report", "/api/v1/link/answer"]);
    assert!(asked.iter().all(|(_, authorization, _)| *authorization == format!("Bearer {TOKEN}")));
    assert_eq!(serde_json::from_slice::<Listening>(&asked[0].2).unwrap(), listening());
    assert_eq!(serde_json::from_slice::<Report>(&asked[1].2).unwrap(), report);
    let expected = PlaneAnswer { plane: "p".to_owned(), answer };
    assert_eq!(serde_json::from_slice::<PlaneAnswer>(&asked[2].2).unwrap(), expected);
}

#[tokio::test]
async fn what_may_pass_is_away_and_what_will_not_is_refused() {
    let check = async |status: u16, body: &'static [u8]| {
        let (url, _) = server(status, body).await;
        carrier(&url).report(Report::default()).await
    };
    let refused = check(401, b"{\"code\":\"unauthenticated\",\n \"hint\":\"set `link.token`\"}").await;
    let reason = "401 Unauthorized: {\"code\":\"unauthenticated\", \"hint\":\"set `link.token`\"}";
    assert_eq!(refused, Err(CarrierError::Refused(reason.to_owned())));
    assert!(matches!(check(422, b"").await, Err(CarrierError::Refused(_))));
    for status in [307, 408, 429, 500, 503] {
        assert!(matches!(check(status, b"").await, Err(CarrierError::Away(_))), "{status}");
    }
    assert_eq!(check(204, b"").await, Ok(()));
    assert!(matches!(
        carrier("http://127.0.0.1:1").report(Report::default()).await,
        Err(CarrierError::Away(_))
    ));
}

#[tokio::test]
async fn what_is_not_understood_is_refused_and_nothing_is_nothing() {
    let (url, _) = server(200, b"<html>").await;
    let error = carrier(&url).listen(listening()).await.unwrap_err();
    assert!(matches!(error, CarrierError::Refused(_)), "{error:?}");
    let (url, _) = server(204, b"").await;
    assert_eq!(carrier(&url).listen(listening()).await, Ok(Directions::default()));
}

#[test]
fn the_token_is_in_no_text_form() {
    let text = format!("{:?}", carrier("http://127.0.0.1:1"));
    assert!(!text.contains(TOKEN), "{text}");
}
