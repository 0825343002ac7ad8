//! How does a result become a file that somebody takes away?

use super::{Purpose, RunDraft, Running, start};
use crate::operation::Operation;
use crate::problem::{Code, Problem};
use admin_engines::export::{Export, ExportError, Format};
use serde_json::json;

/// A file that is being written. Dropping it cancels what the database does.
#[derive(Debug)]
pub struct Exporting {
    /// The run behind it.
    pub running: Running,
    /// What it is written as.
    pub format: Format,
    export: Export,
}

/// Runs a statement for a file.
pub async fn export(operation: &Operation, draft: RunDraft, format: Format) -> Result<Exporting, Problem> {
    let details = json!({ "format": format.as_str() });
    let running = start(operation, draft, Purpose::Export, details).await?;
    Ok(Exporting { running, format, export: Export::new(format) })
}

impl Exporting {
    /// The file's next bytes, and what is left to come. `None` behind the last ones; a problem when there
    /// will be no whole file.
    pub async fn next(mut self) -> Result<(Vec<u8>, Option<Exporting>), Problem> {
        while let Some(event) = self.running.next().await {
            self.export.event(&event).map_err(unwritable)?;
            let bytes = self.export.take();
            if !bytes.is_empty() {
                return Ok((bytes, Some(self)));
            }
        }
        self.running.end().await?;
        Ok((self.export.finish().map_err(unwritable)?, None))
    }
}

fn unwritable(error: ExportError) -> Problem {
    match error {
        ExportError::NoColumns | ExportError::Misfit { .. } => {
            Problem::new(Code::StatementFailed, error.to_string())
        }
        ExportError::Uneven { .. } | ExportError::Json(_) | ExportError::Parquet(_) => {
            Problem::new(Code::Internal, "the file could not be written").with_cause(error)
        }
    }
}
