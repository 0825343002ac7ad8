//! Which data planes and listeners are there, and how are they?

use super::publications::{self, Shown};
use crate::fleet::listeners_of;
use crate::operation::{Operation, Target};
use crate::plane::App;
use crate::problem::Problem;
use admin_store::listeners::Listener;
use admin_store::planes::{self, Plane};
use admin_store::{StoreError, Tx, now_us, publications as published};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// A plane that was not heard of for so long is away, in microseconds: it tells of itself more often than
/// twice in this time.
const AWAY_AFTER_US: i64 = 45_000_000;

/// A plane that was not heard of for so long is late: it waits for news 20 seconds, and tells of itself before.
const LATE_AFTER_US: i64 = 32_000_000;

/// A data plane and whether it is there.
#[derive(Clone, Debug)]
pub struct Member {
    /// It, as it was last heard of.
    pub plane: Plane,
    /// Whether it is connected, here or to another node.
    pub is_connected: bool,
    /// Problems of it that who asks is not told: they concern listeners of others.
    pub problems_elsewhere: u64,
}

impl Member {
    /// As people see it who have only the listeners `own` there. Names and rules of others are not theirs to read.
    fn seen_with(mut self, own: &BTreeSet<&str>) -> Member {
        let (told, others): (Vec<String>, Vec<String>) =
            self.plane.problems.into_iter().partition(|problem| concerns(problem, own));
        self.plane.problems = told;
        self.problems_elsewhere += others.iter().map(|problem| stands_for(problem)).sum::<u64>();
        self
    }

    /// Whether it did not take what it acknowledged last.
    pub fn has_problems(&self) -> bool {
        !self.plane.problems.is_empty() || self.problems_elsewhere > 0
    }
}

/// Whether a problem is of one of these listeners: a data plane begins each with the name of the listener.
fn concerns(problem: &str, own: &BTreeSet<&str>) -> bool {
    let named = problem.strip_prefix("listener `").and_then(|rest| rest.split_once('`'));
    named.is_some_and(|(name, rest)| own.contains(name) && (rest.starts_with(':') || rest.starts_with(' ')))
}

/// How many problems a line stands for: a data plane ends a long list with how many more there are.
fn stands_for(problem: &str) -> u64 {
    let more = problem.strip_prefix("and ").and_then(|rest| rest.strip_suffix(" more"));
    more.and_then(|more| more.parse().ok()).unwrap_or(1)
}

/// What of a data plane's problems is told to who asks: an admin of the instance reads all of them.
fn shown_to(operation: &Operation, member: Member, listeners: &[Listener]) -> Member {
    if operation.caller.instance().is_ok() {
        return member;
    }
    let of_plane = listeners.iter().filter(|row| row.present && row.plane == member.plane.id);
    let own = of_plane.map(|row| row.name.as_str()).collect();
    member.seen_with(&own)
}

/// What is known under the name of a listener: data planes may have one each.
#[derive(Clone, Debug)]
pub struct Named {
    /// The name.
    pub name: String,
    /// The listener of each data plane, those that are there first.
    pub rows: Vec<(Listener, Option<Member>)>,
    /// What is published for it.
    pub publication: Option<Shown>,
}

/// The data planes, those first heard of first.
pub async fn list(operation: &Operation) -> Result<Vec<Member>, Problem> {
    let mut tx = operation.read().await?;
    let members = members(&operation.app, &mut tx).await?;
    tx.commit().await?;
    Ok(members)
}

/// The data planes, within a transaction.
pub(crate) async fn members(app: &App, tx: &mut Tx) -> Result<Vec<Member>, Problem> {
    Ok(known(app, tx, now_us()).await?)
}

/// The data planes as they are at `now`.
pub(crate) async fn known(app: &App, tx: &mut Tx, now: i64) -> Result<Vec<Member>, StoreError> {
    let all = planes::all(tx).await?.into_iter().map(|plane| {
        let is_connected =
            app.fleet.is_listening(&plane.id) || now.saturating_sub(plane.last_seen_at) < AWAY_AFTER_US;
        Member { plane, is_connected, problems_elsewhere: 0 }
    });
    Ok(all.collect())
}

