//! How are data planes restarted one after the other, so that nobody is refused?
//!
//! Who asks is told which are left out and why. From then on it goes on by itself ([`roll`]): one data plane at a time, at
//! whichever node of the control plane has the claim, until all are back, one is not, or somebody cancels it.

pub(crate) mod roll;

use super::fleet::{self, Member};
use super::reasons;
use crate::operation::{Operation, Target};
use crate::problem::{Code, Problem};
use admin_store::jobs::{self, NewJob};
use admin_store::plane_restarts::{self, Restart, Standing, Step, StepStanding};
use admin_store::{Id, StoreError, Tx, now_us, users};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// How long a data plane may take to come back where nobody says, in seconds: longer than the bounds of a restart together.
pub const STEP_SECONDS_USUAL: u32 = 240;
/// Shortest and longest, in seconds.
pub const STEP_SECONDS_MIN: u32 = 5;
/// The same, the longest.
pub const STEP_SECONDS_MAX: u32 = 3_600;
/// Data planes that may be named at once: as many as are known.
pub const PLANES_MAX: usize = 1_000;
/// Restarts that are listed.
const LISTED_MAX: i64 = 20;
/// What its jobs are called.
const KIND: &str = "plane_restart";

/// What somebody asks for.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Why.
    pub reason: String,
    /// Which data planes; `None` for all.
    pub planes: Option<Vec<String>>,
    /// How long each may take to come back, in seconds.
    pub step_seconds: u32,
}

/// A restart, and who had to do with it.
#[derive(Clone, Debug)]
pub struct Shown {
    /// It.
    pub restart: Restart,
    /// The names of people, as far as they have an account.
    pub people: BTreeMap<Id, String>,
}

/// The latest restarts, latest first.
pub async fn list(operation: &Operation) -> Result<Vec<Shown>, Problem> {
    let mut tx = operation.read().await?;
    let mut all = Vec::new();
    for restart in plane_restarts::list(&mut tx, LISTED_MAX).await? {
        all.push(shown(&mut tx, restart).await?);
    }
    tx.commit().await?;
    Ok(all)
}

/// One of them.
pub async fn one(operation: &Operation, id: Id) -> Result<Shown, Problem> {
    let mut tx = operation.read().await?;
    let restart = plane_restarts::get(&mut tx, id).await?;
    let shown = shown(&mut tx, restart).await?;
    tx.commit().await?;
    Ok(shown)
}

