//! The proxy before a small HTTP server, and before the real engines.

use std::path::Path;
use std::time::Duration;

use anyhow::{Result, ensure};
use dockline_testkit::{ContainerSpec, RecordingProxy, engines, eventually};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};
use tokio::time::timeout;

const SOON: Duration = Duration::from_secs(5);

/// Answers every read with the same small response.
fn serve(path: &Path) -> Result<()> {
    let listener = UnixListener::bind(path)?;
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut buffer = [0; 1024];
                while let Ok(1..) = stream.read(&mut buffer).await {
                    if stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK").await.is_err() {
                        break;
                    }
                }
            });
        }
    });
    Ok(())
}

async fn ask(stream: &mut UnixStream, target: &str) -> Result<String> {
    stream.write_all(format!("GET {target} HTTP/1.1\r\nHost: d\r\n\r\n").as_bytes()).await?;
    let mut answer = [0; 40];
    stream.read_exact(&mut answer).await?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

struct Setting {
    proxy: RecordingProxy,
    _folder: tempfile::TempDir,
}

fn setting() -> Result<Setting> {
    let folder = tempfile::tempdir()?;
    let upstream = folder.path().join("up.sock");
    serve(&upstream)?;
    let proxy = RecordingProxy::start(&format!("unix://{}", upstream.display()))?;
    Ok(Setting { proxy, _folder: folder })
}

#[tokio::test]
async fn records_every_request_of_a_kept_alive_connection() -> Result<()> {
    let Setting { proxy, _folder } = setting()?;
    let mut first = UnixStream::connect(proxy.socket()).await?;
    assert!(ask(&mut first, "/v1.41/containers/ab/logs?follow=1").await?.starts_with("HTTP/1.1 200"));
    assert!(ask(&mut first, "/_ping").await?.ends_with("OK"));
    let mut second = UnixStream::connect(proxy.socket()).await?;
    ask(&mut second, "/containers/ab/logs?tail=1").await?;

    assert_eq!(proxy.count(|line| line.is_container_logs()), 2);
    assert_eq!(proxy.requests().iter().map(|line| line.connection).collect::<Vec<_>>(), [1, 1, 2]);
    assert_eq!(proxy.open_connections(), 2);
    proxy.clear();
    assert!(proxy.requests().is_empty());
    Ok(())
}

#[tokio::test]
async fn cuts_what_is_open_and_welcomes_what_comes() -> Result<()> {
    let Setting { proxy, _folder } = setting()?;
    let mut stream = UnixStream::connect(proxy.socket()).await?;
    ask(&mut stream, "/_ping").await?;
    proxy.cut_all();
    assert_eq!(timeout(SOON, stream.read(&mut [0; 1])).await??, 0);
    eventually(SOON, || async {
        ensure!(proxy.open_connections() == 0, "still open");
        Ok(())
    })
    .await?;
    ask(&mut UnixStream::connect(proxy.socket()).await?, "/_ping").await?;
    Ok(())
}

#[tokio::test]
async fn holds_the_bytes_back_while_paused() -> Result<()> {
    let Setting { proxy, _folder } = setting()?;
    let mut stream = UnixStream::connect(proxy.socket()).await?;
    proxy.pause();
    assert!(
        timeout(Duration::from_millis(150), ask(&mut stream, "/_ping")).await.is_err(),
        "answered while paused"
    );
    proxy.resume();
    let mut answer = [0; 40];
    timeout(SOON, stream.read_exact(&mut answer)).await??;
    assert_eq!(proxy.requests().len(), 1);
    Ok(())
}

#[tokio::test]
async fn is_away_while_it_refuses() -> Result<()> {
    let Setting { proxy, _folder } = setting()?;
    let mut stream = UnixStream::connect(proxy.socket()).await?;
    ask(&mut stream, "/_ping").await?;
    proxy.set_refuse(true)?;
    proxy.set_refuse(true)?;
    assert!(UnixStream::connect(proxy.socket()).await.is_err());
    ask(&mut stream, "/still-open").await?;
    proxy.set_refuse(false)?;
    ask(&mut UnixStream::connect(proxy.socket()).await?, "/_ping").await?;
    Ok(())
}

#[tokio::test]
async fn a_proxy_that_is_dropped_takes_its_connections_along() -> Result<()> {
    let Setting { proxy, _folder } = setting()?;
    let mut stream = UnixStream::connect(proxy.socket()).await?;
    ask(&mut stream, "/_ping").await?;
    let socket = proxy.socket().to_owned();
    drop(proxy);
    assert_eq!(timeout(SOON, stream.read(&mut [0; 1])).await??, 0);
    assert!(!socket.exists());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_docker_client_works_through_it_and_its_requests_are_counted() -> Result<()> {
    for engine in engines() {
        let container = engine.run_container(&ContainerSpec::script("echo out; echo err >&2; sleep 30"))?;
        let proxy = RecordingProxy::start(&engine.host)?;
        let through = dockline_testkit::TestEngine { version: engine.version.clone(), host: proxy.host() };
        eventually(SOON, || async {
            let output = through.docker(["logs", container.id()])?;
            ensure!(output.stdout == b"out\n" && output.stderr == b"err\n", "{output:?}");
            Ok(())
        })
        .await?;
        assert!(proxy.count(|line| line.is_container_logs()) >= 1);
        // A hijacked connection carries bytes both ways, and they are no requests.
        let output = through.docker(["exec", container.id(), "echo", "GET /no HTTP/1.1"])?;
        assert_eq!(output.stdout, b"GET /no HTTP/1.1\n");
        assert_eq!(proxy.count(|line| line.path() == "/no"), 0);
        assert_eq!(proxy.count(|line| line.method == "POST" && line.path().ends_with("/start")), 1);
    }
    Ok(())
}
