//! Deals the next operation: at random, but so that interesting things happen.

use restock::{Durability, ImportMode, Value, ValueType};

use super::dice::Dice;
use super::operation::{Flaw, From, ImportStep, Line, Meanwhile, Operation, PutBy, Stop};
use super::world::World;
use crate::shelf::{Column, Row, SHELVES, Shelf};

/// Rows of a dataset without record ID above which it is imported anew.
const CROWDED: usize = 150;
/// Distinct record IDs.
const IDS: usize = 26;

pub fn deal(dice: &mut Dice, world: &World) -> Operation {
    let shelf = dice.of(SHELVES);
    let dataset = shelf.name;
    let most = *dice.of(&[1, 1, 3, 12]);
    match dice.below(100) {
        0..30 => import(dice, world, shelf),
        30..33 => batch(dice),
        33..52 => Operation::Put {
            dataset,
            rows: (0..1 + dice.below(most)).map(|_| row(dice, shelf)).collect(),
            by: *dice.of(&[PutBy::Records, PutBy::JsonLines, PutBy::Batch]),
            durability: if dice.one_in(4) { Durability::Buffered } else { Durability::Synced },
        },
        52..54 => {
            let flaw = *dice.of(&[Flaw::Number, Flaw::Missing, Flaw::EmptyId, Flaw::Long]);
            Operation::PutFlawed { dataset, row: row(dice, shelf), flaw }
        }
        54..62 => {
            let ids = (0..1 + dice.below(4)).map(|_| id(dice, shelf)).collect();
            Operation::Delete { dataset, ids, dry_run: dice.one_in(4) }
        }
        62..66 => {
            let ids = (0..1 + dice.below(3)).map(|_| user_id(dice)).collect();
            let group = *dice.of(&[None, Some("shop")]);
            Operation::DeleteUsers { group, ids, dry_run: dice.one_in(3) }
        }
        66..73 => Operation::Undo { dataset, dry_run: dice.one_in(3) },
        73 => Operation::Alter { dataset },
        74 if dice.one_in(2) => Operation::Recreate { dataset },
        74..77 => Operation::Compact { dataset: dice.one_in(2).then_some(dataset) },
        77..79 => Operation::Vacuum,
        79 => Operation::UndoDepth(*dice.of(&[0, 1, 1, 2, 3])),
        80 if dice.one_in(5) => Operation::PutHeavy { dataset: "users", row: row(dice, Shelf::of("users")) },
        80 => Operation::Sync,
        81..84 => Operation::Reopen,
        84..86 => Operation::Crash { go_on: dice.one_in(2) },
        86 => Operation::Copy,
        87..89 => Operation::Hold,
        89 => Operation::Release,
        90..93 => Operation::Refresh,
        93..97 => Operation::Filter {
            dataset,
            column: dice.below(shelf.base),
            row: row(dice, shelf),
            limit: dice.one_in(3).then(|| dice.below(9) as u64),
        },
        97..99 => Operation::Verify,
        _ => Operation::Export { dataset },
    }
}

/// Of two or three datasets, which may be the same.
fn batch(dice: &mut Dice) -> Operation {
    let (mut deletes, mut puts) = (Vec::new(), Vec::new());
    for _ in 0..1 + dice.below(3) {
        let shelf = dice.of(SHELVES);
        let rows = (0..1 + dice.below(4)).map(|_| row(dice, shelf)).collect();
        puts.push((shelf.name, rows));
        let shelf = dice.of(SHELVES);
        if shelf.key.is_some() {
            deletes.push((shelf.name, (0..1 + dice.below(3)).map(|_| id(dice, shelf)).collect()));
        }
    }
    Operation::Batch { deletes, puts }
}

fn import(dice: &mut Dice, world: &World, shelf: &'static Shelf) -> Operation {
    let crowded = world
        .tables
        .get(shelf.name)
        .is_some_and(|table| shelf.key.is_none() && table.bulk.rows.len() + table.individual.len() > CROWDED);
    let mode = match crowded || dice.one_in(4) {
        true => ImportMode::Full,
        false => ImportMode::Incremental,
    };
    let from = *dice.of(&[
        From::CsvFiles,
        From::CsvFolder,
        From::CsvReader,
        From::CsvReader,
        From::JsonFiles,
        From::Batches,
    ]);
    let files = if from == From::CsvReader { 1 } else { 1 + dice.below(3) };
    let flawed = from != From::Batches && dice.one_in(5);
    // Many rows of few IDs leave a segment that is mostly dead.
    let most = if shelf.key.is_some() && dice.one_in(60) { 6000 } else { *dice.of(&[2, 6, 20, 40]) };
    let file = |dice: &mut Dice| -> Vec<Line> {
        let rows = if dice.one_in(12) { 0 } else { dice.below(most) };
        (0..rows).map(|_| line(dice, shelf, from, flawed)).collect()
    };
    let files = (0..files).map(|_| file(dice)).collect();
    let stops: &[Stop] = match from {
        From::CsvReader => &[Stop::CancelledBefore, Stop::CancelledMidway, Stop::Broken, Stop::OpenQuote],
        From::JsonFiles | From::Batches => &[Stop::CancelledBefore],
        _ => &[Stop::CancelledBefore, Stop::OpenQuote],
    };
    let busy = from == From::CsvReader && dice.one_in(2);
    let meanwhile = (0..if busy { 1 + dice.below(3) } else { 0 }).map(|_| meanwhile(dice, shelf)).collect();
    Operation::Import(ImportStep {
        dataset: shelf.name,
        mode,
        meanwhile,
        files,
        from,
        skip: dice.one_in(2),
        allow_empty: dice.one_in(2),
        threads: *dice.of(&[1, 2, 8]),
        label: dice.one_in(6).then(|| format!("label {}", dice.below(12))),
        dry_run: dice.one_in(3),
        stop: dice.one_in(10).then(|| *dice.of(stops)),
        style: dice.next(),
    })
}

