use dockline_domain::access::Role;
use serde_json::{Value, json};

use crate::{TestServer, server::Person};

const STACKS: &str = "/api/v1/hosts/local/stacks";
const FILE: &str = "services:\n  web:\n    image: web:${TAG}\n    foo: 1\n";

fn shop(file: &str, variables: Value) -> Value {
    json!({ "name": "shop", "compose": file, "variables": variables })
}

/// Ends what waits for a stack, as no worker is there.
async fn idle(server: &TestServer, who: &Person) {
    let jobs = server.get("/api/v1/jobs?state=queued", who).await.json();
    for job in jobs["items"].as_array().expect("jobs") {
        let path = format!("/api/v1/jobs/{}/cancel", job["id"].as_str().expect("an ID"));
        assert_eq!(server.post(&path, who, json!({})).await.status, 202);
    }
}

#[tokio::test]
async fn a_file_is_judged_before_anything_changes() {
    let server = TestServer::start().await;
    let (vera, otto, ada) = (
        server.person("vera", Role::Viewer).await,
        server.person("otto", Role::Operator).await,
        server.person("ada", Role::Admin).await,
    );
    let validate = format!("{STACKS}/validate");
    let denied = server.post(&validate, &vera, shop(FILE, json!({}))).await;
    assert_eq!((denied.status, denied.code().as_str()), (403, "permission_denied"));

    let fine = server.post(&validate, &otto, shop(FILE, json!({}))).await.json();
    assert_eq!((fine["valid"].as_bool(), fine["may_deploy"].as_bool()), (Some(true), Some(true)), "{fine}");
    assert_eq!(fine["unset_variables"], json!(["TAG"]));
    assert_eq!(fine["services"][1]["ports"], json!(["127.0.0.1:8080:80/tcp"]));
    assert_eq!((&fine["networks"], &fine["volumes"]), (&json!(["shop_default"]), &json!(["shop_data"])));

    for (file, line, words) in [
        ("UNKNOWN-KEY: &a 1\nservices:\n  web:\n    foo: 1\n", 4, "'foo' not allowed"),
        ("services:\n  web:\n    image: x\n   foo: 1\n", 4, "not YAML"),
        ("services:\n  web:\n    env_file: /etc/passwd\n", 3, "`env_file`"),
        ("services:\n  web:\n    build: .\n", 3, "build the image first"),
        ("include: [https://example.org/x.yaml]\n", 1, "`include`"),
    ] {
        let verdict = server.post(&validate, &otto, shop(file, json!({}))).await.json();
        assert_eq!(
            (verdict["valid"].as_bool(), verdict["problems"][0]["line"].as_u64()),
            (Some(false), Some(line)),
            "{verdict}"
        );
        assert!(verdict["problems"][0]["message"].as_str().expect("words").contains(words), "{verdict}");
        let refused = server.post(STACKS, &otto, shop(file, json!({}))).await;
        assert_eq!((refused.status, refused.code().as_str()), (422, "invalid_compose"), "{file}");
        assert_eq!(refused.json()["details"]["problems"], verdict["problems"]);
    }

    let escapes = server.post(&validate, &otto, shop("PRIVILEGED: 1", json!({}))).await.json();
    let reasons = json!(["web: it is privileged", "web: it shares the host's process namespace"]);
    assert_eq!((&escapes["host_access"], escapes["may_deploy"].as_bool()), (&reasons, Some(false)));
    let refused = server.post(STACKS, &otto, shop("PRIVILEGED: 1", json!({}))).await;
    assert_eq!((refused.status, refused.code().as_str()), (403, "host_escape"));
    assert_eq!(refused.json()["details"]["reasons"], reasons);
    assert_eq!(server.get("/api/v1/jobs", &otto).await.json()["items"], json!([]), "nothing was begun");
    assert_eq!(server.post(STACKS, &ada, shop("PRIVILEGED: 1", json!({}))).await.status, 202);
}

