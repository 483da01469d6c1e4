//! A Traefik of a test's own, with the configuration that this repository has for Compose and the local cluster.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail, ensure};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, timeout};

use super::port::free_port;
use super::process::{EndSignal, Launch, ServerProcess};
use super::programs::folder_with;

/// The program that `deploy/setup/traefik` prints.
const VARIABLE: &str = "DOCKLINE_TEST_TRAEFIK";
/// Until it has read its configuration and asked every replica, on a machine that compiles something else as well.
const START_DEADLINE: Duration = Duration::from_secs(30);
/// For one answer of Traefik itself.
const ANSWER_DEADLINE: Duration = Duration::from_secs(5);
/// A port may be taken between our look and the server's.
const TRIES: u32 = 5;

/// A real Traefik before replicas of Dockline; killed and its folder removed when dropped.
#[derive(Debug)]
pub struct TraefikServer {
    // The server is gone by the time its folder is removed: fields are dropped in this order.
    process: ServerProcess,
    port: u16,
    inside_port: u16,
    _folder: TempDir,
}

impl TraefikServer {
    /// Starts it before replicas, which are addresses such as `127.0.0.1:8101`, and waits until all of them are found
    /// healthy. `settings` go into its environment, such as `("DOCKLINE_EDGE_RATE", "5")`.
    pub async fn start(replicas: &[&str], settings: &[(&str, &str)]) -> Result<Self> {
        let mut tries = 1;
        loop {
            let mut server = Self::launch(replicas, settings)?;
            match server.until_it_serves(replicas.len()).await {
                Err(_) if tries < TRIES && server.process.log_end().contains("address already in use") => {
                    tries += 1
                }
                ended => return ended.map(|()| server).context("start Traefik for tests"),
            }
        }
    }

    /// The URL of a path that begins with `/`, as browsers and programs use it.
    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// The answer of its entry point for machines inside, such as `/metrics` or `/api/http/services`.
    pub async fn inside(&self, path: &str) -> Result<String> {
        let answer = timeout(ANSWER_DEADLINE, get(self.inside_port, path));
        answer
            .await
            .map_err(|_elapsed| anyhow!("Traefik does not answer {path} within {ANSWER_DEADLINE:?}"))?
    }

    /// How many replicas its own health check finds in order.
    pub async fn healthy_replicas(&self) -> Result<usize> {
        Ok(self.inside("/api/http/services/dockline@file").await?.matches(r#"":"UP""#).count())
    }

    fn launch(replicas: &[&str], settings: &[(&str, &str)]) -> Result<Self> {
        let program = program()?;
        let folder = tempfile::Builder::new().prefix("dockline-traefik").tempdir()?;
        let (port, inside_port) = (free_port(), free_port());
        let replicas: Vec<_> = replicas.iter().map(|address| format!("http://{address}")).collect();
        let own = [
            ("TRAEFIK_ENTRYPOINTS_WEB_ADDRESS", format!("127.0.0.1:{port}")),
            ("TRAEFIK_ENTRYPOINTS_TRAEFIK_ADDRESS", format!("127.0.0.1:{inside_port}")),
            ("TRAEFIK_PROVIDERS_FILE_DIRECTORY", configuration().join("dynamic").display().to_string()),
            ("TRAEFIK_API_INSECURE", "true".to_owned()),
            ("DOCKLINE_EDGE_REPLICAS", replicas.join(",")),
            // A file of whoever runs the tests would go before these variables.
            ("HOME", folder.path().display().to_string()),
            ("XDG_CONFIG_HOME", folder.path().display().to_string()),
        ];
        let mut env = static_settings()?;
        env.extend(own.map(|(name, value)| (name.to_owned(), value)));
        env.extend(settings.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())));
        let launch = Launch { program: &program, folder: folder.path(), user: None };
        let process = launch.server_with(&env, &[], &folder.path().join("log"), EndSignal::Kill)?;
        Ok(Self { process, port, inside_port, _folder: folder })
    }

    async fn until_it_serves(&mut self, replicas: usize) -> Result<()> {
        let end = Instant::now() + START_DEADLINE;
        loop {
            self.process.ensure_running()?;
            match self.serves(replicas).await {
                Ok(()) => return Ok(()),
                Err(error) if Instant::now() > end => return Err(error.context(self.process.log_end())),
                Err(_) => sleep(Duration::from_millis(20)).await,
            }
        }
    }

    async fn serves(&self, replicas: usize) -> Result<()> {
        let healthy = self.healthy_replicas().await?;
        ensure!(healthy == replicas, "{healthy} of {replicas} replicas are healthy");
        // Its routers come after its services.
        get(self.port, "/healthz").await.map(drop)
    }
}

/// The folder `traefik` of this repository.
fn configuration() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../traefik")
}

/// What `traefik/static.env` says.
fn static_settings() -> Result<Vec<(String, String)>> {
    let path = configuration().join("static.env");
    let text = std::fs::read_to_string(&path).with_context(|| format!("read {}", path.display()))?;
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| {
            let (name, value) =
                line.split_once('=').with_context(|| format!("{}: {line}", path.display()))?;
            Ok((name.to_owned(), value.to_owned()))
        })
        .collect()
}

fn program() -> Result<PathBuf> {
    if let Some(given) = std::env::var_os(VARIABLE).filter(|given| !given.is_empty()) {
        return Ok(given.into());
    }
    let folder = folder_with(&["traefik"]).map_err(|_| {
        anyhow!("there is no Traefik: run `make test`, or `export {VARIABLE}=$(deploy/setup/traefik)` first")
    })?;
    Ok(folder.join("traefik"))
}

/// The body of a 200 on the loopback interface. Everything else is an error.
async fn get(port: u16, path: &str) -> Result<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
    let request = format!("GET {path} HTTP/1.0\r\nHost: 127.0.0.1:{port}\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    let answer = String::from_utf8_lossy(&answer).into_owned();
    match answer.split_once("\r\n\r\n") {
        Some((head, body)) if head.split(' ').nth(1) == Some("200") => Ok(body.to_owned()),
        _ => bail!("{path}: {}", answer.lines().next().unwrap_or_default()),
    }
}
