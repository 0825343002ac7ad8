//! Which actions are there, and what does each need?
//!
//! Every endpoint of the API is one action. The table is the whole of authorization: who adds an
//! endpoint adds a line here, and the matrix in docs/access.md changes with it.

use super::capability::{Capability, Role};

/// What an action needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// Nothing: anybody may, within limits of their own.
    Nobody,
    /// To be signed in; it is about oneself.
    Person,
    /// To be an admin of the whole instance.
    Instance,
    /// A capability in the workspace.
    Workspace(Capability),
    /// The token of a data plane.
    Plane,
}

macro_rules! actions {
    ($($name:ident $word:literal $needs:expr;)*) => {
        /// One thing that can be asked for. Its word is the operation's id in the API and what the
        /// activity calls it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[allow(missing_docs)]
        pub enum Action {
            $($name,)*
        }

        impl Action {
            /// All of them, in the table's order.
            pub const ALL: &'static [Action] = &[$(Action::$name,)*];

            /// The word in the API and in the activity.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Action::$name => $word,)*
                }
            }

            /// What it needs.
            pub fn needs(self) -> Needs {
                use Needs::*;
                match self {
                    $(Action::$name => $needs,)*
                }
            }
        }
    };
}

actions! {
    // ---- the instance ----
    ShowHealth "show_health" Nobody;
    ShowInstance "show_instance" Nobody;
    SetUp "set_up" Nobody;
    ListenAsPlane "listen_as_plane" Plane;
    ReportAsPlane "report_as_plane" Plane;
    AnswerAsPlane "answer_as_plane" Plane;
    CancelAsPlane "cancel_as_plane" Plane;
    ListUsers "list_users" Instance;
    ShowUser "show_user" Instance;
    ChangeUser "change_user" Instance;
    ResetSecondFactor "reset_second_factor" Instance;
    ListAllWorkspaces "list_all_workspaces" Instance;
    ListInstanceActivity "list_instance_activity" Instance;

    // ---- oneself ----
    Register "register" Nobody;
    SignIn "sign_in" Nobody;
    ShowSession "show_session" Person;
    SignOut "sign_out" Person;
    ListSessions "list_sessions" Person;
    EndSession "end_session" Person;
    EndOtherSessions "end_other_sessions" Person;
    ListTokens "list_tokens" Person;
    CreateToken "create_token" Person;
    RevokeToken "revoke_token" Person;
    RequestPasswordReset "request_password_reset" Nobody;
    ConfirmPasswordReset "confirm_password_reset" Nobody;
    ShowProfile "show_profile" Person;
    ChangeProfile "change_profile" Person;
    ChangePassword "change_password" Person;
    ChangeEmail "change_email" Person;
    ConfirmEmail "confirm_email" Person;
    BeginSecondFactor "begin_second_factor" Person;
    ConfirmSecondFactor "confirm_second_factor" Person;
    RemoveSecondFactor "remove_second_factor" Person;
    RenewRecoveryCodes "renew_recovery_codes" Person;
    ShowKept "show_kept" Person;
    ExportProfile "export_profile" Person;
    EraseProfile "erase_profile" Person;
    BeginSignIn "begin_sign_in" Nobody;
    FinishSignIn "finish_sign_in" Nobody;
    ListIdentities "list_identities" Person;
    LinkIdentity "link_identity" Person;
    UnlinkIdentity "unlink_identity" Person;
    LookAtInvitation "look_at_invitation" Nobody;
    AcceptInvitation "accept_invitation" Person;

    // ---- workspaces ----
    ListWorkspaces "list_workspaces" Person;
    CreateWorkspace "create_workspace" Person;
    ShowWorkspace "show_workspace" Workspace(Capability::View);
    ChangeWorkspace "change_workspace" Workspace(Capability::ManageWorkspace);
    DeleteWorkspace "delete_workspace" Workspace(Capability::OwnWorkspace);
    LeaveWorkspace "leave_workspace" Workspace(Capability::View);
    ShowPrivacy "show_privacy" Workspace(Capability::View);

    // ---- people in a workspace ----
    ListMembers "list_members" Workspace(Capability::View);
    ShowMember "show_member" Workspace(Capability::View);
    ChangeMember "change_member" Workspace(Capability::ManageMembers);
    RemoveMember "remove_member" Workspace(Capability::ManageMembers);
    ListInvitations "list_invitations" Workspace(Capability::ManageMembers);
    CreateInvitation "create_invitation" Workspace(Capability::ManageMembers);
    RevokeInvitation "revoke_invitation" Workspace(Capability::ManageMembers);
    ReviewAccess "review_access" Workspace(Capability::ViewActivity);
    ExportAccessReview "export_access_review" Workspace(Capability::ViewActivity);
    ListAccessReviews "list_access_reviews" Workspace(Capability::ViewActivity);
    FinishAccessReview "finish_access_review" Workspace(Capability::ManageMembers);
    ListRoles "list_roles" Workspace(Capability::View);
    CreateRole "create_role" Workspace(Capability::ManageMembers);
    ShowRole "show_role" Workspace(Capability::View);
    ChangeRole "change_role" Workspace(Capability::ManageMembers);
    DeleteRole "delete_role" Workspace(Capability::ManageMembers);
    ListMachines "list_machines" Workspace(Capability::View);
    CreateMachine "create_machine" Workspace(Capability::ManageMembers);
    ShowMachine "show_machine" Workspace(Capability::View);
    ChangeMachine "change_machine" Workspace(Capability::ManageMembers);
    DeleteMachine "delete_machine" Workspace(Capability::ManageMembers);
    ListMachineTokens "list_machine_tokens" Workspace(Capability::ManageMembers);
    CreateMachineToken "create_machine_token" Workspace(Capability::ManageMembers);
    RevokeMachineToken "revoke_machine_token" Workspace(Capability::ManageMembers);
    ListTeams "list_teams" Workspace(Capability::View);
    CreateTeam "create_team" Workspace(Capability::ManageMembers);
    ShowTeam "show_team" Workspace(Capability::View);
    ChangeTeam "change_team" Workspace(Capability::ManageMembers);
    DeleteTeam "delete_team" Workspace(Capability::ManageMembers);
    ListTeamMembers "list_team_members" Workspace(Capability::View);
    AddTeamMember "add_team_member" Workspace(Capability::ManageMembers);
    RemoveTeamMember "remove_team_member" Workspace(Capability::ManageMembers);
    ListPrincipals "list_principals" Workspace(Capability::View);
    CreatePrincipal "create_principal" Workspace(Capability::ManageMembers);
    ShowPrincipal "show_principal" Workspace(Capability::View);
    ChangePrincipal "change_principal" Workspace(Capability::ManageMembers);
    DeletePrincipal "delete_principal" Workspace(Capability::ManageMembers);
    ListActivity "list_activity" Workspace(Capability::ViewActivity);
    ExportActivity "export_activity" Workspace(Capability::ViewActivity);

    // ---- queries ----
    RunQuery "run_query" Workspace(Capability::RunQueries);
    ExportQuery "export_query" Workspace(Capability::RunQueries);
    ExplainQuery "explain_query" Workspace(Capability::RunQueries);
    ExplainFingerprint "explain_fingerprint" Workspace(Capability::RunQueries);
    CheckQuery "check_query" Workspace(Capability::RunQueries);
    ListRuns "list_runs" Workspace(Capability::View);
    ShowRun "show_run" Workspace(Capability::View);
    CancelRun "cancel_run" Workspace(Capability::RunQueries);
    ListQueries "list_queries" Workspace(Capability::View);
    CreateQuery "create_query" Workspace(Capability::SaveQueries);
    ShowQuery "show_query" Workspace(Capability::View);
    ChangeQuery "change_query" Workspace(Capability::SaveQueries);
    DeleteQuery "delete_query" Workspace(Capability::SaveQueries);
    ListQueryTags "list_query_tags" Workspace(Capability::View);
    ListQueryVersions "list_query_versions" Workspace(Capability::View);
    ShowQueryVersion "show_query_version" Workspace(Capability::View);
    RestoreQuery "restore_query" Workspace(Capability::SaveQueries);
    RunSavedQuery "run_saved_query" Workspace(Capability::RunQueries);
    ListFavourites "list_favourites" Workspace(Capability::View);
    AddFavourite "add_favourite" Workspace(Capability::View);
    RemoveFavourite "remove_favourite" Workspace(Capability::View);
    ListRecent "list_recent" Workspace(Capability::View);
    NoteOpened "note_opened" Workspace(Capability::View);

    // ---- connections ----
    ListConnections "list_connections" Workspace(Capability::View);
    CreateConnection "create_connection" Workspace(Capability::ManageConnections);
    ShowConnection "show_connection" Workspace(Capability::View);
    ChangeConnection "change_connection" Workspace(Capability::ManageConnections);
    DeleteConnection "delete_connection" Workspace(Capability::ManageConnections);
    TestConnectionDraft "test_connection_draft" Workspace(Capability::ManageConnections);
    TestConnection "test_connection" Workspace(Capability::ManageConnections);
    ShowConnectionHealth "show_connection_health" Workspace(Capability::View);
    CheckConnection "check_connection" Workspace(Capability::RunQueries);
    ShowConnectionUsage "show_connection_usage" Workspace(Capability::View);

    // ---- schemas ----
    TakeSchemaSnapshot "take_schema_snapshot" Workspace(Capability::RunQueries);
    UploadSchema "upload_schema" Workspace(Capability::ManageConnections);
    ListSchemaSnapshots "list_schema_snapshots" Workspace(Capability::View);
    ShowSchemaSnapshot "show_schema_snapshot" Workspace(Capability::View);
    ShowSchemaTree "show_schema_tree" Workspace(Capability::View);
    ListSchemaObjects "list_schema_objects" Workspace(Capability::View);
    ShowSchemaObject "show_schema_object" Workspace(Capability::View);
    SearchSchema "search_schema" Workspace(Capability::View);
    ShowSchemaGraph "show_schema_graph" Workspace(Capability::View);
    ListSchemaJoins "list_schema_joins" Workspace(Capability::ViewTraffic);
    ListSchemaNames "list_schema_names" Workspace(Capability::View);
    CompareSchemaSnapshots "compare_schema_snapshots" Workspace(Capability::View);
    ShowTableUsage "show_table_usage" Workspace(Capability::ViewTraffic);
    ListTableUsage "list_table_usage" Workspace(Capability::ViewTraffic);
    ShowSchemaObjectHistory "show_schema_object_history" Workspace(Capability::View);
    ListSchemaDependents "list_schema_dependents" Workspace(Capability::View);

    // ---- viewpoints ----
    ListViewpoints "list_viewpoints" Workspace(Capability::View);
    CreateViewpoint "create_viewpoint" Workspace(Capability::SaveQueries);
    ShowViewpoint "show_viewpoint" Workspace(Capability::View);
    ChangeViewpoint "change_viewpoint" Workspace(Capability::SaveQueries);
    DeleteViewpoint "delete_viewpoint" Workspace(Capability::SaveQueries);

    // ---- traffic ----
    ShowTopTraffic "show_top_traffic" Workspace(Capability::ViewTraffic);
    ShowTrafficSeries "show_traffic_series" Workspace(Capability::ViewTraffic);
    ShowTrafficHeatmap "show_traffic_heatmap" Workspace(Capability::ViewTraffic);
    ShowTrafficErrors "show_traffic_errors" Workspace(Capability::ViewTraffic);
    ListSlowerStatements "list_slower_statements" Workspace(Capability::ViewTraffic);
    ListFingerprints "list_fingerprints" Workspace(Capability::ViewTraffic);
    ShowFingerprint "show_fingerprint" Workspace(Capability::ViewTraffic);
    ListWireSessions "list_wire_sessions" Workspace(Capability::ViewTraffic);
    ListLiveSessions "list_live_sessions" Workspace(Capability::ViewTraffic);
    CancelLiveSession "cancel_live_session" Workspace(Capability::ControlSessions);
    TerminateLiveSession "terminate_live_session" Workspace(Capability::ControlSessions);
    ListRefusals "list_refusals" Workspace(Capability::ViewTraffic);
    CountRefusalsByRule "count_refusals_by_rule" Workspace(Capability::ViewTraffic);
    ListEvents "list_events" Workspace(Capability::ViewTraffic);

    // ---- data planes and listeners ----
    ShowFleet "show_fleet" Workspace(Capability::ViewTraffic);
    ListPlanes "list_planes" Instance;
    ForgetPlane "forget_plane" Instance;
    DrainPlane "drain_plane" Instance;
    UndrainPlane "undrain_plane" Instance;
    ListPlaneRestarts "list_plane_restarts" Instance;
    RestartPlanes "restart_planes" Instance;
    ShowPlaneRestart "show_plane_restart" Instance;
    CancelPlaneRestart "cancel_plane_restart" Instance;
    ListListeners "list_listeners" Workspace(Capability::ViewTraffic);
    ShowListener "show_listener" Workspace(Capability::ViewTraffic);
    ListModeChanges "list_mode_changes" Workspace(Capability::ViewTraffic);
    AskModeChange "ask_mode_change" Workspace(Capability::ProposeChanges);
    ApproveModeChange "approve_mode_change" Workspace(Capability::ApproveChanges);
    DenyModeChange "deny_mode_change" Workspace(Capability::ApproveChanges);
    WithdrawModeChange "withdraw_mode_change" Workspace(Capability::ProposeChanges);
    EndModeChange "end_mode_change" Workspace(Capability::ProposeChanges);

    // ---- rule sets ----
    ListPacks "list_packs" Person;
    ShowPack "show_pack" Person;
    ListRuleSets "list_rule_sets" Workspace(Capability::View);
    CreateRuleSet "create_rule_set" Workspace(Capability::EditRules);
    ShowRuleSet "show_rule_set" Workspace(Capability::View);
    ChangeRuleSet "change_rule_set" Workspace(Capability::EditRules);
    DeleteRuleSet "delete_rule_set" Workspace(Capability::EditRules);
    ShowDraft "show_draft" Workspace(Capability::View);
    SaveDraft "save_draft" Workspace(Capability::EditRules);
    DiscardDraft "discard_draft" Workspace(Capability::EditRules);
    ListVersions "list_versions" Workspace(Capability::View);
    ShowVersion "show_version" Workspace(Capability::View);
    CheckRules "check_rules" Workspace(Capability::EditRules);
    RunCases "run_cases" Workspace(Capability::EditRules);
    ReplayRules "replay_rules" Workspace(Capability::EditRules);
    PublishRuleSet "publish_rule_set" Workspace(Capability::PublishRules);
    RollBackRuleSet "roll_back_rule_set" Workspace(Capability::PublishRules);
    ShowPublication "show_publication" Workspace(Capability::View);
    PublishToListener "publish_to_listener" Workspace(Capability::PublishRules);
    WithdrawFromListener "withdraw_from_listener" Workspace(Capability::PublishRules);

    // ---- the ledger ----
    SearchLedger "search_ledger" Workspace(Capability::ViewLedger);
    ShowLedgerRecord "show_ledger_record" Workspace(Capability::ViewLedger);
    ExportLedger "export_ledger" Workspace(Capability::ViewLedger);
    ShowLedgerFacets "show_ledger_facets" Workspace(Capability::ViewLedger);
    ShowLedgerStatus "show_ledger_status" Workspace(Capability::ViewLedger);
    VerifyLedger "verify_ledger" Workspace(Capability::ViewLedger);
    StopVerifyingLedger "stop_verifying_ledger" Workspace(Capability::ViewLedger);
    ListLedgerMarks "list_ledger_marks" Workspace(Capability::ViewLedger);
    ReportAccess "report_access" Workspace(Capability::ViewLedger);

    // ---- what somebody is told of ----
    ListNotifications "list_notifications" Workspace(Capability::View);
    MarkNotifications "mark_notifications" Workspace(Capability::View);
    ShowNotificationSettings "show_notification_settings" Workspace(Capability::View);
    ChangeNotificationSettings "change_notification_settings" Workspace(Capability::View);

    // ---- what happens now ----
    WatchLive "watch_live" Workspace(Capability::ViewTraffic);
}

impl Action {
    /// The action of a word.
    pub fn of(word: &str) -> Option<Action> {
        Action::ALL.iter().copied().find(|action| action.as_str() == word)
    }

    /// Whether members of `role` may, without capabilities beyond it.
    pub fn is_for(self, role: Role) -> bool {
        match self.needs() {
            Needs::Nobody | Needs::Person => true,
            Needs::Instance | Needs::Plane => false,
            Needs::Workspace(capability) => role.capabilities().contains(capability),
        }
    }
}
