//! What operations answer, and how they are refused.

use std::collections::HashSet;

use crate::raw::{ANY_KEY, Request};
use crate::running::Running;

const EMPTY: &str = "{}";

#[test]
fn an_operation_answers_compact_json_in_its_content_type() {
    let server = Running::new();
    let answer = server.connect().ask(&Request::operation("ListEcho", "{\"maxResults\": 5}"));
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/x-amz-json-1.1")));
    let json = answer.json();
    assert_eq!(answer.body, json.to_string());
    assert_eq!(
        (&json["input"]["maxResults"], &json["plane"], &json["region"]),
        (&5.into(), &"Control".into(), &"eu-west-1".into())
    );
    assert_eq!(json["requestId"].as_str(), answer.header("x-amzn-requestid"));
}

#[test]
fn every_answer_has_an_id_of_its_own() {
    let server = Running::new();
    let mut connection = server.connect();
    let mut ids = HashSet::new();
    for request in [
        Request::operation("ListEcho", EMPTY),
        Request::operation("ListEcho", EMPTY),
        Request::operation("DescribeNothing", EMPTY),
        Request::operation("CreateTrouble", EMPTY),
        Request::operation("ListEcho", "{"),
        Request::operation("ListEcho", EMPTY).without("authorization"),
        Request::post("/events", EMPTY).header("host", "evil.example"),
        Request::new("GET", "/"),
        Request::new("GET", "/health"),
        Request::new("GET", "/nowhere"),
        Request::new("DELETE", "/events"),
    ] {
        let answer = connection.ask(&request);
        let id = answer.header("x-amzn-requestid").unwrap_or_else(|| panic!("{answer:?}")).to_owned();
        assert!(uuid::Uuid::parse_str(&id).is_ok(), "{id}");
        assert!(ids.insert(id));
    }
}

#[test]
fn an_operation_without_output_has_an_empty_body() {
    let server = Running::new();
    let answer = server.connect().ask(&Request::operation("DeleteQuietly", EMPTY));
    assert_eq!((answer.status, answer.header("content-length"), answer.body.as_str()), (200, Some("0"), ""));
    for path in ["/events", "/users", "/items", "/actions", "/action-interactions"] {
        let answer = server.connect().ask(&Request::post(path, "{\"trackingId\": \"t\"}"));
        assert_eq!((answer.status, answer.body.as_str()), (200, ""), "{path}");
        assert_eq!(answer.header("content-type"), Some("application/json"), "{path}");
    }
}

#[test]
fn the_control_plane_refuses_with_400() {
    let server = Running::new();
    let mut connection = server.connect();
    let told = connection
        .ask(&Request::operation("DescribeNothing", EMPTY))
        .refused(400, "ResourceNotFoundException");
    assert_eq!(told, "DescribeNothing was to be refused");
    connection.ask(&Request::operation("DeleteUsed", EMPTY)).refused(400, "ResourceInUseException");
    connection.ask(&Request::operation("FlyAway", EMPTY)).refused(400, "UnknownOperationException");
    connection.ask(&Request::operation("CreateBroken", EMPTY)).refused(500, "InternalFailure");
}

#[test]
fn the_events_plane_refuses_with_its_own_statuses() {
    let server = Running::new();
    let mut connection = server.connect();
    for (id, status, name) in [
        ("bad", 400, "InvalidInputException"),
        ("gone", 404, "ResourceNotFoundException"),
        ("used", 409, "ResourceInUseException"),
    ] {
        let answer = connection.ask(&Request::post("/events", &format!("{{\"trackingId\": \"{id}\"}}")));
        answer.refused(status, name);
        assert_eq!(answer.header("content-type"), Some("application/json"));
    }
    connection.ask(&Request::post("/recommendations", EMPTY)).refused(400, "UnknownOperationException");
}

#[test]
fn an_operation_that_breaks_is_an_internal_failure_and_the_server_goes_on() {
    let server = Running::new();
    let mut connection = server.connect();
    let told = connection.ask(&Request::operation("CreateTrouble", EMPTY)).refused(500, "InternalFailure");
    assert!(!told.contains("asked for"), "{told}");
    assert_eq!(connection.ask(&Request::operation("ListEcho", EMPTY)).status, 200);
}

#[test]
fn bodies_that_are_no_object_are_refused() {
    let server = Running::new();
    let mut connection = server.connect();
    let deep = "[".repeat(100_000);
    for body in ["{", "nonsense", "[]", "null", "1", "{\"a\": 1} x", "\u{feff}{}", &deep] {
        let answer = connection.ask(&Request::operation("ListEcho", body));
        answer.refused(400, "SerializationException");
        connection.ask(&Request::post("/events", body)).refused(400, "SerializationException");
    }
    assert_eq!(connection.ask(&Request::operation("ListEcho", "")).json()["input"], serde_json::json!({}));
}

#[test]
fn requests_for_nothing_are_told_what_there_is() {
    let server = Running::new();
    let mut connection = server.connect();
    for (target, told) in [
        (None, "x-amz-target is missing"),
        (Some("AmazonPersonalize"), "names no operation"),
        (Some("AmazonPersonalize."), "names no operation"),
        (Some("AmazonPersonalize.List Schemas"), "names no operation"),
        (Some("DynamoDB_20120810.ListTables"), "expected AmazonPersonalize.OPERATION"),
        (Some("AmazonPersonalizeRuntime.GetRecommendations"), "was to be refused"),
    ] {
        let mut request = Request::post("/", EMPTY);
        if let Some(target) = target {
            request = request.header("x-amz-target", target);
        }
        let message = connection.ask(&request).refused(400, "UnknownOperationException");
        assert!(message.contains(told), "{message}");
    }
    let told = connection.ask(&Request::post("/nowhere", EMPTY)).refused(404, "UnknownOperationException");
    assert!(told.contains("/nowhere") && told.contains("/action-interactions"), "{told}");
    let told = connection.ask(&Request::new("GET", "/events")).refused(405, "UnknownOperationException");
    assert!(told.contains("POST"), "{told}");
    connection
        .ask(&Request::new("PUT", "/").header("authorization", ANY_KEY))
        .refused(405, "UnknownOperationException");
}

#[test]
fn requests_on_one_connection_are_answered_in_their_order() {
    let server = Running::new();
    let mut connection = server.connect();
    for number in 0..20 {
        connection.send(&Request::operation("ListEcho", &format!("{{\"number\": {number}}}")));
    }
    for number in 0..20 {
        assert_eq!(connection.answer().unwrap().json()["input"]["number"], number);
    }
}

#[test]
fn a_body_may_come_in_chunks() {
    let server = Running::new();
    let mut connection = server.connect();
    let request = Request::operation("ListEcho", "").header("transfer-encoding", "chunked");
    connection.send(&request);
    for chunk in ["5\r\n{\"a\":\r\n", "3\r\n 1}\r\n", "0\r\n\r\n"] {
        connection.write(chunk.as_bytes());
    }
    assert_eq!(connection.answer().unwrap().json()["input"]["a"], 1);
}
