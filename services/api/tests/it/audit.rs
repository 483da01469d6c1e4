use std::time::Duration;

use dockline_domain::access::Role;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;

use crate::{
    TestServer,
    server::{PASSWORD, Person, answer},
};

async fn lines(server: &TestServer, who: &Person, query: &str) -> Vec<Value> {
    let page = server.get(&format!("/api/v1/audit{query}"), who).await.json();
    page["items"].as_array().expect("items").clone()
}

#[tokio::test]
async fn every_mutation_and_denial_leaves_a_line() {
    let server = TestServer::start().await;
    let ada = server.person("ada", Role::Admin).await;
    let vera = server.person("vera", Role::Viewer).await;
    let id = server.engine.add("web", &[]);
    let path = format!("/api/v1/containers/{id}");

    for operation in ["stop", "start", "restart", "pause", "unpause", "kill"] {
        assert_eq!(server.post(&format!("{path}/{operation}"), &ada, json!({})).await.status, 204);
        let denied = server.post(&format!("{path}/{operation}"), &vera, json!({})).await;
        assert_eq!(denied.status, 403);
        let found = lines(&server, &ada, &format!("?action=container.{operation}")).await;
        assert_eq!(found.len(), 2, "{operation}: {found:?}");
        assert_eq!((&found[0]["outcome"], &found[0]["actor"]), (&json!("denied"), &json!("vera")));
        assert_eq!(found[0]["request_id"], denied.header("x-request-id"));
        assert_eq!((&found[1]["outcome"], &found[1]["actor"]), (&json!("success"), &json!("ada")));
        assert_eq!(found[1]["target"], format!("containers/{id}"));
        assert_eq!(found[1]["detail"]["host"], "local");
        assert_eq!(found[1]["address"], "127.0.0.1");
    }
    // A failure, with its code.
    assert_eq!(server.post(&format!("{path}/pause"), &ada, json!({})).await.status, 409);
    let failed = lines(&server, &ada, "?outcome=failure").await;
    assert_eq!(failed[0]["detail"]["code"], "conflict");
    // A refused look counts as well.
    assert_eq!(server.get("/api/v1/users", &vera).await.status, 403);
    assert_eq!(lines(&server, &ada, "?action=users.manage&outcome=denied").await.len(), 1);
    assert_eq!(server.get("/api/v1/containers", &vera).await.status, 200);

    let verified = server.database.audit().verify().await.expect("an answer");
    assert_eq!(verified.broken, None);
}

#[tokio::test]
async fn accounts_and_sign_ins_leave_lines_without_secrets() {
    let server = TestServer::start().await;
    let setup = json!({ "token": server.setup_token.expose(), "username": "root", "password": PASSWORD });
    assert_eq!(answer(server.request("POST", "/api/v1/setup").json(&setup)).await.status, 201);
    let ada = server.person("ada", Role::Admin).await;
    let body = json!({ "username": "bob", "password": PASSWORD, "role": "viewer" });
    let bob = server.post("/api/v1/users", &ada, body).await.json()["id"].as_str().expect("an id").to_owned();
    let path = format!("/api/v1/users/{bob}");
    let login = server.login("bob", PASSWORD).await;
    assert_eq!(server.login("bob", "wrong horse battery").await.status, 401);
    assert_eq!(server.login("nobody", "wrong horse battery").await.status, 401);
    let change = json!({ "role": "operator", "password": "another horse battery" });
    assert_eq!(server.send("PATCH", &path, &ada, change).await.status, 200);
    assert_eq!(server.send("DELETE", &path, &ada, json!({})).await.status, 204);

    let found = lines(&server, &ada, "").await;
    let seen: Vec<String> = found
        .iter()
        .map(|line| {
            let text = |field: &str| line[field].as_str().unwrap_or("-").to_owned();
            format!("{} {} {} {}", text("actor"), text("action"), text("target"), text("outcome"))
        })
        .collect();
    assert_eq!(
        seen,
        [
            "ada user.delete users/bob success",
            "ada user.update users/bob success",
            "nobody auth.login users/nobody failure",
            "bob auth.login users/bob failure",
            "bob auth.login users/bob success",
            "ada user.create users/bob success",
            "root setup.complete users/root success",
        ]
    );
    let text = serde_json::to_string(&found).expect("JSON");
    for secret in
        [PASSWORD, "another horse", "wrong horse", server.setup_token.expose(), &login.cookie()[17..]]
    {
        assert!(!text.contains(secret), "{secret}");
    }
    assert_eq!(found[1]["detail"]["password"], "changed");
    assert_eq!(found[1]["detail"]["role"], json!({ "before": "viewer", "after": "operator" }));
}

