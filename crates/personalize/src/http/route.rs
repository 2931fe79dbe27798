//! Which operation, or which of the server's own pages, a request is for.

use hyper::header::HeaderValue;
use hyper::{Method, StatusCode};

use super::answer::Fault;
use crate::personalize::Plane;
use crate::refusal::{Exception, Refusal};

/// What a request is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Route {
    /// An operation of the service.
    Call(Plane, String),
    /// Something of this server's own.
    Own(Own),
}

/// The server's own routes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Own {
    Page,
    Overview,
    Health,
    Metrics,
    History,
    Undo,
    Reset,
}

impl Own {
    /// By which the log and the metrics name it.
    pub fn name(self) -> &'static str {
        match self {
            Own::Page => "page",
            Own::Overview => "overview",
            Own::Health => "health",
            Own::Metrics => "metrics",
            Own::History => "history",
            Own::Undo => "undo",
            Own::Reset => "reset",
        }
    }
}

/// The REST paths of the events plane (`personalize.md`, section 5.4) and of the runtime API.
const REST: [(&str, Plane, &str); 8] = [
    ("/events", Plane::Events, "PutEvents"),
    ("/users", Plane::Events, "PutUsers"),
    ("/items", Plane::Events, "PutItems"),
    ("/actions", Plane::Events, "PutActions"),
    ("/action-interactions", Plane::Events, "PutActionInteractions"),
    ("/recommendations", Plane::Runtime, "GetRecommendations"),
    ("/personalize-ranking", Plane::Runtime, "GetPersonalizedRanking"),
    ("/action-recommendations", Plane::Runtime, "GetActionRecommendations"),
];

/// The plane whose manner answers for a path have, whatever becomes of the request.
pub(super) fn plane(path: &str) -> Plane {
    if path == "/" { Plane::Control } else { Plane::Events }
}

/// What a request is for.
pub(super) fn route(method: &Method, path: &str, target: Option<&HeaderValue>) -> Result<Route, Fault> {
    let own = match path {
        "/" if method == Method::POST => return by_target(target),
        "/" => Own::Page,
        "/health" => Own::Health,
        "/metrics" => Own::Metrics,
        "/_restock/overview" => Own::Overview,
        "/_restock/history" => Own::History,
        "/_restock/undo" => return only(method, &Method::POST, path, Route::Own(Own::Undo)),
        "/_restock/reset" => return only(method, &Method::POST, path, Route::Own(Own::Reset)),
        _ => {
            let Some((_, plane, operation)) = REST.iter().find(|(each, ..)| *each == path) else {
                let path = restock::shown(path.as_bytes(), 100);
                let message = format!(
                    "there is nothing at {path}; operations are POST / with x-amz-target, and POST /events, /users, \
                     /items, /actions and /action-interactions"
                );
                return Err(Fault::new(StatusCode::NOT_FOUND, Exception::UnknownOperation.name(), message));
            };
            return only(method, &Method::POST, path, Route::Call(*plane, (*operation).to_owned()));
        }
    };
    let method = if method == Method::HEAD { &Method::GET } else { method };
    only(method, &Method::GET, path, Route::Own(own))
}

fn only(method: &Method, allowed: &Method, path: &str, route: Route) -> Result<Route, Fault> {
    if method == allowed {
        return Ok(route);
    }
    let message = format!("{path} is asked by {allowed}, not by {method}");
    Err(Fault::new(StatusCode::METHOD_NOT_ALLOWED, Exception::UnknownOperation.name(), message))
}

/// The operation that `x-amz-target` names (`personalize.md`, section 5.1).
fn by_target(target: Option<&HeaderValue>) -> Result<Route, Fault> {
    let unknown = |message: String| {
        Err(Fault::refused(Plane::Control, Refusal::new(Exception::UnknownOperation, message)))
    };
    let Some(target) = target else {
        return unknown(
            "the header x-amz-target is missing; expected AmazonPersonalize.OPERATION".to_owned(),
        );
    };
    let target = String::from_utf8_lossy(target.as_bytes());
    let (service, operation) = target.split_once('.').unwrap_or((&target, ""));
    let plane = match service {
        "AmazonPersonalize" => Plane::Control,
        "AmazonPersonalizeRuntime" => Plane::Runtime,
        _ => {
            let target = restock::shown(target.as_bytes(), 100);
            return unknown(format!("x-amz-target is `{target}`; expected AmazonPersonalize.OPERATION"));
        }
    };
    let is_name = !operation.is_empty()
        && operation.len() <= 100
        && operation.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if !is_name {
        let target = restock::shown(target.as_bytes(), 100);
        return unknown(format!(
            "x-amz-target `{target}` names no operation; expected AmazonPersonalize.OPERATION"
        ));
    }
    Ok(Route::Call(plane, operation.to_owned()))
}
