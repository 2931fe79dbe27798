//! Turns a record batch into the buffers a segment stores: the parallel half of writing a segment.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, Int32Array, StringArray};
use arrow::buffer::{BooleanBuffer, Buffer, NullBuffer};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field as ArrowField, Float32Type, Float64Type, Int32Type, Int64Type};
use arrow::record_batch::RecordBatch;
use restock_schema::{AffixShape, Field, Schema};

use super::affix::Affixed;
use super::sums::padded_sum;
use crate::error::{Error, Result};
use crate::keys::fingerprint;

/// A column of a batch, ready to be written.
#[derive(Debug)]
pub(super) enum EncodedColumn {
    /// The buffers as Arrow lays them out (validity, then offsets and/or values), and their checksum.
    Plain(PlainColumn),
    /// Codes into a dictionary of this batch. The segment's own codes are given when the batch is appended,
    /// in row order, so that they do not depend on the number of threads.
    Codes { codes: Int32Array, values: StringArray },
    /// Strings that are a prefix and a number each.
    Affixed(Affixed),
}

/// A column's buffers as Arrow lays them out.
#[derive(Clone, Debug)]
pub(super) struct PlainColumn {
    pub null_count: usize,
    pub buffers: Vec<Buffer>,
    pub sum: u64,
}

impl PlainColumn {
    pub fn new(nulls: Option<&NullBuffer>, values: impl IntoIterator<Item = Buffer>) -> PlainColumn {
        let null_count = nulls.map_or(0, NullBuffer::null_count);
        let validity = match nulls {
            Some(nulls) if null_count > 0 => nulls.inner().sliced(),
            _ => Buffer::from_vec(Vec::<u8>::new()),
        };
        let buffers: Vec<Buffer> = std::iter::once(validity).chain(values).collect();
        let sum = padded_sum(buffers.iter().map(Buffer::as_slice));
        PlainColumn { null_count, buffers, sum }
    }
}

/// A batch ready to be appended to a [`super::SegmentWriter`].
#[derive(Debug)]
pub(crate) struct EncodedBatch {
    pub(super) rows: usize,
    pub(super) columns: Vec<EncodedColumn>,
    /// Fingerprints of the record IDs, one a row; empty without record ID.
    pub(super) fingerprints: Vec<u64>,
}

impl EncodedBatch {
    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }
}

/// Encodes batches of one schema. Cheap to clone; used by many threads at once.
#[derive(Clone, Debug)]
pub(crate) struct Encoder {
    schema: Schema,
    key: Option<usize>,
}

impl Encoder {
    /// An encoder for rows of `schema` whose record ID, if any, is column `key`.
    pub fn new(schema: Schema, key: Option<usize>) -> Encoder {
        Encoder { schema, key }
    }

    pub(crate) fn schema(&self) -> &Schema {
        &self.schema
    }

    pub(super) fn key(&self) -> Option<usize> {
        self.key
    }

    /// Encodes a batch. Its columns are the schema's, in order; a dictionary column may also be a plain
    /// string array (readers do so for columns of many distinct values), a string column numbers whose field says by
    /// the metadata of an [`AffixShape`](restock_schema::AffixShape) what strings they stand for.
    pub fn encode(&self, batch: &RecordBatch) -> Result<EncodedBatch> {
        self.check(batch)?;
        let mut columns = Vec::with_capacity(batch.num_columns());
        let there = batch.schema_ref().fields().iter().zip(batch.columns());
        for (field, (in_batch, array)) in self.schema.fields().iter().zip(there) {
            let affixed = Affixed::found(in_batch, array).map(EncodedColumn::Affixed);
            let encoded =
                affixed.or_else(|| encode_column(field, array)).ok_or_else(|| is_another(field, array))?;
            if let EncodedColumn::Codes { codes, values } = &encoded
                && text_bytes(codes, values) > i32::MAX as usize
            {
                return Err(Error::Refused(format!(
                    "a batch holds more than 2 GiB of text in column `{}`; give its rows in several batches",
                    field.name
                )));
            }
            columns.push(encoded);
        }
        let key = self.key.and_then(|key| Some((columns.get(key)?, batch.columns().get(key)?)));
        let fingerprints = match key {
            Some((EncodedColumn::Affixed(numbers), _)) => {
                let mut fingerprints = Vec::with_capacity(batch.num_rows());
                numbers.each(|key| fingerprints.push(fingerprint(key)));
                fingerprints
            }
            Some((_, keys)) => fingerprints(keys),
            None => Vec::new(),
        };
        Ok(EncodedBatch { rows: batch.num_rows(), columns, fingerprints })
    }

