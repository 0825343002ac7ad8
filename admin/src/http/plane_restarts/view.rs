//! How is a restart of data planes shown?

use crate::app::plane_restarts::Shown;
use crate::http::mode_changes::view::ModePersonView;
use crate::http::timestamp::Timestamp;
use admin_store::Id;
use admin_store::plane_restarts::{Standing, Step, StepStanding};
use serde::Serialize;
use utoipa::ToSchema;

/// What became of a restart of data planes.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PlaneRestartWord {
    /// It goes on.
    Running,
    /// Every data plane that could be is restarted.
    Done,
    /// One did not come back as it should, and those after it were left alone.
    Failed,
    /// Somebody ended it.
    Cancelled,
}

/// How far one data plane is.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PlaneStepWord {
    /// It is not its turn yet.
    Waiting,
    /// Its new process is awaited.
    Restarting,
    /// Its new process serves.
    Back,
    /// Its new process did not come, or not as it should.
    Failed,
    /// It is not restarted this way.
    Skipped,
    /// It was not begun: the restart ended before.
    Left,
}

/// One data plane of a restart.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlaneStepView {
    /// Its id.
    pub plane: String,
    /// Its name.
    pub name: String,
    /// How far it is.
    pub standing: PlaneStepWord,
    /// Why it failed or was skipped, or what is awaited; may be empty.
    pub why: String,
    /// The version before.
    pub version_before: String,
    /// The version of the new process; absent while that has not told of itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version_after: Option<String>,
    /// When its turn came; absent before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub began_at: Option<Timestamp>,
    /// When it was back, or had failed; absent before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
}

/// A restart of data planes, one after the other.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlaneRestartView {
    /// The id.
    #[schema(format = Uuid)]
    pub id: String,
    /// Why.
    pub reason: String,
    /// What became of it.
    pub standing: PlaneRestartWord,
    /// How long each data plane may take to come back, in seconds.
    pub step_seconds: i64,
    /// The data planes, in their order.
    pub steps: Vec<PlaneStepView>,
    /// Who asked.
    pub asked_by: ModePersonView,
    /// When.
    pub asked_at: Timestamp,
    /// Who cancelled it; absent where nobody has. While it runs, the one whose turn it is is still awaited.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cancelled_by: Option<ModePersonView>,
    /// When it ended; absent while it runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
    /// Grows with each change.
    pub version: i64,
}

impl PlaneRestartView {
    /// As it is shown.
    pub(super) fn of(shown: Shown) -> PlaneRestartView {
        let Shown { restart, people } = shown;
        let person = |id: Id| ModePersonView { id: id.to_string(), name: people.get(&id).cloned() };
        PlaneRestartView {
            id: restart.id.to_string(),
            reason: restart.reason,
            standing: match restart.standing {
                Standing::Running => PlaneRestartWord::Running,
                Standing::Done => PlaneRestartWord::Done,
                Standing::Failed => PlaneRestartWord::Failed,
                Standing::Cancelled => PlaneRestartWord::Cancelled,
            },
            step_seconds: restart.step_seconds,
            steps: restart.steps.into_iter().map(PlaneStepView::of).collect(),
            asked_by: person(restart.asked_by),
            asked_at: Timestamp(restart.asked_at),
            cancelled_by: restart.cancelled_by.map(person),
            ended_at: restart.ended_at.map(Timestamp),
            version: restart.version,
        }
    }
}

impl PlaneStepView {
    fn of(step: Step) -> PlaneStepView {
        PlaneStepView {
            plane: step.plane,
            name: step.name,
            standing: match step.standing {
                StepStanding::Waiting => PlaneStepWord::Waiting,
                StepStanding::Restarting => PlaneStepWord::Restarting,
                StepStanding::Back => PlaneStepWord::Back,
                StepStanding::Failed => PlaneStepWord::Failed,
                StepStanding::Skipped => PlaneStepWord::Skipped,
                StepStanding::Left => PlaneStepWord::Left,
            },
            why: step.why,
            version_before: step.version_before,
            version_after: step.version_after,
            began_at: step.began_at.map(Timestamp),
            ended_at: step.ended_at.map(Timestamp),
        }
    }
}
