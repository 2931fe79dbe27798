//! Individual rows: puts and deletes by record ID (S7, S8).

mod pending;

use std::sync::Arc;

use ahash::AHashMap;
use arrow::array::Array;
use arrow::record_batch::RecordBatch;
use bytes::Bytes;
use restock_schema::DatasetName;

use crate::error::{Error, Result};
use crate::keys::key_bytes;
use crate::log::{FrameKind, LogError, LogWriter, PAYLOAD_LIMIT_BYTES};
use crate::row::{self, Cells};
use crate::segment::fits;
use crate::state::DatasetState;
use crate::store::Store;
use crate::writer::{Commits, LogPlan, Writer, current};
pub use pending::PendingPut;
use pending::Written;

/// The unflushed log may grow to this before its rows are written to segments.
const UNFLUSHED_BYTES_MAX: u64 = 8 << 20;

/// When a put is durable.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// When it returns: a power cut after that loses nothing.
    #[default]
    Synced,
    /// With the next synced put, import or close. A process that dies loses nothing, a power cut may take
    /// the last puts, never parts of one.
    Buffered,
}

/// What a put did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PutReport {
    /// The version it made.
    pub version: u64,
    /// Records stored: those superseded within the batch do not count.
    pub accepted: u64,
    /// Records that replaced an individual record of the same ID.
    pub replaced: u64,
    /// The others.
    pub appended: u64,
}

/// What a delete did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeleteReport {
    /// The version it made; the current one if nothing was there to delete.
    pub version: u64,
    /// IDs that had a record.
    pub deleted: u64,
    /// IDs that had none.
    pub missing: Vec<String>,
}

impl Store {
    /// Puts rows as individual rows, as one atomic batch (S7). Columns are the schema's, in order.
    ///
    /// # Errors
    /// An unknown dataset, a batch that does not fit the schema, a poisoned or read-only store.
    pub fn put(&self, name: &DatasetName, batch: &RecordBatch, durability: Durability) -> Result<PutReport> {
        self.begin_put(name, batch)?.settle(durability)
    }

    /// As [`put`](Self::put), up to where the put has its place among all others: [`PendingPut::wait`] does the rest.
    /// Of two puts of one record ID the one begun later wins.
    ///
    /// # Errors
    /// As [`put`](Self::put).
    pub fn begin_put(&self, name: &DatasetName, batch: &RecordBatch) -> Result<PendingPut> {
        let writer = self.writer("put")?;
        let state = current(&self.shared).base.dataset(name)?.clone();
        let payload = encode(&state, batch)?;
        let mut commits = writer.commits()?;
        if payload.is_empty() {
            let report = PutReport { version: commits.version, accepted: 0, replaced: 0, appended: 0 };
            return Ok(PendingPut { store: self.clone(), report, written: None });
        }
        let frame_bytes = payload.len() as u64;
        let (log, flushed) = self.log(writer, &mut commits, frame_bytes)?;
        let current = current(&self.shared);
        let state = same_schema(current.base.dataset(name)?, &state)?;
        let version = commits.version + 1;
        // First what can fail without a trace (reading damaged indexes), then the log, whose failures poison.
        let counts = current.tail.put(state, version, &payload)?;
        let ticket = log.append(version, state.id, FrameKind::Put, &payload).map_err(|e| writer.poison(e))?;
        commits.version = version;
        drop(commits);
        let (replaced, appended) = (counts.replaced, counts.appended);
        let report = PutReport { version, accepted: replaced + appended, replaced, appended };
        let written = Written { log, ticket, current, flushed, frame_bytes };
        Ok(PendingPut { store: self.clone(), report, written: Some(written) })
    }

    /// Deletes records by ID from both origins, and from what is kept for undo (S8).
    ///
    /// # Errors
    /// An unknown dataset or one without record ID, a poisoned or read-only store.
    pub fn delete<S: AsRef<str>>(
        &self,
        name: &DatasetName,
        ids: &[S],
        dry_run: bool,
    ) -> Result<DeleteReport> {
        let writer = self.writer("delete")?;
        let mut commits = writer.commits()?;
        let state = current(&self.shared).base.dataset(name)?.clone();
        let field = state.key_field()?;
        // By key, not by text: `7` and `007` are one integer.
        let (mut distinct, mut keys, mut seen) = (Vec::new(), Vec::new(), ahash::AHashSet::new());
        for id in ids.iter().map(AsRef::as_ref) {
            let key = key_bytes(field, id)?.into_owned();
            if seen.insert(key.clone()) {
                distinct.push(id);
                keys.push(key);
            }
        }
        let missing = |positions: &[usize]| {
            positions.iter().filter_map(|at| distinct.get(*at)).map(|id| (*id).to_owned()).collect()
        };
        let found = current(&self.shared).tail.find_deletes(&state, &keys)?;
        if dry_run || !found.changes {
            let missing = missing(&found.missing);
            return Ok(DeleteReport { version: commits.version, deleted: found.deleted, missing });
        }
        let payload = write_keys(&keys);
        if payload.len() > PAYLOAD_LIMIT_BYTES {
            return Err(Error::Refused(LogError::TooLarge { bytes: payload.len() }.to_string()));
        }
        let (log, flushed) = self.log(writer, &mut commits, payload.len() as u64)?;
        // Beginning or flushing the log folded the tail: ask again what is there now.
        let current = current(&self.shared);
        let state = current.base.dataset(name)?;
        let version = commits.version + 1;
        let found = current.tail.delete(state, version, &keys)?;
        let ticket =
            log.append(version, state.id, FrameKind::Delete, &payload).map_err(|e| writer.poison(e))?;
        commits.version = version;
        drop(commits);
        log.wait(ticket).map_err(|e| writer.poison(e))?;
        current.show(version);
        self.tidy(writer, flushed, payload.len() as u64);
        Ok(DeleteReport { version, deleted: found.deleted, missing: missing(&found.missing) })
    }

