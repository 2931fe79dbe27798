//! The rejects file: rows that did not fit, so that they can be mended and imported.

use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use restock_csv::{RecordError, Reject};
use serde::Serialize;

use super::output::OutputFile;
use crate::error::{Error, Result};

/// A rejects file being written: JSON Lines, one rejected record a line.
#[derive(Debug)]
pub(super) struct Rejects {
    path: PathBuf,
    out: BufWriter<OutputFile>,
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
    /// Opens the file; one that is there is replaced when something is written.
    pub fn open(path: &Path, sources: &[PathBuf]) -> Result<Rejects> {
        let file = OutputFile::open(path, sources)?;
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

    /// Writes what is buffered; without rejected records the file is empty.
    pub fn finish(mut self) -> Result<()> {
        self.out.flush().map_err(|e| Error::file(&self.path, e))
    }
}
