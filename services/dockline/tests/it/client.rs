//! A client of the REST and WebSocket API, as a program outside would write one.

use std::{collections::BTreeMap, time::Duration};

use anyhow::{Context, Result, anyhow, bail, ensure};
use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use dockline_contract::ws::{Chunk, LogFrame};
use dockline_testkit::{DocklineCommand, DocklineProcess};
use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{
        Message,
        client::IntoClientRequest,
        error::Error as WsError,
        protocol::{CloseFrame, frame::coding::CloseCode},
    },
};

/// Nothing in these tests takes longer, unless a test says so.
pub const PATIENCE: Duration = Duration::from_secs(20);
pub const PASSWORD: &str = "correct horse battery staple";

/// The program under test.
pub fn dockline() -> DocklineCommand {
    DocklineCommand::new(env!("CARGO_BIN_EXE_dockline"))
}

/// Starts the program on an engine and signs the first administrator in.
pub async fn start(docker_host: &str, env: &[(&str, &str)]) -> Result<(DocklineProcess, Api)> {
    let command = env.iter().fold(dockline().docker_host(docker_host), |c, (name, value)| c.env(name, value));
    let process = command.start().await?;
    let api = Api::set_up(&process).await?;
    Ok((process, api))
}

/// Somebody who is signed in.
#[derive(Debug, Clone)]
pub struct Api {
    base: String,
    http: reqwest::Client,
    pub token: String,
    /// Of a load balancer that sends a client to the same replica each time.
    cookie: Option<String>,
}

impl Api {
    pub async fn set_up(process: &DocklineProcess) -> Result<Self> {
        Self::set_up_at(process.url(""), &process.setup_token().await?).await
    }

    /// As [`Self::set_up`], of a program that was started by other means.
    pub async fn set_up_at(base: String, token: &str) -> Result<Self> {
        let body = json!({"token": token, "username": "ada", "password": PASSWORD});
        Self::signed_in(base, "/api/v1/setup", body).await
    }

    pub async fn sign_in(process: &DocklineProcess, username: &str) -> Result<Self> {
        let body = json!({"username": username, "password": PASSWORD});
        Self::signed_in(process.url(""), "/api/v1/auth/login", body).await
    }

    /// The same person at another replica.
    pub fn at(&self, process: &DocklineProcess) -> Self {
        Self { base: process.url(""), ..self.clone() }
    }

    /// The same person at another address, such as a load balancer's.
    pub fn through(&self, base: String, cookie: Option<String>) -> Self {
        Self { base, cookie, ..self.clone() }
    }

