//! Many viewers of one path at once.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use dockline_testkit::eventually;
use futures::{StreamExt, TryStreamExt, stream};
use tokio::task::JoinSet;

use crate::tally::{Skim, Tally};
use crate::viewer::{Door, Sink, Viewer};

/// Upgrades under way at the same time: a crowd that comes in, not an attack.
const AT_ONCE: usize = 32;
/// Every viewer has been told where the log begins within this time.
const START_DEADLINE: Duration = Duration::from_secs(30);

/// Viewers that watch until this is dropped.
#[derive(Debug)]
pub(crate) struct Crowd {
    tasks: JoinSet<Result<()>>,
}

impl Crowd {
    /// So many viewers that only count; returns once each of them has begun.
    pub(crate) async fn counting(door: &Door, path: &str, count: usize) -> Result<(Self, Arc<Tally>)> {
        let tally = Arc::new(Tally::default());
        let mut crowd = Self::of(door, path, count, |_| Skim(Arc::clone(&tally))).await?;
        crowd.until_started(&tally, count).await?;
        Ok((crowd, tally))
    }

    /// So many viewers, each with a sink of its own.
    pub(crate) async fn of<S: Sink>(
        door: &Door,
        path: &str,
        count: usize,
        mut sink: impl FnMut(usize) -> S,
    ) -> Result<Self> {
        Self::each(door, path, count, |n, viewer| {
            let sink = sink(n);
            async move { viewer.watch(sink).await.map(drop) }
        })
        .await
    }

    /// So many viewers, each of which does this.
    pub(crate) async fn each<F: Future<Output = Result<()>> + Send + 'static>(
        door: &Door,
        path: &str,
        count: usize,
        mut task: impl FnMut(usize, Viewer) -> F,
    ) -> Result<Self> {
        let mut tasks = JoinSet::new();
        let mut open = stream::iter(0..count).map(|_| Viewer::open(door, path)).buffer_unordered(AT_ONCE);
        // Watched from the moment it is open: a server that pings must not wait for the last to come in.
        while let Some(viewer) = open.try_next().await? {
            let task = task(tasks.len(), viewer);
            tasks.spawn(task);
        }
        Ok(Self { tasks })
    }

    async fn until_started(&mut self, tally: &Tally, count: usize) -> Result<()> {
        eventually(START_DEADLINE, || async {
            match tally.started() {
                started if started >= count as u64 => Ok(()),
                started => bail!("{started} of {count} viewers have begun"),
            }
        })
        .await?;
        self.check()
    }

    /// Hangs up and waits until every viewer is gone; an error if any was lost before.
    pub(crate) async fn leave(mut self) -> Result<()> {
        self.check()?;
        self.tasks.shutdown().await;
        Ok(())
    }

    fn check(&mut self) -> Result<()> {
        while let Some(ended) = self.tasks.try_join_next() {
            ended.context("a viewer's task")?.context("a viewer was lost")?;
        }
        Ok(())
    }
}
