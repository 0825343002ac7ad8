//! `POST /api/v1/workspaces/{workspace}/rule-sets/{rule_set}/cases/run`: do the rules say what is expected?

use super::check::DiagnosticView;
use crate::app::rule_sets;
use crate::http::extract::{Json, Path};
use crate::http::path::InWorkspace;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::Id;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Other texts than those that are saved.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CasesDraft {
    /// The document; the draft where nothing is said.
    #[schema(max_length = 1_048_576)]
    pub text: Option<String>,
    /// The test cases; those of the draft where nothing is said.
    #[schema(max_length = 262_144)]
    pub cases: Option<String>,
}

/// What became of one statement of a test case.
#[derive(Debug, Serialize, ToSchema)]
pub struct CaseView {
    /// Its line among the test cases.
    pub line: u32,
    /// Who asked.
    pub user: String,
    /// What was asked.
    pub statement: String,
    /// What was expected.
    #[schema(example = "refuse production/every-row")]
    pub expected: String,
    /// What the rules say, written the same way.
    pub got: String,
    /// Whether that is the same.
    pub passed: bool,
}

/// What became of the test cases.
#[derive(Debug, Serialize, ToSchema)]
pub struct CasesView {
    /// Whether all passed and nothing is wrong with the texts.
    pub is_good: bool,
    /// Each statement, in order.
    pub results: Vec<CaseView>,
    /// What is wrong with the test cases or the rules; nothing was run then.
    pub diagnostics: Vec<DiagnosticView>,
}

/// Runs the test cases of a rule set with its draft, or with texts that are not saved.
#[utoipa::path(post, path = "/api/v1/workspaces/{workspace}/rule-sets/{rule_set}/cases/run", operation_id = "run_cases", tag = "rule_sets",
    params(InWorkspace, ("rule_set" = String, Path, description = "Which rule set", format = Uuid)), request_body = CasesDraft,
    responses((status = 200, description = "What became of them", body = CasesView)))]
pub async fn handle(
    operation: Operation,
    place: Path<(String, Id)>,
    Json(draft): Json<CasesDraft>,
) -> Result<axum::Json<CasesView>, Problem> {
    let Path((_, id)) = place;
    let view = match rule_sets::run_cases(&operation, id, draft.text, draft.cases).await? {
        Ok(results) => CasesView {
            is_good: results.iter().all(|one| one.passed),
            diagnostics: Vec::new(),
            results: results
                .into_iter()
                .map(|one| CaseView {
                    line: u32::try_from(one.line).unwrap_or(u32::MAX),
                    user: one.user,
                    statement: one.statement,
                    expected: one.expected,
                    got: one.got,
                    passed: one.passed,
                })
                .collect(),
        },
        Err((found, texts, cases)) => CasesView {
            is_good: false,
            results: Vec::new(),
            diagnostics: DiagnosticView::all(&found, &texts, &cases),
        },
    };
    Ok(axum::Json(view))
}
