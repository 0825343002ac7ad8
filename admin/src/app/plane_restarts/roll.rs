//! How does a restart of data planes go on by itself?
//!
//! In small steps, each under a claim: what a step has begun is written down before anybody is asked, so that another
//! node which takes it up asks for the same. A data plane replaces the process that was meant and no later one, so that
//! it is restarted once whoever asks, and however often.

use super::{KIND, unable};
use crate::app::fleet::{self, Member};
use crate::plane::App;
use admin_store::jobs::{self, Job};
use admin_store::listeners::Listener;
use admin_store::plane_restarts::{self, Restart, Standing, Step, StepStanding};
use admin_store::{Id, StoreError, listeners, now_us, publications};
use control::{AnswerBody, QuestionBody, RestartDemand, RestartReply};
use std::time::Duration;

/// How often it is looked whether there is something to go on with.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// Between two steps, in microseconds.
const PAUSE_US: i64 = 300_000;
/// A claim lasts that long, in microseconds: longer than a step takes, an answer included.
const CLAIM_US: i64 = 15_000_000;
/// Longest that a data plane takes to answer.
const ANSWER_MAX: Duration = Duration::from_secs(4);

/// What is known of the data planes at one moment.
struct Known {
    now: i64,
    members: Vec<Member>,
    listeners: Vec<Listener>,
    /// The latest snapshot of what is published.
    published: u64,
}

