//! The child process, played by shell scripts that print what `dockline` prints.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;

use anyhow::Result;
use dockline_testkit::DocklineCommand;

struct Program {
    path: PathBuf,
    _folder: tempfile::TempDir,
}

fn program(script: &str) -> Result<Program> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("dockline");
    fs::write(&path, format!("#!/bin/sh\n{script}\n"))?;
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755))?;
    Ok(Program { path, _folder: folder })
}

const SERVER: &str = r#"
    trap 'echo draining; exit 0' TERM
    echo "listen=$DOCKLINE_LISTEN host=$DOCKER_HOST extra=$EXTRA args=$*"
    echo "dockline ready on http://127.0.0.1:45678"
    echo "set up the first administrator: http://127.0.0.1:45678/setup?token=s3cret"
    echo oops >&2
    touch "$DOCKLINE_DATA_DIR/file"
    while :; do sleep 0.05; done
"#;

#[tokio::test]
async fn starts_tells_its_lines_and_ends_cleanly() -> Result<()> {
    let program = program(SERVER)?;
    let command =
        DocklineCommand::new(&program.path).docker_host("unix:///e.sock").env("EXTRA", "1").arg("api");
    let mut process = command.start().await?;
    assert_eq!(process.url("/healthz"), "http://127.0.0.1:45678/healthz");
    assert_eq!(process.ws_url("/ws/events"), "ws://127.0.0.1:45678/ws/events");
    assert_eq!(process.setup_token().await?, "s3cret");
    assert!(process.stdout().starts_with("listen=127.0.0.1:0 host=unix:///e.sock extra=1 args=api\n"));

    assert_eq!(process.terminate().await?.code(), Some(0));
    assert!(process.stdout().ends_with("draining\n"));
    assert_eq!(process.stderr(), "oops\n");
    let folder = process.data_dir().to_owned();
    assert!(folder.join("file").exists());
    drop(process);
    assert!(!folder.exists());
    Ok(())
}

#[tokio::test]
async fn an_early_end_is_an_error_that_tells_why() -> Result<()> {
    let program = program("echo 'DOCKLINE_LISTEN: x is no address' >&2; exit 2")?;
    let error = DocklineCommand::new(&program.path).start().await.expect_err("it never serves").to_string();
    assert!(error.contains("exit status: 2") && error.contains("x is no address"), "{error}");

    let ended = DocklineCommand::new(&program.path).run_to_end().await?;
    assert_eq!(ended.status.code(), Some(2));
    assert_eq!(ended.stderr, "DOCKLINE_LISTEN: x is no address\n");
    Ok(())
}

#[tokio::test]
async fn is_killed_and_starts_again_on_the_same_folder() -> Result<()> {
    let program = program(SERVER)?;
    let folder = tempfile::tempdir()?;
    let command = DocklineCommand::new(&program.path).data_dir(folder.path());
    let mut process = command.start().await?;
    process.kill9().await?;
    assert_eq!(process.wait(std::time::Duration::from_secs(1)).await?.signal(), Some(9));
    let again = command.start().await?;
    let pid = again.pid();
    drop(again);
    assert!(folder.path().join("file").exists());
    let gone = pid.is_some_and(|pid| !PathBuf::from(format!("/proc/{pid}")).exists());
    assert!(gone, "the process outlived its owner");
    Ok(())
}
