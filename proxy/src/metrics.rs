//! What is counted, in the form Prometheus reads?
//!
//! Counters live where they are counted, one per thread and listener; a scrape adds them up and
//! touches nothing the data path waits for. Labels are few and bounded: never SQL, users, or
//! addresses.

mod stream;

use crate::drain::Drain;
use crate::handover::predecessor::Former;
use crate::ledger::LedgerStats;
use crate::ledger::copies::{Copies, CopyStatus};
use crate::ledger::wholeness::Care;
use crate::link::StreamStats;
use crate::status::is_reachable;
use ::control::DrainState;
use exchange::{Class, VerdictWord};
use prometheus::proto::{Bucket, Counter, Gauge, Histogram, LabelPair, Metric, MetricFamily, MetricType};
use prometheus::{Encoder, TextEncoder};
use relay::counters::{
    EXCHANGE_BUCKETS_US, JUDGE_BUCKETS_NS, LoginFailure, REFUSALS, ThreadCounters, VERDICTS,
};
use relay::settings::Side;
use relay::statistics::Occupancy;
use relay::{Limit, Listener, Threads};
use std::collections::BTreeSet;
use std::sync::Arc;

const VERDICT_WORDS: [VerdictWord; VERDICTS] =
    [VerdictWord::Allow, VerdictWord::Refuse, VerdictWord::Unjudged, VerdictWord::Hold];

/// Where the figures that are no listener's come from.
#[derive(Debug)]
pub(crate) struct Metrics {
    pub(crate) ledger: Arc<LedgerStats>,
    pub(crate) care: Arc<Care>,
    pub(crate) copies: Copies,
    pub(crate) threads: Arc<Threads>,
    /// The process before this one, as long as it has sessions.
    pub(crate) former: Option<Arc<Former>>,
    /// How the stream of reports is doing, where there is one.
    pub(crate) stream: Option<Arc<StreamStats>>,
    /// `None` where nothing can have it take no more sessions.
    pub(crate) drain: Option<Arc<Drain>>,
}

type Labels<'a> = &'a [(&'a str, &'a str)];

fn metric(labels: Labels<'_>) -> Metric {
    let pair = |(name, value): &(&str, &str)| {
        let mut pair = LabelPair::default();
        pair.set_name((*name).to_owned());
        pair.set_value((*value).to_owned());
        pair
    };
    let mut metric = Metric::default();
    metric.set_label(labels.iter().map(pair).collect());
    metric
}

#[allow(clippy::cast_precision_loss)]
fn counter(labels: Labels<'_>, value: u64) -> Metric {
    let mut inner = Counter::default();
    inner.set_value(value as f64);
    let mut metric = metric(labels);
    metric.set_counter(inner);
    metric
}

#[allow(clippy::cast_precision_loss)]
fn gauge(labels: Labels<'_>, value: u64) -> Metric {
    measure(labels, value as f64)
}

/// A gauge of what may also be below nothing.
fn measure(labels: Labels<'_>, value: f64) -> Metric {
    let mut inner = Gauge::default();
    inner.set_value(value);
    let mut metric = metric(labels);
    metric.set_gauge(inner);
    metric
}

/// `per_second` of the bounds' unit make a second.
#[allow(clippy::cast_precision_loss)]
fn histogram<const BOUNDS: usize>(
    labels: Labels<'_>,
    bounds: &[u64; BOUNDS],
    summed: &Summed<BOUNDS>,
    per_second: f64,
) -> Metric {
    let mut cumulated = 0;
    let mut buckets = Vec::with_capacity(BOUNDS);
    for (bound, count) in bounds.iter().zip(summed.counts) {
        cumulated += count;
        let mut bucket = Bucket::default();
        bucket.set_upper_bound(*bound as f64 / per_second);
        bucket.set_cumulative_count(cumulated);
        buckets.push(bucket);
    }
    let mut inner = Histogram::default();
    inner.set_sample_count(cumulated + summed.above);
    inner.set_sample_sum(summed.sum as f64 / per_second);
    inner.set_bucket(buckets);
    let mut metric = metric(labels);
    metric.set_histogram(inner);
    metric
}

