//! Which modes that listeners had for a stated time are over?

use super::count;
use crate::app::mode_changes;
use crate::app::notifications::Kind;
use crate::plane::App;
use admin_store::notices::{self, NewNotice};
use admin_store::{StoreError, Tx, now_us};

/// Writes down which requests have lapsed and which changes are over, and tells of those.
pub(super) async fn look(app: &App) -> Result<(), StoreError> {
    let mut tx = app.store.read().await?;
    let unsettled = admin_store::mode_changes::is_unsettled(&mut tx, now_us()).await?;
    tx.commit().await?;
    if !unsettled {
        return Ok(());
    }
    let mut tx = app.store.write().await?;
    settle(&mut tx).await?;
    tx.commit().await
}

/// The same within another change: whoever writes it down tells of it.
pub(crate) async fn settle(tx: &mut Tx) -> Result<(), StoreError> {
    for change in admin_store::mode_changes::settle(tx, now_us()).await? {
        let mode = mode_changes::mode(change.enforces);
        let minutes = u64::try_from(change.seconds / 60).unwrap_or(0);
        let new = NewNotice {
            workspace: change.workspace,
            kind: Kind::ModeChanged.as_str(),
            key: &format!("mode_change_over {}", change.id),
            at: change.until_at.unwrap_or_else(now_us),
            title: &format!("The listener {} is in its own mode again", change.listener),
            detail: &format!("it was in mode {mode} for {}: {}", count(minutes, "minute"), change.reason),
            target: ("listener", &change.listener),
            actor: None,
        };
        notices::put(tx, &new).await?;
    }
    Ok(())
}
