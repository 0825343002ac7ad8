//! How are sums of traffic shown?

use crate::http::principals::show::PrincipalKind;
use crate::http::timestamp::Timestamp;
use admin_store::Id;
use admin_store::principals::Meaning;
use admin_store::traffic::{Covered, Resolution};
use control::{Caller, Sums};
use serde::Serialize;
use utoipa::ToSchema;

/// What adds up over statements.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct SumsView {
    /// Statements that ended, however they did.
    pub calls: u64,
    /// Those that ended in an error of the server.
    pub errors: u64,
    /// Statements that were refused or held; not among `calls`.
    pub refusals: u64,
    /// Rows returned or changed.
    pub rows: u64,
    /// Bytes of requests.
    pub bytes_in: u64,
    /// Bytes of answers.
    pub bytes_out: u64,
    /// Microseconds in all.
    pub total_us: u64,
    /// Microseconds on average; absent where nothing was called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mean_us: Option<u64>,
    /// Microseconds that half of them do not exceed, off by at most 6.25 %.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p50_us: Option<u64>,
    /// The same for 95 of a hundred.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p95_us: Option<u64>,
    /// The same for 99 of a hundred.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p99_us: Option<u64>,
    /// The longest, in microseconds.
    pub max_us: u64,
}

impl SumsView {
    /// As it is shown.
    pub(crate) fn of(sums: &Sums) -> SumsView {
        SumsView {
            calls: sums.calls,
            errors: sums.errors,
            refusals: sums.refusals,
            rows: sums.rows,
            bytes_in: sums.bytes_in,
            bytes_out: sums.bytes_out,
            total_us: sums.total_us,
            mean_us: sums.total_us.checked_div(sums.calls),
            p50_us: sums.latency.quantile(0.5),
            p95_us: sums.latency.quantile(0.95),
            p99_us: sums.latency.quantile(0.99),
            max_us: sums.latency.max_us().into(),
        }
    }
}

/// What an answer is really about: edges are widened to what is kept.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CoveredView {
    /// From this time on.
    pub from: Timestamp,
    /// Before this time.
    pub until: Timestamp,
    /// `minute`, `hour` or `day`: to what the edges were widened.
    #[schema(example = "minute")]
    pub resolution: &'static str,
}

impl CoveredView {
    /// As it is shown.
    pub(crate) fn of(covered: Covered) -> CoveredView {
        let resolution = match covered.resolution {
            Resolution::Minute => "minute",
            Resolution::Hour => "hour",
            Resolution::Day => "day",
        };
        CoveredView { from: Timestamp(covered.from), until: Timestamp(covered.until), resolution }
    }
}

/// Who asked, as far as the wire shows it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CallerView {
    /// The database role.
    pub user: String,
    /// The database.
    pub database: String,
    /// The application, as it calls itself; empty where it does not.
    pub application: String,
}

impl CallerView {
    /// As it is shown.
    pub(crate) fn of(caller: &Caller) -> CallerView {
        let Caller { user, database, application } = caller.clone();
        CallerView { user, database, application }
    }
}

/// Who a caller is, as the workspace has linked its name.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CallerPrincipalView {
    /// What stands behind the name.
    pub kind: PrincipalKind,
    /// What people call it.
    pub label: String,
    /// Which person it is, or whose program.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Uuid)]
    pub user: Option<Id>,
}

impl CallerPrincipalView {
    /// As it is shown.
    pub(crate) fn of(meaning: Meaning) -> CallerPrincipalView {
        let Meaning { kind, user, label } = meaning;
        CallerPrincipalView { kind: PrincipalKind::of(kind), label, user }
    }
}
