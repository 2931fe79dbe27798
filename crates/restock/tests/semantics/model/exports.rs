//! Exports, compared with those of a store that was given the same rows at once.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use restock::{Dataset, DatasetSnapshot, Format, ImportMode, Store, View};

use super::checks::{Check, failed};
use super::operation::Line;
use super::sheet;
use super::world::Table;

const FORMATS: [Format; 4] = [Format::Csv, Format::JsonLines, Format::Parquet, Format::Arrow];

/// A writer whose bytes can be had afterwards.
#[derive(Clone, Default)]
pub struct Bytes(Arc<Mutex<Vec<u8>>>);

impl Write for Bytes {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The bytes of an export.
pub fn export(dataset: &DatasetSnapshot, format: Format, view: View) -> restock::Result<Vec<u8>> {
    let bytes = Bytes::default();
    dataset.export_to(bytes.clone(), format, view)?;
    Ok(std::mem::take(&mut *bytes.0.lock().unwrap()))
}

/// S11: whatever a dataset went through, its exports are those of its rows.
pub fn exports_are(store: &Store, table: &Table) -> Check {
    let dataset = store.dataset(table.shelf.name).map_err(failed("opening a dataset"))?;
    let fresh = fresh(table).map_err(failed("filling a fresh store"))?;
    for view in [View::Merged, View::Bulk, View::Individual] {
        for format in FORMATS {
            let bytes = |dataset: &Dataset| export(&dataset.snapshot()?, format, view);
            let found = bytes(&dataset).map_err(failed("export"))?;
            let expected = bytes(&fresh).map_err(failed("export of a fresh store"))?;
            if found != expected {
                return Err(format!(
                    "S11: the {format:?} export of {view:?} of {} is {} bytes, that of a fresh store {}, and they differ",
                    table.shelf.name,
                    found.len(),
                    expected.len()
                ));
            }
        }
    }
    Ok(())
}

/// The rows of a table in a store of their own.
fn fresh(table: &Table) -> restock::Result<Dataset> {
    let (shelf, width) = (table.shelf, table.width);
    let dataset = shelf.create(&Store::in_memory()?)?;
    for width in shelf.base..width {
        dataset.alter(&shelf.schema(width + 1))?;
    }
    let lines = table.view(View::Bulk).into_iter().map(|row| Line { row, flaw: None });
    let sheet = sheet::csv(shelf, width, &lines.collect::<Vec<_>>(), 0);
    let import = dataset.import_reader(io::Cursor::new(sheet.text), "fresh");
    import.mode(ImportMode::Full).allow_empty(true).run()?;
    dataset.put(table.view(View::Individual).iter().map(|row| shelf.record(row, width)))?;
    Ok(dataset)
}
