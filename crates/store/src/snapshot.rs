//! Snapshots: immutable, consistent views of all datasets at one version (S9).

mod dataset;
mod filter;
mod get;
mod info;
mod parts;
mod scan;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use restock_schema::DatasetName;

pub use dataset::DatasetSnapshot;
pub use filter::FilterValue;
pub use get::FoundRecord;
pub use info::{DatasetInfo, StoreInfo};
pub use scan::{Batches, MaskedBatch, MaskedBatches, Scan, View};

use crate::error::Result;
use crate::state::Base;
use crate::sync::AtomicU64;
use crate::tail::Tail;

/// A committed state and what came after it.
#[derive(Debug)]
pub(crate) struct Current {
    pub base: Arc<Base>,
    pub tail: Arc<Tail>,
    /// The newest version that readers may see.
    pub visible: AtomicU64,
    /// Up to where the log was read when this was opened; 0 if it was not.
    pub log_end: u64,
}

impl Current {
    /// A committed state with nothing after it.
    pub fn new(base: Base) -> Current {
        let visible = AtomicU64::new(base.version);
        Current { base: Arc::new(base), tail: Arc::new(Tail::default()), visible, log_end: 0 }
    }

    /// Makes everything up to `version` visible.
    pub fn show(&self, version: u64) {
        self.visible.fetch_max(version, Ordering::AcqRel);
    }
}

/// An immutable view of all datasets at one version. Cheap to take and to clone; it keeps what it needs
/// readable, whatever is committed, compacted or cleaned meanwhile.
#[derive(Clone, Debug)]
pub struct Snapshot {
    current: Arc<Current>,
    version: u64,
}

impl Snapshot {
    pub(crate) fn new(current: Arc<Current>) -> Snapshot {
        let version = current.visible.load(Ordering::Acquire);
        Snapshot { current, version }
    }

    /// The version it shows.
    pub fn version(&self) -> u64 {
        self.version
    }

    pub(crate) fn base(&self) -> &Arc<Base> {
        &self.current.base
    }

    pub(crate) fn tail(&self) -> &Tail {
        &self.current.tail
    }

    /// The names of the datasets, hidden ones left out, in order.
    pub fn names(&self) -> Vec<DatasetName> {
        self.current.base.datasets.keys().filter(|name| !name.is_hidden()).cloned().collect()
    }

    /// A dataset by name.
    ///
    /// # Errors
    /// [`crate::Error::NoDataset`], which lists the near names.
    pub fn dataset(&self, name: &DatasetName) -> Result<DatasetSnapshot> {
        let state = self.current.base.dataset(name)?;
        Ok(DatasetSnapshot::new(state.clone(), &self.current, self.version))
    }

    /// All datasets, hidden ones included, by name.
    pub(crate) fn all(&self) -> BTreeMap<DatasetName, DatasetSnapshot> {
        let datasets = self.current.base.datasets.iter();
        datasets
            .map(|(name, state)| {
                (name.clone(), DatasetSnapshot::new(state.clone(), &self.current, self.version))
            })
            .collect()
    }
}
