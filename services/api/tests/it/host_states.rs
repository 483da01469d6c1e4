//! Hosts that are disabled, removed, or do not answer.

use std::{collections::BTreeMap, time::Duration};

use dockline_domain::access::Role;
use dockline_fanout::HostBoard;
use dockline_persistence::{Moment, NewHost};
use dockline_testkit::eventually;
use futures::StreamExt;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream,
    tungstenite::{Message, client::IntoClientRequest},
};

use crate::{
    TestServer,
    server::{Person, asked},
};

const PATIENCE: Duration = Duration::from_secs(10);

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

async fn socket(server: &TestServer, path: &str, who: &Person) -> Socket {
    let mut request = format!("ws://{}{path}", server.address).into_client_request().expect("a request");
    let bearer = format!("Bearer {}", who.token).parse().expect("a header");
    request.headers_mut().insert("authorization", bearer);
    tokio_tungstenite::connect_async(request).await.expect("a socket").0
}

/// The frames up to the first that fits, or the close code.
async fn until(socket: &mut Socket, fits: impl Fn(&Value) -> bool) -> Result<Value, u16> {
    let read = async {
        loop {
            match socket.next().await.expect("open").expect("a message") {
                Message::Text(text) => {
                    let frame: Value = serde_json::from_str(&text).expect("JSON");
                    if fits(&frame) {
                        return Ok(frame);
                    }
                }
                Message::Close(frame) => return Err(frame.map_or(1005, |frame| frame.code.into())),
                _ => {}
            }
        }
    };
    tokio::time::timeout(PATIENCE, read).await.expect("in time")
}

#[tokio::test]
async fn a_disabled_host_is_named_and_not_asked_and_its_sockets_end() {
    let server = TestServer::start().await;
    let ada = server.person("ada", Role::Admin).await;
    server.engine.add("web", &[]);
    let edge = server.fake("edge");
    let id = edge.add("shop", &[]);
    let id = id.as_str();
    let body = json!({ "id": "edge", "address": "tcp://e:2375" });
    assert_eq!(server.post("/api/v1/hosts", &ada, body).await.status, 201);
    // The two fakes number alike: the host says which is meant.
    let mut logs = socket(&server, &format!("/ws/containers/{id}/logs?host=edge"), &ada).await;
    let mut stats = socket(&server, &format!("/ws/containers/{id}/stats?host=edge"), &ada).await;
    let mut elsewhere = socket(&server, &format!("/ws/containers/{id}/logs?host=local"), &ada).await;
    let mut events = socket(&server, "/ws/events", &ada).await;

    let disabled = server.send("PATCH", "/api/v1/hosts/edge", &ada, json!({ "enabled": false })).await;
    assert_eq!((disabled.status, &disabled.json()["state"]), (200, &json!("disabled")));
    for socket in [&mut logs, &mut stats] {
        let frame = until(socket, |frame| frame["type"] == "state" && frame["state"] == "ended").await;
        assert_eq!(frame.expect("a reason")["reason"], "the host was disabled");
        assert_eq!(until(socket, |_| false).await, Err(1000));
    }
    let told = until(&mut events, |frame| frame["type"] == "state").await.expect("told");
    assert_eq!((&told["host"], &told["state"]), (&json!("edge"), &json!("disabled")));

    let calls = asked(&edge);
    let page = server.get("/api/v1/containers", &ada).await.json();
    assert_eq!(page["items"].as_array().expect("items").len(), 1, "{page}");
    assert_eq!((&page["hosts"][0]["id"], &page["hosts"][0]["state"]), (&json!("edge"), &json!("disabled")));
    let only = server.get("/api/v1/containers?host=edge", &ada).await.json();
    assert_eq!((&only["items"], &only["hosts"][0]["state"]), (&json!([]), &json!("disabled")));
    for (method, path) in [
        ("GET", format!("/api/v1/containers/{id}?host=edge")),
        ("POST", format!("/api/v1/containers/{id}/stop?host=edge")),
        ("GET", format!("/api/v1/containers/{id}/logs?host=edge")),
        ("GET", format!("/ws/containers/{id}/logs?host=edge")),
    ] {
        let refused = server.send(method, &path, &ada, json!({})).await;
        assert_eq!((refused.status, refused.code().as_str()), (409, "host_disabled"), "{method} {path}");
    }
    // Without a host the other one's is meant: a disabled host makes nothing ambiguous.
    let found = server.get(&format!("/api/v1/containers/{id}"), &ada).await;
    assert_eq!(found.json()["host"], "local", "{found:?}");
    assert_eq!(asked(&edge), calls, "a disabled host is not asked");

    let enabled = server.send("PATCH", "/api/v1/hosts/edge", &ada, json!({ "enabled": true })).await;
    assert_eq!(enabled.json()["state"], "online");
    let told = until(&mut events, |frame| frame["type"] == "state").await.expect("told");
    assert_eq!(told["state"], "changed");
    let mut logs = socket(&server, &format!("/ws/containers/{id}/logs?host=edge"), &ada).await;
    assert_eq!(server.send("DELETE", "/api/v1/hosts/edge", &ada, json!({})).await.status, 204);
    let frame = until(&mut logs, |frame| frame["state"] == "ended").await.expect("a reason");
    assert_eq!(frame["reason"], "the host was removed");
    let told = until(&mut events, |frame| frame["type"] == "state").await.expect("told");
    assert_eq!(told["state"], "removed");
    // Nobody else's socket noticed anything.
    assert!(tokio::time::timeout(Duration::from_millis(200), until(&mut elsewhere, |_| true)).await.is_err());
}

