//! Schedules through the real program. That each time is one job is tested at the worker, by a clock of its own.

use anyhow::{Context, Result, ensure};
use dockline_testkit::engines;
use serde_json::{Value, json};

use crate::{
    backups::over,
    client::{Api, start},
    hosts::send,
};

const SCHEDULES: &str = "/api/v1/schedules";

fn fields(answer: &Value) -> Vec<&str> {
    let fields = answer["fields"].as_array().map(Vec::as_slice).unwrap_or_default();
    fields.iter().filter_map(|one| one["field"].as_str()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schedule_is_made_looked_at_run_and_removed() -> Result<()> {
    let engine = engines().pop().context("an engine")?;
    let (mut process, ada) = start(&engine.host, &[]).await?;
    let otto_id = ada.add_user("otto", "operator").await?;
    ada.add_user("vera", "viewer").await?;
    let (otto, vera) = (Api::sign_in(&process, "otto").await?, Api::sign_in(&process, "vera").await?);
    let task = json!({ "kind": "system.prune", "host": "local", "networks": true, "older_than_hours": 24 });
    let body = json!({ "name": "Nightly", "cron": "30 3 * * *", "timezone": "Europe/Berlin", "task": task });
    send(&vera, "POST", SCHEDULES, body.clone(), 403).await?;
    let made = send(&otto, "POST", SCHEDULES, body.clone(), 201).await?;
    ensure!(made["next_runs"].as_array().map(Vec::len) == Some(5), "{made}");
    ensure!(made["task"]["older_than_hours"] == 24 && made["permission"] == "system.prune", "{made}");
    ensure!(
        made["owner"]["name"] == "otto" && made["problem"].is_null() && made["last_job"].is_null(),
        "{made}"
    );
    let twice = send(&otto, "POST", SCHEDULES, body, 409).await?;
    ensure!(twice["code"] == "schedule_exists", "{twice}");

    let wrong = json!({ "name": "", "cron": "61 * * * *", "task": { "kind": "volume.backup", "host": "local", "volume": "/", "keep": 0 } });
    let wrong = send(&otto, "POST", SCHEDULES, wrong, 422).await?;
    ensure!(fields(&wrong) == ["name", "cron", "task.volume", "task.keep"], "{wrong}");
    let zone = json!({ "cron": "0 0 * * *", "timezone": "Mars/Phobos" });
    let zone = send(&otto, "POST", &format!("{SCHEDULES}/preview"), zone, 422).await?;
    ensure!(fields(&zone) == ["timezone"], "{zone}");
    let times =
        send(&otto, "POST", &format!("{SCHEDULES}/preview"), json!({ "cron": "0 0 1 1 *" }), 200).await?;
    ensure!(
        times["next_runs"][4].as_str().is_some_and(|time| time.ends_with("-01-01T00:00:00.000000Z")),
        "{times}"
    );

    let at = format!("{SCHEDULES}/{}", made["id"].as_str().context("an ID")?);
    let job = send(&otto, "POST", &format!("{at}/run"), json!({}), 202).await?;
    ensure!(job["job"]["schedule"] == made["id"] && job["job"]["kind"] == "system.prune", "{job}");
    let done = over(&otto, &job).await?;
    ensure!(done["state"] == "succeeded", "{done}");
    let seen = send(&otto, "GET", &at, json!({}), 200).await?;
    ensure!(seen["last_job"]["id"] == done["id"] && seen["last_job"]["state"] == "succeeded", "{seen}");

    // Whose rights it uses has none any more; whoever changes it gives it theirs.
    send(&ada, "PATCH", &format!("/api/v1/users/{otto_id}"), json!({ "enabled": false }), 200).await?;
    let seen = send(&ada, "GET", SCHEDULES, json!({}), 200).await?;
    let problem = seen["items"][0]["problem"].as_str().unwrap_or_default();
    ensure!(problem == "the account otto, whose rights it uses, is disabled", "{seen}");
    let changed = send(&ada, "PATCH", &at, json!({ "enabled": false }), 200).await?;
    ensure!(changed["owner"]["name"] == "ada" && changed["next_runs"] == json!([]), "{changed}");
    send(&ada, "DELETE", &at, json!({}), 204).await?;
    let gone = send(&ada, "GET", &at, json!({}), 404).await?;
    ensure!(gone["code"] == "schedule_not_found", "{gone}");
    ensure!(process.terminate().await?.success());
    Ok(())
}
