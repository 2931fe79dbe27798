use std::collections::BTreeSet;

use super::*;

const HEADER: &str = "USER_ID,ITEM_ID,TIMESTAMP,DEVICE\n";

fn exported(rig: &Rig, key: &str) -> String {
    rig.objects.get(key).unwrap_or_else(|| panic!("no {key} in {:?}", rig.objects.keys()))
}

#[test]
fn records_are_exported_by_origin_and_the_newest_of_both() {
    let rig = Rig::new();
    rig.put(
        "shop/items",
        vec![
            record! { "ITEM_ID" => "i1", "PRICE" => 7.5, "GENRES" => "put, first" },
            record! { "ITEM_ID" => "i4", "PRICE" => 4.0, "GENRES" => "" },
        ],
    );
    rig.objects.put("b/items.csv", "ITEM_ID,PRICE,GENRES\ni1,1,bulk later\ni2,2,\ni3,3,\"a \\\"b\\\"\"\n");
    rig.run("import", full("ITEMS", "s3://b/items.csv")).unwrap();
    rig.put("shop/items", vec![record! { "ITEM_ID" => "i2", "PRICE" => 0.1, "GENRES" => "put later" }]);
    for (mode, name) in
        [(IngestionMode::Bulk, "bulk"), (IngestionMode::Put, "put"), (IngestionMode::All, "all")]
    {
        rig.run(name, export("ITEMS", "s3://out/exports", mode)).unwrap();
    }
    let header = "ITEM_ID,PRICE,GENRES\n";
    assert_eq!(
        exported(&rig, "out/exports/bulk/part-00000.csv"),
        format!("{header}i1,1,bulk later\ni2,2,\ni3,3,\"a \"\"b\"\"\"\n")
    );
    assert_eq!(
        exported(&rig, "out/exports/put/part-00000.csv"),
        format!("{header}i1,7.5,\"put, first\"\ni4,4,\"\"\ni2,0.1,put later\n")
    );
    let all = exported(&rig, "out/exports/all/part-00000.csv");
    let rows: BTreeSet<&str> = all.strip_prefix(header).unwrap().lines().collect();
    let expected = ["i1,1,bulk later", "i2,0.1,put later", "i3,3,\"a \"\"b\"\"\"", "i4,4,\"\""];
    assert_eq!((rows, all.lines().count()), (BTreeSet::from(expected), 5));
}

#[test]
fn equal_interactions_are_exported_once_in_every_mode() {
    let rig = Rig::new();
    let bulk = ["u1,i1,1,view", "u1,i1,1,view", "u1,i1,1,", "u1,i1,1,\"\"", "u1,i1,2,view"];
    rig.objects.put("b/1.csv", format!("{HEADER}{}\n", bulk.join("\n")));
    rig.run("import", full("INTERACTIONS", "s3://b/1.csv")).unwrap();
    // In another segment, with other codes for its texts.
    rig.objects.put("b/2.csv", format!("{HEADER}u9,i9,9,buy\nu1,i1,1,view\n"));
    rig.run("more", import("INTERACTIONS", "s3://b/2.csv", ImportMode::Incremental)).unwrap();
    rig.put("shop/interactions", vec![interaction("u1", "i1", 1), interaction("u2", "i2", 3)]);
    rig.put("shop/interactions", vec![interaction("u2", "i2", 3), interaction("u1", "i1", 1)]);
    let distinct = "u1,i1,1,view\nu1,i1,1,\nu1,i1,1,\"\"\nu1,i1,2,view\nu9,i9,9,buy\n";
    for (mode, name, rows) in [
        (IngestionMode::Bulk, "bulk", distinct.to_owned()),
        (IngestionMode::Put, "put", "u1,i1,1,view\nu2,i2,3,view\n".to_owned()),
        (IngestionMode::All, "all", format!("{distinct}u2,i2,3,view\n")),
    ] {
        rig.run(name, export("INTERACTIONS", "s3://out/", mode)).unwrap();
        assert_eq!(
            exported(&rig, &format!("out/{name}/part-00000.csv")),
            format!("{HEADER}{rows}"),
            "{name}"
        );
    }
}

#[test]
fn many_interactions_are_compared_over_all_batches() {
    let rig = Rig::new();
    let rows: Vec<String> =
        (0..100_000).map(|row| format!("u{},i{},{},", row % 300, row % 7, row % 70_000)).collect();
    rig.objects.put("b/1.csv", format!("{HEADER}{}\n", rows.join("\n")));
    rig.run("import", full("INTERACTIONS", "s3://b/1.csv")).unwrap();
    rig.run("bulk", export("INTERACTIONS", "s3://out", IngestionMode::Bulk)).unwrap();
    let mut seen = BTreeSet::new();
    let expected: Vec<&str> = rows.iter().map(String::as_str).filter(|row| seen.insert(*row)).collect();
    let text = exported(&rig, "out/bulk/part-00000.csv");
    assert_eq!(text.lines().skip(1).collect::<Vec<_>>(), expected);
}

#[test]
fn an_export_overwrites_nothing() {
    let rig = Rig::new();
    rig.put("shop/items", vec![record! { "ITEM_ID" => "i1", "PRICE" => 1.0 }]);
    rig.objects.put("out/job/part-00000.csv", "mine");
    let reason = rig.run("job", export("ITEMS", "s3://out", IngestionMode::Put)).unwrap_err();
    assert!(
        reason.contains("s3://out/job/part-00000.csv") && reason.contains("overwrites nothing"),
        "{reason}"
    );
    assert_eq!(exported(&rig, "out/job/part-00000.csv"), "mine");
    // Nor what appears while it is written.
    rig.objects.stall("out/late/part-00000.csv");
    let id = rig.submit("late", export("ITEMS", "s3://out", IngestionMode::Put));
    until("the export begins", || rig.objects.unfinished() == 1);
    rig.objects.put("out/late/part-00000.csv", "mine, too");
    rig.objects.release("out/late/part-00000.csv");
    assert!(rig.catalog.wait_for_job(&id, LONG));
    assert_eq!(rig.state(&id), JobState::Failed);
    assert_eq!(exported(&rig, "out/late/part-00000.csv"), "mine, too");
}

#[test]
fn a_failed_export_leaves_nothing() {
    let rig = Rig::new();
    let put = |number: usize| record! { "ITEM_ID" => format!("i{number}"), "PRICE" => 1.0 };
    rig.put("shop/items", (0..50_000).map(put).collect());
    rig.objects.break_after("out/broken/part-00000.csv", 100_000);
    let reason = rig.run("broken", export("ITEMS", "s3://out", IngestionMode::Put)).unwrap_err();
    assert!(reason.contains("the connection was reset"), "{reason}");
    rig.objects.deny("out/denied/part-00000.csv");
    let reason = rig.run("denied", export("ITEMS", "s3://out", IngestionMode::Put)).unwrap_err();
    assert!(
        reason.contains("for ITEMS dataset....Insufficient privileges for accessing data in Amazon S3."),
        "{reason}"
    );
    let reason = rig.run("web", export("ITEMS", "http://out", IngestionMode::Put)).unwrap_err();
    assert!(reason.starts_with("Invalid Data location. http://out"), "{reason}");
    assert_eq!((rig.objects.keys().len(), rig.objects.unfinished()), (0, 0));
}

#[test]
fn an_export_of_no_rows_has_its_header() {
    let rig = Rig::new();
    rig.run("none", export("INTERACTIONS", "s3://out/", IngestionMode::Put)).unwrap();
    assert_eq!(exported(&rig, "out/none/part-00000.csv"), HEADER);
}
