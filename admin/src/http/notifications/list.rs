//! `GET /api/v1/workspaces/{workspace}/notifications`: what somebody is told of.

use crate::app::notifications::{self, Filter, Kind, Tone};
use crate::http::extract::Query;
use crate::http::page::{Page, PageQuery};
use crate::http::path::InWorkspace;
use crate::http::timestamp::Timestamp;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::Id;
use admin_store::notices::Notice;
use axum::Json;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Which notifications are asked for.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct NotificationsQuery {
    /// Only of this kind, also where it is muted.
    #[param(inline)]
    pub kind: Option<Kind>,
    /// `true`: only what is not read.
    pub unread: Option<bool>,
    /// Most items of this part.
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<u32>,
    /// Where the part before ended: `next` of its answer.
    #[param(max_length = 1024)]
    pub cursor: Option<String>,
}

/// Something that happened.
#[derive(Debug, Serialize, ToSchema)]
pub struct NotificationView {
    /// Later ones are greater.
    #[schema(value_type = String, format = Uuid)]
    pub id: Id,
    /// What kind of thing.
    pub kind: Kind,
    /// How bad it is.
    pub tone: Tone,
    /// When it was found.
    pub at: Timestamp,
    /// It in a line.
    pub title: String,
    /// What else there is to know; may be empty.
    pub detail: String,
    /// What it is about, in a word: `plane`, `connection`, `rule_set`, `listener`, `fingerprint`, `rule`, `member`,
    /// `ledger`.
    pub target_kind: String,
    /// Which one.
    pub target: String,
    /// Who did it; absent where nobody did, and where they were erased.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actor_name: Option<String>,
    /// Whether who asks has read it.
    pub is_read: bool,
}

impl NotificationView {
    /// As it is shown; nothing where another version of the program kept a kind that this one does not know.
    fn of(notice: Notice) -> Option<NotificationView> {
        let kind = Kind::of(&notice.kind)?;
        Some(NotificationView {
            id: notice.id,
            kind,
            tone: kind.tone(),
            at: Timestamp(notice.at),
            title: notice.title,
            detail: notice.detail,
            target_kind: notice.target_kind,
            target: notice.target,
            actor_name: notice.actor_name,
            is_read: notice.is_read,
        })
    }
}

/// Lists what somebody is told of, latest first: not what they did themselves, what they may not see, nor what they muted.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/notifications", operation_id = "list_notifications", tag = "notifications",
    params(InWorkspace, NotificationsQuery), responses((status = 200, description = "Notifications", body = Page<NotificationView>)))]
pub async fn handle(
    operation: Operation,
    Query(query): Query<NotificationsQuery>,
) -> Result<Json<Page<NotificationView>>, Problem> {
    let NotificationsQuery { kind, unread, limit, cursor } = query;
    let part = PageQuery { limit, cursor };
    let filter = Filter { kind, unread: unread.unwrap_or(false) };
    let page = notifications::list(&operation, filter, part.after()?, part.limit()?).await?;
    let items = page.items.into_iter().filter_map(NotificationView::of).collect();
    Ok(Json(Page::by_id(items, page.next)))
}