    /// Refuses a batch whose columns are not the schema's, or whose nulls it does not allow.
    pub fn check(&self, batch: &RecordBatch) -> Result<()> {
        let fields = self.schema.fields();
        if batch.num_columns() != fields.len() {
            return Err(Error::Refused(format!(
                "a batch of {} columns was given for a dataset of {}",
                batch.num_columns(),
                fields.len()
            )));
        }
        for (at, (field, array)) in fields.iter().zip(batch.columns()).enumerate() {
            if !field.nullable && array.logical_null_count() > 0 {
                return Err(Error::Refused(format!(
                    "column `{}` is not nullable and holds a null",
                    field.name
                )));
            }
            if !fits(field, array) && !is_affixed(field, batch.schema_ref().field(at), array) {
                return Err(is_another(field, array));
            }
        }
        Ok(())
    }

    /// A batch that fits, in the schema's types.
    pub fn as_typed(&self, batch: &RecordBatch) -> Result<RecordBatch> {
        let schema = self.schema.to_arrow();
        let there = batch.schema_ref().fields().iter().zip(batch.columns());
        let columns =
            schema.fields().iter().zip(there).map(|(field, (in_batch, column))| {
                match Affixed::found(in_batch, column) {
                    Some(numbers) => Ok(Arc::new(numbers.strings()) as ArrayRef),
                    None => cast(column, field.data_type()),
                }
            });
        let typed = columns.collect::<std::result::Result<_, _>>();
        let typed = typed.and_then(|columns| RecordBatch::try_new(schema.clone(), columns));
        typed.map_err(|e| Error::Refused(e.to_string()))
    }
}

/// The most rows of a batch with strings as numbers: their text fits one array.
const AFFIXED_ROWS_MAX: usize = i32::MAX as usize / 64;

/// Whether an array has the numbers of a string column.
fn is_affixed(field: &Field, in_batch: &ArrowField, array: &ArrayRef) -> bool {
    field.arrow_type() == DataType::Utf8
        && matches!(array.data_type(), DataType::UInt32 | DataType::UInt64)
        && AffixShape::from_metadata(in_batch.metadata()).is_some()
        && array.len() <= AFFIXED_ROWS_MAX
}

fn is_another(field: &Field, array: &ArrayRef) -> Error {
    Error::Refused(format!("column `{}` is {}, not {}", field.name, array.data_type(), field.arrow_type()))
}

/// Whether an array holds a column's values: strings may be plain or a dictionary, whatever the column is.
pub(crate) fn fits(field: &Field, array: &ArrayRef) -> bool {
    let is_text = |data_type: &DataType| match data_type {
        DataType::Utf8 => true,
        DataType::Dictionary(_, values) => **values == DataType::Utf8,
        _ => false,
    };
    let wanted = field.arrow_type();
    wanted == *array.data_type() || is_text(&wanted) && is_text(array.data_type())
}

