//! Bulk imports: from sources to one commit.

mod output;
mod put;
mod rejects;
mod report;
mod run;

use std::io::Read;
use std::path::PathBuf;
use std::sync::Arc;

use arrow::record_batch::RecordBatchReader;
use restock_csv::{Escape, Header, Rename};
use restock_store::{Cancel, ImportMode};

use crate::dataset::Dataset;
use crate::error::Result;
use crate::source::Format;

pub use output::OutputFile;
pub use put::{LinePut, PutLines};
pub(crate) use put::{convert_batch, read_records};
pub use report::{ImportReport, Progress};

/// What becomes of rows that do not fit (S12).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnError {
    /// The import fails and reports them.
    #[default]
    Fail,
    /// They are counted and left out; the others are imported.
    Skip,
}

/// Where rows come from.
enum Origin {
    Paths(Vec<PathBuf>),
    Reader(Box<dyn Read + Send>, String),
    Readers(Vec<(String, Box<dyn Read + Send>)>),
    Batches(Box<dyn RecordBatchReader + Send>),
}

/// Who is told how far it is.
type Watcher = Arc<dyn Fn(&Progress) + Send + Sync>;

/// An import to be configured and run; see [`Dataset::import`].
///
/// ```
/// # use restock::{DatasetType, ImportMode, Schema, Store};
/// # let store = Store::in_memory()?;
/// # let avro = r#"{"type":"record","name":"Items","fields":[
/// #     {"name":"ITEM_ID","type":"string"},{"name":"PRICE","type":"float"}]}"#;
/// # let items = store.create_dataset("items", DatasetType::Items, Schema::from_avro(avro)?)?;
/// let csv = "ITEM_ID,PRICE\ni1,9.5\ni2,3\n";
/// let report = items.import_reader(csv.as_bytes(), "example").mode(ImportMode::Full).run()?;
/// assert_eq!((report.rows_read, report.appended, report.rejected), (2, 2, 0));
/// # Ok::<(), restock::Error>(())
/// ```
#[must_use = "nothing is imported before `run`"]
pub struct Import {
    dataset: Dataset,
    origin: Origin,
    mode: ImportMode,
    on_error: OnError,
    rejects: Option<PathBuf>,
    allow_empty: bool,
    label: Option<String>,
    format: Option<Format>,
    dialect: restock_csv::Options,
    delimiter_given: bool,
    threads: Option<usize>,
    cancel: Cancel,
    watcher: Option<Watcher>,
}

impl Import {
    pub(crate) fn of_paths(dataset: Dataset, paths: Vec<PathBuf>) -> Import {
        Import::new(dataset, Origin::Paths(paths))
    }

    pub(crate) fn of_reader(dataset: Dataset, reader: Box<dyn Read + Send>, name: String) -> Import {
        Import::new(dataset, Origin::Reader(reader, name))
    }

    pub(crate) fn of_readers(dataset: Dataset, readers: Vec<(String, Box<dyn Read + Send>)>) -> Import {
        Import::new(dataset, Origin::Readers(readers))
    }

    pub(crate) fn of_batches(dataset: Dataset, batches: Box<dyn RecordBatchReader + Send>) -> Import {
        Import::new(dataset, Origin::Batches(batches))
    }

    fn new(dataset: Dataset, origin: Origin) -> Import {
        Import {
            dataset,
            origin,
            mode: ImportMode::Full,
            on_error: OnError::Fail,
            rejects: None,
            allow_empty: false,
            label: None,
            format: None,
            dialect: restock_csv::Options::default(),
            delimiter_given: false,
            threads: None,
            cancel: Cancel::new(),
            watcher: None,
        }
    }

    /// FULL (the default, as in the service) or INCREMENTAL.
    pub fn mode(mut self, mode: ImportMode) -> Self {
        self.mode = mode;
        self
    }

    /// What becomes of rows that do not fit.
    pub fn on_error(mut self, on_error: OnError) -> Self {
        self.on_error = on_error;
        self
    }

    /// Writes the rows that do not fit to a file, as JSON Lines with place, errors and the record as it was. The file
    /// may be none of the sources; see [`OutputFile`].
    pub fn rejects(mut self, file: impl Into<PathBuf>) -> Self {
        self.rejects = Some(file.into());
        self.dialect.keep_rejects = true;
        self
    }

    /// Lets a FULL that read no row empty the dataset (S1).
    pub fn allow_empty(mut self, allow: bool) -> Self {
        self.allow_empty = allow;
        self
    }

    /// Stored by the commit; the same label again is refused as already done.
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }

    /// The format of all sources; without it their extensions tell.
    pub fn format(mut self, format: Format) -> Self {
        self.format = Some(format);
        self
    }

    /// How quotes and backslashes inside quoted CSV fields are escaped.
    pub fn escape(mut self, escape: Escape) -> Self {
        self.dialect.escape = escape;
        self
    }

    /// The byte between CSV fields; a comma by default.
    pub fn delimiter(mut self, delimiter: u8) -> Self {
        self.dialect.delimiter = delimiter;
        self.delimiter_given = true;
        self
    }

    /// The sources have no header record; these are the names of their columns.
    pub fn no_header<S: Into<String>>(mut self, names: impl IntoIterator<Item = S>) -> Self {
        self.dialect.header = Header::Names(names.into_iter().map(Into::into).collect());
        self
    }

    /// Reads the schema's column `name` from the source's column `header`.
    pub fn rename(mut self, name: impl Into<String>, header: impl Into<String>) -> Self {
        self.dialect.renames.push(Rename { schema_name: name.into(), header: header.into() });
        self
    }

    /// How many threads parse; the machine's cores by default. The outcome does not depend on it (S11).
    pub fn threads(mut self, threads: usize) -> Self {
        self.threads = Some(threads);
        self
    }

    /// Cancels it from another thread: it fails, and nothing is changed.
    pub fn cancel(mut self, cancel: Cancel) -> Self {
        self.cancel = cancel;
        self
    }

    /// Is told how far the import is, a few times a second at most.
    pub fn progress(mut self, watcher: impl Fn(&Progress) + Send + Sync + 'static) -> Self {
        self.watcher = Some(Arc::new(watcher));
        self
    }

    /// Imports (S1 to S6): all or nothing.
    ///
    /// # Errors
    /// [`crate::Error::Import`] with a report if rows were read; else what kept it from beginning.
    pub fn run(self) -> Result<ImportReport> {
        run::run(self, false)
    }

    /// Does everything but the commit, and says what it would have done.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub fn dry_run(self) -> Result<ImportReport> {
        run::run(self, true)
    }
}
