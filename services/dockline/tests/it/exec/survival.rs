//! What a program outlives, and what not.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use dockline_testkit::engines;
use serde_json::json;

use super::stage::{STUBBORN, Terminal, audited, gone, idle, running, script};
use crate::client::{Api, start};

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_client_and_a_killed_replica_leave_nothing_behind() -> Result<()> {
    for engine in engines() {
        let (mut dockline, api) = start(&engine.host, &[]).await?;
        let container = idle(&engine)?;
        for tty in ["true", "false"] {
            let mut terminal =
                Terminal::open(&api, &container, &format!("tty={tty}&{}", script(STUBBORN))).await?;
            terminal.until("up").await?;
            // No close frame: the connection breaks.
            drop(terminal);
            gone(&container, "trap").await?;
        }
        let ended = audited(&api, "container.exec.end", &[("ended", json!("client_left"))]).await?;
        ensure!(ended["outcome"] == "success", "{ended}");

        let mut terminal =
            Terminal::open(&api, &container, &format!("keep=true&{}", script(STUBBORN))).await?;
        terminal.until("up").await?;
        // Both are there: the program, and its guard.
        while running(&container, "guard")? == 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        ensure!(running(&container, "trap")? == 1);
        dockline.kill9().await?;
        gone(&container, "trap").await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_of_a_replica_ends_programs_and_sockets() -> Result<()> {
    let engine = engines().pop().context("an engine")?;
    let (mut dockline, api) = start(&engine.host, &[]).await?;
    let container = idle(&engine)?;
    let mut terminal = Terminal::open(&api, &container, &script(STUBBORN)).await?;
    terminal.until("up").await?;
    let closing = tokio::spawn(async move { terminal.end().await });
    let began = Instant::now();
    let status = dockline.terminate().await?;
    ensure!(status.success(), "{status}");
    ensure!(began.elapsed() < Duration::from_secs(12), "{:?}", began.elapsed());
    ensure!(closing.await??.code == 1012);
    ensure!(running(&container, "trap")? == 0);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_is_loaded_again_finds_its_terminal() -> Result<()> {
    let engine = engines().pop().context("an engine")?;
    let (mut dockline, api) = start(&engine.host, &[]).await?;
    let (container, other) = (idle(&engine)?, idle(&engine)?);
    api.add_user("otto", "operator").await?;
    let otto = Api::sign_in(&dockline, "otto").await?;

    let mut terminal = Terminal::open(&api, &container, "").await?;
    let id = terminal.id().await?;
    terminal.type_in("echo be''fore; (sleep 1; echo mean''while) &\n").await?;
    terminal.until("before").await?;
    terminal.leave(1001).await?;
    let query = format!("session={id}");
    for (who, container) in [(&otto, &container), (&api, &other)] {
        let mut stranger = Terminal::open(who, container, &query).await?;
        ensure!(stranger.end().await?.code == 4404);
        ensure!(stranger.frames[0]["code"] == "exec_not_found", "{:?}", stranger.frames);
    }
    tokio::time::sleep(Duration::from_secs(2)).await;
    let mut again = Terminal::open(&api, &container, &format!("{query}&cols=99&rows=33")).await?;
    ensure!(again.id().await? == id && again.frames[0]["resumed"] == true, "{:?}", again.frames);
    let said = again.until("meanwhile").await?;
    ensure!(said.contains("before"), "{said:?}");
    again.type_in("stty size\n").await?;
    again.until("33 99").await?;

    // A second page takes it over; the first is told.
    let mut second = Terminal::open(&api, &container, &query).await?;
    second.id().await?;
    ensure!(again.end().await?.code == 1000);
    second.type_in("exit 5\n").await?;
    ensure!(second.exit().await? == 5);
    let mut over = Terminal::open(&api, &container, &query).await?;
    ensure!(over.end().await?.code == 4404);

    // Lost without a word, and kept; ended while nobody looked, and told all the same.
    let mut terminal =
        Terminal::open(&api, &container, &format!("keep=true&{}", script("sleep 1; exit 6"))).await?;
    let query = format!("session={}", terminal.id().await?);
    drop(terminal);
    tokio::time::sleep(Duration::from_secs(2)).await;
    let mut again = Terminal::open(&api, &container, &query).await?;
    ensure!(again.exit().await? == 6);

    // Closed by somebody who is done.
    let mut terminal = Terminal::open(&api, &container, &format!("keep=true&{}", script(STUBBORN))).await?;
    terminal.until("up").await?;
    terminal.leave(1000).await?;
    gone(&container, "trap").await?;
    dockline.terminate().await?;
    Ok(())
}
