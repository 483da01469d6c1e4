/// What a message is about, which decides the topic it is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Topic {
    /// What happened at engines, and to hosts.
    Events,
    /// Who did what.
    Audit,
    /// Samples of resource use.
    Stats,
    /// What a consumer could not use.
    DeadLetter,
}

impl Topic {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Events, Self::Audit, Self::Stats, Self::DeadLetter];

    /// The topic's name, by contract. A payload that older readers cannot read gets a new name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Events => "dockline.docker.events.v1",
            Self::Audit => "dockline.audit.v1",
            Self::Stats => "dockline.stats.v1",
            Self::DeadLetter => "dockline.dead-letter.v1",
        }
    }

    /// How many consumers can share the work at most. The audit log has one order, hence one partition.
    pub(crate) const fn partitions(self) -> i32 {
        match self {
            Self::Events | Self::Stats => 6,
            Self::Audit | Self::DeadLetter => 1,
        }
    }

    /// How long messages are kept, in hours. Samples are in the database by then or are of no use any more.
    pub(crate) const fn keep_hours(self) -> u64 {
        match self {
            Self::Events => 7 * 24,
            Self::Audit | Self::DeadLetter => 30 * 24,
            Self::Stats => 6,
        }
    }
}

/// The names of topics as they are in one installation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Topics {
    prefix: String,
}

impl Topics {
    /// Names behind a prefix, so that tests share a server.
    #[must_use]
    pub fn with_prefix(prefix: &str) -> Self {
        Self { prefix: prefix.to_owned() }
    }

    /// The name of a topic.
    #[must_use]
    pub fn name(&self, topic: Topic) -> String {
        format!("{}{}", self.prefix, topic.name())
    }

    /// Which topic a name stands for.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<Topic> {
        let name = name.strip_prefix(&self.prefix)?;
        Topic::ALL.into_iter().find(|topic| topic.name() == name)
    }

    /// The name of a group of consumers.
    #[must_use]
    pub fn group(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }
}
