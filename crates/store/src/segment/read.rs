//! Reads a segment from its mapping: lazily, verified at first touch, nothing twice.

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use arrow::array::{
    Array, ArrayData, ArrayRef, AsArray, DictionaryArray, Int32Array, StringArray, make_array,
};
use arrow::buffer::{Buffer, NullBuffer};
use arrow::datatypes::{DataType, Int32Type};
use bytes::Bytes;
use restock_schema::Field;
use xxhash_rust::xxh3::xxh3_64;

use super::affix::Affix;
use super::contents::Contents;
use super::encode::{decode, null_column};
use super::key_cells::KeyCells;
use super::{Runs, SegmentMeta};
use crate::error::{Error, Result};
use crate::files;
use crate::keys::KeyIndex;
use crate::storage::Storage;

/// Batches that may stand decoded in memory while a segment is rewritten.
const BATCHES_AT_ONCE: usize = 32;
/// Of small batches more may, as long as they take no more than this in the file: each time that a segment is read
/// afresh its whole footer is, which is long if the batches are many.
const BYTES_AT_ONCE: u64 = 8 << 20;

/// An open segment. Opening checks lengths only; the footer is checked when the first batch is asked for, a
/// column of a batch when it is first touched, and the decoded array is kept.
#[derive(Debug)]
pub(crate) struct Segment {
    pub(super) meta: SegmentMeta,
    /// The commit that added it; unknown until that commit.
    commit: OnceLock<u64>,
    pub(super) path: String,
    pub(super) bytes: Bytes,
    pub(super) contents: OnceLock<Contents>,
    keys: Option<KeyIndex>,
    pub(super) key_cells: OnceLock<Vec<OnceLock<KeyCells>>>,
}

impl Segment {
    /// Maps a segment that the manifest names.
    pub fn open(storage: &dyn Storage, meta: SegmentMeta) -> Result<Segment> {
        let path = files::segment(meta.id);
        let bytes = storage.map(&path).map_err(|e| Error::io(format!("open {path}"), e))?;
        if bytes.len() as u64 != meta.bytes || meta.footer_at >= meta.bytes {
            let detail = format!("it has {} bytes where {} were written", bytes.len(), meta.bytes);
            return Err(Error::damaged(&path, None, detail));
        }
        let keys = match &meta.keys {
            Some(keys) => Some(KeyIndex::open(storage, meta.id, keys, meta.rows)?),
            None => None,
        };
        let commit = if meta.commit == 0 { OnceLock::new() } else { OnceLock::from(meta.commit) };
        Ok(Segment { meta, commit, path, bytes, contents: OnceLock::new(), keys, key_cells: OnceLock::new() })
    }

    /// The batch before which to read [`afresh`](Self::afresh) again, if the segment is read so before `first`.
    pub fn end_of_part(&self, first: usize) -> Result<usize> {
        let mut bytes = 0_u64;
        let small = self.contents()?.batches.iter().skip(first).take_while(|block| {
            bytes = bytes.saturating_add(block.bodyLength().max(0).cast_unsigned());
            bytes <= BYTES_AT_ONCE
        });
        Ok(first + small.count().max(BATCHES_AT_ONCE))
    }

    /// The same segment without the columns it has decoded so far. Whoever goes through all of it once reads
    /// up to the [`end_of_part`](Self::end_of_part) from each of these, or would leave all of it in memory.
    pub fn afresh(&self) -> Segment {
        Segment {
            meta: self.meta.clone(),
            commit: self.commit.clone(),
            path: self.path.clone(),
            bytes: self.bytes.clone(),
            contents: OnceLock::new(),
            keys: None,
            key_cells: OnceLock::new(),
        }
    }

    /// What the manifest says of it.
    pub fn meta(&self) -> SegmentMeta {
        SegmentMeta { commit: self.commit.get().copied().unwrap_or(0), ..self.meta.clone() }
    }

