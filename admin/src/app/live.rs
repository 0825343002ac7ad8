//! What of a report is told to those who watch?

use super::connections::health::condition;
use crate::http::timestamp::Timestamp;
use crate::plane::App;
use crate::topics::Topic;
use admin_store::{Id, StoreError, connections, workspaces};
use control::{BUCKETS, Latency, PlaneState, QuestionBody, Report, Sums};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

/// How often planes are told that somebody watches: each time they also tell how their listeners are.
const ASK_EVERY: Duration = Duration::from_secs(1);
/// A plane goes on so long without being told again.
const WATCHED_SECONDS: u32 = 5;
/// Longest a plane is waited for.
const ANSWER_MAX: Duration = Duration::from_secs(2);

/// Has planes tell every second what passes, as long as somebody watches their listeners' workspaces.
pub(crate) async fn keep_told(app: App) {
    let mut stopping = app.stopping.clone();
    loop {
        let watched = app.topics.watched(&[Topic::Traffic, Topic::Listeners]);
        let planes = if watched.is_empty() { Vec::new() } else { app.fleet.planes_of(&watched) };
        let asked = planes.iter().map(|plane| {
            let body = QuestionBody::Watch { seconds: WATCHED_SECONDS };
            app.fleet.ask(plane, body, ANSWER_MAX)
        });
        for (plane, answer) in planes.iter().zip(futures_util::future::join_all(asked).await) {
            // It is asked again; until then it tells as often as it does else.
            if let Err(problem) = answer {
                tracing::debug!(plane, ?problem, "a plane was not told that somebody watches");
            }
        }
        tokio::select! {
            _ = stopping.wait_for(|stopping| *stopping) => return,
            () = tokio::time::sleep(ASK_EVERY) => {}
        }
    }
}

/// Tells what a data plane reported to those who watch the workspaces of its listeners.
pub(crate) fn reported(app: &App, report: &Report) {
    let mut told: BTreeMap<(String, Topic), Value> = BTreeMap::new();
    // A report names listeners many times: each is looked up once.
    let mut workspaces: BTreeMap<&str, Option<String>> = BTreeMap::new();
    let mut watched = |listener| -> Option<String> {
        let of =
            || app.fleet.workspace_of(&report.plane, listener).filter(|slug| app.topics.is_watched(slug));
        workspaces.entry(listener).or_insert_with(of).clone()
    };
    for minute in &report.minutes {
        let Some(workspace) = watched(&minute.listener) else { continue };
        let mut sums = minute.others.clone();
        minute.counts.iter().for_each(|count| sums.merge(&count.sums));
        let Value::Object(fields) = told.entry((workspace, Topic::Traffic)).or_insert_with(|| json!({}))
        else {
            continue;
        };
        add(fields, &minute.listener, &sums);
    }
    for refusal in &report.refusals {
        let Some(workspace) = watched(&refusal.listener) else { continue };
        list(&mut told, (workspace, Topic::Refusals), timed(refusal, refusal.at_us));
    }
    for start in &report.session_starts {
        let Some(workspace) = watched(&start.listener) else { continue };
        list(&mut told, (workspace, Topic::Sessions), timed(start, start.at_us));
    }
    for ((workspace, topic), data) in told {
        app.topics.publish(&workspace, topic, &data);
    }
}

/// Something that happened, with its time as the API writes times.
fn timed<T: serde::Serialize>(what: &T, at_us: i64) -> Value {
    let mut told = serde_json::to_value(what).unwrap_or_default();
    if let Value::Object(fields) = &mut told {
        fields.remove("at_us");
        fields.insert("at".to_owned(), Timestamp(at_us).to_string().into());
    }
    told
}

fn list(told: &mut BTreeMap<(String, Topic), Value>, key: (String, Topic), one: Value) {
    if let Value::Array(items) = told.entry(key).or_insert_with(|| json!([])) {
        items.push(one);
    }
}

fn add(fields: &mut Map<String, Value>, listener: &str, more: &Sums) {
    let known = fields.get(listener).cloned().unwrap_or_default();
    let sum =
        |name: &str, more: u64| known.get(name).and_then(Value::as_u64).unwrap_or(0).saturating_add(more);
    let sums = json!({
        "calls": sum("calls", more.calls),
        "errors": sum("errors", more.errors),
        "refusals": sum("refusals", more.refusals),
        "rows": sum("rows", more.rows),
        "bytes_in": sum("bytes_in", more.bytes_in),
        "bytes_out": sum("bytes_out", more.bytes_out),
        "total_us": sum("total_us", more.total_us),
        "latency": latency(known.get("latency"), &more.latency),
    });
    fields.insert(listener.to_owned(), sums);
}

/// Counts by the longest duration they are about: added up by whoever puts messages together, and at most as
/// many as there are buckets.
fn latency(known: Option<&Value>, more: &Latency) -> Value {
    let mut steps = known.and_then(Value::as_object).cloned().unwrap_or_default();
    for (up_to_us, count) in more.up_to(BUCKETS) {
        let step = steps.entry(up_to_us.to_string()).or_insert_with(|| 0.into());
        *step = step.as_u64().unwrap_or(0).saturating_add(count).into();
    }
    Value::Object(steps)
}

/// Tells how the listeners of a data plane are.
pub(crate) fn listening(app: &App, state: &PlaneState) {
    for listener in state.listeners.iter().filter(|one| app.topics.is_watched(&one.workspace)) {
        let now = json!({ "plane": state.plane, "state": listener });
        let data = json!({ listener.name.clone(): now });
        app.topics.publish(&listener.workspace, Topic::Listeners, &data);
    }
}

/// Tells how a connection is, after somebody looked.
pub(crate) async fn health(app: &App, workspace: Id, connection: Id) {
    if !app.topics.has_watchers() {
        return;
    }
    // Who watches is told the next time, or the connection is gone.
    if let Err(error) = tell_health(app, workspace, connection).await {
        tracing::debug!(%error, "nobody was told how a connection is");
    }
}

async fn tell_health(app: &App, workspace: Id, connection: Id) -> Result<(), StoreError> {
    let mut tx = app.store.read().await?;
    let slug = workspaces::by_id(&mut tx, workspace).await?.slug;
    let known = connections::get(&mut tx, workspace, connection).await?;
    tx.commit().await?;
    let health = &known.health;
    let now = json!({
        "name": known.settings.name,
        "condition": condition(health),
        "failures": health.failures,
        "latency_us": health.latency_us,
        "checked_at": health.checked_at.map(|at| Timestamp(at).to_string()),
    });
    let data = json!({ connection.to_string(): now });
    app.topics.publish(&slug, Topic::Health, &data);
    Ok(())
}
