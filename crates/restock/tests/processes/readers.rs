//! Readers in other processes see whole versions, whatever the writer does (S6, S9), and never fail.
//!
//! `RESTOCK_READERS` says how many processes read, `RESTOCK_PROCESSES_SECONDS` for how long.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::ops::Range;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use restock::{Dataset, ImportMode, Record, Store, record};

use crate::ledger::{Done, Ledger, Sums, sums_of, title};
use crate::make_store;
use crate::reader::{LOOK, STORE};

const BULK_IDS: u64 = 1500;
/// Individual rows have some IDs of bulk rows.
const PUT_IDS: Range<u64> = 1000..2500;

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().unwrap_or_else(|e| panic!("{name}={text}: {e}")))
}

/// What the writer's threads share.
struct Writer<'a> {
    store: &'a Store,
    items: &'a Dataset,
    ledger: &'a Ledger,
    /// Numbers operations.
    begun: AtomicU64,
    over: AtomicBool,
}

impl Writer<'_> {
    fn next(&self) -> Option<u64> {
        let over = self.over.load(Ordering::Relaxed);
        (!over).then(|| self.begun.fetch_add(1, Ordering::Relaxed))
    }

    fn put(&self) {
        while let Some(number) = self.next() {
            let first = PUT_IDS.start + number * 7 % 1400;
            let ids = first..first + 1 + number % 12;
            let rows =
                ids.clone().map(|id| record! { "ITEM_ID" => format!("i{id}"), "TITLE" => title(number) });
            let done = self.items.put(rows.collect::<Vec<Record>>()).unwrap();
            self.ledger.note(done.version, Done::Put(ids, number));
        }
    }

    fn import(&self) {
        let mut imports = 0u64..;
        while let (Some(number), Some(import)) = (self.next(), imports.next()) {
            // The first one is FULL (S3).
            let (mode, ids) = match import % 3 {
                0 => (ImportMode::Full, 0..BULK_IDS),
                _ => (ImportMode::Incremental, number * 31 % BULK_IDS..number * 31 % BULK_IDS + 200),
            };
            let title = title(number);
            let rows: String = ids.clone().map(|id| format!("i{id},{title}\n")).collect();
            let file = std::io::Cursor::new(format!("ITEM_ID,TITLE\n{rows}"));
            let done = self.items.import_reader(file, "rows.csv").mode(mode).run().unwrap();
            self.ledger.note(done.version, Done::Import(mode, ids, number));
        }
    }

    fn clean(&self) {
        while let Some(number) = self.next() {
            let first = number * 13 % PUT_IDS.end;
            let ids: Vec<String> = (first..first + 20).map(|id| format!("i{id}")).collect();
            let done = self.items.delete(&ids, false).unwrap();
            if done.deleted > 0 {
                self.ledger.note(done.version, Done::Delete(first..first + 20));
            }
            self.store.compact(None).unwrap();
            self.store.vacuum().unwrap();
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

/// Ends the writer's threads, also when a reader failed.
struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// A process that reads, and who listens to it.
struct Reader {
    child: Child,
    looks: JoinHandle<Vec<(u64, Sums)>>,
}

impl Reader {
    fn start(path: &std::path::Path) -> Reader {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "reader::process", "--ignored", "--nocapture"]).env(STORE, path);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let looks = std::thread::spawn(move || {
            let lines = out.lines().map(Result::unwrap);
            lines.filter_map(|line| line.strip_prefix(LOOK).map(look)).collect()
        });
        Reader { child, looks }
    }

    fn end(mut self) -> Vec<(u64, Sums)> {
        drop(self.child.stdin.take());
        let looks = self.looks.join().unwrap();
        assert!(self.child.wait().unwrap().success(), "a reader failed after {} looks", looks.len());
        looks
    }
}

fn look(line: &str) -> (u64, Sums) {
    let numbers: Vec<u64> = line.split(' ').map(|number| number.parse().unwrap()).collect();
    let [version, bulk, individual] = numbers[..] else { panic!("{line}") };
    (version, Sums { bulk, individual })
}

#[test]
fn readers_in_other_processes_see_whole_versions_of_a_busy_writer() {
    let readers = number("RESTOCK_READERS", 3);
    let seconds = number("RESTOCK_PROCESSES_SECONDS", 4);
    let dir = tempfile::tempdir().unwrap();
    let (path, ledger) = (dir.path().join("s"), Ledger::default());
    let (store, items) = make_store(&path);
    let (begun, over) = (AtomicU64::new(0), AtomicBool::new(false));
    let writer = Writer { store: &store, items: &items, ledger: &ledger, begun, over };
    let looks: Vec<Vec<(u64, Sums)>> = std::thread::scope(|scope| {
        let readers: Vec<Reader> = (0..readers).map(|_| Reader::start(&path)).collect();
        let ends = Instant::now() + Duration::from_secs(seconds);
        for work in [Writer::put, Writer::put, Writer::import, Writer::clean] {
            let writer = &writer;
            scope.spawn(move || work(writer));
        }
        let _over = Over(&writer.over);
        std::thread::sleep(ends.saturating_duration_since(Instant::now()));
        readers.into_iter().map(Reader::end).collect()
    });
    let all = || looks.iter().flatten();
    let own = store.snapshot();
    let expected = ledger.sums(all().map(|(version, _)| *version).chain([own.version()]));
    assert_eq!(sums_of(&own), expected[&own.version()]);
    for (version, seen) in all() {
        assert_eq!(seen, &expected[version], "version {version}");
    }
    assert!(looks.iter().all(|looks| looks.len() > 2), "readers that hardly read");
    assert!(store.verify().unwrap().is_ok());
    let versions: BTreeSet<u64> = all().map(|(version, _)| *version).collect();
    println!(
        "processes: {readers} readers saw {} of {} versions in {} looks of {seconds} seconds, all whole",
        versions.len(),
        own.version(),
        all().count()
    );
}
