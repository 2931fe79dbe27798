//! What the SDK's own signer signs is verified, and nothing else is.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_credential_types::Credentials as Identity;
use aws_sigv4::http_request::{
    PayloadChecksumKind, SignableBody, SignableRequest, SigningParams, SigningSettings, sign,
};
use aws_sigv4::sign::v4;
use hyper::Request;
use hyper::http::request::Parts;

use super::verify::verify_at;
use super::{Authorization, Signer, time};
use crate::http::credentials::Credentials;
use crate::refusal::{Exception, Refusal};

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const TOKEN: &str = "a/long+token==";
/// 2026-11-27T14:07:01Z
const NOW: i64 = 1_795_788_421;
const BODY: &[u8] = b"{\"maxResults\":10}";

fn credentials() -> Credentials {
    let text = format!(
        "[default]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = {SECRET}\n\
         [session]\naws_access_key_id = ASIASESSION\naws_secret_access_key = {SECRET}\naws_session_token = {TOKEN}\n"
    );
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), text).unwrap();
    Credentials::read(file.path()).unwrap()
}

/// A request as it is before it is signed.
struct Unsigned {
    method: &'static str,
    target: &'static str,
    headers: Vec<(&'static str, &'static str)>,
    body: &'static [u8],
    id: &'static str,
    token: Option<&'static str>,
    at: i64,
    with_hash: bool,
}

impl Default for Unsigned {
    fn default() -> Unsigned {
        Unsigned {
            method: "POST",
            target: "/",
            headers: vec![
                ("content-type", "application/x-amz-json-1.1"),
                ("x-amz-target", "AmazonPersonalize.ListSchemas"),
            ],
            body: BODY,
            id: "AKIDEXAMPLE",
            token: None,
            at: NOW,
            with_hash: false,
        }
    }
}

impl Unsigned {
    fn signed(&self) -> Parts {
        let identity = Identity::new(self.id, SECRET, self.token.map(str::to_owned), None, "test").into();
        let mut settings = SigningSettings::default();
        if self.with_hash {
            settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
        }
        let at: SystemTime = UNIX_EPOCH + Duration::from_secs(self.at.try_into().unwrap());
        let params: SigningParams<'_> = v4::SigningParams::builder()
            .identity(&identity)
            .region("eu-west-1")
            .name("personalize")
            .time(at)
            .settings(settings)
            .build()
            .unwrap()
            .into();
        let uri = format!("http://127.0.0.1:8787{}", self.target);
        let headers = self.headers.iter().copied();
        let signable =
            SignableRequest::new(self.method, uri, headers, SignableBody::Bytes(self.body)).unwrap();
        let (instructions, _) = sign(signable, &params).unwrap().into_parts();
        let mut request =
            Request::builder().method(self.method).uri(self.target).header("host", "127.0.0.1:8787");
        for (name, value) in &self.headers {
            request = request.header(*name, *value);
        }
        let mut request = request.body(()).unwrap();
        instructions.apply_to_request_http1x(&mut request);
        // The signer writes whole addresses; on the wire stands the path.
        *request.uri_mut() = self.target.parse().unwrap();
        request.into_parts().0
    }
}

fn check(request: &Parts, body: &[u8]) -> Result<String, Refusal> {
    let authorization = Authorization::read(request)?;
    verify_at(request, body, &authorization, &credentials(), NOW)?;
    Ok(authorization.region)
}

#[track_caller]
fn refused(request: &Parts, body: &[u8], exception: Exception, told: &str) {
    let refusal = check(request, body).unwrap_err();
    assert_eq!(refusal.exception, exception, "{refusal}");
    assert!(refusal.message.contains(told), "{refusal}");
    assert!(!refusal.message.contains(SECRET), "{refusal}");
}

