//! What can be wrong with certificates, and how it is said.

use std::sync::Arc;

use anyhow::Result;
use dockline_docker::{Connection, Credentials, InvalidConnection, TlsCredentials};
use dockline_testkit::{Authority, Certified, Link, RemoteEngine, Server, SshServer, free_port};
use tokio::net::TcpListener;
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::aws_lc_rs,
        pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    },
};

use crate::stage::{REMOTE, assert_refused, engine_of, plain, tls};

#[tokio::test]
async fn an_engine_whose_certificate_another_ca_signed() -> Result<()> {
    let _there = REMOTE.read().await;
    let (engine, other) = (RemoteEngine::get(), Authority::new()?);
    let asked = tls(&engine.host, other.certificate(), engine.client()?)?;
    assert_refused(&asked, &[&engine.host, "not signed by the given CA"]).await
}

#[tokio::test]
async fn a_client_certificate_that_another_ca_signed() -> Result<()> {
    let _there = REMOTE.read().await;
    let (engine, other) = (RemoteEngine::get(), Authority::new()?);
    let asked = tls(&engine.host, engine.ca()?, other.issue(&["client"])?)?;
    // Again and again: the engine's words must not get lost in the reset of the connection.
    for _ in 0..10 {
        let words =
            [&engine.host, "does not accept the client certificate", "signed by the CA of the engine's"];
        assert_refused(&asked, &words).await?;
    }
    Ok(())
}

#[tokio::test]
async fn an_expired_client_certificate() -> Result<()> {
    let _there = REMOTE.read().await;
    let engine = RemoteEngine::get();
    let asked = tls(&engine.host, engine.ca()?, engine.authority()?.issue_expired(&["client"])?)?;
    assert_refused(&asked, &[&engine.host, "does not accept the client certificate", "expired"]).await?;
    // The same authority's certificate that is valid serves.
    let asked = tls(&engine.host, engine.ca()?, engine.authority()?.issue(&["client"])?)?;
    dockline_docker::Engine::ping(&asked).await?;
    Ok(())
}

#[tokio::test]
async fn no_certificate_where_one_is_wanted() -> Result<()> {
    let _there = REMOTE.read().await;
    let engine = RemoteEngine::get();
    assert_refused(&plain(&engine.host)?, &[&engine.host, "it wants TLS", "client certificate"]).await
}

#[tokio::test]
async fn certificates_where_none_are_wanted() -> Result<()> {
    let link = Link::to(Server::Unix(engine_of("28.5").socket().to_owned())).await?;
    let authority = Authority::new()?;
    let address = format!("tcp://{}", link.address());
    let asked = tls(&address, authority.certificate(), authority.issue(&["client"])?)?;
    assert_refused(&asked, &[&address, "answers without TLS", "--tlsverify"]).await
}

#[tokio::test]
async fn an_expired_server_certificate() -> Result<()> {
    let authority = Authority::new()?;
    let address = tls_server(&authority.issue_expired(&["127.0.0.1"])?).await?;
    let asked = tls(&address, authority.certificate(), authority.issue(&["client"])?)?;
    assert_refused(&asked, &[&address, "expired on 2020-12-31", "renew it"]).await
}

#[tokio::test]
async fn a_server_certificate_for_another_address() -> Result<()> {
    let authority = Authority::new()?;
    let address = tls_server(&authority.issue(&["10.9.8.7", "engine.example"])?).await?;
    let asked = tls(&address, authority.certificate(), authority.issue(&["client"])?)?;
    let words = [&*address, "not for 127.0.0.1", "engine.example", "subjectAltName"];
    assert_refused(&asked, &words).await
}

#[tokio::test]
async fn nobody_and_somebody_else_at_the_port() -> Result<()> {
    let authority = Authority::new()?;
    let nobody = format!("tcp://127.0.0.1:{}", free_port());
    let asked = tls(&nobody, authority.certificate(), authority.issue(&["client"])?)?;
    assert_refused(&asked, &[&nobody, "connection refused", "start the engine"]).await?;
    assert_refused(&plain(&nobody)?, &[&nobody, "connection refused"]).await?;
    assert_refused(&plain("tcp://no-such-host.invalid:2375")?, &["`no-such-host.invalid` has no address"])
        .await?;

    let server = SshServer::start().await?;
    let other = format!("tcp://127.0.0.1:{}", server.port());
    assert_refused(&plain(&other)?, &[&other, "not a Docker engine"]).await
}

#[tokio::test]
async fn no_socket_at_the_path() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let address = format!("unix://{}/docker.sock", folder.path().display());
    assert_refused(&plain(&address)?, &[&address, "no such socket", "start the engine"]).await
}

#[test]
fn credentials_that_cannot_be_used_name_their_field() -> Result<()> {
    let (ours, other) = (Authority::new()?, Authority::new()?);
    let (client, stranger) = (ours.issue(&["client"])?, other.issue(&["client"])?);
    let ca = ours.certificate();
    let encrypted = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIF\n-----END ENCRYPTED PRIVATE KEY-----\n";
    for (ca, certificate, key, field, words) in [
        ("", &*client.certificate, &*client.key, "ca", "no certificate in it"),
        (&client.key, &client.certificate, &client.key, "ca", "this is a private key"),
        (&ca, "hello", &client.key, "certificate", "no certificate in it"),
        (&ca, &client.certificate, "hello", "key", "no private key in it"),
        (&ca, &client.certificate, encrypted, "key", "openssl pkey"),
        (&ca, &client.certificate, &stranger.key, "key", "does not belong to the certificate"),
    ] {
        let credentials =
            TlsCredentials { ca: ca.into(), certificate: certificate.into(), key: key.to_owned().into() };
        let error = Connection::new("tcp://127.0.0.1:2376".parse()?, Credentials::Tls(credentials));
        let InvalidConnection { field: found, message } = error.expect_err(words);
        assert_eq!(found, field, "{message}");
        assert!(message.contains(words), "{message}");
        let secret = key.lines().nth(1).unwrap_or("hello");
        assert!(!message.contains(secret), "{message}");
    }
    let tls =
        Credentials::Tls(TlsCredentials { ca, certificate: client.certificate, key: client.key.into() });
    let error =
        Connection::new("unix:///var/run/docker.sock".parse()?, tls).expect_err("no TLS over a Unix socket");
    assert_eq!(error.field, "address");
    Ok(())
}

/// A server that speaks TLS with this certificate and nothing else, for as long as the test lasts.
async fn tls_server(certified: &Certified) -> Result<String> {
    let chain = vec![CertificateDer::from_pem_slice(certified.certificate.as_bytes())?];
    let key = PrivateKeyDer::from_pem_slice(certified.key.as_bytes())?;
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = format!("tcp://{}", listener.local_addr()?);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            // The client hangs up when it does not like the certificate.
            drop(acceptor.accept(stream).await);
        }
    });
    Ok(address)
}
