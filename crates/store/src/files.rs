//! The names of a store's files and the magic bytes in them: the one place that knows either.

/// The writer's lock.
pub(crate) const LOCK: &str = "LOCK";
/// The committed state.
pub(crate) const MANIFEST: &str = "MANIFEST";
/// The next committed state, until its rename.
pub(crate) const MANIFEST_NEXT: &str = "MANIFEST.next";
/// Folder of segments, key indexes and deletion vectors.
pub(crate) const SEGMENTS: &str = "segments";
/// Folder of the record log.
pub(crate) const LOG: &str = "log";

/// First bytes of a key index.
pub(crate) const KEYS_MAGIC: [u8; 8] = *b"RSTKEYS1";
/// First bytes of a file of deletion vectors.
pub(crate) const VECTORS_MAGIC: [u8; 8] = *b"RSTDELV1";

/// A segment's rows.
pub(crate) fn segment(id: u64) -> String {
    format!("{SEGMENTS}/{id}.arrow")
}

/// A segment's key index.
pub(crate) fn keys(id: u64) -> String {
    format!("{SEGMENTS}/{id}.keys")
}

/// A sorted run of fingerprints while a key index is being made.
pub(crate) fn run(id: u64) -> String {
    format!("{SEGMENTS}/{id}.run")
}

/// The deletion vectors and shadows that commit `version` wrote.
pub(crate) fn vectors(version: u64) -> String {
    format!("{SEGMENTS}/{version}.del")
}

/// The record log whose first frame has `first_version`.
pub(crate) fn log(first_version: u64) -> String {
    format!("{LOG}/{first_version}.log")
}

/// Whether a file name in `folder` is one this store would give: others are left alone.
pub(crate) fn is_ours(folder: &str, name: &str) -> bool {
    let Some((stem, ending)) = name.rsplit_once('.') else { return false };
    let numbered = !stem.is_empty() && stem.bytes().all(|b| b.is_ascii_digit());
    numbered
        && match folder {
            SEGMENTS => matches!(ending, "arrow" | "keys" | "del" | "run"),
            LOG => ending == "log",
            _ => false,
        }
}
