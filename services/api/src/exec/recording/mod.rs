//! Recordings of terminals, where a rule of the installation wants them.
//!
//! What goes through a session is noted on a [`Tape`], from which a task of its own writes sealed pieces into the database:
//! every second, so that a killed replica loses no more. A session whose recording cannot be begun is not begun, and one
//! whose recording cannot be written any more is ended: a rule that lapses when the database does would be none.

mod cast;
mod policy;
mod writer;

use std::{future::pending, sync::Arc, time::Duration};

use bytes::Bytes;
use dockline_auth::Sealer;
use dockline_docker::{ExecPiece, ExecSpec, RECORD_LABEL};
use dockline_domain::{ExecId, access::Principal, exec::TerminalSize};
use dockline_persistence::{NewRecording, Recordings};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use tokio::{
    sync::{mpsc, oneshot, watch},
    task::JoinHandle,
    time::{Instant, interval, timeout},
};
use tokio_util::sync::CancellationToken;

pub use self::policy::{RecordedTerminals, RecordingPolicy};
use self::{
    cast::Event,
    writer::{End, Noted, Writer},
};
use crate::{ApiError, exec::Why, rest::containers::Target};

/// Events that wait for the database.
const WAITING: usize = 64;
/// How long the end of a recording may take. A little more than its writer tries for.
const ENDS_WITHIN: Duration = Duration::from_secs(12);
/// How often it is looked for what is old.
const PRUNE_EVERY: Duration = Duration::from_secs(3600);

/// Records terminals, by the rules of the installation.
#[derive(Debug)]
pub(crate) struct Recorder {
    recordings: Recordings,
    sealer: Sealer,
    policy: RecordingPolicy,
}

/// A terminal that is to be recorded.
#[derive(Debug)]
pub(crate) struct Wanted {
    container_name: String,
}

/// What the person at a terminal is told of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Told {
    /// It is recorded.
    pub(crate) output: bool,
    /// What they type is recorded as well.
    pub(crate) input: bool,
}

impl Recorder {
    pub(crate) const fn new(recordings: Recordings, sealer: Sealer, policy: RecordingPolicy) -> Self {
        Self { recordings, sealer, policy }
    }

    /// Whether the rules want a terminal in this container recorded.
    pub(crate) async fn wanted(&self, target: &Target) -> Result<Option<Wanted>, ApiError> {
        if self.policy.terminals == RecordedTerminals::Off {
            return Ok(None);
        }
        let container = target.host.engine.inspect(&target.id).await.map_err(|error| target.failed(error))?;
        let wanted =
            self.policy.terminals == RecordedTerminals::All || container.is_labelled(RECORD_LABEL, "true");
        Ok(wanted.then(|| Wanted { container_name: container.name().to_owned() }))
    }

    /// Begins a recording.
    pub(super) async fn begin(
        &self,
        id: ExecId,
        wanted: Wanted,
        principal: &Principal,
        target: &Target,
        spec: &ExecSpec,
    ) -> Result<Recording, ApiError> {
        let words = json!(spec.command.as_ref().map(|command| command.words())).to_string();
        let size = spec.terminal.unwrap_or_default();
        let new = NewRecording {
            id,
            user: principal.user,
            username: principal.username.clone(),
            host: target.host.id.clone(),
            container: target.id.clone(),
            container_name: wanted.container_name,
            sealed_command: self.sealer.seal(&owner_of_command(id), &words.into()),
            run_as: spec.user.clone(),
            terminal: spec.terminal.is_some(),
            size: (size.cols, size.rows),
            input: self.policy.input,
        };
        self.recordings.begin(new).await.map_err(ApiError::RecordingUnavailable)?;
        let (events, noted) = mpsc::channel(WAITING);
        let (trouble, troubled) = watch::channel(None);
        let (ending, end) = oneshot::channel();
        let (recordings, sealer) = (self.recordings.clone(), self.sealer.clone());
        let writer = Writer { id, recordings, sealer, limit: self.policy.limit, noted, trouble, end };
        let tape = Tape { began: Instant::now(), input: self.policy.input, events: Some(events) };
        Ok(Recording {
            tape,
            running: Some(Running { troubled, ending, writer: tokio::spawn(writer.run()) }),
        })
    }

    /// Takes a recording back whose program could not be started.
    pub(super) async fn discard(&self, id: ExecId) {
        if let Err(error) = self.recordings.discard(id).await {
            tracing::warn!(%error, recording = %id, "an empty recording stays: it could not be taken back");
        }
    }

    /// The program and its arguments, none for a shell; `Err` when the secret key does not open them.
    pub(crate) fn command(&self, id: ExecId, sealed: &[u8]) -> Result<Option<Vec<String>>, ApiError> {
        let words = self.sealer.open(&owner_of_command(id), sealed);
        let words = words.map_err(|_| ApiError::RecordingUnreadable)?;
        serde_json::from_str(words.expose_secret()).map_err(|_| ApiError::RecordingUnreadable)
    }

