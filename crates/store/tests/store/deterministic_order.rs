//! S11: a scan gives bulk rows in import order, then individual rows in put order.

use restock_store::View;

use crate::rig::Rig;

#[test]
fn flush_compaction_reopening_and_undo_keep_the_order() {
    let rig = Rig::on_disk();
    rig.full("items", &["e x 1", "b x 2", "d x 3", "a x 4"]);
    rig.put("items", &["z p 1", "y p 2"]);
    rig.incremental("items", &["b y 5", "c y 6"]);
    rig.put("items", &["x p 3", "z p 4"]);
    let expected = ["e x 1.0", "d x 3.0", "a x 4.0", "b y 5.0", "c y 6.0", "y p 2.0", "x p 3.0", "z p 4.0"];
    assert_eq!(rig.merged("items"), expected);
    rig.store.flush().unwrap();
    assert_eq!(rig.merged("items"), expected, "flushed");
    rig.compact();
    assert_eq!(rig.merged("items"), expected, "compacted");
    rig.incremental("items", &["e z 7"]);
    rig.undo("items").unwrap();
    assert_eq!(rig.merged("items"), expected, "undone");
    rig.vacuum();
    let rig = rig.reopen();
    assert_eq!(rig.merged("items"), expected, "vacuumed and reopened");
}

/// The same rows cut into batches otherwise, encoded by more threads: the same rows in the same order, and
/// for the same batches the same bytes.
#[test]
fn the_number_of_threads_shows_nowhere() {
    use std::sync::Mutex;
    let rows: Vec<String> = (0..4000).map(|n| format!("i{} c{} {n}", n % 3000, n * 7 % 500)).collect();
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    let imported = |threads: usize| {
        let rig = Rig::on_disk();
        let mut import = rig.store.import(&crate::rig::name("items"), Default::default()).unwrap();
        let batches: Vec<_> = rows.chunks(250).map(|rows| rig.batch("items", rows)).collect();
        let encoder = import.encoder();
        let encoded = Mutex::new(Vec::new());
        std::thread::scope(|scope| {
            for thread in 0..threads {
                let (batches, encoder, encoded) = (&batches, &encoder, &encoded);
                scope.spawn(move || {
                    for (at, batch) in batches.iter().enumerate().filter(|(at, _)| at % threads == thread) {
                        encoded.lock().unwrap().push((at, encoder.encode(batch).unwrap()));
                    }
                });
            }
        });
        let mut encoded = encoded.into_inner().unwrap();
        encoded.sort_by_key(|(at, _)| *at);
        encoded.into_iter().for_each(|(_, batch)| import.append(batch).unwrap());
        import.commit().unwrap();
        let segments = crate::rig::files_in(&rig.path().join("segments"));
        let contents: Vec<Vec<u8>> = segments.into_iter().map(|(_, content)| content).collect();
        (rig.rows("items", View::Merged), contents)
    };
    let one = imported(1);
    assert_eq!(one.0.len(), 3000);
    for threads in [2, 8] {
        assert!(imported(threads) == one, "{threads} threads");
    }
}
