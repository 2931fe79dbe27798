//! What an Authorization header says, before anything of it is believed.

use hyper::header::AUTHORIZATION;
use hyper::http::request::Parts;

use super::{ALGORITHM, SERVICE, TERMINATOR};
use crate::refusal::{Exception, Refusal};

/// A signature in its form: `AWS4-HMAC-SHA256 Credential=ID/DATE/REGION/personalize/aws4_request, SignedHeaders=...,
/// Signature=...`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) struct Authorization {
    pub access_key_id: String,
    /// The scope's day, `20261127`.
    pub date: String,
    /// The scope's region.
    pub region: String,
    /// Lower case and sorted.
    pub signed_headers: Vec<String>,
    /// Hexadecimal.
    pub signature: String,
}

impl Authorization {
    /// Reads the header. No message repeats it: it may hold a secret of another kind.
    pub fn read(request: &Parts) -> Result<Authorization, Refusal> {
        let mut given = request.headers.get_all(AUTHORIZATION).iter();
        let Some(header) = given.next() else {
            return Err(missing(request.uri.query().unwrap_or_default()));
        };
        if given.next().is_some() {
            return Err(incomplete("The request has several Authorization headers; expected one."));
        }
        let header = header.to_str().map_err(|_| incomplete("The Authorization header is not ASCII."))?;
        let (algorithm, rest) = header.trim().split_once(' ').unwrap_or((header.trim(), ""));
        if algorithm != ALGORITHM {
            return Err(incomplete(&format!(
                "The Authorization header does not begin with {ALGORITHM}: other algorithms and schemes are not supported."
            )));
        }
        let parameter = |name: &str| {
            let mut values = rest.split(',').filter_map(|each| each.trim().split_once('='));
            let value = values.find(|(each, _)| *each == name).map(|(_, value)| value.trim());
            value
                .filter(|value| !value.is_empty())
                .ok_or_else(|| incomplete(&format!("Authorization header requires '{name}' parameter.")))
        };
        let (credential, headers, signature) =
            (parameter("Credential")?, parameter("SignedHeaders")?, parameter("Signature")?);
        let (access_key_id, date, region) = scope(credential)?;
        let signed_headers: Vec<String> = headers.split(';').map(str::to_owned).collect();
        let ordered = signed_headers.is_sorted_by(|one, next| one < next);
        if !ordered || signed_headers.iter().any(|name| name.bytes().any(|byte| byte.is_ascii_uppercase())) {
            return Err(incomplete("SignedHeaders must be lower case, sorted, and each named once."));
        }
        Ok(Authorization { access_key_id, date, region, signed_headers, signature: signature.to_owned() })
    }
}

/// The access key ID, day and region of a credential.
fn scope(credential: &str) -> Result<(String, String, String), Refusal> {
    let mut parts = credential.rsplitn(5, '/');
    let parts = [parts.next(), parts.next(), parts.next(), parts.next(), parts.next()];
    let [Some(terminator), Some(service), Some(region), Some(date), Some(id)] = parts else {
        return Err(incomplete(
            "Credential must have five parts: ACCESS_KEY_ID/YYYYMMDD/REGION/personalize/aws4_request.",
        ));
    };
    let is_region = (1..=64).contains(&region.len())
        && region.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    let problem = if id.is_empty() || id.len() > 128 {
        "an access key ID of 1 to 128 characters"
    } else if date.len() != 8 || !date.bytes().all(|byte| byte.is_ascii_digit()) {
        "a date YYYYMMDD"
    } else if !is_region {
        "a region such as us-east-1"
    } else if service != SERVICE {
        "the service 'personalize'"
    } else if terminator != TERMINATOR {
        "the terminator 'aws4_request'"
    } else {
        return Ok((id.to_owned(), date.to_owned(), region.to_owned()));
    };
    Err(incomplete(&format!("Credential should be scoped with {problem}.")))
}

fn missing(query: &str) -> Refusal {
    if query.split('&').any(|pair| pair.starts_with("X-Amz-Signature=")) {
        return incomplete("A signature in the query is not supported; sign in the Authorization header.");
    }
    let message = "Missing Authentication Token: the request has no Authorization header; sign it, with any key \
                   unless the server was started with --credentials.";
    Refusal::new(Exception::MissingAuthenticationToken, message)
}

fn incomplete(message: &str) -> Refusal {
    Refusal::new(Exception::IncompleteSignature, message)
}
