//! SQLite: a table with a primary key, write-ahead log, every commit synced.

use std::path::Path;

use restock_benches::{Item, PUTS, Sample, Sums, TURNS, gets, median, put_item, timed};
use rusqlite::{CachedStatement, Connection, Row, params};
use serde_json::{Value, json};

use super::Result;

const CREATE: &str = "CREATE TABLE items (ITEM_ID TEXT PRIMARY KEY, PRICE REAL, CATEGORY_L1 TEXT, \
                      CREATION_TIMESTAMP INTEGER, DESCRIPTION TEXT)";
const INSERT: &str = "INSERT OR REPLACE INTO items VALUES (?, ?, ?, ?, ?)";
const SELECT: &str = "SELECT ITEM_ID, PRICE, CATEGORY_L1, CREATION_TIMESTAMP, DESCRIPTION FROM items";
const SELECT_ONE: &str = "SELECT ITEM_ID, PRICE, CATEGORY_L1, CREATION_TIMESTAMP, DESCRIPTION FROM items \
                          WHERE ITEM_ID = ?";

fn connect(work: &Path) -> Result<Connection> {
    let connection = Connection::open(work.join("items.sqlite"))?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "mmap_size", 8_i64 << 30)?;
    Ok(connection)
}

/// CSV to a durable table, in one transaction.
pub(crate) fn full(data: &Path, work: &Path) -> Result<Value> {
    let (done, time) = timed(|| -> Result<Connection> {
        let mut connection = connect(work)?;
        let transaction = connection.transaction()?;
        transaction.execute(CREATE, [])?;
        let mut insert = transaction.prepare(INSERT)?;
        for item in Item::read(&data.join("items.csv"))? {
            insert_item(&mut insert, &item?)?;
        }
        drop(insert);
        transaction.commit()?;
        Ok(connection)
    });
    let connection = done?;
    connection.pragma_update(None, "wal_checkpoint", "TRUNCATE")?;
    let mut select = connection.prepare(SELECT)?;
    let sums = select.query_map([], item)?.collect::<rusqlite::Result<Sums>>()?;
    let bytes = std::fs::metadata(work.join("items.sqlite"))?.len();
    Ok(json!({"seconds": time.as_secs_f64(), "disk_bytes": bytes, "answers": sums.answers()}))
}

/// Gets of decoded rows.
pub(crate) fn get(data: &Path, work: &Path) -> Result<Value> {
    let sample = Sample::of(&[data.join("items.csv")])?;
    let connection = connect(work)?;
    gets(
        &sample,
        |id, sums| -> Result<()> {
            let item = select_one(&mut connection.prepare_cached(SELECT_ONE)?, id)?;
            sums.extend([item]);
            Ok(())
        },
        |ids, sums| -> Result<()> {
            // One transaction, so that all are of one version and nothing is locked anew.
            let transaction = connection.unchecked_transaction()?;
            let mut select = transaction.prepare_cached(SELECT_ONE)?;
            let items = ids.iter().map(|id| select_one(&mut select, id)).collect::<Result<Vec<_>>>()?;
            sums.extend(items);
            Ok(())
        },
    )
}

/// Puts, one a transaction.
pub(crate) fn put(work: &Path) -> Result<Value> {
    let connection = connect(work)?;
    let mut times = Vec::new();
    for number in 0..PUTS {
        let item = put_item(number);
        let mut insert = connection.prepare_cached(INSERT)?;
        let (done, time) = timed(|| insert_item(&mut insert, &item));
        done?;
        times.push(time);
    }
    Ok(json!({"one_seconds": median(times), "answers": {}}))
}

/// Opens, and counts the rows.
pub(crate) fn open(work: &Path) -> Result<Value> {
    let mut times = Vec::new();
    let mut rows = 0_i64;
    for _ in 0..TURNS {
        let (done, time) = timed(|| -> Result<i64> {
            Ok(connect(work)?.query_row("SELECT count(*) FROM items", [], |row| row.get(0))?)
        });
        rows = done?;
        times.push(time);
    }
    Ok(json!({"seconds": median(times), "answers": {"rows": rows}}))
}

fn insert_item(insert: &mut rusqlite::Statement<'_>, item: &Item) -> Result<()> {
    let price = f64::from(item.price);
    insert.execute(params![
        item.item_id,
        price,
        item.category_l1,
        item.creation_timestamp,
        item.description
    ])?;
    Ok(())
}

fn select_one(select: &mut CachedStatement<'_>, id: &str) -> Result<Item> {
    Ok(select.query_row([id], item)?)
}

fn item(row: &Row<'_>) -> rusqlite::Result<Item> {
    Ok(Item {
        item_id: row.get(0)?,
        price: row.get::<_, f64>(1)? as f32,
        category_l1: row.get(2)?,
        creation_timestamp: row.get(3)?,
        description: row.get(4)?,
    })
}
