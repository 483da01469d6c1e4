//! Writes one recording.

use std::{future::Future, time::Duration};

use dockline_auth::Sealer;
use dockline_domain::ExecId;
use dockline_persistence::{Error, Extent, RecordingEnd, Recordings};
use tokio::{
    sync::{mpsc, oneshot, watch},
    time::{Instant, sleep, sleep_until, timeout_at},
};

use super::{
    cast::{Cast, Event},
    owner_of_piece,
};
use crate::exec::Why;

/// A piece is written when there is so much, in bytes.
const PIECE: usize = 64 * 1024;
/// A piece is written when its first line is so old: a replica that is killed loses no more than that.
const AGE: Duration = Duration::from_secs(1);
/// How often a writer that has nothing to write says that it is there.
const ALIVE_EVERY: Duration = Duration::from_secs(5);
/// For how long a piece that cannot be written is tried again. The program waits meanwhile, once a little is buffered.
const PATIENCE: Duration = Duration::from_secs(10);
/// Between two attempts.
const AGAIN: Duration = Duration::from_millis(250);

/// An event and its time.
pub(super) type Noted = (Duration, Event);

/// How a program ended.
#[derive(Debug, Clone, Copy)]
pub(super) struct End {
    pub(super) why: Why,
    pub(super) exit_code: Option<i64>,
}

/// What a writer works with.
pub(super) struct Writer {
    pub(super) id: ExecId,
    pub(super) recordings: Recordings,
    pub(super) sealer: Sealer,
    /// The most of one recording, in bytes.
    pub(super) limit: u64,
    pub(super) noted: mpsc::Receiver<Noted>,
    /// Gets why the program must end.
    pub(super) trouble: watch::Sender<Option<Why>>,
    /// How it has ended.
    pub(super) end: oneshot::Receiver<End>,
}

impl Writer {
    /// Writes to the end.
    pub(super) async fn run(self) {
        let Self { id, recordings, sealer, limit, mut noted, trouble, end } = self;
        let mut pieces = Pieces {
            id,
            recordings,
            sealer,
            cast: Cast::default(),
            number: 0,
            bytes: 0,
            open: None,
            sealed: None,
        };
        let over = pieces.write(&mut noted, limit).await;
        if let Err(why) = over {
            trouble.send_replace(Some(why));
        }
        // Nobody gets room any more. What had it was shown, and is a part of the recording.
        noted.close();
        while let Some((at, event)) = noted.recv().await {
            pieces.cast.add(at, &event);
        }
        // A session that is gone without a word was broken off: what there is of it stays, without an end.
        let Ok(end) = end.await else { return };
        if let Err(error) = pieces.finish(end, over == Err(Why::RecordingFull)).await {
            tracing::error!(%error, recording = %id, "a recording has no end: it could not be written");
        }
    }
}

struct Pieces {
    id: ExecId,
    recordings: Recordings,
    sealer: Sealer,
    cast: Cast,
    /// The next piece's.
    number: u32,
    /// Written so far.
    bytes: u64,
    /// Since when a line waits.
    open: Option<Instant>,
    /// A piece that is not known to be written.
    sealed: Option<(Vec<u8>, Extent)>,
}

impl Pieces {
    /// Writes until nobody has anything more to note. Fails when the program must end.
    async fn write(&mut self, noted: &mut mpsc::Receiver<Noted>, limit: u64) -> Result<(), Why> {
        let mut alive = Instant::now() + ALIVE_EVERY;
        loop {
            let due = self.open.map_or(alive, |open| open + AGE);
            tokio::select! {
                event = noted.recv() => match event {
                    None => return Ok(()),
                    Some((at, event)) => {
                        self.cast.add(at, &event);
                        if self.cast.waiting() > 0 {
                            self.open.get_or_insert_with(Instant::now);
                        }
                        if self.bytes + self.cast.waiting() as u64 >= limit {
                            return Err(Why::RecordingFull);
                        }
                        if self.cast.waiting() < PIECE {
                            continue;
                        }
                    }
                },
                () = sleep_until(due) => {}
            }
            let written = if self.open.is_some() { self.flush().await } else { self.say_alive().await };
            if let Err(error) = written {
                tracing::error!(%error, recording = %self.id, "a terminal is ended: its recording cannot be written");
                return Err(Why::RecordingFailed);
            }
            alive = Instant::now() + ALIVE_EVERY;
        }
    }

    async fn flush(&mut self) -> Result<(), Error> {
        let (sealed, extent) = self.sealed.get_or_insert_with(|| {
            let lines = self.cast.take();
            let extent = Extent { bytes: self.bytes + lines.len() as u64, length: self.cast.length() };
            (self.sealer.seal(&owner_of_piece(self.id, self.number), &lines.into()), extent)
        });
        insist(|| self.recordings.append(self.id, self.number, sealed.clone(), *extent)).await?;
        (self.number, self.bytes) = (self.number + 1, extent.bytes);
        (self.open, self.sealed) = (None, None);
        Ok(())
    }

    async fn say_alive(&self) -> Result<(), Error> {
        insist(|| self.recordings.still_alive(self.id)).await
    }

    async fn finish(mut self, end: End, cut: bool) -> Result<(), Error> {
        self.cast.end();
        // First what could not be written before, if there is such a piece.
        while self.sealed.is_some() || self.cast.waiting() > 0 {
            self.flush().await?;
        }
        let end = RecordingEnd { ended: end.why.as_str(), exit_code: end.exit_code, cut };
        insist(|| self.recordings.finish(self.id, end.clone())).await
    }
}

/// Tries for a while what another attempt may bring about.
async fn insist<F>(attempt: impl Fn() -> F) -> Result<(), Error>
where
    F: Future<Output = Result<(), Error>>,
{
    let until = Instant::now() + PATIENCE;
    loop {
        match timeout_at(until, attempt()).await {
            Ok(Err(error)) if error.is_temporary() && Instant::now() + AGAIN < until => sleep(AGAIN).await,
            Ok(done) => return done,
            Err(_) => return Err(Error::Busy { operation: "write a recording" }),
        }
    }
}
