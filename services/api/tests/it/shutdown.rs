use std::time::Duration;

use dockline_domain::access::Role;
use futures::StreamExt;
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream,
    tungstenite::{Message, client::IntoClientRequest},
};

use crate::{
    TestServer,
    server::{Person, answer},
};

/// A socket of events that has begun.
async fn watching(server: &TestServer, who: &Person) -> WebSocketStream<MaybeTlsStream<TcpStream>> {
    let url = format!("ws://{}/ws/events", server.address);
    let mut request = url.into_client_request().expect("a request");
    let bearer = format!("Bearer {}", who.token).parse().expect("a header");
    request.headers_mut().insert("authorization", bearer);
    tokio_tungstenite::connect_async(request).await.expect("an open socket").0
}

#[tokio::test]
async fn sockets_last_until_the_drain_is_over_also_those_that_came_in_it() {
    let delay = Duration::from_millis(900);
    let mut server = TestServer::with(|config| config.drain_delay = delay).await;
    let vera = server.person("vera", Role::Viewer).await;
    let before = watching(&server, &vera).await;
    let began = std::time::Instant::now();
    server.shutdown.cancel();
    let meanwhile = watching(&server, &vera).await;
    for mut socket in [before, meanwhile] {
        let closed = loop {
            let message = socket.next().await.expect("a close frame").expect("a frame");
            if let Message::Close(frame) = message {
                break frame.expect("a code");
            }
        };
        assert_eq!(u16::from(closed.code), 1012, "{closed:?}");
        // Who comes back now is sent elsewhere by a load balancer.
        assert!(began.elapsed() >= delay, "closed after {:?}", began.elapsed());
    }
    let ended = tokio::time::timeout(Duration::from_secs(10), &mut server.running).await;
    ended.expect("it stops").expect("no panic").expect("a clean end");
}

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
