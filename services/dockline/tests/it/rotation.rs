//! Logs that rotate away under the reader: every line once, or a marker where the engine lost some.

use anyhow::{Context, Result};
use dockline_testkit::{ContainerSpec, engines};

use crate::client::{PATIENCE, Seen, start};

/// So many markers are put up with among 400 lines of which none was lost.
const MARKS_WITHOUT_LOSS: usize = 8;

/// The writer's lines are numbered. They arrive in order and none twice, and where the engine lost some
/// there is a marker, at that very place.
fn check(seen: &Seen, written: u64, what: &str) {
    let mut expected = 1;
    let mut unmarked: Vec<u64> = Vec::new();
    for (index, chunk) in seen.chunks.iter().enumerate() {
        let text = chunk.d.as_deref().unwrap_or_default();
        let number: u64 = text.trim().trim_start_matches("line ").parse().expect("a numbered line");
        assert!(number >= expected, "{what}: line {number} came again after {}", expected - 1);
        let marked = seen.gaps.iter().any(|(at, _)| *at == index);
        let missing = number - expected;
        if missing > 0 && !marked {
            unmarked.push(missing);
        }
        expected = number + 1;
    }
    assert!(unmarked.is_empty(), "{what}: these lost lines have no marker at their place: {unmarked:?}");
    // What is still stored at the end is never missing.
    assert_eq!(expected, written + 1, "{what}: the end is missing");
}

async fn watch(pace: &str, lines: u64, options: (&str, &str)) -> Result<Vec<(String, Seen)>> {
    let mut all = Vec::new();
    for engine in engines() {
        let (mut dockline, api) = start(&engine.host, &[]).await?;
        let script = format!(
            "sleep 1; i=0; while [ $i -lt {lines} ]; do i=$((i+1)); echo line $i; {pace}; done; sleep 1"
        );
        let spec =
            ContainerSpec::script(script).log_opt("max-size", options.0).log_opt("max-file", options.1);
        let container = engine.create_container(&spec)?;
        let mut viewer = api.logs(container.id(), "tail=all").await?;
        container.start()?;
        container.wait_exit(3 * PATIENCE)?;
        let ended = |seen: &Seen| seen.states.iter().any(|state| state.starts_with("ended exited"));
        viewer.until(ended).await.with_context(|| format!("engine {}", engine.version))?;
        let what = format!("engine {}, {options:?}, {pace}", engine.version);
        check(&viewer.seen, lines, &what);
        all.push((what, viewer.seen));
        dockline.terminate().await?;
    }
    Ok(all)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tiny_rotating_log_arrives_whole_at_a_humane_pace() -> Result<()> {
    for files in ["1", "2"] {
        for (what, seen) in watch("usleep 10000", 400, ("1k", files)).await? {
            assert_eq!(seen.lines().len(), 400, "{what}");
            // A follower that a busy machine held up for longer than a file lasts cannot know.
            assert!(seen.gaps.len() <= MARKS_WITHOUT_LOSS, "{what}: {:?}", seen.gaps);
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_writer_faster_than_the_engine_leaves_markers_where_lines_are_lost() -> Result<()> {
    for options in [("1k", "1"), ("1k", "2"), ("100k", "2")] {
        watch(":", 20_000, options).await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_stored_before_anybody_looked_has_no_markers() -> Result<()> {
    for engine in engines() {
        let (mut dockline, api) = start(&engine.host, &[]).await?;
        // Bursts: at their pace, each pause between them could hide a file.
        let script = "b=0; while [ $b -lt 25 ]; do b=$((b+1)); i=0; while [ $i -lt 100 ]; do i=$((i+1)); echo burst $b line $i; \
                      done; usleep 100000; done";
        let spec = ContainerSpec::script(script).log_opt("max-size", "1m").log_opt("max-file", "3");
        let container = engine.run_container(&spec)?;
        container.wait_exit(PATIENCE)?;
        let mut viewer = api.logs(container.id(), "tail=all").await?;
        viewer.until(|seen| seen.states.iter().any(|state| state.starts_with("ended exited"))).await?;
        assert_eq!(
            (viewer.seen.lines().len(), &*viewer.seen.gaps),
            (2_500, &[][..]),
            "engine {}",
            engine.version
        );
        dockline.terminate().await?;
    }
    Ok(())
}
