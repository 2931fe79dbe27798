//! Hosts and origins: a web page that a user of this machine looks at must not reach the server, neither by a name of
//! its own that leads to this address (DNS rebinding) nor across origins.

use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use hyper::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS,
    ACCESS_CONTROL_REQUEST_METHOD, HOST, HeaderMap, HeaderName, HeaderValue, ORIGIN, VARY,
};
use hyper::http::request::Parts;
use hyper::http::uri::Authority;
use hyper::{Method, StatusCode, Uri};

use super::answer::{Answer, Fault, answer};
use crate::refusal::Exception;

const PRIVATE_NETWORK: HeaderName = HeaderName::from_static("access-control-request-private-network");
const ALLOW_PRIVATE_NETWORK: HeaderName = HeaderName::from_static("access-control-allow-private-network");

/// An origin of web pages: `http://localhost:3000`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin(String);

/// Who may call the server what, and from which web pages.
#[derive(Clone, Debug)]
pub(super) struct Guard {
    hosts: Vec<String>,
    origins: Vec<Origin>,
}

impl FromStr for Origin {
    type Err = String;

    fn from_str(text: &str) -> Result<Origin, String> {
        let expected = || {
            format!(
                "`{text}` is no origin; write scheme, host and port as a browser does: http://localhost:3000"
            )
        };
        let uri: Uri = text.parse().map_err(|_| expected())?;
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            return Err(expected());
        };
        // `Uri` adds the path `/` to what has none.
        let is_bare = text.len() == scheme.len() + "://".len() + authority.as_str().len();
        if !is_bare || authority.as_str().contains('@') {
            return Err(expected());
        }
        Ok(Origin(text.to_ascii_lowercase()))
    }
}

impl Guard {
    pub fn new(hosts: &[String], origins: &[Origin]) -> Guard {
        let hosts = hosts.iter().map(|host| bare(host).to_ascii_lowercase()).collect();
        Guard { hosts, origins: origins.to_vec() }
    }

    /// The host that a request names, if it is this server, which it reached at `local`.
    pub fn host(&self, request: &Parts, local: SocketAddr) -> Result<Authority, Fault> {
        let mut named = request.headers.get_all(HOST).iter();
        let (Some(host), None) = (named.next(), named.next()) else {
            return Err(foreign("the request has no Host header, or several".to_owned()));
        };
        let shown = || restock::shown(host.as_bytes(), 100);
        let Ok(authority) = Authority::try_from(host.as_bytes()) else {
            return Err(foreign(format!("the Host header `{}` is no host", shown())));
        };
        // A request line with a host of its own is for that host (RFC 9112, section 3.2.2).
        let both = [Some(&authority), request.uri.authority()];
        if both.into_iter().flatten().all(|authority| self.is_ours(authority.host(), local.ip())) {
            return Ok(authority);
        }
        Err(foreign(format!(
            "the request is for host `{}`, which this server does not go by; name it by --host, or use the address \
             that the server printed",
            shown()
        )))
    }

    fn is_ours(&self, host: &str, local: IpAddr) -> bool {
        let host = bare(host).to_ascii_lowercase();
        // An address in place of a name leads nowhere else, so that rebinding cannot use it.
        if let Ok(address) = host.parse::<IpAddr>() {
            return address.is_loopback() || address.to_canonical() == local.to_canonical();
        }
        host == "localhost" || host.ends_with(".localhost") || self.hosts.contains(&host)
    }

    /// The origin to answer to, if the request comes from a page of another origin that is named.
    pub fn origin(&self, headers: &HeaderMap, host: &Authority) -> Result<Option<HeaderValue>, Fault> {
        let mut told = headers.get_all(ORIGIN).iter();
        let Some(origin) = told.next() else { return Ok(None) };
        let text = String::from_utf8_lossy(origin.as_bytes()).to_ascii_lowercase();
        let is_only = told.next().is_none();
        if is_only && self.origins.iter().any(|named| named.0 == text) {
            return Ok(Some(origin.clone()));
        }
        let same = text.split_once("://").is_some_and(|(scheme, authority)| {
            matches!(scheme, "http" | "https") && authority.eq_ignore_ascii_case(host.as_str())
        });
        if is_only && same {
            return Ok(None);
        }
        Err(foreign(format!(
            "the request comes from a page of {}, which may not call this server; name it by --cors",
            restock::shown(origin.as_bytes(), 100)
        )))
    }

    /// The answer to a browser that asks whether a page may call.
    pub fn preflight(request: &Parts) -> Option<Answer> {
        let headers = &request.headers;
        if request.method != Method::OPTIONS || !headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD) {
            return None;
        }
        let mut allowed = answer(HeaderValue::from_static("text/plain"), "");
        *allowed.status_mut() = StatusCode::NO_CONTENT;
        let out = allowed.headers_mut();
        out.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, POST"));
        out.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
        // Which headers an SDK sends changes with its versions; none of them opens anything here.
        if let Some(asked) = headers.get(ACCESS_CONTROL_REQUEST_HEADERS) {
            out.insert(ACCESS_CONTROL_ALLOW_HEADERS, asked.clone());
        }
        if headers.contains_key(PRIVATE_NETWORK) {
            out.insert(ALLOW_PRIVATE_NETWORK, HeaderValue::from_static("true"));
        }
        Some(allowed)
    }

    /// Lets the pages of `origin` read an answer.
    pub fn share(&self, answer: &mut Answer, origin: Option<HeaderValue>) {
        if self.origins.is_empty() {
            return;
        }
        let headers = answer.headers_mut();
        headers.insert(VARY, HeaderValue::from_static("Origin"));
        if let Some(origin) = origin {
            headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
            let exposed = HeaderValue::from_static("x-amzn-requestid, x-amzn-errortype, date");
            headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
        }
    }
}

/// Whether a host's name or address can only be this machine.
pub(super) fn is_loopback(host: &Authority) -> bool {
    let host = bare(host.host());
    host.parse::<IpAddr>()
        .map_or_else(|_| host.eq_ignore_ascii_case("localhost"), |address| address.is_loopback())
}

/// A host without the brackets of an address and the dot at the end of a full name.
fn bare(host: &str) -> &str {
    let inside = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    inside.unwrap_or_else(|| host.strip_suffix('.').unwrap_or(host))
}

fn foreign(message: String) -> Fault {
    Fault::new(StatusCode::FORBIDDEN, Exception::AccessDenied.name(), message)
}
