//! A Docker registry of a test's own, which keeps its images in a folder.

use std::{path::PathBuf, time::Duration};

use anyhow::{Context, Result, anyhow, bail, ensure};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{Instant, sleep},
};

use super::{
    port::free_port,
    process::{EndSignal, Launch, ServerProcess},
    programs::folder_with,
};
use crate::{Link, Server, TestEngine};

/// The program that `deploy/setup/registry` prints.
const VARIABLE: &str = "DOCKLINE_TEST_REGISTRY";
const START_DEADLINE: Duration = Duration::from_secs(20);
/// A port may be taken between our look and the server's.
const TRIES: u32 = 5;
/// The line of a password file for `dev` with `s3cret`.
const PASSWORDS: &str = "dev:$2b$04$Xh88qfeQatRfH39wCWOLRufvyyN9mkzIv0cwsQ0AEfeD.JNR.bToS\n";
/// What registries call an image for one processor, and one for several.
const MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";
const INDEX: &str = "application/vnd.docker.distribution.manifest.list.v2+json";

/// A real registry; killed and its folder removed when dropped.
#[derive(Debug)]
pub struct RegistryServer {
    // The server is gone by the time its folder is removed: fields are dropped in this order.
    process: ServerProcess,
    port: u16,
    folder: TempDir,
}

impl RegistryServer {
    /// Starts one that everybody may use.
    pub async fn start() -> Result<Self> {
        Self::start_with("").await
    }

    /// Starts one that wants a password, which nobody is told.
    pub async fn start_with_password() -> Result<Self> {
        Self::start_with("auth: { htpasswd: { realm: test, path: passwords } }\n").await
    }

    async fn start_with(settings: &str) -> Result<Self> {
        let mut tries = 1;
        loop {
            let mut server = Self::launch(settings)?;
            match server.until_it_serves().await {
                Err(_) if tries < TRIES && server.process.log_end().contains("address already in use") => {
                    tries += 1;
                }
                ended => return ended.map(|()| server).context("start a registry for tests"),
            }
        }
    }

    /// Where it listens on the loopback interface.
    pub(super) const fn port(&self) -> u16 {
        self.port
    }

    /// A way to it from an engine, which takes registries on its loopback interface without TLS.
    pub fn reached_by(&self, engine: &TestEngine) -> Result<Link> {
        Link::beside(engine, Server::local(self.port))
    }

    /// Puts one image for several processors under a tag: of each the tag under which it was pushed, and its processor.
    pub async fn put_index(&self, repository: &str, tag: &str, images: &[(&str, &str)]) -> Result<()> {
        let mut manifests = Vec::new();
        for (of, architecture) in images {
            let head = format!(
                "HEAD /v2/{repository}/manifests/{of} HTTP/1.0\r\nHost: registry\r\nAccept: {MANIFEST}\r\n\r\n"
            );
            let answer = exchange(self.port, &head).await?;
            let header = |name: &str| {
                let lines = answer.lines().filter_map(|line| line.split_once(": "));
                let mut found = lines.filter(|(key, _)| key.eq_ignore_ascii_case(name));
                found.next().map(|(_, value)| value.trim()).with_context(|| format!("no {name} in: {answer}"))
            };
            let (digest, size) = (header("Docker-Content-Digest")?, header("Content-Length")?);
            manifests.push(format!(
                r#"{{"mediaType":"{MANIFEST}","digest":"{digest}","size":{size},"platform":{{"os":"linux","architecture":"{architecture}"}}}}"#
            ));
        }
        let body =
            format!(r#"{{"schemaVersion":2,"mediaType":"{INDEX}","manifests":[{}]}}"#, manifests.join(","));
        let put = format!(
            "PUT /v2/{repository}/manifests/{tag} HTTP/1.0\r\nHost: registry\r\nContent-Type: {INDEX}\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let answer = exchange(self.port, &put).await?;
        ensure!(answer.lines().next().is_some_and(|line| line.contains(" 201 ")), "{answer}");
        Ok(())
    }

    /// Changes a byte of every stored blob that is larger than a manifest: from now on it sends layers that are not what
    /// their digests say.
    pub fn corrupt_layers(&self) -> Result<()> {
        let blobs = self.folder.path().join("data/docker/registry/v2/blobs/sha256");
        let mut changed = 0;
        for prefix in std::fs::read_dir(blobs)? {
            for blob in std::fs::read_dir(prefix?.path())? {
                let data = blob?.path().join("data");
                let mut bytes = std::fs::read(&data)?;
                if bytes.len() > 100_000 {
                    let middle = bytes.len() / 2;
                    bytes[middle] ^= 0xff;
                    std::fs::write(&data, bytes)?;
                    changed += 1;
                }
            }
        }
        ensure!(changed > 0, "the registry has no layers");
        Ok(())
    }

    fn launch(settings: &str) -> Result<Self> {
        let program = program()?;
        let folder = tempfile::Builder::new().prefix("dockline-registry").tempdir()?;
        let port = free_port();
        let config = format!(
            "version: 0.1\nlog: {{ level: warn }}\nstorage: {{ filesystem: {{ rootdirectory: data }} }}\n\
             http: {{ addr: \"127.0.0.1:{port}\" }}\n{settings}"
        );
        std::fs::write(folder.path().join("config.yml"), config)?;
        std::fs::write(folder.path().join("passwords"), PASSWORDS)?;
        let launch = Launch { program: &program, folder: folder.path(), user: None };
        let process = launch.server(&["serve", "config.yml"], &folder.path().join("log"), EndSignal::Kill)?;
        Ok(Self { process, port, folder })
    }

    async fn until_it_serves(&mut self) -> Result<()> {
        let end = Instant::now() + START_DEADLINE;
        loop {
            self.process.ensure_running()?;
            match answers(self.port).await {
                Ok(()) => return Ok(()),
                Err(error) if Instant::now() > end => return Err(error.context(self.process.log_end())),
                Err(_) => sleep(Duration::from_millis(20)).await,
            }
        }
    }
}

/// Whether it speaks the protocol of registries, with or without a password.
async fn answers(port: u16) -> Result<()> {
    let answer = exchange(port, "GET /v2/ HTTP/1.0\r\nHost: registry\r\n\r\n").await?;
    if answer.to_ascii_lowercase().contains("docker-distribution-api-version") {
        return Ok(());
    }
    bail!("no registry: {}", answer.lines().next().unwrap_or_default())
}

/// One request and its whole answer.
async fn exchange(port: u16, request: &str) -> Result<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer)
}

fn program() -> Result<PathBuf> {
    if let Some(given) = std::env::var_os(VARIABLE).filter(|given| !given.is_empty()) {
        return Ok(given.into());
    }
    let folder = folder_with(&["docker-registry"]).map_err(|_| {
        anyhow!(
            "there is no docker-registry: run `make test`, or `export {VARIABLE}=$(deploy/setup/registry)` first"
        )
    })?;
    Ok(folder.join("docker-registry"))
}
