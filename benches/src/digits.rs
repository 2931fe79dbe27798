//! Decimal numbers of a fixed width.

/// Appends a number with leading zeros. Of a longer one only the last digits are written.
pub(crate) fn push_digits<const WIDTH: usize>(text: &mut Vec<u8>, mut number: u64) {
    let mut digits = [b'0'; WIDTH];
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + (number % 10) as u8;
        number /= 10;
    }
    text.extend_from_slice(&digits);
}

/// Appends cents as a decimal number with two places and no leading zeros: `12.05`.
pub(crate) fn push_cents(text: &mut Vec<u8>, cents: u64) {
    match cents / 100 {
        whole @ 0..10 => push_digits::<1>(text, whole),
        whole @ 10..100 => push_digits::<2>(text, whole),
        whole @ 100..1000 => push_digits::<3>(text, whole),
        whole => push_digits::<4>(text, whole),
    }
    text.push(b'.');
    push_digits::<2>(text, cents % 100);
}
