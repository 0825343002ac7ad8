//! `GET …/schema/search`: in which names do these words stand?

use super::view::{SchemaEntryView, cursor, going_on, number};
use crate::app::schema;
use crate::http::extract::{Path, Query};
use crate::http::page::{PageQuery, bad_cursor};
use crate::http::path::InWorkspace;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::Id;
use admin_store::schema::{HitCursor, Matched};
use axum::Json;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// What is searched for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SearchQuery {
    /// Words; each must begin a name, or a part of one, of the object, of its schema or of one of its columns, or a word
    /// in the first line of its comment.
    #[param(min_length = 1, max_length = 200, example = "order id")]
    pub words: String,
    /// Which snapshot; the latest where nothing is said.
    #[param(format = Uuid)]
    pub snapshot: Option<String>,
    /// Most objects of this part.
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<u32>,
    /// Where the part before ended.
    #[param(max_length = 1024)]
    pub cursor: Option<String>,
}

/// An object that was found.
#[derive(Debug, Serialize, ToSchema)]
pub struct HitView {
    /// `name` where all words stand in its own name; `column` where they stand in names of columns or of the schema too;
    /// `comment` where some stand only in what is said about it.
    #[schema(example = "name")]
    pub matched: &'static str,
    /// The object.
    pub object: SchemaEntryView,
}

/// What was found.
#[derive(Debug, Serialize, ToSchema)]
pub struct HitsView {
    /// The snapshot that was searched.
    #[schema(format = Uuid)]
    pub snapshot: String,
    /// Objects with all words in their own name first, those found by a comment last.
    pub items: Vec<HitView>,
    /// Where the next part begins; absent in the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// Finds objects by words in their names, in the names of their columns and in their comments.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/connections/{connection}/schema/search",
    operation_id = "search_schema", tag = "schema", params(InWorkspace, ("connection" = String, Path, description = "Which connection", format = Uuid), SearchQuery),
    responses((status = 200, description = "What was found", body = HitsView)))]
pub async fn handle(
    operation: Operation,
    place: Path<(String, Id)>,
    Query(query): Query<SearchQuery>,
) -> Result<Json<HitsView>, Problem> {
    let Path((_, id)) = place;
    let page = PageQuery { limit: query.limit, cursor: query.cursor };
    let (snapshot, after) = going_on(query.snapshot.as_deref(), page.cursor()?.as_deref())?;
    let after = after.as_deref().map(read_place).transpose()?;
    let limit = page.limit()?;
    let mut looked = schema::look(&operation, id, snapshot).await?;
    let page = schema::search(&mut looked, &query.words, after, limit).await?;
    let items = page.items.iter().map(|hit| HitView {
        matched: match hit.matched {
            Matched::Name => "name",
            Matched::Column => "column",
            Matched::Comment => "comment",
        },
        object: SchemaEntryView::of(&hit.entry),
    });
    let snapshot = looked.snapshot.id;
    let next = page.next.map(|next| cursor(snapshot, &place_of(next)));
    Ok(Json(HitsView { snapshot: snapshot.to_string(), items: items.collect(), next }))
}

fn place_of(cursor: HitCursor) -> Vec<u8> {
    let matched = match cursor.matched {
        Matched::Name => 0,
        Matched::Column => 1,
        Matched::Comment => 2,
    };
    [[matched].as_slice(), &cursor.ordinal.to_be_bytes()].concat()
}

fn read_place(place: &[u8]) -> Result<HitCursor, Problem> {
    let (matched, ordinal) = match place {
        [0, ordinal @ ..] => (Matched::Name, ordinal),
        [1, ordinal @ ..] => (Matched::Column, ordinal),
        [2, ordinal @ ..] => (Matched::Comment, ordinal),
        _ => return Err(bad_cursor()),
    };
    Ok(HitCursor { matched, ordinal: number(ordinal)? })
}
