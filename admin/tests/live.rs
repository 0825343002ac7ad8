//! What is somebody told who watches, and until when?
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod data_plane;
mod harness;

use admin::topics::Topic;
use data_plane::{DataPlane, listener, until};
use futures_util::{SinkExt as _, StreamExt as _};
use harness::{Caller, Plane, each_backend};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

type Socket = WebSocketStream<MaybeTlsStream<tokio::net::TcpStream>>;

/// Opens the WebSocket; an answer that refuses it gives its status.
async fn open(plane: &Plane, caller: &Caller, workspace: &str, origin: Option<&str>) -> Result<Socket, u16> {
    let url = format!("{}/api/v1/workspaces/{workspace}/live", plane.url.replace("http://", "ws://"));
    let mut request = url.into_client_request().unwrap();
    let headers = request.headers_mut();
    if let Some(cookie) = &caller.cookie {
        headers.insert("cookie", cookie.parse().unwrap());
    }
    if let Some(token) = &caller.token {
        headers.insert("authorization", format!("Bearer {token}").parse().unwrap());
    }
    if let Some(origin) = origin {
        headers.insert("origin", origin.parse().unwrap());
    }
    match connect_async(request).await {
        Ok((socket, _)) => Ok(socket),
        Err(Error::Http(response)) => Err(response.status().as_u16()),
        Err(error) => panic!("{error}"),
    }
}

async fn subscribe(socket: &mut Socket, topics: Value) -> Value {
    socket.send(Message::text(json!({ "subscribe": topics }).to_string())).await.unwrap();
    next(socket).await.unwrap()
}

