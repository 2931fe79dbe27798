//! The server's own routes.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use restock_personalize::{Reset, Service};
use serde_json::json;

use crate::raw::Request;
use crate::running::{Running, options, store};
use crate::stand_in::{FAILURE, StandIn};

fn get(path: &str) -> Request {
    Request::new("GET", path)
}

#[test]
fn the_page_is_one_text_that_asks_for_nothing_elsewhere() {
    let server = Running::new();
    let page = server.connect().ask(&get("/"));
    assert_eq!((page.status, page.header("content-type")), (200, Some("text/html; charset=utf-8")));
    assert!(page.body.starts_with("<!doctype html>"));
    let policy = page.header("content-security-policy").unwrap();
    assert!(
        policy.starts_with("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
        "{policy}"
    );
    for outside in ["http://", "https://", "//cdn", "@import", "innerHTML", "document.write"] {
        assert!(!page.body.contains(outside), "the page has {outside}");
    }
    let mut connection = server.connect();
    connection.send(&Request::new("HEAD", "/"));
    let head = connection.head().unwrap();
    assert_eq!((head.status, head.header("content-length")), (200, page.header("content-length")));
    assert_eq!(connection.ask(&get("/health")).status, 200);
}

#[test]
fn the_overview_says_what_the_operations_say() {
    let server = Running::new();
    let overview = server.connect().ask(&get("/_restock/overview")).json();
    assert_eq!(overview["store"]["path"], ":memory:");
    let group = &overview["groups"][0];
    assert_eq!((&group["name"], &group["status"]), (&"<b>shop</b>".into(), &"ACTIVE".into()));
    assert_eq!(group["datasets"][0]["type"], "items");
    assert_eq!(
        overview["groups"][1]["datasets"][0]["rows"],
        json!({"bulk": 2, "individual": 0, "merged": 2})
    );
    assert_eq!(overview["waiting_events"], 3);
    let [running, job] = overview["jobs"].as_array().unwrap().as_slice() else { panic!("{overview}") };
    assert_eq!(
        (&running["name"], &running["progress"]),
        (&"tuesday".into(), &json!({"bytes": 5000, "total": 20_000, "rows": 500}))
    );
    assert_eq!(job["progress"], json!(null));
    assert_eq!(
        (&job["name"], &job["kind"], &job["status"]),
        (&"monday".into(), &"import".into(), &"CREATE FAILED".into())
    );
    assert_eq!(
        (&job["of"], &job["mode"], &job["location"]),
        (&"shop/ITEMS".into(), &"FULL".into(), &"s3://b/k.csv".into())
    );
    assert_eq!(job["failure"], FAILURE);
}

#[test]
fn health_and_metrics_are_told_without_a_signature() {
    let server = Running::new();
    assert_eq!(server.connect().ask(&get("/health")).json(), json!({"status": "ok"}));
    server.connect().ask(&Request::post("/events", "{\"trackingId\": \"t\", \"eventList\": [{}, {}]}"));
    server.connect().ask(&Request::post("/events", "{\"trackingId\": \"gone\", \"eventList\": [{}]}"));
    for made_up in 0..50 {
        server.connect().ask(&Request::operation(&format!("MadeUp{made_up}"), "{}"));
    }
    let metrics = server.connect().ask(&get("/metrics"));
    assert_eq!(metrics.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
    for line in [
        "restock_requests_total{operation=\"PutEvents\",status=\"200\"} 1",
        "restock_requests_total{operation=\"PutEvents\",status=\"404\"} 1",
        "restock_requests_total{operation=\"unknown\",status=\"400\"} 50",
        "restock_records_put_total{operation=\"PutEvents\"} 2",
        "restock_request_seconds_count{operation=\"PutEvents\"} 2",
        "restock_jobs{kind=\"import\",state=\"CREATE FAILED\"} 1",
    ] {
        assert!(metrics.body.lines().any(|each| each == line), "{line} is not in\n{}", metrics.body);
    }
    assert!(!metrics.body.contains("MadeUp"));
}

#[test]
fn history_and_undo_work_on_the_store() {
    let server = Running::new();
    let mut connection = server.connect();
    let history = connection.ask(&get("/_restock/history?dataset=shop/items")).json();
    let versions = history["versions"].as_array().unwrap();
    assert_eq!((&versions[0]["what"], &versions[1]["what"]), (&"create".into(), &"import-full".into()));
    let undo = |body: &str| Request::new("POST", "/_restock/undo").body(body);
    let dry = connection.ask(&undo("{\"dataset\": \"shop/items\", \"dry_run\": true}")).json();
    assert_eq!((&dry["rows_before"]["bulk"], &dry["rows"]["bulk"]), (&2.into(), &0.into()));
    let done = connection.ask(&undo("{\"dataset\": \"shop/items\"}")).json();
    assert_eq!((&done["undone"]["mode"], &done["rows"]["bulk"]), (&"FULL".into(), &0.into()));
    let told = connection.ask(&undo("{\"dataset\": \"shop/items\"}")).refused(400, "InvalidInputException");
    assert!(told.contains("shop/items"), "{told}");
    let told =
        connection.ask(&get("/_restock/history?dataset=shop/itms")).refused(400, "InvalidInputException");
    assert!(told.contains("shop/items"), "{told}");
    for body in ["", "{}", "{\"dataset\": 1}", "{\"dataset\": \"a\", \"dryrun\": true}"] {
        connection.ask(&undo(body)).refused(400, "SerializationException");
    }
    connection.ask(&get("/_restock/history?set=a")).refused(400, "InvalidInputException");
    connection.ask(&get("/_restock/undo")).refused(405, "UnknownOperationException");
}

#[test]
fn a_store_that_stays_is_not_reset() {
    let server = Running::new();
    let told =
        server.connect().ask(&Request::new("POST", "/_restock/reset")).refused(400, "InvalidInputException");
    assert!(told.contains(":memory:"), "{told}");
}

#[test]
fn a_reset_waits_for_what_runs_and_then_answers_from_a_new_service() {
    let made = Arc::new(AtomicU64::new(0));
    let count = Arc::clone(&made);
    let reset: Reset = Arc::new(move || {
        let number = count.fetch_add(1, Ordering::SeqCst) + 1;
        Ok(Arc::new(StandIn::new(store(), number)) as Arc<dyn Service>)
    });
    let server = Running::with(options(), Some(reset));
    let mut working = server.connect();
    working.send(&Request::operation("CreateWait", "{}"));
    while server.service.waiting.load(Ordering::SeqCst) == 0 {
        std::thread::yield_now();
    }
    let mut resetting = server.connect();
    resetting.send(&Request::new("POST", "/_restock/reset"));
    std::thread::sleep(Duration::from_millis(200));
    assert_eq!(made.load(Ordering::SeqCst), 0, "the reset did not wait");
    server.service.release();
    assert_eq!(working.answer().unwrap().json()["waited"], true);
    assert_eq!(resetting.answer().unwrap().json(), json!({"reset": true}));
    assert!(server.service.closed.load(Ordering::SeqCst));
    assert_eq!(server.connect().ask(&Request::operation("ListEcho", "{}")).json()["service"], 1);
}

#[test]
fn a_reset_that_fails_says_so_and_keeps_what_was() {
    let reset: Reset = Arc::new(|| Err("no memory".to_owned()));
    let server = Running::with(options(), Some(reset));
    let told = server.connect().ask(&Request::new("POST", "/_restock/reset")).refused(500, "InternalFailure");
    assert!(told.contains("no memory"), "{told}");
    assert_eq!(server.connect().ask(&Request::operation("ListEcho", "{}")).json()["service"], 0);
}