    /// Says which commit adds it, if none did yet.
    pub fn committed_by(&self, version: u64) {
        self.commit.get_or_init(|| version);
    }

    /// Its mapped files with their paths.
    pub fn files(&self) -> impl Iterator<Item = (&str, &Bytes)> {
        std::iter::once((self.path.as_str(), &self.bytes)).chain(self.keys.as_ref().map(KeyIndex::file))
    }

    /// Bytes of its files.
    pub fn bytes(&self) -> u64 {
        self.meta.bytes + self.meta.keys.as_ref().map_or(0, |keys| keys.bytes)
    }

    /// Its number.
    pub fn id(&self) -> u64 {
        self.meta.id
    }

    /// Rows in the file, dead ones included.
    pub fn rows(&self) -> u64 {
        self.meta.rows
    }

    /// The key index, if the dataset has a record ID.
    pub fn keys(&self) -> Option<&KeyIndex> {
        self.keys.as_ref()
    }

    /// The number of batches.
    pub fn batches(&self) -> Result<usize> {
        Ok(self.contents()?.batches.len())
    }

    /// The rows of a batch: numbers within the segment.
    pub fn rows_of(&self, batch: usize) -> Result<Range<u64>> {
        let contents = self.contents()?;
        match (contents.first_rows.get(batch), contents.first_rows.get(batch + 1)) {
            (Some(first), Some(end)) => Ok(*first..*end),
            _ => Err(self.damaged(None, format!("it has no batch {batch}"))),
        }
    }

    /// The batch that holds a row, and the row's number in it.
    pub fn locate(&self, row: u64) -> Result<(usize, usize)> {
        // All batches' messages have to be read once, since only they tell how many rows each holds.
        let contents = self.contents()?;
        let batch = contents.batch_of(row).filter(|_| row < self.meta.rows);
        match batch.and_then(|batch| Some((batch, *contents.first_rows.get(batch)?))) {
            Some((batch, first)) => Ok((batch, (row - first) as usize)),
            None => Err(self.damaged(None, format!("row {row} is named, and it has {}", self.meta.rows))),
        }
    }

    /// The commits of its rows.
    pub fn runs(&self) -> Result<&Runs> {
        let contents = self.contents()?;
        if let Some(runs) = contents.runs.get() {
            return Ok(runs);
        }
        let runs = Runs::from_text(&contents.runs_text, self.commit.get().copied().unwrap_or(0))
            .filter(|runs| runs.rows() == self.meta.rows)
            .ok_or_else(|| self.damaged(Some(self.meta.footer_at), "its commits do not cover its rows"))?;
        Ok(contents.runs.get_or_init(|| runs))
    }

    /// A column of a batch in its logical type; nulls if the segment is older than the column.
    pub fn column(&self, batch: usize, field: &Field) -> Result<ArrayRef> {
        let contents = self.contents()?;
        let Some(place) = contents.places.get(&field.name).copied() else {
            let rows = self.rows_of(batch)?;
            return Ok(null_column(&field.arrow_type(), (rows.end - rows.start) as usize));
        };
        if let Some(affix) = contents.affix_of.get(place).and_then(Option::as_ref) {
            return self.rendered(affix, self.stored(contents, batch, place)?, field);
        }
        let wanted = field.arrow_type();
        let stored = contents.schema.field(place).data_type();
        if *stored == wanted && !matches!(stored, DataType::Dictionary(..)) {
            return self.stored(contents, batch, place).cloned();
        }
        let columns = contents.schema.fields().len();
        let cell = contents.logical.get(batch * columns + place);
        let cell = cell.ok_or_else(|| self.damaged(None, format!("it has no batch {batch}")))?;
        if let Some(array) = cell.get().filter(|array| *array.data_type() == wanted) {
            return Ok(array.clone());
        }
        let stored = self.stored(contents, batch, place)?;
        let logical = self.to_logical(contents, stored, place, &wanted)?;
        // One type is kept: a dataset's column never changes it.
        drop(cell.set(logical.clone()));
        Ok(logical)
    }

