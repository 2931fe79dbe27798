//! Scans: record batches of a view, in order, projected and filtered.

use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray};
use arrow::buffer::BooleanBuffer;
use arrow::compute::filter_record_batch;
use arrow::datatypes::{Schema as ArrowSchema, SchemaRef};
use arrow::record_batch::{RecordBatch, RecordBatchOptions};
use restock_schema::{Field, NamesThere};
use roaring::RoaringBitmap;
use serde::{Deserialize, Serialize};

use super::DatasetSnapshot;
use super::filter::{Filter, FilterValue};
use super::parts::Part;
use crate::error::{Error, Result};
use crate::keys::rows_with_key;

/// What a read sees (S4).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum View {
    /// A record ID once: the individual row shadows the bulk row.
    #[default]
    Merged,
    /// A record ID once: of the two rows the one committed last.
    Newest,
    /// Only what came by import.
    Bulk,
    /// Only what was put.
    Individual,
}

/// A scan to be narrowed and run.
#[derive(Clone, Debug)]
pub struct Scan {
    dataset: DatasetSnapshot,
    columns: Option<Vec<String>>,
    filters: Vec<(String, Wanted)>,
    view: View,
    limit: Option<u64>,
}

#[derive(Clone, Debug)]
enum Wanted {
    OneOf(Vec<FilterValue>),
    Between(Option<FilterValue>, Option<FilterValue>),
}

impl Scan {
    pub(super) fn new(dataset: DatasetSnapshot) -> Scan {
        Scan { dataset, columns: None, filters: Vec::new(), view: View::Merged, limit: None }
    }

    /// Only these columns, in this order.
    #[must_use]
    pub fn columns<S: Into<String>>(mut self, columns: impl IntoIterator<Item = S>) -> Scan {
        self.columns = Some(columns.into_iter().map(Into::into).collect());
        self
    }

    /// Another view than the merged one.
    #[must_use]
    pub fn view(mut self, view: View) -> Scan {
        self.view = view;
        self
    }

    /// Only rows whose `column` equals one of `values`.
    #[must_use]
    pub fn filter<V: Into<FilterValue>>(mut self, column: &str, values: impl IntoIterator<Item = V>) -> Scan {
        self.filters.push((column.to_owned(), Wanted::OneOf(values.into_iter().map(Into::into).collect())));
        self
    }

    /// Only rows whose `column` lies between `from` and `to`, both included.
    #[must_use]
    pub fn between<V: Into<FilterValue>>(self, column: &str, from: V, to: V) -> Scan {
        self.range(column, Some(from), Some(to))
    }

    /// Only rows whose `column` lies within bounds, both included; `None` is open.
    #[must_use]
    pub fn range<V: Into<FilterValue>>(mut self, column: &str, from: Option<V>, to: Option<V>) -> Scan {
        self.filters.push((column.to_owned(), Wanted::Between(from.map(Into::into), to.map(Into::into))));
        self
    }

    /// At most this many rows.
    #[must_use]
    pub fn limit(mut self, rows: u64) -> Scan {
        self.limit = Some(rows);
        self
    }

    /// The batches, dead and filtered rows taken out.
    ///
    /// # Errors
    /// A column that the dataset does not have; a value that does not fit its column; damage.
    pub fn batches(self) -> Result<Batches> {
        Ok(Batches { left: self.limit.unwrap_or(u64::MAX), masked: self.masked()? })
    }

    /// The batches as they lie in the segments, each with the mask of the rows that the scan shows.
    /// Nothing is copied where a column is stored as it is typed. The limit is not applied.
    ///
    /// # Errors
    /// As [`batches`](Self::batches).
    pub fn masked(self) -> Result<MaskedBatches> {
        let schema = self.dataset.schema().clone();
        let field = |name: &str| {
            schema.field(name).map(|(_, field)| field.clone()).ok_or_else(|| {
                let there = NamesThere::instead_of(name, schema.fields().iter().map(|field| &*field.name));
                let dataset = self.dataset.name();
                Error::Refused(format!("`{dataset}` has no column `{name}`; there is {there}"))
            })
        };
        let fields = match &self.columns {
            Some(columns) => columns.iter().map(|name| field(name)).collect::<Result<Vec<Field>>>()?,
            None => schema.fields().to_vec(),
        };
        let mut filters = Vec::new();
        for (column, wanted) in self.filters {
            let field = field(&column)?;
            let filter = match wanted {
                Wanted::OneOf(values) => Filter::one_of(&field, values)?,
                Wanted::Between(from, to) => Filter::between(&field, from, to)?,
            };
            filters.push((field, filter));
        }
        let mut parts = self.dataset.parts(self.view)?;
        let asked = filters.iter().find(|(field, _)| Some(field.name.as_str()) == self.dataset.record_id());
        if let Some((field, keys)) = asked.and_then(|(field, filter)| Some((field, filter.keys()?))) {
            keep_keys(&mut parts, field, &keys)?;
        }
        let arrow = ArrowSchema::new(fields.iter().map(Field::to_arrow).collect::<Vec<_>>());
        Ok(MaskedBatches {
            dataset: self.dataset,
            fields,
            filters,
            schema: Arc::new(arrow),
            parts,
            part: 0,
            batch: 0,
        })
    }
}

