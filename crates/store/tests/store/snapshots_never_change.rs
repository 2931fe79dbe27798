//! S9: a snapshot shows the same rows for ever, in this process and in others.

use restock_store::{Snapshot, Store, View};

use crate::rig::{Rig, name, rows_of};

/// Everything a snapshot shows.
fn seen(snapshot: &Snapshot) -> Vec<String> {
    let mut all = vec![format!("version {}", snapshot.version())];
    for dataset in snapshot.names() {
        let one = snapshot.dataset(&dataset).unwrap();
        all.push(format!("{dataset} {:?}", one.counts().unwrap()));
        for view in [View::Merged, View::Newest, View::Bulk, View::Individual] {
            all.extend(rows_of(snapshot, &dataset.to_string(), view));
        }
        if one.record_id().is_some() {
            for id in ["a", "b", "c", "d"] {
                all.push(format!("{:?}", one.get(id, View::Merged).unwrap()));
            }
        }
    }
    all
}

type Change = fn(&Rig);

/// Every kind of change, one after the other.
fn changes() -> Vec<(&'static str, Change)> {
    vec![
        ("put", |rig| {
            rig.put("items", &["a p 1", "d p 2"]);
        }),
        ("incremental", |rig| {
            rig.incremental("items", &["b i 3", "c i 4"]);
        }),
        ("put again", |rig| {
            rig.put("items", &["a q 5", "b q 6"]);
        }),
        ("flush", |rig| rig.store.flush().unwrap()),
        ("put interactions", |rig| {
            rig.put("interactions", &["u1 a 9 buy"]);
        }),
        ("delete", |rig| {
            rig.delete("items", &["a", "c"]);
        }),
        ("compact", Rig::compact),
        ("full", |rig| {
            rig.full("items", &["c f 7"]);
        }),
        ("undo", |rig| {
            rig.undo("items").unwrap();
        }),
        ("delete users", |rig| {
            rig.delete_users(&["u1"]);
        }),
        ("vacuum", Rig::vacuum),
        ("drop", |rig| {
            rig.store.drop_dataset(&name("items")).unwrap();
        }),
    ]
}

#[test]
fn snapshots_in_this_process_outlive_every_change() {
    // Looked at before and after, or first after: what a snapshot shows is not what was read in time.
    for eager in [true, false] {
        let prepared = || {
            let rig = Rig::on_disk();
            rig.full("items", &["a x 1", "b x 2"]);
            rig.full("interactions", &["u1 a 1 view", "u2 b 2 view"]);
            rig
        };
        let (rig, twin) = (prepared(), prepared());
        let mut held: Vec<(String, Snapshot, Vec<String>)> = Vec::new();
        for (what, change) in changes() {
            let expected = seen(&twin.store.snapshot());
            let snapshot = rig.store.snapshot();
            if eager {
                assert_eq!(seen(&snapshot), expected);
            }
            held.push((format!("before {what}"), snapshot, expected));
            change(&rig);
            change(&twin);
        }
        for (what, snapshot, expected) in held {
            assert_eq!(seen(&snapshot), expected, "{what}, eager: {eager}");
        }
    }
}

#[test]
fn a_reader_process_keeps_its_version_until_it_refreshes() {
    let rig = Rig::on_disk();
    rig.full("items", &["a x 1", "b x 2"]);
    rig.full("interactions", &["u1 a 1 view", "u2 b 2 view"]);
    let mut readers: Vec<(Store, Vec<String>)> = Vec::new();
    for (what, change) in changes() {
        let reader = rig.reader();
        let expected = seen(&rig.store.snapshot());
        assert_eq!(seen(&reader.snapshot()), expected, "opened before {what}");
        readers.push((reader, expected));
        change(&rig);
    }
    for (reader, expected) in &readers {
        assert_eq!(&seen(&reader.snapshot()), expected);
    }
    let newest = seen(&rig.store.snapshot());
    for (reader, expected) in &readers {
        let old = reader.snapshot();
        reader.refresh().unwrap();
        assert_eq!(seen(&reader.snapshot()), newest);
        assert_eq!(&seen(&old), expected, "refreshing a handle leaves its snapshots");
    }
}

#[test]
fn a_scan_under_way_is_not_disturbed() {
    let rig = Rig::on_disk();
    let rows: Vec<String> = (0..1000).map(|n| format!("i{n} x {n}")).collect();
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    let batches: Vec<&[&str]> = rows.chunks(100).collect();
    rig.import_batches("items", Default::default(), &batches).unwrap();
    let mut scan = rig.dataset("items").scan().batches().unwrap();
    let mut count = scan.next().unwrap().unwrap().num_rows();
    rig.full("items", &["z y 1"]);
    rig.vacuum();
    count += scan.map(|batch| batch.unwrap().num_rows()).sum::<usize>();
    assert_eq!(count, 1000);
}
