//! Programs in containers, on real engines.

use std::{collections::BTreeMap, time::Duration};

use anyhow::{Context, Result, bail, ensure};
use dockline_docker::{DockerEngine, Ended, Error, Exec, ExecOutput, ExecSpec, Execs};
use dockline_domain::{access::Permission, exec::CommandLine, exec::TerminalSize, log::Stream};
use dockline_testkit::{ContainerSpec, TestContainer, engines};
use futures::StreamExt;
use tokio::{
    io::AsyncWriteExt,
    time::{Instant, sleep, timeout},
};

use crate::stage::{ANSWER, QUIET, grant, id, plain};

const WIDE: TerminalSize = TerminalSize { cols: 132, rows: 43 };
/// What takes no hint.
const STUBBORN: &str = "trap '' HUP TERM INT QUIT; while :; do sleep 1; done";

/// Runs on each engine, in a container that does nothing.
macro_rules! on_engines {
    ($name:ident, |$engine:ident, $container:ident| $body:block) => {
        #[tokio::test(flavor = "multi_thread")]
        async fn $name() -> Result<()> {
            let _quiet = QUIET.read().await;
            for real in engines() {
                let $engine = plain(&real.host)?;
                let $container = real.run_container(&ContainerSpec::script("exec sleep 600"))?;
                let test: Result<()> = async { $body }.await;
                test.with_context(|| format!("on {}", real.version))?;
            }
            Ok(())
        }
    };
}

fn words(words: &[&str]) -> Option<CommandLine> {
    CommandLine::new(words.iter().map(|word| (*word).to_owned()).collect()).ok()
}

fn script(text: &str, terminal: Option<TerminalSize>) -> ExecSpec {
    ExecSpec { command: words(&["sh", "-c", text]), terminal, ..ExecSpec::default() }
}

async fn exec(engine: &DockerEngine, container: &TestContainer, spec: &ExecSpec) -> Result<Exec> {
    let grant = grant(Permission::ContainersExec)?;
    Ok(timeout(ANSWER, engine.exec(&grant, &id(container)?, spec)).await??)
}

/// What came of each output until its end.
async fn all(output: ExecOutput) -> Result<BTreeMap<u8, String>> {
    let read = async {
        let mut said: BTreeMap<u8, Vec<u8>> = BTreeMap::new();
        let mut output = output;
        while let Some(piece) = output.next().await {
            let piece = piece?;
            said.entry(piece.stream.number()).or_default().extend_from_slice(&piece.bytes);
        }
        Ok(said
            .into_iter()
            .map(|(stream, said)| (stream, String::from_utf8_lossy(&said).into_owned()))
            .collect())
    };
    timeout(ANSWER, read).await.context("the output does not end")?
}

async fn until(output: &mut ExecOutput, text: &str) -> Result<String> {
    let mut said = String::new();
    let read = async {
        while let Some(piece) = output.next().await {
            said.push_str(&String::from_utf8_lossy(&piece?.bytes));
            if said.contains(text) {
                return Ok(());
            }
        }
        bail!("it ended before")
    };
    timeout(ANSWER, read)
        .await
        .unwrap_or_else(|_| bail!("nothing more comes"))
        .with_context(|| format!("{said:?}"))?;
    Ok(said)
}

/// The processes of a container whose command line holds this.
fn running(container: &TestContainer, text: &str) -> Result<usize> {
    let listed = container.engine().docker(["top", container.id(), "-eo", "pid,args"])?;
    Ok(String::from_utf8_lossy(&listed.stdout).lines().filter(|line| line.contains(text)).count())
}

async fn gone(container: &TestContainer, text: &str, limit: Duration) -> Result<Duration> {
    let began = Instant::now();
    while running(container, text)? > 0 {
        ensure!(began.elapsed() < limit, "`{text}` still runs after {limit:?}");
        sleep(Duration::from_millis(50)).await;
    }
    Ok(began.elapsed())
}