/// A histogram added up over threads.
struct Summed<const BOUNDS: usize> {
    counts: [u64; BOUNDS],
    above: u64,
    sum: u64,
}

impl<const BOUNDS: usize> Summed<BOUNDS> {
    fn of<'a>(parts: impl Iterator<Item = &'a relay::counters::Histogram<BOUNDS>>) -> Summed<BOUNDS> {
        let mut summed = Summed { counts: [0; BOUNDS], above: 0, sum: 0 };
        for part in parts {
            let (counts, above) = part.counts();
            for (sum, count) in summed.counts.iter_mut().zip(counts) {
                *sum += count;
            }
            summed.above += above;
            summed.sum += part.sum();
        }
        summed
    }

    fn count(&self) -> u64 {
        self.counts.iter().sum::<u64>() + self.above
    }
}

fn family(name: &str, help: &str, kind: MetricType, metrics: Vec<Metric>) -> MetricFamily {
    let mut family = MetricFamily::default();
    family.set_name(format!("dragoman_{name}"));
    family.set_help(help.to_owned());
    family.set_field_type(kind);
    family.set_metric(metrics);
    family
}

fn sum(listener: &Listener, read: impl Fn(&ThreadCounters) -> u64) -> u64 {
    listener.counters.iter().map(read).sum()
}

impl Metrics {
    /// Everything, in Prometheus' text format 0.0.4.
    pub(crate) fn text(
        &self,
        listeners: &[Arc<Listener>],
        changed_modes: &BTreeSet<Arc<str>>,
    ) -> Result<String, prometheus::Error> {
        let mut families = self.of_gateway();
        families.extend(self.of_evidence());
        families.extend(self.of_copies());
        families.extend(self.of_stream());
        families.extend(self.of_statistics());
        families.extend(of_listeners(listeners));
        families.push(modes_changed(listeners, changed_modes));
        let mut text = Vec::new();
        // The encoder takes no family without metrics.
        families.retain(|family| !family.get_metric().is_empty());
        TextEncoder::new().encode(&families, &mut text)?;
        Ok(String::from_utf8_lossy(&text).into_owned())
    }

    /// What the statistics of fingerprints occupy; the figures in them are no metrics.
    fn of_statistics(&self) -> Vec<MetricFamily> {
        let sum = |read: fn(&Occupancy) -> u64| self.threads.occupancies().map(read).sum::<u64>();
        vec![
            family(
                "statistics_bytes",
                "Bytes the statistics of fingerprints occupy.",
                MetricType::GAUGE,
                vec![gauge(&[], sum(Occupancy::bytes))],
            ),
            family(
                "statistics_entries",
                "Fingerprints that statistics are kept of, by relay thread and listener.",
                MetricType::GAUGE,
                vec![gauge(&[], sum(Occupancy::entries))],
            ),
            family(
                "statistics_evictions_total",
                "Fingerprints whose statistics had to make room for others.",
                MetricType::COUNTER,
                vec![counter(&[], sum(Occupancy::evicted))],
            ),
        ]
    }

    /// What is signed of the ledger, what is removed of it, and whether it was found whole.
    fn of_evidence(&self) -> Vec<MetricFamily> {
        let alone = |value| vec![gauge(&[], value)];
        vec![
            family(
                "ledger_checkpoints_total",
                "Checkpoints that were signed.",
                MetricType::COUNTER,
                vec![counter(&[], self.ledger.checkpoints())],
            ),
            family(
                "ledger_broken",
                "1 when the gateway's last check of its whole ledger found something changed or missing.",
                MetricType::GAUGE,
                alone(u64::from(self.care.is_broken())),
            ),
            family(
                "ledger_removed_records_total",
                "Records that were removed because they were old.",
                MetricType::COUNTER,
                vec![counter(&[], self.care.removed())],
            ),
            family(
                "ledger_removal_held_up",
                "1 when it is time to remove old records and something is in the way.",
                MetricType::GAUGE,
                alone(u64::from(self.care.is_held_up())),
            ),
        ]
    }

