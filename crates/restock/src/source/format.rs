//! File formats: what a name promises and what the first bytes say.

use std::fmt;
use std::path::Path;
use std::str::FromStr;

use super::error::SourceError;
use super::location::Input;
use super::stream::extension;

/// A format of import and export files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// Comma-separated values with a header.
    Csv,
    /// One JSON object a line.
    JsonLines,
    /// Apache Parquet.
    Parquet,
    /// Arrow IPC: the file format, and for import also the stream format.
    Arrow,
}

impl Format {
    /// All formats, in the order of documentation.
    pub const ALL: [Self; 4] = [Self::Csv, Self::JsonLines, Self::Parquet, Self::Arrow];

    /// The name of `--format` and reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::JsonLines => "jsonl",
            Self::Parquet => "parquet",
            Self::Arrow => "arrow",
        }
    }

    /// The format that a file's extension names, `.gz` and `.zst` taken away.
    ///
    /// # Errors
    /// A message for people if the extension names none.
    pub fn from_path(path: &Path) -> Result<Self, String> {
        let inner = match extension(path).as_deref() {
            Some("gz" | "zst") => path.with_extension(""),
            _ => path.to_owned(),
        };
        match extension(&inner).as_deref() {
            Some("csv") => Ok(Self::Csv),
            Some("jsonl" | "ndjson" | "json-lines") => Ok(Self::JsonLines),
            Some("parquet" | "pq") => Ok(Self::Parquet),
            Some("arrow" | "ipc" | "feather") => Ok(Self::Arrow),
            Some("tsv" | "tab") => {
                Err("tab-separated values: give --format csv and --delimiter with a tab".to_owned())
            }
            Some("json") => {
                Err("a .json file is read if it holds one object a line: give --format jsonl".to_owned())
            }
            Some(other) => Err(format!(
                "the extension .{other} names no format: give --format csv, jsonl, parquet or arrow"
            )),
            None => {
                Err("a name without extension names no format: give --format csv, jsonl, parquet or arrow"
                    .to_owned())
            }
        }
    }

    /// The format of an input. Standard input is CSV unless said otherwise; so is a `.tsv` whose delimiter is given.
    pub(crate) fn of(input: &Input, delimiter_given: bool) -> Result<Self, SourceError> {
        match input {
            Input::Stdin => Ok(Self::Csv),
            Input::File(path) => Self::from_path(path).or_else(|detail| {
                let tabs = path.to_string_lossy().to_ascii_lowercase();
                let tabs = tabs.trim_end_matches(".gz").trim_end_matches(".zst").ends_with(".tsv");
                if tabs && delimiter_given {
                    Ok(Self::Csv)
                } else {
                    Err(SourceError::format(&input.name(), detail))
                }
            }),
        }
    }

    /// Refuses first bytes that are of another format, with the one to ask for.
    pub(crate) fn check(self, name: &str, head: &[u8]) -> Result<(), SourceError> {
        let found = match kind(head) {
            Some(found) => found,
            None if matches!(self, Self::Csv | Self::JsonLines) => return Ok(()),
            None => {
                return Err(SourceError::format(
                    name,
                    format!("this is no {self} file, whatever its name says"),
                ));
            }
        };
        if found == self {
            return Ok(());
        }
        Err(SourceError::format(
            name,
            format!("this is {} file, not {self}: give --format {}", found.with_article(), found.name()),
        ))
    }

    fn with_article(self) -> String {
        match self {
            Self::Arrow => format!("an {self}"),
            _ => format!("a {self}"),
        }
    }
}

/// The binary format that these first bytes can only belong to.
fn kind(head: &[u8]) -> Option<Format> {
    // A CSV header may begin with the letters PAR1; a page header of Parquet that follows them never is text.
    if let Some(rest) = head.strip_prefix(b"PAR1") {
        let text = |byte: &u8| !byte.is_ascii_control() || matches!(byte, b'\r' | b'\n' | b'\t');
        return (!rest.is_empty() && !rest.iter().all(text)).then_some(Format::Parquet);
    }
    let arrow = head.starts_with(b"ARROW1\0\0") || head.starts_with(&[0xff; 4]);
    arrow.then_some(Format::Arrow)
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Csv => "CSV",
            Self::JsonLines => "JSON Lines",
            Self::Parquet => "Parquet",
            Self::Arrow => "Arrow IPC",
        })
    }
}

impl FromStr for Format {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|format| format.name() == text)
            .ok_or_else(|| format!("{text}: no such format: csv, jsonl, parquet or arrow"))
    }
}

#[cfg(test)]
mod tests;
