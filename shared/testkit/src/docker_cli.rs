//! Containers on a test engine, by the docker CLI: another way in than the one under test.
//!
//! Every call blocks its thread until the client ends. A test that itself serves the client (a proxy, say) needs
//! `#[tokio::test(flavor = "multi_thread")]`.

use std::ffi::OsStr;
use std::io::Read;
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};

use crate::engines::TestEngine;

/// The image that `deploy/engines/up` makes.
const IMAGE: &str = "local/busybox:1";
/// By which the test run finds what was left behind.
const LABEL: &str = "dockline.test=1";
/// No client of a test takes longer, unless the engine hangs.
const DEADLINE: Duration = Duration::from_secs(60);

/// What to run in a container: a script of `/bin/sh` and the options that tests turn.
#[derive(Clone, Debug, Default)]
pub struct ContainerSpec {
    script: String,
    image: Option<String>,
    network: Option<String>,
    options: Vec<String>,
}

impl ContainerSpec {
    /// A container that runs this shell script.
    pub fn script(script: impl Into<String>) -> Self {
        Self { script: script.into(), ..Self::default() }
    }

    /// Of this image instead of the test image.
    #[must_use]
    pub fn image(self, image: &str) -> Self {
        Self { image: Some(image.to_owned()), ..self }
    }

    /// In this network instead of none.
    #[must_use]
    pub fn network(self, name: &str) -> Self {
        Self { network: Some(name.to_owned()), ..self }
    }

    /// With a terminal, so that the engine keeps one stream without frames.
    #[must_use]
    pub fn tty(self) -> Self {
        self.option("--tty")
    }

    /// Named so; otherwise the engine invents a name.
    #[must_use]
    pub fn name(self, name: &str) -> Self {
        self.option(format!("--name={name}"))
    }

    /// With another log driver than `json-file`.
    #[must_use]
    pub fn log_driver(self, driver: &str) -> Self {
        self.option(format!("--log-driver={driver}"))
    }

    /// With a log option, such as `max-size`, `1k`.
    #[must_use]
    pub fn log_opt(self, key: &str, value: &str) -> Self {
        self.option(format!("--log-opt={key}={value}"))
    }

    /// With a label.
    #[must_use]
    pub fn label(self, key: &str, value: &str) -> Self {
        self.option(format!("--label={key}={value}"))
    }

    /// With a variable in its environment.
    #[must_use]
    pub fn env(self, key: &str, value: &str) -> Self {
        self.option(format!("--env={key}={value}"))
    }

    /// With a restart policy, such as `on-failure:3`.
    #[must_use]
    pub fn restart(self, policy: &str) -> Self {
        self.option(format!("--restart={policy}"))
    }

    /// With any other option of `docker run`, in one word: `--memory=16m`.
    #[must_use]
    pub fn option(mut self, option: impl Into<String>) -> Self {
        self.options.push(option.into());
        self
    }
}

/// What `docker logs` printed: the bytes of each stream, untouched. With a terminal all are in `stdout`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContainerLogs {
    /// The container's standard output.
    pub stdout: Vec<u8>,
    /// The container's standard error.
    pub stderr: Vec<u8>,
}

/// A container that is removed when this is dropped.
#[derive(Debug)]
pub struct TestContainer {
    engine: TestEngine,
    id: String,
}

impl TestEngine {
    /// Runs the docker CLI against this engine; an exit status other than 0 is an error with the client's own words.
    pub fn docker<A: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = A>) -> Result<Output> {
        self.docker_within(DEADLINE, args)
    }

    /// As [`Self::docker`], for a client that may take longer or must be quicker.
    pub fn docker_within<A: AsRef<OsStr>>(
        &self,
        deadline: Duration,
        args: impl IntoIterator<Item = A>,
    ) -> Result<Output> {
        let mut command = Command::new(client());
        command.arg("-H").arg(&self.host).args(args).env_remove("DOCKER_HOST").env_remove("DOCKER_CONTEXT");
        let output = run_within(&mut command, deadline).with_context(|| format!("run {command:?}"))?;
        if !output.status.success() {
            bail!(
                "{command:?} ended with {}: {}",
                output.status,
                String::from_utf8_lossy(&output.stderr).trim()
            );
        }
        Ok(output)
    }

    /// Starts a container of the test image, without a network if it names none.
    pub fn run_container(&self, spec: &ContainerSpec) -> Result<TestContainer> {
        self.make_container("run", &["--detach"], spec)
    }

    /// Makes a container of the test image and does not start it.
    pub fn create_container(&self, spec: &ContainerSpec) -> Result<TestContainer> {
        self.make_container("create", &[], spec)
    }

    /// Makes an image of the test image with these changes, which are lines of a Dockerfile, and gives its ID. The caller
    /// removes it.
    pub fn commit_image(&self, name: &str, changes: &[&str]) -> Result<String> {
        let container = self.create_container(&ContainerSpec::script("true"))?;
        let changes = changes.iter().flat_map(|change| ["--change", change]);
        let output = self.docker(["commit"].into_iter().chain(changes).chain([container.id(), name]))?;
        Ok(String::from_utf8(output.stdout).context("the client printed no image id")?.trim().to_owned())
    }

    fn make_container(&self, verb: &str, before: &[&str], spec: &ContainerSpec) -> Result<TestContainer> {
        let network = spec.network.as_deref().unwrap_or("none");
        let fixed = ["--pull=never", "--network", network, "--label", LABEL];
        let args = std::iter::once(verb)
            .chain(before.iter().copied())
            .chain(fixed)
            .chain(spec.options.iter().map(String::as_str))
            .chain([spec.image.as_deref().unwrap_or(IMAGE), "/bin/sh", "-c", &spec.script]);
        let output = self.docker(args)?;
        let id =
            String::from_utf8(output.stdout).context("the client printed no container id")?.trim().to_owned();
        Ok(TestContainer { engine: self.clone(), id })
    }
}

