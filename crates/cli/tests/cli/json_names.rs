//! `--json` prints one object with the names that are promised.

use serde_json::Value;

use crate::shop::{DIRTY, Shop};

#[track_caller]
fn names(object: &Value, names: &[&str]) {
    let members = object.as_object().unwrap_or_else(|| panic!("{object} is no object"));
    for name in names {
        assert!(members.contains_key(*name), "{name} is missing in {object}");
    }
}

const REPORT: [&str; 17] = [
    "mode",
    "version",
    "rows_read",
    "accepted",
    "rejected",
    "superseded",
    "replaced",
    "appended",
    "removed",
    "bytes",
    "files",
    "ignored_columns",
    "notes",
    "seconds",
    "phases",
    "work",
    "dry_run",
];

#[test]
fn an_import_reports_and_its_numbers_add_up() {
    let shop = Shop::stocked();
    for words in [
        &["import", "s", "items", "monday.csv", "--json"][..],
        &["import", "s", "items", "tuesday.csv", "--mode", "incremental", "--json"],
        &["import", "s", "items", "tuesday.csv", "--mode", "incremental", "--dry-run", "--json"],
    ] {
        let report = shop.run(words).ok().json();
        names(&report, &REPORT);
        let number = |name: &str| report[name].as_u64().unwrap();
        assert_eq!(number("rows_read"), number("accepted") + number("rejected"));
        assert_eq!(number("accepted"), number("replaced") + number("appended") + number("superseded"));
    }
}

#[test]
fn full_and_incremental_count_as_documented() {
    let shop = Shop::stocked();
    let full = shop.run(["import", "s", "items", "monday.csv", "--json"]).ok().json();
    assert_eq!(
        (&full["mode"], &full["superseded"], &full["replaced"], &full["appended"], &full["removed"]),
        (&"FULL".into(), &1.into(), &0.into(), &3.into(), &3.into())
    );
    assert_eq!(full["ignored_columns"], serde_json::json!(["NOTE"]));
    let more =
        shop.run(["import", "s", "items", "tuesday.csv", "--mode", "incremental", "--json"]).ok().json();
    assert_eq!(
        (&more["mode"], &more["replaced"], &more["appended"], &more["removed"]),
        (&"INCREMENTAL".into(), &1.into(), &1.into(), &0.into())
    );
}

#[test]
fn a_failed_import_reports_every_error_with_its_place() {
    let shop = Shop::stocked();
    shop.write("dirty.csv", DIRTY);
    let ran = shop.run(["import", "s", "items", "dirty.csv", "--json", "--report", "report.json"]).fails();
    let report = ran.json();
    names(&report, &REPORT);
    names(&report, &["error", "errors", "error_count"]);
    assert_eq!((&report["error_count"], &report["rejected"]), (&2.into(), &2.into()));
    let first = &report["errors"][0];
    names(first, &["file", "line", "column", "byte", "value", "expected", "reason"]);
    assert_eq!(
        (&first["file"], &first["line"], &first["column"], &first["value"]),
        (&"dirty.csv".into(), &3.into(), &"PRICE".into(), &"cheap".into())
    );
    assert_eq!(first["byte"], DIRTY.find("cheap").unwrap());
    let written: Value = serde_json::from_str(&shop.read("report.json")).unwrap();
    assert_eq!(written, report);
    assert!(ran.stderr.contains("error: "), "{}", ran.stderr);
}

#[test]
fn an_import_that_read_nothing_reports_too() {
    let shop = Shop::new();
    let report = shop.run(["import", "s", "items", "missing.csv", "--json"]).fails().json();
    names(&report, &["mode", "dry_run", "error", "errors", "error_count"]);
}

