//! What of a disk's history is left when its power fails.
//!
//! The assumptions are those of `docs/durability.md`: what a sync covered stays; of the rest any part is there, in
//! any order; a rename is done or not.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::Write;
use std::sync::Arc;

use restock::{MemoryStorage, Storage};

use super::disk::{Event, Inode, files};
use crate::model::Dice;

/// What a disk writes at once or not at all.
const SECTOR: usize = 512;

/// A disk with what is durable of it and what is on its way.
#[derive(Clone, Debug, Default)]
pub struct Platter {
    files: HashMap<Inode, File>,
    folders: BTreeMap<String, Folder>,
    /// Folders whose name is not durable yet.
    young: BTreeSet<String>,
}

#[derive(Clone, Debug, Default)]
struct File {
    durable: Arc<Vec<u8>>,
    writes: Vec<Pending<(u64, Arc<[u8]>)>>,
}

#[derive(Clone, Debug, Default)]
struct Folder {
    durable: BTreeMap<String, Inode>,
    changes: Vec<Pending<Change>>,
}

/// Something that no sync has covered.
#[derive(Clone, Debug)]
struct Pending<T> {
    what: T,
    /// A sync that was to cover it failed: no later one does.
    doomed: bool,
}

#[derive(Clone, Debug)]
enum Change {
    Link(String, Inode),
    Unlink(String),
    Rename(String, String, Inode),
}

/// What is left of what was on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Luck {
    None,
    All,
    Some,
}

impl<T> Pending<T> {
    fn new(what: T) -> Pending<T> {
        Pending { what, doomed: false }
    }
}

fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(dir, _)| dir)
}

fn name(path: &str) -> String {
    path.rsplit('/').next().unwrap().to_owned()
}

impl Platter {
    /// A disk that holds an image, all of it durable.
    pub fn of(image: &MemoryStorage, names: &HashMap<String, Inode>) -> Platter {
        let mut platter = Platter::default();
        let dirs = ["", "segments", "log"].into_iter().filter(|dir| image.list(dir).is_ok());
        platter.folders = dirs.map(|dir| (dir.to_owned(), Folder::default())).collect();
        for path in files(image) {
            let file = File { durable: Arc::new(image.read(&path).unwrap()), writes: Vec::new() };
            platter.files.insert(names[&path], file);
            platter.folder(parent(&path)).durable.insert(name(&path), names[&path]);
        }
        platter
    }

    fn folder(&mut self, dir: &str) -> &mut Folder {
        self.folders.entry(dir.to_owned()).or_default()
    }

    /// What a change leaves on its way, or makes durable.
    pub fn apply(&mut self, event: &Event) {
        match event {
            Event::Create { path, inode } => {
                self.files.insert(*inode, File::default());
                self.folder(parent(path)).changes.push(Pending::new(Change::Link(name(path), *inode)));
            }
            Event::Write { inode, offset, bytes } => {
                let file = self.files.entry(*inode).or_default();
                file.writes.push(Pending::new((*offset, bytes.clone())));
            }
            Event::Sync { inode } => self.files.entry(*inode).or_default().sync(),
            Event::SyncFailed { inode } => {
                self.files.entry(*inode).or_default().writes.iter_mut().for_each(|write| write.doomed = true);
            }
            Event::Rename { from, to, inode } => {
                let change = Change::Rename(name(from), name(to), *inode);
                self.folder(parent(to)).changes.push(Pending::new(change));
            }
            Event::Remove { path } => {
                self.folder(parent(path)).changes.push(Pending::new(Change::Unlink(name(path))));
            }
            Event::CreateDir { dir } => {
                self.young.insert(dir.clone());
                self.folder(dir);
            }
            Event::SyncDir { dir } => {
                if dir.is_empty() {
                    self.young.clear();
                }
                self.folder(dir).sync();
            }
            Event::SyncDirFailed { dir } => {
                self.folder(dir).changes.iter_mut().for_each(|change| change.doomed = true);
            }
        }
    }

    /// Whether a power cut has a choice at all.
    pub fn is_settled(&self) -> bool {
        self.young.is_empty()
            && self.files.values().all(|file| file.writes.is_empty())
            && self.folders.values().all(|folder| folder.changes.is_empty())
    }

