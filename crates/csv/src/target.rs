//! The columns that are made of a file.

use arrow::datatypes::SchemaRef;
use restock_schema::{Field, Schema, TextLimit};

/// What columns to make, in order, and how long their texts may be.
#[derive(Debug)]
pub struct Target {
    schema: Schema,
    arrow: SchemaRef,
    text_limits: Vec<Option<TextLimit>>,
    record_id: Option<usize>,
    affixes: bool,
}

impl Target {
    /// The columns of a schema, with one limit a field (fields beyond the list have none).
    #[must_use]
    pub fn new(schema: &Schema, mut text_limits: Vec<Option<TextLimit>>) -> Self {
        text_limits.resize(schema.fields().len(), None);
        Self {
            schema: schema.clone(),
            arrow: schema.to_arrow(),
            text_limits,
            record_id: None,
            affixes: false,
        }
    }

    /// The column of the record ID, which may not be the empty string.
    #[must_use]
    pub fn with_record_id(mut self, name: Option<&str>) -> Self {
        self.record_id = name.and_then(|name| self.schema.field(name)).map(|(place, _)| place);
        self
    }

    /// String columns whose strings are one prefix and a number each come as the numbers (`UInt32` or `UInt64`), with
    /// their [`AffixShape`](restock_schema::AffixShape) in the metadata of the batch's field: for who stores them so.
    /// Whether a column does is decided anew for each batch, by its values alone.
    #[must_use]
    pub fn with_affixes(mut self) -> Self {
        self.affixes = true;
        self
    }

    pub(crate) fn affixes(&self) -> bool {
        self.affixes
    }

    /// The schema.
    #[must_use]
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// Its Arrow form. A batch differs from it where a dictionary would not have paid: there it has a `Utf8` column.
    #[must_use]
    pub fn arrow(&self) -> &SchemaRef {
        &self.arrow
    }

    /// The fields with their limits, and whether they are the record ID.
    pub(crate) fn fields(&self) -> impl ExactSizeIterator<Item = (&Field, Option<TextLimit>, bool)> {
        let fields = self.schema.fields().iter().zip(self.text_limits.iter().copied()).enumerate();
        fields.map(|(place, (field, limit))| (field, limit, self.record_id == Some(place)))
    }
}
