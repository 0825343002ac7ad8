//! `POST /api/v1/workspaces/{workspace}/rules/check`: what is wrong with a document?

use super::outline::OutlineView;
use crate::app::rule_sets::{self, Trial};
use crate::app::rules::{CASES, Texts, span};
use crate::http::extract::Json;
use crate::http::path::InWorkspace;
use crate::operation::Operation;
use crate::problem::Problem;
use policies::Diagnostic;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use utoipa::ToSchema;

/// A document to check; nothing is saved.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckDraft {
    /// The rule set's name; what is published under it is replaced. Of a new one it may be left out.
    #[schema(min_length = 1, max_length = 64, pattern = "^[A-Za-z0-9_-]+$", example = "shop")]
    pub name: Option<String>,
    /// The document, TOML; at most 1 MiB.
    #[schema(max_length = 1_048_576)]
    pub text: String,
    /// The listener it shall be compiled for, with what else is published for it; none in particular where
    /// nothing is said.
    #[schema(min_length = 1, max_length = 200)]
    pub listener: Option<String>,
}

/// One mistake.
#[derive(Debug, Serialize, ToSchema)]
pub struct DiagnosticView {
    /// The rule set it is in, `cases` for test cases, or words for what is in no text.
    pub place: String,
    /// The line from 1; absent where the mistake is in no line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// The column in characters from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<u32>,
    /// In bytes from the beginning of the text: first and one past the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub span: Option<(u32, u32)>,
    /// What is wrong.
    pub message: String,
    /// What to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

/// Mistakes that are shown at once; the last of them says how many more there are.
const MISTAKES_MAX: usize = 101;

impl DiagnosticView {
    /// As they are shown. Lines are looked for once a text, however many mistakes are in it.
    pub(super) fn all(found: &[Diagnostic], texts: &Texts, cases: &str) -> Vec<DiagnosticView> {
        let mut lines: HashMap<&str, Option<Lines<'_>>> = HashMap::new();
        let shown = found.iter().take(MISTAKES_MAX).map(|one| {
            let file = one.file.as_str();
            let lines = lines.entry(file).or_insert_with(|| {
                let text = texts.find(file).map(|text| text.text.as_str());
                text.or((file == CASES).then_some(cases)).map(Lines::of)
            });
            let number = |value: usize| u32::try_from(value).ok().filter(|value| *value > 0);
            DiagnosticView {
                place: one.file.clone(),
                line: number(one.line),
                column: number(one.column),
                span: lines.as_ref().and_then(|lines| lines.span(one)),
                message: one.message.clone(),
                hint: one.hint.clone(),
            }
        });
        shown.collect()
    }
}

/// A text and where each of its lines begins.
struct Lines<'a>(Vec<(usize, &'a str)>);

impl<'a> Lines<'a> {
    fn of(text: &'a str) -> Lines<'a> {
        let lines = text.split('\n').scan(0, |next, line| {
            let start = *next;
            *next += line.len() + 1;
            Some((start, line))
        });
        Lines(lines.collect())
    }

    fn span(&self, one: &Diagnostic) -> Option<(u32, u32)> {
        let (start, line) = self.0.get(one.line.checked_sub(1)?)?;
        let (from, until) = span::span(line, 1, one.column)?;
        let start = u32::try_from(*start).ok()?;
        Some((start.checked_add(from)?, start.checked_add(until)?))
    }
}

/// What is wrong with a document.
#[derive(Debug, Serialize, ToSchema)]
pub struct CheckedView {
    /// Whether it compiles.
    pub is_good: bool,
    /// How many rules there are, those of included rule sets too; 0 where it does not compile.
    pub rules: u32,
    /// Mistakes, all at once.
    pub diagnostics: Vec<DiagnosticView>,
    /// What stands in the document, and where, also where it does not compile; absent where it is no TOML.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outline: Option<OutlineView>,
}

/// Compiles a document as it would be for a listener, packs and inclusions too, and says what is wrong.
/// Nothing is saved.
#[utoipa::path(post, path = "/api/v1/workspaces/{workspace}/rules/check", operation_id = "check_rules", tag = "rule_sets",
    params(InWorkspace), request_body = CheckDraft,
    responses((status = 200, description = "What is wrong, if anything is", body = CheckedView)))]
pub async fn handle(
    operation: Operation,
    Json(draft): Json<CheckDraft>,
) -> Result<axum::Json<CheckedView>, Problem> {
    let name = draft.name.unwrap_or_else(|| "draft".to_owned());
    let outline = OutlineView::of(&draft.text);
    let trial = Trial { name, text: draft.text, listener: draft.listener };
    let checked = rule_sets::check(&operation, trial).await?;
    let diagnostics = DiagnosticView::all(&checked.found, &checked.texts, "");
    Ok(axum::Json(CheckedView {
        is_good: diagnostics.is_empty(),
        rules: u32::try_from(checked.rules).unwrap_or(u32::MAX),
        diagnostics,
        outline,
    }))
}
