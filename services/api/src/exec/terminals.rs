use std::{collections::HashMap, sync::Arc, time::Duration};

use dockline_docker::{Exec, ExecSpec};
use dockline_domain::{
    ContainerId, ExecId, UserId,
    access::{Grant, Principal},
    exec::TerminalSize,
};
use dockline_fanout::session::Seat;
use dockline_persistence::{AuditLog, NewEntry};
use parking_lot::Mutex;
use serde_json::Value;
use tokio::{
    runtime::Handle,
    sync::{mpsc, oneshot, watch},
    time::timeout,
};
use tokio_util::task::TaskTracker;

use super::{
    line::{Attachment, Outgoing, Typed},
    recording::{Recorder, Recording, Told, Wanted},
    session::{self, Inbox, Newcomer},
    trail::Trail,
};
use crate::{ApiError, rest::containers::Target, ws::Sockets};

/// Pieces that wait for a client.
const WAITING: usize = 8;
/// Parts of what is typed that wait for a program.
const TYPED: usize = 4;
/// How long programs may take to end when this process does.
const ENDS_WITHIN: Duration = Duration::from_secs(15);

/// The programs behind sockets of this replica, with and without somebody attached.
pub(crate) struct Terminals {
    live: Mutex<HashMap<ExecId, Terminal>>,
    /// Programs outlive sockets, and so the threads that serve them.
    runtime: Handle,
    sessions: TaskTracker,
    sockets: Arc<Sockets>,
    audit: AuditLog,
    recorder: Arc<Recorder>,
}

/// How a session is reached.
struct Terminal {
    owner: UserId,
    container: ContainerId,
    recorded: Told,
    newcomers: mpsc::Sender<Newcomer>,
    typed: mpsc::Sender<Typed>,
    size: watch::Sender<TerminalSize>,
}

/// A program that is to be started.
pub(crate) struct Opening {
    pub(crate) grant: Grant,
    pub(crate) target: Target,
    pub(crate) spec: ExecSpec,
    /// The audit log's entry for its begin.
    pub(crate) entry: NewEntry,
    /// Whether it is to be recorded.
    pub(crate) wanted: Option<Wanted>,
    /// Taken for as long as the session lives, also while nobody is attached.
    pub(crate) seat: Seat,
}

/// What is kept of a program.
struct Traces {
    trail: Trail,
    recording: Recording,
}

impl Terminals {
    /// None yet. To be called on the runtime that is to run them.
    pub(crate) fn new(sockets: Arc<Sockets>, audit: AuditLog, recorder: Arc<Recorder>) -> Arc<Self> {
        Arc::new(Self {
            live: Mutex::default(),
            runtime: Handle::current(),
            sessions: TaskTracker::new(),
            sockets,
            audit,
            recorder,
        })
    }

    /// Starts a program, also when whoever wants it does not wait: a program that is recorded as intended is started, or
    /// recorded as failed.
    pub(crate) async fn open(self: &Arc<Self>, opening: Opening) -> Result<ExecId, ApiError> {
        let opened = self.runtime.spawn(Arc::clone(self).start(opening)).await;
        opened.unwrap_or(Err(ApiError::Internal("the start of a program was broken off")))
    }

    async fn start(self: Arc<Self>, opening: Opening) -> Result<ExecId, ApiError> {
        let Opening { grant, target, spec, mut entry, wanted, seat } = opening;
        let id = ExecId::generate();
        if let (Some(_), Some(Value::Object(detail))) = (&wanted, &mut entry.detail) {
            detail.insert("recording".to_owned(), id.to_string().into());
        }
        let (trail, pending) = Trail::begin(self.audit.clone(), entry).await?;
        let started = self.begin(id, wanted, &grant, &target, &spec).await;
        trail.started(pending, started.as_ref().err().map(ApiError::code)).await;
        let (exec, recording) = started?;
        self.add(id, exec, grant.principal(), target, Traces { trail, recording }, seat);
        Ok(id)
    }

    /// Begins the recording, if one is wanted, and then the program.
    async fn begin(
        &self,
        id: ExecId,
        wanted: Option<Wanted>,
        grant: &Grant,
        target: &Target,
        spec: &ExecSpec,
    ) -> Result<(Exec, Recording), ApiError> {
        let recording = match wanted {
            Some(wanted) => self.recorder.begin(id, wanted, grant.principal(), target, spec).await?,
            None => Recording::none(),
        };
        let started = target.host.engine.exec(grant, &target.id, spec).await;
        if started.is_err() && recording.told().output {
            self.recorder.discard(id).await;
        }
        Ok((started.map_err(|error| target.failed(error))?, recording))
    }

    fn add(
        self: &Arc<Self>,
        id: ExecId,
        exec: Exec,
        principal: &Principal,
        target: Target,
        traces: Traces,
        seat: Seat,
    ) {
        let Traces { trail, recording } = traces;
        let (newcomers, to_come) = mpsc::channel(1);
        let (typed, to_type) = mpsc::channel(TYPED);
        let (size, to_resize) = watch::channel(TerminalSize::default());
        let inbox = Inbox { newcomers: to_come, typed: to_type, size: to_resize };
        let (owner, container, recorded) = (principal.user, target.id.clone(), recording.told());
        let terminal = Terminal { owner, container, recorded, newcomers, typed, size };
        self.live.lock().insert(id, terminal);
        let (this, control) = (Arc::clone(self), self.sockets.add(principal.clone(), None));
        let session = async move {
            session::run(exec, inbox, control, trail, recording, &target).await;
            this.live.lock().remove(&id);
            drop(seat);
        };
        self.sessions.spawn_on(session, &self.runtime);
    }

    /// Attaches to a program of one's own in this container; `None` when there is none here. Whoever was attached before
    /// is not any more.
    pub(crate) async fn attach(
        &self,
        id: ExecId,
        principal: &Principal,
        container: &ContainerId,
        keep: bool,
    ) -> Option<Attachment> {
        let (newcomers, typed, size, recorded) = {
            let live = self.live.lock();
            let known = live.get(&id);
            let own = known.filter(|one| one.owner == principal.user && one.container == *container)?;
            (own.newcomers.clone(), own.typed.clone(), own.size.clone(), own.recorded)
        };
        let (outgoing, to_take) = mpsc::channel::<Outgoing>(WAITING);
        let (left, leaves) = oneshot::channel();
        let (seen, to_see) = oneshot::channel();
        let control = self.sockets.add(principal.clone(), None);
        let newcomer = Newcomer { outgoing, left: leaves, keep, control, seen };
        newcomers.send(newcomer).await.ok()?;
        let seen = to_see.await.ok()?;
        Some(Attachment { seen, outgoing: to_take, typed, size, left, recorded })
    }

    /// Waits until all have ended. Each is told to by the end of the sockets.
    pub(crate) async fn ended(&self) {
        self.sessions.close();
        if timeout(ENDS_WITHIN, self.sessions.wait()).await.is_err() {
            tracing::warn!(programs = self.sessions.len(), "programs in containers did not end in time");
        }
    }
}

impl std::fmt::Debug for Terminals {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Terminals").field("live", &self.live.lock().len()).finish_non_exhaustive()
    }
}
