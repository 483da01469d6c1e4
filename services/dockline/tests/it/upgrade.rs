//! A rolling upgrade in its short form, from this program to this program: `dockline-loadtest upgrade` replaces every
//! process of a cluster behind Traefik while lines are written and watched and requests are made.

use std::path::Path;

use anyhow::{Result, ensure};
use tokio::process::Command;

#[tokio::test]
async fn a_cluster_is_replaced_process_by_process_and_nobody_notices() -> Result<()> {
    let dockline = Path::new(env!("CARGO_BIN_EXE_dockline"));
    let loadtest = dockline.with_file_name("dockline-loadtest");
    ensure!(loadtest.is_file(), "{} is not there: run `cargo build --workspace` first", loadtest.display());
    let mut upgrade = Command::new(loadtest);
    upgrade.args(["upgrade", "--short", "--from"]).arg(dockline).arg("--to").arg(dockline).kill_on_drop(true);
    let ended = upgrade.output().await?;
    let (said, errors) = (String::from_utf8_lossy(&ended.stdout), String::from_utf8_lossy(&ended.stderr));
    ensure!(ended.status.success(), "{}\n{said}\n{errors}", ended.status);
    // It counts what it has seen, so that nothing seen is no success.
    ensure!(said.contains(" 0 lost, 0 twice") && said.contains(": 0 failed"), "{said}");
    Ok(())
}