    /// How the ledger's copies elsewhere are doing, by their names in the settings.
    fn of_copies(&self) -> Vec<MetricFamily> {
        let copies = self.copies.statuses();
        let each = |make: &dyn Fn(Labels<'_>, &CopyStatus) -> Metric| {
            copies.iter().map(|copy| make(&[("copy", &copy.name)], copy)).collect()
        };
        vec![
            family(
                "ledger_copy_lag_seconds",
                "Age of the oldest record or checkpoint that a copy's place has not taken; 0 when it has all.",
                MetricType::GAUGE,
                each(&|labels, copy| gauge(labels, copy.lag_seconds)),
            ),
            family(
                "ledger_copy_failures_total",
                "How often something could not be brought to a copy's place.",
                MetricType::COUNTER,
                each(&|labels, copy| counter(labels, copy.failures)),
            ),
        ]
    }

    /// How far it is with taking no more sessions; `None` where it takes them.
    pub(crate) fn drained(&self) -> Option<DrainState> {
        self.drain.as_ref().and_then(|drain| drain.state())
    }

    fn of_gateway(&self) -> Vec<MetricFamily> {
        let ledger = &self.ledger;
        let alone = |value| vec![counter(&[], value)];
        vec![
            family(
                "build_info",
                "1, with the version of the gateway.",
                MetricType::GAUGE,
                vec![gauge(&[("version", env!("CARGO_PKG_VERSION"))], 1)],
            ),
            family(
                "sessions_left_before",
                "Sessions that the process before this one still has, since it was replaced without a stop.",
                MetricType::GAUGE,
                vec![gauge(&[], self.former.as_ref().map_or(0, |former| former.sessions()))],
            ),
            family(
                "draining",
                "1 while the gateway is drained: it is not ready, and takes no sessions or soon takes none; else 0.",
                MetricType::GAUGE,
                vec![gauge(&[], u64::from(self.drained().is_some()))],
            ),
            family(
                "ledger_records_total",
                "Records written to the ledger.",
                MetricType::COUNTER,
                alone(ledger.records()),
            ),
            family(
                "ledger_gaps_total",
                "Gap records: each tells of records that could not be written.",
                MetricType::COUNTER,
                alone(ledger.gaps()),
            ),
            family(
                "ledger_failures_total",
                "How often writing the ledger began to fail.",
                MetricType::COUNTER,
                alone(ledger.failures()),
            ),
            family(
                "ledger_queue_bytes",
                "Bytes of records that wait to be written.",
                MetricType::GAUGE,
                vec![gauge(&[], ledger.queue_bytes())],
            ),
        ]
    }
}

/// One metric for each listener, by its labels.
fn each(
    listeners: &[Arc<Listener>],
    mut make: impl FnMut(&Listener, [(&str, &str); 2]) -> Vec<Metric>,
) -> Vec<Metric> {
    let of = |listener: &Arc<Listener>| {
        let settings = listener.settings.load();
        let labels = [("listener", &*settings.name), ("protocol", settings.protocol.as_str())];
        make(listener, labels)
    };
    listeners.iter().flat_map(of).collect()
}

/// Whose mode is another than settings and published rules say.
fn modes_changed(listeners: &[Arc<Listener>], changed: &BTreeSet<Arc<str>>) -> MetricFamily {
    family(
        "mode_changed",
        "Whether the listener's mode is another for a stated time.",
        MetricType::GAUGE,
        each(listeners, |listener, labels| {
            let is_changed = changed.contains(&listener.settings.load().name);
            vec![gauge(&labels, u64::from(is_changed))]
        }),
    )
}

