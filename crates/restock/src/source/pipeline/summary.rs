//! What the sources of one import held.

use std::collections::BTreeMap;

use ahash::AHashSet;
use restock_csv::Block;

use crate::source::format::Format;
use crate::source::target::{Target, cut_name};

/// Counts over all sources.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct SourceSummary {
    /// Sources read.
    pub(crate) files: u64,
    /// Decompressed bytes of text; of typed sources what their rows take in memory.
    pub(crate) bytes: u64,
    pub(crate) records_read: u64,
    pub(crate) rejected: u64,
    /// Errors of the rejected records.
    pub(crate) error_count: u64,
    /// Columns and keys that no field takes, in order of first appearance.
    pub(crate) ignored_columns: Vec<String>,
    /// What a person should know, though nothing is wrong.
    pub(crate) notes: Vec<String>,
    /// Sources by format; batches from memory are in none.
    pub(crate) formats: BTreeMap<&'static str, u64>,
    known: AHashSet<String>,
    /// The most columns named in `ignored_columns`.
    names_max: usize,
    /// There were more.
    unnamed: bool,
    milliseconds: Option<(String, u64)>,
    cut: Vec<u64>,
}

impl SourceSummary {
    pub(super) fn new(target: &Target, names_max: usize) -> Self {
        Self { cut: vec![0; target.schema().fields().len()], names_max, ..Self::default() }
    }

    pub(super) fn start(&mut self, format: Option<Format>, ignored: &[String]) {
        self.files += 1;
        if let Some(format) = format {
            *self.formats.entry(format.name()).or_default() += 1;
        }
        self.ignore(ignored);
    }

    pub(super) fn ignore(&mut self, columns: &[String]) {
        for column in columns {
            let column = cut_name(column);
            if self.known.contains(column) {
                continue;
            }
            // Every line of a JSON Lines file may have keys of its own.
            self.unnamed |= self.known.len() == self.names_max;
            if !self.unnamed {
                self.known.insert(column.to_owned());
                self.ignored_columns.push(column.to_owned());
            }
        }
    }

    pub(super) fn add<T>(&mut self, file: &str, block: &Block<T>) {
        self.bytes += block.bytes;
        self.records_read += block.records_read;
        self.rejected += block.rejected;
        self.error_count += block.error_count;
        if let (None, Some(line)) = (&self.milliseconds, block.milliseconds_line) {
            self.milliseconds = Some((file.to_owned(), line));
        }
        self.cut.iter_mut().zip(&block.cut).for_each(|(sum, cut)| *sum += cut);
    }

    pub(super) fn finish(mut self, target: &Target) -> Self {
        if let Some((file, line)) = &self.milliseconds {
            let note =
                format!("TIMESTAMP looks like milliseconds, from {file}:{line} on: the unit is seconds");
            self.notes.push(note);
        }
        if self.unnamed {
            let note = format!(
                "more columns are ignored than the {} that are named (limit columns)",
                self.names_max
            );
            self.notes.push(note);
        }
        let fields = target.schema().fields().iter().enumerate().zip(&self.cut);
        for ((place, field), &cut) in fields.filter(|(_, cut)| **cut > 0) {
            let chars = target.limit(place).map_or(0, |limit| limit.chars());
            let values = if cut == 1 { "1 value".to_owned() } else { format!("{cut} values") };
            self.notes.push(format!("{values} of {} cut to {chars} characters", field.name));
        }
        self
    }
}
