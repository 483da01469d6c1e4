//! How each fault is injected, and what does not mend itself is mended.

mod leader;
mod network;
mod redis;

use anyhow::{Result, bail};
use rand::rngs::StdRng;

use super::{fault::Fault, record::Witness, scene::Scene, trial::Trial};

/// Injects one that happens under way. The trial says what was seen while it lasted, and nothing of lines yet.
pub(crate) async fn inject(
    scene: &mut Scene,
    engine: usize,
    fault: Fault,
    witnesses: &[Witness],
    random: &mut StdRng,
) -> Result<Trial> {
    use dockline_testkit::Way::{Down, Up};
    match fault {
        Fault::Nothing => Ok(Trial::default()),
        Fault::KillLeader => leader::kill(scene, engine).await,
        Fault::EndLeader => leader::end(scene, engine).await,
        Fault::PauseLeader => leader::pause(scene, engine).await,
        Fault::CutRedis => network::cut_redis(scene, engine, None).await,
        Fault::CutRedisUp => network::cut_redis(scene, engine, Some(Up)).await,
        Fault::CutRedisDown => network::cut_redis(scene, engine, Some(Down)).await,
        Fault::CutEngine => network::cut_engine(scene, engine, None, witnesses).await,
        Fault::HalfOpenEngine => network::cut_engine(scene, engine, Some(Down), witnesses).await,
        Fault::KillRedis => redis::kill(scene, random).await,
        Fault::PauseRedis => redis::pause(scene).await,
        Fault::FailoverRedis => redis::fail_over(scene, random).await,
        Fault::FlushRedis => redis::flush(scene).await,
        Fault::FlushRedisAndKillLeader => {
            redis::flush(scene).await?;
            leader::kill(scene, engine).await
        }
        Fault::CutSubscriptions => redis::cut_subscriptions(scene).await,
        Fault::LoseLastMessage
        | Fault::RestartEngine
        | Fault::RestartLoop
        | Fault::RotateOneFile
        | Fault::RotateTwoFiles
        | Fault::RotateFiveFiles
        | Fault::StalledViewers
        | Fault::MissedEvents
        | Fault::Idle
        | Fault::Reconnects => bail!("{} has a trial of its own", fault.name()),
    }
}
