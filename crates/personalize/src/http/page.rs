//! The built-in page.

use hyper::header::HeaderValue;

use super::answer::{Answer, answer};

const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");
/// Nothing from elsewhere, nothing inside another page; its own style and script stand in it.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; img-src data:; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);

/// The page: one text with its style and script, which asks for the overview by itself.
pub(super) fn page() -> Answer {
    let mut page = answer(HTML, include_str!("page/page.html"));
    let headers = page.headers_mut();
    headers.insert("content-security-policy", POLICY);
    headers.insert("referrer-policy", HeaderValue::from_static("no-referrer"));
    page
}
