//! Avro schema JSON.

use restock_schema::Schema;

/// A text that reads as a schema reads the same after it was written, in each form that is written.
pub(crate) fn avro(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    let Ok(schema) = Schema::from_avro(text) else { return };
    assert_eq!(Schema::from_avro(&schema.to_avro()), Ok(schema));
}
