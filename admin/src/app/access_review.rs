//! Who can do what in a workspace, what of it have they not used for long, and who has looked at that?

use super::members::{allowed_by_role, held_by, known};
use super::sessions::of_console;
use crate::access::{Action, Capabilities, Capability, Needs};
use crate::operation::{Operation, Target};
use crate::problem::{Code, Problem};
use admin_store::access_review::{self, Done, Look, NewDone, Standing};
use admin_store::{Id, Page, Tx, members, now_us};
use serde_json::json;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Longest note, in letters.
const NOTE_CHARACTERS_MAX: usize = 2_000;
/// Most reviews that are kept of one workspace: one a week for nineteen years.
const DONE_MAX: i64 = 1_000;
/// Longest time that nothing was used for, in days.
pub const UNUSED_DAYS_MAX: u16 = 3_650;
const DAY_US: i64 = 86_400_000_000;
/// Who has one of these decides over others or over the workspace itself.
const ADMINISTERS: [Capability; 3] =
    [Capability::ManageMembers, Capability::ManageWorkspace, Capability::OwnWorkspace];

/// Which members are looked at.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter {
    /// Who did nothing for so many days.
    pub unused_days: Option<u16>,
    /// Who can administer, or who cannot.
    pub administers: Option<bool>,
}

/// All that is told of a workspace.
#[derive(Clone, Debug)]
pub struct Review {
    /// The members that were asked for, who used nothing for longest first.
    pub members: Vec<Reviewed>,
    /// Whether there are more than are looked at.
    pub is_cut: bool,
    /// Names of admins of the instance who are no members.
    pub instance_admins: Vec<String>,
    /// Of who may do what by what, all members together: the same until somebody may something else.
    pub digest: String,
    members_count: usize,
    tokens_count: usize,
}

/// A member, with what they may and when they used it.
#[derive(Clone, Debug)]
pub struct Reviewed {
    /// What the state knows of them.
    pub standing: Standing,
    /// All they may.
    pub capabilities: Capabilities,
    /// When they last used a capability, in microseconds, for each whose use leaves an entry. What is only looked
    /// at leaves none.
    pub used: BTreeMap<Capability, i64>,
    /// The last of these.
    pub last_used_at: Option<i64>,
}

impl Reviewed {
    /// Whether they decide over others or over the workspace itself.
    pub fn administers(&self) -> bool {
        ADMINISTERS.iter().any(|one| self.capabilities.contains(*one))
    }

    /// When they last did anything that is known of: something here, anything in the console, or by a token.
    fn last_active_at(&self) -> Option<i64> {
        let by_token = self.standing.tokens.iter().filter_map(|token| token.last_used_at).max();
        self.last_used_at.max(self.standing.last_seen_at).max(self.standing.last_signed_in_at).max(by_token)
    }
}

/// The members that are asked for, who used nothing for longest first.
pub async fn review(operation: &Operation, filter: Filter) -> Result<Review, Problem> {
    if filter.unused_days.is_some_and(|days| !(1..=UNUSED_DAYS_MAX).contains(&days)) {
        return Err(Problem::invalid("unused_days", format!("must be from 1 to {UNUSED_DAYS_MAX}")));
    }
    let mut tx = operation.read().await?;
    let mut review = whole(&mut tx, operation.entered()?.workspace.id, Look::RightsAndUse).await?;
    tx.commit().await?;
    let since = filter.unused_days.map(|days| now_us() - i64::from(days) * DAY_US);
    review.members.retain(|one| {
        // Who is new has had no time to use anything.
        let last_active_at = one.last_active_at().unwrap_or(one.standing.member.joined_at);
        since.is_none_or(|since| last_active_at < since)
            && filter.administers.is_none_or(|wanted| one.administers() == wanted)
    });
    Ok(review)
}

async fn whole(tx: &mut Tx, workspace: Id, look: Look) -> Result<Review, Problem> {
    let found = access_review::of_workspace(tx, workspace, look).await?;
    let mut members: Vec<Reviewed> = found.members.into_iter().map(reviewed).collect();
    let digest = digest(&members);
    let tokens_count = members.iter().map(|one| one.standing.tokens.len()).sum();
    // Never is before any time.
    members.sort_by_key(|one| (one.last_used_at, one.standing.last_seen_at, one.standing.member.joined_at));
    let (is_cut, instance_admins) = (found.is_cut, found.instance_admins);
    Ok(Review { members_count: members.len(), members, is_cut, instance_admins, digest, tokens_count })
}

