//! Restock is an embedded, durable, columnar **dataset store for recommender data**.
//!
//! A bulk import is FULL (replaces all bulk rows) or INCREMENTAL (upserts by record ID); rows put one by one are
//! kept apart, and no import ever touches them.
//!
//! ```
//! use restock::{DatasetType, ImportMode, Schema, Store, View};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("shop.restock");
//! let store = Store::open(path)?;
//! let schema = Schema::from_avro(r#"{"type": "record", "name": "Items", "fields": [
//!     {"name": "ITEM_ID", "type": "string"},
//!     {"name": "PRICE", "type": "float"},
//!     {"name": "GENRE", "type": ["null", "string"], "categorical": true}]}"#)?;
//! let items = store.create_dataset("items", DatasetType::Items, schema)?;
//!
//! let monday = "ITEM_ID,PRICE,GENRE\ni1,9.9,Drama\ni2,4.5,Comedy\n";
//! items.import_reader(monday.as_bytes(), "monday").mode(ImportMode::Full).run()?;
//! items.put([restock::record! { "ITEM_ID" => "i1", "PRICE" => 7.0 }])?;
//! let tuesday = "ITEM_ID,PRICE,GENRE\ni1,8.8,Drama\ni3,2.0,\n";
//! let report = items.import_reader(tuesday.as_bytes(), "tuesday").mode(ImportMode::Incremental).run()?;
//! assert_eq!((report.replaced, report.appended), (1, 1));
//!
//! let snapshot = store.snapshot();
//! let i1 = snapshot.dataset("items")?.get("i1")?.ok_or("no i1")?;
//! assert_eq!(i1.get("PRICE"), Some(&7.0.into())); // what was put by hand stays
//! let scan = snapshot.dataset("items")?.scan().columns(["ITEM_ID", "PRICE"]).view(View::Bulk);
//! let rows: usize = scan.batches()?.map(|batch| batch.map(|b| b.num_rows())).sum::<Result<_, _>>()?;
//! assert_eq!(rows, 3);
//! # Ok(())
//! # }
//! ```

mod batch;
mod dataset;
mod draft;
mod error;
mod export;
#[cfg(feature = "fixtures")]
pub mod fixtures;
mod import;
mod record;
mod rows;
mod sink;
mod snapshot;
mod source;
mod store;
mod time;

pub use arrow;
pub use restock_csv::values::shown;
pub use restock_csv::{Escape, RecordError};
pub use restock_schema::{
    DatasetName, DatasetType, Domain, Draft, Field, LimitSet, MAX_SCHEMA_CHARS, Schema, SchemaError,
    ValueType, draft, normalise,
};
pub use restock_store::{
    Batches, Cancel, CleanReport, Commit, CommitKind, DatasetInfo, DeleteReport, DeleteUsersReport,
    Durability, Error as StoreError, FilterValue, ImportMode, LastImport, MaskedBatch, MaskedBatches,
    MemoryStorage, PendingPut, PutReport, RowCounts, Scan, Storage, StoreInfo, UndoReport, VerifyReport,
    View, WriteFile,
};

pub use batch::Batch;
pub use dataset::Dataset;
pub use draft::draft_schema;
pub use error::{Error, ImportFailure, Result};
pub use export::{Export, ExportReport};
pub use import::{Import, ImportReport, LinePut, OnError, OutputFile, Progress, PutLines};
pub use record::{InvalidRecord, Record, Value};
pub use rows::{export_batches, records, write_batches};
pub use snapshot::{DatasetSnapshot, Snapshot};
pub use source::{Format, SourceError, panic_is_caught};
pub use store::{NewDataset, Store};
pub use time::{epoch_seconds, rfc3339};

/// The README's program is a test.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
