//! What engines want to see is kept sealed, leaves with no answer, and follows no address.

use dockline_domain::{access::Role, host::HostRecord};
use dockline_testkit::Authority;
use serde_json::{Value, json};

use crate::{Answer, TestServer, server::Person};

struct Tls {
    body: Value,
    key: String,
}

fn tls() -> Tls {
    let authority = Authority::new().expect("an authority");
    let client = authority.issue(&["client"]).expect("a certificate");
    let body = json!({ "ca": authority.certificate(), "certificate": client.certificate, "key": client.key });
    // The first line of the key's text: enough to be found by.
    let key = client.key.lines().nth(1).expect("a line").to_owned();
    Tls { body, key }
}

async fn added(server: &TestServer, ada: &Person, tls: &Tls) -> Answer {
    let body = json!({ "id": "edge", "address": "tcp://10.0.0.2:2376", "tls": tls.body });
    let added = server.post("/api/v1/hosts", ada, body).await;
    assert_eq!((added.status, &added.json()["security"]), (201, &json!("tls")), "{added:?}");
    added
}

async fn stored(server: &TestServer) -> HostRecord {
    let book = server.database.hosts().load().await.expect("a book");
    book.get(&"edge".parse().expect("an id")).expect("edge").clone()
}

#[tokio::test]
async fn a_key_is_in_no_answer_in_no_audit_line_and_not_in_the_database() {
    let server = TestServer::start().await;
    let ada = server.person("ada", Role::Admin).await;
    let (tls, other) = (tls(), tls());
    let mut answers = vec![added(&server, &ada, &tls).await];
    let trial = json!({ "id": "edge", "address": "tcp://10.0.0.2:2376", "tls": tls.body });
    answers.push(server.post("/api/v1/hosts/test", &ada, trial.clone()).await);
    answers.push(server.post("/api/v1/hosts", &ada, trial).await);
    answers.push(server.send("PATCH", "/api/v1/hosts/edge", &ada, json!({ "tls": other.body })).await);
    let unknown = json!({ "tls": other.body, "key": "x" });
    answers.push(server.send("PATCH", "/api/v1/hosts/edge", &ada, unknown).await);
    for path in ["/api/v1/hosts", "/api/v1/hosts/edge", "/api/v1/containers", "/api/v1/audit?limit=500"] {
        answers.push(server.get(path, &ada).await);
    }
    assert_eq!(
        answers.iter().map(|answer| answer.status).collect::<Vec<_>>(),
        [201, 200, 409, 200, 422, 200, 200, 200, 200]
    );
    let audit = answers.last().expect("the audit log").json();
    assert!(audit.to_string().contains(r#""credentials":"changed""#), "{audit}");
    let files = server.database_files();
    assert!(files.windows(19).any(|bytes| bytes == b"tcp://10.0.0.2:2376"), "the row is in the files");
    for secret in [&tls.key, &other.key, "PRIVATE KEY"] {
        for answer in &answers {
            assert!(!answer.text.contains(secret), "{answer:?}");
        }
        assert!(
            !files.windows(secret.len()).any(|bytes| bytes == secret.as_bytes()),
            "{secret} is in the database"
        );
    }
}

#[tokio::test]
async fn a_new_address_demands_the_credentials_again() {
    let server = TestServer::start().await;
    let ada = server.person("ada", Role::Admin).await;
    let tls = tls();
    added(&server, &ada, &tls).await;
    let before = stored(&server).await;
    let patch = async |body: Value| server.send("PATCH", "/api/v1/hosts/edge", &ada, body).await;
    for (body, field) in [
        (json!({ "address": "tcp://evil:2376" }), "tls"),
        (json!({ "address": "tcp://10.0.0.2:2377", "enabled": false }), "tls"),
        (json!({ "address": "ssh://root@evil" }), "ssh"),
    ] {
        let refused = patch(body.clone()).await;
        assert_eq!((refused.status, refused.fields()), (422, vec![field.to_owned()]), "{body}");
    }
    assert_eq!(stored(&server).await, before, "nothing changed");
    // The same address, and a change of something else, keep them.
    assert_eq!(patch(json!({ "address": "tcp://10.0.0.2:2376", "enabled": false })).await.status, 200);
    assert_eq!(stored(&server).await.sealed, before.sealed);
    // Given again they are sealed anew.
    let moved = patch(json!({ "address": "tcp://other:2376", "tls": tls.body })).await;
    assert_eq!((moved.status, &moved.json()["security"]), (200, &json!("tls")), "{moved:?}");
    let after = stored(&server).await;
    assert!(after.sealed.is_some() && after.sealed != before.sealed);
    // Said not to be wanted, or where they cannot be, they are forgotten.
    let plain = patch(json!({ "address": "tcp://plain:2375", "tls": null })).await;
    assert_eq!((plain.status, &plain.json()["security"]), (200, &json!("none")), "{plain:?}");
    assert_eq!(stored(&server).await.sealed, None);
    assert_eq!(patch(json!({ "tls": tls.body })).await.json()["security"], "tls");
    let socket = patch(json!({ "address": "unix:///run/docker.sock" })).await;
    assert_eq!((socket.status, stored(&server).await.sealed), (200, None), "{socket:?}");
    let audit = server.get("/api/v1/audit?action=host.update", &ada).await.json();
    assert_eq!(audit["items"][0]["detail"]["credentials"], "removed");
}

#[tokio::test]
async fn a_host_that_this_key_cannot_open_says_so_and_can_be_mended() {
    let server = TestServer::start().await;
    let ada = server.person("ada", Role::Admin).await;
    let tls = tls();
    added(&server, &ada, &tls).await;
    server.engine.add("web", &[]);
    // What another key sealed, or somebody altered.
    server
        .database
        .execute_raw("UPDATE hosts SET sealed = X'01FF', revision = revision + 1")
        .await
        .expect("altered");
    server.database.execute_raw("UPDATE host_book SET revision = revision + 1").await.expect("altered");
    let host = server.get("/api/v1/hosts/edge", &ada).await.json();
    assert_eq!((&host["state"], &host["security"]), (&json!("offline"), &json!("tls")), "{host}");
    assert!(host["error"].as_str().expect("a reason").contains("DOCKLINE_SECRET_KEY"), "{host}");
    let page = server.get("/api/v1/containers", &ada).await.json();
    assert_eq!(page["hosts"][0]["state"], "offline", "{page}");
    let trial = server.post("/api/v1/hosts/edge/test", &ada, json!({})).await.json();
    assert!(trial["ok"] == false && trial["error"].to_string().contains("give them again"), "{trial}");
    let mended = server.send("PATCH", "/api/v1/hosts/edge", &ada, json!({ "tls": tls.body })).await;
    assert_eq!((mended.status, &mended.json()["state"]), (200, &json!("online")), "{mended:?}");
}
