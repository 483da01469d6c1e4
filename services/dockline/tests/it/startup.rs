//! Starting: the contract's lines and exit codes, and what goes wrong said in one sentence.

use anyhow::{Context, Result};
use dockline_testkit::engines;

use crate::client::{Api, dockline};

#[tokio::test(flavor = "multi_thread")]
async fn the_set_up_link_is_printed_until_it_is_used() -> Result<()> {
    let engine = engines().pop().context("an engine")?;
    let folder = tempfile::tempdir()?;
    let command = dockline().docker_host(&engine.host).data_dir(folder.path());
    let mut first = command.start().await?;
    let token = first.setup_token().await?;
    first.terminate().await?;
    // Not used yet: the next start tells the same link.
    let mut second = command.start().await?;
    assert_eq!(second.setup_token().await?, token);
    assert!(folder.path().join("setup-token").exists());
    Api::set_up(&second).await?;
    assert!(!folder.path().join("setup-token").exists());
    second.terminate().await?;
    let mut third = command.start().await?;
    Api::sign_in(&third, "ada").await?;
    third.terminate().await?;
    assert!(!third.stdout().contains("set up the first administrator"), "{}", third.stdout());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_said_in_one_line() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("file");
    std::fs::write(&file, "x")?;
    let taken = std::net::TcpListener::bind("127.0.0.1:0")?;
    let taken = taken.local_addr()?.to_string();
    let broken = folder.path().join("broken");
    std::fs::create_dir(&broken)?;
    std::fs::write(broken.join("dockline.db"), "this is no database ".repeat(1_000))?;
    let under_file = file.join("below");
    let cases = [
        (dockline().env("DOCKLINE_LISTEN", "nowhere"), Some(2), vec!["DOCKLINE_LISTEN", "nowhere"]),
        (dockline().env("DOCKER_HOST", "ssh//x"), Some(2), vec!["DOCKER_HOST", "ssh//x"]),
        (dockline().env("DOCKLINE_SECRET_KEY", "short-secret"), Some(2), vec!["DOCKLINE_SECRET_KEY"]),
        (dockline().env("DOCKLINE_LISTEN", &taken), Some(2), vec!["DOCKLINE_LISTEN", "another program"]),
        (dockline().data_dir(&under_file), Some(2), vec!["data folder", "DOCKLINE_DATA_DIR"]),
        (dockline().data_dir(&broken), Some(1), vec!["dockline.db"]),
    ];
    for (command, code, texts) in cases {
        let ended = command.run_to_end().await?;
        assert_eq!(ended.status.code(), code, "{}", ended.stderr);
        assert_eq!(
            ended.stderr.lines().filter(|line| line.starts_with("dockline: ")).count(),
            1,
            "{}",
            ended.stderr
        );
        for text in texts {
            assert!(ended.stderr.contains(text), "{text} is not in: {}", ended.stderr);
        }
        assert!(!ended.stderr.contains("short-secret"), "{}", ended.stderr);
        assert!(!ended.stderr.contains("panicked"), "{}", ended.stderr);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_process_on_the_same_data_is_refused() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let command = dockline().data_dir(folder.path());
    let mut first = command.start().await?;
    let second = command.run_to_end().await?;
    assert_eq!(second.status.code(), Some(2));
    assert!(second.stderr.contains("another dockline"), "{}", second.stderr);
    first.terminate().await?;
    Ok(())
}
