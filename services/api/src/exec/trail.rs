//! What the audit log gets of programs: who ran what where, when it began, and why it ended.

use std::time::Instant;

use dockline_contract::ws::CloseCode;
use dockline_docker::{Ended, ExecSpec};
use dockline_persistence::{AuditLog, Moment, NewEntry, Outcome, Pending};
use serde_json::{Map, Value, json};

use super::line::Outgoing;

/// A program in words for the audit log: its name and how many arguments it has.
///
/// Not the arguments: people write passwords there (`mysql -p…`), and this log can never forget. Nor would they tell what
/// was done: what is typed into a shell is in no argument.
pub(crate) fn described(spec: &ExecSpec) -> Map<String, Value> {
    let words = spec.command.as_ref().map_or(&[][..], |command| command.words());
    let mut detail = Map::new();
    detail.insert("program".to_owned(), words.first().map_or("shell", String::as_str).into());
    detail.insert("arguments".to_owned(), words.len().saturating_sub(1).into());
    detail.insert("terminal".to_owned(), spec.terminal.is_some().into());
    if let Some(user) = &spec.user {
        detail.insert("user".to_owned(), user.as_str().into());
    }
    detail
}

/// Why a program is not there any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Why {
    /// It ended by itself.
    Exited,
    /// Nobody was there any more.
    ClientLeft,
    /// The person lost the right.
    Revoked,
    /// This process ends.
    Shutdown,
    /// It took too long.
    TimedOut,
    /// Its engine does not answer any more.
    EngineLost,
    /// It was to be recorded, and that could not be written any more.
    RecordingFailed,
    /// Its recording came to its size limit.
    RecordingFull,
}

impl Why {
    /// What closes sockets ends programs as well.
    pub(crate) const fn of(code: CloseCode) -> Self {
        match code {
            CloseCode::Restart => Self::Shutdown,
            _ => Self::Revoked,
        }
    }

    /// What whoever is attached is told, if closing their socket does not say it.
    pub(super) fn told(self) -> Option<Outgoing> {
        let message = match self {
            Self::RecordingFailed => {
                "this terminal must be recorded, and its recording could not be written any more: the program was ended"
            }
            Self::RecordingFull => {
                "the recording of this terminal has reached its size limit: the program was ended; open another terminal"
            }
            _ => return None,
        };
        Some(Outgoing::Failed { code: self.as_str(), message: message.to_owned() })
    }

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Exited => "exited",
            Self::ClientLeft => "client_left",
            Self::Revoked => "revoked",
            Self::Shutdown => "shutdown",
            Self::TimedOut => "timed_out",
            Self::EngineLost => "engine_lost",
            Self::RecordingFailed => "recording_failed",
            Self::RecordingFull => "recording_full",
        }
    }
}

/// The trail of a program in the audit log: an entry for its begin, and one for its end.
#[derive(Debug)]
pub(crate) struct Trail {
    audit: AuditLog,
    entry: NewEntry,
    began: Instant,
}

impl Trail {
    /// Records that a program is about to be started. When this fails, it must not be.
    pub(crate) async fn begin(
        audit: AuditLog,
        entry: NewEntry,
    ) -> Result<(Self, Pending), dockline_persistence::Error> {
        let pending = audit.intend(entry.clone(), Moment::now()).await?;
        Ok((Self { audit, entry, began: Instant::now() }, pending))
    }

    /// Records whether it was.
    pub(crate) async fn started(&self, mut pending: Pending, failure: Option<&'static str>) {
        if let (Some(code), Some(Value::Object(detail))) = (failure, &mut pending.entry.detail) {
            detail.insert("code".to_owned(), code.into());
        }
        let outcome = if failure.is_none() { Outcome::Success } else { Outcome::Failure };
        told(self.audit.conclude(pending, outcome, Moment::now()).await);
    }

    /// Records its end. A program that may still run is a failure.
    pub(crate) async fn ended(self, why: Why, code: Option<i64>, ended: Ended) {
        let Self { audit, mut entry, began } = self;
        "container.exec.end".clone_into(&mut entry.action);
        if let Some(Value::Object(detail)) = &mut entry.detail {
            detail.insert("ended".to_owned(), why.as_str().into());
            detail.insert("seconds".to_owned(), began.elapsed().as_secs().into());
            if let Some(code) = code {
                detail.insert("exit_code".to_owned(), code.into());
            }
            if ended == Ended::Left {
                detail.insert("may_still_run".to_owned(), json!(true));
            }
        }
        let outcome = if ended == Ended::Left { Outcome::Failure } else { Outcome::Success };
        told(audit.record(entry, outcome, Moment::now()).await);
    }
}

fn told(written: Result<(), dockline_persistence::Error>) {
    if let Err(error) = written {
        tracing::error!(%error, "what became of a program could not be recorded in the audit log");
    }
}
