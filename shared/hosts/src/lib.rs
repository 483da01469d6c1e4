//! From stored Docker hosts to engines.
//!
//! A [`HostRecord`](dockline_domain::host::HostRecord) is data that travels: through the database, and sealed as it is
//! through the store that streamers read. An [`Opener`] has the key: it makes a record a
//! [`Host`](dockline_docker::Host) with an engine, and fills a directory from a whole
//! [`HostBook`](dockline_domain::host::HostBook). A record that cannot be opened is a host like any other, whose engine
//! answers everything with the reason ([`Unusable`]): one bad row hides no good one.

mod opener;
mod registries;
mod unusable;
mod watching;

pub use opener::Opener;
pub use registries::UnreadableRegistry;
pub use unusable::Unusable;
pub use watching::enabled_hosts;