/// The next message; `None` when it was closed.
async fn next(socket: &mut Socket) -> Option<Value> {
    let wait = async {
        loop {
            match socket.next().await {
                Some(Ok(Message::Text(text))) => return Some(serde_json::from_str(text.as_str()).unwrap()),
                Some(Ok(Message::Close(_))) | None | Some(Err(_)) => return None,
                Some(Ok(_)) => {}
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(20), wait).await.expect("a message or an end")
}

/// Much happens for three seconds; gives how much.
fn flood(plane: &Plane) -> tokio::task::JoinHandle<u64> {
    let app = plane.plane.app().clone();
    tokio::spawn(async move {
        let began = Instant::now();
        let mut published = 0_u64;
        while began.elapsed() < Duration::from_secs(3) {
            app.topics.publish("pay", Topic::Traffic, &json!({ "pg": { "calls": 1 } }));
            app.topics.publish("pay", Topic::Refusals, &json!([{ "number": published }]));
            published += 1;
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        published
    })
}

#[test]
fn who_watches_is_told_at_most_four_times_a_second() {
    each_backend(|backend| async move {
        let plane = Plane::start(backend).await;
        let people = plane.people().await;
        people.root.post("/api/v1/workspaces", json!({ "slug": "pay", "name": "Pay" })).await.expect(201);
        plane.make_member("pay", "viewer@example.com", "viewer").await;
        plane.make_member("pay", "owner@example.com", "owner").await;
        let data_plane =
            DataPlane::start(&plane, &people.root, "p1", vec![listener("pg", "pay", true)]).await;
        let viewer = &people.viewer;
        assert_eq!(open(&plane, &plane.nobody(), "pay", None).await.err(), Some(401));
        assert_eq!(open(&plane, &people.stranger, "pay", None).await.err(), Some(404));
        assert_eq!(open(&plane, viewer, "pay", Some("http://evil.example.com")).await.err(), Some(403));
        assert_eq!(viewer.get("/api/v1/workspaces/pay/live").await.problem(400), "bad_request");

        let mut socket = open(&plane, viewer, "pay", Some("http://127.0.0.1:8432")).await.unwrap();
        let refused = subscribe(&mut socket, json!(["activity"])).await;
        assert!(refused["error"].as_str().unwrap().contains("view_activity"), "{refused}");
        assert!(subscribe(&mut socket, json!(["nonsense"])).await["error"].is_string());
        let subscribed = subscribe(&mut socket, json!(["traffic", "refusals", "listeners"])).await;
        assert_eq!(subscribed["subscribed"], json!(["traffic", "refusals", "listeners"]));

        // What a data plane reports is told.
        let sums = json!({ "calls": 5, "errors": 1, "refusals": 0, "rows": 9, "bytes_in": 1, "bytes_out": 2,
            "total_us": 70, "latency": { "steps": [[1, 5]], "max_us": 9 } });
        let minute = admin_store::now_us() / 60_000_000;
        data_plane.report(json!({
            "minutes": [{ "listener": "pg", "minute": minute, "counts": [], "others": sums, "errors": [], "other_errors": 0 }],
        })).await;
        let told = next(&mut socket).await.unwrap();
        assert_eq!((&told["topic"], &told["data"]["pg"]["calls"]), (&json!("traffic"), &json!(5)));
        assert!(told["at"].as_str().unwrap().ends_with('Z'));
        assert_eq!(told["data"]["pg"]["latency"], json!({ "1": 5 }));
        // The plane learns that somebody watches, and tells more often.
        until("the plane is told", || async {
            let mind = data_plane.mind.lock().unwrap();
            mind.questions.iter().any(|question| question["kind"] == "watch").then_some(())
        })
        .await;

        // A flood: what happens in between is put together, nothing of it is lost.
        let flood = flood(&plane);
        let (began, mut messages) = (Instant::now(), BTreeMap::<String, u64>::new());
        let (mut calls, mut refusals) = (0, 0);
        while began.elapsed() < Duration::from_secs(3) {
            let told = next(&mut socket).await.unwrap();
            *messages.entry(told["topic"].as_str().unwrap().to_owned()).or_default() += 1;
            calls += told["data"]["pg"]["calls"].as_u64().unwrap_or(0);
            refusals += told["data"].as_array().map_or(0, |items| items.len() as u64)
                + told["dropped"].as_u64().unwrap_or(0);
        }
        let took = began.elapsed().as_secs_f64();
        let published = flood.await.unwrap();
        for (topic, count) in &messages {
            #[allow(clippy::cast_precision_loss)]
            let most = 4.0 * took + 1.0;
            #[allow(clippy::cast_precision_loss)]
            let is_within = (*count as f64) <= most;
            assert!(is_within && *count >= 6, "{count} messages of `{topic}` in {took} s");
        }
        while calls < published || refusals < published {
            let told = next(&mut socket).await.unwrap();
            calls += told["data"]["pg"]["calls"].as_u64().unwrap_or(0);
            refusals += told["data"].as_array().map_or(0, |items| items.len() as u64)
                + told["dropped"].as_u64().unwrap_or(0);
        }
        assert_eq!((calls, refusals), (published, published));
        plane.stop().await;
    });
}

#[test]
fn watching_ends_with_the_right_to_it() {
    each_backend(|backend| async move {
        let plane = Plane::start(backend).await;
        let people = plane.people().await;
        people.root.post("/api/v1/workspaces", json!({ "slug": "pay", "name": "Pay" })).await.expect(201);
        plane.make_member("pay", "viewer@example.com", "viewer").await;
        plane.make_member("pay", "owner@example.com", "owner").await;
        // Of a workspace that listeners cannot belong to nothing of the traffic is told.
        let mut named = open(&plane, &people.owner, "shop", None).await.unwrap();
        let subscribed = subscribe(&mut named, json!(["traffic", "sessions", "listeners", "activity"])).await;
        assert_eq!(subscribed["subscribed"], json!(["activity"]));
        people.owner.post("/api/v1/workspaces/shop/rule-sets", json!({ "name": "own" })).await.expect(201);
        let told = next(&mut named).await.unwrap();
        assert_eq!(
            (&told["topic"], &told["data"][0]["action"]),
            (&json!("activity"), &json!("create_rule_set"))
        );

        let mut signed_out = open(&plane, &people.viewer, "pay", None).await.unwrap();
        let mut stays = open(&plane, &people.owner, "pay", None).await.unwrap();
        subscribe(&mut signed_out, json!(["traffic"])).await;
        subscribe(&mut stays, json!(["traffic"])).await;
        people.viewer.delete("/api/v1/session").await.expect(204);
        assert_eq!(next(&mut signed_out).await, None);
        plane.plane.app().topics.publish("pay", Topic::Traffic, &json!({ "pg": { "calls": 1 } }));
        assert_eq!(next(&mut stays).await.unwrap()["data"]["pg"]["calls"], 1);

        // So many from one person and no more: the last is closed at once.
        let mut sockets = Vec::new();
        for _ in 0..18 {
            let mut socket = open(&plane, &people.owner, "pay", None).await.unwrap();
            subscribe(&mut socket, json!([])).await;
            sockets.push(socket);
        }
        let mut too_many = open(&plane, &people.owner, "pay", None).await.unwrap();
        assert_eq!(next(&mut too_many).await, None);
        let stopped = tokio::spawn(async move { plane.stop().await });
        assert_eq!(next(&mut stays).await, None, "it ends when the control plane stops");
        stopped.await.unwrap();
    });
}
