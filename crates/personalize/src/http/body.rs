//! The bodies of requests, of bounded size and in bounded time.

use http_body_util::BodyExt;
use hyper::StatusCode;
use hyper::body::{Body, Bytes, Incoming};
use tokio::time::timeout;

use super::answer::Fault;
use super::limits::Limits;
use crate::refusal::Exception;

/// How many times the limit is read and thrown away of a body over it: a client that is still sending does not see the
/// answer that tells it so.
const DRAINED: usize = 4;

/// The whole body.
pub(super) async fn read(mut body: Incoming, limits: &Limits) -> Result<Bytes, Fault> {
    let limit = limits.body_bytes;
    match timeout(limits.body_time, collect(&mut body, limit)).await {
        Ok(Ok(Some(bytes))) => Ok(bytes),
        Ok(Ok(None)) => {
            drain(body, limits).await;
            Err(Fault::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                Exception::RequestEntityTooLarge.name(),
                format!(
                    "the body of the request is over {limit} bytes, more than any operation's largest input"
                ),
            )
            .closing())
        }
        Ok(Err(error)) => Err(Fault::new(
            StatusCode::BAD_REQUEST,
            Exception::Serialization.name(),
            format!("the body of the request cannot be read: {error}"),
        )
        .closing()),
        Err(_) => Err(Fault::new(
            StatusCode::REQUEST_TIMEOUT,
            "RequestTimeoutException",
            format!("the body of the request did not come within {} s", limits.body_time.as_secs_f32()),
        )
        .closing()),
    }
}

/// The whole body; none if it is longer than `limit`.
async fn collect(body: &mut Incoming, limit: usize) -> Result<Option<Bytes>, hyper::Error> {
    if body.size_hint().lower() > limit as u64 {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame?;
        let data = frame.data_ref().map(|data| &**data).unwrap_or_default();
        if bytes.len() + data.len() > limit {
            return Ok(None);
        }
        bytes.extend_from_slice(data);
    }
    Ok(Some(bytes.into()))
}

/// Reads what a client sends with a request that is turned down already, within bounds.
pub(super) async fn drain(mut body: Incoming, limits: &Limits) {
    let mut left = limits.body_bytes.saturating_mul(DRAINED);
    let discard = async {
        while let Some(Ok(frame)) = body.frame().await {
            left = left.saturating_sub(frame.data_ref().map_or(1, Bytes::len));
            if left == 0 {
                break;
            }
        }
    };
    // Who is that slow does without the answer.
    let _ = timeout(limits.body_time, discard).await;
}
