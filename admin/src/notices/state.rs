//! What does the state say of data planes, their certificates and connections that people are to be told?

use super::count;
use crate::app::fleet::{self, Member};
use crate::app::notifications::Kind;
use crate::plane::App;
use admin_store::listeners::{self, Listener};
use admin_store::notices::{self, NewNotice};
use admin_store::workspaces::{self, Kind as WorkspaceKind};
use admin_store::{Id, StoreError, Tx, now_us, planes};
use std::collections::BTreeMap;

/// The kind of state of a listener whose servers do not answer.
const UPSTREAM: &str = "upstream";
const HOUR_US: i64 = 3_600_000_000;
const DAY_US: i64 = 24 * HOUR_US;
/// Days before a certificate expires on which it is told: once at each.
const NOTICE_DAYS: [i64; 3] = [0, 7, 30];
/// A plane that was lost longer ago than this when nobody had told it is no news: the control plane was away.
const NEWS_US: i64 = 7 * DAY_US;

/// The workspaces of listeners by slug, looked up once. Only those that own listeners.
pub(super) async fn gateway_workspaces(
    tx: &mut Tx,
    rows: &[Listener],
) -> Result<BTreeMap<String, Id>, StoreError> {
    let mut found = BTreeMap::new();
    for row in rows {
        if row.workspace.is_empty() || found.contains_key(&row.workspace) {
            continue;
        }
        match workspaces::by_slug(tx, &row.workspace).await {
            Ok(workspace) if workspace.kind == WorkspaceKind::Gateway => {
                found.insert(row.workspace.clone(), workspace.id);
            }
            Ok(_) | Err(StoreError::Missing(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(found)
}

/// Tells which planes are lost and which are back, and which certificates expire.
pub(super) async fn planes(app: &App) -> Result<(), StoreError> {
    let now = now_us();
    let mut tx = app.store.read().await?;
    let rows = listeners::all(&mut tx).await?;
    let members = fleet::known(app, &mut tx, now).await?;
    let mut due: Vec<&Member> = Vec::new();
    for member in &members {
        let is_lost = notices::is_wrong(&mut tx, "plane", member.plane.id.as_bytes()).await?;
        if is_lost == member.is_connected {
            due.push(member);
        }
    }
    let expiring: Vec<&Listener> = rows.iter().filter(|row| expires(row, now).is_some()).collect();
    let is_there = |row: &&Listener| members.iter().any(|one| one.plane.id == row.plane && one.is_connected);
    let mut changed: Vec<(&Listener, bool)> = Vec::new();
    for row in rows.iter().filter(|row| row.present).filter(is_there) {
        let Some(is_up) = row.state.as_ref().and_then(|state| state.upstream_up) else { continue };
        if notices::is_wrong(&mut tx, UPSTREAM, &row.id.to_be_bytes()).await? == is_up {
            changed.push((row, is_up));
        }
    }
    if due.is_empty() && expiring.is_empty() && changed.is_empty() {
        return tx.commit().await;
    }
    let owners = gateway_workspaces(&mut tx, &rows).await?;
    let mut untold = Vec::new();
    for expiry in expiring.into_iter().filter_map(|row| Expiry::of(row, &members, &owners, now)) {
        if !notices::is_told(&mut tx, expiry.workspace, &expiry.key).await? {
            untold.push(expiry);
        }
    }
    tx.commit().await?;
    // Nothing is written while nothing is new: a certificate may be near its end for weeks.
    if due.is_empty() && untold.is_empty() && changed.is_empty() {
        return Ok(());
    }
    let mut tx = app.store.write().await?;
    for member in due {
        let of_plane: Vec<&Listener> = rows.iter().filter(|row| row.plane == member.plane.id).collect();
        turned(&mut tx, member, &of_plane, &owners, now).await?;
    }
    for expiry in untold {
        expiry.tell(&mut tx, now).await?;
    }
    for (row, is_up) in changed {
        upstreams(&mut tx, row, is_up, &owners, now).await?;
    }
    tx.commit().await
}

/// The servers behind a listener do not answer, or do again.
async fn upstreams(
    tx: &mut Tx,
    row: &Listener,
    is_up: bool,
    owners: &BTreeMap<String, Id>,
    now: i64,
) -> Result<(), StoreError> {
    let target = row.id.to_be_bytes();
    let since = if is_up { notices::ended(tx, UPSTREAM, &target).await? } else { None };
    let is_news = if is_up { since.is_some() } else { notices::began(tx, UPSTREAM, &target, now).await? };
    let (true, Some(workspace)) = (is_news, owners.get(&row.workspace)) else { return Ok(()) };
    let (kind, title, detail) = match since {
        Some(since) => {
            let title = format!("The upstream of the listener {} answers again", row.name);
            (Kind::ConnectionUp, title, away_for(now - since))
        }
        None => {
            let title = format!("The upstream of the listener {} does not answer", row.name);
            (Kind::ConnectionDown, title, "clients of this listener cannot be served".to_owned())
        }
    };
    let new = NewNotice {
        workspace: *workspace,
        kind: kind.as_str(),
        key: &format!("{} listener {} {now}", kind.as_str(), row.id),
        at: now,
        title: &title,
        detail: &detail,
        target: ("listener", &row.name),
        actor: None,
    };
    notices::put(tx, &new).await?;
    Ok(())
}

/// A plane is lost or back.
async fn turned(
    tx: &mut Tx,
    member: &Member,
    rows: &[&Listener],
    owners: &BTreeMap<String, Id>,
    now: i64,
) -> Result<(), StoreError> {
    let plane = &member.plane;
    let is_news = if member.is_connected {
        match notices::ended(tx, "plane", plane.id.as_bytes()).await? {
            None => false,
            Some(since) => {
                planes::note(tx, &plane.id, "back", &away_for(now - since), now).await?;
                true
            }
        }
    } else {
        let began = notices::began(tx, "plane", plane.id.as_bytes(), plane.last_seen_at).await?;
        if began {
            planes::note(tx, &plane.id, "lost", "", plane.last_seen_at).await?;
        }
        began && now - plane.last_seen_at < NEWS_US
    };
    let mut of_workspace: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for row in rows.iter().filter(|row| is_news && row.present) {
        of_workspace.entry(&row.workspace).or_default().push(&row.name);
    }
    for (slug, names) in of_workspace {
        let Some(workspace) = owners.get(slug) else { continue };
        let (kind, title, detail) = if member.is_connected {
            let title = format!("The data plane {} is back", plane.name);
            (Kind::PlaneBack, title, format!("with the listeners {}", names.join(", ")))
        } else {
            let title = format!("The data plane {} is lost", plane.name);
            let goes_on = "where it runs it goes on with the rules it has";
            (
                Kind::PlaneLost,
                title,
                format!("nothing is heard of its listeners {}; {goes_on}", names.join(", ")),
            )
        };
        let key = format!("{} {} {}", kind.as_str(), plane.id, now);
        let target = ("plane", plane.id.as_str());
        let new = NewNotice {
            workspace: *workspace,
            kind: kind.as_str(),
            key: &key,
            at: now,
            title: &title,
            detail: &detail,
            target,
            actor: None,
        };
        notices::put(tx, &new).await?;
    }
    Ok(())
}

fn away_for(us: i64) -> String {
    let seconds = u64::try_from(us / 1_000_000).unwrap_or(0);
    let said = match seconds {
        0..120 => count(seconds, "second"),
        120..7_200 => count(seconds / 60, "minute"),
        7_200..172_800 => count(seconds / 3_600, "hour"),
        _ => count(seconds / 86_400, "day"),
    };
    format!("after {said}")
}

/// The certificate of a listener that expires first, where that is near: its setting, when, and of which days.
fn expires(row: &Listener, now: i64) -> Option<(&str, i64, i64)> {
    let state = row.state.as_ref().filter(|_| row.present)?;
    let first = state.certificates.iter().min_by_key(|one| one.expires_at_us)?;
    let left = first.expires_at_us - now;
    let days = NOTICE_DAYS.into_iter().find(|days| left <= days * DAY_US)?;
    Some((first.setting.as_str(), first.expires_at_us, days))
}

/// A certificate that expires soon, in words.
struct Expiry {
    workspace: Id,
    key: String,
    title: String,
    detail: String,
    plane: String,
}

impl Expiry {
    fn of(row: &Listener, members: &[Member], owners: &BTreeMap<String, Id>, now: i64) -> Option<Expiry> {
        let (setting, at, days) = expires(row, now)?;
        // A plane that is gone for good keeps the certificate it had.
        let member = members.iter().find(|member| member.plane.id == row.plane && member.is_connected)?;
        let title = if days == 0 {
            format!("A certificate of the listener {} has expired", row.name)
        } else {
            let left = u64::try_from((at - now).div_euclid(DAY_US)).unwrap_or(0);
            format!("A certificate of the listener {} expires in {}", row.name, count(left, "day"))
        };
        Some(Expiry {
            workspace: *owners.get(&row.workspace)?,
            key: format!("certificate {} {} {setting} {at} {days}", row.plane, row.name),
            title,
            detail: format!("setting {setting} of the data plane {}", member.plane.name),
            plane: row.plane.clone(),
        })
    }

    async fn tell(&self, tx: &mut Tx, now: i64) -> Result<(), StoreError> {
        let new = NewNotice {
            workspace: self.workspace,
            kind: Kind::CertificateExpiring.as_str(),
            key: &self.key,
            at: now,
            title: &self.title,
            detail: &self.detail,
            target: ("plane", &self.plane),
            actor: None,
        };
        notices::put(tx, &new).await?;
        Ok(())
    }
}

/// Tells which databases do not answer, and which do again.
pub(super) async fn connections(app: &App) -> Result<(), StoreError> {
    let mut tx = app.store.read().await?;
    let failing = notices::failing(&mut tx).await?;
    let recovered = notices::recovered(&mut tx).await?;
    tx.commit().await?;
    if failing.is_empty() && recovered.is_empty() {
        return Ok(());
    }
    let now = now_us();
    let mut tx = app.store.write().await?;
    for one in failing {
        if !notices::began(&mut tx, "connection", &one.connection.bytes(), now).await? {
            continue;
        }
        let title = format!("The database of {} does not answer", one.name);
        tell(&mut tx, Kind::ConnectionDown, (one.workspace, one.connection), (&title, &one.message), now)
            .await?;
    }
    for one in recovered {
        let Some(since) = notices::ended(&mut tx, "connection", &one.connection.bytes()).await? else {
            continue;
        };
        let title = format!("The database of {} answers again", one.name);
        let detail = away_for(now - since);
        tell(&mut tx, Kind::ConnectionUp, (one.workspace, one.connection), (&title, &detail), now).await?;
    }
    tx.commit().await
}

async fn tell(
    tx: &mut Tx,
    kind: Kind,
    (workspace, connection): (Id, Id),
    (title, detail): (&str, &str),
    now: i64,
) -> Result<(), StoreError> {
    let new = NewNotice {
        workspace,
        kind: kind.as_str(),
        key: &format!("{} {connection} {now}", kind.as_str()),
        at: now,
        title,
        detail,
        target: ("connection", &connection.to_string()),
        actor: None,
    };
    notices::put(tx, &new).await?;
    Ok(())
}
