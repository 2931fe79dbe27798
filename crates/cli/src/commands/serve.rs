//! `restock serve`

mod listen;
mod log;
mod places;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use restock::Store;
use restock_personalize::{
    Credentials, Origin, Personalize, Quotas, Reset, SeededGroup, Server, ServerOptions, Service, Settings,
    States, in_memory, seed,
};
use serde_json::{Map, Value, json};

use super::choice;
use crate::output::Output;

/// The store that is gone with the server.
const MEMORY: &str = ":memory:";

/// Answer Amazon Personalize's data half over HTTP, for unmodified AWS clients.
///
/// When it is ready it prints one line of JSON: its `url`, and of a fixture the tracking ID of its group. Ctrl-C ends
/// it: what runs finishes, jobs that have not committed fail.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  restock serve shop.restock
  restock serve shop.restock --s3-root buckets --states paced
  restock serve :memory: --listen 127.0.0.1:0 --fixture rules

Then, with any key, as every request must be signed:
  export AWS_ENDPOINT_URL_PERSONALIZE=http://127.0.0.1:8787
  export AWS_ENDPOINT_URL_PERSONALIZE_EVENTS=http://127.0.0.1:8787
  aws personalize list-dataset-groups

http://127.0.0.1:8787/ in a browser shows what is there and what runs. RESTOCK_LOG sets what is logged to standard
error (`info`, `warn`, `debug`): as lines of JSON unless that is a terminal.")]
pub(crate) struct Args {
    /// The store's folder, made by `restock init`, or `:memory:`
    #[arg(value_name = "STORE|:memory:", value_hint = clap::ValueHint::DirPath)]
    store: PathBuf,
    /// Where to listen; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8787", value_parser = listen::address)]
    listen: SocketAddr,
    /// Load a fixture first, as a group of its name with an event tracker
    #[arg(long, value_name = "NAME|DIR", value_hint = clap::ValueHint::DirPath)]
    fixture: Option<PathBuf>,
    /// `instant`: resources are ACTIVE when the call answers; `paced`: every documented state shows for MS (500)
    #[arg(long, value_name = "instant|paced[=MS]", default_value = "instant", value_parser = states)]
    states: States,
    /// Hold to the service's quotas that have nothing to do with what Restock can do
    #[arg(long, value_name = "on|off", default_value = "off", value_parser = choice::quotas())]
    quotas: Quotas,
    #[command(flatten)]
    places: places::Places,
    /// Require signatures by the keys of this file, in the format of AWS's shared credentials
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    credentials: Option<PathBuf>,
    /// Let the web pages of this origin call (http://localhost:3000); may be given several times
    #[arg(long, value_name = "ORIGIN")]
    cors: Vec<Origin>,
    /// A name that requests may call this host by; may be given several times
    #[arg(long = "host", value_name = "NAME")]
    hosts: Vec<String>,
    /// The region that ARNs must name, and have in answers (else that of each request)
    #[arg(long, value_name = "REGION", value_parser = region)]
    region: Option<String>,
    /// The account that ARNs must name, and have in answers (else any, and 123456789012)
    #[arg(long, value_name = "ACCOUNT", value_parser = account)]
    account: Option<String>,
}

/// What the server answers from.
struct Seeded {
    personalize: Personalize,
    group: Option<SeededGroup>,
    reset: Option<Reset>,
}

impl Args {
    pub(crate) fn run(self, out: &mut Output) -> Result<()> {
        log::begin();
        let credentials = self.credentials.as_ref().map(Credentials::read).transpose()?;
        let options = ServerOptions {
            credentials,
            hosts: self.hosts.clone(),
            origins: self.cors.clone(),
            ..ServerOptions::new(self.listen)
        };
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        let Seeded { personalize, group, reset } = self.seeded()?;
        let store = personalize.store().clone();
        runtime.block_on(async {
            let service: Arc<dyn Service> = Arc::new(personalize);
            let server = Server::bind(options, service, reset).await?;
            let url = format!("http://{}", server.local_address());
            store.announce(&url)?;
            drop(store);
            ready(out, &url, group.as_ref())?;
            let shutdown = server.shutdown();
            tokio::spawn(listen::until_told(move || shutdown.shutdown()));
            server.run().await;
            Ok(())
        })
    }

    fn seeded(&self) -> Result<Seeded> {
        let settings = Settings {
            states: self.states,
            quotas: self.quotas,
            region: self.region.clone(),
            account: self.account.clone(),
        };
        let objects = self.places.objects()?;
        let fixture = self.fixture.as_deref();
        if self.store == Path::new(MEMORY) {
            let (personalize, group, reset) = in_memory(fixture, settings, objects)?;
            return Ok(Seeded { personalize, group, reset: Some(reset) });
        }
        let personalize = Personalize::open(Store::open_existing(&self.store)?, settings, objects)?;
        let group = fixture.map(|fixture| seed(&personalize, fixture)).transpose()?;
        Ok(Seeded { personalize, group, reset: None })
    }
}

/// One line of JSON, whatever reads it: a person, or a test that waits for it.
fn ready(out: &mut Output, url: &str, group: Option<&SeededGroup>) -> Result<()> {
    let ids = group.map(|group| (group.name.clone(), Value::from(group.tracking_id.clone())));
    let line = json!({
        "url": url,
        "pid": std::process::id(),
        "tracking_ids": ids.into_iter().collect::<Map<_, _>>(),
    });
    out.line(&line)?;
    Ok(out.flush()?)
}

fn states(text: &str) -> Result<States, String> {
    match text.split_once('=') {
        None if text == "instant" => Ok(States::Instant),
        None if text == "paced" => Ok(States::Paced(Duration::from_millis(500))),
        Some(("paced", ms)) => match ms.parse() {
            Ok(ms @ 1..=3_600_000) => Ok(States::Paced(Duration::from_millis(ms))),
            _ => Err(format!("`{ms}` is no time in milliseconds from 1 to 3600000")),
        },
        _ => Err("expected instant, paced, or paced=MS such as paced=200".to_owned()),
    }
}

fn region(text: &str) -> Result<String, String> {
    let fits = (1..=64).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    if fits { Ok(text.to_owned()) } else { Err("expected a region such as us-east-1".to_owned()) }
}

fn account(text: &str) -> Result<String, String> {
    let fits = text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
    if fits { Ok(text.to_owned()) } else { Err("expected an account number of 12 digits".to_owned()) }
}

#[cfg(test)]
mod tests;
