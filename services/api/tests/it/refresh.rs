use dockline_domain::access::Role;
use futures::future::join_all;
use serde_json::json;

use crate::{
    Answer, TestServer,
    server::{PASSWORD, answer},
};

async fn refresh(server: &TestServer, cookie: &str) -> Answer {
    answer(server.request("POST", "/api/v1/auth/refresh").header("cookie", cookie)).await
}

#[tokio::test]
async fn a_refresh_rotates_and_a_reuse_ends_the_sign_in() {
    let server = TestServer::start().await;
    server.account("ada", Role::Admin).await;
    let first = server.login("ada", PASSWORD).await.cookie();
    let second = refresh(&server, &first).await;
    assert_eq!(second.status, 200, "{second:?}");
    let third = refresh(&server, &second.cookie()).await;
    assert_eq!(third.status, 200);
    let token = third.json()["access_token"].as_str().expect("a token").to_owned();

    // Older than the predecessor: no grace.
    let stolen = refresh(&server, &first).await;
    assert_eq!((stolen.status, stolen.code().as_str()), (401, "unauthenticated"));
    assert_eq!(refresh(&server, &third.cookie()).await.status, 401);
    let me = answer(server.request("GET", "/api/v1/auth/me").bearer_auth(token)).await;
    assert_eq!(me.status, 401, "the access token of an ended sign-in is refused at once");
}

#[tokio::test]
async fn twenty_tabs_may_refresh_at_once() {
    let server = TestServer::start().await;
    server.account("ada", Role::Admin).await;
    let cookie = server.login("ada", PASSWORD).await.cookie();
    let answers = join_all((0..20).map(|_| refresh(&server, &cookie))).await;
    assert!(answers.iter().all(|answer| answer.status == 200), "{answers:?}");
    for answer in [&answers[0], &answers[19]] {
        assert_eq!(refresh(&server, &answer.cookie()).await.status, 200);
    }
}

#[tokio::test]
async fn the_cookie_is_out_of_reach_of_scripts_and_other_sites() {
    let server = TestServer::start().await;
    server.account("ada", Role::Admin).await;
    let login = server.login("ada", PASSWORD).await;
    let cookie = login.header("set-cookie").to_owned();
    for part in ["HttpOnly", "SameSite=Strict", "Path=/api/v1/auth"] {
        assert!(cookie.contains(part), "{part} is missing in {cookie}");
    }
    assert!(!cookie.contains("Secure"), "the public URL is http");
    assert!(!login.text.contains(login.cookie().split('=').nth(1).expect("a value")));

    for (name, value) in [
        ("origin", "https://evil.example"),
        ("origin", "null"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
    ] {
        for path in ["/api/v1/auth/refresh", "/api/v1/auth/logout"] {
            let request = server.request("POST", path).header("cookie", login.cookie()).header(name, value);
            let got = answer(request).await;
            assert_eq!((got.status, got.code().as_str()), (403, "foreign_origin"), "{path} {name}: {value}");
        }
    }
    let origin = format!("http://{}", server.address);
    let request = server.request("POST", "/api/v1/auth/refresh").header("cookie", login.cookie());
    assert_eq!(answer(request.header("origin", origin)).await.status, 200);
}

#[tokio::test]
async fn under_https_the_cookie_is_secure() {
    let server = TestServer::with(|config| {
        config.public_url = "https://docker.example.org".parse().expect("a URL");
    })
    .await;
    server.account("ada", Role::Admin).await;
    let login = server.login("ada", PASSWORD).await;
    assert!(login.header("set-cookie").contains("Secure"));
    assert!(login.header("strict-transport-security").contains("max-age"));
}

#[tokio::test]
async fn signing_out_ends_the_sign_in() {
    let server = TestServer::start().await;
    server.account("ada", Role::Admin).await;
    let login = server.login("ada", PASSWORD).await;
    let logout = server.request("POST", "/api/v1/auth/logout").header("cookie", login.cookie());
    let logout = answer(logout).await;
    assert_eq!(logout.status, 204);
    assert!(logout.header("set-cookie").contains("Max-Age=0"), "{logout:?}");
    assert_eq!(refresh(&server, &login.cookie()).await.status, 401);
    let token = login.json()["access_token"].as_str().expect("a token").to_owned();
    assert_eq!(answer(server.request("GET", "/api/v1/auth/me").bearer_auth(token)).await.status, 401);
    // Again, and without anything: the same answer.
    assert_eq!(answer(server.request("POST", "/api/v1/auth/logout").json(&json!({}))).await.status, 204);
}

#[tokio::test]
async fn no_cookie_or_a_strange_one_is_refused() {
    let server = TestServer::start().await;
    for cookie in ["", "dockline_refresh=", "dockline_refresh=abc", "other=1"] {
        let got = refresh(&server, cookie).await;
        assert_eq!((got.status, got.code().as_str()), (401, "unauthenticated"), "{cookie:?}");
    }
}
