//! Writes a segment: the serial half, in row order.

use std::collections::HashMap;
use std::io::Write;
use std::sync::Arc;

use arrow::array::Array;
use arrow::ipc::Block;
use restock_schema::Schema;
use xxhash_rust::xxh3::xxh3_64;

use super::encode::{EncodedBatch, Encoder, PlainColumn, plain_strings};
use super::ipc::{self, BodyLayout};
use super::plan::Plan;
use super::read::Segment;
use super::sums::{SumTable, padding};
use super::{Runs, SegmentMeta};
use crate::error::{Error, Result};
use crate::files;
use crate::ids::SegmentIds;
use crate::keys::{KeysWriter, WrittenKeys};
use crate::storage::{Storage, WriteFile};

/// Footer metadata: the checksum table.
pub(super) const SUMS: &str = "restock.sums";
/// Footer metadata: the commits of the rows.
pub(super) const RUNS: &str = "restock.runs";
/// Footer metadata: the number of rows.
pub(super) const ROWS: &str = "restock.rows";

/// Row numbers are 32 bits wide in key indexes and deletion vectors.
pub(crate) const SEGMENT_ROWS_MAX: u64 = u32::MAX as u64;

/// Writeback is started whenever this much more was appended, so that the final sync finds little to do.
const WRITEBACK_BYTES: u64 = 8 << 20;

/// Writes one segment and, if the dataset has a record ID, its key index.
///
/// Dropped without [`finish`](Self::finish), it removes what it wrote.
#[derive(Debug)]
pub(crate) struct SegmentWriter {
    storage: Arc<dyn Storage>,
    ids: Arc<SegmentIds>,
    encoder: Encoder,
    file: Option<OpenFile>,
    keys: Option<KeysWriter>,
    runs: Runs,
}

/// A segment that is written and durable.
#[derive(Debug)]
pub(crate) struct Written {
    pub segment: Arc<Segment>,
    /// Whether it is known that no record ID comes twice in it.
    pub distinct: bool,
}

impl SegmentWriter {
    /// A writer; the file is made when the first row comes.
    pub fn new(storage: Arc<dyn Storage>, ids: Arc<SegmentIds>, encoder: Encoder) -> SegmentWriter {
        let keys = encoder.key().map(|_| KeysWriter::new(storage.clone(), ids.clone()));
        SegmentWriter { storage, ids, encoder, file: None, keys, runs: Runs::default() }
    }

    /// Rows appended so far.
    pub fn rows(&self) -> u64 {
        self.runs.rows()
    }

    /// Bytes written so far.
    pub fn bytes(&self) -> u64 {
        self.file.as_ref().map_or(0, |file| file.offset)
    }

    /// Appends a batch. `runs` are (rows, commit) and cover it; commit 0 is the one that will add the segment.
    pub fn append(&mut self, batch: EncodedBatch, runs: &[(u64, u64)]) -> Result<()> {
        if batch.rows == 0 {
            return Ok(());
        }
        if self.rows() + batch.rows as u64 > SEGMENT_ROWS_MAX {
            return Err(Error::Refused(format!(
                "one import holds at most {SEGMENT_ROWS_MAX} rows; split the source"
            )));
        }
        let EncodedBatch { rows, mut columns, fingerprints } = batch;
        if self.file.is_none() {
            let plan = Plan::for_batch(&columns, rows);
            self.file = Some(OpenFile::create(&*self.storage, self.ids.next(), self.encoder.schema(), plan)?);
        }
        // A dictionary that outgrows its codes makes the file begin again with wider ones, and a string that is no
        // prefix and number with plain ones: rare, and it keeps all other files small.
        while let Some(file) = &mut self.file {
            match file.plan.recode(columns, rows) {
                Ok(plain) => {
                    file.append(rows, &plain)?;
                    break;
                }
                Err((unchanged, column)) => {
                    columns = unchanged;
                    self.widen(column)?;
                }
            }
        }
        if let Some(keys) = &mut self.keys {
            keys.extend(self.runs.rows() as u32, &fingerprints)?;
        }
        for (rows, commit) in runs {
            self.runs.push(*rows, *commit);
        }
        Ok(())
    }

