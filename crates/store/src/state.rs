//! The committed state, opened: datasets, their segments and vectors.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use ahash::{AHashMap, AHashSet};
use bytes::Bytes;
use restock_schema::{DatasetName, DatasetType, Domain, Field, LimitSet, NamesThere, Schema};
use roaring::RoaringBitmap;

use crate::error::{Error, Result};
use crate::files;
use crate::keys::rows_matched;
use crate::manifest::{
    Commit, DatasetMeta, GenerationMeta, LastImport, LiveMeta, LogMeta, Manifest, RowCounts,
};
use crate::segment::Segment;
use crate::storage::Storage;
use crate::turn::Cancel;
use crate::vectors::{Vector, VectorFile, VectorFileMeta, VectorRef};

/// A segment in use. Invariant: `shadowed` and `dead` have no row in common, so that counts are sums.
#[derive(Clone, Debug)]
pub(crate) struct Live {
    pub segment: Arc<Segment>,
    /// Rows that were replaced, superseded or deleted.
    pub dead: Vector,
    /// Bulk rows whose record ID an individual row has too.
    pub shadowed: Vector,
}

impl Live {
    /// A segment with these dead and shadowed rows.
    pub fn new(segment: Arc<Segment>, dead: RoaringBitmap, shadowed: RoaringBitmap) -> Live {
        let shadowed = Vector::new(shadowed - &dead);
        Live { segment, dead: Vector::new(dead), shadowed }
    }

    /// Rows that are not dead.
    pub fn live_rows(&self) -> u64 {
        self.segment.rows() - self.dead.len()
    }

    /// The dead rows, as [`DatasetState::shadows_of`] takes them.
    pub fn dead_rows(&self) -> Result<Cow<'_, RoaringBitmap>> {
        self.dead.rows().map(Cow::Borrowed)
    }

    /// Adds dead and shadowed rows; the number of rows that were not dead before.
    pub fn mark(&mut self, dead: &RoaringBitmap, shadowed: &RoaringBitmap) -> Result<u64> {
        let before = self.dead.len();
        if !dead.is_empty() {
            self.dead = Vector::new(self.dead.rows()? | dead);
        }
        if !dead.is_empty() || !shadowed.is_empty() {
            let all = (self.shadowed.rows()? | shadowed) - self.dead.rows()?;
            if all != *self.shadowed.rows()? {
                self.shadowed = Vector::new(all);
            }
        }
        Ok(self.dead.len() - before)
    }
}

/// The bulk rows after an import.
#[derive(Clone, Debug, Default)]
pub(crate) struct Generation {
    /// Whether a FULL has succeeded (S3).
    pub loaded: bool,
    /// The import that made it.
    pub last_import: Option<LastImport>,
    /// In row order.
    pub segments: Vec<Live>,
}

/// A dataset.
#[derive(Clone, Debug)]
pub(crate) struct DatasetState {
    pub id: u32,
    pub name: DatasetName,
    pub dataset_type: DatasetType,
    pub domain: Option<Domain>,
    pub record_id: Option<String>,
    pub limits: LimitSet,
    pub schema: Schema,
    pub bulk: Generation,
    /// What undo goes back to, the latest last.
    pub kept: Vec<Generation>,
    /// Flushed individual rows, in put order.
    pub individual: Vec<Live>,
}

impl DatasetState {
    /// The record ID's column number and field.
    pub fn key(&self) -> Option<(usize, &Field)> {
        self.schema.field(self.record_id.as_deref()?)
    }

    /// The record ID's field, for code that only datasets with one reach.
    pub fn key_field(&self) -> Result<&Field> {
        let field = self.key().map(|(_, field)| field);
        field.ok_or_else(|| Error::Refused(format!("`{}` has no record ID", self.name)))
    }

    /// Live rows by origin, from the vectors' counts alone.
    pub fn counts(&self) -> RowCounts {
        let bulk = self.bulk.segments.iter().map(Live::live_rows).sum();
        let individual = self.individual.iter().map(Live::live_rows).sum();
        RowCounts { bulk, individual, merged: bulk + individual - self.shadowed() }
    }

    /// Live bulk rows that individual rows shadow.
    pub fn shadowed(&self) -> u64 {
        self.bulk.segments.iter().map(|live| live.shadowed.len()).sum()
    }

    /// The rows of a bulk segment whose record ID an individual row has that is not among the `dead` of its
    /// segment; dead bulk rows among them.
    pub fn shadows_of<'a>(
        &'a self,
        segment: &Segment,
        dead: impl Fn(&'a Live) -> Result<Cow<'a, RoaringBitmap>>,
    ) -> Result<RoaringBitmap> {
        let mut shadowed = RoaringBitmap::new();
        let Some((_, field)) = self.key() else { return Ok(shadowed) };
        for live in &self.individual {
            shadowed |= rows_matched(&live.segment, &*dead(live)?, segment, field, &Cancel::new())?;
        }
        Ok(shadowed)
    }