/// Forgets a data plane that is gone for good; its traffic stays.
pub async fn forget(operation: &Operation, id: &str) -> Result<(), Problem> {
    let mut change = operation.begin().await?;
    let plane = planes::one(&mut change.tx, id).await?;
    planes::forget(&mut change.tx, id).await?;
    change.commit(Target::new("plane", plane.id, plane.name), json!({})).await?;
    operation.app.fleet.forget(id);
    Ok(())
}

/// How a data plane is, in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is there, and of this program's version or a later one.
    Well,
    /// It is there and has not told of itself when it should have.
    Late,
    /// Nothing is heard of it.
    Lost,
    /// It is there, and of an earlier version than the control plane.
    OlderVersion,
}

/// A data plane and all that is known of it.
#[derive(Clone, Debug)]
pub struct PlaneDetail {
    /// It, and whether it is there.
    pub member: Member,
    /// How it is.
    pub standing: Standing,
    /// When its latest report was taken.
    pub reported_at: Option<i64>,
    /// Bytes of memory it uses, where it told this node.
    pub memory_bytes: Option<u64>,
    /// Its listeners that are asked for.
    pub listeners: Vec<Listener>,
    /// What happened to it, latest first.
    pub events: Vec<planes::PlaneEvent>,
}

/// Data planes, and what they are measured by.
#[derive(Clone, Debug)]
pub struct Planes {
    /// The data planes, those first heard of first.
    pub all: Vec<PlaneDetail>,
    /// The latest snapshot of what is published.
    pub published: u64,
}

/// All data planes with all their listeners.
pub async fn all(operation: &Operation) -> Result<Planes, Problem> {
    let mut tx = operation.read().await?;
    let rows = admin_store::listeners::all(&mut tx).await?;
    planes_in_full(operation, tx, rows, |_| true).await
}

/// The data planes that have listeners of the workspace, with those.
pub async fn of_workspace(operation: &Operation) -> Result<Planes, Problem> {
    let workspace = &operation.entered()?.workspace;
    let mut tx = operation.read().await?;
    let rows = listeners_of(&mut tx, workspace).await?;
    planes_in_full(operation, tx, rows, |listeners| !listeners.is_empty()).await
}

async fn planes_in_full(
    operation: &Operation,
    mut tx: Tx,
    rows: Vec<Listener>,
    is_asked_for: impl Fn(&[Listener]) -> bool,
) -> Result<Planes, Problem> {
    let now = now_us();
    let mut all = Vec::new();
    for member in known(&operation.app, &mut tx, now).await? {
        let id = member.plane.id.clone();
        let listeners: Vec<Listener> = rows.iter().filter(|row| row.plane == id).cloned().collect();
        if !is_asked_for(&listeners) {
            continue;
        }
        all.push(PlaneDetail {
            standing: standing(&member, now),
            reported_at: planes::reported_at(&mut tx, &id).await?,
            memory_bytes: operation.app.fleet.memory_of(&id),
            events: planes::events(&mut tx, &id).await?,
            member: shown_to(operation, member, &listeners),
            listeners,
        });
    }
    let latest = published::latest_version(&mut tx).await?;
    tx.commit().await?;
    Ok(Planes { all, published: u64::try_from(latest).unwrap_or(0) })
}

fn standing(member: &Member, now: i64) -> Standing {
    if !member.is_connected {
        return Standing::Lost;
    }
    if now.saturating_sub(member.plane.last_seen_at) > LATE_AFTER_US {
        return Standing::Late;
    }
    let own = parts(env!("CARGO_PKG_VERSION"));
    if parts(&member.plane.version) < own { Standing::OlderVersion } else { Standing::Well }
}

/// The numbers of a version, to compare them; none of what is no version.
fn parts(version: &str) -> Vec<u64> {
    let plain = version.split(['-', '+']).next().unwrap_or_default();
    plain.split('.').map_while(|part| part.parse().ok()).collect()
}

