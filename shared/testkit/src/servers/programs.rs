//! Where the programs of the servers are.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow};

/// Folders that `deploy/setup/servers` prints, in the form of `PATH`.
const VARIABLE: &str = "DOCKLINE_TEST_SERVERS";
/// Where Debian keeps a folder for each release of PostgreSQL, away from `PATH`.
const DEBIAN_POSTGRES: &str = "/usr/lib/postgresql";

/// The first folder that holds all these programs: programs of one release belong together, and in `PATH` some may be
/// a distribution's wrappers of the same name.
pub(super) fn folder_with(programs: &[&str]) -> Result<PathBuf> {
    let listed = [VARIABLE, "PATH"].map(|name| std::env::var_os(name).unwrap_or_default());
    let folders = candidates(&listed, Path::new(DEBIAN_POSTGRES));
    folders
        .into_iter()
        .find(|folder| programs.iter().all(|program| folder.join(program).is_file()))
        .ok_or_else(|| {
            anyhow!(
                "no folder holds {}: run `make test`, or `export {VARIABLE}=$(deploy/setup/servers)` first",
                programs.join(", ")
            )
        })
}

fn candidates(listed: &[OsString], debian_postgres: &Path) -> Vec<PathBuf> {
    let mut releases: Vec<u32> = std::fs::read_dir(debian_postgres)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .collect();
    releases.sort_unstable_by(|a, b| b.cmp(a));
    let releases = releases.into_iter().map(|release| debian_postgres.join(release.to_string()).join("bin"));
    listed
        .iter()
        .flat_map(std::env::split_paths)
        .filter(|folder| folder.is_absolute())
        .chain(releases)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_in_the_listed_folders_and_then_in_the_newest_release() -> Result<()> {
        let debian = tempfile::tempdir()?;
        for name in ["9", "15", "17", "common"] {
            std::fs::create_dir(debian.path().join(name))?;
        }
        let found = candidates(&["/cache/bin:".into(), "/usr/bin:relative".into()], debian.path());
        let release = |name: &str| debian.path().join(name).join("bin");
        let expected = ["/cache/bin".into(), "/usr/bin".into(), release("17"), release("15"), release("9")];
        assert_eq!(found, expected);
        Ok(())
    }

    #[test]
    fn an_absent_program_is_an_error_that_tells_what_to_run() {
        let error = folder_with(&["dockline-has-no-such-program"]).expect_err("there is none").to_string();
        assert!(
            error.contains("dockline-has-no-such-program") && error.contains("deploy/setup/servers"),
            "{error}"
        );
    }
}
