//! Which capabilities are there, and which has each role?

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What somebody can be allowed in a workspace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Capability {
    /// See the workspace, its connections, schemas, saved queries and members.
    View,
    /// See statements, sessions, refusals and figures of its listeners.
    ViewTraffic,
    /// Run queries, read-only, on connections that are not production.
    RunQueries,
    /// Save, change and share queries and other notes of one's own.
    SaveQueries,
    /// Run queries and look at live schemas on production connections.
    UseProduction,
    /// Propose changes of schemas, and another mode of a listener for a stated time.
    ProposeChanges,
    /// Approve changes that others propose.
    ApproveChanges,
    /// Write drafts of rule sets and try them.
    EditRules,
    /// Publish rule sets to listeners.
    PublishRules,
    /// Search the ledger.
    ViewLedger,
    /// Make, change, test and delete connections.
    ManageConnections,
    /// Cancel what sessions of the listeners run, and end sessions.
    ControlSessions,
    /// See what people did.
    ViewActivity,
    /// Invite, change and remove members, teams and links of wire principals.
    ManageMembers,
    /// Change the workspace's name and settings.
    ManageWorkspace,
    /// Delete the workspace; make and unmake owners.
    OwnWorkspace,
}

impl Capability {
    /// All of them, from the least to the most.
    pub const ALL: [Capability; 16] = [
        Capability::View,
        Capability::ViewTraffic,
        Capability::RunQueries,
        Capability::SaveQueries,
        Capability::UseProduction,
        Capability::ProposeChanges,
        Capability::ApproveChanges,
        Capability::EditRules,
        Capability::PublishRules,
        Capability::ViewLedger,
        Capability::ManageConnections,
        Capability::ControlSessions,
        Capability::ViewActivity,
        Capability::ManageMembers,
        Capability::ManageWorkspace,
        Capability::OwnWorkspace,
    ];

    /// The word in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Capability::View => "view",
            Capability::ViewTraffic => "view_traffic",
            Capability::RunQueries => "run_queries",
            Capability::SaveQueries => "save_queries",
            Capability::UseProduction => "use_production",
            Capability::ProposeChanges => "propose_changes",
            Capability::ApproveChanges => "approve_changes",
            Capability::EditRules => "edit_rules",
            Capability::PublishRules => "publish_rules",
            Capability::ViewLedger => "view_ledger",
            Capability::ManageConnections => "manage_connections",
            Capability::ControlSessions => "control_sessions",
            Capability::ViewActivity => "view_activity",
            Capability::ManageMembers => "manage_members",
            Capability::ManageWorkspace => "manage_workspace",
            Capability::OwnWorkspace => "own_workspace",
        }
    }

    /// The capability of a word.
    pub fn of(word: &str) -> Option<Capability> {
        Capability::ALL.into_iter().find(|capability| capability.as_str() == word)
    }
}

/// A set of capabilities.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Capabilities(u32);

impl Capabilities {
    /// All there are.
    pub fn all() -> Capabilities {
        Capability::ALL.into_iter().collect()
    }

    /// Those that a service or an agent can have: nothing of what one person asks for and another decides, and
    /// nothing that lets others in.
    pub fn of_machines() -> Capabilities {
        let for_people = [
            Capability::ProposeChanges,
            Capability::ApproveChanges,
            Capability::PublishRules,
            Capability::ManageMembers,
            Capability::OwnWorkspace,
        ];
        Capability::ALL.into_iter().filter(|capability| !for_people.contains(capability)).collect()
    }

    /// Whether `capability` is among them.
    pub fn contains(self, capability: Capability) -> bool {
        self.0 & (1 << capability as u32) != 0
    }

    /// Those in both.
    #[must_use]
    pub fn and(self, other: Capabilities) -> Capabilities {
        Capabilities(self.0 & other.0)
    }

    /// Those in either.
    #[must_use]
    pub fn or(self, other: Capabilities) -> Capabilities {
        Capabilities(self.0 | other.0)
    }

    /// Whether all of `self` are in `other`.
    pub fn within(self, other: Capabilities) -> bool {
        self.0 & !other.0 == 0
    }

    /// Each of them, from the least to the most.
    pub fn iter(self) -> impl Iterator<Item = Capability> {
        Capability::ALL.into_iter().filter(move |capability| self.contains(*capability))
    }
}

impl FromIterator<Capability> for Capabilities {
    fn from_iter<I: IntoIterator<Item = Capability>>(capabilities: I) -> Capabilities {
        Capabilities(capabilities.into_iter().fold(0, |set, capability| set | 1 << capability as u32))
    }
}

/// What a member is in a workspace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Looks.
    Viewer,
    /// Works: runs and saves queries, drafts rules, proposes changes.
    Editor,
    /// Runs the workspace: connections, sessions, members, rules in force, production.
    Admin,
    /// Owns it.
    Owner,
}

impl Role {
    /// All of them, from the least to the most.
    pub const ALL: [Role; 4] = [Role::Viewer, Role::Editor, Role::Admin, Role::Owner];

    /// The word in the API and in the state.
    pub fn as_str(self) -> &'static str {
        match self {
            Role::Viewer => "viewer",
            Role::Editor => "editor",
            Role::Admin => "admin",
            Role::Owner => "owner",
        }
    }

    /// The role of a word.
    pub fn of(word: &str) -> Option<Role> {
        Role::ALL.into_iter().find(|role| role.as_str() == word)
    }

    /// What it allows.
    pub fn capabilities(self) -> Capabilities {
        use Capability::{
            ApproveChanges, ControlSessions, EditRules, ManageConnections, ManageMembers, ManageWorkspace,
            OwnWorkspace, ProposeChanges, PublishRules, RunQueries, SaveQueries, UseProduction, View,
            ViewActivity, ViewLedger, ViewTraffic,
        };
        let own: &[Capability] = match self {
            Role::Viewer => &[View, ViewTraffic],
            Role::Editor => &[RunQueries, SaveQueries, ProposeChanges, EditRules],
            Role::Admin => &[
                UseProduction,
                ApproveChanges,
                PublishRules,
                ViewLedger,
                ManageConnections,
                ControlSessions,
                ViewActivity,
                ManageMembers,
                ManageWorkspace,
            ],
            Role::Owner => &[OwnWorkspace],
        };
        let less = match self {
            Role::Viewer => Capabilities::default(),
            Role::Editor => Role::Viewer.capabilities(),
            Role::Admin => Role::Editor.capabilities(),
            Role::Owner => Role::Admin.capabilities(),
        };
        own.iter().copied().collect::<Capabilities>().or(less)
    }
}