on_engines!(outputs_are_apart_and_the_exit_code_is_told, |engine, container| {
    let spec = script("read line; echo got $line; echo oops >&2; cat; exit 7", None);
    let Exec { mut input, output, process } = exec(&engine, &container, &spec).await?;
    input.write_all(b"hello\nthe rest").await?;
    input.shutdown().await?;
    let said = all(output).await?;
    let stdout = said.get(&Stream::Stdout.number()).map(String::as_str);
    ensure!(stdout == Some("got hello\nthe rest"), "{said:?}");
    ensure!(said.get(&Stream::Stderr.number()).map(String::as_str) == Some("oops\n"), "{said:?}");
    ensure!(process.exit_code().await? == 7);
    ensure!(process.end(input).await? == Ended::Gone);
    Ok(())
});

on_engines!(a_terminal_has_the_size_it_was_given, |engine, container| {
    let Exec { mut input, mut output, process } =
        exec(&engine, &container, &ExecSpec { terminal: Some(WIDE), ..ExecSpec::default() }).await?;
    input.write_all(b"stty size; echo $TERM; tty\n").await?;
    let said = until(&mut output, "/dev/pts").await?;
    ensure!(said.contains("43 132") && said.contains("xterm-256color"), "{said:?}");
    process.resize(TerminalSize { cols: 100, rows: 30 }).await?;
    input.write_all(b"stty size\n").await?;
    until(&mut output, "30 100").await?;
    input.write_all(b"exit 3\n").await?;
    all(output).await?;
    ensure!(process.exit_code().await? == 3);
    // Late, which some engines call an error of theirs.
    process.resize(WIDE).await?;
    Ok(())
});

on_engines!(a_program_that_is_not_there_is_told_by_its_output, |engine, container| {
    let spec = ExecSpec { command: words(&["no-such-program"]), ..ExecSpec::default() };
    let Exec { output, process, .. } = exec(&engine, &container, &spec).await?;
    let said = all(output).await?;
    ensure!(said.values().any(|text| text.contains("no-such-program")), "{said:?}");
    ensure!(process.exit_code().await? == 127);
    let spec = ExecSpec { user: Some("nobody-here".parse()?), ..script("id", None) };
    match exec(&engine, &container, &spec).await {
        Ok(Exec { output, process, .. }) => {
            let said = all(output).await?;
            ensure!(said.values().any(|text| text.contains("nobody-here")), "{said:?}");
            ensure!(process.exit_code().await? != 0);
        }
        Err(error) => ensure!(error.to_string().contains("nobody-here"), "{error}"),
    }
    Ok(())
});

on_engines!(the_users_choices_reach_the_program, |engine, container| {
    let user = Some("1234:5678".parse()?);
    let working_dir = Some("/tmp".parse()?);
    let spec = ExecSpec { user, working_dir, ..script("id -u; id -g; pwd; printf '<%s>' \"$@\"", None) };
    let said = all(exec(&engine, &container, &spec).await?.output).await?;
    ensure!(said[&1] == "1234\n5678\n/tmp\n<>", "{said:?}");
    let spec = ExecSpec { command: words(&["printf", "<%s>", "a b", "$HOME", "'"]), ..ExecSpec::default() };
    let said = all(exec(&engine, &container, &spec).await?.output).await?;
    ensure!(said[&1] == "<a b><$HOME><'>", "{said:?}");
    Ok(())
});

