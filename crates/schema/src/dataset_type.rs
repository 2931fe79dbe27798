//! The kinds of dataset.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{SchemaError, normalise};

/// What a dataset is about. It decides the required fields and the record ID.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DatasetType {
    /// Who did what with which item, and when. No record ID.
    Interactions,
    /// Users by `USER_ID`.
    Users,
    /// Items by `ITEM_ID`.
    Items,
    /// Actions by `ACTION_ID`.
    Actions,
    /// Who did what with which action, and when. No record ID.
    ActionInteractions,
    /// Any flat record; the record ID is declared, or absent.
    Custom,
}

impl DatasetType {
    /// Every type.
    pub const ALL: [Self; 6] =
        [Self::Interactions, Self::Users, Self::Items, Self::Actions, Self::ActionInteractions, Self::Custom];

    /// The name on the command line and in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Interactions => "interactions",
            Self::Users => "users",
            Self::Items => "items",
            Self::Actions => "actions",
            Self::ActionInteractions => "action-interactions",
            Self::Custom => "custom",
        }
    }

    /// The record ID column the type prescribes. Interactions have none, `custom` declares its own.
    pub fn record_id(self) -> Option<&'static str> {
        match self {
            Self::Users => Some("USER_ID"),
            Self::Items => Some("ITEM_ID"),
            Self::Actions => Some("ACTION_ID"),
            Self::Interactions | Self::ActionInteractions | Self::Custom => None,
        }
    }

    /// The `name` a schema of the type has; `custom` takes any.
    pub fn avro_name(self) -> Option<&'static str> {
        match self {
            Self::Interactions => Some("Interactions"),
            Self::Users => Some("Users"),
            Self::Items => Some("Items"),
            Self::Actions => Some("Actions"),
            Self::ActionInteractions => Some("ActionInteractions"),
            Self::Custom => None,
        }
    }

    /// The column that says whose a row is: what deleting users goes by (S8).
    pub fn user_column(self) -> Option<&'static str> {
        match self {
            Self::Interactions | Self::Users | Self::ActionInteractions => Some("USER_ID"),
            Self::Items | Self::Actions | Self::Custom => None,
        }
    }
}

impl fmt::Display for DatasetType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Takes the service's spellings too (`Action_Interactions`, `ITEMS`).
impl FromStr for DatasetType {
    type Err = SchemaError;

    fn from_str(text: &str) -> Result<Self, SchemaError> {
        let wanted = normalise(text);
        Self::ALL.into_iter().find(|candidate| normalise(candidate.as_str()) == wanted).ok_or_else(|| {
            let names: Vec<_> = Self::ALL.iter().map(|known| known.as_str()).collect();
            SchemaError::name("dataset type", text, format!("it must be one of {}", names.join(", ")))
        })
    }
}
