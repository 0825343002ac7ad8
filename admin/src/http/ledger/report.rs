//! `GET /api/v1/workspaces/{workspace}/ledger/access-report`: who touched what?

use super::conditions::Conditions;
use super::report_view::{AccessProgressView, AccessReportView};
use crate::app::ledger::Asked;
use crate::app::ledger::report::{self, Line};
use crate::http::extract::Query;
use crate::http::path::InWorkspace;
use crate::http::runs::create::NDJSON;
use crate::http::timestamp::Timestamp;
use crate::operation::Operation;
use crate::problem::{Problem, ProblemDocument};
use axum::body::{Body, Bytes};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt;
use serde::{Deserialize, Serialize};
use std::convert::Infallible;
use utoipa::{IntoParams, ToSchema};

/// Whose access to what. Every condition must hold.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AccessReportQuery {
    /// From this time on.
    #[param(value_type = Option<String>, format = DateTime)]
    pub from: Option<Timestamp>,
    /// Before this time.
    #[param(value_type = Option<String>, format = DateTime)]
    pub until: Option<Timestamp>,
    /// A table that statements name, with or without its schema.
    #[param(max_length = 300)]
    pub table: Option<String>,
    /// The database role.
    #[param(max_length = 200)]
    pub user: Option<String>,
    /// The application.
    #[param(max_length = 200)]
    pub application: Option<String>,
    /// The database.
    #[param(max_length = 200)]
    pub database: Option<String>,
    /// Only of these listeners, with commas between their names.
    #[param(max_length = 2000)]
    pub listeners: Option<String>,
    /// What statements do: `read`, `write`, …
    #[param(
        max_length = 40,
        pattern = "^(read|write|ddl|privilege|session|transaction|maintenance|code|unknown)$"
    )]
    pub class: Option<String>,
}

/// A line of the answer.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum AccessReportLine {
    /// How far it is; there may be none and many.
    Progress(AccessProgressView),
    /// The report: the last line.
    Report(Box<AccessReportView>),
    /// What went wrong: the last line.
    Problem(ProblemDocument),
}

impl AccessReportLine {
    fn of(line: Result<Line, Problem>, request: &str) -> AccessReportLine {
        match line {
            Ok(Line::Progress(progress)) => AccessReportLine::Progress(AccessProgressView::of(&progress)),
            Ok(Line::Report(report)) => AccessReportLine::Report(Box::new(AccessReportView::of(*report))),
            Err(problem) => AccessReportLine::Problem(problem.document(Some(request))),
        }
    }

    fn bytes(&self) -> Bytes {
        let mut line = serde_json::to_vec(self).unwrap_or_default();
        line.push(b'\n');
        line.into()
    }
}

/// Adds up who touched what, by the records of statements that match: users, applications, tables, statements, hours, and
/// what was refused. The newest 100,000 records that match, within a minute; the answer says how far back that is. One JSON
/// object a line: `progress` while it goes on, and at last `report` or `problem`; an answer without such a last line was
/// broken off. That somebody asked, and for what, is written into the activity and into the ledgers.
///
/// What it cannot tell: statements that did not pass through a gateway, tables that a view or a function uses, columns.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/ledger/access-report", operation_id = "report_access",
    tag = "ledger", params(InWorkspace, AccessReportQuery),
    responses((status = 200, description = "The report, line by line", body = AccessReportLine, content_type = "application/x-ndjson")))]
pub async fn handle(
    operation: Operation,
    Query(query): Query<AccessReportQuery>,
) -> Result<Response, Problem> {
    let said = |text: Option<String>| text.filter(|text| !text.is_empty());
    let conditions = Conditions {
        from: query.from,
        until: query.until,
        listeners: query.listeners,
        user: said(query.user),
        database: said(query.database),
        application: said(query.application),
        table: said(query.table),
        class: query.class,
        ..Conditions::default()
    };
    let (conditions, listeners) = conditions.query()?;
    let asked = Asked { query: conditions, listeners, ..Asked::default() };
    let request = operation.request.id.clone();
    let lines = report::report(&operation, asked).await?;
    let lines = lines.map(move |line| Ok::<_, Infallible>(AccessReportLine::of(line, &request).bytes()));
    Ok(([(header::CONTENT_TYPE, NDJSON)], Body::from_stream(lines)).into_response())
}
