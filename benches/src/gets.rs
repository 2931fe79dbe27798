//! Gets by ID, the same for every engine that has them.

use std::time::Duration;

use serde_json::{Value, json};

use crate::item::{Sample, Sums};
use crate::turns::{TURNS, median, timed};

/// Gets the sample's items one by one and all in one call, warm, and checks the rows: `one` and `many` count what they
/// got. The time of one by one is that of one get.
///
/// # Errors
/// Those of the engine, and wrong rows.
pub fn gets<E: From<String>>(
    sample: &Sample,
    mut one: impl FnMut(&str, &mut Sums) -> Result<(), E>,
    mut many: impl FnMut(&[String], &mut Sums) -> Result<(), E>,
) -> Result<Value, E> {
    let (mut ones, mut manys) = (Vec::new(), Vec::new());
    // The first turn is not counted: it reads what is not in memory yet.
    for turn in 0..=TURNS {
        let mut sums = Sums::default();
        let (done, time) = timed(|| sample.ids.iter().try_for_each(|id| one(id, &mut sums)));
        done?;
        sample.check(&sums)?;
        let mut sums = Sums::default();
        let (done, batch_time) = timed(|| many(&sample.ids, &mut sums));
        done?;
        sample.check(&sums)?;
        if turn > 0 {
            ones.push(time / u32::try_from(sample.ids.len()).unwrap_or(1));
            manys.push(batch_time);
        }
    }
    let [one, many]: [Vec<Duration>; 2] = [ones, manys];
    Ok(json!({"one_seconds": median(one), "many_seconds": median(many), "answers": {}}))
}
