//! What 100 viewers cost the engine: they share one reading of the log.

use std::time::{Duration, Instant};

use anyhow::Result;
use tokio::time::sleep;

use crate::crowd::Crowd;
use crate::docker_follow::DockerFollow;
use crate::feed::{Feed, Pace};
use crate::report::{Row, Target, figure};
use crate::stage::Stage;

const VIEWERS: usize = 100;
const LINE_BYTES: usize = 100;
/// Not measured: readers attach, and the engine comes to its pace.
const WARM_UP: Duration = Duration::from_secs(2);

/// The engine's CPU time with 100 viewers through Dockline, with one `docker logs --follow`, and with neither.
pub(crate) async fn run(stage: &Stage) -> Result<Vec<Row>> {
    let mut feed = Feed::start(&stage.engine).await?;
    let nobody = cores(stage, &mut feed).await?;

    let docker = DockerFollow::start(&stage.engine, feed.id())?;
    let one = cores(stage, &mut feed).await?;
    docker.finish().await?;

    let open = stage.open().await?;
    let (crowd, tally) = Crowd::counting(&open.door, &feed.live_path(), VIEWERS).await?;
    let many = cores(stage, &mut feed).await?;
    crowd.leave().await?;
    open.close().await?;

    Ok(vec![Row {
        name: format!("engine's CPU, {VIEWERS} viewers, 1,000 lines/s"),
        measured: format!("{} cores", figure(many)),
        baseline: format!("1 docker logs -f: {} cores", figure(one)),
        ratio: Some(many / one),
        judged: many / one,
        target: Target::AtMost(1.1, "<= 1.1x"),
        note: format!(
            "without any reader the engine uses {} cores to store the lines; the viewers received {} frames",
            figure(nobody),
            figure(tally.counts().frames)
        ),
    }])
}

/// How many cores the engine uses while the container prints.
async fn cores(stage: &Stage, feed: &mut Feed) -> Result<f64> {
    let pace = Pace::thousand_a_second(LINE_BYTES);
    feed.print(&pace, WARM_UP).await?;
    let (cpu, began) = (stage.engine_cpu()?, Instant::now());
    feed.print(&pace, stage.window).await?;
    let used = (stage.engine_cpu()? - cpu) / began.elapsed().as_secs_f64();
    // What was printed last must not count for the next measurement.
    sleep(Duration::from_millis(500)).await;
    Ok(used)
}
