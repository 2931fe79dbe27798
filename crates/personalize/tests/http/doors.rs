//! Who may call it what, and from which web pages.

use restock_personalize::{Origin, Server, ServerError, ServerOptions};

use crate::raw::Request;
use crate::running::{Running, options, store};
use crate::stand_in::StandIn;

const EMPTY: &str = "{}";

fn echo() -> Request {
    Request::operation("ListEcho", EMPTY)
}

#[test]
fn a_foreign_host_is_turned_away() {
    let server = Running::new();
    for host in [
        "evil.example",
        "evil.example:8787",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "10.1.2.3",
        "[::2]:80",
        "",
        "a b",
    ] {
        for request in [
            echo(),
            Request::new("GET", "/"),
            Request::new("GET", "/_restock/overview"),
            Request::new("GET", "/health"),
        ] {
            let told =
                server.connect().ask(&request.header("host", host)).refused(403, "AccessDeniedException");
            assert!(told.contains("ost"), "{told}");
        }
    }
}

#[test]
fn two_hosts_or_none_are_turned_away() {
    let server = Running::new();
    let mut connection = server.connect();
    connection
        .ask(&echo().header("host", "localhost").header("host", "evil.example"))
        .refused(403, "AccessDeniedException");
    let mut connection = server.connect();
    connection.write(b"GET / HTTP/1.0\r\n\r\n");
    connection.answer().unwrap().refused(403, "AccessDeniedException");
    let mut connection = server.connect();
    connection.write(b"GET http://evil.example/ HTTP/1.1\r\nhost: localhost\r\n\r\n");
    connection.answer().unwrap().refused(403, "AccessDeniedException");
}

#[test]
fn this_machine_by_its_names_is_let_in() {
    let server = Running::new();
    for host in [
        "localhost",
        "LOCALHOST:1",
        "127.0.0.1",
        "127.0.0.1:8787",
        "[::1]:8787",
        "personalize.localhost",
        "localhost.",
    ] {
        assert_eq!(server.connect().ask(&echo().header("host", host)).status, 200, "{host}");
    }
}

#[test]
fn a_named_host_is_let_in_and_no_other() {
    let server = Running::with(ServerOptions { hosts: vec!["Restock.test".to_owned()], ..options() }, None);
    for host in ["restock.test", "RESTOCK.TEST:8787", "restock.test."] {
        assert_eq!(server.connect().ask(&echo().header("host", host)).status, 200, "{host}");
    }
    server.connect().ask(&echo().header("host", "a.restock.test")).refused(403, "AccessDeniedException");
}

#[test]
fn pages_of_other_origins_are_turned_away() {
    let server = Running::new();
    let own = format!("http://{}", server.address);
    assert_eq!(server.connect().ask(&echo().header("origin", &own)).status, 200);
    for origin in ["http://evil.example", "null", "http://127.0.0.1:1", "http://localhost", "", "file://"] {
        let answer = server.connect().ask(&echo().header("origin", origin));
        answer.refused(403, "AccessDeniedException");
        assert_eq!(answer.header("access-control-allow-origin"), None);
        let reset = Request::new("POST", "/_restock/reset").header("origin", origin);
        server.connect().ask(&reset).refused(403, "AccessDeniedException");
    }
}

#[test]
fn a_named_origin_may_call_and_read() {
    let origins = vec!["http://localhost:3000".parse::<Origin>().unwrap()];
    let server = Running::with(ServerOptions { origins, ..options() }, None);
    let preflight = Request::new("OPTIONS", "/")
        .header("origin", "http://localhost:3000")
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "authorization,x-amz-target,content-type");
    let answer = server.connect().ask(&preflight);
    assert_eq!((answer.status, answer.body.as_str()), (204, ""));
    assert_eq!(answer.header("access-control-allow-origin"), Some("http://localhost:3000"));
    assert_eq!(
        answer.header("access-control-allow-headers"),
        Some("authorization,x-amz-target,content-type")
    );
    assert!(answer.header("access-control-allow-methods").unwrap().contains("POST"));
    assert_eq!(answer.header("vary"), Some("Origin"));
    for (request, status) in [(echo(), 200), (Request::operation("DescribeNothing", EMPTY), 400)] {
        let answer = server.connect().ask(&request.header("origin", "http://localhost:3000"));
        assert_eq!(answer.status, status);
        assert_eq!(answer.header("access-control-allow-origin"), Some("http://localhost:3000"));
        assert!(answer.header("access-control-expose-headers").unwrap().contains("x-amzn-requestid"));
    }
    let foreign = preflight.without("origin").header("origin", "http://localhost:3001");
    let answer = server.connect().ask(&foreign);
    answer.refused(403, "AccessDeniedException");
    assert_eq!(answer.header("access-control-allow-origin"), None);
    assert_eq!(server.connect().ask(&echo()).header("access-control-allow-origin"), None);
}

#[test]
fn origins_are_written_as_browsers_do() {
    for good in ["http://localhost:3000", "https://app.example"] {
        assert!(good.parse::<Origin>().is_ok(), "{good}");
    }
    for wrong in
        ["*", "localhost:3000", "http://localhost:3000/", "http://localhost/app", "http://u@h", "null", ""]
    {
        assert!(wrong.parse::<Origin>().is_err(), "{wrong}");
    }
}

#[test]
fn other_machines_are_let_in_only_with_credentials() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    for listen in ["0.0.0.0:0", "[::]:0", "192.0.2.1:0"] {
        let options = ServerOptions::new(listen.parse().unwrap());
        let service = std::sync::Arc::new(StandIn::new(store(), 0));
        let bound = runtime.block_on(Server::bind(options, service, None));
        let error = bound.err().unwrap();
        assert!(matches!(error, ServerError::Open { .. }), "{error}");
        assert!(error.to_string().contains("--credentials"), "{error}");
    }
}
