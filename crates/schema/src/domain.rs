//! Domains of a group.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{SchemaError, normalise};

/// The use a group of datasets is made for; it requires and reserves more fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Domain {
    /// Goods with prices and categories.
    Ecommerce,
    /// Films and series with genres.
    VideoOnDemand,
}

impl Domain {
    /// Every domain.
    pub const ALL: [Self; 2] = [Self::Ecommerce, Self::VideoOnDemand];

    /// The name on the command line and in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ecommerce => "ecommerce",
            Self::VideoOnDemand => "video-on-demand",
        }
    }
}

impl fmt::Display for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Takes the service's spellings too (`VIDEO_ON_DEMAND`).
impl FromStr for Domain {
    type Err = SchemaError;

    fn from_str(text: &str) -> Result<Self, SchemaError> {
        let wanted = normalise(text);
        Self::ALL
            .into_iter()
            .find(|candidate| normalise(candidate.as_str()) == wanted)
            .ok_or_else(|| SchemaError::name("domain", text, "it must be one of ecommerce, video-on-demand"))
    }
}
