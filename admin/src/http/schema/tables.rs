//! `GET …/schema/tables`: which tables are used, how much, and which are not?

use super::objects::KindOfObject;
use super::view::{SchemaEntryView, cursor, going_on, number};
use crate::app::schema::tables::{self, TableFilter, TableOrder};
use crate::app::traffic::range;
use crate::http::extract::{Path, Query};
use crate::http::page::PageQuery;
use crate::http::path::InWorkspace;
use crate::http::timestamp::Timestamp;
use crate::http::traffic::sums::CoveredView;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::Id;
use axum::Json;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Longest time without use that can be asked for, in days.
const UNUSED_DAYS_MAX: u32 = 400;
/// Furthest place of a list that can be asked for.
const OFFSET_MAX: u32 = 100_000;

/// By what tables are ordered.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TableOrderWord {
    /// By schema and name.
    #[default]
    Name,
    /// Most read first.
    Reads,
    /// Most written first.
    Writes,
    /// Never used, or longest ago, first.
    Unused,
    /// Largest first.
    Size,
    /// Most rows first.
    Rows,
}

impl TableOrderWord {
    fn order(self) -> TableOrder {
        match self {
            TableOrderWord::Name => TableOrder::Name,
            TableOrderWord::Reads => TableOrder::Reads,
            TableOrderWord::Writes => TableOrder::Writes,
            TableOrderWord::Unused => TableOrder::Unused,
            TableOrderWord::Size => TableOrder::Size,
            TableOrderWord::Rows => TableOrder::Rows,
        }
    }
}

/// Which tables are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct TablesQuery {
    /// Which snapshot; the latest where nothing is said.
    #[param(format = Uuid)]
    pub snapshot: Option<String>,
    /// Only in this schema, whatever the case of its letters.
    #[param(max_length = 255)]
    pub schema: Option<String>,
    /// Only of this kind; what is no table or view leaves nothing.
    #[param(inline)]
    pub kind: Option<KindOfObject>,
    /// Only with this in the name, the schema or the comment, whatever the case.
    #[param(max_length = 200)]
    pub text: Option<String>,
    /// Only those that no statement was seen to use for so many days.
    #[param(minimum = 1, maximum = 400)]
    pub unused_days: Option<u32>,
    /// By what they are ordered.
    #[param(inline)]
    pub order: Option<TableOrderWord>,
    /// Counts of use from this time on; an hour before `until` where nothing is said.
    #[param(value_type = Option<String>, format = DateTime)]
    pub from: Option<Timestamp>,
    /// Counts of use before this time; now where nothing is said.
    #[param(value_type = Option<String>, format = DateTime)]
    pub until: Option<Timestamp>,
    /// So many are left out before the first: for a list of which any part can be looked at.
    #[param(minimum = 0, maximum = 100000)]
    pub offset: Option<u32>,
    /// Most tables of this part.
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<u32>,
    /// Where the part before ended.
    #[param(max_length = 1024)]
    pub cursor: Option<String>,
}

/// Tables, and how much they are used.
#[derive(Debug, Serialize, ToSchema)]
pub struct TablesView {
    /// The snapshot they are of.
    #[schema(format = Uuid)]
    pub snapshot: String,
    /// The listeners its server's traffic passes; none where nothing can have been seen.
    pub listeners: Vec<String>,
    /// What counts are about.
    pub covered: CoveredView,
    /// When the first statement was seen there; absent where none was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// How many tables there are in all that were asked for.
    pub total: usize,
    /// The tables.
    pub items: Vec<UsedTableView>,
    /// Where the next part begins; absent in the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// A table, and how much it is used.
#[derive(Debug, Serialize, ToSchema)]
pub struct UsedTableView {
    /// The table.
    pub object: SchemaEntryView,
    /// Statements that read it.
    pub reads: u64,
    /// Statements that changed it.
    pub writes: u64,
    /// When one of them was last seen, whenever that was; absent where it never was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_seen_at: Option<Timestamp>,
}

fn bounded(name: &str, value: Option<u32>, (least, most): (u32, u32)) -> Result<(), Problem> {
    match value {
        Some(value) if !(least..=most).contains(&value) => {
            Err(Problem::invalid(name, format!("must be from {least} to {most}")))
        }
        _ => Ok(()),
    }
}

/// Lists tables and views with how much each is used: as far as its server's traffic passes a listener of the
/// workspace. A statement that names no schema counts at every table of that name.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/connections/{connection}/schema/tables",
    operation_id = "list_table_usage", tag = "schema", params(InWorkspace, ("connection" = String, Path, description = "Which connection", format = Uuid), TablesQuery),
    responses((status = 200, description = "Tables", body = TablesView)))]
pub async fn handle(
    operation: Operation,
    place: Path<(String, Id)>,
    Query(query): Query<TablesQuery>,
) -> Result<Json<TablesView>, Problem> {
    let Path((_, id)) = place;
    let page = PageQuery { limit: query.limit, cursor: query.cursor };
    let (snapshot, after) = going_on(query.snapshot.as_deref(), page.cursor()?.as_deref())?;
    let after = after.as_deref().map(number).transpose()?;
    let limit = usize::try_from(page.limit()?).unwrap_or(1);
    bounded("offset", query.offset, (0, OFFSET_MAX))?;
    bounded("unused_days", query.unused_days, (1, UNUSED_DAYS_MAX))?;
    if after.is_some() && query.offset.is_some() {
        return Err(Problem::invalid("offset", "cannot be asked for together with `cursor`"));
    }
    let offset = after.unwrap_or_else(|| i64::from(query.offset.unwrap_or(0)));
    let offset = usize::try_from(offset).unwrap_or(0);
    let filter = TableFilter {
        schema: query.schema,
        kind: query.kind.and_then(KindOfObject::word),
        text: query.text.filter(|text| !text.trim().is_empty()).map(|text| text.trim().to_owned()),
        unused_days: query.unused_days,
        order: query.order.unwrap_or_default().order(),
    };
    let range = range(query.from, query.until)?;
    let found = tables::tables(&operation, (id, snapshot), range, &filter, (offset, limit)).await?;
    let end = offset.saturating_add(found.items.len());
    let next = i64::try_from(end).ok().filter(|_| end < found.total);
    let items = found.items.iter().map(|(entry, total)| UsedTableView {
        object: SchemaEntryView::of(entry),
        reads: total.map_or(0, |total| total.reads),
        writes: total.map_or(0, |total| total.writes),
        last_seen_at: total.map(|total| Timestamp(total.last_seen_at)),
    });
    Ok(Json(TablesView {
        snapshot: found.snapshot.to_string(),
        items: items.collect(),
        listeners: found.listeners,
        covered: CoveredView::of(found.covered),
        since: found.since.map(Timestamp),
        total: found.total,
        next: next.map(|next| cursor(found.snapshot, &next.to_be_bytes())),
    }))
}