    /// Where a path is.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    async fn signed_in(base: String, path: &str, body: Value) -> Result<Self> {
        let http = reqwest::Client::new();
        let answer = http.post(format!("{base}{path}")).json(&body).send().await?;
        let status = answer.status();
        let body: Value = answer.json().await?;
        let token = body["access_token"].as_str().with_context(|| format!("{path}: {status} {body}"))?;
        Ok(Self { token: token.to_owned(), base, http, cookie: None })
    }

    pub async fn call(&self, method: &str, path: &str, body: Option<Value>) -> Result<(u16, Value)> {
        let mut request =
            self.http.request(method.parse()?, format!("{}{path}", self.base)).bearer_auth(&self.token);
        if let Some(cookie) = &self.cookie {
            request = request.header("cookie", cookie);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = request.send().await?;
        let status = answer.status().as_u16();
        let text = answer.text().await?;
        Ok((status, serde_json::from_str(&text).unwrap_or(Value::String(text))))
    }

    pub async fn get_bytes(&self, path: &str) -> Result<Vec<u8>> {
        let answer = self.http.get(format!("{}{path}", self.base)).bearer_auth(&self.token).send().await?;
        ensure!(answer.status() == 200, "{path}: {}", answer.status());
        Ok(answer.bytes().await?.to_vec())
    }

    /// Makes an account and returns its ID.
    pub async fn add_user(&self, username: &str, role: &str) -> Result<String> {
        let body = json!({"username": username, "password": PASSWORD, "role": role});
        let (status, user) = self.call("POST", "/api/v1/users", Some(body)).await?;
        ensure!(status == 201, "{status} {user}");
        Ok(user["id"].as_str().context("an id")?.to_owned())
    }

    /// Opens a WebSocket with the access token.
    pub async fn socket(&self, path: &str) -> Result<Socket> {
        match self.try_socket(path).await? {
            Ok(socket) => Ok(socket),
            Err(status) => bail!("{path} was refused with {status}"),
        }
    }

    /// Opens a WebSocket, or returns the HTTP status of the refusal.
    pub async fn try_socket(&self, path: &str) -> Result<Result<Socket, u16>> {
        let url = format!("{}{path}", self.base.replacen("http", "ws", 1));
        let mut request = url.into_client_request()?;
        request.headers_mut().insert("authorization", format!("Bearer {}", self.token).parse()?);
        if let Some(cookie) = &self.cookie {
            request.headers_mut().insert("cookie", cookie.parse()?);
        }
        match connect_async(request).await {
            Ok((stream, _)) => Ok(Ok(Socket(stream))),
            Err(WsError::Http(answer)) => Ok(Err(answer.status().as_u16())),
            Err(other) => Err(other.into()),
        }
    }

    pub async fn logs(&self, container: &str, query: &str) -> Result<LogViewer> {
        let socket = self.socket(&format!("/ws/containers/{container}/logs?{query}")).await?;
        Ok(LogViewer { socket, seen: Seen::default() })
    }
}

/// A WebSocket.
pub struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Socket {
    /// The next text frame; the close frame is an error of its own kind.
    pub async fn next(&mut self) -> Result<Result<String, Closed>> {
        loop {
            match self.next_message().await? {
                Message::Text(text) => return Ok(Ok(text.to_string())),
                Message::Close(frame) => return Ok(Err(Closed::from(frame))),
                _ => {}
            }
        }
    }

    /// The next message, whatever it is.
    pub async fn next_message(&mut self) -> Result<Message> {
        let message = tokio::time::timeout(PATIENCE, self.0.next())
            .await
            .map_err(|_| anyhow!("no frame within {PATIENCE:?}"))?;
        match message {
            Some(Ok(message)) => Ok(message),
            Some(Err(error)) => bail!("the socket broke: {error}"),
            None => bail!("the socket ended without a close frame"),
        }
    }

    pub async fn next_json(&mut self) -> Result<Value> {
        match self.next().await? {
            Ok(text) => Ok(serde_json::from_str(&text)?),
            Err(closed) => bail!("closed: {closed:?}"),
        }
    }

    /// Waits for the close frame and passes over everything before it.
    pub async fn closed(&mut self) -> Result<Closed> {
        loop {
            if let Err(closed) = self.next().await? {
                return Ok(closed);
            }
        }
    }

    pub async fn send(&mut self, message: Message) -> Result<()> {
        Ok(self.0.send(message).await?)
    }
}

/// How a socket was closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closed {
    pub code: u16,
    pub reason: String,
}

impl From<Option<CloseFrame>> for Closed {
    fn from(frame: Option<CloseFrame>) -> Self {
        let frame = frame.unwrap_or(CloseFrame { code: CloseCode::Status, reason: "".into() });
        Self { code: frame.code.into(), reason: frame.reason.to_string() }
    }
}

/// Asserts that lines are numbered from 1 without a hole or a repetition; says where they are not.
pub fn assert_numbered(lines: &[String], prefix: &str, what: &str) {
    for (index, line) in lines.iter().enumerate() {
        let around = &lines[index.saturating_sub(3)..lines.len().min(index + 4)];
        assert_eq!(*line, format!("{prefix}{}", index + 1), "{what}: around {around:?}");
    }
}

/// Somebody who watches a log.
pub struct LogViewer {
    pub socket: Socket,
    pub seen: Seen,
}

