//! Every route × role, generated from the table of routes.

use dockline_api::registry::{Access, Transport};
use dockline_domain::access::Role;
use serde_json::json;

use crate::{TestServer, server::answer};

#[tokio::test]
async fn every_route_and_role_has_its_expected_answer() {
    let server = TestServer::start().await;
    let id = server.engine.add("web", &[]).to_string();
    let people = [
        None,
        Some(server.person("vera", Role::Viewer).await),
        Some(server.person("otto", Role::Operator).await),
        Some(server.person("ada", Role::Admin).await),
    ];
    let job = json!({ "image": "nginx" });
    let job =
        server.post("/api/v1/hosts/local/images/pull", people[2].as_ref().expect("otto"), job).await.json();
    let job = job["job"]["id"].as_str().expect("an ID").to_owned();
    let mut checked = 0;
    for endpoint in dockline_api::routes::routes() {
        let declaration = endpoint.declaration();
        // Nobody's account and nobody's container are changed: the second ID exists nowhere.
        let subject = match declaration.path {
            path if path.starts_with("/ws/jobs") => job.clone(),
            path if path.starts_with("/api/v1/users") || path.contains("/jobs") => uuid_nobody(),
            path if path.contains("logs") || path.contains("stats") => id.clone(),
            _ => "f".repeat(64),
        };
        let path = declaration
            .path
            .replace("{id}", &subject)
            .replace("{name}", "LogFrame")
            .replace("{host}", "nowhere");
        for person in &people {
            let mut request = server.request(declaration.method.as_str(), &path).json(&json!({}));
            // Signing out would end the sign-ins that the rest of the table is tried with.
            if let Some(person) = person.as_ref().filter(|_| declaration.path != "/api/v1/auth/logout") {
                request = request.bearer_auth(&person.token);
            }
            let got = answer(request).await;
            let role = person.as_ref().and_then(|person| person.account.role);
            let expected = match (declaration.access, role) {
                (Access::Public, _) | (Access::SignedIn, Some(_)) => None,
                (Access::SignedIn | Access::Requires(_), None) => Some((401, "unauthenticated")),
                (Access::Requires(permission), Some(role)) if role.allows(permission) => None,
                (Access::Requires(_), Some(_)) => Some((403, "permission_denied")),
            };
            let case = format!("{} {path} as {role:?}: {got:?}", declaration.method);
            match expected {
                Some((status, code)) => {
                    assert_eq!((got.status, got.code().as_str()), (status, code), "{case}")
                }
                // Public routes may refuse for reasons of their own: no cookie, wrong token, wrong body.
                None if declaration.access == Access::Public => {
                    assert!(!matches!(got.code().as_str(), "permission_denied"), "{case}");
                }
                None => assert!(!matches!(got.status, 401 | 403 | 405 | 500), "{case}"),
            }
            if declaration.transport == Transport::WebSocket && expected.is_none() {
                // Let in, and then told that this is no upgrade.
                assert_eq!(got.code(), "invalid_fields", "{case}");
            }
            checked += 1;
        }
    }
    assert!(checked >= 4 * 30, "{checked}");
}

fn uuid_nobody() -> String {
    "00000000-0000-7000-8000-000000000000".to_owned()
}

#[tokio::test]
async fn an_account_without_a_known_role_has_no_rights() {
    let server = TestServer::start().await;
    let person = server.person("ada", Role::Admin).await;
    server.database.execute_raw("UPDATE users SET role = 'owner'").await.expect("changed");
    for path in ["/api/v1/containers", "/api/v1/users", "/api/v1/auth/me", "/ws/events"] {
        let got = server.get(path, &person).await;
        assert_eq!((got.status, got.code().as_str()), (403, "no_role"), "{path}");
    }
}

#[tokio::test]
async fn paths_that_do_not_exist_and_methods_that_do_not_are_json_errors() {
    let server = TestServer::start().await;
    let ada = server.person("ada", Role::Admin).await;
    let nothing = server.get("/api/v1/nothing", &ada).await;
    assert_eq!((nothing.status, nothing.code().as_str()), (404, "not_found"));
    assert_eq!(nothing.json()["request_id"], nothing.header("x-request-id"));
    let method = server.send("PUT", "/api/v1/users", &ada, json!({})).await;
    assert_eq!((method.status, method.code().as_str()), (405, "method_not_allowed"));
}
