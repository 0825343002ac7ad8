//! `GET …/traffic/top`: which statements, people, applications, tables have most of something.

use super::detail::{DetailView, table_text};
use super::sums::{CallerView, CoveredView, SumsView};
use super::traffic_query;
use crate::app::traffic::{Scope, scope};
use crate::http::extract::Query;
use crate::http::page::{bad_cursor, encode};
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::traffic::{self, Detail, Fingerprint, Group, GroupBy, Measure, Top, TopCursor};
use axum::Json;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// By what statements are grouped.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum GroupWord {
    /// One fingerprint.
    #[default]
    Fingerprint,
    /// One database role.
    User,
    /// One application.
    Application,
    /// One database.
    Database,
    /// One table; a statement of two tables is in both groups.
    Table,
    /// One listener.
    Listener,
    /// One class of statements.
    Class,
    /// One role with database and application.
    Caller,
}

/// What groups are ordered by, most first.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MeasureWord {
    /// Statements.
    Calls,
    /// Time in all.
    #[default]
    TotalUs,
    /// Time of one on average.
    Mean,
    /// The time half of them do not exceed.
    P50,
    /// The time 95 of a hundred do not exceed.
    P95,
    /// The time 99 of a hundred do not exceed.
    P99,
    /// The longest.
    Max,
    /// Rows returned or changed.
    Rows,
    /// Bytes of requests and answers.
    Bytes,
    /// Errors of the server.
    Errors,
    /// Statements refused or held.
    Refusals,
}

traffic_query! {
    /// Which groups are asked for.
    TopQuery {
        /// By what statements are grouped; `fingerprint` where nothing is said.
        #[param(inline)]
        group_by: Option<GroupWord>,
        /// What groups are ordered by; `total_us` where nothing is said.
        #[param(inline)]
        measure: Option<MeasureWord>,
        /// Most groups of this part.
        #[param(minimum = 1, maximum = 200, default = 50)]
        limit: Option<u32>,
        /// Where the part before ended.
        #[param(max_length = 1024)]
        cursor: Option<String>,
        /// Whether each statement also tells its trend, who calls it and what it uses. Other groups than
        /// fingerprints have nothing of that.
        detail: Option<bool>,
    }
}

/// A group.
#[derive(Debug, Serialize, ToSchema)]
pub struct TopItem {
    /// What it is called: a role, an application, a table, a fingerprint.
    pub key: String,
    /// The statement, where groups are fingerprints and its text is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// What the statement does, where groups are fingerprints.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
    /// Who, where groups are callers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub caller: Option<CallerView>,
    /// Everything of it.
    pub sums: SumsView,
    /// More about a statement, where that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<DetailView>,
}

/// Groups, most first.
#[derive(Debug, Serialize, ToSchema)]
pub struct TopView {
    /// What the answer is about.
    pub covered: CoveredView,
    /// Groups; those that have nothing of the measure are left out.
    pub items: Vec<TopItem>,
    /// Where the next part begins; absent in the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// Everything that was asked for, each statement once.
    pub total: SumsView,
    /// Minutes of one step of the trends, which have the same steps; absent where none were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trend_step_minutes: Option<i64>,
}

/// Lists what has most of a measure: statements, people, applications, databases, tables, listeners.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/traffic/top", operation_id = "show_top_traffic", tag = "traffic",
    params(("workspace" = String, Path, description = "Slug or id of the workspace", max_length = 64), TopQuery),
    responses((status = 200, description = "Groups, most first", body = TopView)))]
