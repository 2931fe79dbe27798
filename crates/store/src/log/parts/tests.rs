use super::*;

fn parts() -> Vec<Part> {
    let part = |dataset, kind, payload: &'static [u8]| Part { dataset, kind, payload: payload.into() };
    vec![part(7, FrameKind::Put, b"rows"), part(9, FrameKind::Delete, b"k"), part(7, FrameKind::Delete, b"")]
}

#[test]
fn what_is_written_is_read() {
    assert_eq!(read_parts(write_parts(&parts()).into()), Some(parts()));
}

#[test]
fn what_is_cut_or_of_another_kind_is_no_batch() {
    let whole = write_parts(&parts());
    let ends = [PART_HEADER_BYTES + 4, 2 * PART_HEADER_BYTES + 5];
    for end in 0..whole.len() {
        let read = read_parts(Bytes::copy_from_slice(&whole[..end]));
        assert_eq!(read.is_some(), ends.contains(&end), "{end}");
    }
    for kind in [FrameKind::Batch, FrameKind::Seal] {
        let odd = Part { kind, ..parts()[0].clone() };
        assert_eq!(read_parts(write_parts(&[odd]).into()), None);
    }
}
