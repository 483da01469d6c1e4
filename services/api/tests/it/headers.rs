use std::collections::BTreeSet;

use dockline_domain::access::Role;
use serde_json::json;

use crate::{TestServer, server::answer};

#[tokio::test]
async fn every_answer_has_the_security_headers_and_a_request_id() {
    let server = TestServer::start().await;
    let ada = server.person("ada", Role::Admin).await;
    let mut ids = BTreeSet::new();
    for path in ["/", "/assets/missing.js", "/api/v1/containers", "/api/v1/nothing", "/healthz", "/ws/events"]
    {
        let request = server.request("GET", path).bearer_auth(&ada.token).header("x-request-id", "mine");
        let got = answer(request).await;
        let csp = got.header("content-security-policy");
        assert!(
            csp.contains("script-src 'self';") && csp.contains("frame-ancestors 'none'"),
            "{path}: {csp}"
        );
        assert_eq!(got.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(got.header("referrer-policy"), "no-referrer", "{path}");
        assert!(got.headers.contains_key("permissions-policy"), "{path}");
        assert!(!got.headers.contains_key("strict-transport-security"), "{path}: the public URL is http");
        assert!(ids.insert(got.header("x-request-id").to_owned()), "{path}: the ID repeats");
    }
    assert!(!ids.contains("mine") && !ids.contains(""));
}

#[tokio::test]
async fn answers_of_the_api_are_not_stored_anywhere() {
    let server = TestServer::start().await;
    let ada = server.person("ada", Role::Admin).await;
    assert_eq!(server.get("/api/v1/auth/me", &ada).await.header("cache-control"), "no-store");
}

#[tokio::test]
async fn unknown_pages_get_the_ui_and_missing_files_do_not() {
    let server = TestServer::start().await;
    for path in ["/", "/containers/abc", "/setup?token=x"] {
        let got = answer(server.request("GET", path)).await;
        assert_eq!(got.status, 200, "{path}");
        assert_eq!(got.header("cache-control"), "no-cache");
    }
    assert_eq!(answer(server.request("GET", "/assets/missing.js")).await.status, 404);
    let got = answer(server.request("POST", "/containers").json(&json!({}))).await;
    assert_eq!(got.status, 404);
}

#[tokio::test]
async fn health_readiness_and_metrics() {
    let server = TestServer::start().await;
    let got = answer(server.request("GET", "/healthz")).await;
    assert_eq!((got.status, got.text.as_str()), (200, "ok"));
    server.engine.set_unreachable(true);
    server.spare.set_unreachable(true);
    let got = answer(server.request("GET", "/readyz")).await;
    assert_eq!(got.status, 200, "an engine that is down does not make the replica unready");
    assert_eq!(got.json()["ready"], true);
    let got = answer(server.request("GET", "/metrics")).await;
    assert!(
        got.text.contains(r#"dockline_http_requests_total{method="GET",route="/readyz",status="200"} 1"#)
    );
}

#[tokio::test]
async fn the_documents_describe_the_api() {
    let server = TestServer::start().await;
    let document = answer(server.request("GET", "/api/v1/openapi.json")).await.json();
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(document, serde_json::to_value(dockline_api::openapi()).expect("JSON"));
    // What the web UI's types are generated from: `dockline openapi > services/web/openapi.json`, then `npm run api`.
    let of_the_web_ui = include_str!("../../../web/openapi.json");
    assert_eq!(
        document,
        serde_json::from_str::<serde_json::Value>(of_the_web_ui).expect("JSON"),
        "it is out of date"
    );
    let index = answer(server.request("GET", "/api/v1/schemas/")).await.json();
    for link in index["items"].as_array().expect("items") {
        let schema = answer(server.request("GET", link["path"].as_str().expect("a path"))).await;
        assert_eq!(schema.json()["title"], link["name"]);
    }
    // What a release publishes: `dockline openapi --schemas shared/contract/schemas`.
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/contract/schemas");
    let files = std::fs::read_dir(folder).expect("the folder").count();
    assert_eq!(files, dockline_api::json_schemas().len(), "too many or too few");
    for (name, schema) in dockline_api::json_schemas() {
        let text = std::fs::read_to_string(format!("{folder}/{name}.json")).expect("a schema");
        let published: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(published, schema, "{name} is out of date");
    }
    assert_eq!(answer(server.request("GET", "/api/v1/schemas/Nothing.json")).await.status, 404);
}

#[tokio::test]
async fn lists_are_compressed_for_clients_that_can_read_that() {
    let server = TestServer::start().await;
    let ada = server.person("ada", Role::Admin).await;
    for number in 0..50 {
        server.engine.add(&format!("web-{number}"), &[]);
    }
    let request = server.request("GET", "/api/v1/containers").bearer_auth(&ada.token);
    let got = request.header("accept-encoding", "gzip").send().await.expect("an answer");
    assert_eq!(got.headers()["content-encoding"], "gzip");
}

#[tokio::test]
async fn files_with_a_hash_in_their_name_are_kept_for_ever() {
    let server = TestServer::start().await;
    let page = answer(server.request("GET", "/")).await;
    // Without a built UI there is nothing to look at here.
    let Some(asset) = page.text.split('"').find(|text| text.starts_with("/assets/") && text.ends_with(".js"))
    else {
        assert!(page.text.contains("make web"), "{page:?}");
        return;
    };
    let got = server.request("GET", asset).header("accept-encoding", "br").send().await.expect("an answer");
    assert_eq!(got.headers()["cache-control"], "public, max-age=31536000, immutable");
    assert_eq!(got.headers()["content-type"], "text/javascript");
    assert_eq!(got.headers()["content-encoding"], "br");
    let etag = got.headers()["etag"].clone();
    let again = server.request("GET", asset).header("if-none-match", etag).send().await.expect("an answer");
    assert_eq!(again.status(), 304);
}
