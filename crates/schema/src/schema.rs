//! The columns of a dataset.

use std::{fmt, sync::Arc};

use ahash::AHashMap;
use arrow::datatypes::SchemaRef;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use crate::{
    Field, SchemaError, ValueType,
    avro::{self, Record},
    json, names,
};

/// The longest schema text, in characters (the service's own limit).
pub const MAX_SCHEMA_CHARS: usize = 20_000;

/// The most columns a dataset can have.
pub const MAX_COLUMNS: usize = 4_096;

/// A flat Avro record: a name and columns in order. Cheap to clone; in serde, the Avro JSON object.
///
/// It keeps the record's name, namespace and version and the fields with their types, nullability
/// and the attributes `categorical` and `textual`; other attributes are read and forgotten.
#[derive(Clone)]
pub struct Schema(Arc<Inner>);

struct Inner {
    record: Record,
    positions: AHashMap<String, usize>,
    arrow: SchemaRef,
}

impl Schema {
    /// A schema of these columns, without namespace and version.
    ///
    /// # Errors
    /// As [`Schema::from_avro`], but for what only a text can have.
    pub fn new(name: impl Into<String>, fields: Vec<Field>) -> Result<Self, SchemaError> {
        Self::from_record(Record { name: name.into(), namespace: None, version: None, fields })
    }

    /// Reads Avro schema JSON as users write it: unions of null and a type in either order and of
    /// one, fields in any order, `version` and `namespace` optional.
    ///
    /// # Errors
    /// Text that is not JSON ([`SchemaError::Json`]), longer than [`MAX_SCHEMA_CHARS`] or no flat
    /// Avro record ([`SchemaError::Record`]); a field with a nested or unknown type, a name that is
    /// no Avro name or occurs twice, an attribute that does not suit its type
    /// ([`SchemaError::Field`]).
    pub fn from_avro(text: &str) -> Result<Self, SchemaError> {
        check_length(text)?;
        let value = json::parse(text)?;
        Self::from_record(avro::read_record(&value)?)
    }

    fn from_record(record: Record) -> Result<Self, SchemaError> {
        check_names(&record)?;
        let mut positions = AHashMap::with_capacity(record.fields.len());
        for (position, field) in record.fields.iter().enumerate() {
            check_field(field)?;
            if positions.insert(field.name.clone(), position).is_some() {
                return Err(SchemaError::field(&field.name, "it occurs twice; field names must be unique"));
            }
        }
        let arrow_fields: Vec<_> = record.fields.iter().map(Field::to_arrow).collect();
        let arrow = Arc::new(arrow::datatypes::Schema::new(arrow_fields));
        let schema = Self(Arc::new(Inner { record, positions, arrow }));
        check_length(&avro::write_record(&schema).to_string())?;
        Ok(schema)
    }

    /// The Avro JSON, indented; without indentation where it would pass [`MAX_SCHEMA_CHARS`].
    /// Null is written first in its union. [`Schema::from_avro`] reads it back equal.
    pub fn to_avro(&self) -> String {
        let value = avro::write_record(self);
        let pretty = format!("{value:#}");
        if check_length(&pretty).is_ok() { pretty } else { value.to_string() }
    }

    /// The record's name.
    pub fn name(&self) -> &str {
        &self.0.record.name
    }

    /// The record's namespace, if it has one.
    pub fn namespace(&self) -> Option<&str> {
        self.0.record.namespace.as_deref()
    }

    /// The record's version, if it has one.
    pub fn version(&self) -> Option<&str> {
        self.0.record.version.as_deref()
    }

    /// The columns in order.
    pub fn fields(&self) -> &[Field] {
        &self.0.record.fields
    }

    /// The column of this exact name, with its position from 0.
    pub fn field(&self, name: &str) -> Option<(usize, &Field)> {
        let position = *self.0.positions.get(name)?;
        self.fields().get(position).map(|field| (position, field))
    }

    /// The Arrow schema: the columns in order, without metadata.
    pub fn to_arrow(&self) -> SchemaRef {
        Arc::clone(&self.0.arrow)
    }

    /// The schema whose columns take every value of an Arrow schema's. Any string or dictionary
    /// layout is a string (a dictionary a categorical one), times are `long`, lists of strings are
    /// strings.
    ///
    /// # Errors
    /// An Arrow type without counterpart, and what [`Schema::new`] refuses.
    pub fn from_arrow(name: &str, arrow: &arrow::datatypes::Schema) -> Result<Self, SchemaError> {
        let fields = arrow.fields().iter().map(|field| Field::from_arrow(field)).collect::<Result<_, _>>()?;
        Self::new(name, fields)
    }
}

fn check_length(text: &str) -> Result<(), SchemaError> {
    let chars = if text.len() <= MAX_SCHEMA_CHARS { text.len() } else { text.chars().count() };
    if chars <= MAX_SCHEMA_CHARS {
        return Ok(());
    }
    Err(SchemaError::record(format!("it has {chars} characters, the most is {MAX_SCHEMA_CHARS}")))
}

fn check_names(record: &Record) -> Result<(), SchemaError> {
    for (key, name) in [("name", Some(&record.name)), ("namespace", record.namespace.as_ref())] {
        let Some(name) = name else { continue };
        if !name.split('.').all(names::is_avro_name) {
            return Err(SchemaError::record(format!(
                r#""{key}" is {:?}; letters, digits and underscores only, not beginning with a digit"#,
                names::cut(name)
            )));
        }
    }
    let columns = record.fields.len();
    if columns == 0 {
        return Err(SchemaError::record("it has no field"));
    }
    if columns > MAX_COLUMNS {
        return Err(SchemaError::record(format!("it has {columns} fields, the most is {MAX_COLUMNS}")));
    }
    Ok(())
}

fn check_field(field: &Field) -> Result<(), SchemaError> {
    let refuse = |reason: String| Err(SchemaError::field(names::cut(&field.name), reason));
    if !names::is_avro_name(&field.name) {
        return refuse(
            "its name may have letters, digits and underscores only, and not begin with a digit".to_owned(),
        );
    }
    for (attribute, set) in [("categorical", field.categorical), ("textual", field.textual)] {
        if set && field.value_type != ValueType::String {
            return refuse(format!("only a string can be {attribute}, it is of type {}", field.value_type));
        }
    }
    if field.categorical && field.textual {
        return refuse("it is categorical and textual; it can be one of them".to_owned());
    }
    Ok(())
}

impl PartialEq for Schema {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
            || (self.name() == other.name()
                && self.namespace() == other.namespace()
                && self.version() == other.version()
                && self.fields() == other.fields())
    }
}

impl Eq for Schema {}

impl fmt::Debug for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Schema")
            .field("name", &self.name())
            .field("namespace", &self.namespace())
            .field("version", &self.version())
            .field("fields", &self.fields())
            .finish()
    }
}

impl Serialize for Schema {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        avro::write_record(self).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Schema {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = serde_json::Value::deserialize(deserializer)?;
        avro::read_record(&value).and_then(Self::from_record).map_err(D::Error::custom)
    }
}
