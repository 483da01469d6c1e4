//! REST bodies. Times are RFC 3339 in UTC, sizes bytes.

mod audit;
mod containers;
mod error;
mod events;
mod hosts;
mod identity;
mod stats;

pub use audit::{AuditPage, AuditRecord};
pub use containers::{
    ContainerDetails, ContainerPage, ContainerSummary, EnvironmentVariable, Health, MountPoint,
    NetworkAttachment, PublishedPort, RenameContainer, RestartPolicy,
};
pub use error::{ErrorBody, FieldError};
pub use events::{EventPage, EventRecord};
pub use hosts::{
    CreateHost, HostList, HostOrigin, HostSecurity, HostSsh, HostState, HostStatus, HostTls, HostTrial,
    TryHost, UpdateHost,
};
pub use identity::{
    CreateUser, Login, Me, SessionUser, Setup, SetupStatus, SignedIn, Ticket, TicketRequest, UpdateUser,
    User, UserPage,
};
pub use stats::{StatsHistory, StatsPoint};
