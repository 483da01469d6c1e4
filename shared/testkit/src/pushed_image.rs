//! An image of a test's own in a registry, which engines can pull.

use std::time::Duration;

use anyhow::{Context, Result, ensure};

use crate::{ContainerSpec, Link, TestEngine};

/// An image that was pushed, and is on no engine by the time a test begins; removed from its engine when dropped.
#[derive(Debug)]
pub struct PushedImage {
    engine: TestEngine,
    name: String,
}

impl PushedImage {
    /// Makes an image of so many layers of random bytes, each of so many MiB, has this engine push it over `link` under
    /// the name `repository`, and removes it there.
    pub fn push(
        engine: &TestEngine,
        link: &Link,
        repository: &str,
        layers: usize,
        mebibytes: usize,
    ) -> Result<Self> {
        let name = format!("{}/{repository}:1", link.address());
        let image = Self { engine: engine.clone(), name };
        for layer in 0..layers {
            let script = format!("dd if=/dev/urandom of=/layer-{layer} bs=1M count={mebibytes}");
            let spec = ContainerSpec::script(script);
            let container = engine.run_container(&if layer == 0 { spec } else { spec.image(&image.name) })?;
            let exit = container.wait_exit(Duration::from_secs(60))?;
            ensure!(exit == 0, "the layer could not be written: {exit}");
            engine.docker(["commit", container.id(), &image.name])?;
        }
        engine.docker_within(Duration::from_secs(120), ["push", &image.name])?;
        image.remove()?;
        ensure!(image.ids()?.is_empty(), "the image is still there");
        Ok(image)
    }

    /// Its name with the tag, as the engine knows it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The IDs of the images of this name that the engine has.
    pub fn ids(&self) -> Result<Vec<String>> {
        let repository = self.name.rsplit_once(':').context("a tag")?.0;
        let listed = self.engine.docker(["image", "ls", "--all", "--quiet", "--no-trunc", repository])?;
        Ok(String::from_utf8(listed.stdout)?.lines().map(str::to_owned).collect())
    }

    /// Removes it from its engine; the registry keeps it.
    pub fn remove(&self) -> Result<()> {
        // Each commit but the last has lost its name to the next, and goes with it.
        self.engine.docker(["image", "rm", "--force", &self.name]).map(drop)
    }
}

impl Drop for PushedImage {
    fn drop(&mut self) {
        if let Err(error) = self.remove() {
            tracing::debug!(%error, image = self.name, "an image of a test was not there any more");
        }
    }
}