async fn shown(tx: &mut Tx, restart: Restart) -> Result<Shown, Problem> {
    let mut people = BTreeMap::new();
    for id in [Some(restart.asked_by), restart.cancelled_by].into_iter().flatten() {
        match users::by_id(tx, id).await {
            Ok(user) if user.erased_at.is_none() => _ = people.insert(id, user.name),
            Ok(_) | Err(StoreError::Missing(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(Shown { restart, people })
}

/// Begins one. Which data planes are left out, and why, stands in its steps.
pub async fn begin(operation: &Operation, wanted: Wanted) -> Result<Shown, Problem> {
    let reason = reasons::checked(&wanted.reason)?;
    if !(STEP_SECONDS_MIN..=STEP_SECONDS_MAX).contains(&wanted.step_seconds) {
        let message = format!("must be {STEP_SECONDS_MIN} to {STEP_SECONDS_MAX}");
        return Err(Problem::invalid("step_seconds", message));
    }
    let by = operation.person()?.user.id;
    let mut change = operation.begin().await?;
    let members = fleet::members(&operation.app, &mut change.tx).await?;
    let steps = steps(&members, wanted.planes.as_deref())?;
    let seconds = i64::from(wanted.step_seconds);
    let restart = plane_restarts::begin(&mut change.tx, &reason, seconds, &steps, by).await;
    let restart = restart.map_err(|error| match error {
        StoreError::Duplicate(_) => {
            Problem::new(Code::Conflict, "data planes are being restarted one after the other already")
                .with_hint("wait for that to end, or cancel it")
        }
        other => other.into(),
    })?;
    let key = restart.id.to_string();
    let job = NewJob { kind: KIND, key: &key, body: &Value::Null, due_at: now_us() };
    jobs::put(&mut change.tx, job).await?;
    let shown = shown(&mut change.tx, restart).await?;
    let named = |standing| {
        let of = steps.iter().filter(move |step| step.standing == standing);
        of.map(|step| step.name.as_str()).collect::<Vec<_>>()
    };
    let details = json!({
        "reason": reason, "step_seconds": seconds, "planes": named(StepStanding::Waiting),
        "skipped": named(StepStanding::Skipped),
    });
    change.commit(Target::new("plane_restart", &key, "data planes"), details).await?;
    Ok(shown)
}

/// The data planes that are asked for, in the order of their names. One at least can be restarted.
fn steps(members: &[Member], asked: Option<&[String]>) -> Result<Vec<Step>, Problem> {
    let asked: Option<BTreeSet<&str>> = asked.map(|all| all.iter().map(String::as_str).collect());
    if let Some(asked) = &asked {
        let unknown = asked.iter().find(|id| !members.iter().any(|member| member.plane.id == **id));
        if let Some(unknown) = unknown {
            return Err(Problem::invalid("planes", format!("there is no data plane `{unknown}`")));
        }
    }
    let is_asked = |member: &&Member| asked.as_ref().is_none_or(|all| all.contains(member.plane.id.as_str()));
    let mut steps: Vec<Step> = members.iter().filter(is_asked).map(step).collect();
    steps.sort_by(|one, other| (&one.name, &one.plane).cmp(&(&other.name, &other.plane)));
    if steps.iter().any(|step| step.standing == StepStanding::Waiting) {
        return Ok(steps);
    }
    let why: Vec<String> = steps.iter().map(|step| format!("`{}`: {}", step.name, step.why)).collect();
    let why = if why.is_empty() { "there is none".to_owned() } else { why.join("; ") };
    Err(Problem::new(Code::Conflict, format!("no data plane can be restarted from here: {why}"))
        .with_hint("restart them on their machines: `systemctl reload dragoman`, or SIGUSR2"))
}

fn step(member: &Member) -> Step {
    let why = unable(member);
    Step {
        plane: member.plane.id.clone(),
        name: member.plane.name.clone(),
        standing: if why.is_some() { StepStanding::Skipped } else { StepStanding::Waiting },
        why: why.unwrap_or_default(),
        version_before: member.plane.version.clone(),
        started_before: member.plane.started_at,
        version_after: None,
        began_at: None,
        ended_at: None,
    }
}

/// Why a data plane cannot be restarted from here; `None` where it can.
pub fn unable(member: &Member) -> Option<String> {
    let plane = &member.plane;
    if !member.is_connected {
        return Some("it is not connected".to_owned());
    }
    let Some(replacement) = &plane.replacement else {
        return Some("its version cannot be asked to restart: restart it on its machine".to_owned());
    };
    if let Some(why) = &replacement.unable {
        return Some(why.clone());
    }
    let is_drained = plane.drain.is_some();
    is_drained.then(|| {
        "it is being drained, and its next process would take sessions: bring it back first".to_owned()
    })
}

/// Has a restart that runs begin with no other data plane. The one whose turn it is comes back as it would.
pub async fn cancel(operation: &Operation, id: Id) -> Result<Shown, Problem> {
    let by = operation.person()?.user.id;
    let mut change = operation.begin().await?;
    let before = plane_restarts::get(&mut change.tx, id).await?;
    if !plane_restarts::cancel(&mut change.tx, id, by).await? {
        let message = match before.standing {
            Standing::Running => "the restart is cancelled already",
            Standing::Done | Standing::Failed | Standing::Cancelled => "the restart has ended",
        };
        return Err(Problem::new(Code::Conflict, message));
    }
    let restart = plane_restarts::get(&mut change.tx, id).await?;
    let shown = shown(&mut change.tx, restart).await?;
    let details = json!({ "reason": shown.restart.reason });
    change.commit(Target::new("plane_restart", id, "data planes"), details).await?;
    Ok(shown)
}
