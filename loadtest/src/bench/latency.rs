//! How much later a line arrives than at `docker logs --follow`, which reads the same container at the same time.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Result, ensure};
use dockline_domain::Timestamp;
use tokio::time::sleep;

use crate::clock::{millis, now_nanos, quantile};
use crate::crowd::Crowd;
use crate::docker_follow::{Arrival, DockerFollow};
use crate::feed::{Feed, Pace};
use crate::report::{Row, Target, figure};
use crate::stage::Stage;
use crate::viewer::{Door, Sink};

const LINE_BYTES: usize = 100;
/// Not measured: both clients come to their pace.
const WARM_UP: Duration = Duration::from_secs(2);
/// What was printed last is still on its way.
const REST: Duration = Duration::from_secs(1);

/// With one viewer, and with a hundred.
pub(crate) async fn run(stage: &Stage) -> Result<Vec<Row>> {
    Ok(vec![measure(stage, 1).await?, measure(stage, 100).await?])
}

async fn measure(stage: &Stage, viewers: usize) -> Result<Row> {
    let mut feed = Feed::start(&stage.engine).await?;
    let open = stage.open().await?;
    let watched = watch(stage, &mut feed, std::slice::from_ref(&open.door), viewers).await?;
    open.close().await?;
    watched.row(&format!("{viewers} viewer{}", if viewers == 1 { "" } else { "s" }), viewers, stage.window)
}

/// When lines arrived, by their time stamps.
pub(crate) struct Watched {
    seen: Vec<Arrival>,
    by_docker: HashMap<i64, i64>,
}

/// So many viewers at each of these doors, and `docker logs --follow` beside them, while a thousand lines a second come.
pub(crate) async fn watch(stage: &Stage, feed: &mut Feed, doors: &[Door], viewers: usize) -> Result<Watched> {
    let docker = DockerFollow::start(&stage.engine, feed.id())?;
    let seen = Arc::new(Mutex::new(Vec::new()));
    let mut crowds = Vec::new();
    for door in doors {
        crowds.push(Crowd::of(door, &feed.live_path(), viewers, |_| Stamps::new(&seen)).await?);
    }
    let pace = Pace::thousand_a_second(LINE_BYTES);
    feed.print(&pace, WARM_UP).await?;
    let begin = now_nanos();
    feed.print(&pace, stage.window).await?;
    sleep(REST).await;
    for crowd in crowds {
        crowd.leave().await?;
    }
    let by_docker: HashMap<i64, i64> =
        docker.finish().await?.into_iter().filter(|(stamp, _)| *stamp >= begin).collect();
    let seen = std::mem::take(&mut *seen.lock().unwrap_or_else(PoisonError::into_inner));
    Ok(Watched { seen: seen.into_iter().filter(|(stamp, _)| *stamp >= begin).collect(), by_docker })
}

impl Watched {
    /// The line of the table; `viewers` is how many took the time.
    pub(crate) fn row(self, name: &str, viewers: usize, window: Duration) -> Result<Row> {
        let Self { seen, by_docker } = self;
        let added =
            sorted(seen.iter().filter_map(|(stamp, at)| by_docker.get(stamp).map(|docker| at - docker)));
        ensure!(!added.is_empty(), "no line arrived at both");
        let own = sorted(seen.iter().map(|(stamp, at)| at - stamp));
        let docker = sorted(by_docker.iter().map(|(stamp, at)| at - stamp));
        let expected = by_docker.len() * viewers;
        let [added_p50, added_p99] = [0.5, 0.99].map(|share| millis(quantile(&added, share)));
        let [own_p50, own_p99] = [0.5, 0.99].map(|share| millis(quantile(&own, share)));
        let [docker_p50, docker_p99] = [0.5, 0.99].map(|share| millis(quantile(&docker, share)));
        Ok(Row {
            name: format!("latency at 1,000 lines/s, {name}"),
            measured: format!("added p50 {} ms, p99 {} ms", figure(added_p50), figure(added_p99)),
            baseline: format!("docker logs -f: p50 {} ms, p99 {} ms", figure(docker_p50), figure(docker_p99)),
            ratio: Some(own_p99 / docker_p99),
            judged: added_p99,
            target: Target::AtMost(10.0, "added p99 <= 10 ms"),
            note: format!(
                "added is a line's arrival after its arrival at docker logs -f; behind the line's own time stamp Dockline is \
                 p50 {} ms, p99 {} ms (the ratio is of both p99); {} of {expected} deliveries seen, {} lines/s printed",
                figure(own_p50),
                figure(own_p99),
                seen.len(),
                figure(by_docker.len() as f64 / window.as_secs_f64()),
            ),
        })
    }
}

fn sorted(values: impl Iterator<Item = i64>) -> Vec<i64> {
    let mut values: Vec<i64> = values.collect();
    values.sort_unstable();
    values
}

/// Keeps every line's stamp and arrival. Handed over at the end, so that viewers do not wait for one another.
struct Stamps {
    own: Vec<Arrival>,
    all: Arc<Mutex<Vec<Arrival>>>,
}

impl Stamps {
    fn new(all: &Arc<Mutex<Vec<Arrival>>>) -> Self {
        Self { own: Vec::new(), all: Arc::clone(all) }
    }
}

impl Sink for Stamps {
    const WHOLE: bool = true;

    fn text(&mut self, kept: &[u8], _length: u64, arrived: i64) -> ControlFlow<()> {
        self.own.extend(stamps(kept).map(|stamp| (stamp, arrived)));
        ControlFlow::Continue(())
    }
}

impl Drop for Stamps {
    fn drop(&mut self) {
        self.all.lock().unwrap_or_else(PoisonError::into_inner).append(&mut self.own);
    }
}

/// The time stamps in a log frame. Quotation marks in a line's own text are escaped.
pub(crate) fn stamps(frame: &[u8]) -> impl Iterator<Item = i64> {
    const KEY: &[u8] = br#","t":""#;
    memchr::memmem::find_iter(frame, KEY).filter_map(move |at| {
        let value = &frame[at + KEY.len()..];
        let end = memchr::memchr(b'"', value)?;
        Timestamp::parse(&value[..end]).map(|time| time.0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_stamps_of_a_frame() {
        let frame = br#"{"type":"log","epoch":"e","chunks":[{"n":1,"s":1,"t":"1970-01-01T00:00:01.000000002Z","d":"a,\"t\":\"b\n"},{"n":2,"s":1,"t":"1970-01-01T00:00:02.000000000Z","d":"\n"}]}"#;
        assert_eq!(stamps(frame).collect::<Vec<_>>(), [1_000_000_002, 2_000_000_000]);
    }
}
