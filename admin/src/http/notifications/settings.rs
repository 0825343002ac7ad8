//! `GET` and `PUT /api/v1/workspaces/{workspace}/notifications/settings`: how somebody is told.

use crate::app::notifications::{self, Kind, State};
use crate::http::extract::{Json, Query};
use crate::http::instance::health::NoQuery;
use crate::http::path::InWorkspace;
use crate::operation::Operation;
use crate::problem::Problem;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How who asks is told in this workspace.
#[derive(Debug, Serialize, ToSchema)]
pub struct NotificationSettingsView {
    /// What is not read and of no muted kind; 100 stands for that or more.
    #[schema(minimum = 0, maximum = 100)]
    pub unread: i64,
    /// Kinds that who asks may be told of.
    pub kinds: Vec<Kind>,
    /// Kinds that are not told.
    pub muted: Vec<Kind>,
    /// Whether what is not read is sent by mail too, at most once an hour.
    pub wants_mail: bool,
}

impl NotificationSettingsView {
    fn of(state: State) -> NotificationSettingsView {
        NotificationSettingsView {
            unread: state.unread,
            kinds: state.kinds,
            muted: state.person.muted.iter().filter_map(|word| Kind::of(word)).collect(),
            wants_mail: state.person.wants_mail,
        }
    }
}

/// How who asks wants to be told.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NotificationSettingsDraft {
    /// Kinds that are not told.
    #[schema(max_items = 50)]
    pub muted: Vec<Kind>,
    /// Whether what is not read is sent by mail too, to a confirmed address, at most once an hour.
    pub wants_mail: bool,
}

/// Tells how who asks is told in this workspace, and how much they have not read.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/notifications/settings", operation_id = "show_notification_settings", tag = "notifications",
    params(InWorkspace), responses((status = 200, description = "How they are told", body = NotificationSettingsView)))]
pub async fn show(
    operation: Operation,
    Query(NoQuery {}): Query<NoQuery>,
) -> Result<axum::Json<NotificationSettingsView>, Problem> {
    let state = notifications::state(&operation).await?;
    Ok(axum::Json(NotificationSettingsView::of(state)))
}

/// Changes how who asks is told in this workspace.
#[utoipa::path(put, path = "/api/v1/workspaces/{workspace}/notifications/settings", operation_id = "change_notification_settings", tag = "notifications",
    params(InWorkspace), request_body = NotificationSettingsDraft,
    responses((status = 200, description = "How they are told now", body = NotificationSettingsView)))]
pub async fn change(
    operation: Operation,
    Json(draft): Json<NotificationSettingsDraft>,
) -> Result<axum::Json<NotificationSettingsView>, Problem> {
    if draft.muted.len() > 50 {
        return Err(Problem::invalid("muted", "must be at most 50"));
    }
    let state = notifications::set(&operation, &draft.muted, draft.wants_mail).await?;
    Ok(axum::Json(NotificationSettingsView::of(state)))
}
