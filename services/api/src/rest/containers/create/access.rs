use dockline_docker::{Error, Host, NewContainer, host_access};
use dockline_domain::{
    ContainerRef,
    access::{Grant, Permission},
    host_access::{HostFiles, HostMount},
    volume::VolumeAccess,
};

use crate::ApiError;

/// Everything by which a container would reach its host, in words.
pub(super) async fn reasons(host: &Host, new: &NewContainer) -> Result<Vec<String>, ApiError> {
    let failed = |error| ApiError::Docker { host: host.id.clone(), error };
    let (mut settings, mut reasons) = (new.host_settings(), Vec::new());
    for (volume, read_only) in new.volumes() {
        match host.engine.volume_reach(volume).await.map_err(failed)? {
            Some(VolumeAccess::HostPath(path)) => settings.mounts.push(HostMount { path, read_only }),
            Some(fetched @ VolumeAccess::Mount(_)) => reasons.push(fetched.to_string()),
            None => {}
        }
    }
    reasons.extend(settings.host_access(HostFiles::All).iter().map(ToString::to_string));
    for other in settings.shares_with() {
        let reference: ContainerRef = other.parse().map_err(ApiError::InvalidId)?;
        let found = host.engine.find(&reference).await.map_err(failed)?;
        let [id] = found.as_slice() else {
            return Err(failed(Error::Invalid {
                message: format!(
                    "the container {other}, whose namespace it would share, is not on this host"
                ),
            }));
        };
        let ways = host_access(&*host.engine, id).await.map_err(failed)?;
        reasons.extend(ways.iter().map(|way| format!("it shares a namespace of {}: {way}", id.short())));
    }
    Ok(reasons)
}

/// Whoever may not reach hosts is told every reason why this does.
pub(super) fn require_escape(grant: &Grant, reasons: Vec<String>) -> Result<(), ApiError> {
    if grant.also(Permission::HostEscape) { Ok(()) } else { Err(ApiError::HostEscape(reasons)) }
}
