use proptest::prelude::*;

use super::*;

/// Text in which everything that matters is frequent.
fn text() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![
        6 => Just(b'a'), 3 => Just(b','), 2 => Just(b'"'), 2 => Just(b'\n'),
        1 => Just(b'\r'), 1 => Just(b'\\'), 1 => any::<u8>()
    ];
    let record = prop_oneof![
        3 => "[a-z]{0,20}(,[a-z]{0,20}){0,3}(\r?\n)".prop_map(String::into_bytes),
        3 => "\"([a-z,\n]|\"\"){0,40}\"(,\"([a-z,\n\r]|\"\"|\\\\\\\\|\\\\\"){0,20}\"){0,2}(\r?\n)".prop_map(String::into_bytes),
        1 => "[,\n]{0,200}".prop_map(String::into_bytes),
        1 => proptest::collection::vec(byte, 0..40),
    ];
    proptest::collection::vec(record, 0..12).prop_map(|records| records.concat())
}

fn padded(text: &[u8]) -> Vec<u8> {
    // What follows the text must not matter.
    [text, &[b'"'; PADDING]].concat()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn every_kernel_finds_what_the_portable_one_finds(text in text(), start in 0..8usize, backslash in any::<bool>()) {
        let dialect = Dialect { delimiter: b',', backslash, record_fields: 1 << 20 };
        let start = start.min(text.len());
        let bytes = padded(&text);
        let run = |scanner: Scanner| {
            let mut index = Index::default();
            index.begin(start as u32);
            let odd = scanner.scan(dialect, &bytes, text.len(), &mut index);
            (odd, index.bounds, index.records)
        };
        let portable = run(Scanner::Portable);
        for scanner in Scanner::all() {
            prop_assert_eq!(&run(scanner), &portable, "{:?}", scanner);
        }
    }

    #[test]
    fn blocks_find_what_the_automaton_finds(text in text(), backslash in any::<bool>()) {
        let dialect = Dialect { delimiter: b',', backslash, record_fields: 1 << 20 };
        let bytes = padded(&text);
        let mut fast = Index::default();
        fast.begin(0);
        let odd = Scanner::Portable.scan(dialect, &bytes, text.len(), &mut fast);
        let mut slow = Index::default();
        slow.begin(0);
        for _ in 0..fast.len() {
            prop_assert_eq!(record(dialect, &text, slow.next() as usize, false, &mut slow), Step::Record);
        }
        prop_assert_eq!(&fast.bounds, &slow.bounds);
        prop_assert_eq!(&fast.records, &slow.records);
        prop_assert!(!slow.has_lone_cr());
        // It stops at nothing but what it cannot read, and at the end.
        if !odd {
            prop_assert_eq!(record(dialect, &text, slow.next() as usize, false, &mut slow), Step::Incomplete);
        }
    }
}

#[test]
fn the_best_kernel_is_found() {
    let all = Scanner::all();
    assert_eq!(all.first(), Some(&Scanner::Portable));
    println!("kernels of this processor: {all:?}");
}
