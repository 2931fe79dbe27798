//! LMDB: the items by ID, each a value of its own layout.

use std::path::Path;

use heed::types::{Bytes, Str};
use heed::{CommitOrAbort, Database, Env, EnvOpenOptions};
use restock_benches::{Item, Sample, Sums, TURNS, gets, median, timed};
use serde_json::{Value, json};

use super::Result;

/// More than any table here takes.
const MAP_BYTES: usize = 64 << 30;

type Table<'e> = Database<'e, Str, Bytes>;

#[expect(unsafe_code, reason = "heed cannot know that no other process changes the file while it is mapped")]
fn environment(work: &Path) -> Result<Env> {
    let folder = work.join("items.lmdb");
    std::fs::create_dir_all(&folder)?;
    let mut options = EnvOpenOptions::new();
    options.map_size(MAP_BYTES);
    // SAFETY: the folder is this process's alone: run.py runs one after another.
    Ok(unsafe { options.open(folder)? })
}

/// CSV to a durable table, in one transaction.
pub(crate) fn full(data: &Path, work: &Path) -> Result<Value> {
    let (done, time) = timed(|| -> Result<Env> {
        let environment = environment(work)?;
        let table = table(&environment)?;
        let mut transaction = environment.write_txn()?;
        let mut value = Vec::new();
        for item in Item::read(&data.join("items.csv"))? {
            let item = item?;
            encode(&item, &mut value);
            table.put(&mut transaction, &item.item_id, &value)?;
        }
        transaction.commit()?;
        Ok(environment)
    });
    let environment = done?;
    let bytes = environment.real_disk_size()?;
    let table = table(&environment)?;
    let transaction = environment.read_txn()?;
    let mut sums = Sums::default();
    for row in table.iter(&transaction)? {
        let (id, value) = row?;
        sums.extend(decode(id, value));
    }
    Ok(json!({"seconds": time.as_secs_f64(), "disk_bytes": bytes, "answers": sums.answers()}))
}

/// Gets of decoded rows.
pub(crate) fn get(data: &Path, work: &Path) -> Result<Value> {
    let sample = Sample::of(&[data.join("items.csv")])?;
    let environment = environment(work)?;
    // One for all gets, as Restock's are of one snapshot.
    let table = table(&environment)?;
    let transaction = environment.read_txn()?;
    gets(
        &sample,
        |id, sums| -> Result<()> {
            let value = table.get(&transaction, id)?.ok_or("an item is not there")?;
            sums.extend(decode(id, value));
            Ok(())
        },
        |ids, sums| -> Result<()> {
            let item = |id: &String| {
                let value = table.get(&transaction, id)?.ok_or("an item is not there")?;
                Ok(decode(id, value).ok_or("a value is cut")?)
            };
            let items = ids.iter().map(item).collect::<Result<Vec<_>>>()?;
            sums.extend(items);
            Ok(())
        },
    )
}

/// Opens, and counts the rows.
pub(crate) fn open(work: &Path) -> Result<Value> {
    let mut times = Vec::new();
    let mut rows = 0;
    for _ in 0..TURNS {
        let (done, time) = timed(|| -> Result<u64> {
            let environment = environment(work)?;
            let table = table(&environment)?;
            let transaction = environment.read_txn()?;
            Ok(table.len(&transaction)?)
        });
        rows = done?;
        times.push(time);
    }
    Ok(json!({"seconds": median(times), "answers": {"rows": rows}}))
}

/// The one table of an environment, which has no name.
fn table(environment: &Env) -> Result<Table<'_>> {
    let opened = environment.open_databases_and_commit(environment.read_txn()?, |options, transaction| {
        options.open_database(transaction, None).map(CommitOrAbort::<_, ()>::Commit)
    })?;
    Ok(opened.unwrap_commit().ok_or("there is no table")?)
}

/// Price, time, the length of the category, category, description.
fn encode(item: &Item, value: &mut Vec<u8>) {
    value.clear();
    value.extend(item.price.to_le_bytes());
    value.extend(item.creation_timestamp.to_le_bytes());
    value.extend((item.category_l1.len() as u32).to_le_bytes());
    value.extend(item.category_l1.as_bytes());
    value.extend(item.description.as_bytes());
}

fn decode(id: &str, value: &[u8]) -> Option<Item> {
    let (price, rest) = value.split_first_chunk()?;
    let (created, rest) = rest.split_first_chunk()?;
    let (category_bytes, rest) = rest.split_first_chunk()?;
    let (category, description) = rest.split_at_checked(u32::from_le_bytes(*category_bytes) as usize)?;
    Some(Item {
        item_id: id.to_owned(),
        price: f32::from_le_bytes(*price),
        category_l1: str::from_utf8(category).ok()?.to_owned(),
        creation_timestamp: i64::from_le_bytes(*created),
        description: str::from_utf8(description).ok()?.to_owned(),
    })
}
