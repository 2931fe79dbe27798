//! Values of the wire as values of columns: numbers may come as strings (`personalize.md`, section 3.2).

use restock::{Field, Value, ValueType};

/// Below this, 2^53, a whole double is the number that was meant.
const EXACT_WHOLE: f64 = 9_007_199_254_740_992.0;

/// The value as one of the column, or what is wrong with it. Texts of numbers are read as an import reads them.
pub(super) fn fit(field: &Field, value: Value) -> Result<Value, String> {
    let text = match &value {
        Value::Null => return null(field),
        Value::String(text) if field.value_type != ValueType::String => Some(text.as_str()),
        _ => None,
    };
    if text == Some("") {
        return null(field);
    }
    let fitting = match field.value_type {
        ValueType::String => value.as_str().is_some().then(|| value.clone()),
        ValueType::Boolean => match (&value, text) {
            (Value::Bool(_), _) => Some(value.clone()),
            (_, Some(text)) => boolean(text).map(Value::Bool),
            _ => None,
        },
        ValueType::Int => whole(&value, text).filter(|number| i32::try_from(*number).is_ok()).map(Value::Int),
        ValueType::Long => whole(&value, text).map(Value::Int),
        // Rounded once, straight to single precision.
        ValueType::Float => match text {
            Some(text) => number::<f32>(text).map(f64::from),
            None => double(&value).filter(|number| (*number as f32).is_finite()),
        }
        .map(Value::Float),
        ValueType::Double => match text {
            Some(text) => number::<f64>(text),
            None => double(&value),
        }
        .map(Value::Float),
    };
    fitting.ok_or_else(|| format!("{} does not fit; expected {field}", shown(&value)))
}

fn null(field: &Field) -> Result<Value, String> {
    if field.nullable { Ok(Value::Null) } else { Err(format!("there is no value; expected {field}")) }
}

fn boolean(text: &str) -> Option<bool> {
    match text {
        "1" => Some(true),
        "0" => Some(false),
        text if text.eq_ignore_ascii_case("true") => Some(true),
        text if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

/// An integer, with a fraction of zeros at most.
fn whole(value: &Value, text: Option<&str>) -> Option<i64> {
    match value {
        Value::Int(number) => Some(*number),
        Value::Float(number) if number.fract() == 0.0 && number.abs() < EXACT_WHOLE => Some(*number as i64),
        _ => {
            let text = text?;
            let digits = match text.split_once('.') {
                Some((digits, zeros)) if !zeros.is_empty() && zeros.bytes().all(|byte| byte == b'0') => {
                    digits
                }
                Some(_) => return None,
                None => text,
            };
            digits.parse().ok()
        }
    }
}

fn double(value: &Value) -> Option<f64> {
    match value {
        Value::Int(number) => Some(*number as f64),
        Value::Float(number) if number.is_finite() => Some(*number),
        _ => None,
    }
}

/// A decimal number in digits or with an exponent; the words for infinity and no number are none.
fn number<T: std::str::FromStr + Copy + Into<f64>>(text: &str) -> Option<T> {
    let digits =
        text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.' | b'e' | b'E'));
    let number: T = digits.then(|| text.parse().ok())??;
    number.into().is_finite().then_some(number)
}

fn shown(value: &Value) -> String {
    restock::shown(value.to_string().as_bytes(), 80)
}

#[cfg(test)]
mod tests;