#[test]
fn what_the_sdk_signs_is_verified() {
    for unsigned in [
        Unsigned::default(),
        Unsigned { with_hash: true, ..Unsigned::default() },
        Unsigned {
            target: "/events",
            headers: vec![("content-type", "application/json")],
            ..Unsigned::default()
        },
        Unsigned { id: "ASIASESSION", token: Some(TOKEN), ..Unsigned::default() },
        Unsigned {
            method: "GET",
            body: b"",
            headers: vec![],
            target: "/_restock/history",
            ..Unsigned::default()
        },
        Unsigned {
            method: "GET",
            body: b"",
            target: "/a/../b//c%20d/?z=1&a=%7e&a=B&flag&q=a%20b",
            ..Unsigned::default()
        },
        Unsigned {
            headers: vec![("x-amz-meta", "  folded   twice  "), ("x-amz-empty", "")],
            ..Unsigned::default()
        },
        Unsigned { at: NOW - 899, ..Unsigned::default() },
        Unsigned { at: NOW + 899, ..Unsigned::default() },
    ] {
        let request = unsigned.signed();
        assert_eq!(check(&request, unsigned.body).as_deref(), Ok("eu-west-1"), "{request:?}");
    }
}

#[test]
fn a_body_that_was_changed_is_refused() {
    let request = Unsigned::default().signed();
    refused(&request, b"{\"maxResults\":11}", Exception::InvalidSignature, "does not match");
    let request = Unsigned { with_hash: true, ..Unsigned::default() }.signed();
    refused(&request, b"{\"maxResults\":11}", Exception::InvalidSignature, "the body's SHA-256 is");
}

#[test]
fn whatever_was_signed_cannot_be_changed() {
    let changed = |change: &dyn Fn(&mut Parts)| {
        let mut request = Unsigned { with_hash: true, ..Unsigned::default() }.signed();
        change(&mut request);
        refused(&request, BODY, Exception::InvalidSignature, "does not match");
    };
    changed(&|request| request.method = hyper::Method::PUT);
    changed(&|request| request.uri = "/?a=1".parse().unwrap());
    changed(&|request| request.uri = "/events".parse().unwrap());
    changed(&|request| drop(request.headers.insert("host", "127.0.0.1:8788".parse().unwrap())));
    changed(&|request| {
        drop(request.headers.insert("x-amz-target", "AmazonPersonalize.DeleteSchema".parse().unwrap()));
    });
    changed(&|request| {
        request.headers.append("content-type", "text/plain".parse().unwrap());
    });
}

#[test]
fn a_body_must_be_signed() {
    for told in ["UNSIGNED-PAYLOAD", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"] {
        let mut request = Unsigned { with_hash: true, ..Unsigned::default() }.signed();
        request.headers.insert("x-amz-content-sha256", told.parse().unwrap());
        refused(&request, BODY, Exception::InvalidSignature, "the body must be signed");
    }
}

#[test]
fn headers_that_decide_must_be_signed() {
    for name in ["x-amz-target", "x-amz-content-sha256", "x-amz-security-token"] {
        let mut request = Unsigned { headers: vec![], ..Unsigned::default() }.signed();
        request.headers.insert(name, "AmazonPersonalize.DeleteSchema".parse().unwrap());
        refused(&request, BODY, Exception::InvalidSignature, name);
    }
}

#[test]
fn a_request_is_good_for_a_quarter_of_an_hour() {
    let request = Unsigned { at: NOW - 901, ..Unsigned::default() }.signed();
    refused(&request, BODY, Exception::RequestExpired, "Signature expired: 20261127T135200Z is now earlier");
    let request = Unsigned { at: NOW + 901, ..Unsigned::default() }.signed();
    refused(&request, BODY, Exception::RequestExpired, "not yet current");
    let mut request = Unsigned::default().signed();
    request.headers.insert("x-amz-date", "20261128T140701Z".parse().unwrap());
    refused(&request, BODY, Exception::InvalidSignature, "Date in Credential scope");
    request.headers.insert("x-amz-date", "yesterday".parse().unwrap());
    refused(&request, BODY, Exception::InvalidSignature, "yesterday");
    request.headers.remove("x-amz-date");
    refused(&request, BODY, Exception::IncompleteSignature, "X-Amz-Date");
}

