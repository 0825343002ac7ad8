//! How is it told who touched what?

use super::search::MissingView;
use crate::app::ledger::report::{Cut, Progress, Report};
use crate::app::ledger::tally::{Attempt, Counts, Group, Groups};
use crate::http::timestamp::Timestamp;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Groups of one kind that are told: those with most statements and attempts.
const GROUPS_TOLD: usize = 200;
/// Characters of a statement's text that are told.
const TEXT_MAX: usize = 500;
const HOUR_US: i64 = 3_600_000_000;

/// Sums of statements.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AccessCountsView {
    /// Statements that ran.
    pub statements: u64,
    /// Of these, those that only read.
    pub reads: u64,
    /// Those that changed rows.
    pub writes: u64,
    /// Those that changed what is defined.
    pub defines: u64,
    /// Those that failed.
    pub failed: u64,
    /// Statements that were refused or held, and did not run.
    pub refused: u64,
    /// Rows that those that read returned.
    pub rows_read: u64,
    /// Rows that those that write changed or returned.
    pub rows_changed: u64,
    /// The moment of the first; absent where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_at: Option<Timestamp>,
    /// The moment of the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_at: Option<Timestamp>,
}

impl AccessCountsView {
    fn of(counts: &Counts) -> AccessCountsView {
        AccessCountsView {
            statements: counts.statements,
            reads: counts.reads,
            writes: counts.writes,
            defines: counts.defines,
            failed: counts.failed,
            refused: counts.refused,
            rows_read: counts.rows_read,
            rows_changed: counts.rows_changed,
            first_at: counts.first.map(Timestamp),
            last_at: counts.last.map(Timestamp),
        }
    }
}

/// Statements that have something in common.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AccessGroupView {
    /// What that is: the user, the application, the class, the table as it was written, the fingerprint, the claim, the
    /// address without its port. Empty where the records name none.
    pub name: String,
    /// What people here call a database user, where somebody has linked it.
    pub known_as: Vec<String>,
    /// The statement without its literals, where the group is a fingerprint.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Its class.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
    /// Its sums.
    pub counts: AccessCountsView,
    /// Database users, at most 20.
    pub users: Vec<String>,
    /// Applications, at most 20.
    pub applications: Vec<String>,
    /// Tables as they were written, at most 20.
    pub tables: Vec<String>,
}

/// Groups of one kind.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AccessGroupsView {
    /// Those with most statements and attempts, these first.
    pub items: Vec<AccessGroupView>,
    /// Groups that are not among them.
    pub groups_left_out: u64,
    /// Statements and attempts that no group has, since there were too many.
    pub statements_left_out: u64,
}

impl AccessGroupsView {
    fn of(groups: Groups, is_statement: bool, known_as: &BTreeMap<String, Vec<String>>) -> AccessGroupsView {
        let mut all: Vec<(String, Group)> = groups.by_name.into_iter().collect();
        let weight = |group: &Group| group.counts.statements + group.counts.refused;
        all.sort_by(|(one, left), (other, right)| {
            weight(right).cmp(&weight(left)).then_with(|| one.cmp(other))
        });
        let groups_left_out = all.len().saturating_sub(GROUPS_TOLD) as u64;
        all.truncate(GROUPS_TOLD);
        let view = |(name, group): (String, Group)| AccessGroupView {
            known_as: known_as.get(&name).cloned().unwrap_or_default(),
            text: group.text.filter(|_| is_statement).map(|text| text.chars().take(TEXT_MAX).collect()),
            class: group.class.filter(|_| is_statement),
            counts: AccessCountsView::of(&group.counts),
            users: group.users.into_iter().collect(),
            applications: group.applications.into_iter().collect(),
            tables: group.tables.into_iter().collect(),
            name,
        };
        AccessGroupsView {
            items: all.into_iter().map(view).collect(),
            groups_left_out,
            statements_left_out: groups.left_out,
        }
    }
}

/// An hour.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct AccessHourView {
    /// Its beginning, by UTC.
    pub at: Timestamp,
    /// Statements that ran.
    pub statements: u64,
    /// Attempts that were refused or held.
    pub refused: u64,
}

/// An attempt that was refused or held.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AccessAttemptView {
    /// The record's id.
    pub id: String,
    /// When.
    pub at: Timestamp,
    /// `statement.refused` or `statement.held`.
    pub event: String,
    /// The database user.
    pub user: String,
    /// The application.
    pub application: String,
    /// The rule that decided, where one did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// The statement without its literals.
    pub text: String,
    /// The tables it names.
    pub tables: Vec<String>,
}

