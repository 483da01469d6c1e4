use dockline_docker::{Condition, Error, FoundSuccessor};
use dockline_domain::ContainerId;

use super::{super::site::Site, Swap};

/// Both as they are.
pub(super) struct Standing {
    pub(super) old: Option<Condition>,
    pub(super) new: Option<(ContainerId, Condition)>,
}

impl<S: Site> Swap<'_, S> {
    /// What there is, of what was begun by whomever.
    pub(super) async fn standing(&self) -> Result<Standing, Error> {
        let found = self.site.successors(&self.old).await?;
        let new = match found.into_iter().find(|one| one.job == self.job) {
            Some(FoundSuccessor { id, .. }) => {
                self.site.condition(&id).await?.map(|condition| (id, condition))
            }
            None => None,
        };
        Ok(Standing { old: self.site.condition(&self.old).await?, new })
    }
}
