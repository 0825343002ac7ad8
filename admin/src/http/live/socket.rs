//! How is somebody told who watches, and until when?

use crate::access::{Action, Capability};
use crate::http::caller;
use crate::http::timestamp::Timestamp;
use crate::operation::{Caller, Entered, Operation, authorize};
use crate::plane::App;
use crate::problem::{Code, Problem};
use crate::topics::{Full, MESSAGE_EVERY, Mailbox, Topic};
use admin_store::workspaces::Kind;
use admin_store::{Id, now_us};
use axum::extract::ws::{CloseFrame, Message, WebSocket};
use axum::http::{HeaderMap, header};
use serde::Deserialize;
use serde_json::json;
use std::collections::HashMap;
use std::time::Duration;
use tokio::time::{Instant, sleep_until, timeout};

/// How often it is looked whether somebody may still watch.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// Somebody who sends nothing for so long, not even answers to pings, is gone.
const SILENCE_MAX: Duration = Duration::from_secs(60);
/// How often somebody is asked whether they are there.
const PING_EVERY: Duration = Duration::from_secs(20);
/// Longest time that one message takes to be sent.
const SEND_MAX: Duration = Duration::from_secs(10);

/// Normal end, going away, policy violation, try again later (RFC 6455 section 7.4.1, IANA's registry).
const GOING_AWAY: u16 = 1_001;
const NOT_ALLOWED: u16 = 1_008;
const TRY_LATER: u16 = 1_013;

/// Somebody who will watch.
#[derive(Debug)]
pub(super) struct Socket {
    app: App,
    action: Action,
    person: Id,
    entered: Entered,
    /// What shows who they are.
    credentials: HeaderMap,
}

/// What a client says.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Said {
    subscribe: Vec<Topic>,
}

impl Socket {
    pub(super) fn of(operation: Operation, headers: HeaderMap) -> Result<Socket, Problem> {
        let person = operation.person()?.user.id;
        let entered = operation.entered()?.clone();
        let mut credentials = HeaderMap::new();
        for (name, value) in &headers {
            if *name == header::COOKIE || *name == header::AUTHORIZATION {
                credentials.append(name.clone(), value.clone());
            }
        }
        Ok(Socket { app: operation.app, action: operation.action, person, entered, credentials })
    }

    /// Whether they may still watch, as it is now.
    async fn may_still(&self) -> bool {
        let found = match caller::still(&self.app, &self.credentials).await {
            Ok(caller @ Caller::Person(_)) => {
                let slug = self.entered.workspace.id.to_string();
                authorize(&self.app, &caller, self.action, Some(&slug)).await
            }
            Ok(_) => return false,
            Err(problem) => Err(problem),
        };
        // That the state cannot be asked just now takes nobody's right away.
        found.map_or_else(|problem| problem.code() == Code::Unavailable, |entered| self.is_same(entered))
    }

    /// Rights that were taken away end it: whoever has some left begins anew.
    fn is_same(&self, entered: Option<Entered>) -> bool {
        entered.is_some_and(|entered| self.entered.capabilities.within(entered.capabilities))
    }

    /// The topics that are asked for and that they may see.
    fn allowed(&self, said: Said) -> Result<Vec<Topic>, String> {
        let is_gateway = self.entered.workspace.kind == Kind::Gateway;
        let mut topics = Vec::new();
        for topic in said.subscribe {
            match topic {
                Topic::Activity if !self.entered.capabilities.contains(Capability::ViewActivity) => {
                    return Err("`activity` needs the capability `view_activity`".to_owned());
                }
                // A name alone gives nobody traffic: only workspaces that listeners belong to have any.
                Topic::Traffic | Topic::Refusals | Topic::Sessions | Topic::Listeners if !is_gateway => {}
                topic => topics.push(topic),
            }
        }
        Ok(topics)
    }
}

