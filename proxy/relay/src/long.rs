//! Who reads a text that is so long that a session's thread must not?
//!
//! One thread of its own, with a stack that no grammar exhausts: meanwhile the other sessions of the
//! session's thread go on. Few texts are held at once; whoever comes later waits for room.

use sql::{Analysis, Lexing};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

/// Longer texts are not read on a session's thread: about 0.2 ms of it.
pub(crate) const LONG: usize = 16 * 1024;

/// Long texts held at once, each up to `limits.statement_bytes`.
const HELD_MAX: usize = 8;

const STACK_BYTES: usize = 64 * 1024 * 1024;

/// A long text on its way.
#[derive(Debug)]
pub(crate) struct Reading(Mutex<State>);

#[derive(Debug)]
enum State {
    Waiting(Waker),
    Done(Arc<Analysis>),
}

impl Reading {
    /// Waits for the answer. Cancel safe.
    pub(crate) fn poll(&self, context: &mut Context<'_>) -> Poll<Arc<Analysis>> {
        match &mut *lock(&self.0) {
            State::Done(analysis) => Poll::Ready(Arc::clone(analysis)),
            State::Waiting(waker) => {
                waker.clone_from(context.waker());
                Poll::Pending
            }
        }
    }

    fn finish(&self, analysis: Analysis) {
        if let State::Waiting(waker) = std::mem::replace(&mut *lock(&self.0), State::Done(Arc::new(analysis)))
        {
            waker.wake();
        }
    }
}

struct Job {
    text: Box<[u8]>,
    lexing: Lexing,
    reading: Arc<Reading>,
}

/// Texts held, and who waits for room.
#[derive(Default)]
struct Room {
    held: usize,
    waiting: Vec<Waker>,
}

static ROOM: Mutex<Room> = Mutex::new(Room { held: 0, waiting: Vec::new() });

/// The thread, or nobody where the machine gave none.
static READER: LazyLock<Option<SyncSender<Job>>> = LazyLock::new(|| {
    let (sender, jobs) = sync_channel::<Job>(HELD_MAX);
    let read = move || {
        for job in jobs {
            // A fault in reading one text is no other's.
            let read = catch_unwind(AssertUnwindSafe(|| sql::analyse(&job.text, job.lexing)));
            job.reading.finish(read.unwrap_or_else(|_| sql::unread(job.lexing)));
            leave();
        }
    };
    let spawned = std::thread::Builder::new().name("long texts".into()).stack_size(STACK_BYTES).spawn(read);
    match spawned {
        Ok(_) => Some(sender),
        Err(error) => {
            tracing::error!(%error, "no thread for long texts: they are not judged");
            None
        }
    }
});

/// Hands a text to the thread. `None` when there is no room now: the context's task is woken when
/// there may be.
pub(crate) fn begin(text: &[u8], lexing: Lexing, context: &mut Context<'_>) -> Option<Arc<Reading>> {
    let mut room = lock(&ROOM);
    if room.held >= HELD_MAX {
        room.waiting.push(context.waker().clone());
        return None;
    }
    room.held += 1;
    drop(room);
    let reading = Arc::new(Reading(Mutex::new(State::Waiting(context.waker().clone()))));
    let job = Job { text: text.into(), lexing, reading: Arc::clone(&reading) };
    let sent = READER.as_ref().is_some_and(|reader| reader.send(job).is_ok());
    if !sent {
        *lock(&reading.0) = State::Done(Arc::new(sql::unread(lexing)));
        leave();
    }
    Some(reading)
}

fn leave() {
    let mut room = lock(&ROOM);
    room.held -= 1;
    for waker in room.waiting.drain(..) {
        waker.wake();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::Wake;
    use std::time::{Duration, Instant};

    #[derive(Default)]
    struct Count(AtomicUsize);

    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }

    #[test]
    fn many_long_texts_are_all_read_and_no_more_than_a_few_at_once() {
        let count = Arc::new(Count::default());
        let waker = Waker::from(Arc::clone(&count));
        let mut context = Context::from_waker(&waker);
        let text = format!("select {} from t", vec!["a"; LONG].join(","));
        let deadline = Instant::now() + Duration::from_secs(60);
        let (mut under_way, mut done, mut begun) = (Vec::new(), 0, 0);
        while done < 3 * HELD_MAX {
            assert!(Instant::now() < deadline, "the texts were not read in time");
            if begun < 3 * HELD_MAX
                && let Some(reading) = begin(text.as_bytes(), Lexing::default(), &mut context)
            {
                begun += 1;
                under_way.push(reading);
            }
            assert!(lock(&ROOM).held <= HELD_MAX);
            let poll = |reading: &Arc<Reading>| reading.poll(&mut Context::from_waker(&waker));
            under_way.retain(|reading| match poll(reading) {
                Poll::Pending => true,
                Poll::Ready(analysis) => {
                    assert_eq!(analysis.statements.len(), 1);
                    done += 1;
                    false
                }
            });
            std::thread::yield_now();
        }
        assert!(count.0.load(Ordering::SeqCst) >= 3 * HELD_MAX);
    }
}
