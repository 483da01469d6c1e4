//! Starting: the contract's lines and exit codes, and what goes wrong said in one sentence.

use anyhow::{Context, Result};
use dockline_testkit::{DocklineCluster, engines};
use serde_json::{Value, json};

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
async fn a_cluster_begins_without_hosts_and_its_link_leads_to_the_public_url() -> Result<()> {
    let program = dockline().env("DOCKLINE_PUBLIC_URL", "https://docker.example.org");
    let cluster = DocklineCluster::start(program, &[], 1, 1).await?;
    let replica = &cluster.replicas[0];
    let link = "set up the first administrator: https://docker.example.org/setup?token=";
    assert!(replica.setup_token().await.is_ok_and(|token| !token.is_empty()), "{}", replica.stdout());
    assert!(replica.stdout().contains(link), "{}", replica.stdout());
    assert!(replica.stdout().contains(&format!("dockline ready on http://{}", replica.address())));
    // There is no file that could be looked into.
    let wrong = json!({ "token": "wrong", "username": "ada", "password": "correct horse battery staple" });
    let refused = reqwest::Client::new().post(replica.url("/api/v1/setup")).json(&wrong).send().await?;
    let refused: Value = refused.json().await?;
    assert_eq!(refused["code"], "invalid_setup_token");
    assert!(!refused["message"].to_string().contains("file"), "{refused}");
    let ada = Api::set_up(replica).await?;
    let (_, hosts) = ada.call("GET", "/api/v1/hosts", None).await?;
    assert_eq!(hosts, json!({ "items": [] }));
    cluster.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_settings_of_a_role_can_be_checked_before_it_runs() -> Result<()> {
    let check = |role: Option<&str>| {
        let check = dockline().arg("config").arg("check").env("DOCKLINE_REDIS_URL", "redis://r:6379");
        let check = role.into_iter().fold(check, |check, role| check.arg("--role").arg(role));
        async move { check.run_to_end().await }
    };
    let any = check(None).await?;
    assert!(any.status.success() && any.stdout.contains("redis_url = "), "{any:?}");
    for (role, missing) in [
        ("api", "DOCKLINE_SECRET_KEY"),
        ("streamer", "DOCKLINE_SECRET_KEY"),
        ("standalone", "DOCKLINE_REDIS_URL"),
    ] {
        let ended = check(Some(role)).await?;
        assert_eq!(ended.status.code(), Some(2), "{role}: {ended:?}");
        assert!(ended.stderr.contains(missing), "{role}: {}", ended.stderr);
    }
    let unknown = check(Some("pilot")).await?;
    assert!(unknown.status.code() == Some(2) && unknown.stderr.contains("standalone"), "{}", unknown.stderr);
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
