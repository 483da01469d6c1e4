//! A terminal behind a real Traefik at which nobody does anything.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use dockline_testkit::{ContainerSpec, DocklineCluster, TraefikServer, engines};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{Instant, timeout},
};

use crate::{
    client::{Api, dockline},
    exec::stage::Terminal,
};

/// Traefik's time-outs for connections at which nothing happens, hundreds of times shorter than the shipped ones.
const SHORT: [(&str, &str); 4] = [
    ("TRAEFIK_ENTRYPOINTS_WEB_TRANSPORT_RESPONDINGTIMEOUTS_IDLETIMEOUT", "1s"),
    ("TRAEFIK_ENTRYPOINTS_WEB_TRANSPORT_RESPONDINGTIMEOUTS_READTIMEOUT", "3s"),
    ("TRAEFIK_SERVERSTRANSPORT_FORWARDINGTIMEOUTS_RESPONSEHEADERTIMEOUT", "2s"),
    ("TRAEFIK_SERVERSTRANSPORT_FORWARDINGTIMEOUTS_IDLECONNTIMEOUT", "1s"),
];

/// A terminal at which nothing is typed or printed for so long, behind Traefik with its shipped configuration and these
/// changes, goes on afterwards.
async fn silent_for(time: Duration, settings: &[(&str, &str)]) -> Result<(DocklineCluster, TraefikServer)> {
    let engine = engines().pop().context("an engine")?;
    let program = dockline().env("DOCKLINE_TRUSTED_PROXIES", "127.0.0.1/32");
    let cluster = DocklineCluster::start(program, std::slice::from_ref(&engine.host), 1, 1).await?;
    let admin = Api::set_up(&cluster.replicas[0]).await?;
    let edge = TraefikServer::start(&[cluster.replicas[0].address()], settings).await?;
    let container = engine.run_container(&ContainerSpec::script("exec sleep 3600"))?;
    let mut terminal = Terminal::open(&admin.through(edge.url(""), None), &container, "").await?;
    terminal.type_in("echo be''fore\n").await?;
    terminal.until("before\r\n").await?;
    let until = Instant::now() + time;
    // Pings are answered here, as a browser does.
    while let Ok(heard) = timeout(until - Instant::now(), terminal.step()).await {
        heard.context("while nothing happened")?;
    }
    terminal.said.clear();
    terminal.type_in("echo af''ter; exit 6\n").await?;
    ensure!(terminal.exit().await? == 6 && terminal.said.contains("after\r\n"), "{:?}", terminal.said);
    Ok((cluster, edge))
}

/// How long a connection stays open on which this is sent, and nothing behind it.
async fn closed_after(edge: &TraefikServer, sent: &str) -> Result<Duration> {
    let url = edge.url("");
    let mut stream = TcpStream::connect(url.strip_prefix("http://").context("a URL")?).await?;
    stream.write_all(sent.as_bytes()).await?;
    let began = Instant::now();
    timeout(Duration::from_secs(20), stream.read_to_end(&mut Vec::new()))
        .await
        .context("it stays open")??;
    Ok(began.elapsed())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_terminal_outlives_the_time_outs_of_traefik() -> Result<()> {
    // The first ping comes after 30 s: until then, no time-out is kept off by anything.
    let (cluster, edge) = silent_for(Duration::from_secs(9), &SHORT).await?;
    // The settings are in force: other connections end by them.
    let idle = closed_after(&edge, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").await?;
    ensure!(idle < Duration::from_secs(3), "an idle connection was closed after {idle:?}");
    let half =
        closed_after(&edge, "POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{")
            .await?;
    ensure!(half < Duration::from_secs(8), "half a request was closed after {half:?}");
    cluster.stop().await
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes ten minutes: the shipped time-outs as they are"]
async fn a_terminal_is_silent_for_ten_minutes() -> Result<()> {
    let (cluster, _edge) = silent_for(Duration::from_secs(600), &[]).await?;
    cluster.stop().await
}
