use std::time::Duration;

use crate::{TestServer, server::answer};

#[tokio::test]
async fn turns_unready_first_and_then_stops() {
    let mut server = TestServer::with(|config| config.drain_delay = Duration::from_millis(700)).await;
    assert_eq!(answer(server.request("GET", "/readyz")).await.status, 200);
    server.shutdown.cancel();
    let draining = answer(server.request("GET", "/readyz")).await;
    assert_eq!((draining.status, &draining.json()["ready"]), (503, &serde_json::json!(false)));
    assert_eq!(answer(server.request("GET", "/healthz")).await.status, 200);
    let ended = tokio::time::timeout(Duration::from_secs(10), &mut server.running).await;
    ended.expect("it stops").expect("no panic").expect("a clean end");
    assert!(server.request("GET", "/healthz").send().await.is_err());
}
