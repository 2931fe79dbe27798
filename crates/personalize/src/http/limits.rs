//! What a client may use up.

use std::time::Duration;

/// Bytes of the largest body that the service's own limits allow: `PutItems` with 10 items of 32,000 characters of
/// properties (`personalize.md`, section 5.6), each character written as two `\uXXXX`, and 64 KiB for the rest.
const LARGEST_BODY: usize = 10 * 32_000 * 12 + (64 << 10);

/// What one client may use up, so that there is something left for the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Connections at one time. Where one more comes, the one that has waited longest for its client is closed.
    pub connections: usize,
    /// Operations that run at one time; more wait for their turn.
    pub calls: usize,
    /// Headers of a request.
    pub headers: usize,
    /// Bytes of a request's line and headers.
    pub head_bytes: usize,
    /// Bytes of a request's body.
    pub body_bytes: usize,
    /// Time for a request's line and headers to come, from the answer before it on.
    pub head_time: Duration,
    /// Time for a request's body to come.
    pub body_time: Duration,
    /// Time for what runs when the server is told to end.
    pub grace: Duration,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            connections: 512,
            calls: 128,
            headers: 64,
            head_bytes: 32 << 10,
            body_bytes: LARGEST_BODY,
            head_time: Duration::from_secs(30),
            body_time: Duration::from_secs(20),
            grace: Duration::from_secs(10),
        }
    }
}
