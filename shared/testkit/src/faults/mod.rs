//! What goes wrong between programs: links that hold bytes back, lose them or break, and networks of their own whose
//! packets are dropped.

mod link;
mod network;
mod recent;
mod traffic;

pub use link::{Link, Server};
pub use network::{Network, Node};
pub use traffic::Way;
