//! Rows as the text of a source, in one of many equal styles.

use restock::{Value, ValueType};

use super::dice::Dice;
use super::operation::{Flaw, Line};
use crate::shelf::{Row, Shelf};

/// The text of a source and where its bad records are.
#[derive(Debug)]
pub struct Sheet {
    pub text: Vec<u8>,
    /// Line and column of each error that has to be reported (S12).
    pub errors: Vec<(u64, Option<&'static str>)>,
    /// Whether it has a column that the schema does not name.
    pub ignored: bool,
}

/// The flaw's column in a dataset of `width` columns, if it belongs to one.
fn flawed_column(shelf: &Shelf, flaw: Flaw) -> Option<usize> {
    let number = |value_type| !matches!(value_type, ValueType::String | ValueType::Boolean);
    match flaw {
        Flaw::Number => shelf.columns.iter().position(|column| number(column.value_type)),
        Flaw::Missing => Some(0),
        Flaw::EmptyId => shelf.key,
        Flaw::Short | Flaw::Long => None,
    }
}

/// A CSV file of the first `width` columns.
pub fn csv(shelf: &'static Shelf, width: usize, lines: &[Line], style: u64) -> Sheet {
    let mut dice = Dice::new(style);
    let ignored = dice.one_in(4);
    let mut order: Vec<usize> = (0..width + usize::from(ignored)).collect();
    if dice.one_in(2) {
        dice.shuffle(&mut order);
    }
    let end = if dice.one_in(3) { "\r\n" } else { "\n" };
    let name = |at: usize| shelf.columns[..width].get(at).map_or("IGNORED", |column| column.name);
    let mut text = if dice.one_in(4) { "\u{feff}".to_owned() } else { String::new() };
    text += &order.iter().map(|&at| name(at)).collect::<Vec<_>>().join(",");
    text += end;
    let (mut errors, mut number, mut counted) = (Vec::new(), 1, 0);
    for line in lines {
        if dice.one_in(12) {
            text += end;
        }
        number += text[counted..].matches('\n').count() as u64;
        counted = text.len();
        let at_fault = line.flaw.and_then(|flaw| flawed_column(shelf, flaw));
        let fields = order.iter().map(|&at| match line.flaw {
            Some(Flaw::Number) if at_fault == Some(at) => "abc".to_owned(),
            Some(Flaw::Missing) if at_fault == Some(at) => String::new(),
            Some(Flaw::EmptyId) if at_fault == Some(at) => "\"\"".to_owned(),
            _ if at == width => "whatever".to_owned(),
            _ => field(&line.row[at], shelf.columns[at].value_type, &mut dice),
        });
        let mut fields: Vec<String> = fields.collect();
        match line.flaw {
            Some(Flaw::Short) => drop(fields.pop()),
            Some(Flaw::Long) => fields.push("more".to_owned()),
            _ => {}
        }
        if line.flaw.is_some() {
            errors.push((number, at_fault.map(|at| shelf.columns[at].name)));
        }
        text += &fields.join(",");
        text += end;
    }
    if dice.one_in(4) {
        text.truncate(text.len() - end.len());
    }
    Sheet { text: text.into_bytes(), errors, ignored }
}

fn field(value: &Value, value_type: ValueType, dice: &mut Dice) -> String {
    let plain = match value {
        Value::Null if value_type != ValueType::String && dice.one_in(3) => return "\"\"".to_owned(),
        Value::Null => return String::new(),
        Value::String(text) => {
            let needed = text.is_empty() || text.contains([',', '"', '\n', '\r']);
            if needed || dice.one_in(4) {
                return format!("\"{}\"", text.replace('"', "\"\""));
            }
            return text.clone();
        }
        Value::Bool(value) => {
            (*dice.of(if *value { &["true", "TRUE", "1"] } else { &["false", "False", "0"] })).to_owned()
        }
        Value::Int(number) if dice.one_in(6) => format!("{number}.0"),
        Value::Int(number) if *number >= 0 && dice.one_in(6) => format!("+{number}"),
        Value::Int(number) => number.to_string(),
        Value::Float(number) if dice.one_in(3) => format!("{number:e}"),
        Value::Float(number) => number.to_string(),
        other => panic!("a value of an unknown kind: {other}"),
    };
    if dice.one_in(8) { format!("\"{plain}\"") } else { plain }
}

/// A JSON Lines file of the first `width` columns. Flaws that only CSV knows are left out.
pub fn json_lines(shelf: &'static Shelf, width: usize, lines: &[Line], style: u64) -> Sheet {
    let mut dice = Dice::new(style);
    let ignored = dice.one_in(4) && !lines.is_empty();
    let mut text = String::new();
    let (mut errors, mut number, mut counted) = (Vec::new(), 1, 0);
    for line in lines {
        if dice.one_in(12) {
            text.push('\n');
        }
        number += text[counted..].matches('\n').count() as u64;
        counted = text.len();
        text += &json_line(shelf, width, line, ignored, &mut dice);
        text.push('\n');
        if let Some(at) = line.flaw.and_then(|flaw| flawed_column(shelf, flaw)) {
            errors.push((number, Some(shelf.columns[at].name)));
        }
    }
    Sheet { text: text.into_bytes(), errors, ignored }
}

fn json_line(shelf: &Shelf, width: usize, line: &Line, ignored: bool, dice: &mut Dice) -> String {
    let at_fault = line.flaw.and_then(|flaw| flawed_column(shelf, flaw));
    let mut order: Vec<usize> = (0..width).collect();
    if dice.one_in(2) {
        dice.shuffle(&mut order);
    }
    let mut object = serde_json::Map::new();
    for at in order {
        let value = match line.flaw {
            Some(Flaw::Number) if at_fault == Some(at) => "abc".into(),
            Some(Flaw::EmptyId) if at_fault == Some(at) => "".into(),
            Some(Flaw::Missing) if at_fault == Some(at) => serde_json::Value::Null,
            _ => serde_json::to_value(&line.row[at]).unwrap(),
        };
        // A key that is not there is null.
        if !value.is_null() || dice.one_in(2) {
            object.insert(shelf.columns[at].name.to_owned(), value);
        }
    }
    if ignored {
        object.insert("IGNORED".to_owned(), 1.into());
    }
    serde_json::to_string(&object).unwrap()
}

/// Records to put, as JSON Lines.
pub fn records(shelf: &'static Shelf, width: usize, rows: &[Row], dice: &mut Dice) -> String {
    let lines = rows.iter().map(|row| {
        let line = Line { row: row.clone(), flaw: None };
        json_line(shelf, width, &line, false, dice) + "\n"
    });
    lines.collect()
}
