//! Imports: options, dry runs, rejects, all or nothing.

use serde_json::Value;

use crate::shop::{DIRTY, Shop};

#[test]
fn a_dry_run_says_what_would_be_and_changes_nothing() {
    let shop = Shop::stocked();
    let before = (shop.rows(&["items"]), shop.run(["history", "s", "--json"]).ok().stdout);
    let full = shop.run(["import", "s", "items", "tuesday.csv", "--dry-run", "--json"]).ok().json();
    assert_eq!(
        (&full["removed"], &full["appended"], &full["gone"], &full["dry_run"]),
        (&3.into(), &2.into(), &2.into(), &true.into())
    );
    let more = shop.run(["import", "s", "items", "tuesday.csv", "--mode", "incremental", "--dry-run"]).ok();
    assert!(more.stdout.contains("nothing was changed"), "{}", more.stdout);
    assert!(
        more.stdout.contains("replaced     1") && more.stdout.contains("appended     1"),
        "{}",
        more.stdout
    );
    shop.write("dirty.csv", DIRTY);
    let skip = ["import", "s", "items", "dirty.csv", "--on-error", "skip", "--dry-run", "--json"];
    assert_eq!(shop.run(skip).ok().json()["rejected"], 2);
    shop.run(["undo", "s", "items", "--dry-run"]).ok();
    shop.run(["delete", "s", "items", "i1", "--dry-run"]).ok();
    assert_eq!((shop.rows(&["items"]), shop.run(["history", "s", "--json"]).ok().stdout), before);
}

#[test]
fn rows_that_fit_are_kept_under_skip_and_the_others_written_down() {
    let shop = Shop::stocked();
    shop.write("dirty.csv", DIRTY);
    let words = [
        "import",
        "s",
        "items",
        "dirty.csv",
        "--on-error",
        "skip",
        "--rejects",
        "rejects.jsonl",
        "--report",
        "r.json",
    ];
    let ran = shop.run(words).ok();
    assert!(
        ran.stdout.contains("rejected     2") && ran.stderr.contains("dirty.csv:3: "),
        "{}{}",
        ran.stdout,
        ran.stderr
    );
    assert_eq!(shop.rows(&["items", "--view", "bulk", "--columns", "ITEM_ID"]), ["i1", "i4"]);
    let rejects: Vec<Value> =
        shop.read("rejects.jsonl").lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(rejects.len(), 2);
    assert_eq!((&rejects[0]["line"], &rejects[0]["record"]), (&3.into(), &"i2,Two,cheap,Drama".into()));
    let report: Value = serde_json::from_str(&shop.read("r.json")).unwrap();
    assert_eq!(
        (&report["rejected"], &report["accepted"], &report["error_count"]),
        (&2.into(), &2.into(), &2.into())
    );
    assert!(report.get("error").is_none());
}

#[test]
fn rejects_and_reports_never_replace_a_source() {
    let shop = Shop::stocked();
    let monday = shop.read("monday.csv");
    std::fs::create_dir(shop.path("in")).unwrap();
    shop.write("in/a.csv", &monday);
    for option in ["--rejects", "--report"] {
        for (source, out) in [
            ("monday.csv", "monday.csv"),
            ("monday.csv", "in/../monday.csv"),
            ("mon*.csv", "monday.csv"),
            ("in", "in/a.csv"),
            ("in", "in/new.json"),
        ] {
            let ran = shop.run(["import", "s", "items", source, option, out, "--json"]).fails();
            assert!(ran.stderr.contains("to import from"), "{option} {out}: {}", ran.stderr);
            assert!(ran.json()["error"].as_str().unwrap().contains("to import from"));
        }
    }
    assert_eq!((shop.read("monday.csv"), shop.read("in/a.csv")), (monday.clone(), monday));
    assert!(!shop.path("in/new.json").exists());
    let both = ["import", "s", "items", "monday.csv", "--rejects", "x", "--report", "x"];
    assert_eq!(shop.run(both).code, 2);
    assert_eq!(
        shop.run(["history", "s", "items", "--json"]).ok().json()["versions"].as_array().unwrap().len(),
        2
    );
}

