//! The rejects file: rows that did not fit, so that they can be mended and imported.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use restock_csv::{RecordError, Reject};
use serde::Serialize;

use crate::error::{Error, Result};

/// A rejects file being written: JSON Lines, one rejected record a line.
#[derive(Debug)]
pub(super) struct Rejects {
    path: PathBuf,
    out: BufWriter<File>,
}

/// A line of it.
#[derive(Serialize)]
struct Line<'a> {
    file: &'a str,
    line: u64,
    byte: u64,
    errors: &'a [RecordError],
    /// The record as it stood in the source, without its line end; bytes that are not UTF-8 are replaced.
    record: &'a str,
}

impl Rejects {
    /// Begins the file, replacing one that is there.
    pub fn create(path: &Path) -> Result<Rejects> {
        let file = File::create(path).map_err(|e| Error::file(path, e))?;
        Ok(Rejects { path: path.to_owned(), out: BufWriter::new(file) })
    }

    /// Adds a block's rejected records.
    pub fn write(&mut self, rejects: &[Reject]) -> Result<()> {
        for reject in rejects {
            let record = String::from_utf8_lossy(&reject.raw);
            let file = reject.errors.first().map_or("", |error| &error.file);
            let line =
                Line { file, line: reject.line, byte: reject.byte, errors: &reject.errors, record: &record };
            let written = serde_json::to_writer(&mut self.out, &line).map_err(std::io::Error::from);
            written.and_then(|()| self.out.write_all(b"\n")).map_err(|e| Error::file(&self.path, e))?;
        }
        Ok(())
    }

    /// Writes what is buffered.
    pub fn finish(mut self) -> Result<()> {
        self.out.flush().map_err(|e| Error::file(&self.path, e))
    }
}
