//! That a connection can be upgraded over every way to an engine: what runs in a container with a terminal needs it.

use anyhow::{Context, Result, bail, ensure};
use bollard::exec::{CreateExecOptions, StartExecResults};
use dockline_testkit::{ContainerSpec, RemoteEngine, SshServer, TestEngine, engines};
use futures::StreamExt;
use tokio::io::AsyncWriteExt;

use crate::{Connection, Credentials, DockerEngine, SshCredentials, TlsCredentials};

#[tokio::test(flavor = "multi_thread")]
async fn an_upgraded_connection_carries_both_directions() -> Result<()> {
    for real in engines() {
        echo(Connection::plain(real.host.parse()?), &real).await.context("over a Unix socket")?;
    }
    let remote = RemoteEngine::get();
    let client = remote.client()?;
    let tls = TlsCredentials { ca: remote.ca()?, certificate: client.certificate, key: client.key.into() };
    let connection = Connection::new(remote.host.parse()?, Credentials::Tls(tls))?;
    echo(connection, &remote.local).await.context("over TLS")?;

    let (server, real) = (SshServer::start().await?, engines().pop().context("an engine")?);
    let ssh = SshCredentials { private_key: server.client_key()?.into(), host_key: server.host_key()? };
    let connection = Connection::new(server.address(real.socket()).parse()?, Credentials::Ssh(ssh))?;
    echo(connection, &real).await.context("over SSH")
}

async fn echo(connection: Connection, real: &TestEngine) -> Result<()> {
    let engine = DockerEngine::new("edge".parse()?, connection);
    let container = real.run_container(&ContainerSpec::script("sleep 60"))?;
    let docker = engine.docker()?;
    let options = CreateExecOptions {
        attach_stdin: Some(true),
        attach_stdout: Some(true),
        cmd: Some(vec!["sh", "-c", "read line; echo got $line; exit 7"]),
        ..CreateExecOptions::default()
    };
    let exec = docker.create_exec(container.id(), options).await?.id;
    let StartExecResults::Attached { mut output, mut input } = docker.start_exec(&exec, None).await? else {
        bail!("not attached")
    };
    input.write_all(b"hello\n").await?;
    input.flush().await?;
    let mut said = String::new();
    while let Some(piece) = output.next().await {
        said.push_str(&piece?.to_string());
    }
    ensure!(said == "got hello\n", "{said:?}");
    ensure!(docker.inspect_exec(&exec).await?.exit_code == Some(7));
    Ok(())
}
