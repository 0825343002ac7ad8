//! How would a database run a statement? It is judged as if it ran, and it does not run.

use super::judge::{APPLICATION, needs_major};
use super::work::failed;
use super::{Ready, check_parameters, check_sql, ready};
use crate::app::connections::open_known;
use crate::operation::{Operation, Target};
use crate::problem::{Code, Problem};
use admin_engines::{Connection, EngineError, Explaining, Kind, Plan};
use admin_store::Id;
use admin_store::activity::Outcome;
use serde_json::{Value, json};
use std::time::Duration;

/// Longest time for a plan.
pub(super) const LIMIT: Duration = Duration::from_secs(30);

/// A plan, and whose it is.
#[derive(Clone, Debug)]
pub struct Explained {
    /// Which kind of database made it.
    pub engine: Kind,
    /// The plan.
    pub plan: Plan,
    /// What its author may want to know.
    pub warnings: Vec<String>,
}

/// Why a connection does not fit a statement.
pub(super) enum Unfit {
    /// It could not be asked.
    Engine(EngineError),
    /// It would read the statement in another way.
    TooOld(Problem),
}

/// Whether the server reads the statement as it was judged.
pub(super) async fn check_version(connection: &mut Connection, needed: Option<u32>) -> Result<(), Unfit> {
    let Some(needed) = needed else { return Ok(()) };
    let facts = connection.facts().await.map_err(Unfit::Engine)?;
    let major = facts.version_number / 10_000;
    if major >= needed {
        return Ok(());
    }
    let said = format!("the statement uses what PostgreSQL has since {needed}, and the server is {major}");
    Err(Unfit::TooOld(Problem::new(Code::Refused, said).with_hint("write it as the older server knows it")))
}

/// Asks for a plan.
pub async fn explain(
    operation: &Operation,
    connection: Id,
    sql: &str,
    parameters: Vec<Option<String>>,
) -> Result<Explained, Problem> {
    check_sql(sql)?;
    check_parameters(&parameters)?;
    let ready = ready(operation, connection, sql).await?;
    let (engine, warnings) = (ready.judgement.engine, ready.judgement.warnings.clone());
    let asked = Asked { how: Explaining::Plan, sql: sql.to_owned(), parameters, limit: LIMIT };
    let plan = asked.of(operation, ready, json!({})).await?.map_err(|error| failed(sql, &error))?;
    Ok(Explained { engine, plan, warnings })
}

/// What is asked of the database.
pub(super) struct Asked {
    pub(super) how: Explaining,
    pub(super) sql: String,
    pub(super) parameters: Vec<Option<String>>,
    pub(super) limit: Duration,
}

impl Asked {
    /// Asks, unless the judgement objects; noted with these details.
    pub(super) async fn of(
        &self,
        operation: &Operation,
        ready: Ready,
        mut details: Value,
    ) -> Result<Result<Plan, EngineError>, Problem> {
        let Ready { connection, judgement } = ready;
        let target = Target::new("connection", connection.id, connection.settings.name.clone());
        if let Some(objection) = &judgement.objection {
            let change = operation.begin().await?;
            details["rule"] = json!(objection.rule);
            details["message"] = json!(objection.message);
            change.commit_as(Outcome::Refused, target, details).await?;
            return Err(objection.problem());
        }
        let (workspace, user) = (operation.entered()?.workspace.id, operation.person()?.user.id);
        let permit = operation.app.runs.admit(Id::new(), workspace, user)?;
        operation.begin().await?.commit(target, details).await?;
        let mut opened = open_known(&operation.app, connection, APPLICATION).await?;
        let needed = judgement.statement.as_deref().and_then(needs_major);
        let limit =
            judgement.limits.duration_us.map_or(self.limit, |us| self.limit.min(Duration::from_micros(us)));
        let plan = match check_version(&mut opened.connection, needed).await {
            Ok(()) => opened.connection.explain_as(self.how, &self.sql, &self.parameters, limit).await,
            Err(Unfit::Engine(error)) => Err(error),
            Err(Unfit::TooOld(problem)) => return Err(problem),
        };
        opened.close().await;
        drop(permit);
        Ok(plan)
    }
}
