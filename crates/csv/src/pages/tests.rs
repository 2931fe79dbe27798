use std::thread;

use super::*;

#[test]
fn copies_are_apart_and_aligned_whatever_their_size() {
    let arena = Arena::default();
    let sizes = [0, 1, 63, 64, 65, 4096, BLOCK / 4, BLOCK / 4 + 1, BLOCK, 3 * BLOCK + 1];
    let texts: Vec<Vec<u8>> = (0_u8..40).map(|n| vec![n; sizes[usize::from(n) % sizes.len()]]).collect();
    let copies: Vec<Buffer> = texts.iter().map(|text| arena.copy(text)).collect();
    for (text, copy) in texts.iter().zip(&copies) {
        assert_eq!(copy.as_slice(), text);
        assert_eq!(copy.as_ptr() as usize % ALIGNMENT, 0);
    }
}

#[test]
fn copies_outlive_the_arena_and_each_other() {
    let arena = Arena::default();
    let mut copies: Vec<Buffer> = (0_u8..200).map(|n| arena.copy(&vec![n; 100_000])).collect();
    drop(arena);
    while let Some(copy) = copies.pop() {
        assert!(copy.iter().all(|byte| usize::from(*byte) == copies.len()));
    }
}

#[test]
fn threads_get_parts_of_their_own() {
    let arena = Arena::default();
    let copy = |n: u8| (0..500).map(|_| arena.copy(&[n; 3000])).collect::<Vec<_>>();
    thread::scope(|scope| {
        let threads: Vec<_> = (0_u8..4).map(|n| (n, scope.spawn(move || copy(n)))).collect();
        for (n, thread) in threads {
            for copy in thread.join().unwrap() {
                assert_eq!(copy.as_slice(), [n; 3000]);
            }
        }
    });
}
