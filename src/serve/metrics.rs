//! Counters of a server, in the text format of Prometheus.
//! <https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format>

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// The upper bounds of the histogram of latencies, in seconds.
const BOUNDS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0];

/// Counters since the start.
#[derive(Default)]
pub(super) struct Metrics {
    routes: Mutex<BTreeMap<&'static str, RouteCounts>>,
    matches: AtomicU64,
    stored: AtomicU64,
}

#[derive(Default)]
struct RouteCounts {
    by_status: BTreeMap<u16, u64>,
    buckets: [u64; BOUNDS.len()],
    seconds: f64,
    requests: u64,
}

impl Metrics {
    /// Counts a request.
    pub fn request(&self, route: &'static str, status: u16, duration: Duration) {
        let seconds = duration.as_secs_f64();
        let mut routes = self.routes.lock().unwrap_or_else(PoisonError::into_inner);
        let counts = routes.entry(route).or_default();
        *counts.by_status.entry(status).or_default() += 1;
        counts.requests += 1;
        counts.seconds += seconds;
        if let Some(at) = BOUNDS.iter().position(|bound| seconds <= *bound) {
            counts.buckets[at] += 1;
        }
    }

    /// Counts matches that were sent.
    pub fn matches(&self, count: usize) {
        self.matches.fetch_add(count as u64, Ordering::Relaxed);
    }

    /// Counts units that were stored.
    pub fn stored(&self, count: usize) {
        self.stored.fetch_add(count as u64, Ordering::Relaxed);
    }

    /// The text. `age` is that of the memory's last change, `bytes` the length of its file, if it is there.
    pub fn text(&self, age: Option<Duration>, bytes: Option<u64>) -> String {
        let mut out = String::new();
        let mut family = |name: &str, kind: &str, help: &str, samples: &str| {
            // Writing to a String cannot fail.
            let _ = write!(out, "# HELP {name} {help}\n# TYPE {name} {kind}\n{samples}");
        };
        let (mut requests, mut durations) = (String::new(), String::new());
        for (route, counts) in &*self.routes.lock().unwrap_or_else(PoisonError::into_inner) {
            for (status, count) in &counts.by_status {
                let _ = writeln!(
                    requests,
                    "bitext_http_requests_total{{route=\"{route}\",status=\"{status}\"}} {count}"
                );
            }
            let name = "bitext_http_request_duration_seconds";
            let mut sum = 0;
            for (bound, count) in BOUNDS.iter().zip(counts.buckets) {
                sum += count;
                let _ = writeln!(durations, "{name}_bucket{{route=\"{route}\",le=\"{bound}\"}} {sum}");
            }
            let _ = writeln!(durations, "{name}_bucket{{route=\"{route}\",le=\"+Inf\"}} {}", counts.requests);
            let _ = writeln!(durations, "{name}_sum{{route=\"{route}\"}} {}", counts.seconds);
            let _ = writeln!(durations, "{name}_count{{route=\"{route}\"}} {}", counts.requests);
        }
        family("bitext_http_requests_total", "counter", "Requests by route and status.", &requests);
        let help = "Time to the first byte of the answer, by route.";
        family("bitext_http_request_duration_seconds", "histogram", help, &durations);
        let counter = |name: &str, count: &AtomicU64| format!("{name} {}\n", count.load(Ordering::Relaxed));
        let name = "bitext_matches_total";
        family(name, "counter", "Matches that were sent.", &counter(name, &self.matches));
        let name = "bitext_stored_units_total";
        family(name, "counter", "Units that were stored.", &counter(name, &self.stored));
        if let Some(age) = age {
            let name = "bitext_memory_age_seconds";
            family(
                name,
                "gauge",
                "Time since the last change of the memory.",
                &format!("{name} {}\n", age.as_secs_f64()),
            );
        }
        if let Some(bytes) = bytes {
            let name = "bitext_memory_bytes";
            family(name, "gauge", "The length of the memory's file.", &format!("{name} {bytes}\n"));
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn latencies_are_cumulative() {
        let metrics = Metrics::default();
        for milliseconds in [1, 4, 400, 60_000] {
            metrics.request("query", 200, Duration::from_millis(milliseconds));
        }
        metrics.request("query", 404, Duration::ZERO);
        let text = metrics.text(Some(Duration::from_secs(2)), None);
        for line in [
            "bitext_http_requests_total{route=\"query\",status=\"200\"} 4",
            "bitext_http_request_duration_seconds_bucket{route=\"query\",le=\"0.001\"} 2",
            "bitext_http_request_duration_seconds_bucket{route=\"query\",le=\"0.005\"} 3",
            "bitext_http_request_duration_seconds_bucket{route=\"query\",le=\"30\"} 4",
            "bitext_http_request_duration_seconds_bucket{route=\"query\",le=\"+Inf\"} 5",
            "bitext_memory_age_seconds 2",
        ] {
            assert!(text.lines().any(|found| found == line), "{line}\n{text}");
        }
    }
}
