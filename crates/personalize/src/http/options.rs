//! What a server is started with.

use std::net::SocketAddr;

use super::credentials::Credentials;
use super::guard::Origin;
use super::limits::Limits;

/// What a server is started with, beside what it answers from.
#[derive(Clone, Debug)]
pub struct ServerOptions {
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The keys that may sign requests; without any, a request needs a signature's form and no more.
    pub credentials: Option<Credentials>,
    /// Names that requests may call this host by, besides `localhost` and the addresses it listens on.
    pub hosts: Vec<String>,
    /// Origins whose web pages may call.
    pub origins: Vec<Origin>,
    /// What a client may use up.
    pub limits: Limits,
}

impl ServerOptions {
    /// A server on this address with the usual limits, for clients on this machine only.
    pub fn new(listen: SocketAddr) -> ServerOptions {
        ServerOptions {
            listen,
            credentials: None,
            hosts: Vec::new(),
            origins: Vec::new(),
            limits: Limits::default(),
        }
    }
}
