use dockline_domain::access::Role;
use serde_json::json;

use crate::{
    TestServer,
    server::{answer, asked},
};

#[tokio::test]
async fn hostile_container_ids_never_reach_an_engine() {
    let server = TestServer::start().await;
    server.engine.add("web", &[]);
    let ada = server.person("ada", Role::Admin).await;
    let long = "a".repeat(10_240);
    for id in [
        "..%2F",
        "..%2Fplugins%2Fx%2Fenable%3F",
        "%2e%2e%2fversion",
        "..%252Fversion",
        "abcdefabcdef%00",
        "%00",
        "żółw-żółw-żółw",
        "%C5%BC%C3%B3%C5%82w",
        "abcdefabcdef%2Fjson",
        "abcdefabcdef%3Fx=1",
        "ABCDEFABCDEF",
        "abc",
        "abcdefabcde%0a",
        "%20abcdefabcdef",
        long.as_str(),
    ] {
        for (method, operation) in [
            ("GET", ""),
            ("GET", "/logs"),
            ("POST", "/start"),
            ("POST", "/kill"),
            ("POST", "/rename"),
            ("DELETE", ""),
        ] {
            let path = format!("/api/v1/containers/{id}{operation}");
            let got = server.send(method, &path, &ada, json!({ "name": "ok" })).await;
            assert_eq!((got.status, got.code().as_str()), (400, "invalid_id"), "{method} {path}");
        }
        for stream in ["logs", "stats"] {
            let got = server.get(&format!("/ws/containers/{id}/{stream}"), &ada).await;
            assert_eq!((got.status, got.code().as_str()), (400, "invalid_id"), "{id} {stream}");
        }
    }
    assert_eq!(asked(&server.engine), [""; 0]);
    assert_eq!(asked(&server.spare), [""; 0]);
}

#[tokio::test]
async fn broken_bodies_are_named() {
    let server = TestServer::start().await;
    let ada = server.person("ada", Role::Admin).await;
    let send = async |body: String, content_type: &str| {
        let request = server.request("POST", "/api/v1/users").bearer_auth(&ada.token);
        answer(request.header("content-type", content_type).body(body)).await
    };
    let json = "application/json";
    for (body, status, code) in [
        ("", 400, "malformed_json"),
        ("{", 400, "malformed_json"),
        ("{\"username\":\"a\"", 400, "malformed_json"),
        ("\u{0}", 400, "malformed_json"),
        ("[]", 422, "invalid_fields"),
        ("{}", 422, "invalid_fields"),
    ] {
        let got = send(body.to_owned(), json).await;
        assert_eq!((got.status, got.code().as_str()), (status, code), "{body:?}");
    }
    for (body, field) in [
        (r#"{"username":1,"password":"x","role":"viewer"}"#, "username"),
        (r#"{"username":"bob","password":["x"],"role":"viewer"}"#, "password"),
        (r#"{"username":"bob","password":"x"}"#, "role"),
        (r#"{"username":"bob","password":"x","role":"viewer","enabled":true}"#, "enabled"),
    ] {
        let got = send(body.to_owned(), json).await;
        assert_eq!((got.status, got.fields()), (422, vec![field.to_owned()]), "{body}");
    }
    let form = send("username=bob".to_owned(), "application/x-www-form-urlencoded").await;
    assert_eq!((form.status, form.code().as_str()), (415, "unsupported_media_type"));
    let large = send(format!("{{\"username\":\"{}\"}}", "a".repeat(70_000)), json).await;
    assert_eq!((large.status, large.code().as_str()), (413, "body_too_large"));
    let deep = send("[".repeat(50_000), json).await;
    assert!(matches!(deep.status, 400 | 422), "{deep:?}");
}

#[tokio::test]
async fn wrong_parameters_are_named() {
    let server = TestServer::start().await;
    let ada = server.person("ada", Role::Admin).await;
    let id = server.engine.add("web", &[]);
    for (path, field) in [
        ("/api/v1/containers?limit=0".to_owned(), "limit"),
        ("/api/v1/containers?limit=501".to_owned(), "limit"),
        ("/api/v1/containers?limit=many".to_owned(), "limit"),
        ("/api/v1/containers?cursor=%21".to_owned(), "cursor"),
        ("/api/v1/containers?host=../x".to_owned(), "host"),
        ("/api/v1/audit?outcome=maybe".to_owned(), "outcome"),
        ("/api/v1/audit?since=yesterday".to_owned(), "since"),
        ("/api/v1/users?cursor=e30".to_owned(), "cursor"),
        (format!("/api/v1/containers/{id}/logs?tail=-1"), "tail"),
        (format!("/api/v1/containers/{id}/logs?since=x"), "since"),
        (format!("/api/v1/containers/{id}/logs?stream=stdin"), "stream"),
        (format!("/api/v1/containers/{id}/logs?format=xml"), "format"),
        (format!("/api/v1/containers/{id}/logs?q=(&regex=true"), "q"),
    ] {
        let got = server.get(&path, &ada).await;
        assert_eq!((got.status, got.fields()), (422, vec![field.to_owned()]), "{path}: {got:?}");
    }
    let kill = format!("/api/v1/containers/{id}/kill?signal=SIGSTOP");
    assert_eq!(server.post(&kill, &ada, json!({})).await.fields(), ["signal"]);
    let remove = format!("/api/v1/containers/{id}?force=maybe");
    assert_eq!(server.send("DELETE", &remove, &ada, json!({})).await.fields(), ["force"]);
    assert_eq!(asked(&server.engine), [""; 0]);
}
