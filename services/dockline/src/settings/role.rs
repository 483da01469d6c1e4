use super::{Invalid, lookup::Lookup};

/// What a process is, which decides what it needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// Everything in one process.
    Standalone,
    /// A replica of a cluster.
    Api,
    /// A streamer of a cluster.
    Streamer,
    /// A consumer of a cluster.
    Consumer,
    /// A worker of a cluster.
    Worker,
    /// A command that ends by itself.
    Tool,
}

impl Role {
    /// Looks that what the role needs is set, and that nothing is set that would have no effect.
    pub(super) fn check(self, lookup: &Lookup) -> Result<(), Invalid> {
        match self {
            Self::Standalone => {
                for (key, what) in
                    [("redis_url", "Redis"), ("kafka_brokers", "Kafka"), ("hosts", "list of hosts")]
                {
                    if let Some(found) = lookup.find(key)? {
                        return Err(Invalid(format!(
                            "{} is set, but `dockline` without a command needs no {what}: unset it, or start `dockline api` and `dockline streamer`",
                            found.origin
                        )));
                    }
                }
                match lookup.find("database_url")? {
                    // The value may hold a password.
                    Some(found) if !found.value.starts_with("sqlite:") => Err(Invalid(format!(
                        "{}: standalone keeps its data in SQLite; write sqlite:///path/to/file",
                        found.origin
                    ))),
                    _ => Ok(()),
                }
            }
            Self::Api => {
                Self::needs_of_a_cluster(lookup)?;
                Self::needs_server(lookup)
            }
            Self::Streamer => Self::needs_of_a_cluster(lookup),
            // It has neither sessions nor secrets to open, and nothing to do with Redis.
            Self::Consumer => {
                Self::needs(lookup, "kafka_brokers", "kafka-1:9092,kafka-2:9092")?;
                Self::needs_server(lookup)
            }
            // It takes jobs from the database, and opens the hosts' credentials.
            Self::Worker => {
                Self::needs_key(lookup)?;
                Self::needs_server(lookup)
            }
            Self::Tool => Ok(()),
        }
    }

    fn needs_of_a_cluster(lookup: &Lookup) -> Result<(), Invalid> {
        Self::needs_key(lookup)?;
        Self::needs(lookup, "redis_url", "redis://host:6379")
    }

    fn needs_key(lookup: &Lookup) -> Result<(), Invalid> {
        Self::needs(lookup, "secret_key", "32 bytes in base64, the same for every process of the cluster")
    }

    fn needs_server(lookup: &Lookup) -> Result<(), Invalid> {
        Self::needs(lookup, "database_url", "postgres://user:password@host/database")?;
        match lookup.find("database_url")? {
            Some(found) if !is_server(&found.value) => Err(Invalid(format!(
                "{}: the processes of a cluster share a PostgreSQL database; write postgres://user:password@host/database",
                found.origin
            ))),
            _ => Ok(()),
        }
    }

    fn needs(lookup: &Lookup, key: &str, what: &str) -> Result<(), Invalid> {
        match lookup.find(key)? {
            Some(_) => Ok(()),
            None => Err(Invalid(format!("DOCKLINE_{} is not set: write {what}", key.to_uppercase()))),
        }
    }
}

/// Whether a database's address names a PostgreSQL server.
pub(super) fn is_server(address: &str) -> bool {
    address.starts_with("postgres://") || address.starts_with("postgresql://")
}
