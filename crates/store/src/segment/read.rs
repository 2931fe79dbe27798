//! Reads a segment from its mapping: lazily, verified at first touch, nothing twice.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use arrow::array::{
    Array, ArrayData, ArrayRef, AsArray, DictionaryArray, Int32Array, Int64Array, StringArray, make_array,
};
use arrow::buffer::{Buffer, NullBuffer};
use arrow::datatypes::{DataType, Int32Type, Schema as ArrowSchema};
use arrow::ipc::convert::fb_to_schema;
use arrow::ipc::{Block, Message, RecordBatch as Layout, root_as_footer, root_as_message};
use bytes::Bytes;
use restock_schema::Field;
use xxhash_rust::xxh3::xxh3_64;

use super::dictionary::Encoding;
use super::encode::{decode, null_column};
use super::ipc::{END_OF_STREAM, MAGIC, buffers_of};
use super::sums::SumTable;
use super::write::{ROWS, RUNS, SUMS};
use super::{Runs, SegmentMeta};
use crate::error::{Error, Result};
use crate::files;
use crate::keys::KeyIndex;
use crate::storage::Storage;

/// An open segment. Opening checks lengths only; the footer is checked when the first batch is asked for, a
/// column of a batch when it is first touched, and the decoded array is kept.
#[derive(Debug)]
pub(crate) struct Segment {
    meta: SegmentMeta,
    /// The commit that added it; unknown until that commit.
    commit: OnceLock<u64>,
    path: String,
    bytes: Bytes,
    contents: OnceLock<Contents>,
    keys: Option<KeyIndex>,
    key_cells: OnceLock<Vec<OnceLock<KeyCells>>>,
}

/// What the footer says.
#[derive(Debug)]
struct Contents {
    schema: ArrowSchema,
    places: HashMap<String, usize>,
    /// Number in the file of the dictionary of each coded column.
    dictionary_of: Vec<Option<usize>>,
    batches: Vec<Block>,
    layouts: Vec<OnceLock<BatchLayout>>,
    first_rows: Vec<u64>,
    sums: SumTable,
    dictionaries: Vec<(Block, OnceLock<StringArray>)>,
    cells: Vec<OnceLock<ArrayRef>>,
    logical: Vec<OnceLock<ArrayRef>>,
    runs: OnceLock<Runs>,
    runs_text: String,
}