    fn widen(&mut self, column: usize) -> Result<()> {
        let plan = self.file.as_ref().map(|narrow| narrow.plan.widened(column)).unwrap_or_default();
        let mut wide = OpenFile::create(&*self.storage, self.ids.next(), self.encoder.schema(), plan)?;
        let Some(narrow) = self.file.take() else { return Ok(()) };
        let path = files::segment(narrow.id);
        let copied = self.copy(narrow, &mut wide);
        let removed = self.storage.remove(&path).map_err(|e| Error::io(format!("remove {path}"), e));
        self.file = Some(wide);
        copied.and(removed)
    }

    fn copy(&self, narrow: OpenFile, wide: &mut OpenFile) -> Result<()> {
        let meta = narrow.end(&Runs::default())?.flushed()?;
        let schema = self.encoder.schema();
        if meta.rows == 0 {
            return Ok(());
        }
        let mut source = Segment::open(&*self.storage, meta)?;
        let mut part_ends = source.end_of_part(0)?;
        for batch in 0..source.batches()? {
            if batch == part_ends {
                (source, part_ends) = (source.afresh(), source.end_of_part(batch)?);
            }
            let columns = schema
                .fields()
                .iter()
                .map(|field| source.column(batch, field))
                .collect::<Result<Vec<_>>>()?;
            let rows = columns.first().map_or(0, |column| column.len());
            let batch =
                arrow::record_batch::RecordBatch::try_new(schema.to_arrow(), columns).map_err(|e| {
                    Error::Refused(format!("a column changed its type while its codes were widened: {e}"))
                })?;
            let plain = wide.plan.recode(self.encoder.encode(&batch)?.columns, rows);
            let plain =
                plain.map_err(|_| Error::Refused("a column does not fit its widened encoding".into()))?;
            wide.append(rows, &plain)?;
        }
        Ok(())
    }

    /// Finishes and syncs the files, and opens them; `None` if no row was appended. `sync_dir` of the folder,
    /// and naming the segment in the manifest, are the commit's part.
    pub fn finish(mut self) -> Result<Option<Written>> {
        let Some(file) = self.file.take() else { return Ok(None) };
        let id = file.id;
        let finished = file.end(&self.runs).and_then(|ended| {
            // Both files are on their way to the disk before the first is waited for.
            let keys = self.keys.take().map(|keys| keys.write(id)).transpose()?;
            let mut meta = ended.synced()?;
            let distinct = keys.as_ref().is_none_or(WrittenKeys::is_distinct);
            meta.keys = keys.map(WrittenKeys::synced).transpose()?;
            Ok(Written { segment: Arc::new(Segment::open(&*self.storage, meta)?), distinct })
        });
        finished.map(Some).inspect_err(|_| remove_segment(&*self.storage, id))
    }
}

impl Drop for SegmentWriter {
    fn drop(&mut self) {
        if let Some(file) = self.file.take() {
            remove_segment(&*self.storage, file.id);
        }
    }
}

/// Removes the files of a segment that no manifest names. What cannot be removed is swept at the next
/// opening for writing.
pub(crate) fn remove_segment(storage: &dyn Storage, id: u64) {
    for path in [files::segment(id), files::keys(id)] {
        drop(storage.remove(&path));
    }
}

/// The file being written.
#[derive(Debug)]
struct OpenFile {
    id: u64,
    file: Box<dyn WriteFile>,
    path: String,
    offset: u64,
    written_back: u64,
    columns: Schema,
    plan: Plan,
    batches: Vec<Block>,
    sums: SumTable,
    rows: u64,
}

