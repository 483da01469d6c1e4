use serde_json::json;

use crate::{
    Answer, TestServer,
    server::{PASSWORD, answer},
};

async fn set_up(server: &TestServer, token: &str, username: &str) -> Answer {
    let body = json!({ "token": token, "username": username, "password": PASSWORD });
    answer(server.request("POST", "/api/v1/setup").json(&body)).await
}

#[tokio::test]
async fn the_first_administrator_is_made_once() {
    let server = TestServer::start().await;
    let status = answer(server.request("GET", "/api/v1/setup")).await;
    assert_eq!(status.json(), json!({ "required": true }));

    let wrong = set_up(&server, "wrong", "ada").await;
    assert_eq!((wrong.status, wrong.code().as_str()), (403, "invalid_setup_token"));
    assert!(wrong.text.contains("setup-token in its data folder"), "{wrong:?}");
    let bad = json!({ "token": server.setup_token.expose(), "username": "A", "password": "short" });
    let bad = answer(server.request("POST", "/api/v1/setup").json(&bad)).await;
    assert_eq!((bad.status, bad.fields()), (422, vec!["username".to_owned(), "password".to_owned()]));

    let made = set_up(&server, server.setup_token.expose(), "ada").await;
    assert_eq!(made.status, 201, "{made:?}");
    assert_eq!(made.json()["user"]["role"], "admin");
    assert!(made.cookie().starts_with("dockline_refresh="));
    let token = made.json()["access_token"].as_str().expect("a token").to_owned();
    let me = answer(server.request("GET", "/api/v1/auth/me").bearer_auth(token)).await;
    assert_eq!(me.json()["user"]["username"], "ada");
    assert!(me.json()["permissions"].to_string().contains("users.manage"));

    let again = set_up(&server, server.setup_token.expose(), "eve").await;
    assert_eq!((again.status, again.code().as_str()), (409, "setup_done"));
    let status = answer(server.request("GET", "/api/v1/setup")).await;
    assert_eq!(status.json(), json!({ "required": false }));
}

#[tokio::test]
async fn of_many_at_the_same_moment_one_becomes_the_administrator() {
    let server = TestServer::start().await;
    let names: Vec<String> = (0..8).map(|number| format!("admin-{number}")).collect();
    let attempts = names.iter().map(|name| set_up(&server, server.setup_token.expose(), name));
    let answers = futures::future::join_all(attempts).await;
    let made = answers.iter().filter(|answer| answer.status == 201).count();
    assert_eq!(made, 1, "{answers:?}");
    assert!(
        answers.iter().all(|answer| answer.status == 201 || answer.code() == "setup_done"),
        "{answers:?}"
    );
    assert_eq!(server.database.users().list(None, 10).await.expect("a list").len(), 1);
}

#[tokio::test]
async fn another_sites_page_cannot_set_up() {
    let server = TestServer::start().await;
    let body = json!({ "token": server.setup_token.expose(), "username": "eve", "password": PASSWORD });
    let request =
        server.request("POST", "/api/v1/setup").header("origin", "https://evil.example").json(&body);
    let got = answer(request).await;
    assert_eq!((got.status, got.code().as_str()), (403, "foreign_origin"));
    assert!(server.database.setup().required().await.expect("an answer"));
}
