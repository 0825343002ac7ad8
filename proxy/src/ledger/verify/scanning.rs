//! How are segments read with all cores, and handed on in their order?

use super::VerifyError;
use super::files::Segment;
use super::scan::{Question, Scanned, scan};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::time::Duration;

/// Most threads that read: more would wait for the disk.
const THREADS_MAX: usize = 8;
/// Segments of one go for each thread. What came out of a go waits in memory until all of it is there.
const SEGMENTS_EACH: usize = 2;
/// How often progress is told.
const TELL_EVERY: Duration = Duration::from_millis(200);

/// Hands what came out of each segment to `take`, in the order of segments. No segment is begun once it is stopped.
pub(super) fn scan_all(
    segments: &[Segment],
    question: &Question,
    (is_stopped, progress): (&(dyn Fn() -> bool + Sync), &mut dyn FnMut(u64, u64)),
    take: &mut dyn FnMut(&Segment, Scanned) -> Result<(), VerifyError>,
) -> Result<(), VerifyError> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(THREADS_MAX);
    let total = segments.iter().map(|segment| segment.bytes).sum();
    let done = AtomicU64::new(0);
    for go in segments.chunks(threads * SEGMENTS_EACH) {
        if is_stopped() {
            return Err(VerifyError::Stopped);
        }
        let tell = &mut |done| progress(done, total);
        let all = scan_go(go, threads, question, &done, (is_stopped, tell))?;
        for (segment, scanned) in go.iter().zip(all) {
            take(segment, scanned)?;
        }
    }
    progress(total, total);
    Ok(())
}

fn scan_go(
    go: &[Segment],
    threads: usize,
    question: &Question,
    done: &AtomicU64,
    (is_stopped, progress): (&(dyn Fn() -> bool + Sync), &mut dyn FnMut(u64)),
) -> Result<Vec<Scanned>, VerifyError> {
    let next = AtomicUsize::new(0);
    let (sender, receiver) = sync_channel(go.len());
    let mut results: Vec<Option<Scanned>> = Vec::new();
    results.resize_with(go.len(), || None);
    std::thread::scope(|scope| {
        for _ in 0..threads.min(go.len()) {
            let (sender, next) = (sender.clone(), &next);
            let read = move || {
                while let Some((at, segment)) = {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    go.get(at).map(|segment| (at, segment))
                } {
                    let count = |bytes| _ = done.fetch_add(bytes, Ordering::Relaxed);
                    if is_stopped() {
                        let _ = sender.send((at, Err(VerifyError::Stopped)));
                        return;
                    }
                    let scanned = scan(segment, question, count)
                        .map_err(|source| VerifyError::read(&segment.path, source));
                    if sender.send((at, scanned)).is_err() {
                        return;
                    }
                }
            };
            std::thread::Builder::new()
                .name("verify".to_owned())
                .spawn_scoped(scope, read)
                .map_err(|_| VerifyError::Thread)?;
        }
        drop(sender);
        loop {
            match receiver.recv_timeout(TELL_EVERY) {
                Ok((at, scanned)) => {
                    if let Some(place) = results.get_mut(at) {
                        *place = Some(scanned?);
                    }
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            progress(done.load(Ordering::Relaxed));
        }
        results.into_iter().collect::<Option<Vec<_>>>().ok_or(VerifyError::Thread)
    })
}
