use std::path::Path;

use super::Format;
use crate::source::location::Input;

fn of(name: &str) -> Result<Format, String> {
    Format::of(&Input::File(name.into()), false).map_err(|error| error.to_string())
}

#[test]
fn extensions_name_formats_below_compression_and_in_any_case() {
    for (name, format) in [
        ("a.csv", Format::Csv),
        ("a.CSV.GZ", Format::Csv),
        ("a.b.csv.zst", Format::Csv),
        ("a.jsonl", Format::JsonLines),
        ("a.ndjson.gz", Format::JsonLines),
        ("a.parquet", Format::Parquet),
        ("a.pq", Format::Parquet),
        ("a.arrow", Format::Arrow),
        ("a.feather", Format::Arrow),
    ] {
        assert_eq!(of(name), Ok(format), "{name}");
    }
    assert_eq!(Format::of(&Input::Stdin, false).unwrap(), Format::Csv);
    assert_eq!(Format::of(&Input::File("a.tsv.gz".into()), true).unwrap(), Format::Csv);
}

#[test]
fn unknown_names_ask_for_the_format() {
    for name in ["a", "a.txt", "a.gz", ".csv", "a.tsv", "a.json", "dir.csv/a"] {
        let text = of(name).unwrap_err();
        assert!(text.starts_with(&format!("{name}: ")) && text.contains("--format"), "{text}");
    }
    assert!(of("a.tsv").unwrap_err().contains("--delimiter"));
    assert!(Format::from_path(Path::new("x.csv")).is_ok());
}

#[test]
fn a_binary_file_under_another_name_is_recognised() {
    let text = Format::Csv.check("a.csv", b"PAR1\x15\x04\x15\x20").unwrap_err().to_string();
    assert_eq!(text, "a.csv: this is a Parquet file, not CSV: give --format parquet");
    let text = Format::JsonLines.check("a", b"ARROW1\0\0\xff\xff").unwrap_err().to_string();
    assert_eq!(text, "a: this is an Arrow IPC file, not JSON Lines: give --format arrow");
    assert!(Format::Csv.check("a", &[0xff, 0xff, 0xff, 0xff, 8, 0, 0, 0]).is_err());
    assert!(Format::Parquet.check("a.parquet", b"USER_ID,ITEM").is_err());
    assert!(Format::Arrow.check("a.arrow", b"").is_err());
    assert!(Format::Csv.check("a.csv", b"PAR1,PAR2\n1,2\n").is_ok());
    assert!(Format::Csv.check("a.csv", b"PAR1").is_ok());
    assert!(Format::Csv.check("a.csv", b"").is_ok());
    assert!(Format::Parquet.check("a", b"PAR1\x15\x04").is_ok());
}

#[test]
fn names_read_back() {
    for format in Format::ALL {
        assert_eq!(format.name().parse(), Ok(format));
    }
    assert!("tsv".parse::<Format>().is_err());
}
