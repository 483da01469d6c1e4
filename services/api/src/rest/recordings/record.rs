use dockline_contract::rest::{self, RecordedUser};
use dockline_persistence::{Moment, Recording, RecordingState};

use crate::exec::Recorder;

/// A recording as the API shows it.
pub(super) fn record(recorder: &Recorder, recording: Recording) -> rest::Recording {
    let command = recorder.command(recording.id, &recording.sealed_command);
    rest::Recording {
        id: recording.id.to_string(),
        user: RecordedUser { id: recording.user.to_string(), name: recording.username },
        host: recording.host,
        container: recording.container,
        container_name: recording.container_name,
        readable: command.is_ok(),
        command: command.unwrap_or_default(),
        run_as: recording.run_as,
        terminal: recording.terminal,
        cols: recording.size.0,
        rows: recording.size.1,
        input: recording.input,
        state: match recording.state {
            RecordingState::Recording => rest::RecordingState::Recording,
            RecordingState::Finished => rest::RecordingState::Finished,
            RecordingState::Unfinished => rest::RecordingState::Unfinished,
        },
        ended: recording.ended,
        exit_code: recording.exit_code,
        cut: recording.cut,
        bytes: recording.bytes,
        seconds: recording.length.as_secs_f64(),
        started_at: Moment(recording.started_at).to_string(),
        finished_at: recording.finished_at.map(|at| Moment(at).to_string()),
    }
}
