//! `GET /api/v1/workspaces/{workspace}/ledger/status`: how whole are the ledgers?

use super::search::MissingView;
use super::wholeness::{
    LedgerCheckpointView, LedgerCopyView, LedgerRetentionView, LedgerSelfCheckView, LedgerVerdictWord,
};
use crate::app::ledger::status;
use crate::http::extract::Query;
use crate::http::instance::health::NoQuery;
use crate::http::path::InWorkspace;
use crate::http::timestamp::Timestamp;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::now_us;
use axum::Json;
use control::{LedgerCheck, LedgerStatus, LedgerVerdict};
use serde::Serialize;
use utoipa::ToSchema;

/// How a ledger's writer is.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WriterState {
    /// It keeps what comes.
    Writing,
    /// It cannot write: records wait in memory.
    Failing,
}

/// Something that was checked.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LedgerCheckView {
    /// What: `last_line_at_start` is whether the line that the writer goes on from has the hash it states.
    #[schema(example = "last_line_at_start")]
    pub what: String,
    /// When.
    pub at: Timestamp,
    /// `holds`; `differs`; `unsealed`: there is no hash; `nothing`: there was no line.
    #[schema(example = "holds")]
    pub result: String,
    /// What else was found.
    pub remarks: Vec<String>,
}

impl LedgerCheckView {
    fn of(check: LedgerCheck) -> LedgerCheckView {
        let LedgerCheck { what, at_us, result, remarks } = check;
        LedgerCheckView { what, at: Timestamp(at_us), result, remarks }
    }
}

/// The records of a listener.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ListenerRecordsView {
    /// Its name.
    pub listener: String,
    /// The moment of its newest record; absent when none was found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub newest_at: Option<Timestamp>,
}

/// The ledger of a data plane. Its figures are of the whole ledger, also of listeners of other workspaces.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LedgerStatusView {
    /// The data plane's id.
    pub plane: String,
    /// As people know it.
    pub plane_name: String,
    /// How its writer is.
    pub writer: WriterState,
    /// When the writer started.
    pub writer_started_at: Timestamp,
    /// When a record counts as kept: `none`, `group`, `each`.
    #[schema(example = "group")]
    pub sync: String,
    /// Records kept since the start.
    pub records: u64,
    /// Bytes of their lines.
    pub bytes: u64,
    /// Records that did not fit into memory and are missing, since the start.
    pub records_lost: u64,
    /// Gap records, since the start.
    pub gaps: u64,
    /// How often writing began to fail, since the start.
    pub failures: u64,
    /// Bytes of text that records keep in memory while they wait to be written.
    pub queue_bytes: u64,
    /// Segments in the ledger's folder.
    pub segments: u64,
    /// Those of them that are compressed, which a search does not read.
    pub segments_unsearched: u64,
    /// Bytes of all segments.
    pub segment_bytes: u64,
    /// The moment of the first record of the oldest segment that a search reads.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oldest_at: Option<Timestamp>,
    /// The moment of the newest record.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub newest_at: Option<Timestamp>,
    /// The workspace's own listeners.
    pub listeners: Vec<ListenerRecordsView>,
    /// Whether nothing of what is there was changed, as the data plane itself found out last.
    pub integrity: LedgerVerdictWord,
    /// Whether nothing is missing, as the data plane itself found out last.
    pub completeness: LedgerVerdictWord,
    /// When it did, and what it found.
    pub self_check: LedgerSelfCheckView,
    /// What else was checked.
    pub checks: Vec<LedgerCheckView>,
    /// The newest checkpoint; absent where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checkpoint: Option<LedgerCheckpointView>,
    /// The other places that checkpoints or records go to.
    pub copies: Vec<LedgerCopyView>,
    /// When old records are removed.
    pub retention: LedgerRetentionView,
}

impl LedgerStatusView {
    fn of(plane: String, plane_name: String, status: LedgerStatus) -> LedgerStatusView {
        let listeners = status.listeners.into_iter().map(|one| ListenerRecordsView {
            listener: one.listener,
            newest_at: one.newest_us.map(Timestamp),
        });
        let last = status.self_check.last.as_ref();
        let (integrity, completeness) = last
            .map_or((LedgerVerdict::Unchecked, LedgerVerdict::Unchecked), |last| {
                (last.integrity, last.completeness)
            });
        LedgerStatusView {
            plane,
            plane_name,
            writer: if status.failing { WriterState::Failing } else { WriterState::Writing },
            writer_started_at: Timestamp(status.started_at_us),
            sync: status.sync,
            records: status.records,
            bytes: status.bytes,
            records_lost: status.records_lost,
            gaps: status.gaps,
            failures: status.failures,
            queue_bytes: status.queue_bytes,
            segments: status.segments,
            segments_unsearched: status.segments_unsearched,
            segment_bytes: status.segment_bytes,
            oldest_at: status.oldest_us.map(Timestamp),
            newest_at: status.newest_us.map(Timestamp),
            listeners: listeners.collect(),
            integrity: LedgerVerdictWord::of(integrity),
            completeness: LedgerVerdictWord::of(completeness),
            self_check: LedgerSelfCheckView::of(status.self_check),
            checks: status.checks.into_iter().map(LedgerCheckView::of).collect(),
            checkpoint: status.checkpoint.map(LedgerCheckpointView::of),
            copies: status.copies.into_iter().map(LedgerCopyView::of).collect(),
            retention: LedgerRetentionView::of(status.retention),
        }
    }
}

/// The ledgers.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LedgerStatusesView {
    /// When the data planes were asked.
    pub at: Timestamp,
    /// Each data plane that answered.
    pub planes: Vec<LedgerStatusView>,
    /// Data planes that did not answer.
    pub unavailable: Vec<MissingView>,
    /// When somebody here last had them checked; absent when nobody did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asked_at: Option<Timestamp>,
    /// What that person is called now; absent where that leads to nobody any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asked_by: Option<String>,
}

/// Tells what the data planes of the workspace's listeners know of their ledgers.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/ledger/status", operation_id = "show_ledger_status",
    tag = "ledger", params(InWorkspace),
    responses((status = 200, description = "The ledgers", body = LedgerStatusesView)))]
pub async fn handle(
    operation: Operation,
    Query(NoQuery {}): Query<NoQuery>,
) -> Result<Json<LedgerStatusesView>, Problem> {
    let statuses = status::status(&operation).await?;
    let view = |(plane, name, status)| LedgerStatusView::of(plane, name, status);
    let (asked_at, asked_by) = statuses.asked.map_or((None, None), |(at, by)| (Some(Timestamp(at)), by));
    Ok(Json(LedgerStatusesView {
        at: Timestamp(now_us()),
        planes: statuses.planes.into_iter().map(view).collect(),
        unavailable: statuses.unavailable.into_iter().map(MissingView::of).collect(),
        asked_at,
        asked_by,
    }))
}
