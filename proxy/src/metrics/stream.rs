//! How is the stream of reports doing?

use super::{Labels, Metrics, counter, family, gauge};
use crate::link::StreamStats;
use prometheus::proto::{Metric, MetricFamily, MetricType};

impl Metrics {
    /// Without a stream the families are empty.
    pub(super) fn of_stream(&self) -> Vec<MetricFamily> {
        let stats = self.stream.as_deref();
        let one = |make: fn(Labels<'_>, u64) -> Metric, value: fn(&StreamStats) -> u64| {
            stats.map(|stats| make(&[], value(stats))).into_iter().collect()
        };
        vec![
            family(
                "report_stream_taken_total",
                "Reports that the stream has acknowledged.",
                MetricType::COUNTER,
                one(counter, StreamStats::taken),
            ),
            family(
                "report_stream_failures_total",
                "How often reports could not be brought to the stream.",
                MetricType::COUNTER,
                one(counter, StreamStats::failures),
            ),
            family(
                "report_stream_given_up_total",
                "Reports that the stream never gets, because too many waited for it.",
                MetricType::COUNTER,
                one(counter, StreamStats::given_up),
            ),
            family(
                "report_stream_waiting",
                "Reports that wait for the stream.",
                MetricType::GAUGE,
                one(gauge, StreamStats::waiting),
            ),
        ]
    }
}