/// Tells somebody what happens until they go or may not watch any more.
pub(super) async fn attend(socket: Socket, mut stream: WebSocket) {
    let app = socket.app.clone();
    let watching = match app.topics.watch(&socket.entered.workspace.slug, socket.person) {
        Ok(watching) => watching,
        Err(full) => {
            let why = match full {
                Full::Instance => "too many people watch",
                Full::Person => "you watch from too many places",
            };
            return close(&mut stream, TRY_LATER, why).await;
        }
    };
    let (code, why) = tell(&socket, &watching.mailbox, &mut stream).await;
    drop(watching);
    close(&mut stream, code, why).await;
}

async fn close(stream: &mut WebSocket, code: u16, why: &'static str) {
    let frame = CloseFrame { code, reason: why.into() };
    let _ = timeout(SEND_MAX, stream.send(Message::Close(Some(frame)))).await;
}

/// Until something ends it; gives what.
async fn tell(socket: &Socket, mailbox: &Mailbox, stream: &mut WebSocket) -> (u16, &'static str) {
    const GONE: (u16, &str) = (GOING_AWAY, "nobody is there");
    let mut stopping = socket.app.stopping.clone();
    let mut sent: HashMap<Topic, Instant> = HashMap::new();
    let (mut heard, mut pinged, mut looked) = (Instant::now(), Instant::now(), Instant::now());
    loop {
        let now = Instant::now();
        if *stopping.borrow() {
            return (GOING_AWAY, "the control plane stops");
        }
        if now >= heard + SILENCE_MAX {
            return GONE;
        }
        if now >= looked + LOOK_EVERY {
            looked = now;
            if !socket.may_still().await {
                return (NOT_ALLOWED, "the session has ended, or the right to watch");
            }
        }
        if now >= pinged + PING_EVERY {
            pinged = now;
            if !send(stream, Message::Ping(bytes::Bytes::new())).await {
                return GONE;
            }
        }
        let mut next = (heard + SILENCE_MAX).min(looked + LOOK_EVERY).min(pinged + PING_EVERY);
        for topic in mailbox.ready() {
            let due = sent.get(&topic).map_or(now, |last| *last + MESSAGE_EVERY);
            if due > now {
                next = next.min(due);
                continue;
            }
            let Some(waiting) = mailbox.take(topic) else { continue };
            sent.insert(topic, now);
            let mut message =
                json!({ "topic": topic, "at": Timestamp(now_us()).to_string(), "data": waiting.data });
            if waiting.dropped > 0 {
                message["dropped"] = waiting.dropped.into();
            }
            if !send(stream, Message::Text(message.to_string().into())).await {
                return GONE;
            }
        }
        tokio::select! {
            message = stream.recv() => {
                heard = Instant::now();
                match message {
                    None | Some(Err(_) | Ok(Message::Close(_))) => return GONE,
                    Some(Ok(Message::Text(text))) => {
                        if !heed(socket, mailbox, stream, text.as_str()).await {
                            return GONE;
                        }
                    }
                    Some(Ok(Message::Binary(_))) => return (NOT_ALLOWED, "messages are texts"),
                    Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                }
            }
            () = mailbox.wait() => {}
            _ = stopping.changed() => {}
            () = sleep_until(next) => {}
        }
    }
}

/// Whether it could be sent.
async fn send(stream: &mut WebSocket, message: Message) -> bool {
    matches!(timeout(SEND_MAX, stream.send(message)).await, Ok(Ok(())))
}

/// Does what a client says.
async fn heed(socket: &Socket, mailbox: &Mailbox, stream: &mut WebSocket, text: &str) -> bool {
    let said = serde_json::from_str::<Said>(text).map_err(|error| error.to_string());
    match said.and_then(|said| socket.allowed(said)) {
        Ok(topics) => {
            mailbox.subscribe(&topics);
            send(stream, Message::Text(json!({ "subscribed": topics }).to_string().into())).await
        }
        Err(why) => send(stream, Message::Text(json!({ "error": why }).to_string().into())).await,
    }
}
