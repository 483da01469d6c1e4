use std::{num::NonZeroU32, time::Duration};

use dockline_domain::access::Role;
use serde_json::json;

use crate::{
    Answer, TestServer,
    server::{PASSWORD, answer},
};

async fn limited(account: u32, address: u32, trusted: &[&str]) -> TestServer {
    let trusted: Vec<_> = trusted.iter().map(|text| text.parse().expect("a network")).collect();
    TestServer::with(|config| {
        config.sign_in.account_burst = NonZeroU32::new(account).expect("not zero");
        config.sign_in.account_refill = Duration::from_secs(60);
        config.sign_in.address_burst = NonZeroU32::new(address).expect("not zero");
        config.sign_in.address_refill = Duration::from_secs(60);
        config.trusted_proxies = trusted;
    })
    .await
}

async fn login_from(server: &TestServer, forwarded: &str, username: &str) -> Answer {
    let body = json!({ "username": username, "password": "wrong horse battery" });
    let request = server.request("POST", "/api/v1/auth/login").json(&body);
    answer(request.header("x-forwarded-for", forwarded).header("forwarded", format!("for={forwarded}"))).await
}

#[tokio::test]
async fn an_account_is_limited_and_told_how_long() {
    let server = limited(3, 100, &[]).await;
    server.account("ada", Role::Admin).await;
    for _ in 0..3 {
        assert_eq!(server.login("ada", "wrong horse battery").await.status, 401);
    }
    let got = server.login("ada", PASSWORD).await;
    assert_eq!((got.status, got.code().as_str()), (429, "too_many_attempts"));
    let wait: u64 = got.header("retry-after").parse().expect("seconds");
    assert!((1..=60).contains(&wait), "{wait}");
    server.account("bob", Role::Viewer).await;
    assert_eq!(server.login("bob", PASSWORD).await.status, 200);
}

#[tokio::test]
async fn forwarding_headers_of_strangers_buy_nothing() {
    let server = limited(100, 3, &[]).await;
    for number in 0..3 {
        assert_eq!(login_from(&server, &format!("203.0.113.{number}"), "ada").await.status, 401);
    }
    assert_eq!(login_from(&server, "203.0.113.99", "bob").await.status, 429);
}

#[tokio::test]
async fn behind_a_trusted_proxy_the_rightmost_hop_counts() {
    let server = limited(100, 2, &["127.0.0.0/8"]).await;
    for number in 0..2 {
        // The client rotates what it writes; the proxy adds the truth.
        let forwarded = format!("198.51.100.{number}, 203.0.113.7");
        assert_eq!(login_from(&server, &forwarded, "ada").await.status, 401);
    }
    assert_eq!(login_from(&server, "198.51.100.77, 203.0.113.7", "ada").await.status, 429);
    assert_eq!(login_from(&server, "203.0.113.8", "ada").await.status, 401);
}
