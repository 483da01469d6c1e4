//! An image for another processor.

use anyhow::{Context, Result, ensure};

use crate::TestEngine;

/// An image that says that it is for another processor than its engine's. Its programs are the engine's own all the same,
/// so that it runs. Removed when dropped.
#[derive(Debug)]
pub struct ForeignImage {
    engine: TestEngine,
    name: String,
    architecture: &'static str,
}

impl ForeignImage {
    /// Makes one of what is in the image `of`.
    pub fn make(engine: &TestEngine, of: &str, name: &str) -> Result<Self> {
        let told = engine.docker(["version", "--format={{.Server.Arch}}"])?;
        let own = String::from_utf8(told.stdout)?;
        // Names of the same length, so that an archive stays one.
        let (own, architecture) = if own.trim() == "arm64" { ("arm64", "amd64") } else { ("amd64", "arm64") };
        engine.docker(["tag", of, name])?;
        let image = Self { engine: engine.clone(), name: name.to_owned(), architecture };
        let mut archive = engine.docker(["save", name])?.stdout;
        image.remove()?;
        let (said, says) =
            (format!("\"architecture\":\"{own}\""), format!("\"architecture\":\"{architecture}\""));
        let mut changed = 0;
        while let Some(at) = find(&archive, said.as_bytes()) {
            archive[at..at + said.len()].copy_from_slice(says.as_bytes());
            changed += 1;
        }
        ensure!(changed > 0, "the image does not say what it is for");
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("image.tar");
        std::fs::write(&file, archive)?;
        engine.docker(["load", "--input", file.to_str().context("a path")?])?;
        Ok(image)
    }

    /// Its name with the tag.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The processor that it says.
    pub const fn architecture(&self) -> &'static str {
        self.architecture
    }

    fn remove(&self) -> Result<()> {
        self.engine.docker(["image", "rm", "--force", &self.name]).map(drop)
    }
}

impl Drop for ForeignImage {
    fn drop(&mut self) {
        if let Err(error) = self.remove() {
            tracing::debug!(%error, image = self.name, "an image of a test was not there any more");
        }
    }
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}