#[tokio::test]
async fn fields_are_named_and_limits_hold() {
    let server = TestServer::start().await;
    let otto = server.person("otto", Role::Operator).await;
    let variables = json!({ "LD_PRELOAD": "x", "A-B": "x", "DOCKER_HOST": "x", "FINE": "x" });
    let wrong = json!({ "name": "Shop", "compose": "", "variables": variables });
    let answer = server.post(STACKS, &otto, wrong).await;
    assert_eq!(answer.fields(), ["name", "variables.A-B", "variables.DOCKER_HOST", "variables.LD_PRELOAD"]);
    let many: serde_json::Map<_, _> = (0..201).map(|n| (format!("V{n}"), json!("x"))).collect();
    assert_eq!(server.post(STACKS, &otto, shop("", Value::Object(many))).await.fields(), ["variables"]);
    let large = "#".repeat((1 << 20) + 1);
    assert_eq!(server.post(STACKS, &otto, shop(&large, json!({}))).await.fields(), ["compose"]);
    let huge = "#".repeat(5 << 20);
    let answer = server.post(STACKS, &otto, shop(&huge, json!({}))).await;
    assert_eq!((answer.status, answer.code().as_str()), (413, "body_too_large"));
    let answer = server.post(&format!("{STACKS}/..%2Fx/start"), &otto, json!({})).await;
    assert_eq!((answer.status, answer.code().as_str()), (400, "invalid_id"));
}

#[tokio::test]
async fn a_stacks_file_is_kept_sealed_in_its_forms() {
    let server = TestServer::start().await;
    let (vera, otto) =
        (server.person("vera", Role::Viewer).await, server.person("otto", Role::Operator).await);
    let variables = json!({ "TAG": "1", "PASSWORD": "planted-secret" });
    let made = server.post(STACKS, &otto, shop("# planted-text\nservices: {}", variables)).await;
    assert_eq!(made.status, 202, "{made:?}");
    let (job, revision) = (made.json()["job"].clone(), made.json()["revision"].clone());
    assert_eq!(
        (job["kind"].as_str(), job["subject"].as_str(), revision.as_u64()),
        (Some("stack.deploy"), Some("shop"), Some(1))
    );

    let path = format!("{STACKS}/shop");
    let absent = server.get(&path, &vera).await.json();
    assert_eq!(
        (absent["state"].as_str(), absent["managed"].as_bool()),
        (Some("absent"), Some(true)),
        "{absent}"
    );
    assert_eq!(
        (&absent["services"], &absent["job"]["kind"]),
        (&json!(["db", "web"]), &json!("stack.deploy"))
    );
    let busy = server.send("PUT", &path, &otto, json!({})).await;
    assert_eq!(
        (busy.status, busy.code().as_str(), &busy.json()["details"]["job"]),
        (409, "stack_busy", &job["id"])
    );
    idle(&server, &otto).await;

    let seen = server.get(&format!("{path}/file"), &vera).await.json();
    assert_eq!(
        (&seen["compose"], &seen["variables"][0]),
        (&Value::Null, &json!({"name": "PASSWORD", "value": null}))
    );
    let seen = server.get(&format!("{path}/file"), &otto).await.json();
    assert!(seen["compose"].as_str().expect("the text").contains("planted-text"));
    assert_eq!(seen["variables"][0]["value"], "planted-secret");

    // The file stays, a value is kept, another is new.
    let change = json!({ "variables": { "TAG": "2", "PASSWORD": null }, "base_revision": 1 });
    let changed = server.send("PUT", &path, &otto, change.clone()).await;
    assert_eq!((changed.status, changed.json()["revision"].as_u64()), (202, Some(2)), "{changed:?}");
    idle(&server, &otto).await;
    let late = server.send("PUT", &path, &otto, change).await;
    assert_eq!((late.status, late.code().as_str()), (409, "stack_changed"));
    let unknown = server.send("PUT", &path, &otto, json!({ "variables": { "NEW": null } })).await;
    assert_eq!(unknown.fields(), ["variables.NEW"]);
    let both = server.send("PUT", &path, &otto, json!({ "from_revision": 1, "compose": "" })).await;
    assert_eq!(both.fields(), ["from_revision"]);

    let back = server.send("PUT", &path, &otto, json!({ "from_revision": 1 })).await;
    assert_eq!((back.status, back.json()["revision"].as_u64()), (202, Some(3)));
    idle(&server, &otto).await;
    let again = server.send("PUT", &path, &otto, json!({ "pull": "always" })).await;
    assert_eq!((again.status, again.json()["revision"].as_u64()), (202, Some(3)), "the same file again");
    idle(&server, &otto).await;
    let file = server.get(&format!("{path}/file"), &otto).await.json();
    let values: Vec<_> =
        file["variables"].as_array().expect("some").iter().map(|one| one["value"].clone()).collect();
    assert_eq!(values, [json!("planted-secret"), json!("1")]);
    let kept = server.get(&format!("{path}/revisions"), &vera).await.json();
    let kept: Vec<_> =
        kept["items"].as_array().expect("some").iter().map(|one| one["action"].clone()).collect();
    assert_eq!(kept, ["rollback", "update", "deploy"]);
    let gone = server.get(&format!("{path}/file?revision=9"), &otto).await;
    assert_eq!((gone.status, gone.code().as_str()), (404, "stack_file_not_found"));

    let listed = server.get("/api/v1/stacks?q=ho", &vera).await.json();
    assert_eq!(
        (listed["items"][0]["name"].as_str(), listed["items"][0]["revision"].as_u64()),
        (Some("shop"), Some(3))
    );
    let files = server.database_files();
    for secret in ["planted-secret", "planted-text"] {
        assert!(!files.windows(secret.len()).any(|window| window == secret.as_bytes()), "{secret} lies open");
    }
    let ada = server.person("ada", Role::Admin).await;
    let audit = server.get("/api/v1/audit?limit=500", &ada).await.text;
    assert!(
        audit.contains("stack.update") && audit.contains("PASSWORD") && !audit.contains("planted"),
        "{audit}"
    );
}

