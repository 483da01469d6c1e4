use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A recording of a terminal: who ran what where, and how it ended. What was shown is in its cast.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Recording {
    /// Its ID: the same that the terminal's `started` frame tells as `exec`, and the audit log as `recording`.
    pub id: String,
    /// Who was at the terminal.
    pub user: RecordedUser,
    /// The container's host.
    pub host: String,
    /// The container's ID.
    pub container: String,
    /// The container's name at that time.
    pub container_name: String,
    /// Whether it can be watched: the secret key under which it was sealed is the present one.
    pub readable: bool,
    /// The program and its arguments; null for a shell of the container's, and where `readable` is false.
    pub command: Option<Vec<String>>,
    /// As whom it ran; null for who the container runs as.
    pub run_as: Option<String>,
    /// Whether it had a terminal; without one its lines end without a carriage return.
    pub terminal: bool,
    /// The size at the begin: characters in a line.
    pub cols: u16,
    /// The size at the begin: lines.
    pub rows: u16,
    /// Whether what was typed is recorded, too.
    pub input: bool,
    /// What has become of it.
    pub state: RecordingState,
    /// Why it ended: `exited`, `client_left`, `revoked`, `shutdown`, `engine_lost`, `recording_failed` or
    /// `recording_full`.
    pub ended: Option<String>,
    /// The program's exit code, if it ended by itself.
    pub exit_code: Option<i64>,
    /// Whether it reached its size limit, and the program was ended for that.
    pub cut: bool,
    /// How large the cast is, its first line left out.
    pub bytes: u64,
    /// How long it is: the time of the last event, in seconds.
    pub seconds: f64,
    /// When it began; RFC 3339.
    pub started_at: String,
    /// When it ended; RFC 3339.
    pub finished_at: Option<String>,
}

/// What has become of a recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum RecordingState {
    /// It is being written.
    Recording,
    /// It is whole.
    Finished,
    /// Whoever wrote it died: it holds what was shown up to a second before.
    Unfinished,
}

/// Who was at a recorded terminal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RecordedUser {
    /// The account.
    pub id: String,
    /// Its name at that time.
    pub name: String,
}

/// A page of recordings, newest first.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RecordingPage {
    /// The recordings.
    pub items: Vec<Recording>,
    /// Send as `cursor` for older ones.
    pub next_cursor: Option<String>,
}
