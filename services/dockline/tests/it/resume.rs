//! A viewer that is cut off again and again sees every line once, in order.

use anyhow::{Context, Result};
use dockline_testkit::{ContainerSpec, engines};
use rand::{Rng, SeedableRng, rngs::StdRng};

use crate::client::{LogViewer, Seen, start};

const CUTS: usize = 200;

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_cuts_lose_and_repeat_nothing() -> Result<()> {
    for engine in engines() {
        let (mut dockline, api) = start(&engine.host, &[]).await?;
        // Bursts, both streams, long lines: about 500 lines a second.
        let script = "i=0; while true; do i=$((i+1)); echo line $i; echo err $i >&2; \
                      [ $((i % 50)) = 0 ] && head -c 40000 /dev/zero | tr '\\0' z && echo; \
                      [ $((i % 10)) = 0 ] && usleep 20000; done";
        let container = engine.run_container(&ContainerSpec::script(script))?;
        let mut random = StdRng::seed_from_u64(7);
        let mut seen = Seen::default();
        for cut in 0..CUTS {
            let query =
                if cut == 0 { "tail=all".to_owned() } else { format!("from={}:{}", seen.epoch, seen.last) };
            let mut viewer: LogViewer = api.logs(container.id(), &query).await?;
            viewer.seen = seen;
            let enough = viewer.seen.chunks.len() + random.random_range(1..40);
            viewer.until(|now| now.chunks.len() >= enough).await.with_context(|| format!("cut {cut}"))?;
            // The socket is dropped without a close frame, in the middle of whatever is on its way.
            seen = viewer.seen;
        }
        assert_eq!(seen.gaps, [], "engine {}", engine.version);
        let numbered = |prefix: &str, stream: u8| -> Vec<u64> {
            let text = String::from_utf8_lossy(&seen.bytes()[&stream]).into_owned();
            text.lines().filter_map(|line| line.strip_prefix(prefix)?.parse().ok()).collect()
        };
        for (prefix, stream) in [("line ", 1), ("err ", 2)] {
            let numbers = numbered(prefix, stream);
            assert!(numbers.len() > CUTS, "{} numbers", numbers.len());
            let expected: Vec<_> = (1..=numbers.len() as u64).collect();
            assert_eq!(numbers, expected, "stream {stream}, engine {}", engine.version);
        }
        dockline.terminate().await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_impossible_position_gets_a_marker_and_the_present_log() -> Result<()> {
    let engine = engines().pop().context("an engine")?;
    let (mut dockline, api) = start(&engine.host, &[]).await?;
    let container = engine.run_container(&ContainerSpec::script("echo a; echo b; sleep 100"))?;
    let mut viewer = api.logs(container.id(), "from=00000000000000ff:7").await?;
    viewer.until(|seen| seen.chunks.len() == 2).await?;
    assert_eq!(viewer.seen.gaps, [(0, "state_lost".to_owned())]);
    assert_eq!(viewer.seen.lines(), ["a", "b"]);
    let refused = api.try_socket(&format!("/ws/containers/{}/logs?from=nonsense", container.id())).await?;
    assert_eq!(refused.err(), Some(422));
    dockline.terminate().await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restarted_container_goes_on_and_a_removed_one_ends() -> Result<()> {
    for engine in engines() {
        let (mut dockline, api) = start(&engine.host, &[]).await?;
        let container =
            engine.run_container(&ContainerSpec::script("for i in 1 2 3; do echo up $i; done; sleep 100"))?;
        let mut viewer = api.logs(container.id(), "tail=all").await?;
        viewer.until(|seen| seen.chunks.len() == 3).await?;
        // At once, and after the viewer was told that it ended.
        container.kill()?;
        container.start()?;
        viewer.until(|seen| seen.chunks.len() == 6).await?;
        container.kill()?;
        viewer.until(|seen| seen.states.iter().any(|state| state.starts_with("ended exited"))).await?;
        container.start()?;
        viewer.until(|seen| seen.chunks.len() == 9).await?;
        assert_eq!(viewer.seen.gaps, [], "engine {}", engine.version);
        assert_eq!(viewer.seen.lines().len(), 9);
        container.remove()?;
        while viewer.step().await? {}
        let last = viewer.seen.states.last().context("a state")?;
        assert_eq!(last, "ended the container was removed");
        assert_eq!(
            api.try_socket(&format!("/ws/containers/{}/logs", container.id())).await?.err(),
            Some(404)
        );
        dockline.terminate().await?;
    }
    Ok(())
}
