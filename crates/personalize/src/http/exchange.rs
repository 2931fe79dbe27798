//! One request and its answer.

use std::borrow::Cow;
use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use hyper::Request;
use hyper::body::{Bytes, Incoming};
use hyper::header::{HeaderName, HeaderValue};
use hyper::http::request::Parts;
use hyper::http::uri::Authority;
use serde_json::{Map, Value};
use tokio::sync::{RwLock, Semaphore};
use tokio::task::spawn_blocking;
use uuid::Uuid;

use super::answer::{Answer, Fault, REQUEST_ID, json_answer};
use super::body;
use super::connections::{Stage, Visit};
use super::credentials::Credentials;
use super::guard::{Guard, is_loopback};
use super::limits::Limits;
use super::metrics::Metrics;
use super::options::ServerOptions;
use super::own;
use super::route::{self, Own, Route};
use super::service::{Reset, Service};
use super::sigv4::{Authorization, verify};
use crate::personalize::{Caller, Plane};
use crate::refusal::{Exception, Refusal};

const TARGET: HeaderName = HeaderName::from_static("x-amz-target");
/// By which operations are counted that nobody knows: a client must not make metrics grow.
const UNKNOWN: &str = "unknown";

/// What all connections of a server share.
pub(super) struct Shared {
    limits: Limits,
    credentials: Option<Credentials>,
    guard: Guard,
    calls: Arc<Semaphore>,
    /// Held for reading while an operation runs, and for writing by a reset.
    service: Arc<RwLock<Arc<dyn Service>>>,
    reset: Option<Reset>,
    pub metrics: Metrics,
}

/// Who a connection is with.
#[derive(Debug)]
pub(super) struct Client {
    pub local: SocketAddr,
    pub peer: SocketAddr,
    pub visit: Arc<Visit>,
}

impl Shared {
    pub fn new(options: ServerOptions, service: Arc<dyn Service>, reset: Option<Reset>) -> Shared {
        Shared {
            guard: Guard::new(&options.hosts, &options.origins),
            calls: Arc::new(Semaphore::new(options.limits.calls)),
            limits: options.limits,
            credentials: options.credentials,
            service: Arc::new(RwLock::new(service)),
            reset,
            metrics: Metrics::default(),
        }
    }

    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    pub async fn service(&self) -> Arc<dyn Service> {
        Arc::clone(&*self.service.read().await)
    }

    /// Does something that blocks, on a thread of its own.
    pub async fn block<T: Send + 'static>(
        &self,
        work: impl FnOnce(&dyn Service) -> T + Send + 'static,
    ) -> Result<T, Fault> {
        let service = Arc::clone(&self.service).read_owned().await;
        // Never closed; who gets no permit all the same runs without.
        let permit = Arc::clone(&self.calls).acquire_owned().await.ok();
        let done = spawn_blocking(move || {
            let _permit = permit;
            work(&**service)
        });
        done.await.map_err(|_| {
            Fault::internal("the operation failed inside this server; its log has the request's id and more")
        })
    }

    /// Makes the service anew as it was at the start; waits for the operations that run.
    pub async fn reset(&self) -> Result<(), Fault> {
        let Some(reset) = self.reset.clone() else {
            let message = "only a server of `:memory:` can be reset; this one's store keeps what it has";
            return Err(Fault::refused(Plane::Events, Refusal::invalid(message)));
        };
        let mut service = Arc::clone(&self.service).write_owned().await;
        let made = spawn_blocking(move || {
            service.close();
            *service = reset()?;
            Ok::<_, String>(())
        });
        match made.await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(message)) => Err(Fault::internal(format!("the store could not be reset: {message}"))),
            Err(_) => Err(Fault::internal("the reset failed inside this server; its log says more")),
        }
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared")
            .field("limits", &self.limits)
            .field("guard", &self.guard)
            .finish_non_exhaustive()
    }
}

/// Answers a request, whatever it is.
pub(super) async fn answer(shared: &Shared, client: &Client, request: Request<Incoming>) -> Answer {
    let started = Instant::now();
    client.visit.enters(Stage::Reading);
    let (request, body) = request.into_parts();
    let mut exchange = Exchange {
        plane: route::plane(request.uri.path()),
        shared,
        client,
        request,
        request_id: Uuid::new_v4().to_string(),
        name: Cow::Borrowed(UNKNOWN),
        origin: None,
    };
    let done = exchange.run(body).await;
    let answer = exchange.finish(done, started);
    client.visit.enters(Stage::Idle);
    answer
}

/// A request that is being answered.
struct Exchange<'a> {
    shared: &'a Shared,
    client: &'a Client,
    request: Parts,
    request_id: String,
    /// In whose manner it is answered.
    plane: Plane,
    /// The operation, for the log and the metrics.
    name: Cow<'static, str>,
    /// The origin of the page that may read the answer.
    origin: Option<HeaderValue>,
}

/// What a request is for, and who says so.
enum Entered {
    Preflight(Answer),
    Call(Plane, String, Authorization),
    Own(Own, Option<Authorization>),
}