#[tokio::test]
async fn a_change_of_another_replica_is_seen_at_the_next_question_or_within_a_second() {
    let server = TestServer::start().await;
    let ada = server.person("ada", Role::Admin).await;
    server.fake("edge").add("web", &[]);
    let other = server.database.hosts();
    let host = |name: &str| NewHost {
        id: name.parse().expect("an id"),
        address: "tcp://e:1".to_owned(),
        labels: BTreeMap::new(),
        enabled: true,
        sealed: None,
    };
    let now = Moment::now();
    other.insert(host("edge"), now).await.expect("added");
    assert_eq!(server.get("/api/v1/hosts/edge", &ada).await.status, 200);
    other.insert(host("web"), now).await.expect("added");
    assert_eq!(server.get("/api/v1/containers?host=web", &ada).await.status, 200);
    other.insert(host("db"), now).await.expect("added");
    let id = server.fake("db").add("store", &[]);
    let found = server.get(&format!("/api/v1/containers/{id}?host=db"), &ada).await;
    assert_eq!(found.json()["name"], "store", "{found:?}");
    other.remove(&"edge".parse().expect("an id"), now).await.expect("removed");
    // Lists of containers do not ask the database; what they know is a second old at most.
    eventually(Duration::from_secs(3), || async {
        let page = server.get("/api/v1/containers", &ada).await.json();
        anyhow::ensure!(page["items"][0]["name"] == "store" && page["items"][1].is_null(), "{page}");
        Ok(())
    })
    .await
    .expect("followed");
}

#[tokio::test]
async fn a_restored_database_counts_more_than_what_was_posted() {
    let server = TestServer::start().await;
    let ada = server.person("ada", Role::Admin).await;
    // A book from the future, as after a backup was restored.
    let mut book = server.database.hosts().load().await.expect("a book");
    book.revision += 1_000_000_000_000;
    book.hosts.clear();
    server.fanout.post_hosts(&book).await.expect("posted");
    eventually(Duration::from_secs(5), || async {
        let posted = server.fanout.posted_hosts().await?.expect("a book");
        anyhow::ensure!(posted.hosts.len() == 2 && posted.revision > book.revision, "{posted:?}");
        Ok(())
    })
    .await
    .expect("overtaken");
    assert_eq!(server.get("/api/v1/hosts", &ada).await.json()["items"].as_array().map(Vec::len), Some(2));
}
