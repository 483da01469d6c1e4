//! Uploads: who may send what into which container, and how many at a time.

use std::time::Duration;

use anyhow::{Context, ensure};
use dockline_domain::access::Role;
use dockline_testkit::{eventually, tar, tar_file};
use futures::stream;
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use crate::{
    TestServer,
    server::{Answer, Person, answer},
};

pub const PATIENCE: Duration = Duration::from_secs(10);
/// Who says nothing for so long waits for the body.
const SILENCE: Duration = Duration::from_millis(300);
const MIB: usize = 1 << 20;

/// A request whose body is announced, and not sent.
pub async fn announce(server: &TestServer, who: &Person, to: &str, length: usize) -> TcpStream {
    let mut stream = TcpStream::connect(server.address).await.expect("connected");
    let (host, token) = (server.address, &who.token);
    let head = format!(
        "{to} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.expect("sent");
    stream
}

/// What the server says to a request, to its end or as much as comes in that time; nothing if it waits for the body.
pub async fn said(stream: &mut TcpStream, time: Duration) -> Option<String> {
    let mut text = Vec::new();
    let _in_time = timeout(time, stream.read_to_end(&mut text)).await;
    (!text.is_empty()).then(|| String::from_utf8(text).expect("a text"))
}

async fn upload(server: &TestServer, who: &Person, path: &str, body: impl Into<reqwest::Body>) -> Answer {
    answer(server.request("POST", path).bearer_auth(&who.token).body(body)).await
}

#[tokio::test]
async fn one_upload_too_many_is_sent_away_before_its_bytes_are_taken() {
    let server = TestServer::with(|config| config.upload_disk_mib = 4).await;
    let otto = server.person("otto", Role::Operator).await;
    let id = server.engine.add("web", &[]);
    let path = format!("/api/v1/containers/{id}/files/archive?path=/");
    let to = format!("POST {path}");
    let met = eventually(PATIENCE, || async {
        let mut first = announce(&server, &otto, &to, 3 * MIB).await;
        ensure!(said(&mut first, SILENCE).await.is_none(), "one of an earlier try is still there");
        let mut second = announce(&server, &otto, &to, 2 * MIB).await;
        Ok((first, said(&mut second, SILENCE).await.context("the first was not taken yet")?))
    });
    let (first, refused) = met.await.expect("one is taken and one is refused");
    let refused = refused.to_ascii_lowercase();
    assert!(refused.starts_with("http/1.1 503"), "{refused}");
    assert!(refused.contains("\r\nretry-after: 10\r\n") && refused.contains("\"uploads_busy\""), "{refused}");
    // Whoever sends all of it without looking hears the same.
    let body = tar(&[tar_file("a", &vec![b'x'; 3 * MIB])]);
    let busy = upload(&server, &otto, &path, body.clone()).await;
    assert_eq!((busy.status, busy.code().as_str(), busy.header("retry-after")), (503, "uploads_busy", "10"));
    // One that fits beside it is taken.
    let small = upload(&server, &otto, &path, tar(&[tar_file("b", b"small")])).await;
    assert_eq!(small.status, 200, "{small:?}");
    // All of it would not do, whoever else is there.
    let mut large = announce(&server, &otto, &to, 4 * MIB + 1).await;
    let large = said(&mut large, PATIENCE).await.expect("an answer");
    assert!(large.starts_with("HTTP/1.1 413") && large.contains("4194304 bytes"), "{large}");

    // Whoever goes away gives back what they had.
    drop(first);
    let taken = eventually(PATIENCE, || async {
        let taken = upload(&server, &otto, &path, body.clone()).await;
        ensure!(taken.status == 200, "{taken:?}");
        Ok(())
    });
    taken.await.expect("there is room again");
    assert_eq!(server.engine.file(&id, "/a").map(|file| file.len()), Some(3 * MIB));
    assert_eq!(upload(&server, &otto, &path, body).await.status, 200, "and again");
}

#[tokio::test]
async fn an_upload_that_tells_no_size_gets_as_much_as_there_is() {
    let server = TestServer::with(|config| config.upload_disk_mib = 4).await;
    let otto = server.person("otto", Role::Operator).await;
    let id = server.engine.add("web", &[]);
    let path = format!("/api/v1/containers/{id}/files/archive?path=/");
    let chunked = |bytes: Vec<u8>| {
        let pieces: Vec<_> = bytes.chunks(64 << 10).map(|piece| anyhow::Ok(piece.to_vec())).collect();
        reqwest::Body::wrap_stream(stream::iter(pieces))
    };
    let fits = chunked(tar(&[tar_file("fits", &vec![b'x'; 3 * MIB])]));
    assert_eq!(upload(&server, &otto, &path, fits).await.status, 200);
    let large = chunked(tar(&[tar_file("large", &vec![b'x'; 5 * MIB])]));
    let large = upload(&server, &otto, &path, large).await;
    assert_eq!((large.status, large.code().as_str()), (413, "body_too_large"), "{large:?}");
    assert_eq!(server.engine.file(&id, "/large"), None, "nothing of it was unpacked");
}

/// Whoever may change what a container runs is in it.
#[tokio::test]
async fn files_of_a_container_that_reaches_its_host_are_changed_by_those_who_may_reach_it() {
    let server = TestServer::start().await;
    let (otto, ada) = (server.person("otto", Role::Operator).await, server.person("ada", Role::Admin).await);
    let make = async |change: serde_json::Value| {
        let mut body = json!({ "host": "local", "image": "fake:1" });
        body.as_object_mut().expect("an object").extend(change.as_object().cloned().unwrap_or_default());
        let made = server.post("/api/v1/containers", &ada, body).await;
        made.json()["id"].as_str().unwrap_or_else(|| panic!("{made:?}")).to_owned()
    };
    let usual = make(json!({ "name": "usual" })).await;
    let privileged = make(json!({ "name": "root", "privileged": true })).await;
    let reaching = [
        make(json!({ "name": "raw", "cap_add": ["SYS_ADMIN"] })).await,
        make(json!({ "name": "net", "network_mode": "host" })).await,
        make(json!({ "name": "disk", "devices": [{ "host_path": "/dev/sda" }] })).await,
        make(json!({ "name": "beside", "pid_mode": format!("container:{privileged}") })).await,
        privileged,
    ];
    let write = async |who: &Person, id: &str| {
        let path = format!("/api/v1/containers/{id}/files/content?path=/entrypoint.sh");
        answer(server.request("PUT", &path).bearer_auth(&who.token).body("#!/bin/sh\n")).await
    };
    let unpack = async |who: &Person, id: &str| {
        let path = format!("/api/v1/containers/{id}/files/archive?path=/");
        upload(&server, who, &path, tar(&[tar_file("entrypoint.sh", b"#!/bin/sh\n")])).await
    };
    for id in &reaching {
        for refused in [write(&otto, id).await, unpack(&otto, id).await] {
            assert_eq!((refused.status, refused.code().as_str()), (403, "host_escape"), "{refused:?}");
        }
        let parsed = id.parse().expect("an ID");
        assert_eq!(server.engine.file(&parsed, "/entrypoint.sh"), None);
        assert_eq!((write(&ada, id).await.status, unpack(&ada, id).await.status), (200, 200));
    }
    assert_eq!((write(&otto, &usual).await.status, unpack(&otto, &usual).await.status), (200, 200));
    let audit = server.get("/api/v1/audit?outcome=denied&limit=100", &ada).await.json();
    assert_eq!(audit["items"].as_array().map(Vec::len), Some(2 * reaching.len()), "{audit}");
}
