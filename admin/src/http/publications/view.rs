//! How is shown what is published for a listener?

use crate::app::publications::Shown;
use crate::http::timestamp::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// One of the rule sets that are published for a listener.
#[derive(Debug, Serialize, ToSchema)]
pub struct PolicyView {
    /// A pack, or a rule set of the workspace.
    pub name: String,
    /// The rule set's published version; absent for a pack.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<i64>,
}

impl PolicyView {
    /// As it is shown.
    pub(crate) fn of((name, version): (String, Option<i64>)) -> PolicyView {
        PolicyView { name, version }
    }
}

/// What is published for a listener.
#[derive(Debug, Serialize, ToSchema)]
pub struct PublishedView {
    /// Rule sets in order; they come behind those of the listener's file.
    pub policies: Vec<PolicyView>,
    /// Whether what is refused does not pass; absent where that is left to the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enforces: Option<bool>,
    /// Who changed it last: a user's id.
    #[schema(format = Uuid)]
    pub changed_by: String,
    /// When.
    pub changed_at: Timestamp,
}

impl PublishedView {
    /// As it is shown.
    pub(crate) fn of(shown: Shown) -> PublishedView {
        let policies = shown.policies.into_iter().map(PolicyView::of);
        PublishedView {
            policies: policies.collect(),
            enforces: shown.enforces,
            changed_by: shown.changed_by.to_string(),
            changed_at: Timestamp(shown.changed_at),
        }
    }
}
