//! What the footer and the messages of a segment say: read once, after their checksums.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::OnceLock;

use ahash::AHashMap;
use arrow::array::{ArrayRef, StringArray};
use arrow::datatypes::{DataType, Schema as ArrowSchema};
use arrow::ipc::{Block, Message, RecordBatch as Layout, root_as_footer, root_as_message};
use xxhash_rust::xxh3::xxh3_64;

use super::Runs;
use super::affix::Affix;
use super::columns::columns;
use super::dictionary::Encoding;
use super::ipc::{END_OF_STREAM, MAGIC, buffers_of, values_fit};
use super::read::Segment;
use super::sums::{ALIGNMENT, SumTable};
use super::write::{ROWS, RUNS, SUMS};
use crate::error::{Error, Result};

/// What the footer says.
#[derive(Debug)]
pub(super) struct Contents {
    pub schema: ArrowSchema,
    pub places: AHashMap<String, usize>,
    /// Number in the file of the dictionary of each coded column.
    pub dictionary_of: Vec<Option<usize>>,
    /// How the strings of each affixed column are made.
    pub affix_of: Vec<Option<Affix>>,
    pub batches: Vec<Block>,
    pub layouts: Vec<OnceLock<BatchLayout>>,
    pub first_rows: Vec<u64>,
    pub sums: SumTable,
    pub dictionaries: Vec<(Block, OnceLock<StringArray>)>,
    pub cells: Vec<OnceLock<ArrayRef>>,
    pub logical: Vec<OnceLock<ArrayRef>>,
    pub runs: OnceLock<Runs>,
    pub runs_text: String,
}

impl Contents {
    /// Where in the file the column is that is field `number` of the dataset; none if the segment is older.
    #[inline]
    pub fn place_of(&self, number: usize, name: &str) -> Option<usize> {
        // Nearly always at the same place: columns are added behind all others.
        let is_there = self.schema.fields().get(number).is_some_and(|field| field.name() == name);
        if is_there { Some(number) } else { self.places.get(name).copied() }
    }

    /// The batch that holds a row, if the segment has the row.
    #[inline]
    pub fn batch_of(&self, row: u64) -> Option<usize> {
        // Nearly all batches are as long as the first: that is tried before a search.
        let first = self.first_rows.get(1).copied().unwrap_or(u64::MAX).max(1);
        let likely = (row / first) as usize;
        if let Some([from, to]) = self.first_rows.get(likely..likely.saturating_add(2))
            && (*from..*to).contains(&row)
        {
            return Some(likely);
        }
        self.first_rows.partition_point(|first| *first <= row).checked_sub(1)
    }
}

/// Where a batch's buffers lie in the file.
#[derive(Debug)]
pub(super) struct BatchLayout {
    pub rows: usize,
    pub null_counts: Vec<usize>,
    /// For each column its buffers, and the padded range they cover.
    pub columns: Vec<(Vec<Range<usize>>, Range<usize>)>,
}

impl Segment {
    pub(super) fn contents(&self) -> Result<&Contents> {
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
        let schema = footer.schema().ok_or_else(|| broken("its footer has no schema"))?;
        let schema = columns(schema).map_err(|why| broken(&why))?;
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
        let mut affix_of = Vec::with_capacity(columns);
        for field in schema.fields() {
            let encoding = field.metadata().get(Encoding::METADATA_KEY).map_or("plain", String::as_str);
            if !matches!(encoding, "plain" | "codes" | "affix") {
                return Err(Error::NewerFormat {
                    file: self.path.clone(),
                    found: format!("column `{}` in the encoding `{encoding}`", field.name()),
                    supported: "the encodings `plain`, `codes` and `affix`".into(),
                });
            }
            let is_coded = matches!(field.data_type(), DataType::Dictionary(..));
            dictionary_of.push(is_coded.then_some(coded));
            coded += usize::from(is_coded);
            let is_affixed = encoding == "affix";
            if is_affixed != matches!(field.data_type(), DataType::UInt32 | DataType::UInt64) {
                return Err(broken("a column is stored as numbers without a prefix, or the other way round"));
            }
            let metadata = |key| field.metadata().get(key);
            let affix = Affix::from_metadata(metadata(Affix::PREFIX_KEY), metadata(Affix::DIGITS_KEY));
            if is_affixed && affix.is_none() {
                return Err(broken("a column's prefix cannot be read"));
            }
            affix_of.push(affix.filter(|_| is_affixed));
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
            affix_of,
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

    pub(super) fn layout<'a>(&self, contents: &'a Contents, batch: usize) -> Result<&'a BatchLayout> {
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
    pub(super) fn message(&self, block: &Block, sum: Option<u64>) -> Result<Message<'_>> {
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

    pub(super) fn parse<'a>(
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
                end = (body + offset + length).next_multiple_of(ALIGNMENT);
            }
            // Arrow takes whole values for granted, and a column that is not there is made as long as the others.
            if !values_fit(data_type, rows, buffers.get(1).map_or(0, Range::len)) {
                return Err(broken("a column has not one value for each row"));
            }
            layout.columns.push((buffers, start..end));
            start = end;
        }
        Ok(layout)
    }
}
