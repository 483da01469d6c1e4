use dockline_domain::{
    ContainerId, Timestamp,
    access::Role,
    log::{Chunk, Stream},
};

use crate::{
    TestServer,
    server::{Person, answer},
};

async fn filled() -> (TestServer, Person, ContainerId) {
    let server = TestServer::start().await;
    let vera = server.person("vera", Role::Viewer).await;
    let id = server.engine.add("web", &[]);
    let lines: [(Stream, i64, &[u8]); 6] = [
        (Stream::Stdout, 1, b"one\n"),
        (Stream::Stderr, 2, b"two error\n"),
        (Stream::Stdout, 3, b"three, long "),
        (Stream::Stderr, 4, b"four\xff\n"),
        (Stream::Stdout, 3, b"and its end\n"),
        (Stream::Stdout, 5, b"five without an end"),
    ];
    for (stream, second, bytes) in lines {
        let ts = Timestamp(second * 1_000_000_000);
        server.engine.write(&id, Chunk { stream, ts, bytes: bytes.into() });
    }
    (server, vera, id)
}

async fn bytes(server: &TestServer, who: &Person, id: &ContainerId, query: &str) -> Vec<u8> {
    let request = server.request("GET", &format!("/api/v1/containers/{id}/logs{query}"));
    let response = request.bearer_auth(&who.token).send().await.expect("an answer");
    assert_eq!(response.status(), 200);
    response.bytes().await.expect("a body").to_vec()
}

#[tokio::test]
async fn text_is_byte_for_byte_what_the_engine_stored() {
    let (server, vera, id) = filled().await;
    let all = b"one\ntwo error\nthree, long four\xff\nand its end\nfive without an end";
    assert_eq!(bytes(&server, &vera, &id, "").await, all);
    assert_eq!(bytes(&server, &vera, &id, "?tail=1").await, b"five without an end");
    assert_eq!(bytes(&server, &vera, &id, "?stream=stderr").await, b"two error\nfour\xff\n");
    assert_eq!(bytes(&server, &vera, &id, "?since=2&until=1970-01-01T00:00:02Z").await, b"two error\n");
    assert_eq!(bytes(&server, &vera, &id, "?q=error").await, b"two error\n");
    let regex = "?regex=true&q=%5Ethree.*end%24";
    assert_eq!(bytes(&server, &vera, &id, regex).await, b"three, long and its end\n");
    assert_eq!(bytes(&server, &vera, &id, "?q=without").await, b"five without an end");
}

#[tokio::test]
async fn ndjson_has_times_and_streams() {
    let (server, vera, id) = filled().await;
    let text = String::from_utf8(bytes(&server, &vera, &id, "?format=ndjson").await).expect("UTF-8");
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], r#"{"t":"1970-01-01T00:00:01.000000000Z","s":1,"d":"one\n"}"#);
    assert_eq!(lines[2], r#"{"t":"1970-01-01T00:00:03.000000000Z","s":1,"d":"three, long ","p":true}"#);
    assert_eq!(lines[3], r#"{"t":"1970-01-01T00:00:04.000000000Z","s":2,"b":"Zm91cv8K"}"#);
    assert_eq!(lines.len(), 6);
}

#[tokio::test]
async fn it_is_a_download() {
    let (server, vera, id) = filled().await;
    let got = server.get(&format!("/api/v1/containers/{id}/logs?q=one"), &vera).await;
    assert_eq!(got.header("content-disposition"), format!("attachment; filename=\"{}.log\"", id.short()));
    assert_eq!(got.header("content-type"), "text/plain; charset=utf-8");
    assert_eq!(got.header("content-encoding"), "");
    let calls = server.engine.calls();
    assert_eq!(calls.iter().filter(|call| call.starts_with("logs")).count(), 1, "{calls:?}");
}

#[tokio::test]
async fn a_large_log_is_streamed_whole() {
    let server = TestServer::start().await;
    let vera = server.person("vera", Role::Viewer).await;
    let id = server.engine.add("web", &[]);
    let line = "x".repeat(1_023) + "\n";
    for number in 0..20_000 {
        let bytes = line.clone().into();
        server.engine.write(&id, Chunk { stream: Stream::Stdout, ts: Timestamp(number), bytes });
    }
    let got = bytes(&server, &vera, &id, "").await;
    assert_eq!(got.len(), 20_000 * 1_024);
}

#[tokio::test]
async fn an_engine_that_does_not_answer_is_an_error_and_no_empty_file() {
    let (server, vera, id) = filled().await;
    server.engine.set_unreachable(true);
    let request = server.request("GET", &format!("/api/v1/containers/{id}/logs?host=local"));
    let got = answer(request.bearer_auth(&vera.token)).await;
    assert_eq!((got.status, got.code().as_str()), (502, "engine_unreachable"));
}
