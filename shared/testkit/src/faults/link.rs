//! A link between a program and a server of it: a port whose bytes go through this process, which can hold them back,
//! lose some, and break the connections.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::PathBuf,
    sync::{Arc, Mutex},
};

use anyhow::{Context, Result};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream, UnixStream},
    sync::watch,
    task::AbortHandle,
};

use super::traffic::{Traffic, Way, lock};
use crate::TestEngine;

/// Where a link leads.
#[derive(Clone, Debug)]
pub enum Server {
    /// A port.
    Tcp(SocketAddr),
    /// A Unix socket.
    Unix(PathBuf),
}

impl Server {
    /// A port of the loopback interface.
    pub const fn local(port: u16) -> Self {
        Self::Tcp(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port))
    }
}

/// The link; it ends with all its connections when dropped.
#[derive(Debug)]
pub struct Link {
    shared: Arc<Shared>,
    address: SocketAddr,
    accepting: AbortHandle,
}

#[derive(Debug)]
struct Shared {
    server: Mutex<Server>,
    up: Traffic,
    down: Traffic,
    /// Counts the calls of `cut`; a connection ends when it changes.
    cut: watch::Sender<u64>,
    refuses: watch::Sender<bool>,
}

impl Link {
    /// Listens on a free port of the loopback interface.
    pub async fn to(server: Server) -> Result<Self> {
        Self::at(Ipv4Addr::LOCALHOST.into(), server, &[]).await
    }

    /// Listens on a free port of this address, and counts these words in what the server sends.
    pub async fn at(ip: IpAddr, server: Server, words: &[&[u8]]) -> Result<Self> {
        let listener = TcpListener::bind((ip, 0)).await.with_context(|| format!("listen on {ip}"))?;
        Self::on(listener, server, words)
    }

    /// Listens on a free port of the loopback interface that an engine has, which may be in a network of its own.
    pub fn beside(engine: &TestEngine, server: Server) -> Result<Self> {
        Self::on(TcpListener::from_std(engine.loopback_listener()?)?, server, &[])
    }

    fn on(listener: TcpListener, server: Server, words: &[&[u8]]) -> Result<Self> {
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            server: Mutex::new(server),
            up: Traffic::new(&[]),
            down: Traffic::new(words),
            cut: watch::Sender::new(0),
            refuses: watch::Sender::new(false),
        });
        // Ended through its handle in `drop`; it has no result.
        let accepting = tokio::spawn(accept(listener, Arc::clone(&shared))).abort_handle();
        Ok(Self { shared, address, accepting })
    }

    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Leads new connections to another server; those there are stay where they are.
    pub fn lead_to(&self, server: Server) {
        *lock(&self.shared.server) = server;
    }

    /// Breaks every connection there is; new ones are welcome.
    pub fn cut(&self) {
        self.shared.cut.send_modify(|count| *count += 1);
    }

    /// With true, hangs up on new connections at once, as a port where nobody serves.
    pub fn refuse(&self, refuse: bool) {
        self.shared.refuses.send_replace(refuse);
    }

    /// With true, holds back what goes this way, on connections there are and on new ones; with false lets it pass, in
    /// its order. What a program sent arrives even when that program has hung up in the meantime.
    pub fn hold(&self, way: Way, hold: bool) {
        self.traffic(way).hold(hold);
    }

    /// Holds back everything that goes this way from the piece on that completes this text.
    pub fn hold_at(&self, way: Way, text: &[u8]) {
        self.traffic(way).hold_at(text);
    }

    /// Lets so many bytes a second of each connection go this way, all that come with 0.
    pub fn slow_down(&self, way: Way, bytes_per_second: u64) {
        self.traffic(way).slow_down(bytes_per_second);
    }

    /// Completes when bytes that go this way are held back.
    pub async fn until_held(&self, way: Way) {
        self.traffic(way).until_waiting().await;
    }

    /// Loses the next piece that goes this way and completes this text. Whoever asks for that sees to it that nothing
    /// else is in the piece: a stream with a hole elsewhere is no fault that networks have.
    pub fn lose_next(&self, way: Way, text: &[u8]) {
        self.traffic(way).lose_next(text);
    }

    /// How many pieces were lost this way.
    pub fn lost(&self, way: Way) -> u64 {
        self.traffic(way).lost()
    }

    /// How often the server has sent one of the words that are counted.
    pub fn count(&self, word: &[u8]) -> u64 {
        self.shared.down.count(word)
    }

    fn traffic(&self, way: Way) -> &Traffic {
        self.shared.traffic(way)
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.accepting.abort();
        self.cut();
    }
}

impl Shared {
    const fn traffic(&self, way: Way) -> &Traffic {
        match way {
            Way::Up => &self.up,
            Way::Down => &self.down,
        }
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    while let Ok((client, _)) = listener.accept().await {
        if *shared.refuses.borrow() {
            continue;
        }
        // Watched before the task runs, so that a cut right after the accept is not missed.
        let mut cut = shared.cut.subscribe();
        let shared = Arc::clone(&shared);
        tokio::spawn(async move {
            tokio::select! {
                _ = cut.changed() => {}
                connected = connect(client, &shared) => if let Err(error) = connected {
                    tracing::debug!(%error, "a link's server could not be reached");
                },
            }
        });
    }
}

async fn connect(client: TcpStream, shared: &Shared) -> Result<()> {
    client.set_nodelay(true)?;
    let server = lock(&shared.server).clone();
    match server {
        Server::Tcp(address) => {
            let server = TcpStream::connect(address).await?;
            server.set_nodelay(true)?;
            carry(client, server.into_split(), shared).await;
        }
        Server::Unix(path) => carry(client, UnixStream::connect(path).await?.into_split(), shared).await,
    }
    Ok(())
}

async fn carry(
    client: TcpStream,
    (from_server, to_server): (impl AsyncRead + Unpin, impl AsyncWrite + Unpin),
    shared: &Shared,
) {
    let (from_client, to_client) = client.into_split();
    let up = shared.up.carry(from_client, to_server);
    let down = shared.down.carry(from_server, to_client);
    // Each way ends by itself, so that what is held back arrives after its sender has hung up.
    let (up, down) = tokio::join!(up, down);
    tracing::debug!(?up, ?down, "a link's connection ended");
}
