//! Which store a command works on.

use std::path::{Path, PathBuf};

use anyhow::Result;
use restock::{Dataset, DatasetSnapshot, Store};

#[cfg(feature = "serve")]
use super::server::Server;
use crate::failure::Failure;

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

/// A store, or a server that has it open, and perhaps a dataset of it.
#[derive(Debug, clap::Args)]
pub(crate) struct PlaceArg {
    /// The store's folder; not with --server
    #[arg(value_name = "STORE", value_hint = clap::ValueHint::DirPath)]
    #[cfg_attr(feature = "serve", arg(required_unless_present = "server"))]
    #[cfg_attr(not(feature = "serve"), arg(required = true))]
    store: Option<PathBuf>,
    /// The dataset: NAME or GROUP/NAME
    #[arg(value_name = "DATASET")]
    dataset: Option<String>,
    /// Ask the `restock serve` at this URL, which has the store open
    #[cfg(feature = "serve")]
    #[arg(long, value_name = "URL", value_parser = Server::parse)]
    server: Option<Server>,
}

/// What a [`PlaceArg`] names.
pub(super) enum Place {
    Store(StoreArg),
    #[cfg(feature = "serve")]
    Server(Server),
}

impl PlaceArg {
    /// The place and the dataset. Beside a server, the first word that is no option is the dataset.
    pub(super) fn take(self) -> Result<(Place, Option<String>)> {
        let PlaceArg { store, dataset, .. } = self;
        #[cfg(feature = "serve")]
        if let Some(server) = self.server {
            return match (store, dataset) {
                (first, None) => {
                    let dataset = first.map(|first| first.to_string_lossy().into_owned());
                    Ok((Place::Server(server), dataset))
                }
                (_, Some(_)) => Err(Failure::usage(
                    "a store's folder and --server exclude each other: the server has its own",
                )
                .into()),
            };
        }
        let store = store.ok_or_else(|| Failure::usage("which store?"))?;
        Ok((Place::Store(StoreArg { store }), dataset))
    }
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
