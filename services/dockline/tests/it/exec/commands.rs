//! Single commands over REST.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use dockline_testkit::engines;
use serde_json::{Value, json};

use super::stage::{STUBBORN, audited, gone, idle, running};
use crate::client::start;

#[tokio::test(flavor = "multi_thread")]
async fn a_command_gives_its_outputs_and_its_code() -> Result<()> {
    for engine in engines() {
        let (mut dockline, api) = start(&engine.host, &[]).await?;
        let container = idle(&engine)?;
        let path = format!("/api/v1/containers/{}/exec", container.id());
        let run = async |body: Value| api.call("POST", &path, Some(body)).await;

        let body = json!({"cmd": ["sh", "-c", "cat; pwd; id -u; echo oops >&2; exit 3"], "stdin": "hello\n",
                          "user": "1000", "working_dir": "/tmp"});
        let (status, answer) = run(body).await?;
        let wanted = json!({"exit_code": 3, "stdout": "hello\n/tmp\n1000\n", "stderr": "oops\n", "truncated": false, "timed_out": false});
        ensure!(status == 200 && answer == wanted, "{status} {answer}");

        let (status, answer) =
            run(json!({"cmd": ["sh", "-c", "yes | head -c 3000000; echo done >&2"]})).await?;
        ensure!(status == 200 && answer["truncated"] == true && answer["exit_code"] == 0, "{status}");
        ensure!(answer["stdout"].as_str().context("text")?.len() == 1 << 20 && answer["stderr"] == "done\n");

        let (_, answer) = run(json!({"cmd": ["no-such-program"]})).await?;
        ensure!(answer["exit_code"] == 127, "{answer}");

        let wrong = json!({"cmd": [], "user": "a b", "working_dir": "tmp", "timeout_seconds": 301});
        let (status, answer) = run(wrong).await?;
        let fields: Vec<_> =
            answer["fields"].as_array().context("fields")?.iter().map(|one| one["field"].clone()).collect();
        ensure!(
            status == 422 && fields == ["timeout_seconds", "cmd", "user", "working_dir"],
            "{status} {answer}"
        );
        container.kill()?;
        let (status, answer) = run(json!({"cmd": ["true"]})).await?;
        ensure!(status == 409, "{status} {answer}");
        dockline.terminate().await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_ends_when_it_takes_too_long_and_when_nobody_waits() -> Result<()> {
    for engine in engines() {
        let (mut dockline, api) = start(&engine.host, &[]).await?;
        let container = idle(&engine)?;
        let path = format!("/api/v1/containers/{}/exec", container.id());
        let began = Instant::now();
        let body = json!({"cmd": ["sh", "-c", STUBBORN], "timeout_seconds": 1});
        let (status, answer) = api.call("POST", &path, Some(body)).await?;
        ensure!(
            status == 200 && answer["timed_out"] == true && answer["exit_code"].is_null(),
            "{status} {answer}"
        );
        ensure!(answer["stdout"] == "up\n", "{answer}");
        ensure!(began.elapsed() < Duration::from_secs(12), "{:?}", began.elapsed());
        ensure!(running(&container, "trap")? == 0);

        let caller = api.clone();
        let waiting = tokio::spawn(async move {
            let body = json!({"cmd": ["sh", "-c", STUBBORN], "timeout_seconds": 300});
            caller.call("POST", &path, Some(body)).await
        });
        while running(&container, "trap")? == 0 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        waiting.abort();
        gone(&container, "trap").await?;
        audited(&api, "container.exec", &[("ended", json!("client_left"))]).await?;
        dockline.terminate().await?;
    }
    Ok(())
}
