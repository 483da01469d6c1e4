//! Programs that take the whole screen, real ones: they read single keys, and neither a hang-up nor the end of their input
//! need end them.

use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use dockline_testkit::{ContainerSpec, TestContainer, TestEngine, engines};
use tokio::time::timeout;

use super::stage::{Terminal, gone, running};
use crate::client::start;

/// How a program asks for the other screen.
const ALTERNATE_SCREEN: &str = "\u{1b}[?1049h";
const VIM: &str = "cmd=vim&cmd=/tmp/notes&cols=90&rows=25";
/// By its path: busybox's shell has a less of its own.
const LESS: &str = "cmd=/usr/bin/less&cmd=/tmp/long&cols=90&rows=25";

fn with_editors(engine: &TestEngine) -> Result<TestContainer> {
    let script = "seq 1 5000 >/tmp/long; exec sleep 600";
    engine.run_container(&ContainerSpec::script(script).image("local/editors:1"))
}

/// Types until this is shown: a size and what is typed behind it reach a program on ways of their own.
async fn shows(terminal: &mut Terminal, keys: &str, text: &str) -> Result<()> {
    for _ in 0..20 {
        terminal.type_in(keys).await?;
        if let Ok(shown) = timeout(Duration::from_secs(1), terminal.until(text)).await {
            return shown.map(drop);
        }
    }
    bail!("{text:?} is not shown: {:?}", terminal.said)
}

#[tokio::test(flavor = "multi_thread")]
async fn vim_and_less_take_the_screen_see_its_size_and_end_with_their_page() -> Result<()> {
    for engine in engines() {
        let (mut dockline, api) = start(&engine.host, &[]).await?;
        let container = with_editors(&engine)?;
        let mut vim = Terminal::open(&api, &container, VIM).await?;
        vim.until(ALTERNATE_SCREEN).await?;
        shows(&mut vim, "\r:set columns?\r", "columns=90").await?;
        vim.resize(120, 40).await?;
        shows(&mut vim, "\r:set columns?\r", "columns=120").await?;
        shows(&mut vim, "\r:set lines?\r", "lines=40").await?;
        let mut less = Terminal::open(&api, &container, LESS).await?;
        less.until(ALTERNATE_SCREEN).await?;
        less.until("24").await?;
        // The last page, which begins as many lines before the end as fit.
        shows(&mut less, "gG", "4977").await?;
        less.resize(90, 40).await?;
        shows(&mut less, "gG", "4962").await?;
        ensure!(
            running(&container, "vim /tmp/notes")? > 0 && running(&container, "/usr/bin/less /tmp/long")? > 0
        );
        // No close frame: the connections break.
        drop((vim, less));
        gone(&container, "vim /tmp/notes").await?;
        gone(&container, "/usr/bin/less /tmp/long").await?;

        // A replica that is killed ends them no less; the keys that were typed first would keep vim from ending by itself.
        let mut vim = Terminal::open(&api, &container, &format!("keep=true&{VIM}")).await?;
        vim.until(ALTERNATE_SCREEN).await?;
        vim.type_in("inot written\u{1b}:").await?;
        let mut less = Terminal::open(&api, &container, &format!("keep=true&{LESS}")).await?;
        less.until(ALTERNATE_SCREEN).await?;
        dockline.kill9().await?;
        gone(&container, "vim /tmp/notes").await?;
        gone(&container, "/usr/bin/less /tmp/long").await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paste_of_200_kb_into_vim_is_what_it_writes() -> Result<()> {
    let engine = engines().pop().context("an engine")?;
    let (mut dockline, api) = start(&engine.host, &[]).await?;
    let container = with_editors(&engine)?;
    let text: String = (1..40_000).map(|number| format!("{number} größer\n")).collect();
    let end = text.as_bytes()[..204_800].iter().rposition(|byte| *byte == b'\n').context("a line")?;
    let mut vim = Terminal::open(&api, &container, "cmd=vim&cmd=/tmp/pasted").await?;
    vim.until(ALTERNATE_SCREEN).await?;
    vim.type_in("i").await?;
    vim.type_in(&text[..end]).await?;
    vim.type_in("\u{1b}:wq\r").await?;
    ensure!(vim.exit().await? == 0);
    let written = container.exec("cat /tmp/pasted")?;
    ensure!(written == text.as_bytes()[..=end], "{} of {} bytes", written.len(), end + 1);
    dockline.terminate().await?;
    Ok(())
}
