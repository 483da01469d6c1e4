//! Volumes through the real program, on real engines.

use anyhow::{Context, Result, ensure};
use dockline_testkit::{ContainerSpec, engines};
use serde_json::{Value, json};

use crate::{
    client::{Api, start},
    hosts::send,
};

const VOLUMES: &str = "/api/v1/hosts/local/volumes";

/// Whether a preview or a list names it.
fn names(answer: &Value, name: &str) -> bool {
    answer["items"].as_array().is_some_and(|items| items.iter().any(|one| one["name"] == name))
}

#[tokio::test(flavor = "multi_thread")]
async fn are_made_used_and_removed() -> Result<()> {
    for engine in engines() {
        let (process, ada) = start(&engine.host, &[]).await?;
        ada.add_user("otto", "operator").await?;
        ada.add_user("vera", "viewer").await?;
        let (otto, vera) = (Api::sign_in(&process, "otto").await?, Api::sign_in(&process, "vera").await?);

        let wanted = json!({ "labels": { "token": "hunter2" } });
        let invented = send(&otto, "POST", VOLUMES, wanted, 201).await?;
        let invented = invented["name"].as_str().context("a name")?.to_owned();
        let name = format!("it-{}", &invented[..12]);
        let made =
            send(&otto, "POST", VOLUMES, json!({ "name": name, "labels": { "a": "hunter2" } }), 201).await?;
        ensure!(
            made["driver"] == "local" && made["reaches"].is_null() && made["anonymous"] == false,
            "{made}"
        );
        let twice = send(&otto, "POST", VOLUMES, json!({ "name": name }), 409).await?;
        ensure!(twice["message"].as_str().is_some_and(|text| text.contains(&name)), "{twice}");
        let seen = send(&vera, "GET", &format!("{VOLUMES}/{name}"), json!({}), 200).await?;
        ensure!(seen["secrets_hidden"] == true && !seen.to_string().contains("hunter2"), "{seen}");
        send(&vera, "POST", VOLUMES, json!({}), 403).await?;

        let spec =
            ContainerSpec::script("echo 12345 >/data/x").option("--volume").option(format!("{name}:/data"));
        let user = engine.run_container(&spec)?;
        user.wait_exit(crate::client::PATIENCE)?;
        let page = send(&ada, "GET", &format!("/api/v1/volumes?q={name}&sizes=true"), json!({}), 200).await?;
        ensure!(page["items"][0]["containers"][0]["id"] == user.id(), "{page}");
        ensure!(
            page["items"][0]["size_bytes"].as_u64() > Some(0) && page["sizes_missing"] == json!([]),
            "{page}"
        );
        let page = send(&ada, "GET", &format!("{VOLUMES}?q={name}"), json!({}), 200).await?;
        ensure!(page["items"][0]["size_bytes"].is_null(), "sizes that nobody asked for: {page}");
        let used = send(&otto, "DELETE", &format!("{VOLUMES}/{name}"), json!({}), 409).await?;
        let container = user.inspect("{{.Name}}")?;
        let says = used["message"].as_str().context("a message")?;
        ensure!(says.contains(container.trim_start_matches('/')), "{used}");

        let all = format!("{VOLUMES}/prune/preview?volumes=all");
        ensure!(!names(&send(&otto, "GET", &all, json!({}), 200).await?, &name), "a used volume would go");
        user.remove()?;
        let preview = send(&otto, "GET", &all, json!({}), 200).await?;
        ensure!(names(&preview, &name) && names(&preview, &invented), "{preview}");
        let anonymous = send(&otto, "GET", &format!("{VOLUMES}/prune/preview"), json!({}), 200).await?;
        ensure!(!names(&anonymous, &name), "a volume with a name would go: {anonymous}");
        for name in [&name, &invented] {
            send(&otto, "DELETE", &format!("{VOLUMES}/{name}"), json!({}), 204).await?;
        }
        let missing = send(&otto, "GET", &format!("{VOLUMES}/{name}"), json!({}), 404).await?;
        ensure!(missing["code"] == "volume_not_found", "{missing}");
        let refused = send(&otto, "GET", &format!("{VOLUMES}/..%2Fcreate"), json!({}), 400).await?;
        ensure!(refused["code"] == "invalid_id", "{refused}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn that_reach_the_host_are_for_those_who_may() -> Result<()> {
    for engine in engines() {
        let (process, ada) = start(&engine.host, &[]).await?;
        ada.add_user("otto", "operator").await?;
        let otto = Api::sign_in(&process, "otto").await?;
        let escape = json!({ "type": "none", "o": "bind", "device": "/etc" });
        let name = format!("it-escape-{}", std::process::id());
        let body = json!({ "name": name, "options": escape });
        let refused = send(&otto, "POST", VOLUMES, body.clone(), 403).await?;
        ensure!(refused["code"] == "host_escape", "{refused}");
        ensure!(refused["details"]["reasons"] == json!(["it has the host's /etc"]), "{refused}");
        send(&ada, "GET", &format!("{VOLUMES}/{name}"), json!({}), 404).await?;
        let made = send(&ada, "POST", VOLUMES, body, 201).await?;
        ensure!(made["reaches"] == "it has the host's /etc", "{made}");
        send(&ada, "DELETE", &format!("{VOLUMES}/{name}"), json!({}), 204).await?;
        let memory =
            json!({ "name": name, "options": { "type": "tmpfs", "device": "tmpfs", "o": "size=1m" } });
        send(&otto, "POST", VOLUMES, memory, 201).await?;
        send(&otto, "DELETE", &format!("{VOLUMES}/{name}"), json!({}), 204).await?;
    }
    Ok(())
}
