//! Keys that may sign requests, as AWS tools keep them in a file.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

/// Keys that may sign requests.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Credentials {
    secrets: BTreeMap<String, Secret>,
}

/// What belongs to an access key ID.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Secret {
    pub key: String,
    pub token: Option<String>,
}

/// Why a credentials file cannot be used. No message holds a secret.
#[derive(Debug, thiserror::Error)]
pub enum CredentialsError {
    /// It cannot be read.
    #[error("{file}: {source}")]
    Read {
        /// The file.
        file: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// It is not in the format, or lacks something.
    #[error("{file}: {reason}")]
    Invalid {
        /// The file.
        file: String,
        /// Where and what.
        reason: String,
    },
}

/// A profile that is being read.
#[derive(Default)]
struct Profile {
    name: String,
    line: usize,
    id: Option<String>,
    secret: Option<String>,
    token: Option<String>,
}

impl Credentials {
    /// Reads a file in the format of AWS's shared credentials: `[profile]` with `aws_access_key_id`,
    /// `aws_secret_access_key` and, of temporary ones, `aws_session_token`. Every profile of it may sign.
    ///
    /// # Errors
    /// The file cannot be read, a line of it is no setting, a profile has half a key, or there is no key at all.
    pub fn read(path: impl AsRef<Path>) -> Result<Credentials, CredentialsError> {
        let path = path.as_ref();
        let file = path.display().to_string();
        match std::fs::read_to_string(path) {
            Ok(text) => {
                Credentials::parse(&text).map_err(|reason| CredentialsError::Invalid { file, reason })
            }
            Err(source) => Err(CredentialsError::Read { file, source }),
        }
    }

    /// Reads the text of such a file; the error says where it is wrong.
    fn parse(text: &str) -> Result<Credentials, String> {
        let mut credentials = Credentials::default();
        let mut profile: Option<Profile> = None;
        for (line, text) in (1..).zip(text.lines()) {
            let inside = text.starts_with([' ', '\t']);
            let text = text.trim();
            if text.is_empty() || text.starts_with(['#', ';']) {
                continue;
            }
            if let Some(name) = text.strip_prefix('[') {
                let name = name.split(']').next().filter(|name| name.len() + 1 < text.len());
                let name = name.ok_or_else(|| format!("line {line}: `[` without `]`"))?;
                credentials.add(profile.replace(Profile::new(name.trim(), line)))?;
                continue;
            }
            let Some(profile) = &mut profile else {
                return Err(format!(
                    "line {line}: expected a profile such as [default] before the first setting"
                ));
            };
            match text.split_once('=') {
                Some((name, value)) => profile.set(name.trim(), value.trim()),
                // The settings of some tools are lists of lines that stand in.
                None if inside => {}
                None => {
                    return Err(format!("line {line}: expected NAME = VALUE in profile [{}]", profile.name));
                }
            }
        }
        credentials.add(profile)?;
        if credentials.secrets.is_empty() {
            return Err("no profile has aws_access_key_id and aws_secret_access_key".to_owned());
        }
        Ok(credentials)
    }

    fn add(&mut self, profile: Option<Profile>) -> Result<(), String> {
        let Some(Profile { name, line, id, secret, token }) = profile else { return Ok(()) };
        let (id, key) = match (id, secret) {
            (Some(id), Some(key)) => (id, key),
            // A profile that only names a region or a role.
            (None, None) => return Ok(()),
            (Some(_), None) => {
                return Err(format!("line {line}: profile [{name}] has no aws_secret_access_key"));
            }
            (None, Some(_)) => return Err(format!("line {line}: profile [{name}] has no aws_access_key_id")),
        };
        let secret = Secret { key, token };
        match self.secrets.get(&id) {
            Some(other) if *other != secret => Err(format!(
                "line {line}: profile [{name}] has the access key ID {id} of another one, and another secret"
            )),
            _ => {
                self.secrets.insert(id, secret);
                Ok(())
            }
        }
    }

    pub(super) fn secret(&self, access_key_id: &str) -> Option<&Secret> {
        self.secrets.get(access_key_id)
    }
}

impl Profile {
    fn new(name: &str, line: usize) -> Profile {
        Profile { name: name.to_owned(), line, ..Profile::default() }
    }

    fn set(&mut self, name: &str, value: &str) {
        let place = match name.to_ascii_lowercase().as_str() {
            "aws_access_key_id" => &mut self.id,
            "aws_secret_access_key" => &mut self.secret,
            "aws_session_token" => &mut self.token,
            _ => return,
        };
        *place = Some(value.to_owned()).filter(|value| !value.is_empty());
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("access_key_ids", &self.secrets.keys()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
