//! The text that Prometheus reads.

use std::time::Duration;

use serde_json::json;

use super::{Metrics, escaped, records};
use crate::personalize::Plane;

#[test]
fn requests_records_jobs_and_rows_are_told() {
    let metrics = Metrics::default();
    metrics.request("PutEvents", 200, Duration::from_micros(300));
    metrics.request("PutEvents", 200, Duration::from_secs(3));
    metrics.request("PutEvents", 400, Duration::from_millis(1));
    metrics.put("PutEvents", 7);
    metrics.put("CreateDataset", 0);
    let overview = json!({
        "waiting_events": 2,
        "groups": [{"name": "shop", "datasets": [
            {"type": "items", "rows": {"bulk": 5, "individual": 1, "merged": 6}}]}],
        "job_counts": [{"kind": "import", "status": "ACTIVE", "jobs": 2}],
    });
    let text = metrics.text(&overview);
    for line in [
        "# TYPE restock_request_seconds histogram",
        "restock_requests_total{operation=\"PutEvents\",status=\"200\"} 2",
        "restock_requests_total{operation=\"PutEvents\",status=\"400\"} 1",
        "restock_request_seconds_bucket{operation=\"PutEvents\",le=\"0.0002\"} 0",
        "restock_request_seconds_bucket{operation=\"PutEvents\",le=\"0.0005\"} 1",
        "restock_request_seconds_bucket{operation=\"PutEvents\",le=\"0.001\"} 2",
        "restock_request_seconds_bucket{operation=\"PutEvents\",le=\"2\"} 2",
        "restock_request_seconds_bucket{operation=\"PutEvents\",le=\"+Inf\"} 3",
        "restock_request_seconds_count{operation=\"PutEvents\"} 3",
        "restock_records_put_total{operation=\"PutEvents\"} 7",
        "restock_jobs{kind=\"import\",state=\"ACTIVE\"} 2",
        "restock_rows{group=\"shop\",dataset=\"items\",origin=\"bulk\"} 5",
        "restock_rows{group=\"shop\",dataset=\"items\",origin=\"individual\"} 1",
        "restock_waiting_events 2",
    ] {
        assert!(text.lines().any(|each| each == line), "{line} is not in\n{text}");
    }
    assert!(!text.contains("CreateDataset"), "{text}");
}

#[test]
fn labels_cannot_end_early() {
    assert_eq!(escaped("a\"b\\c\nd"), "a\\\"b\\\\c\\nd");
}

#[test]
fn records_are_counted_on_the_events_plane_alone() {
    let input = json!({"trackingId": "t", "sessionId": "s", "eventList": [{}, {}]});
    assert_eq!(records(Plane::Events, &input), 2);
    assert_eq!(records(Plane::Control, &json!({"tags": [{}]})), 0);
    assert_eq!(records(Plane::Events, &json!(null)), 0);
}
