//! Recordings of terminals.

use dockline_api::{RecordedTerminals, RecordingPolicy};
use dockline_domain::access::Role;
use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream,
    tungstenite::{Error, Message, client::IntoClientRequest},
};

use crate::{TestServer, server::Person};

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

const ALL: RecordingPolicy = RecordingPolicy {
    terminals: RecordedTerminals::All,
    input: true,
    limit: 1 << 20,
    kept: std::time::Duration::from_secs(86_400),
};

async fn server(policy: RecordingPolicy) -> TestServer {
    TestServer::with(|config| config.recording = policy).await
}

/// Opens a terminal at a fake program, which prints what is typed; or the status and code of the refusal.
async fn open(server: &TestServer, who: &Person, query: &str) -> Result<Socket, (u16, String)> {
    let id = server.engine.add("web", &[]);
    let url = format!("ws://{}/ws/containers/{id}/exec?{query}", server.address);
    let mut request = url.into_client_request().expect("a request");
    let token = format!("Bearer {}", who.token).parse().expect("a header");
    request.headers_mut().insert("authorization", token);
    match tokio_tungstenite::connect_async(request).await {
        Ok((socket, _)) => Ok(socket),
        Err(Error::Http(response)) => {
            let body: Value =
                serde_json::from_slice(response.body().as_deref().unwrap_or_default()).expect("JSON");
            Err((response.status().as_u16(), body["code"].as_str().unwrap_or_default().to_owned()))
        }
        Err(error) => panic!("{error}"),
    }
}

/// Reads the next text frame that is no heartbeat; what was printed before it goes to `printed`.
async fn frame(socket: &mut Socket, printed: &mut Vec<u8>) -> Value {
    loop {
        match socket.next().await.expect("a message").expect("a message") {
            Message::Binary(bytes) => printed.extend_from_slice(&bytes),
            Message::Text(text) => {
                let frame: Value = serde_json::from_str(&text).expect("JSON");
                if frame["type"] != "heartbeat" {
                    return frame;
                }
            }
            Message::Close(frame) => panic!("closed: {frame:?}"),
            _ => {}
        }
    }
}

async fn type_in(socket: &mut Socket, bytes: &[u8]) {
    socket.send(Message::Binary(bytes.to_vec().into())).await.expect("sent");
}

async fn order(socket: &mut Socket, order: Value) {
    socket.send(Message::Text(order.to_string().into())).await.expect("sent");
}

async fn audited(server: &TestServer, who: &Person, action: &str) -> Vec<Value> {
    let page = server.get(&format!("/api/v1/audit?action={action}"), who).await.json();
    page["items"].as_array().expect("items").clone()
}

