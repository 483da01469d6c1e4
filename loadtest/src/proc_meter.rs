//! What Linux says about a process: its CPU time and its memory.

use anyhow::{Context, Result};

/// The unit of CPU time in `/proc`; the same on every Linux, whatever the kernel's own clock.
const TICKS_PER_SECOND: f64 = 100.0;

/// The CPU seconds, of user and system together, that a process has used since its start.
pub(crate) fn cpu_seconds(pid: u32) -> Result<f64> {
    let text = read(pid, "stat")?;
    ticks(&text)
        .map(|ticks| ticks / TICKS_PER_SECOND)
        .with_context(|| format!("/proc/{pid}/stat is {text:?}"))
}

/// The memory of a process that is in RAM now, in bytes.
pub(crate) fn resident_bytes(pid: u32) -> Result<f64> {
    let text = read(pid, "status")?;
    resident(&text).with_context(|| format!("/proc/{pid}/status has no VmRSS"))
}

fn read(pid: u32, file: &str) -> Result<String> {
    let path = format!("/proc/{pid}/{file}");
    std::fs::read_to_string(&path).with_context(|| format!("read {path}: has the process ended?"))
}

fn ticks(stat: &str) -> Option<f64> {
    // The program's name, in brackets, may hold spaces and brackets itself.
    let (_, behind_name) = stat.rsplit_once(')')?;
    let mut fields = behind_name.split_ascii_whitespace().skip(11);
    let user: f64 = fields.next()?.parse().ok()?;
    let system: f64 = fields.next()?.parse().ok()?;
    Some(user + system)
}

fn resident(status: &str) -> Option<f64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_linux_writes() {
        let stat = "7 (a b) c) S 1 7 7 0 -1 4194560 100 0 0 0 250 50 0 0 20 0 1 0 100 1000 10";
        assert_eq!(ticks(stat), Some(300.0));
        assert_eq!(resident("VmHWM:\t  9 kB\nVmRSS:\t    2 kB\n"), Some(2048.0));
        assert_eq!(ticks("7 (a"), None);
    }

    #[test]
    fn measures_this_process() {
        let own = std::process::id();
        assert!(cpu_seconds(own).expect("readable") >= 0.0);
        assert!(resident_bytes(own).expect("readable") > 100_000.0);
    }
}
