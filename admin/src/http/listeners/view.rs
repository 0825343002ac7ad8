//! How is a listener shown?

use crate::app::fleet::{Member, Named};
use crate::http::publications::view::PublishedView;
use crate::http::timestamp::Timestamp;
use admin_store::listeners::Listener;
use serde::Serialize;
use utoipa::ToSchema;

/// A listener: what is known under one name.
#[derive(Debug, Serialize, ToSchema)]
pub struct ListenerView {
    /// The name.
    pub name: String,
    /// The listener of each data plane, those that are there first.
    pub planes: Vec<ListenerOnPlaneView>,
    /// What is published for it; absent when nothing is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub published: Option<PublishedView>,
}

/// A listener of one data plane.
#[derive(Debug, Serialize, ToSchema)]
pub struct ListenerOnPlaneView {
    /// The data plane's id.
    pub plane: String,
    /// The data plane's name; absent when it was forgotten.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plane_name: Option<String>,
    /// Whether the data plane is connected.
    pub is_connected: bool,
    /// Whether the data plane has this listener now.
    pub is_present: bool,
    /// When the data plane last told of it.
    pub last_seen_at: Timestamp,
    /// How it is; absent while its data plane has not told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<ListenerStateView>,
}

/// How a listener is.
#[derive(Debug, Serialize, ToSchema)]
pub struct ListenerStateView {
    /// `postgres`, `mysql`.
    #[schema(example = "postgres")]
    pub protocol: String,
    /// `development`, `staging`, `production`.
    #[schema(example = "production")]
    pub environment: String,
    /// The address it serves.
    pub listen: String,
    /// The servers behind it, in order.
    pub upstream: Vec<String>,
    /// Whether a server behind it accepts connections; absent before the first look.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upstream_up: Option<bool>,
    /// Sessions now.
    pub sessions: u64,
    /// `observe`, `enforce`: as it is now.
    #[schema(example = "enforce")]
    pub mode: String,
    /// The file's mode, which nothing published lowers.
    pub floor_mode: String,
    /// The file's own rule sets, which come first.
    pub floor_policies: Vec<String>,
    /// `allow` or `refuse`: what happens where no rule matches.
    #[schema(example = "allow")]
    pub default: String,
    /// Whether rule sets may be published for it.
    pub managed: bool,
    /// Whether its file lets its mode be changed for a stated time.
    pub mode_changes: bool,
    /// The change of its mode that holds there now, by its id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode_changed: Option<String>,
}

impl ListenerView {
    /// As it is shown.
    pub(crate) fn of(named: Named) -> ListenerView {
        let of_plane = |(row, member): (Listener, Option<Member>)| ListenerOnPlaneView {
            plane: row.plane,
            is_connected: member.as_ref().is_some_and(|member| member.is_connected),
            plane_name: member.map(|member| member.plane.name),
            is_present: row.present,
            last_seen_at: Timestamp(row.last_seen_at),
            state: row.state.map(|state| ListenerStateView {
                protocol: state.protocol,
                environment: state.environment,
                listen: state.listen,
                upstream: state.upstream,
                upstream_up: state.upstream_up,
                sessions: state.sessions,
                mode: state.mode,
                floor_mode: state.floor_mode,
                floor_policies: state.floor_policies,
                default: state.default,
                managed: state.managed,
                mode_changes: state.mode_changes,
                mode_changed: state.mode_changed.map(|changed| changed.id),
            }),
        };
        ListenerView {
            name: named.name,
            planes: named.rows.into_iter().map(of_plane).collect(),
            published: named.publication.map(PublishedView::of),
        }
    }
}
