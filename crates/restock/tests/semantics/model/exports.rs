//! Exports, compared with those of a store that was given the same rows at once.

use std::io;

use restock::{Dataset, ImportMode, Store, View};

use super::checks::{Check, failed};
use super::operation::Line;
use super::sheet;
use super::world::Table;
use crate::export::{self, FORMATS};

/// S11: whatever a dataset went through, its exports are those of its rows.
pub fn exports_are(store: &Store, table: &Table) -> Check {
    let dataset = store.dataset(table.shelf.name).map_err(failed("opening a dataset"))?;
    let fresh = fresh(table).map_err(failed("filling a fresh store"))?;
    for view in [View::Merged, View::Bulk, View::Individual] {
        for format in FORMATS {
            let bytes = |dataset: &Dataset| export::bytes(&dataset.snapshot()?, format, view);
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