#[tokio::test]
async fn signing_out_and_a_stolen_token_leave_lines_and_refreshing_does_not() {
    let server = TestServer::start().await;
    let ada = server.person("ada", Role::Admin).await;
    server.account("bob", Role::Viewer).await;
    let refresh = async |cookie: &str| {
        answer(server.request("POST", "/api/v1/auth/refresh").header("cookie", cookie)).await
    };
    let first = server.login("bob", PASSWORD).await.cookie();
    let second = refresh(&first).await.cookie();
    let third = refresh(&second).await.cookie();
    assert_eq!(lines(&server, &ada, "?action=auth.refresh").await.len(), 0);
    assert_eq!(refresh(&first).await.status, 401);
    let stolen = lines(&server, &ada, "?action=auth.refresh").await;
    assert_eq!((stolen.len(), &stolen[0]["actor"]), (1, &json!("bob")));
    assert_eq!(refresh(&third).await.status, 401);
    assert_eq!(lines(&server, &ada, "?action=auth.refresh").await.len(), 1);
    let cookie = server.login("bob", PASSWORD).await.cookie();
    let logout = server.request("POST", "/api/v1/auth/logout").header("cookie", cookie);
    assert_eq!(answer(logout).await.status, 204);
    assert_eq!(lines(&server, &ada, "?action=auth.logout").await.len(), 1);
}

#[tokio::test]
async fn an_action_is_finished_and_recorded_although_its_caller_hangs_up() {
    let server = TestServer::start().await;
    let ada = server.person("ada", Role::Admin).await;
    for number in 0..16_u64 {
        let body = json!({ "username": format!("user-{number}"), "password": PASSWORD, "role": "viewer" });
        let (body, token) = (body.to_string(), &ada.token);
        let request = format!(
            "POST /api/v1/users HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        let mut stream = tokio::net::TcpStream::connect(server.address).await.expect("connected");
        stream.write_all(request.as_bytes()).await.expect("written");
        // Somewhere between the intent and the outcome; reset, not only half closed.
        tokio::time::sleep(Duration::from_millis(number)).await;
        socket2::SockRef::from(&stream).set_linger(Some(Duration::ZERO)).expect("a socket option");
    }
    let settled = async || {
        for _ in 0..200 {
            let open = lines(&server, &ada, "?outcome=intent").await;
            if open.is_empty() {
                return true;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        false
    };
    assert!(settled().await, "an intent without an outcome stayed");
    let done = lines(&server, &ada, "?action=user.create&outcome=success&limit=500").await;
    let made = server.database.users().list(None, 500).await.expect("a list").len() - 1;
    assert_eq!(done.len(), made);
    assert!(made > 0, "every request was cut off before it was read");
}

#[tokio::test]
async fn what_cannot_be_recorded_is_not_done() {
    let server = TestServer::start().await;
    let ada = server.person("ada", Role::Admin).await;
    let id = server.engine.add("web", &[]);
    server.database.execute_raw("DROP TABLE audit_log").await.expect("dropped");
    let got = server.post(&format!("/api/v1/containers/{id}/stop"), &ada, json!({})).await;
    assert_eq!((got.status, got.code().as_str()), (500, "internal_error"));
    for leaked in ["SQL", "sql", "audit_log", "no such table"] {
        assert!(!got.text.contains(leaked), "{got:?}");
    }
    assert!(!server.engine.calls().iter().any(|call| call.starts_with("stop")));
}
