//! Links and networks do to real connections what they say.

use std::{
    net::{IpAddr, Ipv4Addr},
    process::Command,
    time::Duration,
};

use anyhow::{Result, ensure};
use dockline_testkit::{Link, Network, Server, Way, eventually};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    time::timeout,
};

/// A server that tells what it got, and answers each piece with `got it`.
async fn server(ip: IpAddr) -> Result<(u16, mpsc::UnboundedReceiver<Vec<u8>>)> {
    let listener = TcpListener::bind((ip, 0)).await?;
    let port = listener.local_addr()?.port();
    let (sender, pieces) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let sender = sender.clone();
            tokio::spawn(async move {
                let mut buffer = [0; 1024];
                while let Ok(count @ 1..) = socket.read(&mut buffer).await {
                    drop(sender.send(buffer[..count].to_vec()));
                    if socket.write_all(b"got it").await.is_err() {
                        return;
                    }
                }
            });
        }
    });
    Ok((port, pieces))
}

async fn ask(socket: &mut TcpStream) -> Result<String> {
    socket.write_all(b"ask").await?;
    let mut buffer = [0; 64];
    let count = timeout(Duration::from_secs(5), socket.read(&mut buffer)).await??;
    Ok(String::from_utf8_lossy(&buffer[..count]).into_owned())
}

#[tokio::test]
async fn what_is_held_back_arrives_though_its_sender_is_gone() -> Result<()> {
    let local = Ipv4Addr::LOCALHOST.into();
    let (port, mut pieces) = server(local).await?;
    let link = Link::at(local, Server::local(port), &[b"got it"]).await?;
    let mut socket = TcpStream::connect(link.address()).await?;
    ensure!(ask(&mut socket).await? == "got it" && link.count(b"got it") == 1);
    pieces.recv().await;

    link.hold_at(Way::Up, b"mark");
    ensure!(ask(&mut socket).await? == "got it", "not the mark yet");
    pieces.recv().await;
    socket.write_all(b"the mark").await?;
    timeout(Duration::from_secs(5), link.until_held(Way::Up)).await?;
    // Also on a new connection, and the first is gone.
    drop(socket);
    let mut other = TcpStream::connect(link.address()).await?;
    other.write_all(b"more").await?;
    ensure!(timeout(Duration::from_millis(100), pieces.recv()).await.is_err(), "it was not held back");
    link.hold(Way::Up, false);
    let mut arrived = [pieces.recv().await, pieces.recv().await];
    arrived.sort();
    ensure!(arrived == [Some(b"more".to_vec()), Some(b"the mark".to_vec())], "{arrived:?}");
    Ok(())
}

#[tokio::test]
async fn pieces_are_lost_connections_cut_and_refused_and_led_elsewhere() -> Result<()> {
    let local = Ipv4Addr::LOCALHOST.into();
    let (port, _pieces) = server(local).await?;
    let link = Link::to(Server::local(port)).await?;
    let mut socket = TcpStream::connect(link.address()).await?;
    link.lose_next(Way::Down, b"got");
    socket.write_all(b"one").await?;
    eventually(Duration::from_secs(5), async || {
        ensure!(link.lost(Way::Down) == 1);
        Ok(())
    })
    .await?;
    ensure!(ask(&mut socket).await? == "got it", "the next one comes");

    link.cut();
    ensure!(ask(&mut socket).await.map_or(true, |answer| answer.is_empty()), "the connection is cut");
    link.refuse(true);
    let refused = async { ask(&mut TcpStream::connect(link.address()).await?).await };
    ensure!(refused.await.map_or(true, |answer| answer.is_empty()), "nobody is served");
    link.refuse(false);
    let (elsewhere, mut pieces) = server(local).await?;
    link.lead_to(Server::local(elsewhere));
    ensure!(ask(&mut TcpStream::connect(link.address()).await?).await? == "got it");
    ensure!(pieces.recv().await == Some(b"ask".to_vec()));
    Ok(())
}

/// What a program on a node gets from the server.
fn ask_from(namespace: &str, address: IpAddr, port: u16) -> Result<String> {
    let script = format!(
        "exec 3<>/dev/tcp/{address}/{port} && printf ask >&3 && timeout 1 head -c 6 <&3 || echo nothing"
    );
    let output = Command::new("timeout")
        .args(["3", "nsenter", &format!("--net=/run/netns/{namespace}"), "bash", "-c", &script])
        .output()?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn packets_are_dropped_one_way_or_both() -> Result<()> {
    let network = match Network::of(2) {
        Ok(network) => network,
        Err(error) => {
            let user = Command::new("id").arg("-u").output()?.stdout;
            ensure!(user != b"0\n", "root can make a network: {error:#}");
            return Ok(());
        }
    };
    let center = network.center().expect("a node");
    let (port, mut pieces) = server(center).await?;
    let nodes = network.nodes();
    for node in nodes {
        ensure!(ask_from(node.namespace(), center, port)? == "got it");
        ensure!(pieces.recv().await.is_some());
    }
    for (way, arrives) in [(None, false), (Some(Way::Up), false), (Some(Way::Down), false)] {
        nodes[0].drop_packets(port, way)?;
        ensure!(ask_from(nodes[0].namespace(), center, port)? != "got it", "{way:?}");
        ensure!(pieces.try_recv().is_ok() == arrives, "{way:?}");
        ensure!(ask_from(nodes[1].namespace(), center, port)? == "got it", "the other one is not disturbed");
        ensure!(pieces.recv().await.is_some());
        nodes[0].mend()?;
        ensure!(ask_from(nodes[0].namespace(), center, port)? == "got it", "mended after {way:?}");
        ensure!(pieces.recv().await.is_some());
    }
    let gone = nodes[0].namespace().to_owned();
    drop(network);
    ensure!(!std::path::Path::new("/run/netns").join(gone).exists());
    Ok(())
}
