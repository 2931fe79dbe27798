//! Clients that are slow, silent, or send too much do not keep others from being answered.

use std::io::Write;
use std::time::{Duration, Instant};

use restock_personalize::Limits;

use crate::raw::{Connection, Request};
use crate::running::{Running, tight};

fn echo() -> Request {
    Request::operation("ListEcho", "{}")
}

#[test]
fn silent_and_half_open_clients_do_not_block_others() {
    let server = Running::limited(Limits {
        head_time: Duration::from_secs(60),
        body_time: Duration::from_secs(60),
        ..tight()
    });
    let silent: Vec<Connection> = (0..10).map(|_| server.connect()).collect();
    let mut half: Vec<Connection> = (0..10).map(|_| server.connect()).collect();
    for connection in &mut half {
        connection.write(b"POST / HTTP/1.1\r\nhost: localh");
    }
    let begun = Instant::now();
    let mut halves = 0;
    for _ in 0..10 {
        let mut body = server.connect();
        body.write(b"POST /events HTTP/1.1\r\nhost: localhost\r\ncontent-length: 10\r\n\r\n{");
        halves += 1;
        assert_eq!(server.connect().ask(&echo()).status, 200);
    }
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    assert_eq!(halves, 10);
    drop((silent, half));
}

#[test]
fn a_connection_at_work_is_not_sent_off_for_another() {
    let server = Running::limited(Limits { connections: 1, ..tight() });
    let mut working = server.connect();
    working.send(&Request::operation("CreateWait", "{}"));
    while server.service.waiting.load(std::sync::atomic::Ordering::SeqCst) == 0 {
        std::thread::yield_now();
    }
    let mut next = server.connect();
    next.send(&echo());
    std::thread::sleep(Duration::from_millis(100));
    server.service.release();
    assert_eq!(working.answer().unwrap().json()["waited"], true);
    assert_eq!(next.answer().unwrap().status, 200);
}

#[test]
fn a_head_that_does_not_come_ends_the_connection() {
    let server = Running::limited(tight());
    let mut slow = server.connect();
    let begun = Instant::now();
    slow.write(b"POST / HTTP/1.1\r\nhost: localhost\r\nx-slow: ");
    while begun.elapsed() < Duration::from_secs(5) && slow.try_write(b"a") {
        std::thread::sleep(Duration::from_millis(25));
    }
    assert!(slow.is_closed());
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
}

#[test]
fn a_body_that_does_not_come_is_told_so() {
    let server = Running::limited(tight());
    let mut slow = server.connect();
    slow.send(&echo().body("").header("content-length", "100"));
    slow.write(b"{");
    let begun = Instant::now();
    let answer = slow.answer().unwrap();
    answer.refused(408, "RequestTimeoutException");
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    assert!(slow.is_closed());
}

#[test]
fn a_client_that_ends_its_body_early_changes_nothing_for_others() {
    let server = Running::limited(tight());
    let mut early = server.connect();
    early.send(&echo().body("").header("content-length", "100"));
    early.write(b"{");
    early.half_close();
    drop(early.answer());
    assert_eq!(server.connect().ask(&echo()).status, 200);
}

#[test]
fn a_body_over_the_limit_is_refused_by_its_length_and_by_its_bytes() {
    let server = Running::limited(tight());
    let most = format!("{{\"a\": \"{}\"}}", "x".repeat(990));
    assert_eq!(most.len(), 1000 - 1);
    assert_eq!(server.connect().ask(&Request::operation("ListEcho", &most)).status, 200);
    let over = format!("{{\"a\": \"{}\"}}", "x".repeat(1000));
    let told = server
        .connect()
        .ask(&Request::operation("ListEcho", &over))
        .refused(413, "RequestEntityTooLargeException");
    assert!(told.contains("1000 bytes"), "{told}");
    let mut chunked = server.connect();
    chunked.send(&echo().body("").header("transfer-encoding", "chunked"));
    for _ in 0..20 {
        chunked.write(format!("64\r\n{}\r\n", "y".repeat(100)).as_bytes());
    }
    chunked.write(b"0\r\n\r\n");
    chunked.answer().unwrap().refused(413, "RequestEntityTooLargeException");
}

#[test]
fn the_largest_legal_input_is_read() {
    let server = Running::new();
    let item = format!("{{\"itemId\": \"i\", \"properties\": \"{}\"}}", "\\ud83d\\ude00".repeat(32_000));
    let items = vec![item; 10].join(",");
    let answer = server.connect().ask(&Request::operation("ListEcho", &format!("{{\"items\": [{items}]}}")));
    assert_eq!(answer.status, 200);
    assert_eq!(answer.json()["input"]["items"][9]["properties"].as_str().unwrap().chars().count(), 32_000);
}

#[test]
fn heads_over_the_limit_are_refused() {
    let server = Running::limited(tight());
    let long = echo().header("x-long", &"a".repeat(20_000));
    assert_eq!(server.connect().ask(&long).status, 431);
    let many = (0..100).fold(echo(), |request, number| request.header(&format!("x-{number}"), "a"));
    assert_eq!(server.connect().ask(&many).status, 431);
}

#[test]
fn what_is_not_http_is_turned_down() {
    let server = Running::limited(tight());
    for bytes in [
        &b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"[..],
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"\0\0\0\0\r\n\r\n",
        b"GET\r\n\r\n",
    ] {
        let mut connection = server.connect();
        connection.write(bytes);
        if let Some(answer) = connection.answer() {
            assert_eq!(answer.status, 400, "{answer:?}");
        }
    }
    assert_eq!(server.connect().ask(&echo()).status, 200);
}

#[test]
fn a_request_smuggled_by_two_lengths_is_not_answered() {
    let server = Running::limited(tight());
    let mut connection = server.connect();
    let smuggled = Request::operation("DeleteQuietly", "{}").bytes("localhost");
    let mut bytes =
        echo().body("").header("content-length", "4").header("content-length", "2").bytes("localhost");
    bytes.write_all(b"{}").unwrap();
    bytes.extend(smuggled);
    connection.write(&bytes);
    assert_eq!(connection.answer().unwrap().status, 400);
    assert!(connection.answer().is_none());
}