/// Goes on with what is asked for until the control plane stops.
pub(crate) async fn work(app: App) {
    let mut stopping = app.stopping.clone();
    let rounds = async {
        loop {
            if let Err(error) = round(&app).await {
                tracing::warn!(%error, "a restart of data planes waits for the state");
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    };
    // What is dropped half done was written down; its claim runs out.
    tokio::select! {
        () = rounds => {}
        _ = stopping.wait_for(|stopping| *stopping) => {}
    }
}

async fn round(app: &App) -> Result<(), StoreError> {
    let now = now_us();
    let mut tx = app.store.read().await?;
    let waiting = jobs::list(&mut tx, KIND, 4).await?;
    tx.commit().await?;
    // Nothing is written while nothing is due.
    if !waiting.iter().any(|job| job.due_at <= now && job.claimed_until <= now) {
        return Ok(());
    }
    let mut tx = app.store.write().await?;
    let claimed = jobs::claim(&mut tx, KIND, now, now + CLAIM_US, 1).await?;
    tx.commit().await?;
    for job in &claimed {
        let went = go_on(app, job).await;
        let mut tx = app.store.write().await?;
        match went {
            Ok(true) => jobs::again(&mut tx, job, now_us() + PAUSE_US, None).await?,
            Ok(false) => jobs::done(&mut tx, job).await?,
            // Somebody cancelled it meanwhile: it is read again.
            Err(StoreError::Changed(_)) => jobs::again(&mut tx, job, now_us(), None).await?,
            Err(error) => {
                tracing::warn!(%error, "a restart of data planes could not go on; it is tried again");
                jobs::again(&mut tx, job, now_us() + PAUSE_US, Some(&error.to_string())).await?
            }
        };
        tx.commit().await?;
    }
    Ok(())
}

/// Goes on by one step; whether there is more.
async fn go_on(app: &App, job: &Job) -> Result<bool, StoreError> {
    let Ok(id) = job.key.parse::<Id>() else { return Ok(false) };
    let mut tx = app.store.read().await?;
    let restart = match plane_restarts::get(&mut tx, id).await {
        Err(StoreError::Missing(_)) => return Ok(false),
        other => other?,
    };
    let now = now_us();
    let known = Known {
        now,
        members: fleet::known(app, &mut tx, now).await?,
        listeners: listeners::all(&mut tx).await?,
        published: u64::try_from(publications::latest_version(&mut tx).await?).unwrap_or(0),
    };
    tx.commit().await?;
    if restart.standing != Standing::Running {
        return Ok(false);
    }
    let mut next = restart.clone();
    match next.steps.iter().position(|step| step.standing == StepStanding::Restarting) {
        Some(at) => {
            if let Some(step) = next.steps.get_mut(at) {
                watch(app, &known, (id, next.step_seconds), step).await;
            }
        }
        None => begin_next(&known, &mut next),
    }
    end_after_failure(&mut next);
    if next != restart {
        let mut tx = app.store.write().await?;
        plane_restarts::keep(&mut tx, &next).await?;
        tx.commit().await?;
        told(&restart, &next);
    }
    Ok(next.standing == Standing::Running)
}

/// Lets the next one have its turn, or ends where there is none.
fn begin_next(known: &Known, restart: &mut Restart) {
    if restart.cancelled_at.is_some() {
        leave_the_rest(restart);
        restart.standing = Standing::Cancelled;
        return;
    }
    let next = restart.steps.iter_mut().find(|step| step.standing == StepStanding::Waiting);
    let Some(step) = next else {
        restart.standing = Standing::Done;
        return;
    };
    let member = known.members.iter().find(|member| member.plane.id == step.plane);
    let why = match member {
        // One that was lost meanwhile is waited for: it may be on its way back.
        Some(member) if member.is_connected => unable(member),
        Some(_) => None,
        None => Some("it was forgotten meanwhile".to_owned()),
    };
    if let Some(why) = why {
        (step.standing, step.why) = (StepStanding::Skipped, why);
        return;
    }
    step.standing = StepStanding::Restarting;
    step.began_at = Some(known.now);
    if let Some(member) = member {
        step.version_before.clone_from(&member.plane.version);
        step.started_before = member.plane.started_at;
    }
}

fn leave_the_rest(restart: &mut Restart) {
    for step in restart.steps.iter_mut().filter(|step| step.standing == StepStanding::Waiting) {
        step.standing = StepStanding::Left;
    }
}

fn end_after_failure(restart: &mut Restart) {
    if restart.steps.iter().any(|step| step.standing == StepStanding::Failed) {
        leave_the_rest(restart);
        restart.standing = Standing::Failed;
    }
}

/// Looks how far the one is whose turn it is, and asks it where it has to be asked.
async fn watch(app: &App, known: &Known, (restart, seconds): (Id, i64), step: &mut Step) {
    let member = known.members.iter().find(|member| member.plane.id == step.plane);
    let awaited = match member {
        None => Err("it was forgotten meanwhile".to_owned()),
        Some(member) if member.plane.started_at == step.started_before => {
            let failed = member.plane.replacement.as_ref().and_then(|told| told.failed.as_ref());
            match failed.filter(|failed| failed.restart == restart.to_string()) {
                Some(failed) => Err(format!("its process goes on as before: {}", failed.why)),
                None => ask(app, restart, step).await,
            }
        }
        Some(member) => {
            step.version_after = Some(member.plane.version.clone());
            match lacks(known, member) {
                None => {
                    step.standing = StepStanding::Back;
                    step.ended_at = Some(known.now);
                    step.why.clear();
                    return;
                }
                Some(why) => Ok(why),
            }
        }
    };
    let is_late = step.began_at.is_some_and(|began| known.now - began > seconds * 1_000_000);
    match awaited {
        Ok(why) if !is_late => step.why = why,
        Ok(why) => {
            step.why = format!("within {seconds} s it was not back: {why}");
            (step.standing, step.ended_at) = (StepStanding::Failed, Some(known.now));
        }
        Err(why) => {
            step.why = why;
            (step.standing, step.ended_at) = (StepStanding::Failed, Some(known.now));
        }
    }
}

/// Asks for a new process in the place of the one that was there when its turn came. What is awaited, or why it will
/// never be.
async fn ask(app: &App, restart: Id, step: &Step) -> Result<String, String> {
    if !app.fleet.is_listening(&step.plane) {
        // Another node may be the one it listens to.
        return Ok("it is not connected, or not to the node that asks".to_owned());
    }
    let demand = RestartDemand { restart: restart.to_string(), started_at_us: step.started_before };
    match app.fleet.ask(&step.plane, QuestionBody::Restart(demand), ANSWER_MAX).await {
        Ok(AnswerBody::Restart(RestartReply::Begun)) => Ok("its new process is taking over".to_owned()),
        Ok(AnswerBody::Restart(RestartReply::Another)) => {
            Ok("its new process is there and has not told of itself".to_owned())
        }
        Ok(AnswerBody::Restart(RestartReply::NotNow(why))) => Ok(why),
        Ok(AnswerBody::Restart(RestartReply::Unable(why))) => Err(why),
        Ok(_) => Err("it answered something else than it was asked".to_owned()),
        Err(_) => Ok("it does not answer".to_owned()),
    }
}

/// What a new process still lacks; `None` where it serves as the one before did.
fn lacks(known: &Known, member: &Member) -> Option<String> {
    let plane = &member.plane;
    if !member.is_connected {
        return Some("its new process is not connected".to_owned());
    }
    let in_force = plane.in_force.unwrap_or(plane.snapshot);
    if in_force < known.published {
        let problems = plane.problems.join("; ");
        let why = if problems.is_empty() { String::new() } else { format!(": {problems}") };
        return Some(format!("its new process runs snapshot {in_force} of {}{why}", known.published));
    }
    if plane.drain.is_some() {
        return Some("its new process is being drained".to_owned());
    }
    let mut own = known.listeners.iter().filter(|listener| listener.present && listener.plane == plane.id);
    let unready =
        own.find(|listener| listener.state.as_ref().is_none_or(|state| state.upstream_up != Some(true)))?;
    let what = match unready.state.as_ref().and_then(|state| state.upstream_up) {
        None => "has not looked at its server yet",
        Some(_) => "reaches no server",
    };
    Some(format!("its new process {what} for the listener `{}`", unready.name))
}

/// Writes into the log what a step has changed.
fn told(before: &Restart, after: &Restart) {
    for (old, new) in before.steps.iter().zip(&after.steps) {
        let (plane, why) = (new.name.as_str(), new.why.as_str());
        match new.standing {
            _ if old.standing == new.standing => {}
            StepStanding::Restarting => tracing::info!(plane, "a data plane is restarted"),
            StepStanding::Back => tracing::info!(plane, version = new.version_after, "a data plane is back"),
            StepStanding::Failed => {
                tracing::error!(plane, why, "a data plane is not back; no other one is restarted")
            }
            StepStanding::Skipped => tracing::warn!(plane, why, "a data plane is not restarted"),
            StepStanding::Waiting | StepStanding::Left => {}
        }
    }
    if before.standing != after.standing {
        tracing::info!(standing = after.standing.as_str(), "the restart of data planes has ended");
    }
}
