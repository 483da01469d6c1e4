//! Awkward logs arrive byte for byte as `docker logs` prints them.

use anyhow::{Context, Result, ensure};
use dockline_testkit::{ContainerSpec, TestContainer, TestEngine, engines};
use futures::{TryStreamExt, future::try_join_all, stream};

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
    let seen = api.logs(id, "tail=all&follow=false").await?.read_to_end().await?;
    assert_eq!(seen.gaps, [], "nothing was lost");
    let mut bytes = seen.bytes();
    Ok((bytes.remove(&1).context("stdout")?, bytes.remove(&2).context("stderr")?))
}

fn spec(script: &str, tty: bool, driver: &str) -> ContainerSpec {
    let spec = ContainerSpec::script(script).log_driver(driver);
    if tty { spec.tty() } else { spec }
}

/// One container, watched from before its first line, read again afterwards, and downloaded.
async fn check(api: &Api, engine: &TestEngine, script: &str, tty: bool, driver: &str) -> Result<()> {
    let container = engine.create_container(&spec(script, tty, driver))?;
    let mut viewer = api.logs(container.id(), "tail=all").await?;
    container.start()?;
    container.wait_exit(PATIENCE)?;
    let expected = stored(&container)?;
    let length = expected.0.len() + expected.1.len();
    let bytes = |viewer: &LogViewer| viewer.seen.bytes().values().map(Vec::len).sum::<usize>();
    while bytes(&viewer) < length {
        let told = viewer.step().await.with_context(|| {
            format!("live, {} of {length} bytes, states {:?}", bytes(&viewer), viewer.seen.states)
        });
        ensure!(told?, "closed early");
    }
    let live = viewer.seen.bytes();
    ensure!((&live[&1], &live[&2]) == (&expected.0, &expected.1), "live differs");
    ensure!(viewer.seen.gaps.is_empty(), "{:?}", viewer.seen.gaps);
    ensure!(seen_after_the_end(api, container.id()).await? == expected, "afterwards differs");
    // The download is byte for byte the same, in the engine's order.
    let download = api.get_bytes(&format!("/api/v1/containers/{}/logs?format=text", container.id())).await?;
    ensure!(download.len() == length, "the download has {} bytes of {length}", download.len());
    ensure!(!expected.1.is_empty() || download == expected.0, "the download differs");
    Ok(())
}

async fn on(engine: TestEngine) -> Result<()> {
    let (mut dockline, api) = start(&engine.host, &[]).await?;
    // Not `local` with a terminal: 20.10 leaves the newline behind a long line out there, and a stream
    // without frames does not tell where such a line ends.
    let cases = [("json-file", false), ("json-file", true), ("local", false)]
        .into_iter()
        .flat_map(|(driver, tty)| AWKWARD.map(|(name, script)| (driver, tty, name, script)));
    stream::iter(cases.map(Ok))
        .try_for_each_concurrent(3, |(driver, tty, name, script)| {
            let (api, engine) = (api.clone(), engine.clone());
            async move {
                let what = format!("{name}, {driver}, tty {tty}, engine {}", engine.version);
                // The docker CLI blocks its thread.
                let case = tokio::task::spawn(async move { check(&api, &engine, script, tty, driver).await });
                case.await?.context(what)
            }
        })
        .await?;
    dockline.terminate().await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn awkward_logs_are_byte_equal_on_every_engine() -> Result<()> {
    try_join_all(engines().into_iter().map(on)).await?;
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
