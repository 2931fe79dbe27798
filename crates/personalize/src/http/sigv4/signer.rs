//! The side that signs.

use hyper::header::HeaderMap;
use hyper::{Method, Uri};

use super::key::{SigningKey, hex, sha256_hex};
use super::{ALGORITHM, CONTENT_SHA256, DATE, SECURITY_TOKEN, canonical, time};

/// Signs requests to a server.
#[derive(Clone, Debug)]
pub struct Signer {
    access_key_id: String,
    secret: Secret,
    region: String,
    token: Option<Secret>,
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
        Signer {
            access_key_id: access_key_id.into(),
            secret: Secret(secret.into()),
            region: region.into(),
            token: None,
        }
    }

    /// The token that belongs to a temporary key.
    #[must_use]
    pub fn session_token(self, token: Option<String>) -> Signer {
        Signer { token: token.map(Secret), ..self }
    }

    /// The headers to send with a request of now, `host` among them.
    ///
    /// # Errors
    /// The method, target or host is none.
    pub fn headers(
        &self,
        method: &str,
        target: &str,
        host: &str,
        body: &[u8],
    ) -> Result<Vec<(&'static str, String)>, String> {
        let method: Method = method.parse().map_err(|_| format!("`{method}` is no method"))?;
        let uri: Uri = target.parse().map_err(|_| format!("`{target}` is no path"))?;
        let at = time::text(time::now());
        let date = at.get(..8).unwrap_or_default();
        let hash = sha256_hex(body);
        let mut signed = vec![("host", host.to_owned()), (CONTENT_SHA256, hash.clone()), (DATE, at.clone())];
        signed.extend(self.token.iter().map(|token| (SECURITY_TOKEN, token.0.clone())));
        let mut headers = HeaderMap::new();
        for (name, value) in &signed {
            headers.insert(*name, value.parse().map_err(|_| format!("`{value}` is no {name}"))?);
        }
        let names: Vec<String> = signed.iter().map(|(name, _)| (*name).to_owned()).collect();
        let key = SigningKey::derive(&self.secret.0, date, &self.region);
        let request = canonical::canonical_request(&method, &uri, &headers, &names, &hash)?;
        let authorization = format!(
            "{ALGORITHM} Credential={}/{}, SignedHeaders={}, Signature={}",
            self.access_key_id,
            key.scope(),
            names.join(";"),
            hex(&key.sign(&at, &request)),
        );
        Ok(signed.into_iter().chain([("authorization", authorization)]).collect())
    }
}