#[tokio::test]
async fn a_terminal_is_told_recorded_sealed_watched_and_deleted() {
    let server = server(ALL).await;
    let (ada, otto) = (server.person("ada", Role::Admin).await, server.person("otto", Role::Operator).await);
    let mut socket =
        open(&server, &otto, "cmd=cat&cmd=s3cret-word&cols=132&rows=43").await.expect("a terminal");
    let mut printed = Vec::new();
    let started = frame(&mut socket, &mut printed).await;
    assert_eq!((&started["recorded"], &started["recorded_input"]), (&json!(true), &json!(true)), "{started}");
    let id = started["exec"].as_str().expect("an ID").to_owned();
    let path = format!("/api/v1/recordings/{id}");
    order(&mut socket, json!({"type": "resize", "cols": 100, "rows": 30})).await;
    let text = "größer s3cret-typed \u{1b}[1m🦀\r\n".repeat(40);
    for part in text.as_bytes().chunks(7) {
        type_in(&mut socket, part).await;
    }
    while printed.len() < text.len() {
        match socket.next().await.expect("a message").expect("a message") {
            Message::Binary(bytes) => printed.extend_from_slice(&bytes),
            other => panic!("{other:?}"),
        }
    }
    // It goes on, and can be watched and not be deleted.
    let going_on = server.get(&path, &ada).await.json();
    assert_eq!(
        (&going_on["state"], &going_on["finished_at"]),
        (&json!("recording"), &Value::Null),
        "{going_on}"
    );
    let refused = server.send("DELETE", &path, &ada, json!({})).await;
    assert_eq!((refused.status, refused.code().as_str()), (409, "recording_in_progress"));
    order(&mut socket, json!({"type": "eof"})).await;
    assert_eq!(frame(&mut socket, &mut printed).await["type"], "exit");

    let found = server.get(&path, &ada).await.json();
    assert_eq!(found["command"], json!(["cat", "s3cret-word"]));
    assert_eq!(
        (&found["state"], &found["ended"], &found["exit_code"]),
        (&json!("finished"), &json!("exited"), &json!(0))
    );
    assert_eq!(
        (&found["user"]["name"], &found["container_name"], &found["cut"]),
        (&json!("otto"), &json!("web"), &json!(false))
    );
    let listed = server.get("/api/v1/recordings?user=otto&container=web&host=local", &ada).await.json();
    assert_eq!(listed["items"], json!([found]));
    assert_eq!(server.get("/api/v1/recordings?user=ada", &ada).await.json()["items"], json!([]));

    let cast = server.get(&format!("{path}/cast"), &ada).await;
    assert_eq!(cast.header("content-type"), "application/x-asciicast");
    let lines: Vec<Value> = cast.text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let header = &lines[0];
    assert_eq!(
        (&header["version"], &header["width"], &header["height"]),
        (&json!(2), &json!(132), &json!(43))
    );
    assert_eq!(header["duration"], found["seconds"]);
    let of_kind = |kind: &str| -> String {
        let these = lines[1..].iter().filter(|line| line[1] == kind);
        these.map(|line| line[2].as_str().expect("text")).collect()
    };
    assert_eq!(of_kind("o"), text, "what was shown");
    assert_eq!(of_kind("i"), text, "what was typed");
    assert_eq!(of_kind("r"), "100x30");
    let times: Vec<f64> = lines[1..].iter().map(|line| line[0].as_f64().expect("a time")).collect();
    assert!(times.is_sorted(), "{times:?}");
    assert_eq!(
        cast.text.len(),
        cast.text.lines().next().expect("a line").len()
            + 1
            + usize::try_from(found["bytes"].as_u64().expect("a size")).expect("small")
    );

    for secret in ["s3cret-word", "s3cret-typed"] {
        let files = server.database_files();
        assert!(
            !files.windows(secret.len()).any(|part| part == secret.as_bytes()),
            "{secret} is in the database"
        );
    }
    for (method, path) in
        [("GET", "/api/v1/recordings"), ("GET", &path), ("GET", &format!("{path}/cast")), ("DELETE", &path)]
    {
        assert_eq!(
            server.send(method, path, &otto, json!({})).await.code(),
            "permission_denied",
            "{method} {path}"
        );
    }
    assert_eq!(server.send("DELETE", &path, &ada, json!({})).await.status, 204);
    for path in [path.clone(), format!("{path}/cast")] {
        assert_eq!(server.get(&path, &ada).await.code(), "recording_not_found");
    }
    let started = audited(&server, &ada, "container.exec.start").await;
    assert_eq!(started[0]["detail"]["recording"], json!(id));
    let watched = audited(&server, &ada, "recording.watch").await;
    let by_ada: Vec<_> = watched.iter().filter(|entry| entry["outcome"] == "success").collect();
    assert_eq!(by_ada.len(), 1, "{watched:?}");
    assert_eq!(
        (&by_ada[0]["target"], &by_ada[0]["detail"]["user"]),
        (&json!(format!("recordings/{id}")), &json!("otto"))
    );
    let deleted = audited(&server, &ada, "recording.delete").await;
    assert!(
        deleted.iter().any(|entry| entry["outcome"] == "success" && entry["actor"] == "ada"),
        "{deleted:?}"
    );
}

