//! On which thread does a session live?
//!
//! One single-threaded runtime per thread, one thread for every two cores. A connection is accepted
//! elsewhere and handed to the thread with the fewest sessions; both its sockets live there to the
//! end, so no statement ever wakes another thread.

#[cfg(test)]
mod tests;

use crate::connection;
use crate::control::{self, Demand, Outcome};
use crate::journal::Journal;
use crate::listener::Listener;
use crate::look::{Gathering, PARTS_MAX, Part, Subject, show};
use crate::outbox;
use crate::scope::{Thread, Wall};
use crate::sight::Sight;
use crate::statistics::{Occupancy, Statistics};
use crate::sweep::{self, Sessions};
use std::cell::RefCell;
use std::io;
use std::net::{SocketAddr, TcpStream};
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::runtime::{Builder, LocalOptions, LocalRuntime};
use tokio::sync::mpsc;
use tokio::sync::oneshot;

/// Longest wait for what the threads show.
const LOOK_WAIT: Duration = Duration::from_secs(2);

/// Longest wait for what a thread does to a session; longer than a cancel takes.
const CONTROL_WAIT: Duration = Duration::from_secs(3);

/// Connections that may wait to be taken by a thread.
const ARRIVALS_MAX: usize = 1024;

#[derive(Debug)]
enum Order {
    Serve(Arrival, Load),
    /// Show what there is, in parts.
    Look(Subject, mpsc::Sender<Part>),
    /// Do what is wanted of a session, if it is one of this thread's.
    Control(Arc<Demand>, oneshot::Sender<Outcome>),
    /// End every session that is idle outside a transaction, now and from now on.
    Drain,
    /// End every session that is idle outside a transaction, now and from now on, or not any more; nothing else stops.
    EndIdle(bool),
    /// End every session.
    EndAll,
    /// End the thread.
    Stop,
}

/// A connection that was accepted.
#[derive(Debug)]
pub struct Arrival {
    /// The socket, non-blocking.
    pub socket: TcpStream,
    /// Who is at its other end.
    pub peer: SocketAddr,
    /// Where it was accepted.
    pub listener: Arc<Listener>,
}

#[derive(Debug)]
struct Worker {
    orders: mpsc::Sender<Order>,
    load: Arc<AtomicUsize>,
    occupancy: Arc<Occupancy>,
    join: Mutex<Option<JoinHandle<()>>>,
}

/// The relay threads.
#[derive(Debug)]
pub struct Threads {
    workers: Vec<Worker>,
    /// Held by who looks: the next one waits.
    looking: tokio::sync::Mutex<()>,
}

/// A session counted as load of its thread for as long as this lives.
#[derive(Debug)]
struct Load(Arc<AtomicUsize>);

