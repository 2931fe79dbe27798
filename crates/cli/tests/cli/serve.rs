//! `restock serve` as a process: when it is ready, what is beside it, how it ends.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::shop::Shop;

/// Any key will do.
const SIGNED: &str = "authorization: AWS4-HMAC-SHA256 Credential=any/20261127/eu-west-1/personalize/aws4_request, \
                      SignedHeaders=host, Signature=0\r\n";

/// A server that runs, and what it printed when it was ready.
struct Served {
    child: Child,
    ready: Value,
    log: std::path::PathBuf,
}

impl Served {
    fn start(shop: &Shop, words: &[&str]) -> Served {
        let log = shop.path("serve.log");
        let words = ["serve"].iter().chain(words).chain(&["--listen", "127.0.0.1:0"]);
        let mut command = shop.command(words);
        command.stdout(Stdio::piped()).stderr(File::create(&log).unwrap());
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let told = || std::fs::read_to_string(&log).unwrap();
        let ready =
            serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line:?} {}", told()));
        Served { child, ready, log }
    }

    fn url(&self) -> &str {
        self.ready.get("url").and_then(Value::as_str).unwrap()
    }

    /// One request; status, headers and body of the answer.
    fn ask(&self, method: &str, target: &str, headers: &str, body: &str) -> (u16, String, String) {
        let host = self.url().strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(host).unwrap();
        let length = body.len();
        write!(stream, "{method} {target} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n{body}")
            .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.split(' ').nth(1).unwrap().parse().unwrap(), head.to_ascii_lowercase(), body.to_owned())
    }

    fn call(&self, operation: &str, body: &Value) -> (u16, Value) {
        let headers = format!("{SIGNED}x-amz-target: AmazonPersonalize.{operation}\r\n");
        let (status, _, body) = self.ask("POST", "/", &headers, &body.to_string());
        (status, serde_json::from_str(&body).unwrap_or_default())
    }

    fn overview(&self) -> Value {
        serde_json::from_str(&self.ask("GET", "/_restock/overview", "", "").2).unwrap()
    }

    fn signal(&self, name: &str) {
        assert!(Command::new("kill").args([name, &self.child.id().to_string()]).status().unwrap().success());
    }

    fn end(mut self, signal: &str) -> ExitStatus {
        self.signal(signal);
        self.child.wait().unwrap()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_seeded_server_in_memory_says_when_it_is_ready_and_can_be_reset() {
    let shop = Shop::empty();
    let begun = Instant::now();
    let served = Served::start(&shop, &[":memory:", "--fixture", "rules"]);
    // On a machine that does nothing else it takes a tenth of this and less.
    assert!(begun.elapsed() < Duration::from_secs(3), "{:?}", begun.elapsed());
    // The version 5 UUID of `restock:fixture:rules` among URLs.
    let id = served.ready["tracking_ids"]["rules"].as_str().unwrap().to_owned();
    assert_eq!(id, "6b843eac-2a04-5824-b32d-ebca16424ac6");
    let seeded = served.overview()["groups"].clone();
    assert_eq!(seeded[0]["trackers"][0]["tracking_id"], id.as_str());
    let (status, groups) = served.call("ListDatasetGroups", &json!({}));
    assert_eq!((status, &groups["datasetGroups"][0]["name"]), (200, &"rules".into()));

    served.call("CreateDatasetGroup", &json!({"name": "more"}));
    assert_eq!(served.overview()["groups"].as_array().unwrap().len(), 2);
    let begun = Instant::now();
    let (status, _, body) = served.ask("POST", "/_restock/reset", "", "");
    assert_eq!((status, body.as_str()), (200, "{\"reset\":true}"));
    assert!(begun.elapsed() < Duration::from_millis(500), "{:?}", begun.elapsed());
    assert_eq!(served.overview()["groups"], seeded);
}

#[test]
fn it_ends_well_when_it_is_told() {
    for signal in ["-TERM", "-INT"] {
        let shop = Shop::stocked();
        let served = Served::start(&shop, &["s"]);
        assert_eq!(served.ask("GET", "/health", "", "").0, 200);
        assert_eq!(served.end(signal).code(), Some(0), "{signal}");
        shop.run(["vacuum", "s"]).ok();
    }
}

#[test]
fn beside_it_readers_work_and_writers_are_told_of_it() {
    let shop = Shop::stocked();
    let served = Served::start(&shop, &["s"]);
    shop.run(["info", "s"]).ok();
    assert_eq!(shop.rows(&["items"]).len(), 4);
    for words in [&["import", "s", "items", "tuesday.csv"][..], &["undo", "s", "items"], &["vacuum", "s"]] {
        let ran = shop.run(words).fails();
        for told in [&served.child.id().to_string(), served.url(), "--server"] {
            assert!(ran.stderr.contains(told), "{words:?}: {}", ran.stderr);
        }
    }
    let ran = shop.run(["serve", "s", "--listen", "127.0.0.1:0"]).fails();
    assert!(ran.stderr.contains(served.url()), "{}", ran.stderr);
}

#[test]
fn history_and_undo_ask_it() {
    let shop = Shop::stocked();
    shop.run(["import", "s", "items", "tuesday.csv"]).ok();
    let before = shop.run(["history", "s", "--json"]).ok().stdout;
    let served = Served::start(&shop, &["s"]);
    let url = served.url();
    assert_eq!(shop.run(["history", "--server", url, "--json"]).ok().stdout, before);
    let told = shop.run(["history", "--server", url, "items"]).ok().stdout;
    assert!(told.contains("import-full"), "{told}");
    let foreseen = shop.run(["undo", "--server", url, "items", "--dry-run"]).ok().stdout;
    assert!(foreseen.contains("would take back the FULL import"), "{foreseen}");
    let done = shop.run(["undo", "--server", url, "items", "--json"]).ok().json();
    assert_eq!(
        (&done["rows_before"]["bulk"], &done["rows"]["bulk"], &done["dry_run"]),
        (&2.into(), &3.into(), &false.into())
    );
    assert_eq!(shop.rows(&["items", "--view", "bulk"]).len(), 3);
    let ran = shop.run(["undo", "--server", url, "itms"]).fails();
    assert!(ran.stderr.contains("items"), "{}", ran.stderr);
    for words in [
        &["undo", "--server", url][..],
        &["undo", "--server", url, "s", "items"],
        &["undo", "s"],
        &["undo"],
        &["history"],
    ] {
        assert_eq!(shop.run(words).code, 2, "{words:?}");
    }
    let gone = url.to_owned();
    assert_eq!(served.end("-TERM").code(), Some(0));
    let ran = shop.run(["history", "--server", &gone]).fails();
    assert!(ran.stderr.contains("restock serve"), "{}", ran.stderr);
}

#[test]
fn with_credentials_the_commands_sign_with_the_environments_key() {
    let shop = Shop::stocked();
    shop.write("keys", "[default]\naws_access_key_id = AKID\naws_secret_access_key = hush\n");
    let served = Served::start(&shop, &["s", "--credentials", "keys"]);
    let words = ["history", "--server", served.url()];
    let ran = shop.run(words).fails();
    assert!(ran.stderr.contains("security token"), "{}", ran.stderr);
    let keys = [("AWS_ACCESS_KEY_ID", "AKID"), ("AWS_SECRET_ACCESS_KEY", "hush")];
    let output = shop.command(words).envs(keys).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn the_log_has_the_id_that_the_answer_has_and_no_signature() {
    let shop = Shop::stocked();
    let served = Served::start(&shop, &["s"]);
    let (_, head, _) =
        served.ask("POST", "/", &format!("{SIGNED}x-amz-target: AmazonPersonalize.ListSchemas\r\n"), "{}");
    let id = head.lines().find_map(|line| line.strip_prefix("x-amzn-requestid: ")).unwrap().to_owned();
    let log = served.log.clone();
    served.end("-TERM");
    let log = std::fs::read_to_string(log).unwrap();
    let lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let line =
        lines.into_iter().find(|line| line["request_id"] == id.as_str()).unwrap_or_else(|| panic!("{log}"));
    assert_eq!((&line["operation"], &line["status"]), (&"ListSchemas".into(), &200.into()));
    assert!(!log.contains("Signature="), "{log}");
}

#[test]
fn what_cannot_be_served_is_told() {
    let shop = Shop::stocked();
    for (words, told) in [
        (&["serve", "nowhere"][..], "restock init"),
        (&["serve", "s", "--listen", "0.0.0.0:0"], "--credentials"),
        (&["serve", "s", "--credentials", "nowhere"], "nowhere"),
        (&["serve", ":memory:", "--fixture", "nowhere"], "no fixture `nowhere`"),
    ] {
        let ran = shop.run(words).fails();
        assert!(ran.stderr.contains(told), "{words:?}: {}", ran.stderr);
        assert_eq!(ran.stdout, "", "{words:?}");
    }
    for words in [
        &["serve"][..],
        &["serve", "s", "--listen", "8787"],
        &["serve", "s", "--states", "slow"],
        &["serve", "s", "--quotas", "some"],
        &["serve", "s", "--cors", "*"],
        &["serve", "s", "--account", "1"],
        &["serve", "s", "--region", "Mars"],
    ] {
        assert_eq!(shop.run(words).code, 2, "{words:?}");
    }
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let ran = shop.run(["serve", "s", "--listen", &address]).fails();
    assert!(ran.stderr.contains(&address), "{}", ran.stderr);
}
