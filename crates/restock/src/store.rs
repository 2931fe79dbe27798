//! The store as its users see it.

use std::path::Path;

use restock_schema::{DatasetName, DatasetType, Domain, LimitSet, Schema};
use restock_store::{
    Cancel, CleanReport, Commit, DeleteUsersReport, NewDataset as StoreDataset, StoreInfo, UndoReport,
    VerifyReport,
};

use crate::dataset::Dataset;
use crate::error::Result;
use crate::snapshot::Snapshot;

/// An open store: one folder, or memory. One process writes, any number read.
///
/// Cheap to clone; clones share one store. The writer's lock is free when the last handle is gone, that of a
/// [`Dataset`] included.
#[derive(Clone, Debug)]
pub struct Store {
    inner: restock_store::Store,
}

impl Store {
    /// Opens the store in a folder for writing; makes one if the folder is missing or empty.
    ///
    /// # Errors
    /// Another writer has it, the folder holds something else, or a file is damaged.
    pub fn open(path: impl AsRef<Path>) -> Result<Store> {
        Ok(Store { inner: restock_store::Store::open(path)? })
    }

    /// Makes a store in a folder that is missing or empty.
    ///
    /// # Errors
    /// There is something in the folder already.
    pub fn create(path: impl AsRef<Path>) -> Result<Store> {
        Ok(Store { inner: restock_store::Store::create(path)? })
    }

    /// Opens a store that exists for writing.
    ///
    /// # Errors
    /// There is none, another writer has it, or a file is damaged.
    pub fn open_existing(path: impl AsRef<Path>) -> Result<Store> {
        Ok(Store { inner: restock_store::Store::open_existing(path)? })
    }

    /// Opens a store for reading: takes no lock, works beside a writer, and sees the version of that moment until
    /// [`refresh`](Self::refresh).
    ///
    /// # Errors
    /// There is none, or a file is damaged.
    pub fn open_read_only(path: impl AsRef<Path>) -> Result<Store> {
        Ok(Store { inner: restock_store::Store::open_read_only(path)? })
    }

    /// A store in memory, gone with its last handle.
    ///
    /// # Errors
    /// None in practice.
    pub fn in_memory() -> Result<Store> {
        Ok(Store { inner: restock_store::Store::in_memory()? })
    }

