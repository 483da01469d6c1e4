use std::{collections::BTreeSet, sync::Arc, time::Duration};

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use dockline_domain::{
    ContainerId, HostId, Timestamp,
    log::{Chunk, CursorTracker, Epoch, Stream},
};
use dockline_fanout::{
    BatchBuilder, Causes, EventFeed, EventPublisher, HostBoard, Interest, LogBatch, LogFeed, LogPublisher,
    LogWatch, Outbox, Read, ReadPosition, RingLimits, StartAt, StatsFeed, StatsPublisher, StreamState,
    memory::{MemoryFanout, MemoryOptions},
    redis::{RedisFanout, RedisOptions},
    session::{Revocations, Seats, Tickets},
};
use dockline_lease::{
    Leadership, Lease,
    memory::MemoryLease,
    redis::{RedisLease, Timing, lease_key},
};
use dockline_redis::{Keys, Redis, cmd};
use dockline_testkit::eventually;

/// Nothing here takes longer.
pub const PATIENCE: Duration = Duration::from_secs(10);
/// How long an unwatched log stays wanted.
pub const IDLE: Duration = Duration::from_millis(400);
/// How many events an outbox takes.
pub const OUTBOX: u64 = 10;
pub const RING: RingLimits = RingLimits { bytes: 8 << 10, chunks: 50, hard_bytes: 64 << 10 };

/// Every port at once.
pub trait Fanout:
    LogPublisher
    + StatsPublisher
    + EventPublisher
    + Outbox
    + Causes
    + HostBoard
    + Interest
    + LogFeed
    + StatsFeed
    + EventFeed
    + Tickets
    + Seats
    + Revocations
{
}
impl<T> Fanout for T where
    T: LogPublisher
        + StatsPublisher
        + EventPublisher
        + Outbox
        + Causes
        + HostBoard
        + Interest
        + LogFeed
        + StatsFeed
        + EventFeed
        + Tickets
        + Seats
        + Revocations
{
}

/// A streamer and two replicas.
pub struct Stage {
    pub streamer: Arc<dyn Fanout>,
    pub replicas: [Arc<dyn Fanout>; 2],
    pub host: HostId,
    elections: Elections,
}

enum Elections {
    Memory(MemoryLease, MemoryLease),
    Redis(Redis, Box<[RedisLease; 2]>),
}

impl Stage {
    pub fn memory() -> Self {
        let options = MemoryOptions {
            ring: RING,
            logs_idle: IDLE,
            stats_idle: IDLE,
            outbox: OUTBOX,
            ..MemoryOptions::default()
        };
        let fanout: Arc<dyn Fanout> = Arc::new(MemoryFanout::new(options));
        Self {
            streamer: fanout.clone(),
            replicas: [fanout.clone(), fanout],
            host: host(),
            elections: Elections::Memory(MemoryLease::default(), MemoryLease::default()),
        }
    }

    pub async fn redis(address: &str, prefix: &str) -> Result<Self> {
        let connect = async || Redis::connect(&address.parse()?, Keys::new(prefix)).await.context("connect");
        let options = RedisOptions {
            ring: RING,
            logs_idle: IDLE,
            stats_idle: IDLE,
            outbox: OUTBOX,
            hold_for: Duration::from_millis(300),
            renew_every: Duration::from_millis(100),
            ..RedisOptions::default()
        };
        let fanout = async || -> Result<Arc<dyn Fanout>> {
            let fanout: Arc<dyn Fanout> = Arc::new(RedisFanout::new(connect().await?, options, hosts()));
            Ok(fanout)
        };
        let lease = async || -> Result<_> { Ok(RedisLease::new(connect().await?, Timing::default())) };
        Ok(Self {
            streamer: fanout().await?,
            replicas: [fanout().await?, fanout().await?],
            host: host(),
            elections: Elections::Redis(connect().await?, Box::new([lease().await?, lease().await?])),
        })
    }

    /// Wins the first term.
    pub async fn lead(&self) -> Result<Leadership> {
        let lease: &dyn Lease = match &self.elections {
            Elections::Memory(first, _) => first,
            Elections::Redis(_, leases) => &leases[0],
        };
        Ok(tokio::time::timeout(PATIENCE, lease.campaign(&self.host)).await??)
    }

