//! `GET /api/v1/workspaces/{workspace}/ledger/facets`: which values do records have, and how often?

use super::conditions::with_conditions;
use super::search::MissingView;
use crate::app::ledger::Asked;
use crate::app::ledger::facets::{self, Facet, RECORDS_MAX};
use crate::http::extract::Query;
use crate::http::path::InWorkspace;
use crate::http::timestamp::Timestamp;
use crate::operation::Operation;
use crate::problem::Problem;
use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

/// Values of one field where nothing is said, and the most.
const VALUES: u32 = 10;
const VALUES_MAX: u32 = 50;

with_conditions! {
    /// Which records are counted. Every condition must hold.
    pub struct LedgerFacetsQuery {
        /// Most values of each field.
        #[param(minimum = 1, maximum = 50, default = 10)]
        pub values: Option<u32>,
    }
}

/// A value and how often it was found.
#[derive(Debug, Serialize, ToSchema)]
pub struct FacetValueView {
    /// The value.
    pub value: String,
    /// How many of the counted records have it.
    pub count: u64,
}

/// The values of one field.
#[derive(Debug, Serialize, ToSchema)]
pub struct FacetView {
    /// `verdict`, `class`, `user`, `application`, `listener`, `event`, `sqlstate`, `rule`.
    #[schema(example = "verdict")]
    pub field: &'static str,
    /// The most frequent values, these first.
    pub values: Vec<FacetValueView>,
    /// Records with a value that is not among them.
    pub others: u64,
    /// Records without a value.
    pub without: u64,
}

impl FacetView {
    fn of(facet: Facet) -> FacetView {
        let values = facet.values.into_iter().map(|(value, count)| FacetValueView { value, count });
        FacetView {
            field: facet.field,
            values: values.collect(),
            others: facet.others,
            without: facet.without,
        }
    }
}

/// What was counted: always of the newest records that match.
#[derive(Debug, Serialize, ToSchema)]
pub struct FacetsView {
    /// Records that were counted.
    pub records: u64,
    /// Most records that are counted.
    pub records_max: u32,
    /// Whether more may match than were counted: the figures are of the newest only.
    pub sampled: bool,
    /// The moment of the newest of them; absent when there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub newest_at: Option<Timestamp>,
    /// The moment of the oldest of them; absent when there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oldest_at: Option<Timestamp>,
    /// One for each field.
    pub facets: Vec<FacetView>,
    /// Data planes that did not answer: their records are missing here.
    pub incomplete: Vec<MissingView>,
}

/// Counts the values of the newest records that match, at most 5,000 of them. That somebody looked, and for what, is
/// written into the activity.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/ledger/facets", operation_id = "show_ledger_facets",
    tag = "ledger", params(InWorkspace, LedgerFacetsQuery),
    responses((status = 200, description = "Values and their counts", body = FacetsView)))]
pub async fn handle(
    operation: Operation,
    Query(query): Query<LedgerFacetsQuery>,
) -> Result<Json<FacetsView>, Problem> {
    let values = query.values.unwrap_or(VALUES);
    if !(1..=VALUES_MAX).contains(&values) {
        return Err(Problem::invalid("values", format!("must be from 1 to {VALUES_MAX}")));
    }
    let (conditions, listeners) = query.conditions().query()?;
    let asked = Asked { query: conditions, listeners, ..Asked::default() };
    let counted = facets::facets(&operation, asked, values as usize).await?;
    Ok(Json(FacetsView {
        records: counted.records,
        records_max: RECORDS_MAX,
        sampled: counted.sampled,
        newest_at: counted.newest.map(Timestamp),
        oldest_at: counted.oldest.map(Timestamp),
        facets: counted.facets.into_iter().map(FacetView::of).collect(),
        incomplete: counted.incomplete.into_iter().map(MissingView::of).collect(),
    }))
}
