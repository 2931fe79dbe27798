use super::*;

/// An input that gives a few bytes at a time, and is interrupted in between.
struct Halting<'a>(&'a [u8], bool);

impl Read for Halting<'_> {
    fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
        self.1 = !self.1;
        if self.1 {
            return Err(ErrorKind::Interrupted.into());
        }
        let few = space.len().min(5);
        self.0.read(&mut space[..few])
    }
}

#[test]
fn it_reads_as_much_as_is_asked_for_and_no_more() {
    let text: Vec<u8> = (0..=255).collect();
    let mut input = Halting(&text, false);
    let mut space = Space::default();
    assert!(space.read_to(100, &mut input).unwrap());
    assert_eq!(&*space, &text[..100]);
    assert!(space.read_to(50, &mut input).unwrap());
    assert_eq!(space.len(), 100);
    assert!(!space.read_to(300, &mut input).unwrap());
    assert_eq!(&*space, &text[..]);
}

#[test]
fn it_keeps_its_bytes_when_it_grows_into_large_pages() {
    let mut space = Space::from(vec![1, 2, 3]);
    let mut expected = vec![1, 2, 3];
    for n in 0..40_u8 {
        let more = vec![n; 100_003];
        space.extend_from_slice(&more);
        expected.extend_from_slice(&more);
    }
    assert_eq!(&*space, &expected[..]);
    space.drop_front(1_000_001);
    expected.drain(..1_000_001);
    assert_eq!(&*space, &expected[..]);
}

#[test]
fn what_it_held_before_is_not_read_as_zeros() {
    let mut space = Space::from(vec![9; 10]);
    space.truncate(4);
    space.extend_zeros(3);
    assert_eq!(&*space, [9, 9, 9, 9, 0, 0, 0]);
    space.clear();
    space.extend_from_slice(&[1]);
    space.extend_zeros(2);
    assert_eq!(&*space, [1, 0, 0]);
}
