//! What is in volumes, in the form of the files of containers.

use std::time::Duration;

use actix_web::{HttpResponse, web};
use dockline_contract::rest::{ErrorBody, FileKind, FileListing};
use dockline_docker::{BRIEF, Error, FileStat, Host, Missing, OpenVolume, Opening};
use dockline_domain::{
    ContainerPath, HostId, VolumeName,
    access::{Grant, Permission},
};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::{
    ApiError, App,
    extract::{Fields, Granted, Params, PathHost, PathName},
    rest::{
        containers::{Target, file_answer, folder, name_of, settle, tar_answer},
        one_host::enabled,
    },
};

/// Where in a volume.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Inside {
    /// An absolute path in the volume without `..`; `/`, its top, by default.
    path: Option<String>,
}

/// What is in a folder of a volume. A listing that could not be whole says so. A volume that reaches its host needs
/// `host.escape`.
#[utoipa::path(get, path = "/api/v1/hosts/{host}/volumes/{name}/files", operation_id = "list_volume_files", tag = "volumes",
    params(("host" = String, Path, description = "The host's ID"), ("name" = String, Path, description = "The volume's name"), Inside),
    responses((status = 200, description = "The folder", body = FileListing),
              (status = 403, description = "The volume reaches its host", body = ErrorBody),
              (status = 404, description = "There is no such host, volume or folder", body = ErrorBody),
              (status = 409, description = "It is no folder", body = ErrorBody),
              (status = 422, description = "Not a path", body = ErrorBody)))]
pub(crate) async fn list_files(
    app: web::Data<App>,
    Granted(grant): Granted,
    PathHost(id): PathHost,
    PathName(name): PathName<VolumeName>,
    Params(wanted): Params<Inside>,
) -> Result<web::Json<FileListing>, ApiError> {
    let path = wanted.parsed()?;
    let reached = Reached::open(&app, &grant, &id, &name, false, BRIEF).await?;
    let (path, inside, stat) = reached.settle(&path).await?;
    if stat.kind != FileKind::Folder {
        return Err(reached.target.failed(Error::Conflict { message: format!("{path} is no folder") }));
    }
    let mut listing = folder(&reached.target, &inside).await?;
    listing.path = path.to_string();
    reached.open.close().await;
    Ok(web::Json(listing))
}

/// A file of a volume as a download, or a folder as a tar. Streamed: any size takes the same memory. A volume that reaches
/// its host needs `host.escape`.
#[utoipa::path(get, path = "/api/v1/hosts/{host}/volumes/{name}/files/content", operation_id = "read_volume_file", tag = "volumes",
    params(("host" = String, Path, description = "The host's ID"), ("name" = String, Path, description = "The volume's name"), Inside),
    responses((status = 200, description = "The file, or the folder as a tar",
               content((String = "application/octet-stream"), (String = "application/x-tar"))),
              (status = 403, description = "The volume reaches its host", body = ErrorBody),
              (status = 404, description = "There is no such host, volume or file", body = ErrorBody),
              (status = 409, description = "It is neither file nor folder", body = ErrorBody),
              (status = 422, description = "Not a path", body = ErrorBody)))]
pub(crate) async fn read_file(
    app: web::Data<App>,
    Granted(grant): Granted,
    PathHost(id): PathHost,
    PathName(name): PathName<VolumeName>,
    Params(wanted): Params<Inside>,
) -> Result<HttpResponse, ApiError> {
    let path = wanted.parsed()?;
    let reached = Reached::open(&app, &grant, &id, &name, false, BRIEF).await?;
    let (path, inside, stat) = reached.settle(&path).await?;
    let Reached { target, open } = reached;
    let engine = &target.host.engine;
    let failed = |error| in_volume(target.failed(error), &path);
    match stat.kind {
        FileKind::File => {
            let file = engine.read_file(&target.id, &inside).await.map_err(failed)?;
            Ok(file_answer(&path, &stat, file.size, open.while_read(file.content)))
        }
        FileKind::Folder if path == ContainerPath::root() => {
            Ok(tar_answer(name.as_str(), open.into_archive().await.map_err(failed)?))
        }
        FileKind::Folder => {
            let tar = engine.read_archive(&target.id, &inside).await.map_err(failed)?;
            Ok(tar_answer(name_of(&path), open.while_read(tar)))
        }
        FileKind::Link | FileKind::Other => {
            let message = format!("{path} is neither a file nor a folder");
            Err(target.failed(Error::Conflict { message }))
        }
    }
}

impl Inside {
    fn parsed(&self) -> Result<ContainerPath, ApiError> {
        let mut fields = Fields::default();
        let path = self.path.as_deref().filter(|path| !path.is_empty()).unwrap_or("/");
        fields.check("path", path.parse()).ok_or_else(|| fields.into())
    }
}

/// A volume whose files can be reached, as those of a container.
pub(super) struct Reached {
    pub(super) target: Target,
    pub(super) open: OpenVolume,
}

impl Reached {
    /// Opens a volume for who may.
    pub(super) async fn open(
        app: &App,
        grant: &Grant,
        id: &HostId,
        name: &VolumeName,
        write: bool,
        time: Duration,
    ) -> Result<Self, ApiError> {
        let host = enabled(app, id).await?;
        require_reach(&host, grant, name).await?;
        let opening = Opening { write, time, owner: None };
        let open = OpenVolume::open(&host.engine, grant, name, &opening).await;
        let open = open.map_err(|error| ApiError::Docker { host: id.clone(), error })?;
        Ok(Self { target: Target { id: open.container().clone(), host }, open })
    }

    /// What is at a path, a link at its end followed; where that is in the volume, and where in the container.
    async fn settle(
        &self,
        path: &ContainerPath,
    ) -> Result<(ContainerPath, ContainerPath, FileStat), ApiError> {
        let inside = OpenVolume::inside(path).map_err(ApiError::InvalidId)?;
        let found = settle(&self.target, &inside).await;
        let (inside, stat) = found.map_err(|error| in_volume(error, path))?;
        match OpenVolume::outside(&inside) {
            Some(path) => Ok((path, inside, stat)),
            None => {
                let message = format!("the link {path} leads out of the volume");
                Err(self.target.failed(Error::Missing { what: Missing::File, message }))
            }
        }
    }
}

/// Refuses what reaches the host to those who may not.
pub(crate) async fn require_reach(host: &Host, grant: &Grant, name: &VolumeName) -> Result<(), ApiError> {
    if grant.also(Permission::HostEscape) {
        return Ok(());
    }
    let reach = host.engine.volume_reach(name).await;
    match reach.map_err(|error| ApiError::Docker { host: host.id.clone(), error })? {
        Some(access) => Err(ApiError::HostEscape(vec![access.to_string()])),
        None => Ok(()),
    }
}

/// A missing file by its path in the volume.
fn in_volume(error: ApiError, path: &ContainerPath) -> ApiError {
    match error {
        ApiError::Docker { host, error: Error::Missing { what: Missing::File, .. } } => {
            let message = format!("there is no {path} in this volume");
            ApiError::Docker { host, error: Error::Missing { what: Missing::File, message } }
        }
        other => other,
    }
}
