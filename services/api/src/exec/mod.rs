//! Programs that people run in containers: behind a socket ([`Terminals`]), or as one request.
//!
//! A program behind a socket belongs to a session of this replica, not to the socket: a page that is loaded again finds it
//! where it was. The session ends with its program, and its program ends with the session: when nobody is there any more,
//! when the person loses the right, and when the replica ends. When the replica is killed, the program's guard in the
//! container ends it (`dockline_docker`).

mod access;
mod line;
mod recording;
mod scrollback;
mod session;
mod spec;
mod terminals;
mod trail;

pub(crate) use access::must_reach_no_host;
pub(crate) use line::{Attachment, Leaving, Outgoing, TYPED_AT_ONCE, Typed};
pub(crate) use recording::Recorder;
pub use recording::{RecordedTerminals, RecordingPolicy};
pub(crate) use spec::parse;
pub(crate) use terminals::{Opening, Terminals};
pub(crate) use trail::{Why, described};
