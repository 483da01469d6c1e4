//! Makes sure that the folder of the built web UI exists, so that the server can be built without it.
//! It is embedded as it is: without the UI, `/` says how to build it.

use std::{env, fs, path::PathBuf};

fn main() {
    let manifest = env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from).unwrap_or_default();
    let dist = manifest.join("../web/dist");
    if let Err(error) = fs::create_dir_all(&dist) {
        println!("cargo::warning=the folder {} cannot be made: {error}", dist.display());
    }
    println!("cargo::rerun-if-changed=../web/dist");
}
