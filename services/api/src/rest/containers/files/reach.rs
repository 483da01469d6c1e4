//! Files in containers that reach their host: what is written there is written on the host, or is run there.

use dockline_domain::{
    ContainerPath,
    access::{Grant, Permission},
    host_access::{HostFiles, HostMount, HostSettings},
};

use super::{super::resolve::Target, settle::real_path};
use crate::{ApiError, exec::must_reach_no_host};

/// What is done with what is at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    /// It is read, with what is below it. Of the host's files only those count by which it can be taken over or its
    /// secrets read.
    Read,
    /// It is written.
    Write,
    /// It is removed, with what is below it. It is at its real place already: a link at its end is not followed.
    Remove,
    /// Anything below it may be written. Links that are there may lead anywhere in the container.
    Unpack,
}

/// Refuses what reaches the host to those who may not.
pub(super) async fn require_reach(
    target: &Target,
    grant: &Grant,
    path: &ContainerPath,
    wanted: Use,
) -> Result<(), ApiError> {
    if grant.also(Permission::HostEscape) {
        return Ok(());
    }
    // Who may change a program that such a container runs need not run one of their own in it.
    if wanted != Use::Read {
        must_reach_no_host(grant, target).await?;
    }
    let mounts = target.host.engine.host_mounts(&target.id).await.map_err(|error| target.failed(error))?;
    if mounts.is_empty() {
        return Ok(());
    }
    let real = if wanted == Use::Remove { path.clone() } else { real_path(target, path).await? };
    let mut touched = Vec::new();
    for mount in mounts {
        let at = real_path(target, &mount.target).await?;
        let touches = match wanted {
            Use::Read | Use::Remove => real.is_within(&at) || at.is_within(&real),
            Use::Write => real.is_within(&at),
            Use::Unpack => true,
        };
        if touches {
            touched.push(HostMount { path: mount.source, read_only: mount.read_only });
        }
    }
    let files = if wanted == Use::Read { HostFiles::Sensitive } else { HostFiles::All };
    let ways = HostSettings { mounts: touched, ..HostSettings::default() }.host_access(files);
    if ways.is_empty() {
        return Ok(());
    }
    Err(ApiError::HostEscape(ways.iter().map(ToString::to_string).collect()))
}
