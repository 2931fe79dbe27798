//! What a dataset may hold: dataset types with their required and reserved fields, Avro schema JSON
//! and its Arrow form, schema change, value limits, and dataset names.
//!
//! A [`Schema`] is any flat Avro record. [`check`] holds it against a [`DatasetType`] and a
//! [`Domain`], [`evolve`] against the schema it is to replace. Every refusal is a [`SchemaError`]
//! whose text names the field and the rule.
//!
//! ```
//! use restock_schema::{DatasetType, Schema, check};
//!
//! let schema = Schema::from_avro(
//!     r#"{"type": "record", "name": "Items", "fields": [
//!         {"name": "ITEM_ID", "type": "string"},
//!         {"name": "GENRES", "type": ["null", "string"], "categorical": true}]}"#,
//! )?;
//! check(&schema, DatasetType::Items, None, None)?;
//! assert_eq!(schema.field("GENRES").map(|(index, field)| (index, field.nullable)), Some((1, true)));
//! # Ok::<(), restock_schema::SchemaError>(())
//! ```

mod affix;
mod avro;
mod check;
mod dataset_name;
mod dataset_type;
mod domain;
mod draft;
mod error;
mod evolve;
mod field;
mod json;
mod limits;
mod names;
mod near;
mod reserved;
mod schema;
mod value_type;

pub use affix::AffixShape;
pub use check::check;
pub use dataset_name::DatasetName;
pub use dataset_type::DatasetType;
pub use domain::Domain;
pub use draft::{Draft, draft};
pub use error::SchemaError;
pub use evolve::evolve;
pub use field::Field;
pub use limits::{LimitSet, TextLimit};
pub use names::normalise;
pub use near::{NamesThere, did_you_mean, near_names};
pub use schema::{MAX_COLUMNS, MAX_SCHEMA_CHARS, Schema};
pub use value_type::ValueType;
