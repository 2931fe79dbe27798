use proptest::prelude::*;

use super::*;

#[test]
fn whole_numbers_have_a_sign_digits_and_a_fraction_of_zeros_only() {
    for (text, value) in [("0", 0), ("-0", 0), ("+7", 7), ("007", 7), ("12.0", 12), ("-12.000", -12)] {
        assert_eq!(parse_long(text.as_bytes()), Ok(value), "{text}");
        assert_eq!(parse_int(text.as_bytes()), Ok(i32::try_from(value).unwrap()), "{text}");
    }
    for text in [
        "", "-", "+", ".", ".0", "12.", "1e3", " 1", "1 ", "1_000", "--1", "+-1", "0x1", "1,0", "NaN",
        "1.0.0", "1.0x",
    ] {
        assert_eq!(parse_long(text.as_bytes()), Err(ValueFault::Form), "{text}");
        assert_eq!(parse_int(text.as_bytes()), Err(ValueFault::Form), "{text}");
    }
    assert_eq!(parse_long(b"12.5"), Err(ValueFault::Fraction));
    assert_eq!(parse_int(b"-0.01"), Err(ValueFault::Fraction));
}

#[test]
fn whole_numbers_end_where_their_type_ends() {
    assert_eq!(parse_long(b"9223372036854775807"), Ok(i64::MAX));
    assert_eq!(parse_long(b"-9223372036854775808.0"), Ok(i64::MIN));
    assert_eq!(parse_long(b"0000000000000000000009223372036854775807"), Ok(i64::MAX));
    assert_eq!(parse_long(b"9223372036854775808"), Err(ValueFault::Range));
    assert_eq!(parse_long(b"-9223372036854775809"), Err(ValueFault::Range));
    assert_eq!(parse_long(b"99999999999999999999999"), Err(ValueFault::Range));
    assert_eq!(parse_int(b"2147483647"), Ok(i32::MAX));
    assert_eq!(parse_int(b"-2147483648"), Ok(i32::MIN));
    assert_eq!(parse_int(b"2147483648"), Err(ValueFault::Range));
    assert_eq!(parse_int(b"-2147483649"), Err(ValueFault::Range));
}

#[test]
fn decimal_numbers_are_finite() {
    for (text, value) in
        [("1", 1.0), ("-1.5", -1.5), ("+2", 2.0), (".5", 0.5), ("5.", 5.0), ("1e3", 1e3), ("1E-3", 1e-3)]
    {
        assert_eq!(parse_double(text.as_bytes()), Ok(value), "{text}");
    }
    for text in ["", ".", "-", "e", "1e", "1e+", "1.2.3", " 1", "1 ", "1,5", "0x1p3", "1f", "true", "1\u{e9}"]
    {
        assert_eq!(parse_double(text.as_bytes()), Err(ValueFault::Form), "{text}");
        assert_eq!(parse_float(text.as_bytes()), Err(ValueFault::Form), "{text}");
    }
    for text in ["nan", "NaN", "-NaN", "inf", "-Infinity", "INF"] {
        assert_eq!(parse_double(text.as_bytes()), Err(ValueFault::NotFinite), "{text}");
        assert_eq!(parse_float(text.as_bytes()), Err(ValueFault::NotFinite), "{text}");
    }
    assert_eq!(parse_double(b"1e400"), Err(ValueFault::Range));
    assert_eq!(parse_float(b"1e39"), Err(ValueFault::Range));
    assert_eq!(parse_double(b"\xFF"), Err(ValueFault::Form));
}

#[test]
fn booleans_are_words_or_digits() {
    for (text, value) in [
        ("true", true),
        ("TRUE", true),
        ("tRuE", true),
        ("1", true),
        ("false", false),
        ("False", false),
        ("0", false),
    ] {
        assert_eq!(parse_boolean(text.as_bytes()), Ok(value), "{text}");
    }
    for text in ["", "t", "yes", "on", "01", "1.0", " true"] {
        assert_eq!(parse_boolean(text.as_bytes()), Err(ValueFault::Form), "{text}");
    }
}

#[test]
fn shown_values_are_short_and_safe_to_print() {
    assert_eq!(shown("h\u{e9}llo".as_bytes(), 80), "h\u{e9}llo");
    assert_eq!(shown(b"a\nb\0c", 80), "a\\nb\\u{0}c");
    assert_eq!(shown(b"caf\xE9", 80), "caf\\xE9");
    assert_eq!(shown("\u{e9}\u{e9}\u{e9}".as_bytes(), 2), "\u{e9}\u{e9}...");
    assert_eq!(shown(b"ab", 2), "ab");
}

