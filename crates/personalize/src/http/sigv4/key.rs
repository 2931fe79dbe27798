//! Keys of signatures, and the digests around them.

use std::fmt::{self, Write};

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use super::{ALGORITHM, SERVICE, TERMINATOR};

/// The key of one secret, day and region.
#[derive(Clone)]
pub(super) struct SigningKey {
    key: [u8; 32],
    /// `20261127/us-east-1/personalize/aws4_request`
    scope: String,
}

impl SigningKey {
    /// The key for a day (`20261127`) and a region.
    pub fn derive(secret: &str, date: &str, region: &str) -> SigningKey {
        let key = [date, region, SERVICE, TERMINATOR]
            .iter()
            .fold(format!("AWS4{secret}").into_bytes(), |key, text| hmac(&key, text.as_bytes()).to_vec());
        let key = <[u8; 32]>::try_from(key).unwrap_or_default();
        SigningKey { key, scope: format!("{date}/{region}/{SERVICE}/{TERMINATOR}") }
    }

    /// The signature of a canonical request at a time (`20261127T140701Z`).
    pub fn sign(&self, time: &str, canonical_request: &[u8]) -> [u8; 32] {
        let hash = sha256_hex(canonical_request);
        hmac(&self.key, format!("{ALGORITHM}\n{time}\n{}\n{hash}", self.scope).as_bytes())
    }

    /// The scope as a credential ends with it.
    pub fn scope(&self) -> &str {
        &self.scope
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey").field("scope", &self.scope).finish_non_exhaustive()
    }
}

fn hmac(key: &[u8], text: &[u8]) -> [u8; 32] {
    // HMAC takes keys of any length; there is no error that could come.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return [0; 32] };
    mac.update(text);
    mac.finalize().into_bytes().into()
}

/// The SHA-256 of bytes, in hexadecimal.
pub(super) fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Bytes in hexadecimal, lower case.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
        // Writing into a string does not fail.
        let _ = write!(out, "{byte:02x}");
        out
    })
}