    /// Every segment once: bulk, kept, individual.
    pub fn segments(&self) -> Vec<Arc<Segment>> {
        let kept = self.kept.iter().flat_map(|generation| &generation.segments);
        let mut all: Vec<Arc<Segment>> = Vec::new();
        for live in self.bulk.segments.iter().chain(kept).chain(&self.individual) {
            if !all.iter().any(|segment| segment.id() == live.segment.id()) {
                all.push(live.segment.clone());
            }
        }
        all
    }

    /// Every list of segments, the live one's first.
    pub fn lives_mut(&mut self) -> impl Iterator<Item = &mut Vec<Live>> {
        let kept = self.kept.iter_mut().map(|generation| &mut generation.segments);
        std::iter::once(&mut self.bulk.segments).chain(kept).chain(std::iter::once(&mut self.individual))
    }

    /// Every use of a segment: in the bulk rows, in what is kept for undo, in the individual rows.
    pub fn lives(&self) -> impl Iterator<Item = &Live> {
        let kept = self.kept.iter().flat_map(|generation| &generation.segments);
        self.bulk.segments.iter().chain(kept).chain(&self.individual)
    }
}

/// The committed state.
#[derive(Clone, Debug)]
pub(crate) struct Base {
    pub version: u64,
    pub next_segment: u64,
    pub next_dataset: u32,
    pub undo_depth: u32,
    pub log: Option<LogMeta>,
    pub datasets: BTreeMap<DatasetName, Arc<DatasetState>>,
    pub history: Vec<Commit>,
}

impl Base {
    /// Opens every file that `manifest` names, taking over what `before` has open already.
    pub fn open(storage: &dyn Storage, manifest: Manifest, before: Option<&Base>) -> Result<Base> {
        let mut files = Files::new(storage, manifest.vectors, before);
        let mut datasets = BTreeMap::new();
        for meta in manifest.datasets {
            let dataset = files.dataset(meta)?;
            datasets.insert(dataset.name.clone(), Arc::new(dataset));
        }
        Ok(Base {
            version: manifest.version,
            next_segment: manifest.next_segment,
            next_dataset: manifest.next_dataset,
            undo_depth: manifest.undo_depth,
            log: manifest.log,
            datasets,
            history: manifest.history,
        })
    }

    /// The manifest of this state. Every vector is stored.
    pub fn to_manifest(&self) -> Manifest {
        let mut vectors: Vec<VectorFileMeta> = Vec::new();
        for live in self.datasets.values().flat_map(|dataset| dataset.lives()) {
            for (file, _) in [live.dead.place(), live.shadowed.place()].into_iter().flatten() {
                if !vectors.contains(file) {
                    vectors.push(file.clone());
                }
            }
        }
        vectors.sort_by_key(|file| file.version);
        Manifest {
            features: Vec::new(),
            version: self.version,
            next_segment: self.next_segment,
            next_dataset: self.next_dataset,
            undo_depth: self.undo_depth,
            log: self.log,
            vectors,
            datasets: self.datasets.values().map(|dataset| dataset_meta(dataset)).collect(),
            history: self.history.clone(),
        }
    }

    /// A dataset by name; an unknown one's error lists the near names.
    pub fn dataset(&self, name: &DatasetName) -> Result<&Arc<DatasetState>> {
        self.datasets.get(name).ok_or_else(|| {
            let name = name.to_string();
            let names: Vec<String> =
                self.datasets.keys().filter(|name| !name.is_hidden()).map(DatasetName::to_string).collect();
            let there = NamesThere::instead_of(&name, names.iter().map(String::as_str));
            Error::NoDataset { name, there }
        })
    }

    /// The files that the manifest of this state names, with their mapped bytes (of the log: none).
    pub fn files(&self) -> BTreeMap<String, Bytes> {
        let mut named = BTreeMap::new();
        for live in self.datasets.values().flat_map(|dataset| dataset.lives()) {
            let vectors = [&live.dead, &live.shadowed].into_iter().filter_map(|vector| vector.file());
            for (path, bytes) in live.segment.files().chain(vectors) {
                if !named.contains_key(path) {
                    named.insert(path.to_owned(), bytes.clone());
                }
            }
        }
        named.extend(self.log.map(|log| (files::log(log.first_version), Bytes::new())));
        named
    }
}

