//! Takes a store apart into seeds of the targets that read its files:
//! `cargo run --package restock-fuzz --bin seeds -- STORE NAME`.

use std::error::Error;
use std::fs;
use std::path::Path;

/// Bytes of a magic number, which the targets write themselves.
const MAGIC: usize = 8;
/// Bytes of a log's header, likewise.
const LOG_HEADER: usize = 32;

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let (Some(store), Some(name)) = (args.next(), args.next()) else {
        return Err("give a store's folder and a name for what becomes of it".into());
    };
    let store = Path::new(&store);
    let manifest = fs::read(store.join("MANIFEST"))?;
    let body = manifest.splitn(2, |byte| *byte == b'\n').last().unwrap_or_default();
    let body = body.strip_suffix(b"\n").unwrap_or(body);
    seed("manifest", &name, body)?;
    // Sums and manifest are made to fit.
    let mut whole = vec![0];
    part(&mut whole, 0, 0, body)?;
    for folder in ["segments", "log"] {
        let mut paths: Vec<_> = fs::read_dir(store.join(folder))?.collect::<Result<_, _>>()?;
        paths.sort_by_key(fs::DirEntry::file_name);
        for path in paths {
            let file = path.file_name().to_string_lossy().into_owned();
            let mut bytes = fs::read(path.path())?;
            let Some((number, ending)) = file.rsplit_once('.') else { continue };
            let number: u8 = number.parse()?;
            let name = format!("{name}-{number}");
            match ending {
                "arrow" => {
                    seed("segment", &name, &[&[0], bytes.as_slice()].concat())?;
                    part(&mut whole, 1, number, &bytes)?;
                }
                "keys" => {
                    seed("keys", &name, &[&[2], rest(&bytes, MAGIC)].concat())?;
                    part(&mut whole, 2, number, &bytes)?;
                }
                "del" => {
                    let count = rest(&bytes, MAGIC).get(..8).unwrap_or_default();
                    let rows = rest(&bytes, 2 * MAGIC).get(16..24).unwrap_or_default();
                    let limit = [0xff, 0xff, 0, 0];
                    let place = [&[2], count, &[0; 8], rows, &limit, rest(&bytes, MAGIC)];
                    seed("vectors", &name, &place.concat())?;
                    part(&mut whole, 3, number, &bytes)?;
                }
                _ => {
                    let end = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
                    bytes.truncate(end.next_multiple_of(8));
                    seed(
                        "log",
                        &name,
                        &[&[number.wrapping_sub(1), 0xff], rest(&bytes, LOG_HEADER)].concat(),
                    )?;
                    part(&mut whole, 4, number, &bytes)?;
                }
            }
        }
    }
    seed("store", &name, &whole)
}

fn rest(bytes: &[u8], from: usize) -> &[u8] {
    bytes.get(from..).unwrap_or_default()
}

/// A file as the target `store` takes it.
fn part(whole: &mut Vec<u8>, kind: u8, number: u8, bytes: &[u8]) -> Result<(), Box<dyn Error>> {
    let length = u16::try_from(bytes.len()).map_err(|_| "a file is too long for a seed")?;
    whole.extend([kind, number]);
    whole.extend(length.to_le_bytes());
    whole.extend(bytes);
    Ok(())
}

fn seed(target: &str, name: &str, bytes: &[u8]) -> Result<(), Box<dyn Error>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
    fs::create_dir_all(&folder)?;
    Ok(fs::write(folder.join(name), bytes)?)
}