    /// A store on any storage, such as one that simulates a disk.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_storage(storage: std::sync::Arc<dyn restock_store::Storage>) -> Result<Store> {
        Ok(Store { inner: restock_store::Store::open_storage(storage)? })
    }

    pub(crate) fn inner(&self) -> &restock_store::Store {
        &self.inner
    }

    /// Makes an empty dataset. The name is `name` or `group/name`.
    ///
    /// # Errors
    /// The name is taken or no name, or the schema does not fit the type.
    pub fn create_dataset(&self, name: &str, dataset_type: DatasetType, schema: Schema) -> Result<Dataset> {
        self.new_dataset(name, dataset_type, schema).create()
    }

    /// A dataset to be made with more than the usual said of it.
    pub fn new_dataset(&self, name: &str, dataset_type: DatasetType, schema: Schema) -> NewDataset {
        NewDataset {
            store: self.clone(),
            name: name.to_owned(),
            dataset_type,
            schema,
            record_id: None,
            domain: None,
            limits: LimitSet::default(),
        }
    }

    /// A dataset by name.
    ///
    /// # Errors
    /// There is none; the error lists the near names.
    pub fn dataset(&self, name: &str) -> Result<Dataset> {
        let name = DatasetName::parse(name)?;
        self.inner.snapshot().dataset(&name)?;
        Ok(Dataset::new(self.clone(), name))
    }

    /// A hidden dataset of type `custom`, made if it is missing: its name begins with `.`, and no command lists, undoes
    /// or changes it.
    ///
    /// # Errors
    /// The name is not hidden, or the store is read-only.
    pub fn hidden_dataset(&self, name: &str, schema: Schema, record_id: Option<&str>) -> Result<Dataset> {
        let name = DatasetName::hidden(name)?;
        if self.inner.snapshot().dataset(&name).is_err() {
            let new = StoreDataset {
                name: name.clone(),
                dataset_type: DatasetType::Custom,
                schema,
                record_id: record_id.map(str::to_owned),
                domain: None,
                limits: LimitSet::default(),
            };
            self.inner.create_dataset(new)?;
        }
        Ok(Dataset::new(self.clone(), name))
    }

    /// The names of the datasets, in order.
    pub fn datasets(&self) -> Vec<DatasetName> {
        self.inner.snapshot().names()
    }

    /// Drops a dataset with all its rows. There is no way back. The version that made.
    ///
    /// # Errors
    /// There is none of that name.
    pub fn drop_dataset(&self, name: &str) -> Result<u64> {
        Ok(self.inner.drop_dataset(&DatasetName::parse(name)?)?)
    }

    /// An immutable view of all datasets as they are now (S9).
    pub fn snapshot(&self) -> Snapshot {
        Snapshot::new(self.inner.snapshot(), self.inner.path())
    }

    /// Brings a read-only handle to the newest version. A writer is always there.
    ///
    /// # Errors
    /// As opening.
    pub fn refresh(&self) -> Result<()> {
        Ok(self.inner.refresh()?)
    }

    /// Whether [`refresh`](Self::refresh) would bring a read-only handle further: somebody imported, put or deleted
    /// since. Cheap: it reads `MANIFEST` and the next frame of the log. A writer is never behind.
    ///
    /// Until it refreshes a reader keeps what it has open, also rows that were deleted and vacuumed since: who must
    /// forget people asks this, and refreshes.
    ///
    /// # Errors
    /// Damage to what is read.
    pub fn is_behind(&self) -> Result<bool> {
        Ok(self.inner.is_behind()?)
    }

    /// What the store holds, told without reading its data.
    ///
    /// # Errors
    /// Damage in what unflushed puts touch.
    pub fn info(&self) -> Result<StoreInfo> {
        Ok(self.inner.info()?)
    }

    /// The last thousand commits, oldest first.
    pub fn history(&self) -> Vec<Commit> {
        self.inner.history()
    }

    /// Deletes users with all they did, in the datasets of `group` or in those without a group, in one commit (S8).
    ///
    /// # Errors
    /// No dataset there holds users or what they did.
    pub fn delete_users<S: AsRef<str>>(
        &self,
        group: Option<&str>,
        ids: &[S],
        dry_run: bool,
    ) -> Result<DeleteUsersReport> {
        self.delete_users_with(group, ids, dry_run, &Cancel::new())
    }

    /// As [`delete_users`](Self::delete_users), until `cancel` stops it: it fails then, and nothing is changed.
    ///
    /// # Errors
    /// As [`delete_users`](Self::delete_users).
    pub fn delete_users_with<S: AsRef<str>>(
        &self,
        group: Option<&str>,
        ids: &[S],
        dry_run: bool,
        cancel: &Cancel,
    ) -> Result<DeleteUsersReport> {
        Ok(self.inner.delete_users(group, ids, dry_run, cancel)?)
    }

    /// Takes back a dataset's last import (S10).
    ///
    /// # Errors
    /// There is none, or it is no longer kept.
    pub fn undo(&self, name: &str, dry_run: bool) -> Result<UndoReport> {
        Ok(self.inner.undo(&DatasetName::parse(name)?, dry_run)?)
    }

    /// Drops what is kept for undo and rewrites what has dead rows, so that no byte of a deleted row is left (S8).
    ///
    /// # Errors
    /// A full disk, or damage.
    pub fn vacuum(&self) -> Result<CleanReport> {
        self.vacuum_with(&Cancel::new())
    }

    /// As [`vacuum`](Self::vacuum), until `cancel` stops it: it fails then, and may have cleaned some datasets.
    ///
    /// # Errors
    /// As [`vacuum`](Self::vacuum).
    pub fn vacuum_with(&self, cancel: &Cancel) -> Result<CleanReport> {
        Ok(self.inner.vacuum(cancel)?)
    }

    /// Merges the segments of a dataset, or of all, without their dead rows.
    ///
    /// # Errors
    /// A full disk, or damage.
    pub fn compact(&self, name: Option<&str>) -> Result<CleanReport> {
        self.compact_with(name, &Cancel::new())
    }

    /// As [`compact`](Self::compact), until `cancel` stops it: it fails then, and may have merged some datasets.
    ///
    /// # Errors
    /// As [`compact`](Self::compact).
    pub fn compact_with(&self, name: Option<&str>, cancel: &Cancel) -> Result<CleanReport> {
        let name = name.map(DatasetName::parse).transpose()?;
        Ok(self.inner.compact(name.as_ref(), cancel)?)
    }

    /// Reads everything and checks every checksum and invariant; damage is in the report.
    ///
    /// # Errors
    /// Only what keeps it from looking.
    pub fn verify(&self) -> Result<VerifyReport> {
        Ok(self.inner.verify()?)
    }

    /// Verifies the store in a folder without opening it: also one that is too damaged for that, file by file.
    ///
    /// # Errors
    /// There is none, or what keeps it from looking.
    pub fn verify_path(path: impl AsRef<Path>) -> Result<VerifyReport> {
        Ok(restock_store::Store::verify_path(path)?)
    }

    /// Makes a store at `path` that holds what this one holds now, by hard links where it can.
    ///
    /// # Errors
    /// There is something at `path` already.
    pub fn copy_to(&self, path: impl AsRef<Path>) -> Result<()> {
        Ok(self.inner.copy_to(&self.inner.snapshot(), path)?)
    }

    /// Sets how many imports of each dataset undo can take back. The version that made.
    ///
    /// # Errors
    /// The store is read-only or refuses writes.
    pub fn set_undo_depth(&self, depth: u32) -> Result<u64> {
        Ok(self.inner.set_undo_depth(depth)?)
    }

    /// Tells others at which URL this process answers for the store: the error of whoever wants to write names it.
    ///
    /// # Errors
    /// The store is read-only, or its lock's file cannot be written.
    pub fn announce(&self, url: &str) -> Result<()> {
        Ok(self.inner.announce(url)?)
    }

    /// Makes every buffered put durable.
    ///
    /// # Errors
    /// The store is read-only or refuses writes.
    pub fn sync(&self) -> Result<()> {
        Ok(self.inner.sync()?)
    }

    /// Whether the handle only reads.
    pub fn is_read_only(&self) -> bool {
        self.inner.is_read_only()
    }

    /// The folder, if the store lies in one.
    pub fn path(&self) -> Option<&Path> {
        self.inner.path()
    }
}

