//! What is done to the cluster, by name, and what must hold all the same.

use std::time::Duration;

use clap::ValueEnum;

/// A fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Fault {
    /// None: how long pauses are without one.
    Nothing,
    /// The leader dies.
    KillLeader,
    /// The leader is told to end.
    EndLeader,
    /// The leader stands still for 10 s with writes on their way, which arrive when another leads.
    PauseLeader,
    /// Nothing passes between the leader and Redis.
    CutRedis,
    /// Nothing passes from the leader to Redis.
    CutRedisUp,
    /// Nothing passes from Redis to the leader.
    CutRedisDown,
    /// Nothing passes between the leader and the engine.
    CutEngine,
    /// Nothing passes from the engine to the leader: a connection that is half open.
    HalfOpenEngine,
    /// Redis dies and comes back without what was not synced to its file.
    KillRedis,
    /// Redis stands still: nobody can renew.
    PauseRedis,
    /// A replica that lacks the last writes takes the place of Redis.
    FailoverRedis,
    /// Redis forgets everything.
    FlushRedis,
    /// Redis forgets everything and the leader dies.
    FlushRedisAndKillLeader,
    /// The subscriptions are cut.
    CutSubscriptions,
    /// The last message does not arrive, and none follows it.
    LoseLastMessage,
    /// An engine ends and starts again.
    RestartEngine,
    /// A container ends and is started again, over and over.
    RestartLoop,
    /// A log rotates under load, one file of 1 MB.
    RotateOneFile,
    /// The same, two files.
    RotateTwoFiles,
    /// The same, five files.
    RotateFiveFiles,
    /// A tenth of a thousand viewers stops reading.
    StalledViewers,
    /// More happens at an engine than it remembers, while nobody listens.
    MissedEvents,
    /// Nobody watches for longer than a log stays open.
    Idle,
    /// Thousands of viewers come back at once.
    Reconnects,
}

/// What viewers may be told of lines that they do not get.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Markers {
    /// Nothing: every line must come.
    None,
    /// That they are missing.
    Allowed,
}

impl Fault {
    /// The number of its kind in the report; 0 for none.
    pub(crate) const fn run(self) -> u32 {
        match self {
            Self::Nothing => 0,
            Self::KillLeader | Self::EndLeader => 1,
            Self::PauseLeader => 2,
            Self::CutRedis | Self::CutRedisUp | Self::CutRedisDown => 3,
            Self::CutEngine | Self::HalfOpenEngine => 4,
            Self::KillRedis | Self::PauseRedis => 5,
            Self::FailoverRedis => 6,
            Self::FlushRedis | Self::FlushRedisAndKillLeader => 7,
            Self::CutSubscriptions | Self::LoseLastMessage => 8,
            Self::RestartEngine | Self::RestartLoop => 9,
            Self::RotateOneFile | Self::RotateTwoFiles | Self::RotateFiveFiles => 10,
            Self::StalledViewers => 13,
            Self::MissedEvents => 15,
            Self::Idle => 16,
            Self::Reconnects => 18,
        }
    }

    /// Whether a marker may stand for lines.
    pub(crate) const fn markers(self) -> Markers {
        match self {
            Self::FlushRedis
            | Self::FlushRedisAndKillLeader
            | Self::RotateOneFile
            | Self::RotateTwoFiles
            | Self::RotateFiveFiles => Markers::Allowed,
            _ => Markers::None,
        }
    }

    /// For how long a viewer may get nothing, on a machine that does nothing else.
    pub(crate) const fn longest_pause(self) -> Option<Duration> {
        match self {
            Self::Nothing | Self::EndLeader => Some(Duration::from_millis(500)),
            Self::KillLeader | Self::PauseLeader | Self::CutRedis | Self::CutRedisUp => {
                Some(Duration::from_secs(2))
            }
            // Renewals arrive, and only their answers do not: the lease lives on until the leader has stopped.
            Self::CutRedisDown | Self::FailoverRedis => Some(Duration::from_secs(3)),
            Self::CutSubscriptions => Some(Duration::from_secs(2)),
            _ => None,
        }
    }

    /// Whether writes of a leader whose term is over must have been attempted, and refused.
    pub(crate) const fn must_refuse(self) -> bool {
        matches!(self, Self::PauseLeader)
    }

    /// As on the command line.
    pub(crate) fn name(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_injected_in_the_order_of_the_runs() {
        let runs: Vec<u32> = Fault::value_variants().iter().map(|fault| fault.run()).collect();
        assert!(runs.is_sorted(), "{runs:?}");
    }
}
