//! The writing half of a store: who may write, and how a commit comes about.

use std::sync::{Arc, OnceLock, PoisonError};

use crate::draft::Draft;
use crate::error::{Error, Result};
use crate::files;
use crate::holder::Holder;
use crate::ids::SegmentIds;
use crate::log::{FIRST_FRAME, LogWriter};
use crate::manifest::{self, LogMeta};
use crate::owner::Owner;
use crate::snapshot::Current;
use crate::storage::{LockGuard, Storage, create_anew};
use crate::sync::{Mutex, MutexGuard, RwLock};
use crate::turn::Turns;

/// A log longer than this is not carried on over a manifest commit.
const LOG_BYTES_KEPT: u64 = 4 << 20;

/// The state that readers are given; replaced whole by each manifest commit.
pub(crate) type Shared = Arc<RwLock<Arc<Current>>>;

/// The state in force.
pub(crate) fn current(shared: &Shared) -> Arc<Current> {
    shared.read().unwrap_or_else(PoisonError::into_inner).clone()
}

/// The one writer of a store.
#[derive(Debug)]
pub(crate) struct Writer {
    storage: Arc<dyn Storage>,
    shared: Shared,
    pub ids: Arc<SegmentIds>,
    pub turns: Arc<Turns>,
    commits: Mutex<Commits>,
    poison: OnceLock<String>,
    pub owner: Owner,
    lock: Box<dyn LockGuard>,
}

/// What the commit lock guards: the order of versions.
#[derive(Debug)]
pub(crate) struct Commits {
    /// The last version given, to a frame or a manifest.
    pub version: u64,
    /// The log this process appends to; begun by the first put.
    pub log: Option<Arc<LogWriter>>,
    first_version: u64,
}

/// What a manifest commit does with the log, whose content it folds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LogPlan {
    /// Goes on with it, if there is one and it is short.
    Keep,
    /// Begins a new one.
    Begin,
    /// Leaves the store without one: nothing of what it held stays on disk.
    Drop,
}

impl Writer {
    /// A writer that holds the lock. `version` is the last one on disk, in manifest or log.
    pub fn new(storage: Arc<dyn Storage>, shared: Shared, version: u64, lock: Box<dyn LockGuard>) -> Writer {
        let ids = SegmentIds::new(current(&shared).base.next_segment);
        Writer {
            storage,
            shared,
            ids: Arc::new(ids),
            turns: Arc::default(),
            commits: Mutex::new(Commits { version, log: None, first_version: 0 }),
            poison: OnceLock::new(),
            owner: Owner::this_process(),
            lock,
        }
    }

    /// Has the lock say where this process answers.
    pub fn announce(&self, url: &str) -> Result<()> {
        self.lock.set_text(&Holder::server_text(url)).map_err(|e| Error::io("write LOCK", e))
    }

    /// The commit lock, if the writer may write.
    pub fn commits(&self) -> Result<MutexGuard<'_, Commits>> {
        let commits = self.commits.lock().unwrap_or_else(PoisonError::into_inner);
        self.check()?;
        Ok(commits)
    }

    /// Whether the writer may write.
    pub fn check(&self) -> Result<()> {
        if let Some(detail) = self.poison.get() {
            return Err(Error::Poisoned { detail: detail.clone() });
        }
        self.owner.check()
    }

    /// Refuses all later writes, and gives the error that says why.
    pub fn poison(&self, error: impl std::fmt::Display) -> Error {
        let detail = self.poison.get_or_init(|| error.to_string()).clone();
        Error::Poisoned { detail }
    }

    /// Makes a manifest commit: folds the tail, applies `change` to the state, writes what is new, renames.
    ///
    /// After an error nothing happened, unless it is `Poisoned`: a failure of the log, of the manifest's rename or
    /// of a folder's sync leaves in doubt what is on disk.
    pub fn commit<T>(
        &self,
        commits: &mut Commits,
        plan: LogPlan,
        change: impl FnOnce(&mut Draft) -> Result<T>,
    ) -> Result<(u64, T)> {
        if let Some(log) = &commits.log {
            log.sync().map_err(|e| self.poison(e))?;
        }
        let before = current(&self.shared);
        before.show(commits.version);
        let version = commits.version + 1;
        let mut draft = Draft::new(&before.base, version, self.storage.clone(), self.ids.clone());
        draft.fold(&before.tail, commits.version)?;
        let outcome = change(&mut draft)?;
        draft.store_vectors()?;
        let begun = self.plan_log(commits, plan, &mut draft)?;
        if draft.has_files() {
            self.storage.sync_dir(files::SEGMENTS).map_err(|e| self.poison(e))?;
        }
        draft.base.next_segment = self.ids.peek();
        manifest::prepare(&*self.storage, &draft.base.to_manifest())?;
        // From here on the files belong to a manifest that may be on disk: they are not removed on failure.
        let (base, spare) = draft.finish();
        manifest::publish(&*self.storage).map_err(|e| self.poison(e))?;
        commits.version = version;
        if let Some(begun) = begun {
            commits.log = begun;
            commits.first_version = version + 1;
        }
        let named = base.files();
        *self.shared.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(Current::new(base));
        let old = before.base.files().into_keys().filter(|path| !named.contains_key(path));
        for path in old.chain(spare) {
            // What cannot be removed now is swept at the next opening for writing.
            drop(self.storage.remove(&path));
        }
        Ok((version, outcome))
    }

    /// Settles which log the manifest will name; the new writer (or none) if it is another.
    fn plan_log(
        &self,
        commits: &Commits,
        plan: LogPlan,
        draft: &mut Draft,
    ) -> Result<Option<Option<Arc<LogWriter>>>> {
        let first_version = draft.version() + 1;
        let long = commits.log.as_ref().is_some_and(|log| log.offset() > LOG_BYTES_KEPT);
        match (plan, &commits.log) {
            (LogPlan::Keep, Some(log)) if !long => {
                draft.base.log = Some(LogMeta { first_version: commits.first_version, start: log.offset() });
                Ok(None)
            }
            (LogPlan::Begin, _) | (LogPlan::Keep, Some(_)) => {
                let path = files::log(first_version);
                draft.created(path.clone());
                let create = || LogWriter::create(&*self.storage, &path, first_version);
                let log = create_anew(&*self.storage, &path, create);
                let log = log.map_err(|e| Error::io(format!("begin {path}"), e))?;
                self.storage.sync_dir(files::LOG).map_err(|e| self.poison(e))?;
                draft.base.log = Some(LogMeta { first_version, start: FIRST_FRAME });
                Ok(Some(Some(Arc::new(log))))
            }
            (LogPlan::Drop, _) | (LogPlan::Keep, None) => {
                draft.base.log = None;
                Ok(Some(None))
            }
        }
    }

    /// Closes the log with a seal, so that damage in its last group can be told from a torn tail.
    fn seal(&self) {
        // Not a fork: the log is its parent's, and locks that other threads held when it began are held for ever.
        if !self.owner.is_here() {
            return;
        }
        let commits = self.commits.lock().unwrap_or_else(PoisonError::into_inner);
        if self.check().is_ok()
            && let Some(log) = &commits.log
        {
            // Unsealed, the log is replayed as after a crash: nothing is lost by a failure here.
            drop(log.seal());
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.seal();
    }
}
