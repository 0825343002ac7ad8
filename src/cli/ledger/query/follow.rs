//! How are records shown as they come?

use super::super::asking::{Asking, Failed};
use super::super::conditions::Asked;
use super::{Shown, newest};
use proxy::ledger::follow::{Follower, is_read};
use proxy::ledger::reading::Sieve;
use std::collections::HashSet;
use std::io::{self, Write as _};
use std::ops::ControlFlow;
use std::time::Duration;

/// How often the files are looked at.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// Shows the newest records, and then all that come until somebody ends it.
/// `follower` began before the question was written down: whoever saw that line is shown what comes after it.
pub(super) fn follow(
    mut follower: Follower,
    asking: &Asking,
    asked: &Asked,
    limit: usize,
    shown: &mut Shown,
) -> Result<(), Failed> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    // The place was taken before what lies before it is looked for: what comes meanwhile may be in both.
    let mut before = HashSet::new();
    for one in newest(asking, asked, limit)? {
        before.insert(one.id);
        shown.show(&one.line, &one.record)?;
    }
    shown.out.flush()?;
    let mut sieve = Sieve::of(&asked.query, asked.scope)?;
    runtime.block_on(async {
        loop {
            let looked = follower.look(&mut |line| {
                if let Some(line) = sieve.take(line)
                    && !asking.is_own(line.at_us, || line.record())
                    && line.id().is_none_or(|id| !before.contains(&id))
                {
                    shown.show(line.bytes, line.record())?;
                }
                Ok(ControlFlow::Continue(()))
            });
            looked.and_then(|_| shown.out.flush())?;
            tokio::select! {
                _ = tokio::signal::ctrl_c() => return Ok(()),
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
            // While nothing comes nothing is written, by which a closed pipe would be noticed.
            if !is_read(io::stdout()) {
                return Ok(());
            }
        }
    })
}
