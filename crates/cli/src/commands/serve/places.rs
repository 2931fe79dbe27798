//! Where imports read from and exports write to.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result};
use restock_personalize::{NoObjects, Objects, RootFolder};

/// The options that say where `s3://` leads.
#[derive(Debug, clap::Args)]
pub(super) struct Places {
    /// A folder as S3: `s3://bucket/key` is DIR/bucket/key, and never anything outside DIR
    #[arg(long, value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
    s3_root: Option<PathBuf>,
}

impl Places {
    /// The place for objects.
    pub fn objects(&self) -> Result<Arc<dyn Objects>> {
        let Some(root) = &self.s3_root else { return Ok(Arc::new(NoObjects)) };
        let opened = RootFolder::open(root).with_context(|| format!("--s3-root {}", root.display()))?;
        Ok(Arc::new(opened))
    }
}
