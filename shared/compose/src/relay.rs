//! The plugin's way to an engine: a private socket, each of whose connections is joined to one that the host's own dialer
//! opened. So keys and certificates stay in this process.

use std::{
    io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use dockline_docker::Engine;
use dockline_domain::access::Grant;
use tokio::{
    io::copy_bidirectional,
    net::{UnixListener, UnixStream},
    task::JoinSet,
};

/// A socket that leads to an engine, as long as this lives.
pub(crate) struct Relay {
    path: PathBuf,
    /// Why the engine could not be reached the last time.
    failure: Arc<Mutex<Option<String>>>,
    /// Dropped, it ends every connection.
    _connections: JoinSet<()>,
}

impl Relay {
    /// Listens in `folder`, which is nobody else's.
    pub(crate) fn open(folder: &Path, engine: Arc<dyn Engine>, grant: Grant) -> io::Result<Self> {
        let path = folder.join("engine.sock");
        let listener = UnixListener::bind(&path)?;
        let failure = Arc::new(Mutex::default());
        let mut connections = JoinSet::new();
        connections.spawn(serve(listener, engine, grant, Arc::clone(&failure)));
        Ok(Self { path, failure, _connections: connections })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn failure(&self) -> Option<String> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

async fn serve(
    listener: UnixListener,
    engine: Arc<dyn Engine>,
    grant: Grant,
    failure: Arc<Mutex<Option<String>>>,
) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            Some(_) = connections.join_next() => {}
            accepted = listener.accept() => match accepted {
                Ok((socket, _)) => {
                    connections.spawn(join(socket, Arc::clone(&engine), grant.clone(), Arc::clone(&failure)));
                }
                Err(error) => {
                    tracing::warn!(%error, "the Compose plugin cannot be connected to its engine");
                    return;
                }
            },
        }
    }
}

/// Either side may break off at any time; what that means is for the plugin to say.
async fn join(
    mut socket: UnixStream,
    engine: Arc<dyn Engine>,
    grant: Grant,
    failure: Arc<Mutex<Option<String>>>,
) {
    let opened = engine.tunnel(&grant).await;
    let told = opened.as_ref().err().map(ToString::to_string);
    *failure.lock().unwrap_or_else(PoisonError::into_inner) = told;
    if let Ok(mut engine) = opened
        && let Err(error) = copy_bidirectional(&mut socket, &mut engine).await
    {
        tracing::debug!(%error, "a connection of the Compose plugin broke");
    }
}
