//! Batches of log lines that one core of Redis takes, each behind the fence; beside plain `XADD` of the same bytes.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use bytes::Bytes;
use dockline_domain::log::{Chunk, CursorTracker, Epoch, Stream};
use dockline_domain::{ContainerId, HostId, Timestamp};
use dockline_fanout::redis::{RedisFanout, RedisOptions};
use dockline_fanout::{BatchBuilder, LogBatch, LogBegin, LogPublisher};
use dockline_lease::Lease;
use dockline_lease::redis::{RedisLease, Timing};
use dockline_redis::{Keys, Redis, cmd};
use dockline_testkit::RedisServer;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};

use crate::proc_meter::cpu_seconds;
use crate::report::{Row, Target, figure};
use crate::stage::Stage;

/// Containers whose logs are published at once: one batch of each is under way.
const LOGS: usize = 128;
const LINES: u64 = 10;
const LINE_BYTES: usize = 100;
/// What a plain stream is cut to; about what a ring keeps.
const KEPT: usize = 1_000;
const ELECTION: Duration = Duration::from_secs(10);

pub(crate) async fn run(stage: &Stage) -> Result<Vec<Row>> {
    let server = RedisServer::start().await?;
    let connect =
        async || Redis::connect(&server.url().parse()?, Keys::new("bench")).await.context("connect");
    let plain = plain(connect().await?, server.pid(), stage.window).await?;
    let fenced = fenced(connect().await?, connect().await?, server.pid(), stage.window).await?;
    Ok(vec![Row {
        name: format!("fenced batches of {LINES} lines for each second of a Redis core"),
        measured: format!("{}/s", figure(fenced.per_core())),
        baseline: format!("plain XADD: {}/s", figure(plain.per_core())),
        ratio: Some(fenced.per_core() / plain.per_core()),
        judged: fenced.per_core(),
        target: Target::AtLeast(25_000.0, ">= 25,000/s"),
        note: format!(
            "{LOGS} logs, one batch of each under way, nobody subscribed; the core was busy {} % of the time, so {} batches/s \
             passed",
            figure(fenced.cpu / fenced.elapsed * 100.0),
            figure(fenced.count / fenced.elapsed),
        ),
    }])
}

/// How much was done with how much of Redis' CPU time, in seconds.
struct Spent {
    count: f64,
    cpu: f64,
    elapsed: f64,
}

impl Spent {
    fn per_core(&self) -> f64 {
        self.count / self.cpu
    }
}

/// Lets the tasks run to their end, each of which tells how many batches it wrote.
async fn spent(
    pid: u32,
    start: impl FnOnce(Instant) -> JoinSet<Result<u64>>,
    window: Duration,
) -> Result<Spent> {
    let (cpu, began) = (cpu_seconds(pid)?, Instant::now());
    let mut tasks = start(began + window);
    let mut count = 0;
    while let Some(task) = tasks.join_next().await {
        count += task??;
    }
    Ok(Spent { count: count as f64, cpu: cpu_seconds(pid)? - cpu, elapsed: began.elapsed().as_secs_f64() })
}

async fn plain(redis: Redis, pid: u32, window: Duration) -> Result<Spent> {
    let bytes = vec![b'x'; LINE_BYTES * usize::try_from(LINES)?];
    let start = |until| {
        let mut tasks = JoinSet::new();
        for log in 0..LOGS {
            let (redis, bytes) = (redis.clone(), bytes.clone());
            tasks.spawn(async move {
                let mut count = 0;
                while Instant::now() < until {
                    let mut add = cmd("XADD");
                    add.arg(format!("bench:plain:{log}")).arg("MAXLEN").arg("~").arg(KEPT);
                    let _id: String = redis.query(add.arg("*").arg("b").arg(&bytes)).await?;
                    count += 1;
                }
                Ok(count)
            });
        }
        tasks
    };
    spent(pid, start, window).await
}

async fn fenced(redis: Redis, for_lease: Redis, pid: u32, window: Duration) -> Result<Spent> {
    let host: HostId = "bench".parse()?;
    let hosts = futures::stream::iter([BTreeSet::from([host.clone()])]);
    let fanout = Arc::new(RedisFanout::new(redis, RedisOptions::default(), hosts));
    let lease = RedisLease::new(for_lease, Timing::default());
    let leadership = Arc::new(timeout(ELECTION, lease.campaign(&host)).await.context("nobody was elected")??);
    let mut logs = Vec::new();
    for number in 0..LOGS {
        let container: ContainerId = format!("{number:064x}").parse()?;
        let begin = LogBegin { epoch: Epoch(1), tty: false, gap: None };
        fanout.begin(&leadership, &container, begin).await?;
        logs.push((container, Lines::default()));
    }
    let start = |until| {
        let mut tasks = JoinSet::new();
        for (container, mut lines) in logs {
            let (fanout, leadership) = (Arc::clone(&fanout), Arc::clone(&leadership));
            tasks.spawn(async move {
                let mut count = 0;
                while Instant::now() < until {
                    fanout.publish(&leadership, &container, lines.batch()?).await?;
                    count += 1;
                }
                Ok(count)
            });
        }
        tasks
    };
    spent(pid, start, window).await
}

/// Numbered lines of one log.
struct Lines(CursorTracker);

impl Default for Lines {
    fn default() -> Self {
        Self(CursorTracker::new(false))
    }
}

impl Lines {
    fn batch(&mut self) -> Result<LogBatch> {
        let mut builder = BatchBuilder::new(Epoch(1), self.0.last() + 1);
        for _ in 0..LINES {
            let ts = Timestamp(i64::try_from(self.0.last() + 1)? * 1_000);
            let mut line = vec![b'x'; LINE_BYTES];
            line[LINE_BYTES - 1] = b'\n';
            let chunk = Chunk { stream: Stream::Stdout, ts, bytes: Bytes::from(line) };
            self.0.push(&chunk);
            builder.push(&chunk);
        }
        let cursor = self.0.cursor().context("a cursor")?;
        builder.finish(cursor).context("a batch")
    }
}
