//! What goes through a terminal.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use dockline_testkit::{ContainerSpec, engines};
use serde_json::json;
use tokio::time::sleep;
use tokio_tungstenite::tungstenite::{
    Message,
    protocol::frame::{
        Frame,
        coding::{Data, OpCode},
    },
};

use super::stage::{Terminal, idle, running, script};
use crate::client::start;

#[tokio::test(flavor = "multi_thread")]
async fn a_shell_with_a_size_an_exit_code_and_a_close_reason() -> Result<()> {
    for engine in engines() {
        let (mut dockline, api) = start(&engine.host, &[]).await?;
        let container = idle(&engine)?;
        let mut terminal = Terminal::open(&api, &container, "cols=132&rows=43").await?;
        // Before anything else, and nonsense, which does no harm.
        terminal.resize(120, 40).await?;
        terminal.resize(0, 40).await?;
        terminal.resize(-1, 70_000).await?;
        terminal.order(json!({"type": "paint"})).await?;
        terminal.id().await?;
        terminal.type_in("stty size; echo $TERM\n").await?;
        let said = terminal.until("xterm-256color").await?;
        ensure!(said.contains("40 120"), "{said:?}");
        terminal.resize(100, 30).await?;
        terminal.type_in("sleep 0.5; stty size\n").await?;
        terminal.until("30 100").await?;
        terminal.type_in("exit 7\n").await?;
        terminal.resize(80, 24).await?;
        ensure!(terminal.exit().await? == 7);
        ensure!(terminal.closed.context("closed")?.reason.contains('7'));
        dockline.terminate().await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn outputs_apart_and_the_end_of_the_input_without_a_terminal() -> Result<()> {
    for engine in engines() {
        let (mut dockline, api) = start(&engine.host, &[]).await?;
        let container = idle(&engine)?;
        let query =
            format!("tty=false&user=1000&workdir=/tmp&{}", script("pwd; id -u; echo oops >&2; cat; exit 3"));
        let mut terminal = Terminal::open(&api, &container, &query).await?;
        terminal.until("oops\n").await?;
        ensure!(terminal.frames.last() == Some(&json!({"type": "stream", "stream": "stderr"})));
        terminal.type_in("all of it").await?;
        terminal.order(json!({"type": "eof"})).await?;
        ensure!(terminal.exit().await? == 3);
        ensure!(terminal.said.ends_with("all of it"), "{:?}", terminal.said);
        ensure!(terminal.frames.contains(&json!({"type": "stream", "stream": "stdout"})));
        dockline.terminate().await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paste_of_200_kb_arrives_whole_and_more_than_a_message_holds_closes() -> Result<()> {
    let engine = engines().pop().context("an engine")?;
    let (mut dockline, api) = start(&engine.host, &[]).await?;
    let container = idle(&engine)?;
    let text: String = (1..40_000).map(|number| format!("{number}\n")).collect();
    let paste = &text.as_bytes()[..204_800];
    let wanted = container.exec("seq 1 40000 | head -c 204800 | sha256sum")?;
    let wanted = String::from_utf8(wanted)?.split_whitespace().next().context("a sum")?.to_owned();
    for tty in ["true", "false"] {
        let set = if tty == "true" { "stty raw -echo;" } else { "" };
        let program = script(&format!("{set} echo ready; head -c 204800 | sha256sum"));
        let mut terminal = Terminal::open(&api, &container, &format!("tty={tty}&{program}")).await?;
        terminal.until("ready").await?;
        terminal.type_in(paste).await?;
        terminal.until(&wanted).await?;
        ensure!(terminal.exit().await? == 0);
    }
    // In several frames, as some clients send.
    let program = script("stty raw -echo; echo ready; head -c 204800 | sha256sum");
    let mut terminal = Terminal::open(&api, &container, &program).await?;
    terminal.until("ready").await?;
    for frame in fragments(paste, 10_000) {
        terminal.socket.send(frame).await?;
    }
    terminal.until(&wanted).await?;

    let too_large = vec![b'x'; (1 << 20) + 1];
    let mut terminal = Terminal::open(&api, &container, &script("cat >/dev/null")).await?;
    terminal.id().await?;
    terminal.type_in(too_large.clone()).await?;
    ensure!(terminal.end().await?.code == 1009);
    let mut terminal = Terminal::open(&api, &container, &script("cat >/dev/null")).await?;
    terminal.id().await?;
    for frame in fragments(&too_large, 50_000) {
        terminal.socket.send(frame).await?;
    }
    ensure!(terminal.end().await?.code == 1009);
    dockline.terminate().await?;
    Ok(())
}

fn fragments(bytes: &[u8], size: usize) -> Vec<Message> {
    let last = bytes.len().div_ceil(size) - 1;
    let frame = |(number, part): (usize, &[u8])| {
        let data = if number == 0 { Data::Binary } else { Data::Continue };
        Message::Frame(Frame::message(part.to_vec(), OpCode::Data(data), number == last))
    };
    bytes.chunks(size).enumerate().map(frame).collect()
}

/// A client that does not read holds its program up, and costs no memory; what it types is heard all the same.
#[tokio::test(flavor = "multi_thread")]
async fn a_flood_waits_for_its_reader() -> Result<()> {
    let engine = engines().pop().context("an engine")?;
    let (mut dockline, api) = start(&engine.host, &[]).await?;
    let container = engine.run_container(&ContainerSpec::script("exec sleep 600"))?;
    let mut terminal = Terminal::open(&api, &container, &script("yes a flood of output")).await?;
    terminal.until("a flood").await?;
    let before = resident(dockline.pid().context("a pid")?)?;
    sleep(Duration::from_secs(5)).await;
    let after = resident(dockline.pid().context("a pid")?)?;
    ensure!(after < before + (16 << 20), "from {before} to {after} bytes");
    ensure!(running(&container, "yes")? > 0);
    terminal.type_in([3]).await?;
    ensure!(terminal.exit().await? == 130);
    dockline.terminate().await?;
    Ok(())
}

/// What a process holds in memory, in bytes.
fn resident(pid: u32) -> Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("VmRSS")?;
    Ok(line.trim().trim_end_matches(" kB").parse::<u64>()? * 1024)
}
