//! How does a listener get another mode for a stated time?
//!
//! Enforcing for a while is what anybody who publishes rules may do anyway: theirs begins at once. Everything else waits for
//! somebody else to approve: a person in front of the console, never who asked and never a token. It ends by the clocks of
//! the data planes, whether or not this control plane is there ([`control::ModeChange`]).

use super::fleet::Named;
use super::publications::{Affected, What, snapshot};
use crate::access::Capability;
use crate::operation::{Change as Deed, Operation, Target, Via};
use crate::problem::{Code, Problem};
use admin_store::mode_changes::{self, Change, NewChange, Standing};
use admin_store::{Id, Tx, now_us, publications, users};
use control::{ListenerState, MODE_CHANGE_SECONDS_MAX};
use serde_json::json;
use std::collections::BTreeMap;

/// Shortest change, in minutes.
pub const MINUTES_MIN: u32 = 1;
/// Longest change, in minutes.
pub const MINUTES_MAX: u32 = MODE_CHANGE_SECONDS_MAX / 60;
/// How long it is where nobody says, in minutes.
pub const MINUTES_USUAL: u32 = 30;
/// Longest reason, in characters.
pub const REASON_MAX: usize = 500;
/// How long somebody can approve, in microseconds: who needs it asks again.
const LAPSES_AFTER_US: i64 = 60 * 60_000_000;
/// Changes that are listed.
const LISTED_MAX: i64 = 20;
const MINUTE_US: i64 = 60_000_000;

/// What somebody asks for.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Whether what is refused does not pass meanwhile.
    pub enforces: bool,
    /// How long.
    pub minutes: u32,
    /// Why.
    pub reason: String,
}

/// What somebody does with a change that is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deal {
    /// Somebody else than who asked lets it begin.
    Approve,
    /// Somebody else does not.
    Deny,
    /// Who asked takes it back.
    Withdraw,
    /// Who asked, or may approve, ends it before its time.
    End,
}

/// A change, and who had to do with it.
#[derive(Clone, Debug)]
pub struct Shown {
    /// It; what clocks have ended stands there as ended.
    pub change: Change,
    /// The names of people, as far as they have an account.
    pub people: BTreeMap<Id, String>,
}

/// The changes of a listener, latest first.
pub async fn list(operation: &Operation, name: &str) -> Result<Vec<Shown>, Problem> {
    super::fleet::listener(operation, name).await?;
    let workspace = operation.entered()?.workspace.id;
    let mut tx = operation.read().await?;
    let changes = mode_changes::list(&mut tx, workspace, name, LISTED_MAX).await?;
    let mut all = Vec::new();
    for change in changes {
        all.push(shown(&mut tx, change).await?);
    }
    tx.commit().await?;
    Ok(all)
}

