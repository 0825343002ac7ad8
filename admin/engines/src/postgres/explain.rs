//! How would a PostgreSQL server run a statement, or how has it run it?
//!
//! EXPLAIN is a statement like any other: it runs as [`super::execute`] runs them all. A plan for whatever
//! values the parameters have is made of a prepared statement, which is not executed either. GENERIC_PLAN of
//! PostgreSQL 16 would be no help: a statement of the protocol has values, and those it plans with.

use super::Postgres;
use crate::error::{EngineError, ErrorClass};
use crate::run::{Explaining, Plan, PlanFormat, RunEvent, RunRequest};
use crate::target::Kind;
use serde_json::Value;
use tokio::sync::mpsc;

const PLAN: &str = "EXPLAIN (FORMAT JSON, VERBOSE, SETTINGS) ";
const ANALYZE: &str = "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON, VERBOSE, SETTINGS) ";
/// A statement of the session's own that is explained and deallocated.
const PREPARE: &str = "PREPARE dragoman_plan AS ";
const EXECUTE: &str = "EXECUTE dragoman_plan";
const DEALLOCATE: &str = "DEALLOCATE dragoman_plan";
/// What is set for that.
const MODE: &str = "plan_cache_mode";

impl Postgres {
    pub(crate) async fn explain(
        &mut self,
        how: Explaining,
        request: &RunRequest,
    ) -> Result<Plan, EngineError> {
        match how {
            Explaining::Plan => self.explained(PLAN, request).await,
            Explaining::Analyze => self.explained(ANALYZE, request).await,
            Explaining::Generic(0) => self.explained(PLAN, request).await,
            Explaining::Generic(parameters) => self.generic(parameters, request).await,
        }
    }

    async fn explained(&mut self, prefix: &str, request: &RunRequest) -> Result<Plan, EngineError> {
        let (sender, mut events) = mpsc::channel(16);
        let explaining = RunRequest { sql: format!("{prefix}{}", request.sql), ..request.clone() };
        let collecting = async {
            let mut text = String::new();
            while let Some(event) = events.recv().await {
                if let RunEvent::Rows(rows) = event {
                    for cell in rows.iter().flatten() {
                        text.push_str(cell.as_text().unwrap_or_default());
                    }
                }
            }
            text
        };
        let running = async {
            let result = self.run(&explaining, &sender).await;
            drop(sender);
            result
        };
        let (result, text) = tokio::join!(running, collecting);
        result.map_err(|error| behind(prefix, error))?;
        let json = serde_json::from_str(&text).map_err(|error| {
            EngineError::new(ErrorClass::Protocol, Kind::Postgres, "the server's plan is no JSON")
                .with_detail(error.to_string())
        })?;
        Ok(Plan { format: PlanFormat::Postgres, json })
    }

    /// The plan for whatever values there are. A run resets the session's settings at its end, and leaves what
    /// is prepared.
    async fn generic(&mut self, parameters: usize, request: &RunRequest) -> Result<Plan, EngineError> {
        self.prepare_to_explain(request).await?;
        let nulls = vec!["NULL"; parameters].join(", ");
        let executing = RunRequest { sql: format!("{EXECUTE}({nulls})"), ..request.clone() };
        let plan = self.explained(PLAN, &executing).await;
        if self.is_usable() {
            self.client.batch_execute(DEALLOCATE).await.map_err(|error| self.error(&error))?;
        }
        let mut plan = plan.map_err(|error| error.with_position(None))?;
        // What was set here is nothing of the statement's.
        for one in plan.json.as_array_mut().into_iter().flatten() {
            if let Some(Value::Object(settings)) = one.get_mut("Settings") {
                settings.remove(MODE);
            }
        }
        Ok(plan)
    }

    async fn prepare_to_explain(&mut self, request: &RunRequest) -> Result<(), EngineError> {
        self.ready()?;
        // Until it is prepared, or known not to be, the session is not usable.
        self.clean = false;
        let guard = self.cancel_on_drop();
        let limit = request.timeout.as_millis().min(i32::MAX as u128);
        let preparing = async {
            let settings = format!("SET {MODE} = force_generic_plan; SET statement_timeout = {limit}");
            self.client.batch_execute(&settings).await?;
            // As a statement of the protocol, which takes no second one.
            let statement = self.client.prepare(&format!("{PREPARE}{}", request.sql)).await?;
            self.client.execute(&statement, &[]).await
        };
        let prepared = tokio::time::timeout(request.timeout, preparing).await;
        match prepared {
            Ok(Ok(_)) => {
                guard.disarm();
                self.clean = true;
                Ok(())
            }
            Ok(Err(error)) => {
                guard.disarm();
                let error = behind(PREPARE, self.error(&error));
                self.finish(false).await?;
                Err(error)
            }
            // The guard cancels it, and the session is given up.
            Err(_) => Err(crate::stream::out_of_time(Kind::Postgres, request.timeout)),
        }
    }
}

/// An error whose position is that in the statement behind a prefix.
fn behind(prefix: &str, error: EngineError) -> EngineError {
    let ahead = u32::try_from(prefix.len()).unwrap_or(0);
    let position = error.position().and_then(|position| position.checked_sub(ahead));
    error.with_position(position)
}
