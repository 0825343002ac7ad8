//! How does a question get to a data plane, and its answer back? The plane takes it the next time it
//! listens, which a plane that is there does all the time.

use super::plane_away;
use crate::problem::{Code, Problem};
use control::{Answer, AnswerBody, Question, QuestionBody};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{Notify, oneshot};

/// A plane that is there takes a question within moments.
const TAKEN_WITHIN: Duration = Duration::from_secs(3);
/// How soon a plane listens again that was given something.
const MOMENT: Duration = Duration::from_secs(1);
/// Questions to one plane that may wait.
const WAITING_MAX: usize = 64;

type Reply = oneshot::Sender<Result<AnswerBody, control::QuestionFailure>>;

#[derive(Debug, Default)]
struct Desk {
    /// Calls of the plane that wait for something now.
    listening: usize,
    /// When the last of them ended.
    left: Option<Instant>,
    waiting: Vec<Question>,
    asked: HashMap<u64, Reply>,
    next: u64,
    news: Arc<Notify>,
}

/// Questions to all planes.
#[derive(Debug, Default)]
pub(super) struct Questions {
    desks: Mutex<HashMap<String, Desk>>,
}

/// A plane listens as long as this lives.
pub(super) struct Present<'q> {
    questions: &'q Questions,
    plane: String,
}

impl Drop for Present<'_> {
    fn drop(&mut self) {
        if let Some(desk) = self.questions.desks().get_mut(&self.plane) {
            desk.listening = desk.listening.saturating_sub(1);
            desk.left = Some(Instant::now());
        }
    }
}

impl Questions {
    fn desks(&self) -> MutexGuard<'_, HashMap<String, Desk>> {
        self.desks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that a plane listens.
    pub(super) fn present(&self, plane: &str) -> Present<'_> {
        self.desks().entry(plane.to_owned()).or_default().listening += 1;
        Present { questions: self, plane: plane.to_owned() }
    }

    /// Whether a plane listens, or has just been given something and will listen again within moments.
    pub(super) fn is_listening(&self, plane: &str) -> bool {
        let is_back_soon = |desk: &Desk| desk.left.is_some_and(|left| left.elapsed() < MOMENT);
        self.desks().get(plane).is_some_and(|desk| desk.listening > 0 || is_back_soon(desk))
    }

    /// Asks a plane and waits. One that has just come back with something listens again within moments,
    /// so that only the time tells whether it is away.
    pub(super) async fn ask(
        &self,
        plane: &str,
        body: QuestionBody,
        limit: Duration,
    ) -> Result<AnswerBody, Problem> {
        let (reply, mut answer) = oneshot::channel();
        let number = {
            let mut desks = self.desks();
            let desk = desks.get_mut(plane).ok_or_else(|| plane_away(plane))?;
            if desk.waiting.len() >= WAITING_MAX {
                return Err(plane_away(plane));
            }
            desk.next += 1;
            let number = desk.next;
            desk.waiting.push(Question { number, body });
            desk.asked.insert(number, reply);
            desk.news.notify_waiters();
            number
        };
        let mut answered = tokio::time::timeout(TAKEN_WITHIN.min(limit), &mut answer).await;
        if answered.is_err() && self.is_taken(plane, number) {
            answered = tokio::time::timeout(limit.saturating_sub(TAKEN_WITHIN), answer).await;
        }
        if let Some(desk) = self.desks().get_mut(plane) {
            desk.asked.remove(&number);
            desk.waiting.retain(|question| question.number != number);
        }
        match answered {
            Ok(Ok(Ok(found))) => Ok(found),
            Ok(Ok(Err(failure))) if failure.code == "bad_cursor" || failure.code == "bad_question" => {
                Err(Problem::new(Code::Invalid, failure.message))
            }
            Ok(Ok(Err(failure))) => Err(Problem::new(Code::Unavailable, failure.message)),
            Ok(Err(_)) | Err(_) => Err(plane_away(plane)),
        }
    }

    /// Whether a plane has taken a question.
    fn is_taken(&self, plane: &str, number: u64) -> bool {
        self.desks().get(plane).is_some_and(|desk| !desk.waiting.iter().any(|one| one.number == number))
    }

    /// Questions a plane takes now.
    pub(super) fn take(&self, plane: &str) -> Vec<Question> {
        self.desks().get_mut(plane).map(|desk| std::mem::take(&mut desk.waiting)).unwrap_or_default()
    }

    /// Waits for a question to a plane. Cancel safe.
    pub(super) async fn wait(&self, plane: &str) {
        let news = Arc::clone(&self.desks().entry(plane.to_owned()).or_default().news);
        let notified = news.notified();
        tokio::pin!(notified);
        // From here on no question is missed; those that came before are looked for once more.
        notified.as_mut().enable();
        if self.desks().get(plane).is_some_and(|desk| !desk.waiting.is_empty()) {
            return;
        }
        notified.await;
    }

    /// Hands an answer to whoever waits for it.
    pub(super) fn answer(&self, plane: &str, answer: Answer) {
        let reply = self.desks().get_mut(plane).and_then(|desk| desk.asked.remove(&answer.number));
        if let Some(reply) = reply {
            // Who asked may have gone.
            let _ = reply.send(answer.result);
        }
    }
}
