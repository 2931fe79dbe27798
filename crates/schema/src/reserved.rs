//! The fields that dataset types and domains require and reserve, as tables.
//!
//! Where the service's guide contradicts itself, both spellings are taken.

use crate::{DatasetType, Domain, Field, ValueType};

/// How a reserved string is marked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    Plain,
    Categorical,
    Textual,
}

/// A field that a type requires, or whose name it keeps for one meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reserved {
    pub(crate) name: &'static str,
    /// Another name under which the field is taken.
    pub(crate) alias: Option<&'static str>,
    pub(crate) value_type: ValueType,
    /// Another type that is taken.
    pub(crate) or_type: Option<ValueType>,
    pub(crate) mark: Mark,
    /// Whether the field may allow null; it need not.
    pub(crate) nullable: bool,
    pub(crate) required: bool,
}

impl Reserved {
    const fn required(name: &'static str, value_type: ValueType) -> Self {
        Self {
            name,
            alias: None,
            value_type,
            or_type: None,
            mark: Mark::Plain,
            nullable: false,
            required: true,
        }
    }

    const fn optional(name: &'static str, value_type: ValueType) -> Self {
        Self { required: false, ..Self::required(name, value_type) }
    }

    const fn nullable(name: &'static str, value_type: ValueType) -> Self {
        Self { nullable: true, ..Self::optional(name, value_type) }
    }

    const fn marked(self, mark: Mark) -> Self {
        Self { mark, ..self }
    }

    const fn or_named(self, alias: &'static str) -> Self {
        Self { alias: Some(alias), ..self }
    }

    const fn or_typed(self, value_type: ValueType) -> Self {
        Self { or_type: Some(value_type), ..self }
    }

    pub(crate) fn is_named(&self, name: &str) -> bool {
        self.name == name || self.alias == Some(name)
    }

    /// Whether a field of the name has the type and marks it must have.
    pub(crate) fn suits(&self, field: &Field) -> bool {
        (field.value_type == self.value_type || Some(field.value_type) == self.or_type)
            && (self.nullable || !field.nullable)
            && field.categorical == (self.mark == Mark::Categorical)
            && field.textual == (self.mark == Mark::Textual)
    }

    /// What the field must be, as a message says it.
    pub(crate) fn wanted(&self) -> String {
        let mark = match self.mark {
            Mark::Plain => "",
            Mark::Categorical => "categorical ",
            Mark::Textual => "textual ",
        };
        let or_type = self.or_type.map(|other| format!(" or {other}")).unwrap_or_default();
        let null = if self.nullable { ", with or without null" } else { ", without null" };
        let unmarked = match (self.mark, self.value_type) {
            (Mark::Plain, ValueType::String) => ", neither categorical nor textual",
            _ => "",
        };
        format!("{mark}{}{or_type}{null}{unmarked}", self.value_type)
    }

    /// The field to propose where it is missing.
    pub(crate) fn to_field(self) -> Field {
        Field {
            name: self.name.to_owned(),
            value_type: self.value_type,
            nullable: self.nullable,
            categorical: self.mark == Mark::Categorical,
            textual: self.mark == Mark::Textual,
        }
    }
}

/// Short names for the tables.
const STRING: ValueType = ValueType::String;
const LONG: ValueType = ValueType::Long;
const FLOAT: ValueType = ValueType::Float;

const USER_ID: Reserved = Reserved::required("USER_ID", STRING);
const ITEM_ID: Reserved = Reserved::required("ITEM_ID", STRING);
const ACTION_ID: Reserved = Reserved::required("ACTION_ID", STRING);
const TIMESTAMP: Reserved = Reserved::required("TIMESTAMP", LONG);
const EVENT_TYPE: Reserved = Reserved::required("EVENT_TYPE", STRING);
const EVENT_VALUE: Reserved = Reserved::nullable("EVENT_VALUE", FLOAT);
const IMPRESSION: Reserved = Reserved::nullable("IMPRESSION", STRING);
const RECOMMENDATION_ID: Reserved = Reserved::nullable("RECOMMENDATION_ID", STRING);
const EVENT_ATTRIBUTION_SOURCE: Reserved = Reserved::nullable("EVENT_ATTRIBUTION_SOURCE", STRING);
const CREATION_TIMESTAMP: Reserved = Reserved::optional("CREATION_TIMESTAMP", LONG);
const PRODUCT_DESCRIPTION: Reserved = Reserved::nullable("PRODUCT_DESCRIPTION", STRING).marked(Mark::Textual);