impl Load {
    fn of(worker: &Worker) -> Load {
        worker.load.fetch_add(1, Ordering::Relaxed);
        Load(Arc::clone(&worker.load))
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Threads {
    /// Starts one thread per journal. Their statistics together occupy at most `statistics_bytes`; statements that
    /// servers do not have yet at most `held_bytes`, and one statement more for each thread.
    pub fn start(journals: Vec<Journal>, statistics_bytes: usize, held_bytes: usize) -> io::Result<Threads> {
        let statistics_bytes = statistics_bytes / journals.len().max(1);
        let held_bytes = held_bytes / journals.len().max(1);
        let mut workers = Vec::with_capacity(journals.len());
        for (index, journal) in journals.into_iter().enumerate() {
            let (orders, inbox) = mpsc::channel(ARRIVALS_MAX);
            let load = Arc::new(AtomicUsize::new(0));
            let statistics = Statistics::new(statistics_bytes);
            let occupancy = statistics.occupancy();
            // The runtime cannot leave the thread it was made on: the thread says whether it could.
            let (started, made) = std::sync::mpsc::sync_channel(1);
            let join = std::thread::Builder::new().name(format!("relay-{index}")).spawn(move || {
                let runtime = Builder::new_current_thread().enable_all().build_local(LocalOptions::default());
                match runtime {
                    Ok(runtime) if started.send(Ok(())).is_ok() => {
                        run(runtime, (index, journal, statistics), held_bytes, inbox);
                    }
                    Ok(_) => {}
                    Err(error) => drop(started.send(Err(error))),
                }
            })?;
            made.recv().unwrap_or_else(|_| Err(io::ErrorKind::BrokenPipe.into()))?;
            workers.push(Worker { orders, load, occupancy, join: Mutex::new(Some(join)) });
        }
        Ok(Threads { workers, looking: tokio::sync::Mutex::default() })
    }

    /// Gives a connection to the thread with the fewest that takes it. When every inbox is full it waits for room in
    /// that of the thread with the fewest: what is not accepted meanwhile waits in the system's queue, where it costs
    /// nothing here and its client is still served.
    pub async fn hand_over(&self, arrival: Arrival) {
        let mut workers: Vec<_> = self.workers.iter().collect();
        workers.sort_by_key(|worker| worker.load.load(Ordering::Relaxed));
        for worker in &workers {
            if let Ok(room) = worker.orders.try_reserve() {
                return room.send(Order::Serve(arrival, Load::of(worker)));
            }
        }
        if let Some(worker) = workers.first()
            && let Ok(room) = worker.orders.reserve().await
        {
            room.send(Order::Serve(arrival, Load::of(worker)));
        }
    }

    /// Connections that are open or being opened.
    pub fn sessions(&self) -> usize {
        self.workers.iter().map(|worker| worker.load.load(Ordering::Relaxed)).sum()
    }

    /// Ends sessions as they become idle, all that are left after `bound` or as soon as `hurry` is
    /// set, then the threads. Blocks. Their journals are dropped with them.
    pub fn stop(&self, bound: Duration, hurry: &AtomicBool) {
        self.order(|| Order::Drain);
        let end = Instant::now() + bound;
        while self.sessions() > 0 && Instant::now() < end && !hurry.load(Ordering::Relaxed) {
            std::thread::sleep(Duration::from_millis(10));
        }
        if self.sessions() > 0 {
            if !hurry.load(Ordering::Relaxed) {
                tracing::warn!(
                    sessions = self.sessions(),
                    "ending sessions that did not become idle in time"
                );
            }
            self.order(|| Order::EndAll);
            // A peer that takes its last bytes slowly has the farewell's own bound.
            let end = Instant::now() + Duration::from_secs(6);
            while self.sessions() > 0 && Instant::now() < end {
                std::thread::sleep(Duration::from_millis(10));
            }
        }
        self.order(|| Order::Stop);
        for Worker { join, .. } in &self.workers {
            let join = join.lock().unwrap_or_else(PoisonError::into_inner).take();
            if join.is_some_and(|join| join.join().is_err()) {
                tracing::error!("a relay thread had ended by a fault");
            }
        }
    }

    /// Ends sessions as they become idle outside a transaction, or leaves them alone again. The threads go on.
    pub async fn end_idle(&self, ends: bool) {
        for worker in &self.workers {
            if worker.orders.send(Order::EndIdle(ends)).await.is_err() {
                tracing::error!("a relay thread has ended");
            }
        }
    }

    /// What all threads show. A thread that has not answered within [`LOOK_WAIT`] is left out, and
    /// the answer says how many are.
    pub async fn look(&self) -> Sight {
        let _alone = self.looking.lock().await;
        self.look_at(Subject::Everything, LOOK_WAIT).await
    }

    /// The sessions of all threads, of those that answer within `wait`.
    pub async fn look_at_sessions(&self, wait: Duration) -> Sight {
        self.look_at(Subject::SessionsOnly, wait).await
    }

    async fn look_at(&self, subject: Subject, wait: Duration) -> Sight {
        let mut sight = Sight::default();
        let mut asked = Vec::with_capacity(self.workers.len());
        for worker in &self.workers {
            let (parts, answers) = mpsc::channel(PARTS_MAX);
            match worker.orders.try_send(Order::Look(subject, parts)) {
                Ok(()) => asked.push(answers),
                Err(_) => sight.incomplete += 1,
            }
        }
        let mut gathering = Gathering::new(sight);
        let end = tokio::time::Instant::now() + wait;
        for mut answers in asked {
            loop {
                match tokio::time::timeout_at(end, answers.recv()).await {
                    Ok(Some(Part::End)) => break,
                    Ok(Some(part)) => gathering.add(part),
                    Ok(None) | Err(_) => {
                        gathering.sight.incomplete += 1;
                        break;
                    }
                }
            }
        }
        gathering.sight
    }

    /// Does what is wanted of a session, on whichever thread it is.
    pub async fn control(&self, demand: Demand) -> Outcome {
        let demand = Arc::new(demand);
        let asked = self.workers.iter().filter_map(|worker| {
            let (reply, answer) = oneshot::channel();
            worker.orders.try_send(Order::Control(Arc::clone(&demand), reply)).ok().map(|()| answer)
        });
        for answer in asked.collect::<Vec<_>>() {
            // Only the thread that has the session takes longer than a moment: it waits for the server.
            match tokio::time::timeout(CONTROL_WAIT, answer).await {
                Ok(Ok(Outcome::NotHere)) | Ok(Err(_)) | Err(_) => {}
                Ok(Ok(outcome)) => return outcome,
            }
        }
        Outcome::NotHere
    }

    /// What the statistics of each thread occupy, read without asking it.
    pub fn occupancies(&self) -> impl Iterator<Item = &Occupancy> {
        self.workers.iter().map(|worker| &*worker.occupancy)
    }

    fn order(&self, order: impl Fn() -> Order) {
        for worker in &self.workers {
            if worker.orders.blocking_send(order()).is_err() {
                tracing::error!("a relay thread has ended");
            }
        }
    }
}

fn run(
    runtime: LocalRuntime,
    (index, journal, statistics): (usize, Journal, Statistics),
    held_bytes: usize,
    inbox: mpsc::Receiver<Order>,
) {
    let thread = Rc::new(Thread {
        index,
        journal: RefCell::new(journal),
        analyses: RefCell::default(),
        meanings: RefCell::default(),
        statistics: RefCell::new(statistics),
        sessions: Sessions::new(Instant::now(), held_bytes),
        wall: Wall::new(),
        stopping: tokio::sync::Notify::new(),
    });
    runtime.block_on(obey(thread, inbox));
    // Sessions that outlived the last order end here, with their records.
    drop(runtime);
}

/// Takes orders until nobody can give any.
async fn obey(thread: Rc<Thread>, mut inbox: mpsc::Receiver<Order>) {
    tokio::task::spawn_local(outbox::open());
    let mut ticks = tokio::time::interval(sweep::PERIOD);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = ticks.tick() => {
                thread.wall.set();
                thread.sessions.sweep(Instant::now());
                thread.statistics.borrow().tell();
            }
            order = inbox.recv() => match order {
                Some(Order::Serve(arrival, load)) => serve(&thread, arrival, load),
                Some(Order::Look(subject, parts)) => {
                    drop(tokio::task::spawn_local(show(Rc::clone(&thread), subject, parts)));
                }
                Some(Order::Control(demand, reply)) => control::obey(&thread, &demand, reply),
                Some(Order::Drain) => {
                    thread.sessions.drain();
                    thread.stopping.notify_waiters();
                }
                Some(Order::EndIdle(ends)) => thread.sessions.end_idle(ends),
                Some(Order::EndAll) => thread.sessions.end_all(),
                Some(Order::Stop) | None => return,
            },
        }
    }
}

fn serve(thread: &Rc<Thread>, arrival: Arrival, load: Load) {
    let Arrival { socket, peer, listener } = arrival;
    let socket = match tokio::net::TcpStream::from_std(socket) {
        Ok(socket) => socket,
        Err(error) => {
            tracing::warn!(%error, "an accepted connection could not be served");
            return;
        }
    };
    let thread = Rc::clone(thread);
    tokio::task::spawn_local(async move {
        let _load = load;
        connection::serve(socket, peer, listener, thread).await;
    });
}
