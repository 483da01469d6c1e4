//! The API version: agreed on with each engine, sent with each request, and agreed on anew with another engine.

use std::convert::Infallible;

use anyhow::{Result, ensure};
use bytes::Bytes;
use dockline_docker::{Engine, Error};
use dockline_testkit::{Link, RecordingProxy, Server, engines};
use http_body_util::Full;
use hyper::{Request, Response, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{net::TcpListener, time::timeout};

use crate::stage::{ANSWER, assert_refused, engine_of, plain};

#[tokio::test(flavor = "multi_thread")]
async fn every_request_names_the_agreed_version() -> Result<()> {
    for (real, version) in engines().iter().zip(["1.41", "1.51"]) {
        let proxy = RecordingProxy::start(&real.host)?;
        let engine = plain(&proxy.host())?;
        engine.ping().await?;
        engine.list().await?;
        engine.list().await?;
        let seen: Vec<String> = proxy.requests().into_iter().map(|request| request.target).collect();
        ensure!(seen.iter().filter(|target| *target == "/version").count() == 1, "asked once: {seen:?}");
        let lists =
            seen.iter().filter(|target| target.starts_with(&format!("/v{version}/containers/json?"))).count();
        ensure!(lists == 2, "{seen:?}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_engine_that_comes_up_in_the_place_of_another_is_asked_anew() -> Result<()> {
    let (old, new) = (engine_of("20.10"), engine_of("28.5"));
    let server = |of: &dockline_testkit::TestEngine| Server::Unix(of.socket().to_owned());
    let link = Link::to(server(&new)).await?;
    let engine = plain(&format!("tcp://{}", link.address()))?;
    ensure!(engine.info().await?.api_version == "1.51");

    // It is noticed by the next ping, although no request failed.
    link.lead_to(server(&old));
    engine.ping().await?;
    ensure!(engine.info().await?.api_version == "1.41");

    // And after a failure, without a ping.
    link.refuse(true);
    ensure!(engine.list().await.is_err());
    link.lead_to(server(&new));
    link.refuse(false);
    ensure!(engine.info().await?.api_version == "1.51");

    // Without either the engine itself refuses one version, and then the next is asked for.
    link.lead_to(server(&old));
    ensure!(engine.list().await.is_err());
    ensure!(!engine.list().await?.is_empty() || engine.info().await?.api_version == "1.41");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn engines_without_a_common_version_say_so_in_every_call() -> Result<()> {
    for (said, words) in [
        (r#"{"ApiVersion":"1.40","MinAPIVersion":"1.12"}"#, ["1.12 to 1.40", "update the engine"]),
        (r#"{"ApiVersion":"1.70","MinAPIVersion":"1.60"}"#, ["1.60 to 1.70", "update Dockline"]),
    ] {
        let address = answering(said).await?;
        let engine = plain(&address)?;
        assert_refused(&engine, &[&[&*address, "1.41 to 1.51"], &words[..]].concat()).await?;
        let list = timeout(ANSWER, engine.list()).await?.expect_err("no common version");
        ensure!(matches!(list, Error::Unusable { .. }), "{list:?}");
        ensure!(list.to_string().contains(words[1]), "{list}");
        let info = engine.info().await.expect_err("no common version");
        ensure!(info.to_string().contains(words[1]), "{info}");
    }
    // Something that answers, and is no engine.
    let address = answering("<html>hello</html>").await?;
    assert_refused(&plain(&address)?, &[&address, "not a Docker engine"]).await
}

/// A server that gives every request this answer, for as long as the test lasts.
async fn answering(body: &'static str) -> Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = format!("tcp://{}", listener.local_addr()?);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let answer = service_fn(move |_: Request<Incoming>| async move {
                Ok::<_, Infallible>(Response::new(Full::new(Bytes::from_static(body.as_bytes()))))
            });
            tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), answer));
        }
    });
    Ok(address)
}
