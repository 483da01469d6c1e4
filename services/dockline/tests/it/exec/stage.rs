//! What these tests share.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use dockline_testkit::{ContainerSpec, TestContainer, TestEngine};
use serde_json::{Value, json};
use tokio::time::sleep;
use tokio_tungstenite::tungstenite::{
    Message,
    protocol::{CloseFrame, frame::coding::CloseCode},
};

use crate::client::{Api, Closed, Socket};

/// What takes no hint, as an editor does.
pub const STUBBORN: &str = "trap '' HUP TERM INT QUIT; echo up; while :; do sleep 1; done";
/// How long a program may outlive its end of the line.
pub const GONE: Duration = Duration::from_secs(10);

pub fn idle(engine: &TestEngine) -> Result<TestContainer> {
    engine.run_container(&ContainerSpec::script("exec sleep 600"))
}

/// A query that runs a script.
pub fn script(text: &str) -> String {
    let mut query = url_query();
    query.extend_pairs([("cmd", "sh"), ("cmd", "-c"), ("cmd", text)]);
    query.finish()
}

fn url_query() -> url::form_urlencoded::Serializer<'static, String> {
    url::form_urlencoded::Serializer::new(String::new())
}

/// A socket to a program, and what came of it.
pub struct Terminal {
    pub socket: Socket,
    /// What was printed and not looked at yet.
    pub said: String,
    /// All that was printed, byte for byte.
    pub bytes: Vec<u8>,
    /// The text frames, heartbeats left out.
    pub frames: Vec<Value>,
    pub closed: Option<Closed>,
}

impl Terminal {
    pub async fn open(api: &Api, container: &TestContainer, query: &str) -> Result<Self> {
        let socket = api.socket(&format!("/ws/containers/{}/exec?{query}", container.id())).await?;
        Ok(Self { socket, said: String::new(), bytes: Vec::new(), frames: Vec::new(), closed: None })
    }

    /// The ID that the first frame tells.
    pub async fn id(&mut self) -> Result<String> {
        while self.frames.is_empty() {
            self.step().await?;
        }
        ensure!(self.frames[0]["type"] == "started", "{:?}", self.frames);
        Ok(self.frames[0]["exec"].as_str().context("an ID")?.to_owned())
    }

    /// Takes the next message.
    pub async fn step(&mut self) -> Result<()> {
        ensure!(self.closed.is_none(), "closed: {:?} {:?} {:?}", self.closed, self.frames, self.said);
        match self.socket.next_message().await? {
            Message::Binary(bytes) => {
                self.said.push_str(&String::from_utf8_lossy(&bytes));
                self.bytes.extend_from_slice(&bytes);
            }
            Message::Text(text) => {
                let frame: Value = serde_json::from_str(&text)?;
                if frame["type"] != "heartbeat" {
                    self.frames.push(frame);
                }
            }
            Message::Close(frame) => self.closed = Some(Closed::from(frame)),
            _ => {}
        }
        Ok(())
    }

    /// Reads until this was printed, and takes everything before it and itself.
    pub async fn until(&mut self, text: &str) -> Result<String> {
        loop {
            if let Some(at) = self.said.find(text) {
                let rest = self.said.split_off(at + text.len());
                return Ok(std::mem::replace(&mut self.said, rest));
            }
            self.step().await.with_context(|| format!("waiting for {text:?} behind {:?}", self.said))?;
        }
    }

    /// Reads to the close frame.
    pub async fn end(&mut self) -> Result<Closed> {
        loop {
            match &self.closed {
                Some(closed) => return Ok(closed.clone()),
                None => self.step().await?,
            }
        }
    }

    /// The exit code that was told.
    pub async fn exit(&mut self) -> Result<i64> {
        let closed = self.end().await?;
        ensure!(closed.code == 1000, "{closed:?} {:?}", self.frames);
        let last = self.frames.last().context("a frame")?;
        last["code"].as_i64().with_context(|| format!("an exit code: {last}"))
    }

    pub async fn type_in(&mut self, bytes: impl Into<Vec<u8>>) -> Result<()> {
        self.socket.send(Message::Binary(bytes.into().into())).await
    }

    pub async fn resize(&mut self, cols: i32, rows: i32) -> Result<()> {
        self.order(json!({"type": "resize", "cols": cols, "rows": rows})).await
    }

    pub async fn order(&mut self, order: Value) -> Result<()> {
        self.socket.send(Message::Text(order.to_string().into())).await
    }

    pub async fn leave(mut self, code: u16) -> Result<()> {
        let frame = CloseFrame { code: CloseCode::from(code), reason: "".into() };
        self.socket.send(Message::Close(Some(frame))).await
    }
}

/// How many processes of a container hold this in their command lines.
pub fn running(container: &TestContainer, text: &str) -> Result<usize> {
    let listed = container.engine().docker(["top", container.id(), "-eo", "pid,args"])?;
    Ok(String::from_utf8_lossy(&listed.stdout).lines().filter(|line| line.contains(text)).count())
}

/// Waits until none of them runs any more.
pub async fn gone(container: &TestContainer, text: &str) -> Result<()> {
    let began = Instant::now();
    while running(container, text)? > 0 {
        ensure!(began.elapsed() < GONE, "`{text}` still runs after {GONE:?}");
        sleep(Duration::from_millis(100)).await;
    }
    Ok(())
}

/// The newest entry of the audit log with this action, once there is one with these details.
pub async fn audited(admin: &Api, action: &str, detail: &[(&str, Value)]) -> Result<Value> {
    let began = Instant::now();
    loop {
        let (status, page) = admin.call("GET", &format!("/api/v1/audit?action={action}"), None).await?;
        ensure!(status == 200, "{status} {page}");
        let items = page["items"].as_array().context("items")?;
        let fits = |item: &&Value| detail.iter().all(|(name, value)| item["detail"][*name] == *value);
        if let Some(found) = items.iter().find(fits) {
            return Ok(found.clone());
        }
        if began.elapsed() > GONE {
            bail!("no {action} with {detail:?} in {page}");
        }
        sleep(Duration::from_millis(100)).await;
    }
}
