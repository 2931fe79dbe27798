//! Fuzz target: a whole store, opened, verified and read.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::Array;
use arrow::record_batch::RecordBatch;

use super::{Input, add, storage_with};
use crate::error::{Error, Result};
use crate::files::{self, MANIFEST};
use crate::manifest::{LiveMeta, Manifest};
use crate::segment::{KeysMeta, SegmentMeta};
use crate::snapshot::{DatasetSnapshot, View};
use crate::storage::MemoryStorage;
use crate::store::Store;
use crate::vectors::VectorFileMeta;

const VIEWS: [View; 4] = [View::Merged, View::Newest, View::Bulk, View::Individual];
/// Records that are asked for by their IDs.
const IDS_ASKED: usize = 8;

/// Opens and reads a store whose files the bytes hold: a byte of flags, and for each file its kind, its number, its
/// length (`u16`) and its content. A store that verifies reads without an error.
pub fn store(data: &[u8]) {
    let mut input = Input::new(data);
    let flags = input.u8();
    let mut parts = Parts::default();
    while !input.is_empty() {
        let (kind, number) = (input.u8(), u64::from(input.u8()));
        let length = usize::from(input.u16());
        parts.file(kind % 5, number, input.bytes(length).to_vec(), flags);
    }
    let storage = parts.storage(flags);
    let report = Store::verify_storage(&storage);
    let is_whole = report.as_ref().is_ok_and(|report| report.is_ok());
    match Store::open_storage_read_only(Arc::new(storage)) {
        Ok(store) => {
            let read = read(&store, is_whole);
            assert!(read.is_ok() || !is_whole, "a store that verifies cannot be read: {read:?}");
        }
        Err(error) => assert!(!is_whole, "a store that verifies cannot be opened: {error}"),
    }
}

/// The files, and what a manifest must say of them.
#[derive(Default)]
struct Parts {
    manifest: Vec<u8>,
    files: Vec<(String, Vec<u8>)>,
    segments: BTreeMap<u64, SegmentMeta>,
    keys: BTreeMap<u64, KeysMeta>,
    /// The vector files and which bytes they have; their sums depend on what the manifest says.
    vectors: BTreeMap<u64, Vec<u8>>,
}

impl Parts {
    fn file(&mut self, kind: u8, number: u64, mut bytes: Vec<u8>, flags: u8) {
        let is_raw = flags & 1 == 1;
        match kind {
            0 => self.manifest = bytes,
            1 => {
                let meta = if is_raw { None } else { crate::segment::fuzzing::repair(&mut bytes, number) };
                self.segments.extend(meta.map(|meta| (number, meta)));
                self.files.push((files::segment(number), bytes));
            }
            2 => {
                if !is_raw {
                    self.keys.extend(crate::keys::fuzzing::repair(&mut bytes).map(|meta| (number, meta)));
                }
                self.files.push((files::keys(number), bytes));
            }
            3 => {
                self.vectors.insert(number, bytes);
            }
            _ => {
                if !is_raw {
                    crate::log::fuzzing::repair(&mut bytes, number);
                }
                self.files.push((files::log(number), bytes));
            }
        }
    }

    fn storage(self, flags: u8) -> MemoryStorage {
        let Parts { manifest, files, segments, keys, mut vectors } = self;
        let manifest = crate::manifest::fuzzing::changed(&manifest, |manifest| {
            if flags & 2 == 2 {
                return;
            }
            for live in lives(manifest) {
                let meta = &mut live.segment;
                if let Some(there) = segments.get(&meta.id) {
                    let rows = if flags & 4 == 4 { meta.rows } else { there.rows };
                    *meta =
                        SegmentMeta { commit: meta.commit, rows, keys: meta.keys.clone(), ..there.clone() };
                }
                if let (Some(meta), Some(there)) = (&mut meta.keys, keys.get(&meta.id)) {
                    *meta = there.clone();
                }
            }
            for meta in &mut manifest.vectors {
                if let Some(bytes) = vectors.get_mut(&meta.version) {
                    let (bytes, sum) = crate::vectors::fuzzing::repair(bytes, meta.vectors);
                    *meta = VectorFileMeta { bytes, sum, ..meta.clone() };
                }
            }
        });
        let storage = storage_with(MANIFEST, &manifest);
        for (path, bytes) in files {
            add(&storage, &path, &bytes);
        }
        for (number, bytes) in vectors {
            add(&storage, &files::vectors(number), &bytes);
        }
        storage
    }
}

fn lives(manifest: &mut Manifest) -> impl Iterator<Item = &mut LiveMeta> {
    manifest.datasets.iter_mut().flat_map(|dataset| {
        let generations = std::iter::once(&mut dataset.bulk).chain(&mut dataset.kept);
        generations.flat_map(|generation| &mut generation.segments).chain(&mut dataset.individual)
    })
}

/// Reads everything in every way. If the store `is_whole`, the ways agree.
fn read(store: &Store, is_whole: bool) -> Result<()> {
    let mut first = Ok(());
    let mut note = |result: Result<()>| {
        if first.is_ok() {
            first = result;
        }
    };
    store.history();
    note(store.info().map(drop));
    for dataset in store.snapshot().all().into_values() {
        note(dataset_in_every_way(&dataset, is_whole));
    }
    first
}

fn dataset_in_every_way(dataset: &DatasetSnapshot, is_whole: bool) -> Result<()> {
    let counts = dataset.counts();
    for view in VIEWS {
        let batches = dataset.scan().view(view).batches()?.collect::<Vec<Result<RecordBatch>>>();
        let batches = batches.into_iter().collect::<Result<Vec<RecordBatch>>>();
        for batch in batches.iter().flatten() {
            for column in batch.columns() {
                assert!(column.to_data().validate_full().is_ok(), "a column that is not valid");
            }
        }
        for masked in dataset.scan().view(view).masked()?.flatten() {
            assert!(masked.mask.is_none_or(|mask| mask.len() == masked.batch.num_rows()));
        }
        let rows: usize = batches?.iter().map(RecordBatch::num_rows).sum();
        let counts = counts.as_ref().map_err(|error| Error::Refused(error.to_string()))?;
        let counted = match view {
            View::Merged | View::Newest => counts.merged,
            View::Bulk => counts.bulk,
            View::Individual => counts.individual,
        };
        assert!(rows as u64 == counted || !is_whole, "{rows} rows are read, and {counted} are counted");
    }
    let Some((_, field)) = dataset.state().key() else { return Ok(()) };
    for batch in dataset.scan().columns([&field.name]).batches()?.take(2) {
        let batch = batch?;
        let ids = arrow::compute::cast(batch.column(0), &arrow::datatypes::DataType::Utf8);
        let Ok(ids) = ids else { panic!("a record ID has no text") };
        let ids = arrow::array::AsArray::as_string::<i32>(&ids);
        for id in (0..ids.len().min(IDS_ASKED)).filter(|row| ids.is_valid(*row)).map(|row| ids.value(row)) {
            for view in VIEWS {
                let found = dataset.get(id, view)?;
                assert!(found.is_none_or(|row| row.num_rows() == 1));
            }
            let rows = dataset.scan().filter(&field.name, [id]).batches()?.collect::<Result<Vec<_>>>()?;
            let rows: usize = rows.iter().map(RecordBatch::num_rows).sum();
            assert!(rows == 1 || !is_whole, "{rows} rows have the record ID {id:?}");
        }
    }
    Ok(())
}
