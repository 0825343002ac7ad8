//! `GET …/schema/diff`: what changed between two snapshots?

use super::view::{SnapshotView, snapshot};
use crate::access::Capability;
use crate::app::schema::changes;
use crate::http::extract::{Path, Query};
use crate::http::page::encode;
use crate::http::path::InWorkspace;
use crate::http::timestamp::Timestamp;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_engines::schema::diff::{Action, Change, Severity};
use admin_store::Id;
use admin_store::traffic::UseTotal;
use axum::Json;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Which snapshots are compared.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DiffQuery {
    /// The older one; the one before `after` where nothing is said.
    #[param(format = Uuid)]
    pub before: Option<String>,
    /// The later one; the latest where nothing is said.
    #[param(format = Uuid)]
    pub after: Option<String>,
}

/// What is different.
#[derive(Debug, Serialize, ToSchema)]
pub struct DiffView {
    /// The older one.
    pub before: SnapshotView,
    /// The later one.
    pub after: SnapshotView,
    /// Objects that are new.
    pub added: usize,
    /// Objects that are gone.
    pub removed: usize,
    /// Objects that are different.
    pub changed: usize,
    /// Each change, at most 2,000.
    pub changes: Vec<ChangeView>,
    /// Whether there are more.
    pub is_cut: bool,
    /// Whether `usage` tells what was seen: the asker may see traffic, and the server's passes a listener.
    pub has_usage: bool,
}

/// One change.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChangeView {
    /// The key of the object it is about.
    pub key: String,
    /// What the object is.
    #[schema(example = "table")]
    pub kind: String,
    /// The schema it is in; empty for none.
    pub schema: String,
    /// Its name.
    pub name: String,
    /// What happened to the object, or to the part of it.
    pub action: ActionWord,
    /// The part it is about; absent when it is the whole object.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub part: Option<PartView>,
    /// What of it changed, such as `data_type`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// What it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// What it is now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// How bad it may be for what uses the database.
    pub severity: SeverityWord,
    /// All of it in words.
    pub sentence: String,
    /// What was removed may live on in what this adds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub possible_rename_of: Option<RenameView>,
    /// How much what changed was used in the last 30 days; absent where nothing was seen of it, or nothing is told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usage: Option<ChangeUseView>,
}

/// How much a table or column was used.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChangeUseView {
    /// Statements that read it.
    pub reads: u64,
    /// Statements that changed it.
    pub writes: u64,
    /// When one of them was last seen, whenever that was.
    pub last_seen_at: Timestamp,
}

/// What happened.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ActionWord {
    /// It was not there.
    Added,
    /// It is no more.
    Removed,
    /// It is different.
    Changed,
}

/// How bad a change may be.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SeverityWord {
    /// Nothing that worked stops working.
    Safe,
    /// It depends on how it is used.
    Risky,
    /// What uses it fails.
    Breaking,
}

/// A part of an object.
#[derive(Debug, Serialize, ToSchema)]
pub struct PartView {
    /// What it is: `column`, `index`, `foreign key` and others.
    #[schema(example = "column")]
    pub aspect: &'static str,
    /// Its name, or what stands for one.
    pub name: String,
}

/// What something may have been called before.
#[derive(Debug, Serialize, ToSchema)]
pub struct RenameView {
    /// The name it may have had.
    pub name: String,
    /// How much they are alike, up to 100.
    pub confidence_percent: u8,
}

impl ChangeView {
    fn used(self, total: Option<UseTotal>) -> ChangeView {
        let usage = total.map(|total| ChangeUseView {
            reads: total.reads,
            writes: total.writes,
            last_seen_at: Timestamp(total.last_seen_at),
        });
        ChangeView { usage, ..self }
    }

    /// As it is shown.
    pub(super) fn of(change: Change) -> ChangeView {
        let kind = serde_json::to_value(change.kind).unwrap_or_default();
        ChangeView {
            key: encode(&change.object.bytes()),
            kind: kind.as_str().unwrap_or_default().to_owned(),
            schema: change.object.schema,
            name: change.object.name,
            action: match change.action {
                Action::Added => ActionWord::Added,
                Action::Removed => ActionWord::Removed,
                Action::Changed => ActionWord::Changed,
            },
            part: change.part.map(|part| PartView { aspect: part.aspect.words(), name: part.name }),
            field: change.field,
            before: change.before,
            after: change.after,
            severity: match change.severity {
                Severity::Safe => SeverityWord::Safe,
                Severity::Risky => SeverityWord::Risky,
                Severity::Breaking => SeverityWord::Breaking,
            },
            sentence: change.sentence,
            possible_rename_of: change.possible_rename_of.map(|rename| RenameView {
                name: rename.name,
                confidence_percent: rename.confidence_percent,
            }),
            usage: None,
        }
    }
}

/// Compares two snapshots of a schema: what came, what went, what changed, and how bad it may be.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/connections/{connection}/schema/diff",
    operation_id = "compare_schema_snapshots", tag = "schema", params(InWorkspace, ("connection" = String, Path, description = "Which connection", format = Uuid), DiffQuery),
    responses((status = 200, description = "What is different", body = DiffView)))]
pub async fn handle(
    operation: Operation,
    place: Path<(String, Id)>,
    Query(query): Query<DiffQuery>,
) -> Result<Json<DiffView>, Problem> {
    let Path((_, id)) = place;
    let (before, after) = (snapshot(query.before.as_deref())?, snapshot(query.after.as_deref())?);
    let found = changes::compare(&operation, id, before, after).await?;
    let may_see = operation.entered()?.capabilities.contains(Capability::ViewTraffic);
    let uses = if may_see { changes::uses(&operation, id, &found.changes).await? } else { None };
    let has_usage = uses.is_some();
    let mut uses = uses.unwrap_or_default().into_iter();
    Ok(Json(DiffView {
        before: SnapshotView::of(&found.before),
        after: SnapshotView::of(&found.after),
        added: found.added,
        removed: found.removed,
        changed: found.changed,
        changes: found
            .changes
            .into_iter()
            .map(|change| ChangeView::of(change).used(uses.next().flatten()))
            .collect(),
        is_cut: found.is_cut,
        has_usage,
    }))
}
