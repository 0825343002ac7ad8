//! How does the first admin come to be? By a link that is printed when the control plane starts and there is
//! no admin yet, and that works once.

use super::people::{self, Newcomer};
use super::sessions::{Begun, begin};
use super::{passwords, workspaces};
use crate::http::caller::{hash, new_secret};
use crate::operation::{Operation, Target};
use crate::plane::App;
use crate::problem::{Code, Problem};
use admin_store::{now_us, settings, users};
use serde_json::json;

/// How long the link works: a day, in microseconds. Every start without an admin makes a new one.
const LINK_US: i64 = 24 * 3_600_000_000;

/// Makes the one-time link if there is no admin yet: who came first where anybody may register is none.
pub async fn offer(app: &App) -> Result<Option<String>, Problem> {
    let mut tx = app.store.write().await?;
    if users::instance_admins(&mut tx).await? > 0 {
        return Ok(None);
    }
    let secret = new_secret()?;
    settings::offer_set_up(&mut tx, &hash(&secret), now_us() + LINK_US).await?;
    tx.commit().await?;
    Ok(Some(secret))
}

/// Makes the first admin, who owns the workspace `default` too, and signs them in.
pub async fn take(operation: &Operation, secret: &str, newcomer: Newcomer) -> Result<Begun, Problem> {
    newcomer.check()?;
    let password = passwords::hash(newcomer.password.clone()).await?;
    let mut change = operation.begin().await?;
    if !settings::take_set_up(&mut change.tx, &hash(secret), now_us()).await? {
        return Err(Problem::new(Code::Expired, "this link was used, is too old, or was never made")
            .with_hint("start the control plane again: as long as there is no admin it prints a new one"));
    }
    let user = people::create(&mut change.tx, &newcomer, &password, true).await?;
    workspaces::create_default(&mut change.tx, &user).await?;
    let begun = begin(&mut change, user).await?;
    let target = Target::new("user", begun.user.id, "");
    change.commit(target, json!({ "first": true })).await?;
    Ok(begun)
}