/// Where a batch's buffers lie in the file.
#[derive(Debug)]
struct BatchLayout {
    rows: usize,
    null_counts: Vec<usize>,
    /// For each column its buffers, and the padded range they cover.
    columns: Vec<(Vec<Range<usize>>, Range<usize>)>,
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
        let after = contents.first_rows.partition_point(|first| *first <= row);
        let batch = after.checked_sub(1).filter(|_| row < self.meta.rows);
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
        let wanted = field.arrow_type();
        let stored = contents.schema.field(place).data_type();
        if *stored == wanted && !matches!(stored, DataType::Dictionary(..)) {
            return self.stored(contents, batch, place);
        }
        let columns = contents.schema.fields().len();
        let cell = contents.logical.get(batch * columns + place);
        let cell = cell.ok_or_else(|| self.damaged(None, format!("it has no batch {batch}")))?;
        if let Some(array) = cell.get() {
            return Ok(array.clone());
        }
        let stored = self.stored(contents, batch, place)?;
        let logical = self.to_logical(contents, stored, place, &wanted)?;
        Ok(cell.get_or_init(|| logical).clone())
    }

    fn to_logical(
        &self,
        contents: &Contents,
        stored: ArrayRef,
        place: usize,
        wanted: &DataType,
    ) -> Result<ArrayRef> {
        match (stored.data_type(), wanted) {
            // A dictionary column of many distinct values is stored as strings: each row is its own entry.
            (DataType::Utf8, DataType::Dictionary(..)) => {
                let codes = Int32Array::new((0..stored.len() as i32).collect(), stored.nulls().cloned());
                let array = DictionaryArray::<Int32Type>::try_new(codes, stored)
                    .map_err(|e| self.damaged(None, e.to_string()))?;
                Ok(Arc::new(array))
            }
            (
                DataType::UInt8 | DataType::UInt16 | DataType::Int32,
                DataType::Dictionary(..) | DataType::Utf8,
            ) => {
                let codes = arrow::compute::cast(&stored, &DataType::Int32)
                    .map_err(|e| self.damaged(None, e.to_string()))?;
                let codes = codes.as_primitive::<Int32Type>().clone();
                let values = self.dictionary(contents, place)?;
                if *wanted == DataType::Utf8 {
                    return Ok(Arc::new(decode(&codes, &values)));
                }
                let array = DictionaryArray::<Int32Type>::try_new(codes, Arc::new(values))
                    .map_err(|e| self.damaged(None, e.to_string()))?;
                Ok(Arc::new(array))
            }
            (stored, wanted) => {
                let name = contents.schema.field(place).name();
                Err(self.damaged(
                    None,
                    format!("column `{name}` is stored as {stored}, and the schema has {wanted}"),
                ))
            }
        }
    }

    /// A column as stored (codes as plain integers), verified and validated at first touch.
    fn stored(&self, contents: &Contents, batch: usize, place: usize) -> Result<ArrayRef> {
        let columns = contents.schema.fields().len();
        let cell = contents.cells.get(batch * columns + place);
        let cell = cell.ok_or_else(|| self.damaged(None, format!("it has no batch {batch}")))?;
        if let Some(array) = cell.get() {
            return Ok(array.clone());
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
        Ok(cell.get_or_init(|| array).clone())
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

    fn dictionary(&self, contents: &Contents, place: usize) -> Result<StringArray> {
        let number = contents.dictionary_of.get(place).copied().flatten();
        let entry = number.and_then(|number| Some((number, contents.dictionaries.get(number)?)));
        let Some((number, (block, cell))) = entry else {
            return Err(self.damaged(Some(self.meta.footer_at), "a coded column has no dictionary"));
        };
        if let Some(values) = cell.get() {
            return Ok(values.clone());
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
        Ok(cell.get_or_init(|| values.as_string::<i32>().clone()).clone())
    }

    fn layout<'a>(&self, contents: &'a Contents, batch: usize) -> Result<&'a BatchLayout> {
        let (Some(block), Some(cell)) = (contents.batches.get(batch), contents.layouts.get(batch)) else {
            return Err(self.damaged(None, format!("it has no batch {batch}")));
        };
        if let Some(layout) = cell.get() {
            return Ok(layout);
        }
        let fields = contents.schema.fields();
        let message = self.message(block, contents.sums.message(batch, fields.len()))?;
        let data = message.header_as_record_batch();
        let data = data.ok_or_else(|| self.damaged(Some(block.offset() as u64), "a batch has no header"))?;
        let types = fields.iter().map(|field| match field.data_type() {
            DataType::Dictionary(codes, _) => codes.as_ref(),
            other => other,
        });
        let layout = self.parse(block, data, types)?;
        Ok(cell.get_or_init(|| layout))
    }

    /// The flatbuffer of a message, after its checksum.
    fn message(&self, block: &Block, sum: Option<u64>) -> Result<Message<'_>> {
        let at = block.offset() as u64;
        let frame = usize::try_from(block.offset()).ok().zip(usize::try_from(block.metaDataLength()).ok());
        let frame = frame.and_then(|(start, length)| self.bytes.get(start..start.checked_add(length)?));
        let frame = frame.ok_or_else(|| self.damaged(Some(at), "a message lies outside of it"))?;
        if Some(xxh3_64(frame)) != sum {
            return Err(self.damaged(Some(at), "the checksum of a message does not fit"));
        }
        let message = frame.get(8..).map(root_as_message);
        match message {
            Some(Ok(message)) => Ok(message),
            _ => Err(self.damaged(Some(at), "a message cannot be read")),
        }
    }

    fn parse<'a>(
        &self,
        block: &Block,
        data: Layout<'_>,
        types: impl Iterator<Item = &'a DataType>,
    ) -> Result<BatchLayout> {
        let broken = |detail: &str| self.damaged(Some(block.offset() as u64), detail);
        let body = block.offset() as usize + block.metaDataLength() as usize;
        let body_length = usize::try_from(block.bodyLength()).ok();
        let body_length = body_length.filter(|length| self.bytes.len().checked_sub(body) >= Some(*length));
        let body_length = body_length.ok_or_else(|| broken("a batch lies outside of it"))?;
        let (Some(nodes), Some(places)) = (data.nodes(), data.buffers()) else {
            return Err(broken("a batch lists no columns"));
        };
        let rows = usize::try_from(data.length()).map_err(|_| broken("a batch has a negative length"))?;
        let mut places = places.iter();
        let mut nodes = nodes.iter();
        let mut layout = BatchLayout { rows, null_counts: Vec::new(), columns: Vec::new() };
        let mut start = body;
        for data_type in types {
            let node = nodes.next().ok_or_else(|| broken("a batch has too few columns"))?;
            if node.length() != data.length() {
                return Err(broken("columns of a batch differ in length"));
            }
            layout.null_counts.push(node.null_count() as usize);
            let mut buffers = Vec::with_capacity(3);
            let mut end = start;
            for _ in 0..buffers_of(data_type) {
                let place = places.next().ok_or_else(|| broken("a batch has too few buffers"))?;
                let (offset, length) = (place.offset() as usize, place.length() as usize);
                if offset.checked_add(length).is_none_or(|end| end > body_length) || body + offset != end {
                    return Err(broken("a buffer lies outside of its batch"));
                }
                buffers.push(body + offset..body + offset + length);
                end = (body + offset + length).next_multiple_of(super::sums::ALIGNMENT);
            }
            layout.columns.push((buffers, start..end));
            start = end;
        }
        Ok(layout)
    }

    fn contents(&self) -> Result<&Contents> {
        if let Some(contents) = self.contents.get() {
            return Ok(contents);
        }
        let contents = self.read_footer()?;
        Ok(self.contents.get_or_init(|| contents))
    }

    fn read_footer(&self) -> Result<Contents> {
        let at = self.meta.footer_at;
        let broken = |detail: &str| self.damaged(Some(at), detail);
        let region = self.bytes.get(at as usize..).unwrap_or_default();
        if xxh3_64(region) != self.meta.footer_sum {
            return Err(broken("the checksum of its footer does not fit"));
        }
        let footer = region.get(END_OF_STREAM.len()..region.len().saturating_sub(4 + MAGIC.len()));
        let footer = footer.and_then(|footer| root_as_footer(footer).ok());
        let footer = footer.ok_or_else(|| broken("its footer cannot be read"))?;
        let schema = footer.schema().map(fb_to_schema).ok_or_else(|| broken("its footer has no schema"))?;
        let batches: Vec<Block> =
            footer.recordBatches().map(|blocks| blocks.iter().copied().collect()).unwrap_or_default();
        let blocks: Vec<Block> =
            footer.dictionaries().map(|blocks| blocks.iter().copied().collect()).unwrap_or_default();
        let mut metadata = HashMap::new();
        for entry in footer.custom_metadata().iter().flatten() {
            if let (Some(key), Some(value)) = (entry.key(), entry.value()) {
                metadata.insert(key.to_owned(), value.to_owned());
            }
        }
        let columns = schema.fields().len();
        let sums = metadata
            .get(SUMS)
            .and_then(|text| SumTable::from_text(text, batches.len(), columns, blocks.len()));
        let sums = sums.ok_or_else(|| broken("its checksum table does not fit its batches"))?;
        if metadata.get(ROWS).and_then(|rows| rows.parse().ok()) != Some(self.meta.rows) {
            return Err(broken("it has another number of rows than the manifest says"));
        }
        let mut coded = 0;
        let mut dictionary_of = Vec::with_capacity(columns);
        for field in schema.fields() {
            let encoding = field.metadata().get(Encoding::METADATA_KEY).map_or("plain", String::as_str);
            if !matches!(encoding, "plain" | "codes") {
                return Err(Error::NewerFormat {
                    file: self.path.clone(),
                    found: format!("column `{}` in the encoding `{encoding}`", field.name()),
                    supported: "the encodings `plain` and `codes`".into(),
                });
            }
            let is_coded = matches!(field.data_type(), DataType::Dictionary(..));
            dictionary_of.push(is_coded.then_some(coded));
            coded += usize::from(is_coded);
        }
        let mut contents = Contents {
            places: schema
                .fields()
                .iter()
                .enumerate()
                .map(|(place, field)| (field.name().clone(), place))
                .collect(),
            schema,
            dictionary_of,
            layouts: batches.iter().map(|_| OnceLock::new()).collect(),
            cells: (0..batches.len() * columns).map(|_| OnceLock::new()).collect(),
            logical: (0..batches.len() * columns).map(|_| OnceLock::new()).collect(),
            batches,
            first_rows: vec![0],
            sums,
            dictionaries: blocks.into_iter().map(|block| (block, OnceLock::new())).collect(),
            runs: OnceLock::new(),
            runs_text: metadata.remove(RUNS).unwrap_or_default(),
        };
        let mut rows = 0;
        for batch in 0..contents.batches.len() {
            rows += self.layout(&contents, batch)?.rows as u64;
            contents.first_rows.push(rows);
        }
        if rows != self.meta.rows {
            return Err(broken("its batches hold another number of rows than the manifest says"));
        }
        Ok(contents)
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

    /// Calls `then` with the key bytes of a row. `field` is the dataset's record ID.
    pub fn with_key<R>(&self, row: u32, field: &Field, then: impl FnOnce(&[u8]) -> R) -> Result<R> {
        let (batch, row) = self.locate(u64::from(row))?;
        let batches = self.batches()?;
        let cells = self.key_cells.get_or_init(|| (0..batches).map(|_| OnceLock::new()).collect());
        let cell = cells.get(batch).ok_or_else(|| self.damaged(None, format!("it has no batch {batch}")))?;
        if let Some(keys) = cell.get() {
            return Ok(keys.with(row, then));
        }
        let array = self.column(batch, field)?;
        let keys = KeyCells::new(&array).ok_or_else(|| {
            self.damaged(None, format!("the record ID `{}` is stored as {}", field.name, array.data_type()))
        })?;
        Ok(cell.get_or_init(|| keys).with(row, then))
    }

    pub(crate) fn damaged(&self, offset: Option<u64>, detail: impl Into<String>) -> Error {
        Error::damaged(&self.path, offset, detail)
    }
}

