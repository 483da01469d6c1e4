//! The chaos runs in their short form: the defects planted in the program are noticed, and some quick faults survived.
//! One test, since it wants the machine for itself.

use std::{path::Path, process::Command};

#[test]
fn planted_defects_are_noticed_and_quick_faults_survived() {
    let loadtest = Path::new(env!("CARGO_BIN_EXE_dockline-loadtest"));
    let dockline = loadtest.with_file_name("dockline");
    assert!(dockline.is_file(), "{} is not there: run `cargo build --workspace` first", dockline.display());
    let output = Command::new(loadtest)
        .args(["chaos", "--short", "--seeds", "1", "--debug-build"])
        .arg(&dockline)
        .output()
        .expect("dockline-loadtest runs");
    assert!(
        output.status.success(),
        "{}\n{}\n{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}
