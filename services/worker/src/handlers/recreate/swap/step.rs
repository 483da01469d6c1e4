use dockline_docker::Error;
use dockline_domain::ContainerId;

use super::{super::site::Site, Names, Swap, going::Going, standing::Standing};

/// What is done to one of the two containers at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    Create,
    StopOld,
    ParkOld,
    NameNew(ContainerId),
    StartNew(ContainerId),
    Watch(ContainerId),
    RemoveOld(ContainerId),
    StopNew(ContainerId),
    UnnameNew(ContainerId),
    UnparkOld,
    StartOld,
    RemoveNew(ContainerId),
    /// There is nothing left to be done.
    Done,
}

impl Step {
    /// What it is when it did not work, for people.
    pub(super) const fn words(&self) -> &'static str {
        match self {
            Self::Create => "the new container could not be made",
            Self::StopOld => "the old container could not be stopped",
            Self::ParkOld | Self::NameNew(_) => "the name could not be handed over",
            Self::StartNew(_) => "the new container could not be started",
            Self::Watch(_) => "the new container could not be watched",
            Self::RemoveOld(_) => "the old container could not be removed",
            Self::StopNew(_) => "the new container could not be stopped",
            Self::UnnameNew(_) | Self::UnparkOld => "the name could not be given back",
            Self::StartOld => "the old container could not be started again",
            Self::RemoveNew(_) => "the new container could not be removed",
            Self::Done => "",
        }
    }
}

impl<S: Site> Swap<'_, S> {
    /// Takes a step.
    pub(super) async fn take(
        &self,
        step: &Step,
        standing: &Standing,
        going: &mut Going,
    ) -> Result<(), Error> {
        let say = |id: &str, text: &str| {
            self.progress.send_modify(|progress| {
                progress.say(text);
                progress.step(id, text, None);
            })
        };
        let Names { own, temporary, parked } = &self.names;
        match step {
            Step::Create => {
                say("create", "making the new container");
                match self.site.create().await {
                    Err(taken @ Error::Conflict { .. }) => {
                        // By one that this job asked for before and that came late, perhaps: it is found then.
                        self.standing().await?.new.map(drop).ok_or(taken)
                    }
                    made => {
                        going.begun |= made.is_ok();
                        made.map(drop)
                    }
                }
            }
            Step::StopOld => {
                say("stop", "stopping the old container");
                self.site.stop(&self.old).await
            }
            Step::ParkOld => self.site.rename(&self.old, parked).await,
            Step::NameNew(new) => self.site.rename(new, own).await,
            Step::StartNew(new) => {
                say("start", "starting the new container");
                self.site.start(new).await?;
                going.started = true;
                Ok(())
            }
            Step::Watch(_) => {
                say("health", "watching the new container");
                going.watch(standing, self.pace).await;
                Ok(())
            }
            Step::RemoveOld(_) => {
                say("remove", "removing the old container");
                self.site.remove(&self.old, false).await
            }
            Step::StopNew(new) => {
                say("undo", "taking back what was done");
                going.note(&self.site.last_words(new).await);
                going.started = false;
                self.site.stop(new).await
            }
            Step::UnnameNew(new) => self.site.rename(new, temporary).await,
            Step::UnparkOld => self.site.rename(&self.old, own).await,
            Step::StartOld => {
                say("undo", "starting the old container again");
                self.site.start(&self.old).await
            }
            Step::RemoveNew(new) => {
                going.note(&self.site.last_words(new).await);
                self.site.remove(new, true).await
            }
            Step::Done => Ok(()),
        }
    }
}
