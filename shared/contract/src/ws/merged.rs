use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Chunk;

/// What the server sends on `/ws/logs`: the frames of one log, each with the container that it is about, and who is in the
/// view.
///
/// Frames of one container are in its log's order. Those of several containers come in the order in which their lines
/// arrived here, each container in turn, so they are only nearly in the order of their times.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum MergedLogFrame {
    /// A container is in the view. Comes before everything else of it, and again when a field becomes known or changes.
    Part {
        /// Its full ID.
        container: String,
        /// The host that it is on.
        host: String,
        /// Its name, once it is known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<String>,
        /// The Compose project that it belongs to.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        project: Option<String>,
        /// The project's service that it belongs to.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        service: Option<String>,
        /// The container in whose place it came: it was recreated under the same name, or as the same number of the same service.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        replaces: Option<String>,
    },
    /// Before the container's first chunk.
    Start {
        /// The container's full ID.
        container: String,
        /// The numbering in force.
        epoch: String,
        /// Whether the container has a terminal (then there is no stderr).
        tty: bool,
        /// The oldest chunk that can still be had.
        oldest: u64,
        /// The number that the next new chunk will have.
        next: u64,
    },
    /// Output.
    Log {
        /// The container's full ID.
        container: String,
        /// The numbering of the chunks.
        epoch: String,
        /// The chunks, in order.
        chunks: Vec<Chunk>,
    },
    /// Chunks of the container are missing here.
    Gap {
        /// The container's full ID.
        container: String,
        /// The first number that is missing.
        from: u64,
        /// The last number that is missing; `from - 1` when what is missing never had numbers.
        to: u64,
        /// `rotated`, `unwatched`, `slow_viewer`, `engine_lost` or `state_lost`.
        reason: String,
        /// The numbering that `from` and `to` belong to.
        epoch: String,
    },
    /// The condition of the container's stream changed.
    State {
        /// The container's full ID.
        container: String,
        /// `live`, `delayed` or `ended`; one that ended goes on when the container starts again.
        state: String,
        /// Why.
        reason: String,
    },
    /// The container's log cannot be shown; its `end` follows. The others go on.
    Error {
        /// What was asked for: the full ID, or the prefix that names no single container.
        container: String,
        /// Stable.
        code: String,
        /// For people.
        message: String,
    },
    /// Nothing of this container comes any more.
    End {
        /// As in the frames before.
        container: String,
        /// `removed`, `failed`, `complete` with `follow=false`, or `host_left`: when its host is used again, it comes back with
        /// another `part`, and goes on where it was; or it turns out to be gone, and another `end` says `removed`.
        reason: String,
    },
    /// Whether the containers of a followed stack are known.
    Stack {
        /// `<host>/<project>`.
        stack: String,
        /// `live`, `delayed` while its engine does not answer, or `ended` when its host is not in use any more; one that ended
        /// goes on when its host is used again.
        state: String,
        /// Why.
        reason: String,
    },
    /// Every 15 seconds, since browsers do not show pings to programs.
    Heartbeat {},
}
