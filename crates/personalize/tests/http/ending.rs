//! A server that is told to end.

use std::net::TcpStream;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use restock_personalize::Limits;

use crate::raw::Request;
use crate::running::{Running, tight};

fn waiting(server: &Running, calls: u64) {
    while server.service.waiting.load(Ordering::SeqCst) < calls {
        std::thread::yield_now();
    }
}

#[test]
fn what_runs_is_answered_and_nothing_more_is_taken() {
    let server = Running::limited(Limits::default());
    let mut working = server.connect();
    working.send(&Request::operation("CreateWait", "{}"));
    let mut idle = server.connect();
    assert_eq!(idle.ask(&Request::operation("ListEcho", "{}")).status, 200);
    let mut half = server.connect();
    half.write(b"POST / HTTP/1.1\r\nhost: ");
    waiting(&server, 1);
    server.stop();
    // The stand-in's jobs end when they are asked to, which lets the call answer.
    let answer = working.answer().unwrap();
    assert_eq!(answer.json()["waited"], true);
    assert!(working.is_closed() && idle.is_closed() && half.is_closed());
    let (address, service) = (server.address, server.service.clone());
    server.wait();
    assert!(service.closed.load(Ordering::SeqCst));
    assert!(TcpStream::connect(address).is_err());
}

#[test]
fn a_body_that_is_on_its_way_is_still_read() {
    let server = Running::limited(Limits::default());
    let mut late = server.connect();
    late.send(&Request::operation("ListEcho", "").header("content-length", "8"));
    late.write(b"{\"a\"");
    std::thread::sleep(Duration::from_millis(100));
    server.stop();
    std::thread::sleep(Duration::from_millis(100));
    late.write(b": 1}");
    assert_eq!(late.answer().unwrap().json()["input"]["a"], 1);
    server.wait();
}

#[test]
fn a_client_that_never_ends_its_request_is_left_after_the_grace() {
    let limits = Limits { grace: Duration::from_millis(300), body_time: Duration::from_secs(60), ..tight() };
    let server = Running::limited(limits);
    let mut slow = server.connect();
    slow.send(&Request::operation("ListEcho", "").header("content-length", "8"));
    std::thread::sleep(Duration::from_millis(100));
    let begun = Instant::now();
    server.stop();
    server.wait();
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    assert!(slow.answer().is_none());
}
