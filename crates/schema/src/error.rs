//! Why a schema or a name was refused.

use crate::DatasetType;

/// A refused schema, schema change or name. Its text is complete: what is wrong, with which field,
/// by which rule, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SchemaError {
    /// The text is not JSON. Line and column count from 1.
    #[error("the schema is not valid JSON: line {line}, column {column}: {reason}")]
    Json {
        /// Line of the text, from 1.
        line: usize,
        /// Column of the line in bytes, from 1; 0 where the line ended too early.
        column: usize,
        /// What the parser met.
        reason: String,
    },
    /// The JSON is not a flat Avro record, or the record as a whole breaks a limit.
    #[error("the schema is refused: {reason}")]
    Record {
        /// The rule and how it is broken.
        reason: String,
    },
    /// One field breaks a rule that holds for every dataset.
    #[error("field {field}: {reason}")]
    Field {
        /// The field's name, or its position where it has none.
        field: String,
        /// The rule and how it is broken.
        reason: String,
    },
    /// The schema does not suit the dataset type, the domain or the record ID.
    #[error("the schema does not suit a dataset of type {dataset_type}: {reason}")]
    Unsuited {
        /// The dataset type the schema was held against.
        dataset_type: DatasetType,
        /// The field, the rule and how it is broken.
        reason: String,
    },
    /// The change from one schema to another is more than new nullable columns.
    #[error(
        "the schema cannot be changed so, a change may only add columns that allow null: {}",
        .differences.join("; ")
    )]
    Change {
        /// Every difference that is refused.
        differences: Vec<String>,
    },
    /// A name of a dataset, a type, a domain or a limit set is not one.
    #[error("{what} {name:?}: {reason}")]
    Name {
        /// What the name should name.
        what: &'static str,
        /// The name as given, cut at 80 characters.
        name: String,
        /// The rule.
        reason: String,
    },
}

impl SchemaError {
    pub(crate) fn record(reason: impl Into<String>) -> Self {
        Self::Record { reason: reason.into() }
    }

    pub(crate) fn field(field: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::Field { field: field.into(), reason: reason.into() }
    }

    pub(crate) fn unsuited(dataset_type: DatasetType, reason: impl Into<String>) -> Self {
        Self::Unsuited { dataset_type, reason: reason.into() }
    }

    pub(crate) fn name(what: &'static str, name: &str, reason: impl Into<String>) -> Self {
        Self::Name { what, name: crate::names::cut(name), reason: reason.into() }
    }
}
