//! TEMP shim
#![allow(missing_docs)]
use crate::{Dataset, Record, Result, Store};
pub struct Batch {
    puts: Vec<(Dataset, Vec<Record>)>,
    deletes: Vec<(Dataset, Vec<String>)>,
}
impl Store {
    pub fn batch(&self) -> Batch {
        Batch { puts: vec![], deletes: vec![] }
    }
}
impl Batch {
    pub fn put(&mut self, dataset: &Dataset, records: Vec<Record>) -> Result<()> {
        self.puts.push((dataset.clone(), records));
        Ok(())
    }
    pub fn delete<S: AsRef<str>>(&mut self, dataset: &Dataset, ids: &[S]) -> Result<()> {
        self.deletes.push((dataset.clone(), ids.iter().map(|i| i.as_ref().to_owned()).collect()));
        Ok(())
    }
    pub fn commit(self) -> Result<()> {
        for (d, ids) in self.deletes {
            if !ids.is_empty() {
                d.delete(&ids, false)?;
            }
        }
        for (d, r) in self.puts {
            if !r.is_empty() {
                d.put(r)?;
            }
        }
        Ok(())
    }
}
impl Dataset {
    pub fn import_readers(&self, readers: Vec<(String, Box<dyn std::io::Read + Send>)>) -> crate::Import {
        crate::Import::of_readers(self.clone(), readers)
    }
}