    /// Wins a newer term while the older leader knows nothing of it.
    pub async fn usurp(&self) -> Result<Leadership> {
        match &self.elections {
            Elections::Memory(_, second) => {
                drop(second.campaign(&self.host).await?);
                Ok(second.campaign(&self.host).await?)
            }
            Elections::Redis(redis, leases) => {
                let deleted: i64 = redis.query(cmd("DEL").arg(lease_key(redis, &self.host))).await?;
                ensure!(deleted == 1, "there was no lease");
                Ok(tokio::time::timeout(PATIENCE, leases[1].campaign(&self.host)).await??)
            }
        }
    }
}

/// The hosts in use, which stay the same.
fn hosts() -> impl futures::Stream<Item = BTreeSet<HostId>> + Send + 'static {
    futures::stream::iter([BTreeSet::from([host()])])
}

fn host() -> HostId {
    "local".parse().expect("valid")
}

pub fn container(name: char) -> ContainerId {
    name.to_string().repeat(64).parse().expect("valid")
}

/// Makes batches of numbered lines.
pub struct Writer {
    epoch: Epoch,
    tracker: CursorTracker,
}

impl Writer {
    pub fn new(epoch: u64) -> Self {
        Self { epoch: Epoch(epoch), tracker: CursorTracker::new(true) }
    }

    pub fn batch(&mut self, lines: u64) -> LogBatch {
        let mut builder = BatchBuilder::new(self.epoch, self.tracker.last() + 1);
        for _ in 0..lines {
            let n = self.tracker.last() + 1;
            let ts = Timestamp(i64::try_from(n).expect("small") * 1_000);
            let chunk = Chunk { stream: Stream::Stdout, ts, bytes: Bytes::from(format!("line {n}\n")) };
            self.tracker.push(&chunk);
            builder.push(&chunk);
        }
        builder.finish(self.tracker.cursor().expect("lines")).expect("lines")
    }
}

/// A viewer: what it was shown, as epoch and number, and gaps as text.
pub struct Viewer {
    watch: LogWatch,
    position: ReadPosition,
    pub seen: Vec<String>,
}

impl Viewer {
    /// Waits until the log can be shown.
    pub async fn open(watch: LogWatch, at: StartAt) -> Result<Self> {
        let start = eventually(PATIENCE, async || watch.ring().start(at).context("still opening")).await?;
        Ok(Self { watch, position: start.position, seen: Vec::new() })
    }

    pub fn look(&mut self) -> Result<()> {
        loop {
            match self.watch.ring().read(&mut self.position) {
                Read::CaughtUp => return Ok(()),
                Read::Gap(mark) => self.seen.push(format!("gap {} at {}", mark.reason.as_str(), mark.from)),
                Read::Frame(frame) => {
                    let frame: serde_json::Value = serde_json::from_str(&frame)?;
                    let epoch = u64::from_str_radix(frame["epoch"].as_str().context("an epoch")?, 16)?;
                    for chunk in frame["chunks"].as_array().context("chunks")? {
                        let n = chunk["n"].as_u64().context("a number")?;
                        ensure!(chunk["d"] == format!("line {n}\n"), "{chunk}");
                        self.seen.push(format!("{epoch}:{n}"));
                    }
                }
            }
        }
    }

    /// Reads until it was shown this many things.
    pub async fn until(&mut self, count: usize) -> Result<&[String]> {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            let changed = self.watch.ring().changed();
            self.look()?;
            if self.seen.len() >= count {
                return Ok(&self.seen);
            }
            tokio::time::timeout_at(deadline, changed)
                .await
                .with_context(|| format!("only {} of {count}: {:?}", self.seen.len(), self.seen.last()))?;
        }
    }

    pub async fn until_state(&self, expected: &StreamState) -> Result<()> {
        eventually(PATIENCE, async || {
            let state = self.watch.ring().state();
            ensure!(state == *expected, "the state is {state:?}");
            Ok(())
        })
        .await
    }
}

/// `epoch:first` to `epoch:last`.
pub fn numbers(epoch: u64, range: std::ops::RangeInclusive<u64>) -> Vec<String> {
    range.map(|n| format!("{epoch}:{n}")).collect()
}
