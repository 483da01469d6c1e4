//! The Compose plugin, by itself: another way to stacks than the one under test.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, ensure};

use crate::engines::TestEngine;

/// The plugin that `deploy/engines/up` names, or the one beside its docker client.
///
/// # Panics
/// When there is none: a test without its plugin is never passed over in silence.
pub fn compose_plugin() -> PathBuf {
    let named = std::env::var_os("DOCKLINE_TEST_COMPOSE").map(PathBuf::from);
    let beside = || {
        let client = PathBuf::from(std::env::var_os("DOCKLINE_TEST_DOCKER")?);
        Some(client.parent()?.parent()?.join("cli/cli-plugins/docker-compose"))
    };
    let plugin = named.or_else(beside).filter(|path| path.is_file());
    plugin.unwrap_or_else(|| {
        panic!("there is no Compose plugin: run `make test`, or set DOCKLINE_TEST_COMPOSE to the path of docker-compose")
    })
}

/// A Compose project on a test engine, whoever makes it. Removes what there is of it when it is dropped.
#[derive(Debug)]
pub struct TestProject {
    engine: TestEngine,
    name: String,
}

impl TestProject {
    /// A project of this name, which has nothing so far. The process' number makes it one of this test run.
    pub fn new(engine: &TestEngine, name: &str) -> Self {
        Self { engine: engine.clone(), name: format!("{name}-{}", std::process::id()) }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Has the plugin do something with a file.
    pub fn compose(&self, file: &Path, arguments: &[&str]) -> Result<()> {
        let output = Command::new(compose_plugin())
            .args(["--project-name", &self.name, "--file"])
            .arg(file)
            .args(arguments)
            .env("DOCKER_HOST", &self.engine.host)
            .stdin(Stdio::null())
            .output()
            .context("start the Compose plugin")?;
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Ok(())
    }

    /// Its containers: name and state, by name.
    pub fn containers(&self) -> Result<Vec<(String, String)>> {
        let listed = self.list(&["ps", "--all", "--format={{.Names}} {{.State}}"])?;
        let mut containers: Vec<_> = listed
            .iter()
            .filter_map(|line| line.split_once(' '))
            .map(|(name, state)| (name.to_owned(), state.to_owned()))
            .collect();
        containers.sort();
        Ok(containers)
    }

    /// The IDs of its containers.
    pub fn ids(&self) -> Result<Vec<String>> {
        self.list(&["ps", "--all", "--quiet", "--no-trunc"])
    }

    /// The names of its volumes.
    pub fn volumes(&self) -> Result<Vec<String>> {
        self.list(&["volume", "ls", "--quiet"])
    }

    fn list(&self, command: &[&str]) -> Result<Vec<String>> {
        let filter = format!("--filter=label=com.docker.compose.project={}", self.name);
        let output = self.engine.docker(command.iter().copied().chain([filter.as_str()]))?;
        Ok(String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect())
    }

    fn remove(&self) -> Result<()> {
        for id in self.ids()? {
            self.engine.docker(["rm", "--force", "--volumes", &id])?;
        }
        for volume in self.volumes()? {
            self.engine.docker(["volume", "rm", "--force", &volume])?;
        }
        for network in self.list(&["network", "ls", "--quiet"])? {
            self.engine.docker(["network", "rm", &network])?;
        }
        Ok(())
    }
}

impl Drop for TestProject {
    fn drop(&mut self) {
        // The test run finds what is left behind and fails by it.
        if let Err(error) = self.remove() {
            tracing::warn!(%error, project = self.name, "a test's stack could not be removed");
        }
    }
}
