//! What does a person come back to?

pub mod add;
pub mod list;
pub mod open;
pub mod recent;
pub mod remove;

use crate::plane::App;
use admin_store::favourites::Target;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The endpoints.
pub fn endpoints() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::handle, add::handle, remove::handle))
        .routes(routes!(recent::handle, open::handle))
}

/// What something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ItemKind {
    /// A connection.
    Connection,
    /// A saved query.
    Query,
    /// A table, view or another object of a schema.
    Table,
    /// A statement by its fingerprint.
    Fingerprint,
    /// A rule set.
    RuleSet,
    /// A listener.
    Listener,
    /// A page of the console.
    Page,
}

/// Something that can be marked or opened.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// What it is.
    pub kind: ItemKind,
    /// Which one: an id, a fingerprint, a name. Nobody looks whether it is there.
    #[schema(
        min_length = 1,
        max_length = 500,
        pattern = "^[^\\x00-\\x1f\\x7f-\\x9f]+$",
        example = "1-8ca5ea4f9ec4b1bc"
    )]
    pub target: String,
}

impl Item {
    pub(super) fn target(self) -> Target {
        let word = serde_json::to_value(self.kind).unwrap_or_default();
        Target { kind: word.as_str().unwrap_or_default().to_owned(), target: self.target }
    }
}
