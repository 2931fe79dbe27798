//! A client that writes bytes, good ones and others, and reads answers.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::Value;

/// A signature's form, for servers that take any key.
pub const ANY_KEY: &str = "AWS4-HMAC-SHA256 Credential=any/20261127/eu-west-1/personalize/aws4_request, \
                           SignedHeaders=host, Signature=0";

pub struct Connection {
    stream: TcpStream,
    address: SocketAddr,
    read: Vec<u8>,
}

/// An answer as it came.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    headers: Vec<(String, String)>,
    pub body: String,
}

/// A request to be written.
#[derive(Clone)]
pub struct Request {
    method: String,
    target: String,
    headers: Vec<(String, String)>,
    body: String,
}

impl Request {
    pub fn new(method: &str, target: &str) -> Request {
        Request {
            method: method.to_owned(),
            target: target.to_owned(),
            headers: Vec::new(),
            body: String::new(),
        }
    }

    /// A control plane's operation, signed with any key.
    pub fn operation(operation: &str, body: &str) -> Request {
        let target = format!("AmazonPersonalize.{operation}");
        Request::post("/", body).header("x-amz-target", &target)
    }

    /// A REST path, signed with any key.
    pub fn post(path: &str, body: &str) -> Request {
        Request::new("POST", path).header("authorization", ANY_KEY).body(body)
    }

    pub fn header(mut self, name: &str, value: &str) -> Request {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn without(mut self, name: &str) -> Request {
        self.headers.retain(|(each, _)| each != name);
        self
    }

    pub fn body(mut self, body: &str) -> Request {
        self.body = body.to_owned();
        self
    }

    /// As it is written, for a server at `host` unless it names another.
    pub fn bytes(&self, host: &str) -> Vec<u8> {
        let mut text = format!("{} {} HTTP/1.1\r\n", self.method, self.target);
        if !self.headers.iter().any(|(name, _)| name == "host") {
            text += &format!("host: {host}\r\n");
        }
        for (name, value) in &self.headers {
            text += &format!("{name}: {value}\r\n");
        }
        if !self.body.is_empty() {
            text += &format!("content-length: {}\r\n", self.body.len());
        }
        text += "\r\n";
        text += &self.body;
        text.into_bytes()
    }
}

impl Connection {
    pub fn to(address: SocketAddr) -> Connection {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        Connection { stream, address, read: Vec::new() }
    }

    pub fn write(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).unwrap();
    }

    /// Writes if the server still reads.
    pub fn try_write(&mut self, bytes: &[u8]) -> bool {
        self.stream.write_all(bytes).is_ok()
    }

    /// Says that no byte more comes, and goes on reading.
    pub fn half_close(&self) {
        self.stream.shutdown(Shutdown::Write).unwrap();
    }

    pub fn send(&mut self, request: &Request) {
        let bytes = request.bytes(&self.address.to_string());
        self.write(&bytes);
    }

    /// Sends a request and reads its answer.
    #[track_caller]
    pub fn ask(&mut self, request: &Request) -> Answer {
        self.send(request);
        self.answer().expect("the connection ended without an answer")
    }

    /// The next answer; none if the connection ends before one begins.
    pub fn answer(&mut self) -> Option<Answer> {
        let mut answer = self.head()?;
        let length = answer.header("content-length").map_or(0, |length| length.parse().unwrap());
        while self.read.len() < length {
            assert_ne!(self.more(), 0, "the body ended early");
        }
        let rest = self.read.split_off(length);
        answer.body = String::from_utf8(std::mem::replace(&mut self.read, rest)).unwrap();
        Some(answer)
    }

    /// The next answer's status and headers; its body is not read.
    pub fn head(&mut self) -> Option<Answer> {
        let head = loop {
            if let Some(at) = self.read.windows(4).position(|end| end == b"\r\n\r\n") {
                let rest = self.read.split_off(at + 4);
                break std::mem::replace(&mut self.read, rest);
            }
            if self.more() == 0 {
                assert!(self.read.is_empty(), "half an answer: {:?}", String::from_utf8_lossy(&self.read));
                return None;
            }
        };
        let head = String::from_utf8(head).unwrap();
        let mut lines = head.lines();
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let headers = lines.filter_map(|line| line.split_once(':'));
        let headers =
            headers.map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned())).collect();
        Some(Answer { status, headers, body: String::new() })
    }

    /// Whether the server has closed it, or does within the time to read.
    pub fn is_closed(&mut self) -> bool {
        self.more() == 0
    }

    fn more(&mut self) -> usize {
        let mut bytes = [0; 4096];
        let read = match self.stream.read(&mut bytes) {
            Err(error) if matches!(error.kind(), ErrorKind::ConnectionReset | ErrorKind::BrokenPipe) => 0,
            read => read.unwrap(),
        };
        self.read.extend_from_slice(&bytes[..read]);
        read
    }
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(each, _)| each == name).map(|(_, value)| value.as_str())
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {:?}", self.body))
    }

    /// Checks that it is an error as AWS clients read one; its message.
    #[track_caller]
    pub fn refused(&self, status: u16, name: &str) -> String {
        assert_eq!((self.status, self.header("x-amzn-errortype")), (status, Some(name)), "{self:?}");
        let body = self.json();
        assert_eq!(body["__type"], name);
        assert_eq!(body.as_object().unwrap().len(), 2, "{body}");
        body["message"].as_str().unwrap().to_owned()
    }
}
