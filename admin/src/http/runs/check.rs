//! `POST /api/v1/workspaces/{workspace}/check`: may this run, and what does it do?

use super::draft::TextInput;
use crate::app::runs;
use crate::app::runs::judge::Judgement;
use crate::http::extract::Json;
use crate::http::path::InWorkspace;
use crate::operation::Operation;
use crate::problem::Problem;
use exchange::{Basis, Known, Statement};
use serde::Serialize;
use utoipa::ToSchema;

/// What is said of a text.
#[derive(Debug, Serialize, ToSchema)]
pub struct CheckView {
    /// `postgres`, `mysql`, `sqlite`.
    #[schema(value_type = String)]
    pub engine: admin_engines::Kind,
    /// Whether it may run.
    pub verdict: CheckVerdict,
    /// Why it may not, if it may not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub objection: Option<ObjectionView>,
    /// What it does, where that can be read; never for SQLite.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub effects: Option<EffectsView>,
    /// Most rows that the rules let it return.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rows_max: Option<u64>,
    /// Most bytes that the rules let it return.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes_max: Option<u64>,
    /// Longest time that the rules give it, in microseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration_us: Option<u64>,
    /// What its author may want to know.
    pub warnings: Vec<String>,
}

/// Whether a statement may run.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CheckVerdict {
    /// It may.
    Allow,
    /// It may not.
    Refuse,
}

/// Why a statement may not run.
#[derive(Debug, Serialize, ToSchema)]
pub struct ObjectionView {
    /// The rule that decided, as `rule set/rule`; absent where the text could not be judged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// What is wrong.
    pub message: String,
    /// More about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// What helps.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// Where in the text, in bytes from its beginning: first and one past the last.
    pub span: (u32, u32),
}

/// What a statement does, as far as its text tells.
#[derive(Debug, Serialize, ToSchema)]
pub struct EffectsView {
    /// How that is known: `grammar`, `keywords`, `unjudged`.
    pub basis: String,
    /// Its command: `select`, `create table`; `statement` where only its class is known.
    pub verb: String,
    /// `read`, `write`, `ddl`, `privilege`, `session`, `transaction`, `maintenance`, `code`, `unknown`.
    pub class: String,
    /// What statements of its shape have in common.
    pub fingerprint: String,
    /// Tables, views and other relations it uses.
    pub relations: Vec<RelationView>,
    /// Functions it calls.
    pub functions: Vec<FunctionView>,
    /// Settings it is about.
    pub settings: Vec<String>,
    /// Everything else that is so: `returns_rows`, `locks_rows`, `all_columns`, …
    pub marks: Vec<String>,
}

/// A relation and what happens to it.
#[derive(Debug, Serialize, ToSchema)]
pub struct RelationView {
    /// Its schema, where the text names one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// Its name.
    pub name: String,
    /// `read`, `insert`, `update`, `delete`, `truncate`, `define`, `lock`.
    pub access: Vec<String>,
}

/// A function and what is known of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct FunctionView {
    /// Its schema, where the text names one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// Its name.
    pub name: String,
    /// `reads`, `acts`, `unknown`.
    pub known: String,
}

impl CheckView {
    fn of(judgement: Judgement) -> CheckView {
        let span = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let objection = judgement.objection.map(|one| ObjectionView {
            rule: one.rule,
            message: one.message,
            detail: one.detail,
            hint: one.hint,
            span: (span(one.span.start), span(one.span.end)),
        });
        CheckView {
            engine: judgement.engine,
            verdict: if objection.is_some() { CheckVerdict::Refuse } else { CheckVerdict::Allow },
            objection,
            effects: judgement.statement.as_deref().map(EffectsView::of),
            rows_max: judgement.limits.rows,
            bytes_max: judgement.limits.bytes,
            duration_us: judgement.limits.duration_us,
            warnings: judgement.warnings,
        }
    }
}

impl EffectsView {
    fn of(statement: &Statement) -> EffectsView {
        let effects = &statement.effects;
        let text = |schema: &Option<Box<str>>| schema.as_ref().map(ToString::to_string);
        let basis = match effects.basis {
            Basis::Grammar => "grammar",
            Basis::Keywords | Basis::Message => "keywords",
            Basis::Unjudged(_) => "unjudged",
        };
        EffectsView {
            basis: basis.to_owned(),
            verb: effects.verb.to_owned(),
            class: statement.class.as_str().to_owned(),
            fingerprint: statement.fingerprint.to_string(),
            relations: effects
                .relations
                .iter()
                .map(|one| RelationView {
                    schema: text(&one.schema),
                    name: one.name.to_string(),
                    access: one.access.words().map(ToOwned::to_owned).collect(),
                })
                .collect(),
            functions: effects
                .functions
                .iter()
                .map(|one| FunctionView {
                    schema: text(&one.schema),
                    name: one.name.to_string(),
                    known: match one.known {
                        Known::Reads => "reads",
                        Known::Acts => "acts",
                        Known::Unknown => "unknown",
                    }
                    .to_owned(),
                })
                .collect(),
            settings: effects.settings.iter().map(|one| one.name.to_string()).collect(),
            marks: effects.marks.words().map(ToOwned::to_owned).collect(),
        }
    }
}

/// Says whether a query may run and what it does. No database is asked, and nothing is noted.
#[utoipa::path(post, path = "/api/v1/workspaces/{workspace}/check", operation_id = "check_query", tag = "runs",
    params(InWorkspace), request_body = TextInput,
    responses((status = 200, description = "What is said of it", body = CheckView)))]
pub async fn handle(
    operation: Operation,
    Json(input): Json<TextInput>,
) -> Result<axum::Json<CheckView>, Problem> {
    let judgement = runs::check(&operation, input.connection, &input.sql).await?;
    Ok(axum::Json(CheckView::of(judgement)))
}
