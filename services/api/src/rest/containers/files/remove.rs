use std::time::Duration;

use actix_web::{HttpResponse, web};
use dockline_contract::rest::{ErrorBody, FileKind};
use dockline_docker::ExecSpec;
use dockline_domain::{ContainerPath, ContainerRef, HostId, access::Grant, exec::CommandLine};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{
    super::{exec::Run, operate::found, resolve::Target},
    reach::{Use, require_reach},
    settle::real_place,
};
use crate::{
    ApiError, App,
    error::NotRemoved,
    exec::Why,
    extract::{Fields, Granted, Params, PathId},
    gate::{HungUp, Note},
};

/// The longest that removing may take: a folder of millions of files.
const MOST_TIME: Duration = Duration::from_secs(300);
/// Exit codes of a program that is not there, or is none.
const NO_PROGRAM: [i64; 2] = [126, 127];
/// Removes a folder that is empty.
const RMDIR: &str = "rmdir";
/// The user who may remove everything that the container may.
const ROOT: &str = "0";

/// What is to be removed.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Doomed {
    /// An absolute path without `..`.
    path: String,
    /// A folder goes with everything below it; without this it must be empty.
    #[serde(default)]
    recursive: bool,
    /// The host, where the ID alone does not say it.
    #[param(value_type = Option<String>)]
    host: Option<HostId>,
}

/// Removes a file, a link (not what it leads to) or a folder. Engines have no way to do that: it is done by the container's
/// own `rm`, so the container must run and have one. A folder of the host's needs `host.escape`, and so
/// does whatever is in a container that reaches its host.
#[utoipa::path(delete, path = "/api/v1/containers/{id}/files", operation_id = "remove_file", tag = "files",
    params(("id" = String, Path, description = "64 hexadecimal digits, or a unique prefix of at least 12"), Doomed),
    responses((status = 204, description = "It is gone"),
              (status = 403, description = "It would be removed on the host, or the container reaches its host", body = ErrorBody),
              (status = 404, description = "There is no such container or file", body = ErrorBody),
              (status = 409, description = "The container does not run or has no `rm`, the folder is not empty, `rm` refused, or several containers have this ID", body = ErrorBody),
              (status = 422, description = "Not a path, or `/`", body = ErrorBody)))]
pub(crate) async fn remove_file(
    app: web::Data<App>,
    Granted(grant): Granted,
    note: Note,
    hung_up: HungUp,
    PathId(reference): PathId<ContainerRef>,
    Params(doomed): Params<Doomed>,
) -> Result<HttpResponse, ApiError> {
    let mut fields = Fields::default();
    let path = fields.check("path", doomed.path.parse::<ContainerPath>());
    let whole = path.as_ref().is_some_and(|path| path.split().is_none());
    fields.check("path", if whole { Err("must not be `/`") } else { Ok(()) });
    let Some(path) = path else { return Err(fields.into()) };
    fields.finish()?;
    note.detail("path", path.as_str());
    note.detail("recursive", doomed.recursive);
    let target = found(&app, &reference, doomed.host.as_ref(), &note).await?;
    let path = real_place(&target, &path).await?;
    let kind =
        target.host.engine.stat_file(&target.id, &path).await.map_err(|error| target.failed(error))?.kind;
    require_reach(&target, &grant, &path, Use::Remove).await?;
    let status = target.host.engine.status(&target.id).await.map_err(|error| target.failed(error))?;
    if !status.running {
        return Err(NotRemoved::NotRunning.into());
    }
    let words: &[&str] = match kind {
        FileKind::Folder if doomed.recursive => &["rm", "-rf", "--"],
        FileKind::Folder => &[RMDIR, "--"],
        _ => &["rm", "-f", "--"],
    };
    remove(&app, &grant, &target, words, &path, &hung_up).await?;
    Ok(HttpResponse::NoContent().finish())
}

async fn remove(
    app: &App,
    grant: &Grant,
    target: &Target,
    words: &[&str],
    path: &ContainerPath,
    hung_up: &HungUp,
) -> Result<(), ApiError> {
    let must_be_empty = words[0] == RMDIR;
    let words = words.iter().copied().chain([path.as_str()]).map(str::to_owned).collect();
    let spec = ExecSpec {
        command: Some(CommandLine::new(words).map_err(ApiError::InvalidId)?),
        user: Some(ROOT.parse().map_err(ApiError::InvalidId)?),
        ..ExecSpec::default()
    };
    let run = Run { grant: grant.clone(), target: target.clone(), spec, stdin: String::new() };
    let (why, result) = run.until_its_end(app, MOST_TIME, hung_up).await?;
    match (why, result.exit_code) {
        (Why::Exited, Some(0)) => return Ok(()),
        (Why::Exited, Some(code)) if NO_PROGRAM.contains(&code) => return Err(NotRemoved::NoProgram.into()),
        (Why::Revoked, _) => return Err(ApiError::Unauthenticated),
        (Why::Exited, _) => {}
        _ => {
            let words = format!("it was broken off; a part of {path} may be gone");
            return Err(NotRemoved::Refused(words).into());
        }
    }
    // The program's words are for people, and in any language: so the folder itself is asked.
    let listed = target.host.engine.list_files(&target.id, path).await;
    if must_be_empty && listed.is_ok_and(|listing| !listing.entries.is_empty()) {
        return Err(NotRemoved::NotEmpty(path.clone()).into());
    }
    let words = result.stderr.trim().chars().take(500).collect();
    Err(NotRemoved::Refused(words).into())
}
