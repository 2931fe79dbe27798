//! Whether a request was signed by a key that is known, now, and with this body.

use hyper::header::HeaderMap;
use hyper::http::request::Parts;
use subtle::ConstantTimeEq;

use super::authorization::Authorization;
use super::key::{SigningKey, hex, sha256_hex};
use super::{CONTENT_SHA256, DATE, SECURITY_TOKEN, canonical, time};
use crate::http::credentials::Credentials;
use crate::refusal::{Exception, Refusal};

/// Seconds that a request's time may differ from this machine's, as at AWS.
const SKEW: i64 = 15 * 60;

/// Headers that change what a request does: signed if they are there.
const MUST_BE_SIGNED: [&str; 5] = ["host", CONTENT_SHA256, DATE, SECURITY_TOKEN, "x-amz-target"];

/// Verifies a request whose body has been read.
pub(in super::super) fn verify(
    request: &Parts,
    body: &[u8],
    authorization: &Authorization,
    credentials: &Credentials,
) -> Result<(), Refusal> {
    verify_at(request, body, authorization, credentials, time::now())
}

/// As [`verify`], at another time than now.
pub(super) fn verify_at(
    request: &Parts,
    body: &[u8],
    authorization: &Authorization,
    credentials: &Credentials,
    now: i64,
) -> Result<(), Refusal> {
    let headers = &request.headers;
    for name in MUST_BE_SIGNED {
        if headers.contains_key(name) && !authorization.signed_headers.iter().any(|signed| signed == name) {
            return Err(invalid(format!("SignedHeaders lacks '{name}', which must be signed.")));
        }
    }
    let at = single(headers, DATE)?.ok_or_else(|| {
        Refusal::new(
            Exception::IncompleteSignature,
            "Authorization header requires existence of a 'X-Amz-Date' header.",
        )
    })?;
    check_time(at, authorization, now)?;
    let hash = sha256_hex(body);
    if let Some(told) = single(headers, CONTENT_SHA256)? {
        check_hash(told, &hash)?;
    }
    let secret = credentials.secret(&authorization.access_key_id).ok_or_else(unrecognized)?;
    let token = single(headers, SECURITY_TOKEN)?;
    if !same(token.unwrap_or_default(), secret.token.as_deref().unwrap_or_default()) {
        return Err(unrecognized());
    }
    let canonical = canonical::canonical_request(
        &request.method,
        &request.uri,
        headers,
        &authorization.signed_headers,
        &hash,
    )
    .map_err(|name| invalid(format!("SignedHeaders names '{name}', which the request does not have.")))?;
    let key = SigningKey::derive(&secret.key, &authorization.date, &authorization.region);
    if same(&hex(&key.sign(at, &canonical)), &authorization.signature) {
        return Ok(());
    }
    Err(invalid(
        "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access \
         Key and signing method, and that nothing on the way changes the request's host, path, headers or body."
            .to_owned(),
    ))
}

/// The value of a header that may be there once.
fn single<'a>(headers: &'a HeaderMap, name: &str) -> Result<Option<&'a str>, Refusal> {
    let mut values = headers.get_all(name).iter();
    let first = values.next().map(|value| value.to_str());
    match (first, values.next()) {
        (None, _) => Ok(None),
        (Some(Ok(value)), None) => Ok(Some(value.trim())),
        _ => Err(invalid(format!("the header {name} is there several times, or not ASCII."))),
    }
}

fn check_time(at: &str, authorization: &Authorization, now: i64) -> Result<(), Refusal> {
    let shown = || restock::shown(at.as_bytes(), 40);
    let Some(seconds) = time::parse(at) else {
        return Err(invalid(format!(
            "X-Amz-Date is '{}'; expected a time such as {}.",
            shown(),
            time::text(now)
        )));
    };
    if !at.starts_with(&authorization.date) {
        return Err(invalid(format!(
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '{}' != '{}'.",
            authorization.date,
            shown()
        )));
    }
    let expired = |message: String| Err(Refusal::new(Exception::RequestExpired, message));
    if seconds < now - SKEW {
        return expired(format!(
            "Signature expired: {at} is now earlier than {} ({} - 15 min.)",
            time::text(now - SKEW),
            time::text(now)
        ));
    }
    if seconds > now + SKEW {
        return expired(format!(
            "Signature not yet current: {at} is still later than {} ({} + 15 min.)",
            time::text(now + SKEW),
            time::text(now)
        ));
    }
    Ok(())
}

fn check_hash(told: &str, hash: &str) -> Result<(), Refusal> {
    if same(told, hash) {
        return Ok(());
    }
    let is_hash = told.len() == hash.len() && told.bytes().all(|byte| byte.is_ascii_hexdigit());
    Err(invalid(if is_hash {
        format!("X-Amz-Content-Sha256 is {told}, but the body's SHA-256 is {hash}.")
    } else {
        let told = restock::shown(told.as_bytes(), 80);
        format!("X-Amz-Content-Sha256 is '{told}'; the body must be signed, by its SHA-256 in hexadecimal.")
    }))
}

/// Compares in a time that depends on the lengths alone.
fn same(one: &str, other: &str) -> bool {
    one.as_bytes().ct_eq(other.as_bytes()).into()
}

fn invalid(message: String) -> Refusal {
    Refusal::new(Exception::InvalidSignature, message)
}

fn unrecognized() -> Refusal {
    Refusal::new(
        Exception::UnrecognizedClient,
        "The security token included in the request is invalid: the server's credentials file has no such access key \
         ID and session token.",
    )
}