impl TestContainer {
    /// Its full id, 64 hexadecimal digits.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The engine it is on.
    pub fn engine(&self) -> &TestEngine {
        &self.engine
    }

    /// All that `docker logs` prints now.
    pub fn logs(&self) -> Result<ContainerLogs> {
        self.logs_with(&[])
    }

    /// What `docker logs` prints with further options, such as `--timestamps`.
    pub fn logs_with(&self, options: &[&str]) -> Result<ContainerLogs> {
        let output = self.engine.docker(["logs"].iter().chain(options).copied().chain([self.id()]))?;
        Ok(ContainerLogs { stdout: output.stdout, stderr: output.stderr })
    }

    /// Waits for its end and gives its exit code.
    pub fn wait_exit(&self, deadline: Duration) -> Result<i32> {
        let output = self.engine.docker_within(deadline, ["wait", self.id()])?;
        let code = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        code.parse().with_context(|| format!("docker wait printed {code:?}"))
    }

    /// Starts it again after its end.
    pub fn start(&self) -> Result<()> {
        self.order(&["start"])
    }

    /// Stops it, killing it at once when it takes no TERM.
    pub fn stop(&self) -> Result<()> {
        self.order(&["stop", "--time=0"])
    }

    /// Stops and starts it.
    pub fn restart(&self) -> Result<()> {
        self.order(&["restart", "--time=0"])
    }

    /// Kills it.
    pub fn kill(&self) -> Result<()> {
        self.order(&["kill"])
    }

    /// Removes it now, as someone else may while it is watched.
    pub fn remove(&self) -> Result<()> {
        self.order(&["rm", "--force", "--volumes"])
    }

    /// Runs a shell script in it and gives what that printed on its standard output.
    pub fn exec(&self, script: &str) -> Result<Vec<u8>> {
        Ok(self.engine.docker(["exec", self.id(), "/bin/sh", "-c", script])?.stdout)
    }

    /// What `docker inspect` says with this template, such as `{{.State.Status}}`.
    pub fn inspect(&self, template: &str) -> Result<String> {
        let output = self.engine.docker(["inspect", "--type=container", "--format", template, self.id()])?;
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }

    fn order(&self, order: &[&str]) -> Result<()> {
        self.engine.docker(order.iter().copied().chain([self.id()])).map(drop)
    }
}

impl Drop for TestContainer {
    fn drop(&mut self) {
        match self.remove() {
            Ok(()) => {}
            Err(error) if error.to_string().contains("No such container") => {}
            // The test run finds what is left behind and fails by it.
            Err(error) => {
                tracing::warn!(%error, container = %self.id, "a test's container could not be removed")
            }
        }
    }
}

/// A client that speaks to every engine: a new one refuses the oldest, so the engines bring theirs along.
fn client() -> String {
    std::env::var("DOCKLINE_TEST_DOCKER").unwrap_or_else(|_| "docker".to_owned())
}

/// Runs to the end, or kills the child past the deadline.
fn run_within(command: &mut Command, deadline: Duration) -> Result<Output> {
    let end = Instant::now() + deadline;
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let stdout = child.stdout.take().map(read_aside);
    let stderr = child.stderr.take().map(read_aside);
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        if Instant::now() >= end {
            child.kill()?;
            child.wait()?;
            bail!("still running after {deadline:?}");
        }
        thread::sleep(Duration::from_millis(3));
    };
    Ok(Output { status, stdout: collect(stdout)?, stderr: collect(stderr)? })
}

type Reader = thread::JoinHandle<std::io::Result<Vec<u8>>>;

fn read_aside(mut from: impl Read + Send + 'static) -> Reader {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        from.read_to_end(&mut bytes).map(|_| bytes)
    })
}

fn collect(reader: Option<Reader>) -> Result<Vec<u8>> {
    let Some(reader) = reader else { return Ok(Vec::new()) };
    Ok(reader.join().map_err(|_| anyhow!("the reading thread panicked"))??)
}
