//! Awkward logs arrive byte for byte as `docker logs` prints them.

use anyhow::{Context, Result};
use dockline_testkit::{ContainerSpec, TestContainer, TestEngine, engines};

use crate::client::{Api, LogViewer, PATIENCE, start};

/// Scripts that print what has broken log viewers before.
const AWKWARD: [(&str, &str); 12] = [
    ("plain", "for i in $(seq 1 200); do echo line $i; done"),
    ("empty lines", "printf '\\n\\n\\na\\n\\n'"),
    ("no last newline", "printf 'one\\ntwo'"),
    ("16 KiB - 1", "head -c 16383 /dev/zero | tr '\\0' x; echo; echo end"),
    ("16 KiB", "head -c 16384 /dev/zero | tr '\\0' x; echo; echo end"),
    ("16 KiB + 1", "head -c 16385 /dev/zero | tr '\\0' x; echo; echo end"),
    ("1 MiB line", "head -c 1048576 /dev/zero | tr '\\0' y; echo; echo end"),
    ("carriage returns", "for i in $(seq 1 50); do printf \"$i%%\\r\"; done; echo done"),
    ("both streams", "for i in $(seq 1 300); do echo out $i; echo err $i >&2; done"),
    (
        "both streams at once",
        "(for i in $(seq 1 300); do echo out $i; done) & (for i in $(seq 1 300); do echo err $i >&2; done); wait",
    ),
    (
        "invalid UTF-8 and NUL",
        "printf '\\377\\376\\000a\\303\\n\\200\\n\\033[31mred\\033[0m\\n'; head -c 3000 /dev/urandom; echo",
    ),
    ("no output", "true"),
];

/// What `docker logs` prints, split as the viewer splits it.
fn stored(container: &TestContainer) -> Result<(Vec<u8>, Vec<u8>)> {
    let logs = container.logs()?;
    Ok((logs.stdout, logs.stderr))
}

async fn seen_after_the_end(api: &Api, id: &str) -> Result<(Vec<u8>, Vec<u8>)> {
    let seen = api.logs(id, "tail=all&follow=false").await?.to_the_end().await?;
    assert_eq!(seen.gaps, [], "nothing was lost");
    let mut bytes = seen.bytes();
    Ok((bytes.remove(&1).context("stdout")?, bytes.remove(&2).context("stderr")?))
}

fn spec(script: &str, tty: bool, driver: &str) -> ContainerSpec {
    let spec = ContainerSpec::script(script).log_driver(driver);
    if tty { spec.tty() } else { spec }
}

async fn on(engine: &TestEngine) -> Result<()> {
    let (mut dockline, api) = start(&engine.host, &[]).await?;
    for driver in ["json-file", "local"] {
        for tty in [false, true] {
            for (name, script) in AWKWARD {
                let what = format!("{name}, {driver}, tty {tty}, engine {}", engine.version);
                // Watched from before its first line.
                let container = engine.create_container(&spec(script, tty, driver))?;
                let mut viewer = api.logs(container.id(), "tail=all").await.context(what.clone())?;
                container.start()?;
                container.wait_exit(PATIENCE)?;
                let expected = stored(&container)?;
                let length = expected.0.len() + expected.1.len();
                let bytes = |viewer: &LogViewer| viewer.seen.bytes().values().map(Vec::len).sum::<usize>();
                while bytes(&viewer) < length {
                    assert!(viewer.step().await.context(what.clone())?, "{what}: closed early");
                }
                let live = viewer.seen.bytes();
                assert_eq!((&live[&1], &live[&2]), (&expected.0, &expected.1), "live: {what}");
                assert_eq!(viewer.seen.gaps, [], "{what}");
                // And once more from what is stored.
                let after = seen_after_the_end(&api, container.id()).await.context(what.clone())?;
                assert_eq!(after, expected, "afterwards: {what}");
                // The download is byte for byte the same, in the engine's order.
                let path = format!("/api/v1/containers/{}/logs?format=text", container.id());
                let download = api.get_bytes(&path).await?;
                assert_eq!(download.len(), length, "download: {what}");
                if expected.1.is_empty() {
                    assert_eq!(download, expected.0, "download: {what}");
                }
            }
        }
    }
    dockline.terminate().await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn awkward_logs_are_byte_equal_on_every_engine() -> Result<()> {
    for engine in engines() {
        on(&engine).await.with_context(|| format!("engine {}", engine.version))?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unreadable_driver_is_one_clear_error_and_no_retry() -> Result<()> {
    for engine in engines() {
        let proxy = dockline_testkit::RecordingProxy::start(&engine.host)?;
        let (mut dockline, api) = start(&proxy.host(), &[]).await?;
        let container =
            engine.run_container(&ContainerSpec::script("echo x; sleep 60").log_driver("none"))?;
        let mut viewer = api.logs(container.id(), "").await?;
        while viewer.step().await? {}
        assert_eq!(viewer.seen.errors, ["logs_unreadable"], "engine {}", engine.version);
        // A second viewer gets the same answer without a second request.
        let mut viewer = api.logs(container.id(), "").await?;
        while viewer.step().await? {}
        assert_eq!(viewer.seen.errors, ["logs_unreadable"]);
        assert_eq!(proxy.count(|request| request.is_container_logs()), 1, "engine {}", engine.version);
        dockline.terminate().await?;
    }
    Ok(())
}
