//! A small item-to-item recommender with Restock inside: `cargo run --example item_to_item`
//!
//! "Aircraft that fly to Fort Lauderdale also fly to ...": an aircraft is a user, its destinations are the items. The
//! recommender reads one snapshot, so that what it knows of flights and of airports is of one version; it learns anew
//! after each import.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

use restock::arrow::array::{AsArray, RecordBatch};
use restock::{DatasetType, ImportMode, Schema, Snapshot, Store, Value};

type Result<T, E = Box<dyn std::error::Error>> = std::result::Result<T, E>;

/// The fixture `flights`, whose files stand for those a catalogue and an event log would bring.
const FLIGHTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/flights");

fn main() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let store = Store::open(folder.path().join("flights.restock"))?;
    let files = Path::new(FLIGHTS);

    // Until October all there is: two datasets, each restocked by a FULL import.
    for dataset_type in [DatasetType::Items, DatasetType::Interactions] {
        let schema = std::fs::read_to_string(files.join(format!("schema/{dataset_type}.json")))?;
        let dataset =
            store.create_dataset(&dataset_type.to_string(), dataset_type, Schema::from_avro(&schema)?)?;
        let report = dataset.import(files.join(format!("bulk/{dataset_type}.csv"))).run()?;
        println!("{dataset_type}: {} rows in {:.2} s", report.appended, report.seconds);
    }
    // Three airports are put by hand. One of them, Orlando, will come with an import, too.
    let put_by_hand = std::fs::File::open(files.join("individual/items.jsonl"))?;
    store.dataset("items")?.put_json_lines(put_by_hand, "items.jsonl")?;

    let before = Recommender::learn(&store.snapshot())?;
    before.print("in October", "FLL", 5);

    // November and December top it up: airports by their ID, flights at the end.
    for month in ["01", "02"] {
        for name in ["items", "interactions"] {
            let file = files.join(format!("incremental/{month}/{name}.csv"));
            let report = store.dataset(name)?.import(file).mode(ImportMode::Incremental).run()?;
            println!("{name}: {} replaced, {} appended", report.replaced, report.appended);
        }
    }
    let after = Recommender::learn(&store.snapshot())?;
    after.print("in December", "FLL", 5);

    let orlando = store.snapshot().dataset("items")?.get("MCO")?.ok_or("there is no MCO")?;
    println!("Orlando was put by hand, and no import changed that: {}", serde_json::to_string(&orlando)?);
    assert_eq!(orlando.get("NAME").and_then(Value::as_str), Some("Orlando (put by hand)"));
    assert_ne!(before.similar("FLL", 5), after.similar("FLL", 5));
    Ok(())
}

/// How alike two items are: the cosine of their sets of users.
struct Recommender {
    names: HashMap<String, String>,
    users: BTreeMap<String, BTreeSet<String>>,
}

impl Recommender {
    /// Reads what it needs of a snapshot: two columns of the events, and the names of the items.
    fn learn(snapshot: &Snapshot) -> Result<Self> {
        let mut users: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let flights = snapshot.dataset("interactions")?.scan().columns(["ITEM_ID", "USER_ID"]);
        for batch in flights.filter("EVENT_TYPE", ["flight"]).batches()? {
            for (item, user) in pairs(&batch?) {
                users.entry(item.to_owned()).or_default().insert(user.to_owned());
            }
        }
        let mut names = HashMap::new();
        for batch in snapshot.dataset("items")?.scan().columns(["ITEM_ID", "NAME"]).batches()? {
            names.extend(pairs(&batch?).map(|(item, name)| (item.to_owned(), name.to_owned())));
        }
        Ok(Self { names, users })
    }

    /// The items most like one, best first.
    fn similar(&self, item: &str, count: usize) -> Vec<(&str, f64)> {
        let Some(own) = self.users.get(item) else { return Vec::new() };
        let others = self.users.iter().filter(|(other, _)| *other != item);
        let mut scored: Vec<_> = others
            .map(|(other, users)| {
                let both = own.intersection(users).count() as f64;
                (other.as_str(), both / ((own.len() * users.len()) as f64).sqrt())
            })
            .collect();
        scored.sort_by(|(_, a), (_, b)| b.total_cmp(a));
        scored.truncate(count);
        scored
    }

    fn print(&self, when: &str, item: &str, count: usize) {
        let name = |item: &str| self.names.get(item).cloned().unwrap_or_else(|| item.to_owned());
        println!("\n{when}, aircraft that fly to {} also fly to", name(item));
        for (other, score) in self.similar(item, count) {
            println!("  {score:.3}  {other}  {}", name(other));
        }
        println!();
    }
}

/// The rows of a batch of two columns of texts.
fn pairs(batch: &RecordBatch) -> impl Iterator<Item = (&str, &str)> {
    let (first, second) = (batch.column(0).as_string::<i32>(), batch.column(1).as_string::<i32>());
    (0..batch.num_rows()).map(|row| (first.value(row), second.value(row)))
}