    /// The disk after a power cut, as chance will have it.
    pub fn cut(&self, dice: &mut Dice) -> MemoryStorage {
        let luck = match dice.below(8) {
            0 => Luck::None,
            1 => Luck::All,
            _ => Luck::Some,
        };
        let image = MemoryStorage::new();
        for (dir, folder) in &self.folders {
            if self.young.contains(dir) && !luck.keeps(dice) {
                continue;
            }
            if !dir.is_empty() {
                image.create_dir(dir).unwrap();
            }
            for (name, inode) in folder.cut(luck, dice) {
                let path = if dir.is_empty() { name } else { format!("{dir}/{name}") };
                let content = self.files[&inode].cut(luck, dice);
                image.create(&path).unwrap().write_all(&content).unwrap();
            }
        }
        image
    }
}

impl Luck {
    fn keeps(self, dice: &mut Dice) -> bool {
        match self {
            Luck::None => false,
            Luck::All => true,
            Luck::Some => dice.one_in(2),
        }
    }
}

fn overwrite(content: &mut Vec<u8>, offset: usize, bytes: &[u8]) {
    if content.len() < offset + bytes.len() {
        content.resize(offset + bytes.len(), 0);
    }
    content[offset..offset + bytes.len()].copy_from_slice(bytes);
}

impl File {
    fn sync(&mut self) {
        let writes = std::mem::take(&mut self.writes);
        let (doomed, covered): (Vec<_>, Vec<_>) = writes.into_iter().partition(|write| write.doomed);
        for write in covered {
            overwrite(Arc::make_mut(&mut self.durable), write.what.0 as usize, &write.what.1);
        }
        self.writes = doomed;
    }

    fn cut(&self, luck: Luck, dice: &mut Dice) -> Vec<u8> {
        let mut content = (*self.durable).clone();
        for write in &self.writes {
            let (offset, bytes) = (write.what.0 as usize, &write.what.1);
            if luck != Luck::Some {
                if luck == Luck::All {
                    overwrite(&mut content, offset, bytes);
                }
                continue;
            }
            match dice.below(5) {
                0 => {}
                1 => overwrite(&mut content, offset, bytes),
                // The length without the bytes.
                2 if content.len() < offset + bytes.len() => content.resize(offset + bytes.len(), 0),
                // A beginning, to the byte.
                2 | 3 => overwrite(&mut content, offset, &bytes[..dice.below(bytes.len() + 1)]),
                _ => self.sectors(&mut content, offset, bytes, dice),
            }
        }
        content
    }

    /// Some of a write's sectors.
    fn sectors(&self, content: &mut Vec<u8>, offset: usize, bytes: &[u8], dice: &mut Dice) {
        let mut at = 0;
        while at < bytes.len() {
            let end = ((offset + at) / SECTOR * SECTOR + SECTOR - offset).min(bytes.len());
            if dice.one_in(2) {
                overwrite(content, offset + at, &bytes[at..end]);
            }
            at = end;
        }
    }
}

impl Folder {
    fn sync(&mut self) {
        let changes = std::mem::take(&mut self.changes);
        let (doomed, covered): (Vec<_>, Vec<_>) = changes.into_iter().partition(|change| change.doomed);
        for change in covered {
            change.what.apply(&mut self.durable);
        }
        self.changes = doomed;
    }

    fn cut(&self, luck: Luck, dice: &mut Dice) -> BTreeMap<String, Inode> {
        let mut names = self.durable.clone();
        for change in &self.changes {
            if !luck.keeps(dice) {
                continue;
            }
            match &change.what {
                // The new name is there and the old one is not gone yet.
                Change::Rename(_, to, inode) if luck == Luck::Some && dice.one_in(4) => {
                    names.insert(to.clone(), *inode);
                }
                change => change.apply(&mut names),
            }
        }
        names
    }
}

impl Change {
    fn apply(&self, names: &mut BTreeMap<String, Inode>) {
        match self {
            Change::Link(name, inode) => drop(names.insert(name.clone(), *inode)),
            Change::Unlink(name) => drop(names.remove(name)),
            Change::Rename(from, to, inode) => {
                names.remove(from);
                names.insert(to.clone(), *inode);
            }
        }
    }
}
