//! Live sockets end with the rights behind them.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use dockline_testkit::engines;
use serde_json::json;
use tokio_tungstenite::{
    connect_async,
    tungstenite::{client::IntoClientRequest, error::Error as WsError},
};

use crate::client::{Api, start};

#[tokio::test(flavor = "multi_thread")]
async fn disabling_and_demoting_end_live_sockets_within_five_seconds() -> Result<()> {
    let engine = engines().pop().context("an engine")?;
    let (mut dockline, admin) = start(&engine.host, &[]).await?;
    let id = admin.add_user("otto", "operator").await?;
    for change in [json!({"role": "viewer"}), json!({"enabled": false})] {
        let otto = Api::sign_in(&dockline, "otto").await?;
        let mut socket = otto.socket("/ws/events").await?;
        let begin = Instant::now();
        let (status, _) = admin.call("PATCH", &format!("/api/v1/users/{id}"), Some(change)).await?;
        ensure!(status == 200);
        assert_eq!(socket.closed().await?.code, 4401);
        assert!(begin.elapsed() < Duration::from_secs(5), "{:?}", begin.elapsed());
        assert_eq!(otto.call("GET", "/api/v1/containers", None).await?.0, 401);
    }
    dockline.terminate().await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_ends_the_sessions_sockets_only() -> Result<()> {
    let engine = engines().pop().context("an engine")?;
    let (mut dockline, admin) = start(&engine.host, &[]).await?;
    let other = Api::sign_in(&dockline, "ada").await?;
    let mut stays = admin.socket("/ws/events").await?;
    let mut ends = other.socket("/ws/events").await?;
    assert_eq!(other.call("POST", "/api/v1/auth/logout", None).await?.0, 204);
    assert_eq!(ends.closed().await?.code, 4401);
    // Something happens; the other session's socket tells of it.
    let container = engine.run_container(&dockline_testkit::ContainerSpec::script("true"))?;
    while stays.next_json().await?["actor"]["id"] != container.id() {}
    dockline.terminate().await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_opens_one_socket_once_for_one_path_from_one_origin() -> Result<()> {
    let engine = engines().pop().context("an engine")?;
    let (mut dockline, api) = start(&engine.host, &[]).await?;
    let ticket = || async {
        let (status, body) =
            api.call("POST", "/api/v1/ws-tickets", Some(json!({"path": "/ws/events"}))).await?;
        ensure!(status == 201, "{status} {body}");
        Ok(body["ticket"].as_str().context("a ticket")?.to_owned())
    };
    let origin = dockline.url("");
    let open = |path: String, ticket: String, origin: Option<String>| {
        let url = dockline.ws_url(&format!("{path}?ticket={ticket}"));
        async move {
            let mut request = url.into_client_request()?;
            if let Some(origin) = origin {
                request.headers_mut().insert("origin", origin.parse()?);
            }
            match connect_async(request).await {
                Ok(_) => Ok(101),
                Err(WsError::Http(answer)) => Ok(answer.status().as_u16()),
                Err(other) => Err(anyhow::Error::from(other)),
            }
        }
    };
    let events = "/ws/events".to_owned();
    let first = ticket().await?;
    assert_eq!(open(events.clone(), first.clone(), Some(origin.clone())).await?, 101);
    assert_eq!(open(events.clone(), first, Some(origin.clone())).await?, 401, "used twice");
    let other_path = format!("/ws/containers/{}/logs", "a".repeat(64));
    assert_eq!(open(other_path, ticket().await?, Some(origin.clone())).await?, 401, "another path");
    for foreign in [None, Some("null".to_owned()), Some("https://evil.example".to_owned())] {
        assert_eq!(open(events.clone(), ticket().await?, foreign.clone()).await?, 403, "{foreign:?}");
    }
    dockline.terminate().await?;
    assert!(!dockline.stderr().contains("ticket="), "a ticket in the log");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shutdown_closes_sockets_with_1012_and_exits_with_0() -> Result<()> {
    let engine = engines().pop().context("an engine")?;
    let (mut dockline, api) = start(&engine.host, &[]).await?;
    let mut socket = api.socket("/ws/events").await?;
    dockline.signal("TERM").await?;
    assert_eq!(socket.closed().await?.code, 1012);
    let status = dockline.wait(Duration::from_secs(30)).await?;
    assert_eq!(status.code(), Some(0), "{}", dockline.stderr());
    Ok(())
}