/// Hides every row of a segment that its key index does not name for one of `keys`.
fn keep_keys(parts: &mut [Part], field: &Field, keys: &[Vec<u8>]) -> Result<()> {
    for part in parts {
        let Some(segment) = &part.segment else { continue };
        let mut named = RoaringBitmap::new();
        for key in keys {
            named.extend(rows_with_key(segment, field, key)?);
        }
        let mut all = RoaringBitmap::new();
        all.insert_range(0..segment.rows() as u32);
        part.hidden |= all - named;
    }
    Ok(())
}

/// A batch as it lies in its segment, and which of its rows the scan shows.
#[derive(Clone, Debug)]
pub struct MaskedBatch {
    /// All rows.
    pub batch: RecordBatch,
    /// The rows that the scan shows; `None` is all.
    pub mask: Option<BooleanBuffer>,
}

/// The batches of [`Scan::masked`].
#[derive(Debug)]
pub struct MaskedBatches {
    dataset: DatasetSnapshot,
    fields: Vec<Field>,
    filters: Vec<(Field, Filter)>,
    schema: SchemaRef,
    parts: Vec<Part>,
    part: usize,
    batch: usize,
}

impl MaskedBatches {
    /// The schema of the batches.
    pub fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    fn step(&mut self) -> Result<Option<MaskedBatch>> {
        while let Some(part) = self.parts.get(self.part) {
            let batch = self.batch;
            let (batches, rows) = match &part.segment {
                Some(segment) => {
                    let batches = segment.batches()?;
                    (batches, if batch < batches { segment.rows_of(batch)? } else { 0..0 })
                }
                None => (1, 0..self.dataset.tail_rows()?.num_rows() as u64),
            };
            if batch >= batches {
                self.part += 1;
                self.batch = 0;
                continue;
            }
            self.batch += 1;
            if part.hidden.range_cardinality(rows.start as u32..rows.end as u32) == rows.end - rows.start {
                continue;
            }
            let mut mask = shown(&part.hidden, rows.start, rows.end);
            let column = |field: &Field| -> Result<ArrayRef> {
                match &part.segment {
                    Some(segment) => segment.column(batch, field),
                    None => {
                        let rows = self.dataset.tail_rows()?;
                        let column = rows.column_by_name(&field.name);
                        column.cloned().ok_or_else(|| Error::Refused(format!("no column `{}`", field.name)))
                    }
                }
            };
            for (field, filter) in &self.filters {
                let meets = filter.mask(&column(field)?);
                mask = Some(mask.map_or_else(|| meets.clone(), |mask| &mask & &meets));
            }
            if mask.as_ref().is_some_and(|mask| mask.count_set_bits() == 0) {
                continue;
            }
            let columns = self.fields.iter().map(column).collect::<Result<Vec<ArrayRef>>>()?;
            let options = RecordBatchOptions::new().with_row_count(Some((rows.end - rows.start) as usize));
            let batch = RecordBatch::try_new_with_options(self.schema.clone(), columns, &options)
                .map_err(|e| Error::damaged(crate::files::SEGMENTS, None, e.to_string()))?;
            return Ok(Some(MaskedBatch { batch, mask }));
        }
        Ok(None)
    }
}

/// The rows `start..end` that are not hidden; `None` is all of them.
fn shown(hidden: &RoaringBitmap, start: u64, end: u64) -> Option<BooleanBuffer> {
    let (start, end) = (start as u32, end as u32);
    if hidden.range_cardinality(start..end) == 0 {
        return None;
    }
    let rows = (end - start) as usize;
    let mut bits = arrow::array::BooleanBufferBuilder::new(rows);
    bits.append_n(rows, true);
    for row in hidden.range(start..end) {
        bits.set_bit((row - start) as usize, false);
    }
    Some(bits.finish())
}

impl Iterator for MaskedBatches {
    type Item = Result<MaskedBatch>;

    fn next(&mut self) -> Option<Self::Item> {
        let step = self.step().transpose();
        if matches!(step, Some(Err(_))) {
            self.parts.clear();
        }
        step
    }
}

/// The batches of [`Scan::batches`].
#[derive(Debug)]
pub struct Batches {
    masked: MaskedBatches,
    left: u64,
}

impl Batches {
    /// The schema of the batches.
    pub fn schema(&self) -> SchemaRef {
        self.masked.schema()
    }
}

impl Iterator for Batches {
    type Item = Result<RecordBatch>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.left == 0 {
            return None;
        }
        let MaskedBatch { batch, mask } = match self.masked.next()? {
            Ok(masked) => masked,
            Err(error) => return Some(Err(error)),
        };
        let batch = match mask {
            None => Ok(batch),
            Some(mask) => filter_record_batch(&batch, &BooleanArray::new(mask, None)),
        };
        let batch = match batch {
            Ok(batch) => batch,
            Err(error) => return Some(Err(Error::Refused(error.to_string()))),
        };
        let rows = (batch.num_rows() as u64).min(self.left);
        self.left -= rows;
        Some(Ok(batch.slice(0, rows as usize)))
    }
}
