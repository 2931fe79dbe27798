//! Deletion vectors in their file.

use super::*;
use crate::storage::MemoryStorage;

fn vector(rows: impl IntoIterator<Item = u32>) -> Vector {
    Vector::new(rows.into_iter().collect())
}

fn stored(vectors: &[Vector]) -> (MemoryStorage, Arc<VectorFile>) {
    let storage = MemoryStorage::new();
    storage.create_dir(files::SEGMENTS).unwrap();
    let file = write(&storage, 9, vectors).unwrap();
    (storage, file)
}

fn place(number: usize, vector: &Vector) -> VectorRef {
    VectorRef { file: 9, number: number as u64, rows: vector.len() }
}

#[test]
fn vectors_of_every_shape_come_back() {
    let all = [
        vector([0]),
        vector([u32::MAX - 1]),
        vector(0..100_000),
        vector((0..100_000).step_by(3)),
        vector([]),
        vector([1, 70_000, 1 << 30]),
    ];
    let (storage, file) = stored(&all);
    let reopened = Arc::new(VectorFile::open(&storage, file.meta().clone()).unwrap());
    for (number, vector) in all.iter().enumerate() {
        let read = Vector::stored(reopened.clone(), place(number, vector), u64::from(u32::MAX));
        assert_eq!(read.len(), vector.len(), "counted without reading");
        assert_eq!(read.rows().unwrap(), vector.rows().unwrap());
        assert_eq!(read.place(), Some((file.meta(), place(number, vector))));
    }
}

#[test]
fn a_vector_of_another_segment_or_number_is_refused() {
    let all = [vector([1, 2, 3]), vector([5, 6, 7])];
    let (_, file) = stored(&all);
    let read = |place, limit| Vector::stored(file.clone(), place, limit).rows().map(|rows| rows.len());
    assert_eq!(read(place(0, &all[0]), 4).unwrap(), 3);
    for (place, limit) in [
        (place(0, &all[0]), 3),
        (place(2, &all[0]), 10),
        (VectorRef { rows: 2, ..place(0, &all[0]) }, 10),
        (VectorRef { number: u64::MAX >> 8, ..place(0, &all[0]) }, 10),
    ] {
        let error = read(place, limit).unwrap_err();
        assert!(error.to_string().contains("segments/9.del"), "{error}");
    }
}

#[test]
fn numbers_of_the_manifest_that_overflow_are_refused() {
    let one = vector([1, 2, 3]);
    let (storage, file) = stored(std::slice::from_ref(&one));
    for number in [1 << 59, u64::MAX] {
        let place = VectorRef { number, ..place(0, &one) };
        let error = Vector::stored(file.clone(), place, 10).rows().unwrap_err();
        assert!(error.to_string().contains("fewer vectors than the manifest names"), "{error}");
        let meta = VectorFileMeta { vectors: number, ..file.meta().clone() };
        let longer = Arc::new(VectorFile::open(&storage, meta).unwrap());
        let error = Vector::stored(longer, place, 10).rows().unwrap_err();
        assert!(error.to_string().contains("shorter than its table"), "{error}");
    }
}

#[test]
fn every_flipped_byte_is_an_error_for_the_vector_it_is_in() {
    let all = [vector([1, 2, 3]), vector((0..5000).step_by(2))];
    let (storage, file) = stored(&all);
    let content = storage.read("segments/9.del").unwrap();
    for at in 0..content.len() {
        let mut flipped = content.clone();
        flipped[at] ^= 4;
        storage.remove("segments/9.del").unwrap();
        storage.create("segments/9.del").unwrap().write_all(&flipped).unwrap();
        let damaged = Arc::new(VectorFile::open(&storage, file.meta().clone()).unwrap());
        let read = all.iter().enumerate().map(|(number, vector)| {
            let read = Vector::stored(damaged.clone(), place(number, vector), 10_000);
            read.rows().ok().map(|rows| rows == vector.rows().unwrap())
        });
        let read: Vec<Option<bool>> = read.collect();
        assert!(read.contains(&None) && !read.contains(&Some(false)), "byte {at}: {read:?}");
    }
}
