//! Which store a command works on.

use std::path::{Path, PathBuf};

use anyhow::Result;
use restock::{Dataset, DatasetSnapshot, Store};

/// The store.
#[derive(Debug, clap::Args)]
pub(crate) struct StoreArg {
    /// The store's folder
    #[arg(value_name = "STORE", value_hint = clap::ValueHint::DirPath)]
    store: PathBuf,
}

/// The store and a dataset of it.
#[derive(Debug, clap::Args)]
pub(crate) struct DatasetArg {
    #[command(flatten)]
    pub store: StoreArg,
    /// The dataset: NAME or GROUP/NAME
    #[arg(value_name = "DATASET")]
    pub dataset: String,
}

impl StoreArg {
    pub(super) fn path(&self) -> &Path {
        &self.store
    }

    /// For changes: this process becomes the store's one writer.
    pub(super) fn write(&self) -> Result<Store> {
        Ok(Store::open_existing(&self.store)?)
    }

    /// For reading: works beside a writer.
    pub(super) fn read(&self) -> Result<Store> {
        Ok(Store::open_read_only(&self.store)?)
    }
}

impl DatasetArg {
    pub(super) fn path(&self) -> &Path {
        self.store.path()
    }

    pub(super) fn write(&self) -> Result<Dataset> {
        Ok(self.store.write()?.dataset(&self.dataset)?)
    }

    pub(super) fn read(&self) -> Result<DatasetSnapshot> {
        Ok(self.store.read()?.snapshot().dataset(&self.dataset)?)
    }
}
