//! Who touched a table, and what did somebody touch, as far as the ledgers tell?
//!
//! Records are gone through newest first, part by part, and only sums are kept ([`super::tally`]). It is told
//! how far that is while it goes on, and at the end how far it came. That it was asked for is written down before
//! anything is told.

use super::readers::{Handed, reader};
use super::tally::Tally;
use super::{Asked, Missing, ask, conditions, status, write_down};
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::{PAGE_ROWS_MAX, principals, users};
use control::LedgerQuery;
use exchange::Event;
use futures_util::{Stream, stream};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio::time::{Instant, timeout_at};

/// Most records of one report.
pub const RECORDS_MAX: u64 = 100_000;
/// Longest one report takes; what is older is left out, and it says so.
const REPORT_MAX: Duration = Duration::from_secs(60);
/// How much longer its reader may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// Links of names on the wire that are looked through.
const LINKS_MAX: usize = 2_000;

/// The events that statements leave.
const EVENTS: [Event; 4] =
    [Event::StatementIntent, Event::StatementOutcome, Event::StatementRefused, Event::StatementHeld];

/// What comes while a report is made.
#[derive(Debug)]
pub enum Line {
    /// How far it is.
    Progress(Progress),
    /// It.
    Report(Box<Report>),
}

/// How far a report is.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    /// Records that were counted.
    pub records: u64,
    /// Records that were read for it.
    pub records_read: u64,
    /// Everything newer was looked at.
    pub reached: Option<i64>,
    /// Which part of the time was looked at, in thousandths; `None` where nobody knows where the ledgers begin.
    pub thousandths: Option<u64>,
}

/// Why a report does not go back to the beginning of the time that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// There were more records than one report has.
    Records,
    /// It would have taken too long.
    Time,
}

/// Where the records are, as their data planes say.
#[derive(Clone, Copy, Debug, Default)]
pub struct Extent {
    /// Segments there are.
    pub segments: u64,
    /// Those of them that are compressed: no search reads them.
    pub segments_unsearched: u64,
    /// The moment of the oldest record that can be read.
    pub oldest: Option<i64>,
}

/// What was found.
#[derive(Debug)]
pub struct Report {
    /// The sums.
    pub tally: Tally,
    /// How far it came.
    pub progress: Progress,
    /// Why it came no further.
    pub cut: Option<Cut>,
    /// Where the records are.
    pub extent: Extent,
    /// Data planes whose records are missing.
    pub incomplete: Vec<Missing>,
    /// What people call database users here, where somebody has linked them.
    pub known_as: BTreeMap<String, Vec<String>>,
}

/// Begins a report. What is wrong with the question is told here, before anything was sent.
pub async fn report(
    operation: &Operation,
    mut asked: Asked,
) -> Result<impl Stream<Item = Result<Line, Problem>> + Send + 'static, Problem> {
    asked.query.events = EVENTS.iter().map(|event| event.as_str().to_owned()).collect();
    asked.limit = LedgerQuery::RECORDS_MAX;
    let place = operation.app.fleet.copies.report().await?;
    let mut details = conditions(&asked);
    // Always the same.
    details.remove("events");
    asked.query.reader = Some(reader(operation, &details, Handed::Shown("report")).await?);
    let extent = extent(operation).await?;
    let known_as = known_as(operation).await?;
    write_down(operation, details).await?;
    let making = Making {
        operation: operation.clone(),
        tally: Tally::new(asked.query.table.clone()),
        asked,
        extent,
        known_as,
        read: 0,
        incomplete: Vec::new(),
    };
    let until = Instant::now() + REPORT_MAX;
    let (lines, taken) = mpsc::channel(1);
    tokio::spawn(make(making, until, lines, place));
    Ok(stream::unfold(taken, async |mut taken| taken.recv().await.map(|line| (line, taken))))
}

/// Where the records of the workspace's planes are, together.
async fn extent(operation: &Operation) -> Result<Extent, Problem> {
    let mut extent = Extent::default();
    for (_, _, status) in status::status(operation).await?.planes {
        extent.segments += status.segments;
        extent.segments_unsearched += status.segments_unsearched;
        extent.oldest = match (extent.oldest, status.oldest_us) {
            (Some(known), Some(oldest)) => Some(known.min(oldest)),
            (known, oldest) => known.or(oldest),
        };
    }
    Ok(extent)
}

