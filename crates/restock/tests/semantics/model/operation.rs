//! What can be done to a store, written down so that it can be done again.

use restock::{Durability, ImportMode};

use crate::shelf::Row;

/// One step of a run. It holds all that is needed to take it, so that a printed one can be frozen as a test.
#[derive(Clone, Debug)]
pub enum Operation {
    Import(ImportStep),
    Put {
        dataset: &'static str,
        rows: Vec<Row>,
        by: PutBy,
        durability: Durability,
    },
    /// A batch whose last record is at fault: nothing of it may be put.
    PutFlawed {
        dataset: &'static str,
        row: Row,
        flaw: Flaw,
    },
    /// Nine times a megabyte to one ID: the log outgrows its room and is flushed.
    PutHeavy {
        dataset: &'static str,
        row: Row,
    },
    Delete {
        dataset: &'static str,
        ids: Vec<String>,
        dry_run: bool,
    },
    /// Deletes from some datasets and puts into others, as one.
    Batch {
        deletes: Vec<(&'static str, Vec<String>)>,
        puts: Vec<(&'static str, Vec<Row>)>,
    },
    DeleteUsers {
        group: Option<&'static str>,
        ids: Vec<String>,
        dry_run: bool,
    },
    Undo {
        dataset: &'static str,
        dry_run: bool,
    },
    /// Adds the next column, if there is one to add.
    Alter {
        dataset: &'static str,
    },
    /// Drops the dataset and makes it again.
    Recreate {
        dataset: &'static str,
    },
    Compact {
        dataset: Option<&'static str>,
    },
    Vacuum,
    UndoDepth(u32),
    Sync,
    /// Closes the store and opens it again.
    Reopen,
    /// Copies the folder of the open store, opens the copy, and goes on with it or not.
    Crash {
        go_on: bool,
    },
    Copy,
    Hold,
    Release,
    /// A read-only handle beside the writer: opened, or brought to the newest version.
    Refresh,
    Filter {
        dataset: &'static str,
        column: usize,
        row: Row,
        limit: Option<u64>,
    },
    Verify,
    Export {
        dataset: &'static str,
    },
}

#[derive(Clone, Debug)]
pub struct ImportStep {
    pub dataset: &'static str,
    pub mode: ImportMode,
    pub files: Vec<Vec<Line>>,
    pub from: From,
    pub skip: bool,
    pub allow_empty: bool,
    pub threads: usize,
    pub label: Option<String>,
    pub dry_run: bool,
    pub stop: Option<Stop>,
    /// Done while the reader is read.
    pub meanwhile: Vec<Meanwhile>,
    /// Decides how the files look: order of columns, line ends, quotes.
    pub style: u64,
}

/// A line of a source.
#[derive(Clone, Debug)]
pub struct Line {
    pub row: Row,
    pub flaw: Option<Flaw>,
}

/// What is wrong with a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// Letters in a column of numbers.
    Number,
    /// Nothing in the first column that is not nullable.
    Missing,
    /// The empty string as record ID.
    EmptyId,
    /// A field too few.
    Short,
    /// A field too many.
    Long,
}

/// Where an import reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum From {
    CsvFiles,
    CsvFolder,
    CsvReader,
    JsonFiles,
    Batches,
}

/// What ends an import before its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    CancelledBefore,
    CancelledMidway,
    /// The reader fails midway.
    Broken,
    /// A quote is open at the end of the last file: the boundary of records is lost.
    OpenQuote,
}

/// What others do to the dataset while an import of it runs.
#[derive(Clone, Debug)]
pub enum Meanwhile {
    Put(Vec<Row>),
    Delete(Vec<String>),
    Sync,
}

/// How rows are put.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PutBy {
    Records,
    JsonLines,
    Batch,
}
