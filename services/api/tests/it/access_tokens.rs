use std::time::{Duration, Instant};

use dockline_auth::SecretKey;
use dockline_domain::access::Role;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use crate::{
    TestServer,
    server::{PASSWORD, Person, answer},
};

async fn status_of(server: &TestServer, authorization: &str) -> u16 {
    answer(server.request("GET", "/api/v1/auth/me").header("authorization", authorization)).await.status
}

/// The header and the claims of a token of ours, to be changed one by one.
fn parts(person: &Person) -> (Header, Value) {
    let header = jsonwebtoken::decode_header(&person.token).expect("a header");
    let claims = person.token.split('.').nth(1).expect("claims");
    let claims = base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, claims);
    (header, serde_json::from_slice(&claims.expect("base64")).expect("JSON"))
}

fn sign(header: &Header, claims: &Value, secret: &SecretKey) -> String {
    let key = EncodingKey::from_secret(secret.derive("access-token").expose_secret());
    jsonwebtoken::encode(header, claims, &key).expect("signed")
}

#[tokio::test]
async fn forged_and_malformed_tokens_are_refused() {
    let server = TestServer::start().await;
    let ada = server.person("ada", Role::Admin).await;
    let (header, claims) = parts(&ada);
    let good = sign(&header, &claims, &server.secret);
    assert_eq!(status_of(&server, &format!("Bearer {good}")).await, 200);
    assert_eq!(status_of(&server, &format!("bearer {good}")).await, 200);

    let other_algorithm = Header { alg: Algorithm::HS512, ..header.clone() };
    let unknown_key = Header { kid: Some("unknown".to_owned()), ..header.clone() };
    let no_key = Header { kid: None, ..header.clone() };
    let mut tokens = vec![
        sign(&other_algorithm, &claims, &server.secret),
        sign(&unknown_key, &claims, &server.secret),
        sign(&no_key, &claims, &server.secret),
        sign(&header, &claims, &SecretKey::generate()),
        good.chars().rev().collect(),
        "null".to_owned(),
        "x".repeat(20_000),
    ];
    for (claim, value) in [
        ("exp", json!("9999999999")),
        ("exp", json!(null)),
        ("exp", json!(1)),
        ("nbf", json!(9_999_999_999_i64)),
        ("sub", json!(7)),
        ("sub", json!("00000000-0000-7000-8000-000000000000")),
        ("sid", json!("00000000-0000-7000-8000-000000000000")),
        ("iss", json!("somebody")),
        ("aud", json!("somebody")),
    ] {
        let mut claims = claims.clone();
        claims[claim] = value;
        tokens.push(sign(&header, &claims, &server.secret));
    }
    for token in tokens {
        assert_eq!(status_of(&server, &format!("Bearer {token}")).await, 401, "{token}");
    }
    for authorization in ["", "Bearer", "Bearer ", &format!("Basic {good}"), &good] {
        assert_eq!(status_of(&server, authorization).await, 401, "{authorization:?}");
    }
}

#[tokio::test]
async fn a_role_in_the_token_is_not_believed() {
    let server = TestServer::start().await;
    let vera = server.person("vera", Role::Viewer).await;
    let (header, mut claims) = parts(&vera);
    claims["role"] = json!("admin");
    let token = sign(&header, &claims, &server.secret);
    let got = answer(server.request("GET", "/api/v1/users").bearer_auth(token)).await;
    assert_eq!(got.status, 403);
}

#[tokio::test]
async fn a_wrong_name_and_a_wrong_password_look_the_same() {
    let server = TestServer::start().await;
    server.account("ada", Role::Admin).await;
    assert_eq!(server.login("ada", PASSWORD).await.status, 200);
    // Medians, since the machine does other things as well.
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    for number in 0..7 {
        let began = Instant::now();
        let wrong_password = server.login("ada", "wrong horse battery").await;
        known.push(began.elapsed());
        let began = Instant::now();
        let wrong_name = server.login(&format!("nobody-{number}"), "wrong horse battery").await;
        unknown.push(began.elapsed());
        let body = |answer: &crate::Answer| (answer.status, answer.code(), answer.json()["message"].clone());
        assert_eq!(body(&wrong_password), body(&wrong_name));
        assert_eq!(wrong_name.code(), "invalid_credentials");
    }
    let median = |mut times: Vec<Duration>| {
        times.sort();
        times[times.len() / 2].as_secs_f64()
    };
    let (known, unknown) = (median(known), median(unknown));
    assert!((known / unknown - 1.0).abs() < 0.5, "{known} s and {unknown} s");
}

#[tokio::test]
async fn a_disabled_account_cannot_sign_in() {
    let server = TestServer::start().await;
    let ada = server.person("ada", Role::Admin).await;
    let bob = server.account("bob", Role::Operator).await;
    let path = format!("/api/v1/users/{}", bob.id);
    assert_eq!(server.send("PATCH", &path, &ada, json!({ "enabled": false })).await.status, 200);
    let got = server.login("bob", PASSWORD).await;
    assert_eq!((got.status, got.code().as_str()), (401, "invalid_credentials"));
}
