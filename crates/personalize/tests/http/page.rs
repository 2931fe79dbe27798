//! The built-in page in a browser: what it shows, and that it follows what happens.

use std::sync::atomic::Ordering;

use serde_json::json;

use crate::browser::Browser;
use crate::running::Running;
use crate::stand_in::FAILURE;

/// The texts of what a selector finds.
fn texts(selector: &str) -> String {
    format!("return [...document.querySelectorAll('{selector}')].map(each => each.textContent)")
}

#[test]
fn a_browser_shows_groups_rows_jobs_with_live_progress_and_errors() {
    let Some(mut browser) = Browser::start() else { return };
    let server = Running::new();
    let url = format!("http://{}/", server.address);
    browser.open(&url);
    browser.wait_for(&texts("#link"), &json!(["1 job runs"]));
    assert_eq!(browser.run(&texts("#store")), json!([":memory: · version 2"]));

    // Names are shown as they are, and none becomes a part of the page.
    assert_eq!(browser.run(&texts("#groups h3")), json!(["<b>shop</b>", "shop"]));
    assert_eq!(
        browser.run("return document.querySelectorAll('b, main i:not(.bar i), form, input, button').length"),
        0
    );
    let columns = browser.run(&texts("#groups section:last-child tbody td:nth-child(-n+5)"));
    assert_eq!(columns, json!(["items", "active", "2", "0", "2"]));
    assert_eq!(
        browser.run(&texts("#waiting")),
        json!(["3 events wait for the call that names the session's user"])
    );

    assert_eq!(browser.run(&texts("#jobs h3")), json!(["tuesday", "monday"]));
    assert_eq!(browser.run(&texts("#jobs .top .state")), json!(["create in progress", "create failed"]));
    assert_eq!(browser.run(&texts("#jobs pre")), json!([FAILURE]));
    assert_eq!(browser.run(&texts("#jobs .mono:not(pre)")), json!(["s3://b/k.csv", "s3://b/k.csv"]));
    let share = "return document.querySelector('[role=progressbar]').ariaValueNow";
    assert_eq!(browser.run(share), "25");

    // It follows a job without being loaded again.
    browser.run("window.kept = true");
    server.service.rows.store(1500, Ordering::SeqCst);
    browser.wait_for(share, &json!("75"));
    let told = browser.run(&texts("#jobs .bar + .soft"));
    assert_eq!(told, json!(["1,500 rows, 15.0 kB of 20.0 kB"]));
    assert_eq!(browser.run("return window.kept"), true);

    // It asks nobody but this server.
    let foreign = format!(
        "return performance.getEntriesByType('resource').map(each => each.name).filter(each => !each.startsWith('{url}'))"
    );
    assert_eq!(browser.run(&foreign), json!([]));

    server.stop();
    browser.wait_for(&texts("#link"), &json!(["the server does not answer"]));
    assert_eq!(browser.run(&texts("#jobs h3")), json!(["tuesday", "monday"]), "what was known is gone");
}