/// A dataset to be made; see [`Store::new_dataset`].
#[derive(Clone, Debug)]
#[must_use = "nothing is made before `create`"]
pub struct NewDataset {
    store: Store,
    name: String,
    dataset_type: DatasetType,
    schema: Schema,
    record_id: Option<String>,
    domain: Option<Domain>,
    limits: LimitSet,
}

impl NewDataset {
    /// The record ID's column of a `custom` dataset: a non-null string, int or long.
    pub fn record_id(mut self, column: impl Into<String>) -> NewDataset {
        self.record_id = Some(column.into());
        self
    }

    /// The domain of its group.
    pub fn domain(mut self, domain: Domain) -> NewDataset {
        self.domain = Some(domain);
        self
    }

    /// The value limits to hold imports and puts to.
    pub fn limits(mut self, limits: LimitSet) -> NewDataset {
        self.limits = limits;
        self
    }

    /// Makes it.
    ///
    /// # Errors
    /// As [`Store::create_dataset`].
    pub fn create(self) -> Result<Dataset> {
        let name = DatasetName::parse(&self.name)?;
        self.store.inner().create_dataset(StoreDataset {
            name: name.clone(),
            dataset_type: self.dataset_type,
            schema: self.schema,
            record_id: self.record_id,
            domain: self.domain,
            limits: self.limits,
        })?;
        Ok(Dataset::new(self.store, name))
    }
}
