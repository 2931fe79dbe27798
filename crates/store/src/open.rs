//! Opening a store: the lock, the manifest, every file it names, the log's tail.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;

use crate::error::{Error, Result};
use crate::files::{self, LOCK, LOG, MANIFEST, MANIFEST_NEXT, SEGMENTS};
use crate::holder::{Holder, LOOKED_FOR};
use crate::log::{FrameKind, LogError, Part, read_parts, replay};
use crate::manifest::{self, Manifest};
use crate::put::read_keys;
use crate::snapshot::Current;
use crate::state::Base;
use crate::storage::{Lock, LockGuard, Storage};
use crate::store::Store;
use crate::sync::RwLock;
use crate::writer::{Shared, Writer};

/// How often a reader starts over because a writer replaced what it was about to open.
const ATTEMPTS_MAX: usize = 1000;

/// How often the same damage in the log must be found before it is believed.
const LOG_ATTEMPTS: usize = 5;

/// What a folder lacks that is no store.
pub(crate) const NO_MANIFEST: &str =
    "it has no MANIFEST; `restock init` makes a store in a new or empty folder";

/// Opens the store for writing; `create` says whether one may be made where none is.
pub(crate) fn writable(storage: Arc<dyn Storage>, create: bool) -> Result<Store> {
    let path = shown(&*storage);
    if !create && !has_manifest(&*storage)? {
        return Err(Error::NotAStore { path, detail: NO_MANIFEST.into() });
    }
    let lock = lock(&*storage, &path)?;
    // Looked at again under the lock: another process may have made the store meanwhile.
    if !has_manifest(&*storage)? {
        make(&*storage)?;
    }
    let (current, version) = read(&*storage, None)?;
    sweep(&*storage, &current.base)?;
    let shared: Shared = Arc::new(RwLock::new(Arc::new(current)));
    let writer = Writer::new(storage.clone(), shared.clone(), version, lock);
    Ok(Store::from_parts(storage, shared, Some(writer)))
}

/// Opens the store for reading, beside whatever writer there is.
pub(crate) fn readable(storage: Arc<dyn Storage>) -> Result<Store> {
    let path = shown(&*storage);
    if !has_manifest(&*storage)? {
        return Err(Error::NotAStore { path, detail: NO_MANIFEST.into() });
    }
    let (current, _) = read(&*storage, None)?;
    Ok(Store::from_parts(storage, Arc::new(RwLock::new(Arc::new(current))), None))
}

/// Where there is no manifest: that there was never one, or the error that says that it was lost.
pub(crate) fn check_vacant(storage: &dyn Storage) -> Result<()> {
    for folder in [SEGMENTS, LOG] {
        let names = match storage.list(folder) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            names => names.map_err(|e| Error::io(format!("list {folder}"), e))?,
        };
        if let Some(name) = names.iter().find(|name| files::is_ours(folder, name)) {
            let detail = format!("it is missing, though there is {folder}/{name}");
            return Err(Error::damaged(MANIFEST, None, detail));
        }
    }
    Ok(())
}

/// Whether there is a manifest. A failure to look is not an answer: taken for one, it would cost the store.
pub(crate) fn has_manifest(storage: &dyn Storage) -> Result<bool> {
    match storage.len(MANIFEST) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(Error::io(format!("look for {MANIFEST}"), error)),
    }
}

pub(crate) fn shown(storage: &dyn Storage) -> String {
    storage.root().map_or_else(|| ":memory:".into(), |root| root.display().to_string())
}

