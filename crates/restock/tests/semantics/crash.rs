//! Power cuts: what design section 7.2 asks for, and S6 to S10 after each.
//!
//! A run takes steps on a disk that writes down every create, write, sync, rename and removal. Then the power is cut
//! after each of them, in several ways: of what was not synced, any part is there. The store has to open as the model
//! of a moment that it may be at, `verify` has to find nothing, no file may be left over, and the next step has to
//! work. Recovery is cut off in the same way.
//!
//! `RESTOCK_CRASH_POINTS=4000` asks for so many distinct points of each test, `RESTOCK_CRASH_SEED=7` begins elsewhere.

mod disk;
mod explore;
mod failures;
mod platter;
mod run;
mod threads;

use restock::{Durability, ImportMode, MemoryStorage, Value};

use self::explore::Explorer;
use self::run::{Recorder, Run, Step, deal_one};
use crate::model::{Dice, Operation, PutBy, World, number, row};
use crate::shelf::{SHELVES, Shelf};

/// Distinct points of a test unless `RESTOCK_CRASH_POINTS` says otherwise.
const POINTS: u64 = 250;
/// In the middle of a segment one event in so many is tried: many runs show more than many points of one.
const ONE_IN: usize = 12;
/// Steps that fill a store before the one whose points are tried.
const PRELUDE: usize = 10;

/// A store with all its datasets and some rows.
fn filled(seed: u64, dice: &mut Dice) -> Recorder {
    let mut recorder = Recorder::open(&MemoryStorage::new(), &[&World::new()], seed).unwrap();
    for shelf in SHELVES {
        recorder.take(&Step::Create(shelf)).unwrap();
    }
    for _ in 0..PRELUDE {
        anything(dice, &mut recorder);
    }
    recorder
}

fn anything(dice: &mut Dice, recorder: &mut Recorder) {
    let operation = deal_one(dice, &recorder.player.world, |_, _| true).unwrap();
    recorder.take(&Step::Play(operation)).unwrap();
}

/// A run that ends with an operation that is `wanted`.
fn up_to(seed: u64, wanted: Wanted) -> Run {
    let mut dice = Dice::new(seed);
    let mut recorder = filled(seed, &mut dice);
    loop {
        if let Some(operation) = deal_one(&mut dice, &recorder.player.world, wanted) {
            recorder.take(&Step::Play(operation)).unwrap();
            return recorder.close();
        }
        // It may need something to work on that was not dealt yet.
        anything(&mut dice, &mut recorder);
    }
}

/// Tries points of runs until there are enough, from the moment on that is `back` before the last. A test whose disks
/// are large takes only one of `share` points.
fn explore(what: &str, back: usize, share: u64, run: impl Fn(u64) -> Run) {
    let points = number("RESTOCK_CRASH_POINTS").unwrap_or(POINTS) / share;
    let first = number("RESTOCK_CRASH_SEED").unwrap_or(1);
    let (mut distinct, mut tried, mut in_recovery, mut seed) = (0, 0, 0, first);
    while distinct < points {
        let run = run(seed);
        let last = run.moments.len() - 1;
        let range = run.moments[last.saturating_sub(back)].events.start..=run.moments[last].events.end;
        let mut explorer = Explorer::new(seed, ONE_IN);
        if let Err(why) = explorer.explore(&run, range) {
            panic!("RESTOCK_CRASH_SEED={seed}, {what}: {why}");
        }
        distinct += explorer.distinct;
        tried += explorer.tried;
        in_recovery += explorer.in_recovery;
        seed += 1;
    }
    println!(
        "crash points: {distinct} distinct of {tried} tried, {in_recovery} in a recovery, seeds {first} to {}: {what}",
        seed - 1
    );
}

type Wanted = fn(&Operation, &World) -> bool;

/// The operations of which each is tried, by name.
mod wanted {
    use super::{Durability, ImportMode, Operation, World};

    fn import(operation: &Operation, world: &World, mode: ImportMode) -> bool {
        match operation {
            Operation::Import(step) => {
                let loaded = world.table(step.dataset).bulk.loaded;
                let lines: Vec<_> = step.files.iter().flatten().collect();
                let good = lines.len() > 2 && lines.iter().all(|line| line.flaw.is_none());
                step.mode == mode && !step.dry_run && loaded && good && step.label.is_none()
            }
            _ => false,
        }
    }

    pub fn full_import(operation: &Operation, world: &World) -> bool {
        import(operation, world, ImportMode::Full)
    }

    pub fn incremental_import(operation: &Operation, world: &World) -> bool {
        import(operation, world, ImportMode::Incremental)
    }

    pub fn put(operation: &Operation, _: &World) -> bool {
        matches!(operation, Operation::Put { rows, durability: Durability::Synced, .. } if rows.len() == 1)
    }

    pub fn put_batch(operation: &Operation, _: &World) -> bool {
        matches!(operation, Operation::Put { rows, .. } if rows.len() > 1)
    }

    pub fn batch(operation: &Operation, _: &World) -> bool {
        matches!(operation, Operation::Batch { puts, deletes } if puts.len() + deletes.len() > 2)
    }

    pub fn delete(operation: &Operation, world: &World) -> bool {
        match operation {
            Operation::Delete { dataset, ids, .. } => world.clone().delete(dataset, ids).0 > 0,
            _ => false,
        }
    }

    pub fn delete_users(operation: &Operation, world: &World) -> bool {
        match operation {
            Operation::DeleteUsers { group, ids, .. } => world.clone().delete_users(*group, ids).0 > 0,
            _ => false,
        }
    }

