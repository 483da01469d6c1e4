//! What the tests of this crate share.

use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use dockline_docker::{
    Connection, Credentials, DockerEngine, Engine, Error, LogQuery, LogStream, SshCredentials, Tail,
    TlsCredentials,
};
use dockline_domain::{
    ContainerId, HostId, SessionId, UserId,
    access::{Grant, Permission, Principal, Role, authorize},
};
use dockline_testkit::{Certified, RemoteEngine, SshServer, TestContainer, TestEngine, engines};
use futures::{Stream, StreamExt};
use tokio::{sync::RwLock, time::timeout};

/// Whoever keeps the engines busy for long writes, whoever is told by them within seconds how a program ended reads.
pub static QUIET: RwLock<()> = RwLock::const_new(());

/// Whoever cuts the remote engine off writes, whoever only uses it reads.
pub static REMOTE: RwLock<()> = RwLock::const_new(());

/// No single answer of a test takes longer, on a machine that compiles something else at the same time.
pub const ANSWER: Duration = Duration::from_secs(20);

pub fn host() -> HostId {
    "edge".parse().expect("a host id")
}

/// An engine at this address, without credentials.
pub fn plain(address: &str) -> Result<DockerEngine> {
    Ok(DockerEngine::new(host(), Connection::plain(address.parse()?)))
}

/// An engine at this address with mutual TLS.
pub fn tls(address: &str, ca: String, client: Certified) -> Result<DockerEngine> {
    let credentials = TlsCredentials { ca, certificate: client.certificate, key: client.key.into() };
    let connection = Connection::new(address.parse()?, Credentials::Tls(credentials))?;
    Ok(DockerEngine::new(host(), connection))
}

/// The remote engine as it wants to be asked.
pub fn remote(engine: &RemoteEngine) -> Result<DockerEngine> {
    tls(&engine.host, engine.ca()?, engine.client()?)
}

/// An engine behind an SSH server that is asked with these keys.
pub fn ssh(address: &str, private_key: String, host_key: String) -> Result<DockerEngine> {
    let credentials = SshCredentials { private_key: private_key.into(), host_key };
    let connection = Connection::new(address.parse()?, Credentials::Ssh(credentials))?;
    Ok(DockerEngine::new(host(), connection))
}

/// The engine's socket behind this server, with the right keys.
pub fn behind(server: &SshServer, engine: &TestEngine) -> Result<DockerEngine> {
    ssh(&server.address(engine.socket()), server.client_key()?, server.host_key()?)
}

/// The test engine of this version.
pub fn engine_of(version: &str) -> TestEngine {
    engines().into_iter().find(|engine| engine.version == version).expect("an engine of this version")
}

pub fn id(container: &TestContainer) -> Result<ContainerId> {
    Ok(container.id().parse()?)
}

/// A container's log from its beginning, followed.
pub async fn follow(engine: &DockerEngine, container: &TestContainer) -> Result<LogStream> {
    let query = LogQuery { tail: Tail::All, since: None, until: None, follow: true };
    Ok(timeout(ANSWER, engine.logs(&id(container)?, &query)).await??.chunks)
}

/// Reads a log until the text has come.
pub async fn until_said(log: &mut LogStream, text: &str) -> Result<()> {
    let mut said = Vec::new();
    let reading = async {
        while let Some(chunk) = log.next().await {
            said.extend_from_slice(&chunk?.bytes);
            if String::from_utf8_lossy(&said).contains(text) {
                return Ok(());
            }
        }
        bail!("the log ended")
    };
    timeout(ANSWER, reading).await.with_context(|| format!("no `{text}` in the log"))?
}

/// What a ping that must fail says.
pub async fn refusal(engine: &DockerEngine) -> Result<String> {
    match timeout(ANSWER, engine.ping()).await? {
        Ok(()) => bail!("the ping is answered"),
        Err(error) => Ok(error.to_string()),
    }
}

/// That a ping fails with a text that holds all of these, and nothing of a secret.
pub async fn assert_refused(engine: &DockerEngine, words: &[&str]) -> Result<()> {
    let said = refusal(engine).await?;
    for word in words {
        ensure!(said.contains(word), "no `{word}` in: {said}");
    }
    ensure!(!said.contains("PRIVATE KEY") && !said.contains("BEGIN"), "{said}");
    Ok(())
}

/// The error that a stream ends with, which must say that the engine cannot be reached.
pub async fn break_of<T>(mut stream: impl Stream<Item = Result<T, Error>> + Unpin) -> Result<String> {
    let broken = async {
        while let Some(item) = stream.next().await {
            match item {
                Ok(_) => {}
                Err(error @ Error::Unreachable { .. }) => return Ok(error.to_string()),
                Err(error) => bail!("another error: {error:?}"),
            }
        }
        bail!("it ended without an error")
    };
    timeout(ANSWER, broken).await.context("the stream goes on")?
}

/// An administrator's.
pub fn grant(permission: Permission) -> Result<Grant> {
    let principal = Principal {
        user: UserId::generate(),
        username: "ada".parse()?,
        role: Role::Admin,
        session: SessionId::generate(),
    };
    Ok(authorize(&principal, permission)?)
}
