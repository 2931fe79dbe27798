//! The side that signs.

use hyper::header::HeaderMap;
use hyper::{Method, Uri};

use super::key::{SigningKey, hex, sha256_hex};
use super::{ALGORITHM, CONTENT_SHA256, DATE, canonical, time};

/// Signs requests to a server.
#[derive(Clone, Debug)]
pub struct Signer {
    access_key_id: String,
    secret: Secret,
    region: String,
}

/// Not shown in what is printed to find errors.
#[derive(Clone)]
struct Secret(String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("...")
    }
}

impl Signer {
    /// Signs with a key, for a region.
    pub fn new(
        access_key_id: impl Into<String>,
        secret: impl Into<String>,
        region: impl Into<String>,
    ) -> Signer {
        Signer { access_key_id: access_key_id.into(), secret: Secret(secret.into()), region: region.into() }
    }

    /// The headers to send with a request of now, `host` among them.
    pub fn headers(
        &self,
        method: &Method,
        uri: &Uri,
        host: &str,
        body: &[u8],
    ) -> Vec<(&'static str, String)> {
        let at = time::text(time::now());
        let date = at.get(..8).unwrap_or_default();
        let hash = sha256_hex(body);
        let signed = [("host", host.to_owned()), (CONTENT_SHA256, hash.clone()), (DATE, at.clone())];
        let mut headers = HeaderMap::new();
        for (name, value) in &signed {
            if let Ok(value) = value.parse() {
                headers.insert(*name, value);
            }
        }
        let names: Vec<String> = signed.iter().map(|(name, _)| (*name).to_owned()).collect();
        let key = SigningKey::derive(&self.secret.0, date, &self.region);
        // Each name is there: it was put there above.
        let request = canonical::canonical_request(method, uri, &headers, &names, &hash).unwrap_or_default();
        let authorization = format!(
            "{ALGORITHM} Credential={}/{}, SignedHeaders={}, Signature={}",
            self.access_key_id,
            key.scope(),
            names.join(";"),
            hex(&key.sign(&at, &request)),
        );
        signed.into_iter().chain([("authorization", authorization)]).collect()
    }
}