fn of_listeners(listeners: &[Arc<Listener>]) -> Vec<MetricFamily> {
    [of_sessions(listeners), of_exchanges(listeners)].concat()
}

/// Connections and what is behind them.
fn of_sessions(listeners: &[Arc<Listener>]) -> Vec<MetricFamily> {
    vec![
        family(
            "sessions",
            "Client connections that are open or being opened.",
            MetricType::GAUGE,
            each(listeners, |listener, labels| vec![gauge(&labels, listener.sessions() as u64)]),
        ),
        family(
            "sessions_total",
            "Logins that succeeded.",
            MetricType::COUNTER,
            each(listeners, |listener, labels| {
                vec![counter(&labels, sum(listener, |of| of.sessions_total.value()))]
            }),
        ),
        family(
            "refusals_total",
            "Statements refused and sessions ended by the gateway, by reason.",
            MetricType::COUNTER,
            each(listeners, refusals),
        ),
        family(
            "bytes_total",
            "Bytes received, by the side they came from.",
            MetricType::COUNTER,
            each(listeners, bytes),
        ),
        family(
            "upstream_up",
            "Whether a server behind the listener accepts connections.",
            MetricType::GAUGE,
            each(listeners, |listener, labels| vec![gauge(&labels, u64::from(is_reachable(listener)))]),
        ),
        family(
            "accept_pauses_total",
            "How often no more connections were accepted for a while, for want of file descriptors or memory.",
            MetricType::COUNTER,
            each(listeners, |listener, labels| {
                vec![counter(&labels, listener.accept_pauses.load(std::sync::atomic::Ordering::Relaxed))]
            }),
        ),
        family(
            "certificate_expiry_seconds",
            "Seconds until the first of the certificates shown on a side expires, and of the lists of revoked ones; negative behind that.",
            MetricType::GAUGE,
            each(listeners, certificates),
        ),
        family(
            "logins_failed_total",
            "Connections that did not become a session, by reason.",
            MetricType::COUNTER,
            each(listeners, logins_failed),
        ),
        family(
            "limit_hits_total",
            "Bounds that were reached: those of the listener by their names, and `rule` for a rule's on an answer.",
            MetricType::COUNTER,
            each(listeners, limit_hits),
        ),
    ]
}

/// Statements and what became of them.
fn of_exchanges(listeners: &[Arc<Listener>]) -> Vec<MetricFamily> {
    vec![
        family(
            "exchanges_total",
            "Statements that ended, by what they may do and what was decided.",
            MetricType::COUNTER,
            each(listeners, exchanges),
        ),
        family(
            "exchanges_failed_total",
            "Statements the server answered with an error.",
            MetricType::COUNTER,
            each(listeners, |listener, labels| {
                vec![counter(&labels, sum(listener, |of| of.exchanges_failed.value()))]
            }),
        ),
        family(
            "cancels_total",
            "Requests to cancel that reached the server.",
            MetricType::COUNTER,
            each(listeners, |listener, labels| {
                vec![counter(&labels, sum(listener, |of| of.cancels.value()))]
            }),
        ),
        family(
            "faults_total",
            "Sessions ended by a fault of the gateway itself.",
            MetricType::COUNTER,
            each(listeners, |listener, labels| vec![counter(&labels, sum(listener, |of| of.faults.value()))]),
        ),
        family(
            "exchange_seconds",
            "Time from the whole request to the end of its answer.",
            MetricType::HISTOGRAM,
            each(listeners, exchange_seconds),
        ),
        family(
            "judge_seconds",
            "Time spent analysing and judging a request.",
            MetricType::HISTOGRAM,
            each(listeners, |listener, labels| {
                let summed = Summed::of(listener.counters.iter().map(|of| &of.judge_time));
                vec![histogram(&labels, &JUDGE_BUCKETS_NS, &summed, 1e9)]
            }),
        ),
    ]
}

