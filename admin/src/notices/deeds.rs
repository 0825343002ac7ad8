//! What of that which people do are others told?

use crate::app::notifications::Kind;
use admin_store::activity::{Actor, Deed, Outcome};
use admin_store::notices::{self, NewNotice};
use admin_store::{Id, StoreError, Tx, now_us};

/// Tells what somebody did to the others of the workspace, within the deed's own transaction.
pub(crate) async fn of_deed(tx: &mut Tx, deed: &Deed, entry: Id) -> Result<(), StoreError> {
    let (Some(workspace), Outcome::Done) = (deed.workspace, deed.outcome) else { return Ok(()) };
    let actor = match deed.actor {
        Actor::User(user) | Actor::Token { user, .. } => Some(user),
        Actor::Nobody | Actor::System => None,
    };
    let name = deed.target.label.as_str();
    let joined = (Kind::MemberJoined, "Somebody joined the workspace".to_owned());
    let (kind, title) = match deed.action.as_str() {
        "publish_rule_set" => (Kind::RulesPublished, format!("The rule set {name} was published")),
        "roll_back_rule_set" => (Kind::RulesRolledBack, format!("The rule set {name} was rolled back")),
        "publish_to_listener" => {
            (Kind::RulesPublished, format!("Rule sets were published for the listener {name}"))
        }
        "withdraw_from_listener" => {
            (Kind::RulesRolledBack, format!("Rule sets were withdrawn from the listener {name}"))
        }
        "ask_mode_change"
        | "approve_mode_change"
        | "deny_mode_change"
        | "withdraw_mode_change"
        | "end_mode_change" => mode_change(deed),
        "accept_invitation" | "register" => joined,
        // Who signs in by another service says their role only where they accept an invitation by it.
        "finish_sign_in" if deed.details.get("role").is_some() => joined,
        _ => return Ok(()),
    };
    let told = |field: &str| deed.details.get(field).and_then(serde_json::Value::as_str).unwrap_or_default();
    let detail = match kind {
        Kind::MemberJoined => told("role"),
        Kind::ModeAsked | Kind::ModeChanged => told("reason"),
        _ => told("note"),
    };
    let member = actor.filter(|_| kind == Kind::MemberJoined).map(|user| user.to_string());
    let target = match &member {
        Some(user) => ("member", user.as_str()),
        None => (deed.target.kind.as_str(), deed.target.id.as_str()),
    };
    notices::put(
        tx,
        &NewNotice {
            workspace,
            kind: kind.as_str(),
            key: &format!("{} {entry}", deed.action),
            at: now_us(),
            title: &title,
            detail,
            target,
            actor,
        },
    )
    .await?;
    Ok(())
}

/// What is told of another mode of a listener: those who may approve that it waits for them, everybody what became of it.
fn mode_change(deed: &Deed) -> (Kind, String) {
    let name = &deed.target.label;
    let told = |field: &str| deed.details.get(field).and_then(serde_json::Value::as_str).unwrap_or_default();
    let minutes = deed.details.get("minutes").and_then(serde_json::Value::as_u64).unwrap_or_default();
    let what =
        format!("the listener {name} to mode {} for {}", told("mode"), super::count(minutes, "minute"));
    match told("standing") {
        "asked" => (Kind::ModeAsked, format!("An approval is asked for: {what}")),
        "running" => (Kind::ModeChanged, format!("A change of a mode began: {what}")),
        "ended" => (Kind::ModeChanged, format!("A change of a mode was ended before its time: {what}")),
        standing => (Kind::ModeChanged, format!("A change of a mode was {standing}: {what}")),
    }
}
