//! What is written while people sign in and work: no token, no ticket, no password.

use std::{
    io,
    sync::{Arc, Mutex},
};

use dockline_domain::access::Role;
use serde_json::json;
use tracing_subscriber::{filter::LevelFilter, fmt::MakeWriter};

use crate::{
    TestServer,
    server::{PASSWORD, answer},
};

#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl io::Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("not poisoned").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Written {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn nothing_secret_is_logged_even_at_debug_level() {
    let written = Written::default();
    tracing_subscriber::fmt()
        .with_max_level(LevelFilter::DEBUG)
        .with_ansi(false)
        .with_writer(written.clone())
        .init();
    let server = TestServer::start().await;
    server.account("ada", Role::Admin).await;
    let id = server.engine.add("web", &["TOKEN=hunter2-in-env"]);
    let login = server.login("ada", PASSWORD).await;
    let token = login.json()["access_token"].as_str().expect("a token").to_owned();
    let wrong = "wrong horse battery staple";
    assert_eq!(server.login("ada", wrong).await.status, 401);
    let bearer = |method: &str, path: &str| server.request(method, path).bearer_auth(&token);
    let ticket = answer(bearer("POST", "/api/v1/ws-tickets").json(&json!({ "path": "/ws/events" }))).await;
    let ticket = ticket.json()["ticket"].as_str().expect("a ticket").to_owned();
    assert_eq!(answer(server.request("GET", &format!("/ws/events?ticket={ticket}"))).await.status, 403);
    assert_eq!(
        answer(bearer("GET", &format!("/api/v1/containers/{id}?password=in-the-query"))).await.status,
        200
    );
    assert_eq!(
        answer(bearer("GET", &format!("/setup?token={}", server.setup_token.expose()))).await.status,
        200
    );
    let refresh = server.request("POST", "/api/v1/auth/refresh").header("cookie", login.cookie());
    assert_eq!(answer(refresh).await.status, 200);

    let log = String::from_utf8_lossy(&written.0.lock().expect("not poisoned")).into_owned();
    assert!(log.contains("/api/v1/auth/login") && log.contains("answered"), "the access log is there: {log}");
    let cookie = login.cookie().split('=').nth(1).expect("a value").to_owned();
    for secret in [
        token.as_str(),
        token.rsplit('.').next().expect("a signature"),
        &ticket,
        &cookie,
        PASSWORD,
        wrong,
        "hunter2-in-env",
        "in-the-query",
        server.setup_token.expose(),
        "$argon2",
    ] {
        assert!(!log.contains(secret), "{secret} is in the log");
    }
}
