//! Calls that fail: every one of an operation, once, and a disk that is full at any byte (design section 4, "Failure").
//!
//! An operation that fails has changed nothing and can be done again, or it has poisoned the writer: then nothing more
//! is written, and opening the store again shows it whole or not at all. A power cut after that, by which a failed
//! sync may have lost what it was to cover, shows nothing else.
//!
//! `RESTOCK_FAILURES=400` asks for so many failures of each test.

use restock::{Error, MemoryStorage, Storage, StoreError};

use super::disk::{Disk, Failure, files};
use super::explore::Explorer;
use super::platter::Platter;
use super::run::{Recorder, Step, deal_one};
use super::{Wanted, anything, filled, wanted};
use crate::model::{Check, Dice, Operation, World, guarded, info_is, number, snapshot_is, verifies};

/// Failures of a test unless `RESTOCK_FAILURES` says otherwise.
const FAILURES: u64 = 40;
/// Power cuts after each failure.
const CUTS: usize = 3;

/// A store on a disk, and an operation that is to fail.
struct Scene {
    seed: u64,
    image: MemoryStorage,
    before: World,
    warm: Step,
    step: Step,
}

/// What a failure left.
#[derive(Debug, Default)]
struct Tally {
    tried: u64,
    unnoticed: u64,
    refused: u64,
    poisoned: u64,
}

/// The same files again, on a disk of their own.
fn copy_of(image: &MemoryStorage) -> MemoryStorage {
    let copy = MemoryStorage::new();
    for dir in ["segments", "log"] {
        copy.create_dir(dir).unwrap();
    }
    for path in files(image) {
        copy.create(&path).unwrap().write_all(&image.read(&path).unwrap()).unwrap();
    }
    copy
}

impl Scene {
    fn new(seed: u64, wanted: Wanted) -> Scene {
        let mut dice = Dice::new(seed);
        let mut recorder = filled(seed, &mut dice);
        loop {
            // A put before it begins a log, so that the log's failures are among those tried.
            let put = deal_one(&mut dice, &recorder.player.world, wanted::put).unwrap();
            let mut after = recorder.player.world.clone();
            if let Operation::Put { dataset, rows, .. } = &put {
                after.put(dataset, rows.clone());
            }
            if let Some(operation) = deal_one(&mut dice, &after, wanted) {
                let (disk, before) = (recorder.disk.clone(), recorder.player.world.clone());
                drop(recorder.close());
                let image = copy_of(disk.live());
                return Scene { seed, image, before, warm: Step::Play(put), step: Step::Play(operation) };
            }
            anything(&mut dice, &mut recorder);
        }
    }

    fn open(&self) -> Recorder {
        let mut recorder = Recorder::open(&copy_of(&self.image), &[&self.before], self.seed).unwrap();
        recorder.take(&self.warm).unwrap();
        recorder
    }

    /// Has the operation fail; whether anything failed at all.
    fn fail(&self, arm: impl Fn(&Disk), tally: &mut Tally) -> Check<bool> {
        let mut clean = self.open();
        let before = clean.player.world.clone();
        clean.take(&self.step)?;
        let after = clean.player.world.clone();

        let mut recorder = self.open();
        arm(&recorder.disk);
        let outcome = guarded(|| recorder.take(&self.step));
        let Some(failed) = recorder.disk.heal() else {
            return outcome.map(|()| false);
        };
        tally.tried += 1;
        let told = |why: String| format!("{failed}: {outcome:?}; then: {why}");
        let poisoned = match (&outcome, recorder.player.store().sync()) {
            (_, Err(Error::Store(StoreError::Poisoned { .. }))) => true,
            (_, synced) => {
                synced.map_err(|error| told(error.to_string()))?;
                false
            }
        };
        let platter = platter_of(&recorder);
        let worlds = self.judge(&mut recorder, &outcome, poisoned, [&before, &after], tally).map_err(told)?;
        let worlds: Vec<&World> = worlds.iter().collect();
        let mut explorer = Explorer::new(self.seed ^ tally.tried, 1);
        explorer.cut(&platter, &worlds, CUTS).map_err(told)?;
        // The process may also just end, or close the store and open it again.
        let disk = recorder.disk.clone();
        let left = copy_of(disk.live());
        explorer.look(&left, &worlds, false).map_err(told)?;
        if outcome.is_err() && !poisoned {
            recorder.take(&self.step).map_err(|why| told(format!("again: {why}")))?;
            verifies(recorder.player.store()).map_err(told)?;
        }
        Ok(true)
    }

