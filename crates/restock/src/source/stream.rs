//! The byte stream below all formats: location and compression end here.

use std::io::{self, Chain, Cursor, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use flate2::read::MultiGzDecoder;

use super::clock::Clock;
use super::error::{SourceError, display};
use super::location::Input;
use super::original::Original;
use super::waiting;

/// Bytes read of a file's beginning to know its kind.
const HEAD: usize = 16;
/// The largest window of zstd, a power of two: so much memory a stream may ask for.
const WINDOW_BYTES: u64 = 128 << 20;

/// What an import and the one who watches it share: counters and a wish to stop.
#[derive(Clone, Debug, Default)]
pub(crate) struct Watch {
    read: Arc<AtomicU64>,
    cancelled: Arc<AtomicBool>,
    clock: Clock,
}

impl Watch {
    /// A watch that stops when `cancelled` becomes true.
    pub(crate) fn new(cancelled: Arc<AtomicBool>) -> Self {
        Self { cancelled, ..Self::default() }
    }

    /// Bytes read from files so far, compressed as they are there.
    pub(crate) fn bytes_read(&self) -> u64 {
        self.read.load(Ordering::Relaxed)
    }

    /// What the time is spent on.
    pub(crate) fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Counts bytes read, which are 0 if only the wish to stop is asked for.
    pub(crate) fn advance(&self, bytes: usize) -> Result<(), SourceError> {
        if self.cancelled.load(Ordering::Relaxed) {
            return Err(SourceError::Cancelled);
        }
        self.read.fetch_add(bytes as u64, Ordering::Relaxed);
        Ok(())
    }
}

/// The decompressed bytes of one input.
///
/// gzip and zstd are recognised by their first bytes, which no text begins with. The file is read, not mapped: one
/// that shrinks meanwhile must not kill the process. A [`SourceError`] travels inside the [`io::Error`];
/// [`SourceError::from_io`] takes it out.
pub(crate) struct ByteStream {
    name: String,
    codec: Codec,
    /// Decompressed bytes given out or held in `head`.
    position: u64,
    head: Cursor<Vec<u8>>,
}

type Raw = Chain<Cursor<Vec<u8>>, Watched>;

enum Codec {
    Plain(Box<Raw>),
    Gzip(Box<MultiGzDecoder<Raw>>),
    Zstd(Box<zstd::Decoder<'static, io::BufReader<Raw>>>),
}

impl ByteStream {
    /// Opens an input.
    ///
    /// # Errors
    /// A file that cannot be opened, one in a compression that is not read, and one whose name ends in `.gz` or
    /// `.zst` while its bytes are not.
    pub(crate) fn open(input: &Input, watch: &Watch) -> Result<Self, SourceError> {
        match input {
            Input::Stdin => {
                let name = input.name();
                let stdin = waiting::stdin(watch).map_err(|error| SourceError::io(&name, error))?;
                Self::from_reader(&name, stdin, watch)
            }
            Input::File(path) => {
                let name = input.name();
                let failed = |error| SourceError::io(&name, error);
                let (file, original) = waiting::open(path, watch).map_err(failed)?;
                let stream =
                    Self::of(Watched { name: name.clone(), reader: file, watch: watch.clone(), original })?;
                stream.check_name(path)?;
                Ok(stream)
            }
        }
    }

    /// The same over any reader; `name` stands for it in messages.
    pub(crate) fn from_reader(
        name: &str,
        reader: Box<dyn Read + Send>,
        watch: &Watch,
    ) -> Result<Self, SourceError> {
        Self::of(Watched { name: name.to_owned(), reader, watch: watch.clone(), original: None })
    }

    fn of(mut raw: Watched) -> Result<Self, SourceError> {
        let name = &raw.name.clone();
        let head = read_head(&mut raw).map_err(|error| SourceError::from_io(name, error))?;
        if let Some(kind) = refused(&head) {
            return Err(SourceError::format(name, format!("{kind} is not read: unpack it first")));
        }
        let gzip = head.starts_with(&[0x1f, 0x8b]);
        let zstd = is_zstd(&head);
        let raw = Cursor::new(head).chain(raw);
        let codec = if gzip {
            Codec::Gzip(Box::new(MultiGzDecoder::new(raw)))
        } else if zstd {
            let mut decoder = zstd::Decoder::new(raw).map_err(|error| SourceError::from_io(name, error))?;
            decoder
                .window_log_max(WINDOW_BYTES.ilog2())
                .map_err(|error| SourceError::from_io(name, error))?;
            Codec::Zstd(Box::new(decoder))
        } else {
            Codec::Plain(Box::new(raw))
        };
        Ok(Self { name: name.to_owned(), codec, position: 0, head: Cursor::default() })
    }

    /// The input's name in messages.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The file to seek in, if the input is one and its bytes are not compressed.
    pub(super) fn original(&self) -> Option<&Original> {
        let Codec::Plain(raw) = &self.codec else { return None };
        raw.get_ref().1.original.as_ref()
    }

    /// The first decompressed bytes, at most 16, which stay to be read.
    pub(crate) fn peek(&mut self) -> Result<&[u8], SourceError> {
        if self.position == 0 {
            let head = read_head(self).map_err(|error| SourceError::from_io(&self.name, error))?;
            self.head = Cursor::new(head);
        }
        Ok(self.head.get_ref())
    }

    /// A name that promises a compression must keep the promise: otherwise the file is not what its maker believes.
    fn check_name(&self, path: &Path) -> Result<(), SourceError> {
        let kept = match (extension(path).as_deref(), &self.codec) {
            (Some("gz"), codec) => matches!(codec, Codec::Gzip(_)),
            (Some("zst"), codec) => matches!(codec, Codec::Zstd(_)),
            _ => true,
        };
        if kept {
            return Ok(());
        }
        Err(SourceError::format(
            &display(path),
            "the name says it is compressed, but its first bytes are not of that compression: rename it, or make it \
             again if it was cut",
        ))
    }

    fn located(&self, error: io::Error) -> io::Error {
        let ours = error.get_ref().is_some_and(|inner| inner.is::<SourceError>());
        let codec = match self.codec {
            Codec::Gzip(_) => "gzip",
            Codec::Zstd(_) => "zstd",
            Codec::Plain(_) => return error,
        };
        if ours || error.kind() == io::ErrorKind::Interrupted {
            return error;
        }
        let detail = error.to_string();
        if codec == "zstd" && detail.contains("too much memory") {
            let detail = format!(
                "it was compressed with a window of more than {WINDOW_BYTES} bytes (limit zstd_window_bytes): compress \
                 it again, with --long={} at most",
                WINDOW_BYTES.ilog2()
            );
            return SourceError::format(&self.name, detail).into();
        }
        SourceError::Compression { file: self.name.clone(), codec, byte: self.position, detail }.into()
    }
}

impl Read for ByteStream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let held = self.head.read(buffer)?;
        if held > 0 || buffer.is_empty() {
            return Ok(held);
        }
        let read = match &mut self.codec {
            Codec::Plain(raw) => raw.read(buffer),
            Codec::Gzip(decoder) => decoder.read(buffer),
            Codec::Zstd(decoder) => decoder.read(buffer),
        };
        let read = read.map_err(|error| self.located(error))?;
        self.position += read as u64;
        Ok(read)
    }
}

