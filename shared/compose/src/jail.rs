//! What the plugin may do on Dockline's machine: a process that takes these rights from itself and then becomes the plugin.
//!
//! By Landlock, where the kernel has it (5.13 for files, 6.7 for TCP, 6.12 for abstract sockets and signals). The plugin
//! reads itself and the system's libraries, and has one folder to write in. It makes no TCP connection: it reaches its
//! engine by a socket in that folder.
//!
//! Not kept from it: sockets of other programs whose paths it knows and may open as this user, and UDP. Without Landlock
//! nothing is kept from it by the kernel; what it is given to do was judged before in any case.

use std::{
    ffi::OsString,
    io,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::Command,
};

use landlock::{
    ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible, Ruleset, RulesetAttr, RulesetCreatedAttr,
    RulesetError, Scope, path_beneath_rules,
};
use rlimit::Resource;

/// What is asked for; of what the kernel lacks the rest holds.
const WANTED: ABI = ABI::V6;

/// Where programs have their loader and libraries.
const LIBRARIES: [&str; 9] = [
    "/lib",
    "/lib32",
    "/lib64",
    "/usr/lib",
    "/usr/lib32",
    "/usr/lib64",
    "/etc/ld.so.cache",
    "/nix/store",
    "/gnu/store",
];

/// Address space, in bytes: far more than the plugin needs, and far less than what a hostile file could ask for.
const MEMORY: u64 = 4 << 30;

/// Takes from this process what the plugin does not need, and becomes the plugin. Returns only when that fails.
///
/// The environment is the plugin's as well: whoever starts this has cleared it. `folder` is the one that may be written.
#[must_use]
pub fn enter(folder: &Path, plugin: &Path, arguments: &[OsString]) -> io::Error {
    if let Err(error) = restrict(folder, plugin) {
        return error;
    }
    Command::new(plugin).args(arguments).exec()
}

fn restrict(folder: &Path, plugin: &Path) -> io::Result<()> {
    // A core dump would have the variables in it.
    Resource::CORE.set(0, 0)?;
    Resource::AS.set(MEMORY, MEMORY)?;
    landlock(folder, plugin).map_err(io::Error::other)
}

fn landlock(folder: &Path, plugin: &Path) -> Result<(), RulesetError> {
    let read = AccessFs::from_read(WANTED);
    let program: [PathBuf; 1] = [plugin.to_owned()];
    Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(WANTED))?
        .handle_access(AccessNet::from_all(WANTED))?
        .scope(Scope::from_all(WANTED))?
        .create()?
        .add_rules(path_beneath_rules(program, read))?
        // Those that are not there are passed over.
        .add_rules(path_beneath_rules(LIBRARIES, read))?
        .add_rules(path_beneath_rules(["/dev/null"], AccessFs::from_file(WANTED)))?
        .add_rules(path_beneath_rules([folder], AccessFs::from_all(WANTED)))?
        .restrict_self()
        .map(drop)
}

/// Whether the kernel keeps files from the plugin.
#[must_use]
pub fn is_enforced() -> bool {
    let ruleset = Ruleset::default()
        .set_compatibility(CompatLevel::HardRequirement)
        .handle_access(AccessFs::from_all(ABI::V1))
        .and_then(Ruleset::create);
    ruleset.is_ok()
}
