//! `GET /api/v1/workspaces/{workspace}/ledger/export`: a copy of records.

use super::conditions::with_conditions;
use super::search::{LedgerRecordView, MissingView};
use super::sheet;
use crate::app::ledger::Asked;
use crate::app::ledger::export::{self, End, Part, RECORDS_MAX};
use crate::http::extract::Query;
use crate::http::path::InWorkspace;
use crate::http::timestamp::Timestamp;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::now_us;
use axum::body::Body;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use futures_util::{StreamExt, stream};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

/// What a copy is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LedgerExportFormat {
    /// An object a line, as in a search.
    Jsonl,
    /// RFC 4180, with a line of names.
    Csv,
}

impl LedgerExportFormat {
    fn as_str(self) -> &'static str {
        match self {
            LedgerExportFormat::Jsonl => "jsonl",
            LedgerExportFormat::Csv => "csv",
        }
    }

    fn media_type(self) -> &'static str {
        match self {
            LedgerExportFormat::Jsonl => "application/x-ndjson",
            LedgerExportFormat::Csv => "text/csv; charset=utf-8; header=present",
        }
    }

    fn part(self, part: Part) -> Vec<u8> {
        match (self, part) {
            (LedgerExportFormat::Jsonl, Part::Records(found)) => {
                let mut text = Vec::new();
                for one in found {
                    text.extend(serde_json::to_vec(&LedgerRecordView::of(one)).unwrap_or_default());
                    text.push(b'\n');
                }
                text
            }
            (LedgerExportFormat::Jsonl, Part::End(end)) => last_line(end),
            (LedgerExportFormat::Csv, Part::Records(found)) => sheet::rows(&found),
            (LedgerExportFormat::Csv, Part::End(end)) => sheet::last_row(&end),
        }
    }
}

fn last_line(end: End) -> Vec<u8> {
    let incomplete: Vec<MissingView> = end.incomplete.into_iter().map(MissingView::of).collect();
    let line = json!({
        "event": sheet::END_EVENT, "records": end.records, "cut": end.cut, "incomplete": incomplete,
    });
    format!("{line}\n").into_bytes()
}

with_conditions! {
    /// Which records are copied. Every condition must hold.
    pub struct LedgerExportQuery {
        /// What the copy is written as.
        #[param(inline)]
        pub format: LedgerExportFormat,
        /// Most records.
        #[param(minimum = 1, maximum = 100_000, default = 100_000)]
        pub records_max: Option<u32>,
    }
}

/// Copies records that match, newest first, at most 100,000. The last line says how many there were, whether there were
/// more, and whose are missing; a copy without it was broken off. That somebody copied, and what, is written into the
/// activity.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/ledger/export", operation_id = "export_ledger", tag = "ledger",
    params(InWorkspace, LedgerExportQuery),
    responses((status = 200, description = "Records", headers(("Content-Disposition" = String)),
        content((String = "application/x-ndjson"), (String = "text/csv")))))]
pub async fn handle(
    operation: Operation,
    Query(query): Query<LedgerExportQuery>,
) -> Result<Response, Problem> {
    let records_max = query.records_max.unwrap_or(RECORDS_MAX);
    if !(1..=RECORDS_MAX).contains(&records_max) {
        return Err(Problem::invalid("records_max", format!("must be from 1 to {RECORDS_MAX}")));
    }
    let (conditions, listeners) = query.conditions().query()?;
    let asked = Asked { query: conditions, listeners, ..Asked::default() };
    let format = query.format;
    let parts = export::export(&operation, asked, records_max, format.as_str()).await?;
    let head = match format {
        LedgerExportFormat::Jsonl => Vec::new(),
        LedgerExportFormat::Csv => sheet::head(),
    };
    let parts = stream::iter([Ok(head)]).chain(parts.map(move |part| part.map(|part| format.part(part))));
    let headers = [
        (header::CONTENT_TYPE, format.media_type().to_owned()),
        (header::CONTENT_DISPOSITION, disposition(format)),
    ];
    Ok((headers, Body::from_stream(parts)).into_response())
}

/// `ledger-20261121-103500.csv`.
fn disposition(format: LedgerExportFormat) -> String {
    let now = Timestamp(now_us()).to_string();
    let digits: String = now.chars().take(19).filter(char::is_ascii_digit).collect();
    let (day, time) = digits.split_at_checked(8).unwrap_or((&digits, ""));
    format!("attachment; filename=\"ledger-{day}-{time}.{}\"", format.as_str())
}
