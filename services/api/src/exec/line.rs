//! What goes between a session and whoever is attached to it.

use bytes::Bytes;
use dockline_docker::ExecPiece;
use dockline_domain::exec::TerminalSize;
use tokio::sync::{mpsc, oneshot, watch};

use super::recording::Told;

/// The most that is typed into a session at once, in bytes: a large paste goes in parts.
pub(crate) const TYPED_AT_ONCE: usize = 64 * 1024;

/// What somebody sends to a program.
#[derive(Debug)]
pub(crate) enum Typed {
    /// Bytes to read.
    Bytes(Bytes),
    /// The end of what it reads.
    End,
}

/// What a session sends to whoever is attached.
#[derive(Debug)]
pub(crate) enum Outgoing {
    /// The program printed something.
    Piece(ExecPiece),
    /// The program has ended, with this code. Nothing follows.
    Exit(i64),
    /// What it prints, or its end, cannot be had any more. Nothing follows.
    Failed {
        /// Stable.
        code: &'static str,
        /// For people.
        message: String,
    },
}

/// How somebody left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Leaving {
    /// They are done: the program is to end.
    Done,
    /// Their page is loaded again, or left: they may come back.
    Away,
}

/// Somebody's end of the line. Who drops it without a word in `left` was lost.
#[derive(Debug)]
pub(crate) struct Attachment {
    /// What was printed before, to be shown first.
    pub(crate) seen: Vec<ExecPiece>,
    /// What is printed now. Ends without an end of the program when somebody else attaches.
    pub(crate) outgoing: mpsc::Receiver<Outgoing>,
    /// What is typed; waits when the program does not read.
    pub(crate) typed: mpsc::Sender<Typed>,
    /// The terminal's size.
    pub(crate) size: watch::Sender<TerminalSize>,
    /// How they leave.
    pub(crate) left: oneshot::Sender<Leaving>,
    /// Whether they are recorded.
    pub(crate) recorded: Told,
}