#[tokio::test]
async fn what_is_typed_is_left_out_and_nothing_is_recorded_unless_the_rules_say_so() {
    let server = server(RecordingPolicy { input: false, ..ALL }).await;
    let ada = server.person("ada", Role::Admin).await;
    let mut socket = open(&server, &ada, "tty=false").await.expect("a terminal");
    let mut printed = Vec::new();
    let started = frame(&mut socket, &mut printed).await;
    assert_eq!((&started["recorded"], &started["recorded_input"]), (&json!(true), &json!(false)));
    type_in(&mut socket, b"hello").await;
    order(&mut socket, json!({"type": "eof"})).await;
    assert_eq!(frame(&mut socket, &mut printed).await["type"], "exit");
    let path = format!("/api/v1/recordings/{}", started["exec"].as_str().expect("an ID"));
    let found = server.get(&path, &ada).await.json();
    assert_eq!((&found["terminal"], &found["command"]), (&json!(false), &Value::Null), "{found}");
    let cast = server.get(&format!("{path}/cast"), &ada).await.text;
    assert!(cast.contains(r#""o", "hello""#) && !cast.contains(r#""i""#), "{cast}");

    let server = TestServer::start().await;
    let ada = server.person("ada", Role::Admin).await;
    let mut socket = open(&server, &ada, "").await.expect("a terminal");
    assert_eq!(frame(&mut socket, &mut printed).await["recorded"], false);
    assert_eq!(server.get("/api/v1/recordings", &ada).await.json()["items"], json!([]));
}

#[tokio::test]
async fn without_its_recording_a_terminal_does_not_open_and_does_not_go_on() {
    let server = server(ALL).await;
    let ada = server.person("ada", Role::Admin).await;
    let mut socket = open(&server, &ada, "").await.expect("a terminal");
    let mut printed = Vec::new();
    frame(&mut socket, &mut printed).await;
    let away = "ALTER TABLE recording_pieces RENAME TO pieces_away";
    server.database.execute_raw(away).await.expect("renamed");
    type_in(&mut socket, b"hello").await;
    let last = frame(&mut socket, &mut printed).await;
    assert_eq!((&last["type"], &last["code"]), (&json!("error"), &json!("recording_failed")), "{last}");
    let ended = audited(&server, &ada, "container.exec.end").await;
    assert_eq!(ended[0]["detail"]["ended"], "recording_failed");

    server.database.execute_raw("ALTER TABLE recordings RENAME TO recordings_away").await.expect("renamed");
    let refused = open(&server, &ada, "").await.expect_err("refused");
    assert_eq!(refused, (503, "recording_unavailable".to_owned()));
    let begun = audited(&server, &ada, "container.exec.start").await;
    assert_eq!(begun[0]["detail"]["code"], "recording_unavailable", "{begun:?}");
    let programs = server.engine.calls().iter().filter(|call| call.starts_with("exec")).count();
    assert_eq!(programs, 1, "what is not recorded is not started");
}

#[tokio::test]
async fn a_terminal_whose_recording_is_full_is_ended_and_the_recording_says_so() {
    let server = server(RecordingPolicy { limit: 20_000, ..ALL }).await;
    let ada = server.person("ada", Role::Admin).await;
    let mut socket = open(&server, &ada, "").await.expect("a terminal");
    let mut printed = Vec::new();
    let started = frame(&mut socket, &mut printed).await;
    for _ in 0..30 {
        // It may be over by then.
        let _sent = socket.send(Message::Binary(vec![b'x'; 1_000].into())).await;
    }
    let last = frame(&mut socket, &mut printed).await;
    assert_eq!(last["code"], "recording_full", "{last}");
    let path = format!("/api/v1/recordings/{}", started["exec"].as_str().expect("an ID"));
    let found = server.get(&path, &ada).await.json();
    assert_eq!(
        (&found["state"], &found["cut"], &found["ended"]),
        (&json!("finished"), &json!(true), &json!("recording_full"))
    );
    assert!(found["bytes"].as_u64().expect("a size") >= 20_000, "{found}");
    let cast = server.get(&format!("{path}/cast"), &ada).await;
    let lines = cast.text.lines().map(|line| serde_json::from_str::<Value>(line).expect("a whole line"));
    let recorded = lines.filter(|line| line[1] == "o").map(|line| line[2].as_str().expect("text").len());
    assert!(recorded.sum::<usize>() >= printed.len(), "what was shown is recorded");
}

#[tokio::test]
async fn a_recording_of_another_secret_key_or_with_a_hole_is_listed_and_cannot_be_watched() {
    let server = server(ALL).await;
    let ada = server.person("ada", Role::Admin).await;
    let mut socket = open(&server, &ada, "").await.expect("a terminal");
    let mut printed = Vec::new();
    let started = frame(&mut socket, &mut printed).await;
    type_in(&mut socket, b"hello").await;
    order(&mut socket, json!({"type": "eof"})).await;
    assert_eq!(frame(&mut socket, &mut printed).await["type"], "exit");
    let path = format!("/api/v1/recordings/{}/cast", started["exec"].as_str().expect("an ID"));
    let moved = |by: i32| format!("UPDATE recording_pieces SET number = number + {by}");
    server.database.execute_raw(&moved(1)).await.expect("moved");
    assert_eq!(server.get(&path, &ada).await.code(), "recording_unreadable", "the first piece is missing");
    server.database.execute_raw(&moved(-1)).await.expect("moved");
    assert_eq!(server.get(&path, &ada).await.status, 200);
    let altered =
        "UPDATE recordings SET sealed_command = X'01FF'; UPDATE recording_pieces SET sealed = X'01FF'";
    server.database.execute_raw(altered).await.expect("altered");
    let listed = server.get("/api/v1/recordings", &ada).await.json();
    assert_eq!(
        (&listed["items"][0]["readable"], &listed["items"][0]["command"]),
        (&json!(false), &Value::Null)
    );
    assert_eq!(server.get(&path, &ada).await.code(), "recording_unreadable");
}