pub(crate) fn lock(storage: &dyn Storage, path: &str) -> Result<Box<dyn LockGuard>> {
    let until = Instant::now() + LOOKED_FOR;
    loop {
        let asked = storage.lock(LOCK, &Holder::text());
        let holder = match asked.map_err(|e| Error::io(format!("lock {path}"), e))? {
            Lock::Held(guard) => return Ok(guard),
            Lock::Busy { text } => Holder::named_in(&text),
        };
        if holder.is_settled() || Instant::now() > until {
            return Err(Error::Locked { path: path.to_owned(), holder: holder.to_string() });
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn make(storage: &dyn Storage) -> Result<()> {
    let failed = |e| Error::io("make the store", e);
    storage.create_dir(SEGMENTS).map_err(failed)?;
    storage.create_dir(LOG).map_err(failed)?;
    // Whoever dies while making a store leaves empty folders. Files in them mean that a manifest was lost,
    // and an empty one in its place would have them swept away.
    check_vacant(storage)?;
    // The root too: a power cut must not leave a manifest without the folders that it speaks of.
    for folder in [SEGMENTS, LOG, ""] {
        storage.sync_dir(folder).map_err(failed)?;
    }
    manifest::write(storage, &Manifest::new())
}

/// Removes what a process that died, or could not remove it, left behind: files of ours that the manifest does
/// not name.
pub(crate) fn sweep(storage: &dyn Storage, base: &Base) -> Result<()> {
    let named = base.files();
    for folder in [SEGMENTS, LOG] {
        for name in storage.list(folder).map_err(|e| Error::io(format!("list {folder}"), e))? {
            let path = format!("{folder}/{name}");
            if files::is_ours(folder, &name) && !named.contains_key(&path) {
                storage.remove(&path).map_err(|e| Error::io(format!("remove {path}"), e))?;
            }
        }
    }
    if storage.len(MANIFEST_NEXT).is_ok() {
        storage.remove(MANIFEST_NEXT).map_err(|e| Error::io(format!("remove {MANIFEST_NEXT}"), e))?;
    }
    Ok(())
}

/// Reads the newest state there is, and its version. What `before` has open is taken over.
///
/// No lock is taken: files that vanish between reading the manifest and opening them, and a gap in the
/// log's versions, mean that the manifest was replaced meanwhile, and it is read again.
pub(crate) fn read(storage: &dyn Storage, before: Option<&Current>) -> Result<(Current, u64)> {
    let mut last = None;
    let mut seen = LogDamage::default();
    for attempt in 0..ATTEMPTS_MAX {
        if attempt > 10 {
            std::thread::sleep(Duration::from_millis(1));
        }
        let manifest = manifest::read(storage)?;
        let version = manifest.version;
        match open(storage, manifest, before) {
            Ok(Some(opened)) => return Ok(opened),
            Ok(None) => last = Some(Error::damaged(LOG, None, "versions are missing in the log")),
            Err(error) if is_not_found(&error) => last = Some(error),
            Err(error) if is_log_damage(&error) => {
                if seen.stays(&error) {
                    return Err(error);
                }
                last = Some(error);
                continue;
            }
            Err(error) => return Err(error),
        }
        // The same manifest again: nobody replaced it, so the file is really missing.
        if attempt > 3 && manifest::read(storage)?.version == version {
            break;
        }
    }
    Err(match last {
        Some(Error::Io { action, source }) => {
            Error::damaged(MANIFEST, None, format!("it names a file that is missing ({action}: {source})"))
        }
        Some(error) => error,
        None => Error::damaged(MANIFEST, None, "it changes faster than it can be read"),
    })
}

/// Damage found in a log. Beside a live writer a group may be caught half written, which looks like it.
#[derive(Debug, Default)]
struct LogDamage {
    text: String,
    times: usize,
}

impl LogDamage {
    /// Whether it was found often enough to be believed; waits a moment if it was not.
    fn stays(&mut self, error: &Error) -> bool {
        let text = error.to_string();
        self.times = if self.text == text { self.times + 1 } else { 1 };
        self.text = text;
        let believed = self.times == LOG_ATTEMPTS;
        if !believed {
            std::thread::sleep(Duration::from_millis(1));
        }
        believed
    }
}

/// Reads a whole log and checks every frame, also those that are in segments already.
pub(crate) fn check_log(storage: &dyn Storage, first_version: u64) -> Result<()> {
    let path = files::log(first_version);
    let mut seen = LogDamage::default();
    let mut checked = Ok(());
    for _ in 0..ATTEMPTS_MAX {
        let bytes = storage.read(&path).map_err(|e| Error::io(format!("read {path}"), e))?;
        checked = replay(&bytes.into(), first_version, 0).map(|_| ()).map_err(|e| log_error(&path, e));
        match &checked {
            Err(error) if is_log_damage(error) && !seen.stays(error) => {}
            _ => break,
        }
    }
    checked
}

fn is_log_damage(error: &Error) -> bool {
    matches!(error, Error::Damaged { file, .. } if file.starts_with(LOG))
}

pub(crate) fn is_not_found(error: &Error) -> bool {
    matches!(error, Error::Io { source, .. } if source.kind() == std::io::ErrorKind::NotFound)
}

/// Opens what the manifest names and replays the log; `None` if the log goes on behind a later manifest.
fn open(
    storage: &dyn Storage,
    manifest: Manifest,
    before: Option<&Current>,
) -> Result<Option<(Current, u64)>> {
    let log = manifest.log;
    let base = Base::open(storage, manifest, before.map(|current| &*current.base))?;
    let mut version = base.version;
    let mut current = Current::new(base);
    let Some(log) = log else { return Ok(Some((current, version))) };
    let path = files::log(log.first_version);
    let bytes = storage.read(&path).map_err(|e| Error::io(format!("read {path}"), e))?;
    let replayed =
        replay(&Bytes::from(bytes), log.first_version, log.start).map_err(|e| log_error(&path, e))?;
    for frame in replayed.frames {
        if frame.version != version + 1 {
            return Ok(None);
        }
        let damaged = |detail: String| Error::damaged(&path, Some(frame.offset), detail);
        let parts = if frame.kind == FrameKind::Batch {
            read_parts(frame.payload).ok_or_else(|| damaged("a frame does not hold a batch".to_owned()))?
        } else {
            vec![Part { dataset: frame.dataset, kind: frame.kind, payload: frame.payload }]
        };
        for Part { dataset: number, kind, payload } in parts {
            let dataset = current.base.datasets.values().find(|dataset| dataset.id == number);
            let dataset = dataset.ok_or_else(|| {
                damaged(format!("a frame names dataset number {number}, which does not exist"))
            })?;
            if kind == FrameKind::Put {
                current.tail.put(dataset, frame.version, &payload)?;
            } else {
                let keys = read_keys(&payload);
                let keys = keys.ok_or_else(|| damaged("a frame does not hold record IDs".to_owned()))?;
                current.tail.delete(dataset, frame.version, &keys)?;
            }
        }
        version = frame.version;
    }
    current.log_end = replayed.end;
    current.show(version);
    Ok(Some((current, version)))
}

/// A log's error as the store's.
pub(crate) fn log_error(path: &str, error: LogError) -> Error {
    match error {
        LogError::Damaged { offset, detail } => Error::damaged(path, Some(offset), detail),
        LogError::NewerFormat { found, supported, .. } => Error::NewerFormat {
            file: path.to_owned(),
            found: format!("format {found}"),
            supported: format!("format {supported}"),
        },
        other => Error::Refused(other.to_string()),
    }
}
