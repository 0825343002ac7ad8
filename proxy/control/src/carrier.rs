//! What must somebody do who carries these words?

use crate::question::{Answer, Question};
use crate::report::{PlaneState, Report};
use crate::snapshot::Snapshot;
use serde::{Deserialize, Serialize};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

/// What comes back from the other plane, later.
pub type Carried<'a, T> = Pin<Box<dyn Future<Output = Result<T, CarrierError>> + Send + 'a>>;

/// The control plane, as a data plane sees it. Each call may take as long as it likes and may fail; the
/// data plane tries again and serves meanwhile.
pub trait Carrier: Send + Sync + std::fmt::Debug {
    /// Waits until there is something new for the plane: a snapshot later than the one it has, or
    /// questions. Comes back empty-handed after a while (at most 30 s). Cancel safe.
    fn listen(&self, listening: Listening) -> Carried<'_, Directions>;
    /// Takes a report; one that was taken before is not counted again.
    fn report(&self, report: Report) -> Carried<'_, ()>;
    /// Takes the answer to a question.
    fn answer(&self, plane: &str, answer: Answer) -> Carried<'_, ()>;
    /// Has a cancel brought to the session it is meant for, behind whichever data plane that is; done when they
    /// all have looked. Whether there is such a session nobody is told.
    fn cancel(&self, _: CancelElsewhere) -> Carried<'_, ()> {
        Box::pin(async { Err(CarrierError::Refused("cancels are not carried this way".to_owned())) })
    }
}

/// A client sent a cancel, and no session of the data plane has this id and key.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CancelElsewhere {
    /// The data plane it came to.
    pub plane: String,
    /// The listener it came to: the session's has the same name, and belongs to the same workspace.
    pub listener: String,
    /// The process id that the session was given.
    pub process: u32,
    /// The key that was given with it.
    pub key: Vec<u8>,
}

impl std::fmt::Debug for CancelElsewhere {
    /// The key is a secret.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut shown = formatter.debug_struct("CancelElsewhere");
        shown.field("plane", &self.plane).field("listener", &self.listener).finish_non_exhaustive()
    }
}

/// A data plane listens.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Listening {
    /// [`crate::VERSION`].
    pub version: u32,
    /// How it is.
    pub state: PlaneState,
    /// The version of the snapshot it looked at last, whether it took it or not; 0 for none.
    pub snapshot: u64,
}

/// What is new.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Directions {
    /// A snapshot later than the plane's.
    pub snapshot: Option<Arc<Snapshot>>,
    /// Questions nobody has taken yet.
    pub questions: Vec<Question>,
}

/// Why something could not be carried.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CarrierError {
    /// The other plane cannot be reached; trying again may help.
    #[error("the control plane cannot be reached: {0}")]
    Away(String),
    /// The other plane does not want it; trying the same again does not help.
    #[error("the control plane refused: {0}")]
    Refused(String),
}

/// The answer to a question and whose it is, for a carrier that has no other place for that.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlaneAnswer {
    /// The data plane.
    pub plane: String,
    /// Its answer.
    pub answer: Answer,
}

/// Over HTTP, below the control plane's address: [`Listening`] is posted here, [`Directions`] come back.
pub const LISTEN_PATH: &str = "/api/v1/link/listen";
/// [`Report`] is posted here.
pub const REPORT_PATH: &str = "/api/v1/link/report";
/// [`PlaneAnswer`] is posted here.
pub const ANSWER_PATH: &str = "/api/v1/link/answer";
/// [`CancelElsewhere`] is posted here.
pub const CANCEL_PATH: &str = "/api/v1/link/cancel";

/// Longest body of any of these, either way, in bytes.
pub const BODY_BYTES_MAX: usize = 32 * 1024 * 1024;
