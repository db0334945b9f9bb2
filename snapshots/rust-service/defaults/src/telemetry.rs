//! What the service tells its operators: JSON logs on stderr, Prometheus metrics.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

const BOUNDS: [f64; 11] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// Seconds since 1970.
pub fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64()
}

/// The moment that `since` is after 1970, as RFC 3339 in UTC with milliseconds.
fn rfc3339(since: Duration) -> String {
    let (days, seconds) = (since.as_secs() / 86_400, since.as_secs() % 86_400);
    // The civil calendar in eras of 400 years, each of which begins on 1 March: leap days come last.
    let shifted = days + 719_468;
    let (era, day) = (shifted / 146_097, shifted % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let (day, month) = (day - (153 * month + 2) / 5 + 1, if month < 10 { month + 3 } else { month - 9 });
    let year = 400 * era + year + u64::from(month < 3);
    let (hour, minute, second) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{:03}Z", since.subsec_millis())
}

/// Writes one JSON object a line. JSON escapes line breaks, so input cannot forge a line.
pub struct Logger {
    pub service: String,
    /// 0 debug, 1 info, 2 warning; errors are always shown.
    pub level: u8,
}

impl Logger {
    pub fn info(&self, message: &str, fields: Value) {
        self.write(1, "info", message, fields);
    }

    pub fn warning(&self, message: &str, fields: Value) {
        self.write(2, "warning", message, fields);
    }

    pub fn error(&self, message: &str, fields: Value) {
        self.write(3, "error", message, fields);
    }

    fn write(&self, weight: u8, level: &str, message: &str, fields: Value) {
        if let Some(line) = self.line(weight, level, message, fields) {
            // There is nowhere else to say that it failed.
            let _ = writeln!(std::io::stderr().lock(), "{line}");
        }
    }

    fn line(&self, weight: u8, level: &str, message: &str, fields: Value) -> Option<Value> {
        if weight < self.level {
            return None;
        }
        let time = rfc3339(SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default());
        let mut line = json!({"time": time, "level": level, "service": self.service, "message": message});
        if let (Value::Object(line), Value::Object(fields)) = (&mut line, fields) {
            line.extend(fields);
        }
        Some(line)
    }
}

#[derive(Default)]
struct Counts {
    requests: BTreeMap<String, u64>,
    times: BTreeMap<String, ([u64; BOUNDS.len() + 1], f64)>,
}

/// Requests, by method, route and status, and how long they took. Labels take few values by
/// construction (a route's pattern, never its path): each combination is a time series.
#[derive(Default)]
pub struct Metrics(Mutex<Counts>);

impl Metrics {
    /// Counts one request.
    pub fn observe(&self, method: &str, route: &str, status: u16, took: Duration) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let labels = format!(r#"method="{method}",route="{route}",status="{status}""#);
        *counts.requests.entry(labels).or_default() += 1;
        let (buckets, sum) = counts.times.entry(route.to_owned()).or_default();
        let slot = BOUNDS.iter().filter(|bound| **bound < took.as_secs_f64()).count();
        buckets[slot] += 1;
        *sum += took.as_secs_f64();
    }

    /// Everything in Prometheus' text format 0.0.4.
    pub fn render(&self) -> String {
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let name = "http_request_duration_seconds";
        let mut text = String::from(
            "# HELP http_requests_total Requests that were answered.\n# TYPE http_requests_total counter\n",
        );
        for (labels, count) in &counts.requests {
            let _ = writeln!(text, "http_requests_total{{{labels}}} {count}");
        }
        let _ = writeln!(text, "# HELP {name} Time from request to answer.\n# TYPE {name} histogram");
        for (route, (buckets, sum)) in &counts.times {
            let mut running = 0;
            for (slot, count) in buckets.iter().enumerate() {
                running += count;
                let bound = BOUNDS.get(slot).map_or("+Inf".to_owned(), f64::to_string);
                let _ = writeln!(text, r#"{name}_bucket{{route="{route}",le="{bound}"}} {running}"#);
            }
            let _ = writeln!(text, r#"{name}_sum{{route="{route}"}} {sum:.6}"#);
            let _ = writeln!(text, r#"{name}_count{{route="{route}"}} {running}"#);
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_grave_enough_is_said() {
        let logger = Logger { service: "ledger".to_owned(), level: 2 };
        assert_eq!(logger.line(1, "info", "request", json!({})), None);
        let line = logger.line(2, "warning", "unauthorised", json!({"cause": "a\nb"})).unwrap();
        assert_eq!([&line["service"], &line["level"], &line["cause"]], ["ledger", "warning", "a\nb"]);
        assert!(!line.to_string().contains('\n'), "one line, whatever is in it");
    }

    #[test]
    fn moments_are_those_of_the_calendar() {
        for (millis, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (1_709_251_199_999, "2024-02-29T23:59:59.999Z"),
            (1_735_689_599_000, "2024-12-31T23:59:59.000Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
        ] {
            assert_eq!(rfc3339(Duration::from_millis(millis)), text);
        }
    }

    #[test]
    fn metrics_are_prometheus_text() {
        let metrics = Metrics::default();
        for millis in [5, 6, 300, 20_000] {
            metrics.observe("GET", "/healthz", 200, Duration::from_millis(millis));
        }
        metrics.observe("GET", "/healthz", 503, Duration::ZERO);
        let text = r#"# HELP http_requests_total Requests that were answered.
# TYPE http_requests_total counter
http_requests_total{method="GET",route="/healthz",status="200"} 4
http_requests_total{method="GET",route="/healthz",status="503"} 1
# HELP http_request_duration_seconds Time from request to answer.
# TYPE http_request_duration_seconds histogram
http_request_duration_seconds_bucket{route="/healthz",le="0.005"} 2
http_request_duration_seconds_bucket{route="/healthz",le="0.01"} 3
http_request_duration_seconds_bucket{route="/healthz",le="0.025"} 3
http_request_duration_seconds_bucket{route="/healthz",le="0.05"} 3
http_request_duration_seconds_bucket{route="/healthz",le="0.1"} 3
http_request_duration_seconds_bucket{route="/healthz",le="0.25"} 3
http_request_duration_seconds_bucket{route="/healthz",le="0.5"} 4
http_request_duration_seconds_bucket{route="/healthz",le="1"} 4
http_request_duration_seconds_bucket{route="/healthz",le="2.5"} 4
http_request_duration_seconds_bucket{route="/healthz",le="5"} 4
http_request_duration_seconds_bucket{route="/healthz",le="10"} 4
http_request_duration_seconds_bucket{route="/healthz",le="+Inf"} 5
http_request_duration_seconds_sum{route="/healthz"} 20.311000
http_request_duration_seconds_count{route="/healthz"} 5
"#;
        assert_eq!(metrics.render(), text);
    }
}
