use dockline_contract::rest::FileKind;
use dockline_docker::{Error, FileStat};
use dockline_domain::ContainerPath;

use super::super::resolve::Target;
use crate::ApiError;

/// What is at a path, a link at its end followed; and where that is.
pub(crate) async fn settle(
    target: &Target,
    path: &ContainerPath,
) -> Result<(ContainerPath, FileStat), ApiError> {
    let engine = &target.host.engine;
    let stat = engine.stat_file(&target.id, path).await.map_err(|error| target.failed(error))?;
    match (stat.kind, &stat.leads_to) {
        (FileKind::Link, Some(leads_to)) => {
            let behind =
                engine.stat_file(&target.id, leads_to).await.map_err(|error| target.failed(error))?;
            Ok((leads_to.clone(), behind))
        }
        _ => Ok((path.clone(), stat)),
    }
}

/// Where something is or would be, all links on the way followed.
pub(super) async fn real_path(target: &Target, path: &ContainerPath) -> Result<ContainerPath, ApiError> {
    let mut real = ContainerPath::root();
    for name in path.as_str().split('/').filter(|name| !name.is_empty()) {
        real = real.join(name).map_err(ApiError::InvalidId)?;
        match target.host.engine.stat_file(&target.id, &real).await {
            Ok(FileStat { kind: FileKind::Link, leads_to: Some(leads_to), .. }) => real = leads_to,
            Ok(_) | Err(Error::Missing { .. }) => {}
            Err(error) => return Err(target.failed(error)),
        }
    }
    Ok(real)
}

/// Where something is, all links on the way to it followed, and none at its end.
pub(super) async fn real_place(target: &Target, path: &ContainerPath) -> Result<ContainerPath, ApiError> {
    match path.split() {
        Some((folder, name)) => real_path(target, &folder).await?.join(name).map_err(ApiError::InvalidId),
        None => Ok(path.clone()),
    }
}

/// A file as it is now, for conditions of requests: when it was changed, and its size.
pub(super) fn etag(stat: &FileStat) -> String {
    format!("\"{:x}-{:x}\"", stat.modified_ns, stat.size)
}
