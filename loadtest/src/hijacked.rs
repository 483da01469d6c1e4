//! A program in a container straight at the engine, as `docker exec -it` runs one: its bytes go both ways over the connection
//! that started it.

use anyhow::{Context, Result, ensure};
use dockline_testkit::TestEngine;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;

/// More than any answer's head.
const LARGEST_HEAD: usize = 16 * 1024;

/// The running program, with a terminal.
#[derive(Debug)]
pub(crate) struct Hijacked {
    stream: UnixStream,
}

impl Hijacked {
    /// Starts it and attaches to it.
    pub(crate) async fn start(engine: &TestEngine, container: &str, command: &[&str]) -> Result<Self> {
        let body = json!({"Cmd": command, "Tty": true, "AttachStdin": true, "AttachStdout": true, "AttachStderr": true});
        let path = format!("/containers/{container}/exec");
        let mut stream = ask(engine, &path, "Connection: close\r\n", &body).await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await?;
        let json = answer.find('{').zip(answer.rfind('}')).and_then(|(from, to)| answer.get(from..=to));
        let made: Value = serde_json::from_str(json.with_context(|| format!("{path}: {answer}"))?)?;
        let id = made["Id"].as_str().with_context(|| format!("{path}: {made}"))?;

        let path = format!("/exec/{id}/start");
        let upgrade = "Connection: Upgrade\r\nUpgrade: tcp\r\n";
        let mut stream = ask(engine, &path, upgrade, &json!({"Detach": false, "Tty": true})).await?;
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            ensure!(head.len() < LARGEST_HEAD, "{path}: the answer's head has no end");
            head.push(stream.read_u8().await.context("the engine hung up")?);
        }
        ensure!(head.starts_with(b"HTTP/1.1 101 "), "{path}: {}", String::from_utf8_lossy(&head));
        Ok(Self { stream })
    }

    /// Types something.
    pub(crate) async fn type_in(&mut self, bytes: &[u8]) -> Result<()> {
        self.stream.write_all(bytes).await.context("type at the engine")
    }

    /// What it prints next.
    pub(crate) async fn printed(&mut self) -> Result<Vec<u8>> {
        let mut bytes = Vec::with_capacity(4096);
        ensure!(self.stream.read_buf(&mut bytes).await? > 0, "the engine hung up");
        Ok(bytes)
    }
}

async fn ask(engine: &TestEngine, path: &str, headers: &str, body: &Value) -> Result<UnixStream> {
    let mut stream = UnixStream::connect(engine.socket()).await.context("connect to the engine")?;
    let body = body.to_string();
    let length = body.len();
    let request = format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n{headers}\r\n{body}"
    );
    stream.write_all(request.as_bytes()).await?;
    Ok(stream)
}
