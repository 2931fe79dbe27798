//! How the columns of a segment are stored: decided by its first batch, and again by one that does not fit.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{Array, Int32Array, StringArray};
use arrow::buffer::{Buffer, NullBuffer};
use arrow::datatypes::{DataType, Field as ArrowField, Schema as ArrowSchema, SchemaRef};
use restock_schema::{AffixShape, Schema};

use super::affix::Affix;
use super::dictionary::{DictionaryBuilder, Encoding, codes_of, distinct};
use super::encode::{EncodedColumn, PlainColumn, decode, plain_strings};

/// A first batch of fewer rows does not tell whether all strings will be a prefix and a number.
const AFFIXED_ROWS: usize = 64;

/// The encodings of a segment's columns, and what its batches have shown so far.
#[derive(Debug, Default)]
pub(super) struct Plan {
    columns: Vec<PlannedColumn>,
}

#[derive(Debug)]
struct PlannedColumn {
    encoding: Encoding,
    dictionary: DictionaryBuilder,
    /// What its strings have in common, if they are affixed.
    shape: Option<AffixShape>,
}

/// A batch that does not fit the plan: its columns, and the number of the one at fault.
pub(super) type Unfit = (Vec<EncodedColumn>, usize);

impl Plan {
    /// As the first batch suggests.
    pub fn for_batch(columns: &[EncodedColumn], rows: usize) -> Plan {
        Plan::of(columns.iter().map(|column| match column {
            EncodedColumn::Plain(_) => Encoding::Plain,
            EncodedColumn::Codes { codes, values } => Encoding::for_column(distinct(codes, values), rows),
            EncodedColumn::Affixed(_) if rows < AFFIXED_ROWS => Encoding::Plain,
            EncodedColumn::Affixed(numbers) if numbers.wide => Encoding::Affix64,
            EncodedColumn::Affixed(_) => Encoding::Affix32,
        }))
    }

    fn of(encodings: impl Iterator<Item = Encoding>) -> Plan {
        let column =
            |encoding| PlannedColumn { encoding, dictionary: DictionaryBuilder::default(), shape: None };
        Plan { columns: encodings.map(column).collect() }
    }

    /// The plan of a file that begins again because `unfit` met something new.
    ///
    /// Where strings are affixed at first and then are not, no second surprise of that kind is waited for: each costs
    /// as much as all that is written so far.
    pub fn widened(&self, unfit: usize) -> Plan {
        let is_affix = self.columns.get(unfit).is_some_and(|column| column.encoding.is_affix());
        Plan::of(self.columns.iter().enumerate().map(|(at, column)| match column.encoding {
            encoding if encoding.is_affix() && is_affix => Encoding::Plain,
            encoding if at != unfit => encoding,
            _ if column.dictionary.is_heavy() => Encoding::Plain,
            encoding => encoding.wider(),
        }))
    }

    /// The columns in the file. What only its end shows is in the metadata of the footer's copy.
    pub fn schema(&self, schema: &Schema) -> SchemaRef {
        let fields = schema.fields().iter().zip(&self.columns).map(|(field, column)| {
            let data_type = match field.arrow_type() {
                DataType::Utf8 | DataType::Dictionary(..) => column.encoding.stored_type(),
                other => other,
            };
            let name = column.encoding.name().to_owned();
            let mut metadata = HashMap::from([(Encoding::METADATA_KEY.to_owned(), name)]);
            metadata.extend(column.shape.iter().flat_map(|shape| Affix::from(shape).metadata()));
            ArrowField::new(&field.name, data_type, field.nullable).with_metadata(metadata)
        });
        Arc::new(ArrowSchema::new(fields.collect::<Vec<_>>()))
    }

    /// The dictionaries of the coded columns.
    pub fn dictionaries(&self) -> Vec<StringArray> {
        let coded = self.columns.iter().filter(|column| column.encoding.is_coded());
        coded.map(|column| column.dictionary.values()).collect()
    }

    /// Every column as it will stand in the file; gives the columns back if one of them does not fit.
    pub fn recode(&mut self, columns: Vec<EncodedColumn>, rows: usize) -> Result<Vec<PlainColumn>, Unfit> {
        let mut recoded = Vec::with_capacity(columns.len());
        for (at, (column, planned)) in columns.iter().zip(&mut self.columns).enumerate() {
            match planned.recode(column, rows) {
                Some(column) => recoded.push(column),
                None => return Err((columns, at)),
            }
        }
        Ok(recoded)
    }
}

impl PlannedColumn {
    fn recode(&mut self, column: &EncodedColumn, rows: usize) -> Option<PlainColumn> {
        match (column, self.encoding) {
            (EncodedColumn::Plain(plain), Encoding::Plain) => Some(plain.clone()),
            (EncodedColumn::Plain(plain), encoding) if encoding.is_affix() => {
                (plain.null_count == rows).then(|| numbers_of_nulls(rows, encoding))
            }
            (EncodedColumn::Plain(plain), _) => {
                let (codes, values) = codes_of(&strings_of(plain, rows));
                self.coded(&codes, &values)
            }
            (EncodedColumn::Codes { codes, values }, Encoding::Plain) => {
                Some(plain_strings(&decode(codes, values)))
            }
            (EncodedColumn::Codes { codes, values }, _) => self.coded(codes, values),
            (EncodedColumn::Affixed(numbers), Encoding::Plain) => Some(plain_strings(&numbers.strings())),
            (EncodedColumn::Affixed(numbers), encoding) => {
                let shape = match &self.shape {
                    None => numbers.shape.clone(),
                    Some(shape) => shape.and(&numbers.shape)?,
                };
                self.shape = Some(shape);
                match encoding {
                    Encoding::Affix64 => Some(numbers.widened()),
                    _ if numbers.wide => None,
                    _ => Some(numbers.column.clone()),
                }
            }
        }
    }

    fn coded(&mut self, codes: &Int32Array, values: &StringArray) -> Option<PlainColumn> {
        let buffer = self.dictionary.recode(codes, values, self.encoding)?;
        Some(PlainColumn::new(codes.nulls(), [buffer]))
    }
}

/// An affixed column that is null in all rows.
fn numbers_of_nulls(rows: usize, encoding: Encoding) -> PlainColumn {
    let width = if encoding == Encoding::Affix64 { 8 } else { 4 };
    PlainColumn::new(Some(&NullBuffer::new_null(rows)), [Buffer::from_vec(vec![0_u8; rows * width])])
}

/// The strings in a plain column's buffers.
fn strings_of(plain: &PlainColumn, rows: usize) -> StringArray {
    let mut buffers = plain.buffers.iter();
    let validity = buffers.next().filter(|validity| !validity.is_empty()).cloned();
    let data = arrow::array::ArrayData::builder(DataType::Utf8)
        .len(rows)
        .null_bit_buffer(validity)
        .buffers(buffers.cloned().collect())
        .build();
    data.map(StringArray::from).unwrap_or_else(|_| StringArray::new_null(rows))
}
