use std::fs;
use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use flate2::Compression;
use flate2::write::GzEncoder;

use super::{ByteStream, Input, Watch};
use crate::source::SourceError;

fn gzip(data: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

fn zstd(data: &[u8]) -> Vec<u8> {
    // With a checksum, as the command line writes it: without one, some damage cannot be seen by anybody.
    let mut encoder = zstd::Encoder::new(Vec::new(), 1).unwrap();
    encoder.include_checksum(true).unwrap();
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

fn stream(data: &[u8]) -> Result<ByteStream, SourceError> {
    ByteStream::from_reader("f", Box::new(io::Cursor::new(data.to_vec())), &Watch::default())
}

fn read(data: &[u8]) -> Result<Vec<u8>, SourceError> {
    let mut out = Vec::new();
    stream(data)?.read_to_end(&mut out).map_err(|error| SourceError::from_io("f", error))?;
    Ok(out)
}

fn sample() -> Vec<u8> {
    (0..20_000u32).flat_map(|n| format!("u{},i{},{}\n", n % 97, n * 7919 % 10_007, n).into_bytes()).collect()
}

#[test]
fn plain_gzip_and_zstd_give_the_same_bytes_also_in_several_members() {
    let data = sample();
    let (front, back) = data.split_at(70_001);
    assert_eq!(read(&data).unwrap(), data);
    assert_eq!(read(&gzip(&data)).unwrap(), data);
    assert_eq!(read(&zstd(&data)).unwrap(), data);
    assert_eq!(read(&[gzip(front), gzip(back)].concat()).unwrap(), data);
    assert_eq!(read(&[zstd(front), zstd(back)].concat()).unwrap(), data);
    let skippable = [&[0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3][..], &zstd(&data)].concat();
    assert_eq!(read(&skippable).unwrap(), data);
    assert_eq!(read(b"").unwrap(), b"");
    assert_eq!(read(b"a").unwrap(), b"a");
}

#[test]
fn peek_leaves_the_bytes_to_be_read() {
    for data in [sample(), b"ab".to_vec(), Vec::new()] {
        for packed in [data.clone(), gzip(&data), zstd(&data)] {
            let mut stream = stream(&packed).unwrap();
            let head = stream.peek().unwrap().to_vec();
            assert_eq!(stream.peek().unwrap(), head);
            assert!(data.starts_with(&head));
            let mut out = Vec::new();
            stream.read_to_end(&mut out).unwrap();
            assert_eq!(out, data);
        }
    }
}

#[test]
fn s12_compressed_data_cut_anywhere_is_an_error_that_names_codec_and_byte() {
    let data = sample();
    for (codec, packed) in [("gzip", gzip(&data)), ("zstd", zstd(&data))] {
        for cut in (4..packed.len()).step_by(997).chain([packed.len() - 1]) {
            match read(&packed[..cut]).err().unwrap() {
                SourceError::Compression { codec: named, byte, file, .. } => {
                    assert_eq!((named, file.as_str()), (codec, "f"));
                    assert!(byte <= data.len() as u64);
                }
                other => panic!("{codec} cut at {cut}: {other}"),
            }
        }
        let mut garbled = packed;
        let middle = garbled.len() / 2;
        garbled[middle..middle + 64].fill(0xA5);
        let error = read(&garbled).err().unwrap();
        assert!(matches!(error, SourceError::Compression { .. }), "{error}");
        assert!(error.to_string().contains("decompressed bytes"), "{error}");
    }
    let trailing = [gzip(b"abc"), b"trailing".to_vec()].concat();
    assert!(matches!(read(&trailing).unwrap_err(), SourceError::Compression { byte: 3, .. }));
}

#[test]
fn other_archives_are_refused_by_name() {
    let cases: [(&[u8], &str); 6] = [
        (b"\xfd7zXZ\0rest of it", "xz compression"),
        (b"BZh91AY&SYrest of it", "bzip2 compression"),
        (b"PK\x03\x04rest of it", "zip archive"),
        (b"7z\xbc\xaf\x27\x1crest", "7z archive"),
        (b"\x04\x22\x4d\x18rest", "lz4 compression"),
        (b"FEA1rest", "Feather version 1"),
    ];
    for (data, kind) in cases {
        let text = read(data).unwrap_err().to_string();
        assert!(text.starts_with("f: ") && text.contains(kind) && text.contains("unpack"), "{text}");
    }
    assert_eq!(read(b"BZh9,PK\n1,2\n").unwrap(), b"BZh9,PK\n1,2\n");
}

#[test]
fn a_name_that_promises_compression_must_keep_it() {
    let dir = tempfile::tempdir().unwrap();
    let open = |name: &str, data: &[u8]| {
        let path = dir.path().join(name);
        fs::write(&path, data).unwrap();
        ByteStream::open(&Input::File(path), &Watch::default())
    };
    assert!(open("a.csv.gz", &gzip(b"x")).unwrap().original().is_none());
    assert!(open("a.csv.ZST", &zstd(b"x")).unwrap().original().is_none());
    assert!(open("a.csv", &gzip(b"x")).unwrap().original().is_none(), "a name need not promise");
    assert!(open("b.csv", b"x").unwrap().original().is_some());
    for (name, data) in [("c.gz", b"plain".to_vec()), ("d.zst", gzip(b"x")), ("e.gz", Vec::new())] {
        let text = open(name, &data).err().unwrap().to_string();
        assert!(text.contains(name) && text.contains("the name says it is compressed"), "{text}");
    }
    let missing = ByteStream::open(&Input::File("no/such".into()), &Watch::default()).err().unwrap();
    assert!(missing.to_string().starts_with("no/such: "), "{missing}");
}

#[test]
fn bytes_are_counted_as_they_are_in_the_file_and_a_wish_to_stop_is_heard() {
    let cancelled = Arc::new(AtomicBool::new(false));
    let watch = Watch::new(Arc::clone(&cancelled));
    let packed = gzip(&sample());
    let length = packed.len() as u64;
    let mut stream = ByteStream::from_reader("f", Box::new(io::Cursor::new(packed)), &watch).unwrap();
    let mut out = Vec::new();
    stream.read_to_end(&mut out).unwrap();
    assert_eq!(watch.bytes_read(), length);

    let mut stream =
        ByteStream::from_reader("f", Box::new(io::Cursor::new(gzip(&sample()))), &watch).unwrap();
    cancelled.store(true, Ordering::Relaxed);
    let error = SourceError::from_io("f", stream.read_to_end(&mut out).unwrap_err());
    assert!(matches!(error, SourceError::Cancelled), "{error}");
}

#[test]
fn a_failing_reader_is_named() {
    struct Failing;
    impl Read for Failing {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::new(io::ErrorKind::PermissionDenied, "no"))
        }
    }
    let error = ByteStream::from_reader("pipe", Box::new(Failing), &Watch::default()).err().unwrap();
    assert_eq!(error.to_string(), "pipe: no");
    assert!(
        matches!(error, SourceError::Io { error, .. } if error.kind() == io::ErrorKind::PermissionDenied)
    );
    assert_eq!(super::extension(Path::new("A.CSV.Gz")).as_deref(), Some("gz"));
}
