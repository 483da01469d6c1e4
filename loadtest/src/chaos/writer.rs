//! A writer: numbered lines into a container's two streams, each noted down on disk before it is written.
//!
//! The container runs `cat` on two FIFOs. What it is given is kept here, not in the engine, so a line that the engine
//! or Dockline loses is missed.

use std::{
    fs::File,
    io::{Read, Seek, Write as _},
    path::Path,
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use dockline_testkit::{ContainerSpec, TestContainer, TestEngine, eventually};
use tokio::{
    io::AsyncWriteExt,
    net::unix::pipe::{OpenOptions, Sender},
    sync::oneshot,
    task::JoinHandle,
    time::{MissedTickBehavior, interval, timeout},
};

use super::lines;
use crate::feed::make_fifo;

/// The container opens its ends within this time.
const OPEN_DEADLINE: Duration = Duration::from_secs(20);
/// The engine takes what is written within this time, unless it has stopped reading.
const WRITE_DEADLINE: Duration = Duration::from_secs(20);

/// One of a container's streams.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stream {
    Stdout,
    Stderr,
}

impl Stream {
    pub(crate) const BOTH: [Self; 2] = [Self::Stdout, Self::Stderr];

    pub(crate) const fn index(self) -> usize {
        match self {
            Self::Stdout => 0,
            Self::Stderr => 1,
        }
    }
}

/// How a writer writes when it goes by itself.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pace {
    /// So many lines at once,
    pub(crate) lines: u64,
    /// with so much padding,
    pub(crate) padding: usize,
    /// this often.
    pub(crate) every: Duration,
}

impl Pace {
    /// A thousand short lines a second.
    pub(crate) const USUAL: Self = Self { lines: 10, padding: 0, every: Duration::from_millis(10) };
}

/// The writer and its container; the container is removed when this is dropped.
#[derive(Debug)]
pub(crate) struct Writer {
    pipes: [Sender; 2],
    record: File,
    /// Numbers given to the lines of each stream.
    given: [u64; 2],
    /// What is left to write of a line that was begun.
    open: Option<(Stream, Vec<u8>)>,
    container: TestContainer,
    _folder: tempfile::TempDir,
}

impl Writer {
    /// Starts a container that has printed nothing yet; `options` are added to its specification.
    pub(crate) async fn start(
        engine: &TestEngine,
        options: impl FnOnce(ContainerSpec) -> ContainerSpec,
    ) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("dockline-writer").tempdir()?;
        let fifos = Stream::BOTH.map(|stream| folder.path().join(stream.index().to_string()));
        for fifo in &fifos {
            make_fifo(fifo)?;
        }
        let record =
            File::options().read(true).append(true).create(true).open(folder.path().join("record"))?;
        let spec = ContainerSpec::script("cat /w/0 & cat /w/1 >&2 & wait")
            .option(format!("--volume={}:/w", folder.path().display()));
        let container = engine.run_container(&options(spec))?;
        let pipes = [open(&fifos[0]).await?, open(&fifos[1]).await?];
        Ok(Self { pipes, record, given: [0; 2], open: None, container, _folder: folder })
    }

    pub(crate) const fn container(&self) -> &TestContainer {
        &self.container
    }

    /// The number of the last line of a stream.
    pub(crate) const fn last(&self, stream: Stream) -> u64 {
        self.given[stream.index()]
    }

    /// Writes so many lines.
    pub(crate) async fn lines(&mut self, stream: Stream, count: u64, padding: usize) -> Result<()> {
        let numbers = self.note(stream, count)?;
        let text: Vec<u8> = numbers.flat_map(|number| lines::text(number, padding)).collect();
        self.put(stream, &text).await
    }

    /// Begins a line: the first `begin` bytes of one with so much padding.
    pub(crate) async fn begin_line(&mut self, stream: Stream, padding: usize, begin: usize) -> Result<()> {
        let number = self.note(stream, 1)?.start;
        let mut text = lines::text(number, padding);
        let rest = text.split_off(begin);
        self.open = Some((stream, rest));
        self.put(stream, &text).await
    }

    /// Ends the line that was begun.
    pub(crate) async fn end_line(&mut self) -> Result<()> {
        let (stream, rest) = self.open.take().context("no line was begun")?;
        self.put(stream, &rest).await
    }

    /// Goes on by itself, on standard output, until told to stop.
    pub(crate) fn go(mut self, pace: Pace) -> Going {
        let (stop, mut stopped) = oneshot::channel();
        let task = tokio::spawn(async move {
            let mut ticks = interval(pace.every);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
            while stopped.try_recv().is_err_and(|error| error == oneshot::error::TryRecvError::Empty) {
                ticks.tick().await;
                self.lines(Stream::Stdout, pace.lines, pace.padding).await?;
            }
            Ok(self)
        });
        Going { stop, task }
    }

    /// The numbers of the lines that were written, as noted down.
    pub(crate) fn record(&mut self) -> Result<[Vec<u64>; 2]> {
        let mut text = String::new();
        self.record.rewind()?;
        self.record.read_to_string(&mut text)?;
        let mut written = [Vec::new(), Vec::new()];
        for line in text.lines() {
            let (stream, number) = line.split_once(' ').context("a line of the record")?;
            let stream: usize = stream.parse()?;
            written.get_mut(stream).context("a stream of the record")?.push(number.parse()?);
        }
        Ok(written)
    }

    fn note(&mut self, stream: Stream, count: u64) -> Result<std::ops::Range<u64>> {
        let given = &mut self.given[stream.index()];
        let numbers = *given + 1..*given + 1 + count;
        *given += count;
        let note: String = numbers.clone().map(|number| format!("{} {number}\n", stream.index())).collect();
        tokio::task::block_in_place(|| {
            self.record.write_all(note.as_bytes())?;
            self.record.sync_data()
        })
        .context("note down what is written")?;
        Ok(numbers)
    }

    async fn put(&mut self, stream: Stream, text: &[u8]) -> Result<()> {
        let write = self.pipes[stream.index()].write_all(text);
        let written = timeout(WRITE_DEADLINE, write).await;
        written.context("the engine reads no more from the container")?.context("the container has ended")
    }
}

/// A writer that goes on by itself.
#[derive(Debug)]
pub(crate) struct Going {
    stop: oneshot::Sender<()>,
    task: JoinHandle<Result<Writer>>,
}

impl Going {
    /// Stops behind the line that is being written.
    pub(crate) async fn stop(self) -> Result<Writer> {
        // A task that has failed waits no more; its error is the answer.
        let _ended = self.stop.send(());
        self.task.await?
    }
}

async fn open(fifo: &Path) -> Result<Sender> {
    ensure!(fifo.exists(), "{} is not there", fifo.display());
    eventually(OPEN_DEADLINE, || async {
        OpenOptions::new().open_sender(fifo).context("the container has not opened its FIFO")
    })
    .await
}
