//! How is more of a statement shown in a list: how it goes, who calls it, what it uses?

use crate::http::timestamp::Timestamp;
use admin_store::traffic::{Detail, Few, Fingerprint, TableName, TrendStep};
use serde::Serialize;
use utoipa::ToSchema;

/// More about a statement.
#[derive(Debug, Serialize, ToSchema)]
pub struct DetailView {
    /// It over time: every step, also those in which nothing happened. About 60 at most.
    pub trend: Vec<TrendStepView>,
    /// The applications that call it most; at most 3. One that does not name itself is the empty name.
    pub applications: Vec<NamedCallsView>,
    /// How many other applications call it.
    pub applications_more: u64,
    /// The database roles that call it most; at most 3.
    pub users: Vec<NamedCallsView>,
    /// How many other roles call it.
    pub users_more: u64,
    /// The tables it names, with their schema where it says so; at most 5.
    pub tables: Vec<String>,
    /// How many other tables it names.
    pub tables_more: u64,
    /// When it was first seen; absent where that is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_seen_at: Option<Timestamp>,
    /// In which minute it was last seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_seen_at: Option<Timestamp>,
}

/// One step of a small trend.
#[derive(Debug, Serialize, ToSchema)]
pub struct TrendStepView {
    /// Its first instant.
    pub at: Timestamp,
    /// How often.
    pub calls: u64,
    /// Microseconds in all.
    pub total_us: u64,
    /// Microseconds that 95 of a hundred did not exceed; absent where nothing was called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p95_us: Option<u64>,
}

/// A name and how often it called.
#[derive(Debug, Serialize, ToSchema)]
pub struct NamedCallsView {
    /// The name.
    pub name: String,
    /// How often.
    pub calls: u64,
}

impl DetailView {
    /// As it is shown; `found` says when the statement was seen.
    pub(super) fn of(detail: Detail, found: Option<&Fingerprint>) -> DetailView {
        let seen = found.map(|found| found.listeners.as_slice()).unwrap_or_default();
        let Detail { trend, applications, users, tables } = detail;
        DetailView {
            trend: trend.into_iter().map(TrendStepView::of).collect(),
            applications_more: applications.more,
            applications: named(applications),
            users_more: users.more,
            users: named(users),
            tables_more: tables.more,
            tables: tables.first.iter().map(table_text).collect(),
            first_seen_at: seen.iter().map(|one| one.first_seen_at).min().map(Timestamp),
            last_seen_at: seen.iter().map(|one| one.last_seen_at).max().map(Timestamp),
        }
    }
}

impl TrendStepView {
    fn of(step: TrendStep) -> TrendStepView {
        let TrendStep { at, calls, total_us, p95_us } = step;
        TrendStepView { at: Timestamp(at), calls, total_us, p95_us }
    }
}

fn named(few: Few<(String, u64)>) -> Vec<NamedCallsView> {
    few.first.into_iter().map(|(name, calls)| NamedCallsView { name, calls }).collect()
}

/// A table as people write it.
pub(super) fn table_text(table: &TableName) -> String {
    match &table.schema {
        Some(schema) => format!("{schema}.{}", table.name),
        None => table.name.clone(),
    }
}
