//! IDs from the command line or a file.

use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;

use anyhow::Result;

use crate::failure::Failure;

/// The most IDs that a file may hold: they are deleted in one commit.
const IDS_MAX: usize = 1_000_000;
/// The most bytes of such a file.
const IDS_BYTES: u64 = 64 << 20;

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
        let refused = |what: String| {
            Failure::new(format!("{}: more than {what}: give the IDs in several parts", file.display()))
        };
        let reader: Box<dyn Read> = match file.to_str() {
            Some("-") => Box::new(std::io::stdin()),
            _ => Box::new(std::fs::File::open(&file).map_err(failed)?),
        };
        let mut reader = BufReader::new(reader.take(IDS_BYTES + 1));
        let (mut ids, mut line, mut bytes) = (Vec::new(), String::new(), 0);
        loop {
            line.clear();
            let read = reader.read_line(&mut line);
            // A limit that cuts a character is no fault of the text.
            bytes += *read.as_ref().unwrap_or(&0) as u64;
            if bytes > IDS_BYTES || (read.is_err() && reader.get_ref().limit() == 0) {
                return Err(refused(format!("{IDS_BYTES} bytes (limit ids_bytes)")).into());
            }
            if read.map_err(failed)? == 0 {
                return Ok(ids);
            }
            let id = line.trim_end_matches('\n').trim_end_matches('\r');
            if id.is_empty() {
                continue;
            }
            if ids.len() == IDS_MAX {
                return Err(refused(format!("{IDS_MAX} IDs (limit ids)")).into());
            }
            ids.push(id.to_owned());
        }
    }
}
