use dockline_domain::access::Role;
use serde_json::{Value, json};

use crate::TestServer;

const PULL: &str = "/api/v1/hosts/local/images/pull";

async fn pull(server: &TestServer, who: &crate::server::Person, image: &str) -> String {
    let answer = server.post(PULL, who, json!({ "image": image })).await;
    assert_eq!(answer.status, 202, "{answer:?}");
    let job = answer.json()["job"].clone();
    assert_eq!((job["state"].as_str(), job["attempt"].as_u64()), (Some("queued"), Some(0)));
    job["id"].as_str().expect("an ID").to_owned()
}

#[tokio::test]
async fn a_pull_is_a_job_that_everybody_sees_and_operators_call_off() {
    let server = TestServer::start().await;
    let (vera, otto) =
        (server.person("vera", Role::Viewer).await, server.person("otto", Role::Operator).await);
    let first = pull(&server, &otto, "nginx").await;
    let second = pull(&server, &otto, "redis:8").await;
    let seen = server.get(&format!("/api/v1/jobs/{first}"), &vera).await.json();
    assert_eq!((seen["subject"].as_str(), seen["kind"].as_str()), (Some("nginx:latest"), Some("image.pull")));
    assert_eq!(
        (seen["asked_by"]["name"].as_str(), seen["permission"].as_str()),
        (Some("otto"), Some("images.manage"))
    );
    let ids = |page: &Value| -> Vec<String> {
        let items = page["items"].as_array().expect("items");
        items.iter().map(|job| job["id"].as_str().expect("an ID").to_owned()).collect()
    };
    let page = server.get("/api/v1/jobs?limit=1", &vera).await.json();
    assert_eq!(ids(&page), [second.as_str()]);
    let cursor = page["next_cursor"].as_str().expect("more");
    let page = server.get(&format!("/api/v1/jobs?limit=1&cursor={cursor}"), &vera).await.json();
    assert_eq!((ids(&page), page["next_cursor"].is_null()), (vec![first.clone()], true));

    let cancel = format!("/api/v1/jobs/{first}/cancel");
    let denied = server.post(&cancel, &vera, json!({})).await;
    assert_eq!((denied.status, denied.code().as_str()), (403, "permission_denied"));
    let done = server.post(&cancel, &otto, json!({})).await;
    assert_eq!((done.status, done.json()["state"].as_str()), (202, Some("cancelled")));
    let again = server.post(&cancel, &otto, json!({})).await;
    assert_eq!((again.status, again.code().as_str()), (409, "job_over"));
    let live = server.get("/api/v1/jobs?state=queued,running", &vera).await.json();
    assert_eq!(ids(&live), [second.as_str()]);

    let retry = |id: &str| format!("/api/v1/jobs/{id}/retry");
    assert_eq!(server.post(&retry(&first), &vera, json!({})).await.status, 403);
    let early = server.post(&retry(&second), &otto, json!({})).await;
    assert_eq!((early.status, early.code().as_str()), (409, "nothing_to_retry"));
    let new = server.post(&retry(&first), &otto, json!({})).await.json()["job"].clone();
    assert_eq!(
        (new["retry_of"].as_str(), new["subject"].as_str()),
        (Some(first.as_str()), Some("nginx:latest"))
    );

    let ada = server.person("ada", Role::Admin).await;
    let audit = server.get("/api/v1/audit?action=job.cancel", &ada).await.json();
    let outcomes: Vec<_> =
        audit["items"].as_array().expect("lines").iter().map(|line| line["outcome"].as_str()).collect();
    assert_eq!(outcomes, [Some("failure"), Some("success"), Some("denied")]);
}

#[tokio::test]
async fn wrong_questions_are_named() {
    let server = TestServer::start().await;
    let otto = server.person("otto", Role::Operator).await;
    for image in ["", "..", "a%2Fb", "Nginx", "nginx:", "nginx@sha256:00", "nginx&tag=x"] {
        let answer = server.post(PULL, &otto, json!({ "image": image })).await;
        assert_eq!((answer.status, answer.fields()), (422, vec!["image".to_owned()]), "{image:?}");
    }
    let answer = server.post("/api/v1/hosts/nowhere/images/pull", &otto, json!({ "image": "nginx" })).await;
    assert_eq!((answer.status, answer.code().as_str()), (404, "host_not_found"));
    let answer = server.get("/api/v1/jobs?state=odd&kind=odd&host=../x&limit=0&cursor=odd", &otto).await;
    assert_eq!(answer.fields(), ["state", "kind", "host", "limit", "cursor"]);
    for (id, status, code) in
        [("nobody", 400, "invalid_id"), ("00000000-0000-7000-8000-000000000000", 404, "job_not_found")]
    {
        for (method, path) in [("GET", ""), ("POST", "/cancel"), ("POST", "/retry")] {
            let answer = server.send(method, &format!("/api/v1/jobs/{id}{path}"), &otto, json!({})).await;
            assert_eq!((answer.status, answer.code().as_str()), (status, code), "{method} {id}{path}");
        }
    }
    assert!(crate::server::asked(&server.engine).is_empty(), "no engine is asked by the API");
}