async fn shown(tx: &mut Tx, mut change: Change) -> Result<Shown, Problem> {
    let now = now_us();
    match change.standing {
        Standing::Asked if change.lapses_at <= now => change.standing = Standing::Lapsed,
        Standing::Running if change.until_at.is_some_and(|until| until <= now) => {
            change.standing = Standing::Over;
        }
        _ => {}
    }
    let mut people = BTreeMap::new();
    for id in [Some(change.asked_by), change.decided_by, change.ended_by].into_iter().flatten() {
        match users::by_id(tx, id).await {
            Ok(user) if user.erased_at.is_none() => _ = people.insert(id, user.name),
            Ok(_) | Err(admin_store::StoreError::Missing(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(Shown { change, people })
}

/// Asks for another mode of a listener. Where nobody has to approve it begins at once.
pub async fn ask(operation: &Operation, name: &str, wanted: Wanted) -> Result<Shown, Problem> {
    let reason = checked(&wanted)?;
    let entered = operation.entered()?;
    permitted(&super::fleet::listener(operation, name).await?, wanted.enforces)?;
    let (workspace, by) = (entered.workspace.id, operation.person()?.user.id);
    let mut deed = operation.begin().await?;
    let at_once = wanted.enforces && entered.capabilities.contains(Capability::PublishRules);
    let turn = if at_once { Some(publications::next(&mut deed.tx).await?) } else { None };
    crate::notices::settle_modes(&mut deed.tx).await?;
    let now = now_us();
    let new = NewChange {
        workspace,
        listener: name,
        enforces: wanted.enforces,
        seconds: i64::from(wanted.minutes) * 60,
        reason: &reason,
        by,
        lapses_at: now + LAPSES_AFTER_US,
    };
    let mut change = mode_changes::ask(&mut deed.tx, &new).await.map_err(|error| match error {
        admin_store::StoreError::Duplicate(_) => {
            Problem::new(Code::Conflict, "another change of this listener's mode is asked for or running")
                .with_hint("withdraw or end that one first")
        }
        other => other.into(),
    })?;
    let mut made = None;
    if let Some(turn) = turn {
        let until = now + i64::from(wanted.minutes) * MINUTE_US;
        change = mode_changes::begin(&mut deed.tx, &change, None, until).await?;
        made = snapshot(&mut deed.tx, turn, affected(workspace), &reason, by).await?;
    }
    finish(deed, change, made).await
}

/// Deals with a change; `version` is the one that was read.
pub async fn deal(
    operation: &Operation,
    name: &str,
    id: Id,
    version: i64,
    deal: Deal,
) -> Result<Shown, Problem> {
    let workspace = operation.entered()?.workspace.id;
    let by = operation.person()?.user.id;
    let named = super::fleet::listener(operation, name).await?;
    let mut deed = operation.begin().await?;
    let publishes = matches!(deal, Deal::Approve | Deal::End);
    let turn = if publishes { Some(publications::next(&mut deed.tx).await?) } else { None };
    let change = mode_changes::get(&mut deed.tx, workspace, id).await?;
    if change.listener != name {
        return Err(Problem::not_found("mode change"));
    }
    let Shown { change, .. } = shown(&mut deed.tx, change).await?;
    may(operation, &change, deal)?;
    if change.version != version {
        return Err(Problem::new(Code::Changed, "the mode change was changed by somebody else meanwhile"));
    }
    let change = match deal {
        Deal::Approve => {
            permitted(&named, change.enforces)?;
            let until = now_us() + change.seconds * 1_000_000;
            mode_changes::begin(&mut deed.tx, &change, Some(by), until).await?
        }
        Deal::Deny => mode_changes::close(&mut deed.tx, &change, Standing::Denied, by).await?,
        Deal::Withdraw => mode_changes::close(&mut deed.tx, &change, Standing::Withdrawn, by).await?,
        Deal::End => mode_changes::close(&mut deed.tx, &change, Standing::Ended, by).await?,
    };
    let made = match turn {
        Some(turn) => snapshot(&mut deed.tx, turn, affected(workspace), &change.reason, by).await?,
        None => None,
    };
    finish(deed, change, made).await
}

/// Commits with the entry of the activity, and tells data planes.
async fn finish(mut deed: Deed<'_>, change: Change, made: Option<u64>) -> Result<Shown, Problem> {
    let shown = shown(&mut deed.tx, change).await?;
    let change = &shown.change;
    let details = json!({
        "mode_change": change.id, "mode": mode(change.enforces), "minutes": change.seconds / 60,
        "reason": change.reason, "standing": change.standing.as_str(), "asked_by": change.asked_by,
    });
    let operation = deed.operation;
    deed.commit(Target::new("listener", &change.listener, &change.listener), details).await?;
    operation.app.fleet.published(made.unwrap_or_default());
    Ok(shown)
}

/// The word of a mode.
pub fn mode(enforces: bool) -> &'static str {
    if enforces { "enforce" } else { "observe" }
}

/// A snapshot in which no rule is another one.
fn affected(workspace: Id) -> Affected {
    Affected { workspace, what: What::Mode }
}

fn checked(wanted: &Wanted) -> Result<String, Problem> {
    if !(MINUTES_MIN..=MINUTES_MAX).contains(&wanted.minutes) {
        let message = format!("must be {MINUTES_MIN} to {MINUTES_MAX}");
        return Err(Problem::invalid("minutes", message));
    }
    let reason = wanted.reason.trim_matches(' ');
    if reason.is_empty() {
        return Err(Problem::invalid("reason", "must not be empty")
            .with_hint("say why: who approves, and who reads the ledger later, has nothing else"));
    }
    if reason.chars().count() > REASON_MAX || reason.chars().any(|letter| letter.is_control()) {
        let message = format!("must be at most {REASON_MAX} characters, in one line");
        return Err(Problem::invalid("reason", message));
    }
    Ok(reason.to_owned())
}

/// Whether the settings of a data plane permit it, and whether it would change anything.
fn permitted(named: &Named, enforces: bool) -> Result<(), Problem> {
    let here = named.rows.iter().filter(|(row, _)| row.present);
    let states: Vec<&ListenerState> = here.filter_map(|(row, _)| row.state.as_ref()).collect();
    let permits: Vec<_> = states.into_iter().filter(|state| state.managed && state.mode_changes).collect();
    if permits.is_empty() {
        return Err(Problem::new(Code::Conflict, "the listener's mode cannot be changed from here")
            .with_hint("set `managed = true` and `mode_changes = true` for it in the settings file of its data plane"));
    }
    if permits.iter().all(|state| state.mode_changed.is_none() && state.mode == mode(enforces)) {
        return Err(Problem::new(
            Code::Conflict,
            format!("the listener is in mode `{}` already", mode(enforces)),
        ));
    }
    Ok(())
}

/// Whether who asks may deal so with a change that stands so.
fn may(operation: &Operation, change: &Change, deal: Deal) -> Result<(), Problem> {
    let person = operation.person()?;
    let is_own = person.user.id == change.asked_by;
    let open = match deal {
        Deal::Approve | Deal::Deny | Deal::Withdraw => Standing::Asked,
        Deal::End => Standing::Running,
    };
    match deal {
        Deal::Approve | Deal::Deny if is_own => {
            return Err(Problem::new(Code::Forbidden, "nobody decides on what they ask for themselves")
                .with_hint(
                    "ask somebody else who has the capability `approve_changes`; `withdraw` takes it back",
                ));
        }
        Deal::Approve if matches!(person.via, Via::Token { .. }) => {
            return Err(Problem::new(Code::Forbidden, "no token approves of a change of a mode")
                .with_hint("approve in the console, signed in"));
        }
        Deal::Withdraw if !is_own => {
            return Err(Problem::new(Code::Forbidden, "only who asked can take it back")
                .with_hint("`deny` it if you may approve changes"));
        }
        Deal::End if !is_own => operation.entered()?.require(Capability::ApproveChanges)?,
        _ => {}
    }
    if change.standing != open {
        let word = change.standing.as_str();
        return Err(Problem::new(
            Code::Conflict,
            format!("the change of the mode is `{word}`, not `{}`", open.as_str()),
        ));
    }
    Ok(())
}