    /// An affixed column of a batch as it is stored, and how it is read; `None` of another column.
    pub(super) fn numbers(&self, batch: usize, field: &Field) -> Result<Option<(&Affix, ArrayRef)>> {
        let contents = self.contents()?;
        let place = contents.places.get(&field.name).copied();
        let affixed = place.and_then(|place| Some((place, contents.affix_of.get(place)?.as_ref()?)));
        affixed.map(|(place, affix)| Ok((affix, self.stored(contents, batch, place)?.clone()))).transpose()
    }

    /// Not kept: strings take three times the memory of their numbers, and are made as fast as they are copied.
    fn rendered(&self, affix: &Affix, numbers: &ArrayRef, field: &Field) -> Result<ArrayRef> {
        let strings = affix.strings(numbers).filter(|_| field.arrow_type() == DataType::Utf8);
        let strings = strings.ok_or_else(|| {
            self.damaged(None, format!("column `{}` is stored as numbers that do not fit it", field.name))
        })?;
        Ok(Arc::new(strings))
    }

    fn to_logical(
        &self,
        contents: &Contents,
        stored: &ArrayRef,
        place: usize,
        wanted: &DataType,
    ) -> Result<ArrayRef> {
        match (stored.data_type(), wanted) {
            // A dictionary column of many distinct values is stored as strings: each row is its own entry.
            (DataType::Utf8, DataType::Dictionary(..)) => {
                let codes = Int32Array::new((0..stored.len() as i32).collect(), stored.nulls().cloned());
                let array = DictionaryArray::<Int32Type>::try_new(codes, stored.clone())
                    .map_err(|e| self.damaged(None, e.to_string()))?;
                Ok(Arc::new(array))
            }
            (
                DataType::UInt8 | DataType::UInt16 | DataType::Int32,
                DataType::Dictionary(..) | DataType::Utf8,
            ) => {
                let codes = arrow::compute::cast(stored, &DataType::Int32)
                    .map_err(|e| self.damaged(None, e.to_string()))?;
                let codes = codes.as_primitive::<Int32Type>().clone();
                let values = self.dictionary(contents, place)?;
                if *wanted == DataType::Utf8 {
                    return Ok(Arc::new(decode(&codes, values)));
                }
                let array = DictionaryArray::<Int32Type>::try_new(codes, Arc::new(values.clone()))
                    .map_err(|e| self.damaged(None, e.to_string()))?;
                Ok(Arc::new(array))
            }
            (stored, wanted) => {
                let name = contents.schema.field(place).name();
                Err(self.is_stored_as(name, stored, wanted))
            }
        }
    }

    pub(super) fn is_stored_as(&self, name: &str, stored: &DataType, wanted: &DataType) -> Error {
        self.damaged(None, format!("column `{name}` is stored as {stored}, and the schema has {wanted}"))
    }

