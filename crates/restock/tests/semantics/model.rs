//! The model test: random operations on a store and on a plain model of it, compared after each (S1 to S12).
//!
//! A failure prints the seed and the operations that lead to it, the fewest that were found.
//! `RESTOCK_MODEL_SEED=7 RESTOCK_MODEL_OPS=50000` runs one seed, longer.

mod checks;
mod deal;
mod dice;
mod exports;
mod home;
mod import_step;
mod operation;
mod player;
mod sheet;
mod world;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

pub use self::checks::{Check, failed, info_is, same, scan, snapshot_is, verifies};
pub use self::deal::{deal, row};
pub use self::dice::Dice;
pub use self::home::Home;
pub use self::operation::{Operation, PutBy};
pub use self::player::Player;
pub use self::world::World;

/// Operations of a seed unless `RESTOCK_MODEL_OPS` says otherwise.
const OPERATIONS: usize = 1500;
/// How long a failing run may be shortened.
const SHORTEN: Duration = Duration::from_secs(60);

/// A number from the environment.
pub fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().map(|text| text.parse().unwrap())
}

/// Deals and takes operations until one fails; these, and why.
fn run(home: Home, seed: u64, operations: usize) -> Result<(), (Vec<Operation>, String)> {
    let mut dice = Dice::new(seed);
    let mut player = Player::new(home, seed);
    let mut taken = Vec::new();
    for _ in 0..operations {
        let operation = deal(&mut dice, &player.world);
        taken.push(operation.clone());
        if let Err(why) = guarded(|| player.play(&operation)) {
            return Err((taken, why));
        }
    }
    guarded(|| player.finish()).map_err(|why| (taken, why))
}

/// A panic in the store is a failure like any other.
pub fn guarded(check: impl FnOnce() -> Check) -> Check {
    let caught = catch_unwind(AssertUnwindSafe(check));
    caught.unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        Err(format!("a panic: {}", text.unwrap_or_default()))
    })
}

/// Takes operations that were written down.
fn replay(home: Home, seed: u64, operations: &[Operation]) -> Check {
    guarded(|| {
        let mut player = Player::new(home, seed);
        for operation in operations {
            player.play(operation)?;
        }
        player.finish()
    })
}

/// Leaves out operations as long as the rest still fails in the same manner.
fn shorten(home: fn() -> Home, seed: u64, mut operations: Vec<Operation>, why: &str) -> Vec<Operation> {
    let manner =
        |why: &str| why.split(['\n', '{']).next().unwrap_or_default().chars().take(30).collect::<String>();
    let (began, wanted) = (Instant::now(), manner(why));
    let mut size = operations.len() / 2;
    while size > 0 {
        let mut at = 0;
        while at < operations.len() {
            if began.elapsed() > SHORTEN {
                return operations;
            }
            let mut fewer = operations.clone();
            fewer.drain(at..(at + size).min(operations.len()));
            match replay(home(), seed, &fewer) {
                Err(why) if manner(&why) == wanted => operations = fewer,
                _ => at += size,
            }
        }
        size /= 2;
    }
    operations
}

fn check(home: fn() -> Home, seed: u64) {
    let operations = number("RESTOCK_MODEL_OPS").map_or(OPERATIONS, |count| count as usize);
    println!("RESTOCK_MODEL_SEED={seed} RESTOCK_MODEL_OPS={operations}");
    let began = Instant::now();
    if let Err((taken, why)) = run(home(), seed, operations) {
        println!("operation {} failed: {why}", taken.len());
        let shortest = shorten(home, seed, taken, &why);
        let why = replay(home(), seed, &shortest).err().unwrap_or(why);
        let list: Vec<String> = shortest.iter().map(|operation| format!("    {operation:?},")).collect();
        panic!("RESTOCK_MODEL_SEED={seed}: {why}\nafter these operations:\n{}", list.join("\n"));
    }
    let seconds = began.elapsed().as_secs_f64();
    println!("{operations} operations in {seconds:.1} s, {:.0} a second", operations as f64 / seconds);
}

fn check_seed(home: fn() -> Home, seed: u64) {
    check(home, number("RESTOCK_MODEL_SEED").unwrap_or(seed));
}

macro_rules! seeds {
    ($($name:ident: $home:expr, $seed:expr;)*) => {
        $(#[test]
        fn $name() {
            check_seed($home, $seed);
        })*
    };
}

seeds! {
    a_store_on_disk_is_as_the_model_seed_1: Home::on_disk, 1;
    a_store_on_disk_is_as_the_model_seed_2: Home::on_disk, 2;
    a_store_on_disk_is_as_the_model_seed_3: Home::on_disk, 3;
    a_store_on_disk_is_as_the_model_seed_4: Home::on_disk, 4;
    a_store_in_memory_is_as_the_model_seed_5: Home::in_memory, 5;
    a_store_in_memory_is_as_the_model_seed_6: Home::in_memory, 6;
    a_store_in_memory_is_as_the_model_seed_7: Home::in_memory, 7;
    a_store_on_disk_is_as_the_model_seed_of_the_clock: Home::on_disk, clock();
}

fn clock() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as u64 % 1_000_000_000
}
