//! Payloads of the topics `dockline.docker.events.v1`, `dockline.audit.v1` and `dockline.stats.v1`: the JSON that a
//! CloudEvent carries as its data.
//!
//! Within a version fields are only added. What an older reader could not read gets a new version, in the type's name
//! (`….v2`) and in the schema's, on a topic of its own.

mod audit;
mod events;
mod stats;

pub use audit::AuditEntry;
pub use events::{DockerEvent, NotAnEvent};
pub use stats::{StatsSample, StatsSamples};

/// The begin of every type's name.
const PREFIX: &str = "io.dockline.";
/// The version of the payloads here.
const VERSION: &str = ".v1";

/// A payload as a CloudEvent names it.
pub trait Payload: serde::Serialize + serde::de::DeserializeOwned {
    /// The URN of its JSON Schema, which `/api/v1/schemas/` publishes under the type's own name.
    const SCHEMA: &'static str;
    /// What comes behind `io.dockline.` in the type's name, or begins it where the name says more.
    const FAMILY: &'static str;

    /// Whether a CloudEvent of this type carries such a payload.
    ///
    /// # Errors
    /// Why not, for people.
    fn check_type(kind: &str) -> Result<(), String> {
        let Some(name) = kind.strip_prefix(PREFIX).and_then(|rest| rest.strip_prefix(Self::FAMILY)) else {
            return Err(format!("the type {kind} is not known here"));
        };
        match name.rsplit_once(".v") {
            Some((_, "1")) => Ok(()),
            Some((_, version)) if version.parse::<u32>().is_ok() => {
                Err(format!("the type {kind} is of version {version}, this release reads version 1"))
            }
            _ => Err(format!("the type {kind} names no version")),
        }
    }
}