    /// The lines of a piece; `Err` when the secret key does not open it.
    pub(crate) fn lines(&self, id: ExecId, number: u32, sealed: &[u8]) -> Result<SecretString, ApiError> {
        self.sealer.open(&owner_of_piece(id, number), sealed).map_err(|_| ApiError::RecordingUnreadable)
    }

    /// Removes what has been kept long enough, until `shutdown`.
    pub(crate) async fn keep_house(self: Arc<Self>, shutdown: &CancellationToken) {
        let mut ticks = interval(PRUNE_EVERY);
        let pruning = async {
            loop {
                ticks.tick().await;
                match self.recordings.prune(self.policy.kept).await {
                    Ok(0) => {}
                    Ok(removed) => tracing::info!(removed, "old recordings of terminals were removed"),
                    Err(error) => tracing::warn!(%error, "old recordings of terminals could not be removed"),
                }
            }
        };
        tokio::select! {
            () = pruning => {}
            () = shutdown.cancelled() => {}
        }
    }
}

/// A session's recording, or the place of one where none is wanted.
pub(super) struct Recording {
    tape: Tape,
    running: Option<Running>,
}

struct Running {
    troubled: watch::Receiver<Option<Why>>,
    ending: oneshot::Sender<End>,
    writer: JoinHandle<()>,
}

impl Recording {
    /// None is wanted.
    pub(super) fn none() -> Self {
        Self { tape: Tape { began: Instant::now(), input: false, events: None }, running: None }
    }

    pub(super) const fn told(&self) -> Told {
        Told { output: self.tape.events.is_some(), input: self.tape.events.is_some() && self.tape.input }
    }

    /// Where events are noted.
    pub(super) fn tape(&self) -> Tape {
        self.tape.clone()
    }

    /// Waits until the program must be ended because of its recording; says why.
    pub(super) async fn trouble(&mut self) -> Why {
        match &mut self.running {
            Some(running) => {
                let told = running.troubled.wait_for(Option::is_some).await;
                // A writer that says nothing more has panicked.
                told.ok().and_then(|why| *why).unwrap_or(Why::RecordingFailed)
            }
            None => pending().await,
        }
    }

    /// Ends it. All other tapes must be gone.
    pub(super) async fn finish(self, why: Why, exit_code: Option<i64>) {
        let Self { tape, running } = self;
        drop(tape);
        let Some(Running { ending, writer, .. }) = running else { return };
        // A writer that has panicked hears nothing, and its recording stays without an end.
        let _told = ending.send(End { why, exit_code });
        if timeout(ENDS_WITHIN, writer).await.is_err() {
            tracing::error!("a recording has no end: the database did not take it in time");
        }
    }
}

/// Takes down what happens at a terminal.
#[derive(Debug, Clone)]
pub(super) struct Tape {
    began: Instant,
    input: bool,
    events: Option<mpsc::Sender<Noted>>,
}

/// Room for one event.
pub(super) struct Room<'a> {
    began: Instant,
    permit: Option<mpsc::Permit<'a, Noted>>,
}

impl Tape {
    /// Waits for room for an event: until then, nothing must happen that is to be recorded. Waits for ever when nothing is
    /// written any more, which ends the session.
    pub(super) async fn room(&self) -> Room<'_> {
        let permit = match &self.events {
            None => None,
            Some(events) => match events.reserve().await {
                Ok(permit) => Some(permit),
                Err(_) => pending().await,
            },
        };
        Room { began: self.began, permit }
    }

    /// Takes down what somebody typed, if the rules want it. If not, it waits for room all the same: what it brings about
    /// is to be recorded.
    pub(super) async fn typed(&self, bytes: &Bytes) {
        let room = self.room().await;
        if self.input {
            room.note(|| Event::Typed(bytes.clone()));
        }
    }

    /// Takes down a new size.
    pub(super) async fn resized(&self, size: TerminalSize) {
        self.room().await.note(|| Event::Resized(size));
    }
}

impl Room<'_> {
    /// Takes down what the program printed.
    pub(super) fn printed(self, piece: &ExecPiece) {
        self.note(|| Event::Printed(piece.stream, piece.bytes.clone()));
    }

    fn note(self, event: impl FnOnce() -> Event) {
        if let Some(permit) = self.permit {
            permit.send((self.began.elapsed(), event()));
        }
    }
}

/// Whose a sealed piece is: it opens at its place in its recording only.
fn owner_of_piece(id: ExecId, number: u32) -> String {
    format!("recordings/{id}/{number}")
}

/// Whose a sealed command is.
fn owner_of_command(id: ExecId) -> String {
    format!("recordings/{id}/command")
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use futures::FutureExt;

    use super::*;

    #[tokio::test]
    async fn what_is_typed_waits_for_room_also_where_it_is_not_recorded() {
        let (events, mut noted) = mpsc::channel(1);
        let tape = Tape { began: Instant::now(), input: false, events: Some(events) };
        tape.resized(TerminalSize::default()).await;
        let bytes = Bytes::from_static(b"rm");
        let mut typed = pin!(tape.typed(&bytes));
        assert_eq!(typed.as_mut().now_or_never(), None);
        assert!(noted.recv().await.is_some());
        typed.await;
        assert!(noted.try_recv().is_err(), "it is not recorded");
    }
}
