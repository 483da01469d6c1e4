use dockline_docker::{Error, Host, Missing};
use dockline_domain::{HostId, ImageId, ImageRef};

use crate::{ApiError, App, gate::Note, rest::one_host::enabled};

/// One image of one host.
pub(super) struct Target {
    pub(super) host: Host,
    pub(super) id: ImageId,
}

impl Target {
    /// Names the host in an error of its engine.
    pub(super) fn failed(&self, error: Error) -> ApiError {
        ApiError::Docker { host: self.host.id.clone(), error }
    }
}

/// The image that a reference names.
pub(super) async fn resolve(app: &App, host: &HostId, reference: &ImageRef) -> Result<Target, ApiError> {
    let host = enabled(app, host).await?;
    let failed = |error| ApiError::Docker { host: host.id.clone(), error };
    let mut found = host.engine.find_image(reference).await.map_err(failed)?;
    match (found.pop(), found.is_empty()) {
        (Some(id), true) => Ok(Target { host, id }),
        (Some(_), false) => {
            let message = "several images of this host have this prefix; use the whole ID".to_owned();
            Err(failed(Error::Conflict { message }))
        }
        (None, _) => {
            let message = "there is no such image on this host; it may have been removed".to_owned();
            Err(failed(Error::Missing { what: Missing::Image, message }))
        }
    }
}

/// Resolves an image that is about to be changed, and names it in the audit log.
pub(super) async fn found(
    app: &App,
    host: &HostId,
    reference: &ImageRef,
    note: &Note,
) -> Result<Target, ApiError> {
    let target = resolve(app, host, reference).await?;
    note.target(format!("hosts/{}/images/{}", target.host.id, target.id));
    Ok(target)
}
