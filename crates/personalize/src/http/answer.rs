//! Answers, and what a request is turned down with.

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{CONNECTION, CONTENT_TYPE, HeaderName, HeaderValue};
use hyper::{Response, StatusCode};
use serde_json::{Value, json};

use crate::personalize::Plane;
use crate::refusal::{Exception, Refusal};

/// What goes back to a client.
pub(super) type Answer = Response<Full<Bytes>>;

/// The id of a request, as AWS services name it.
pub(super) const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");
const ERROR_TYPE: HeaderName = HeaderName::from_static("x-amzn-errortype");

const JSON_1_1: HeaderValue = HeaderValue::from_static("application/x-amz-json-1.1");
const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// Why a request is turned down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub status: StatusCode,
    /// The type as AWS clients name it.
    pub name: &'static str,
    pub message: String,
    /// Nothing more is read from this client.
    pub closes: bool,
}

impl Fault {
    /// A request that HTTP itself, or this server's own routes, turn down.
    pub fn new(status: StatusCode, name: &'static str, message: impl Into<String>) -> Fault {
        Fault { status, name, message: message.into(), closes: false }
    }

    /// A refusal as the plane tells it.
    pub fn refused(plane: Plane, refusal: Refusal) -> Fault {
        Fault::new(status(plane, refusal.exception), refusal.exception.name(), refusal.message)
    }

    /// A fault of this server.
    pub fn internal(message: impl Into<String>) -> Fault {
        let name = Exception::InternalFailure.name();
        Fault::new(StatusCode::INTERNAL_SERVER_ERROR, name, message)
    }

    /// The same, after which the connection ends.
    pub fn closing(self) -> Fault {
        Fault { closes: true, ..self }
    }

    /// The answer that tells it, in the plane's content type.
    pub fn into_answer(self, plane: Plane) -> Answer {
        let body = json!({"__type": self.name, "message": self.message});
        let mut answer = json_answer(plane, Some(&body));
        *answer.status_mut() = self.status;
        answer.headers_mut().insert(ERROR_TYPE, HeaderValue::from_static(self.name));
        if self.closes {
            answer.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        answer
    }
}

/// The status of a refusal. JSON 1.1 has 400 for everything that the caller can change (`personalize.md`, section
/// 5.1); the REST planes have HTTP's own (section 5.4).
fn status(plane: Plane, exception: Exception) -> StatusCode {
    let rest = plane == Plane::Events;
    match exception {
        Exception::InternalFailure => StatusCode::INTERNAL_SERVER_ERROR,
        Exception::ServiceUnavailable => StatusCode::SERVICE_UNAVAILABLE,
        Exception::RequestEntityTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Exception::ResourceNotFound if rest => StatusCode::NOT_FOUND,
        Exception::ResourceInUse | Exception::ResourceAlreadyExists if rest => StatusCode::CONFLICT,
        Exception::Throttling if rest => StatusCode::TOO_MANY_REQUESTS,
        Exception::MissingAuthenticationToken
        | Exception::IncompleteSignature
        | Exception::InvalidSignature
        | Exception::UnrecognizedClient
        | Exception::RequestExpired
        | Exception::AccessDenied
            if rest =>
        {
            StatusCode::FORBIDDEN
        }
        _ => StatusCode::BAD_REQUEST,
    }
}

/// Compact JSON in the plane's content type, or nothing: an operation without output has an empty body.
pub(super) fn json_answer(plane: Plane, body: Option<&Value>) -> Answer {
    let bytes = body.map(|body| Bytes::from(body.to_string())).unwrap_or_default();
    let content_type = match plane {
        Plane::Control => JSON_1_1,
        Plane::Events | Plane::Runtime => JSON,
    };
    answer(content_type, bytes)
}

/// A good answer.
pub(super) fn answer(content_type: HeaderValue, body: impl Into<Bytes>) -> Answer {
    let mut answer = Response::new(Full::new(body.into()));
    answer.headers_mut().insert(CONTENT_TYPE, content_type);
    answer
}
