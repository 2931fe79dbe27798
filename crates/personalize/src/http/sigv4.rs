//! Signatures of requests: AWS Signature Version 4, in the Authorization header.
//!
//! [`Authorization`] is what the header says, [`canonical`] the text that is signed, [`key`] the keys, [`verify`] the
//! comparison. [`Signer`] is the other side, for the command line that asks a server.

mod authorization;
mod canonical;
mod key;
mod signer;
mod time;
mod verify;

pub(super) use authorization::Authorization;
pub use signer::Signer;
pub(super) use verify::verify;

/// The one algorithm.
const ALGORITHM: &str = "AWS4-HMAC-SHA256";
/// The signing name of the service's three APIs.
const SERVICE: &str = "personalize";
/// The end of every scope.
const TERMINATOR: &str = "aws4_request";

const DATE: &str = "x-amz-date";
const CONTENT_SHA256: &str = "x-amz-content-sha256";
const SECURITY_TOKEN: &str = "x-amz-security-token";

#[cfg(test)]
mod tests;