    /// A column as stored (codes as plain integers), verified and validated at first touch.
    pub(super) fn stored<'a>(
        &self,
        contents: &'a Contents,
        batch: usize,
        place: usize,
    ) -> Result<&'a ArrayRef> {
        let columns = contents.schema.fields().len();
        let cell = contents.cells.get(batch * columns + place);
        let cell = cell.ok_or_else(|| self.damaged(None, format!("it has no batch {batch}")))?;
        if let Some(array) = cell.get() {
            return Ok(array);
        }
        let layout = self.layout(contents, batch)?;
        let data_type = match contents.schema.field(place).data_type() {
            DataType::Dictionary(codes, _) => codes.as_ref(),
            other => other,
        };
        let null_count = layout.null_counts.get(place).copied().unwrap_or(0);
        let (buffers, covered) = layout
            .columns
            .get(place)
            .ok_or_else(|| self.damaged(None, format!("batch {batch} has no column {place}")))?;
        let sum = contents.sums.column(batch, columns, place);
        let array = self.array(data_type, layout.rows, null_count, buffers, covered, sum)?;
        Ok(cell.get_or_init(|| array))
    }

    fn array(
        &self,
        data_type: &DataType,
        rows: usize,
        null_count: usize,
        buffers: &[Range<usize>],
        covered: &Range<usize>,
        sum: Option<u64>,
    ) -> Result<ArrayRef> {
        let at = Some(covered.start as u64);
        let bytes =
            self.bytes.get(covered.clone()).ok_or_else(|| self.damaged(at, "a column lies outside of it"))?;
        if Some(xxh3_64(bytes)) != sum {
            return Err(self.damaged(at, "the checksum of a column does not fit"));
        }
        let mut buffers = buffers.iter().map(|range| Buffer::from(self.bytes.slice(range.clone())));
        let validity = buffers.next().filter(|validity| !validity.is_empty());
        if validity.as_ref().is_some_and(|bits| bits.len() < rows.div_ceil(8)) {
            return Err(self.damaged(at, "a column has fewer validity bits than rows"));
        }
        let data = ArrayData::builder(data_type.clone())
            .len(rows)
            .nulls(validity.map(|bits| NullBuffer::new(arrow::buffer::BooleanBuffer::new(bits, 0, rows))))
            .buffers(buffers.collect())
            .align_buffers(true)
            .build()
            .map_err(|e| self.damaged(at, e.to_string()))?;
        if data.null_count() != null_count {
            return Err(self.damaged(at, "a column has another number of nulls than its message says"));
        }
        Ok(make_array(data))
    }

    pub(super) fn dictionary<'a>(&self, contents: &'a Contents, place: usize) -> Result<&'a StringArray> {
        let number = contents.dictionary_of.get(place).copied().flatten();
        let entry = number.and_then(|number| Some((number, contents.dictionaries.get(number)?)));
        let Some((number, (block, cell))) = entry else {
            return Err(self.damaged(Some(self.meta.footer_at), "a coded column has no dictionary"));
        };
        if let Some(values) = cell.get() {
            return Ok(values);
        }
        let mut sums = contents.sums.dictionaries.iter().skip(2 * number).copied();
        let message = self.message(block, sums.next())?;
        let batch = message.header_as_dictionary_batch().filter(|batch| batch.id() == number as i64);
        let data = batch.and_then(|batch| batch.data());
        let data =
            data.ok_or_else(|| self.damaged(Some(block.offset() as u64), "a dictionary has no values"))?;
        let layout = self.parse(block, data, [&DataType::Utf8].into_iter())?;
        let (buffers, covered) =
            layout.columns.first().ok_or_else(|| self.damaged(None, "a dictionary has no column"))?;
        let values = self.array(&DataType::Utf8, layout.rows, 0, buffers, covered, sums.next())?;
        Ok(cell.get_or_init(|| values.as_string::<i32>().clone()))
    }

    /// Reads and checks everything: every sum, every array, every commit.
    pub fn verify(&self) -> Result<()> {
        let contents = self.contents()?;
        let start = contents.batches.first().map_or(self.meta.footer_at, |block| block.offset() as u64);
        let preamble = self.bytes.get(..start as usize).unwrap_or_default();
        if xxh3_64(preamble) != contents.sums.preamble {
            return Err(self.damaged(Some(0), "the checksum of its preamble does not fit"));
        }
        for batch in 0..contents.batches.len() {
            for place in 0..contents.schema.fields().len() {
                self.stored(contents, batch, place)?;
            }
        }
        for place in 0..contents.schema.fields().len() {
            if contents.dictionary_of.get(place).is_some_and(Option::is_some) {
                self.dictionary(contents, place)?;
            }
        }
        self.runs()?;
        Ok(())
    }

    pub(crate) fn damaged(&self, offset: Option<u64>, detail: impl Into<String>) -> Error {
        Error::damaged(&self.path, offset, detail)
    }
}
