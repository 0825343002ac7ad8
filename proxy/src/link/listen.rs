//! What does the control plane want, and what becomes of it?

use super::patience::Patience;
use super::{Ends, now_us};
use control::{Answer, Carrier, CarrierError, Directions, Listening, PlaneState, Question};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Longest wait for what is new: the control plane says after half of it that there is nothing.
const LISTEN_MAX: Duration = Duration::from_secs(60);
/// How soon after a wait that brought nothing the next one begins, at the least.
const EMPTY_PAUSE: Duration = Duration::from_secs(1);
/// How often it is looked whether the data plane is still as it was told.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// How often an answer is sent before it is given up: whoever asked has gone by then.
const ANSWER_TRIES: u32 = 3;

/// Listens at a node of the control plane until the link is stopped.
pub(super) async fn run(ends: Arc<Ends>, node: Arc<dyn Carrier>) {
    let mut patience = Patience::new("listening");
    while !ends.is_stopped() {
        let state = ends.state();
        let seen = ends.sources.in_force.seen();
        let listening = Listening { version: control::VERSION, state: state.clone(), snapshot: seen };
        let since = Instant::now();
        let heard = tokio::select! {
            heard = tokio::time::timeout(LISTEN_MAX, node.listen(listening)) => heard,
            () = changed(&ends, &state, seen) => continue,
            () = ends.stopped() => return,
        };
        let late = |_| Err(CarrierError::Away("it did not answer in time".to_owned()));
        let pause = match heard.unwrap_or_else(late) {
            Ok(directions) => {
                patience.reward();
                let nothing = directions.snapshot.is_none() && directions.questions.is_empty();
                take(&ends, &node, directions);
                if nothing { EMPTY_PAUSE.saturating_sub(since.elapsed()) } else { Duration::ZERO }
            }
            Err(error) => patience.try_on(&error),
        };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = ends.stopped() => return,
        }
    }
}

/// Waits until the data plane is not as it was told any more. Cancel safe.
async fn changed(ends: &Ends, told: &PlaneState, seen: u64) {
    let lasting = |mut state: PlaneState| {
        // Sessions come and go all the time: their number is told with the next wait.
        state.listeners.iter_mut().for_each(|listener| listener.sessions = 0);
        state.memory_bytes = None;
        state
    };
    let told = lasting(told.clone());
    let mut drain = ends.sources.drain.changes();
    loop {
        tokio::select! {
            () = tokio::time::sleep(LOOK_EVERY) => {}
            _ = drain.changed() => {}
        }
        if lasting(ends.state()) != told || ends.sources.in_force.seen() != seen {
            return;
        }
    }
}

fn take(ends: &Arc<Ends>, node: &Arc<dyn Carrier>, directions: Directions) {
    if let Some(snapshot) = directions.snapshot {
        ends.acknowledge(ends.sources.in_force.publish(snapshot));
    }
    for question in directions.questions {
        tokio::spawn(answer(Arc::clone(ends), Arc::clone(node), question));
    }
}

/// Answers one question, to the node that asked.
async fn answer(ends: Arc<Ends>, node: Arc<dyn Carrier>, question: Question) {
    let Question { number, body } = question;
    let result = ends.sources.answers.answer(body).await;
    let mut patience = Patience::new("answering");
    for _ in 0..ANSWER_TRIES {
        let answer = Answer { number, result: result.clone() };
        match tokio::time::timeout(LISTEN_MAX, node.answer(&ends.oneself.plane, answer)).await {
            Ok(Ok(())) => return,
            // Nobody waits for it any more.
            Ok(Err(CarrierError::Refused(why))) => {
                tracing::debug!(number, why, at_us = now_us(), "an answer was not wanted");
                return;
            }
            Ok(Err(error @ CarrierError::Away(_))) => tokio::time::sleep(patience.try_on(&error)).await,
            Err(_) => {}
        }
    }
}
