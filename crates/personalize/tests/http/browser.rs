//! A headless Chromium, told what to do through its driver.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::raw::{Connection, Request};

/// How long to wait for what a page is to become.
const PATIENCE: Duration = Duration::from_secs(20);

pub struct Browser {
    driver: Child,
    connection: Connection,
    session: String,
    _profile: TempDir,
}

impl Browser {
    /// Starts one. None where no driver is installed (Debian's package `chromium-driver`), which CI does not accept.
    pub fn start() -> Option<Browser> {
        let driver = Command::new("chromedriver").arg("--port=0").stdout(Stdio::piped()).spawn();
        let Ok(mut driver) = driver else {
            assert!(std::env::var_os("CI").is_none(), "CI needs `chromedriver`");
            // Past the test runner's capture: that a test did nothing must be seen.
            let _ = writeln!(std::io::stderr(), "not tested: there is no `chromedriver`");
            return None;
        };
        let mut lines = BufReader::new(driver.stdout.take().unwrap()).lines();
        let port = lines.find_map(|line| {
            line.unwrap().split_once("successfully on port ").map(|(_, port)| port.to_owned())
        });
        let port = port.unwrap().trim_end_matches('.').parse::<u16>().unwrap();
        // Read on, so that it never waits for a reader.
        std::thread::spawn(move || lines.for_each(drop));
        let mut connection = Connection::to(([127, 0, 0, 1], port).into());
        let profile = tempfile::tempdir().unwrap();
        let arguments = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--no-first-run",
            "--window-size=1100,1400",
            &format!("--user-data-dir={}", profile.path().display()),
        ];
        let wanted = json!({"capabilities": {"alwaysMatch": {"goog:chromeOptions": {"args": arguments}}}});
        let begun = tell(&mut connection, "/session", &wanted);
        let session = format!("/session/{}", begun["sessionId"].as_str().unwrap());
        Some(Browser { driver, connection, session, _profile: profile })
    }

    pub fn open(&mut self, url: &str) {
        self.tell("/url", &json!({"url": url}));
    }

    /// What a piece of JavaScript returns in the page.
    pub fn run(&mut self, script: &str) -> Value {
        self.tell("/execute/sync", &json!({"script": script, "args": []}))
    }

    /// Waits until a piece of JavaScript returns this.
    #[track_caller]
    pub fn wait_for(&mut self, script: &str, wanted: &Value) {
        let begun = Instant::now();
        loop {
            let found = self.run(script);
            if found == *wanted {
                return;
            }
            assert!(begun.elapsed() < PATIENCE, "{script}: {found} is not {wanted}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn tell(&mut self, command: &str, body: &Value) -> Value {
        tell(&mut self.connection, &format!("{}{command}", self.session), body)
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Whoever fails leaves no browser behind: it goes with its session.
        self.connection.send(&Request::new("DELETE", &self.session));
        drop(self.connection.answer());
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

fn tell(connection: &mut Connection, path: &str, body: &Value) -> Value {
    let answer = connection.ask(&Request::new("POST", path).body(&body.to_string()));
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()["value"].clone()
}
