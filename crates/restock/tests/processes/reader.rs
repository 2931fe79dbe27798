//! The process that reads: this test binary, started for one "test" only.

use std::collections::VecDeque;
use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};

use restock::Store;

use crate::ledger::sums_of;

/// Names the store that the process reads.
pub const STORE: &str = "RESTOCK_READ_STORE";
/// Begins a line about what it saw.
pub const LOOK: &str = "look: ";

#[test]
#[ignore = "the process that `readers` starts"]
fn process() {
    let Some(path) = std::env::var_os(STORE) else { return };
    let ended = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            // Until the writer closes its end.
            let mut nothing = String::new();
            std::io::stdin().read_line(&mut nothing).unwrap();
            ended.store(true, Ordering::Relaxed);
        });
        let mut store = Store::open_read_only(&path).unwrap();
        // What an old snapshot shows stays, whatever is vacuumed.
        let mut kept = VecDeque::new();
        let mut newest = 0;
        for look in 0.. {
            if look % 8 == 7 {
                store = Store::open_read_only(&path).unwrap();
            } else if store.is_behind().unwrap() {
                let before = store.snapshot().version();
                store.refresh().unwrap();
                assert!(
                    store.snapshot().version() > before,
                    "behind at version {before}, and nothing is newer"
                );
            }
            let snapshot = store.snapshot();
            assert!(snapshot.version() >= newest, "{} came after {newest}", snapshot.version());
            newest = snapshot.version();
            let sums = sums_of(&snapshot);
            writeln!(std::io::stdout(), "\n{LOOK}{newest} {} {}", sums.bulk, sums.individual).unwrap();
            kept.push_back((snapshot, sums));
            if kept.len() > 10 {
                let (snapshot, sums) = kept.pop_front().unwrap();
                assert_eq!(sums_of(&snapshot), sums, "a snapshot of version {} changed", snapshot.version());
            }
            if ended.load(Ordering::Relaxed) {
                break;
            }
        }
    });
}