/// Record IDs of a batch as key bytes: the text of a string, the little-endian `i64` of an integer.
#[derive(Debug)]
enum KeyCells {
    Text(StringArray),
    Coded(Int32Array, StringArray),
    Int(Int32Array),
    Long(Int64Array),
}

impl KeyCells {
    /// The IDs in a column; `None` for a type that cannot be a record ID.
    fn new(array: &ArrayRef) -> Option<KeyCells> {
        Some(match array.data_type() {
            DataType::Utf8 => KeyCells::Text(array.as_string::<i32>().clone()),
            DataType::Dictionary(..) => {
                let coded = array.as_dictionary_opt::<Int32Type>()?;
                KeyCells::Coded(coded.keys().clone(), coded.values().as_string_opt::<i32>()?.clone())
            }
            DataType::Int32 => KeyCells::Int(array.as_primitive::<Int32Type>().clone()),
            DataType::Int64 => KeyCells::Long(array.as_primitive::<arrow::datatypes::Int64Type>().clone()),
            _ => return None,
        })
    }

    /// Calls `then` with the key bytes of a row; a null is the empty string.
    fn with<R>(&self, row: usize, then: impl FnOnce(&[u8]) -> R) -> R {
        match self {
            KeyCells::Text(texts) => then(texts.value(row).as_bytes()),
            KeyCells::Coded(codes, values) => then(values.value(codes.value(row) as usize).as_bytes()),
            KeyCells::Int(numbers) => then(&i64::from(numbers.value(row)).to_le_bytes()),
            KeyCells::Long(numbers) => then(&numbers.value(row).to_le_bytes()),
        }
    }
}