#[test]
fn keys_and_session_tokens_must_be_known() {
    let told = "security token included in the request is invalid";
    for unsigned in [
        Unsigned { id: "AKIDOTHER", ..Unsigned::default() },
        Unsigned { token: Some(TOKEN), ..Unsigned::default() },
        Unsigned { id: "ASIASESSION", ..Unsigned::default() },
        Unsigned { id: "ASIASESSION", token: Some("another"), ..Unsigned::default() },
    ] {
        refused(&unsigned.signed(), BODY, Exception::UnrecognizedClient, told);
    }
}

#[test]
fn a_header_that_is_no_signature_is_told_so_and_not_repeated() {
    let good = "AWS4-HMAC-SHA256 Credential=AKID/20261127/eu-west-1/personalize/aws4_request, SignedHeaders=host, Signature=0";
    let read = |header: &str| {
        let request = Request::builder().uri("/").header("authorization", header).body(()).unwrap();
        Authorization::read(&request.into_parts().0)
    };
    let authorization = read(good).unwrap();
    assert_eq!((authorization.access_key_id.as_str(), authorization.date.as_str()), ("AKID", "20261127"));
    assert_eq!(read(&good.replace(", ", ",")).unwrap(), authorization);
    for (header, told) in [
        ("Bearer hush-hush".to_owned(), "does not begin with AWS4-HMAC-SHA256"),
        ("AWS4-HMAC-SHA256".to_owned(), "requires 'Credential' parameter"),
        (good.replace("SignedHeaders=host, ", ""), "requires 'SignedHeaders' parameter"),
        (good.replace("Signature=0", ""), "requires 'Signature' parameter"),
        (good.replace("Signature=0", "Signature="), "requires 'Signature' parameter"),
        (good.replace("AKID/", ""), "five parts"),
        (good.replace("AKID", ""), "an access key ID"),
        (good.replace("20261127", "2026-11-27"), "a date"),
        (good.replace("eu-west-1", "eu west"), "a region"),
        (good.replace("/personalize", "/s3"), "the service 'personalize'"),
        (good.replace("aws4_request", "aws5_request"), "the terminator"),
        (good.replace("=host", "=host;date"), "sorted"),
        (good.replace("=host", "=Host"), "lower case"),
    ] {
        let refusal = read(&header).unwrap_err();
        assert_eq!(refusal.exception, Exception::IncompleteSignature, "{header}");
        assert!(refusal.message.contains(told), "{header}: {refusal}");
        assert!(!refusal.message.contains("hush"), "{refusal}");
    }
    let request = Request::builder().uri("/").body(()).unwrap().into_parts().0;
    assert_eq!(Authorization::read(&request).unwrap_err().exception, Exception::MissingAuthenticationToken);
    let request =
        Request::builder().uri("/?X-Amz-Algorithm=A&X-Amz-Signature=0").body(()).unwrap().into_parts().0;
    let refusal = Authorization::read(&request).unwrap_err();
    assert_eq!(refusal.exception, Exception::IncompleteSignature);
    assert!(refusal.message.contains("query"), "{refusal}");
}

#[test]
fn what_the_signer_here_signs_is_verified() {
    let target = "/_restock/history?dataset=shop/items";
    let signer = Signer::new("AKIDEXAMPLE", SECRET, "us-east-1");
    assert!(!format!("{signer:?}").contains(SECRET));
    let mut request = Request::builder().method("GET").uri(target);
    for (name, value) in signer.headers("GET", target, "localhost:1", b"").unwrap() {
        request = request.header(name, value);
    }
    let request = request.body(()).unwrap().into_parts().0;
    let authorization = Authorization::read(&request).unwrap();
    assert_eq!(verify_at(&request, b"", &authorization, &credentials(), time::now()), Ok(()));
}

#[test]
fn times_are_read_and_written_as_signatures_have_them() {
    assert_eq!(time::text(NOW), "20261127T140701Z");
    assert_eq!(time::parse("20261127T140701Z"), Some(NOW));
    for text in [
        "",
        "20261127T140701",
        "20261127 140701Z",
        "2026112７T14070Z",
        "20261327T140701Z",
        "+0261127T140701Z",
    ] {
        assert_eq!(time::parse(text), None, "{text}");
    }
}