#[test]
fn the_other_commands_keep_their_names() {
    let shop = Shop::stocked().with_users();
    let json = |words: &[&str]| shop.run(words.iter().copied().chain(["--json"])).ok().json();

    let info = json(&["info", "s"]);
    names(&info, &["version", "format", "datasets"]);
    let items = info["datasets"].as_array().unwrap().iter().find(|one| one["name"] == "items").unwrap();
    names(
        items,
        &[
            "name",
            "type",
            "record_id",
            "rows",
            "shadowed",
            "deleted",
            "segments",
            "bytes_live",
            "bytes_dead",
            "last_import",
        ],
    );
    assert_eq!(items["rows"], serde_json::json!({"bulk": 3, "individual": 2, "merged": 4}));
    assert_eq!(
        (&items["shadowed"], &items["record_id"], &items["type"]),
        (&1.into(), &"ITEM_ID".into(), &"items".into())
    );
    names(&items["last_import"], &["version", "time", "mode", "label"]);
    assert!(items["last_import"]["time"].as_str().unwrap().ends_with('Z'));

    let history = json(&["history", "s"]);
    let first = &history["versions"][0];
    names(first, &["version", "time", "what", "dataset", "rows"]);
    assert_eq!((&first["what"], &first["dataset"]), (&"create".into(), &"items".into()));

    shop.write("one.jsonl", "{\"ITEM_ID\": \"i9\"}\n{\"ITEM_ID\": \"i10\"}\n");
    let put = json(&["put", "s", "items", "one.jsonl"]);
    names(&put, &["version"]);
    assert_eq!((&put["accepted"], &put["replaced"], &put["appended"]), (&2.into(), &1.into(), &1.into()));
    let delete = json(&["delete", "s", "items", "i10", "i77"]);
    names(&delete, &["version"]);
    assert_eq!((&delete["deleted"], &delete["missing"]), (&1.into(), &serde_json::json!(["i77"])));
    let users = json(&["delete-users", "s", "u1"]);
    names(&users, &["version"]);
    assert_eq!((&users["users"], &users["rows"]), (&1.into(), &serde_json::json!({"clicks": 2, "users": 1})));
    names(&json(&["undo", "s", "items"]), &["version", "rows"]);
    names(&json(&["vacuum", "s"]), &["bytes_freed"]);
    names(&json(&["compact", "s"]), &["bytes_freed"]);
    let verify = json(&["verify", "s"]);
    names(&verify, &["ok", "files", "damaged"]);
    assert_eq!(verify["ok"], true);
}

#[test]
fn every_command_prints_one_object() {
    let shop = Shop::stocked();
    for words in [
        &["init", "t"][..],
        &["create", "t", "items", "--type", "items", "--schema", "items.json"],
        &["schema", "s", "items"],
        &["alter", "s", "items", "--schema", "items.json"],
        &["config", "s"],
        &["copy", "s", "c"],
        &["export", "s", "items", "out.parquet"],
        &["load", "t", "rules", "--check"],
        &["draft-schema", "monday.csv", "--type", "items"],
        &["completions", "bash"],
        &["drop", "s", "items", "--yes"],
        &["demo", "d"],
    ] {
        let ran = shop.run(words.iter().copied().chain(["--json"]));
        if words[0] == "load" {
            // Its dataset `items` is taken.
            assert!(ran.fails().json()["error"].as_str().unwrap().contains("items"));
        } else {
            assert!(ran.ok().json().is_object(), "{words:?}");
        }
    }
}

#[test]
fn data_comes_as_one_object_too() {
    let shop = Shop::stocked();
    let scan = shop.run(["scan", "s", "items", "--columns", "ITEM_ID,PRICE", "--json"]).ok().json();
    assert_eq!(
        scan,
        serde_json::json!({"columns": ["ITEM_ID", "PRICE"], "rows": [["i1", 1.5], ["i3", 3.0], ["i2", 2.25], ["i9", null]]})
    );
    let none =
        shop.run(["scan", "s", "items", "--where", "GENRE=none", "--columns", "PRICE", "--json"]).ok().json();
    assert_eq!(none, serde_json::json!({"columns": ["PRICE"], "rows": []}));
    let got = shop.run(["get", "s", "items", "i1", "i77", "--json"]).fails().json();
    assert_eq!(
        got["records"],
        serde_json::json!([{"ITEM_ID": "i1", "TITLE": "One", "PRICE": 1.5, "GENRE": "Drama"}])
    );
    assert_eq!(got["missing"], serde_json::json!(["i77"]));
}