fn exchanges(listener: &Listener, [name, protocol]: [(&str, &str); 2]) -> Vec<Metric> {
    let mut metrics = Vec::new();
    for class in Class::ALL {
        for (position, verdict) in VERDICT_WORDS.iter().enumerate() {
            let count = |of: &ThreadCounters| {
                of.exchanges
                    .get(class.index())
                    .and_then(|row| row.get(position))
                    .map_or(0, |counter| counter.value())
            };
            let value = sum(listener, count);
            // The everyday ones are there from the start, so that their rates begin at zero.
            if value > 0 || *verdict == VerdictWord::Allow {
                let labels = [name, protocol, ("class", class.as_str()), ("verdict", verdict.as_str())];
                metrics.push(counter(&labels, value));
            }
        }
    }
    metrics
}

fn exchange_seconds(listener: &Listener, [name, protocol]: [(&str, &str); 2]) -> Vec<Metric> {
    let of_class = |class: Class| {
        let parts = listener.counters.iter().filter_map(|of| of.exchange_time.get(class.index()));
        let summed = Summed::of(parts);
        // The everyday classes are there from the start; the others once they were seen.
        let shown = matches!(class, Class::Read | Class::Write) || summed.count() > 0;
        shown.then(|| {
            histogram(&[name, protocol, ("class", class.as_str())], &EXCHANGE_BUCKETS_US, &summed, 1e6)
        })
    };
    Class::ALL.into_iter().filter_map(of_class).collect()
}

fn refusals(listener: &Listener, [name, protocol]: [(&str, &str); 2]) -> Vec<Metric> {
    let of_reason = |(position, reason): (usize, &exchange::RefusalClass)| {
        let value = sum(listener, |of| of.refusals.get(position).map_or(0, |counter| counter.value()));
        counter(&[name, protocol, ("reason", reason.as_str())], value)
    };
    REFUSALS.iter().enumerate().map(of_reason).collect()
}

fn bytes(listener: &Listener, [name, protocol]: [(&str, &str); 2]) -> Vec<Metric> {
    vec![
        counter(&[name, protocol, ("side", "client")], sum(listener, |of| of.bytes_client.value())),
        counter(&[name, protocol, ("side", "upstream")], sum(listener, |of| of.bytes_upstream.value())),
    ]
}

#[allow(clippy::cast_precision_loss)]
fn certificates(listener: &Listener, [name, protocol]: [(&str, &str); 2]) -> Vec<Metric> {
    let settings = listener.settings.load();
    let of_side = |side: Side| {
        let left = crate::expiry::left(&settings, side)?;
        Some(measure(&[name, protocol, ("side", side.as_str())], left as f64))
    };
    [Side::Client, Side::Upstream].into_iter().filter_map(of_side).collect()
}

fn logins_failed(listener: &Listener, [name, protocol]: [(&str, &str); 2]) -> Vec<Metric> {
    let of_reason = |(position, reason): (usize, LoginFailure)| {
        let value = sum(listener, |of| of.logins_failed.get(position).map_or(0, |counter| counter.value()));
        counter(&[name, protocol, ("reason", reason.as_str())], value)
    };
    LoginFailure::ALL.into_iter().enumerate().map(of_reason).collect()
}

fn limit_hits(listener: &Listener, [name, protocol]: [(&str, &str); 2]) -> Vec<Metric> {
    let of_limit = |(position, limit): (usize, Limit)| {
        let value = sum(listener, |of| of.limit_hits.get(position).map_or(0, |counter| counter.value()));
        counter(&[name, protocol, ("reason", limit.as_str())], value)
    };
    let of_rules = sum(listener, |of| of.rule_limit_hits.value());
    let mut metrics: Vec<_> = Limit::ALL.into_iter().enumerate().map(of_limit).collect();
    metrics.push(counter(&[name, protocol, ("reason", "rule")], of_rules));
    metrics
}

#[cfg(test)]
mod tests;