pub async fn handle(operation: Operation, Query(query): Query<TopQuery>) -> Result<Json<TopView>, Problem> {
    let page = crate::http::page::PageQuery { limit: query.limit, cursor: query.cursor.clone() };
    let (limit, after) = (page.limit()?, page.cursor()?);
    let after = after
        .map(|bytes| serde_json::from_slice::<TopCursor>(&bytes).map_err(|_| bad_cursor()))
        .transpose()?;
    let wants_detail =
        query.detail == Some(true) && matches!(query.group_by.unwrap_or_default(), GroupWord::Fingerprint);
    let mut scope = scope(&operation, query.asked()).await?;
    // A fingerprint nobody has seen: an answer as for one that was not called.
    let filter = scope
        .filter
        .clone()
        .unwrap_or_else(|| traffic::Filter { fingerprint: Some(-1), ..Default::default() });
    let top = Top {
        range: scope.range,
        listeners: scope.numbers(),
        filter,
        group_by: group_by(query.group_by.unwrap_or_default()),
        measure: measure(query.measure.unwrap_or_default()),
        limit: limit as usize,
        after,
    };
    let reader = &operation.app.traffic;
    let answer = reader.top(&mut scope.tx, &top).await?;
    let numbers: Vec<i64> = answer
        .rows
        .iter()
        .filter_map(|row| match row.group {
            Group::Fingerprint(number) => Some(number),
            _ => None,
        })
        .collect();
    let details = match wants_detail {
        true => Some(reader.details(&mut scope.tx, &top.listeners, top.range, &top.filter, &numbers).await?),
        false => None,
    };
    let trend_step_minutes = details.as_ref().map(|details| details.step_minutes);
    let mut details = details.map(|details| details.of).unwrap_or_default();
    let mut texts = scope.statements(numbers).await?;
    let items = answer.rows.into_iter().map(|row| {
        let about = match row.group {
            Group::Fingerprint(number) => (texts.remove(&number), details.remove(&number)),
            _ => (None, None),
        };
        item(&scope, row.group, SumsView::of(&row.sums), about)
    });
    let items = items.collect();
    let next = answer.next.and_then(|next| serde_json::to_vec(&next).ok()).map(|bytes| encode(&bytes));
    Ok(Json(TopView {
        covered: CoveredView::of(answer.covered),
        items,
        next,
        total: SumsView::of(&answer.total),
        trend_step_minutes,
    }))
}

/// A group, with what is known of it where it is a fingerprint.
fn item(
    scope: &Scope,
    group: Group,
    sums: SumsView,
    (found, detail): (Option<Fingerprint>, Option<Detail>),
) -> TopItem {
    let detail = detail.map(|detail| DetailView::of(detail, found.as_ref()));
    let named = |key: String| TopItem { key, text: None, class: None, caller: None, sums, detail };
    match group {
        Group::Fingerprint(number) => match found {
            Some(found) => TopItem { text: found.text, class: Some(found.class), ..named(found.fingerprint) },
            None => named(number.to_string()),
        },
        Group::Name(name) | Group::Class(name) => named(name),
        Group::Caller(caller) => {
            let key = format!("{}@{} {}", caller.user, caller.database, caller.application);
            TopItem { caller: Some(CallerView::of(&caller)), ..named(key.trim_end().to_owned()) }
        }
        Group::Table(table) => named(table_text(&table)),
        Group::Listener(number) => named(scope.name(number)),
    }
}

fn group_by(word: GroupWord) -> GroupBy {
    match word {
        GroupWord::Fingerprint => GroupBy::Fingerprint,
        GroupWord::User => GroupBy::User,
        GroupWord::Application => GroupBy::Application,
        GroupWord::Database => GroupBy::Database,
        GroupWord::Table => GroupBy::Table,
        GroupWord::Listener => GroupBy::Listener,
        GroupWord::Class => GroupBy::Class,
        GroupWord::Caller => GroupBy::Caller,
    }
}

fn measure(word: MeasureWord) -> Measure {
    match word {
        MeasureWord::Calls => Measure::Calls,
        MeasureWord::TotalUs => Measure::TotalUs,
        MeasureWord::Mean => Measure::Mean,
        MeasureWord::P50 => Measure::P50,
        MeasureWord::P95 => Measure::P95,
        MeasureWord::P99 => Measure::P99,
        MeasureWord::Max => Measure::Max,
        MeasureWord::Rows => Measure::Rows,
        MeasureWord::Bytes => Measure::Bytes,
        MeasureWord::Errors => Measure::Errors,
        MeasureWord::Refusals => Measure::Refusals,
    }
}
