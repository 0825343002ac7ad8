//! `POST …/schema/upload`: takes in a schema that no live catalog can tell.

use super::take::{TakenView, answer};
use crate::app::schema::take;
use crate::http::extract::{self, Path};
use crate::http::path::InWorkspace;
use crate::operation::Operation;
use crate::problem::{Code, Problem};
use admin_store::Id;
use admin_store::schema::Source;
use axum::extract::{FromRequest, Request};
use axum::http::header;
use axum::response::Response;
use utoipa::ToSchema;

/// Largest file.
pub const BODY_BYTES_MAX: usize = 32 * 1024 * 1024;

/// A file, and what its type says it is.
#[derive(Debug)]
pub struct File(Vec<u8>, Source);

impl<S: Send + Sync> FromRequest<S> for File {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<File, Problem> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let kind = kind.unwrap_or_default().split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let source = match kind.as_str() {
            "application/json" => Source::Json,
            "text/csv" => Source::Csv,
            _ => {
                return Err(Problem::new(Code::UnsupportedMediaType, "the file must be JSON or CSV")
                    .with_hint("send `Content-Type: application/json` or `Content-Type: text/csv`"));
            }
        };
        let body = extract::body(request, state).await?;
        Ok(File(body.to_vec(), source))
    }
}

/// A schema as a JSON file describes it. A file can also be a snapshot's own `objects`; docs/schema.md has all of it.
#[derive(Debug, ToSchema)]
#[schema(as = SchemaFile)]
#[allow(dead_code)]
pub struct SchemaFile {
    /// Its tables.
    #[schema(max_items = 20000)]
    tables: Vec<TableFile>,
}

/// A table of a file.
#[derive(Debug, ToSchema)]
#[allow(dead_code)]
pub struct TableFile {
    /// The schema it is in; `public` where nothing is said.
    #[schema(max_length = 255)]
    schema: Option<String>,
    /// Its name.
    #[schema(min_length = 1, max_length = 255)]
    name: String,
    /// What it is.
    #[schema(max_length = 16384)]
    comment: Option<String>,
    /// Its columns.
    #[schema(min_items = 1, max_items = 4096)]
    columns: Vec<ColumnFile>,
}

/// A column of a file.
#[derive(Debug, ToSchema)]
#[allow(dead_code)]
pub struct ColumnFile {
    /// Its name.
    #[schema(min_length = 1, max_length = 255)]
    name: String,
    /// Its type, as the database writes it.
    #[serde(rename = "type")]
    #[schema(min_length = 1, max_length = 16384, example = "bigint")]
    kind: String,
    /// Whether it may be NULL.
    nullable: Option<bool>,
    /// Whether it is of the primary key.
    primary_key: Option<bool>,
    /// What it refers to: `schema.table.column` or `table.column`.
    #[schema(example = "customers.id")]
    references: Option<String>,
}

/// Takes in a JSON or CSV file as a snapshot: all of it, or nothing where a row is wrong. Each mistake is told by its
/// line. At most 32 MiB.
#[utoipa::path(post, path = "/api/v1/workspaces/{workspace}/connections/{connection}/schema/upload",
    operation_id = "upload_schema", tag = "schema", params(InWorkspace, ("connection" = String, Path, description = "Which connection", format = Uuid)),
    request_body(content((SchemaFile = "application/json"), (String = "text/csv"))),
    responses((status = 201, description = "The snapshot", body = TakenView, headers(("Location" = String)))))]
pub async fn handle(
    operation: Operation,
    place: Path<(String, Id)>,
    File(file, source): File,
) -> Result<Response, Problem> {
    let Path((_, id)) = place;
    let taken = take::upload(&operation, id, file, source).await?;
    answer(&operation, id, &taken)
}
