//! What is somebody told of without asking, and what of it have they read?

use crate::access::{Capabilities, Capability};
use crate::operation::{Entered, Operation};
use crate::problem::Problem;
use admin_store::notices::{self, Notice, Person, Reader};
use admin_store::{Id, Page, Tx, members};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Unread notices are counted up to here.
pub const UNREAD_MAX: i64 = 100;
/// Single notices that are marked at once.
pub const MARKED_MAX: usize = 200;

macro_rules! kinds {
    ($($(#[$about:meta])* $name:ident $word:literal $capability:ident $tone:ident;)*) => {
        /// What people are told of.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
        #[serde(rename_all = "snake_case")]
        #[schema(as = NotificationKind)]
        pub enum Kind {
            $($(#[$about])* $name,)*
        }

        impl Kind {
            /// All of them.
            pub const ALL: &'static [Kind] = &[$(Kind::$name,)*];

            /// The word in the API and in the state.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Kind::$name => $word,)*
                }
            }

            /// Who is told: members who have this.
            pub fn capability(self) -> Capability {
                match self {
                    $(Kind::$name => Capability::$capability,)*
                }
            }

            /// How bad it is.
            pub fn tone(self) -> Tone {
                match self {
                    $(Kind::$name => Tone::$tone,)*
                }
            }
        }
    };
}

kinds! {
    /// A data plane is not heard of any more.
    PlaneLost "plane_lost" ViewTraffic Danger;
    /// It is heard of again.
    PlaneBack "plane_back" ViewTraffic Ok;
    /// A data plane found its ledger not whole, or cannot write it.
    LedgerFailed "ledger_failed" ViewLedger Danger;
    /// Checkpoints of a ledger do not reach one of its copies.
    CheckpointBroken "checkpoint_broken" ViewLedger Danger;
    /// The database of a connection does not answer.
    ConnectionDown "connection_down" View Danger;
    /// It answers again.
    ConnectionUp "connection_up" View Ok;
    /// A schema changed in a way that breaks what uses it.
    SchemaBreaking "schema_breaking" View Warn;
    /// Somebody published rules.
    RulesPublished "rules_published" View Neutral;
    /// Somebody rolled rules back, or withdrew them from a listener.
    RulesRolledBack "rules_rolled_back" View Warn;
    /// Somebody asks for another mode of a listener, and waits for an approval.
    ModeAsked "mode_asked" ApproveChanges Warn;
    /// Another mode of a listener began, ended, or was not approved.
    ModeChanged "mode_changed" View Warn;
    /// A statement takes much longer than it did.
    QuerySlower "query_slower" ViewTraffic Warn;
    /// A rule refuses or holds many statements.
    RefusalsPiling "refusals_piling" ViewTraffic Warn;
    /// A certificate of a listener expires soon, or has.
    CertificateExpiring "certificate_expiring" ViewTraffic Warn;
    /// Somebody joined the workspace.
    MemberJoined "member_joined" View Neutral;
}

/// How bad something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = NotificationTone)]
pub enum Tone {
    /// Somebody should look now.
    Danger,
    /// Somebody should look.
    Warn,
    /// It is good news.
    Ok,
    /// It is as it should be.
    Neutral,
}

impl Kind {
    /// The kind of a word.
    pub fn of(word: &str) -> Option<Kind> {
        Kind::ALL.iter().copied().find(|kind| kind.as_str() == word)
    }

    /// Kinds that are told to somebody with these capabilities.
    pub fn told(capabilities: Capabilities) -> impl Iterator<Item = Kind> {
        Kind::ALL.iter().copied().filter(move |kind| capabilities.contains(kind.capability()))
    }
}

/// Which notices are asked for.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only of this kind.
    pub kind: Option<Kind>,
    /// Only what is not read.
    pub unread: bool,
}

/// How somebody is told, and how much they have not read.
#[derive(Clone, Debug)]
pub struct State {
    /// What they have not read and did not mute, up to [`UNREAD_MAX`].
    pub unread: i64,
    /// Kinds they may be told of.
    pub kinds: Vec<Kind>,
    /// How they are told.
    pub person: Person,
}

/// Somebody who never said or read anything: what was told before they came is no news to them.
async fn person_of(tx: &mut Tx, operation: &Operation) -> Result<Person, Problem> {
    let (user, workspace) = (operation.person()?.user.id, operation.entered()?.workspace.id);
    if let Some(person) = notices::person(tx, user, workspace).await? {
        return Ok(person);
    }
    let joined_at = members::find(tx, workspace, user).await?.map_or(0, |member| member.joined_at);
    let since = Id::least_of(joined_at);
    Ok(Person { read_until: since, muted: Vec::new(), wants_mail: false, mailed_until: since, mailed_at: 0 })
}

/// The kinds that somebody sees in a list: those they muted too, where they ask for that kind.
fn wanted(entered: &Entered, person: &Person, kind: Option<Kind>) -> Vec<&'static str> {
    let is_wanted = |one: &Kind| match kind {
        Some(kind) => *one == kind,
        None => !person.muted.iter().any(|muted| muted == one.as_str()),
    };
    Kind::told(entered.capabilities).filter(is_wanted).map(Kind::as_str).collect()
}

