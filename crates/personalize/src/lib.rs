//! Amazon Personalize's data half, answered from a Restock store.
//!
//! Three layers, each usable without the one above it:
//!
//! - [`Personalize`] knows operations: a name and JSON in, JSON or a [`Refusal`] out. No socket, no signature.
//! - `http` speaks HTTP around it: routes, SigV4, hosts and origins, limits, the page, metrics.
//! - `objects` is where imports read from and exports write to.

mod catalog;
mod control;
mod events;
mod http;
mod jobs;
mod objects;
mod personalize;
mod refusal;

pub use http::{
    Credentials, CredentialsError, JobProgress, Limits, Origin, Reset, SeededGroup, Server, ServerError,
    ServerOptions, Service, Shutdown, Signer, in_memory, seed,
};
pub use objects::{Depth, Location, NoObjects, Object, ObjectWriter, Objects, ObjectsError, RootFolder};
pub use personalize::{Caller, Personalize, Plane, Quotas, Settings, States};
pub use refusal::{Exception, Refusal};
