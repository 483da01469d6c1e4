//! How sockets are let in. What they then carry is tested beside `ws`.

use std::time::Duration;

use dockline_domain::access::Role;
use dockline_persistence::Moment;
use futures::StreamExt;
use serde_json::json;
use tokio_tungstenite::tungstenite::{Error, Message, client::IntoClientRequest, handshake::client::Request};

use crate::{TestServer, server::Person};

/// The status of an upgrade: 101, or the refusal's.
async fn upgrade(server: &TestServer, path: &str, headers: &[(&'static str, String)]) -> u16 {
    let mut request: Request =
        format!("ws://{}{path}", server.address).into_client_request().expect("a request");
    for (name, value) in headers {
        request.headers_mut().insert(*name, value.parse().expect("a header"));
    }
    match tokio_tungstenite::connect_async(request).await {
        Ok((_socket, response)) => response.status().as_u16(),
        Err(Error::Http(response)) => response.status().as_u16(),
        Err(error) => panic!("{error}"),
    }
}

async fn ticket(server: &TestServer, who: &Person, path: &str) -> String {
    let got = server.post("/api/v1/ws-tickets", who, json!({ "path": path })).await;
    assert_eq!((got.status, &got.json()["expires_in"]), (201, &json!(30)), "{got:?}");
    got.json()["ticket"].as_str().expect("a ticket").to_owned()
}

fn own_origin(server: &TestServer) -> (&'static str, String) {
    ("origin", format!("http://{}", server.address))
}

fn bearer(who: &Person) -> (&'static str, String) {
    ("authorization", format!("Bearer {}", who.token))
}

#[tokio::test]
async fn a_ticket_opens_one_socket_once() {
    let server = TestServer::start().await;
    let vera = server.person("vera", Role::Viewer).await;
    let path = format!("/ws/events?ticket={}", ticket(&server, &vera, "/ws/events").await);
    let origin = [own_origin(&server)];
    assert_eq!(upgrade(&server, &path, &origin).await, 101);
    assert_eq!(upgrade(&server, &path, &origin).await, 401, "again");

    let id = server.engine.add("web", &[]);
    let other = format!("/ws/containers/{id}/logs?ticket={}", ticket(&server, &vera, "/ws/events").await);
    assert_eq!(upgrade(&server, &other, &origin).await, 401, "another path");
    assert_eq!(upgrade(&server, "/ws/events?ticket=invented", &origin).await, 401);
    assert_eq!(upgrade(&server, "/ws/events", &origin).await, 401, "no ticket");

    // Names that people use for this machine.
    let path = format!("/ws/events?tail=1&ticket={}", ticket(&server, &vera, "/ws/events").await);
    let localhost = ("origin", format!("http://localhost:{}", server.address.port()));
    assert_eq!(upgrade(&server, &path, &[localhost]).await, 101);
}

#[tokio::test]
async fn foreign_null_and_absent_origins_are_refused_on_every_socket() {
    let server = TestServer::start().await;
    let vera = server.person("vera", Role::Viewer).await;
    let id = server.engine.add("web", &[]);
    let foreign = |origin: &str| vec![("origin", origin.to_owned())];
    for path in
        ["/ws/events".to_owned(), format!("/ws/containers/{id}/logs"), format!("/ws/containers/{id}/stats")]
    {
        for headers in [foreign("https://evil.example"), foreign("null"), foreign("http://127.0.0.1"), vec![]]
        {
            let path = format!("{path}?ticket={}", ticket(&server, &vera, &path).await);
            assert_eq!(upgrade(&server, &path, &headers).await, 403, "{path} {headers:?}");
            // A refused origin has not used the ticket up: nobody can burn another's.
            assert_eq!(upgrade(&server, &path, &[own_origin(&server)]).await, 101, "{path}");
        }
        let with_token = [foreign("https://evil.example"), vec![bearer(&vera)]].concat();
        assert_eq!(upgrade(&server, &path, &with_token).await, 403);
    }
}

#[tokio::test]
async fn programs_bring_a_token_and_no_origin() {
    let server = TestServer::start().await;
    let vera = server.person("vera", Role::Viewer).await;
    assert_eq!(upgrade(&server, "/ws/events", &[bearer(&vera)]).await, 101);
    assert_eq!(upgrade(&server, "/ws/events", &[]).await, 401);
    let bad = [("authorization", "Bearer nonsense".to_owned())];
    assert_eq!(upgrade(&server, "/ws/events", &bad).await, 401);
    let missing = format!("/ws/containers/{}/logs", "f".repeat(64));
    assert_eq!(upgrade(&server, &missing, &[bearer(&vera)]).await, 404);
}

#[tokio::test]
async fn a_ticket_dies_with_its_sign_in() {
    let server = TestServer::start().await;
    let vera = server.person("vera", Role::Viewer).await;
    let path = format!("/ws/events?ticket={}", ticket(&server, &vera, "/ws/events").await);
    server.database.sessions().revoke(vera.session, "test", Moment::now()).await.expect("ended");
    assert_eq!(upgrade(&server, &path, &[own_origin(&server)]).await, 401);
}

#[tokio::test]
async fn tickets_are_for_sockets_only() {
    let server = TestServer::start().await;
    let vera = server.person("vera", Role::Viewer).await;
    for path in ["", "/api/v1/containers", "/ws/events?x=1", "/ws/../api", "ws/events"] {
        let got = server.post("/api/v1/ws-tickets", &vera, json!({ "path": path })).await;
        assert_eq!((got.status, got.fields()), (422, vec!["path".to_owned()]), "{path:?}");
    }
    // A ticket is no token: it opens nothing but its socket.
    let ticket = ticket(&server, &vera, "/ws/events").await;
    let request = server.request("GET", &format!("/api/v1/containers?ticket={ticket}"));
    assert_eq!(crate::server::answer(request).await.status, 401);
}

/// Opens a socket that stays.
pub async fn open(
    server: &TestServer,
    path: &str,
    who: &Person,
) -> Result<tokio_tungstenite::WebSocketStream<tokio_tungstenite::MaybeTlsStream<tokio::net::TcpStream>>, u16>
{
    let mut request: Request =
        format!("ws://{}{path}", server.address).into_client_request().expect("a request");
    request.headers_mut().insert("authorization", format!("Bearer {}", who.token).parse().expect("a header"));
    match tokio_tungstenite::connect_async(request).await {
        Ok((socket, _)) => Ok(socket),
        Err(Error::Http(response)) => Err(response.status().as_u16()),
        Err(error) => panic!("{error}"),
    }
}

/// The code with which a socket is closed.
pub async fn close_code(
    mut socket: tokio_tungstenite::WebSocketStream<tokio_tungstenite::MaybeTlsStream<tokio::net::TcpStream>>,
) -> u16 {
    let closed = async {
        while let Some(Ok(message)) = socket.next().await {
            if let Message::Close(frame) = message {
                return frame.map_or(1005, |frame| frame.code.into());
            }
        }
        1006
    };
    tokio::time::timeout(Duration::from_secs(5), closed).await.expect("closed within 5 s")
}

#[tokio::test]
async fn losing_rights_closes_sockets_within_five_seconds() {
    let server = TestServer::start().await;
    let ada = server.person("ada", Role::Admin).await;
    for (name, change) in [
        ("bob", json!({ "enabled": false })),
        ("cleo", json!({ "role": "viewer" })),
        ("dora", json!({ "password": "another horse battery" })),
    ] {
        let person = server.person(name, Role::Operator).await;
        let socket = open(&server, "/ws/events", &person).await.expect("open");
        let path = format!("/api/v1/users/{}", person.account.id);
        assert_eq!(server.send("PATCH", &path, &ada, change).await.status, 200);
        assert_eq!(close_code(socket).await, 4401, "{name}");
    }
    let person = server.person("emil", Role::Viewer).await;
    let socket = open(&server, "/ws/events", &person).await.expect("open");
    let path = format!("/api/v1/users/{}", person.account.id);
    assert_eq!(server.send("DELETE", &path, &ada, json!({})).await.status, 204);
    assert_eq!(close_code(socket).await, 4401);
}

#[tokio::test]
async fn signing_out_closes_the_sockets_of_that_sign_in_only() {
    let server = TestServer::start().await;
    let account = server.account("ada", Role::Admin).await;
    let login = server.login("ada", crate::server::PASSWORD).await;
    let token = login.json()["access_token"].as_str().expect("a token").to_owned();
    let one = Person { token, ..server.signed_in(account.clone()).await };
    let other = server.signed_in(account).await;
    let (ends, stays) = (open(&server, "/ws/events", &one).await, open(&server, "/ws/events", &other).await);
    let logout = server.request("POST", "/api/v1/auth/logout").header("cookie", login.cookie());
    assert_eq!(crate::server::answer(logout).await.status, 204);
    assert_eq!(close_code(ends.expect("open")).await, 4401);
    let mut stays = stays.expect("open");
    let quiet = tokio::time::timeout(Duration::from_millis(500), stays.next()).await;
    assert!(quiet.is_err(), "{quiet:?}");
}

#[tokio::test]
async fn sockets_of_one_user_are_limited_and_freed() {
    let server = TestServer::start().await;
    let vera = server.person("vera", Role::Viewer).await;
    let mut sockets = Vec::new();
    for _ in 0..10 {
        sockets.push(open(&server, "/ws/events", &vera).await.expect("open"));
    }
    assert_eq!(open(&server, "/ws/events", &vera).await.err(), Some(429));
    let got = server.get("/ws/events", &vera).await;
    assert_eq!(
        (got.status, got.code().as_str(), got.header("retry-after")),
        (429, "too_many_connections", "10")
    );
    drop(sockets.pop());
    let mut freed = false;
    for _ in 0..100 {
        if open(&server, "/ws/events", &vera).await.is_ok() {
            freed = true;
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(freed, "the seat of a socket that is gone was not freed");
}

#[tokio::test]
async fn a_server_that_ends_says_so_to_its_sockets() {
    let server = TestServer::start().await;
    let vera = server.person("vera", Role::Viewer).await;
    let socket = open(&server, "/ws/events", &vera).await.expect("open");
    server.shutdown.cancel();
    assert_eq!(close_code(socket).await, 1012);
}