    /// Makes every buffered put durable, and those that are begun.
    ///
    /// # Errors
    /// A poisoned or read-only store.
    pub fn sync(&self) -> Result<()> {
        let writer = self.writer("sync")?;
        let commits = writer.commits()?;
        let (log, version, current) = (commits.log.clone(), commits.version, current(&self.shared));
        drop(commits);
        let Some(log) = log else { return Ok(()) };
        log.sync().map_err(|e| writer.poison(e))?;
        current.show(version);
        Ok(())
    }

    /// Writes the rows of the record log into segments. Happens by itself when the log is long.
    ///
    /// # Errors
    /// A full disk, a poisoned or read-only store.
    pub fn flush(&self) -> Result<()> {
        let writer = self.writer("flush")?;
        let mut commits = writer.commits()?;
        if !current(&self.shared).tail.dataset_ids().is_empty() {
            writer.commit(&mut commits, LogPlan::Keep, |_| Ok(()))?;
        }
        Ok(())
    }

    /// The log to append to: begun if this process has none, flushed if it is long; and whether that was so.
    pub(crate) fn log(
        &self,
        writer: &Writer,
        commits: &mut Commits,
        more: u64,
    ) -> Result<(Arc<LogWriter>, bool)> {
        let unflushed = commits.log.as_ref().map(|log| log.offset().saturating_sub(self.log_start()));
        let flush = unflushed.is_none_or(|bytes| bytes + more > UNFLUSHED_BYTES_MAX && bytes > 0);
        if flush {
            writer.commit(commits, LogPlan::Begin, |_| Ok(()))?;
        }
        let log = commits.log.clone().ok_or_else(|| writer.poison("the record log could not be begun"))?;
        Ok((log, flush))
    }

    /// What a put leaves to be done when it is durable, while others put on: a long frame is flushed, and after
    /// a flush segments are merged. Also after the first put of a process, which folds what the last one left:
    /// many short processes must not leave a segment each.
    ///
    /// What fails here is no failure of the put, and is tried again with the next flush.
    pub(crate) fn tidy(&self, writer: &Writer, flushed: bool, frame_bytes: u64) {
        let long = frame_bytes > UNFLUSHED_BYTES_MAX;
        if long {
            drop(self.flush());
        }
        if flushed || long {
            drop(self.merge_flushed(writer));
        }
    }

    fn log_start(&self) -> u64 {
        current(&self.shared).base.log.map_or(0, |log| log.start)
    }
}

/// The dataset as it is now, if its schema is still the one the payload was written for.
pub(crate) fn same_schema<'a>(now: &'a DatasetState, then: &DatasetState) -> Result<&'a DatasetState> {
    if now.id == then.id && now.schema == then.schema {
        return Ok(now);
    }
    Err(Error::Refused(format!("`{}` was changed while rows were put into it; put them again", now.name)))
}

/// The compact form of a batch's rows; of equal record IDs the last (S5).
pub(crate) fn encode(state: &DatasetState, batch: &RecordBatch) -> Result<Bytes> {
    let fields = state.schema.fields();
    if batch.num_columns() != fields.len() {
        return Err(Error::Refused(format!(
            "rows of {} columns were given for `{}`, which has {}",
            batch.num_columns(),
            state.name,
            fields.len()
        )));
    }
    let mut columns = Vec::with_capacity(fields.len());
    for (field, array) in fields.iter().zip(batch.columns()) {
        let cells = Cells::new(array).filter(|_| fits(field, array));
        columns.push(cells.ok_or_else(|| {
            Error::Refused(format!(
                "column `{}` is {}, not {}",
                field.name,
                array.data_type(),
                field.arrow_type()
            ))
        })?);
        if !field.nullable && array.logical_null_count() > 0 {
            return Err(Error::Refused(format!(
                "column `{}` is not nullable and a row has none",
                field.name
            )));
        }
    }
    let mut last: AHashMap<Vec<u8>, usize> = AHashMap::new();
    if let Some(keys) = state.key().and_then(|(column, _)| columns.get(column)) {
        for row in 0..batch.num_rows() {
            let key = keys.get(row).key().unwrap_or_default();
            if key.is_empty() {
                let field = state.record_id.as_deref().unwrap_or_default();
                return Err(Error::Refused(format!(
                    "the empty string is no record ID: `{field}` of row {}",
                    row + 1
                )));
            }
            last.insert(key, row);
        }
    }
    let mut wanted: Vec<usize> = last.into_values().collect();
    wanted.sort_unstable();
    if state.record_id.is_none() {
        wanted = (0..batch.num_rows()).collect();
    }
    let mut payload = Vec::new();
    for row in wanted {
        row::encode(columns.iter().map(|column| column.get(row)), &mut payload);
    }
    if payload.len() > PAYLOAD_LIMIT_BYTES {
        return Err(Error::Refused(LogError::TooLarge { bytes: payload.len() }.to_string()));
    }
    Ok(payload.into())
}

/// The payload of a delete's frame: for each record ID its length (u32) and its key bytes.
pub(crate) fn write_keys(keys: &[Vec<u8>]) -> Vec<u8> {
    let mut payload = Vec::new();
    for key in keys {
        payload.extend_from_slice(&(key.len() as u32).to_le_bytes());
        payload.extend_from_slice(key);
    }
    payload
}

/// Reads the payload of a delete's frame.
pub(crate) fn read_keys(mut payload: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut keys = Vec::new();
    while !payload.is_empty() {
        let (length, rest) = payload.split_first_chunk::<4>()?;
        let (key, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
        keys.push(key.to_vec());
        payload = rest;
    }
    Some(keys)
}
