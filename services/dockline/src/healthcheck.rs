use std::time::Duration;

use anyhow::{Context, bail};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::settings::Settings;

const DEADLINE: Duration = Duration::from_secs(5);

/// Asks the running product whether it is ready. For Compose, whose images have no curl.
pub(crate) async fn run(settings: &Settings) -> anyhow::Result<()> {
    let mut address = settings.listen;
    if address.ip().is_unspecified() {
        address.set_ip(std::net::Ipv4Addr::LOCALHOST.into());
    }
    let status = tokio::time::timeout(DEADLINE, ask(address))
        .await
        .with_context(|| format!("{address} does not answer in {} s", DEADLINE.as_secs()))??;
    if status != 200 {
        bail!("http://{address}/readyz says {status}");
    }
    Ok(())
}

async fn ask(address: std::net::SocketAddr) -> anyhow::Result<u16> {
    let mut stream =
        TcpStream::connect(address).await.with_context(|| format!("nothing listens on {address}"))?;
    stream
        .write_all(format!("GET /readyz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").as_bytes())
        .await?;
    // "HTTP/1.1 200": the status is all that is wanted.
    let mut head = [0; 12];
    stream.read_exact(&mut head).await?;
    let status = std::str::from_utf8(&head[9..]).ok().and_then(|text| text.parse().ok());
    status.with_context(|| format!("{address} does not speak HTTP"))
}