#[tokio::test]
async fn a_stack_that_was_made_elsewhere_is_found_adopted_and_taken_down() {
    let server = TestServer::start().await;
    let (vera, otto) =
        (server.person("vera", Role::Viewer).await, server.person("otto", Role::Operator).await);
    for (name, service, number) in
        [("shop-web-1", "web", 1), ("shop-web-2", "web", 2), ("shop-old-1", "old", 1)]
    {
        let id = server.engine.add(name, &["PASSWORD=planted"]);
        server.engine.put_in_stack(&id, "shop", service, number);
    }
    server.spare.set_unreachable(true);
    let page = server.get("/api/v1/stacks", &vera).await.json();
    let shop = &page["items"][0];
    assert_eq!(
        (shop["state"].as_str(), shop["managed"].as_bool(), shop["running"].as_u64()),
        (Some("running"), Some(false), Some(3))
    );
    let states: Vec<_> =
        page["hosts"].as_array().expect("hosts").iter().map(|one| one["state"].clone()).collect();
    assert!(states.contains(&json!("online")) && states.len() == 2, "{page}");

    let path = format!("{STACKS}/shop");
    let seen = server.get(&path, &vera).await.json();
    let names: Vec<_> =
        seen["containers"].as_array().expect("some").iter().map(|one| one["name"].clone()).collect();
    assert_eq!(names, ["shop-old-1", "shop-web-1", "shop-web-2"]);
    let there = server.post(STACKS, &otto, json!({ "name": "shop", "compose": "services: {}" })).await;
    assert_eq!((there.status, there.code().as_str()), (409, "stack_exists"));
    let unmanaged = server.send("PUT", &path, &otto, json!({})).await;
    assert_eq!((unmanaged.status, unmanaged.code().as_str()), (404, "stack_file_not_found"));

    let adopt = format!("{path}/adopt");
    let refused = server.post(&adopt, &otto, json!({ "compose": "PRIVILEGED: 1" })).await;
    assert_eq!((refused.status, refused.code().as_str()), (403, "host_escape"));
    let before = server.engine.calls().len();
    let adopted =
        server.post(&adopt, &otto, json!({ "compose": "services: {}", "variables": { "TAG": "1" } })).await;
    assert_eq!(adopted.json(), json!({ "revision": 1, "only_in_file": ["db"], "only_at_engine": ["old"] }));
    let asked = server.engine.calls().split_off(before);
    assert!(asked.iter().all(|call| !call.starts_with("tunnel") && !call.starts_with("start")), "{asked:?}");
    let twice = server.post(&adopt, &otto, json!({ "compose": "services: {}" })).await;
    assert_eq!((twice.status, twice.code().as_str()), (409, "stack_managed"));

    let unconfirmed =
        server.send("DELETE", &format!("{path}?volumes=true&confirm=other"), &otto, json!({})).await;
    assert_eq!(unconfirmed.fields(), ["confirm"]);
    assert_eq!(server.send("DELETE", &path, &vera, json!({})).await.status, 403);
    let removing =
        server.send("DELETE", &format!("{path}?volumes=true&confirm=shop"), &otto, json!({})).await;
    assert_eq!((removing.status, removing.json()["job"]["kind"].as_str()), (202, Some("stack.remove")));
    idle(&server, &otto).await;
    for act in ["start", "stop", "restart"] {
        let begun = server.post(&format!("{path}/{act}"), &otto, json!({})).await;
        assert_eq!(
            (begun.status, begun.json()["job"]["kind"].as_str()),
            (202, Some(format!("stack.{act}").as_str()))
        );
        idle(&server, &otto).await;
        let nothing = server.post(&format!("{STACKS}/nothing/{act}"), &otto, json!({})).await;
        assert_eq!((nothing.status, nothing.code().as_str()), (404, "stack_not_found"));
    }
}

