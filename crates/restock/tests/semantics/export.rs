//! Exports into memory.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use restock::{DatasetSnapshot, Format, Result, View};

pub const FORMATS: [Format; 4] = [Format::Csv, Format::JsonLines, Format::Parquet, Format::Arrow];

/// A writer whose bytes can be had afterwards.
#[derive(Clone, Default)]
struct Bytes(Arc<Mutex<Vec<u8>>>);

impl Write for Bytes {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The bytes of an export.
pub fn bytes(dataset: &DatasetSnapshot, format: Format, view: View) -> Result<Vec<u8>> {
    let bytes = Bytes::default();
    dataset.export_to(bytes.clone(), format, view)?;
    Ok(std::mem::take(&mut *bytes.0.lock().unwrap()))
}
