//! Where the Compose plugin is.

use std::{
    env,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

/// Where Docker's packages put it.
const FOLDERS: [&str; 4] = [
    "/usr/local/lib/docker/cli-plugins",
    "/usr/local/libexec/docker/cli-plugins",
    "/usr/libexec/docker/cli-plugins",
    "/usr/lib/docker/cli-plugins",
];
const NAME: &str = "docker-compose";

/// There is no plugin. Says how to get one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoPlugin {
    /// It is in none of the usual places.
    #[error(
        "Docker's Compose plugin is not installed where Dockline runs: install it (Debian: docker-compose, Docker's own packages: docker-compose-plugin), or set DOCKLINE_COMPOSE to the path of docker-compose"
    )]
    Nowhere,
    /// The setting names what is no program.
    #[error("DOCKLINE_COMPOSE names {}, which is no program that can be started", .0.display())]
    Setting(PathBuf),
}

/// Looks for the plugin: where the setting says, or in the folders of plugins and then in `PATH`.
pub(crate) fn find(setting: Option<&Path>) -> Result<PathBuf, NoPlugin> {
    if let Some(path) = setting {
        return usable(path).ok_or_else(|| NoPlugin::Setting(path.to_owned()));
    }
    let (home, path) = (env::var_os("HOME"), env::var_os("PATH"));
    let own = home.map(|home| Path::new(&home).join(".docker/cli-plugins"));
    let path = path.iter().flat_map(env::split_paths).collect::<Vec<_>>();
    let folders = own.into_iter().chain(FOLDERS.into_iter().map(PathBuf::from)).chain(path);
    folders
        .filter(|folder| folder.is_absolute())
        .find_map(|folder| usable(&folder.join(NAME)))
        .ok_or(NoPlugin::Nowhere)
}

/// The file itself, if it can be started.
fn usable(path: &Path) -> Option<PathBuf> {
    let path = path.canonicalize().ok()?;
    let about = path.metadata().ok()?;
    (about.is_file() && about.permissions().mode() & 0o111 != 0).then_some(path)
}
