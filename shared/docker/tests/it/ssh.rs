//! What can be wrong with an SSH log-in, and how it is said.

use std::path::Path;

use anyhow::{Result, ensure};
use dockline_docker::{Connection, Credentials, InvalidConnection, SshCredentials};
use dockline_testkit::{Authority, SshServer, free_port};

use crate::stage::{assert_refused, behind, engine_of, plain, refusal, ssh};

#[tokio::test(flavor = "multi_thread")]
async fn a_server_with_another_host_key() -> Result<()> {
    let (server, other) = (SshServer::start().await?, SshServer::start().await?);
    let address = server.address(engine_of("28.5").socket());
    let asked = ssh(&address, server.client_key()?, other.host_key()?)?;
    assert_refused(&asked, &[&address, "host key is ssh-ed25519 SHA256:", "not ssh-ed25519 SHA256:"]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_a_host_key_of_that_type() -> Result<()> {
    let server = SshServer::start().await?;
    let ecdsa = "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBEmKSENjQEezOmxkZMy7opKgwFB9nkt5YRrYMjNuG5N87uRgg6CLrbo5wAdT/y6v0mKV0U2w0WZ2YB/++Tpockg=";
    let asked = ssh(&server.address(engine_of("28.5").socket()), server.client_key()?, ecdsa.to_owned())?;
    assert_refused(&asked, &["no host key of the type ecdsa-sha2-nistp256", "only ssh-ed25519"]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_the_server_does_not_let_in() -> Result<()> {
    let (server, other) = (SshServer::start().await?, SshServer::start().await?);
    let address = server.address(engine_of("28.5").socket());
    let asked = ssh(&address, other.client_key()?, server.host_key()?)?;
    let words = ["permission denied (publickey)", "ssh-ed25519 SHA256:", "authorized_keys", server.user()];
    assert_refused(&asked, &words).await?;
    assert_refused(&asked, &[&address, "permission denied (publickey)"]).await?;
    // It is not tried again at once: the server may lock out whoever fails often.
    let tries = server.log_end().matches("Connection closed by authenticating user").count();
    ensure!(tries <= 1, "{}", server.log_end());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn no_engine_at_the_far_side() -> Result<()> {
    let server = SshServer::start().await?;
    let asked =
        ssh(&server.address(Path::new("/nowhere/docker.sock")), server.client_key()?, server.host_key()?)?;
    assert_refused(&asked, &["did not connect to the socket /nowhere/docker.sock", server.user()]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_forbids_forwarding() -> Result<()> {
    let server = SshServer::start_with(&["AllowStreamLocalForwarding no"]).await?;
    let asked = behind(&server, &engine_of("28.5"))?;
    assert_refused(&asked, &["AllowStreamLocalForwarding"]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_at_the_port_and_no_key() -> Result<()> {
    let server = SshServer::start().await?;
    let nobody = format!("ssh://root@127.0.0.1:{}", free_port());
    let asked = ssh(&nobody, server.client_key()?, server.host_key()?)?;
    assert_refused(&asked, &[&nobody, "connection refused"]).await?;
    let said = refusal(&plain(&nobody)?).await?;
    ensure!(said.contains("needs a private key and the server's host key"), "{said}");
    Ok(())
}

#[tokio::test]
async fn keys_that_cannot_be_used_name_their_field() -> Result<()> {
    let server = SshServer::start().await?;
    let (ours, host) = (server.client_key()?, server.host_key()?);
    let host_line = format!("# 127.0.0.1:22 SSH-2.0-OpenSSH\n[127.0.0.1]:22 {host}");
    let indented = ours.replace('\n', "\r\n  ");
    let pkcs8 = Authority::new()?.issue(&["client"])?.key;
    for (private_key, host_key) in [(&ours, &host), (&ours, &host_line), (&indented, &host), (&pkcs8, &host)]
    {
        Connection::new("ssh://root@host".parse()?, credentials(private_key, host_key))?;
    }
    let rsa = "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----";
    let encrypted = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIF\n-----END ENCRYPTED PRIVATE KEY-----";
    let rsa_host = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAQQDJ";
    let two = format!("{host}{host}");
    for (private_key, host_key, field, words) in [
        ("", &*host, "private_key", "OPENSSH PRIVATE KEY"),
        ("hunter2", &host, "private_key", "cannot be read"),
        (rsa, &host, "private_key", "ssh-keygen -t ed25519"),
        (encrypted, &host, "private_key", "ssh-keygen -p"),
        (&ours, "", "host_key", "ssh-keyscan"),
        (&ours, "AAAAC3NzaC1lZDI1NTE5", "host_key", "ssh-keyscan"),
        (&ours, "ssh-ed25519 AAAA", "host_key", "cannot be read"),
        (&ours, &two, "host_key", "one line"),
        (&ours, rsa_host, "host_key", "ead"),
        (&ours, "@cert-authority * ssh-ed25519 AAAA", "host_key", "@cert-authority"),
    ] {
        let error = Connection::new("ssh://root@host".parse()?, credentials(private_key, host_key));
        let InvalidConnection { field: found, message } = error.expect_err(words);
        assert_eq!(found, field, "{message}");
        assert!(message.contains(words), "{message}");
        assert!(!message.contains("hunter2"), "{message}");
    }
    let error =
        Connection::new("tcp://host:2375".parse()?, credentials(&ours, &host)).expect_err("no ssh://");
    assert_eq!(error.field, "address");
    let error = Connection::new("ssh://root@host".parse()?, Credentials::None).expect_err("no key");
    assert_eq!(error.field, "address");
    Ok(())
}

fn credentials(private_key: &str, host_key: &str) -> Credentials {
    Credentials::Ssh(SshCredentials {
        private_key: private_key.to_owned().into(),
        host_key: host_key.to_owned(),
    })
}