/// What the links of names on the wire say of each database user.
async fn known_as(operation: &Operation) -> Result<BTreeMap<String, Vec<String>>, Problem> {
    let workspace = operation.entered()?.workspace.id;
    let (mut known, mut after, mut seen) = (BTreeMap::<String, Vec<String>>::new(), None, 0);
    let mut tx = operation.read().await?;
    loop {
        let page = principals::list(&mut tx, workspace, after, PAGE_ROWS_MAX).await?;
        seen += page.items.len();
        for link in page.items {
            let mut name = link.meaning.label;
            if let (true, Some(user)) = (name.is_empty(), link.meaning.user) {
                name = users::by_id(&mut tx, user).await?.name;
            }
            let names = known.entry(link.wire.database_user).or_default();
            if !name.is_empty() && !names.contains(&name) {
                names.push(name);
            }
        }
        after = page.next;
        if after.is_none() || seen >= LINKS_MAX {
            break;
        }
    }
    tx.commit().await?;
    Ok(known)
}

struct Making {
    operation: Operation,
    asked: Asked,
    tally: Tally,
    extent: Extent,
    known_as: BTreeMap<String, Vec<String>>,
    read: u64,
    incomplete: Vec<Missing>,
}

/// Makes it, unless whoever asked has left. It ends in time whether or not somebody takes what is told.
async fn make(
    making: Making,
    until: Instant,
    lines: mpsc::Sender<Result<Line, Problem>>,
    place: OwnedSemaphorePermit,
) {
    let all = async {
        let last = making.run(until, &lines).await;
        if let Some(last) = last.transpose() {
            // Whoever has left wants none.
            let _ = lines.send(last).await;
        }
    };
    let _ = timeout_at(until + PATIENCE, all).await;
    drop(place);
}

impl Making {
    /// `None` when nobody wants it any more.
    async fn run(
        mut self,
        until: Instant,
        lines: &mpsc::Sender<Result<Line, Problem>>,
    ) -> Result<Option<Line>, Problem> {
        loop {
            let answer = ask(&self.operation, self.asked.clone()).await?;
            self.asked.query.reader = None;
            self.read += answer.records_read;
            answer.found.iter().for_each(|found| self.tally.add(found));
            for missing in answer.incomplete {
                if !self.incomplete.iter().any(|known| known.plane == missing.plane) {
                    self.incomplete.push(missing);
                }
            }
            self.asked.after = answer.next;
            let cut = match answer.next {
                None => None,
                Some(_) if self.tally.records >= RECORDS_MAX => Some(Cut::Records),
                Some(_) if Instant::now() >= until => Some(Cut::Time),
                Some(_) => {
                    if lines.send(Ok(Line::Progress(self.progress()))).await.is_err() {
                        return Ok(None);
                    }
                    continue;
                }
            };
            let progress = self.progress();
            let Making { tally, extent, incomplete, known_as, .. } = self;
            let report = Report { tally, progress, cut, extent, incomplete, known_as };
            return Ok(Some(Line::Report(Box::new(report))));
        }
    }

    fn progress(&self) -> Progress {
        let reached = self.asked.after.map(|place| place.at);
        let query = &self.asked.query;
        let begin = match (query.from_us, self.extent.oldest) {
            (Some(from), Some(oldest)) => Some(from.max(oldest)),
            (from, oldest) => from.or(oldest),
        };
        let until = query.until_us.unwrap_or_else(admin_store::now_us).min(admin_store::now_us());
        let thousandths = match (begin, reached) {
            (_, None) => Some(1_000),
            (Some(begin), Some(reached)) => thousandths(begin, reached, until),
            (None, Some(_)) => None,
        };
        Progress { records: self.tally.records, records_read: self.read, reached, thousandths }
    }
}

/// How much of the time from `begin` to `until` lies behind `reached`, which moves towards `begin`.
fn thousandths(begin: i64, reached: i64, until: i64) -> Option<u64> {
    let whole = until.checked_sub(begin).filter(|whole| *whole > 0)?;
    let done = until.saturating_sub(reached).clamp(0, whole);
    let share = i128::from(done) * 1_000 / i128::from(whole);
    u64::try_from(share).ok()
}

#[cfg(test)]
mod tests {
    use super::thousandths;

    #[test]
    fn how_far_it_is_goes_from_nothing_to_all() {
        for (reached, expected) in [(300, 0), (200, 0), (150, 500), (100, 1_000), (50, 1_000)] {
            assert_eq!(thousandths(100, reached, 200), Some(expected), "{reached}");
        }
        assert_eq!(thousandths(100, 100, 100), None);
    }
}
