//! Tables that are made row by row, and the CSV file of one.

use std::io::{self, Read};

/// Rows that are made one after another.
pub trait Rows {
    /// The first line of the file, with its line end.
    fn header(&self) -> &'static str;

    /// Appends the next row with its line end; `false` after the last.
    fn append(&mut self, text: &mut Vec<u8>) -> bool;
}

/// How much text is made at once.
const BLOCK: usize = 256 << 10;

/// A CSV file that is made as it is read.
#[derive(Clone, Debug)]
pub struct Csv<R> {
    rows: R,
    text: Vec<u8>,
    read: usize,
    ended: bool,
}

impl<R: Rows> Csv<R> {
    /// The file of these rows.
    pub fn new(rows: R) -> Csv<R> {
        let text = rows.header().as_bytes().to_vec();
        Csv { rows, text, read: 0, ended: false }
    }

    /// The rows, which know what was made.
    pub fn rows(&self) -> &R {
        &self.rows
    }

    /// The same, when the file is read.
    pub fn into_rows(self) -> R {
        self.rows
    }
}

impl<R: Rows> Read for Csv<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.read == self.text.len() && !self.ended {
            self.text.clear();
            self.read = 0;
        }
        while self.text.len() < BLOCK && self.read == 0 && !self.ended {
            self.ended = !self.rows.append(&mut self.text);
        }
        let length = self.text.get(self.read..).unwrap_or_default().read(into)?;
        self.read += length;
        Ok(length)
    }
}
