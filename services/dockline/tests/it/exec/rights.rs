//! Who may run what, for how long, and what is told of it afterwards.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use dockline_testkit::{ContainerSpec, engines};
use serde_json::json;

use super::stage::{STUBBORN, Terminal, audited, gone, idle, script};
use crate::client::{Api, start};

#[tokio::test(flavor = "multi_thread")]
async fn lost_rights_end_programs_with_and_without_somebody_attached() -> Result<()> {
    let engine = engines().pop().context("an engine")?;
    let (mut dockline, admin) = start(&engine.host, &[]).await?;
    let container = idle(&engine)?;
    let otto_id = admin.add_user("otto", "operator").await?;
    for (attached, change) in [(true, json!({"enabled": false})), (false, json!({"role": "viewer"}))] {
        let body = json!({"enabled": true, "role": "operator"});
        ensure!(admin.call("PATCH", &format!("/api/v1/users/{otto_id}"), Some(body)).await?.0 == 200);
        let otto = Api::sign_in(&dockline, "otto").await?;
        let mut terminal = Terminal::open(&otto, &container, &script(STUBBORN)).await?;
        terminal.until("up").await?;
        let mut terminal = Some(terminal);
        if !attached && let Some(terminal) = terminal.take() {
            terminal.leave(1001).await?;
        }
        let began = Instant::now();
        ensure!(admin.call("PATCH", &format!("/api/v1/users/{otto_id}"), Some(change)).await?.0 == 200);
        if let Some(terminal) = &mut terminal {
            ensure!(terminal.end().await?.code == 4401);
            ensure!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
        }
        gone(&container, "trap").await?;
    }
    let otto = [("ended", json!("revoked")), ("program", json!("sh"))];
    let entry = audited(&admin, "container.exec.end", &otto).await?;
    ensure!(entry["actor"] == "otto", "{entry}");
    dockline.terminate().await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_container_that_reaches_its_host_is_for_administrators() -> Result<()> {
    let engine = engines().pop().context("an engine")?;
    let (mut dockline, admin) = start(&engine.host, &[]).await?;
    admin.add_user("otto", "operator").await?;
    admin.add_user("vera", "viewer").await?;
    let (otto, vera) = (Api::sign_in(&dockline, "otto").await?, Api::sign_in(&dockline, "vera").await?);
    let usual = idle(&engine)?;
    let spec = || ContainerSpec::script("exec sleep 600");
    let other = engine.run_container(&spec().option("--volume=/root:/host"))?;
    let mut reaching = Vec::new();
    for (option, reason) in [
        ("--privileged", "it is privileged"),
        ("--pid=host", "it shares the host's process namespace"),
        ("--ipc=host", "it shares the host's IPC namespace"),
        ("--cap-add=SYS_ADMIN", "it has the capability SYS_ADMIN"),
        ("--security-opt=seccomp=unconfined", "it lacks a protection (seccomp=unconfined)"),
        ("--volume=/etc:/host", "it has the host's /etc"),
        ("--device=/dev/null:/dev/x", "it has the host's device /dev/null"),
        (&format!("--pid=container:{}", other.id()), "it has the host's /root"),
        (
            "--mount=type=volume,dst=/v,volume-opt=type=none,volume-opt=o=bind,volume-opt=device=/root",
            "it has the host's /root",
        ),
    ] {
        reaching.push((engine.run_container(&spec().option(option))?, option.to_owned(), reason));
    }
    for (container, option, reason) in &reaching {
        let path = format!("/api/v1/containers/{}/exec", container.id());
        let (status, answer) = otto.call("POST", &path, Some(json!({"cmd": ["id"]}))).await?;
        ensure!(status == 403 && answer["code"] == "host_escape", "{option}: {status} {answer}");
        ensure!(answer["message"].as_str().context("words")?.contains(reason), "{option}: {answer}");
        let refused = otto.try_socket(&format!("/ws/containers/{}/exec", container.id())).await?;
        ensure!(refused.err() == Some(403), "{option}");
        let (status, answer) = admin.call("POST", &path, Some(json!({"cmd": ["echo", "hi"]}))).await?;
        ensure!(status == 200 && answer["stdout"] == "hi\n", "{option}: {status} {answer}");
    }
    for action in ["container.exec", "container.exec.start"] {
        let entry = audited(&admin, action, &[("code", json!("host_escape"))]).await?;
        ensure!(entry["outcome"] == "denied" && entry["detail"]["reasons"].is_array(), "{entry}");
    }
    let path = format!("/api/v1/containers/{}/exec", usual.id());
    ensure!(otto.call("POST", &path, Some(json!({"cmd": ["true"]}))).await?.0 == 200);
    ensure!(vera.call("POST", &path, Some(json!({"cmd": ["true"]}))).await?.0 == 403);
    ensure!(vera.try_socket(&format!("/ws/containers/{}/exec", usual.id())).await?.err() == Some(403));
    dockline.terminate().await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn begin_and_end_are_in_the_audit_log_and_arguments_are_not() -> Result<()> {
    let engine = engines().pop().context("an engine")?;
    let (mut dockline, api) = start(&engine.host, &[]).await?;
    let container = idle(&engine)?;
    let target = json!(format!("containers/{}", container.id()));
    let mut terminal =
        Terminal::open(&api, &container, &format!("user=1000&{}", script("echo p4ssw0rd; exit 9"))).await?;
    ensure!(terminal.exit().await? == 9);
    let known = [
        ("program", json!("sh")),
        ("arguments", json!(2)),
        ("user", json!("1000")),
        ("terminal", json!(true)),
    ];
    let begin = audited(&api, "container.exec.start", &known).await?;
    ensure!(begin["outcome"] == "success" && begin["target"] == target, "{begin}");
    let end = [("ended", json!("exited")), ("exit_code", json!(9)), ("program", json!("sh"))];
    let end = audited(&api, "container.exec.end", &end).await?;
    ensure!(end["outcome"] == "success" && end["target"] == target, "{end}");
    let body = json!({"cmd": ["sh", "-c", "echo p4ssw0rd; exit 4"]});
    let (status, _) =
        api.call("POST", &format!("/api/v1/containers/{}/exec", container.id()), Some(body)).await?;
    ensure!(status == 200);
    let entry =
        audited(&api, "container.exec", &[("exit_code", json!(4)), ("ended", json!("exited"))]).await?;
    ensure!(entry["target"] == target, "{entry}");
    let (_, all) = api.call("GET", "/api/v1/audit?limit=200", None).await?;
    ensure!(!all.to_string().contains("p4ssw0rd"), "{all}");
    dockline.terminate().await?;
    Ok(())
}
