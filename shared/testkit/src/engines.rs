//! The Docker engines that tests run against.

use std::{
    fs::{self, File},
    net::{Ipv4Addr, TcpListener},
    os::fd::AsFd,
    path::Path,
    thread,
};

use anyhow::{Context, Result, anyhow};
use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};

/// The variable that `deploy/engines/up` prints: `20.10=unix:///a.sock,28.5=unix:///b.sock`.
const VARIABLE: &str = "DOCKLINE_TEST_ENGINES";

/// A real Docker engine for tests, with the image `local/busybox:1`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestEngine {
    /// Its release, such as `20.10`.
    pub version: String,
    /// Where it answers, in the form of `DOCKER_HOST`: `unix:///…`.
    pub host: String,
}

impl TestEngine {
    /// The path of the engine's Unix socket.
    pub fn socket(&self) -> &Path {
        Path::new(self.host.strip_prefix("unix://").unwrap_or(&self.host))
    }
}

impl TestEngine {
    /// A free port of the loopback interface in the engine's network: `deploy/engines/up` gives each engine one of its own.
    pub(crate) fn loopback_listener(&self) -> Result<TcpListener> {
        let pid_file = self.socket().with_file_name("docker.pid");
        let pid = fs::read_to_string(&pid_file).with_context(|| format!("read {}", pid_file.display()))?;
        let namespace =
            File::open(format!("/proc/{}/ns/net", pid.trim())).context("open the engine's network")?;
        // A thread of its own, which ends there: it cannot be in two networks.
        let bound = thread::spawn(move || {
            move_into_link_name_space(namespace.as_fd(), Some(LinkNameSpaceType::Network))?;
            TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        });
        let listener = bound.join().map_err(|_| anyhow!("the thread panicked"))?.context("listen there")?;
        listener.set_nonblocking(true)?;
        Ok(listener)
    }
}

/// Every engine that the tests are to run against.
///
/// # Panics
/// When the environment names none: a test without its engine is never passed over in silence.
pub fn engines() -> Vec<TestEngine> {
    let Some(value) = std::env::var(VARIABLE).ok().filter(|value| !value.is_empty()) else {
        panic!("{VARIABLE} is not set: run `make test`, or `eval $(deploy/engines/up)` first");
    };
    match parse(&value) {
        Some(engines) => engines,
        None => panic!("{VARIABLE} is not of the form 20.10=unix:///path,28.5=unix:///path: {value}"),
    }
}

fn parse(value: &str) -> Option<Vec<TestEngine>> {
    value
        .split(',')
        .map(|entry| {
            let (version, host) = entry.split_once('=')?;
            let known = !version.is_empty() && host.starts_with("unix:///");
            known.then(|| TestEngine { version: version.to_owned(), host: host.to_owned() })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_list_that_the_script_prints() {
        let engines = parse("20.10=unix:///tmp/a.sock,28.5=unix:///tmp/b.sock").expect("two engines");
        assert_eq!(engines.len(), 2);
        assert_eq!(engines[1].version, "28.5");
        assert_eq!(engines[1].socket(), Path::new("/tmp/b.sock"));
    }

    #[test]
    fn refuses_what_it_does_not_understand() {
        for value in ["", "20.10", "=unix:///a", "20.10=tcp://a:1", "20.10=unix:///a,"] {
            assert_eq!(parse(value), None, "{value}");
        }
    }
}
