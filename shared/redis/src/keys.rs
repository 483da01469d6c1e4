use dockline_domain::HostId;

/// Names of keys and channels. Everything of one Docker host has the host as its hash tag, so that a script
/// over several of them runs in a cluster too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keys {
    prefix: String,
}

impl Default for Keys {
    fn default() -> Self {
        Self::new("dockline")
    }
}

impl Keys {
    /// Names that begin with `prefix`.
    #[must_use]
    pub fn new(prefix: &str) -> Self {
        Self { prefix: prefix.to_owned() }
    }

    /// Something of a host.
    #[must_use]
    pub fn of_host(&self, host: &HostId, name: &str) -> String {
        format!("{}:{{{host}}}:{name}", self.prefix)
    }

    /// Something of the whole installation, in a slot of its own.
    #[must_use]
    pub fn of_all(&self, name: &str) -> String {
        format!("{}:{{{name}}}", self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_belongs_to_a_host_shares_its_hash_tag() {
        let host: HostId = "edge-1".parse().expect("valid");
        let keys = Keys::default();
        assert_eq!(keys.of_host(&host, "lease"), "dockline:{edge-1}:lease");
        assert_eq!(keys.of_all("streamers"), "dockline:{streamers}");
    }
}