on_engines!(a_whole_session_ends_though_it_takes_no_hint, |engine, container| {
    for terminal in [Some(WIDE), None] {
        // Its own name, children in the background, one with a session of its own, and names that try to deceive.
        let text = format!("cp /bin/busybox '/tmp/a) S 1 1 1'; ln -sf '/tmp/a) S 1 1 1' /tmp/sleep
            (exec -a x true) 2>/dev/null; sh -c \"{STUBBORN}\" & setsid sh -c \"{STUBBORN}\" & '/tmp/a) S 1 1 1' sleep 777 &
            echo up; {STUBBORN}");
        let Exec { input, mut output, process } = exec(&engine, &container, &script(&text, terminal)).await?;
        until(&mut output, "up").await?;
        ensure!(running(&container, "trap")? >= 3, "they do not run");
        let began = Instant::now();
        ensure!(timeout(ANSWER, process.end(input)).await?? == Ended::Gone);
        ensure!(began.elapsed() < Duration::from_secs(8), "it took {:?}", began.elapsed());
        ensure!(running(&container, "trap")? == 0, "something is left");
        ensure!(running(&container, "777")? == 0, "something is left");
    }
    Ok(())
});

on_engines!(a_program_ends_with_the_connection, |engine, container| {
    for terminal in [Some(WIDE), None] {
        let Exec { input, mut output, process } =
            exec(&engine, &container, &script(&format!("echo up; {STUBBORN}"), terminal)).await?;
        until(&mut output, "up").await?;
        // As when the whole process of Dockline is killed: nobody says anything any more.
        drop((input, output, process));
        gone(&container, "trap", Duration::from_secs(8)).await?;
    }
    Ok(())
});

on_engines!(what_runs_on_in_the_background_is_left_when_a_program_ends_by_itself, |engine, container| {
    let spec = script("sleep 456 >/dev/null 2>&1 & echo up; sleep 0.5", None);
    let Exec { output, process, input } = exec(&engine, &container, &spec).await?;
    all(output).await?;
    ensure!(process.exit_code().await? == 0);
    ensure!(process.end(input).await? == Ended::Gone);
    gone(&container, "guard", Duration::from_secs(5)).await?;
    ensure!(running(&container, "sleep 456")? == 1);
    Ok(())
});

on_engines!(another_user_and_no_capabilities, |engine, container| {
    let real = container.engine();
    let bare = real.run_container(&ContainerSpec::script("exec sleep 600").option("--cap-drop=ALL"))?;
    for (container, user) in [(&container, "1000"), (&bare, "1000"), (&bare, "0")] {
        let spec = ExecSpec { user: Some(user.parse()?), ..script(&format!("echo up; {STUBBORN}"), None) };
        let Exec { input, mut output, process } = exec(&engine, container, &spec).await?;
        until(&mut output, "up").await?;
        ensure!(timeout(ANSWER, process.end(input)).await?? == Ended::Gone, "as {user}");
        ensure!(running(container, "trap")? == 0, "as {user}, something is left");
    }
    Ok(())
});

on_engines!(without_a_shell_programs_run_and_are_asked_to_end, |engine, container| {
    let bare = container.engine().run_container(&ContainerSpec::script(
        "mkdir /x && cp /bin/busybox /x && /x/busybox rm -r /bin && exec /x/busybox sleep 600",
    ))?;
    while running(&bare, "/x/busybox sleep")? == 0 {
        sleep(Duration::from_millis(20)).await;
    }
    match exec(&engine, &bare, &ExecSpec::default()).await.map_err(|error| error.downcast()) {
        Err(Ok(Error::Conflict { message })) => ensure!(message.contains("no shell"), "{message}"),
        other => bail!("a shell that is not there: {other:?}"),
    }
    for terminal in [Some(WIDE), None] {
        let command = words(&["/x/busybox", "cat"]);
        let spec = ExecSpec { command, terminal, ..ExecSpec::default() };
        let Exec { mut input, mut output, process } = exec(&engine, &bare, &spec).await?;
        input.write_all(b"hello\n").await?;
        until(&mut output, "hello").await?;
        ensure!(timeout(ANSWER, process.end(input)).await?? == Ended::Gone);
    }
    // What ignores that stays, and that is said.
    let command = words(&["/x/busybox", "sleep", "567"]);
    let Exec { input, process, .. } =
        exec(&engine, &bare, &ExecSpec { command, ..ExecSpec::default() }).await?;
    ensure!(timeout(ANSWER, process.end(input)).await?? == Ended::Left);
    Ok(())
});

on_engines!(a_container_that_does_not_run_is_a_conflict, |engine, container| {
    container.kill()?;
    match exec(&engine, &container, &ExecSpec::default()).await.map_err(|error| error.downcast()) {
        Err(Ok(Error::Conflict { .. })) => Ok(()),
        other => bail!("{other:?}"),
    }
});
