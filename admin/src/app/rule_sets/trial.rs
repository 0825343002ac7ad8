//! What would a document come to, without being published: its mistakes, and what its test cases say?

use super::{About, check_writing, desk_in};
use crate::app::publications;
use crate::app::rules::{self, Scope, Texts, compile};
use crate::operation::Operation;
use crate::problem::{Code, Problem};
use admin_store::{Id, Tx, rule_sets};
use control::ListenerState;
use policies::Diagnostic;
use policies::cases::CaseResult;

/// What is to be compiled, without being saved.
#[derive(Clone, Debug)]
pub struct Trial {
    /// The rule set's name; what is published under it is replaced.
    pub name: String,
    /// The document.
    pub text: String,
    /// The listener it shall be compiled for; none in particular where nothing is said.
    pub listener: Option<String>,
}

/// What a trial found.
#[derive(Clone, Debug)]
pub struct Checked {
    /// Mistakes.
    pub found: Vec<Diagnostic>,
    /// The texts they are in.
    pub texts: Texts,
    /// How many rules there are, of the listener's packs too.
    pub rules: usize,
}

/// Compiles a document as it would be for a listener.
pub async fn check(operation: &Operation, trial: Trial) -> Result<Checked, Problem> {
    check_writing(&trial.text, "")?;
    About { name: trial.name.clone(), description: String::new() }.check()?;
    let (texts, scope, names) = {
        let workspace = operation.entered()?.workspace.id;
        let mut tx = operation.read().await?;
        let texts = Texts::of(&rule_sets::published(&mut tx, workspace).await?);
        let (scope, names) = match &trial.listener {
            Some(listener) => scope_of(operation, &mut tx, listener).await?,
            None => (Scope::anywhere(), Vec::new()),
        };
        tx.commit().await?;
        (texts.with_draft(&trial.name, &trial.text), scope, names)
    };
    let names = with(names, &trial.name);
    blocking(move || {
        let compiled = compile(&names, &texts, &scope).rules;
        let rules = compiled.as_ref().map_or(0, policies::Ruleset::rules);
        Checked { found: compiled.err().unwrap_or_default(), texts, rules }
    })
    .await
}

/// A list with one more name at its end, if it has not got it.
pub(crate) fn with(mut names: Vec<String>, name: &str) -> Vec<String> {
    if !names.iter().any(|one| one == name) {
        names.push(name.to_owned());
    }
    names
}

/// A listener of the workspace as rules are compiled for it, and what is published for it.
pub(crate) async fn scope_of(
    operation: &Operation,
    tx: &mut Tx,
    name: &str,
) -> Result<(Scope, Vec<String>), Problem> {
    let workspace = &operation.entered()?.workspace;
    let rows = crate::fleet::listeners_of(tx, workspace).await?;
    let mut states: Vec<(bool, i64, ListenerState)> = rows
        .into_iter()
        .filter(|row| row.name == name)
        .filter_map(|row| row.state.map(|state| (row.present, row.last_seen_at, state)))
        .collect();
    states.sort_by_key(|(present, seen, _)| (*present, *seen));
    let (_, _, state) = states.pop().ok_or_else(|| Problem::not_found("listener"))?;
    let published = publications::all(tx, workspace.id).await?;
    let names = published.into_iter().find(|shown| shown.listener == name);
    let names = names.map(|shown| shown.policies.into_iter().map(|(name, _)| name).collect());
    Ok((Scope::of(&state), names.unwrap_or_default()))
}

/// Runs what computes where it keeps no other request waiting.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Problem> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| Problem::new(Code::Internal, "the work ended early").with_cause(error))
}

/// Runs the test cases of a rule set with its draft, or with other texts.
pub async fn run_cases(
    operation: &Operation,
    id: Id,
    text: Option<String>,
    cases: Option<String>,
) -> Result<Result<Vec<CaseResult>, (Vec<Diagnostic>, Texts, String)>, Problem> {
    let workspace = operation.entered()?.workspace.id;
    let mut tx = operation.read().await?;
    let desk = desk_in(&mut tx, workspace, id).await?;
    let published = rule_sets::published(&mut tx, workspace).await?;
    tx.commit().await?;
    let (text, cases) = (text.unwrap_or(desk.text), cases.unwrap_or(desk.cases));
    check_writing(&text, &cases)?;
    let texts = Texts::of(&published).with_draft(&desk.rule_set.name, &text);
    blocking(move || rules::run_cases(&cases, &texts).map_err(|found| (found, texts, cases))).await
}
