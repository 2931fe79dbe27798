//! Values that are taken many at once are those that are taken one by one: batches of few rows have no blocks.

use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::Limits;
use crate::columns::LANES;

const ROWS: usize = 3 * LANES + 5;

/// Texts of one form, as most columns have them, and now and then another.
fn texts_of(form: &'static str) -> impl Strategy<Value = Vec<String>> {
    let odd = prop_oneof![
        "[0-9]{0,18}",
        "-?[0-9]{1,9}",
        "[0-9.]{0,9}",
        "[0-9]{1,4}[.][0-9]{0,4}",
        "\"[0-9]{0,9}\"",
        "u[0-9]{1,12}",
        "[ -~&&[^\"\\\\,]]{0,9}",
        "\u{e9}[0-9]{1,8}",
        "2147483647",
        "2147483648",
        "9999999999999999",
        "1e3",
    ];
    let odds = prop::collection::vec((0..ROWS, odd), 0..3);
    (prop::collection::vec(form, ROWS), odds).prop_map(|(mut texts, odds)| {
        for (row, text) in odds {
            texts[row] = text;
        }
        texts
    })
}

fn any_texts() -> impl Strategy<Value = Vec<String>> {
    let forms = [
        "[0-9]{8}",
        "[0-9]{1,8}",
        "[0-9]{0,8}",
        "[0-9]{10}",
        "[0-9]{16}",
        "[1-9][0-9]{0,3}[.][0-9]{2}",
        "[0-9]{0,2}[.]?[0-9]{0,4}",
        "([0-9]{1,3}[.][0-9]{1,2})?",
        "u[0-9]{7}",
        "item-[1-9][0-9]{3}",
        "u[0-9]{1,6}",
        "[0-9]{7}[.]",
        "[.][0-9]{1,7}",
        "[0-9]{17}",
    ];
    select(forms.to_vec()).prop_flat_map(texts_of)
}

/// Reads the texts as a column that is the first or the last of its file: behind the last a CR may stand that is no part
/// of it. `short` is a record with too few fields, which is left out from among the others.
fn read(
    texts: &[String],
    column: &Field,
    (is_last, crlf, short): (bool, bool, Option<usize>),
    batch_rows: usize,
) -> Outcome {
    let schema = Schema::new("T", vec![column.clone(), field("Z", ValueType::String, true)]);
    let end = if crlf { "\r\n" } else { "\n" };
    let record = |a: &str, z: &str| if is_last { format!("{z},{a}{end}") } else { format!("{a},{z}{end}") };
    let records = texts
        .iter()
        .enumerate()
        .map(|(row, text)| if Some(row) == short { format!("short{end}") } else { record(text, "z") });
    let text: String = std::iter::once(record(&column.name, "Z")).chain(records).collect();
    let options = Options { limits: Limits { batch_rows, ..Limits::default() }, ..Options::default() };
    let target = Arc::new(Target::new(&schema.unwrap(), Vec::new()).with_affixes());
    run_target(text.as_bytes(), target, &options, 1, Tuning::default())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn many_at_once_are_as_one_by_one(
        texts in any_texts(),
        value_type in select(vec![
            ValueType::Int, ValueType::Long, ValueType::Float, ValueType::Double, ValueType::String,
        ]),
        nullable: bool,
        shape: (bool, bool),
        short in prop::option::of(0..ROWS),
    ) {
        let column = field("A", value_type, nullable);
        let blocks = read(&texts, &column, (shape.0, shape.1, short), 1 << 16);
        let ones = read(&texts, &column, (shape.0, shape.1, short), LANES - 1);
        prop_assert_eq!(blocks.rows, ones.rows);
        prop_assert_eq!(blocks.errors, ones.errors);
    }

    #[test]
    fn few_values_are_told_apart_in_blocks(
        pool in prop::collection::vec("[a-c\u{0}]{1,9}|purchase|\"[a-c]{0,3}\"|", 1..20),
        choices in prop::collection::vec(any::<prop::sample::Index>(), ROWS),
        nullable: bool,
        shape: (bool, bool),
        short in prop::option::of(0..ROWS),
    ) {
        let texts: Vec<String> = choices.iter().map(|choice| choice.get(&pool).clone()).collect();
        let column = Field { categorical: true, ..field("A", ValueType::String, nullable) };
        let blocks = read(&texts, &column, (shape.0, shape.1, short), 1 << 16);
        let ones = read(&texts, &column, (shape.0, shape.1, short), LANES - 1);
        prop_assert_eq!(blocks.rows, ones.rows);
        prop_assert_eq!(blocks.errors, ones.errors);
    }
}
