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
    fn whole_numbers_of_any_length_read_as_themselves(value in any::<i64>(), shift in 0..64u32) {
        let value = value >> shift;
        prop_assert_eq!(parse_long(value.to_string().as_bytes()), Ok(value));
        let narrow = i32::try_from(value).map_err(|_| ValueFault::Range);
        prop_assert_eq!(parse_int(format!("{value}.00").as_bytes()), narrow);
    }
}
