//! Numbers come back as the very strings they were.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, StringArray, UInt32Array, UInt64Array};
use arrow::buffer::{BooleanBuffer, NullBuffer};
use proptest::prelude::*;

use restock_schema::AffixShape;

use super::{Affix, Affixed};

fn numbers(affixed: &Affixed, strings: &StringArray) -> ArrayRef {
    let values = affixed.column.buffers[1].clone();
    let nulls = strings.nulls().cloned();
    if affixed.wide {
        return Arc::new(UInt64Array::new(values.into(), nulls));
    }
    Arc::new(UInt32Array::new(values.into(), nulls))
}

/// The strings that the numbers of `strings` give, and in 64 bits; `None` if they are no numbers.
fn back(strings: &StringArray) -> Option<[StringArray; 2]> {
    let affixed = Affixed::new(strings)?;
    let affix = Affix::from(&affixed.shape);
    let wide = affixed.widened().buffers[1].clone();
    let wide: ArrayRef = Arc::new(UInt64Array::new(wide.into(), strings.nulls().cloned()));
    Some([affix.strings(&numbers(&affixed, strings)).unwrap(), affix.strings(&wide).unwrap()])
}

fn column<S: AsRef<str>>(strings: impl IntoIterator<Item = S>) -> StringArray {
    StringArray::from_iter_values(strings)
}

#[test]
fn usual_ids_are_numbers_of_32_or_64_bits() {
    for (make, wide) in [
        ((|row| format!("user_{row:07}")) as fn(u64) -> String, false),
        (|row| row.to_string(), false),
        (|row| format!("{:010}", row * 7_919_977 % 10_000_000_000), true),
        (|row| format!("B{:016}", row << 40), true),
        (|row| format!("{:019}", row), false),
        (|row| format!("i{}", row * 1_000_003), false),
        (|row| format!("\u{e9}-{:03}", row * 11), false),
    ] {
        let strings = column((0..2000).map(make));
        let affixed = Affixed::new(&strings).unwrap();
        assert_eq!(affixed.wide, wide, "{}", strings.value(0));
        for back in back(&strings).unwrap() {
            assert_eq!(back, strings);
        }
    }
}

#[test]
fn what_is_no_prefix_and_number_stays_a_string() {
    let usual = || (0..100).map(|row| format!("u{row:04}"));
    for odd in [
        "",
        "u",
        "0004",
        "u004",
        "u00004",
        "v0004",
        "U0004",
        "u0004 ",
        "u-004",
        "u\u{664}",
        "u12345678901234567890",
    ] {
        for at in [0, 1, 50, 100] {
            let mut strings: Vec<String> = usual().collect();
            strings.insert(at, odd.to_owned());
            assert!(Affixed::new(&column(&strings)).is_none(), "{odd:?} at {at}");
        }
    }
    assert!(Affixed::new(&column(vec!["x".repeat(40) + "1"; 100])).is_none(), "a long prefix");
    assert!(Affixed::new(&StringArray::new_null(100)).is_none());
}

#[test]
fn batches_go_together_if_one_way_makes_them_all() {
    let shape = |prefix: &str, numbers: std::ops::Range<u64>, digits: usize| {
        Affixed::new(&column(numbers.map(|number| format!("{prefix}{number:0digits$}")))).unwrap().shape
    };
    let small = shape("u", 0..100, 4);
    let large = shape("u", 5000..5100, 4);
    let larger = shape("u", 50_000..50_100, 4);
    let free = shape("u", 10..110, 1);
    let all = |shapes: [&AffixShape; 3]| shapes[0].and(shapes[1])?.and(shapes[2]);
    for order in [[&small, &large, &larger], [&larger, &large, &small], [&large, &small, &larger]] {
        assert_eq!(all(order).unwrap().digits(), small.digits());
    }
    assert_eq!(large.and(&free).unwrap().digits(), 1);
    assert_eq!(small.and(&free), None, "`u10` is not `u0010`");
    assert_eq!(all([&large, &free, &small]), None);
    assert_eq!(small.and(&shape("v", 0..100, 4)), None);
    assert_eq!(small.and(&shape("u", 0..100, 5)), None);
}

#[test]
fn metadata_that_no_segment_has_is_refused() {
    let read = |prefix: &str, digits: &str| Affix::from_metadata(Some(&prefix.into()), Some(&digits.into()));
    assert!(read("u", "7").is_some());
    assert!(read("", "19").is_some());
    for (prefix, digits) in [("u", "0"), ("u", "20"), ("u", "-1"), ("u", ""), (&*"u".repeat(33), "1")] {
        assert_eq!(read(prefix, digits), None, "{prefix} {digits}");
    }
}

#[test]
fn every_number_has_its_text() {
    for digits in 1..=19 {
        let affix = read("id", digits);
        let powers = (0..20).map(|power| 10_u64.pow(power)).flat_map(|power| [power - 1, power, power + 1]);
        let numbers: Vec<u64> =
            powers.chain([0, u64::MAX, u64::MAX - 1, 12_345_678, 123_456_789_012]).collect();
        let expected: Vec<String> = numbers.iter().map(|number| format!("id{number:0digits$}")).collect();
        let array: ArrayRef = Arc::new(UInt64Array::from(numbers.clone()));
        assert_eq!(affix.strings(&array).unwrap(), column(&expected));
        for (number, expected) in numbers.iter().zip(&expected) {
            affix.with(*number, |text| assert_eq!(text, expected.as_bytes()));
        }
    }
}

#[test]
fn no_text_stands_under_a_null() {
    let strings = StringArray::from(vec![Some("u7"), None, Some("u8"), None]);
    for back in back(&strings).unwrap() {
        assert_eq!(back.to_data(), strings.to_data());
        assert_eq!(back.value_data(), b"u7u8");
    }
    assert_eq!(Affixed::new(&strings).unwrap().strings().value_data(), b"u7u8");
}

fn read(prefix: &str, digits: usize) -> Affix {
    Affix { prefix: prefix.to_owned(), digits }
}

proptest! {
    #[test]
    fn strings_come_back_or_are_left_alone(
        prefix in "[a-z0-9_\u{e9}]{0,9}",
        width in 0..21usize,
        most in prop_oneof![Just(20_u64), Just(100_000), Just(u64::from(u32::MAX) + 5), Just(u64::MAX)],
        seeds in proptest::collection::vec(any::<(u64, bool)>(), 60..200),
        odd in proptest::option::weighted(0.2, ("[a-z0-9]{0,12}", any::<proptest::sample::Index>())),
    ) {
        let mut texts: Vec<String> =
            seeds.iter().map(|(seed, _)| format!("{prefix}{:0width$}", seed % most)).collect();
        if let Some((odd, at)) = odd {
            let at = at.index(texts.len());
            texts[at] = odd;
        }
        let nulls: BooleanBuffer = seeds.iter().map(|(_, valid)| *valid || seeds.len() % 2 == 0).collect();
        let strings = column(&texts);
        let (offsets, values, _) = strings.into_parts();
        let strings = StringArray::new(offsets, values, Some(NullBuffer::new(nulls)));
        if let Some(back) = back(&strings) {
            for back in back {
                prop_assert_eq!(&back, &strings);
            }
        }
    }
}
