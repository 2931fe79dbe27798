//! The file `MANIFEST`: a header line with format, checksum and length, then JSON.
//!
//! The header can be read whatever the format of the rest, so that an old reader refuses a newer store by
//! name. The file is replaced by rename; the rename is the commit.

#[cfg(feature = "fuzzing")]
#[expect(clippy::panic, reason = "a fuzz target fails by panicking")]
pub(crate) mod fuzzing;
#[cfg(test)]
mod tests;

use std::io::Write;

use bytes::Bytes;
use serde::Deserialize;
use xxhash_rust::xxh3::xxh3_64;

use super::Manifest;
use crate::error::{Error, Result};
use crate::files::{MANIFEST, MANIFEST_NEXT};
use crate::hex;
use crate::storage::Storage;

/// The format this version writes, and the newest it reads.
pub(crate) const FORMAT: u32 = 1;
/// Features this version knows.
const FEATURES: [&str; 0] = [];

/// The bytes of the file.
fn encode(manifest: &Manifest) -> Result<Vec<u8>> {
    let body = serde_json::to_vec(manifest).map_err(|e| Error::io("encode MANIFEST", e.into()))?;
    Ok(framed(&body))
}

/// A body in its file.
fn framed(body: &[u8]) -> Vec<u8> {
    let sum = hex::text(xxh3_64(body));
    let mut bytes = format!("restock-store {FORMAT} xxh3 {sum} bytes {}\n", body.len()).into_bytes();
    bytes.extend_from_slice(body);
    bytes.push(b'\n');
    bytes
}

/// Reads the bytes of the file.
pub(crate) fn decode(bytes: &[u8]) -> Result<Manifest> {
    let manifest: Manifest = parse(checked_body(bytes)?)?;
    if let Some(feature) = manifest.features.iter().find(|feature| !FEATURES.contains(&feature.as_str())) {
        return Err(Error::NewerFormat {
            file: MANIFEST.into(),
            found: format!("the feature `{feature}`"),
            supported: "no optional features".into(),
        });
    }
    Ok(manifest)
}

fn parse<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T> {
    serde_json::from_slice(body).map_err(|e| Error::damaged(MANIFEST, None, e.to_string()))
}

/// The JSON in the bytes of the file, as it was written.
fn checked_body(bytes: &[u8]) -> Result<&[u8]> {
    let broken = |detail: &str| Error::damaged(MANIFEST, None, detail);
    let end = bytes.iter().take(256).position(|byte| *byte == b'\n');
    let (header, body) =
        end.and_then(|end| bytes.split_at_checked(end)).ok_or_else(|| broken("it has no header line"))?;
    let header = str::from_utf8(header).map_err(|_| broken("its header line is not text"))?;
    let mut words = header.split(' ');
    if words.next() != Some("restock-store") {
        return Err(broken("it does not begin with `restock-store`"));
    }
    let format: u32 =
        words.next().and_then(|format| format.parse().ok()).ok_or_else(|| broken("it names no format"))?;
    if format != FORMAT {
        return Err(Error::NewerFormat {
            file: MANIFEST.into(),
            found: format!("format {format}"),
            supported: format!("format {FORMAT}"),
        });
    }
    let words: Vec<&str> = words.collect();
    let ["xxh3", sum, "bytes", length] = words.as_slice() else {
        return Err(broken("its header line is not one of format 1"));
    };
    let body = body.strip_prefix(b"\n").and_then(|body| body.strip_suffix(b"\n"));
    let body =
        body.filter(|body| length.parse() == Ok(body.len())).ok_or_else(|| broken("it was cut off"))?;
    if hex::parse(sum) != Some(xxh3_64(body)) || sum.bytes().any(|digit| digit.is_ascii_uppercase()) {
        return Err(broken("its checksum does not fit"));
    }
    Ok(body)
}

/// Mapped, so that a wrong file costs no memory before its first line is looked at.
fn read_bytes(storage: &dyn Storage) -> Result<Bytes> {
    storage.map(MANIFEST).map_err(|e| Error::io(format!("read {MANIFEST}"), e))
}

/// Reads the committed state.
pub(crate) fn read(storage: &dyn Storage) -> Result<Manifest> {
    decode(&read_bytes(storage)?)
}

/// Reads the version of the committed state, and of the rest only that it is whole.
pub(crate) fn read_version(storage: &dyn Storage) -> Result<u64> {
    #[derive(Deserialize)]
    struct Version {
        version: u64,
    }
    Ok(parse::<Version>(checked_body(&read_bytes(storage)?)?)?.version)
}

/// Writes `manifest` aside and syncs it. After an error there is nothing.
pub(crate) fn prepare(storage: &dyn Storage, manifest: &Manifest) -> Result<()> {
    let bytes = encode(manifest)?;
    let failed = |e| Error::io(format!("write {MANIFEST_NEXT}"), e);
    // One may be left from a process that died here.
    drop(storage.remove(MANIFEST_NEXT));
    let mut file = storage.create(MANIFEST_NEXT).map_err(failed)?;
    let written = file.write_all(&bytes).and_then(|()| file.sync());
    written.inspect_err(|_| drop(storage.remove(MANIFEST_NEXT))).map_err(failed)
}

/// Makes the manifest written aside the committed state: the rename is the commit.
///
/// An error leaves the outcome unknown to the caller, who must not write on.
pub(crate) fn publish(storage: &dyn Storage) -> Result<()> {
    let renamed = storage.rename(MANIFEST_NEXT, MANIFEST).and_then(|()| storage.sync_dir(""));
    renamed.map_err(|e| Error::io(format!("replace {MANIFEST}"), e))
}

/// Writes `manifest` and makes it the committed state of a store that nobody else has open.
pub(crate) fn write(storage: &dyn Storage, manifest: &Manifest) -> Result<()> {
    prepare(storage, manifest)?;
    publish(storage)
}
