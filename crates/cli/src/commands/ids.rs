//! IDs from the command line or a file.

use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;

use anyhow::Result;

use crate::failure::Failure;

/// IDs as arguments or in a file.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
pub(crate) struct IdsArg {
    /// The IDs
    #[arg(value_name = "ID", allow_negative_numbers = true)]
    ids: Vec<String>,
    /// A file with one ID a line, `-` for standard input
    #[arg(long = "ids", value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    file: Option<PathBuf>,
}

impl IdsArg {
    pub(super) fn read(self) -> Result<Vec<String>> {
        let Some(file) = self.file else { return Ok(self.ids) };
        let failed = |error| Failure::new(format!("cannot read {}: {error}", file.display()));
        let reader: Box<dyn Read> = match file.to_str() {
            Some("-") => Box::new(std::io::stdin()),
            _ => Box::new(std::fs::File::open(&file).map_err(failed)?),
        };
        let lines = BufReader::new(reader).lines();
        let lines = lines.map(|line| line.map(|line| line.trim_end_matches('\r').to_owned()));
        let ids = lines.collect::<Result<Vec<_>, _>>().map_err(failed)?;
        Ok(ids.into_iter().filter(|id| !id.is_empty()).collect())
    }
}