const fn category(name: &'static str) -> Reserved {
    Reserved::nullable(name, STRING).marked(Mark::Categorical)
}

const INTERACTIONS: &[Reserved] = &[
    USER_ID,
    ITEM_ID,
    TIMESTAMP,
    Reserved::optional("EVENT_TYPE", STRING),
    EVENT_VALUE,
    IMPRESSION,
    RECOMMENDATION_ID,
    EVENT_ATTRIBUTION_SOURCE,
];

const DOMAIN_INTERACTIONS: &[Reserved] = &[
    USER_ID,
    ITEM_ID,
    TIMESTAMP,
    EVENT_TYPE,
    EVENT_VALUE,
    IMPRESSION,
    RECOMMENDATION_ID,
    EVENT_ATTRIBUTION_SOURCE,
];

const USERS: &[Reserved] = &[USER_ID];

const VIDEO_USERS: &[Reserved] = &[USER_ID, category("SUBSCRIPTION_MODEL")];

const ITEMS: &[Reserved] = &[ITEM_ID, CREATION_TIMESTAMP];

const ECOMMERCE_ITEMS: &[Reserved] = &[
    ITEM_ID,
    Reserved::required("PRICE", FLOAT),
    Reserved::required("CATEGORY_L1", STRING).marked(Mark::Categorical),
    category("CATEGORY_L2"),
    category("CATEGORY_L3"),
    PRODUCT_DESCRIPTION,
    CREATION_TIMESTAMP.or_typed(FLOAT),
    category("AGE_GROUP"),
    category("ADULT"),
    category("GENDER"),
];

const VIDEO_ITEMS: &[Reserved] = &[
    ITEM_ID,
    Reserved::required("CREATION_TIMESTAMP", LONG),
    Reserved::required("GENRES", STRING).marked(Mark::Categorical).or_named("GENRES_L1"),
    Reserved::nullable("PRICE", FLOAT),
    Reserved::nullable("DURATION", FLOAT),
    category("GENRE_L2"),
    category("GENRE_L3"),
    Reserved::nullable("AVERAGE_RATING", FLOAT),
    PRODUCT_DESCRIPTION,
    category("CONTENT_OWNER"),
    category("CONTENT_CLASSIFICATION"),
];

const ACTIONS: &[Reserved] = &[
    ACTION_ID,
    CREATION_TIMESTAMP,
    Reserved::nullable("VALUE", LONG),
    Reserved::nullable("TYPE", STRING),
    Reserved::nullable("EXPIRATION_TIMESTAMP", LONG).or_named("ACTION_EXPIRATION_TIMESTAMP"),
    Reserved::nullable("REPEAT_FREQUENCY", LONG),
];

const ACTION_INTERACTIONS: &[Reserved] =
    &[USER_ID, ACTION_ID, EVENT_TYPE, TIMESTAMP, IMPRESSION, RECOMMENDATION_ID];

/// The fields a type requires and reserves in a group with or without domain.
pub(crate) fn reserved(dataset_type: DatasetType, domain: Option<Domain>) -> &'static [Reserved] {
    match (dataset_type, domain) {
        (DatasetType::Interactions, None) => INTERACTIONS,
        (DatasetType::Interactions, Some(_)) => DOMAIN_INTERACTIONS,
        (DatasetType::Users, Some(Domain::VideoOnDemand)) => VIDEO_USERS,
        (DatasetType::Users, _) => USERS,
        (DatasetType::Items, None) => ITEMS,
        (DatasetType::Items, Some(Domain::Ecommerce)) => ECOMMERCE_ITEMS,
        (DatasetType::Items, Some(Domain::VideoOnDemand)) => VIDEO_ITEMS,
        (DatasetType::Actions, _) => ACTIONS,
        (DatasetType::ActionInteractions, _) => ACTION_INTERACTIONS,
        (DatasetType::Custom, _) => &[],
    }
}

/// The most metadata columns of a type, and whether reserved fields count as metadata.
pub(crate) fn metadata_limit(dataset_type: DatasetType) -> Option<(usize, bool)> {
    match dataset_type {
        DatasetType::Items => Some((100, true)),
        DatasetType::Users => Some((25, true)),
        DatasetType::Actions => Some((10, true)),
        DatasetType::Interactions | DatasetType::ActionInteractions => Some((5, false)),
        DatasetType::Custom => None,
    }
}
