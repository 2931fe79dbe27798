use super::*;

const GZIP: &[u8] = &[
    31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 243, 12, 113, 245, 141, 247, 116, 209, 9, 8, 242, 116, 118, 213, 113,
    119, 245, 11, 114, 13, 230, 202, 52, 212, 49, 212, 225, 2, 0, 172, 240, 88, 101, 27, 0, 0, 0,
];

#[test]
fn a_folder_is_read_at_its_first_level_in_the_order_of_keys() {
    let rig = Rig::new();
    rig.objects.put("b/daily/2.csv", "GENRES,ITEM_ID,PRICE\nDrama,i2,2\n,i1,10\n");
    rig.objects.put("b/daily/10.csv", "ITEM_ID,PRICE,GENRES,EXTRA\ni1,1,\"a \\\"b\\\" \\\\ \"\"c\"\"\",x\n");
    rig.objects.put("b/daily/deeper/3.csv", "not,a,header\n");
    rig.objects.put("b/dailyish.csv", "not,a,header\n");
    rig.run("first", full("ITEMS", "s3://b/daily/")).unwrap();
    assert_eq!(rig.objects.opened(), ["b/daily/10.csv", "b/daily/2.csv"]);
    assert_eq!(rig.rows("shop/items"), ["i2,2.0,Drama", "i1,10.0,"]);
    let labels: Vec<_> = rig.store.history().into_iter().filter_map(|commit| commit.label).collect();
    assert_eq!(labels, ["dataset-import-job/first"]);
    rig.objects.put("b/one", "ITEM_ID,PRICE,GENRES\ni9,1,\"a \\\"b\\\" \\\\ \"\"c\"\"\"\n");
    rig.run("second", full("ITEMS", "s3://b/one")).unwrap();
    assert_eq!(rig.rows("shop/items"), [r#"i9,1.0,a "b" \ "c""#]);
}

#[test]
fn full_replaces_bulk_rows_only_and_incremental_tops_up() {
    let rig = Rig::new();
    rig.objects.put("b/1.csv", "ITEM_ID,PRICE,GENRES\ni1,1,\ni2,2,\n");
    rig.objects.put("b/2.csv", "ITEM_ID,PRICE,GENRES\ni2,20,\ni3,30,\n");
    rig.put("shop/items", vec![record! { "ITEM_ID" => "mine", "PRICE" => 7.0 }]);
    let early = rig.run("early", import("ITEMS", "s3://b/2.csv", ImportMode::Incremental)).unwrap_err();
    assert!(
        early.starts_with("Failed to create a data import job for ITEMS dataset....")
            && early.contains("FULL"),
        "{early}"
    );
    rig.run("full", full("ITEMS", "s3://b/1.csv")).unwrap();
    rig.run("more", import("ITEMS", "s3://b/2.csv", ImportMode::Incremental)).unwrap();
    assert_eq!(rig.rows("shop/items"), ["i1,1.0,", "i2,20.0,", "i3,30.0,", "mine,7.0,"]);
    rig.run("again", full("ITEMS", "s3://b/1.csv")).unwrap();
    assert_eq!(rig.rows("shop/items"), ["i1,1.0,", "i2,2.0,", "mine,7.0,"]);
}

#[test]
fn a_failed_import_says_what_the_service_says_and_where() {
    let rig = Rig::new();
    rig.objects.put("b/good.csv", "ITEM_ID,PRICE,GENRES\nold,1,\n");
    rig.run("good", full("ITEMS", "s3://b/good.csv")).unwrap();
    rig.objects.put("b/missing.csv", "ITEM_ID,COLOUR\ni1,red\n");
    rig.objects.put("b/value.csv", "ITEM_ID,PRICE,GENRES\ni1,1,\ni2,cheap,\ni3,,\n");
    rig.objects.put("b/long.csv", format!("ITEM_ID,PRICE,GENRES\n{},1,\n", "x".repeat(257)));
    rig.objects.put("b/empty.csv", "ITEM_ID,PRICE,GENRES\n");
    rig.objects.put("b/quote.csv", "ITEM_ID,PRICE,GENRES\ni1,1,\"open\n");
    rig.objects.put("b/many.csv", format!("ITEM_ID,PRICE,GENRES\n{}", "i,x,\n".repeat(25)));
    for key in ["b/denied.csv", "b/broken.csv", "b/cut.csv"] {
        rig.objects.put(key, format!("ITEM_ID,PRICE,GENRES\n{}", "i,1,\n".repeat(1000)));
    }
    rig.objects.deny("b/denied.csv");
    rig.objects.break_after("b/broken.csv", 3000);
    rig.objects.cut_after("b/cut.csv", 21 + 5 * 10);
    let begins = "Failed to create a data import job for ITEMS dataset....";
    let cases: [(&str, &str, &[&str]); 13] = [
        (
            "s3://b/missing.csv",
            "Failed to create a data import job ITEMS dataset...Input CSV is missing the following columns:[PRICE, GENRES].",
            &["s3://b/missing.csv", "ITEM_ID,COLOUR"],
        ),
        (
            "s3://b/value.csv",
            begins,
            &["s3://b/value.csv:3: column PRICE", "'cheap'", "s3://b/value.csv:4", "Nothing was changed"],
        ),
        (
            "s3://b/long.csv",
            &format!(
                "{begins}Length cannot be more than 256 characters for ITEM_ID. If no values exceed the character limit, make sure"
            ),
            &["s3://b/long.csv:2", "xxx"],
        ),
        ("s3://b/empty.csv", begins, &["no record", "1 bulk records"]),
        ("s3://b/quote.csv", begins, &["s3://b/quote.csv:2"]),
        ("s3://b/many.csv", begins, &["s3://b/many.csv:11:", "and 15 more"]),
        (
            "s3://b/denied.csv",
            &format!("{begins}Insufficient privileges for accessing data in Amazon S3."),
            &["403"],
        ),
        ("s3://b/broken.csv", begins, &["the connection was reset"]),
        ("s3://b/cut.csv", begins, &["s3://b/cut.csv had 5021 bytes", "after 71"]),
        ("s3://b/none.csv", begins, &["s3://b/none.csv"]),
        ("s3://b/none/", begins, &["s3://b/none/"]),
        ("https://b/good.csv", "Invalid Data location.", &["https://b/good.csv"]),
        ("s3:///good.csv", "Invalid Data location.", &["no bucket"]),
    ];
    let version = rig.store.dataset("shop/items").unwrap().snapshot().unwrap().counts().unwrap();
    for (number, (location, begin, parts)) in cases.into_iter().enumerate() {
        for mode in [ImportMode::Full, ImportMode::Incremental] {
            if location.ends_with("empty.csv") && mode == ImportMode::Incremental {
                continue;
            }
            let reason =
                rig.run(&format!("job-{number}-{mode:?}"), import("ITEMS", location, mode)).unwrap_err();
            assert!(reason.starts_with(begin), "{location}: {reason}");
            for part in parts {
                assert!(reason.contains(part), "{location}: {reason} lacks {part}");
            }
            assert!(!reason.contains("--"), "options of the command line help nobody here: {reason}");
        }
    }
    assert_eq!(rig.rows("shop/items"), ["old,1.0,"]);
    assert_eq!(rig.store.dataset("shop/items").unwrap().snapshot().unwrap().counts().unwrap(), version);
    assert_eq!(rig.store.history().iter().filter(|commit| commit.label.is_some()).count(), 1);
}

#[test]
fn interactions_are_too_few_only_with_quotas() {
    let rows = |count: usize| {
        let rows = (0..count).map(|row| format!("u{row},i,{row},\n"));
        format!("USER_ID,ITEM_ID,TIMESTAMP,DEVICE\n{}", rows.collect::<String>())
    };
    let rig = Rig::new();
    rig.objects.put("b/few.csv", rows(999));
    rig.run("few", full("INTERACTIONS", "s3://b/few.csv")).unwrap();
    let rig = Rig::with(Settings { quotas: Quotas::On, ..Settings::default() });
    rig.objects.put("b/few.csv", rows(999));
    rig.objects.put("b/enough.csv", rows(1000));
    rig.objects.put("b/items.csv", "ITEM_ID,PRICE,GENRES\ni1,1,\n");
    let reason = rig.run("few", full("INTERACTIONS", "s3://b/few.csv")).unwrap_err();
    assert!(reason.contains("999 interactions") && reason.contains("1000"), "{reason}");
    assert!(rig.rows("shop/interactions").is_empty());
    let early =
        rig.run("more", import("INTERACTIONS", "s3://b/few.csv", ImportMode::Incremental)).unwrap_err();
    assert!(early.contains("FULL"), "{early}");
    rig.run("enough", full("INTERACTIONS", "s3://b/enough.csv")).unwrap();
    assert_eq!(rig.rows("shop/interactions").len(), 1000);
    rig.run("items", full("ITEMS", "s3://b/items.csv")).unwrap();
}

#[test]
fn a_running_import_tells_how_far_it_is() {
    let rig = Rig::new();
    let rows = "u,i,1,view\n".repeat(200_000);
    let bytes = rows.len() + 33;
    rig.objects.put("b/1.csv", format!("USER_ID,ITEM_ID,TIMESTAMP,DEVICE\n{rows}"));
    rig.objects.put("b/2.csv", "USER_ID,ITEM_ID,TIMESTAMP,DEVICE\n");
    rig.objects.stall("b/2.csv");
    let id = rig.submit("job", full("INTERACTIONS", "s3://b/"));
    until("progress", || rig.record(&id).progress.is_some_and(|progress| progress.rows > 0));
    let progress = rig.record(&id).progress.unwrap();
    assert_eq!(progress.total_bytes, Some(bytes as u64 + 33));
    assert!(progress.bytes <= bytes as u64 && progress.rows <= 200_000, "{progress:?}");
    assert_eq!(rig.state(&id), JobState::InProgress);
    rig.objects.release("b/2.csv");
    assert!(rig.catalog.wait_for_job(&id, LONG));
    assert_eq!((rig.state(&id), rig.rows("shop/interactions").len()), (JobState::Finished, 200_000));
}

#[test]
fn what_is_in_quotes_follows_the_service_and_line_ends_do_not_matter() {
    let rig = Rig::new();
    rig.objects.put("b/1.csv", "\u{feff}ITEM_ID,PRICE,GENRES\r\ni1,1,\"a\\\\\"\r\n\r\ni2,2,\"x\ny\"\r\n");
    rig.run("job", full("ITEMS", "s3://b/1.csv")).unwrap();
    assert_eq!(rig.rows("shop/items"), ["i1,1.0,a\\", "i2,2.0,x\ny"]);
}

#[test]
fn a_compressed_object_is_read_by_its_name() {
    let rig = Rig::new();
    // gzip -n of "ITEM_ID,PRICE,GENRES\ni1,1,\n"
    rig.objects.put("b/1.csv.gz", GZIP);
    rig.run("job", full("ITEMS", "s3://b/1.csv.gz")).unwrap();
    assert_eq!(rig.rows("shop/items"), ["i1,1.0,"]);
    rig.objects.put("b/cut.csv.gz", &GZIP[..GZIP.len() - 6]);
    let reason = rig.run("cut", full("ITEMS", "s3://b/cut.csv.gz")).unwrap_err();
    assert!(reason.contains("s3://b/cut.csv.gz: the gzip data is cut"), "{reason}");
}
