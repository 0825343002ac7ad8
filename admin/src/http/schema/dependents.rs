//! `GET …/schema/objects/{key}/dependents`: what else would notice if an object were gone?

use super::view::{SchemaEntryView, key};
use crate::app::schema::dependents::{self, Dependent, Way};
use crate::http::extract::Path;
use crate::http::path::InWorkspace;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::Id;
use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

/// What depends on an object.
#[derive(Debug, Serialize, ToSchema)]
pub struct DependentsView {
    /// At most 500, by the way in which they do.
    pub items: Vec<DependentView>,
    /// Whether there may be more.
    pub is_cut: bool,
}

/// In which way something depends on an object. Keys, partitions and inheritance are declared; the others are told by a
/// text that names the object, which may mean something else there.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DependencyWord {
    /// A foreign key points at it.
    ForeignKey,
    /// It is a partition of it.
    Partition,
    /// It inherits from it.
    Child,
    /// The query of a view names it.
    Query,
    /// A trigger of another table names it.
    Trigger,
    /// A policy of row security names it.
    Policy,
    /// The default of a column names it.
    Default,
    /// A column has it as its type.
    ColumnType,
    /// The text of a function or procedure names it.
    Body,
}

/// Something that depends on an object.
#[derive(Debug, Serialize, ToSchema)]
pub struct DependentView {
    /// The object that does.
    pub object: SchemaEntryView,
    /// How.
    pub way: DependencyWord,
    /// By what of it, such as the name of a key or a column; empty for the whole.
    pub by: String,
    /// More about it, such as the columns of a key; may be empty.
    pub detail: String,
}

impl DependentView {
    fn of(dependent: Dependent) -> DependentView {
        DependentView {
            object: SchemaEntryView::of(&dependent.entry),
            way: match dependent.way {
                Way::ForeignKey => DependencyWord::ForeignKey,
                Way::Partition => DependencyWord::Partition,
                Way::Child => DependencyWord::Child,
                Way::Query => DependencyWord::Query,
                Way::Trigger => DependencyWord::Trigger,
                Way::Policy => DependencyWord::Policy,
                Way::Default => DependencyWord::Default,
                Way::ColumnType => DependencyWord::ColumnType,
                Way::Body => DependencyWord::Body,
            },
            by: dependent.by,
            detail: dependent.detail,
        }
    }
}

/// Tells what in the latest snapshot depends on an object: foreign keys that point at it, views and functions that name
/// it, triggers, policies, defaults and partitions.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/connections/{connection}/schema/objects/{key}/dependents",
    operation_id = "list_schema_dependents", tag = "schema",
    params(InWorkspace, ("connection" = String, Path, description = "Which connection", format = Uuid), ("key" = String, Path, description = "The object's `key` in a list", min_length = 1, max_length = 16384)),
    responses((status = 200, description = "What depends on it", body = DependentsView)))]
pub async fn handle(
    operation: Operation,
    place: Path<(String, Id, String)>,
) -> Result<Json<DependentsView>, Problem> {
    let Path((_, connection, text)) = place;
    let key = key(&text)?;
    let (found, is_cut) = dependents::of_object(&operation, connection, &key).await?;
    Ok(Json(DependentsView { items: found.into_iter().map(DependentView::of).collect(), is_cut }))
}
