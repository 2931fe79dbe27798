//! Puts and deletes in several datasets, as one.

use std::sync::Arc;

use arrow::record_batch::RecordBatch;
use bytes::Bytes;
use restock_schema::DatasetName;

use crate::error::{Error, Result};
use crate::keys::key_bytes;
use crate::log::{FrameKind, LogError, PAYLOAD_LIMIT_BYTES, Part, write_parts};
use crate::put::{encode, read_keys, same_schema, write_keys};
use crate::state::DatasetState;
use crate::store::Store;
use crate::writer::current;

/// What a batch does to one dataset.
#[derive(Clone, Debug)]
pub enum Change {
    /// Puts rows as individual rows (S7); columns are the schema's, in order.
    Put(RecordBatch),
    /// Deletes records by ID from both origins (S8); IDs that are not there are ignored.
    Delete(Vec<String>),
}

impl Store {
    /// Makes changes of several datasets as one atomic batch: all of them are durable and visible when it returns, or
    /// none ever is. Of one dataset there may be one put, and one delete, which comes first whatever the order given.
    /// The version that made; the current one if there is nothing to do.
    ///
    /// # Errors
    /// An unknown dataset, rows that do not fit its schema, two puts into one dataset, a poisoned or read-only store.
    pub fn apply(&self, changes: &[(DatasetName, Change)]) -> Result<u64> {
        let writer = self.writer("put")?;
        let base = current(&self.shared);
        let mut prepared: Vec<(Arc<DatasetState>, FrameKind, Bytes)> = Vec::with_capacity(changes.len());
        for (name, change) in changes {
            let state = base.base.dataset(name)?;
            let (kind, payload) = match change {
                Change::Put(batch) => (FrameKind::Put, encode(state, batch)?),
                Change::Delete(ids) => (FrameKind::Delete, keys_of(state, ids)?.into()),
            };
            if prepared.iter().any(|(other, of, _)| (other.id, *of) == (state.id, kind)) {
                return Err(Error::Refused(format!("one batch changes `{name}` twice in the same way")));
            }
            prepared.push((Arc::clone(state), kind, payload));
        }
        drop(base);
        prepared.retain(|(_, _, payload)| !payload.is_empty());
        prepared.sort_by_key(|(_, kind, _)| *kind == FrameKind::Put);

        let mut commits = writer.commits()?;
        let bytes: usize = prepared.iter().map(|(_, _, payload)| payload.len()).sum();
        if prepared.is_empty() {
            return Ok(commits.version);
        }
        if bytes > PAYLOAD_LIMIT_BYTES {
            return Err(Error::Refused(LogError::TooLarge { bytes }.to_string()));
        }
        let (log, flushed) = self.log(writer, &mut commits, bytes as u64)?;
        let current = current(&self.shared);
        let version = commits.version + 1;
        let mut parts = Vec::with_capacity(prepared.len());
        for (then, kind, payload) in prepared {
            let state = same_schema(current.base.dataset(&then.name)?, &then)?;
            let changed = match kind {
                FrameKind::Put => current.tail.put(state, version, &payload).map(drop),
                _ => current.tail.delete(state, version, &keys_in(&payload)).map(drop),
            };
            match changed {
                // The first leaves no trace when it fails; what it has done when another fails cannot be taken back.
                Err(error) if parts.is_empty() => return Err(error),
                Err(error) => return Err(writer.poison(error)),
                Ok(()) => parts.push(Part { dataset: state.id, kind, payload }),
            }
        }
        let payload = write_parts(&parts);
        let ticket = log.append(version, 0, FrameKind::Batch, &payload).map_err(|e| writer.poison(e))?;
        commits.version = version;
        drop(commits);
        log.wait(ticket).map_err(|e| writer.poison(e))?;
        current.show(version);
        self.tidy(writer, flushed, payload.len() as u64);
        Ok(version)
    }
}

/// The payload of a delete of these IDs, each once.
fn keys_of(state: &DatasetState, ids: &[String]) -> Result<Vec<u8>> {
    let field = state.key_field()?;
    let mut seen = ahash::AHashSet::new();
    let mut keys = Vec::with_capacity(ids.len());
    for id in ids {
        let key = key_bytes(field, id)?.into_owned();
        if seen.insert(key.clone()) {
            keys.push(key);
        }
    }
    Ok(write_keys(&keys))
}

/// The keys in a payload that [`keys_of`] made.
fn keys_in(payload: &[u8]) -> Vec<Vec<u8>> {
    read_keys(payload).unwrap_or_default()
}