/// Everything a viewer was told, checked for holes on the way.
#[derive(Debug, Default, Clone)]
pub struct Seen {
    pub epoch: String,
    pub last: u64,
    pub chunks: Vec<Chunk>,
    /// How many chunks had been seen when a gap was told, and its reason.
    pub gaps: Vec<(usize, String)>,
    pub states: Vec<String>,
    pub errors: Vec<String>,
}

impl Seen {
    /// Takes a frame and tells whether it is news. A number that does not follow the last one without a
    /// gap is a defect.
    pub fn take(&mut self, frame: LogFrame) -> Result<bool> {
        match frame {
            LogFrame::Start { epoch, .. } => {
                ensure!(
                    self.epoch.is_empty() || self.epoch == epoch || !self.gaps.is_empty() || self.last == 0
                );
            }
            LogFrame::Log { epoch, chunks } => {
                for chunk in chunks {
                    let follows = self.epoch == epoch && chunk.n == self.last + 1;
                    let begins = self.chunks.is_empty();
                    let behind_gap = self.gaps.last().is_some_and(|(at, _)| *at == self.chunks.len());
                    ensure!(follows || begins || behind_gap, "chunk {} after {}", chunk.n, self.last);
                    self.epoch.clone_from(&epoch);
                    self.last = chunk.n;
                    self.chunks.push(chunk);
                }
            }
            LogFrame::Gap { reason, .. } => self.gaps.push((self.chunks.len(), reason)),
            LogFrame::State { state, reason } => {
                let state = format!("{state} {reason}");
                if self.states.last() == Some(&state) {
                    return Ok(false);
                }
                self.states.push(state);
            }
            LogFrame::Error { code, .. } => self.errors.push(code),
            LogFrame::Heartbeat {} => return Ok(false),
        }
        Ok(true)
    }

    /// The bytes of each stream: 1 stdout, 2 stderr.
    pub fn bytes(&self) -> BTreeMap<u8, Vec<u8>> {
        let mut streams = BTreeMap::from([(1, Vec::new()), (2, Vec::new())]);
        for chunk in &self.chunks {
            let stream = streams.entry(chunk.s).or_default();
            match (&chunk.d, &chunk.b) {
                (Some(text), None) => stream.extend_from_slice(text.as_bytes()),
                (None, Some(text)) => stream.extend_from_slice(&BASE64.decode(text).expect("base64")),
                other => panic!("a chunk has text or bytes: {other:?}"),
            }
        }
        streams
    }

    /// Stdout's lines.
    pub fn lines(&self) -> Vec<String> {
        String::from_utf8_lossy(&self.bytes()[&1]).lines().map(str::to_owned).collect()
    }
}

impl LogViewer {
    /// Takes the next frame that tells something new; `false` when the socket was closed with 1000.
    /// Heartbeats and repeated states are no news: a log that stands still fails the test.
    pub async fn step(&mut self) -> Result<bool> {
        let news = tokio::time::timeout(PATIENCE, async {
            loop {
                let text = match self.socket.next().await? {
                    Ok(text) => text,
                    Err(Closed { code: 1000, .. }) => return Ok(false),
                    Err(closed) => bail!("closed: {closed:?}"),
                };
                let frame = serde_json::from_str(&text).with_context(|| format!("a log frame: {text}"))?;
                if self.seen.take(frame)? {
                    return Ok(true);
                }
            }
        });
        news.await.unwrap_or_else(|_| Err(anyhow!("no news within {PATIENCE:?}")))
    }

    /// Reads until a condition holds.
    pub async fn until(&mut self, holds: impl Fn(&Seen) -> bool) -> Result<&Seen> {
        while !holds(&self.seen) {
            ensure!(self.step().await?, "the socket closed too early: {:?}", self.seen.states);
        }
        Ok(&self.seen)
    }

    /// Reads to the end of a socket that does not follow.
    pub async fn read_to_end(mut self) -> Result<Seen> {
        while self.step().await? {}
        Ok(self.seen)
    }
}
