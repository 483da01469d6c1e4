//! How much later a keystroke's echo comes back from a terminal through Dockline than from one straight at the engine.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use dockline_testkit::{ContainerSpec, TestContainer};
use futures::{SinkExt, StreamExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, timeout};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async_with_config,
    tungstenite::{Message, client::IntoClientRequest},
};

use crate::clock::{millis, now_nanos, quantile};
use crate::hijacked::Hijacked;
use crate::report::{Row, Target, figure};
use crate::stage::Stage;
use crate::viewer::Door;

/// Prints every byte that it reads, at once and as it is.
const ECHO: &str = "stty raw -echo; echo ready; exec cat";
const READY: &[u8] = b"ready";
/// Between two keystrokes: nobody types faster.
const PAUSE: Duration = Duration::from_millis(2);
/// Not measured: both terminals come to their pace.
const WARM_UP: usize = 100;
const PATIENCE: Duration = Duration::from_secs(10);

/// As it comes, and with every terminal recorded.
pub(crate) async fn run(stage: &Stage) -> Result<Vec<Row>> {
    Ok(vec![measure(stage, "terminal", "off").await?, measure(stage, "recorded terminal", "all").await?])
}

async fn measure(stage: &Stage, name: &str, recorded: &str) -> Result<Row> {
    let container = stage.engine.run_container(&ContainerSpec::script("exec sleep 3600"))?;
    let open = stage.open_with(&[("DOCKLINE_RECORD_TERMINALS", recorded)]).await?;
    let mut ours = Terminal::open(&open.door, &container).await?;
    let mut direct = Hijacked::start(&stage.engine, container.id(), &["sh", "-c", ECHO]).await?;
    until_ready(async || direct.printed().await).await?;
    until_ready(async || ours.printed().await).await?;

    // Each after the other, so that what else the machine does falls on both.
    let (mut own, mut engine, mut added) = (Vec::new(), Vec::new(), Vec::new());
    let (mut round, mut until) = (0, None);
    while until.is_none_or(|until| Instant::now() < until) {
        let key = [b'a' + u8::try_from(round % 26)?];
        let began = now_nanos();
        ours.type_in(&key).await?;
        let echo = timeout(PATIENCE, ours.printed()).await.context("no echo came from Dockline")??;
        let through = now_nanos() - began;
        ensure!(echo == key, "{echo:?} came back for {key:?}");
        let began = now_nanos();
        direct.type_in(&key).await?;
        let echo = timeout(PATIENCE, direct.printed()).await.context("no echo came from the engine")??;
        let straight = now_nanos() - began;
        ensure!(echo == key, "{echo:?} came back for {key:?}");
        round += 1;
        if round > WARM_UP {
            until.get_or_insert_with(|| Instant::now() + stage.window);
            own.push(through);
            engine.push(straight);
            added.push(through - straight);
        }
        sleep(PAUSE).await;
    }
    open.close().await?;
    for times in [&mut own, &mut engine, &mut added] {
        times.sort_unstable();
    }
    let of = |times: &[i64]| [0.5, 0.99].map(|share| millis(quantile(times, share)));
    let ([own_p50, own_p99], [engine_p50, engine_p99], [added_p50, added_p99]) =
        (of(&own), of(&engine), of(&added));
    Ok(Row {
        name: format!("keystroke and its echo, {name}"),
        measured: format!("p50 {} ms, p99 {} ms", figure(own_p50), figure(own_p99)),
        baseline: format!(
            "straight at the engine: p50 {} ms, p99 {} ms",
            figure(engine_p50),
            figure(engine_p99)
        ),
        ratio: Some(own_p99 / engine_p99),
        judged: added_p99,
        target: Target::AtMost(5.0, "added p99 <= 5 ms"),
        note: format!(
            "{} keystrokes at each, in turn; added is the difference of the two that follow one another: p50 {} ms, p99 {} ms",
            own.len(),
            figure(added_p50),
            figure(added_p99),
        ),
    })
}

async fn until_ready(mut printed: impl AsyncFnMut() -> Result<Vec<u8>>) -> Result<()> {
    let reading = async {
        let mut said = Vec::new();
        while memchr::memmem::find(&said, READY).is_none() || !said.ends_with(b"\n") {
            said.extend(printed().await?);
        }
        Ok(())
    };
    timeout(PATIENCE, reading).await.context("the program did not start")?
}

/// A terminal through Dockline.
struct Terminal(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Terminal {
    async fn open(door: &Door, container: &TestContainer) -> Result<Self> {
        let words =
            ["sh", "-c", ECHO].map(|word| format!("cmd={}", word.replace(' ', "%20").replace(';', "%3B")));
        let url = format!("ws://{}/ws/containers/{}/exec?{}", door.address, container.id(), words.join("&"));
        let mut request = url.into_client_request()?;
        request.headers_mut().insert("authorization", format!("Bearer {}", door.token).parse()?);
        let (socket, _) = connect_async_with_config(request, None, true).await.context("open a terminal")?;
        Ok(Self(socket))
    }

    async fn type_in(&mut self, bytes: &[u8]) -> Result<()> {
        self.0.send(Message::Binary(bytes.to_vec().into())).await.context("type at Dockline")
    }

    async fn printed(&mut self) -> Result<Vec<u8>> {
        loop {
            match self.0.next().await.context("Dockline hung up")?? {
                Message::Binary(bytes) => return Ok(bytes.to_vec()),
                Message::Close(frame) => anyhow::bail!("Dockline closed the terminal: {frame:?}"),
                _ => {}
            }
        }
    }
}
