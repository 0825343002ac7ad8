//! On which thread does a session live?
//!
//! One single-threaded runtime per core. A connection is accepted elsewhere and handed to the
//! thread with the fewest sessions; both its sockets live there to the end, so no statement ever
//! wakes another thread.

#[cfg(test)]
mod tests;

use crate::connection;
use crate::journal::Journal;
use crate::listener::Listener;
use crate::scope::Thread;
use crate::sweep::{self, Sessions};
use std::cell::RefCell;
use std::io;
use std::net::{SocketAddr, TcpStream};
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::sync::mpsc::{self, error::TrySendError};
use tokio::task::LocalSet;

/// Connections that may wait to be taken by a thread.
const ARRIVALS_MAX: usize = 1024;

#[derive(Debug)]
enum Order {
    Serve(Arrival),
    /// End every session that is idle outside a transaction, now and from now on.
    Drain,
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
    join: Mutex<Option<JoinHandle<()>>>,
}

/// The relay threads.
#[derive(Debug)]
pub struct Threads {
    workers: Vec<Worker>,
}

/// A session counted as load of its thread for as long as this lives.
struct Load(Arc<AtomicUsize>);

impl Drop for Load {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Threads {
    /// Starts one thread per journal.
    pub fn start(journals: Vec<Journal>) -> io::Result<Threads> {
        let mut workers = Vec::with_capacity(journals.len());
        for (index, journal) in journals.into_iter().enumerate() {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            let (orders, inbox) = mpsc::channel(ARRIVALS_MAX);
            let load = Arc::new(AtomicUsize::new(0));
            let shared = Arc::clone(&load);
            let join = std::thread::Builder::new()
                .name(format!("relay-{index}"))
                .spawn(move || run(&runtime, index, journal, inbox, &shared))?;
            workers.push(Worker { orders, load, join: Mutex::new(Some(join)) });
        }
        Ok(Threads { workers })
    }

    /// Gives a connection to the thread with the fewest that takes it. When every inbox is full the
    /// connection is closed: the machine is far behind, and waiting would only hide it.
    pub fn hand_over(&self, arrival: Arrival) {
        let mut workers: Vec<_> = self.workers.iter().collect();
        workers.sort_by_key(|worker| worker.load.load(Ordering::Relaxed));
        let mut order = Order::Serve(arrival);
        for worker in workers {
            worker.load.fetch_add(1, Ordering::Relaxed);
            order = match worker.orders.try_send(order) {
                Ok(()) => return,
                Err(TrySendError::Full(order) | TrySendError::Closed(order)) => order,
            };
            worker.load.fetch_sub(1, Ordering::Relaxed);
        }
        tracing::warn!("a connection was closed at once: too many are arriving");
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

    fn order(&self, order: impl Fn() -> Order) {
        for worker in &self.workers {
            if worker.orders.blocking_send(order()).is_err() {
                tracing::error!("a relay thread has ended");
            }
        }
    }
}

fn run(
    runtime: &tokio::runtime::Runtime,
    index: usize,
    journal: Journal,
    inbox: mpsc::Receiver<Order>,
    load: &Arc<AtomicUsize>,
) {
    let local = LocalSet::new();
    let thread = Rc::new(Thread {
        index,
        journal: RefCell::new(journal),
        analyses: RefCell::default(),
        sessions: Sessions::new(Instant::now()),
        stopping: tokio::sync::Notify::new(),
    });
    local.block_on(runtime, obey(thread, inbox, load));
    // Sessions that outlived the last order end here, with their records.
    drop(local);
}

/// Takes orders until nobody can give any.
async fn obey(thread: Rc<Thread>, mut inbox: mpsc::Receiver<Order>, load: &Arc<AtomicUsize>) {
    let mut ticks = tokio::time::interval(sweep::PERIOD);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = ticks.tick() => thread.sessions.sweep(Instant::now()),
            order = inbox.recv() => match order {
                Some(Order::Serve(arrival)) => serve(&thread, arrival, Load(Arc::clone(load))),
                Some(Order::Drain) => {
                    thread.sessions.drain();
                    thread.stopping.notify_waiters();
                }
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
