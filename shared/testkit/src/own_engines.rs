//! Engines that a test starts itself, since it ends and restarts them, or removes whatever is on them.

use std::{
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::{Context, Result, bail, ensure};

use crate::{TestEngine, eventually};

/// An engine ends or answers within this time.
const WITHIN: Duration = Duration::from_secs(30);

/// Engines of `deploy/engines/up`; taken away when this is dropped.
#[derive(Debug)]
pub struct OwnEngines {
    scratch: PathBuf,
    /// In the order of their age.
    pub engines: Vec<TestEngine>,
}

impl OwnEngines {
    /// Starts them. Blocks its thread for some seconds.
    pub fn start() -> Result<Self> {
        let output = Command::new(script("up")).output().context("run deploy/engines/up")?;
        let line = String::from_utf8_lossy(&output.stdout).into_owned();
        ensure!(
            output.status.success(),
            "deploy/engines/up ended with {}: {}",
            output.status,
            String::from_utf8_lossy(&output.stderr)
        );
        let value = |name: &str| {
            let mut words = line.split_whitespace();
            words.find_map(|word| word.strip_prefix(name)?.strip_prefix('=')).map(str::to_owned)
        };
        let scratch = value("DOCKLINE_TEST_SCRATCH").context("deploy/engines/up names no folder")?.into();
        let engines = value("DOCKLINE_TEST_ENGINES").context("deploy/engines/up names no engines")?;
        let engine =
            |(version, host): (&str, &str)| TestEngine { version: version.to_owned(), host: host.to_owned() };
        let engines = engines.split(',').filter_map(|entry| entry.split_once('=')).map(engine).collect();
        Ok(Self { scratch, engines })
    }

    /// Ends an engine in good order and starts it again; containers without a restart policy end with it.
    pub async fn restart(engine: &TestEngine) -> Result<()> {
        stop(engine).await?;
        start(engine).await
    }

    /// Ends an engine and starts it again with nothing on it, on a disk of so many MiB in memory.
    pub async fn restart_on_small_disk(engine: &TestEngine, mebibytes: u32) -> Result<()> {
        stop(engine).await?;
        let size = format!("size={mebibytes}m");
        let mut mount = Command::new("mount");
        let status = mount.args(["-t", "tmpfs", "-o", &size, "none"]).arg(Self::disk(engine)?).status()?;
        ensure!(status.success(), "mount ended with {status}");
        start(engine).await
    }

    /// Where an engine keeps everything.
    pub fn disk(engine: &TestEngine) -> Result<PathBuf> {
        Ok(folder(engine)?.join("data"))
    }
}

async fn stop(engine: &TestEngine) -> Result<()> {
    let pid = std::fs::read_to_string(folder(engine)?.join("docker.pid"))?.trim().to_owned();
    signal("TERM", &pid)?;
    eventually(WITHIN, async || {
        ensure!(!Path::new("/proc").join(&pid).exists(), "the engine has not ended");
        Ok(())
    })
    .await
}

async fn start(engine: &TestEngine) -> Result<()> {
    let status = Command::new(folder(engine)?.join("start")).status().context("start the engine again")?;
    ensure!(status.success(), "{status}");
    eventually(WITHIN, async || tokio::task::block_in_place(|| engine.docker(["version"])).map(drop)).await
}

fn folder(engine: &TestEngine) -> Result<&Path> {
    engine.socket().parent().context("the engine's folder")
}

impl Drop for OwnEngines {
    fn drop(&mut self) {
        match Command::new(script("down")).arg(&self.scratch).output() {
            Ok(output) if output.status.success() => {}
            Ok(output) => eprintln!("{}", String::from_utf8_lossy(&output.stderr)),
            Err(error) => eprintln!("deploy/engines/down could not be run: {error}"),
        }
    }
}

fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/engines").join(name)
}

fn signal(name: &str, pid: &str) -> Result<()> {
    let status = Command::new("sh").args(["-c", &format!("kill -{name} {pid}")]).status()?;
    if !status.success() {
        bail!("kill -{name} {pid} ended with {status}");
    }
    Ok(())
}