    /// Whether the handle keeps its word; the worlds that the disk may hold.
    fn judge(
        &self,
        recorder: &mut Recorder,
        outcome: &Check,
        poisoned: bool,
        [before, after]: [&World; 2],
        tally: &mut Tally,
    ) -> Check<Vec<World>> {
        let store = recorder.player.store();
        match outcome {
            // What comes after the commit may fail unnoticed: removing files, merging segments.
            Ok(()) => {
                tally.unnoticed += 1;
                Ok(vec![after.clone()])
            }
            Err(why) if !why.contains("was to fail") && !why.contains("disk is full") => {
                Err("the failure is not told".to_owned())
            }
            Err(_) if poisoned => {
                tally.poisoned += 1;
                let refused = store.set_undo_depth(3);
                if !matches!(refused, Err(Error::Store(StoreError::Poisoned { .. }))) {
                    return Err(format!("a poisoned writer writes on: {refused:?}"));
                }
                snapshot_is(&store.snapshot(), before).or_else(|_| snapshot_is(&store.snapshot(), after))?;
                Ok(vec![before.clone(), after.clone()])
            }
            Err(_) => {
                tally.refused += 1;
                snapshot_is(&store.snapshot(), before)?;
                // A vacuum that stops half way has dropped what is kept for undo.
                let fits = info_is(store, before).map(|()| before);
                let fits = if self.is_vacuum() {
                    fits.or_else(|_| info_is(store, after).map(|()| after))
                } else {
                    fits
                };
                Ok(vec![fits?.clone()])
            }
        }
    }

    fn is_vacuum(&self) -> bool {
        matches!(self.step, Step::Play(Operation::Vacuum))
    }
}

fn platter_of(recorder: &Recorder) -> Platter {
    let mut platter = recorder.start.clone();
    recorder.disk.events().iter().for_each(|event| platter.apply(event));
    platter
}

fn every_failure(what: &str, wanted: Wanted) {
    let wished = number("RESTOCK_FAILURES").unwrap_or(FAILURES);
    // All calls in the long form, a sample else.
    let stride = if wished > FAILURES { 1 } else { 8 };
    let (mut tally, mut seed) = (Tally::default(), number("RESTOCK_CRASH_SEED").unwrap_or(1));
    while tally.tried < wished {
        let scene = Scene::new(seed, wanted);
        let mut dice = Dice::new(seed);
        let told = |call: &str, why: String| format!("RESTOCK_CRASH_SEED={seed}, {what}, {call}: {why}");
        for failure in [Failure::Refused, Failure::Done] {
            let mut call = dice.below(stride) as u64;
            while scene
                .fail(|disk| disk.fail_after(call, failure), &mut tally)
                .unwrap_or_else(|why| panic!("{}", told(&format!("call {call} {failure:?}"), why)))
            {
                call += 1 + dice.below(stride) as u64;
            }
        }
        let mut room = 0;
        while scene
            .fail(|disk| disk.leave_room(room), &mut tally)
            .unwrap_or_else(|why| panic!("{}", told(&format!("room for {room} bytes"), why)))
        {
            // Close together at first, where headers and single frames are written.
            room += 1 + dice.below(16 + room as usize / 2) as u64;
        }
        seed += 1;
    }
    println!("failures: {} tried, {tally:?}: {what}", tally.tried);
}

macro_rules! failing {
    ($($test:ident)*) => {$(
        #[test]
        fn $test() {
            every_failure(stringify!($test), wanted::$test);
        }
    )*};
}

failing! { full_import incremental_import put put_batch delete delete_users undo vacuum compaction alter }

/// Opening fails with the call that does, harms nothing, and works when the disk does.
#[test]
fn opening() {
    let scene = Scene::new(1, wanted::put);
    // A leftover, so that there is something to be swept.
    drop(scene.image.create("segments/999.arrow").unwrap());
    for failure in [Failure::Refused, Failure::Done] {
        for call in 0.. {
            let disk = Disk::of(&copy_of(&scene.image));
            disk.fail_after(call, failure);
            let opened = restock::Store::open_storage(std::sync::Arc::new(disk.clone()));
            let Some(failed) = disk.heal() else {
                opened.unwrap();
                assert!(call > 10, "{call} calls");
                break;
            };
            let told = format!("{failed}: {:?}", opened.as_ref().map(|_| ()));
            assert!(opened.is_ok() || told.contains("was to fail"), "{told}");
            drop(opened);
            let recovered = Recorder::open(disk.live(), &[&scene.before], 1);
            let recovered = recovered.unwrap_or_else(|why| panic!("{told}; then: {why}"));
            verifies(recovered.player.store()).unwrap_or_else(|why| panic!("{told}; then: {why}"));
        }
    }
}