    pub fn undo(operation: &Operation, world: &World) -> bool {
        match operation {
            Operation::Undo { dataset, .. } => !world.table(dataset).kept.is_empty(),
            _ => false,
        }
    }

    pub fn vacuum(operation: &Operation, _: &World) -> bool {
        matches!(operation, Operation::Vacuum)
    }

    pub fn compaction(operation: &Operation, _: &World) -> bool {
        matches!(operation, Operation::Compact { .. })
    }

    pub fn alter(operation: &Operation, world: &World) -> bool {
        match operation {
            Operation::Alter { dataset } => {
                let table = world.table(dataset);
                table.width < table.shelf.columns.len()
            }
            _ => false,
        }
    }
}

macro_rules! crashes {
    ($($test:ident: $back:expr, $run:expr;)*) => {$(
        #[test]
        fn $test() {
            explore(stringify!($test), $back, 1, $run);
        }
    )*};
}

// The close of a store is the last moment of each, the operation is the one before.
crashes! {
    full_import: 1, |seed| up_to(seed, wanted::full_import);
    incremental_import: 1, |seed| up_to(seed, wanted::incremental_import);
    put: 1, |seed| up_to(seed, wanted::put);
    put_batch: 1, |seed| up_to(seed, wanted::put_batch);
    batch: 1, |seed| up_to(seed, wanted::batch);
    delete: 1, |seed| up_to(seed, wanted::delete);
    delete_users: 1, |seed| up_to(seed, wanted::delete_users);
    undo: 1, |seed| up_to(seed, wanted::undo);
    vacuum: 1, |seed| up_to(seed, wanted::vacuum);
    compaction: 1, |seed| up_to(seed, wanted::compaction);
    alter: 1, |seed| up_to(seed, wanted::alter);
    create_and_drop: 3, |seed| {
        let mut dice = Dice::new(seed);
        let mut recorder = filled(seed, &mut dice);
        let dataset = dice.of(SHELVES).name;
        for step in [Step::Drop(dataset), Step::Create(Shelf::of(dataset))] {
            recorder.take(&step).unwrap();
        }
        anything(&mut dice, &mut recorder);
        recorder.close()
    };
    first_open: usize::MAX, |seed| {
        let mut recorder = Recorder::open(&MemoryStorage::new(), &[&World::new()], seed).unwrap();
        let mut dice = Dice::new(seed);
        for _ in 0..dice.below(4) {
            let missing = |shelf: &&Shelf| !recorder.player.world.tables.contains_key(shelf.name);
            let shelf = SHELVES.iter().filter(missing).nth(dice.below(4)).unwrap();
            recorder.take(&Step::Create(shelf)).unwrap();
        }
        recorder.close()
    };
    a_second_open: 3, |seed| {
        let mut dice = Dice::new(seed);
        let mut recorder = filled(seed, &mut dice);
        recorder.take(&Step::Play(Operation::Reopen)).unwrap();
        let operation = deal_one(&mut dice, &recorder.player.world, |operation, _| {
            matches!(operation, Operation::Put { .. })
        });
        recorder.take(&Step::Play(operation.unwrap())).unwrap();
        recorder.close()
    };
    a_story: PRELUDE, |seed| {
        let mut dice = Dice::new(seed);
        filled(seed, &mut dice).close()
    };
    buffered_puts: 8, |seed| {
        let mut dice = Dice::new(seed);
        let mut recorder = filled(seed, &mut dice);
        for _ in 0..8 {
            let operation = deal_one(&mut dice, &recorder.player.world, |operation, _| {
                matches!(operation, Operation::Put { durability: Durability::Buffered, .. })
            });
            recorder.take(&Step::Play(operation.unwrap())).unwrap();
        }
        recorder.close()
    };
}

/// A put of a user with a note of so many bytes.
fn heavy_put(dice: &mut Dice, bytes: usize) -> Step {
    let users = Shelf::of("users");
    let mut heavy = row(dice, users);
    heavy[4] = Value::String("a note ".repeat(bytes / 7));
    Step::Play(Operation::Put {
        dataset: users.name,
        rows: vec![heavy],
        by: PutBy::Records,
        durability: Durability::Buffered,
    })
}

/// The log outgrows its room, is flushed into segments, and begun anew.
#[test]
fn log_flush() {
    // Its disks are large.
    explore("log_flush", 3, 10, |seed| {
        let mut dice = Dice::new(seed);
        let mut recorder = filled(seed, &mut dice);
        for _ in 0..7 {
            recorder.take(&heavy_put(&mut dice, 1_400_000)).unwrap();
        }
        anything(&mut dice, &mut recorder);
        recorder.close()
    });
}

/// A commit names a place in the log that lies behind what was durable of it before.
#[test]
fn a_commit_behind_buffered_puts_that_let_the_log_grow() {
    explore("a_commit_behind_buffered_puts_that_let_the_log_grow", 2, 2, |seed| {
        let mut dice = Dice::new(seed);
        let mut recorder = filled(seed, &mut dice);
        let mut operation = |wanted: Wanted, recorder: &mut Recorder| {
            loop {
                match deal_one(&mut dice, &recorder.player.world, wanted) {
                    Some(operation) => return Step::Play(operation),
                    None => anything(&mut dice, recorder),
                }
            }
        };
        let import = operation(wanted::incremental_import, &mut recorder);
        let put = operation(wanted::put, &mut recorder);
        for _ in 0..4 {
            recorder.take(&heavy_put(&mut Dice::new(seed), 50_000)).unwrap();
        }
        recorder.take(&import).unwrap();
        recorder.take(&put).unwrap();
        recorder.close()
    });
}