fn dataset_meta(dataset: &DatasetState) -> DatasetMeta {
    DatasetMeta {
        id: dataset.id,
        name: dataset.name.clone(),
        dataset_type: dataset.dataset_type,
        domain: dataset.domain,
        record_id: dataset.record_id.clone(),
        limits: dataset.limits,
        schema: dataset.schema.clone(),
        bulk: generation_meta(&dataset.bulk),
        kept: dataset.kept.iter().map(generation_meta).collect(),
        individual: dataset.individual.iter().map(live_meta).collect(),
    }
}

fn generation_meta(generation: &Generation) -> GenerationMeta {
    GenerationMeta {
        loaded: generation.loaded,
        last_import: generation.last_import.clone(),
        segments: generation.segments.iter().map(live_meta).collect(),
    }
}

fn live_meta(live: &Live) -> LiveMeta {
    let place = |vector: &Vector| vector.place().map(|(_, place)| place);
    LiveMeta { segment: live.segment.meta(), dead: place(&live.dead), shadowed: place(&live.shadowed) }
}

/// The files of a manifest, each opened once.
struct Files<'a> {
    storage: &'a dyn Storage,
    metas: Vec<VectorFileMeta>,
    vectors: AHashMap<u64, Arc<VectorFile>>,
    segments: AHashMap<u64, Arc<Segment>>,
    /// Segments whose rows somebody sees: each in one place only.
    live: AHashSet<u64>,
}

impl<'a> Files<'a> {
    fn new(storage: &'a dyn Storage, metas: Vec<VectorFileMeta>, before: Option<&Base>) -> Files<'a> {
        let mut segments = AHashMap::new();
        for dataset in before.iter().flat_map(|base| base.datasets.values()) {
            segments.extend(dataset.segments().into_iter().map(|segment| (segment.id(), segment)));
        }
        Files { storage, metas, vectors: AHashMap::new(), segments, live: AHashSet::new() }
    }

    fn dataset(&mut self, meta: DatasetMeta) -> Result<DatasetState> {
        for live in meta.bulk.segments.iter().chain(&meta.individual) {
            if !self.live.insert(live.segment.id) {
                let why = format!("it names segment {} twice", live.segment.id);
                return Err(Error::damaged(files::MANIFEST, None, why));
            }
        }
        Ok(DatasetState {
            id: meta.id,
            name: meta.name,
            dataset_type: meta.dataset_type,
            domain: meta.domain,
            record_id: meta.record_id,
            limits: meta.limits,
            schema: meta.schema,
            bulk: self.generation(meta.bulk)?,
            kept: meta.kept.into_iter().map(|kept| self.generation(kept)).collect::<Result<_>>()?,
            individual: self.lives(meta.individual)?,
        })
    }

    fn generation(&mut self, meta: GenerationMeta) -> Result<Generation> {
        Ok(Generation {
            loaded: meta.loaded,
            last_import: meta.last_import,
            segments: self.lives(meta.segments)?,
        })
    }

    fn lives(&mut self, metas: Vec<LiveMeta>) -> Result<Vec<Live>> {
        metas.into_iter().map(|meta| self.live(meta)).collect()
    }

    fn live(&mut self, meta: LiveMeta) -> Result<Live> {
        let rows = meta.segment.rows;
        let segment = match self.segments.get(&meta.segment.id) {
            Some(segment) if segment.meta() == meta.segment => segment.clone(),
            _ => {
                let id = meta.segment.id;
                let opened = Arc::new(Segment::open(self.storage, meta.segment)?);
                self.segments.insert(id, opened.clone());
                opened
            }
        };
        let live = Live {
            segment,
            dead: self.vector(meta.dead, rows)?,
            shadowed: self.vector(meta.shadowed, rows)?,
        };
        if live.dead.len().checked_add(live.shadowed.len()).is_none_or(|marked| marked > rows) {
            let why =
                format!("of the {rows} rows of segment {} more are dead or shadowed", live.segment.id());
            return Err(Error::damaged(files::MANIFEST, None, why));
        }
        Ok(live)
    }

    fn vector(&mut self, place: Option<VectorRef>, limit: u64) -> Result<Vector> {
        let Some(place) = place else { return Ok(Vector::empty()) };
        if let Some(file) = self.vectors.get(&place.file) {
            return Ok(Vector::stored(file.clone(), place, limit));
        }
        let meta = self.metas.iter().find(|meta| meta.version == place.file);
        let Some(meta) = meta else {
            let detail = format!("it names vectors of {} and not that file", files::vectors(place.file));
            return Err(Error::damaged(files::MANIFEST, None, detail));
        };
        let file = Arc::new(VectorFile::open(self.storage, meta.clone())?);
        self.vectors.insert(place.file, file.clone());
        Ok(Vector::stored(file, place, limit))
    }
}
