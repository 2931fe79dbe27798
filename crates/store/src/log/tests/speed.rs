//! What a durable put costs on this machine's disk: run with `--run-ignored only --no-capture`.

use std::sync::Mutex;
use std::time::Instant;

use super::*;

const ROUNDS: u64 = 5;
const PUTS: u64 = 200;
const CALLERS: u64 = 16;

/// The measured ways take turns, since others use the disk, too; medians are printed.
#[test]
#[ignore = "measures this machine's disk"]
fn a_put_costs_little_more_than_the_sync_it_needs() {
    // Not the system's folder for temporary files, which may be memory.
    let folder = tempfile::tempdir_in(".").unwrap();
    let storage = FsStorage::open(folder.path()).unwrap();
    let mut filled = storage.create("filled").unwrap();
    filled.write_at(0, &vec![0; 1 << 20]).unwrap();
    filled.sync().unwrap();
    let mut growing = storage.create("growing").unwrap();
    let log = writer(&storage);
    let next = Mutex::new(LOG_ID);
    let logged = || {
        let ticket = {
            let mut next = next.lock().unwrap();
            *next += 1;
            log.append(*next, 1, FrameKind::Put, &[1; 200]).unwrap()
        };
        log.wait(ticket).unwrap();
    };
    let mut taken: [Vec<f64>; 4] = Default::default();
    let mut micros = |way: usize, begun: Instant| taken[way].push(begun.elapsed().as_secs_f64() * 1e6);
    for put in 0..ROUNDS * PUTS {
        for (way, file) in [&mut filled, &mut growing].into_iter().enumerate() {
            let begun = Instant::now();
            file.write_at(put * 240, &[1; 240]).unwrap();
            file.sync_data().unwrap();
            micros(way, begun);
        }
        let begun = Instant::now();
        logged();
        micros(2, begun);
    }
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        std::thread::scope(|scope| {
            for _ in 0..CALLERS {
                scope.spawn(|| (0..PUTS).for_each(|_| logged()));
            }
        });
        taken[3].push(begun.elapsed().as_secs_f64() * 1e6 / (PUTS * CALLERS) as f64);
    }
    let ways = [
        "write + fdatasync, filled file",
        "write + fdatasync, growing file",
        "log, one caller",
        "log, 16 callers",
    ];
    for (way, mut taken) in ways.into_iter().zip(taken) {
        taken.sort_unstable_by(f64::total_cmp);
        println!("{way}: {:.1} us a put", taken[taken.len() / 2]);
    }
}
