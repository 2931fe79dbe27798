//! A row's compact form against the row.

use proptest::prelude::*;

use super::*;

const TYPES: [ValueType; 6] = [
    ValueType::String,
    ValueType::Int,
    ValueType::Long,
    ValueType::Float,
    ValueType::Double,
    ValueType::Boolean,
];

/// A value that owns its text.
#[derive(Clone, Debug)]
enum Owned {
    Null,
    Text(String),
    Long(i64),
    Float(f32),
    Double(f64),
    Bool(bool),
}

impl Owned {
    fn cell(&self) -> Cell<'_> {
        match self {
            Owned::Null => Cell::Null,
            Owned::Text(text) => Cell::Text(text),
            Owned::Long(number) => Cell::Long(*number),
            Owned::Float(number) => Cell::Float(*number),
            Owned::Double(number) => Cell::Double(*number),
            Owned::Bool(value) => Cell::Bool(*value),
        }
    }
}

fn value(value_type: ValueType) -> BoxedStrategy<Owned> {
    let filled = match value_type {
        ValueType::String => {
            prop_oneof![Just(String::new()), ".*", "[a-z]{100,300}"].prop_map(Owned::Text).boxed()
        }
        ValueType::Int => any::<i32>().prop_map(|number| Owned::Long(number.into())).boxed(),
        ValueType::Long => any::<i64>().prop_map(Owned::Long).boxed(),
        ValueType::Float => any::<f32>().prop_map(Owned::Float).boxed(),
        ValueType::Double => any::<f64>().prop_map(Owned::Double).boxed(),
        ValueType::Boolean => any::<bool>().prop_map(Owned::Bool).boxed(),
    };
    prop_oneof![1 => Just(Owned::Null), 4 => filled].boxed()
}

fn schema(types: &[ValueType]) -> Schema {
    let field = |(at, value_type): (usize, &ValueType)| Field {
        nullable: true,
        categorical: *value_type == ValueType::String && at % 2 == 1,
        ..Field::new(format!("C{at}"), *value_type)
    };
    Schema::new("Rows", types.iter().enumerate().map(field).collect()).unwrap()
}

/// Up to 20 columns, so that the bitmap of nulls has one to three bytes, and up to 12 rows of them.
fn table() -> impl Strategy<Value = (Vec<ValueType>, Vec<Vec<Owned>>)> {
    prop::collection::vec(prop::sample::select(&TYPES[..]), 1..20).prop_flat_map(|types| {
        let row: Vec<BoxedStrategy<Owned>> = types.iter().map(|value_type| value(*value_type)).collect();
        (Just(types), prop::collection::vec(row, 0..12))
    })
}

fn encoded(rows: &[Vec<Owned>]) -> Vec<u8> {
    let mut bytes = Vec::new();
    rows.iter().for_each(|row| encode(row.iter().map(Owned::cell), &mut bytes));
    bytes
}

fn same(one: &Cell, other: &Cell) -> bool {
    match (one, other) {
        (Cell::Float(one), Cell::Float(other)) => one.to_bits() == other.to_bits(),
        (Cell::Double(one), Cell::Double(other)) => one.to_bits() == other.to_bits(),
        _ => one == other,
    }
}

proptest! {
    #[test]
    fn rows_come_back_from_their_bytes_and_as_a_batch((types, rows) in table()) {
        let schema = schema(&types);
        let bytes = encoded(&rows);
        let mut rest = bytes.as_slice();
        let mut parts = Vec::new();
        for row in &rows {
            let before = rest;
            let cells = decode(schema.fields(), &mut rest).unwrap();
            prop_assert!(cells.iter().zip(row).all(|(cell, owned)| same(cell, &owned.cell())));
            parts.push(&before[..before.len() - rest.len()]);
        }
        prop_assert!(rest.is_empty());
        let batch = batch(&schema, parts.into_iter()).unwrap();
        prop_assert_eq!(batch.num_rows(), rows.len());
        for (at, column) in batch.columns().iter().enumerate() {
            let cells = Cells::new(column).unwrap();
            for (row, owned) in rows.iter().enumerate() {
                prop_assert!(same(&cells.get(row), &owned[at].cell()));
            }
        }
    }

    #[test]
    fn bytes_that_are_cut_or_made_up_are_no_panic((types, rows) in table(), cut in any::<prop::sample::Index>(), noise in prop::collection::vec(any::<u8>(), 0..80)) {
        let schema = schema(&types);
        let bytes = encoded(&rows);
        for bytes in [&bytes[..cut.index(bytes.len() + 1)], &noise] {
            let mut rest = bytes;
            while !rest.is_empty() && decode(schema.fields(), &mut rest).is_some() {}
        }
    }
}

#[test]
fn an_int_column_refuses_what_only_a_long_holds() {
    let mut bytes = Vec::new();
    encode([Cell::Long(1 << 40)].into_iter(), &mut bytes);
    assert!(batch(&schema(&[ValueType::Int]), [bytes.as_slice()].into_iter()).is_none());
    assert!(batch(&schema(&[ValueType::Long]), [bytes.as_slice()].into_iter()).is_some());
}