#[test]
fn rejects_of_yesterday_stay_until_an_import_has_read() {
    let shop = Shop::stocked();
    shop.write("rejects.jsonl", "of yesterday");
    shop.write("other.csv", "A,B\n1,2\n");
    for source in ["missing.csv", "other.csv"] {
        shop.run(["import", "s", "items", source, "--rejects", "rejects.jsonl"]).fails();
        assert_eq!(shop.read("rejects.jsonl"), "of yesterday");
    }
    shop.run(["import", "s", "nowhere", "monday.csv", "--rejects", "rejects.jsonl"]).fails();
    assert_eq!(shop.read("rejects.jsonl"), "of yesterday");
    shop.run(["import", "s", "items", "monday.csv", "--rejects", "rejects.jsonl"]).ok();
    assert_eq!(shop.read("rejects.jsonl"), "");
}

#[test]
fn a_failed_import_changes_nothing() {
    let shop = Shop::stocked();
    shop.write("dirty.csv", DIRTY);
    let before = shop.rows(&["items"]);
    for mode in ["full", "incremental"] {
        shop.run(["import", "s", "items", "monday.csv", "dirty.csv", "--mode", mode]).fails();
    }
    shop.write("open.csv", "ITEM_ID,TITLE,PRICE,GENRE\ni1,\"open,1,a\n");
    let ran = shop.run(["import", "s", "items", "open.csv", "--on-error", "skip"]).fails();
    assert!(ran.stderr.contains("open.csv"), "{}", ran.stderr);
    assert_eq!(shop.rows(&["items"]), before);
}

#[test]
fn dialects_are_told() {
    let shop = Shop::new();
    let rows = || shop.rows(&["items", "--view", "bulk"]);
    shop.write("a.csv", "ITEM_ID;TITLE;PRICE;GENRE\ni1;a,b;1;c\n");
    shop.run(["import", "s", "items", "a.csv", "--delimiter", ";"]).ok();
    assert_eq!(rows(), ["i1,\"a,b\",1,c"]);
    shop.write("a.tsv", "ITEM_ID\tTITLE\tPRICE\tGENRE\ni2\tb\t2\tc\n");
    shop.run(["import", "s", "items", "a.tsv", "--delimiter", "tab"]).ok();
    assert_eq!(rows(), ["i2,b,2,c"]);
    shop.write("b.csv", "i3,\"say \\\"hi\\\"\",3\n");
    let words =
        ["import", "s", "items", "b.csv", "--escape", "backslash", "--no-header", "ITEM_ID,TITLE,PRICE"];
    assert!(shop.run(words).fails().stderr.contains("GENRE"));
    shop.write("b.csv", "i3,\"say \\\"hi\\\"\",3,\n");
    let words = [
        "import",
        "s",
        "items",
        "b.csv",
        "--escape",
        "backslash",
        "--no-header",
        "ITEM_ID,TITLE,PRICE,GENRE",
    ];
    shop.run(words).ok();
    assert_eq!(rows(), ["i3,\"say \"\"hi\"\"\",3,"]);
    shop.write("c.csv", "id,name,PRICE,GENRE\ni4,d,4,\n");
    let words = [
        "import",
        "s",
        "items",
        "c.csv",
        "--rename",
        "ITEM_ID=id",
        "--rename",
        "TITLE=name",
        "--threads",
        "1",
    ];
    shop.run(words).ok();
    assert_eq!(rows(), ["i4,d,4,"]);
}

#[test]
fn folders_globs_and_lists_come_in_order() {
    let shop = Shop::new();
    std::fs::create_dir(shop.path("in")).unwrap();
    for name in ["b", "a", "_skipped", ".hidden"] {
        shop.write(&format!("in/{name}.csv"), format!("ITEM_ID,TITLE,PRICE,GENRE\n{name},,,\n"));
    }
    let imported = |sources: &[&str]| {
        shop.run([&["import", "s", "items"], sources].concat()).ok();
        shop.rows(&["items", "--columns", "ITEM_ID"])
    };
    assert_eq!(imported(&["in"]), ["a", "b"]);
    assert_eq!(imported(&["in/*.csv"]), ["a", "b"]);
    assert_eq!(imported(&["in/b.csv", "in/a.csv"]), ["b", "a"]);
}