impl Exchange<'_> {
    async fn run(&mut self, body: Incoming) -> Result<Answer, Fault> {
        let entered = match self.enter() {
            Ok(entered) => entered,
            Err(fault) => {
                body::drain(body, self.shared.limits()).await;
                return Err(fault);
            }
        };
        let body = body::read(body, self.shared.limits()).await?;
        self.client.visit.enters(Stage::Working);
        match entered {
            Entered::Preflight(answer) => Ok(answer),
            Entered::Own(own, authorization) => {
                if let Some(authorization) = &authorization {
                    self.verify(&body, authorization)?;
                }
                own::answer_own(self.shared, own, &self.request, &body).await
            }
            Entered::Call(plane, operation, authorization) => {
                self.verify(&body, &authorization)?;
                let input = self.input(&body)?;
                self.call(plane, operation, input, authorization.region).await
            }
        }
    }

    /// What can be told without the body: whether the request is for this server, from whom, and for what.
    fn enter(&mut self) -> Result<Entered, Fault> {
        let guard = &self.shared.guard;
        let host = guard.host(&self.request, self.client.local)?;
        self.origin = guard.origin(&self.request.headers, &host)?;
        if let (Some(_), Some(allowed)) = (&self.origin, Guard::preflight(&self.request)) {
            self.name = Cow::Borrowed("preflight");
            return Ok(Entered::Preflight(allowed));
        }
        let target = self.request.headers.get(TARGET);
        let route = route::route(&self.request.method, self.request.uri.path(), target)?;
        match route {
            Route::Call(plane, operation) => {
                let authorization = self.authorization()?;
                Ok(Entered::Call(plane, operation, authorization))
            }
            Route::Own(own) => {
                self.name = Cow::Borrowed(own.name());
                let signed = self.must_sign(own, &host).then(|| self.authorization()).transpose()?;
                Ok(Entered::Own(own, signed))
            }
        }
    }

    /// Whether a request for one of the server's own routes must be signed: with credentials, whatever changes the
    /// store, and what shows it to other machines. A browser cannot sign.
    fn must_sign(&self, own: Own, host: &Authority) -> bool {
        let local = self.client.peer.ip().to_canonical().is_loopback() && is_loopback(host);
        let open = match own {
            Own::Health => true,
            Own::Page | Own::Overview | Own::Metrics => local,
            Own::History | Own::Undo | Own::Reset => false,
        };
        self.shared.credentials.is_some() && !open
    }

    fn authorization(&self) -> Result<Authorization, Fault> {
        Authorization::read(&self.request).map_err(|refusal| Fault::refused(self.plane, refusal))
    }

    fn verify(&self, body: &[u8], authorization: &Authorization) -> Result<(), Fault> {
        let Some(credentials) = &self.shared.credentials else { return Ok(()) };
        verify(&self.request, body, authorization, credentials)
            .map_err(|refusal| Fault::refused(self.plane, refusal))
    }

    /// The members of the input. An empty body is one without members.
    fn input(&self, body: &Bytes) -> Result<Value, Fault> {
        let malformed =
            |message| Err(Fault::refused(self.plane, Refusal::new(Exception::Serialization, message)));
        if body.is_empty() {
            return Ok(Value::Object(Map::new()));
        }
        match serde_json::from_slice::<Value>(body) {
            Ok(input @ Value::Object(_)) => Ok(input),
            Ok(_) => {
                malformed("the body is JSON, but no object; expected the operation's members".to_owned())
            }
            Err(error) => malformed(format!("the body is not JSON: {error}")),
        }
    }

    async fn call(
        &mut self,
        plane: Plane,
        operation: String,
        input: Value,
        region: String,
    ) -> Result<Answer, Fault> {
        let caller = Caller { region, request_id: self.request_id.clone() };
        let records = super::metrics::records(plane, &input);
        let asked = operation.clone();
        let done = self.shared.block(move |service| service.call(plane, &asked, &input, &caller)).await;
        if !matches!(&done, Ok(Err(refusal)) if refusal.exception == Exception::UnknownOperation) {
            self.name = Cow::Owned(operation);
        }
        match done? {
            Ok(output) => {
                self.shared.metrics.put(&self.name, records);
                Ok(json_answer(self.plane, output.as_ref()))
            }
            Err(refusal) => Err(Fault::refused(self.plane, refusal)),
        }
    }

    /// The answer as it leaves: with the request's id and what browsers are told, logged and counted.
    fn finish(self, done: Result<Answer, Fault>, started: Instant) -> Answer {
        let (mut answer, fault) = match done {
            Ok(answer) => (answer, None),
            Err(fault) => (fault.clone().into_answer(self.plane), Some(fault)),
        };
        if let Ok(id) = HeaderValue::from_str(&self.request_id) {
            answer.headers_mut().insert(REQUEST_ID, id);
        }
        let headers = answer.headers_mut();
        headers.insert("x-content-type-options", HeaderValue::from_static("nosniff"));
        headers.insert("cache-control", HeaderValue::from_static("no-store"));
        headers.insert("cross-origin-resource-policy", HeaderValue::from_static("same-origin"));
        self.shared.guard.share(&mut answer, self.origin.clone());
        let took = started.elapsed();
        self.shared.metrics.request(&self.name, answer.status().as_u16(), took);
        self.log(&answer, fault.as_ref(), took.as_secs_f64() * 1000.0);
        answer
    }

    fn log(&self, answer: &Answer, fault: Option<&Fault>, ms: f64) {
        let (request_id, operation, peer) = (&self.request_id, &*self.name, self.client.peer);
        let status = answer.status().as_u16();
        match fault {
            None => tracing::info!(request_id, operation, status, ms, %peer, "answered"),
            Some(Fault { name, message, .. }) if status >= 500 => {
                tracing::error!(request_id, operation, status, error = name, message, ms, %peer, "failed");
            }
            Some(Fault { name, message, .. }) => {
                tracing::info!(request_id, operation, status, error = name, reason = message, ms, %peer, "refused");
            }
        }
    }
}