impl OpenFile {
    fn create(storage: &dyn Storage, id: u64, columns: &Schema, plan: Plan) -> Result<OpenFile> {
        let path = files::segment(id);
        let file = storage.create(&path).map_err(|e| Error::io(format!("create {path}"), e))?;
        let preamble = ipc::preamble(&plan.schema(columns));
        let sums = SumTable { preamble: xxh3_64(&preamble), ..SumTable::default() };
        let mut open = OpenFile {
            id,
            file,
            path,
            offset: 0,
            written_back: 0,
            columns: columns.clone(),
            plan,
            batches: Vec::new(),
            sums,
            rows: 0,
        };
        match open.write(&preamble) {
            Ok(()) => Ok(open),
            Err(error) => {
                // The caller must see why the write failed, not why the clean-up did.
                drop(storage.remove(&open.path));
                Err(error)
            }
        }
    }

    fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.file.write_all(bytes).map_err(|e| Error::io(format!("write {}", self.path), e))?;
        self.offset += bytes.len() as u64;
        Ok(())
    }

    fn append(&mut self, rows: usize, columns: &[PlainColumn]) -> Result<()> {
        let mut body = BodyLayout::default();
        for column in columns {
            body.column(rows, column.null_count, column.buffers.iter().map(|buffer| buffer.as_slice()));
        }
        let message = ipc::batch(rows, &body);
        self.batches.push(Block::new(self.offset as i64, message.len() as i32, body.length as i64));
        self.sums.batches.push(xxh3_64(&message));
        self.sums.batches.extend(columns.iter().map(|column| column.sum));
        self.write(&message)?;
        for buffer in columns.iter().flat_map(|column| &column.buffers) {
            self.write(buffer.as_slice())?;
            self.write(padding(buffer.len()))?;
        }
        self.rows += rows as u64;
        if self.offset - self.written_back >= WRITEBACK_BYTES {
            self.file.start_writeback();
            self.written_back = self.offset;
        }
        Ok(())
    }

    /// Writes what comes after the batches.
    fn end(mut self, runs: &Runs) -> Result<EndedFile> {
        let mut blocks = Vec::new();
        for (id, values) in self.plan.dictionaries().iter().enumerate() {
            let plain = plain_strings(values);
            let mut body = BodyLayout::default();
            body.column(values.len(), 0, plain.buffers.iter().map(|buffer| buffer.as_slice()));
            let message = ipc::dictionary(id as i64, values.len(), &body);
            blocks.push(Block::new(self.offset as i64, message.len() as i32, body.length as i64));
            self.sums.dictionaries.extend([xxh3_64(&message), plain.sum]);
            self.write(&message)?;
            for buffer in &plain.buffers {
                self.write(buffer.as_slice())?;
                self.write(padding(buffer.len()))?;
            }
        }
        let metadata = HashMap::from([
            (SUMS.to_owned(), self.sums.to_text()),
            (RUNS.to_owned(), runs.to_text()),
            (ROWS.to_owned(), self.rows.to_string()),
        ]);
        let footer = ipc::footer(&self.plan.schema(&self.columns), &blocks, &self.batches, &metadata);
        let footer_at = self.offset;
        self.write(&footer)?;
        self.file.start_writeback();
        let meta = SegmentMeta {
            id: self.id,
            commit: 0,
            rows: self.rows,
            bytes: self.offset,
            footer_at,
            footer_sum: xxh3_64(&footer),
            keys: None,
        };
        Ok(EndedFile { file: self.file, path: self.path, meta })
    }
}

/// A file to which nothing more is written.
struct EndedFile {
    file: Box<dyn WriteFile>,
    path: String,
    meta: SegmentMeta,
}

impl EndedFile {
    /// Readable by this process.
    fn flushed(mut self) -> Result<SegmentMeta> {
        self.file.flush().map_err(|e| Error::io(format!("write {}", self.path), e))?;
        Ok(self.meta)
    }

    /// Durable.
    fn synced(mut self) -> Result<SegmentMeta> {
        self.file.sync().map_err(|e| Error::io(format!("sync {}", self.path), e))?;
        Ok(self.meta)
    }
}