/// What somebody is told, latest first.
pub async fn list(
    operation: &Operation,
    filter: Filter,
    before: Option<Id>,
    limit: u32,
) -> Result<Page<Notice>, Problem> {
    let entered = operation.entered()?;
    let mut tx = operation.read().await?;
    let person = person_of(&mut tx, operation).await?;
    let reader = Reader {
        user: operation.person()?.user.id,
        workspace: entered.workspace.id,
        read_until: person.read_until,
        kinds: &wanted(entered, &person, filter.kind),
        unread: filter.unread,
    };
    let page = notices::list(&mut tx, &reader, before, limit.into()).await?;
    tx.commit().await?;
    Ok(page)
}

/// How somebody is told, and how much they have not read.
pub async fn state(operation: &Operation) -> Result<State, Problem> {
    let entered = operation.entered()?;
    let mut tx = operation.read().await?;
    let person = person_of(&mut tx, operation).await?;
    let reader = Reader {
        user: operation.person()?.user.id,
        workspace: entered.workspace.id,
        read_until: person.read_until,
        kinds: &wanted(entered, &person, None),
        unread: true,
    };
    let unread = notices::list(&mut tx, &reader, None, UNREAD_MAX).await?.items.len();
    tx.commit().await?;
    let kinds = Kind::told(entered.capabilities).collect();
    Ok(State { unread: i64::try_from(unread).unwrap_or(UNREAD_MAX), kinds, person })
}

/// What somebody says they have read. It is no change that anybody else would want to know of.
#[derive(Clone, Debug)]
pub enum Marked {
    /// Everything up to this one.
    Until(Id),
    /// These, or that they are not read.
    These(Vec<Id>, bool),
}

/// Notes what somebody has read.
pub async fn mark(operation: &Operation, marked: Marked) -> Result<(), Problem> {
    let (user, workspace) = (operation.person()?.user.id, operation.entered()?.workspace.id);
    let mut tx = operation.app.store.write().await?;
    match marked {
        Marked::These(notices, is_read) => {
            notices::mark(&mut tx, user, workspace, &notices, is_read).await?;
        }
        Marked::Until(until) => {
            let person = person_of(&mut tx, operation).await?;
            // An id that is not of our making could be of any time.
            let until = until.min(Id::least_of(admin_store::now_us().saturating_add(60_000_000)));
            notices::read_all(&mut tx, user, workspace, &person, until).await?;
        }
    }
    Ok(tx.commit().await?)
}

/// Says which kinds somebody is not told of, and whether the others come by mail too.
pub async fn set(operation: &Operation, muted: &[Kind], wants_mail: bool) -> Result<State, Problem> {
    let (user, workspace) = (operation.person()?.user.id, operation.entered()?.workspace.id);
    if wants_mail && operation.person()?.user.machine.is_some() {
        return Err(Problem::invalid("wants_mail", "cannot be: a service or an agent gets no mail"));
    }
    let mut tx = operation.app.store.write().await?;
    let before = person_of(&mut tx, operation).await?;
    let mut words: Vec<String> = muted.iter().map(|kind| kind.as_str().to_owned()).collect();
    words.sort_unstable();
    words.dedup();
    let person = Person { muted: words, wants_mail, ..before };
    notices::set_person(&mut tx, user, workspace, &person).await?;
    tx.commit().await?;
    state(operation).await
}
