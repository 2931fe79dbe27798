//! Compression of what is written, by the name of the file.

use std::io::{self, Write};
use std::path::Path;

use flate2::write::GzEncoder;

use crate::source::{Format, extension};

/// How a file is compressed as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Compression {
    None,
    Gzip,
    Zstd,
}

impl Compression {
    /// What a file's last extension promises, and an import holds it to.
    ///
    /// # Errors
    /// A message for people if the format is not compressed as a whole.
    pub(crate) fn of(path: &Path, format: Format) -> Result<Self, String> {
        let compression = match extension(path).as_deref() {
            Some("gz") => Self::Gzip,
            Some("zst") => Self::Zstd,
            _ => return Ok(Self::None),
        };
        match format {
            Format::Csv | Format::JsonLines => Ok(compression),
            Format::Parquet => Err("Parquet is compressed inside: leave the last extension away".to_owned()),
            Format::Arrow => {
                Err("Arrow IPC is written uncompressed, so that it can be mapped: leave the last \
                                  extension away"
                    .to_owned())
            }
        }
    }
}

/// A writer that compresses. [`finish`](Self::finish) writes the end, without which the file is cut.
pub(crate) enum Compressed<W: Write> {
    Plain(W),
    Gzip(GzEncoder<W>),
    Zstd(zstd::Encoder<'static, W>),
}

impl<W: Write> Compressed<W> {
    pub(crate) fn new(compression: Compression, out: W) -> io::Result<Self> {
        Ok(match compression {
            Compression::None => Self::Plain(out),
            Compression::Gzip => Self::Gzip(GzEncoder::new(out, flate2::Compression::default())),
            Compression::Zstd => {
                let mut encoder = zstd::Encoder::new(out, zstd::DEFAULT_COMPRESSION_LEVEL)?;
                // As the command of that name does: damage is found when the file is read.
                encoder.include_checksum(true)?;
                Self::Zstd(encoder)
            }
        })
    }

    /// Writes what is left, flushes, and gives the writer back.
    pub(crate) fn finish(self) -> io::Result<W> {
        let mut out = match self {
            Self::Plain(out) => out,
            Self::Gzip(encoder) => encoder.finish()?,
            Self::Zstd(encoder) => encoder.finish()?,
        };
        out.flush()?;
        Ok(out)
    }
}

impl<W: Write> Write for Compressed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(out) => out.write(bytes),
            Self::Gzip(encoder) => encoder.write(bytes),
            Self::Zstd(encoder) => encoder.write(bytes),
        }
    }

    /// Nothing for a compressed file: a flush in its midst would cost size, and its end is up to `finish`.
    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(out) => out.flush(),
            Self::Gzip(_) | Self::Zstd(_) => Ok(()),
        }
    }
}