fn meanwhile(dice: &mut Dice, shelf: &Shelf) -> Meanwhile {
    match dice.below(8) {
        0 => Meanwhile::Sync,
        1..4 if shelf.key.is_some() => {
            Meanwhile::Delete((0..1 + dice.below(4)).map(|_| id(dice, shelf)).collect())
        }
        _ => Meanwhile::Put((0..1 + dice.below(4)).map(|_| row(dice, shelf)).collect()),
    }
}

fn line(dice: &mut Dice, shelf: &Shelf, from: From, flawed: bool) -> Line {
    let mut flaws = vec![Flaw::Number, Flaw::Missing];
    if from != From::JsonFiles {
        flaws.extend([Flaw::Short, Flaw::Long]);
    }
    if shelf.key == Some(0) {
        flaws.push(Flaw::EmptyId);
    }
    let flaw = (flawed && dice.one_in(5)).then(|| *dice.of(&flaws));
    Line { row: row(dice, shelf), flaw }
}

pub fn row(dice: &mut Dice, shelf: &Shelf) -> Row {
    shelf.columns.iter().map(|column| value(dice, column)).collect()
}

fn id(dice: &mut Dice, shelf: &Shelf) -> String {
    match shelf.name {
        "numbers" => sku(dice.below(IDS)).to_string(),
        "items" => item_id(dice),
        _ => user_id(dice),
    }
}

fn user_id(dice: &mut Dice) -> String {
    match dice.below(IDS) {
        3 => "u,3".to_owned(),
        4 => "Jörg \"4\"".to_owned(),
        other => format!("u{other}"),
    }
}

fn item_id(dice: &mut Dice) -> String {
    match dice.below(IDS) {
        5 => "line\n5".to_owned(),
        6 => " padded ".to_owned(),
        other => format!("i{other:03}"),
    }
}

fn sku(number: usize) -> i64 {
    match number {
        0 => i64::MIN,
        1 => i64::MAX,
        other => other as i64 - 12,
    }
}

fn value(dice: &mut Dice, column: &Column) -> Value {
    if column.nullable && dice.one_in(4) {
        return Value::Null;
    }
    match (column.name, column.value_type) {
        ("USER_ID", _) => Value::String(user_id(dice)),
        ("ITEM_ID" | "ACTION_ID", _) => Value::String(item_id(dice)),
        ("SKU", _) => Value::Int(sku(dice.below(IDS))),
        ("EVENT_TYPE", _) => Value::from(*dice.of(&["view", "click", "buy", "a,b"])),
        (_, ValueType::String) if column.categorical => {
            Value::from(*dice.of(&["Drama", "Comedy", "Drama|Comedy", "", "Science \"Fiction\"", "A,B"]))
        }
        (_, ValueType::String) => match dice.below(9) {
            0 => Value::from(""),
            1 => Value::from("two\nlines, \"quoted\""),
            2 => Value::from("NA"),
            3 => Value::from(" ä space "),
            4 => Value::from("x".repeat(dice.below(40))),
            _ => Value::String(format!("text {}", dice.below(1000))),
        },
        (_, ValueType::Int) => Value::from(*dice.of(&[0, 1, -1, 17, 99, i32::MIN, i32::MAX])),
        (_, ValueType::Long) => match dice.below(8) {
            0 => Value::Int(*dice.of(&[i64::MIN, i64::MAX, 0, -1])),
            _ => Value::Int(1_700_000_000 + dice.below(5_000) as i64),
        },
        (_, ValueType::Float) => Value::from(*dice.of(&[0.0, 0.1_f32, 2.5, -3.25, 1e30, 1e-30, f32::MAX])),
        (_, ValueType::Double) => Value::from(*dice.of(&[0.0, 0.1, 9.99, -3.25, 1e300, 5e-324, 4.0])),
        (_, ValueType::Boolean) => Value::Bool(dice.one_in(2)),
    }
}
