//! Rows that were not there before, batch by batch.

use std::collections::HashSet;
use std::hash::{BuildHasherDefault, Hasher};

use restock::arrow::array::BooleanArray;
use restock::arrow::compute::filter_record_batch;
use restock::arrow::datatypes::SchemaRef;
use restock::arrow::error::ArrowError;
use restock::arrow::record_batch::RecordBatch;
use restock::arrow::row::{RowConverter, SortField};
use xxhash_rust::xxh3::xxh3_128;

/// Remembers of each row 128 bits of xxh3 over all its fields: about 20 bytes a row, however long rows are. Two different
/// rows among 10^9 have the same with a probability below 10^-20, less than a disk's undetected errors.
#[derive(Debug)]
pub(super) struct Distinct {
    converter: RowConverter,
    seen: HashSet<u128, BuildHasherDefault<AsIs>>,
}

impl Distinct {
    /// For batches of these columns.
    pub fn new(schema: &SchemaRef) -> restock::Result<Distinct> {
        let fields = schema.fields().iter().map(|field| SortField::new(field.data_type().clone()));
        let converter = RowConverter::new(fields.collect()).map_err(|error| refused(&error))?;
        Ok(Distinct { converter, seen: HashSet::default() })
    }

    /// The rows of a batch that were in none before, nor earlier in it.
    pub fn first_of_each(&mut self, batch: &RecordBatch) -> restock::Result<RecordBatch> {
        let rows = self.converter.convert_columns(batch.columns()).map_err(|error| refused(&error))?;
        let new: BooleanArray =
            rows.iter().map(|row| Some(self.seen.insert(xxh3_128(row.as_ref())))).collect();
        filter_record_batch(batch, &new).map_err(|error| refused(&error))
    }
}

fn refused(error: &ArrowError) -> restock::Error {
    restock::Error::Refused(format!("rows cannot be compared: {error}"))
}

/// The hash of what is a hash already.
#[derive(Debug, Default)]
struct AsIs(u64);

impl Hasher for AsIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u128(&mut self, hash: u128) {
        self.0 = hash as u64;
    }
}
