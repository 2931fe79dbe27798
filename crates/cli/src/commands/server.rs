//! Asking a server that has the store open.

use std::io::{Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

use anyhow::Result;
use restock_personalize::Signer;
use serde_json::Value;

use crate::failure::Failure;

/// How long to wait for a connection. An answer may take as long as the import that runs.
const CONNECT: Duration = Duration::from_secs(10);

/// A server by its URL.
#[derive(Clone, Debug)]
pub(super) struct Server {
    /// Host and port, as the Host header has them.
    host: String,
}

impl Server {
    /// Reads `http://HOST[:PORT]`.
    pub fn parse(url: &str) -> Result<Server, String> {
        let expected = || "expected the URL that the server printed: http://127.0.0.1:8787".to_owned();
        let host = url.strip_prefix("http://").ok_or_else(expected)?.trim_end_matches('/');
        if host.is_empty() || host.contains(['/', '@', '?', '#', ' ']) {
            return Err(expected());
        }
        Ok(Server { host: host.to_owned() })
    }

    /// Asks for something and reads the answer.
    ///
    /// # Errors
    /// Nobody answers there, or the answer is a refusal.
    pub fn ask(&self, method: &str, target: &str, body: &str) -> Result<Value> {
        let answer = self.answer(method, target, body).map_err(|error| {
            Failure::new(format!(
                "no answer from http://{}: {error}; does `restock serve` run there?",
                self.host
            ))
        })?;
        let unclear = || Failure::new(format!("what answers at http://{} is no `restock serve`", self.host));
        let (head, body) = answer.split_once("\r\n\r\n").ok_or_else(unclear)?;
        let json: Value = serde_json::from_str(body).map_err(|_| unclear())?;
        if head.split(' ').nth(1) == Some("200") {
            return Ok(json);
        }
        let message = json.get("message").and_then(Value::as_str).ok_or_else(unclear)?;
        Err(Failure::new(message).into())
    }

    fn answer(&self, method: &str, target: &str, body: &str) -> Result<String> {
        let headers = signer().headers(method, target, &self.host, body.as_bytes()).map_err(Failure::new)?;
        let mut request = format!("{method} {target} HTTP/1.1\r\nconnection: close\r\n");
        for (name, value) in headers {
            request += &format!("{name}: {value}\r\n");
        }
        request += &format!("content-length: {}\r\n\r\n{body}", body.len());
        let mut stream = self.connect()?;
        stream.write_all(request.as_bytes())?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    }

    fn connect(&self) -> Result<TcpStream> {
        let port = self.host.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
        let place = if port { self.host.clone() } else { format!("{}:80", self.host) };
        let mut refused = None;
        for address in place.to_socket_addrs()? {
            match TcpStream::connect_timeout(&address, CONNECT) {
                Ok(stream) => return Ok(stream),
                Err(error) => refused = Some(error),
            }
        }
        Err(refused.map_or_else(|| Failure::new("the name leads nowhere").into(), Into::into))
    }
}

/// The key that AWS tools would take from the environment; any, without one.
fn signer() -> Signer {
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let region = variable("AWS_REGION").or_else(|| variable("AWS_DEFAULT_REGION"));
    let region = region.unwrap_or_else(|| "us-east-1".to_owned());
    match (variable("AWS_ACCESS_KEY_ID"), variable("AWS_SECRET_ACCESS_KEY")) {
        (Some(id), Some(secret)) => {
            Signer::new(id, secret, region).session_token(variable("AWS_SESSION_TOKEN"))
        }
        _ => Signer::new("restock", "restock", region),
    }
}

#[cfg(test)]
mod tests;