/// The last extension of a path, in lower case.
pub(crate) fn extension(path: &Path) -> Option<String> {
    Some(path.extension()?.to_str()?.to_ascii_lowercase())
}

/// A reader that counts, can be stopped, names its file in errors, and finds out at its end whether the file changed.
struct Watched {
    name: String,
    reader: Box<dyn Read + Send>,
    watch: Watch,
    original: Option<Original>,
}

impl Read for Watched {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.watch.advance(0)?;
        match self.reader.read(buffer) {
            Ok(read) => {
                self.watch.advance(read)?;
                if let (0, false, Some(original)) = (read, buffer.is_empty(), &self.original) {
                    original.check(&self.name)?;
                }
                Ok(read)
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Err(error),
            Err(error) => Err(SourceError::from_io(&self.name, error).into()),
        }
    }
}

fn read_head(reader: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut head = Vec::with_capacity(HEAD);
    reader.by_ref().take(HEAD as u64).read_to_end(&mut head)?;
    Ok(head)
}

/// A zstd frame, or one of the skippable frames that parallel compressors write first.
fn is_zstd(head: &[u8]) -> bool {
    match head.first_chunk::<4>() {
        Some(&[0x28, 0xb5, 0x2f, 0xfd]) => true,
        Some(&[first, 0x2a, 0x4d, 0x18]) => (0x50..0x60).contains(&first),
        _ => false,
    }
}

fn refused(head: &[u8]) -> Option<&'static str> {
    const KINDS: [(&[u8], &str); 7] = [
        (&[0xfd, b'7', b'z', b'X', b'Z', 0], "xz compression"),
        (b"PK\x03\x04", "a zip archive (or spreadsheet)"),
        (b"PK\x05\x06", "a zip archive (or spreadsheet)"),
        (&[0x04, 0x22, 0x4d, 0x18], "lz4 compression"),
        (&[b'7', b'z', 0xbc, 0xaf, 0x27, 0x1c], "a 7z archive"),
        (&[0xff, 0x06, 0, 0, b's', b'N', b'a', b'P'], "framed snappy compression"),
        (b"FEA1", "Feather version 1"),
    ];
    if let Some((_, kind)) = KINDS.iter().find(|(magic, _)| head.starts_with(magic)) {
        return Some(kind);
    }
    // "BZh" alone could be text; followed by a level and the digits of pi it is not.
    let bzip2 = head.strip_prefix(b"BZh").and_then(|rest| rest.split_first());
    bzip2
        .is_some_and(|(level, rest)| level.is_ascii_digit() && rest.starts_with(b"1AY&SY"))
        .then_some("bzip2 compression")
}

#[cfg(test)]
mod tests;