impl AccessAttemptView {
    fn of(attempt: &Attempt) -> AccessAttemptView {
        let record = &attempt.found.record;
        let text =
            |path: &[&str]| path.iter().try_fold(record, |at, name| at.get(name)).and_then(Value::as_str);
        let owned = |path: &[&str]| text(path).unwrap_or_default().to_owned();
        let tables = record.get("tables").and_then(Value::as_array).into_iter().flatten();
        AccessAttemptView {
            id: owned(&["id"]),
            at: Timestamp(attempt.at),
            event: owned(&["event"]),
            user: owned(&["principal", "user"]),
            application: owned(&["principal", "application"]),
            rule: text(&["rule"]).map(ToOwned::to_owned),
            text: owned(&["text"]).chars().take(TEXT_MAX).collect(),
            tables: tables.filter_map(Value::as_str).map(ToOwned::to_owned).collect(),
        }
    }
}

/// How far a report is.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct AccessProgressView {
    /// Records that were counted.
    pub records: u64,
    /// Records that were read for it.
    pub records_read: u64,
    /// Everything newer was looked at; absent when all was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reached_at: Option<Timestamp>,
    /// Which part of the time was looked at, in thousandths; absent where nobody knows where the ledgers begin.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thousandths: Option<u64>,
}

impl AccessProgressView {
    pub(super) fn of(progress: &Progress) -> AccessProgressView {
        AccessProgressView {
            records: progress.records,
            records_read: progress.records_read,
            reached_at: progress.reached.map(Timestamp),
            thousandths: progress.thousandths,
        }
    }
}

/// Why a report does not go back to the beginning of the time that was asked for.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AccessCut {
    /// There were more records than one report has.
    Records,
    /// It would have taken too long.
    Time,
}

/// Who touched what, as far as the records tell.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AccessReportView {
    /// How far it came.
    pub progress: AccessProgressView,
    /// Why it came no further; absent when it went back to the beginning.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cut: Option<AccessCut>,
    /// Segments that the data planes have.
    pub segments: u64,
    /// Those of them that are compressed, and were not read.
    pub segments_unsearched: u64,
    /// The moment of the oldest record that can be read; absent where that is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oldest_at: Option<Timestamp>,
    /// Data planes that did not answer: their records are missing here.
    pub incomplete: Vec<MissingView>,
    /// Everything.
    pub all: AccessCountsView,
    /// By database user.
    pub users: AccessGroupsView,
    /// By application.
    pub applications: AccessGroupsView,
    /// By class.
    pub classes: AccessGroupsView,
    /// By table, as it was written.
    pub tables: AccessGroupsView,
    /// By fingerprint.
    pub statements: AccessGroupsView,
    /// By whom applications said that they work for: nobody has checked it.
    pub claims: AccessGroupsView,
    /// By address.
    pub addresses: AccessGroupsView,
    /// Each hour in which there was something, the earliest first.
    pub hours: Vec<AccessHourView>,
    /// The newest attempts that were refused or held, at most 100.
    pub refusals: Vec<AccessAttemptView>,
    /// Statements that began and of which no end is on record in this time.
    pub unfinished: u64,
    /// Statements that ran and name no table.
    pub without_table: u64,
    /// Statements that ran and of which nobody can tell what they do.
    pub unjudged: u64,
    /// Statements that ran with functions that may do more than read: what those touch is not on record.
    pub with_functions: u64,
}

impl AccessReportView {
    pub(super) fn of(report: Report) -> AccessReportView {
        let Report { tally, progress, cut, extent, incomplete, known_as } = report;
        let nobody = BTreeMap::new();
        let groups = |groups| AccessGroupsView::of(groups, false, &nobody);
        let hour = |(hour, (statements, refused)): (i64, (u64, u64))| AccessHourView {
            at: Timestamp(hour.saturating_mul(HOUR_US)),
            statements,
            refused,
        };
        AccessReportView {
            progress: AccessProgressView::of(&progress),
            cut: cut.map(|cut| match cut {
                Cut::Records => AccessCut::Records,
                Cut::Time => AccessCut::Time,
            }),
            segments: extent.segments,
            segments_unsearched: extent.segments_unsearched,
            oldest_at: extent.oldest.map(Timestamp),
            incomplete: incomplete.into_iter().map(MissingView::of).collect(),
            all: AccessCountsView::of(&tally.all),
            users: AccessGroupsView::of(tally.users, false, &known_as),
            applications: groups(tally.applications),
            classes: groups(tally.classes),
            tables: groups(tally.tables),
            statements: AccessGroupsView::of(tally.statements, true, &nobody),
            claims: groups(tally.claims),
            addresses: groups(tally.addresses),
            hours: tally.hours.into_iter().map(hour).collect(),
            refusals: tally.refusals.iter().map(AccessAttemptView::of).collect(),
            unfinished: tally.unfinished,
            without_table: tally.without_table,
            unjudged: tally.unjudged,
            with_functions: tally.with_functions,
        }
    }
}