/// A decimal number of the shapes that files have, long ones and exponents included.
fn decimal() -> impl Strategy<Value = String> {
    ("[-+]?", "[0-9]{0,20}", proptest::option::of("[0-9]{0,24}"), proptest::option::of(-330..330i32))
        .prop_map(|(sign, digits, fraction, exponent)| {
            let fraction = fraction.map(|digits| format!(".{digits}")).unwrap_or_default();
            let exponent = exponent.map(|exponent| format!("e{exponent}")).unwrap_or_default();
            format!("{sign}{digits}{fraction}{exponent}")
        })
}

/// The first eight bytes of a text, and what follows it in a file.
fn word(text: &str) -> u64 {
    let mut bytes = text.as_bytes().to_vec();
    bytes.extend_from_slice(b",7.5,99.");
    u64::from_le_bytes(bytes[..8].try_into().unwrap())
}

#[test]
fn words_of_digits_are_numbers_and_nothing_else_is() {
    for len in 0..=8usize {
        for text in ["12345678", "00000000", "99999999", "80000001"] {
            let text = &text[..len];
            assert_eq!(digits(word(text), len), Some(text.parse().unwrap_or(0)), "{text}");
        }
    }
    for place in 0..8 {
        for byte in (0..=255u8).filter(|byte| !byte.is_ascii_digit()) {
            let mut bytes = *b"12345678";
            bytes[place] = byte;
            assert_eq!(digits(u64::from_le_bytes(bytes), 8), None);
            assert_eq!(
                digits(u64::from_le_bytes(bytes), place),
                Some("12345678"[..place].parse().unwrap_or(0))
            );
            if byte != b'.' {
                assert_eq!(scaled(u64::from_le_bytes(bytes), 8), None);
            }
        }
    }
    for text in [".", "1.2.3", "..", "1..", "-1", "1e3", "1,5"] {
        assert_eq!(scaled(word(text), text.len()), None, "{text}");
    }
}

#[test]
fn every_fixed_point_number_of_four_digits_rounds_as_the_standard_library_rounds() {
    for number in 0..10_000 {
        let digits = format!("{number:04}");
        for point in 0..=4 {
            let text = format!("{}.{}", &digits[..point], &digits[point..]);
            let fast = scaled(word(&text), text.len()).unwrap();
            assert_eq!(fast.to_f32().to_bits(), text.parse::<f32>().unwrap().to_bits(), "{text}");
            assert_eq!(fast.to_f64().to_bits(), text.parse::<f64>().unwrap().to_bits(), "{text}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    #[test]
    fn decimal_numbers_round_as_the_standard_library_rounds(text in decimal()) {
        let double = text.parse::<f64>().ok().filter(|value| value.is_finite()).map(f64::to_bits);
        prop_assert_eq!(parse_double(text.as_bytes()).ok().map(f64::to_bits), double);
        let float = text.parse::<f32>().ok().filter(|value| value.is_finite()).map(f32::to_bits);
        prop_assert_eq!(parse_float(text.as_bytes()).ok().map(f32::to_bits), float);
    }

    #[test]
    fn short_fixed_point_numbers_round_as_the_standard_library_rounds(text in "[0-9]{0,8}|[0-9]{0,4}[.][0-9]{0,3}|[0-9]{0,2}[.][0-9]{0,5}|[.0-9]{0,8}") {
        let fast = scaled(word(&text), text.len());
        match text.parse::<f64>() {
            Err(_) => prop_assert!(text.is_empty() || fast.is_none()),
            Ok(double) => {
                let fast = fast.unwrap();
                prop_assert_eq!(fast.to_f64().to_bits(), double.to_bits());
                prop_assert_eq!(fast.to_f32().to_bits(), text.parse::<f32>().unwrap().to_bits());
            }
        }
    }

    #[test]
    fn whole_numbers_of_any_length_read_as_themselves(value in any::<i64>(), shift in 0..64u32) {
        let value = value >> shift;
        prop_assert_eq!(parse_long(value.to_string().as_bytes()), Ok(value));
        let narrow = i32::try_from(value).map_err(|_| ValueFault::Range);
        prop_assert_eq!(parse_int(format!("{value}.00").as_bytes()), narrow);
    }
}