fn reviewed(standing: Standing) -> Reviewed {
    let capabilities = held_by(&standing.member);
    let mut used = BTreeMap::new();
    let deeds = standing.deeds.iter().filter_map(|(action, at)| match Action::of(action)?.needs() {
        Needs::Workspace(capability) => Some((capability, *at)),
        _ => None,
    });
    let ran = standing.last_ran_at.map(|at| (Capability::RunQueries, at));
    for (capability, at) in deeds.chain(ran) {
        let latest = used.entry(capability).or_insert(at);
        *latest = at.max(*latest);
    }
    let last_used_at = used.values().copied().max();
    Reviewed { standing, capabilities, used, last_used_at }
}

/// What a token of a member can do here: its scopes, and never more than they may.
pub fn of_token(member: &Reviewed, scopes: &[String]) -> Capabilities {
    known(scopes).and(member.capabilities)
}

/// SHA-256 of who may do what by what, in the order their accounts were made; no time is in it.
fn digest(members: &[Reviewed]) -> String {
    let mut hasher = Sha256::new();
    for one in members {
        let member = &one.standing.member;
        let mut tokens: Vec<_> = one
            .standing
            .tokens
            .iter()
            .map(|token| (token.id.to_string(), words(of_token(one, &token.scopes))))
            .collect();
        tokens.sort();
        let facts = json!([
            member.user,
            member.machine.map(|kind| kind.word()),
            one.standing.responsible,
            member.role.word(),
            words(allowed_by_role(member)),
            words(one.capabilities),
            one.standing.is_disabled,
            one.standing.has_second_factor,
            one.standing.teams,
            tokens,
        ]);
        hasher.update(facts.to_string().as_bytes());
        hasher.update(b"\n");
    }
    hasher.finalize().iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn words(set: Capabilities) -> Vec<&'static str> {
    set.iter().map(Capability::as_str).collect()
}

/// The reviews that somebody has done, latest first.
pub async fn done(operation: &Operation, before: Option<Id>, limit: u32) -> Result<Page<Done>, Problem> {
    let workspace = operation.entered()?.workspace.id;
    let mut tx = operation.read().await?;
    let page = access_review::done(&mut tx, workspace, before, limit.into()).await?;
    tx.commit().await?;
    Ok(page)
}

/// Says that a person has looked at all of it: `seen` is the digest of what they saw, and must still be true.
pub async fn finish(operation: &Operation, seen: &str, note: &str) -> Result<Done, Problem> {
    let (person, _) = of_console(operation)?;
    let note = note.trim();
    if note.chars().count() > NOTE_CHARACTERS_MAX {
        return Err(Problem::invalid("note", format!("must have at most {NOTE_CHARACTERS_MAX} characters")));
    }
    let workspace = operation.entered()?.workspace.id;
    let mut change = operation.begin().await?;
    // Roles and members change before this, or after it.
    members::lock(&mut change.tx, workspace).await?;
    // Nobody else writes meanwhile: only what the digest is of is looked at.
    let now = whole(&mut change.tx, workspace, Look::Rights).await?;
    if now.is_cut {
        return Err(Problem::new(Code::Conflict, "there are more members than a review shows")
            .with_hint("take the table along as CSV, and members out who are not needed"));
    }
    if now.digest != seen {
        return Err(Problem::new(Code::Changed, "who may do what is another since you looked at it")
            .with_hint("look at it again: `digest` of what is shown then is what to send"));
    }
    if access_review::count(&mut change.tx, workspace).await? >= DONE_MAX {
        return Err(Problem::new(
            Code::Conflict,
            format!("{DONE_MAX} reviews of this workspace are kept already"),
        ));
    }
    let new = NewDone {
        workspace,
        by: person.user.id,
        note,
        members: i64::try_from(now.members_count).unwrap_or(i64::MAX),
        tokens: i64::try_from(now.tokens_count).unwrap_or(i64::MAX),
        digest: &now.digest,
    };
    let id = access_review::keep(&mut change.tx, &new).await?;
    let kept = access_review::done(&mut change.tx, workspace, None, 1).await?.items;
    let made =
        kept.into_iter().find(|one| one.id == id).ok_or_else(|| Problem::not_found("access review"))?;
    let details =
        json!({ "members": made.members, "tokens": made.tokens, "digest": made.digest, "note": note });
    change.commit(Target::new("access_review", id, ""), details).await?;
    Ok(made)
}
