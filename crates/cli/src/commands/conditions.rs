//! The conditions of a scan as the command line writes them.

/// One `COLUMN=V[,V]`. A value with a comma or a quote stands in quotes, as in CSV.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Condition {
    pub column: String,
    pub values: Vec<String>,
}

impl std::str::FromStr for Condition {
    type Err = String;

    fn from_str(text: &str) -> Result<Condition, String> {
        let (column, values) = text.split_once('=').ok_or("write COLUMN=VALUE or COLUMN=VALUE,VALUE")?;
        if column.is_empty() {
            return Err("a column's name must stand before the =".to_owned());
        }
        Ok(Condition { column: column.to_owned(), values: split(values)? })
    }
}

fn split(text: &str) -> Result<Vec<String>, String> {
    let mut values = Vec::new();
    let mut rest = text;
    loop {
        let (value, after) = match rest.strip_prefix('"') {
            Some(quoted) => unquote(quoted)?,
            None => {
                let end = rest.find(',').unwrap_or(rest.len());
                let (value, after) = rest.split_at(end);
                (value.to_owned(), after)
            }
        };
        values.push(value);
        match after.strip_prefix(',') {
            Some(next) => rest = next,
            None if after.is_empty() => return Ok(values),
            None => return Err(format!("a comma must follow the closing quote, not {after}")),
        }
    }
}

/// What stands before the closing quote, and what after it.
fn unquote(text: &str) -> Result<(String, &str), String> {
    let mut value = String::new();
    let mut rest = text;
    while let Some((part, after)) = rest.split_once('"') {
        value.push_str(part);
        match after.strip_prefix('"') {
            Some(after) => {
                value.push('"');
                rest = after;
            }
            None => return Ok((value, after)),
        }
    }
    Err("the closing quote is missing".to_owned())
}

/// The last second that `--until` includes: a date alone means the whole day.
pub(super) fn until(text: &str) -> Result<i64, String> {
    let seconds = restock::epoch_seconds(text).map_err(|error| error.to_string())?;
    let day = text.len() == 10 && text.bytes().filter(|byte| *byte == b'-').count() == 2;
    Ok(if day { seconds + 86_399 } else { seconds })
}

/// The first second that `--since` includes.
pub(super) fn since(text: &str) -> Result<i64, String> {
    restock::epoch_seconds(text).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests;
