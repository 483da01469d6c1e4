use dockline_domain::access::Role;
use serde_json::json;

use crate::TestServer;

const SCHEDULES: &str = "/api/v1/schedules";

#[tokio::test]
async fn a_schedule_that_cannot_be_read_is_shown_as_broken_and_can_be_removed() {
    let server = TestServer::start().await;
    let otto = server.person("otto", Role::Operator).await;
    let make = async |name: &str| {
        let task = json!({ "kind": "system.prune", "host": "local", "networks": true });
        let body = json!({ "name": name, "cron": "30 3 * * *", "task": task });
        let made = server.post(SCHEDULES, &otto, body).await;
        made.json()["id"].as_str().unwrap_or_else(|| panic!("{made:?}")).to_owned()
    };
    for name in ["a", "b", "c"] {
        make(name).await;
    }
    let spoil = "UPDATE schedules SET owner_name = '', created_at = 'soon' WHERE name = 'b'";
    server.database.execute_raw(spoil).await.expect("spoilt");

    let list = server.get(SCHEDULES, &otto).await.json();
    let items = list["items"].as_array().expect("items");
    let names: Vec<_> = items.iter().map(|one| one["name"].as_str().unwrap_or_default()).collect();
    assert_eq!(names, ["a", "b", "c"]);
    let broken: Vec<_> = items.iter().map(|one| !one["problem"].is_null()).collect();
    assert_eq!(broken, [false, true, false], "{list}");
    let problem = items[1]["problem"].as_str().expect("why");
    assert!(problem.starts_with("it cannot be read (") && problem.ends_with("make it anew"), "{problem}");
    assert_eq!((&items[1]["cron"], &items[1]["next_runs"]), (&json!("30 3 * * *"), &json!([])));

    let at = format!("{SCHEDULES}/{}", items[1]["id"].as_str().expect("an ID"));
    for (method, path) in [("GET", at.clone()), ("PATCH", at.clone()), ("POST", format!("{at}/run"))] {
        let refused = server.send(method, &path, &otto, json!({})).await;
        assert_eq!((refused.status, refused.code().as_str()), (409, "schedule_broken"), "{method} {path}");
    }
    assert_eq!(server.send("DELETE", &at, &otto, json!({})).await.status, 204);
    assert_eq!(server.get(&at, &otto).await.code(), "schedule_not_found");
}
