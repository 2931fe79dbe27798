//! HTTP around [`Personalize`](crate::Personalize): who gets in, which operation a request is for, how an answer looks.
//!
//! A request passes, in this order: the limits of its connection ([`Limits`]), its host and origin, its route, its
//! signature ([`Credentials`]), its body, its operation. Whatever turns it down answers as AWS services do, and every
//! answer carries the request's id, the log as well.

mod answer;
mod body;
mod connections;
mod credentials;
mod exchange;
mod guard;
mod limits;
mod metrics;
mod options;
mod overview;
mod own;
mod page;
mod route;
mod seed;
mod server;
mod service;
mod sigv4;

pub use credentials::{Credentials, CredentialsError};
pub use guard::Origin;
pub use limits::Limits;
pub use options::ServerOptions;
pub use seed::{SeededGroup, in_memory, seed};
pub use server::{Server, ServerError, Shutdown};
pub use service::{JobProgress, Reset, Service};
pub use sigv4::Signer;
