//! Limits on the length of values.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{DatasetType, Field, SchemaError, ValueType, normalise};

/// The longest value of `USER_ID`, `ITEM_ID`, `ACTION_ID` and a record ID, in characters.
const ID_CHARS: usize = 256;
/// The longest value of any other string that is not textual, in characters.
const STRING_CHARS: usize = 1_000;
/// What is kept of a textual value, in characters.
const TEXTUAL_CHARS: usize = 20_000;

/// A named set of limits on values, kept with a dataset.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LimitSet {
    /// No limit but the store's own.
    #[default]
    None,
    /// The limits of Amazon Personalize.
    Personalize,
}

/// What holds for the values of one string column. Characters are Unicode scalar values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TextLimit {
    /// A longer value is an error.
    Refuse {
        /// The most characters.
        chars: usize,
    },
    /// A longer value is cut.
    Cut {
        /// The characters kept.
        chars: usize,
    },
}

impl LimitSet {
    /// Every set.
    pub const ALL: [Self; 2] = [Self::None, Self::Personalize];

    /// The name on the command line and in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Personalize => "personalize",
        }
    }

    /// The limit on the values of a column; `record_id` is the dataset's record ID column, if the
    /// dataset declares one.
    pub fn for_field(
        self,
        field: &Field,
        dataset_type: DatasetType,
        record_id: Option<&str>,
    ) -> Option<TextLimit> {
        if self == Self::None || field.value_type != ValueType::String {
            return None;
        }
        let name = field.name.as_str();
        let is_id = record_id == Some(name)
            || (dataset_type != DatasetType::Custom && matches!(name, "USER_ID" | "ITEM_ID" | "ACTION_ID"));
        Some(match field {
            _ if is_id => TextLimit::Refuse { chars: ID_CHARS },
            Field { textual: true, .. } => TextLimit::Cut { chars: TEXTUAL_CHARS },
            _ => TextLimit::Refuse { chars: STRING_CHARS },
        })
    }
}

impl TextLimit {
    /// The most characters of a value.
    pub fn chars(self) -> usize {
        match self {
            Self::Refuse { chars } | Self::Cut { chars } => chars,
        }
    }

    /// The value as it is kept, cut where the limit cuts; `None` if the limit refuses it.
    pub fn admit(self, value: &str) -> Option<&str> {
        let chars = self.chars();
        // No string has more characters than bytes, and nearly all values end here.
        if value.len() <= chars {
            return Some(value);
        }
        match (value.char_indices().nth(chars), self) {
            (None, _) => Some(value),
            (Some((end, _)), Self::Cut { .. }) => value.get(..end),
            (Some(_), Self::Refuse { .. }) => None,
        }
    }
}

impl fmt::Display for LimitSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for LimitSet {
    type Err = SchemaError;

    fn from_str(text: &str) -> Result<Self, SchemaError> {
        let wanted = normalise(text);
        Self::ALL
            .into_iter()
            .find(|candidate| candidate.as_str() == wanted)
            .ok_or_else(|| SchemaError::name("limit set", text, "it must be one of none, personalize"))
    }
}
