//! What handlers take from a request: parsed, so that inside the type is the proof.

mod body;
mod fields;
mod params;
mod who;

pub use body::{Body, LargeBody};
pub use fields::Fields;
pub(crate) use fields::filled;
pub use params::{Params, PathHost, PathId, PathName, Select};
pub use who::{Caller, Granted, SignedIn};
