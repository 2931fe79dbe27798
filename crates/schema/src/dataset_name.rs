//! Names of datasets.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use crate::SchemaError;

const RULE: &str = "a dataset is NAME or GROUP/NAME, each of 1 to 63 letters, digits, underscores and \
                    hyphens, beginning with a letter or digit";

/// The longest part of a name, in characters.
const MAX_PART_CHARS: usize = 63;

/// `name` or `group/name`, each part `[A-Za-z0-9][A-Za-z0-9_-]{0,62}`; a hidden name has a `.`
/// before it. Ordered by group (none first), then name; in serde, the text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DatasetName {
    group: Option<String>,
    name: String,
}

impl DatasetName {
    /// Reads a name as a user gives it.
    ///
    /// # Errors
    /// A part with other characters, empty or too long; a hidden name.
    pub fn parse(text: &str) -> Result<Self, SchemaError> {
        if text.starts_with('.') {
            let reason = "names that begin with a dot are kept for the store itself";
            return Err(SchemaError::name("dataset name", text, reason));
        }
        Self::parse_any(text)
    }

    /// Reads the name of a dataset that no command lists: one that begins with `.`.
    ///
    /// # Errors
    /// A name without the dot, or one that would be refused without it.
    pub fn hidden(text: &str) -> Result<Self, SchemaError> {
        if !text.starts_with('.') {
            return Err(SchemaError::name("hidden dataset name", text, "it must begin with a dot"));
        }
        Self::parse_any(text)
    }

    fn parse_any(text: &str) -> Result<Self, SchemaError> {
        let visible = text.strip_prefix('.').unwrap_or(text);
        if !visible.split('/').all(is_part) || visible.split('/').count() > 2 {
            return Err(SchemaError::name("dataset name", text, RULE));
        }
        Ok(match text.split_once('/') {
            Some((group, name)) => Self { group: Some(group.to_owned()), name: name.to_owned() },
            None => Self { group: None, name: text.to_owned() },
        })
    }

    /// The part before `/`.
    pub fn group(&self) -> Option<&str> {
        self.group.as_deref()
    }

    /// The part after `/`, or the whole name of a dataset without group.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether the dataset is the store's own, kept from lists, undo and changes by users.
    pub fn is_hidden(&self) -> bool {
        self.group.as_ref().unwrap_or(&self.name).starts_with('.')
    }
}

fn is_part(part: &str) -> bool {
    part.len() <= MAX_PART_CHARS
        && part.starts_with(|c: char| c.is_ascii_alphanumeric())
        && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}

impl fmt::Display for DatasetName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.group {
            Some(group) => f.pad(&format!("{group}/{}", self.name)),
            None => f.pad(&self.name),
        }
    }
}

impl FromStr for DatasetName {
    type Err = SchemaError;

    fn from_str(text: &str) -> Result<Self, SchemaError> {
        Self::parse(text)
    }
}

impl Serialize for DatasetName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Takes hidden names too: it reads what a store wrote.
impl<'de> Deserialize<'de> for DatasetName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse_any(&text).map_err(D::Error::custom)
    }
}