/// The listeners of the workspace by name.
pub async fn listeners(operation: &Operation) -> Result<Vec<Named>, Problem> {
    let workspace = &operation.entered()?.workspace;
    let mut tx = operation.read().await?;
    let rows = listeners_of(&mut tx, workspace).await?;
    let members = members(&operation.app, &mut tx).await?;
    let members: Vec<Member> = members.into_iter().map(|member| shown_to(operation, member, &rows)).collect();
    let mut published: BTreeMap<String, Shown> = BTreeMap::new();
    for shown in publications::all(&mut tx, workspace.id).await? {
        published.insert(shown.listener.clone(), shown);
    }
    tx.commit().await?;
    let mut named: BTreeMap<String, Named> = BTreeMap::new();
    for row in rows {
        let member = members.iter().find(|member| member.plane.id == row.plane).cloned();
        let entry = named.entry(row.name.clone()).or_insert_with(|| Named {
            name: row.name.clone(),
            rows: Vec::new(),
            publication: published.remove(&row.name),
        });
        entry.rows.push((row, member));
    }
    let mut named: Vec<Named> = named.into_values().collect();
    for one in &mut named {
        one.rows.sort_by_key(|(row, _)| (!row.present, std::cmp::Reverse(row.last_seen_at)));
    }
    Ok(named)
}

/// One of them.
pub async fn listener(operation: &Operation, name: &str) -> Result<Named, Problem> {
    let all = listeners(operation).await?;
    all.into_iter().find(|one| one.name == name).ok_or_else(|| Problem::not_found("listener"))
}

/// What became of what is published, at one data plane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Acknowledged {
    /// It is in force.
    InForce,
    /// It did not take it; what was in force before still is.
    Refused,
    /// It has not told yet.
    Pending,
    /// It is not connected; it takes it when it is.
    Away,
}

/// What a data plane made of the latest snapshot.
pub fn acknowledged(member: &Member, latest: u64) -> Acknowledged {
    if member.has_problems() && member.plane.snapshot >= latest {
        Acknowledged::Refused
    } else if member.plane.snapshot >= latest {
        Acknowledged::InForce
    } else if member.is_connected {
        Acknowledged::Pending
    } else {
        Acknowledged::Away
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_by_their_numbers() {
        assert!(parts("0.9.12") < parts("0.10.0"));
        assert_eq!(parts("1.2.3-rc.1"), [1, 2, 3]);
        assert!(parts("of nobody").is_empty());
    }

    #[test]
    fn a_plane_is_lost_before_it_is_late_and_late_before_it_is_old() {
        let member = |is_connected, last_seen_at, version: &str| Member {
            plane: Plane {
                id: "p".to_owned(),
                name: "p".to_owned(),
                version: version.to_owned(),
                started_at: 0,
                first_seen_at: 0,
                last_seen_at,
                snapshot: 0,
                problems: Vec::new(),
                untold: 0,
                drain: None,
                replacement: None,
                in_force: None,
            },
            is_connected,
            problems_elsewhere: 0,
        };
        let now = 1_000_000_000;
        let own = env!("CARGO_PKG_VERSION");
        assert_eq!(standing(&member(true, now - 20_000_000, own), now), Standing::Well);
        assert_eq!(standing(&member(true, now, "999.0.0"), now), Standing::Well);
        assert_eq!(standing(&member(true, now, "0.0.1"), now), Standing::OlderVersion);
        assert_eq!(standing(&member(true, now - 40_000_000, "0.0.1"), now), Standing::Late);
        assert_eq!(standing(&member(false, now - 60_000_000, own), now), Standing::Lost);
    }

    #[test]
    fn a_problem_is_told_to_whom_the_listener_belongs_that_it_begins_with() {
        let own = BTreeSet::from(["pg", "a b"]);
        for (problem, expected) in [
            ("listener `pg`: there is no rule set `own`", true),
            ("listener `pg` is published twice", true),
            ("listener `a b`: two", true),
            ("listener `pg2`: there is no rule set `pg`", false),
            ("listener `shop`: listener `pg`: as somebody wrote it", false),
            ("the address 127.0.0.1:1 is taken", false),
            ("listener `pg", false),
            ("and 7 more", false),
        ] {
            assert_eq!(concerns(problem, &own), expected, "{problem}");
        }
        assert_eq!((stands_for("and 7 more"), stands_for("listener `x`: y")), (7, 1));
    }
}
