//! `GET /api/v1/workspaces/{workspace}/access-review/export`: the same as a table.

use super::show::{ReviewQuery, ReviewedMember};
use crate::app::access_review;
use crate::http::extract::Query;
use crate::http::ledger::sheet::cell;
use crate::http::path::InWorkspace;
use crate::http::timestamp::Timestamp;
use crate::operation::Operation;
use crate::problem::Problem;
use axum::http::header;
use axum::response::{IntoResponse, Response};

/// The line of names.
const HEAD: &str = "name,kind,responsible,email,disabled,second_factor,role,administers,teams,capabilities,beyond_role,last_signed_in_at,last_seen_at,last_used_at,tokens\r\n";

/// Copies who can do what in a workspace as CSV, a member a line, who used nothing for longest first.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/access-review/export", operation_id = "export_access_review",
    tag = "members", params(InWorkspace, ReviewQuery),
    responses((status = 200, description = "The members", body = String, content_type = "text/csv")))]
pub async fn handle(operation: Operation, Query(query): Query<ReviewQuery>) -> Result<Response, Problem> {
    let review = access_review::review(&operation, query.filter()).await?;
    let mut text = HEAD.to_owned();
    for member in review.members.iter().map(ReviewedMember::of) {
        line(&member, &mut text);
    }
    if review.is_cut {
        text.push_str("cut: there are more\r\n");
    }
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"access-review.csv\""),
    ];
    Ok((headers, text).into_response())
}

fn line(member: &ReviewedMember, text: &mut String) {
    let held = member.capabilities.iter().map(|one| match one.last_used_at {
        Some(at) => format!("{} ({at})", one.capability.as_str()),
        None => one.capability.as_str().to_owned(),
    });
    let beyond =
        member.capabilities.iter().filter(|one| one.is_beyond_role).map(|one| one.capability.as_str());
    let tokens = member.tokens.iter().map(|token| {
        let words: Vec<_> = token.capabilities.iter().map(|one| one.as_str()).collect();
        let used = token.last_used_at.map_or("never".to_owned(), |at| at.to_string());
        format!("{} ({}; used {used})", token.name, words.join(" "))
    });
    let time = |at: Option<Timestamp>| at.map(|at| at.to_string()).unwrap_or_default();
    let cells = [
        member.name.clone(),
        member.kind.clone(),
        member.responsible.clone().unwrap_or_default(),
        member.email.clone(),
        member.is_disabled.to_string(),
        member.has_second_factor.to_string(),
        member.role.clone(),
        member.administers.to_string(),
        member.teams.join("; "),
        held.collect::<Vec<_>>().join("; "),
        beyond.collect::<Vec<_>>().join("; "),
        time(member.last_signed_in_at),
        time(member.last_seen_at),
        time(member.last_used_at),
        tokens.collect::<Vec<_>>().join("; "),
    ];
    for (place, value) in cells.iter().enumerate() {
        if place > 0 {
            text.push(',');
        }
        cell(value, text);
    }
    text.push_str("\r\n");
}
