use restock::{Field, Value, ValueType};

use super::fit;

fn nullable(value_type: ValueType) -> Field {
    Field { nullable: true, ..Field::new("COLUMN", value_type) }
}

#[test]
fn numbers_may_come_as_strings() {
    let cases = [
        (ValueType::Int, "12", Value::Int(12)),
        (ValueType::Int, "-12.00", Value::Int(-12)),
        (ValueType::Long, "+9007199254740993", Value::Int(9_007_199_254_740_993)),
        (ValueType::Double, "1e3", Value::Float(1000.0)),
        (ValueType::Float, "0.1", Value::Float(f64::from(0.1_f32))),
        (ValueType::Boolean, "True", Value::Bool(true)),
        (ValueType::Boolean, "0", Value::Bool(false)),
        (ValueType::String, "12", Value::from("12")),
    ];
    for (value_type, text, expected) in cases {
        assert_eq!(fit(&nullable(value_type), Value::from(text)), Ok(expected), "{text:?} as {value_type}");
    }
}

#[test]
fn what_is_no_value_of_the_column_is_refused_and_shown() {
    let cases = [
        (ValueType::Int, Value::from("12.5")),
        (ValueType::Int, Value::Int(1 << 31)),
        (ValueType::Int, Value::from("2147483648")),
        (ValueType::Int, Value::from("12.")),
        (ValueType::Long, Value::from("abc")),
        (ValueType::Long, Value::from(" 1")),
        (ValueType::Long, Value::from("9223372036854775808")),
        (ValueType::Long, Value::Float(0.5)),
        (ValueType::Long, Value::Float(9_007_199_254_740_992.0)),
        (ValueType::Float, Value::from("inf")),
        (ValueType::Float, Value::from("1e39")),
        (ValueType::Float, Value::Float(1e39)),
        (ValueType::Double, Value::from("NaN")),
        (ValueType::Double, Value::Bool(true)),
        (ValueType::Boolean, Value::Int(1)),
        (ValueType::Boolean, Value::from("yes")),
        (ValueType::String, Value::Int(5)),
    ];
    for (value_type, value) in cases {
        let refused = fit(&nullable(value_type), value.clone()).unwrap_err();
        assert!(refused.contains(&value.to_string()), "{refused}");
        assert!(refused.contains(&format!("{value_type} or null")), "{refused}");
    }
}

#[test]
fn null_and_the_empty_text_are_null_where_that_is_allowed() {
    for value_type in ValueType::ALL {
        assert_eq!(fit(&nullable(value_type), Value::Null), Ok(Value::Null));
        assert!(fit(&Field::new("COLUMN", value_type), Value::Null).is_err());
        let empty = fit(&nullable(value_type), Value::from(""));
        assert_eq!(empty, Ok(if value_type == ValueType::String { Value::from("") } else { Value::Null }));
    }
}