#[tokio::test]
async fn a_file_whose_job_is_refused_leaves_all_as_it_was() {
    let server = TestServer::start().await;
    let otto = server.person("otto", Role::Operator).await;
    let path = format!("{STACKS}/shop");
    let revisions = async || {
        let list = server.get(&format!("{path}/revisions"), &otto).await.json();
        list["items"].as_array().expect("items").iter().map(|one| one["revision"].clone()).collect::<Vec<_>>()
    };
    let full = async || server.add_jobs(1_000).await;
    let room = async || server.database.execute_raw("DELETE FROM jobs WHERE kind = 'x'").await.expect("room");
    full().await;
    let refused = server.post(STACKS, &otto, shop(FILE, json!({ "TAG": "1" }))).await;
    assert_eq!((refused.status, refused.code().as_str()), (429, "too_many_jobs"));
    assert_eq!(revisions().await, Vec::<Value>::new());
    room().await;
    // So it is not in the way of the same once more.
    let made = server.post(STACKS, &otto, shop(FILE, json!({ "TAG": "1" }))).await;
    assert_eq!((made.status, made.json()["revision"].as_u64()), (202, Some(1)), "{made:?}");
    idle(&server, &otto).await;

    full().await;
    let change = json!({ "variables": { "TAG": "2" }, "base_revision": 1 });
    let refused = server.send("PUT", &path, &otto, change.clone()).await;
    assert_eq!((refused.status, refused.code().as_str()), (429, "too_many_jobs"));
    assert_eq!(revisions().await, [json!(1)]);
    room().await;
    let changed = server.send("PUT", &path, &otto, change).await;
    assert_eq!((changed.status, changed.json()["revision"].as_u64()), (202, Some(2)), "{changed:?}");
}
