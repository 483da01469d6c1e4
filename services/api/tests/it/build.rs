use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use dockline_domain::access::Role;
use dockline_testkit::eventually;
use serde_json::json;
use tokio::io::AsyncWriteExt;

use crate::{
    TestServer,
    server::answer,
    uploads::{PATIENCE, announce, said},
};

const BUILD: &str = "/api/v1/hosts/local/images/build";

#[tokio::test]
async fn a_context_is_kept_in_pieces_and_arguments_sealed() {
    let server = TestServer::with(|config| config.build_context_limit = 4 << 20).await;
    let otto = server.person("otto", Role::Operator).await;
    let upload = async |query: &str, args: Option<String>, bytes: usize| {
        let body = vec![b'x'; bytes];
        let request = server.request("POST", &format!("{BUILD}?{query}")).bearer_auth(&otto.token).body(body);
        answer(args.into_iter().fold(request, |request, args| request.header("x-dockline-build-args", args)))
            .await
    };
    let args = STANDARD.encode(json!({ "TOKEN": "hunter2-secret" }).to_string());
    let made = upload("tag=app:1&tag=app:2", Some(args), (5 << 20) / 2).await;
    assert_eq!(made.status, 202, "{made:?}");
    let job = made.json()["job"].clone();
    assert_eq!((job["kind"].as_str(), job["subject"].as_str()), (Some("image.build"), Some("app:1")));
    let files = server.database_files();
    let holds = |text: &[u8]| files.windows(text.len()).any(|window| window == text);
    assert!(holds(b"xxxxxxxx") && !holds(b"hunter2"), "the context is there, and no argument in the clear");

    let large = upload("tag=app:1", None, 5 << 20).await;
    assert_eq!((large.status, large.code().as_str()), (413, "body_too_large"));
    let empty = upload("tag=app:1", None, 0).await;
    assert_eq!((empty.status, empty.code().as_str()), (400, "upload_failed"));
    let fields = upload("dockerfile=/etc/passwd&tag=A", Some("?".to_owned()), 1).await.fields();
    assert_eq!(fields, ["X-Dockline-Build-Args", "tag", "dockerfile"]);
    let many: String = (0..17).map(|number| format!("tag=app:{number}&")).collect();
    assert_eq!(upload(&many, None, 1).await.fields(), ["tag"]);

    let id = job["id"].as_str().expect("an ID");
    server.post(&format!("/api/v1/jobs/{id}/cancel"), &otto, json!({})).await;
    let again = server.post(&format!("/api/v1/jobs/{id}/retry"), &otto, json!({})).await;
    assert_eq!((again.status, again.code().as_str()), (409, "job_not_repeatable"));
}

#[tokio::test]
async fn no_context_is_taken_for_a_job_that_is_refused() {
    let server = TestServer::start().await;
    let otto = server.person("otto", Role::Operator).await;
    // A statement that any piece of a context makes fail, and that changes nothing.
    let keeps_something =
        async || server.database.execute_raw("UPDATE job_inputs SET bytes = NULL").await.is_err();
    let to = format!("POST {BUILD}?tag=app:1");
    let mut late = announce(&server, &otto, &to, 3 << 20).await;
    late.write_all(&vec![b'x'; 2 << 20]).await.expect("sent");
    let kept = eventually(PATIENCE, || async {
        anyhow::ensure!(keeps_something().await);
        Ok(())
    });
    kept.await.expect("the first piece");
    server.add_jobs(1_000).await;

    let mut refused = announce(&server, &otto, &to, 3 << 20).await;
    let refused = said(&mut refused, PATIENCE).await.expect("an answer before the context is sent");
    assert!(refused.starts_with("HTTP/1.1 429") && refused.contains("too_many_jobs"), "{refused}");
    let dockerfile = json!({ "tags": ["app:1"], "dockerfile": "FROM fake:1" });
    let refused = server.post(&format!("{BUILD}/dockerfile"), &otto, dockerfile).await;
    assert_eq!((refused.status, refused.code().as_str()), (429, "too_many_jobs"));

    // The one that came while there was room is refused at its end, and what it sent is gone.
    late.write_all(&vec![b'x'; 1 << 20]).await.expect("sent");
    let refused = said(&mut late, PATIENCE).await.expect("an answer");
    assert!(refused.starts_with("HTTP/1.1 429"), "{refused}");
    assert!(!keeps_something().await, "a context without a job");
}

#[tokio::test]
async fn a_volume_is_read_through_a_helper_that_is_nowhere_to_be_seen() {
    let server = TestServer::start().await;
    let (otto, vera) =
        (server.person("otto", Role::Operator).await, server.person("vera", Role::Viewer).await);
    server.post("/api/v1/hosts/local/volumes", &otto, json!({ "name": "data" })).await;
    server.engine.put_volume_file("data", "/a/file", b"one\n");
    let at = "/api/v1/hosts/local/volumes/data/files";
    let list = server.get(&format!("{at}?path=/a"), &otto).await.json();
    assert_eq!(
        (list["path"].as_str(), list["items"][0]["name"].as_str()),
        (Some("/a"), Some("file")),
        "{list}"
    );
    assert_eq!(server.get(&format!("{at}?path=/a/file"), &otto).await.code(), "conflict");
    assert_eq!(server.get(&format!("{at}?path=/../x"), &otto).await.fields(), ["path"]);
    assert_eq!(server.get(at, &vera).await.code(), "permission_denied");
    let absent = server.get("/api/v1/hosts/local/volumes/none/files", &otto).await;
    assert_eq!((absent.status, absent.code().as_str()), (404, "volume_not_found"));
    server.engine.add_host_volume("data", "/etc");
    let refused = server.get(at, &otto).await;
    assert_eq!((refused.status, refused.code().as_str()), (403, "host_escape"));
    // Also where a listing ended in an error, its helper goes.
    eventually(Duration::from_secs(5), || async {
        let left = server.engine.helpers();
        anyhow::ensure!(left == 0, "{left} helpers");
        Ok(())
    })
    .await
    .expect("no helper is left");
    let prune = json!({ "volumes": "all", "older_than_hours": 24 });
    let wrong = server.post("/api/v1/hosts/local/system/prune", &otto, prune).await;
    assert_eq!(wrong.fields(), ["older_than_hours"]);
    let job = server.post("/api/v1/hosts/local/system/prune/job", &otto, json!({ "networks": true })).await;
    assert_eq!((job.status, job.json()["job"]["subject"].as_str()), (202, Some("networks")), "{job:?}");
}
