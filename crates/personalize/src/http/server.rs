//! A server: it listens, answers, and ends when it is told.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinSet, spawn_blocking};
use tokio::time::{sleep, timeout};

use super::connections::{Connections, Seat, Stage};
use super::exchange::{Client, Shared, answer};
use super::options::ServerOptions;
use super::service::{Reset, Service};

/// How long to wait when the system has no more descriptors for connections.
const PAUSE: Duration = Duration::from_millis(50);

/// A server that listens.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    shared: Arc<Shared>,
    connections: Arc<Connections>,
    stop: watch::Sender<bool>,
}

/// Tells a server to end.
#[derive(Clone, Debug)]
pub struct Shutdown(watch::Sender<bool>);

/// Why a server cannot be started.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// Other machines could reach it, and any key would do.
    #[error(
        "{address} can be reached from other machines, where any key would get in; name the keys that may by \
         --credentials FILE, or listen on 127.0.0.1"
    )]
    Open {
        /// Where it was to listen.
        address: SocketAddr,
    },
    /// The address cannot be had.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// Where it was to listen.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
}

impl Shutdown {
    /// Tells the server to end: no connection more, what runs finishes, jobs are asked to end.
    pub fn shutdown(&self) {
        self.0.send_replace(true);
    }
}

impl Server {
    /// Listens; nothing is answered before [`run`](Self::run). With `reset`, `POST /_restock/reset` makes the service
    /// anew.
    ///
    /// # Errors
    /// The address is not this machine's alone and there are no credentials, or it cannot be had.
    pub async fn bind(
        options: ServerOptions,
        service: Arc<dyn Service>,
        reset: Option<Reset>,
    ) -> Result<Server, ServerError> {
        let address = options.listen;
        if options.credentials.is_none() && !address.ip().to_canonical().is_loopback() {
            return Err(ServerError::Open { address });
        }
        let listen = |source| ServerError::Listen { address, source };
        let listener = TcpListener::bind(address).await.map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;
        Ok(Server {
            listener,
            address,
            connections: Connections::new(options.limits.connections),
            shared: Arc::new(Shared::new(options, service, reset)),
            stop: watch::Sender::new(false),
        })
    }

    /// Where it listens; the port is the one that it got.
    pub fn local_address(&self) -> SocketAddr {
        self.address
    }

    /// What tells it to end.
    pub fn shutdown(&self) -> Shutdown {
        Shutdown(self.stop.clone())
    }

    /// Answers until it is told to end, and what runs has ended.
    pub async fn run(self) {
        let mut stop = self.stop.subscribe();
        let mut tasks = JoinSet::new();
        loop {
            let accepted = tokio::select! {
                biased;
                _ = stop.wait_for(|stop| *stop) => break,
                accepted = self.listener.accept() => accepted,
                Some(_) = tasks.join_next(), if !tasks.is_empty() => continue,
            };
            let (stream, peer) = match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    tracing::warn!(%error, "cannot accept a connection");
                    sleep(PAUSE).await;
                    continue;
                }
            };
            let seat = tokio::select! {
                biased;
                _ = stop.wait_for(|stop| *stop) => break,
                seat = self.connections.seat() => seat,
            };
            tasks.spawn(serve(Arc::clone(&self.shared), stream, peer, seat, self.stop.subscribe()));
        }
        let Server { listener, shared, .. } = self;
        drop(listener);
        tracing::info!(connections = tasks.len(), "ending");
        let service = shared.service().await;
        let closing = spawn_blocking(move || service.close());
        let grace = shared.limits().grace;
        if timeout(grace, async { while tasks.join_next().await.is_some() {} }).await.is_err() {
            tracing::warn!(connections = tasks.len(), "ended before their answers");
        }
        tasks.shutdown().await;
        if closing.await.is_err() {
            tracing::error!("jobs could not be told to end");
        }
    }
}

/// Answers what comes over a connection, until either side ends it.
async fn serve(
    shared: Arc<Shared>,
    stream: TcpStream,
    peer: SocketAddr,
    seat: Seat,
    mut stop: watch::Receiver<bool>,
) {
    // Answers are small and written at once: waiting for more would only delay them.
    let local = stream.set_nodelay(true).and_then(|()| stream.local_addr());
    let Ok(local) = local else { return };
    let visit = Arc::clone(&seat.visit);
    let client = Client { local, peer, visit: Arc::clone(&visit) };
    let limits = *shared.limits();
    let service =
        service_fn(|request| async { Ok::<_, Infallible>(answer(&shared, &client, request).await) });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head_time)
        .max_headers(limits.headers)
        .max_buf_size(limits.head_bytes)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    let mut stopping = false;
    loop {
        tokio::select! {
            biased;
            ended = connection.as_mut() => {
                if let Err(error) = ended {
                    tracing::debug!(%peer, %error, "a connection ended");
                }
                return;
            }
            () = visit.sent_off() => {
                tracing::debug!(%peer, "a connection gave way to another");
                return;
            }
            _ = stop.wait_for(|stop| *stop), if !stopping => {
                if visit.stage() == Stage::Idle {
                    return;
                }
                stopping = true;
                connection.as_mut().graceful_shutdown();
            }
        }
    }
}
