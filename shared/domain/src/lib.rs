//! Dockline's rules, as pure functions and types: no I/O, no async, no clock.
//!
//! Everything that decides *whether* something may happen or *what* a number means lives here, so
//! that it can be tested without a server: identifiers parsed at the edge ([`ids`]), who may do what
//! ([`access`]), positions in a container's log ([`log`]), the formulas behind the stats charts
//! ([`stats`]) and the identity of an engine event ([`event`]).

pub mod access;
pub mod container_path;
pub mod event;
pub mod exec;
pub mod host;
pub mod host_access;
pub mod ids;
pub mod image_id;
pub mod image_reference;
pub mod log;
pub mod network;
pub mod registry;
pub mod stack;
pub mod stats;
pub mod timestamp;
pub mod volume;
mod wanted_image;

pub use container_path::ContainerPath;
pub use ids::{
    ContainerId, ContainerName, ContainerRef, ContainerUser, ExecId, HostId, JobId, ScheduleId, SessionId,
    UserId, Username,
};
pub use image_id::{ImageId, ImageRef};
pub use image_reference::ImageReference;
pub use network::{NetworkId, NetworkName, NetworkRef};
pub use registry::{RegistryAddress, RegistryId};
pub use stack::{StackName, VariableName};
pub use timestamp::Timestamp;
pub use volume::{VolumeName, VolumeOptions};
pub use wanted_image::WantedImage;
