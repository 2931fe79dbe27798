//! Exports: the rows of a view as a file.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

use restock_store::{Cancel, View};
use serde::Serialize;

use crate::error::{Error, Result};
use crate::sink::{self, Compressed, Compression};
use crate::snapshot::DatasetSnapshot;
use crate::source::{Format, display};

/// What an export wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct ExportReport {
    /// Rows of the view, all of which are in the file.
    pub rows: u64,
    /// Bytes of the file, compressed as it is.
    pub bytes: u64,
}

/// An export to be configured and run; see [`DatasetSnapshot::export`].
#[derive(Clone, Debug)]
#[must_use = "nothing is written before `run`"]
pub struct Export {
    dataset: DatasetSnapshot,
    out: PathBuf,
    view: View,
    format: Option<Format>,
    force: bool,
    cancel: Cancel,
}

impl Export {
    pub(crate) fn new(dataset: DatasetSnapshot, out: PathBuf) -> Export {
        Export { dataset, out, view: View::Merged, format: None, force: false, cancel: Cancel::new() }
    }

    /// Another view than the merged one.
    pub fn view(mut self, view: View) -> Export {
        self.view = view;
        self
    }

    /// Another format than the extension says.
    pub fn format(mut self, format: Format) -> Export {
        self.format = Some(format);
        self
    }

    /// Whether a file that exists may be replaced.
    pub fn force(mut self, force: bool) -> Export {
        self.force = force;
        self
    }

    /// Cancels it from another thread.
    pub fn cancel(mut self, cancel: Cancel) -> Export {
        self.cancel = cancel;
        self
    }

    /// Writes the file: aside first, then under its name, so that nobody sees half of it. CSV and JSON Lines are
    /// compressed if the name ends in `.gz` or `.zst`, as an import expects it of such a file.
    ///
    /// # Errors
    /// The file exists (without `force`), its extension says no format, or one that is not compressed as a whole, or
    /// it cannot be written.
    pub fn run(self) -> Result<ExportReport> {
        let format = match self.format {
            Some(format) => format,
            None => Format::from_path(&self.out)
                .map_err(|detail| Error::Refused(format!("{}: {detail}", display(&self.out))))?,
        };
        let compression = Compression::of(&self.out, format)
            .map_err(|detail| Error::Refused(format!("{}: {detail}", display(&self.out))))?;
        let exists =
            || Error::Refused(format!("{} exists already; replace it with --force", display(&self.out)));
        // A device or pipe would be gone if a file took its place.
        if let Ok(there) = self.out.metadata()
            && !there.is_file()
        {
            let what = if there.is_dir() { "a folder" } else { "a device or pipe" };
            let message = format!("{} is {what}: name a file, or - for standard output", display(&self.out));
            return Err(Error::Refused(message));
        }
        if !self.force && self.out.symlink_metadata().is_ok() {
            return Err(exists());
        }
        let mut aside = self.out.clone().into_os_string();
        aside.push(format!(".{}.part", std::process::id()));
        let aside = PathBuf::from(aside);
        let file = File::create_new(&aside).map_err(|e| Error::file(&aside, e))?;
        let synced = file.try_clone().map_err(|e| Error::file(&aside, e))?;
        let written = self
            .dataset
            .export_while(file, format, compression, self.view, &self.cancel)
            .and_then(|report| synced.sync_all().map(|()| report).map_err(|e| Error::file(&aside, e)))
            .and_then(|report| {
                // Another process may have made the file meanwhile.
                if !self.force && self.out.symlink_metadata().is_ok() {
                    return Err(exists());
                }
                std::fs::rename(&aside, &self.out).map(|()| report).map_err(|e| Error::file(&self.out, e))
            });
        if written.is_err() {
            // The reason of the failure matters more than that the half file could not be removed.
            drop(std::fs::remove_file(&aside));
        }
        written
    }
}

impl DatasetSnapshot {
    /// Writes the rows of a view, in scan order (S11).
    ///
    /// # Errors
    /// The writer fails, or damage.
    pub fn export_to(
        &self,
        out: impl Write + Send + 'static,
        format: Format,
        view: View,
    ) -> Result<ExportReport> {
        self.export_while(out, format, Compression::None, view, &Cancel::new())
    }

    fn export_while(
        &self,
        out: impl Write + Send,
        format: Format,
        compression: Compression,
        view: View,
        cancel: &Cancel,
    ) -> Result<ExportReport> {
        let failed = |source| Error::File { file: format!("export of `{}`", self.name()), source };
        let counted = Counted { out: BufWriter::with_capacity(1 << 20, out), bytes: 0 };
        let mut compressed = Compressed::new(compression, counted).map_err(failed)?;
        let batches = self.scan().view(view).batches()?;
        let mut sink = sink::open(format, &batches.schema(), Box::new(&mut compressed)).map_err(failed)?;
        let mut rows = 0;
        for batch in batches {
            cancel.check()?;
            let batch = batch?;
            rows += batch.num_rows() as u64;
            sink.write(&batch).map_err(failed)?;
        }
        sink.finish().map_err(failed)?;
        let bytes = compressed.finish().map_err(failed)?.bytes;
        Ok(ExportReport { rows, bytes })
    }
}

/// Counts what passes.
struct Counted<W> {
    out: W,
    bytes: u64,
}

impl<W: Write> Write for Counted<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
