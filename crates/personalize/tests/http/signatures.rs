//! Signatures over the wire. What exactly is verified is tested where it is verified.

use std::time::SystemTime;

use aws_credential_types::Credentials as Identity;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningParams, SigningSettings, sign};
use aws_sigv4::sign::v4;
use restock_personalize::{Credentials, ServerOptions, Signer};

use crate::raw::Request;
use crate::running::{Running, options};

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

fn guarded() -> Running {
    let file = tempfile::NamedTempFile::new().unwrap();
    let text = format!("[default]\naws_access_key_id = AKID\naws_secret_access_key = {SECRET}\n");
    std::fs::write(file.path(), text).unwrap();
    let credentials = Some(Credentials::read(file.path()).unwrap());
    Running::with(ServerOptions { credentials, ..options() }, None)
}

/// A request as the SDK signs it.
fn signed(server: &Running, path: &str, headers: &[(&str, &str)], body: &str, secret: &str) -> Request {
    let identity = Identity::new("AKID", secret, None, None, "test").into();
    let params: SigningParams<'_> = v4::SigningParams::builder()
        .identity(&identity)
        .region("us-west-2")
        .name("personalize")
        .time(SystemTime::now())
        .settings(SigningSettings::default())
        .build()
        .unwrap()
        .into();
    let uri = format!("http://{}{path}", server.address);
    let signable =
        SignableRequest::new("POST", uri, headers.iter().copied(), SignableBody::Bytes(body.as_bytes()));
    let (instructions, _) = sign(signable.unwrap(), &params).unwrap().into_parts();
    let mut request = Request::new("POST", path).body(body);
    for (name, value) in headers.iter().copied().chain(instructions.headers()) {
        request = request.header(name, value);
    }
    request
}

#[test]
fn without_credentials_any_key_will_do_and_none_will_not() {
    let server = Running::new();
    let echo = Request::operation("ListEcho", "{}");
    assert_eq!(server.connect().ask(&echo).status, 200);
    let told = server
        .connect()
        .ask(&echo.clone().without("authorization"))
        .refused(400, "MissingAuthenticationTokenException");
    assert!(told.contains("Authorization"), "{told}");
    let bearer = echo.without("authorization").header("authorization", "Bearer abc");
    server.connect().ask(&bearer).refused(400, "IncompleteSignatureException");
    let events = Request::post("/events", "{\"trackingId\": \"t\"}").without("authorization");
    server.connect().ask(&events).refused(403, "MissingAuthenticationTokenException");
}

#[test]
fn with_credentials_the_signature_decides() {
    let server = guarded();
    let target =
        [("content-type", "application/x-amz-json-1.1"), ("x-amz-target", "AmazonPersonalize.ListEcho")];
    let answer = server.connect().ask(&signed(&server, "/", &target, "{\"a\":1}", SECRET));
    assert_eq!((answer.status, &answer.json()["region"]), (200, &"us-west-2".into()));
    let events =
        signed(&server, "/events", &[("content-type", "application/json")], "{\"trackingId\":\"t\"}", SECRET);
    assert_eq!(server.connect().ask(&events).status, 200);

    let wrong = signed(&server, "/", &target, "{\"a\":1}", "another");
    server.connect().ask(&wrong).refused(400, "InvalidSignatureException");
    let changed = signed(&server, "/", &target, "{\"a\":1}", SECRET).body("{\"a\":2}");
    server.connect().ask(&changed).refused(400, "InvalidSignatureException");
    server.connect().ask(&Request::operation("ListEcho", "{}")).refused(400, "InvalidSignatureException");
    let form = "AWS4-HMAC-SHA256 Credential=nobody/20261127/eu-west-1/personalize/aws4_request, SignedHeaders=host;x-amz-date, Signature=0";
    let old = Request::post("/events", "{}")
        .without("authorization")
        .header("authorization", form)
        .header("x-amz-date", "20261127T000000Z");
    let answer = server.connect().ask(&old);
    assert_eq!(answer.status, 403, "{answer:?}");
}

#[test]
fn with_credentials_the_stores_own_routes_must_be_signed_too() {
    let server = guarded();
    for path in ["/", "/_restock/overview", "/metrics", "/health"] {
        assert_eq!(server.connect().ask(&Request::new("GET", path)).status, 200, "{path}");
    }
    server
        .connect()
        .ask(&Request::new("GET", "/_restock/history"))
        .refused(403, "MissingAuthenticationTokenException");
    server
        .connect()
        .ask(&Request::new("POST", "/_restock/reset"))
        .refused(403, "MissingAuthenticationTokenException");
    let body = "{\"dataset\": \"shop/items\"}";
    server
        .connect()
        .ask(&Request::new("POST", "/_restock/undo").body(body))
        .refused(403, "MissingAuthenticationTokenException");
    let signer = Signer::new("AKID", SECRET, "us-east-1");
    let headers =
        signer.headers("POST", "/_restock/undo", &server.address.to_string(), body.as_bytes()).unwrap();
    let mut undo = Request::new("POST", "/_restock/undo").body(body);
    for (name, value) in &headers {
        undo = undo.header(name, value);
    }
    assert_eq!(server.connect().ask(&undo).json()["rows"]["bulk"], 0);
}
