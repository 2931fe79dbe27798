//! A dataset in a snapshot.

use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

use arrow::datatypes::SchemaRef;
use arrow::record_batch::RecordBatch;
use restock_schema::{DatasetName, DatasetType, Domain, LimitSet, Schema};
use roaring::RoaringBitmap;

use super::{Current, Scan};
use crate::error::{Error, Result};
use crate::manifest::RowCounts;
use crate::row;
use crate::state::{DatasetState, Live};
use crate::tail::Overlay;

/// A dataset at the version of its snapshot. Cheap to clone.
#[derive(Clone, Debug)]
pub struct DatasetSnapshot(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    state: Arc<DatasetState>,
    current: Arc<Current>,
    version: u64,
    /// Collected when first needed: most snapshots see an empty tail.
    overlay: OnceLock<Overlay>,
    tail_rows: OnceLock<RecordBatch>,
}

impl DatasetSnapshot {
    pub(super) fn new(state: Arc<DatasetState>, current: &Arc<Current>, version: u64) -> DatasetSnapshot {
        let inner = Inner {
            state,
            current: current.clone(),
            version,
            overlay: OnceLock::new(),
            tail_rows: OnceLock::new(),
        };
        DatasetSnapshot(Arc::new(inner))
    }

    pub(crate) fn state(&self) -> &Arc<DatasetState> {
        &self.0.state
    }

    pub(super) fn current(&self) -> &Current {
        &self.0.current
    }

    pub(super) fn version(&self) -> u64 {
        self.0.version
    }

    pub(crate) fn overlay(&self) -> &Overlay {
        self.0.overlay.get_or_init(|| self.0.current.tail.overlay(self.0.state.id, self.0.version))
    }

    /// The name.
    pub fn name(&self) -> &DatasetName {
        &self.0.state.name
    }

    /// The dataset type.
    pub fn dataset_type(&self) -> DatasetType {
        self.0.state.dataset_type
    }

    /// The domain of its group.
    pub fn domain(&self) -> Option<Domain> {
        self.0.state.domain
    }

    /// The record ID's column.
    pub fn record_id(&self) -> Option<&str> {
        self.0.state.record_id.as_deref()
    }

    /// The value limits in force.
    pub fn limits(&self) -> LimitSet {
        self.0.state.limits
    }

    /// The schema.
    pub fn schema(&self) -> &Schema {
        &self.0.state.schema
    }

    /// The Arrow schema of its scans.
    pub fn arrow_schema(&self) -> SchemaRef {
        self.0.state.schema.to_arrow()
    }

    /// A scan of all columns in the merged view, to be narrowed.
    pub fn scan(&self) -> Scan {
        Scan::new(self.clone())
    }

    /// Whether a FULL has succeeded (S3).
    pub fn is_loaded(&self) -> bool {
        self.0.state.bulk.loaded
    }

    /// Live rows by origin. Data is not read; of the unflushed log only what it did to other rows.
    ///
    /// # Errors
    /// A damaged deletion vector that unflushed puts or deletes touch.
    pub fn counts(&self) -> Result<RowCounts> {
        let mut counts = self.0.state.counts();
        if !self.0.current.tail.has(self.0.state.id) {
            return Ok(counts);
        }
        let overlay = self.overlay();
        counts = RowCounts::default();
        let mut shadowed = 0;
        for live in &self.0.state.bulk.segments {
            let dead = self.dead(live)?.len();
            counts.bulk += live.segment.rows() - dead;
            shadowed += self.shadowed(live)?.len();
        }
        for live in &self.0.state.individual {
            counts.individual += live.segment.rows() - self.dead(live)?.len();
        }
        counts.individual += overlay.rows.len() as u64;
        counts.merged = counts.bulk + counts.individual - shadowed;
        Ok(counts)
    }

    /// The dead rows of a segment.
    pub(crate) fn dead<'a>(&'a self, live: &'a Live) -> Result<Cow<'a, RoaringBitmap>> {
        let dead = live.dead.rows()?;
        Ok(match self.overlay().dead.get(&live.segment.id()) {
            Some(more) => Cow::Owned(dead | more),
            None => Cow::Borrowed(dead),
        })
    }

    /// The live rows of a bulk segment that individual rows shadow.
    pub(crate) fn shadowed<'a>(&'a self, live: &'a Live) -> Result<Cow<'a, RoaringBitmap>> {
        let shadowed = live.shadowed.rows()?;
        let overlay = self.overlay();
        let id = live.segment.id();
        if !overlay.shadowed.contains_key(&id) && !overlay.dead.contains_key(&id) {
            return Ok(Cow::Borrowed(shadowed));
        }
        let more = overlay.shadowed.get(&id).map_or_else(|| shadowed.clone(), |more| shadowed | more);
        Ok(Cow::Owned(more - &*self.dead(live)?))
    }

    /// The live rows of the tail as a batch of all columns.
    pub(crate) fn tail_rows(&self) -> Result<&RecordBatch> {
        if let Some(batch) = self.0.tail_rows.get() {
            return Ok(batch);
        }
        let batch = self.batch_of(self.overlay().rows.iter().map(|(_, bytes)| &**bytes))?;
        Ok(self.0.tail_rows.get_or_init(|| batch))
    }

    pub(super) fn batch_of<'a>(&self, rows: impl Iterator<Item = &'a [u8]>) -> Result<RecordBatch> {
        row::batch(&self.0.state.schema, rows).ok_or_else(|| self.holds_no_rows())
    }

    pub(super) fn holds_no_rows(&self) -> Error {
        Error::damaged(crate::files::LOG, None, format!("it does not hold rows of `{}`", self.name()))
    }
}
