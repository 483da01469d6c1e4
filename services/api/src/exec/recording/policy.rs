use std::time::Duration;

/// Which terminals are recorded, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordingPolicy {
    /// Which.
    pub terminals: RecordedTerminals,
    /// Whether what is typed is recorded as well: passwords, too, which no terminal shows.
    pub input: bool,
    /// The most of one recording, in bytes. A terminal that comes to it is ended.
    pub limit: u64,
    /// How long a recording is kept.
    pub kept: Duration,
}

/// Whose terminals are recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordedTerminals {
    /// Nobody's.
    Off,
    /// Those in containers with the label `io.dockline.record=true`.
    Labelled,
    /// All.
    All,
}

impl RecordedTerminals {
    /// The setting's value.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Labelled => "labelled",
            Self::All => "all",
        }
    }
}

impl Default for RecordingPolicy {
    fn default() -> Self {
        Self {
            terminals: RecordedTerminals::Off,
            input: false,
            limit: 64 << 20,
            kept: Duration::from_secs(30 * 24 * 3600),
        }
    }
}