fn encode_column(field: &Field, array: &ArrayRef) -> Option<EncodedColumn> {
    let nulls = array.nulls();
    Some(EncodedColumn::Plain(match array.data_type() {
        DataType::Boolean => {
            let bits: BooleanBuffer = array.as_boolean().values().clone();
            PlainColumn::new(nulls, [bits.sliced()])
        }
        DataType::Int32 => {
            PlainColumn::new(nulls, [array.as_primitive::<Int32Type>().values().inner().clone()])
        }
        DataType::Int64 => {
            PlainColumn::new(nulls, [array.as_primitive::<Int64Type>().values().inner().clone()])
        }
        DataType::Float32 => {
            PlainColumn::new(nulls, [array.as_primitive::<Float32Type>().values().inner().clone()])
        }
        DataType::Float64 => {
            PlainColumn::new(nulls, [array.as_primitive::<Float64Type>().values().inner().clone()])
        }
        DataType::Utf8 => {
            let strings = array.as_string::<i32>();
            if field.arrow_type() == DataType::Utf8
                && strings.len() <= AFFIXED_ROWS_MAX
                && let Some(numbers) = Affixed::new(strings)
            {
                return Some(EncodedColumn::Affixed(numbers));
            }
            plain_strings(strings)
        }
        DataType::Dictionary(key, _) if **key == DataType::Int32 => {
            let dictionary = array.as_dictionary::<Int32Type>();
            let values = dictionary.values().as_string_opt::<i32>()?.clone();
            if values.null_count() > 0 {
                // A row may be null by its value, too: only the strings themselves say so in one place.
                let strings = cast(array, &DataType::Utf8).ok()?;
                return Some(EncodedColumn::Plain(plain_strings(strings.as_string::<i32>())));
            }
            return Some(EncodedColumn::Codes { codes: dictionary.keys().clone(), values });
        }
        _ => return None,
    }))
}

/// A string column's buffers, its offsets beginning at 0 whatever it was sliced from.
pub(super) fn plain_strings(strings: &StringArray) -> PlainColumn {
    let offsets = strings.offsets();
    let (first, last) = match (offsets.first(), offsets.last()) {
        (Some(first), Some(last)) => (*first, *last),
        _ => (0, 0),
    };
    let values = strings.values().slice_with_length(first as usize, (last - first) as usize);
    let offsets: Buffer = if first == 0 {
        offsets.inner().inner().clone()
    } else {
        offsets.iter().map(|offset| offset - first).collect::<Vec<i32>>().into()
    };
    PlainColumn::new(strings.nulls(), [offsets, values])
}

/// Bytes of the strings that a coded column stands for.
pub(crate) fn text_bytes(codes: &Int32Array, values: &StringArray) -> usize {
    let offsets = values.value_offsets();
    let bytes = |code: i32| match offsets.get(usize::try_from(code).ok()?..)? {
        [start, end, ..] => Some((end - start) as usize),
        _ => None,
    };
    codes.iter().flatten().filter_map(bytes).sum()
}

/// The strings a coded column stands for; at most 2 GiB of them, which [`Encoder::encode`] sees to.
pub(super) fn decode(codes: &Int32Array, values: &StringArray) -> StringArray {
    let value = |code: i32| {
        usize::try_from(code).ok().filter(|code| *code < values.len()).map(|code| values.value(code))
    };
    codes.iter().map(|code| code.and_then(value)).collect()
}

fn fingerprints(keys: &ArrayRef) -> Vec<u64> {
    match keys.data_type() {
        DataType::Utf8 => {
            keys.as_string::<i32>().iter().map(|key| fingerprint(key.unwrap_or("").as_bytes())).collect()
        }
        DataType::Int32 => {
            let keys = keys.as_primitive::<Int32Type>().values();
            keys.iter().map(|key| fingerprint(&i64::from(*key).to_le_bytes())).collect()
        }
        DataType::Int64 => {
            let keys = keys.as_primitive::<Int64Type>().values();
            keys.iter().map(|key| fingerprint(&key.to_le_bytes())).collect()
        }
        // A categorical record ID.
        DataType::Dictionary(..) => {
            let keys = keys.as_dictionary::<Int32Type>();
            let Some(values) = keys.values().as_string_opt::<i32>() else { return Vec::new() };
            let key = |code: i32| usize::try_from(code).ok().map(|code| values.value(code));
            let keys = keys.keys().iter().map(|code| code.and_then(key).unwrap_or(""));
            keys.map(|key| fingerprint(key.as_bytes())).collect()
        }
        _ => Vec::new(),
    }
}

/// A column of nulls of a logical type: what a segment older than the column reads as.
pub(super) fn null_column(data_type: &DataType, rows: usize) -> ArrayRef {
    if *data_type == DataType::Boolean {
        return Arc::new(BooleanArray::new_null(rows));
    }
    arrow::array::new_null_array(data_type, rows)
}
