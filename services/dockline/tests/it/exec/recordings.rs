//! Terminals that are recorded.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use dockline_testkit::{ContainerSpec, engines};
use serde_json::{Value, json};
use tokio::time::sleep;

use super::stage::{STUBBORN, Terminal, audited, gone, idle, script};
use crate::client::{self, Api, start};

/// What a player would show of a cast: the texts of one kind together.
fn played(cast: &[u8], kind: &str) -> Result<String> {
    let mut lines = std::str::from_utf8(cast)?.lines();
    let header: Value = serde_json::from_str(lines.next().context("a header")?)?;
    ensure!(header["version"] == 2 && header["timestamp"].is_i64(), "{header}");
    let (mut texts, mut last) = (String::new(), 0.0);
    for line in lines {
        let event: Value = serde_json::from_str(line)?;
        let at = event[0].as_f64().context("a time")?;
        ensure!(at >= last, "{at} behind {last}");
        last = at;
        if event[1] == kind {
            texts.push_str(event[2].as_str().context("a text")?);
        }
    }
    Ok(texts)
}

async fn cast(api: &Api, id: &str) -> Result<Vec<u8>> {
    api.get_bytes(&format!("/api/v1/recordings/{id}/cast")).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_played_is_what_was_shown() -> Result<()> {
    for engine in engines() {
        let rules = [("DOCKLINE_RECORD_TERMINALS", "labelled")];
        let (mut dockline, api) = start(&engine.host, &rules).await?;
        let labelled = ContainerSpec::script("exec sleep 600").label("io.dockline.record", "true");
        let (container, other) = (engine.run_container(&labelled)?, idle(&engine)?);
        let mut terminal = Terminal::open(&api, &other, &script("true")).await?;
        ensure!(
            terminal.exit().await? == 0 && terminal.frames[0]["recorded"] == false,
            "{:?}",
            terminal.frames
        );

        let mut terminal = Terminal::open(&api, &container, "cols=90&rows=25").await?;
        let id = terminal.id().await?;
        ensure!(terminal.frames[0]["recorded"] == true, "{:?}", terminal.frames);
        // A password, which the terminal does not show.
        terminal.type_in("stty -echo; read word; stty echo\n").await?;
        terminal.type_in("hunter2\n").await?;
        terminal.type_in("echo re''ad\n").await?;
        terminal.until("read\r\n").await?;
        terminal.resize(100, 30).await?;
        terminal
            .type_in("for i in $(seq 1 20000); do echo \"$i größer → 🦀\"; done; stty size; exit 3\n")
            .await?;
        ensure!(terminal.exit().await? == 3);
        let shown = std::str::from_utf8(&terminal.bytes)?;
        ensure!(shown.contains("30 100") && shown.contains("20000 größer"), "{} bytes", shown.len());

        let recording = format!("/api/v1/recordings/{id}");
        let (status, found) = api.call("GET", &recording, None).await?;
        ensure!(status == 200 && found["state"] == "finished" && found["exit_code"] == 3, "{status} {found}");
        ensure!(found["container"] == container.id() && found["host"] == "local", "{found}");
        let cast = cast(&api, &id).await?;
        ensure!(
            played(&cast, "o")? == shown,
            "{} bytes are played, {} were shown",
            played(&cast, "o")?.len(),
            shown.len()
        );
        ensure!(played(&cast, "r")? == "100x30" && played(&cast, "i")?.is_empty());
        ensure!(!String::from_utf8_lossy(&cast).contains("hunter2"));
        let (_, list) = api.call("GET", "/api/v1/recordings", None).await?;
        ensure!(list["items"] == json!([found]), "{list}");
        dockline.terminate().await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_replica_leaves_its_recording_up_to_the_last_second() -> Result<()> {
    let engine = engines().pop().context("an engine")?;
    let folder = tempfile::tempdir()?;
    let program = || {
        let program = client::dockline().docker_host(&engine.host).data_dir(folder.path());
        program.env("DOCKLINE_RECORD_TERMINALS", "all")
    };
    let mut dockline = program().start().await?;
    let api = Api::set_up(&dockline).await?;
    let container = idle(&engine)?;
    let mut terminal = Terminal::open(&api, &container, &script(STUBBORN)).await?;
    let id = terminal.id().await?;
    terminal.until("up").await?;
    sleep(Duration::from_millis(1_500)).await;
    dockline.kill9().await?;
    gone(&container, "trap").await?;

    let dockline = program().start().await?;
    let api = Api::sign_in(&dockline, "ada").await?;
    ensure!(played(&cast(&api, &id).await?, "o")?.trim_end() == "up");
    let (began, recording) = (Instant::now(), format!("/api/v1/recordings/{id}"));
    loop {
        let (_, found) = api.call("GET", &recording, None).await?;
        ensure!(found["finished_at"].is_null() && found["ended"].is_null(), "{found}");
        if found["state"] == "unfinished" {
            break;
        }
        ensure!(found["state"] == "recording" && began.elapsed() < Duration::from_secs(30), "{found}");
        sleep(Duration::from_millis(500)).await;
    }
    let (status, answer) = api.call("DELETE", &recording, None).await?;
    ensure!(status == 204, "{status} {answer}");
    audited(&api, "recording.delete", &[("user", json!("ada"))]).await?;
    Ok(())
}
